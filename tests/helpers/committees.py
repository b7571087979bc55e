"""Committees of a few trees and folds, for tests that do not ask how good they are."""

from dataclasses import replace

from sklearn.base import clone

from gan_augment.augmentation import committee

#: What `shrink` replaces.
WHOLE = {name: getattr(committee, name) for name in ("folds_for", "classifiers", "regressors")}


def shrink(monkeypatch):
    """Give committees forests of three trees, a network of three units, and two folds."""
    monkeypatch.setattr(committee, "folds_for", lambda n: 2)
    for name in ("classifiers", "regressors"):
        monkeypatch.setattr(committee, name, _smaller(WHOLE[name]))


def _smaller(members):
    def made(*of):
        found = members(*of)
        for name, member in found.items():
            params = member.estimator.get_params()
            sizes = {"n_estimators": 3, "hidden_layer_sizes": (3,)}
            few = {size: value for size, value in sizes.items() if size in params}
            found[name] = replace(member, estimator=clone(member.estimator).set_params(**few))
        return found

    return made

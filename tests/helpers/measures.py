"""Measures and learners with few trees, for tests that do not ask how sharp they are."""

from gan_augment.evaluation import images
from gan_augment.metrics import fidelity, utility
from gan_augment.selection import learners

#: What `shrink` replaces.
WHOLE = {
    (fidelity, "boosted_tree"): fidelity.boosted_tree,
    (utility, "boosted_tree"): utility.boosted_tree,
    (utility, "_TREES"): utility._TREES,
    (images, "_TREES"): images._TREES,
    (learners, "FOREST"): learners.FOREST,
    (learners, "BOOSTING"): learners.BOOSTING,
}


def shrink(monkeypatch):
    """Give what tells rows apart 20 rounds of boosting or trees, and learners 10."""
    for module in (fidelity, utility):
        monkeypatch.setattr(module, "boosted_tree", _few_rounds)
    for module in (images, utility):
        monkeypatch.setattr(module, "_TREES", 20)
    monkeypatch.setattr(learners, "FOREST", learners.FOREST | {"n_estimators": 10})
    monkeypatch.setattr(learners, "BOOSTING", learners.BOOSTING | {"max_iter": 10})


def _few_rounds(*of):
    return WHOLE[fidelity, "boosted_tree"](*of).set_params(max_iter=20)

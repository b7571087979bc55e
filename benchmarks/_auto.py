"""The closed loop in the benchmark: each learner decides for itself; generators are shared.

What a user's `AugmentedClassifier` does for one learner is done here for all of them at once: one
search scores every candidate for every learner, and each learner's rows of it are decided apart.
"""

import time

import _protocol as protocol
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import make_pipeline

from gan_augment import TabularGAN
from gan_augment.augmentation.augment import augment
from gan_augment.augmentation.maker import Maker
from gan_augment.augmentation.plan import resolve_plan
from gan_augment.selection.candidates import NONE
from gan_augment.selection.decision import decide
from gan_augment.selection.scoring import nested
from gan_augment.selection.search import search_augmentation

LEARNERS = ("LR", "kNN", "RF", "ridge", "HGB")
LEFT_OUT = ("HGB",)  # of classifiers: boosting of many classes takes most of an hour


class AsFeatures(TransformerMixin, BaseEstimator):
    """The benchmark's features, learnt from the real training rows as for every other method."""

    def __init__(self, features=None):
        self.features = features

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return self.features(X)

    def __sklearn_is_fitted__(self):
        return True


def auto_cell(split, features, seed):
    train, y_train, test, y_test, rarest = split
    classes = protocol.is_classes(y_train)
    models = (protocol.classifiers if classes else protocol.regressors)(seed)
    models = {
        name: make_pipeline(AsFeatures(features), model)
        for name, model in models.items()
        if name in LEARNERS and not (classes and name in LEFT_OUT)
    }
    started = time.perf_counter()
    kind = "class" if classes else "number"
    maker = Maker(TabularGAN(target=kind, random_state=None))
    search = search_augmentation(
        models,
        train,
        y_train,
        maker,
        scoring="balanced_accuracy" if classes else "r2",
        factor=1.0,
        seed=seed,
    )
    seconds = (time.perf_counter() - started) / len(models)
    generator = TabularGAN(target=kind, random_state=seed).fit(train, y_train)
    found, chosen = {}, {}
    for name, model in models.items():
        scores = search.scores[search.scores["estimator"] == name]
        decision = decide(scores, search.candidates, len(train), search.best_score)
        candidate = search.candidates[decision.chosen]
        chosen[name] = str(candidate)
        X, y = train, y_train
        if candidate != NONE:
            data = _augmented(generator, candidate, train, y_train, classes, seed)
            X, y = data.X, np.asarray(data.y)
        at = features(X), y, features(test), y_test, rarest
        found |= protocol.scored({name: model[-1]}, *at)
    return {"seconds": seconds, "rows": 0, "scores": found, "chosen": chosen}


def _augmented(generator, candidate, train, y, classes, seed):
    usual = generator.get_params()
    generator.set_params(**candidate.parameters)
    balance = candidate.class_balance or "equal"
    plan = resolve_plan(candidate.n_samples, balance, y if classes else None, len(train))
    data = augment(generator, train, y, plan, random_state=seed)
    generator.set_params(**{name: usual[name] for name in candidate.parameters})
    return nested(data, plan)

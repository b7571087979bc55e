"""The closed loop in the benchmark: the meta-estimators as a user has them, one for each learner.

All learners of a cell ask for generators fitted on the same rows with the same seeds, so each fit
is done once and its result remembered.
"""

import time

import _protocol as protocol
import joblib
from _scores import label_scores, probability_scores
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.pipeline import make_pipeline

from gan_augment import AugmentedClassifier, AugmentedRegressor, GANAugmenter, TabularGAN

#: Fitted attributes by rows and parameters, of one cell.
SHARED: dict[str, dict] = {}


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


class Remembered(TabularGAN):
    """A TabularGAN whose fits are done once for the same rows and parameters."""

    def fit(self, X, y=None):
        rows = (X, y) if y is not None or not hasattr(X, "codes") else (X.X, X.y)
        key = joblib.hash((rows, self.get_params()))
        if key not in SHARED:
            SHARED[key] = vars(super().fit(X, y)).copy()
        vars(self).update(SHARED[key])
        return self


def auto_cell(split, features, seed):
    train, y_train, test, y_test, rarest = split
    classes = protocol.is_classes(y_train)
    models = (protocol.classifiers if classes else protocol.regressors)(seed)
    loop = AugmentedClassifier if classes else AugmentedRegressor
    found, chosen, started = {}, {}, time.perf_counter()
    for name, model in models.items():
        learner = make_pipeline(AsFeatures(features), model)
        fitted = loop(learner, GANAugmenter(Remembered()), random_state=seed).fit(train, y_train)
        chosen[name] = fitted.decision_
        found[name] = _scores(fitted, test, y_test, rarest, classes)
    SHARED.clear()
    seconds = (time.perf_counter() - started) / len(models)
    return {"seconds": seconds, "rows": 0, "scores": found, "chosen": chosen}


def _scores(fitted, test, y_test, rarest, classes):
    """The metrics of `protocol.scored`."""
    if not classes:
        return {"r2": fitted.score(test, y_test)}
    at = fitted.classes_, rarest
    raw = probability_scores(y_test, fitted.estimator_.predict_proba(test), *at)
    return (
        label_scores(y_test, fitted.predict(test), rarest)
        | probability_scores(y_test, fitted.predict_proba(test), *at)
        | {f"raw_{metric}": raw[metric] for metric in protocol.RAW}
    )

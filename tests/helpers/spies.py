"""Generators and classifiers that remember what happened to them, for tests of the estimators."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

from gan_augment.estimators.meta import AugmentedClassifier
from gan_augment.estimators.transformer import GANAugmenter
from gan_augment.generators.controls import BootstrapGenerator

FITS = []


class Counting(BootstrapGenerator):
    """Counts how often it is fitted."""

    def fit(self, X, y=None):
        FITS.append(len(X))
        return super().fit(X, y)


class Marked(BootstrapGenerator):
    """Bootstrap rows whose first column, a whole number in real rows, is half a step off."""

    extrapolates = True

    def _sample(self, n, codes, rng):
        frame, numbers = super()._sample(n, codes, rng)
        frame = frame.copy()
        frame[frame.columns[0]] += 0.5
        return frame, numbers


class Recorder(ClassifierMixin, BaseEstimator):
    """A classifier that remembers the rows and weights it met, and every row it predicted."""

    predicted = []  # shared by all clones

    def fit(self, X, y, sample_weight=None, extra=None):
        self.X_, self.y_, self.weight_, self.extra_ = X, y, sample_weight, extra
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        Recorder.predicted.append((np.array(X)[:, 0], np.array(self.X_)[:, 0]))
        return np.full(len(X), self.classes_[0])


def augmenter(**params):
    return GANAugmenter(BootstrapGenerator(), **params)


def seeded_augmenter(**params):
    return augmenter(**{"random_state": 0, **params})


def classifier(estimator=None, **params):
    estimator = LogisticRegression() if estimator is None else estimator
    params = {"n_samples": 1.0, "labeler": None, **params}  # "auto" has tests of its own
    return AugmentedClassifier(estimator, augmenter(), **{"random_state": 0, **params})

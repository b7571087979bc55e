"""The mean of two models: one that learnt soft labels too, and one of the real rows alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.metaestimators import available_if

from gan_augment.augmentation.shares import corrected

#: The lowest share of a class in a decision value, which is a logarithm.
LOWEST = 1e-300


def can_be_averaged(*models: Any) -> bool:
    """Return whether all models are classifiers that give probabilities."""
    return all(hasattr(model, "predict_proba") for model in models)


class AveragedModels(ClassifierMixin):
    """Two fitted classifiers of the same classes, whose probabilities are averaged.

    A learner with soft labels is better on most tables, and where it is worse the one without is
    not: their mean loses far less often than the first and gains nearly as much. The class that
    is named is the most probable one if classes are as common as the first has learnt them, so
    that rare classes are named as readily as it names them.

    Parameters
    ----------
    soft : classifier
        Learnt real rows and synthetic ones with soft labels.
    plain : classifier
        Learnt the real rows alone.
    factors : ndarray of shape (n_classes,), optional
        What takes the first one's probabilities to the shares of the real rows.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> X, y = [[0], [0], [0], [0]], ["a", "b", "b", "b"]
    >>> soft, plain = DummyClassifier(strategy="uniform").fit(X, y), DummyClassifier().fit(X, y)
    >>> AveragedModels(soft, plain).predict_proba([[0]]).tolist()
    [[0.375, 0.625]]
    """

    def __init__(self, soft: Any, plain: Any, factors: np.ndarray | None = None) -> None:
        self.soft, self.plain, self.factors = soft, plain, factors

    @property
    def classes_(self) -> np.ndarray:
        """The labels."""
        return self.soft.classes_

    @property
    def fit(self) -> Any:
        """The first one's, which scorers look for."""
        return self.soft.fit

    def __sklearn_tags__(self) -> Any:
        return self.soft.__sklearn_tags__()

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict_proba(self, X: Any, **params: Any) -> np.ndarray:
        """Return the mean probabilities, of shape (n, n_classes)."""
        told = self.soft.predict_proba(X, **params)
        told = told if self.factors is None else corrected(told, self.factors)
        return (told + self.plain.predict_proba(X, **params)) / 2

    def predict(self, X: Any, **params: Any) -> np.ndarray:
        """Return the class of each row, where classes are as common as the first learnt them."""
        return np.asarray(self.classes_)[self._as_learnt(X, params).argmax(axis=1)]

    @available_if(lambda pair: hasattr(pair.soft, "decision_function"))
    def decision_function(self, X: Any, **params: Any) -> np.ndarray:
        """Return logarithms of what `predict` compares, of two classes their difference."""
        told = np.log(np.maximum(self._as_learnt(X, params), LOWEST))
        return told[:, 1] - told[:, 0] if told.shape[1] == 2 else told

    def _as_learnt(self, X, params):
        """Mean probabilities, not summing to 1, where classes are as the first learnt them."""
        told = self.predict_proba(X, **params)
        return told if self.factors is None else told / self.factors

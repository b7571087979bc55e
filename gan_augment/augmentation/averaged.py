"""The mean of two models: one that learnt soft labels too, and one of the real rows alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.metaestimators import available_if

from gan_augment.augmentation.shares import corrected


def _both_have_probabilities(pair):
    return hasattr(pair.soft, "predict_proba") and hasattr(pair.plain, "predict_proba")


class AveragedModels:
    """Two fitted classifiers of the same classes, whose probabilities are averaged.

    A learner with soft labels is better on most tables, and where it is worse the one without is
    not: their mean loses far less often than the first and gains nearly as much. Classes are
    named by the first.

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

    def predict(self, X: Any, **params: Any) -> np.ndarray:
        """Return the class of each row, as the model with soft labels names it."""
        return self.soft.predict(X, **params)

    @available_if(_both_have_probabilities)
    def predict_proba(self, X: Any, **params: Any) -> np.ndarray:
        """Return the mean probabilities, of shape (n, n_classes)."""
        told = self.soft.predict_proba(X, **params)
        told = told if self.factors is None else corrected(told, self.factors)
        return (told + self.plain.predict_proba(X, **params)) / 2

    @available_if(lambda self: hasattr(self.soft, "decision_function"))
    def decision_function(self, X: Any, **params: Any) -> np.ndarray:
        """Return the first one's decision values, which agree with `predict`."""
        return self.soft.decision_function(X, **params)

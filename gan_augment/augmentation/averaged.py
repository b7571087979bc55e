"""The mean of two models: one that learnt soft labels too, and one of the real rows alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils.metaestimators import available_if

from gan_augment.augmentation.shares import corrected
from gan_augment.exceptions import InputError

#: The lowest share of a class in a decision value, which is a logarithm.
LOWEST = 1e-300


def can_be_averaged(*models: Any, classes: bool = True) -> bool:
    """Return whether all models are classifiers that give probabilities, or predict numbers."""
    return all(hasattr(model, "predict_proba" if classes else "predict") for model in models)


class _AveragedModels:
    """Two fitted models of one target."""

    def __init__(self, soft, plain):
        self.soft, self.plain = soft, plain

    @property
    def fit(self) -> Any:
        """The first one's, which scorers look for."""
        return self.soft.fit

    def __sklearn_tags__(self) -> Any:
        return self.soft.__sklearn_tags__()

    def __sklearn_is_fitted__(self) -> bool:
        return True


class AveragedRegressors(RegressorMixin, _AveragedModels):
    """Two fitted regressors, whose predictions are averaged; see `AveragedClassifiers`.

    Parameters
    ----------
    soft : regressor
        Learnt real rows and synthetic ones with a labeler's numbers.
    plain : regressor
        Learnt the real rows alone.

    Examples
    --------
    >>> from sklearn.dummy import DummyRegressor
    >>> soft, plain = (DummyRegressor().fit([[0], [0]], y) for y in ([1.0, 2.0], [2.0, 3.0]))
    >>> AveragedRegressors(soft, plain).predict([[0]]).tolist()
    [2.0]
    """

    def predict(self, X: Any, **params: Any) -> np.ndarray:
        """Return the mean of both predictions for each row."""
        told = [model.predict(X, **params) for model in (self.soft, self.plain)]
        if any(isinstance(answer, tuple) for answer in told):
            raise InputError(
                f"{', '.join(params)} asks for more than a prediction, of which there is no mean",
                remedy="fit with soft_label_average=False, or predict without it",
            )
        return np.mean(told, axis=0)


class AveragedClassifiers(ClassifierMixin, _AveragedModels):
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
    >>> AveragedClassifiers(soft, plain).predict_proba([[0]]).tolist()
    [[0.375, 0.625]]
    """

    def __init__(self, soft: Any, plain: Any, factors: np.ndarray | None = None) -> None:
        super().__init__(soft, plain)
        self.factors = factors

    @property
    def classes_(self) -> np.ndarray:
        """The labels."""
        return self.soft.classes_

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

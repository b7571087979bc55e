"""Soft labels for classifiers that take no sample weights: an average of fits on drawn rows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from gan_augment.augmentation.data import AugmentedData
from gan_augment.augmentation.labels import GOLDEN
from gan_augment.containers import n_rows, take_rows
from gan_augment.containers.weights import takes_weights

#: Fits of which the average is taken.
N_DRAWS = 10


#: Weight of a synthetic row at most in such fits, beside that of a real row: a real row is in
#: every fourth draw, however few synthetic rows there are.
MOST_WEIGHT = 4.0


def learner_and_rows(estimator: Any, data: AugmentedData) -> tuple[Any, AugmentedData]:
    """Return what learns these rows in the place of an estimator, and the rows as it takes them.

    It is the estimator itself, but where rows have soft labels and it takes no sample weights a
    `ResampledClassifier` around it.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> made, classes = np.array([False, False, True]), np.array(["a", "b"])
    >>> soft = np.array([[1.0, 0.0], [0.0, 1.0], [0.25, 0.75]])
    >>> y = np.array(["a", "b", "b"])
    >>> data = AugmentedData(np.eye(3), y, made, label_proba=soft, classes=classes)
    >>> model, rows = learner_and_rows(KNeighborsClassifier(), data)
    >>> model
    ResampledClassifier(estimator=KNeighborsClassifier())
    >>> rows.y.tolist(), rows.sample_weight.tolist()
    (['a', 'b', 'a', 'b'], [1.0, 1.0, 0.25, 0.75])
    """
    if data.label_proba is None or takes_weights(estimator):
        return estimator, data.for_estimator(estimator)
    weights = np.ones(len(data)) if data.sample_weight is None else data.sample_weight
    weights = np.where(data.is_synthetic, np.minimum(weights, MOST_WEIGHT), weights)
    return ResampledClassifier(estimator), replace(data, sample_weight=weights).weighted()


def _if_all_have(method):
    """Return a decorator: the method is available if the estimator has it."""

    def check(self):
        getattr(getattr(self, "estimators_", [self.estimator])[0], method)
        return True

    return available_if(check)


class ResampledClassifier(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """Sample weights for a classifier that takes none, by fitting it to rows drawn by weight.

    Copies of the classifier are fitted to different draws and their probabilities averaged. In
    all draws together a row is there as often as its weight says. A classifier that counts five
    neighbours, for one, would otherwise know six probabilities.

    Parameters
    ----------
    estimator : classifier
        Unfitted; cloned.
    n_draws : int, default=10
        Fits to average.

    Attributes
    ----------
    estimators_ : list of classifiers
    classes_ : ndarray of shape (n_classes,)
        Labels in sorted order, those of the columns of `predict_proba`.

    Notes
    -----
    A draw is systematic: along the sum of all weights a row is taken in each step of the largest
    weight, so that few are taken twice. Where in a step differs from one to the next and is
    spread evenly over the draws. A class that a draw would lack is in it with its row of the most
    weight.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> X, y = np.array([[0.0], [1.0], [1.0]]), np.array(["a", "a", "b"])
    >>> model = ResampledClassifier(KNeighborsClassifier(1))
    >>> model.fit(X, y, sample_weight=[1.0, 0.3, 0.7]).predict_proba([[0.0], [1.0]]).tolist()
    [[1.0, 0.0], [0.3, 0.7]]
    """

    def __init__(self, estimator: Any, n_draws: int = N_DRAWS) -> None:
        self.estimator = estimator
        self.n_draws = n_draws

    def fit(self, X: Any, y: Any, sample_weight: Any = None, **params: Any) -> ResampledClassifier:
        """Fit a copy of the classifier to each draw.

        Parameters
        ----------
        X : table of shape (n, d)
        y : array-like of labels of shape (n,)
        sample_weight : array-like of shape (n,), optional
            Default: all rows weigh the same.
        **params : dict
            Passed on to each fit.

        Returns
        -------
        self
        """
        labels = np.asarray(y)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        weights = np.ones(n_rows(X)) if sample_weight is None else np.asarray(sample_weight, float)
        self.estimators_ = [
            clone(self.estimator).fit(take_rows(X, rows), take_rows(y, rows), **params)
            for rows in draws(weights, codes, self.n_draws)
        ]
        return self

    def _mean(self, method, X, params):
        """The mean answer of the fitted copies, one column for each class."""
        return np.mean([getattr(e, method)(X, **params) for e in self.estimators_], axis=0)

    @_if_all_have("predict_proba")
    def predict_proba(self, X: Any, **params: Any) -> np.ndarray:
        """Return the mean probabilities, as an array of shape (n, n_classes)."""
        check_is_fitted(self)
        return self._mean("predict_proba", X, params)

    @_if_all_have("predict_proba")
    def predict_log_proba(self, X: Any, **params: Any) -> np.ndarray:
        """Return the logarithm of the mean probabilities, of shape (n, n_classes)."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X, **params))

    @_if_all_have("decision_function")
    def decision_function(self, X: Any, **params: Any) -> np.ndarray:
        """Return the mean of the decision functions."""
        check_is_fitted(self)
        return self._mean("decision_function", X, params)

    def predict(self, X: Any, **params: Any) -> np.ndarray:
        """Return the likeliest class; where there are no probabilities, that of most copies."""
        check_is_fitted(self)
        if hasattr(self, "predict_proba"):
            told = self.predict_proba(X, **params)
        else:
            answers = [np.asarray(e.predict(X, **params)) for e in self.estimators_]
            told = np.mean([a[:, None] == self.classes_ for a in answers], axis=0)
        return self.classes_[told.argmax(axis=1)]


def draws(weights: np.ndarray, codes: np.ndarray, n_draws: int) -> Iterator[np.ndarray]:
    """Yield the rows of each draw, see `ResampledClassifier`.

    Parameters
    ----------
    weights : ndarray of shape (n,)
        At least one of them positive.
    codes : ndarray of int of shape (n,)
        The class of each row.
    n_draws : int

    Yields
    ------
    ndarray of int
        In the order of the rows, with each class.

    Examples
    --------
    >>> weights, codes = np.array([1.0, 0.5, 0.5]), np.array([0, 0, 1])
    >>> [rows.tolist() for rows in draws(weights, codes, 2)]
    [[0, 1, 2], [0, 2]]
    """
    step, ends = weights.max(), np.cumsum(weights)
    size = math.ceil(ends[-1] / step * (1 - 1e-9))
    heaviest = [np.flatnonzero(codes == c)[weights[codes == c].argmax()] for c in np.unique(codes)]
    starts = 0.5 + GOLDEN * np.arange(size)
    for draw in range(n_draws):
        points = (np.arange(size) + (starts + draw / n_draws) % 1) * step
        rows = np.searchsorted(ends, points[points < ends[-1]], side="right")
        missing = [row for row in heaviest if codes[row] not in codes[rows]]
        yield np.sort(np.concatenate([rows, missing]).astype(int))

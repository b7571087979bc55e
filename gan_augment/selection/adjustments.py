"""What costs nothing: the same rows, and an estimator that weighs classes or shifts its threshold.

In balanced accuracy most of what added rows gain on a table with a rare class is a threshold that
has moved. These two move it without a row: class weights in the fit, and a threshold that is tuned
(two classes) or probabilities that are divided by the class shares (more).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.model_selection import (
    StratifiedGroupKFold,
    StratifiedKFold,
)
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from gan_augment.augmentation.shares import class_shares
from gan_augment.containers import take_rows
from gan_augment.containers.weights import weight_name
from gan_augment.exceptions import InputError
from gan_augment.selection.candidates import Adjustment

#: Inner folds on which a threshold is found, and how many thresholds are tried.
TUNING_FOLDS, THRESHOLDS = 3, 100


def adjusted(
    estimator: BaseEstimator, adjustment: Adjustment, n_classes: int | None
) -> BaseEstimator:
    """Return an unfitted copy of an estimator with class weights or a tuned threshold.

    Parameters
    ----------
    estimator : estimator
        A classifier; of a pipeline, the last step is the one that learns.
    adjustment : {"", "class weights", "tuned threshold"}
        "class weights": ``class_weight="balanced"`` where the estimator has that parameter, else
        sample weights that give each class the same weight. "tuned threshold" changes an
        estimator once it is fitted, see `tuned_around`. "" changes nothing.
    n_classes : int or None
        None where the target is a number.

    Raises
    ------
    InputError
        If the adjustment does not apply: the target is a number, or the estimator takes no
        weights, weighs classes already, or gives no probabilities.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> adjusted(LogisticRegression(), "class weights", 2)
    LogisticRegression(class_weight='balanced')
    """
    if not adjustment:
        return clone(estimator)
    if n_classes is None:
        raise InputError(f"{adjustment}: the target is a number, without classes")
    if adjustment == "class weights":
        return _weighted(estimator)
    methods = ["predict_proba", *["decision_function"] * (n_classes == 2)]
    if not any(hasattr(estimator, name) for name in methods):
        raise InputError(f"{type(estimator).__name__} has no {' and no '.join(methods)}")
    return clone(estimator)


def _weighted(estimator):
    name, last = "", estimator
    while steps := getattr(last, "steps", None):
        name, last = f"{name}{steps[-1][0]}__", steps[-1][1]
    params = last.get_params(deep=False)
    if "class_weight" not in params:
        weight_name(estimator)
        return BalancedWeights(estimator)
    if params["class_weight"] is not None:
        raise InputError(f"{type(last).__name__} weighs its classes already")
    return clone(estimator).set_params(**{f"{name}class_weight": "balanced"})


def tuning_folds(grouped: bool = False) -> StratifiedKFold | StratifiedGroupKFold:
    """Return the inner folds on which a threshold is found, of whole groups if so asked."""
    kind = StratifiedGroupKFold if grouped else StratifiedKFold
    return kind(TUNING_FOLDS, shuffle=True, random_state=0)


def best_threshold(
    estimator: BaseEstimator,
    X: Any,
    y: Any,
    sample_weight: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> float:
    """Return the threshold of a ``TunedThresholdClassifierCV``, without its fit on all rows.

    Who has fitted the estimator on all rows needs no second fit. All thresholds of a fold are
    counted at once, where scikit-learn asks its scorer for each of them.

    Parameters
    ----------
    estimator : classifier
        Of two classes, unfitted.
    X, y : table and target
        Training rows.
    sample_weight : ndarray, optional
        Weights of the rows in the inner fits.
    groups : ndarray, optional
        The group of each row, which inner folds keep together.

    Returns
    -------
    float
        The second class is predicted where its score, as `positive_scores` returns it, is at
        least so much.

    Raises
    ------
    InputError
        If a class has too few rows, or groups, for the inner folds, or all rows have the same
        score.

    Examples
    --------
    >>> from sklearn.datasets import make_classification
    >>> from sklearn.naive_bayes import GaussianNB
    >>> X, y = make_classification(300, weights=[0.9], random_state=0)
    >>> round(best_threshold(GaussianNB(), X, y), 2)
    0.43
    """
    curves = [
        _curve(scores, positive)
        for scores, positive in _held_out(estimator, X, y, sample_weight, groups)
    ]
    if any(np.isclose(tried[0], tried[-1]) for tried, _ in curves):
        raise InputError(f"{type(estimator).__name__} gives all rows the same probability")
    ends = np.array([tried[[0, -1]] for tried, _ in curves])
    grid = np.linspace(ends[:, 0].min(), ends[:, 1].max(), THRESHOLDS)
    mean = np.mean([np.interp(grid, tried, reached) for tried, reached in curves], axis=0)
    return float(grid[mean.argmax()])


def _held_out(estimator, X, y, sample_weight, groups) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Scores of each inner fold, and which of its rows are of the second class."""
    labels = np.asarray(y)
    units, members = ("rows", np.arange(len(labels))) if groups is None else ("groups", groups)
    fewest = min(len(np.unique(members[labels == label])) for label in np.unique(labels))
    if fewest < TUNING_FOLDS:
        raise InputError(
            f"a threshold needs {TUNING_FOLDS} training {units} of each class, and one has "
            f"{fewest}"
        )
    folds = tuning_folds(groups is not None)
    for train, test in folds.split(np.zeros(len(labels)), labels, groups):
        if not len(np.unique(labels[train])) == len(np.unique(labels[test])) == 2:
            raise InputError("an inner fold of whole groups has one class, without a threshold")
        weights = {}
        if sample_weight is not None:
            weights = {weight_name(estimator): sample_weight[train]}
        model = clone(estimator).fit(take_rows(X, train), take_rows(y, train), **weights)
        yield positive_scores(model, take_rows(X, test)), labels[test] == model.classes_[1]


def _curve(scores, positive):
    """The thresholds of one fold, and the balanced accuracy at each."""
    tried = np.linspace(scores.min(), scores.max(), THRESHOLDS)
    found = scores >= tried[:, None]
    recalls = found[:, positive].mean(axis=1), (~found[:, ~positive]).mean(axis=1)
    return tried, np.mean(recalls, axis=0)


def positive_scores(model: Any, X: Any) -> np.ndarray:
    """Return the probability of the second of two classes, or the decision function without one.

    Examples
    --------
    >>> from sklearn.svm import LinearSVC
    >>> model = LinearSVC().fit([[0.0], [1.0]], ["no", "yes"])
    >>> bool(np.diff(positive_scores(model, [[0.0], [1.0]])) > 0)
    True
    """
    if hasattr(model, "predict_proba"):
        return np.asarray(model.predict_proba(X))[:, 1]
    return np.asarray(model.decision_function(X))


def _has(name):
    return available_if(lambda self: hasattr(getattr(self, "estimator_", self.estimator), name))


class _Around(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """A classifier around another one, whose answers are its own."""

    def __init__(self, estimator):
        self.estimator = estimator

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of each row."""
        check_is_fitted(self)
        return self.estimator_.predict(X)

    @_has("predict_proba")
    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the estimator's own probabilities."""
        check_is_fitted(self)
        return self.estimator_.predict_proba(X)

    @_has("decision_function")
    def decision_function(self, X: Any) -> np.ndarray:
        """Return the estimator's own decision function."""
        check_is_fitted(self)
        return self.estimator_.decision_function(X)


class BalancedWeights(_Around):
    """A classifier in whose fit all classes have the same weight, by its sample weights.

    Parameters
    ----------
    estimator : classifier
        Whose fit takes ``sample_weight``.

    Attributes
    ----------
    estimator_ : classifier
        Fitted.
    classes_ : ndarray

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> model = BalancedWeights(GaussianNB()).fit([[0.0], [1.0], [2.0]], ["a", "a", "b"])
    >>> model.estimator_.class_prior_.tolist()
    [0.5, 0.5]
    """

    def fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> BalancedWeights:
        """Fit the estimator; `sample_weight` is multiplied by the weight of the class."""
        weights = compute_sample_weight("balanced", np.asarray(y))
        weights = weights if sample_weight is None else weights * np.asarray(sample_weight)
        inner: Any = clone(self.estimator)
        self.estimator_ = inner.fit(X, y, **{weight_name(inner): weights})
        self.classes_ = self.estimator_.classes_
        return self


class Shifted(_Around):
    """A fitted classifier whose probabilities are read with another threshold, or over shares.

    Parameters
    ----------
    estimator : classifier
        Fitted.
    threshold : float, optional
        For two classes: the second is predicted where its score is at least so much.
    shares : ndarray, optional
        Of the classes, for more than two.

    Examples
    --------
    >>> from sklearn.naive_bayes import GaussianNB
    >>> model = GaussianNB().fit([[0.0], [1.0], [4.0]], ["a", "a", "b"])
    >>> Shifted(model, threshold=0.0).predict([[0.0], [4.0]]).tolist()
    ['b', 'b']
    """

    def __init__(self, estimator, threshold=None, shares=None):
        super().__init__(estimator)
        self.threshold = threshold
        self.shares = shares

    def __sklearn_is_fitted__(self):
        return True

    def fit(self, X: Any, y: Any) -> Shifted:
        """Return it as it is, as its estimator has been fitted."""
        return self

    @property
    def estimator_(self):
        """The estimator itself, which is fitted."""
        return self.estimator

    @property
    def classes_(self):
        """Its classes."""
        return self.estimator.classes_

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of each row."""
        if self.threshold is None:
            places = shares_divided(self.estimator.predict_proba(X), self.shares)
        else:
            places = (positive_scores(self.estimator, X) >= self.threshold).astype(int)
        return self.classes_[places]


def tuned_around(
    fitted: Any,
    estimator: BaseEstimator,
    X: Any,
    y: Any,
    sample_weight: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> Shifted:
    """Return a fitted classifier with a tuned threshold, without fitting it again.

    Parameters
    ----------
    fitted : classifier
        The estimator, fitted on all rows.
    estimator : classifier
        The same, unfitted, for the inner fits that find the threshold of two classes.
    X, y : table and target
        All training rows.
    sample_weight, groups : ndarray, optional
        Their weights and groups.

    Returns
    -------
    Shifted
        Of two classes the second is predicted from the threshold on that is best for balanced
        accuracy on inner folds; of more the one whose probability over its share is largest.

    Raises
    ------
    InputError
        If there is no threshold to be found, see `best_threshold`.
    """
    if len(fitted.classes_) == 2:
        return Shifted(fitted, threshold=best_threshold(estimator, X, y, sample_weight, groups))
    return Shifted(fitted, shares=class_shares(y, sample_weight, fitted.classes_))


def shares_divided(probabilities: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return the place of the class whose probability over its share is largest.

    Examples
    --------
    >>> shares_divided(np.array([[0.6, 0.4], [0.9, 0.1]]), np.array([0.8, 0.2])).tolist()
    [1, 0]
    """
    probabilities = np.asarray(probabilities, dtype=np.float64)
    over = np.divide(
        probabilities, shares, out=np.zeros_like(probabilities), where=np.asarray(shares) > 0
    )
    return over.argmax(axis=1)

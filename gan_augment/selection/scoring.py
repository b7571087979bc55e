"""One estimator on the training rows of one fold, real and synthetic, and its scores on real rows.

A failure is part of the result, so that one estimator that cannot be fitted does not end an
experiment.
"""

from __future__ import annotations

import math
import numbers
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.metrics import check_scoring
from sklearn.pipeline import Pipeline
from sklearn.utils.metaestimators import available_if

from gan_augment.augmentation.data import AugmentedData
from gan_augment.augmentation.shares import corrected
from gan_augment.containers import take_rows
from gan_augment.containers.advice import advising
from gan_augment.containers.weights import weight_name
from gan_augment.exceptions import InputError, error_text
from gan_augment.selection.splits import stable_seed

#: Why there is no score; "" where there is one.
Reason = Literal["", "failed", "does not apply", "undefined"]


def nested(pool: AugmentedData, plan: int | Mapping) -> AugmentedData:
    """Return the real rows with the first synthetic rows a plan asks for.

    Parameters
    ----------
    pool : AugmentedData
        With at least as many synthetic rows as the plan has.
    plan : int or dict of label to int
        Rows to keep, for each class where it is a dict.

    Returns
    -------
    AugmentedData
        Rows stay in the order of the pool, so a smaller amount is part of every larger one. Where
        a labeler says what the rows are, the first ones count, whatever class they were made
        for, and all synthetic rows together keep their weight.

    Raises
    ------
    InputError
        If the pool has too few rows.

    Examples
    --------
    >>> made = np.array([False, True, True, True])
    >>> pool = AugmentedData(np.arange(4)[:, None], np.array(["a", "a", "b", "a"]), made)
    >>> nested(pool, {"a": 1, "b": 1}).X.ravel().tolist()
    [0, 1, 2]
    """
    places = np.flatnonzero(pool.is_synthetic)
    if isinstance(plan, Mapping) and pool.sample_weight is not None:
        plan = sum(plan.values())
    if isinstance(plan, Mapping):
        labels = np.asarray(take_rows(pool.y, places))
        parts = [(places[labels == label], rows) for label, rows in plan.items()]
    else:
        parts = [(places, plan)]
    short = [rows - len(found) for found, rows in parts if len(found) < rows]
    if short:
        raise InputError(f"The augmenter made {sum(short)} rows fewer than its plan asks for.")
    wanted = [found[:rows] for found, rows in parts]
    if sum(map(len, wanted)) == len(places):
        return pool
    kept = np.sort(np.concatenate([np.flatnonzero(~pool.is_synthetic), *wanted]))
    return pool.part(kept)


def weighing(data: AugmentedData, total: float | None) -> AugmentedData:
    """Return data whose synthetic rows together weigh `total` times as much as the real ones.

    Where labels are not soft, or `total` is None, it is the same.

    Examples
    --------
    >>> made, weight = np.array([False, True, True]), np.array([1.0, 10.0, 10.0])
    >>> data = AugmentedData(np.eye(3), [0, 1, 1], made, sample_weight=weight)
    >>> weighing(data, 4.0).sample_weight.tolist()
    [1.0, 2.0, 2.0]
    """
    weights, made = data.sample_weight, data.is_synthetic
    if total is None or weights is None or not weights[made].sum():
        return data
    factor = total * weights[~made].sum() / weights[made].sum()
    return replace(data, sample_weight=np.where(made, factor * weights, weights))


def seeded(estimator: BaseEstimator, seed: int) -> BaseEstimator:
    """Return an unfitted copy in which every ``random_state`` left at None has a seed.

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> seeded(RandomForestClassifier(), 7).random_state == stable_seed(7, "random_state")
    True
    """
    estimator = clone(estimator)
    params = estimator.get_params(deep=True)
    names = [n for n in params if n == "random_state" or n.endswith("__random_state")]
    seeds = {name: stable_seed(seed, name) for name in names if params[name] is None}
    return estimator.set_params(**seeds) if seeds else estimator


@dataclass(frozen=True)
class Failure:
    """Why there are no rows, no model or no score.

    Parameters
    ----------
    reason : {"failed", "does not apply", "undefined"}
    error : str
        The text of what failed or does not apply.
    """

    reason: Reason
    error: str


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted estimator, and the time it took.

    Parameters
    ----------
    model : estimator
    seconds : float
    """

    model: Any
    seconds: float


def fit_model(
    estimator: BaseEstimator, data: AugmentedData, sample_weight: np.ndarray | None = None
) -> Fit | Failure:
    """Fit a copy of an estimator on real and synthetic rows.

    Parameters
    ----------
    estimator : estimator
    data : AugmentedData
        Training rows.
    sample_weight : ndarray of shape (n,), optional
        Weights of the training rows, synthetic ones included.

    Returns
    -------
    Fit or Failure
        Nothing is raised.
    """
    start = time.perf_counter()
    try:
        model: Any = clone(estimator)
        weights = {} if sample_weight is None else {weight_name(model): sample_weight}
        with advising(data.X, data.y):
            model.fit(data.X, data.y, **weights)
    except Exception as error:
        return Failure("failed", error_text(error))
    return Fit(model, time.perf_counter() - start)


def _can(method):
    return available_if(lambda self: hasattr(self.model, method))


class Predictions:
    """What a fitted model answers for the test rows, asked once and shared by all scorers.

    A scorer takes it for the model, and so may another classifier that shifts its threshold.
    Other rows than the test rows are passed on to the model.

    Parameters
    ----------
    model : estimator
        Fitted.
    X : table
        The test rows.
    factors : ndarray, optional
        What the probabilities of the classes are multiplied by, see `share_factors`.
    known : dict, optional
        Answers by method, where there are any.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> X, y = np.zeros((4, 1)), ["a", "a", "b", "b"]
    >>> answers = Predictions(DummyClassifier().fit(X, y), X, factors=np.array([3.0, 1.0]))
    >>> answers.predict_proba(X)[0].tolist()
    [0.75, 0.25]
    """

    def __init__(
        self,
        model: Any,
        X: Any,
        factors: np.ndarray | None = None,
        known: Mapping[str, Any] | None = None,
    ) -> None:
        self.model, self.X, self.factors, self.prepared = model, X, factors, None
        self.known = {} if known is None else dict(known)

    def part(self, rows: np.ndarray) -> Predictions:
        """Return the same for some of the test rows; what has been asked is not asked again."""
        known = {method: take_rows(answer, rows) for method, answer in self.known.items()}
        return Predictions(self.model, take_rows(self.X, rows), self.factors, known)

    def __getattr__(self, name):
        if name == "model":  # a copy that has no attributes yet
            raise AttributeError(name)
        return getattr(self.model, name)

    def __sklearn_tags__(self):
        return self.model.__sklearn_tags__()

    def __sklearn_is_fitted__(self):
        return True

    @_can("predict")
    def predict(self, X: Any) -> Any:
        """Return what the model predicts."""
        return self._answer("predict", X)

    @_can("predict_proba")
    def predict_proba(self, X: Any) -> Any:
        """Return the probabilities of the classes, corrected."""
        return self._answer("predict_proba", X)

    @_can("decision_function")
    def decision_function(self, X: Any) -> Any:
        """Return the decision function of the model."""
        return self._answer("decision_function", X)

    def _answer(self, method, X):
        if X is not self.X:
            return self._asked(method, X)
        if method not in self.known:
            self.known[method] = self._asked(method, X)
        return self.known[method]

    def _asked(self, method, X):
        model, rows = self.model, X
        if X is self.X and type(model) is Pipeline:  # whose first steps are asked once
            if self.prepared is None:
                self.prepared = model[:-1].transform(X)
            model, rows = model[-1], self.prepared
        answer = getattr(model, method)(rows)
        if method == "predict_proba" and self.factors is not None:
            return corrected(answer, self.factors)
        return answer


def scores_of(
    model: Any, X: Any, y: Any, scorers: Mapping[str, Any]
) -> dict[str, tuple[float, Failure | None]]:
    """Return what a fitted model reaches on real rows, by scorer.

    Parameters
    ----------
    model : estimator or Predictions
    X, y : table and target
        Test rows.
    scorers : dict of str to (str or callable)
        scikit-learn scorers, by name.

    Returns
    -------
    dict of str to (float, Failure or None)
        NaN, and why, where there is no score; nothing is raised.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> X, y = np.zeros((4, 1)), np.array([0, 0, 0, 1])
    >>> scores_of(DummyClassifier().fit(X, y), X, y, {"share": "accuracy"})
    {'share': (0.75, None)}
    """
    found = {}
    for name, value in _scored(model, X, y, scorers).items():
        if isinstance(value, numbers.Real):
            why = Failure("undefined", "") if math.isnan(value) else None
            found[name] = float(value), why
            continue
        wrong = f"TypeError: the scorer returned {type(value).__name__}, not a number."
        text = value.strip().splitlines()[-1] if isinstance(value, str) else wrong
        found[name] = math.nan, Failure("failed", text)
    return found


def _scored(model, X, y, scorers):
    """Return the answer of each scorer, or the text of what went wrong."""
    try:
        # One scorer of all names shares the predictions; what fails comes back as a traceback.
        return check_scoring(model, scoring=scorers, raise_exc=False)(model, X, y)
    except Exception as error:
        if len(scorers) == 1:
            return dict.fromkeys(scorers, error_text(error))
    # A model without predict_proba stops them all at once: ask one by one who can.
    alone = [_scored(model, X, y, {name: scorers[name]}) for name in scorers]
    return {name: value for found in alone for name, value in found.items()}

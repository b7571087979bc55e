"""One estimator on the training rows of one fold, real and synthetic, and its scores on real rows.

A failure is part of the result, so that one estimator that cannot be fitted does not end an
experiment.
"""

from __future__ import annotations

import math
import numbers
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.metrics import check_scoring

from gan_augment.augmentation.augment import AugmentedData
from gan_augment.containers import take_rows
from gan_augment.containers.weights import weight_name
from gan_augment.exceptions import InputError, error_text
from gan_augment.selection.splits import stable_seed


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
        Rows stay in the order of the pool, so a smaller amount is part of every larger one.

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
    y = None if pool.y is None else take_rows(pool.y, kept)
    return AugmentedData(take_rows(pool.X, kept), y, pool.is_synthetic[kept], pool.n_redrawn)


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
class Score:
    """What one estimator reached in one fold.

    Parameters
    ----------
    scores : dict of str to float
        By scorer; NaN where it failed or is undefined in this fold.
    errors : dict of str to str
        By scorer, the error text of those that failed; every scorer if the fit failed.
    fit_seconds, score_seconds : float
        Wall time.
    """

    scores: dict[str, float]
    errors: dict[str, str]
    fit_seconds: float
    score_seconds: float


def score_fold(
    estimator: BaseEstimator,
    data: AugmentedData,
    X_test: object,
    y_test: object,
    scorers: Mapping[str, object],
    *,
    seed: int = 0,
    sample_weight: np.ndarray | None = None,
) -> Score:
    """Fit an estimator on real and synthetic rows and score it on real ones.

    Parameters
    ----------
    estimator : estimator
        Cloned, and seeded where it has no seed of its own.
    data : AugmentedData
        Training rows.
    X_test, y_test : table and target
        Real rows of the test fold.
    scorers : dict of str to (str or callable)
        scikit-learn scorers, by name.
    seed : int, default=0
        Of the estimator; pass the same for every amount, so that scores are paired.
    sample_weight : ndarray of shape (n,), optional
        Weights of the training rows, synthetic ones included.

    Returns
    -------
    Score
        With the error text of what failed; nothing is raised.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> X, y = np.zeros((4, 1)), np.array([0, 0, 0, 1])
    >>> data = AugmentedData(X, y, np.zeros(4, dtype=bool))
    >>> score_fold(DummyClassifier(), data, X, y, {"accuracy": "accuracy"}).scores
    {'accuracy': 0.75}
    """
    start = time.perf_counter()
    try:
        model = seeded(estimator, seed)
        weights = {} if sample_weight is None else {weight_name(model): sample_weight}
        model.fit(data.X, data.y, **weights)
    except Exception as error:
        text = error_text(error)
        spent = time.perf_counter() - start
        return Score(dict.fromkeys(scorers, math.nan), dict.fromkeys(scorers, text), spent, 0.0)
    fitted = time.perf_counter()
    scores, errors = dict.fromkeys(scorers, math.nan), {}
    for name, value in _scored(model, X_test, y_test, scorers).items():
        if isinstance(value, numbers.Real):
            scores[name] = float(value)
        elif isinstance(value, str):
            errors[name] = value.strip().splitlines()[-1]
        else:
            errors[name] = f"TypeError: the scorer returned {type(value).__name__}, not a number."
    return Score(scores, errors, fitted - start, time.perf_counter() - fitted)


def _scored(model, X_test, y_test, scorers):
    """Return the answer of each scorer, or the text of what went wrong."""
    try:
        # One scorer of all names shares the predictions; what fails comes back as a traceback.
        return check_scoring(model, scoring=scorers, raise_exc=False)(model, X_test, y_test)
    except Exception as error:
        if len(scorers) == 1:
            return dict.fromkeys(scorers, error_text(error))
    # A model without predict_proba stops them all at once: ask one by one who can.
    alone = [_scored(model, X_test, y_test, {name: scorers[name]}) for name in scorers]
    return {name: value for found in alone for name, value in found.items()}

"""Who sits on a committee, and how much each member's answer counts.

Members are of different kinds, so that their errors differ. They see prepared features: numbers of
one scale without gaps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar, nnls
from sklearn.base import BaseEstimator
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.svm import SVC

#: Rows that any member learns from at most, and those of a member whose time grows with their
#: square.
MOST_ROWS, MOST_ROWS_OF_SLOW = 20_000, 2_000
#: Trees of a forest, over all folds. Three times as many were measured to lower the log loss on
#: test rows of ten real sets by less than 0.001 in the mean, in twice the time.
N_TREES = 100
#: Rows from which on boosted trees sit on the committee, and how they are grown.
BOOSTING_ROWS = 300
BOOSTING = {"max_iter": 60, "max_leaf_nodes": 8, "min_samples_leaf": 5, "max_bins": 64}
#: Steps of the small network at most, and what it is like. Where labels are noise it needs over
#: 1,000, and would warn.
NETWORK_STEPS = 5000
NETWORK = {
    "hidden_layer_sizes": (32,),
    "solver": "lbfgs",
    "alpha": 1.0,
    "tol": 1e-2,
    "max_iter": NETWORK_STEPS,
}
#: Rows that the equal shares of all members stand for, beside the out-of-fold rows.
PRIOR_ROWS = 20.0
#: Rows that a temperature of 1 stands for, and the range of temperatures.
TEMPERATURE_ROWS, TEMPERATURES = 5.0, (1 / 3, 3.0)


@dataclass(frozen=True)
class Member:
    """An unfitted estimator, and the rows that it learns from at most."""

    estimator: BaseEstimator
    most_rows: int = MOST_ROWS


def classifiers(seed: int, n_rows: int) -> dict[str, Member]:
    """Return the members of a committee that names classes and learns from so many rows.

    One without ``predict_proba`` gets its probabilities from a logistic regression on
    out-of-fold decision values.
    """
    trees = N_TREES // folds_for(n_rows)
    members = {
        "linear": Member(LogisticRegression(C=0.3, max_iter=1000)),
        "extra trees": Member(ExtraTreesClassifier(trees, random_state=seed)),
        "forest": Member(RandomForestClassifier(trees, random_state=seed)),
        "kernel": Member(SVC(random_state=seed), MOST_ROWS_OF_SLOW),
        "network": Member(MLPClassifier(**NETWORK, random_state=seed)),
    }
    if n_rows >= BOOSTING_ROWS:
        boosting = HistGradientBoostingClassifier(**BOOSTING, random_state=seed)
        members["boosting"] = Member(boosting)
    return members


def regressors(seed: int, n_rows: int) -> dict[str, Member]:
    """Return the members for so many rows and numbers of mean 0 and variance 1."""
    trees = N_TREES // folds_for(n_rows)
    members = {
        "linear": Member(Ridge(3.0)),
        "extra trees": Member(ExtraTreesRegressor(trees, max_features=0.5, random_state=seed)),
        "forest": Member(RandomForestRegressor(trees, max_features=0.33, random_state=seed)),
        "kernel": Member(KernelRidge(alpha=0.5, kernel="rbf"), MOST_ROWS_OF_SLOW),
        "network": Member(MLPRegressor(**NETWORK, random_state=seed)),
    }
    if n_rows >= BOOSTING_ROWS:
        members["boosting"] = Member(HistGradientBoostingRegressor(**BOOSTING, random_state=seed))
    return members


def folds_for(n: int) -> int:
    """Return the number of folds for out-of-fold answers: fewer where rows are many."""
    return 5 if n <= 1000 else 3


def shares_by_likelihood(likelihoods: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the shares of members whose mixture makes the labels most likely.

    Parameters
    ----------
    likelihoods : ndarray of shape (n_members, n)
        What each member gave to the label of each row, out of fold.
    weights : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (n_members,)
        Sum 1. `PRIOR_ROWS` rows speak for equal shares, so that few rows say little.

    Examples
    --------
    >>> good, bad = np.full(500, 0.9), np.full(500, 0.1)
    >>> shares_by_likelihood(np.array([good, bad]), np.ones(500)).round(2).tolist()
    [0.98, 0.02]
    """
    members = len(likelihoods)
    shares = np.full(members, 1 / members)
    for _ in range(100):  # expectation maximisation, which has one maximum here
        parts = shares[:, None] * likelihoods
        parts /= np.maximum(parts.sum(axis=0), 1e-12)
        counts = parts @ weights + PRIOR_ROWS / members
        shares = counts / counts.sum()
    return shares


def shares_by_squares(answers: np.ndarray, target: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the shares of members whose mean has the smallest squared error.

    Parameters
    ----------
    answers : ndarray of shape (n_members, n)
        Out of fold.
    target : ndarray of shape (n,)
    weights : ndarray of shape (n,)

    Returns
    -------
    ndarray of shape (n_members,)
        Sum 1, none negative; `PRIOR_ROWS` rows speak for equal shares.

    Examples
    --------
    >>> target = np.random.default_rng(0).normal(size=500)
    >>> shares_by_squares(np.array([target, -target]), target, np.ones(500)).round(2).tolist()
    [1.0, 0.0]
    """
    members, root = len(answers), np.sqrt(weights)
    errors = (answers - target).T * root[:, None]
    spread = np.sqrt((errors**2).sum() / max(members * weights.sum(), 1e-12)) or 1.0
    # One more row asks for the sum 1, and one for each member for equal shares.
    one = np.full((1, members), 1e3 * max(np.abs(errors).sum(), 1.0))
    equal = np.sqrt(PRIOR_ROWS) * spread * np.eye(members)
    left = np.concatenate([errors, one, equal])
    right = np.concatenate([np.zeros(len(errors)), one[0, :1], equal.sum(axis=1) / members])
    shares = nnls(left, right)[0]
    return shares / shares.sum() if shares.any() else np.full(members, 1 / members)


def best_temperature(probabilities: np.ndarray, codes: np.ndarray, weights: np.ndarray) -> float:
    """Return the temperature at which out-of-fold probabilities have the smallest log loss.

    `TEMPERATURE_ROWS` rows speak for 1.

    Examples
    --------
    >>> sure, right = np.array([[0.99, 0.01]] * 400), np.arange(400) % 4 == 0
    >>> best_temperature(sure, right.astype(int), np.ones(400)) > 2  # wrong in a quarter
    True
    """
    rows = np.arange(len(codes))

    def loss(log_temperature):
        given = at_temperature(probabilities, np.exp(log_temperature))[rows, codes]
        own = -weights @ np.log(np.maximum(given, 1e-12))
        return own + TEMPERATURE_ROWS * log_temperature**2

    bounds = tuple(np.log(TEMPERATURES))
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def at_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Return probabilities sharpened (below 1) or flattened (above 1), each row with the sum 1.

    Examples
    --------
    >>> at_temperature(np.array([[0.8, 0.2]]), 0.5).round(3).tolist()
    [[0.941, 0.059]]
    """
    powers = np.maximum(probabilities, 1e-12) ** (1 / temperature)
    return powers / powers.sum(axis=1, keepdims=True)

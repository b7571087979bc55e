"""Tests for scores that share their data: the folds of one table are not independent.

Every training set of a cross-validation shares most rows with every other, so the scores of
its folds move together and their scatter understates how uncertain their mean is. A paired
t-test over folds therefore finds differences between identical models far more often than its
level says. All functions here correct the variance as Nadeau and Bengio proposed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from gan_augment.exceptions import InputError


@dataclass(frozen=True)
class CorrectedInterval:
    """A mean of paired differences with its corrected confidence interval.

    Parameters
    ----------
    mean : float
        Mean difference; NaN without any.
    low, high : float
        Ends of the interval; NaN with fewer than two differences.
    p_value : float
        Two-sided, for a mean of 0.
    scale : float
        Corrected standard error of the mean.
    n : int
        Number of differences.
    """

    mean: float
    low: float
    high: float
    p_value: float
    scale: float
    n: int

    def as_row(self) -> dict[str, float]:
        """Return what tables hold of it."""
        return {
            "difference": self.mean,
            "low": self.low,
            "high": self.high,
            "p_value": self.p_value,
            "n_folds": self.n,
        }


def corrected_interval(
    differences: ArrayLike, test_to_train: float, *, confidence: float = 0.95
) -> CorrectedInterval:
    """Return the mean of cross-validated differences with a corrected t interval.

    The variance of the mean of :math:`J` fold differences with sample variance :math:`s^2` is
    taken as :math:`s^2 (1/J + n_{test}/n_{train})` instead of :math:`s^2 / J`.

    Parameters
    ----------
    differences : array-like of shape (J,)
        One paired difference for each fold; NaN (a failed fold) is left out.
    test_to_train : float
        Test rows of a fold for each row that was available for training: 1/4 in five folds. 0,
        for folds that share no row, gives the ordinary paired t-test.
    confidence : float, default=0.95
        Of the interval.

    Returns
    -------
    CorrectedInterval
        Without any scatter the interval is the point itself, and the p-value 0, or 1 where all
        differences are 0.

    Raises
    ------
    InputError
        If `test_to_train` is negative or `confidence` is not between 0 and 1.

    References
    ----------
    C. Nadeau and Y. Bengio, "Inference for the Generalization Error", Machine Learning 52,
    2003.

    Examples
    --------
    >>> interval = corrected_interval([0.02, 0.03, 0.01, 0.04, 0.02], test_to_train=1 / 4)
    >>> round(interval.mean, 3), round(interval.low, 3), round(interval.high, 3)
    (0.024, 0.003, 0.045)
    """
    if not test_to_train >= 0:
        raise InputError.of("test_to_train", test_to_train, "is no ratio", "pass one >= 0")
    if not 0 < confidence < 1:
        raise InputError.of(
            "confidence", confidence, "is no confidence", "pass a number between 0 and 1"
        )
    values = _valid(differences)
    n = len(values)
    if n < 2:
        mean = float(values[0]) if n else math.nan
        return CorrectedInterval(mean, math.nan, math.nan, math.nan, math.nan, n)
    mean, scale = float(values.mean()), _corrected_scale(values, test_to_train)
    if scale == 0:
        mean = 0.0 if abs(mean) <= 1e-12 else mean  # rounding noise is no difference
        return CorrectedInterval(mean, mean, mean, float(mean == 0), 0.0, n)
    half = scale * float(stats.t.ppf(0.5 + confidence / 2, n - 1))
    p_value = 2 * float(stats.t.sf(abs(mean) / scale, n - 1))
    return CorrectedInterval(mean, mean - half, mean + half, p_value, scale, n)


def _valid(differences):
    values = np.asarray(differences, dtype=np.float64).ravel()
    return values[~np.isnan(values)]


def _corrected_scale(values, test_to_train):
    spread = float(values.std(ddof=1))
    # Equal differences leave rounding noise in place of 0, which would look like certainty.
    if spread <= 1e-12 * max(1.0, float(np.abs(values).max())):
        return 0.0
    return spread * math.sqrt(1 / len(values) + test_to_train)


def rope_probabilities(
    differences: ArrayLike, test_to_train: float, *, rope: float = 0.01
) -> dict[str, float]:
    """Return how probable it is that the true difference is worse, equal or better in practice.

    Under a flat prior the posterior of the mean is Student's t with the corrected scale; the
    probabilities are its mass below, inside and above the region of practical equivalence
    (ROPE), ``[-rope, rope]``.

    Parameters
    ----------
    differences : array-like of shape (J,)
        One paired difference for each fold; NaN is left out.
    test_to_train : float
        As for `corrected_interval`.
    rope : float, default=0.01
        The largest difference that makes no difference in practice, in the unit of the score.

    Returns
    -------
    dict
        ``{"worse": p, "equal": p, "better": p}``, which sum to 1; NaN with fewer than two
        differences.

    Raises
    ------
    InputError
        If `rope` is negative or not finite.

    References
    ----------
    A. Benavoli et al., "Time for a Change: a Tutorial for Comparing Multiple Classifiers
    Through Bayesian Analysis", JMLR 18, 2017.

    Examples
    --------
    >>> p = rope_probabilities([0.02, 0.03, 0.01, 0.04, 0.02], test_to_train=1 / 4)
    >>> {name: round(value, 2) for name, value in p.items()}
    {'worse': 0.01, 'equal': 0.06, 'better': 0.93}
    """
    if not (isinstance(rope, (int, float, np.number)) and 0 <= rope < math.inf):
        raise InputError.of("rope", rope, "is not a difference", "pass a finite number >= 0")
    interval = corrected_interval(differences, test_to_train)
    if interval.n < 2:
        return {"worse": math.nan, "equal": math.nan, "better": math.nan}
    mean, scale, df = interval.mean, interval.scale, interval.n - 1
    if scale == 0:
        worse, better = float(mean < -rope), float(mean > rope)
    else:
        worse = float(stats.t.cdf((-rope - mean) / scale, df))
        better = float(stats.t.sf((rope - mean) / scale, df))
    return {"worse": worse, "equal": max(0.0, 1 - worse - better), "better": better}


def holm(p_values: ArrayLike) -> np.ndarray:
    """Return p-values adjusted for having looked at all of them, by Holm's step-down method.

    Parameters
    ----------
    p_values : array-like of shape (m,)
        NaN (no test was possible) stays NaN and does not count.

    Returns
    -------
    ndarray of shape (m,)
        Comparing these with a level bounds the chance of one false finding among all.

    References
    ----------
    S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal
    of Statistics 6, 1979.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(p_values.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(p_values))
    order = tested[np.argsort(p_values[tested], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(p_values[order] * factors), 1.0)
    return adjusted


def wins_ties_losses(differences: ArrayLike, *, tie: float = 1e-12) -> tuple[int, int, int]:
    """Count the folds that got better, stayed the same and got worse.

    Parameters
    ----------
    differences : array-like of shape (J,)
        NaN is left out.
    tie : float, default=1e-12
        The largest difference that counts as none.

    Returns
    -------
    tuple of int
        ``(wins, ties, losses)``.

    Examples
    --------
    >>> wins_ties_losses([0.1, 0.0, -0.1, 0.2, float("nan")])
    (2, 1, 1)
    """
    values = _valid(differences)
    wins, losses = int((values > tie).sum()), int((values < -tie).sum())
    return wins, len(values) - wins - losses, losses

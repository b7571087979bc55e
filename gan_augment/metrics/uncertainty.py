"""An estimate and its standard error, in closed form: no resampling where a formula will do."""

from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest, rankdata

#: Standard errors to each side of a 95 % interval.
Z = 1.959964

#: Parts of a table that a jackknife leaves out, one at a time.
GROUPS = 10

#: Shares of a metric's scale by which it may miss its reference, to be good and to be fair.
GOOD_WITHIN, FAIR_WITHIN = 0.05, 0.20


class Estimate(NamedTuple):
    """A figure, NaN where it could not be computed, and its standard error.

    Examples
    --------
    >>> Estimate(0.9, 0.05).interval()
    (0.802..., 0.998...)
    """

    value: float
    error: float

    def interval(self, low=0.0, high=1.0):
        """Return the normal 95 % interval, cut to the metric's range; NaN without an error."""
        if np.isnan(self.error):
            return np.nan, np.nan
        half = Z * self.error
        return float(max(low, self.value - half)), float(min(high, self.value + half))


def mean_of(estimates):
    """Return the mean of estimates, with an error as if all of them erred together.

    The standard error of a mean is never above the mean of the standard errors; figures of one
    table share their rows, so this upper bound is used and the interval is a cautious one. Those
    with a NaN value are left out.

    Examples
    --------
    >>> mean_of([Estimate(0.8, 0.1), Estimate(1.0, 0.1)])
    Estimate(value=0.9, error=0.1)
    """
    known = [e for e in estimates if not np.isnan(e.value)]
    if not known:
        return Estimate(np.nan, np.nan)
    values, errors = zip(*known, strict=True)
    return Estimate(float(np.mean(values)), float(np.mean(errors)))


def mean_estimate(values):
    """Return the mean of one figure per row and its standard error.

    Examples
    --------
    >>> mean_estimate([0.0, 1.0, 1.0, 0.0])
    Estimate(value=0.5, error=0.28...)
    """
    values = np.asarray(values, dtype=np.float64)
    if len(values) == 0:
        return Estimate(np.nan, np.nan)
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return Estimate(float(values.mean()), float(error))


def mean_of_independent(estimates):
    """Return the mean of estimates of different rows, which err independently.

    Examples
    --------
    >>> mean_of_independent([Estimate(0.8, 0.3), Estimate(1.0, 0.4)])
    Estimate(value=0.9, error=0.25)
    """
    values, errors = zip(*estimates, strict=True)
    return Estimate(float(np.mean(values)), float(np.linalg.norm(errors) / len(errors)))


def jackknife(statistic, *tables):
    """Return standard errors of figures by leaving out a tenth of each table at a time.

    `statistic` takes the tables, rows in random order, and returns an array of figures (Shao and
    Wu 1989).

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(1000, 1))
    >>> gap = lambda a, b: np.array([a.mean() - b.mean()])
    >>> jackknife(gap, rows[:500], rows[500:]).round(2)
    array([0.06])
    """
    parts = [np.arange(len(rows)) % GROUPS for rows in tables]
    left = np.array(
        [
            statistic(*(rows[part != g] for rows, part in zip(tables, parts, strict=True)))
            for g in range(GROUPS)
        ]
    )
    return spread_of_left_out(left)


def spread_of_left_out(left):
    """Return standard errors of figures, given those with each tenth left out, (GROUPS, ...)."""
    return np.sqrt((GROUPS - 1) / GROUPS * ((left - left.mean(axis=0)) ** 2).sum(axis=0))


def jackknife_beside(statistic, real, other, fresh):
    """Return the errors of figures, and those that comparing them with a reference adds.

    The reference is the same figure of the same real rows with fresh ones, so that the two waver
    together, and their difference less than two independent figures would. ``sqrt(errors**2 +
    added**2)`` is the error of the differences.

    Examples
    --------
    >>> real, other, fresh = np.random.default_rng(0).normal(size=(3, 500, 1))
    >>> gap = lambda a, b: np.array([a.mean() - b.mean()])
    >>> [float(error.round(2)[0]) for error in jackknife_beside(gap, real, other, fresh)]
    [0.06, 0.0]
    """

    def both(real, other, fresh):
        value = statistic(real, other)
        return np.array([value, value - statistic(real, fresh)])

    errors, gaps = jackknife(both, real, other, fresh)
    return errors, np.sqrt(np.maximum(gaps**2 - errors**2, 0.0))


def wilson(hits, n):
    """Return Wilson's 95 % interval of a share of n rows, which is right at 0 and 1 too.

    Examples
    --------
    >>> wilson(0, 100)
    (0.0, 0.036...)
    """
    if n == 0:
        return np.nan, np.nan
    found = binomtest(int(hits), int(n)).proportion_ci(method="wilson")
    return float(found.low), float(found.high)


def share_estimate(rows):
    """Return a share and the upper half of its interval as an error, which is not 0 at 0.

    Examples
    --------
    >>> share_estimate(np.zeros(100, dtype=bool))
    Estimate(value=0.0, error=0.018...)
    """
    rows = np.asarray(rows, dtype=bool)
    if len(rows) == 0:
        return Estimate(np.nan, np.nan)
    value = float(rows.mean())
    return Estimate(value, (wilson(int(rows.sum()), len(rows))[1] - value) / Z)


def auc(negatives, positives):
    """Return the area under the ROC curve and its Hanley-McNeil (1982) standard error.

    The area is the probability that a positive scores above a negative, ties counting half.

    Examples
    --------
    >>> auc([0.1, 0.4], [0.4, 0.8]).value
    0.875
    """
    negatives, positives = np.asarray(negatives), np.asarray(positives)
    n, m = len(negatives), len(positives)
    if n == 0 or m == 0:
        return Estimate(np.nan, np.nan)
    ranks = rankdata(np.concatenate([negatives, positives]))[n:].sum()
    area = (ranks - m * (m + 1) / 2) / (n * m)
    both_above = area / (2 - area) - area**2
    both_below = 2 * area**2 / (1 + area) - area**2
    variance = area * (1 - area) + (m - 1) * both_above + (n - 1) * both_below
    return Estimate(float(area), float(np.sqrt(max(variance, 0.0) / (n * m))))

"""Pairs of columns: whether they go together in the synthetic table as in the real one."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from gan_augment.metrics.features import commonest
from gan_augment.metrics.fidelity import total_variation

#: Levels of a column in contingency tables: numbers are cut at the real quantiles, and the rarer
#: categories share a level.
NUMBER_BINS, CATEGORY_LEVELS = 5, 15


@dataclass(frozen=True)
class Pairs:
    """How well each pair of columns hangs together in the synthetic table as in the real one.

    All are matrices of shape (d, d). `similarity` is 1 where a pair is as in the real table, with
    its standard error in `error`; `independent` is what independent columns with the real margins
    would have. `is_correlation` says where the figure compares rank correlations; contingency
    tables elsewhere. `real` and `synthetic` are the strength of association in each table: rank
    correlation, or one minus the similarity to independence.
    """

    similarity: np.ndarray
    error: np.ndarray
    independent: np.ndarray
    is_correlation: np.ndarray
    real: np.ndarray
    synthetic: np.ndarray

    def among(self, kind=None):
        """Return the positions (i, j), i < j, of pairs: all, "correlation" or "contingency"."""
        upper = np.triu(np.ones_like(self.is_correlation), 1)
        if kind is not None:
            upper &= self.is_correlation == (kind == "correlation")
        return np.nonzero(upper)

    def means(self):
        """Return the mean similarity of all pairs, of two numbers, and of the others."""
        return self._mean_of(self.similarity)

    def independence(self):
        """Return the same means for independent columns."""
        return self._mean_of(self.independent)

    def _mean_of(self, matrix):
        found = (matrix[self.among(kind)] for kind in (None, "correlation", "contingency"))
        return np.array([part.mean() if part.size else np.nan for part in found])


def compare_pairs(features, real, synthetic):
    """Return how alike the `Pairs` of columns are in two tables of coded rows.

    Two numbers: ``1 - |rho_real - rho_synthetic| / 2`` with rho Spearman's rank correlation. Any
    other pair: one minus the total variation distance of the two contingency tables, numbers being
    cut at the real quintiles and rare categories grouped.

    Examples
    --------
    >>> from gan_augment.metrics.features import Feature
    >>> features = (Feature("a", "number", "number"), Feature("b", "number", "number"))
    >>> up = np.arange(10.0)
    >>> real, synthetic = np.column_stack([up, up]), np.column_stack([up, -up])
    >>> compare_pairs(features, real, synthetic).similarity[0, 1].round(6)
    np.float64(0.0)
    """
    is_number = np.array([feature.is_number for feature in features])
    both = is_number[:, None] & is_number[None, :]
    n, m = len(real), len(synthetic)
    starts, codes = _levels(is_number, real, synthetic)
    p, q = (_joint(table, starts) for table in codes)
    table = total_variation(p - q, p, q, n, m, lambda cells: _by_block(cells, starts))
    apart = []  # similarity to what the joint shares of independent columns would be
    for joint in (p, q):
        margins = np.diagonal(joint)
        gaps = np.abs(joint - np.outer(margins, margins))
        apart.append(1 - _by_block(gaps, starts) / 2)
    rho, sigma = _rank_correlations(real), _rank_correlations(synthetic)
    rho_error = np.sqrt((1 - rho**2) ** 2 / n + (1 - sigma**2) ** 2 / m) / 2
    return Pairs(
        similarity=np.where(both, 1 - np.abs(rho - sigma) / 2, table.value),
        error=np.where(both, rho_error, table.error),
        independent=np.where(both, 1 - np.abs(rho) / 2, apart[0]),
        is_correlation=both,
        real=np.where(both, rho, 1 - apart[0]),
        synthetic=np.where(both, sigma, 1 - apart[1]),
    )


def _levels(is_number, real, synthetic):
    """Return the first level of each column and both tables as levels, counted through."""
    starts, next_level = [], 0
    tables = [np.empty(t.shape, dtype=np.int64) for t in (real, synthetic)]
    for j, number in enumerate(is_number):
        starts.append(next_level)
        seen = real[~np.isnan(real[:, j]), j]
        if number:
            inner = np.arange(1, NUMBER_BINS) / NUMBER_BINS
            edges = np.unique(np.quantile(seen, inner)) if len(seen) else np.empty(0)
        else:
            edges = np.sort(commonest(seen)[:CATEGORY_LEVELS])
        missing_level = len(edges) + 1
        for table, source in zip(tables, (real, synthetic), strict=True):
            column = source[:, j]
            if number:
                level = np.searchsorted(edges, column, side="left")
            else:
                level = np.searchsorted(edges, column)
                found = edges[np.minimum(level, len(edges) - 1)] if len(edges) else np.nan
                level = np.where(found == column, level, len(edges))
            table[:, j] = next_level + np.where(np.isnan(column), missing_level, level)
        next_level += missing_level + 1
    return np.array([*starts, next_level]), tables


def _joint(levels, starts):
    """Return the joint shares of all pairs of levels in one matrix product."""
    hot = np.zeros((len(levels), starts[-1]), dtype=np.float32)
    np.put_along_axis(hot, levels, 1.0, axis=1)
    return (hot.T @ hot).astype(np.float64) / len(levels)


def _by_block(cells, starts):
    rows = np.add.reduceat(cells, starts[:-1], axis=0)
    return np.add.reduceat(rows, starts[:-1], axis=1)


def _rank_correlations(values):
    """Return Spearman's correlations; a missing value takes the middle rank, a constant 0."""
    ranks = rankdata(values, axis=0, nan_policy="omit")
    ranks = np.where(np.isnan(ranks), np.nan, ranks - (np.sum(~np.isnan(ranks), 0) + 1) / 2)
    ranks = np.nan_to_num(ranks)
    length = np.sqrt((ranks**2).sum(axis=0))
    unit = ranks / np.where(length > 0, length, 1.0)
    return np.clip(unit.T @ unit, -1, 1)

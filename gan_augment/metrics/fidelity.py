"""Fidelity: whether a synthetic table looks like the real one, by column, by pair, as a whole.

Every function takes coded rows (see `Coding`) or plain columns and returns an `Estimate`: the
figure and its standard error. Nothing here draws random numbers but the folds of the C2ST.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold

from gan_augment.metrics.features import tree_matrices
from gan_augment.metrics.permutation import permuted_predictions, rows_a_column
from gan_augment.metrics.uncertainty import Estimate, auc

_FOLDS = 5
_TELLING_ROWS = 500  # rows a fold on which columns are permuted, fewer in wide tables


def ks_complement(real, synthetic):
    """Return one minus the Kolmogorov-Smirnov distance of two columns of numbers.

    ``1 - max_t |F_real(t) - F_synthetic(t)|``, with F the share of values up to t. Missing values
    are left out. The error is that of the two shares at the t of the maximum.

    Examples
    --------
    >>> round(ks_complement([1, 2, 3, 4], [3, 4, 5, 6]).value, 2)
    0.5
    """
    real, synthetic = (np.asarray(values, dtype=np.float64) for values in (real, synthetic))
    real, synthetic = (np.sort(values[~np.isnan(values)]) for values in (real, synthetic))
    if len(real) == 0 or len(synthetic) == 0:
        return Estimate(np.nan, np.nan)
    steps = np.concatenate([real, synthetic])
    below = [np.searchsorted(v, steps, side="right") / len(v) for v in (real, synthetic)]
    at = int(np.argmax(np.abs(below[0] - below[1])))
    p, q = below[0][at], below[1][at]
    error = np.sqrt(p * (1 - p) / len(real) + q * (1 - q) / len(synthetic))
    return Estimate(float(1 - abs(p - q)), float(error))


def tv_complement(real, synthetic):
    """Return one minus the total variation distance of two columns of category codes.

    ``1 - sum_c |p_c - q_c| / 2``, with p and q the shares of category c. A missing value is a
    category.

    Examples
    --------
    >>> round(tv_complement([0, 0, 1, 1], [0, 1, 1, 1]).value, 2)
    0.75
    """
    real, synthetic = (np.asarray(values, dtype=np.float64) for values in (real, synthetic))
    if len(real) == 0 or len(synthetic) == 0:
        return Estimate(np.nan, np.nan)
    _, codes = np.unique(np.concatenate([real, synthetic]), return_inverse=True, equal_nan=True)
    levels = codes.max() + 1
    p = np.bincount(codes[: len(real)], minlength=levels) / len(real)
    q = np.bincount(codes[len(real) :], minlength=levels) / len(synthetic)
    found = total_variation(p - q, p, q, len(real), len(synthetic), np.sum)
    return Estimate(*map(float, found))


def total_variation(gap, p, q, n, m, add):
    """Return one minus the total variation distance, its error at fixed signs of the gaps.

    `p` and `q` are the shares of n real and m synthetic rows in each cell, `gap` their difference;
    `add` sums the cells that belong together. The error is by the delta method. Both are arrays
    where `add` leaves several sums.
    """
    sign = np.sign(gap)
    variance = (1 - add(sign * p) ** 2) / n + (1 - add(sign * q) ** 2) / m
    return Estimate(1 - add(np.abs(gap)) / 2, np.sqrt(np.maximum(variance, 0)) / 2)


@dataclass(frozen=True)
class TwoSampleTest:
    """What a classifier two-sample test found.

    `auc` is the mean over folds of the area under the ROC curve, `probability` that of each
    synthetic row to be synthetic, by a tree that did not see the row, and `telling` how much of
    the area is lost when one column is permuted, 0 or more.
    """

    auc: Estimate
    probability: np.ndarray
    telling: np.ndarray


def c2st(features, real, synthetic, *, rng, telling=True):
    """Return how well a boosted tree tells synthetic rows from real ones.

    The classifier two-sample test (Lopez-Paz and Oquab 2017): label real rows 0 and synthetic rows
    1, fit gradient boosted trees on four fifths, and take the area under the ROC curve on the
    last, for all five. The rows are coded, and about as many on both sides, since the area does
    not say which side is larger. `telling` measures what gives the synthetic rows away.

    Examples
    --------
    >>> from gan_augment.metrics.features import Feature
    >>> rng = np.random.default_rng(0)
    >>> real, synthetic = rng.normal(size=(300, 1)), rng.normal(3, size=(300, 1))
    >>> c2st((Feature("a", "number", "number"),), real, synthetic, rng=rng).auc.value > 0.9
    True
    """
    matrices, is_category = tree_matrices(features, real, synthetic)
    X = np.vstack(matrices)
    origin = np.repeat([0, 1], [len(real), len(synthetic)])
    folds = min(_FOLDS, len(real), len(synthetic))
    splitter = StratifiedKFold(folds, shuffle=True, random_state=int(rng.integers(2**31)))
    probability, areas, lost = np.empty(len(X)), [], np.zeros(X.shape[1])
    for train, test in splitter.split(X, origin):
        tree = boosted_tree(is_category, len(train), rng).fit(X[train], origin[train])
        probability[test] = tree.predict_proba(X[test])[:, 1]
        areas.append(auc(*(probability[test[origin[test] == side]] for side in (0, 1))))
        if telling:
            some = rng.permutation(test)[: rows_a_column(X.shape[1], _TELLING_ROWS)]
            lost += _permuted(tree, X, origin, some, rng)
    error = np.sqrt(np.sum([area.error**2 for area in areas])) / folds
    return TwoSampleTest(
        Estimate(float(np.mean([area.value for area in areas])), float(error)),
        probability[len(real) :],
        np.maximum(lost / folds, 0.0),
    )


def boosted_tree(is_category, n_rows, rng, model=HistGradientBoostingClassifier):
    """Return an unfitted boosted tree, its leaves small enough for a table of so many rows."""
    return model(
        categorical_features=is_category if is_category.any() else None,
        max_leaf_nodes=15,
        min_samples_leaf=int(np.clip(n_rows // 25, 2, 20)),
        early_stopping=False,
        random_state=int(rng.integers(2**31)),
    )


def _permuted(tree, X, origin, rows, rng):
    """Return the area lost per column permuted, on rows the tree did not see."""
    part, labels = X[rows], origin[rows]

    def scores(matrix):
        return tree.predict_proba(matrix)[:, 1]

    def area(found):
        return auc(found[labels == 0], found[labels == 1]).value

    order = [rng.permutation(len(part))]
    whole = area(scores(part))
    return np.array([whole - area(found) for found in permuted_predictions(scores, part, order)])


def violations(features, real, other, unreadable=None):
    """Return which cells no row like the real ones could hold, as ``{what: mask}``.

    That is "out of range", "unknown category", "unexpected missing", "fraction in an integer" and
    "unreadable" (as told). A fresh real row exceeds the range of n
    others in a share of about ``2 d / n`` of the rows of a d-column table.

    Examples
    --------
    >>> from gan_augment.metrics.features import Feature
    >>> age = (Feature("age", "number", "integer"),)
    >>> found = violations(age, np.array([[18.0], [90.0]]), np.array([[17.0], [20.5]]))
    >>> [name for name, cells in found.items() if cells.any()]
    ['out of range', 'fraction in an integer']
    """
    none = np.zeros(other.shape, dtype=bool)
    unreadable = none if unreadable is None else unreadable
    found = {
        "out of range": none.copy(),
        "unknown category": none.copy(),
        "unexpected missing": np.isnan(other) & ~np.isnan(real).any(axis=0) & ~unreadable,
        "fraction in an integer": none.copy(),
        "unreadable": unreadable,
    }
    for j, feature in enumerate(features):
        seen, column = real[~np.isnan(real[:, j]), j], other[:, j]
        if not feature.is_number:
            found["unknown category"][:, j] = ~np.isnan(column) & ~np.isin(column, seen)
        elif len(seen):
            slack = 1e-9 * max(abs(seen.min()), abs(seen.max()))
            found["out of range"][:, j] = (column < seen.min() - slack) | (
                column > seen.max() + slack
            )
        if feature.stored == "integer":
            found["fraction in an integer"][:, j] = np.mod(np.nan_to_num(column), 1) != 0
    return found

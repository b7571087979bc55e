"""Diversity: is all there that the real table holds, or only its most common rows."""

import numpy as np
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import gen_batches

from gan_augment.metrics.uncertainty import Estimate, mean_estimate, mean_of

#: Neighbours that make the ball around a row, as in the paper.
NEIGHBOURS = 5

#: A category is rare up to this share of the real rows ...
RARE_SHARE = 0.05
#: ... and is asked for only where this many rows of it are expected.
EXPECTED_ROWS = 5

_CHUNK = 2**22  # cells of a distance matrix held at once
_TOUCH = 1e-6  # distances come from a matrix product: a copy is not exactly at 0


def prdc(real, synthetic, k=NEIGHBOURS):
    """Return precision, recall, density and coverage of synthetic points.

    With ``B(x)`` the ball around x that reaches its k-th neighbour in its own table: precision is
    the share of synthetic points in some ``B(real)``, recall the share of real points in some
    ``B(synthetic)``, density the mean over synthetic points of the number of ``B(real)`` they lie
    in, over k, and coverage the share of ``B(real)`` that hold a synthetic point (Kynkäänniemi et
    al. 2019, Naeem et al. 2020). The balls are closed, so that repeated rows cover themselves.
    Errors take rows as independent.

    Beside the four `Estimate` by name, it returns whether the ball of each real point is covered,
    and how far the nearest synthetic point is, in radii of its ball.

    Examples
    --------
    >>> real = np.arange(10.0)[:, None]
    >>> figures, _, _ = prdc(real, real[:5], k=1)
    >>> figures["precision"].value, figures["coverage"].value
    (1.0, 0.6)
    """
    k = min(k, len(real) - 1, len(synthetic) - 1)
    real_radius, synthetic_radius = (
        nearest_rows(points, points, k + 1)[0][:, k] for points in (real, synthetic)
    )
    inside = np.zeros(len(synthetic))  # real balls around each synthetic point
    recalled = np.zeros(len(real), dtype=bool)
    nearest = np.empty(len(real))
    step = max(1, _CHUNK // len(synthetic))
    for rows in gen_batches(len(real), step):
        far = distances(real[rows], synthetic)
        inside += (far <= real_radius[rows, None] + _TOUCH).sum(axis=0)
        recalled[rows] = (far <= synthetic_radius[None, :] + _TOUCH).any(axis=1)
        nearest[rows] = far.min(axis=1)
    covered = nearest <= real_radius + _TOUCH
    figures = {
        "precision": mean_estimate(inside > 0),
        "recall": mean_estimate(recalled),
        "density": mean_estimate(inside / k),
        "coverage": mean_estimate(covered),
    }
    return figures, covered, nearest / np.maximum(real_radius, _TOUCH)


def distances(a, b):
    """Return the Euclidean distances between the rows of two matrices, (n, m).

    Examples
    --------
    >>> distances(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]])).tolist()
    [[5.0]]
    """
    squared = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None, :] - 2 * (a @ b.T)
    return np.sqrt(np.maximum(squared, 0.0))


def nearest_rows(points, others, k):
    """Return distances and positions, (n, k), of the k nearest of `others`, the nearest first.

    Examples
    --------
    >>> nearest_rows(np.array([[0.0]]), np.array([[5.0], [1.0]]), 1)
    (array([[1.]]), array([[1]]))
    """
    k = min(k, len(others))
    return NearestNeighbors(n_neighbors=k, algorithm="brute").fit(others).kneighbors(points)


def rare_categories(features, real, other, expected_rows=EXPECTED_ROWS):
    """Return which rare categories of the real coded rows appear in other rows.

    That is the share of those found at least once, NaN where there are none, and a list of
    (column, code, real rows, other rows). Categories of which fewer than `expected_rows` are to be
    expected are not asked for. The error is that of luck alone: a sample of as many rows misses a
    category of share p with probability ``(1 - p) ** rows``.

    Examples
    --------
    >>> from gan_augment.metrics.features import Feature
    >>> real = np.repeat([0.0, 1.0], [195, 5])[:, None]
    >>> rare_categories((Feature("k", "category", "category"),), real, real * 0)[0].value
    0.0
    """
    rows = []
    for j, feature in enumerate(features):
        if feature.is_number:
            continue
        codes, counts = np.unique(real[~np.isnan(real[:, j]), j], return_counts=True)
        expected = counts / len(real) * len(other)
        rare = (counts <= RARE_SHARE * len(real)) & (expected >= expected_rows)
        for code, count in zip(codes[rare], counts[rare], strict=True):
            rows.append((j, code, int(count), int((other[:, j] == code).sum())))
    if not rows:
        return Estimate(np.nan, np.nan), rows
    missed = np.array([(1 - count / len(real)) ** len(other) for *_, count, _ in rows])
    error = np.sqrt((missed * (1 - missed)).sum()) / len(rows)
    return Estimate(float(np.mean([there > 0 for *_, there in rows])), float(error)), rows


def within_class_variance(real, other, real_class=None, other_class=None):
    """Return how alike the spread of points inside each class is, as ``{class: (Estimate, r)}``.

    The figure is ``min(r, 1 / r)``, with r the mean squared distance of other rows to the centre
    of their class over the same for real rows: below 1 where rows huddle together. Without classes
    all rows are one, None. A class of fewer than two rows on either side has NaN.

    Examples
    --------
    >>> real = np.array([[-2.0], [2.0]])
    >>> estimate, ratio = within_class_variance(real, real / 2)[None]
    >>> estimate.value, ratio
    (0.25, 0.25)
    """
    if real_class is None:
        real_class, other_class = np.zeros(len(real)), np.zeros(len(other))
        classes = {None: 0.0}
    else:
        classes = {code: code for code in np.unique(real_class[~np.isnan(real_class)])}
    found = {}
    for name, code in classes.items():
        sides = (
            _squared_to_centre(points[labels == code])
            for points, labels in ((real, real_class), (other, other_class))
        )
        found[name] = _ratio(*sides)
    return found


def spread_beside(points, labels):
    """Return `within_class_variance` of synthetic rows beside that of fresh ones.

    `points` and `labels` are those of real, synthetic and fresh rows. Returned are the means over
    classes, of synthetic and of fresh rows, and the same by class where both are known.
    """
    made, fresh = (
        within_class_variance(points[0], points[side], labels[0], labels[side]) for side in (1, 2)
    )
    known = [code for code in made if not np.isnan(made[code][0].value + fresh[code][0].value)]
    overall = [mean_of(found[code][0] for code in known) for found in (made, fresh)]
    return overall, {code: (made[code][0], fresh[code][0]) for code in known}


def _squared_to_centre(points):
    return ((points - points.mean(axis=0)) ** 2).sum(axis=1) if len(points) > 1 else np.empty(0)


def _ratio(real, other):
    if len(real) == 0 or len(other) == 0 or real.mean() == 0:
        return Estimate(np.nan, np.nan), np.nan
    ratio = other.mean() / real.mean()
    spread = [values.var(ddof=1) / len(values) / real.mean() ** 2 for values in (other, real)]
    error = np.sqrt(spread[0] + ratio**2 * spread[1])  # delta method for a quotient of means
    if ratio > 1:
        return Estimate(float(1 / ratio), float(error / ratio**2)), float(ratio)
    return Estimate(float(ratio), float(error)), float(ratio)

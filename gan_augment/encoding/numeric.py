"""Numbers of one column: the grid they lie on, and normal scores in their place.

A grid is what all values have in common: decimals of floats, steps of whole numbers. A score says
where a value ranks, as a draw of a standard normal would.
"""

import math

import numpy as np
from scipy.special import ndtri

from gan_augment.containers.untrusted import checked_array, require

#: Decimals beyond which floats are taken to have none.
FINEST_DECIMAL = 12
#: Knots of a scale; rows, and share of them, from which on a value owns an interval of ranks.
MAX_KNOTS, SPIKE_COUNT, SPIKE_SHARE = 20_000, 4, 0.0005
#: Scores so near to each other are those of one value, and numbers beyond it are scaled down.
SAME_SCORE, HUGE = 5e-7, 1e290


# The grid --------------------------------------------------------------------------------------


def distances_from(minimum, values):
    """Return how far whole numbers of 64 bits lie above their minimum, exactly, as uint64.

    Modulo 2**64 the unsigned difference is exact even where int64 overflows.
    """
    return values.astype(np.uint64) - np.uint64(minimum % 2**64)


def at_distances(minimum, distances):
    """Return the whole numbers so far above a minimum: the inverse of `distances_from`."""
    values = distances + np.uint64(minimum % 2**64)
    return values if minimum >= 0 else values.astype(np.int64)


def integer_step(values):
    """Return the greatest common divisor of the distances from the minimum, 1 where all are 0.

    Examples
    --------
    >>> integer_step(np.array([-(2**62), 2**62, 2**62 - 6]))
    2
    """
    return int(np.gcd.reduce(distances_from(values.min().item(), values))) or 1


def float_resolution(values, dtype):
    """Return the coarsest power of ten, at most 1, of which every value is a multiple.

    0.0 where there is none down to 1e-12, or where the precision of the dtype that the column
    stores them in ends before: 0.1 in float32 has one decimal too.

    Examples
    --------
    >>> float_resolution(np.array([0.5, 2.75]), np.dtype("float64"))
    0.01
    """
    stored = _stored(dtype)
    exact = _exact(stored)
    largest = np.abs(values).max()
    for decimals in range(FINEST_DECIMAL + 1):
        if largest * 10.0**decimals > exact:
            return 0.0  # beyond this every float is a multiple: it would say nothing
        # Most wrong guesses fail on the first few values.
        if all(_keeps(part, decimals, stored).all() for part in (values[:64], values)):
            return float(f"1e-{decimals}")
    return 0.0


def finest(values, dtype):
    """Return the place of a value that needs all decimals that the values need together.

    Beside the smallest and the largest value, it has the `float_resolution` of all of them.

    Examples
    --------
    >>> finest(np.array([0.5, 2.75, 4.0]), np.dtype("float64"))
    1
    """
    stored = _stored(dtype)
    decimals = decimals_of(float_resolution(values, dtype))
    if decimals is None:  # the last that a float of this size may have
        largest = max(float(np.abs(values).max()), 1e-300)
        most = math.floor(math.log10(_exact(stored) / largest))
        decimals = min(most, FINEST_DECIMAL) + 1
        while decimals > 0 and largest * 10.0 ** (decimals - 1) > _exact(stored):
            decimals -= 1
    if decimals <= 0:
        return 0
    return int(np.argmin(_keeps(values, decimals - 1, stored)))


def decimals_of(resolution):
    """Return the decimals that numbers of this resolution have, or None where it is 0.

    Examples
    --------
    >>> decimals_of(0.01), decimals_of(1.0), decimals_of(0.0)
    (2, 0, None)
    """
    return round(-math.log10(resolution)) if resolution else None


def comparable(values, resolution):
    """Return floats in which those a file would not tell apart are equal.

    They are rounded at the decimals of the resolution, or to the 24 binary digits of float32
    where it is 0.

    Examples
    --------
    >>> comparable(np.array([0.1 + 0.2]), 0.1).tolist()
    [0.3]
    """
    decimals = decimals_of(resolution)
    if decimals is not None:
        return values.round(decimals)
    digits, exponent = np.frexp(values)  # float32 itself would lose what is very large or small
    return np.ldexp(np.rint(digits * 2.0**24), exponent - 24)


def _stored(dtype):
    stored = np.dtype(getattr(dtype, "numpy_dtype", dtype))
    return stored if stored.kind == "f" else np.dtype(np.float64)


def _exact(stored):
    """Up to here a float of this type holds every whole number."""
    return 2.0 ** np.finfo(stored).nmant


def _keeps(values, decimals, stored):
    """Which values so many decimals are enough for."""
    return np.round(values, decimals).astype(stored) == values.astype(stored)


# Scores ----------------------------------------------------------------------------------------


class QuantileScale:
    """Monotone map between a sample's values and standard normal scores.

    `values_` and `scores_` are its knots: a non-decreasing, piecewise linear function. A value
    that holds a share of the sample owns the ranks from `spike_low_` to `spike_high_` and is two
    knots.

    Examples
    --------
    >>> scale = QuantileScale().fit(np.array([0.0] * 50 + list(range(1, 51))))
    >>> scores = scale.encode(np.array([0.0, 25.0]))
    >>> [round(float(v), 3) for v in scale.decode(scores)]
    [0.0, 25.0]
    """

    def fit(self, values):
        """Learn the map from a 1-D float64 array without missing values."""
        unique, counts = np.unique(values, return_counts=True)
        n = len(values)
        high = np.cumsum(counts) / n
        low = high - counts / n
        spike = counts >= max(SPIKE_COUNT, SPIKE_SHARE * n)
        self.spike_values_ = unique[spike]
        self.spike_low_ = low[spike]
        self.spike_high_ = high[spike]

        knot_values = np.concatenate([unique[~spike], np.repeat(unique[spike], 2)])
        ends = np.column_stack([low[spike], high[spike]]).ravel()
        ranks = np.concatenate([((low + high) / 2)[~spike], ends])
        order = np.lexsort((ranks, knot_values))
        keep = _thinned(knot_values[order], self.spike_values_)
        self.edge_ = 0.25 / n
        self.values_ = knot_values[order][keep]
        self.scores_ = self._score(ranks[order][keep])
        return self

    @classmethod
    def from_arrays(cls, arrays):
        """The map that a file describes, by the names of its attributes."""
        scale = cls()
        scale.values_ = checked_array(arrays, "values_", "float64", (None,))
        scale.scores_ = checked_array(arrays, "scores_", "float64", scale.values_.shape)
        rising = _rising(scale.values_) and _rising(scale.scores_)
        require(len(scale.values_) and rising, "rising knots of a scale")
        scale.spike_values_ = checked_array(arrays, "spike_values_", "float64", (None,))
        for name in ("spike_low_", "spike_high_"):
            shape = scale.spike_values_.shape
            setattr(scale, name, checked_array(arrays, name, "float64", shape, low=0, high=1))
        ordered = (scale.spike_low_ <= scale.spike_high_).all()
        require(ordered and _rising(scale.spike_values_), "rising spikes of a scale")
        scale.edge_ = checked_array(arrays, "edge_", "float64", (), low=1e-300, high=0.5)
        return scale

    def encode(self, values, rng=None):
        """Scores of ``values``; of a spike the middle, or a random place when given ``rng``."""
        scores = np.interp(values, self.values_, self.scores_)
        if len(self.spike_values_):
            at = np.searchsorted(self.spike_values_, values).clip(max=len(self.spike_values_) - 1)
            inside = self.spike_values_[at] == values
            share = 0.5 if rng is None else rng.random(int(inside.sum()))
            low, high = self.spike_low_[at[inside]], self.spike_high_[at[inside]]
            scores[inside] = self._score(low + (high - low) * share)
        return scores

    def decode(self, scores):
        """Values of ``scores``, never outside the values seen in ``fit``."""
        # numbers near the largest float are scaled down, lest a difference of two overflow
        down = 2.0**-40 if np.abs(self.values_[[0, -1]]).max() > HUGE else 1.0
        values = np.interp(scores, self.scores_, self.values_ * down) / down
        values = np.clip(values, self.values_[0], self.values_[-1])
        # a float32 score of a value seen comes back as exactly that value
        at = np.searchsorted(self.scores_, scores).clip(max=len(self.scores_) - 1)
        for near in (at, np.maximum(at - 1, 0)):
            same = np.abs(self.scores_[near] - scores) < SAME_SCORE
            values = np.where(same, self.values_[near], values)
        return values

    def edges(self, most):
        """Scores that part the sample into at most about so many intervals of equal shares.

        A value that holds half such a share is an interval by itself, and no edge lies within a
        value. The lowest and highest score come first and last.

        Examples
        --------
        >>> scale = QuantileScale().fit(np.array([0.0] * 60 + list(range(1, 41))))
        >>> scale.decode(scale.edges(5)).tolist()
        [0.0, 0.0, 20.5, 40.0]
        """
        low, high = self.spike_low_, self.spike_high_
        ranks = np.linspace(0, 1, most + 1)[1:-1]
        at = np.searchsorted(low, ranks, side="right") - 1
        inside = at >= 0
        inside[inside] = ranks[inside] < high[at[inside]]
        if inside.any():
            ends = np.column_stack([low[at[inside]], high[at[inside]]])
            nearer = np.abs(ends - ranks[inside, None]).argmin(1)
            ranks[inside] = ends[np.arange(len(ends)), nearer]
        common = high - low >= 0.5 / most
        ranks = np.unique(np.concatenate([ranks, low[common], high[common]]))
        ranks = ranks[np.diff(ranks, prepend=0) > self.edge_]
        return self._score(np.concatenate([[0], ranks[ranks < 1 - self.edge_], [1]]))

    def _score(self, ranks):
        return ndtri(np.clip(ranks, self.edge_, 1 - self.edge_))


def _thinned(values, spike_values):
    """Indices of about ``MAX_KNOTS`` knots at most, evenly spaced; spikes and both ends stay."""
    if len(values) <= MAX_KNOTS:
        return np.arange(len(values))
    even = np.linspace(0, len(values) - 1, MAX_KNOTS).round().astype(int)
    return np.union1d(even, np.flatnonzero(np.isin(values, spike_values)))


def _rising(values):
    # ranks of neighbouring knots may differ by a rounding error either way
    return bool((values[1:] >= values[:-1] - 1e-9).all())

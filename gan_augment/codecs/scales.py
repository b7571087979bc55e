"""One column of numbers as normal scores, and back.

A value is replaced by the normal quantile of its rank (van der Waerden scores), the encoding most
tabular diffusion models use (Kotelnikov et al. 2023, TabDDPM), instead of a mixture fitted per
column (Xu et al. 2019, CTGAN): one sort, one number a column, and marginals which are right as
soon as the generated scores are normal. A value that holds a visible share of the rows (in a
zero-inflated column, or one of few values) owns an interval of scores: any score inside decodes to
exactly that value.
"""

import numpy as np
from scipy.special import ndtr, ndtri

from gan_augment.untrusted import checked_array, require

MAX_KNOTS = 20_000
SPIKE_SHARE = 0.01
SPIKE_COUNT = 4
SAME_SCORE = 5e-7
HUGE = 1e290


class QuantileScale:
    """Monotone map between a sample's values and standard normal scores.

    Attributes
    ----------
    values_, scores_ : ndarray of shape (n_knots,)
        The map as a non-decreasing, piecewise linear function; a spike is two knots of one value.
    spike_values_, spike_low_, spike_high_ : ndarray of shape (n_spikes,)
        Values which own an interval of ranks, and that interval's ends (0 to 1).

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
        for name in ("values_", "scores_"):
            length = len(scale.values_) if name == "scores_" else None
            setattr(scale, name, checked_array(arrays, name, "float64", (length,)))
            rising = _rising(getattr(scale, name))
            require(len(scale.values_) and rising, "rising knots of a scale")
        n_spikes = None
        for name, most in (("spike_values_", None), ("spike_low_", 1), ("spike_high_", 1)):
            low = most and 0
            array = checked_array(arrays, name, "float64", (n_spikes,), low=low, high=most)
            setattr(scale, name, array)
            n_spikes = len(array)
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

    def _score(self, ranks):
        return ndtri(np.clip(ranks, self.edge_, 1 - self.edge_))


def normal_rank(scores):
    """Share of a standard normal below ``scores``."""
    return ndtr(scores)


def _thinned(values, spike_values):
    """Indices of about ``MAX_KNOTS`` knots at most, evenly spaced; spikes and both ends stay."""
    if len(values) <= MAX_KNOTS:
        return np.arange(len(values))
    even = np.linspace(0, len(values) - 1, MAX_KNOTS).round().astype(int)
    return np.union1d(even, np.flatnonzero(np.isin(values, spike_values)))


def _rising(values):
    # ranks of neighbouring knots may differ by a rounding error either way
    return bool((values[1:] >= values[:-1] - 1e-9).all())

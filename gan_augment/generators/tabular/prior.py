"""Where the generator starts: rows made from real rows, class by class, before any training.

Three ingredients, mixed row by row (measurements: ``docs/research.md``):

* **interpolate**: between a row and one of its nearest neighbours of the same class (Chawla et al.
  2002, SMOTE);
* **covariance**: the class mean plus Gaussian noise, whose Ledoit-Wolf shrunk covariance is pooled
  over the within-class residuals of *all* classes (the model behind linear discriminant analysis).
  Categories and missing cells take part as indicators, and the largest of a stretch wins: a
  multivariate probit, so that they agree with each other and with the numbers;
* **borrow**: a row of the class plus a scaled difference of two rows of *any one* class, so that
  variation seen in a large class serves a small one (Hariharan & Girshick 2017).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from sklearn.covariance import ledoit_wolf
from sklearn.utils import gen_batches

from gan_augment.containers.untrusted import checked_array, require
from gan_augment.encoding.rows import EncodedRows, Encoding
from gan_augment.generators.allocation import checked_groups, draw_members, members_of

N_NEIGHBORS = 5
NOISE_SCALE = 0.85
BORROW_SCALE = 0.6
PSEUDO_ROWS = 1.0
MAX_REFERENCE = 4000
MAX_PLACES = 1000
MAX_ROWS = 50_000
CHUNK = 1024
#: Numbers of an array that is worked on at a time.
PIECE_NUMBERS = 2**21


class StructuredPrior:
    """Draws encoded rows of a group (a class) from a third each of the three ingredients."""

    def __init__(self, encoding: Encoding):
        self.encoding = encoding
        #: Columns of codes whose categories take part in the covariance, narrow ones first.
        self.joint = _narrowest(encoding.levels, MAX_PLACES - encoding.n_numbers)

    def fit(self, rows: EncodedRows, groups: np.ndarray, rng) -> StructuredPrior:
        """Learn from encoded rows and the group of each, an array of codes 0, 1, ..."""
        if len(rows) > MAX_ROWS:
            some = rng.choice(len(rows), MAX_ROWS, replace=False)
            index = np.union1d(some, np.unique(groups, return_index=True)[1])
            rows, groups = rows.take(index), groups[index]
        self._remember(rows, groups)
        self.neighbors_ = self._neighbors(rng)
        self.means_, self.noise_root_ = self._pooled_covariance(rng)
        return self

    def arrays(self) -> dict[str, np.ndarray]:
        """What was learnt, as named arrays."""
        return {
            "numbers": self.rows_.numbers,
            "codes": self.rows_.codes,
            "groups": self.groups_,
            "neighbors": self.neighbors_,
            "means": self.means_,
            "noise_root": self.noise_root_,
        }

    @classmethod
    def from_arrays(cls, encoding: Encoding, arrays, n_groups: int) -> StructuredPrior:
        """The prior that :meth:`arrays` describes, of so many groups."""
        prior = cls(encoding)
        groups = checked_groups(arrays, n_groups)
        n, d, levels = len(groups), encoding.n_numbers, np.array(encoding.levels, dtype=np.int64)
        numbers = checked_array(arrays, "numbers", "float32", (n, d), gaps=True)
        kind = encoding.code_dtype.name
        codes = checked_array(arrays, "codes", kind, (n, len(levels)), low=0)
        optional = set(np.flatnonzero(np.isnan(numbers).any(0)).tolist())
        require(optional <= set(encoding.optional), "gaps where values may be missing only")
        require((codes < levels).all(), "codes of categories there are")
        prior._remember(EncodedRows(numbers, codes), groups)
        shape = (n, N_NEIGHBORS)
        prior.neighbors_ = checked_array(arrays, "neighbors", "int64", shape, low=0, high=n - 1)
        width = d + len(encoding.optional) + int(levels[prior.joint].sum())
        prior.means_ = checked_array(arrays, "means", "float64", (n_groups, width))
        prior.noise_root_ = checked_array(arrays, "noise_root", "float64", (width, width))
        return prior

    def _remember(self, rows, groups):
        self.rows_, self.groups_, self.members_ = rows, groups, members_of(groups)

    # --- what is learnt ------------------------------------------------------------------------

    def _pooled_covariance(self, rng):
        """Class means of scores and indicators, and a root of their pooled covariance."""
        numbers, sizes = self.rows_.numbers, np.array([len(m) for m in self.members_])
        means = np.stack([_mean_of_present(numbers[m]) for m in self.members_])
        shares = np.stack([self._shares(self.rows_.take(m)) for m in self.members_])
        own = np.hstack([means, shares])
        # a thin class borrows from all rows, lest what it never showed be impossible in it
        weight = sizes[:, None] / (sizes[:, None] + PSEUDO_ROWS)
        shares = weight * shares + (1 - weight) * self._shares(self.rows_)
        means = np.hstack([means, shares])
        width = means.shape[1]
        used = np.flatnonzero(sizes[self.groups_] > 1)
        if not len(used) or not width:
            return means, np.zeros((width, width))
        # residuals around an estimated mean are too small by the degrees of freedom it used up
        free = max(len(used) - int((sizes > 1).sum()), 1) / len(used)
        if len(used) > MAX_REFERENCE and width > MAX_PLACES // 4:
            used = used[rng.choice(len(used), MAX_REFERENCE, replace=False)]
        residuals = self._residuals(used, own)
        spread = residuals.std(0) + 1e-9
        residuals /= spread
        covariance, _ = ledoit_wolf(residuals, assume_centered=True)
        values, vectors = np.linalg.eigh(covariance / free)
        return means, spread[:, None] * vectors * np.sqrt(np.maximum(values, 0))

    def _residuals(self, used, means):
        """Scores and indicators of some rows, less the means of their groups."""
        rows, d = self.rows_.take(used), self.encoding.n_numbers
        residuals = -means[self.groups_[used]]
        residuals[:, :d] += rows.numbers
        residuals[:, :d][np.isnan(rows.numbers)] = 0.0
        stop = d + len(self.encoding.optional)
        residuals[:, d:stop] += np.isnan(rows.numbers[:, self.encoding.optional])
        for j in self.joint:
            start, stop = stop, stop + self.encoding.levels[j]
            residuals[np.arange(len(used)), start + rows.codes[:, j].astype(np.int64)] += 1
        return residuals

    def _shares(self, rows):
        """Shares of the rows in which each optional number is missing, and of each category."""
        parts = [np.isnan(rows.numbers[:, self.encoding.optional]).mean(0)]
        for j in self.joint:
            counts = np.bincount(rows.codes[:, j], minlength=self.encoding.levels[j])
            parts.append(counts / len(rows))
        return np.concatenate(parts)

    def _neighbors(self, rng):
        """Same-class neighbours, (n, k) row numbers; a row alone in its class has itself."""
        found = np.repeat(np.arange(len(self.rows_))[:, None], N_NEIGHBORS, axis=1)
        for members in self.members_:
            k = min(N_NEIGHBORS, len(members) - 1)
            if k < 1:
                continue
            reference = members
            if len(members) > MAX_REFERENCE:
                reference = np.sort(rng.choice(members, MAX_REFERENCE, replace=False))
            near = reference[self._nearest(members, reference, k)]
            found[members] = near[:, np.arange(N_NEIGHBORS) % k]
        return found

    def _nearest(self, members, reference, k):
        """Places in ``reference`` of each member's ``k`` nearest rows other than itself.

        Both are sorted row numbers.
        """
        space = _Space(self.rows_.take(reference), self.encoding.levels)
        found = np.empty((len(members), k), dtype=int)
        for start in range(0, len(members), CHUNK):
            some = members[start : start + CHUNK]
            distance = space.distances(self.rows_.take(some))
            own = np.searchsorted(reference, some).clip(max=len(reference) - 1)
            there = np.flatnonzero(reference[own] == some)
            distance[there, own[there]] = np.inf
            # a few rows at a time: the positions take twice the memory of the distances
            for i in range(0, len(distance), 64):
                near = np.argpartition(distance[i : i + 64], k - 1, axis=1)[:, :k]
                found[start + i : start + i + 64] = near
        return found

    # --- what is drawn -------------------------------------------------------------------------

    def sample(self, groups: np.ndarray, rng, weights=(1, 1, 1)) -> EncodedRows:
        """One row for each group code in ``groups``.

        ``weights`` are the shares of interpolated, drawn and borrowed rows.
        """
        start = draw_members(self.members_, groups, rng)
        kind = np.searchsorted(np.cumsum(weights) / np.sum(weights), rng.random(len(groups)))
        alone = np.array([len(members) == 1 for members in self.members_])
        kind[(kind == 0) & alone[groups]] = 2  # without a neighbour it would be a copy
        rows = self.encoding.empty(len(groups))
        for i, draw in enumerate((self._interpolate, self._covariance, self._borrow)):
            at = np.flatnonzero(kind == i)
            if len(at):
                rows.put(at, draw(start[at], rng))
        return rows

    def real(self, groups: np.ndarray, rng) -> EncodedRows:
        """One real row for each group code in ``groups``."""
        return self.rows_.take(draw_members(self.members_, groups, rng))

    def _interpolate(self, start, rng):
        """Rows between starting rows, given by their positions, and neighbours of these."""
        n, anchors = len(start), self.rows_.take(start)
        partner = self.rows_.take(self.neighbors_[start, rng.integers(N_NEIGHBORS, size=n)])
        u = rng.random((n, 1))
        numbers = anchors.numbers.astype(np.float64)
        numbers += u * (partner.numbers - numbers)
        other = rng.random(numbers.shape) < u
        whole = np.where(other, partner.numbers, anchors.numbers)
        numbers = np.where(np.isnan(numbers), whole, numbers)
        swap = rng.random(anchors.codes.shape) < u
        return EncodedRows(numbers, np.where(swap, partner.codes, anchors.codes))

    def _covariance(self, start, rng):
        """Class means plus noise; categories too wide to take part are those of starting rows."""
        rows = EncodedRows(self.encoding.empty(len(start)).numbers, self.rows_.take(start).codes)
        size = max(1, PIECE_NUMBERS // max(len(self.noise_root_), 1))
        for part in gen_batches(len(start), size):
            self._draw_into(rows.take(part), self.groups_[start[part]], rng)
        return rows

    def _draw_into(self, rows, groups, rng):
        d, optional = self.encoding.n_numbers, self.encoding.optional
        noise = rng.standard_normal((len(groups), len(self.noise_root_))) @ self.noise_root_.T
        rows.numbers[:] = self.means_[groups, :d] + NOISE_SCALE * noise[:, :d]
        drawn = self.means_[groups, d:] + noise[:, d:]
        for place, i in enumerate(optional):
            rows.numbers[drawn[:, place] > 0.5, i] = np.nan
        stop = len(optional)
        for j in self.joint:
            start, stop = stop, stop + self.encoding.levels[j]
            rows.codes[:, j] = drawn[:, start:stop].argmax(1)

    def _borrow(self, start, rng):
        """Starting rows plus a scaled difference of two rows of any one class."""
        n, anchors = len(start), self.rows_.take(start)
        share = np.array([len(m) if len(m) > 1 else 0 for m in self.members_], dtype=float)
        if not share.sum():
            return anchors
        lender = rng.choice(len(share), size=n, p=share / share.sum())
        first, second = np.empty(n, dtype=int), np.empty(n, dtype=int)
        for group, members in enumerate(self.members_):
            at = np.flatnonzero(lender == group)
            if len(at):
                i = rng.integers(len(members), size=len(at))
                j = (i + rng.integers(1, len(members), size=len(at))) % len(members)
                first[at], second[at] = members[i], members[j]
        u = BORROW_SCALE * rng.random((n, 1))
        difference = self.rows_.numbers[second].astype(np.float64) - self.rows_.numbers[first]
        numbers = anchors.numbers + u * np.nan_to_num(difference, nan=0.0)
        there, here = self.rows_.codes[second], self.rows_.codes[first]
        swap = (there != here) & (rng.random(there.shape) < u)
        return EncodedRows(numbers, np.where(swap, there, anchors.codes))


class _Space:
    """Distances to some rows: a differing category counts as much as two normal draws.

    Missing numbers count as zero. Categories are indicators, of which a product is the number of
    categories that agree; where columns have many categories, the indicators are sparse.
    """

    def __init__(self, reference, levels):
        self.starts = np.cumsum([0, *levels])
        self.wide = self.starts[-1] > MAX_PLACES
        self.numbers, self.indicators = self._parts(reference)
        self.norms = (self.numbers**2).sum(1)
        if self.wide:
            self.norms += len(levels)

    def distances(self, rows):
        """Squared distances of rows to each of the reference, less the rows' own norms."""
        numbers, indicators = self._parts(rows)
        distance = 2 * numbers @ self.numbers.T
        if self.wide:
            distance += 2 * (indicators @ self.indicators.T).toarray()
        return np.subtract(self.norms, distance, out=distance)

    def _parts(self, rows):
        n, q = rows.codes.shape
        numbers = np.nan_to_num(rows.numbers, nan=0.0)
        places = rows.codes + self.starts[:-1]
        if self.wide:
            ones = np.ones(n * q, dtype=np.float32)
            ends = np.arange(0, n * q + 1, q)
            shape = (n, self.starts[-1])
            return numbers, sparse.csr_array((ones, places.ravel(), ends), shape=shape)
        indicators = np.zeros((n, self.starts[-1]), dtype=np.float32)
        indicators[np.arange(n)[:, None], places] = 1
        return np.hstack([numbers, indicators]), None


def _mean_of_present(numbers):
    """Mean of each column over what is not missing, 0 where all is."""
    total = np.nansum(numbers, 0, dtype=np.float64)
    return total / np.maximum((~np.isnan(numbers)).sum(0), 1)


def _narrowest(levels, places):
    """Columns of codes whose categories fit into so many places, the narrowest first."""
    order = sorted(range(len(levels)), key=levels.__getitem__)
    ends = np.cumsum([levels[j] for j in order])
    return sorted(order[: int(np.searchsorted(ends, places, side="right"))])

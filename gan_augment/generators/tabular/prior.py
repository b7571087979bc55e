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

Rows come as the codec's matrix and are worked on as a pair: ``numbers`` (n, d) with NaN where a
value is missing, and ``codes`` (n, q), the category of each one-hot stretch.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.covariance import ledoit_wolf

from gan_augment.containers.untrusted import checked_array, require
from gan_augment.generators.allocation import checked_groups, draw_members, members_of

N_NEIGHBORS = 5
NOISE_SCALE = 0.85
BORROW_SCALE = 0.6
PSEUDO_ROWS = 1.0
MAX_REFERENCE = 4000
MAX_PLACES = 1000
MAX_ROWS = 50_000


@dataclass(frozen=True)
class Rows:
    """Numbers and category codes of the same rows."""

    numbers: np.ndarray
    codes: np.ndarray

    def __len__(self):
        return len(self.numbers)

    def take(self, index):
        return Rows(self.numbers[index], self.codes[index])

    def where(self, condition, other):
        """These rows where ``condition`` holds, else those of ``other``."""
        pick = condition[:, None]
        numbers = np.where(pick, self.numbers, other.numbers)
        return Rows(numbers, np.where(pick, self.codes, other.codes))


class RowView:
    """A codec's matrix as :class:`Rows`, and back.

    A gate (present or missing) becomes NaN in the number it belongs to.
    """

    def __init__(self, blocks):
        self.blocks = blocks
        self.scores = [b.start for b in blocks if b.activation == "score"]
        self.stretches = [b for b in blocks if b.activation == "softmax"]
        self.joint = _narrowest(self.stretches, MAX_PLACES - len(self.scores))
        self.gates = {
            self.scores.index(blocks[i - 1].start): b
            for i, b in enumerate(blocks)
            if b.activation == "gate"
        }

    def split(self, matrix):
        """Rows of a matrix of shape (n, width)."""
        numbers = matrix[:, self.scores].astype(np.float64)
        for i, gate in self.gates.items():
            numbers[matrix[:, gate.start] < 0.5, i] = np.nan
        codes = np.empty((len(matrix), len(self.stretches)), dtype=np.int64)
        for j, block in enumerate(self.stretches):
            codes[:, j] = matrix[:, block.start : block.stop].argmax(1)
        return Rows(numbers, codes)

    def join(self, rows):
        """The float32 matrix of ``rows``."""
        n, width = len(rows), self.blocks[-1].stop if self.blocks else 0
        matrix = np.zeros((n, width), dtype=np.float32)
        missing = np.isnan(rows.numbers)
        matrix[:, self.scores] = np.where(missing, 0.0, rows.numbers)
        for i, gate in self.gates.items():
            matrix[:, gate.start] = ~missing[:, i]
            matrix[:, gate.start + 1] = missing[:, i]
        for j, block in enumerate(self.stretches):
            matrix[np.arange(n), block.start + rows.codes[:, j]] = 1
        return matrix


def _narrowest(stretches, places):
    """Numbers of the stretches that fit into so many places, the narrowest first."""
    order = sorted(range(len(stretches)), key=lambda j: stretches[j].stop - stretches[j].start)
    ends = np.cumsum([stretches[j].stop - stretches[j].start for j in order])
    return sorted(order[: int(np.searchsorted(ends, places, side="right"))])


class StructuredPrior:
    """Draws rows of a group (a class) from a third each of the three ingredients.

    Parameters
    ----------
    blocks : sequence of Block
        Layout of the matrix.
    """

    def __init__(self, blocks):
        self.view = RowView(blocks)

    def fit(self, matrix, groups, rng):
        """Learn from encoded rows and the group of each, an array of codes 0, 1, ..."""
        if len(matrix) > MAX_ROWS:
            some = rng.choice(len(matrix), MAX_ROWS, replace=False)
            index = np.union1d(some, np.unique(groups, return_index=True)[1])
            matrix, groups = matrix[index], groups[index]
        self.groups_ = groups
        self._remember(self.view.split(matrix))
        del matrix  # a part of the caller's, where that has many rows
        self.neighbors_ = self._neighbors(rng)
        self.means_, self.noise_root_ = self._pooled_covariance(rng)
        return self

    def arrays(self):
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
    def from_arrays(cls, blocks, arrays, n_groups):
        """The prior that :meth:`arrays` describes, of so many groups.

        Raises
        ------
        InputError
            If the arrays do not fit the blocks or each other.
        """
        prior = cls(blocks)
        view = prior.view
        prior.groups_ = checked_groups(arrays, n_groups)
        n = len(prior.groups_)
        shape = (n, len(view.scores))
        numbers = checked_array(arrays, "numbers", "float64", shape, gaps=True)
        codes = checked_array(arrays, "codes", "int64", (n, len(view.stretches)), low=0)
        gated = set(np.flatnonzero(np.isnan(numbers).any(0)).tolist())
        require(gated <= set(view.gates), "gaps in columns that have missing values only")
        widths = np.array([b.stop - b.start for b in view.stretches], dtype=np.int64)
        require((codes < widths).all(), "codes of categories there are")
        prior._remember(Rows(numbers, codes))
        shape = (n, N_NEIGHBORS)
        prior.neighbors_ = checked_array(arrays, "neighbors", "int64", shape, low=0, high=n - 1)
        width = len(view.scores) + len(view.gates) + int(widths[view.joint].sum())
        prior.means_ = checked_array(arrays, "means", "float64", (n_groups, width))
        prior.noise_root_ = checked_array(arrays, "noise_root", "float64", (width, width))
        return prior

    def _remember(self, rows):
        self.rows_ = rows
        self.members_ = members_of(self.groups_)

    def _pooled_covariance(self, rng):
        """Class means of scores and indicators, and a root of their pooled covariance."""
        numbers, indicators = self.rows_.numbers, self._indicators()
        sizes = np.array([len(m) for m in self.members_])
        seen = ~np.isnan(numbers)
        means = np.stack(
            [np.nansum(numbers[m], 0) / np.maximum(seen[m].sum(0), 1) for m in self.members_]
        )
        shares = np.stack([indicators[m].mean(0) for m in self.members_])
        d = numbers.shape[1]
        residuals = np.hstack([means, shares])[self.groups_]
        np.subtract(numbers, residuals[:, :d], out=residuals[:, :d])
        residuals[:, :d][~seen] = 0.0
        np.subtract(indicators, residuals[:, d:], out=residuals[:, d:])
        if (sizes == 1).any():
            residuals = residuals[sizes[self.groups_] > 1]
        # a thin class borrows from all rows, lest what it never showed be impossible in it
        weight = sizes[:, None] / (sizes[:, None] + PSEUDO_ROWS)
        shares = weight * shares + (1 - weight) * indicators.mean(0)
        means = np.hstack([means, shares])
        width = means.shape[1]
        if not len(residuals) or not width:
            return means, np.zeros((width, width))
        # residuals around an estimated mean are too small by the degrees of freedom it used up
        free = max(len(residuals) - int((sizes > 1).sum()), 1) / len(residuals)
        if len(residuals) > MAX_REFERENCE and width > MAX_PLACES // 4:
            residuals = residuals[rng.choice(len(residuals), MAX_REFERENCE, replace=False)]
        spread = residuals.std(0) + 1e-9
        residuals /= spread
        covariance, _ = ledoit_wolf(residuals, assume_centered=True)
        values, vectors = np.linalg.eigh(covariance / free)
        return means, spread[:, None] * vectors * np.sqrt(np.maximum(values, 0))

    def _indicators(self):
        """Missing or not of each number with a gate, and categories, as columns of 0 and 1."""
        parts = [np.isnan(self.rows_.numbers[:, [i]]) for i in self.view.gates]
        for j in self.view.joint:
            block = self.view.stretches[j]
            parts.append(np.eye(block.stop - block.start)[self.rows_.codes[:, j]])
        return np.hstack([np.zeros((len(self.rows_), 0)), *parts])

    def _neighbors(self, rng):
        """Same-class neighbours, (n, k) row numbers; a row alone in its class is its own."""
        space = self._space()
        found = np.repeat(np.arange(len(space))[:, None], N_NEIGHBORS, axis=1)
        for members in self.members_:
            k = min(N_NEIGHBORS, len(members) - 1)
            if k < 1:
                continue
            reference = members
            if len(members) > MAX_REFERENCE:
                reference = np.sort(rng.choice(members, MAX_REFERENCE, replace=False))
            near = reference[_nearest(space[members], space[reference], members, reference, k)]
            found[members] = near[:, np.arange(N_NEIGHBORS) % k]
        return found

    def _space(self):
        """Coordinates for distances: a differing category counts as much as two normal draws."""
        numbers, codes = self.rows_.numbers, self.rows_.codes
        parts = [np.where(np.isnan(numbers), 0.0, numbers).astype(np.float32)]
        parts += [np.eye(int(column.max()) + 1, dtype=np.float32)[column] for column in codes.T]
        return np.concatenate(parts, axis=1)

    def sample(self, groups, rng, weights=(1, 1, 1)):
        """One encoded row for each group code in ``groups``, float32 of shape (n, width).

        ``weights`` are the shares of interpolated, drawn and borrowed rows.
        """
        start = draw_members(self.members_, groups, rng)
        anchors = self.rows_.take(start)
        kind = np.searchsorted(np.cumsum(weights) / np.sum(weights), rng.random(len(groups)))
        alone = np.array([len(members) == 1 for members in self.members_])
        kind[(kind == 0) & alone[groups]] = 2  # without a neighbour it would be a copy
        interpolated = self._interpolate(start, anchors, rng)
        drawn = self._covariance(groups, anchors, rng)
        rows = interpolated.where(kind == 0, drawn.where(kind == 1, self._borrow(anchors, rng)))
        return self.view.join(rows)

    def real(self, groups, rng):
        """One encoded real row for each group code in ``groups``."""
        return self.view.join(self.rows_.take(draw_members(self.members_, groups, rng)))

    def _interpolate(self, start, anchors, rng):
        n = len(start)
        partner = self.rows_.take(self.neighbors_[start, rng.integers(N_NEIGHBORS, size=n)])
        u = rng.random((n, 1))
        numbers = anchors.numbers + u * (partner.numbers - anchors.numbers)
        other = rng.random(anchors.numbers.shape) < u
        whole = np.where(other, partner.numbers, anchors.numbers)
        numbers = np.where(np.isnan(numbers), whole, numbers)
        swap = rng.random(anchors.codes.shape) < u
        return Rows(numbers, np.where(swap, partner.codes, anchors.codes))

    def _covariance(self, groups, anchors, rng):
        d, codes = anchors.numbers.shape[1], anchors.codes.copy()
        noise = rng.standard_normal((len(groups), len(self.noise_root_))) @ self.noise_root_.T
        numbers = self.means_[groups, :d] + NOISE_SCALE * noise[:, :d]
        drawn = self.means_[groups, d:] + noise[:, d:]
        for place, i in enumerate(self.view.gates):
            numbers[drawn[:, place] > 0.5, i] = np.nan
        start = len(self.view.gates)
        for j in self.view.joint:
            block = self.view.stretches[j]
            stop = start + block.stop - block.start
            codes[:, j] = drawn[:, start:stop].argmax(1)
            start = stop
        return Rows(numbers, codes)

    def _borrow(self, anchors, rng):
        n = len(anchors)
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
        difference = self.rows_.numbers[second] - self.rows_.numbers[first]
        numbers = anchors.numbers + u * np.nan_to_num(difference, nan=0.0)
        there, here = self.rows_.codes[second], self.rows_.codes[first]
        swap = (there != here) & (rng.random(there.shape) < u)
        return Rows(numbers, np.where(swap, there, anchors.codes))


def _nearest(queries, reference, query_ids, reference_ids, k, chunk=1024):
    """Positions in ``reference`` of each query's ``k`` nearest rows other than itself.

    Both kinds of ids are sorted.
    """
    found = np.empty((len(queries), k), dtype=int)
    norms = (reference**2).sum(1)
    for start in range(0, len(queries), chunk):
        stop = start + chunk
        distance = 2 * queries[start:stop] @ reference.T
        np.subtract(norms, distance, out=distance)
        own = np.searchsorted(reference_ids, query_ids[start:stop]).clip(max=len(reference) - 1)
        there = np.flatnonzero(reference_ids[own] == query_ids[start:stop])
        distance[there, own[there]] = np.inf
        # a few rows at a time: the positions take twice the room of the distances
        for i in range(0, len(distance), 64):
            near = np.argpartition(distance[i : i + 64], k - 1, axis=1)[:, :k]
            found[start + i : start + i + 64] = near
    return found

"""How many rows each group gets, at once or a chunk at a time, and real rows drawn of each."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gan_augment.containers.untrusted import checked_array, require

#: numpy draws without replacement from fewer rows than this.
LARGEST_POPULATION = 10**9


def largest_remainder(total: int, weights: ArrayLike) -> np.ndarray:
    """Share `total` whole rows in proportion to `weights`, losing none.

    Each entry is its exact share rounded down or up. A tie goes to the smaller weight, then to the
    earlier entry.

    Examples
    --------
    >>> largest_remainder(5, [3, 1]).tolist()
    [4, 1]
    """
    weights = np.asarray(weights, dtype=np.float64)
    exact = total * weights / weights.sum()
    shares = np.floor(exact).astype(np.int64)
    # Rounded, so that a tie in exact arithmetic is a tie here too.
    order = np.lexsort((weights, -np.round(exact - shares, 9)))
    shares[order[: total - int(shares.sum())]] += 1
    return shares


def counts_of_chunk(left: np.ndarray, size: int, rng: np.random.Generator | None) -> np.ndarray:
    """Return how many of the next rows belong to each group, drawn from those still to come.

    They are drawn without replacement: each chunk is a random part of the whole, and all chunks
    together are the whole. The last chunk is what is left, and needs no `rng`.

    Examples
    --------
    >>> left = np.array([5, 3])
    >>> first = counts_of_chunk(left, 4, np.random.default_rng(0))
    >>> int(first.sum()), (first + counts_of_chunk(left - first, 4, None)).tolist()
    (4, [5, 3])
    """
    total = int(left.sum())
    if size == total:
        return left.copy()
    if total >= LARGEST_POPULATION:
        return largest_remainder(size, left)
    return rng.multivariate_hypergeometric(left, size, method="marginals")


def members_of(groups: np.ndarray) -> list[np.ndarray]:
    """Return the positions of the members of each group, for codes 0, 1, ...

    Examples
    --------
    >>> [members.tolist() for members in members_of(np.array([1, 0, 1]))]
    [[1], [0, 2]]
    """
    return [np.flatnonzero(groups == g) for g in range(int(groups.max()) + 1)]


def draw_members(
    members: list[np.ndarray], groups: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return for each group asked for the position of one of its members, at random.

    Members, as `members_of` returns them, are dealt out evenly: none is drawn twice before all
    were drawn once.

    Examples
    --------
    >>> members = members_of(np.array([0, 0, 1]))
    >>> sorted(draw_members(members, np.array([0, 0, 1]), np.random.default_rng(0)).tolist())
    [0, 1, 2]
    """
    picked = np.empty(len(groups), dtype=np.int64)
    for group in np.unique(groups):
        at = np.flatnonzero(groups == group)
        rounds = -(-len(at) // len(members[group]))
        dealt = np.concatenate([rng.permutation(members[group]) for _ in range(rounds)])
        picked[at] = dealt[: len(at)]
    return picked


def checked_groups(arrays: dict[str, np.ndarray], n_groups: int) -> np.ndarray:
    """Return the array "groups" of a file, or refuse one in which a group has no member.

    Examples
    --------
    >>> checked_groups({"groups": np.array([1, 0, 1])}, 2).tolist()
    [1, 0, 1]
    """
    groups = checked_array(arrays, "groups", "int64", (None,), low=0, high=n_groups - 1)
    require((np.bincount(groups, minlength=n_groups) > 0).all(), "a member of each group")
    return groups

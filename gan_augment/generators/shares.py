"""Whole rows shared among groups, at once or a chunk at a time, none of them lost."""

import numpy as np

#: numpy draws from urns of fewer rows than this.
LARGEST_URN = 10**9


def largest_remainder(total, weights):
    """Share `total` whole rows in proportion to `weights`, losing none.

    Parameters
    ----------
    total : int
        Rows to share.
    weights : array-like of shape (k,)
        Non-negative, with a positive sum.

    Returns
    -------
    ndarray of int64 of shape (k,)
        Sums to `total`; each entry is its exact share rounded down or up. A tie goes to the
        smaller weight, then to the earlier entry.

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


def counts_of_chunk(left, size, rng):
    """Return how many of the next rows belong to each group, drawn from those still to come.

    The rows still to come are an urn of which `size` are taken without putting any back: each
    chunk is a random part of the whole, and all chunks together are the whole.

    Parameters
    ----------
    left : ndarray of int64 of shape (k,)
        Rows still to come of each group.
    size : int
        Rows of the chunk, at most ``left.sum()``.
    rng : numpy.random.Generator
        Not used for the last chunk, which is what is left.

    Returns
    -------
    ndarray of int64 of shape (k,)
        Sums to `size`; no entry is above that of `left`.

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
    if total >= LARGEST_URN:
        return largest_remainder(size, left)
    return rng.multivariate_hypergeometric(left, size, method="marginals")

"""Distances between two sets of points in a feature space: FID and KID.

Both take points whose unit is the spread of the real images, see `common_space`: so 1 is what
the average real image would score in place of every synthetic one for FID, and that figure for
KID is its scale.
"""

from typing import NamedTuple

import numpy as np

from gan_augment.evaluate.intervals import Estimate, jackknife_beside, mean_of_independent

_GROUPS = 10


class Beside(NamedTuple):
    """A figure, its reference, and the largest difference that matters.

    Parameters
    ----------
    value, reference : Estimate
    scale : float
    """

    value: Estimate
    reference: Estimate
    scale: float


def fid(real, other):
    """Return the Fréchet distance of two sets of points, as if both were normal.

    ``|m_1 - m_2|^2 + tr(C_1 + C_2 - 2 (C_1 C_2)^(1/2))``, with m and C the means and
    covariances.

    Parameters
    ----------
    real, other : ndarray of shape (n, d) and (m, d)

    Returns
    -------
    float
        0 for equal means and covariances.

    Notes
    -----
    Misleads: it is above 0 for two samples of one distribution, the more the fewer points, so
    compare it with its reference; it sees nothing beyond means and covariances.

    References
    ----------
    M. Heusel et al. (2017), GANs trained by a two time-scale update rule converge to a local
    Nash equilibrium, equation 6; the features there are those of a large network that has to be
    downloaded, so its figures are not to be compared with these.

    Examples
    --------
    >>> points = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
    >>> round(fid(points, points), 6), round(fid(points, points + 1), 6)
    (0.0, 2.0)
    """
    gap = real.mean(axis=0) - other.mean(axis=0)
    ours, theirs = (np.atleast_2d(np.cov(side, rowvar=False)) for side in (real, other))
    values, axes = np.linalg.eigh(ours)
    root = axes * np.sqrt(np.maximum(values, 0.0)) @ axes.T
    product = np.linalg.eigvalsh(root @ theirs @ root)
    shared = np.sqrt(np.maximum(product, 0.0)).sum()
    return float(max(0.0, gap @ gap + np.trace(ours) + np.trace(theirs) - 2 * shared))


def fid_beside(real, other, fresh):
    """Return FID beside its reference, with errors of a jackknife.

    Parameters
    ----------
    real, other, fresh : ndarray of shape (n, d)

    Returns
    -------
    Beside
    """
    (error,), (added,) = jackknife_beside(lambda *two: np.array([fid(*two)]), real, other, fresh)
    value, reference = fid(real, other), fid(real, fresh)
    return Beside(Estimate(value, float(error)), Estimate(reference, float(added)), 1.0)


def kid(real, other):
    """Return the unbiased squared maximum mean discrepancy with a polynomial kernel.

    With ``k(x, y) = (x y + 1)^3``: the mean of k over pairs of different real points, plus that
    over pairs of other points, minus twice that over pairs of one of each.

    Parameters
    ----------
    real, other : ndarray of shape (n, d) and (m, d)

    Returns
    -------
    float
        Around 0 for two samples of one distribution, and as often below.

    Notes
    -----
    Misleads: it is not a distance in percent of anything; compare it with its scale. It sees
    what moves the first three moments of the features.

    References
    ----------
    M. Bińkowski et al. (2018), Demystifying MMD GANs, section 4, equation 4.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> one, same, other = rng.normal(size=(3, 500, 2)) / 2**0.5
    >>> abs(kid(one, same)) < 0.02, kid(one, other + 1) > 1
    (True, True)
    """
    return _kid(*(_Sums(a, b) for a, b in ((real, real), (other, other), (real, other))))


class _Sums:
    """Sums of the kernel over pairs, by the tenths that their points are in."""

    def __init__(self, a, b):
        kernel = (a @ b.T + 1.0) ** 3
        self.same = a is b
        if self.same:
            np.fill_diagonal(kernel, 0.0)
        tenths = [np.arange(len(side)) % _GROUPS for side in (a, b)]
        members = [np.eye(_GROUPS)[part] for part in tenths]
        self.sums = members[0].T @ kernel @ members[1]
        self.sizes = [side.sum(axis=0) for side in members]

    def mean(self, without=None):
        kept = np.arange(_GROUPS) != without
        n, m = (size[kept].sum() for size in self.sizes)
        return self.sums[np.ix_(kept, kept)].sum() / (n * (n - 1) if self.same else n * m)


def _kid(real, other, both, without=None):
    return float(real.mean(without) + other.mean(without) - 2 * both.mean(without))


def kid_beside(real, other, fresh):
    """Return KID beside its reference, with errors of a jackknife over tenths.

    Parameters
    ----------
    real, other, fresh : ndarray of shape (n, d)

    Returns
    -------
    Beside
        Its scale is the KID of the mean of the real points in place of every other one.
    """
    ours = _Sums(real, real)
    made, beside = ((_Sums(side, side), _Sums(real, side)) for side in (other, fresh))
    left = np.array(
        [[_kid(ours, *side, without=g) for side in (made, beside)] for g in range(_GROUPS)]
    )
    columns = left[:, 0], left[:, 0] - left[:, 1]
    error, gap = (np.sqrt((_GROUPS - 1) / _GROUPS * ((c - c.mean()) ** 2).sum()) for c in columns)
    value, reference = _kid(ours, *made), _kid(ours, *beside)
    centre = real.mean(axis=0)
    to_centre = ((real @ centre + 1) ** 3).mean()
    scale = ours.mean() + (centre @ centre + 1) ** 3 - 2 * to_centre
    added = float(np.sqrt(max(gap**2 - error**2, 0.0)))
    return Beside(
        Estimate(value, float(error)), Estimate(reference, added), float(max(scale, 1e-6))
    )


def together(parts):
    """Return the mean of figures of different images, which err independently.

    Parameters
    ----------
    parts : sequence of Beside

    Returns
    -------
    Beside
    """
    values, references, scales = zip(*parts, strict=True)
    return Beside(
        mean_of_independent(values), mean_of_independent(references), float(np.mean(scales))
    )

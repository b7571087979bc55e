"""Images by their features: where features come from, and FID and KID between two sets of them.

Nothing is downloaded. Features are those of convolutions with random weights, of a small
classifier trained on real images, or the caller's own. `common_space` turns those of real,
synthetic and fresh images into points whose unit is the spread of the real images: an FID of 1 is
what the average real image would score in place of every synthetic one, and the KID of that is its
scale.
"""

from typing import NamedTuple

import numpy as np
from sklearn.utils import gen_batches
from sklearn.utils.extmath import randomized_svd

from gan_augment.exceptions import InputError
from gan_augment.metrics.uncertainty import (
    GROUPS,
    Estimate,
    jackknife_beside,
    mean_of_independent,
    spread_of_left_out,
)

#: Directions kept of a feature space, at most; and images for each of them, at least.
MAX_DIRECTIONS, IMAGES_A_DIRECTION = 64, 10
#: Steps and batch of the small classifier.
STEPS, BATCH = 300, 64
#: Fresh images on which a classifier is trained, at least.
LEAST_TRAINED = 50
#: Features beyond which main directions are found by random projections.
EXACT_WIDTH = 1_000

_FORWARD = 500  # images a network sees at once


def random_features(shape, rng):
    """Return a function from images to features of convolutions with random weights.

    It takes float32 images of shape (n, *shape) in 0 to 1. For images unlike those that networks
    were trained on, random weights do as well or better (Naeem et al. 2020, section 4.2).

    Examples
    --------
    >>> extract = random_features((1, 8, 8), np.random.default_rng(0))
    >>> extract(np.zeros((2, 1, 8, 8), dtype="float32")).shape
    (2, 576)
    """
    from gan_augment.nn.features import RandomConvolutions
    from gan_augment.training.devices import private_generator

    net = RandomConvolutions(shape, private_generator(rng))
    return lambda images: _forward(net, images)


def learnt_features(images, codes, rng):
    """Return a function from images to the last hidden layer of a small classifier.

    It is trained on images (n, channels, height, width) and their class codes.
    """
    import torch

    from gan_augment.nn.features import SmallClassifier
    from gan_augment.process.state import torch_defaults
    from gan_augment.training.classifier import train_classifier
    from gan_augment.training.devices import private_generator

    weights, draws = private_generator(rng), private_generator(rng)
    known, codes = np.unique(codes, return_inverse=True)
    net = SmallClassifier(images.shape[1:], len(known), weights)
    data = torch.from_numpy(np.ascontiguousarray(images)), torch.from_numpy(codes)
    with torch_defaults():
        train_classifier(net, *data, steps=STEPS, batch=BATCH, rng=draws)
    return lambda images: _forward(net, images)


def _forward(net, images):
    import torch

    from gan_augment.process.state import torch_defaults

    with torch_defaults(), torch.no_grad():
        parts = [
            net(torch.from_numpy(np.ascontiguousarray(images[part]))).numpy()
            for part in gen_batches(len(images), _FORWARD)
        ]
    return np.concatenate(parts)


def features_of(extract, images):
    """Return the features of images as a matrix, or refuse what is not one finite row an image."""
    found = np.asarray(extract(images))
    if found.ndim != 2 or len(found) != len(images) or found.dtype.kind not in "fiu":
        raise InputError(
            f"returned {found.dtype} of shape {found.shape} for {len(images)} images",
            argument="features",
            remedy=f"return numbers of shape ({len(images)}, n_features)",
        )
    if not np.isfinite(found).all():
        raise InputError(
            "returned NaN or infinity", argument="features", remedy="return finite numbers"
        )
    return found.astype(np.float64)


def common_space(sides, *, scaled=True, most=MAX_DIRECTIONS):
    """Return features of real, synthetic and fresh images as points in few directions.

    The directions are the main ones of all three together, so that none of them fits its own
    directions better than another. There is at most one for ten images: a covariance of more is
    mostly the noise of the sample. The unit is the spread of the real images, whose total variance
    becomes 1. With `scaled`, every feature gets the same variance first.

    Examples
    --------
    >>> rows = np.random.default_rng(0).normal(size=(60, 3))
    >>> points = common_space([rows[:20], rows[20:40], rows[40:]])
    >>> points[0].shape, round(float(points[0].var(axis=0).sum()), 6)
    ((20, 2), 1.0)
    """
    real = sides[0]
    centre, spread = real.mean(axis=0), real.std(axis=0)
    if not spread.any():  # all real images are one: the unit is the spread of all
        spread = np.vstack(sides).std(axis=0)
    # A feature that hardly moves among real images must not become the largest of all.
    spread = np.maximum(spread, 0.1 * spread.mean() + 1e-9) if scaled else 1.0
    sides = [(side - centre) / spread for side in sides]
    every = np.vstack(sides)
    kept = int(np.clip(len(real) // IMAGES_A_DIRECTION, 2, most))
    axes = _main_axes(every - every.mean(axis=0), kept)
    points = [(side @ axes).astype(np.float64) for side in sides]
    totals = points[0].var(axis=0).sum(), np.vstack(points).var(axis=0).sum()
    unit = next((np.sqrt(total) for total in totals if total > 1e-9), 1.0)
    return [side / unit for side in points]


def _main_axes(rows, kept):
    """Return the directions in which centred rows vary most, as columns."""
    if rows.shape[1] <= EXACT_WIDTH:
        return np.linalg.eigh(rows.T @ rows)[1][:, ::-1][:, :kept]
    # The same but for directions that hardly differ in spread, in seconds instead of hours.
    return randomized_svd(rows, kept, n_iter=4, random_state=0)[2].T


class Beside(NamedTuple):
    """A figure, its reference, and the largest difference that matters."""

    value: Estimate
    reference: Estimate
    scale: float


def fid(real, other):
    """Return the Fréchet distance of two sets of points, as if both were normal.

    ``|m_1 - m_2|^2 + tr(C_1 + C_2 - 2 (C_1 C_2)^(1/2))``, with m and C the means and covariances
    (Heusel et al. 2017, equation 6).

    Examples
    --------
    >>> points = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
    >>> round(fid(points, points), 6), round(fid(points, points + 1), 6)
    (0.0, 2.0)
    """
    gap = real.mean(axis=0) - other.mean(axis=0)
    spread, other_spread = (np.atleast_2d(np.cov(side, rowvar=False)) for side in (real, other))
    values, axes = np.linalg.eigh(spread)
    root = axes * np.sqrt(np.maximum(values, 0.0)) @ axes.T
    product = np.linalg.eigvalsh(root @ other_spread @ root)
    shared = np.sqrt(np.maximum(product, 0.0)).sum()
    return float(max(0.0, gap @ gap + np.trace(spread) + np.trace(other_spread) - 2 * shared))


def fid_beside(real, other, fresh):
    """Return FID beside its reference, with errors of a jackknife."""
    (error,), (added,) = jackknife_beside(lambda *two: np.array([fid(*two)]), real, other, fresh)
    value, reference = fid(real, other), fid(real, fresh)
    return Beside(Estimate(value, float(error)), Estimate(reference, float(added)), 1.0)


class _Sums:
    """Sums of the kernel over pairs, by the tenths that their points are in."""

    def __init__(self, a, b):
        kernel = (a @ b.T + 1.0) ** 3
        self.same = a is b
        if self.same:
            np.fill_diagonal(kernel, 0.0)
        tenths = [np.arange(len(side)) % GROUPS for side in (a, b)]
        members = [np.eye(GROUPS)[part] for part in tenths]
        self.sums = members[0].T @ kernel @ members[1]
        self.sizes = [side.sum(axis=0) for side in members]

    def mean(self, without=None):
        kept = np.arange(GROUPS) != without
        n, m = (size[kept].sum() for size in self.sizes)
        return self.sums[np.ix_(kept, kept)].sum() / (n * (n - 1) if self.same else n * m)


def _kid(real, other, both, without=None):
    return float(real.mean(without) + other.mean(without) - 2 * both.mean(without))


def kid_beside(real, other, fresh):
    """Return KID beside its reference, with errors of a jackknife over tenths.

    The unbiased squared maximum mean discrepancy with ``k(x, y) = (x y + 1)^3``: the mean of k
    over pairs of different real points, plus that over pairs of other points, minus twice that
    over pairs of one of each (Bińkowski et al. 2018, equation 4). Its scale is the KID of the
    mean of the real points in place of every other one.
    """
    own = _Sums(real, real)
    made, beside = ((_Sums(side, side), _Sums(real, side)) for side in (other, fresh))
    left = np.array(
        [[_kid(own, *side, without=g) for side in (made, beside)] for g in range(GROUPS)]
    )
    error, gap = spread_of_left_out(np.stack([left[:, 0], left[:, 0] - left[:, 1]], axis=1))
    value, reference = _kid(own, *made), _kid(own, *beside)
    centre = real.mean(axis=0)
    to_centre = ((real @ centre + 1) ** 3).mean()
    scale = own.mean() + (centre @ centre + 1) ** 3 - 2 * to_centre
    added = float(np.sqrt(max(gap**2 - error**2, 0.0)))
    return Beside(
        Estimate(value, float(error)), Estimate(reference, added), float(max(scale, 1e-6))
    )


def together(parts):
    """Return the mean of figures of different images, which err independently."""
    values, references, scales = zip(*parts, strict=True)
    return Beside(
        mean_of_independent(values), mean_of_independent(references), float(np.mean(scales))
    )

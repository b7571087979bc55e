"""Feature spaces in which images are compared, none of which is downloaded.

Distances between pixels see a shift of one pixel as a large change. So images are first turned
into features: of a network with random weights, of a function the caller brings, or of a small
classifier that is trained on real images which are then not compared.
"""

import numpy as np
from sklearn.utils.extmath import randomized_svd

from gan_augment.exceptions import InputError

#: Directions kept of a feature space, at most; and images for each of them, at least.
MAX_DIRECTIONS, IMAGES_A_DIRECTION = 64, 10
#: Steps and batch of the small classifier.
STEPS, BATCH = 300, 64
#: Fresh images on which a classifier is trained, at least.
LEAST_TRAINED = 50
#: Features beyond which main directions are found by random projections.
EXACT_WIDTH = 1_000

_FORWARD = 500


def random_features(shape, rng):
    """Return a function from images to features of convolutions with random weights.

    Parameters
    ----------
    shape : tuple of int
        Channels, height, width.
    rng : numpy.random.Generator
        Draws the weights.

    Returns
    -------
    callable
        From float32 images of shape (n, *shape) in 0 to 1 to an ndarray of shape (n, w).

    References
    ----------
    M. F. Naeem et al. (2020), Reliable fidelity and diversity metrics for generative models,
    section 4.2: for images unlike those that networks were trained on, random weights do as
    well or better.

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

    Parameters
    ----------
    images : ndarray of float32 of shape (n, channels, height, width)
        To train on.
    codes : ndarray of int, shape (n,)
        Their classes.
    rng : numpy.random.Generator

    Returns
    -------
    callable
    """
    import torch

    from gan_augment.nn.features import SmallClassifier
    from gan_augment.training.classifier import train_classifier
    from gan_augment.training.devices import private_generator
    from gan_augment.training.threads import one_thread

    weights, draws = private_generator(rng), private_generator(rng)
    known, codes = np.unique(codes, return_inverse=True)
    net = SmallClassifier(images.shape[1:], len(known), weights)
    data = torch.from_numpy(np.ascontiguousarray(images)), torch.from_numpy(codes)
    with one_thread():
        train_classifier(net, *data, steps=STEPS, batch=BATCH, rng=draws)
    return lambda images: _forward(net, images)


def _forward(net, images):
    import torch

    from gan_augment.training.threads import one_thread

    with one_thread(), torch.no_grad():
        parts = [
            net(torch.from_numpy(np.ascontiguousarray(images[i : i + _FORWARD]))).numpy()
            for i in range(0, len(images), _FORWARD)
        ]
    return np.concatenate(parts)


def features_of(extract, images, name="features"):
    """Return the features of images as a checked matrix.

    Parameters
    ----------
    extract : callable
    images : ndarray of shape (n, channels, height, width)
    name : str
        The parameter it came by.

    Returns
    -------
    ndarray of float64 of shape (n, w)

    Raises
    ------
    InputError
        If it does not return one finite row of numbers an image.
    """
    found = np.asarray(extract(images))
    if found.ndim != 2 or len(found) != len(images) or found.dtype.kind not in "fiu":
        raise InputError(
            f"{name} returned {found.dtype} of shape {found.shape} for {len(images)} images: "
            f"return numbers of shape ({len(images)}, n_features)."
        )
    if not np.isfinite(found).all():
        raise InputError(f"{name} returned NaN or infinity: return finite numbers.")
    return found.astype(np.float64)


def common_space(sides, *, scaled=True, most=MAX_DIRECTIONS):
    """Return features of real, synthetic and fresh images as points in few directions.

    The directions are the main ones of all three together, so that none of them fits its own
    directions better than another. There is at most one for ten images: a covariance of more
    is mostly the noise of the sample. The unit is the spread of the real images, whose total
    variance becomes 1.

    Parameters
    ----------
    sides : sequence of ndarray of shape (n, w)
        The real ones first.
    scaled : bool, default=True
        Give every feature the same variance first.
    most : int, default=64

    Returns
    -------
    list of ndarray of shape (n, d)

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
    if scaled:
        # A feature that hardly moves among real images must not become the largest of all.
        spread = np.maximum(spread, 0.1 * spread.mean() + 1e-9)
    else:
        spread = 1.0
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

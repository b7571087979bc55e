"""Sets of images made comparable: read alike, the same number of each, labels as codes."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gan_augment.containers import flat_rows, is_images
from gan_augment.encoding.image import ImageCodec
from gan_augment.encoding.target import target_series
from gan_augment.evaluation.samples import MIN_ROWS
from gan_augment.exceptions import InputError
from gan_augment.metrics.diversity import nearest_rows

#: Images of each set that are compared, where there are more.
MAX_IMAGES = 2_000


@dataclass(frozen=True)
class ImageSamples:
    """Images to compare, float32 of shape (n, channels, height, width) in 0 to 1.

    Parameters
    ----------
    images : dict of {str: ndarray}
        All images: "real", "synthetic", and "holdout" if there is one.
    codes : dict of {str: ndarray of int} or None
        The class of each.
    classes : tuple
        Labels at their codes.
    real_at, synthetic_at, fresh_at : ndarray of int, shape (m,)
        Which are compared: as many real ones, synthetic ones, and real ones for the reference.
    train_at, all_fresh_at : ndarray of int
        All real images that `real_at` and `fresh_at` were drawn from.
    kind : {"holdout", "split halves"}
        Where the reference comes from.
    frames : dict of {str: ndarray}
        The caller's arrays.
    """

    images: dict = field(repr=False)
    codes: dict | None
    classes: tuple
    real_at: np.ndarray
    synthetic_at: np.ndarray
    fresh_at: np.ndarray
    train_at: np.ndarray
    all_fresh_at: np.ndarray
    kind: str
    frames: dict = field(repr=False)

    @property
    def n(self):
        """Images of each set that are compared."""
        return len(self.real_at)

    @property
    def has_holdout(self):
        """Whether the generator did not see the images of the reference."""
        return self.kind == "holdout"

    def _sides(self, values):
        fresh = values["holdout" if self.has_holdout else "real"]
        at = self.real_at, self.synthetic_at, self.fresh_at
        return [
            v[i] for v, i in zip((values["real"], values["synthetic"], fresh), at, strict=True)
        ]

    def compared(self):
        """Return the real, synthetic and fresh images that are compared."""
        return self._sides(self.images)

    def labels(self):
        """Return the codes of the images compared, or three Nones."""
        return [None] * 3 if self.codes is None else self._sides(self.codes)

    def trained_and_fresh(self, most):
        """Return at most so many training images and fresh ones."""
        fresh = self.images["holdout" if self.has_holdout else "real"]
        return self.images["real"][self.train_at[:most]], fresh[self.all_fresh_at[:most]]

    def label(self, name, position):
        """Return the class of one image, or None."""
        return None if self.codes is None else self.classes[self.codes[name][position]]

    def beside(self, position, k):
        """Return the real images nearest to a synthetic one.

        Parameters
        ----------
        position : int
        k : int

        Returns
        -------
        pandas.DataFrame
            Columns real_row, the position among the real images, and distance, the root mean
            squared difference of the pixels as a share of their range; perhaps class.
        """
        made, real = (flat_rows(self.images[name]) for name in ("synthetic", "real"))
        far, near = nearest_rows(made[position : position + 1], real, k)
        found = pd.DataFrame({"real_row": near[0], "distance": rms(far[0], real)})
        if self.codes is not None:
            found["class"] = [self.label("real", at) for at in near[0]]
        return found


def rms(distances, rows):
    """Return Euclidean distances of rows of pixels as root mean squared differences."""
    return distances / np.sqrt(rows.shape[1])


def draw_images(real, synthetic, holdout, *, target, max_rows, rng):
    """Return what the quality report of images compares.

    Parameters
    ----------
    real, synthetic, holdout : ndarray of images
        Each in any layout, range and dtype; `holdout` may be None.
    target : tuple of arrays or None
        Class labels of each set.
    max_rows : int
    rng : numpy.random.Generator

    Returns
    -------
    ImageSamples

    Raises
    ------
    InputError
        If these are no images of one size, too few of them, or the labels do not fit.
    """
    arrays = {"real": real, "synthetic": synthetic}
    if holdout is not None:
        arrays["holdout"] = holdout
    images = _read(arrays)
    codes, classes = _coded(images, target)
    orders = {name: rng.permutation(len(some)) for name, some in images.items()}
    order, made = orders["real"], orders["synthetic"]
    half = len(order) // 2
    train, fresh = (
        (order, orders["holdout"]) if "holdout" in images else (order[:half], order[half:])
    )
    n = min(len(train), len(fresh), len(made), max_rows, MAX_IMAGES)
    return ImageSamples(
        images=images,
        codes=codes,
        classes=classes,
        real_at=train[:n],
        synthetic_at=made[:n],
        fresh_at=fresh[:n],
        train_at=train,
        all_fresh_at=fresh,
        kind="holdout" if "holdout" in images else "split halves",
        frames=arrays,
    )


def _read(arrays):
    """Return all sets encoded. An array of the dtype of the real one has its range, too."""
    found, first = {}, None
    for name, array in arrays.items():
        if not is_images(array):
            shape = getattr(array, "shape", None)
            what = type(array).__name__ if shape is None else f"an array of shape {shape}"
            raise InputError(
                f"{name} is {what}, but the other data are images: pass an array of shape (n, h, "
                "w), (n, h, w, c) or (n, c, h, w), all of them images or none."
            )
        try:
            codec = ImageCodec().fit(array)
        except InputError as error:
            raise type(error)(str(error).replace("X", name, 1)) from None
        first = first or codec
        if codec.shape_ != first.shape_:
            raise InputError(
                f"{name} has images of {_size(codec.shape_)}, but those of real have "
                f"{_size(first.shape_)}: pass images of one size."
            )
        if codec.dtype_ == first.dtype_:
            codec.value_range_ = first.value_range_
        if len(array) < MIN_ROWS:
            raise InputError(
                f"{name} has {len(array)} images: pass at least {MIN_ROWS}, below which no "
                "figure says anything."
            )
        found[name] = codec.encode(array)
    return found


def _size(shape):
    return f"{shape[1]} x {shape[2]} pixels and {shape[0]} channel{'s' * (shape[0] > 1)}"


def _coded(images, target):
    """Return the class of each image as a code, and the labels."""
    if target is None:
        return None, ()
    names = ", ".join(images)
    if not isinstance(target, (tuple, list)) or len(target) != len(images):
        raise InputError(
            f"target has to be one y for each of {names}, in this order: pass a tuple of "
            f"{len(images)} arrays of class labels."
        )
    columns = [target_series(y)[0] for y in target]
    for (name, some), series in zip(images.items(), columns, strict=True):
        if len(series) != len(some):
            raise InputError(
                f"target has {len(series)} values for the {len(some)} images of {name}: pass one "
                "label per image."
            )
        if series.isna().any():
            raise InputError(
                f"target is missing at {name} image {int(np.argmax(series.isna()))}: leave out "
                "the images without a label."
            )
    first = columns[0]
    fractions = first.dtype.kind == "f" and bool((first % 1 != 0).any())
    if fractions or first.nunique() > len(first) // 2:
        raise InputError(
            f"target has {first.nunique()} values for {len(first)} real images, so they are no "
            "classes: pass class labels, or leave target out."
        )
    every = pd.concat([series.astype(object).reset_index(drop=True) for series in columns])
    if first.nunique() < 2:
        raise InputError(
            f"target has one value, {first.iloc[0]!r}: there is nothing to predict; leave "
            "target out."
        )
    codes, classes = pd.factorize(every)
    order = sorted(range(len(classes)), key=lambda i: _sortable(classes[i]))
    codes = np.argsort(order)[codes]
    ends = np.cumsum([len(series) for series in columns])[:-1]
    parts = dict(zip(images, np.split(codes, ends), strict=True))
    return parts, tuple(classes[i] for i in order)


def _sortable(label):
    is_number = isinstance(label, (int, float, np.integer, np.floating))
    return (not is_number, label if is_number else str(label))

"""Images as float32 of shape (n, channels, height, width) in 0 to 1, and back as they came."""

from __future__ import annotations

import json
import math
from typing import Any, Literal, Self

import numpy as np
import pandas as pd

from gan_augment.containers.images import CHANNELS, checked_images, layout_of
from gan_augment.containers.untrusted import is_finite, is_whole, parsed, require
from gan_augment.exceptions import InputError

#: Sides of images that can be learnt; smaller ones show nothing, larger ones take hours.
MIN_SIDE, MAX_SIDE = 6, 64
#: Ranges of pixels that are recognised, the narrowest that holds all values first.
RANGES = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))
#: Images of so few different pixels, as files of one or two bits have, get no others.
MOST_LEVELS = 4
#: Pixels that are looked at first, as most images show more levels in these.
FIRST_PIXELS = 100_000
#: Images that reach less than half of a range have one of their own.
BRIGHT = 128
HALF = 0.5


class ImageCodec:
    """Encode images for the networks; decode them in the caller's layout, range and dtype.

    Parameters
    ----------
    channels : {"auto", "last", "first"}, default="auto"
        Axis of the channels of a four-dimensional array. "auto" takes the last one if it has one
        to four entries, else the first.
    image_shape : tuple of int, optional
        Shape of one image, for flat rows.
    value_range : "auto" or (low, high), default="auto"
        What black and white are. "auto": 0 to 255 for pixels that reach 128 and stay inside; 0 to
        1 or -1 to 1 for floats that reach a half and stay inside; else 0, or the least value if
        that is negative, to the largest.

    Attributes
    ----------
    layout_ : {"grey", "last", "first"}
    shape_ : tuple of int
        Channels, height and width.
    value_range_ : tuple of float
    dtype_ : numpy.dtype
    whole_ : bool
        Whether all pixels were whole numbers, which new ones are then rounded to.
    levels_ : tuple of tuple of float
        Of each channel the different pixels where there are at most four, as of black-and-white
        images or of a mask in the alpha channel: new ones are the nearest of these. Empty where
        there are more.

    Examples
    --------
    >>> X = 2 * np.arange(2 * 8 * 8, dtype="uint8").reshape(2, 8, 8)
    >>> codec = ImageCodec().fit(X)
    >>> codec.shape_, codec.value_range_
    ((1, 8, 8), (0.0, 255.0))
    >>> bool((codec.restore(codec.encode(X)) == X).all())
    True
    """

    def __init__(
        self,
        channels: Literal["auto", "first", "last"] | None = "auto",
        image_shape: tuple[int, ...] | None = None,
        value_range: tuple[float, float] | Literal["auto"] = "auto",
    ) -> None:
        self.channels = channels
        self.image_shape = image_shape
        self.value_range = value_range

    def fit(self, X: Any) -> Self:
        """Learn layout, range and dtype.

        Parameters
        ----------
        X : array-like of shape (n, h, w), (n, h, w, c), (n, c, h, w) or (n, pixels)

        Returns
        -------
        ImageCodec
            Itself, fitted.

        Raises
        ------
        InputError
            If these are no images that can be learnt, or outside the range asked for.
        """
        array = checked_images(X)
        self.layout_, one = layout_of(array.shape, self.channels, self.image_shape)
        self.flat_ = array.ndim == 2
        self.one_ = one
        self.shape_ = self._inner_shape()
        height, width = self.shape_[1:]
        if min(height, width) < MIN_SIDE or max(height, width) > MAX_SIDE:
            raise InputError(
                f"has images of {height} x {width} pixels",
                argument="X",
                remedy=f"resize them to sides of {MIN_SIDE} to {MAX_SIDE} pixels; larger ones "
                "need more data and time than this is made for",
            )
        self.dtype_ = array.dtype
        self.value_range_ = self._range(array)
        wide = self.value_range_[1] - self.value_range_[0] > 2
        self.whole_ = array.dtype.kind in "biu" or (wide and bool((array == array.round()).all()))
        pixels, axis = array.reshape(len(array), *one), {"last": -1, "first": 1}.get(self.layout_)
        channels = [pixels] if axis is None else np.moveaxis(pixels, axis, 0)
        self.levels_ = tuple(_few_levels(channel) for channel in channels)
        return self

    def _range(self, array):
        least, most = float(array.min()), float(array.max())
        if not isinstance(self.value_range, str):
            return self._given(least, most)
        if self.value_range != "auto":
            raise InputError.unknown("value_range", self.value_range, "'auto' or (low, high)")
        if array.dtype.kind == "b":
            return (0.0, 1.0)
        if array.dtype.kind == "f" and most >= BRIGHT:
            _check_one_scale(array)
        known = RANGES if most >= BRIGHT else RANGES[:2] if max(most, -least) >= HALF else ()
        fits = [r for r in known if r[0] <= least and most <= r[1]]
        if fits and not (array.dtype.kind in "iu" and fits[0] != RANGES[2]):
            return fits[0]
        low = min(least, 0.0)
        return (low, most if most > low else low + 1.0)

    def _given(self, least, most):
        try:
            low, high = (float(end) for end in self.value_range)
        except (TypeError, ValueError):
            low = high = math.nan
        if not low < high or math.isinf(high - low):
            raise InputError.of(
                "value_range", self.value_range, "is no range", "pass (low, high) with low < high"
            )
        if least < low or most > high:
            raise InputError(
                f"has pixels from {least:g} to {most:g}, outside value_range=({low:g}, {high:g})",
                argument="X",
                remedy="pass a range that holds them",
            )
        return low, high

    def check(self, X: Any) -> np.ndarray:
        """Return `X` as an array, or refuse images of another shape than those learnt.

        Parameters
        ----------
        X : array-like of images

        Returns
        -------
        ndarray

        Raises
        ------
        InputError
            If they have another shape.
        """
        array = checked_images(X)
        wanted = (math.prod(self.one_),) if self.flat_ else self.one_
        if array.shape[1:] != wanted:
            raise InputError(
                f"has images of shape {array.shape[1:]}, but those learnt have {wanted}",
                argument="X",
                remedy="pass images of the same shape",
            )
        return array

    def encode(self, X: Any) -> np.ndarray:
        """Return images as float32 of shape (n, channels, height, width), 0 to 1.

        Parameters
        ----------
        X : array-like of images, laid out as those learnt

        Returns
        -------
        ndarray of float32
        """
        array = self.check(X).reshape(-1, *self.one_)
        low, high = self.value_range_
        array = ((array.astype(np.float64) - low) / (high - low)).astype(np.float32)
        if self.layout_ == "grey":
            array = array[:, None]
        elif self.layout_ == "last":
            array = array.transpose(0, 3, 1, 2)
        return np.ascontiguousarray(array)

    def restore(self, images: np.ndarray) -> np.ndarray:
        """Return encoded images in the caller's layout, range and dtype.

        Parameters
        ----------
        images : ndarray of float of shape (n, channels, height, width)
            Values beyond 0 and 1 are clipped.

        Returns
        -------
        ndarray
        """
        low, high = self.value_range_
        array = np.clip(np.asarray(images, dtype=np.float64), 0, 1) * (high - low) + low
        if self.whole_:
            np.rint(array, out=array)
        for i, levels in enumerate(map(np.array, self.levels_)):
            if len(levels):
                nearest = np.searchsorted((levels[1:] + levels[:-1]) / 2, array[:, i])
                array[:, i] = levels[nearest]
        if self.layout_ == "grey":
            array = array[:, 0]
        elif self.layout_ == "last":
            array = array.transpose(0, 2, 3, 1)
        array = np.ascontiguousarray(array.astype(self.dtype_))
        return array.reshape(len(array), -1) if self.flat_ else array

    def to_json(self) -> str:
        """Return what was learnt as JSON text."""
        return json.dumps(
            {
                "layout": self.layout_,
                "flat": self.flat_,
                "one": self.one_,
                "shape": self.shape_,
                "value_range": self.value_range_,
                "dtype": self.dtype_.str,
                "whole": bool(self.whole_),
                "levels": self.levels_,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the codec that `to_json` wrote.

        Parameters
        ----------
        text : str

        Returns
        -------
        ImageCodec

        Raises
        ------
        InputError
            If the text describes no images.
        """
        codec, data = cls(), parsed(text)
        codec.layout_, codec.flat_, codec.whole_ = data["layout"], data["flat"], data["whole"]
        codec.one_, codec.shape_ = tuple(data["one"]), tuple(data["shape"])
        codec.value_range_, codec.levels_ = (
            tuple(data["value_range"]),
            tuple(map(tuple, data["levels"])),
        )
        codec.dtype_ = np.dtype(data["dtype"])
        codec._check()
        return codec

    def _check(self):
        """Refuse what `fit` never learns."""
        flags = isinstance(self.flat_, bool) and isinstance(self.whole_, bool)
        require(flags and all(is_whole(side, 1, MAX_SIDE) for side in self.one_), "whole sides")
        dims = 2 if self.layout_ == "grey" else 3
        require(self.layout_ in ("grey", "last", "first") and len(self.one_) == dims, "a layout")
        require(self.shape_ == self._inner_shape(), "one shape of images")
        channels, *sides = self.shape_
        small = channels in CHANNELS and MIN_SIDE <= min(sides) <= max(sides) <= MAX_SIDE
        require(small, "images of sides that can be learnt")
        require(len(self.value_range_) == 2, "a range of two ends")
        low, high = self.value_range_
        require(is_finite(low) and is_finite(high) and low < high, "a range in order")
        native = self.dtype_.kind in "biuf" and self.dtype_.isnative
        require(native and math.isfinite(high - low), "pixels that are numbers")
        require(len(self.levels_) == channels, "levels of each channel")
        for levels in self.levels_:
            inside = all(is_finite(level) and low <= level <= high for level in levels)
            ordered = sorted(set(levels)) == list(levels) and len(levels) <= MOST_LEVELS
            require(inside and ordered, "few levels in order, inside the range")

    def _inner_shape(self):
        """Channels, height and width of one image."""
        one = self.one_
        return {"grey": (1, *one), "last": (one[-1], *one[:2]), "first": one}[self.layout_]


def _few_levels(array):
    """Return the different pixels in order, or none where they are more than a few."""
    pixels = array.ravel()
    if len(pd.unique(pixels[:FIRST_PIXELS])) > MOST_LEVELS:
        return ()
    levels = np.sort(pd.unique(pixels))
    return tuple(levels.astype(np.float64).tolist()) if len(levels) <= MOST_LEVELS else ()


def _check_one_scale(array):
    """Refuse images of 0 to 1 among others of 0 to 255: learnt together they would be black."""
    pixels = array.reshape(len(array), -1)
    small = np.flatnonzero((np.abs(pixels) <= 1).all(axis=1))
    fractions = (pixels[small] != np.rint(pixels[small])).any(axis=1)
    if fractions.any():
        odd, bright = int(small[np.argmax(fractions)]), int(np.argmax(pixels.max(axis=1)))
        raise InputError(
            f"mixes ranges of pixels, as image {odd} lies within 0 to 1 and image {bright} "
            f"reaches {pixels[bright].max():g}",
            argument="X",
            remedy="multiply the former by 255, or pass value_range=(low, high) if they are meant "
            "to be so dark",
        )

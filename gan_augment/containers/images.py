"""What an array of images is, and the layouts it comes in."""

import math
import numbers

import numpy as np

from gan_augment.containers.validation import check_byte_order, read_array
from gan_augment.exceptions import InputError

#: Numbers of channels that tell which axis they are on.
CHANNELS = (1, 2, 3, 4)


def is_images(X):
    """Return whether `X` is an array of images: grey ones, or with a channel axis.

    Examples
    --------
    >>> is_images(np.zeros((5, 8, 8))), is_images(np.zeros((5, 64)))
    (True, False)
    """
    return isinstance(X, np.ndarray) and X.ndim in (3, 4)


def flat_rows(X):
    """Return images as rows of pixels, and any other table as it is."""
    return X.reshape(len(X), -1) if is_images(X) else X


def checked_images(X):
    """Return images as an array of finite numbers, or say what is wrong with it."""
    if X is None:
        raise InputError(
            "is None",
            argument="X",
            remedy="pass an array of images, e.g. of shape (n, height, width)",
        )
    array = read_array(X, "X", "its images have different sizes", "resize them to one size")
    if array.dtype.kind not in "buif":
        raise InputError(
            f"has dtype {array.dtype}",
            argument="X",
            remedy="pass images as integers or floats, e.g. uint8",
        )
    check_byte_order([("X", array.dtype)])
    if 0 in array.shape:
        raise InputError(
            f"is empty (shape={array.shape})", argument="X", remedy="pass at least two images"
        )
    if array.dtype.kind == "f":
        bad = ~np.isfinite(array)
        if bad.any():
            at = tuple(int(i) for i in np.argwhere(bad)[0])
            raise InputError(
                f"has {array[at]} at {at}, image {at[0]}",
                argument="X",
                remedy="pass images without NaN or infinity",
            )
    return array


def layout_of(shape, channels, image_shape):
    """Return how an array of this shape holds images, and the shape of one image.

    The layouts are "grey" (n, h, w), "last" (n, h, w, c) and "first" (n, c, h, w); flat rows (n,
    pixels) need an `image_shape`. Arguments that contradict each other or leave the layout open
    are refused.

    Examples
    --------
    >>> layout_of((10, 3, 32, 32), "auto", None)
    ('first', (3, 32, 32))
    >>> layout_of((10, 64), "auto", (8, 8))
    ('grey', (8, 8))
    """
    if channels not in ("auto", "last", "first"):
        raise InputError.unknown("channels", channels, "'auto', 'last' or 'first'")
    if image_shape is not None:
        one = _checked_shape(image_shape)
        if len(shape) != 2 and tuple(shape[1:]) != one:
            raise InputError.of(
                "image_shape",
                one,
                f"is not the shape of the images in X, {tuple(shape[1:])}",
                "leave image_shape out",
            )
        if math.prod(shape[1:]) != math.prod(one):
            raise InputError.of(
                "image_shape",
                one,
                f"needs {math.prod(one)} values an image, but X has {math.prod(shape[1:])}",
                "pass the shape of one image",
            )
    elif len(shape) == 2:
        raise InputError(
            f"has shape {tuple(shape)}, rows without a shape of images",
            argument="X",
            remedy="pass image_shape, e.g. {}, or X.reshape(n, height, width)",
            settings=(("image_shape", _guess(shape[1])),),
        )
    else:
        one = tuple(shape[1:])
    if len(one) not in (2, 3):
        raise InputError(
            f"has shape {tuple(shape)}",
            argument="X",
            remedy="pass images as (n, h, w), (n, h, w, c) or (n, c, h, w)",
        )
    if len(one) == 2:
        return "grey", one
    last, first = one[2] in CHANNELS, one[0] in CHANNELS
    if not (last or first):
        at, some = (2, "X[..., :3]") if one[2] <= one[0] else (0, "X[:, :3]")
        raise InputError(
            f"has images of shape {one}, where no axis holds 1 to 4 channels, and more than 4 "
            "channels are not learnt",
            argument="X",
            remedy=f"if these are {one[at]} channels pass up to 4 of them, as {some}",
        )
    if channels == "auto":
        channels = "last" if last else "first"
    if not (last if channels == "last" else first):
        raise InputError(
            f"has images of shape {one}, which have no axis of 1 to 4 channels where "
            f"channels={channels!r} looks for it",
            argument="X",
            remedy="pass {} for (h, w, c), or {} for (c, h, w)",
            settings=(("channels", "last"), ("channels", "first")),
        )
    return channels, one


def _checked_shape(image_shape):
    try:
        one = tuple(image_shape)
    except TypeError:
        one = (image_shape,)
    whole = all(isinstance(s, numbers.Integral) and s > 0 for s in one)
    if not whole or len(one) not in (2, 3):
        raise InputError.of(
            "image_shape",
            image_shape,
            "is no shape",
            "pass (height, width) or (height, width, channels)",
        )
    return tuple(int(size) for size in one)


def _guess(width):
    side = math.isqrt(width)
    return (side, side) if side * side == width else (max(width // 8, 1), min(width, 8))

"""Pixels as a PNG file inside a page."""

import base64
from io import BytesIO

import numpy as np


def png(pixels):
    """Return pixels as the bytes of a PNG file.

    Parameters
    ----------
    pixels : ndarray of uint8 of shape (h, w) or (h, w, channels)
        Grey, grey and alpha, RGB, or RGBA.

    Examples
    --------
    >>> png(np.zeros((2, 3), dtype="uint8"))[1:4]
    b'PNG'
    """
    from PIL import Image

    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG", optimize=True)
    return stream.getvalue()


def png_uri(pixels):
    """Return pixels as a data URI, see `png`."""
    return "data:image/png;base64," + base64.b64encode(png(pixels)).decode()


def strip(images, gap=1):
    """Return pictures side by side, with transparent gaps between them.

    Parameters
    ----------
    images : ndarray of uint8 of shape (n, h, w, channels)
        Of one channel or three.
    gap : int, default=1
        Width of a gap, in pixels.

    Returns
    -------
    ndarray of uint8 of shape (h, n * (w + gap) - gap, channels + 1)

    Examples
    --------
    >>> strip(np.zeros((3, 8, 8, 1), dtype="uint8")).shape
    (8, 26, 2)
    """
    n, height, width, channels = images.shape
    found = np.zeros((height, n, width + gap, channels + 1), dtype=np.uint8)
    found[:, :, :width, :channels] = images.transpose(1, 0, 2, 3)
    found[:, :, :width, channels] = 255
    return found.reshape(height, n * (width + gap), channels + 1)[:, : n * (width + gap) - gap]

"""Pixels as a PNG file inside a page, without a library for pictures."""

import base64
import struct
import zlib

import numpy as np

#: Colour type of the format by number of channels: grey, grey and alpha, RGB, RGBA.
_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}


def png(pixels):
    """Return pixels as the bytes of a PNG file.

    Parameters
    ----------
    pixels : ndarray of uint8 of shape (h, w) or (h, w, channels)
        Grey, grey and alpha, RGB, or RGBA.

    Returns
    -------
    bytes

    References
    ----------
    ISO/IEC 15948, Portable Network Graphics.

    Examples
    --------
    >>> png(np.zeros((2, 3), dtype="uint8"))[1:4]
    b'PNG'
    """
    pixels = pixels.reshape(*pixels.shape[:2], -1)
    height, width, channels = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, _TYPES[channels], 0, 0, 0)
    # Each line begins with its filter: 0 for none.
    lines = np.zeros((height, 1 + width * channels), dtype=np.uint8)
    lines[:, 1:] = pixels.reshape(height, -1)
    body = zlib.compress(lines.tobytes(), 9)
    chunks = (b"IHDR", header), (b"IDAT", body), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(name, data):
    checksum = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + checksum


def png_uri(pixels):
    """Return pixels as a data URI, see `png`.

    Parameters
    ----------
    pixels : ndarray of uint8

    Returns
    -------
    str
    """
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

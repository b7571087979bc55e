"""The pixels of one image file, which may be anything: a bomb, a fragment, no image at all.

The size is read from the header before a pixel is decoded. What a viewer would show is what is
returned: transparent parts on white, CMYK as RGB, photos turned as they say.
"""

import io
import stat
import struct
import warnings
import zlib

import numpy as np

from gan_augment.exceptions import InputError

FORMATS = ("PNG", "JPEG")
#: Larger files and images are refused before they are read.
MAX_FILE_BYTES, MAX_IMAGE_PIXELS = 32 * 2**20, 2**24
WHITE = (255, 255, 255, 255)

# PNG: channels of each colour type; first pixel and steps of the seven passes of interlacing.
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)]
_PASSES += [(0, 1, 1, 2)]


def shown(path):
    """Return a path as text that does no harm in a terminal."""
    text = str(path)
    return text if text.isprintable() else ascii(text)


def _content(path):
    """The bytes of a plain file of acceptable size."""
    facts = path.stat()
    if not stat.S_ISREG(facts.st_mode):  # a pipe would be waited for
        raise InputError(f"{shown(path)} is no plain file: put the image there.")
    with open(path, "rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise InputError(
            f"{shown(path)} has {facts.st_size / 2**20:.0f} MiB: save it below "
            f"{MAX_FILE_BYTES // 2**20} MiB, smaller images are all that is needed."
        )
    return content


def pixels_of(path):
    """Return the pixels of a PNG or JPEG file, and what was converted.

    Parameters
    ----------
    path : Path

    Returns
    -------
    pixels : ndarray of uint8 of shape (h, w) or (h, w, 3)
    converted : list of {"transparent", "CMYK", "turned"}

    Raises
    ------
    InputError
        If the file is no such image, damaged, too large, of more than 8 bits or an animation.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "red.png"
    ...     Image.new("RGB", (9, 7), "red").save(path)
    ...     pixels_of(path)[0].shape
    (7, 9, 3)
    """
    content = _content(path)
    try:
        return _pixels(path, content)
    except (InputError, MemoryError):
        raise
    except Exception as error:  # hostile files make Pillow raise nearly anything
        detail = " ".join(str(error).split())[:80] or type(error).__name__
        if "cannot identify image file" in detail:  # followed by an object of ours
            detail = "neither PNG nor JPEG"
        raise InputError(
            f"{shown(path)} cannot be read as an image ({shown(detail)}): save it anew as PNG or "
            "JPEG, or remove it."
        ) from None


def _pixels(path, content):
    from PIL import Image, ImageOps

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of sizes and broken metadata: judged below
        try:
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
        except Image.DecompressionBombError:
            raise _too_many_pixels(path, "hundreds of millions of") from None
        if picture.width * picture.height > MAX_IMAGE_PIXELS:
            raise _too_many_pixels(path, f"{picture.width} x {picture.height}")
        _refuse_form(path, picture, content)
        if picture.format == "PNG":
            _refuse_short(content)
        picture.load()
        traits = []
        upright = ImageOps.exif_transpose(picture)
        if picture.getexif().get(0x0112, 1) in range(2, 9):
            traits.append("turned")
        is_grey = upright.mode in ("1", "L", "LA")
        if upright.has_transparency_data:
            clear = upright.convert("RGBA")
            if clear.getchannel("A").getextrema()[0] < 255:
                traits.append("transparent")
            upright = Image.new("RGBA", clear.size, WHITE)
            upright.alpha_composite(clear)
        if upright.mode == "CMYK":
            traits.append("CMYK")
        if is_grey:
            upright = upright.convert("RGB") if upright.mode == "RGBA" else upright
            return np.asarray(upright.convert("L"), dtype=np.uint8), traits
        return np.asarray(upright.convert("RGB"), dtype=np.uint8), traits


def _too_many_pixels(path, size):
    return InputError(
        f"{shown(path)} says it has {size} pixels: resize it, at most {MAX_IMAGE_PIXELS:,} are "
        "read."
    )


def _refuse_form(path, picture, content):
    """Refuse what would lose more than a viewer loses: deep pixels, and all frames but one."""
    if picture.format == "PNG":
        if content[24:25] == b"\x10":  # the bit depth of the header; Pillow may hide it
            raise InputError(f"{shown(path)} has 16 bits a channel: save it with 8 bits.")
        if getattr(picture, "is_animated", False):
            raise InputError(f"{shown(path)} is an animation: save one frame of it.")
    if picture.mode not in ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK"):
        raise InputError(f"{shown(path)} has the mode {picture.mode}: save it as grey or RGB.")


def _refuse_short(content):
    """Refuse a PNG file whose pixels end before the image does: Pillow makes the rest black."""
    width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", content[16:29])
    passes = _PASSES if interlaced else [(0, 0, 1, 1)]
    wanted = 0
    for left, top, across, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0:
            wanted += max(rows, 0) * (1 + -(-columns * bits * _CHANNELS[colour] // 8))
    parts, at = [], 8
    while at + 8 <= len(content):
        length, name = struct.unpack(">I4s", content[at : at + 8])
        if name == b"IDAT":
            parts.append(content[at + 8 : at + 8 + length])
        at += 12 + length
    if len(zlib.decompressobj().decompress(b"".join(parts), wanted)) < wanted:
        raise ValueError("its pixels end too early")

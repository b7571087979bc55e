"""Images on disk: a folder with one sub-folder per class, or arrays in a ``.npz`` file.

A folder may come from anyone. A file is opened only if it is a plain one inside the folder, and
what cannot be used is refused by name. What had to be converted is said in the notes.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import warnings
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gan_augment.containers.images import checked_images
from gan_augment.exceptions import InputError
from gan_augment.io.tables import SUFFIXES as TABLE_SUFFIXES

SUFFIXES = (".png", ".jpg", ".jpeg")
#: Suffixes of pictures that are not read: left out silently they would be missed.
OTHER_PICTURES = (
    ".gif .bmp .tif .tiff .webp .jp2 .avif .heic .heif .ico .svg .ppm .pgm .pbm .jfif .apng"
).split()
FORMATS = ("PNG", "JPEG")
WHITE = (255, 255, 255, 255)

# Larger files, images and sets are refused before they are read.
MAX_FILE_BYTES, MAX_IMAGE_PIXELS = 32 * 2**20, 2**24
MAX_FILES, MAX_VALUES, MAX_HEADER_BYTES = 200_000, 2**30, 10_000

# PNG: channels of each colour type; first pixel and steps of the seven passes of interlacing.
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)]
_PASSES += [(0, 1, 1, 2)]

_NOTES = {
    "transparent": "{} with transparent parts: laid on white.",
    "CMYK": "{} in CMYK: turned into RGB without a colour profile.",
    "turned": "{} turned as the EXIF orientation says.",
    "grey": "{} in grey beside others in colour: read as RGB.",
}


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images as they stand in a folder or a file.

    Images of a folder are uint8; `labels` are the names of the sub-folders, sorted, or the labels
    of the file, None without. `files` are where each image was read, None for a ``.npz`` file.
    `notes` say what was converted or left out, one sentence each.
    """

    images: np.ndarray = field(repr=False)
    labels: np.ndarray | None = field(repr=False)
    files: tuple[Path, ...] | None = field(repr=False, default=None)
    notes: tuple[str, ...] = ()

    def row_name(self, row: int) -> str:
        """Return where an image was read: the name of its file, or its place in the array."""
        return f"image {row}, counted from 0" if self.files is None else str(self.files[row])


def holds_images(path: str | Path) -> bool:
    """Return whether a path is to be read as images: a folder, a ``.npz`` file, or no suffix.

    Examples
    --------
    >>> holds_images(Path("digits.npz")), holds_images(Path("churn.csv"))
    (True, False)
    """
    suffix = Path(path).suffix.lower()
    return suffix in ("", ".npz") or (Path(path).is_dir() and suffix not in TABLE_SUFFIXES)


def read_images(path: str | Path) -> ImageSet:
    """Read a folder of images, one sub-folder per class, or a ``.npz`` file.

    A folder holds folders of PNG and JPEG files, a file the arrays ``images`` and, perhaps,
    ``labels``. Images are grey if all files are, else RGB; a palette counts as colour. Transparent
    parts are laid on white, CMYK is turned into RGB without a colour profile, and photos are
    turned as their EXIF orientation says. 16 bits a channel and animations are refused, and so is
    anything that cannot be read, is too large, leads out of the folder, or is not of one size.
    Hidden files are skipped.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "two.npz"
    ...     np.savez(path, images=np.zeros((2, 8, 8), dtype="uint8"), labels=["a", "b"])
    ...     found = read_images(path)
    >>> found.images.shape, found.labels.tolist()
    ((2, 8, 8), ['a', 'b'])
    """
    path = Path(path)
    return _read_arrays(path) if path.suffix.lower() == ".npz" else _read_folder(path)


def printable(text: object) -> str:
    """Return text, such as a path, with control characters written out."""
    text = str(text)
    return text if text.isprintable() else ascii(text)


def unusable(path: object, problem: str, remedy: str) -> InputError:
    """Return an error about a file or folder, its name printable."""
    return InputError(problem, value=printable(path), remedy=remedy)


# Folders ----------------------------------------------------------------------------------------


def check_folder(path: Path) -> None:
    """Refuse what is no folder."""
    if not path.exists():
        raise unusable(path, "does not exist", "check the name")
    if not path.is_dir():
        raise unusable(
            path,
            "is not a folder",
            "pass a folder with one sub-folder of images per class, a .npz file, or a table "
            "with its suffix",
        )


def _read_folder(root: Path) -> ImageSet:
    files, labels, left_out = _listed(root)
    images: list[np.ndarray] = []
    traits: list[str] = []
    sizes: list[str] = []
    values = 0
    for path in files:
        image, trait = pixels_of(path)
        values += image.size
        sizes.append(_size(image))
        if values > MAX_VALUES:
            raise InputError(
                f"holds more than {MAX_VALUES:,} pixel values",
                value=root,
                remedy="use smaller images or fewer of them",
            )
        images.append(image)
        traits += trait
    _refuse_sizes(files, sizes)
    grey = [image.ndim == 2 for image in images]
    if not all(grey):
        traits += ["grey"] * sum(grey)
        images = [np.stack([image] * 3, axis=-1) if image.ndim == 2 else image for image in images]
    counts = Counter(traits)
    notes = [text.format(_counted(counts[name])) for name, text in _NOTES.items() if counts[name]]
    if left_out:
        notes.append(
            f"{len(left_out)} files that are no images were left out, such as "
            f"{printable(left_out[0])}."
        )
    return ImageSet(np.stack(images), np.array(labels), tuple(files), tuple(notes))


def _refuse_sizes(files: list[Path], sizes: list[str]) -> None:
    """Refuse images of several sizes, and name one that is not of the usual size."""
    (usual, n_usual), *others = Counter(sizes).most_common()
    if others:
        odd = next(i for i, size in enumerate(sizes) if size != usual)
        n_more = len(files) - n_usual - 1
        raise unusable(
            files[odd],
            f"has {sizes[odd]} pixels, but {_counted(n_usual)} of {len(files)} have {usual}"
            + f", and {n_more} more have other sizes" * (n_more > 0),
            "resize all images to one size",
        )


def _size(image: np.ndarray) -> str:
    return f"{image.shape[1]} x {image.shape[0]}"


def _counted(n: int) -> str:
    return f"{n} image{'s' if n > 1 else ''}"


def _listed(root: Path) -> tuple[list[Path], list[str], list[Path]]:
    """Return image files in the order of classes and names, their classes, and other files."""
    check_folder(root)
    files: list[Path] = []
    labels: list[str] = []
    left_out: list[Path] = []
    for entry in _entries(root):
        path = Path(entry)
        if entry.is_symlink():
            raise unusable(path, "is a link", "put a folder of images in its place")
        if entry.is_dir():
            found = _files_of(path, root, left_out)
            files += found
            if not path.name.isprintable():
                raise unusable(path, "is no name of a class", "rename the folder")
            labels += [path.name] * len(found)
        elif path.suffix.lower() in (*SUFFIXES, *OTHER_PICTURES):
            raise unusable(path, "belongs to no class", "put images into one sub-folder per class")
        else:
            left_out.append(path)
        if len(files) > MAX_FILES:
            raise InputError(
                f"holds more than {MAX_FILES:,} images", value=root, remedy="take fewer"
            )
    if not files:
        raise InputError(
            "has no sub-folder", value=root, remedy="put images into one sub-folder per class"
        )
    return files, labels, left_out


def _files_of(folder: Path, root: Path, left_out: list[Path]) -> list[Path]:
    found: list[Path] = []
    for entry in _entries(folder):
        path = Path(entry)
        if entry.is_symlink():
            _check_link(path, root)
        elif entry.is_dir():
            raise unusable(
                path, "is a folder inside a class", "put all images of a class into one folder"
            )
        suffix = path.suffix.lower()
        if suffix in OTHER_PICTURES:
            raise unusable(path, f"is {suffix}", "convert it to PNG or JPEG, or put all in a .npz")
        (found if suffix in SUFFIXES else left_out).append(path)
    if not found:
        raise unusable(folder, "holds no PNG or JPEG images", "add some, or remove the folder")
    return found


def _entries(folder: Path) -> list[os.DirEntry]:
    """What a folder holds, sorted, without hidden names."""
    with os.scandir(folder) as entries:
        shown_ones = [entry for entry in entries if not entry.name.startswith(".")]
    return sorted(shown_ones, key=lambda entry: entry.name)


def _check_link(path: Path, root: Path) -> None:
    """Refuse a link that leads out of the folder, in circles, or to no plain file."""
    try:
        end = path.resolve(strict=True)
        inside = end.is_relative_to(root.resolve()) and end.is_file()
    except (OSError, RuntimeError):  # Python 3.12 and older raise the latter on a circle
        inside = False
    if not inside:
        raise unusable(path, f"is a link to no file inside {root}", "put the image there")


# One file of a folder ---------------------------------------------------------------------------


def _content(path: Path) -> bytes:
    """The bytes of a plain file of acceptable size."""
    facts = path.stat()
    if not stat.S_ISREG(facts.st_mode):  # a pipe would be waited for
        raise unusable(path, "is no plain file", "put the image there")
    with open(path, "rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise unusable(
            path,
            f"has {facts.st_size / 2**20:.0f} MiB",
            f"save it below {MAX_FILE_BYTES // 2**20} MiB, smaller images are all that is needed",
        )
    return content


def pixels_of(path: Path) -> tuple[np.ndarray, list[str]]:
    """Return the pixels of a PNG or JPEG file, uint8, and what was converted.

    Converted may be "transparent", "CMYK" and "turned". What is no such image, damaged, too large,
    of more than 8 bits or an animation is refused.

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
        raise unusable(
            path,
            f"cannot be read as an image ({printable(detail)})",
            "save it anew as PNG or JPEG, or remove it",
        ) from None


def _pixels(path: Path, content: bytes) -> tuple[np.ndarray, list[str]]:
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
            if np.asarray(clear.getchannel("A")).min() < 255:
                traits.append("transparent")
            upright = Image.new("RGBA", clear.size, WHITE)
            upright.alpha_composite(clear)
        if upright.mode == "CMYK":
            traits.append("CMYK")
        if is_grey:
            upright = upright.convert("RGB") if upright.mode == "RGBA" else upright
            return np.asarray(upright.convert("L"), dtype=np.uint8), traits
        return np.asarray(upright.convert("RGB"), dtype=np.uint8), traits


def _too_many_pixels(path: Path, size: str) -> InputError:
    return unusable(
        path, f"declares {size} pixels", f"resize it, at most {MAX_IMAGE_PIXELS:,} are read"
    )


def _refuse_form(path: Path, picture: Any, content: bytes) -> None:
    """Refuse what would lose more than a viewer loses: deep pixels, and all frames but one."""
    if picture.format == "PNG":
        if content[24:25] == b"\x10":  # the bit depth of the header; Pillow may hide it
            raise unusable(
                path,
                "has 16 bits a channel",
                "save it with 8 bits, or all in a .npz, which keeps 16",
            )
        if getattr(picture, "is_animated", False):
            raise unusable(path, "is an animation", "save one frame of it")
    if picture.mode not in ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK"):
        raise unusable(path, f"has the mode {picture.mode}", "save it as grey or RGB")


def _refuse_short(content: bytes) -> None:
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


# Arrays -----------------------------------------------------------------------------------------


def _read_arrays(path: Path) -> ImageSet:
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise unusable(path, "is no plain file", "pass a file that numpy.savez wrote")
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist()]
            _check_arrays(path, archive, names)
        with np.load(path, allow_pickle=False) as stored:
            images = stored["images"]
            labels = stored["labels"] if "labels" in names else None
    except Exception as error:  # zipfile and numpy raise many kinds on damaged files
        on_disk = getattr(error, "filename", None) is not None
        if on_disk or isinstance(error, (InputError, MemoryError)):
            raise
        raise unusable(
            path,
            f"cannot be read as .npz ({printable(error)})",
            "write it with numpy.savez(file, images=X, labels=y)",
        ) from None
    try:
        images = checked_images(images)
    except InputError as error:
        raise error.about(f"The array 'images' in {printable(path)}") from None
    others = [repr(name) for name in names if name not in ("images", "labels")]
    notes = [f"Other arrays were left out: {printable(', '.join(others))}."] if others else []
    return ImageSet(images, labels, notes=tuple(notes))


def _check_arrays(path: Path, archive: zipfile.ZipFile, names: list[str]) -> None:
    """Refuse arrays by what they declare, before memory is taken for them."""
    if len(set(names)) < len(names):  # "images" beside "images.npy": which one would be read?
        raise unusable(path, "holds two arrays of one name", "write it anew")
    if "images" not in names:
        listed = ", ".join(map(repr, names[:10])) or "nothing"
        raise unusable(
            path,
            f"holds {printable(listed)}, but no array 'images'",
            "write it with numpy.savez(file, images=X, labels=y)",
        )
    declared = {name: _declared(archive, name) for name in ("images", "labels") if name in names}
    for name, (shape, dtype) in declared.items():
        if dtype.hasobject:
            raise InputError(
                f"The array {name!r} in {printable(path)} holds Python objects, which are not "
                "read",
                remedy="store numbers or text",
            )
        if np.prod([float(size) for size in shape]) * max(dtype.itemsize, 1) > 8 * MAX_VALUES:
            raise InputError(
                f"The array {name!r} in {printable(path)} has the shape {shape}, which is too "
                "large",
                remedy="store less",
            )
    shape, _ = declared["images"]
    if len(shape) not in (3, 4):
        raise InputError(
            f"The array 'images' in {printable(path)} has the shape {shape}",
            remedy="store (n, height, width) or (n, height, width, channels)",
        )
    if "labels" in declared:
        length, dtype = declared["labels"]
        if length != shape[:1]:
            raise InputError(
                f"The array 'labels' in {printable(path)} has the shape {length} for "
                f"{shape[0]} images",
                remedy="store one label per image",
            )
        if dtype.kind not in "Uiub":
            raise InputError(
                f"The array 'labels' in {printable(path)} has dtype {dtype}",
                remedy="store classes as text or integers",
            )


def _declared(archive: zipfile.ZipFile, name: str) -> tuple[tuple[int, ...], np.dtype]:
    with archive.open(f"{name}.npy") as member:
        version = np.lib.format.read_magic(member)
        length = int.from_bytes(member.read(2 if version == (1, 0) else 4), "little")
        if length > MAX_HEADER_BYTES:  # it would be read before it is looked at
            raise ValueError(f"its header has {length:,} bytes")
    with archive.open(f"{name}.npy") as member:
        np.lib.format.read_magic(member)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, _, dtype = read(member)
    return shape, dtype

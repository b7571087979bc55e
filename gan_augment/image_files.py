"""Folders of images, one sub-folder a class, and ``.npz`` files: in and out.

Files are read by their content, PNG and JPEG only, within limits of bytes and pixels; nothing in a
file becomes a path. A folder is written beside its destination and renamed once complete.
"""

import os
import secrets
import shutil
import warnings
from dataclasses import dataclass

import numpy as np

from gan_augment.containers.images import checked_images
from gan_augment.exceptions import InputError

FORMATS = ("PNG", "JPEG")
SUFFIXES = (".png", ".jpg", ".jpeg")
MAX_BYTES = 20_000_000  # of one file
MAX_SIDE = 4096
MAX_IMAGES = 200_000
MAX_VALUES = 500_000_000  # of all images together
SYNTHETIC = "synthetic-{:05d}.png"


@dataclass(frozen=True)
class ImageSet:
    """Images with their labels, and where each came from.

    Parameters
    ----------
    images : ndarray of shape (n, h, w) or (n, h, w, 3)
        uint8 from a folder, whatever an ``.npz`` file holds.
    labels : ndarray of shape (n,) or None
    files : tuple of Path
        Empty for an ``.npz`` file.
    """

    images: np.ndarray
    labels: np.ndarray | None
    files: tuple = ()


def holds_images(path):
    """Return whether a path is read as images: a folder or an ``.npz`` file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    bool
    """
    return path is not None and (path.is_dir() or path.suffix.lower() == ".npz")


def read_images(path):
    """Read a folder with one sub-folder a class, or an ``.npz`` file.

    Grey images stay grey if all are; else all become RGB. Transparency is laid on white, palettes
    are looked up; sixteen bits are refused. Orientation tags are not applied.

    Parameters
    ----------
    path : Path

    Returns
    -------
    ImageSet

    Raises
    ------
    InputError
        If something is no image, too large, of another size, or there is too little.
    """
    if path.is_dir():
        return _read_folder(path)
    if not path.exists():
        raise InputError(f"{path} does not exist: pass a folder of images or an .npz file.")
    return _read_npz(path)


def _read_npz(path):
    try:
        with np.load(path, allow_pickle=False) as arrays:
            if "images" not in arrays:
                raise InputError(
                    f"{path} has the arrays {sorted(arrays)[:10]}: name the one of the images "
                    "'images', and that of their classes 'labels'."
                )
            images = arrays["images"]
            labels = arrays["labels"] if "labels" in arrays else None
    except InputError:
        raise
    except Exception as error:  # zip, header and pickle errors all mean the same
        raise InputError(f"{path} cannot be read as an .npz file ({error}).") from error
    images = checked_images(images)
    if labels is not None and labels.shape != (len(images),):
        raise InputError(
            f"{path}: labels has shape {labels.shape} for {len(images)} images: store one a image."
        )
    return ImageSet(images, labels)


def _read_folder(folder):
    files, labels = [], []
    for place in sorted(folder.iterdir()):
        if place.name.startswith(".") or place.is_symlink() or not place.is_dir():
            continue
        found = [f for f in sorted(place.iterdir()) if not f.name.startswith(".")]
        if not found:
            raise InputError(f"{place} is empty: remove it, or put images of the class there.")
        for file in found:
            if file.is_symlink() or not file.is_file() or file.suffix.lower() not in SUFFIXES:
                raise InputError(
                    f"{file} is no image file: keep only {', '.join(SUFFIXES)} files in the "
                    "folders of the classes."
                )
        files += found
        labels += [place.name] * len(found)
        if len(files) > MAX_IMAGES:
            raise InputError(f"{folder} has more than {MAX_IMAGES:,} images: take a sample.")
    if len(files) < 2:
        raise InputError(
            f"{folder} has {len(files)} images in folders of classes: put the images of each "
            "class in a folder of its own, as cats/1.png and dogs/1.png."
        )
    return ImageSet(_stacked(files), np.array(labels, dtype=object), tuple(files))


def _stacked(files):
    images, grey, size = [], [], None
    for file in files:
        pixels, is_grey = _read_file(file)
        size = size or pixels.shape[:2]
        if pixels.shape[:2] != size:
            raise InputError(
                f"{file} has {pixels.shape[1]} x {pixels.shape[0]} pixels, but {files[0]} has "
                f"{size[1]} x {size[0]}: resize all images to one size."
            )
        if pixels.size * len(files) > MAX_VALUES:
            raise InputError(
                f"{len(files)} images of {size[1]} x {size[0]} pixels are too many to hold: "
                "resize them."
            )
        images.append(pixels)
        grey.append(is_grey)
    stack = np.stack(images)
    return np.ascontiguousarray(stack[..., 0]) if all(grey) else stack


def _read_file(file):
    """Return the pixels of an image file, (h, w, 3) of uint8, and whether it is grey."""
    from PIL import Image

    n_bytes = file.stat().st_size
    if n_bytes > MAX_BYTES:
        raise InputError(f"{file} has {n_bytes:,} bytes, more than {MAX_BYTES:,}: resize it.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a size we refuse ourselves
            with Image.open(file, formats=FORMATS) as image:
                if max(image.size) > MAX_SIDE:
                    raise InputError(
                        f"{file} has {image.size[0]} x {image.size[1]} pixels, more than "
                        f"{MAX_SIDE} a side: resize it."
                    )
                return _pixels(image, file)
    except InputError:
        raise
    except Image.DecompressionBombError:
        raise InputError(
            f"{file} has more pixels than {MAX_SIDE} x {MAX_SIDE}: resize it."
        ) from None
    except Exception as error:  # Pillow raises half a dozen kinds for a damaged file
        raise InputError(
            f"{file} cannot be read as PNG or JPEG ({type(error).__name__}): remove or replace it."
        ) from error


def _pixels(image, file):
    from PIL import Image

    if image.mode.startswith(("I", "F")):
        raise InputError(f"{file} has more than 8 bits a channel: convert it to 8 bits.")
    grey = image.mode in ("1", "L", "LA")
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        seen = image.convert("RGBA")
        ground = Image.new("RGBA", seen.size, "white")
        image = Image.alpha_composite(ground, seen)
    return np.asarray(image.convert("RGB"), dtype=np.uint8), grey


def may_write_images(path, overwrite):
    """Refuse a destination of images that is taken, before any work.

    Parameters
    ----------
    path : Path
    overwrite : bool
    """
    if path.suffix.lower() == ".npz" or not (path.is_dir() or path.exists()):
        return
    if not path.is_dir():
        raise InputError(f"{path} is a file: name a folder, or a file that ends in .npz.")
    if any(path.iterdir()) and not overwrite:
        raise InputError(f"{path} exists and is not empty: choose another or add --overwrite.")


def write_images(path, images, labels, source=None):
    """Write new images, after copies of the real ones, to a folder or an ``.npz`` file.

    Parameters
    ----------
    path : Path
        Replaced as a whole. A folder gets a sub-folder a class.
    images : ndarray of shape (n, h, w) or (n, h, w, c)
        The new ones; uint8 for a folder.
    labels : ndarray of shape (n,) or None
    source : ImageSet, optional
        The real ones; files of a folder are copied byte for byte.
    """
    if path.suffix.lower() == ".npz":
        return _write_npz(path, images, labels, source)
    labels = np.full(len(images), "images", dtype=object) if labels is None else labels
    names = [_folder_name(label) for label in np.unique(np.asarray(labels, dtype=str))]
    if images.dtype != np.uint8 or images.ndim not in (3, 4) or images.shape[3:] not in ((), (3,)):
        raise InputError(
            f"Images of dtype {images.dtype} and shape {images.shape[1:]} cannot be written as "
            "PNG files: write to a file that ends in .npz."
        )
    path = path.absolute()
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        temporary.mkdir()
        _fill(temporary, names, images, labels, source)
        if path.exists():
            old = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
            path.rename(old)
            temporary.rename(path)
            shutil.rmtree(old)
        else:
            temporary.rename(path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _fill(folder, names, images, labels, source):
    from PIL import Image

    for name in names:
        (folder / name).mkdir(exist_ok=True)
    taken = {}
    if source is not None:
        of_class = np.asarray(source.labels, dtype=str)
        for i, label in enumerate(of_class):
            home = folder / _folder_name(label)
            home.mkdir(exist_ok=True)
            if source.files:
                shutil.copy2(source.files[i], home / source.files[i].name)
            else:
                Image.fromarray(source.images[i]).save(home / f"real-{i + 1:05d}.png")
    for image, label in zip(images, np.asarray(labels, dtype=str), strict=True):
        number = taken.get(label, 0) + 1
        while (folder / label / SYNTHETIC.format(number)).exists():
            number += 1
        taken[label] = number
        Image.fromarray(np.ascontiguousarray(image)).save(
            folder / label / SYNTHETIC.format(number)
        )


def _folder_name(label):
    """Return a label if it can name a folder here and nowhere else."""
    bad = label in ("", ".", "..") or label.startswith(".") or len(label.encode()) > 200
    if bad or any(c in label for c in ("/", "\\", "\0", ":")) or os.path.basename(label) != label:
        raise InputError(
            f"The label {label!r} cannot name a folder: rename it, or write to a file that ends "
            "in .npz."
        )
    return label


def _write_npz(path, images, labels, source):
    from gan_augment.persistence import replacing

    arrays = {"images": images}
    if labels is not None:
        arrays["labels"] = labels
    if source is not None:
        arrays["images"] = np.concatenate([source.images, images])
        arrays["is_synthetic"] = np.arange(len(arrays["images"])) >= len(source.images)
        if labels is not None:
            arrays["labels"] = np.concatenate([source.labels, labels])
    if "labels" in arrays and arrays["labels"].dtype == object:
        arrays["labels"] = arrays["labels"].astype(str)
    with replacing(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)

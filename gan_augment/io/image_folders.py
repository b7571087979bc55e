"""Images written to disk: a folder of PNG files per class, or arrays in a ``.npz`` file.

Real images that were read from files are copied byte for byte. Names of classes become names of
folders, so they are checked like anything that may come from anyone. A folder appears under its
name when it is complete; after an error the old one is as it was.
"""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from gan_augment.containers.images import layout_of
from gan_augment.exceptions import InputError
from gan_augment.io.atomic import check_parent, replacing
from gan_augment.io.images import SUFFIXES, ImageSet, printable, unusable

SYNTHETIC, REAL = "synthetic", "real"
_RESERVED = {"con", "prn", "aux", "nul", *(f"{p}{i}" for p in ("com", "lpt") for i in range(10))}


def check_place(
    out: str | Path, source: str | Path | None = None, overwrite: bool = False
) -> None:
    """Refuse a folder that may not be written, before any work.

    What is read, the `source`, is never written over. With `overwrite`, a folder that holds
    nothing but images in sub-folders may be replaced.
    """
    out = Path(out)
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise unusable(out, "is no folder", "name a folder or a .npz file")
    here = out.resolve()
    if source is not None:
        there = Path(source).resolve()
        if here == there or here in there.parents or there in here.parents:
            raise unusable(
                out,
                f"and {printable(source)} are one folder, or one is in the other",
                "choose another name",
            )
    check_parent(out)
    if out.is_dir() and any(out.iterdir()):
        if not overwrite:
            raise InputError(
                "exists",
                value=printable(out),
                remedy="choose another name or add {}",
                settings=(("overwrite", True),),
            )
        _refuse_foreign(out)


def _refuse_foreign(out: Path) -> None:
    """Refuse to replace a folder that holds anything but images in sub-folders."""
    for entry in sorted(out.iterdir()):
        inside = sorted(entry.iterdir()) if _is_folder(entry) else [entry]
        for path in inside:
            image = path.parent != out and path.suffix.lower() in SUFFIXES
            if not (image and stat.S_ISREG(path.lstat().st_mode)):
                raise unusable(
                    path,
                    "is no image of a class, and only folders of images are overwritten",
                    "choose another name or clear the folder yourself",
                )


def _is_folder(path: Path) -> bool:
    return stat.S_ISDIR(path.lstat().st_mode)


def check_writable(found: ImageSet, out: Path) -> None:
    """Refuse images whose classes, names or pixels cannot be written as a folder of PNG files."""
    if found.labels is None:
        raise InputError(
            "There are no labels to name folders after",
            remedy=f"write a .npz file instead of {out}",
        )
    class_folders(np.unique(found.labels))
    pictures(found.images[:1])
    for path in found.files or ():
        if path.stem.startswith(f"{SYNTHETIC}-"):
            raise unusable(
                path,
                "has the name of a synthetic image",
                "learn from real images only, or rename it",
            )


def class_folders(labels: Iterable) -> dict:
    """Return a folder's name for each of distinct labels, or refuse names that are none.

    Refused is what would lead elsewhere, is hidden, or is the same as another but for its case.

    Examples
    --------
    >>> class_folders(["cat", "dog"])
    {'cat': 'cat', 'dog': 'dog'}
    >>> class_folders(["../cat"])
    Traceback (most recent call last):
        ...
    gan_augment.exceptions.InputError: The label '../cat' is no name of a folder: rename the class.
    """
    names: dict = {}
    taken: dict[str, str] = {}
    for label in np.asarray(labels).tolist():
        name = str(label)
        odd = not name.isprintable() or any(sign in name for sign in '/\\:*?"<>|')
        if odd or not name or name != name.strip(". ") or len(name.encode()) > 200:
            raise InputError(
                f"The label {name!r:.80} is no name of a folder", remedy="rename the class"
            )
        if name.lower().split(".")[0] in _RESERVED:
            raise InputError(f"The label {name!r} is a reserved name", remedy="rename the class")
        other = taken.setdefault(name.casefold(), name)
        if other != name:
            raise InputError(
                f"The labels {other!r} and {name!r} differ in case only, which not all disks "
                "tell apart",
                remedy="rename a class",
            )
        names[label] = name
    return names


def pictures(images: np.ndarray) -> np.ndarray:
    """Return images as PNG files hold them, (n, h, w) or (n, h, w, 3), or say why they cannot."""
    if images.dtype != np.uint8:
        raise InputError(
            f"The images are {images.dtype}, which PNG files do not hold as they are",
            remedy="write a .npz file",
        )
    layout, one = layout_of(images.shape, "auto", None)
    if layout == "grey":
        return images
    if layout == "first":
        images, one = images.transpose(0, 2, 3, 1), (*one[1:], one[0])
    if one[-1] not in (1, 3):
        raise InputError(
            f"The images have {one[-1]} channels, PNG files of grey or RGB have 1 or 3",
            remedy="write a .npz file",
        )
    return np.ascontiguousarray(images[..., 0] if one[-1] == 1 else images)


def write_images(
    out: str | Path, new: ImageSet, real: ImageSet | None = None, mark: str | None = None
) -> None:
    """Write synthetic images, after the real ones if there are any.

    A ``.npz`` file gets arrays, and if named, the array `mark`: True for synthetic images. A
    folder gets a sub-folder per class and files ``synthetic-00001.png`` and so on; files of real
    images are copied byte for byte, arrays become ``real-00001.png`` and so on. What is there is
    replaced: see `check_place`.

    Examples
    --------
    >>> import tempfile
    >>> from gan_augment.io.images import ImageSet
    >>> made = ImageSet(np.zeros((2, 8, 8), dtype="uint8"), np.array(["a", "b"]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_images(Path(folder) / "out", made)
    ...     [path.name for path in sorted(Path(folder).glob("out/*/*"))]
    ['synthetic-00001.png', 'synthetic-00002.png']
    """
    out = Path(out)
    if out.suffix.lower() == ".npz":
        _write_arrays(out, new, real, mark)
        return
    with replacing(out, folder=True) as temporary:
        parts = [new] if real is None else [real, new]
        names = class_folders(np.unique(np.concatenate([part.labels for part in parts])))
        for name in names.values():
            (temporary / name).mkdir()
        if real is not None and real.files is not None:
            for label, path in zip(_labels(real), real.files, strict=True):
                shutil.copyfile(path, temporary / names[label] / path.name)
        elif real is not None:
            _write_pictures(temporary, names, real, REAL)
        _write_pictures(temporary, names, new, SYNTHETIC)


def _labels(found: ImageSet) -> list:
    return np.asarray(found.labels).tolist()


def _write_pictures(folder: Path, names: dict, found: ImageSet, word: str) -> None:
    from PIL import Image

    images = pictures(found.images)
    for number, (label, image) in enumerate(zip(_labels(found), images, strict=True), 1):
        Image.fromarray(image).save(folder / names[label] / f"{word}-{number:05d}.png")


def _write_arrays(path: Path, new: ImageSet, real: ImageSet | None, mark: str | None) -> None:
    parts = [new] if real is None else [real, new]
    arrays = {"images": np.concatenate([part.images for part in parts])}
    if new.labels is not None:
        arrays["labels"] = np.concatenate([part.labels for part in parts])
    if mark is not None:
        arrays[mark] = np.arange(len(arrays["images"])) >= len(arrays["images"]) - len(new.images)
    with replacing(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # a name is no setting


def check_mark(mark: str | None, out: Path) -> None:
    """Refuse a name of a mark that no array of a ``.npz`` file can have, or a folder."""
    if mark is None:
        return
    if out.suffix.lower() != ".npz":
        raise InputError.of(
            "mark",
            mark,
            "is for .npz files",
            f"in a folder, synthetic images have names that begin with {SYNTHETIC}-",
        )
    if not mark.isidentifier() or mark in ("images", "labels", "file", "allow_pickle"):
        raise InputError.of(
            "mark", mark, "is no free name of an array", "write one like synthetic"
        )

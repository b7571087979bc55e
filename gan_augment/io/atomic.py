"""Files and folders that appear whole under their name, or not at all.

What is new is written beside its destination, flushed to the disk and renamed. After a crash or on
a full disk the old file or folder is as it was.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from gan_augment.exceptions import InputError


def check_parent(path: str | Path) -> None:
    """Refuse a path in whose folder nothing can be written, before any work.

    Raises
    ------
    InputError
    """
    shown, folder = str(Path(path).parent), Path(path).absolute().parent
    if not folder.exists():
        raise InputError("does not exist", value=shown, remedy="create this folder first")
    if not folder.is_dir():
        raise InputError("is a file, not a folder", value=shown, remedy="choose another place")
    if not os.access(folder, os.W_OK):
        raise InputError(
            "is a folder you may not write to", value=shown, remedy="choose another one"
        )


@contextlib.contextmanager
def replacing(path: str | Path, *, folder: bool = False, flush: bool = True) -> Iterator[Path]:
    """Yield a temporary path to write to, which takes the place of ``path`` once complete.

    It is in the same folder, so that the last step is a rename; where a folder is to be written it
    exists and is empty. A new file may be read by those who might read the old one. After an error
    the old file or folder is as it was, and the temporary one is gone. The end of a symbolic link
    is replaced. Without `flush` a power cut may leave a file that is not whole.
    """
    name, path = str(path), Path(os.path.realpath(path))
    if path.exists() and not (path.is_dir() if folder else path.is_file()):
        what = "folder" if folder else "regular file"
        raise InputError(f"is no {what}", value=name, remedy="name another one")
    if path.is_symlink():
        raise InputError("is a link that leads back to itself", value=name, remedy="name another")
    temporary = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        if folder:
            temporary.mkdir()
        yield temporary
        if folder:
            _exchange_folder(temporary, path)
        else:
            if flush:
                with open(temporary, "rb+") as file:
                    os.fsync(file.fileno())
            if path.exists():
                shutil.copymode(path, temporary)
            os.replace(temporary, path)
        if flush:
            _flush_folder(path.parent)
    except BaseException as error:
        if folder:
            shutil.rmtree(temporary, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
        _name_as_asked(error, name)
        raise


def write_text(path: str | Path, text: str, *, flush: bool = True) -> None:
    """Write text in UTF-8 to a file that is replaced whole or not at all, see `replacing`."""
    with replacing(path, flush=flush) as temporary:
        temporary.write_bytes(text.encode("utf-8"))


def _exchange_folder(new: Path, path: Path) -> None:
    """Move a folder to the place of another one, which comes back if that fails."""
    old = new.with_suffix(".old")
    try:
        if path.exists():
            os.rename(path, old)
        os.rename(new, path)
    except BaseException:
        if old.exists() and not path.exists():
            os.rename(old, path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _flush_folder(folder: Path) -> None:
    """Make a rename outlive a power cut too, where the system lets a folder be flushed."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _name_as_asked(error: BaseException, name: str) -> None:
    """Give an error of the system the name that the caller knows, not the temporary one."""
    if isinstance(error, OSError):
        error.filename = name
        if error.filename2 is not None:
            del error.filename2

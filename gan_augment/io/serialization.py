"""One file, data only: a JSON header, arrays as safetensors, and a checksum over both.

Nothing in a file is ever executed or imported. The layout, in this order::

    8 bytes   magic
    32 bytes  SHA-256 of everything after it
    8 bytes   length of the header, little endian
    header    JSON: {"format": 1, ...}
    the rest  safetensors

A file is written beside its destination, flushed to the disk and renamed, so that a crash or a
full disk leaves the old file or the new one, never half of one.

A file is read with suspicion. It must be a regular file with the magic in front; lengths are
compared with its size before anything is held in memory, and the checksum is computed in passing.
Text may be long only where the arrays are as long: parsed, it takes many times its bytes.

Migration. The layout up to the end of the header never changes. A release that changes what the
header or the arrays say raises ``FORMAT`` by one and enters into ``MIGRATIONS``, under the format
before, one function ``(header, arrays) -> (header, arrays)``, with a test on a file that the
release before wrote; it is never removed again. A file of an older format passes through all
functions from its own format on. A file of a newer format is refused: old versions do not guess.
"""

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import stat
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load as arrays_from_bytes
from safetensors.numpy import save as bytes_from_arrays

from gan_augment.containers.untrusted import is_whole, parsed
from gan_augment.exceptions import InputError, ModelFileError, error_text

MAGIC = b"GANAUG\x01\n"
FORMAT = 1
#: {older format: function from its header and arrays to those of the next format}
MIGRATIONS = {}
#: No model comes near this; what is larger is not even read.
MAX_FILE = 16 * 2**30
#: Text of this length is always read: that of a table of 5,000 columns is shorter.
SHORT_TEXT = 2 * 2**20
_DIGEST, _LENGTH = 32, 8


def write_bundle(path, header, arrays):
    """Write a header and arrays to one file, atomically.

    Parameters
    ----------
    path : str or Path
    header : dict
        JSON-able.
    arrays : dict of str to ndarray
        Of numeric or bool dtypes.
    """
    text = json.dumps({"format": FORMAT, **header}, allow_nan=False).encode()
    packed = bytes_from_arrays(arrays)
    body = _length_in_bytes(text) + text + packed
    if not _readable(len(text), len(packed)) or len(body) > MAX_FILE:
        raise InputError(
            f"This model has {len(text):,} bytes of description and {len(packed):,} bytes of "
            "arrays, more than a model file may hold: fit fewer columns or shorter categories."
        )
    with replacing(path) as temporary, open(temporary, "wb") as file:
        file.write(MAGIC + hashlib.sha256(body).digest() + body)


def _length_in_bytes(text):
    return len(text).to_bytes(_LENGTH, "little")


def _readable(length, rest):
    """Whether so long a text may stand in front of so many bytes."""
    return length <= max(SHORT_TEXT, rest)


@contextlib.contextmanager
def replacing(path):
    """Yield a temporary path to write to, which takes the place of ``path`` once complete.

    The new file is flushed to the disk before it is renamed, and may be read by those who might
    read the old one. After an error the old file is as it was, and the temporary one is gone. The
    end of a symbolic link is what is replaced.

    Parameters
    ----------
    path : str or Path

    Yields
    ------
    Path
        In the same folder, so that the last step is a rename.

    Raises
    ------
    InputError
        If the path is a device, a pipe or a folder, which no file is to take the place of.
    """
    name, path = str(path), Path(path)
    if path.exists() and not path.is_file():
        raise InputError(f"{name} is no regular file: name another one.")
    path = path.resolve() if path.is_symlink() else path
    temporary = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
        _flush_folder(path.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        rename_error(error, name)
        raise


def rename_error(error, name):
    """Give an error of the system the name that the caller knows; others stay as they are.

    Parameters
    ----------
    error : BaseException
    name : str
    """
    if isinstance(error, OSError):
        error.filename = name
        if error.filename2 is not None:
            del error.filename2


def write_text(path, text):
    """Write text in UTF-8 so that a file of that name is replaced by a whole one, or not at all.

    Parameters
    ----------
    path : str or Path
    text : str
    """
    with replacing(path) as temporary:
        temporary.write_bytes(text.encode("utf-8"))


def _flush_folder(folder):
    """Make a rename outlive a power cut too, where the system lets a folder be flushed."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read_bundle(path):
    """Read what :func:`write_bundle` wrote.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    header : dict
        Of the format of this version, whichever the file has.
    arrays : dict of str to ndarray

    Raises
    ------
    ModelFileError
        If the file is not one of ours, damaged, or of a newer format.
    OSError
        If it is missing or may not be read.
    """
    with _opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        if file.read(len(MAGIC)) != MAGIC:
            raise ModelFileError(
                f"{path} is not a gan_augment model file: pass one that save() wrote."
            )
        if size > MAX_FILE:
            raise ModelFileError(f"{path} has {size:,} bytes: no model file is so large.")
        digest, start = file.read(_DIGEST), file.tell()
        length = int.from_bytes(file.read(_LENGTH), "little")
        rest = size - start - _LENGTH - length
        if rest < 0 or not _readable(length, rest):
            raise ModelFileError(f"{path} is damaged (its lengths do not fit): save it again.")
        file.seek(start)
        if hashlib.file_digest(file, "sha256").digest() != digest:
            raise ModelFileError(
                f"{path} is damaged (its checksum does not match): save it again."
            )
        file.seek(start + _LENGTH)
        try:
            header = parsed(file.read(length))
            if not (is_whole(header["format"]) and header["format"] in {FORMAT, *MIGRATIONS}):
                # first: what follows may look different then
                raise ModelFileError(
                    f"{path} has format {header['format']}, this version reads {FORMAT}: "
                    "update gan_augment."
                )
            return _migrated(header, _arrays(file.read(rest)))
        except ModelFileError:
            raise
        except (ValueError, TypeError, KeyError, RecursionError, SafetensorError) as error:
            raise ModelFileError(
                f"{path} cannot be read ({error_text(error)}): save it again."
            ) from error


def _opened(path):
    """Open a regular file; a pipe would wait for a writer for ever, a device never end."""
    path = Path(path)
    if stat.S_ISREG(path.stat().st_mode):
        # it may have become a pipe since: opened without waiting, and looked at once more
        file = open(path, "rb", opener=_open_at_once)  # noqa: SIM115 (closed by the caller)
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file
        file.close()
    raise ModelFileError(f"{path} is no regular file: pass a file that save() wrote.")


def _open_at_once(path, flags):
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _arrays(packed):
    length = int.from_bytes(packed[:_LENGTH], "little")
    if not _readable(length, len(packed) - _LENGTH - length):
        raise ValueError("the description of the arrays is longer than the arrays")
    return arrays_from_bytes(packed)


def _migrated(header, arrays):
    """Bring a header and arrays of an older format to this one, a format at a time."""
    for older in range(header["format"], FORMAT):
        header, arrays = MIGRATIONS[older](header, arrays)
        header = {**header, "format": older + 1}
    return header, arrays

"""One file, data only: a JSON header, arrays as safetensors, and a checksum over both.

Nothing in a file is ever executed or imported. The layout, in this order::

    8 bytes   magic
    32 bytes  SHA-256 of everything after it
    8 bytes   length of the header, little endian
    header    JSON: {"format": 1, ...}
    the rest  safetensors

safetensors has room for text of its own, but its checksum would have to stand beside what it
covers, and its header would be parsed before the checksum is known.

Reading trusts nothing. A file must be a regular one with the magic in front; lengths are compared
with its size before anything is held in memory, and the checksum is verified before anything is
parsed. Text may be long only where the arrays are as long: parsed, it takes many times its bytes.

Migration. The layout up to the end of the header never changes. A release that changes what the
header or the arrays say raises ``FORMAT`` by one and enters into ``MIGRATIONS``, under the format
before, one function ``(header, arrays) -> (header, arrays)``, with a test on a file that the
release before wrote; it is never removed again. A file of an older format passes through all
functions from its own format on. A file of a newer format is refused: old versions do not guess.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as arrays_from_bytes
from safetensors.numpy import save as bytes_from_arrays

from gan_augment.containers.untrusted import is_whole, parsed
from gan_augment.exceptions import InputError, ModelFileError, error_text
from gan_augment.io.atomic import replacing

MAGIC = b"GANAUG\x01\n"
FORMAT = 1
#: {older format: function from its header and arrays to those of the next format}
MIGRATIONS: dict[int, Callable] = {}
#: No model comes near this; what is larger is not even read.
MAX_FILE = 16 * 2**30
#: Text of this length is always read: that of a table of 5,000 columns is shorter.
SHORT_TEXT = 2 * 2**20
_DIGEST, _LENGTH = 32, 8


def write_bundle(path: str | os.PathLike, header: dict, arrays: dict[str, np.ndarray]) -> None:
    """Write a header that JSON can hold, and arrays of numbers, to one file, atomically."""
    text = json.dumps({"format": FORMAT, **header}, allow_nan=False).encode()
    packed = bytes_from_arrays(arrays)
    body = len(text).to_bytes(_LENGTH, "little") + text + packed
    if not _readable(len(text), len(packed)) or len(body) > MAX_FILE:
        raise InputError(
            f"This model has {len(text):,} bytes of description and {len(packed):,} bytes of "
            "arrays, more than a model file may hold",
            remedy="fit fewer columns or shorter categories",
        )
    with replacing(path) as temporary, open(temporary, "wb") as file:
        file.write(MAGIC + hashlib.sha256(body).digest() + body)


def _readable(length: int, rest: int) -> bool:
    """Whether so long a text may stand in front of so many bytes."""
    return length <= max(SHORT_TEXT, rest)


def read_bundle(path: str | Path) -> tuple[dict, dict[str, np.ndarray]]:
    """Read what :func:`write_bundle` wrote; the header is of the format of this version.

    A file that this package did not write, a damaged one and one of a newer format raise
    ModelFileError.
    """
    with _opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        if file.read(len(MAGIC)) != MAGIC:
            raise ModelFileError(
                f"{path} is not a gan_augment model file: pass one that a generator saved."
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


def _opened(path: str | Path) -> BufferedReader:
    """Open a regular file; a pipe would wait for a writer, and a device might never end."""
    path = Path(path)
    if stat.S_ISREG(path.stat().st_mode):
        # it may have become a pipe since: opened without waiting, and looked at once more
        file = open(path, "rb", opener=_open_at_once)  # noqa: SIM115 (closed by the caller)
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file
        file.close()
    raise ModelFileError(f"{path} is no regular file: pass one that a generator saved.")


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _arrays(packed: bytes) -> dict[str, np.ndarray]:
    length = int.from_bytes(packed[:_LENGTH], "little")
    if not _readable(length, len(packed) - _LENGTH - length):
        raise ValueError("the description of the arrays is longer than the arrays")
    return arrays_from_bytes(packed)


def _migrated(header: dict, arrays: dict[str, Any]) -> tuple[dict, dict[str, Any]]:
    """Bring a header and arrays of an older format to this one, a format at a time."""
    for older in range(header["format"], FORMAT):
        header, arrays = MIGRATIONS[older](header, arrays)
        header = {**header, "format": older + 1}
    return header, arrays

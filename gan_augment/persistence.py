"""One file, data only: a JSON header, arrays as safetensors, and a checksum over both.

Nothing in a file is ever executed or imported. The layout, in this order::

    8 bytes   magic
    32 bytes  SHA-256 of everything after it
    8 bytes   length of the header, little endian
    header    JSON: {"format": 1, ...}
    the rest  safetensors

A file is written beside its destination, flushed to the disk and renamed, so that a crash or a
full disk leaves the old file or the new one, never half of one.
"""

import contextlib
import hashlib
import json
import os
import secrets
from pathlib import Path

from safetensors import SafetensorError
from safetensors.numpy import load as arrays_from_bytes
from safetensors.numpy import save as bytes_from_arrays

from gan_augment.exceptions import ModelFileError

MAGIC = b"GANAUG\x01\n"
FORMAT = 1
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
    body = len(text).to_bytes(_LENGTH, "little") + text + bytes_from_arrays(arrays)
    with replacing(path) as temporary, open(temporary, "wb") as file:
        file.write(MAGIC + hashlib.sha256(body).digest() + body)


@contextlib.contextmanager
def replacing(path):
    """Yield a temporary path to write to, which takes the place of ``path`` once complete.

    The new file is flushed to the disk before it is renamed. After an error the old file is as it
    was, and the temporary one is gone.

    Parameters
    ----------
    path : str or Path

    Yields
    ------
    Path
        In the same folder, so that the last step is a rename.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename, error.filename2 = str(path), None  # the name the caller knows
        raise


def read_bundle(path):
    """Read what :func:`write_bundle` wrote.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    header : dict
    arrays : dict of str to ndarray

    Raises
    ------
    ModelFileError
        If the file is not one of ours, damaged, or of a newer format.
    """
    data = Path(path).read_bytes()
    if not data.startswith(MAGIC):
        raise ModelFileError(
            f"{path} is not a gan_augment model file: pass one that save() wrote."
        )
    digest, body = data[len(MAGIC) :][:_DIGEST], data[len(MAGIC) + _DIGEST :]
    if hashlib.sha256(body).digest() != digest:
        raise ModelFileError(f"{path} is damaged (its checksum does not match): save it again.")
    end = _LENGTH + int.from_bytes(body[:_LENGTH], "little")
    try:
        header = json.loads(body[_LENGTH:end])
        if header["format"] != FORMAT:  # first: what follows may look different then
            raise ModelFileError(
                f"{path} has format {header['format']}, this version reads {FORMAT}: "
                "update gan_augment."
            )
        return header, arrays_from_bytes(body[end:])
    except ModelFileError:
        raise
    except (ValueError, TypeError, KeyError, RecursionError, SafetensorError) as error:
        raise ModelFileError(f"{path} cannot be read ({error!r}): save it again.") from error

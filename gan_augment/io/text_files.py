"""Files of text as they come: compressed or not, in any encoding that can be told, and back.

What a file is written in is found from its bytes, stated, and used again when it is written, so
that its own rows stay as they are.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from pathlib import Path

from gan_augment.exceptions import InputError
from gan_augment.io.atomic import replacing

#: What a file of text may be compressed to, so that a small file cannot fill the memory.
MOST_BYTES = 4 * 2**30
_BYTE_ORDERS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
#: Bytes that are looked at to tell text from other files.
_FIRST = 65_536


def read_text(path: str | Path, encoding: str | None = None) -> tuple[str, str]:
    r"""Return the text of a file and its encoding, found if none is given.

    A byte order mark stays the first sign of the text.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.csv"
    ...     written = path.write_bytes("name\\nMüller\\n".encode("cp1252"))
    ...     read_text(path)
    ('name\\nMüller\\n', 'cp1252')
    """
    content = _bytes(Path(path))
    if encoding is not None:
        return _decoded(content, checked_encoding(encoding), path), encoding
    for candidate in _candidates(content):
        try:
            return content.decode(candidate), candidate
        except UnicodeDecodeError:
            continue
    raise InputError(
        "is no file of text (it holds bytes that no text has)",
        value=path,
        remedy="check the file, or say how it is written with {}",
        settings=(("encoding", "utf-8"),),
    )


def write_text(path: str | Path, text: str, encoding: str = "utf-8") -> None:
    """Write text to a file that is replaced as a whole, compressed where it is named .gz."""
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError as error:
        raise InputError(
            f"is written in {encoding}, which has no {text[error.start]!r}",
            value=path,
            remedy="save the table as UTF-8 first",
        ) from None
    if Path(path).suffix.lower() == ".gz":
        content = gzip.compress(content, mtime=0)
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def checked_encoding(encoding: str) -> str:
    """Return the name of an encoding of text, or refuse one that there is not."""
    try:
        known = codecs.lookup(encoding)
    except (LookupError, ValueError):
        known = None
    if known is None or not getattr(known, "_is_text_encoding", True):
        raise InputError.unknown("encoding", encoding, "one such as utf-8, cp1252 or utf-16")
    return encoding


def _bytes(path):
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise InputError(
            "is no regular file", value=path, remedy="write what it would give to a file first"
        )
    if path.suffix.lower() != ".gz":
        return path.read_bytes()
    try:
        with gzip.open(path) as file:
            content = file.read(MOST_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(
            f"cannot be unpacked ({error})", value=path, remedy="pack it again with gzip"
        ) from None
    if len(content) > MOST_BYTES:
        raise InputError("is too large when unpacked", value=path, remedy="save it as Parquet")
    return content


def _candidates(content):
    """Encodings to try, those that fit few other files first."""
    first = content[:_FIRST]
    for mark, encoding in _BYTE_ORDERS.items():
        if content.startswith(mark):
            return [encoding]
    even, odd = first[::2].count(0), first[1::2].count(0)
    if max(even, odd) > 0.3 * (len(first) / 2) and min(even, odd) < 0.1 * max(even, odd):
        return ["utf-16-le" if odd > even else "utf-16-be"]
    if any(first.count(code) for code in (0, 1, 2, 3, 4, 5, 6, 14, 15, 16)):
        return ["utf-8"]  # no text of one byte a sign has these
    return ["utf-8", "cp1252", "latin-1"]


def _decoded(content, encoding, path):
    if codecs.lookup(encoding).name == "utf-16":  # its mark tells the order, and stays
        encoding = _BYTE_ORDERS.get(content[:2], "utf-16-le")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        byte = f"byte {error.start} is {content[error.start]:#04x}"
        raise InputError(
            f"is not written in {encoding} ({byte})",
            value=path,
            remedy="name its encoding, or leave the choice out",
        ) from None

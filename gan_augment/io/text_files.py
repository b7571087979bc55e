"""Files of text as they come: compressed or not, in any encoding that can be told, and back.

What a file is written in is found from its bytes, stated, and used again when it is written, so
that its own rows stay as they are.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from itertools import pairwise
from pathlib import Path

from gan_augment.exceptions import InputError
from gan_augment.io.atomic import replacing

#: What a file of text may be compressed to, so that a small file cannot fill the memory.
MOST_BYTES = 4 * 2**30
_BYTE_ORDERS = {
    codecs.BOM_UTF32_LE: "utf-32-le",  # begins like that of UTF-16
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
#: Encodings that cannot be told from each other, with what they write.
FOREIGN = {
    "shift_jis": "Japanese",
    "gb18030": "Chinese",
    "euc_kr": "Korean",
    "cp1251": "Cyrillic",
    "cp1253": "Greek",
}
#: Share of signs beyond ASCII that stand beside another one, from which on text is not in Latin
#: letters, and how many there have to be.
FOREIGN_SHARE, FOREIGN_SIGNS = 0.8, 8
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
    _refuse_archives(content, path)
    for candidate in _candidates(content):
        try:
            text = content.decode(candidate)
        except UnicodeDecodeError:
            continue
        if candidate in ("cp1252", "latin-1"):
            _refuse_damaged(content, path)
            _refuse_foreign(content, path)
        return text, candidate
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
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"  # also where the name does not say so
    if path.suffix.lower() != ".gz" and not packed:
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
    name = codecs.lookup(encoding).name
    if name in ("utf-16", "utf-32"):  # its mark tells the order, and stays
        encoding = _BYTE_ORDERS.get(content[: 2 if name == "utf-16" else 4], f"{name}-le")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        byte = f"byte {error.start} is {content[error.start]:#04x}"
        raise InputError(
            f"is not written in {encoding} ({byte})",
            value=path,
            remedy="name its encoding, or leave the choice out",
        ) from None


def _refuse_archives(content, path):
    """Refuse archives and workbooks, whatever they are named."""
    if not content.startswith(b"PK\x03\x04"):
        return
    if b"xl/" in content:
        raise InputError(
            "is a workbook", value=path, remedy="give it the suffix .xlsx, or save it as .csv"
        )
    raise InputError(
        "is a zip archive",
        value=path,
        remedy=f"unpack it, as by unzip -p {path.name} > rows.csv",
    )


def _refuse_damaged(content, path):
    """Refuse UTF-8 with a few wrong bytes: read otherwise, all other signs would be wrong."""
    text = content.decode("utf-8", errors="replace")
    n_wrong = text.count("\ufffd")
    if sum(ord(sign) > 127 for sign in text) - n_wrong <= n_wrong:
        return
    line = text[: text.index("\ufffd")].count("\n") + 1
    raise InputError(
        f"is UTF-8, but not on line {line}" + f" and {n_wrong - 1} more times" * (n_wrong > 1),
        value=path,
        remedy="mend it, or drop the wrong bytes, as by iconv -f utf-8 -t utf-8 -c "
        f"{path.name} > rows.csv; or read all of it otherwise with {{}}",
        settings=(("encoding", "cp1252"),),
    )


def _refuse_foreign(content, path):
    """Refuse text that is not in Latin letters: its encoding cannot be told."""
    high = [byte > 127 for byte in content[:_FIRST]]
    beside = sum(a and b for a, b in pairwise(high))
    n_high, control = sum(high), any(128 <= byte < 160 for byte in content[:_FIRST])
    try:
        content.decode("cp1252")
    except UnicodeDecodeError:
        unlike = control  # no text in Latin letters has control signs
    else:
        unlike = False
    if n_high < FOREIGN_SIGNS or not (unlike or beside > FOREIGN_SHARE * n_high / 2):
        return
    fits = [name for name in FOREIGN if _fits(content, name)]
    if not fits:
        return
    told = ", ".join(f"{name} ({FOREIGN[name]})" for name in fits)
    raise InputError(
        "is in an encoding that cannot be told",
        value=path,
        remedy=f"name it with {{}}; of {told} any fits, and cp1252 where it is in Latin letters",
        settings=(("encoding", fits[0]),),
    )


def _fits(content, encoding):
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True

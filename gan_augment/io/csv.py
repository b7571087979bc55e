"""CSV files as text: real rows are copied as they stand, new rows are written in the same style.

A CSV file says nothing about types, so reading one and writing it back usually changes it:
``1.50`` becomes ``1.5``, ``007`` becomes ``7``, ``NA`` an empty cell. Here the records of the
file are kept as text and only copied. For learning, each column is typed by the rules below, and
its text style is kept: decimals, date layout, the words for true, false and missing.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gan_augment.containers.text import (
    NumberForm,
    date_form,
    number_form,
    quoted,
    write_date,
)
from gan_augment.exceptions import InputError
from gan_augment.io.csv_records import MOST_LOOKED_AT, read_records
from gan_augment.io.text_files import read_text

#: What separates cells, by suffix; None where the header line tells.
DELIMITERS = {".csv": None, ".tsv": "\t", ".tab": "\t", ".data": None, ".txt": None}

# The words pandas.read_csv takes for a missing cell.
MISSING_WORDS = frozenset(
    "|#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a"
    "|nan|null".split("|")
)
# [0-9], as \d takes the digits of every script: rows would come back in other digits.
INTEGER = r"0|-?[1-9][0-9]*"
NUMBER = r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:inf(?:inity)?))"
CODE = r"[+-]?0[0-9]+"
COMMA_NUMBER = r"[+-]?[0-9]+(?:,[0-9]+)?"
MOMENT = (
    r"(?a)\d{4}-\d\d-\d\d"
    r"(?:([ T])\d\d:\d\d(:\d\d(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?)?"
)
#: Rows that show whether the first one is one of them.
FEWEST_ROWS = 10
#: Numbers with a unit are words where they are fewer.
FEW_WITH_UNIT = 20
#: No machine integer has more digits, its sign included.
MAX_DIGITS = 20

# Spreadsheets run a cell that starts with one of these as a formula, some also the wide signs of
# East Asian keyboards; and they may split a file at another delimiter than it has.
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "\0")
_SPLIT = re.compile(r'([,;|\t\r\n]"*)')


@dataclass(frozen=True)
class Reading:
    """How a file of text is to be read, where it does not say so itself.

    Parameters
    ----------
    encoding : str, optional
        Found from its bytes without it.
    header : bool, optional
        Whether the first row names the columns; without it a first row that looks like the others
        is refused.
    missing : tuple of str
        Words that stand for a missing cell beside those that always do.
    dates : dict of {str: str}
        Layouts of dates, such as ``{"joined": "%d/%m/%Y"}``.
    words : tuple of str
        Columns whose text stays text, whatever it looks like.
    drop_ragged : bool
        Whether lines with more or fewer cells than the header are left out.
    skip_lines : int
        Lines before the table, such as a title that looks like a header.
    """

    encoding: str | None = None
    header: bool | None = None
    missing: tuple[str, ...] = ()
    dates: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    drop_ragged: bool = False
    skip_lines: int = 0


@dataclass(frozen=True)
class TextStyle:
    """How the cells of one column are written.

    `kind` is "integer", "number", "boolean", "datetime" or "text", `missing` the word for a
    missing cell, the file's most frequent one. `decimals` are the fewest and most seen, None where
    numbers are written with exponents; `point` stands before them. `words` say false and true.
    `moment` is the separator of date and time, seconds or None, digits of the fraction, offset
    suffix; in its place dates that are not ISO 8601 have a `layout`, its parts with leading zeros
    if `padded`. Numbers with marks have a `form`.
    """

    kind: str
    missing: str = ""
    decimals: tuple[int, int] | None = None
    words: tuple[str, str] = ("False", "True")
    moment: tuple = (None, None, 0, "")
    point: str = "."
    layout: str | None = None
    padded: bool = True
    form: NumberForm | None = None

    def write(self, value: Any) -> str:
        """Return the text of one value."""
        if pd.isna(value):
            return self.missing
        if self.form is not None:
            return self.form.write(replace(self, form=None).write(value))
        if self.kind == "integer":
            return str(int(value))
        if self.kind == "number":
            return self._number(float(value)).replace(".", self.point)
        if self.kind == "boolean":
            return self.words[bool(value)]
        if self.kind == "datetime":
            return self._moment(value)
        return str(value)

    def _number(self, value: float) -> str:
        if self.decimals is None or not np.isfinite(value):
            return repr(value)
        fewest, most = self.decimals
        # no digits of the binary fraction that no one wrote
        known = len(np.format_float_positional(value, trim="-").partition(".")[2])
        text = f"{value:.{min(most, known)}f}"
        text += "." * (known == 0 < fewest) + "0" * (fewest - known)
        most = max(min(most, known), fewest)
        while most > fewest and text.endswith("0"):
            text, most = text[:-1], most - 1
        text = text.removesuffix(".")
        return text.removeprefix("-") if not text.strip("-0.") else text

    def _moment(self, value: pd.Timestamp) -> str:
        if self.layout is not None:
            return write_date(value, self.layout, self.padded)
        separator, seconds, digits, offset = self.moment
        text = value.strftime("%Y-%m-%d")
        if separator:
            text += separator + value.strftime("%H:%M:%S" if seconds else "%H:%M")
        if digits:
            text += "." + f"{value.microsecond * 1000 + value.nanosecond:09d}"[:digits]
        return text + offset


# Columns of text ------------------------------------------------------------------------------


def type_column(
    cells: pd.Series,
    delimiter: str = ",",
    missing_words: Sequence[str] = (),
    layout: str | None = None,
    words: bool = False,
) -> tuple[pd.Series, TextStyle]:
    """Type one column of text; return it, and how it is written.

    Where the delimiter of the file is no comma, a comma may stand before decimals. Dates may have
    a `layout`; with `words`, text stays text.

    Examples
    --------
    >>> typed, style = type_column(pd.Series(["1.50", "NA", "12.25"]))
    >>> typed.dtype, style.write(3.0), style.write(float("nan"))
    (dtype('float64'), '3.00', 'NA')
    """
    stripped = cells.str.strip()
    absent = stripped.isin(MISSING_WORDS.union(missing_words))
    missing = cells[absent].mode().iloc[0] if absent.any() else ""
    present = stripped[~absent]
    if present.empty:
        return pd.Series(np.nan, index=cells.index, dtype=float), TextStyle("number", missing)
    if layout is not None:
        typed, style = _as_dates(present, missing, layout)
        return typed.reindex(cells.index), style
    readers = [_as_integer, _as_number, _as_boolean]
    readers += [] if words else [_as_datetime]
    readers += [_as_comma_number] if delimiter != "," else []
    readers += [] if words else [_as_written_dates, _as_marked_numbers]
    for reader in readers:
        found = reader(present, missing)
        if found is not None:
            typed, style = found
            if absent.any() and typed.dtype in (np.int64, np.uint64, bool):
                nullable = {"i": "Int64", "u": "UInt64", "b": "boolean"}[typed.dtype.kind]
                typed = typed.astype(nullable)
            return typed.reindex(cells.index), style
    return cells.mask(absent, np.nan), TextStyle("text", missing)


def _as_integer(present: pd.Series, missing: str) -> tuple[pd.Series, TextStyle] | None:
    if present.str.len().max() > MAX_DIGITS or not present.str.fullmatch(INTEGER).all():
        return None
    numbers = [int(text) for text in present]
    for dtype in (np.int64, np.uint64):
        if np.iinfo(dtype).min <= min(numbers) and max(numbers) <= np.iinfo(dtype).max:
            typed = pd.Series(numbers, index=present.index, dtype=dtype)
            return typed, TextStyle("integer", missing)
    return None  # too long for a machine integer


def _as_number(present: pd.Series, missing: str) -> tuple[pd.Series, TextStyle] | None:
    if not present.str.fullmatch(NUMBER).all() or present.str.fullmatch(CODE).any():
        return None
    if present.str.fullmatch(INTEGER).all():
        return None  # integers too long for the machine are codes: a float would cut their digits
    typed = present.map(float).astype(np.float64)
    if present.str.contains("[eE]").any():
        return typed, TextStyle("number", missing)
    places = present.str.partition(".")[2].str.len()
    decimals = (int(places.min()), int(places.max()))
    return typed, TextStyle("number", missing, decimals=decimals)


def _as_comma_number(present: pd.Series, missing: str) -> tuple[pd.Series, TextStyle] | None:
    if not present.str.fullmatch(COMMA_NUMBER).all() or present.str.match(CODE).any():
        return None
    found = _as_number(present.str.replace(",", "."), missing)
    return None if found is None else (found[0], replace(found[1], point=","))


def _as_boolean(present: pd.Series, missing: str) -> tuple[pd.Series, TextStyle] | None:
    words = {word.lower(): word for word in present.unique()}
    if not words.keys() <= {"true", "false"} or len(words) != present.nunique():
        return None
    only = next(iter(words.values()))
    # A column that only says TRUE still needs a word for false, in the same capitals.
    cased = str.upper if only.isupper() else str.title if only[0].isupper() else str.lower
    pair = (words.get("false", cased("false")), words.get("true", cased("true")))
    return present.str.lower() == "true", TextStyle("boolean", missing, words=pair)


def _as_datetime(present: pd.Series, missing: str) -> tuple[pd.Series, TextStyle] | None:
    layouts = {match and match.groups() for match in present.map(re.compile(MOMENT).fullmatch)}
    if None in layouts:
        return None
    shapes = {
        (sep, bool(secs), len(frac or ""), offset or "") for sep, secs, frac, offset in layouts
    }
    if len(shapes) != 1:
        return None  # two layouts or two offsets in one column: writing it would have to choose
    try:
        typed = pd.to_datetime(present, format="ISO8601")
    except ValueError:
        return None  # a thirteenth month, or a year nanoseconds cannot reach
    return typed, TextStyle("datetime", missing, moment=shapes.pop())


def _as_written_dates(present: pd.Series, missing: str) -> tuple[pd.Series, TextStyle] | None:
    """Dates in one layout, which new rows are written in, too."""
    form = date_form(present)
    if form is None or form.odd or len(form.layouts) != 1:
        return None
    (layout,) = form.layouts
    if "Z" in layout or "%z" in layout:
        return None  # an offset
    typed, style = _as_dates(present, missing, layout)
    for padded in (True, False):
        written = typed.map(lambda moment, zeros=padded: write_date(moment, layout, zeros))
        if (written.str.casefold() == present.str.casefold()).all():
            return typed, replace(style, padded=padded)
    return None


def _as_dates(present: pd.Series, missing: str, layout: str) -> tuple[pd.Series, TextStyle]:
    try:
        typed = pd.to_datetime(present, format=layout, errors="coerce")
    except (ValueError, TypeError):
        typed = pd.Series(pd.NaT, index=present.index)
    if typed.isna().any():
        odd = present[typed.isna()]
        raise InputError(
            f"is no layout of {quoted(odd.unique().tolist())}",
            argument="dates",
            value=layout,
            remedy="pass one such as %d.%m.%Y, and odd cells with {}",
            settings=(("missing", odd.iloc[0]),),
        )
    return typed, TextStyle("datetime", missing, layout=layout)


def _as_marked_numbers(present: pd.Series, missing: str) -> tuple[pd.Series, TextStyle] | None:
    """Numbers with marks around them or of thousands, which new rows are written with, too."""
    form = number_form(present)
    if form is None or form.odd or form.is_plain or form == NumberForm(point=","):
        return None
    if form.after.strip().isalpha() and present.nunique() < FEW_WITH_UNIT:
        return None  # as 3 doors
    plain = present.map(form.plain)
    found = _as_integer(plain, missing) or _as_number(plain, missing)
    return None if found is None else (found[0], replace(found[1], form=form))


def typing_notes(name: str, typed: pd.Series, style: TextStyle) -> list[str]:
    """Return what a reader should know of how `type_column` typed a column.

    Examples
    --------
    >>> typing_notes("share", *type_column(pd.Series(["1%", "20%"])))
    ["Column 'share' was read as numbers written as '1234%'."]
    """
    if style.layout is not None:
        return [f"Column {name!r} was read as dates written as {style.layout}."]
    if style.kind == "datetime":
        return [f"Column {name!r} was read as dates: all its cells are ISO 8601."]
    if style.form is not None:
        return [f"Column {name!r} was read as numbers written as {style.write(1234)!r}."]
    if style.point == ",":
        return [f"Column {name!r} was read as numbers with a decimal comma."]
    cells = typed.dropna()
    if style.kind != "text" or cells.empty:
        return []
    dates, numbers = date_form(cells), number_form(cells)
    if dates is not None:
        what, remedy = "dates", "write all of them in one layout, with one offset"
    elif numbers is not None and (numbers.odd or not numbers.is_plain):
        what, remedy = "numbers", "write them plainly, as 1234.5"
    else:
        return []
    return [
        f"Column {name!r} was read as text, although its cells look like {what}, e.g. "
        f"{cells.iloc[0]!r:.40}: {remedy}, to have them learnt as {what}."
    ]


# Writing --------------------------------------------------------------------------------------


def text_suffix(path: str | Path) -> str:
    """Return the suffix that tells the format of a file, the one before .gz.

    Examples
    --------
    >>> text_suffix("rows.csv.gz"), text_suffix("rows.TSV")
    ('.csv', '.tsv')
    """
    path = Path(path)
    return Path(path.stem if path.suffix.lower() == ".gz" else path).suffix.lower()


def escape_formula(text: str) -> str:
    """Put a single quote before text that a spreadsheet would run as a formula.

    That is so at the start of a cell, and after any common delimiter inside it, as a spreadsheet
    may split the file there. A lone sign (a class called ``+``) and numbers are no formulas.

    Examples
    --------
    >>> escape_formula("=HYPERLINK(A1)"), escape_formula("-12.5"), escape_formula("+")
    ("'=HYPERLINK(A1)", '-12.5', '+')
    >>> escape_formula("Bonn;=A1")
    "Bonn;'=A1"
    """
    if len(text) < 2 or re.fullmatch(NUMBER, text):
        return text
    first = "'" if text.startswith(FORMULA_STARTS) else ""
    start, *rest = _SPLIT.split(text)
    for at in range(1, len(rest), 2):
        piece = rest[at]
        if len(piece) > 1 and piece.startswith(FORMULA_STARTS) and not re.fullmatch(NUMBER, piece):
            rest[at] = "'" + piece
    return first + start + "".join(rest)


class Lines(list):
    r"""A file for a CSV writer with its own line end, ``\r\n``, which is changed afterwards.

    A writer told to end lines with ``\n`` leaves a cell with a ``\r`` unquoted, and readers
    would break the row there.
    """

    def write(self, line: str) -> None:
        """Take a row; what CSV writers call."""
        self.append(line)

    def text(self, newline: str) -> str:
        """Return the rows, each with this line end."""
        return "".join(line.removesuffix("\r\n") + newline for line in self)


def csv_text(
    frame: pd.DataFrame, path: str | Path, raw: bool = False, header: bool = True
) -> tuple[str, int]:
    """Return a frame as the text of a new CSV file, and how many cells and names were escaped.

    The suffix of the path chooses what separates the cells; `raw` leaves text that a spreadsheet
    would run as a formula as it is.

    Examples
    --------
    >>> text, n_escaped = csv_text(pd.DataFrame({"a": ["=A1", "b"]}), "x.csv")
    >>> text.split(), n_escaped
    (['a', "'=A1", 'b'], 1)
    """
    n_escaped, names = 0, list(map(str, frame.columns))
    if not raw:
        safe = {}
        for name in frame.select_dtypes(["object", "category", "string"]):
            cells = frame[name].astype(object)
            text = cells.map(lambda cell: isinstance(cell, str)).astype(bool)
            safe[name] = cells.where(~text, cells[text].map(escape_formula))
            n_escaped += int((safe[name][text] != cells[text]).sum())
        frame = frame.assign(**safe)
        if header:
            plain, names = names, list(map(escape_formula, names))
            n_escaped += sum(a != b for a, b in zip(plain, names, strict=True))
    lines = Lines()
    separator = DELIMITERS[text_suffix(path)] or ","
    frame.to_csv(
        lines, index=False, header=names if header else False, sep=separator, lineterminator="\r\n"
    )
    return lines.text("\n"), n_escaped


# Files ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class CsvText:
    """A CSV file as it stands, with the typed frame a generator can learn from.

    `records` are the header and the rows, each with its line end; a quoted cell may hold line
    ends. `lines` has the line of the file on which each row begins, the header being line 1.
    `notes` say what was decided on reading, one sentence each; `before` stands before the header.
    """

    text: str
    records: tuple[str, ...]
    header: tuple[str, ...]
    frame: pd.DataFrame
    styles: dict[str, TextStyle]
    delimiter: str
    newline: str
    lines: tuple[int, ...]
    notes: tuple[str, ...]
    encoding: str = "utf-8"
    before: str = ""

    def with_rows(
        self, new: pd.DataFrame, mark: str | None = None, raw: bool = False
    ) -> tuple[str, int]:
        """Return the file with rows appended, and how many new cells were escaped.

        `new` has the columns of ``frame``, in its order; `mark` names a last column that is False
        in the file's rows and True in the new ones; `raw` escapes no formulas.
        """
        columns, n_escaped = [], 0
        for name in self.header:
            style = self.styles[name]
            cells = [style.write(value) for value in new[name]]
            if style.kind == "text" and not raw:
                escaped = [escape_formula(cell) for cell in cells]
                n_escaped += sum(a != b for a, b in zip(cells, escaped, strict=True))
                cells = escaped
            columns.append(cells)
        if mark is not None:
            columns.append(["True"] * len(new))
            mark = mark if raw else escape_formula(mark)
        lines = Lines()
        csv.writer(lines, delimiter=self.delimiter).writerows(zip(*columns, strict=True))
        return self._real_rows(mark) + lines.text(self.newline), n_escaped

    def _real_rows(self, mark: str | None) -> str:
        if mark is None:
            ended = self.text.endswith(("\n", "\r"))
            return self.text if ended else self.text + self.newline
        cell = Lines()
        csv.writer(cell, delimiter=self.delimiter).writerow([mark])
        cells = [cell.text("")] + ["False"] * (len(self.records) - 1)
        marked = (
            record.rstrip("\r\n") + self.delimiter + value + self.newline
            for record, value in zip(self.records, cells, strict=True)
            if record  # a file without a header has none
        )
        return self.before + "".join(marked)


def read_csv_text(
    path: Path, delimiter: str | None = None, reading: Reading | None = None
) -> CsvText:
    """Read a CSV file without losing how it is written.

    The delimiter is by default the most frequent of comma, semicolon, tab and bar in the header
    line. A file that is no text, has no rows, or rows of unequal length is refused.
    """
    reading = reading or Reading()
    text, encoding = read_text(path, reading.encoding)
    found = read_records(
        path,
        text,
        delimiter,
        header=reading.header,
        drop_ragged=reading.drop_ragged,
        skip_lines=reading.skip_lines,
    )
    rows, records, starts, notes = found.rows, found.records, found.lines, found.notes()
    if reading.header is not False:
        if reading.header is None:
            _refuse_first_row(path, rows)
        header = _names(rows[0], notes)
    else:
        header = tuple(f"c{i}" for i in range(1, len(rows[0]) + 1))
        rows, records, starts = [[*header], *rows], ["", *records], [0, *starts]
    if len(rows) < 2:
        raise InputError("has a header but no rows", value=path, remedy="write the rows below it")
    typed, styles, told = _typed(header, rows, found.delimiter, reading)
    notes += told
    if encoding != "utf-8" and reading.encoding is None:
        notes.insert(0, f"{path.name} was read as {encoding} (--encoding says otherwise).")
    return CsvText(
        text=text,
        records=tuple(records),
        header=header,
        frame=pd.DataFrame(typed),
        styles=styles,
        delimiter=found.delimiter,
        newline=found.newline,
        lines=tuple(starts[1:]),
        notes=tuple(notes),
        encoding=encoding,
        before=found.before,
    )


def _names(first, notes):
    """Names of columns, each once; one without a name, or with that of another, gets its own."""
    names: list[str] = []
    taken = {name.strip() for name in first}
    for i, name in enumerate(name.strip() for name in first):
        own, k = name or f"Unnamed: {i}", 1
        while own in names or (own != name and own in taken):
            own, k = f"{name or f'Unnamed: {i}'}.{k}", k + 1
        if name and own != name:
            notes.append(f"Another column named {name!r} is called {own!r} here.")
        names.append(own)
    return tuple(names)


def _typed(header, rows, delimiter, reading):
    """Type all columns; return them, how they are written, and what to know of that."""
    for name in reading.dates:
        if name not in header:
            raise InputError.of("dates", name, "is no column", "check its name")
    typed, styles, notes = {}, {}, []
    for name, cells in zip(header, zip(*rows[1:], strict=True), strict=True):
        typed[name], styles[name] = type_column(
            pd.Series(cells, dtype=object),
            delimiter,
            reading.missing,
            reading.dates.get(name),
            name in reading.words,
        )
        notes += typing_notes(name, typed[name], styles[name])
    return typed, styles, notes


def _refuse_first_row(path: Path, rows: list[list[str]]) -> None:
    """Refuse a file whose first row looks like the others: it names no columns."""
    first, others = rows[0], rows[1:]
    if len(others) < FEWEST_ROWS:
        return
    alike, named = False, []
    for name, cells in zip(first, zip(*others[:MOST_LOOKED_AT], strict=True), strict=True):
        name, cells = name.strip(), {cell.strip() for cell in cells} - MISSING_WORDS
        numbers = [cell for cell in cells if re.fullmatch(NUMBER, cell)]
        if cells and len(numbers) >= 0.9 * len(cells):
            if not re.fullmatch(NUMBER, name):
                return
            alike, named = True, [*named, name]
        elif len(cells) <= len(others) / 2:
            if name not in cells:
                return
            alike = True
    whole = [int(name) for name in named if re.fullmatch(INTEGER, name)]
    steps = {after - before for before, after in pairwise(whole)}
    if len(whole) == len(named) and len(steps) == 1 and steps != {0}:
        return  # years, or a count
    if alike:
        raise InputError(
            f"has a first row that looks like the others, {', '.join(first[:5])!r:.60}",
            value=path,
            remedy="pass {} if it names no columns, which are then "
            f"{'c1 to ' * (len(first) > 1)}c{len(first)}, or {{}}",
            settings=(("no_header", True), ("header", True)),
        )


def refuse_twice(path: str | Path, names: Sequence[str]) -> None:
    """Refuse a file that names two columns alike."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(
            f"has more than one column named {twice[0]!r}",
            value=path,
            remedy="rename one of them",
        )

"""From the text of a CSV file to its records: what stands before the header, and what is no row.

Files from spreadsheets and programs hold more than a table: a title, comments, ``sep=;``, blank
lines, rows of empty cells, the header once more. What is no row is left out of what is learnt, and
stays in the file.
"""

from __future__ import annotations

import csv
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from gan_augment.exceptions import InputError

#: Characters of a cell at most; more are text after a quote that is not closed.
LONGEST_CELL = 10_000_000
#: Lines that are looked at for where the table begins, those of one width that show it, and signs
#: of a line at most.
FIRST_LINES, ALIKE, LONG_LINE = 50, 3, 100_000
#: Share of lines of another width up to which they can be left out.
FEW = 0.2
#: Share of rows up to which one like the header is that.
MOST_REPEATS = 0.02
#: Blanks between cells are told from blanks in cells on so many lines.
MOST_LOOKED_AT = 2000
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_SEPARATOR = re.compile(r"(?i)sep=([,;|\t])[ \t,;|]*")


@dataclass
class Records:
    """The records of a file, the header first.

    `before` is what stands before the header, `records` the text of each record as it stands,
    `lines` the line on which each begins, `empty` the lines of empty cells, `repeats` those
    that repeat the header, and `ragged` the lines of another width that were left out.
    """

    before: str
    delimiter: str
    newline: str
    rows: list[list[str]] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)
    repeats: list[int] = field(default_factory=list)
    ragged: list[tuple[int, int]] = field(default_factory=list)

    def notes(self) -> list[str]:
        """Return what a reader should know of what is no row."""
        found = []
        title = " ".join(self.before.removeprefix("\ufeff").split())
        if title and not _SEPARATOR.fullmatch(title):
            n = self.before.count("\n") or self.before.count("\r")
            found.append(f"The table begins on line {n + 1}; before it stands {title!r:.60}.")
        if self.empty:
            found.append(f"{len(self.empty):,} rows of empty cells were left out.")
        if self.repeats:
            found.append(f"The header is repeated on line {_listed(self.repeats)}: left out.")
        if self.ragged:
            lines = _listed([line for line, _ in self.ragged])
            found.append(f"Lines of another width were left out: {lines}.")
        return found


def read_records(
    path: Path,
    text: str,
    delimiter: str | None = None,
    *,
    header: bool | None = None,
    drop_ragged: bool = False,
    skip_lines: int = 0,
) -> Records:
    r"""Split a text into records, or refuse it.

    Without a `delimiter` it is the one of comma, semicolon, tab and bar that the header has most
    of. Where `header` is None, records that repeat it are left out; False says that there is none.
    Records of another width than the first are refused unless `drop_ragged`. The first
    `skip_lines` lines are no part of the table.

    Examples
    --------
    >>> found = read_records(Path("a.csv"), "Sales\n\na;b\n1;2\n;\n3;4\n5;6\n")
    >>> found.rows, found.lines
    ([['a', 'b'], ['1', '2'], ['3', '4'], ['5', '6']], [3, 4, 6, 7])
    """
    _refuse_pages(path, text)
    start, delimiter = _beginning(text, delimiter, header is not False, skip_lines)
    first = _LINE.match(text, start)
    if first is None or not first[0].strip():
        raise InputError(
            "has no header line", value=path, remedy="name the columns in its first line"
        )
    newline = first[0][len(first[0].rstrip("\r\n")) :] or "\n"
    if delimiter is None:
        unquoted = re.sub(r'"[^"]*"', "", first[0])
        delimiter = max(",;\t|", key=unquoted.count)
        _refuse_blanks(path, text, start, unquoted, delimiter)
    found = Records(text[:start], delimiter, newline)
    spaced = re.compile(re.escape(delimiter) + ' +"').search(text, start, start + 100_000)
    try:
        _split(found, path, text, header, drop_ragged)
    except InputError:
        if spaced is None:
            raise
        found = Records(text[:start], delimiter, newline)
        _split(found, path, text, header, drop_ragged, skip_blanks=True)
    return found


class _Lines:
    """The lines of a text, one after the other, and where the last one ended."""

    def __init__(self, text: str, start: int) -> None:
        self.matches, self.end = _LINE.finditer(text, start), start

    def __iter__(self) -> Iterator[str]:
        for match in self.matches:
            self.end = match.end()
            yield match[0]


def _beginning(text, delimiter, has_header, skip_lines):
    """Where the table begins, and its delimiter if that is known then."""
    start = len("\ufeff") if text.startswith("\ufeff") else 0
    every = islice(_LINE.finditer(text, start), skip_lines, None)
    lines = (match for match in every if match[0].strip())
    first = next(lines, None)
    if first is None:
        return len(text) if skip_lines else start, delimiter
    told = _SEPARATOR.fullmatch(first[0].strip())
    if told:
        return first.end(), told[1]
    if skip_lines or not has_header:
        return first.start(), delimiter
    matches, places = [first, *islice(lines, FIRST_LINES)], {}
    for sign in ",;\t|" if delimiter is None else delimiter:
        place = _first_row([match[0] for match in matches], sign)
        if place is not None:
            places[sign] = place
    if not places or min(places.values()) == 0:
        return first.start(), delimiter
    sign = min(places, key=places.__getitem__)
    return matches[places[sign]].start(), sign


def _first_row(lines, delimiter):
    """The first of the lines with several cells, if those after it are as wide."""
    widths, several = [], []
    for line in lines:
        if line.count('"') % 2 or len(line) > LONG_LINE:
            break  # a cell that goes on
        cells = next(csv.reader([line], delimiter=delimiter), [])
        n_filled = sum(bool(cell.strip()) for cell in cells)
        nameless = n_filled == len(cells) - 1 > 0 and not cells[0].strip()  # such as a count
        widths.append(len(cells))
        several.append(n_filled > 1 or nameless)
    for place, is_row in enumerate(several):
        alike = widths[place : place + ALIKE + 1]
        same = len(alike) > 1 and len(set(alike)) == 1
        if is_row and (same or not lines[place].startswith("#")):
            return place if same else None
    return None


def _split(found, path, text, header, drop_ragged, skip_blanks=False):
    """Fill in the records that begin where the header does."""
    start, before = len(found.before), text[: len(found.before)]
    offset = len(_LINE.findall(before.removeprefix("\ufeff")))
    lines, line = _Lines(text, start), 1 + offset
    reader = csv.reader(
        lines, delimiter=found.delimiter, strict=True, skipinitialspace=skip_blanks
    )
    limit = csv.field_size_limit(min(LONGEST_CELL, sys.maxsize))  # of the process: put back below
    try:
        for row in reader:
            record, at = text[start : lines.end], line
            start, line = lines.end, 1 + offset + reader.line_num
            several = bool(found.rows) and len(found.rows[0]) > 1
            if several and not any(cell.strip() for cell in row):
                found.empty.extend([at] * bool(row))  # a blank line is no row, nor are these
            else:
                found.rows.append(row or [""])
                found.records.append(record)
                found.lines.append(at)
    except csv.Error as error:
        raise _unreadable(error, line, path, text[start : start + 10_000]) from None
    finally:
        csv.field_size_limit(limit)
    if header is None:
        _leave_out_repeats(found)
    if header is not True:
        _refuse_counts(path, found)
    _same_width(found)
    width = len(found.rows[0])
    ragged = [
        (at, len(row))
        for at, row in zip(found.lines, found.rows, strict=True)
        if len(row) != width
    ]
    if ragged and not (drop_ragged and len(ragged) < len(found.rows) - 1):
        raise _refused(path, ragged, found)
    if ragged:
        _leave_out(found, {i for i, row in enumerate(found.rows) if len(row) != width})
        found.ragged.extend(ragged)


def _leave_out_repeats(found):
    """Leave out the header where it comes again, as in files put together; many are no header."""
    header, *others = found.rows
    places = [i for i, row in enumerate(others, 1) if row == header and len(header) > 1]
    if 0 < len(places) <= max(1, MOST_REPEATS * len(others)):
        found.repeats.extend(found.lines[i] for i in places)
        _leave_out(found, set(places))


def _leave_out(found, places):
    for part in (found.rows, found.records, found.lines):
        part[:] = [one for i, one in enumerate(part) if i not in places]


def _same_width(found):
    """Name the one cell more that all rows have: of empty cells the last, else the first."""
    header, *others = found.rows
    if not others or {len(row) for row in others} != {len(header) + 1}:
        return
    if not any(row[-1].strip() for row in others):
        found.rows[0] = [*header, ""]
    elif len({row[0] for row in others}) == len(others) and not _quoted_singly(found):
        found.rows[0] = ["", *header]


def _refuse_counts(path, found):
    """Refuse a first line that says how many rows and features there are, in place of names."""
    first, *others = found.rows
    widths = {len(row) for row in others}
    if len(widths) == 1 and first[:2] == [str(len(others)), str(min(widths) - 1)]:
        raise InputError(
            f"Line {found.lines[0]} of {path} names no columns: it says that there are "
            f"{len(others):,} rows of {min(widths) - 1} features",
            remedy="add {} {}",
            settings=(("skip_lines", found.lines[0]), ("no_header", True)),
        )


def _quoted_singly(found):
    """Whether cells begin with a single quote, which many programs write for a double one."""
    return any(cell.startswith("'") for row in found.rows[1:4] for cell in row)


def _unreadable(error, line, path, record):
    """What is wrong with a record that no reader of CSV takes."""
    if "field larger" in str(error):
        return InputError(
            f"Line {line} of {path} begins a row with a cell of more than {LONGEST_CELL:,} "
            "characters",
            remedy="close its quotes, or shorten the cell",
        )
    if '\\"' in record:
        fix = _piped("""sed 's/\\\\"/""/g'""", path)
        return InputError(
            f"Line {line} of {path} has a quote after a backslash, where CSV doubles it",
            remedy=f"double such quotes, as by {fix}",
        )
    return InputError(
        f"Line {line} of {path} begins a row that cannot be read as CSV ({error})",
        remedy="check its quotes",
    )


def _refused(path, ragged, found):
    """Say which lines are of another width, and what helps."""
    (line, width), others = ragged[0], [line for line, _ in ragged[1:]]
    problem = (
        f"Line {line} of {path} has {width} cell{'s' * (width > 1)} but the header names "
        f"{len(found.rows[0])} columns"
        + f", and so it is with lines {_listed(others)}"
        * bool(others)
    )
    if _quoted_singly(found):
        fix = _piped("""tr "'" '"'""", path)
        return InputError(problem, remedy=f"if ' quotes its cells, write \" instead, as by {fix}")
    if len(ragged) == len(found.rows) - 1 > 1 and len({width for _, width in ragged}) == 1:
        return InputError(
            f"Line {found.lines[0]} of {path} has {len(found.rows[0])} cells, and all "
            f"{len(ragged):,} rows below it have {width}",
            remedy="give each column one name there; or add {} if it names no columns, with {} if "
            "the next line does not either",
            settings=(("skip_lines", found.lines[0]), ("no_header", True)),
        )
    if len(ragged) > FEW * len(found.rows) and max(width for _, width in ragged) < len(
        found.rows[0]
    ):
        read = f"pd.read_csv({path.name!r}, sep={found.delimiter!r})"
        code = f"import pandas as pd; {read}.to_csv('rows.csv', index=False)"
        code = f'"{code}"' if shlex.quote(path.name) == path.name else shlex.quote(code)
        return InputError(
            problem,
            remedy=f"if cells at the end are missing there, write them, as by python -c {code}",
        )
    if len(ragged) > FEW * len(found.rows):
        return InputError(problem, remedy="every row needs one cell per column")
    return InputError(
        problem,
        remedy="add {} to leave such lines out, or give every row one cell per column",
        settings=(("drop_ragged", True),),
    )


def _refuse_blanks(path: Path, text: str, start: int, first: str, delimiter: str) -> None:
    """Refuse cells between blanks, which may be inside cells too."""
    lines = list(islice(_LINE.finditer(text, start), MOST_LOOKED_AT))
    widths = {len(line[0].split()) for line in lines if line[0].strip()}
    if first.count(delimiter) == 0 and len(widths) == 1 and min(widths) > 2 and len(lines) > 2:
        raise InputError(
            "separates its cells by blanks",
            value=path,
            remedy="put commas between them, as by "
            + _piped("sed -E 's/^ +| +$//g; s/ +/,/g'", path),
        )


def _refuse_pages(path: Path, text: str) -> None:
    """Refuse a web page and JSON, which are often saved under the name of a table."""
    start = text[:1000].lstrip("\ufeff \t\r\n").lower()
    if start.startswith(("<!doctype", "<html", "<?xml")):
        raise InputError(
            "is a web page, not a table", value=path, remedy="download the file it links to"
        )
    if re.match(r'\[\s*\{\s*"|\{\s*"[^"]*"\s*:', start):
        fix = f"pd.read_json('{path.name}').to_csv('rows.csv', index=False)"
        raise InputError(
            "holds JSON, not CSV",
            value=path,
            remedy=f'convert it, as by python -c "import pandas as pd; {fix}"',
        )


def _piped(command: str, path: Path) -> str:
    """A line for a shell that makes rows.csv of a file, which may be compressed."""
    name = shlex.quote(path.name)
    if path.suffix.lower() == ".gz":
        return f"zcat {name} | {command} > rows.csv"
    return f"{command} < {name} > rows.csv"


def _listed(lines):
    return ", ".join(map(str, lines[:5])) + ", ..." * (len(lines) > 5)

"""CSV as text: real rows go out as the bytes they came in, new rows in the same hand.

A CSV file says nothing about types, so reading one and writing it back usually changes it:
``1.50`` becomes ``1.5``, ``007`` becomes ``7``, ``NA`` an empty cell. Here the records of the
file are kept as text and only copied. For learning, each column is typed by the rules below,
and its *hand* is kept: decimals, date layout, the words for true, false and missing. New rows
are written in that hand.
"""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

import pandas as pd

from gan_augment.csv_cells import escape_formula, type_column, typing_notes
from gan_augment.exceptions import InputError


class Lines(list):
    r"""A file for a CSV writer with its own line end, ``\r\n``, which is changed afterwards.

    A writer told to end lines with ``\n`` leaves a cell with a ``\r`` unquoted, and readers
    would break the row there.
    """

    def write(self, line):
        """Take a row; what CSV writers call."""
        self.append(line)

    def text(self, newline):
        """The rows, each with this line end."""
        return "".join(line.removesuffix("\r\n") + newline for line in self)


@dataclass(frozen=True)
class CsvText:
    """A CSV file as it stands, with the typed frame a generator can learn from.

    Attributes
    ----------
    text : str
        The whole file, decoded.
    records : tuple of str
        The header and the rows, each with its line end; a quoted cell may hold line ends.
    header : tuple of str
        Column names.
    frame : DataFrame
        Typed columns.
    hands : dict of str to Hand
    delimiter, newline : str
    notes : tuple of str
        What was decided on reading, one sentence each.
    """

    text: str
    records: tuple
    header: tuple
    frame: pd.DataFrame
    hands: dict
    delimiter: str
    newline: str
    notes: tuple

    def with_rows(self, new, mark=None, raw=False):
        """The file with rows appended.

        Parameters
        ----------
        new : DataFrame
            Rows with the columns of ``frame``, in its order.
        mark : str, default=None
            Name of a last column that is False in the file's rows and True in the new ones.
        raw : bool, default=False
            Leave text that a spreadsheet would run as a formula as it is.

        Returns
        -------
        text : str
        n_escaped : int
            New cells that were escaped.
        """
        columns, n_escaped = [], 0
        for name in self.header:
            hand = self.hands[name]
            cells = [hand.write(value) for value in new[name]]
            if hand.kind == "text" and not raw:
                escaped = [escape_formula(cell) for cell in cells]
                n_escaped += sum(a != b for a, b in zip(cells, escaped, strict=True))
                cells = escaped
            columns.append(cells)
        if mark is not None:
            columns.append(["True"] * len(new))
        lines = Lines()
        csv.writer(lines, delimiter=self.delimiter).writerows(zip(*columns, strict=True))
        return self._real_rows(mark) + lines.text(self.newline), n_escaped

    def _real_rows(self, mark):
        if mark is None:
            ended = self.text.endswith(("\n", "\r"))
            return self.text if ended else self.text + self.newline
        cell = Lines()
        csv.writer(cell, delimiter=self.delimiter).writerow([mark])
        cells = [cell.text("")] + ["False"] * (len(self.records) - 1)
        marked = (
            record.rstrip("\r\n") + self.delimiter + value + self.newline
            for record, value in zip(self.records, cells, strict=True)
        )
        bom = "\ufeff" if self.text.startswith("\ufeff") else ""
        return bom + "".join(marked)


def read_csv_text(path, delimiter=None):
    """Read a CSV file without losing how it is written.

    Parameters
    ----------
    path : Path
    delimiter : str, default=None
        None takes the most frequent of comma, semicolon, tab and bar in the header line.

    Returns
    -------
    CsvText

    Raises
    ------
    InputError
        If the file is not UTF-8, has no rows, or has rows of unequal length.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not UTF-8 text (byte {error.start} is {error.object[error.start]:#04x}): "
            "save it as UTF-8 and try again."
        ) from None
    lines = list(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    if not lines or not lines[0].strip():
        raise InputError(f"{path} has no header line: its first line must name the columns.")
    newline = lines[0][len(lines[0].rstrip("\r\n")) :] or "\n"
    if delimiter is None:
        unquoted = re.sub(r'"[^"]*"', "", lines[0])
        delimiter = max(",;\t|", key=unquoted.count)
    rows, records = _split(path, lines, delimiter)
    header = _checked_header(path, rows[0])
    if len(rows) < 2:
        raise InputError(f"{path} has a header but no rows: there is nothing to learn from.")

    typed, hands, notes = {}, {}, []
    for name, cells in zip(header, zip(*rows[1:], strict=True), strict=True):
        typed[name], hands[name] = type_column(pd.Series(cells, dtype=object), delimiter)
        notes += typing_notes(name, typed[name], hands[name])
    frame = pd.DataFrame(typed)
    return CsvText(text, tuple(records), header, frame, hands, delimiter, newline, tuple(notes))


def _split(path, lines, delimiter):
    """Cells of each record, and the record as it stands in the file."""
    rows, records, start = [], [], 0
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for row in reader:
            record, line = "".join(lines[start : reader.line_num]), start + 1
            start = reader.line_num
            if not row and len(rows[0]) > 1:
                continue  # a blank line is not a row
            row = row or [""]
            if rows and len(row) != len(rows[0]):
                raise InputError(
                    f"Line {line} of {path} has {len(row)} cells but the header names "
                    f"{len(rows[0])} columns: every row needs one cell per column."
                )
            rows.append(row)
            records.append(record)
    except csv.Error as error:
        raise InputError(
            f"Line {reader.line_num} of {path} cannot be read as CSV ({error}): check its quotes."
        ) from None
    return rows, records


def _checked_header(path, names):
    names = tuple(name or f"Unnamed: {i}" for i, name in enumerate(names))
    refuse_twice(path, names)
    return names


def refuse_twice(path, names):
    """Refuse a file that names two columns alike."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(
            f"{path} has more than one column named {twice[0]!r}: rename one of them."
        )

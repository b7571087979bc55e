"""Tables in files: read to learn from, written back with new rows, or written a chunk at a time.

A CSV file stays the text it is, a Parquet file keeps its schema; from one format to the other the
rows are written anew. Many rows are written in chunks, all as the first one is, so that their
number does not matter to memory.
"""

from __future__ import annotations

import contextlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gan_augment.containers import to_pandas
from gan_augment.containers.validation import free_name
from gan_augment.exceptions import InputError, error_text
from gan_augment.io.atomic import replacing
from gan_augment.io.csv import (
    DELIMITERS,
    CsvText,
    Reading,
    csv_text,
    read_csv_text,
    refuse_twice,
    text_suffix,
)
from gan_augment.io.parquet import NULLABLE, ParquetRows
from gan_augment.io.text_files import write_text

PARQUET = (".parquet", ".pq")
EXCEL = (".xlsx",)
SUFFIXES = (*DELIMITERS, *PARQUET, *EXCEL)


def file_kind(path: str | Path) -> str:
    """Return "csv", "parquet" or "excel", by the suffix of ``path``."""
    suffix = Path(path).suffix.lower()
    if suffix in PARQUET:
        return "parquet"
    if text_suffix(path) in DELIMITERS:
        return "csv"
    if suffix in EXCEL:
        return "excel"
    if suffix == ".zip":
        name = Path(path).name
        raise InputError(
            "is an archive", value=path, remedy=f"unpack it, as by unzip -p {name} > rows.csv"
        )
    raise InputError(
        f"has the unknown suffix {suffix!r}",
        value=path,
        remedy="save it as .csv, .tsv, .parquet or .pq, a table of text also as .csv.gz",
    )


# A file and new rows --------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class TableFile:
    """A table as it stands in a file.

    `frame` has the columns to learn from. `row_numbers` are columns that only count or name the
    rows (a stored index): new rows continue the count, or are missing there when it is no count.
    `source` is the file's own form of the rows. `notes` say what was decided on reading, one
    sentence each.
    """

    frame: pd.DataFrame
    row_numbers: tuple[str, ...]
    source: CsvText | pa.Table | pd.DataFrame
    notes: tuple[str, ...]

    @property
    def is_text(self) -> bool:
        """Whether the file is text, and can be read in other ways."""
        return isinstance(self.source, CsvText)

    def row_name(self, row: int) -> str:
        """Return where the reader of the file finds a row: ``line 5``."""
        if isinstance(self.source, CsvText):
            return f"line {self.source.lines[row]}"
        return f"row {row}, counted from 0"

    def write(
        self, path: Path, new: pd.DataFrame, mark: str | None = None, raw: bool = False
    ) -> int:
        """Write the rows of this file, then new ones; return how many cells were escaped.

        The suffix chooses the format. `new` has the columns of ``frame``; `mark` names a last,
        boolean column that tells new rows (True) from the file's (False). `raw` leaves text that a
        spreadsheet would run as a formula as it is; it concerns CSV only.
        """
        kind = file_kind(path)
        self.check_mark(mark)
        if kind == "csv" and self._is_text_of(path):
            text, n_escaped = self.source.with_rows(self._numbered(new), mark, raw)
            write_text(path, text, self.source.encoding)
            return n_escaped
        if kind == "parquet" and isinstance(self.source, pa.Table):
            _write_parquet(path, _arrow_with_rows(self.source, self._numbered(new), mark))
            return 0
        frame = pd.concat([self._all_columns(), self._numbered(new)], ignore_index=True)
        if mark is not None:
            frame[mark] = np.arange(len(frame)) >= len(self.frame)
        return write_frame(frame, path, raw)

    def check_mark(self, mark: str | None) -> None:
        """Refuse a ``mark`` that is a column already, or no name."""
        if mark == "":
            raise InputError.of(
                "mark", mark, "is no name of a column", "pass one, such as 'synthetic'"
            )
        if mark in self._names():
            raise InputError.of(
                "mark", mark, "is already a column of the table", "choose another name"
            )

    def _is_text_of(self, path: Path) -> bool:
        """Whether the text of the file can stay as it is under ``path``."""
        is_text = isinstance(self.source, CsvText)
        return is_text and DELIMITERS[text_suffix(path)] in (None, self.source.delimiter)

    def _names(self) -> list[str]:
        if isinstance(self.source, CsvText):
            return list(self.source.header)
        if isinstance(self.source, pd.DataFrame):
            return list(self.source.columns)
        return self.source.column_names

    def _all_columns(self) -> pd.DataFrame:
        if isinstance(self.source, CsvText):
            return self.source.frame
        if isinstance(self.source, pd.DataFrame):
            return self.source
        stored = {name: _as_series(self.source[name]) for name in self.row_numbers}
        return self.frame.assign(**stored)[self._names()]

    def _numbered(self, new: pd.DataFrame) -> pd.DataFrame:
        """Give ``new`` the row-number columns, and the column order of the file."""
        whole = self._all_columns()
        columns = {}
        for name in self._names():
            if name not in self.row_numbers:
                columns[name] = new[name].reset_index(drop=True)
            else:
                columns[name] = _count_on(whole[name], len(new))
        return pd.DataFrame(columns)


def read_table(path: str | Path, reading: Reading | None = None) -> TableFile:
    """Read a table of text, Parquet or Excel, as its suffix says, to learn from and write back.

    `reading` says of text what the file does not say itself.
    """
    path = Path(path)
    kind = file_kind(path)
    if kind != "csv":
        check_reading(path, reading)
    if kind == "excel":
        frame = _read_excel(path)
        return TableFile(frame, (), frame, ())
    if kind == "csv":
        text = read_csv_text(path, DELIMITERS[text_suffix(path)], reading)
        numbers = tuple(name for name in text.header[:1] if _counts_rows(text, name))
        return TableFile(text.frame.drop(columns=list(numbers)), numbers, text, text.notes)
    rows = ParquetRows(path)
    table = rows.table()
    return TableFile(rows.whole_frame(table), tuple(rows.index_names), table, ())


def check_reading(path: Path, reading: Reading | None) -> None:
    """Refuse to be told how text is to be read, where a file holds types of its own."""
    if reading is not None and replace(reading, words=()) != Reading():
        raise InputError(
            "holds types of its own",
            value=path,
            remedy="leave out what says how text is to be read, or save it as .csv",
        )


def _read_excel(path: Path) -> pd.DataFrame:
    """The first sheet of a workbook, by openpyxl."""
    with _excel(path):
        frame = pd.read_excel(path, engine="openpyxl")
    refuse_twice(path, list(map(str, frame.columns)))
    if frame.empty:
        raise InputError("has no rows", value=path, remedy="write rows on its first sheet")
    return frame.rename(columns=str)


@contextlib.contextmanager
def _excel(path: Path) -> Iterator[None]:
    """Say what helps where Excel files cannot be read, or this one is none."""
    try:
        yield
    except ImportError:
        raise InputError(
            "needs openpyxl",
            value=path,
            remedy="pip install openpyxl, or save it as .csv",
        ) from None
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(
            f"cannot be read as a workbook ({error_text(error)})",
            value=path,
            remedy="save it as .csv",
        ) from None


def _counts_rows(text: CsvText, name: str) -> bool:
    """Whether a column is the nameless 0, 1, 2, ... that ``DataFrame.to_csv`` writes first."""
    if not name.startswith("Unnamed: ") or text.styles[name].kind != "integer":
        return False
    return bool(text.frame[name].diff().iloc[1:].eq(1).all())


def _count_on(numbers: pd.Series, n: int) -> pd.Series:
    """``n`` numbers after the largest; missing ones where there is no count, or it would end."""
    dtype = numbers.dtype
    if pd.api.types.is_integer_dtype(dtype) and numbers.notna().any():
        start = int(numbers.max()) + 1
        if start + n - 1 <= np.iinfo(getattr(dtype, "numpy_dtype", dtype)).max:
            return pd.Series(range(start, start + n), dtype=dtype)
        return pd.Series([None] * n, dtype=object)
    return numbers.iloc[:0].reindex(range(n))


def _as_series(column: pa.ChunkedArray) -> pd.Series:
    return column.to_pandas(types_mapper=NULLABLE.get if column.null_count else None)


def _range_goes_on(table: pa.Table, n: int) -> dict[bytes, bytes] | None:
    """The metadata of a table with ``n`` rows more: a RangeIndex goes on in its steps."""
    described = table.schema.pandas_metadata or {}
    for index in described.get("index_columns", []):
        if isinstance(index, dict) and index.get("kind") == "range":
            start, stop, step = (index[name] for name in ("start", "stop", "step"))
            if len(range(start, stop, step)) == table.num_rows:
                index["stop"] = start + step * (table.num_rows + n)
                return {**table.schema.metadata, b"pandas": json.dumps(described).encode()}
    return table.schema.metadata


def _arrow_with_rows(table: pa.Table, new: pd.DataFrame, mark: str | None) -> pa.Table:
    """The table, its chunks untouched, and ``new`` in the table's own schema below it."""
    arrays = [_as_arrow(new[field.name], table[field.name]) for field in table.schema]
    # A column that is empty in new rows cannot stay "not null", whatever the file declares.
    schema = pa.schema(
        [
            field.with_nullable(field.nullable or bool(array.null_count))
            for field, array in zip(table.schema, arrays, strict=True)
        ],
        metadata=_range_goes_on(table, len(new)),
    )
    table, below = table.cast(schema), pa.Table.from_arrays(arrays, schema=schema)
    if mark is None:
        return pa.concat_tables([table, below])
    marked = [
        part.append_column(mark, pa.array(np.full(part.num_rows, value)))
        for part, value in ((table, False), (below, True))
    ]
    return pa.concat_tables(marked)


def _as_arrow(series: pd.Series, column: pa.ChunkedArray) -> pa.Array:
    """The series in the type of ``column``, missing cells written as that column writes them."""
    kind = column.type
    if not pa.types.is_dictionary(kind):
        says_nan = pa.types.is_floating(kind) and not column.null_count
        return pa.array(series.array, type=kind, from_pandas=not says_nan)
    categories = series.astype("category").cat
    codes = categories.codes.to_numpy()
    return pa.DictionaryArray.from_arrays(
        pa.array(codes, mask=codes < 0, type=kind.index_type),
        pa.array(categories.categories, type=kind.value_type),
        ordered=kind.ordered,
    )


# New files ------------------------------------------------------------------------------------


def write_frame(frame: pd.DataFrame, path: Path, raw: bool = False) -> int:
    """Write a frame as a new CSV or Parquet file; return how many cells were escaped."""
    if file_kind(path) == "parquet":
        _write_parquet(path, pa.Table.from_pandas(frame, preserve_index=False))
        return 0
    if file_kind(path) == "excel":
        with replacing(path) as temporary, _excel(path), open(temporary, "wb") as file:
            frame.to_excel(file, index=False, engine="openpyxl")
        return 0
    text, n_escaped = csv_text(frame, path, raw)
    write_text(path, text)
    return n_escaped


def _write_parquet(path: Path, table: pa.Table) -> None:
    with replacing(path) as temporary:
        pq.write_table(table, temporary)


def with_target(X: Any, y: Any) -> pd.DataFrame:
    """Return rows as a frame whose last column is the target, if there is one."""
    frame = to_pandas(X)[0]
    if y is None:
        return frame
    name = str(getattr(y, "name", None) or "target")
    return frame.assign(**{free_name(name, frame.columns): y})


def write_frames(
    frames: Iterable[pd.DataFrame],
    path: str | Path,
    *,
    examples: pd.DataFrame,
    raw: bool = False,
) -> int:
    """Write frames of the same columns below each other to a new file, as each one comes.

    The file appears under its name once it is complete. All chunks are written as the first is,
    whatever they happen to hold: `examples`, rows in which each column shows itself, settle the
    types of Parquet, and the layout of dates in CSV. Returned is how many cells were escaped, none
    with `raw`.

    Examples
    --------
    >>> import tempfile
    >>> frames = [pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [3]})]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rows.csv"
    ...     escaped = write_frames(frames, path, examples=frames[0])
    ...     print(path.read_text().split())
    ['a', '1', '2', '3']
    """
    frames = (_as_like(frame, examples) for frame in frames)
    if file_kind(path) == "parquet":
        _stream_parquet(frames, Path(path), examples)
        return 0
    if file_kind(path) == "excel" or Path(path).suffix.lower() == ".gz":
        return write_frame(pd.concat(list(frames), ignore_index=True), Path(path), raw)
    return _stream_csv(frames, Path(path), examples, raw)


def _as_like(frame: pd.DataFrame, examples: pd.DataFrame) -> pd.DataFrame:
    """The frame in the dtypes of the examples: a chunk without gaps may look narrower."""
    wrong = {
        name: examples[name].dtype
        for name in frame.columns
        if frame[name].dtype != examples[name].dtype
    }
    return frame.astype(wrong) if wrong else frame


def _stream_parquet(frames: Iterator[pd.DataFrame], path: Path, examples: pd.DataFrame) -> None:
    schema = pa.Schema.from_pandas(examples, preserve_index=False)
    with replacing(path) as temporary, pq.ParquetWriter(temporary, schema) as file:
        for frame in frames:
            named = frame.set_axis(schema.names, axis=1)  # a file has no numbers for names
            table = pa.Table.from_pandas(named, schema=schema, preserve_index=False)
            file.write_table(table)  # a group of rows


def _stream_csv(
    frames: Iterator[pd.DataFrame], path: Path, examples: pd.DataFrame, raw: bool
) -> int:
    n_escaped, is_first = 0, True
    with replacing(path) as temporary, open(temporary, "wb") as file:
        for frame in frames:
            told = {
                name: _moments(frame[name], examples[name])
                for name in frame.columns
                if frame[name].dtype.kind in "Mm"
            }
            text, escaped = csv_text(frame.assign(**told), path, raw, header=is_first)
            file.write(text.encode("utf-8"))
            n_escaped, is_first = n_escaped + escaped, False
    return n_escaped


def _moments(cells: pd.Series, examples: pd.Series) -> pd.Series:
    """Dates or durations as text; pandas shows no more of them than the rows it sees need."""
    text = pd.concat([examples, cells], ignore_index=True).astype(str)
    text = text.iloc[len(examples) :].set_axis(cells.index)
    return text.astype(object).where(cells.notna(), None)

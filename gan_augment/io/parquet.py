"""Parquet files, folders of them and pyarrow data sets as tables: read in pieces or whole.

A piece becomes a frame in the dtypes that ``pandas.read_parquet`` gives, with one exception.
Integers and booleans may have gaps in another piece, so in pieces they are nullable, exact to the
last digit; what the whole table has, and what `ParquetRows.read` returns, is nullable only where
there are gaps. A stored index is no column. Names of columns are text, as in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from gan_augment.exceptions import InputError
from gan_augment.io.csv import refuse_twice

#: Rows read at once, fewer where there are many columns.
BATCH_ROWS, BATCH_CELLS = 65_536, 2**21

# Without these, pandas turns integers and booleans with missing cells into floats and objects.
NULLABLE = {
    pa.bool_(): pd.BooleanDtype(),
    **{pa.int8(): pd.Int8Dtype(), pa.int16(): pd.Int16Dtype(), pa.int32(): pd.Int32Dtype()},
    **{pa.int64(): pd.Int64Dtype(), pa.uint8(): pd.UInt8Dtype(), pa.uint16(): pd.UInt16Dtype()},
    **{pa.uint32(): pd.UInt32Dtype(), pa.uint64(): pd.UInt64Dtype()},
}


#: The folder of rows whose column is missing, as Hive names it.
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


class ParquetRows:
    """The rows of Parquet files, in the order of the files and in pieces.

    `X` is a file, a folder (with or without ``key=value`` folders inside), or a pyarrow data set
    of Parquet files; `target` the column that is the target; `nullable` names columns of integers
    or booleans that are to be nullable whether or not there are gaps, and may be added to before
    rows are read. What cannot be read as Parquet, has no rows or no such target, or files with
    different columns, is refused.

    `names` are the columns beside the target, `index_names` those that hold a stored index of
    pandas, `empty` is the frame without rows. `groups` has of each row group its file, its number
    there, and its rows.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "rows.parquet"
    ...     pd.DataFrame({"a": [1, 2, 3], "y": ["u", "v", "u"]}).to_parquet(path)
    ...     rows = ParquetRows(path, "y")
    ...     rows.names, rows.n_rows, rows.read()[1].tolist()
    (['a'], 3, ['u', 'v', 'u'])
    """

    def __init__(
        self, X: str | Path | ds.Dataset, target: str | None = None, nullable: Iterable[str] = ()
    ) -> None:
        if target is not None and not isinstance(target, str):
            raise InputError(
                f"is a {type(target).__name__}, but X is a table on disk",
                argument="y",
                remedy="pass the name of its target column, or None",
            )
        self.dataset, self.target = _dataset(X), target
        self._what = "The data set" if isinstance(X, ds.Dataset) else str(X)
        self._schema = _readable_schema(self.dataset.schema)
        refuse_twice(self._what, self._schema.names)
        stored = (self._schema.pandas_metadata or {}).get("index_columns", [])
        self.index_names = [name for name in self._schema.names if name in stored]
        names = [name for name in self._schema.names if name not in stored]
        if target is not None and target not in names:
            known = ", ".join(map(repr, names[:20]))
            raise InputError.of("y", target, f"is not a column of {self._what}", f"it has {known}")
        self.names = [name for name in names if name != target]
        if not self.names:
            raise InputError(
                "has no column beside the target", value=self._what, remedy="add features"
            )
        self.groups = list(self._row_groups())
        self.n_rows = sum(rows for _, _, rows in self.groups)
        if not self.n_rows:
            raise InputError("has no rows", value=self._what, remedy="pass a table that has some")
        self.nullable = set(nullable)
        empty = _as_frame(self._schema.empty_table().select(names))
        self.empty = empty[self.names]
        #: dtypes without gaps of what is read as nullable
        self._plain = {
            field.name: empty[field.name].dtype
            for field in self._schema
            if field.type in NULLABLE and field.name in names
            if isinstance(empty[field.name].dtype, np.dtype)
        }

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield all rows, by default without a stored index, as record batches of bounded size."""
        for fragment in self.dataset.get_fragments():
            yield from self._read(fragment, columns)

    def group_batches(self, group: int) -> Iterator[pa.RecordBatch]:
        """Yield the rows of the row group at this place in `groups`."""
        fragment, number, _ = self.groups[group]
        yield from self._read(fragment.subset(row_group_ids=[number]))

    def _read(
        self, fragment: ds.ParquetFileFragment, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        columns = list(columns or self.names + [self.target] * (self.target is not None))
        size = max(1024, min(BATCH_ROWS, BATCH_CELLS // len(columns)))
        # one piece at a time: what is read ahead would be held in memory too
        how = ds.ParquetFragmentScanOptions(pre_buffer=False, use_buffered_stream=True)
        found = fragment.to_batches(
            schema=self._schema,
            columns=columns,
            batch_size=size,
            batch_readahead=0,
            fragment_readahead=0,
            fragment_scan_options=how,
            use_threads=False,
        )
        try:
            yield from (batch for batch in found if batch.num_rows)
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(self._what, error) from error

    def _row_groups(self) -> Iterator[tuple[ds.ParquetFileFragment, int, int]]:
        try:
            fragments = list(self.dataset.get_fragments())
        except ValueError as error:
            raise InputError(
                f"is a data set that was filtered ({error})", argument="X", remedy="write it first"
            ) from None
        for fragment in fragments:
            if not isinstance(fragment, ds.ParquetFileFragment):
                raise InputError(
                    f"is a data set of {type(fragment).__name__}",
                    argument="X",
                    remedy="pass one of Parquet files, or a table in memory",
                )
            try:
                groups = fragment.row_groups
            except (pa.ArrowException, OSError) as error:
                raise _unreadable(fragment.path, error) from error
            self._check_columns(fragment)
            for group in groups:
                yield fragment, group.id, group.num_rows

    def _check_columns(self, fragment: ds.ParquetFileFragment) -> None:
        """Refuse a file with a column more or less than the first: it would be lost or empty."""
        given = set(ds.get_partition_keys(fragment.partition_expression))
        wanted = set(self._schema.names) - given
        has = set(fragment.physical_schema.names) - given
        for names, problem in ((wanted - has, "lacks"), (has - wanted, "has")):
            if names:
                beside = "which" if problem == "lacks" else "which no other of"
                raise InputError(
                    f"{problem} the column {min(names)!r}, {beside} files of {self._what} have",
                    value=fragment.path,
                    remedy="write all files with the same columns",
                )
        for name in sorted(wanted):
            own, other = fragment.physical_schema.field(name).type, self._schema.field(name).type
            if not _same_kind(own, other):
                raise InputError(
                    f"has {own} in the column {name!r}, where other files of {self._what} have "
                    f"{other}",
                    value=fragment.path,
                    remedy="write all files with the same types",
                )

    def frame(self, piece: pa.RecordBatch | pa.Table) -> pd.DataFrame:
        """Return a piece as a frame, integers and booleans nullable."""
        table = pa.Table.from_batches([piece]) if isinstance(piece, pa.RecordBatch) else piece
        return self._frame(table, self._plain)

    def _frame(self, table: pa.Table, nullable: Iterable[str]) -> pd.DataFrame:
        names = table.column_names
        frame = _as_frame(table.select([name for name in names if name not in nullable]))
        for name in names:
            if name in nullable:
                frame[name] = table[name].to_pandas(types_mapper=NULLABLE.get)
        return frame[names]

    def table(self) -> pa.Table:
        """Return all rows and columns, a stored index and the target among them."""
        batches = self.batches(self._schema.names)
        return pa.Table.from_batches(list(batches), schema=self._schema).unify_dictionaries()

    def read(self) -> tuple[pd.DataFrame, pd.Series | None]:
        """Return all rows as ``(X, y)``, a frame and a series or None."""
        table = pa.Table.from_batches(list(self.batches())).unify_dictionaries()
        frame = self.whole_frame(table)
        if self.target is None:
            return frame, None
        return frame.drop(columns=self.target), frame[self.target]

    def whole_frame(self, table: pa.Table) -> pd.DataFrame:
        """Return all rows as a frame without a stored index, nullable only where there are gaps.

        The table is what `table` returned, or columns of it.
        """
        table = table.drop_columns(
            [name for name in self.index_names if name in table.schema.names]
        )
        gaps = [
            name
            for name in self._plain
            if name in table.schema.names
            if name in self.nullable or table[name].null_count
        ]
        return self._frame(table, gaps)

    def settled(self, series: pd.Series) -> pd.Series:
        """Return cells of a column, a gap among them if it has one, in the dtype of the table."""
        plain = self._plain.get(series.name)
        if plain is None or series.name in self.nullable or series.isna().any():
            return series
        return series.astype(plain)


def _dataset(X: str | Path | ds.Dataset) -> ds.Dataset:
    """What was passed as a pyarrow data set of Parquet files."""
    if isinstance(X, ds.Dataset):
        return X
    path = Path(X)
    if "\0" in str(path) or not path.exists():
        raise InputError.of("X", str(X), "does not exist", "pass a Parquet file or a folder")
    # a file alone has no columns from the names of the folders it lies in
    by_folder = ds.HivePartitioning.discover(infer_dictionary=True) if path.is_dir() else None
    try:
        if path.is_file():
            refuse_twice(path, pq.read_schema(path).names)
        found = ds.dataset(path, format="parquet", partitioning=by_folder)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(X, error) from error
    nameless = next((file for file in found.files if NO_VALUE in file), None)
    if nameless is not None:
        raise InputError(
            "lies in a folder that says that a column is missing",
            value=nameless,
            remedy="write that column into the files, or leave these out",
        )
    return found


def _same_kind(own: pa.DataType, other: pa.DataType) -> bool:
    """Whether cells of one file are the same values in the type of the others.

    Examples
    --------
    >>> _same_kind(pa.int32(), pa.float64()), _same_kind(pa.int64(), pa.string())
    (True, False)
    """
    own, other = map(_plain_type, (own, other))
    if pa.types.is_null(own) or own == other:
        return True
    if pa.types.is_integer(own):
        return pa.types.is_integer(other) or pa.types.is_floating(other)
    same = (pa.types.is_floating, pa.types.is_decimal, pa.types.is_date, pa.types.is_duration)
    if pa.types.is_timestamp(own) and pa.types.is_timestamp(other):
        return (own.tz is None) == (other.tz is None)
    return any(kind(own) and kind(other) for kind in same)


def _plain_type(kind: pa.DataType) -> pa.DataType:
    """The type of the values, however they are stored."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    text = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return pa.string() if any(is_text(kind) for is_text in text) else kind


def _unreadable(what: object, error: Exception) -> InputError:
    return InputError(f"cannot be read as Parquet ({error})", value=what, remedy="check the file")


def _readable_schema(schema: pa.Schema) -> pa.Schema:
    """The schema, without pandas' metadata where pandas cannot read it."""
    try:
        schema.empty_table().to_pandas(date_as_object=False)
    except Exception:  # metadata are any bytes, and pandas raises many kinds on them
        return schema.remove_metadata()
    return schema


def _as_frame(table: pa.Table) -> pd.DataFrame:
    """A table as a frame with the names of the file, which may not be those of its metadata."""
    # a stored index is dropped already, and is not to be looked for
    frame = table.to_pandas(date_as_object=False, ignore_metadata=False).reset_index(drop=True)
    frame.columns = pd.Index(table.column_names, name=frame.columns.name)
    return frame

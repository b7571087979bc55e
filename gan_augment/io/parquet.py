"""Tables on disk: a Parquet file, a folder of them or a pyarrow data set, read in pieces.

A piece becomes a frame in the dtypes that ``pandas.read_parquet`` gives, with one exception.
Integers and booleans may have gaps in another piece, so here they are nullable, exact to the last
digit; what the whole table has, and what `ParquetRows.read` returns, is nullable only where there
are gaps. A stored index is no column.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

from gan_augment.containers.validation import check_names
from gan_augment.exceptions import InputError

#: Rows read at once, fewer where there are many columns.
BATCH_ROWS, BATCH_CELLS = 65_536, 2**21

# Without these, pandas turns integers and booleans with missing cells into floats and objects.
NULLABLE = {
    pa.bool_(): pd.BooleanDtype(),
    **{pa.int8(): pd.Int8Dtype(), pa.int16(): pd.Int16Dtype(), pa.int32(): pd.Int32Dtype()},
    **{pa.int64(): pd.Int64Dtype(), pa.uint8(): pd.UInt8Dtype(), pa.uint16(): pd.UInt16Dtype()},
    **{pa.uint32(): pd.UInt32Dtype(), pa.uint64(): pd.UInt64Dtype()},
}


class ParquetRows:
    """The rows of Parquet files, in the order of the files and in pieces.

    Parameters
    ----------
    X : str, Path or pyarrow.dataset.Dataset
        A file, a folder (with or without ``key=value`` folders inside), or a data set of Parquet
        files.
    target : str or None
        The column that is the target.
    room : sequence of str
        Columns of integers or booleans that are to be nullable whether or not there are gaps.

    Attributes
    ----------
    names : list of str
        The columns beside the target.
    target : str or None
    n_rows : int
    room : set of str
        See above; it may be added to before rows are read.
    nothing : DataFrame
        The columns, without rows.
    groups : list of (fragment, int, int)
        Of each row group: its file, its number there, and its rows.

    Raises
    ------
    InputError
        If `X` cannot be read as Parquet, has no rows, or has no such target.

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

    def __init__(self, X, target=None, room=()):
        if target is not None and not isinstance(target, str):
            raise InputError(
                f"y is a {type(target).__name__}, but X is a table on disk: pass the name of its "
                "target column, or None."
            )
        self.dataset, self.target = _dataset(X), target
        self._schema = self.dataset.schema
        stored = (self._schema.pandas_metadata or {}).get("index_columns", [])
        names = [name for name in self._schema.names if name not in stored]
        check_names(names)
        if target is not None and target not in names:
            shown = ", ".join(map(repr, names[:20]))
            raise InputError(f"y={target!r} is not a column of X: it has {shown}.")
        self.names = [name for name in names if name != target]
        if not self.names:
            raise InputError("X has no column beside the target: add features.")
        self.groups = list(_row_groups(self.dataset))
        self.n_rows = sum(rows for _, _, rows in self.groups)
        if not self.n_rows:
            raise InputError("X has no rows: there is nothing to learn from.")
        self.room = set(room)
        empty = self._schema.empty_table().to_pandas(date_as_object=False)
        self.nothing = empty[self.names]
        #: dtypes without gaps of what is read as nullable
        self._plain = {
            field.name: empty[field.name].dtype
            for field in self._schema
            if field.type in NULLABLE and field.name in names
            if isinstance(empty[field.name].dtype, np.dtype)
        }

    def batches(self, columns=None):
        """Yield all rows as record batches of a bounded number of rows.

        Parameters
        ----------
        columns : list of str, optional
            By default those in `names` and the target.
        """
        for fragment in self.dataset.get_fragments():
            yield from self._read(fragment, columns)

    def group_batches(self, group, columns=None):
        """Yield the rows of the row group at this place in `groups`."""
        fragment, number, _ = self.groups[group]
        yield from self._read(fragment.subset(row_group_ids=[number]), columns)

    def _read(self, fragment, columns):
        columns = columns or self._columns()
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
            raise InputError(f"X cannot be read as Parquet ({error}): check the files.") from error

    def _columns(self):
        return self.names + [self.target] * (self.target is not None)

    def frame(self, piece):
        """Return a piece as a frame, integers and booleans nullable.

        Parameters
        ----------
        piece : pyarrow.RecordBatch or pyarrow.Table

        Returns
        -------
        pandas.DataFrame
        """
        table = pa.Table.from_batches([piece]) if isinstance(piece, pa.RecordBatch) else piece
        return self._frame(table, self._plain)

    def _frame(self, table, nullable):
        names = table.column_names
        others = table.select([name for name in names if name not in nullable])
        # a stored index is dropped already, and is not to be looked for
        frame = others.to_pandas(date_as_object=False, ignore_metadata=False)
        frame = frame.reset_index(drop=True)
        for name in names:
            if name in nullable:
                frame[name] = table[name].to_pandas(types_mapper=NULLABLE.get)
        return frame[names]

    def read(self):
        """Return all rows as ``(X, y)``, a frame and a series or None."""
        table = pa.Table.from_batches(list(self.batches())).unify_dictionaries()
        gaps = [n for n in self._plain if n in self.room or table[n].null_count]
        frame = self._frame(table, gaps)
        if self.target is None:
            return frame, None
        return frame.drop(columns=self.target), frame[self.target]

    def settled(self, series):
        """Return cells of a column in the dtype that the whole table has, given these cells.

        Parameters
        ----------
        series : pandas.Series
            With a missing cell if the table has one there.
        """
        plain = self._plain.get(series.name)
        if plain is None or series.name in self.room or series.isna().any():
            return series
        return series.astype(plain)


def _dataset(X):
    """What was passed as a pyarrow data set of Parquet files."""
    if not isinstance(X, ds.Dataset):
        path = Path(X)
        if "\0" in str(path) or not path.exists():
            raise InputError(f"X={str(X)!r} does not exist: pass a Parquet file or a folder.")
        try:
            by_folder = ds.HivePartitioning.discover(infer_dictionary=True)
            X = ds.dataset(path, format="parquet", partitioning=by_folder)
        except (pa.ArrowException, OSError) as error:
            raise InputError(
                f"X={str(X)!r} cannot be read as Parquet ({error}): check the file."
            ) from error
    return X


def _row_groups(dataset):
    try:
        fragments = list(dataset.get_fragments())
    except ValueError as error:
        raise InputError(f"X is a data set that was filtered ({error}): write it first.") from None
    for fragment in fragments:
        if not isinstance(fragment, ds.ParquetFileFragment):
            raise InputError(
                f"X is a data set of {type(fragment).__name__}: pass one of Parquet files, or a "
                "table in memory."
            )
        try:
            groups = fragment.row_groups
        except (pa.ArrowException, OSError) as error:
            raise InputError(
                f"{fragment.path} cannot be read as Parquet ({error}): check the file."
            ) from error
        for group in groups:
            yield fragment, group.id, group.num_rows

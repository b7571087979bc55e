"""Tables: `to_pandas` converts one, and its `Container` makes another of the same kind."""

import json
import os
from dataclasses import dataclass

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from gan_augment.containers.interchange import (
    column_from_pandas,
    column_to_pandas,
    schema_from_plain,
    schema_to_plain,
)
from gan_augment.containers.untrusted import parsed, require
from gan_augment.containers.validation import (
    RESHAPE,
    SparseInputError,
    check_byte_order,
    check_levels,
    check_names,
    check_shape,
    check_supported,
    table_array,
)
from gan_augment.exceptions import InputError

#: The most bytes a cell of an array may take; a file could ask for any number.
MAX_CELL = 2**20


@dataclass(frozen=True, eq=False)  # a schema of polars has no single answer to ==
class Container:
    """The kind of table the caller passed, and how to make another of it.

    `kind` is "pandas", "numpy" (also of lists of lists), "polars" or "pyarrow"; `dtype` that of an
    array; `schema`, for polars and pyarrow, the caller's table without its rows.

    Examples
    --------
    >>> frame, container = to_pandas(np.ones((2, 1), dtype="int8"))
    >>> container.restore(frame).dtype
    dtype('int8')
    """

    kind: str
    dtype: np.dtype | None = None
    schema: object = None

    def restore(self, frame):
        """Return a frame as `to_pandas` gave it as the caller's kind of table, with its types."""
        if self.kind == "pandas":
            return frame
        if self.kind == "numpy":
            return _restore_array(frame, self.dtype)
        columns = {
            name: column_from_pandas(frame[name], self.schema[name]) for name in frame.columns
        }
        if self.kind == "pyarrow":
            return type(self.schema).from_pydict(columns, schema=self.schema.schema)
        return type(self.schema)(columns, schema=self.schema.schema)

    def to_json(self):
        """Return the container as JSON text, data only."""
        schema = None if self.schema is None else schema_to_plain(self.schema)
        dtype = None if self.dtype is None else self.dtype.str
        if dtype is not None and self.dtype.kind == "T":
            dtype = "T"
        return json.dumps({"kind": self.kind, "dtype": dtype, "schema": schema})

    @classmethod
    def from_json(cls, text):
        """Return the container that `to_json` wrote."""
        data = parsed(text)
        kind, dtype, schema = data["kind"], data["dtype"], data["schema"]
        require(kind in ("pandas", "numpy", "polars", "pyarrow"), "a known kind of table")
        require((dtype is None) == (kind != "numpy"), "a dtype for arrays and no other table")
        if dtype is not None:
            require(isinstance(dtype, str), "a dtype spelled as text")
            dtype = np.dtypes.StringDType() if dtype == "T" else np.dtype(dtype)
            known = dtype.kind in "biufUSMmOT" and dtype.itemsize <= MAX_CELL
            require(known, "an array of a dtype that tables have")
        if kind in ("polars", "pyarrow"):
            schema = schema_from_plain(kind, schema)
        else:
            require(schema is None, "a schema for polars and pyarrow only")
        return cls(kind, dtype, schema)


def is_on_disk(X):
    """Tell whether `X` is the path of a table, or a pyarrow data set, rather than rows.

    Examples
    --------
    >>> is_on_disk("rows.parquet"), is_on_disk([[1.0]])
    (True, False)
    """
    if isinstance(X, (str, os.PathLike)):
        return True
    return type(X).__module__.startswith("pyarrow") and hasattr(X, "get_fragments")


def to_pandas(X):
    """Return the caller's table as a pandas frame, and the container to restore it to.

    A pandas frame is passed through, never copied. For arrays the columns are 0, 1, ... and the
    dtype is the array's.

    Examples
    --------
    >>> frame, container = to_pandas([[1, 2.5], [3, 4.5]])
    >>> frame.shape, container.kind
    ((2, 2), 'numpy')
    """
    if X is None:
        raise InputError(
            "is None", argument="X", remedy="pass a table, e.g. a DataFrame or a 2-D array"
        )
    if isinstance(X, pd.DataFrame):
        check_names(X.columns)
        check_shape(X.shape)
        dtypes = [(f"X[{name!r}]", dtype) for name, dtype in X.dtypes.items()]
        check_byte_order(dtypes)
        check_supported(dtypes)
        check_levels(dtypes)
        return X, Container("pandas")
    if hasattr(X, "toarray") and hasattr(X, "nnz"):
        raise SparseInputError(
            f"is sparse ({type(X).__name__}), which is not supported",
            argument="X",
            remedy="pass a dense array, e.g. X.toarray(); in a pipeline make the step before "
            "dense, as OneHotEncoder(sparse_output=False) and ColumnTransformer(..., "
            "sparse_threshold=0) do, or put the step that adds rows first",
        )
    if type(X).__module__.startswith("pyarrow") and hasattr(X, "column_names"):
        if type(X).__name__ == "RecordBatch":
            raise InputError(
                "is a pyarrow RecordBatch",
                argument="X",
                remedy="pass pyarrow.Table.from_batches([X]) instead",
            )
        check_names(X.column_names)  # narwhals would refuse duplicates in its own words
    native = (
        None
        if isinstance(X, (np.ndarray, list, tuple))
        else nw.from_native(X, pass_through=True, allow_series=True)
    )
    if isinstance(native, nw.LazyFrame):
        raise InputError(
            f"is a lazy frame ({type(X).__name__}), which has no rows yet",
            argument="X",
            remedy="pass X.collect()",
        )
    if isinstance(native, nw.Series) or isinstance(X, pd.Series):
        raise InputError(
            f"is a {type(X).__name__}: Expected 2D array, got 1D array instead. {RESHAPE} "
            "A series becomes a table with .to_frame().",
            argument="X",
        )
    if isinstance(native, nw.DataFrame):
        return _from_narwhals(X, native)
    array = table_array(X)
    values = array.astype(object) if array.dtype.kind == "T" else array
    return pd.DataFrame(values, copy=False), Container("numpy", array.dtype)


def _from_narwhals(X, native):
    kind = native.implementation.name.lower()
    if kind not in ("polars", "pyarrow"):
        raise InputError(
            f"is a {type(X).__name__} of {kind}, which is not supported",
            argument="X",
            remedy="pass it as pandas, polars, pyarrow or a numpy array",
        )
    names = native.columns
    check_shape(native.shape)
    # Column by column: the round trip through float that a whole-frame conversion makes for
    # integers with nulls would lose every digit beyond 2**53.
    frame = pd.DataFrame({name: column_to_pandas(native[name]) for name in names}, copy=False)
    return frame, Container(kind, schema=X[:0])


def _restore_array(frame, dtype):
    if dtype.kind not in "USTMm":
        return frame.to_numpy(dtype=dtype)
    if dtype.kind not in "US":
        return frame.to_numpy().astype(dtype)
    # A new identifier may be longer than the old ones: widen, never cut.
    cells = frame.to_numpy().astype(dtype.kind)
    return cells.astype(np.promote_types(dtype, cells.dtype) if cells.size else dtype, copy=False)

"""Rows counted, taken and appended in the caller's own container, never converted."""

import re

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from gan_augment.containers.images import is_images
from gan_augment.containers.validation import table_array
from gan_augment.exceptions import InputError
from gan_augment.process.memory import give_back

#: pandas warns of frames of more columns than that, each with an array of its own.
MANY_COLUMNS = 100
#: Rows from which the memory of each column that has been appended goes back to the system.
MANY_ROWS = 100_000


def n_rows(X):
    """Return the number of rows of a table or of a target of any kind.

    Examples
    --------
    >>> n_rows(np.zeros((3, 2)))
    3
    """
    if hasattr(X, "shape") and len(X.shape) > 0:
        return int(X.shape[0])
    if hasattr(X, "__len__") and not isinstance(X, (str, bytes, dict)):
        return len(X)
    array = np.asarray(X)
    if array.ndim == 0:
        raise InputError.of("X", X, "has no rows", "pass a table or a sequence, not a scalar")
    return len(array)


def take_rows(X, rows):
    """Return rows of a table or target, by a mask or positions, in the caller's own container.

    Examples
    --------
    >>> take_rows(["a", "b", "c"], [True, False, True])
    ['a', 'c']
    """
    rows = np.asarray(rows)
    length = n_rows(X)
    if rows.dtype == bool:
        if rows.shape != (length,):
            raise InputError(
                f"is a mask of shape {rows.shape} for {length} rows",
                argument="rows",
                remedy="pass one entry per row",
            )
        rows = np.flatnonzero(rows)
    rows = rows.astype(np.int64) if rows.size == 0 else rows
    if rows.dtype.kind not in "iu" or rows.ndim != 1:
        raise InputError(
            f"has dtype {rows.dtype} and shape {rows.shape}",
            argument="rows",
            remedy="pass a 1-D boolean mask or integer positions",
        )
    if rows.size and (rows.min() < 0 or rows.max() >= length):
        bad = rows[(rows < 0) | (rows >= length)][0]
        raise InputError(
            f"contains {bad}", argument="rows", remedy=f"pass positions from 0 to {length - 1}"
        )
    if isinstance(X, (pd.DataFrame, pd.Series)):
        return X.iloc[rows]
    if isinstance(X, (list, tuple)):
        return type(X)([X[i] for i in rows])
    if isinstance(X, np.ndarray):
        return np.asarray(X)[rows]
    native = nw.from_native(X, pass_through=True, allow_series=True)
    if isinstance(native, (nw.DataFrame, nw.Series)):
        return native[rows.tolist()].to_native()
    if hasattr(X, "take") and hasattr(X, "to_pylist"):
        return X.take(rows)
    return np.asarray(X)[rows]


def own_rows(X):
    """Return a copy of rows that can be changed in place; those of others cannot.

    Examples
    --------
    >>> rows = np.zeros((2, 2))
    >>> np.shares_memory(own_rows(rows), rows)
    False
    """
    can_change = isinstance(X, (np.ndarray, pd.DataFrame, pd.Series, list))
    return X.copy() if can_change else X


def append_rows(X, new, *, release=False):
    """Return the caller's rows, bit for bit, followed by `new`, rows of the same kind.

    The types are those of `X`: other columns, or values that its dtypes cannot hold, are refused.
    A pandas integer index continues from its maximum; other indexes get the labels "synthetic-0",
    "synthetic-1", ... With `release`, a pandas `new` may be emptied, so that each column's memory
    is free as soon as it has been appended.

    Examples
    --------
    >>> append_rows(pd.Series(["a", "b"], index=[3, 7]), pd.Series(["c"])).index.tolist()
    [3, 7, 8]
    """
    if isinstance(X, (pd.DataFrame, pd.Series)):
        return _append_pandas(X, new, release)
    if isinstance(X, (list, tuple)) and not isinstance(new, np.ndarray):
        return type(X)([*X, *new])
    if not isinstance(X, (np.ndarray, list, tuple)):
        native = nw.from_native(X, pass_through=True, allow_series=True)
        if isinstance(native, (nw.DataFrame, nw.Series)):
            return _append_native(native, new)
        if hasattr(X, "to_pylist"):
            import pyarrow as pa

            return pa.concat_arrays([X, new.cast(X.type)])
    array = np.asarray(X) if np.ndim(new) < 2 or is_images(X) else table_array(X)
    new = np.asarray(new)
    if array.ndim == 2 and new.ndim == 1 and array.shape[1] == 1:
        new = new.reshape(-1, 1)  # the target of a caller who passed a column vector
    if array.shape[1:] != new.shape[1:]:
        raise InputError(
            f"has shape {new.shape}, but X has shape {array.shape}",
            argument="new",
            remedy="pass rows of the same width",
        )
    if array.dtype.kind in "US" and new.dtype.kind == array.dtype.kind:
        return np.concatenate([array, new])
    return np.concatenate([array, _cast_exactly(new, array.dtype, "new")])


def _cast_exactly(new, dtype, what):
    """Cast `new` to `dtype`, refusing whatever the cast would change."""
    if new.dtype == dtype:
        return new
    with np.errstate(invalid="ignore", over="ignore"):
        cast = new.astype(dtype)
    if dtype.kind != "O" and not ((cast == new) | (pd.isna(cast) & pd.isna(new))).all():
        raise InputError(
            f"has dtype {new.dtype} with values that {dtype} cannot hold",
            argument=what,
            remedy="pass rows with the dtype of X",
        )
    return cast


def _append_native(native, new):
    added = nw.from_native(new, allow_series=True)
    if isinstance(native, nw.Series):
        name = native.name or "y"
        frames = [s.alias(name).cast(native.dtype).to_frame() for s in (native, added)]
        return nw.concat(frames)[name].alias(native.name).to_native()
    if set(added.columns) != set(native.columns):
        raise InputError(
            f"has columns {added.columns}, but X has {native.columns}",
            argument="new",
            remedy="pass the same columns",
        )
    for column, dtype in native.schema.items():
        if added.schema[column] != dtype:
            raise InputError(
                f"has dtype {added.schema[column]}, but X has {dtype}",
                argument="new",
                column=column,
                remedy="pass rows with the dtypes of X",
            )
    return nw.concat([native, added.select(native.columns)]).to_native()


def _append_pandas(X, new, release):
    passed = new
    if isinstance(X, pd.Series):
        new = _match_series(X, new if isinstance(new, pd.Series) else pd.Series(new))
        new = new.rename(X.name)
    else:
        if isinstance(new, pd.Series) and X.shape[1] == 1:
            new = new.to_frame(X.columns[0])
        if len(X.columns) != len(new.columns) or not X.columns.isin(new.columns).all():
            raise InputError(
                f"has columns {list(new.columns)}, but X has {list(X.columns)}",
                argument="new",
                remedy="pass the same columns",
            )
        if any(X.dtypes.to_numpy() != new.iloc[:0][X.columns].dtypes.to_numpy()):
            new = pd.DataFrame({c: _match_series(X[c], new[c]) for c in X.columns})
        if list(new.columns) != list(X.columns):
            new = new[X.columns]
        new = new.copy(deep=False)
        new.columns = X.columns
    added = _relabelled(new, _index_after(X.index, len(new)))
    few = X.ndim == 2 and X.shape[1] <= MANY_COLUMNS and X.columns.is_unique
    if release and few and type(X) is type(passed) is pd.DataFrame:
        for name in list(passed.columns):
            del passed[name]
        del new
        out = _stacked_by_column(X, added)
    else:
        out = _stacked(X, added)
    out.index.names = X.index.names
    out.attrs = dict(X.attrs)
    return out


def _relabelled(rows, index):
    """Return the same cells under other labels; `set_axis` of pandas 2 copies them."""
    relabelled = rows.copy(deep=False)
    relabelled.index = index
    return relabelled


def _stacked(X, new):
    """One below the other. pandas exchanges None, NaN, NA and NaT in columns without a value."""
    out = pd.concat([X, new])
    if isinstance(X, pd.Series):
        return out if not _may_change(X, new) else _objects(X, new, out.index)
    for place in range(X.shape[1]):
        old, added = X.iloc[:, place], new.iloc[:, place]
        if _may_change(old, added):
            out.isetitem(place, _objects(old, added, out.index))
    return out


def _stacked_by_column(X, new):
    """Return what `_stacked` does, each column an array of its own; this empties `new`."""
    index = pd.concat([X.iloc[:, :0], new.iloc[:, :0]]).index
    columns = []
    for place in range(X.shape[1]):
        if len(index) >= MANY_ROWS:
            give_back()  # also what was freed before
        whole = _stacked(X.iloc[:, place], new.pop(new.columns[0]))
        whole.index = index
        columns.append(whole)
    out = pd.DataFrame(dict(enumerate(columns)), index=index, copy=False)
    out.columns = X.columns
    return out


def _may_change(old, new):
    return old.dtype == object and (old.isna().all() or new.isna().all())


def _objects(old, new, index):
    cells = np.concatenate([old.to_numpy(object), new.to_numpy(object)])
    return pd.Series(cells, index=index, dtype=object)


def _match_series(old, new):
    if old.dtype == new.dtype:
        return new
    try:
        if isinstance(old.dtype, pd.CategoricalDtype) and not _all_in(old.dtype, new):
            raise TypeError("a value is no category")  # pandas 2 makes it missing
        cast = new.astype(old.dtype)
        # A category or a number the dtype does not know turns missing, or another number.
        same = ((cast.isna() & new.isna()) | (cast == new.astype(cast.dtype))).all()
        same = same and (cast.isna() == new.isna()).all()
        if same and new.dtype.kind in "fiu" and cast.dtype.kind in "fiu":
            same = bool((cast.to_numpy(object) == new.to_numpy(object))[~new.isna()].all())
    except (TypeError, ValueError, OverflowError):
        same = False
    if not same:
        raise InputError(
            f"has dtype {new.dtype} with values that {old.dtype} cannot hold",
            argument="new",
            column=old.name,
            remedy="pass rows with the dtypes of X",
        )
    return cast


def _all_in(dtype, cells):
    """Whether a categorical dtype has a level for each cell."""
    return (cells.isna() | cells.isin(dtype.categories)).all()


def _index_after(index, count):
    """Return `count` labels that follow `index` and are not in it."""
    if isinstance(index, pd.RangeIndex):
        start = index.start + len(index) * index.step
        return pd.RangeIndex(start, start + count * index.step, index.step)
    if not isinstance(index, pd.MultiIndex) and pd.api.types.is_integer_dtype(index.dtype):
        start = int(index.max()) + 1 if len(index) else 0
        limit = np.iinfo(getattr(index.dtype, "numpy_dtype", index.dtype)).max
        if start + count - 1 <= limit:
            return pd.Index([start + i for i in range(count)], dtype=index.dtype)
    levels = [index.get_level_values(i) for i in range(index.nlevels)]
    found = (
        re.fullmatch(r"synthetic-(\d+)", label) for label in levels[0] if isinstance(label, str)
    )
    start = max((int(match[1]) + 1 for match in found if match), default=0)
    labels = [f"synthetic-{start + i}" for i in range(count)]
    if isinstance(index, pd.MultiIndex):
        return pd.MultiIndex.from_arrays([labels] * index.nlevels)
    return pd.Index(labels, dtype=object)

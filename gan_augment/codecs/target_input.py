"""What a target may look like: any container of one value per row, nothing missing."""

import warnings

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from sklearn.exceptions import DataConversionWarning

from gan_augment.codecs.dtypes import missing_mask, object_array, to_numbers
from gan_augment.codecs.inference import family_of
from gan_augment.containers import Container, n_rows, to_pandas
from gan_augment.containers.refusals import check_levels
from gan_augment.exceptions import InputError

#: What a caller's target may be, as `target_series` names it.
FORMS = ("series", "list", "array", "polars", "pyarrow", "arrow_array")


def target_series(y, warn=False):
    """Return `y` as a series, the container of its values, and the form the caller gave it."""
    if hasattr(y, "toarray") and hasattr(y, "nnz"):
        raise InputError(f"y is sparse ({type(y).__name__}): pass a dense array, y.toarray().")
    if isinstance(y, (str, bytes)) or (np.isscalar(y) and not hasattr(y, "__len__")):
        raise InputError(f"y={y!r} is a single value: pass one value per row, e.g. a list.")
    if isinstance(y, np.ma.MaskedArray) and np.ma.is_masked(y):
        raise InputError("y is a masked array with masked cells: drop these rows first.")
    y = _ravelled(y, warn)
    if isinstance(y, pd.Series):
        check_levels([("y", y.dtype)])
        return y, Container("pandas"), "series"
    if isinstance(y, (list, tuple)):
        return _from_array(_as_array(y)), Container("numpy", np.dtype(object)), "list"
    native = nw.from_native(y, pass_through=True, allow_series=True)
    if isinstance(native, nw.Series) and native.implementation.name in ("POLARS", "PYARROW"):
        frame, container = to_pandas(native.alias("y").to_frame().to_native())
        form = native.implementation.name.lower()
        return frame["y"].rename(native.name or None), container, form
    if type(y).__module__.startswith("pyarrow"):
        import pyarrow as pa

        frame, container = to_pandas(pa.table({"y": y}))
        return frame["y"].rename(None), container, "arrow_array"
    array = _as_array(y)
    return _from_array(array), Container("numpy", array.dtype), "array"


def _as_array(y):
    try:
        array = np.asarray(y)
        if array.dtype.kind in "US" and array.ndim == 1 and not isinstance(y, np.ndarray):
            array = object_array(list(y))  # numpy spells ["a", 1] as two strings, cuts off NULs
    except ValueError as error:
        raise InputError(
            f"y is ragged, its values have different lengths ({error}): pass one value per row."
        ) from error
    if array.ndim != 1:
        raise InputError(
            f"y should be a 1d array, got an array of shape {array.shape} instead: multilabel and "
            "multi-output targets are not supported, pass one column."
        )
    return array


def _from_array(array):
    return pd.Series(array.astype(object) if array.dtype.kind in "UST" else array)


def _ravelled(y, warn):
    """Return a table of one column as that column, warning as scikit-learn does."""
    shape = getattr(y, "shape", ())
    if len(shape) != 2 or shape[1] != 1:
        if len(shape) == 2:
            raise InputError(
                f"y should be a 1d array, got an array of shape {tuple(shape)} instead: "
                "multilabel and multi-output targets are not supported, pass one column."
            )
        return y
    if warn:
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected. Please change the shape "
            "of y to (n_samples,), for example using ravel().",
            DataConversionWarning,
            stacklevel=5,
        )
    if isinstance(y, pd.DataFrame):
        return y.iloc[:, 0]
    if isinstance(y, np.ndarray):
        return np.asarray(y).ravel()
    native = nw.from_native(y)
    return native[native.columns[0]].to_native()


def check_rows(series, y, X):
    """Refuse a target that does not belong to `X`, row by row."""
    if len(series) == 0:
        raise InputError("y is empty, with 0 sample(s): pass one value per row of X.")
    if X is None:
        return
    if n_rows(X) != len(series):
        raise InputError(
            "Found input variables with inconsistent numbers of samples: "
            f"{[n_rows(X), len(series)]}; pass one value of y per row of X."
        )
    if not isinstance(X, pd.DataFrame) or not isinstance(y, (pd.Series, pd.DataFrame)):
        return
    if X.index.equals(y.index):
        return
    ours, theirs = (pd.util.hash_pandas_object(rows.index, index=False) for rows in (X, y))
    if (np.sort(ours) == np.sort(theirs)).all():
        row = int(np.argmax(X.index != y.index))
        here, there = (rows.index[[row]].tolist()[0] for rows in (X, y))
        raise InputError(
            f"X and y have the same index labels in another order, e.g. at row {row}: {here!r} "
            f"and {there!r}; align them with y.loc[X.index], or drop one index with "
            ".reset_index(drop=True)."
        )


def check_values(series, start=0):
    """Refuse missing, infinite and unusable values; return the family and the numbers if any.

    The series may be a piece of a target; so many rows are before it.
    """
    missing = missing_mask(series)
    if missing.any():
        raise InputError(
            f"Input y contains NaN, first at row {start + int(np.argmax(missing))}: drop the rows "
            "without a target."
        )
    values = None
    if series.dtype.kind == "f":
        values = to_numbers(series)[0]
        if not np.isfinite(values).all():
            bad = values[~np.isfinite(values)][0]
            raise InputError(
                "Input y contains infinity or a value too large for dtype('float64'), namely "
                f"{bad}: drop these rows."
            )
    family = family_of(series.rename("y"), missing)
    if family in ("datetime", "timedelta"):
        raise InputError(
            f"Unknown label type: y has dtype {series.dtype}; convert it to a number, e.g. days "
            "since its minimum."
        )
    if family in ("integer", "number") and values is None:
        values = to_numbers(series.rename("y"))[0]
    return family, values

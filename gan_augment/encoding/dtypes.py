"""Column dtypes: as text and back, to exact numbers and back.

Numbers travel as int64, uint64 or float64 beside a mask of the missing ones. An integer, a date
or a duration is never spelled as a float on the way: float64 holds integers only to 2**53.
"""

import base64
import functools
import math
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from pandas.api.types import is_object_dtype

from gan_augment.exceptions import InputError


def python_scalar(value):
    """Return a numpy scalar as Python's own, and anything else as it is."""
    return value.item() if isinstance(value, np.generic) else value


def to_plain(value):
    """Spell a scalar or a tuple in JSON; bytes and non-finite floats have no literal there."""
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    return value


def from_plain(value):
    """Return the scalar or tuple that `to_plain` spelled."""
    if isinstance(value, list):
        return tuple(from_plain(item) for item in value)
    if isinstance(value, dict):
        return base64.b64decode(value["bytes"]) if "bytes" in value else float(value["float"])
    return value


def _arrow_text():
    import pyarrow as pa

    return pd.ArrowDtype(pa.string())


_TEXT_DTYPES = {  # what pandas spells ambiguously
    "string[python]": lambda: pd.StringDtype("python"),
    "string[pyarrow]": lambda: pd.StringDtype("pyarrow"),
    "str[python]": lambda: pd.StringDtype("python", na_value=np.nan),
    "str[pyarrow]": lambda: pd.StringDtype("pyarrow", na_value=np.nan),
    "utf8[pyarrow]": _arrow_text,
}


_ZONEINFO = "zoneinfo:"


def dtype_text(dtype):
    """Return the text of a dtype, as pandas prints it but unambiguous for strings."""
    if isinstance(dtype, pd.StringDtype):
        return f"{'string' if dtype.na_value is pd.NA else 'str'}[{dtype.storage}]"
    if isinstance(dtype, pd.ArrowDtype) and str(dtype) == "string[pyarrow]":
        return "utf8[pyarrow]"
    zone = getattr(dtype, "tz", None)
    if isinstance(zone, ZoneInfo) and pd.api.types.pandas_dtype(str(dtype)) != dtype:
        # pandas 2 reads a zone's name as pytz's, which it holds to be another dtype.
        return f"datetime64[{dtype.unit}, {_ZONEINFO}{zone.key}]"
    return str(dtype)


@functools.cache  # asked for whenever a column is read or made
def dtype_from_text(text):
    """Return the dtype that `dtype_text` described; a category comes without its levels."""
    if text in _TEXT_DTYPES:
        return _TEXT_DTYPES[text]()
    if _ZONEINFO in text:
        unit, zone = text.removeprefix("datetime64[").removesuffix("]").split(f", {_ZONEINFO}")
        return pd.DatetimeTZDtype(unit, ZoneInfo(zone))
    return pd.api.types.pandas_dtype(text)


def dtype_family(dtype):
    """Return what a dtype stores, or None for one that is not learnt.

    The families: "boolean", "integer", "number", "datetime", "timedelta", "text", "category" and
    "object".
    """
    if isinstance(dtype, pd.CategoricalDtype):
        return "category"
    if isinstance(dtype, (pd.SparseDtype, pd.PeriodDtype, pd.IntervalDtype)):
        return None
    if isinstance(dtype, pd.StringDtype) or dtype.kind == "U":
        return "text"
    if dtype.kind == "f" and dtype.itemsize > 8:
        return None
    if dtype.kind == "O" and not is_object_dtype(dtype):
        return None
    if isinstance(dtype, pd.ArrowDtype) and str(dtype).startswith(("date", "time3", "time6")):
        return None  # days and times of day: arrow casts them to no integer
    families = {"b": "boolean", "i": "integer", "u": "integer", "f": "number", "M": "datetime"}
    return {**families, "m": "timedelta", "O": "object"}.get(dtype.kind)


def holds_missing(dtype):
    """Tell whether a column of this dtype can hold a missing value."""
    return not (isinstance(dtype, np.dtype) and dtype.kind in "biu")


def missing_mask(series):
    """Return where a series is missing; a NaN inside a nullable float counts."""
    mask = series.isna().to_numpy(dtype=bool)
    if series.dtype.kind == "f" and not isinstance(series.dtype, np.dtype):
        mask = mask | np.isnan(series.to_numpy(dtype=np.float64, na_value=np.nan))
    return mask


def object_array(cells):
    """Return the cells as an object array, each as it is; numpy would guess a dtype."""
    array = np.empty(len(cells), dtype=object)
    array[:] = cells
    return array


def distinct_cells(series):
    r"""Return the distinct cells of a series as Python scalars, in the order of appearance.

    `pandas.unique` takes text for the same up to a NUL; Python does not.

    Examples
    --------
    >>> distinct_cells(pd.Series(["a", "a\x00", "a"]))
    ['a', 'a\x00']
    """
    if isinstance(series.dtype, pd.CategoricalDtype):
        levels = series.cat.categories
        cells = [levels[code] for code in pd.unique(series.cat.codes) if code >= 0]
    else:
        cells = dict.fromkeys(series.astype(object).to_numpy())
    return list(map(python_scalar, cells))


def to_numbers(series):
    """Return the numbers of a series exactly, 0 where missing, and where they are missing.

    They are int64, uint64 or float64; dates and durations count in the dtype's own unit. Objects
    must be numbers, of 64 bits together.

    Examples
    --------
    >>> to_numbers(pd.Series([2**60 + 1, None], dtype="Int64"))
    (array([1152921504606846977,                   0]), array([False,  True]))
    """
    missing = missing_mask(series)
    dtype = series.dtype
    if is_object_dtype(dtype):
        return _objects_to_numbers(series, missing), missing
    if dtype.kind in "Mm":
        return np.where(missing, 0, _ticks(series)), missing
    wide = {"f": np.float64, "u": np.uint64 if dtype.itemsize == 8 else np.int64}
    wide = wide.get(dtype.kind, np.int64)
    if isinstance(dtype, np.dtype):
        values = series.to_numpy().astype(wide, copy=False)
        values = values.copy() if missing.any() else values.view()
    else:
        values = np.array(series.to_numpy(dtype=wide, na_value=0))
    if missing.any():
        values[missing] = 0
    values.flags.writeable = False  # they may be the cells of the series themselves
    return values, missing


def _ticks(series):
    """Return dates or durations as int64 in their own unit."""
    if isinstance(series.dtype, pd.ArrowDtype):
        import pyarrow as pa

        return pa.array(series.array).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return np.array(series.array.view("int64"))


def _objects_to_numbers(series, missing):
    cells = series.to_numpy()[~missing]
    try:
        found = np.array(cells.tolist())
        if found.dtype.kind not in "biuf" and len(cells):
            raise OverflowError
        if found.dtype.kind == "f" and all(not isinstance(c, (float, np.floating)) for c in cells):
            raise OverflowError  # numpy's answer to int64 beside uint64 is float64
    except (OverflowError, ValueError):
        largest = max(cells, key=abs)
        raise InputError.convertible(
            f"holds integers that do not fit in 64 bits together, e.g. {largest!r}",
            ".astype(float) or .astype(str)",
            column="y" if series.name is None else series.name,
            value=largest,
        ) from None
    wide = {"f": np.float64, "u": np.uint64}.get(found.dtype.kind, np.int64)
    values = np.zeros(len(series), dtype=wide)
    values[~missing] = found
    return values


def from_numbers(values, missing, dtype):
    """Return an array of `dtype` from exact numbers: the inverse of `to_numbers`.

    The dtype is of numbers, dates or durations. A value that does not fit it raises OverflowError:
    nothing ever wraps around.
    """
    if dtype.kind == "f":
        return _from_floats(values, missing, dtype)
    values = np.where(missing, 0, values) if missing.any() else values
    stored = np.dtype(np.int64) if dtype.kind in "Mm" else _numpy_dtype(dtype)
    stored = _narrow(values, stored)
    if isinstance(dtype, pd.ArrowDtype):
        return _to_arrow(stored, missing, dtype)
    if dtype.kind in "Mm":
        stored = stored.copy()
        stored[missing] = np.iinfo(np.int64).min  # how numpy spells NaT
        unit = np.datetime_data(getattr(dtype, "base", dtype))[0]
        series = pd.Series(stored.view(f"{dtype.kind}8[{unit}]"))
        if isinstance(dtype, pd.DatetimeTZDtype):
            series = series.dt.tz_localize("UTC").dt.tz_convert(dtype.tz)
        return series.array
    if isinstance(dtype, np.dtype):
        return stored
    if dtype.kind == "b":
        return pd.arrays.BooleanArray(stored, missing.copy())
    return pd.arrays.IntegerArray(stored, missing.copy())


def _numpy_dtype(dtype):
    return np.dtype(getattr(dtype, "numpy_dtype", dtype))


def _narrow(values, dtype):
    """Cast integers to a narrower dtype, refusing to wrap."""
    if dtype.kind == "b" or len(values) == 0:
        return values.astype(dtype)
    limits = np.iinfo(dtype)
    for value in (values.min(), values.max()):
        if value != int(value) or not limits.min <= int(value) <= limits.max:
            raise OverflowError(f"{value} does not fit in {dtype}")
    if values.dtype.kind == "f" and (values != np.rint(values)).any():
        raise OverflowError(f"a fraction does not fit in {dtype}")
    return values.astype(dtype)


def _from_floats(values, missing, dtype):
    values = np.where(missing, np.nan, values).astype(np.float64)
    with np.errstate(over="ignore"):
        stored = values.astype(_numpy_dtype(dtype))
    if np.isinf(stored).any():
        worst = values[np.argmax(np.isinf(stored))]
        raise OverflowError(f"{worst} does not fit in {dtype}")
    if isinstance(dtype, np.dtype):
        return stored
    if isinstance(dtype, pd.ArrowDtype):
        return _to_arrow(stored, missing, dtype)
    return pd.arrays.FloatingArray(np.where(missing, 1, stored), missing.copy())


def _to_arrow(stored, missing, dtype):
    import pyarrow as pa

    array = pa.array(stored, mask=missing).cast(dtype.pyarrow_dtype)
    return pd.arrays.ArrowExtensionArray(pa.chunked_array([array]))

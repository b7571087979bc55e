"""polars and pyarrow columns to pandas and back, one at a time and exactly.

A whole-frame conversion sends integers with nulls through float64 and loses every digit beyond
2**53; here the digits and the nulls travel side by side.
"""

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from gan_augment.exceptions import InputError

_PLAIN = (nw.String, nw.Categorical, nw.Enum, nw.Datetime, nw.Duration, nw.Binary)


def column_to_pandas(column):
    """Return one narwhals column as a pandas series, exactly; nulls only where a null was."""
    dtype, name = column.dtype, column.name
    if dtype.is_numeric() and not dtype.is_decimal() and dtype not in (nw.Int128, nw.UInt128):
        return pd.Series(_nullable(column, 0), name=name)
    if dtype == nw.Boolean:
        return pd.Series(_nullable(column, False), name=name)
    if dtype == nw.Date:
        return column.cast(nw.Datetime("ms")).to_pandas()
    # narwhals knows no name for pyarrow's binary, whose cells are plain bytes.
    native = column.to_native()
    if dtype in _PLAIN or "binary" in str(getattr(native, "type", "")):
        return pd.Series(native.to_pandas(), name=name)
    cure = "cast it to Float64" if dtype.is_decimal() else "cast or drop it"
    raise InputError(f"Column {name!r} has dtype {dtype}, which is not supported: {cure}.")


def _nullable(column, filler):
    mask = column.is_null().to_numpy()
    if not mask.any():
        return column.to_numpy()
    values = np.array(column.fill_null(filler).to_numpy())
    if values.dtype.kind == "f":
        mask = mask | np.isnan(values)
        return pd.arrays.FloatingArray(values, mask)
    if values.dtype.kind == "b":
        return pd.arrays.BooleanArray(values, mask)
    return pd.arrays.IntegerArray(values, mask)


def column_from_pandas(series, like):
    """Return a pandas series as the polars or pyarrow column type of `like`."""
    import pyarrow as pa

    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(object).where(series.notna(), None)
    if series.dtype.kind in "fiub" and isinstance(series.dtype, np.dtype):
        array = pa.array(series.to_numpy(), from_pandas=False)  # a NaN stays a NaN, not a null
    else:
        array = pa.array(series, from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if not isinstance(like, (pa.ChunkedArray, pa.Array)):
        column = type(like)(array)
        return column.cast(like.dtype)
    if pa.types.is_dictionary(like.type):
        return array.cast(like.type.value_type).dictionary_encode().cast(like.type)
    return array.cast(like.type)

"""polars and pyarrow columns to pandas and back, one at a time and exactly.

A whole-frame conversion sends integers with nulls through float64 and loses every digit beyond
2**53; here the digits and the nulls travel side by side.
"""

import base64

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from gan_augment.containers.untrusted import require
from gan_augment.exceptions import InputError

_PLAIN = (nw.String, nw.Categorical, nw.Enum, nw.Datetime, nw.Duration, nw.Binary)
#: polars' types of columns that are learnt, by name: none of them holds Python objects.
_POLARS = (
    "Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64 Float16 Float32 Float64 Boolean String "
    "Binary Date Datetime Duration Categorical Enum"
).split()


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
    _refuse_odd_arrow(name, native)
    if dtype in _PLAIN or "binary" in str(getattr(native, "type", "")):
        return pd.Series(native.to_pandas(), name=name)
    cure = "cast it to Float64" if dtype.is_decimal() else "cast or drop it"
    raise InputError(f"has dtype {dtype}, which is not supported", column=name, remedy=cure)


def _refuse_odd_arrow(name, native):
    """Refuse what pyarrow holds but cannot take rows of, or pandas cannot take over."""
    kind = str(getattr(native, "type", ""))
    if "view" in kind:
        raise InputError(
            f"has dtype {kind}, which is not supported",
            column=name,
            remedy="cast it to string",
        )
    if "dictionary" not in kind:
        return
    for chunk in native.chunks:
        values = chunk.dictionary
        gaps = pd.isna(values.to_pandas()).any()  # of floats a NaN is one, too
        twice = not gaps and len(values.unique()) < len(values)
        if not (gaps or twice):
            continue
        raise InputError(
            "has a value twice in its dictionary"
            if twice
            else "has a null among the values of its dictionary",
            column=name,
            remedy="decode it, or encode it again",
        )


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


def schema_to_plain(table):
    """Return names and types of a polars or pyarrow table without rows as JSON can hold them."""
    if hasattr(table, "column_names"):  # pyarrow
        return base64.b64encode(table.schema.serialize().to_pybytes()).decode()
    return [[name, *_polars_to_plain(dtype)] for name, dtype in table.schema.items()]


def _polars_to_plain(dtype):
    known = {"time_unit": None, "time_zone": None, "categories": None}
    name = dtype.base_type().__name__
    if name in ("Datetime", "Duration"):
        known |= {key: getattr(dtype, key, None) for key in ("time_unit", "time_zone")}
    if name == "Enum":
        known["categories"] = dtype.categories.to_list()
    own = getattr(dtype, "categories", None)  # older versions of polars have no named ones
    if name == "Categorical" and own is not None and not own.is_global():
        known["categories"] = [own.name(), own.namespace(), own.physical().__name__]
    return name, known


def schema_from_plain(kind, data):
    """Return the table without rows that `schema_to_plain` described.

    polars' own binary form is not used: on damaged bytes its reader panics, which no
    ``except Exception`` catches.
    """
    if kind == "pyarrow":
        import pyarrow as pa

        require(isinstance(data, str), "a pyarrow schema as text")
        schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(data)))
        plain = not any(isinstance(field.type, pa.BaseExtensionType) for field in schema)
        require(plain, "columns of pyarrow's own types")
        return schema.empty_table()
    import polars

    require(isinstance(data, list), "a list of polars columns")
    schema = {name: _polars_from_plain(polars, dtype, facts) for name, dtype, facts in data}
    require(len(schema) == len(data), "no column twice")
    return polars.DataFrame(schema=schema)


def _polars_from_plain(polars, name, facts):
    require(name in _POLARS, "columns of polars' own types")
    unit, zone, categories = (facts[k] for k in ("time_unit", "time_zone", "categories"))
    require(unit in (None, "ms", "us", "ns"), "a unit of time that polars has")
    if name == "Datetime":
        require(zone is None or isinstance(zone, str), "a time zone spelled as text")
        return polars.Datetime(unit, zone)
    if name == "Duration":
        return polars.Duration(unit)
    if name == "Categorical" and categories is not None:
        own, namespace, physical = categories
        require(physical in ("UInt8", "UInt16", "UInt32"), "categories counted by a small integer")
        return polars.Categorical(polars.Categories(own, namespace, getattr(polars, physical)))
    if name == "Enum":
        texts = isinstance(categories, list) and all(isinstance(c, str) for c in categories)
        require(texts, "categories spelled as text")
        return polars.Enum(categories)
    return getattr(polars, name)

"""Columns are inferred, refused, stored and rebuilt exactly."""

import datetime as dt
import time
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from cells import DAYS, IDS, objects

from gan_augment.encoding.column import KINDS, MAX_CATEGORIES, Column
from gan_augment.encoding.inference import infer_column
from gan_augment.encoding.schema import Schema
from gan_augment.exceptions import InputError

ODD = 2**53 + 1  # the first integer float64 cannot hold


def integers(dtype):
    limits = np.iinfo(dtype.lower())
    return pd.Series([limits.min, limits.max, 3, 3], dtype=dtype)


def nullable(dtype):
    out = integers(dtype)
    out[3] = pd.NA
    return out


INTS = "int8 int16 int32 int64 uint8 uint16 uint32 uint64".split()
NULLABLE_INTS = "Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64".split()
FLOATS = "float16 float32 float64".split()

# name: (series, kind); every one must come back equal, cell by cell and dtype by dtype
LEARNT = {
    **{name: (integers(name), "integer") for name in INTS},
    **{name: (nullable(name), "integer") for name in NULLABLE_INTS},
    **{name: (pd.Series([0.1, -2.5, 3.25, np.nan], dtype=name), "number") for name in FLOATS},
    **{name: (pd.Series([0.1, -2.5, 3.25, pd.NA], dtype=name), "number")
       for name in ("Float32", "Float64")},
    "bool": (pd.Series([True, False, True, True]), "boolean"),
    "boolean": (pd.Series([True, False, pd.NA, True], dtype="boolean"), "boolean"),
    "object_bool": (objects(True, None, False, True), "boolean"),
    "object_text": (objects("b", None, "a", "b"), "category"),
    "object_nan": (objects("b", np.nan, "a", "b"), "category"),
    "object_bytes": (objects(b"x", b"y", b"x", b"\xff"), "category"),
    "object_ints": (objects(ODD, 2, 5, None), "integer"),
    "object_uint64": (objects(2**64 - 1, 2**63 + 1, 2**63 + 5, 2**63 + 1), "integer"),
    "object_floats": (objects(0.5, 1.25, 3.0, np.nan), "number"),
    "odd_text": (objects("\x00", "\ud800", "=cmd|' /C calc'!A0", "<script>"), "category"),
    "string_python": (pd.Series(["a", None, "b", "a"], dtype="string[python]"), "category"),
    "string_pyarrow": (pd.Series(["a", None, "b", "a"], dtype="string[pyarrow]"), "category"),
    "str_nan": (
        pd.Series(["a", None, "b", "a"], dtype=pd.StringDtype("python", na_value=np.nan)),
        "category",
    ),
    "category": (
        pd.Series(pd.Categorical(["q", None, "p", "q"], categories=["q", "unused", "p"])),
        "category",
    ),
    "ordered": (
        pd.Series(pd.Categorical(["m", "l", "s", "m"], ["s", "m", "l", "xl"], ordered=True)),
        "category",
    ),
    "int_category": (pd.Series([ODD, 5, ODD, 5]).astype("category"), "category"),
    "float_category": (pd.Series([0.5, 5, np.nan, 5]).astype("category"), "category"),
    "bool_category": (pd.Series([True, False, None, True]).astype("category"), "category"),
    "string_category": (
        pd.Series(["a", None, "b", "a"], dtype="string[pyarrow]").astype("category"),
        "category",
    ),
    **{f"datetime_{unit}": (pd.Series(DAYS.as_unit(unit)), "datetime")
       for unit in ("s", "ms", "us", "ns")},
    "datetime_missing": (pd.Series([DAYS[0], DAYS[1], pd.NaT]), "datetime"),
    "datetime_tz": (
        pd.Series(DAYS.tz_localize("Europe/London").as_unit("us")),
        "datetime",
    ),
    "datetime_zoneinfo": (
        pd.Series(DAYS.tz_localize(ZoneInfo("Europe/London")).as_unit("ms")),
        "datetime",
    ),
    "datetime_offset": (
        pd.Series(DAYS.tz_localize(dt.timezone(dt.timedelta(hours=1)))),
        "datetime",
    ),
    "datetime_utc": (pd.Series([*DAYS.tz_localize("UTC"), pd.NaT]), "datetime"),
    **{f"timedelta_{unit}": (
        pd.Series(pd.to_timedelta([1, -5, None, 7], unit="h").as_unit(unit)), "timedelta"
    ) for unit in ("s", "ns")},
    "arrow_int64": (pd.Series([ODD, None, 7, 7], dtype="int64[pyarrow]"), "integer"),
    "arrow_uint8": (pd.Series([255, 0, 7, 7], dtype="uint8[pyarrow]"), "integer"),
    "arrow_double": (pd.Series([0.5, None, 7, 7], dtype="double[pyarrow]"), "number"),
    "arrow_bool": (pd.Series([True, None, False, True], dtype="bool[pyarrow]"), "boolean"),
    "arrow_text": (pd.Series(["a", None, "b"], dtype=pd.ArrowDtype(pa.string())), "category"),
    "arrow_time": (
        pd.Series([*DAYS.as_unit("us"), pd.NaT], dtype=pd.ArrowDtype(pa.timestamp("us"))),
        "datetime",
    ),
}  # fmt: skip


def there_and_back(column, series):
    """Take a series to plain arrays and back, as the codecs do."""
    if column.kind in ("category", "boolean"):
        codes = column.codes(series)
        categories = np.empty(len(column.categories), dtype=object)
        categories[:] = column.categories
        return column.cast(categories[np.where(codes < 0, 0, codes)], codes < 0)
    values, missing = column.numbers(series)
    return column.cast(values, missing)


@pytest.mark.parametrize("case", LEARNT)
def test_a_column_is_recognised_and_rebuilt_exactly(case):
    series, kind = LEARNT[case]
    column = infer_column(series.rename("it"))
    assert column.kind == kind
    assert column.has_missing == bool(series.isna().any())
    back = there_and_back(column, series)
    assert back.dtype == series.dtype
    assert repr(back.dtype) == repr(series.dtype)
    assert back.name == "it"
    assert [repr(cell) for cell in back] == [repr(cell) for cell in series]


@pytest.mark.parametrize("case", LEARNT)
def test_a_schema_goes_through_json_without_loss(case):
    series, _ = LEARNT[case]
    schema = Schema.infer(pd.DataFrame({"it": series}))
    copy = Schema.from_json(schema.to_json())
    assert copy == schema
    assert copy["it"].pandas_dtype == series.dtype
    assert [type(item) for item in copy["it"].categories] == [
        type(item) for item in schema["it"].categories
    ]


@pytest.mark.parametrize("case", LEARNT)
def test_an_empty_and_an_all_missing_draw_have_the_fitted_dtype(case):
    series, _ = LEARNT[case]
    column = infer_column(series)
    assert column.cast(np.array([], dtype=object)).dtype == series.dtype
    if not (isinstance(series.dtype, np.dtype) and series.dtype.kind in "biu"):
        drawn = column.cast(np.zeros(2, dtype=np.int64), np.array([True, True]))
        assert drawn.dtype == series.dtype
        assert drawn.isna().all()


def test_numbers_are_exact_where_float64_is_not():
    for series in (
        pd.Series([ODD, 2**62 + 1]),
        pd.Series([ODD, 2**62 + 1, None], dtype="Int64"),
        pd.Series([2**64 - 1, 1], dtype="uint64"),
    ):
        values, missing = infer_column(series).numbers(series)
        assert values.dtype == (np.uint64 if series.max() > 2**63 else np.int64)
        assert values[~missing].tolist() == series.dropna().tolist()
        assert (values[missing] == 0).all()


def test_dates_are_counted_in_their_own_unit():
    series = pd.Series(DAYS.as_unit("s"))
    column = infer_column(series)
    assert column.minimum == int(series.min().timestamp())
    assert column.resolution == 86400
    assert column.numbers(series)[0].tolist() == [int(day.timestamp()) for day in series]


def test_dates_in_another_unit_are_read_in_the_fitted_one():
    column = infer_column(pd.Series(DAYS.as_unit("s")))
    assert column.numbers(pd.Series(DAYS.as_unit("ns")))[0].tolist() == [
        int(day.timestamp()) for day in DAYS
    ]


# bounds and steps -----------------------------------------------------------------------------
def test_bounds_are_python_numbers():
    column = infer_column(pd.Series([2**63 + 1, 2**64 - 1], dtype="uint64"))
    assert (column.minimum, column.maximum) == (2**63 + 1, 2**64 - 1)
    assert type(column.maximum) is int
    assert type(infer_column(pd.Series([0.5, 1], dtype="float32")).maximum) is float


def test_categories_follow_the_levels_or_are_sorted():
    ordered = pd.Categorical(["l", "s"], categories=["s", "unused", "l"], ordered=True)
    column = infer_column(pd.Series(ordered))
    assert column.categories == ("s", "l")
    assert column.levels == ("s", "unused", "l")
    assert column.ordered
    assert infer_column(objects("b", "a", "b")).categories == ("a", "b")


# constants ------------------------------------------------------------------------------------

CONSTANTS = {
    "float": (pd.Series([7.5] * 3), 7.5),
    "int8": (pd.Series([7] * 3, dtype="int8"), 7),
    "huge": (pd.Series([ODD] * 3), ODD),
    "bool": (pd.Series([True] * 3), True),
    "text": (objects("a", "a", "a"), "a"),
    "category": (pd.Series(pd.Categorical(["a"] * 3, categories=["z", "a"])), "a"),
    "date": (pd.Series(pd.to_datetime(["1970-01-02"] * 3).as_unit("s")), 86400),
    "all_nan": (pd.Series([np.nan] * 3), None),
    "all_none": (objects(None, None), None),
    "all_nat": (pd.Series([pd.NaT] * 2), None),
    "all_na": (pd.Series([pd.NA] * 2, dtype="Int8"), None),
}


@pytest.mark.parametrize("case", CONSTANTS)
def test_one_value_everywhere_is_a_constant(case):
    series, value = CONSTANTS[case]
    column = infer_column(series)
    assert (column.kind, column.value) == ("constant", value)
    assert type(column.value) is type(value)
    drawn = column.cast(np.array([value] * 3, dtype=object), np.full(3, value is None))
    assert drawn.dtype == series.dtype
    assert repr(drawn[0]) == repr(series[0])


@pytest.mark.parametrize(
    "series", [pd.Series([7.5, None, 7.5]), objects("a", None), pd.Series([True, pd.NA]).astype(
        "boolean"), pd.Series([5, None], dtype="Int8")]
)  # fmt: skip
def test_one_value_with_gaps_is_not_constant(series):
    column = infer_column(series)
    assert column.kind != "constant"
    assert column.has_missing


# choices by hand ------------------------------------------------------------------------------


def test_integers_may_be_labels():
    column = infer_column(pd.Series([10115, 80331, 10115], name="zip"), "category")
    assert column.categories == (10115, 80331)
    assert column.codes(pd.Series([80331])).tolist() == [1]
    drawn = column.cast(np.array([80331, 10115], dtype=object))
    assert drawn.dtype == np.int64
    assert drawn.tolist() == [80331, 10115]


def test_ten_distinct_texts_are_an_identifier_and_nine_are_not():
    assert infer_column(IDS[:9]).kind == "category"
    with pytest.raises(InputError, match="identifier"):
        infer_column(IDS[:10])
    assert len(infer_column(IDS, "category").categories) == 30


def test_as_many_categories_as_the_cap_are_learnt():
    names = [f"{i:03}" for i in range(MAX_CATEGORIES)]
    assert len(infer_column(pd.Series(names * 2)).categories) == MAX_CATEGORIES
    with pytest.raises(InputError, match=f"{MAX_CATEGORIES + 1} distinct"):
        infer_column(pd.Series([*names, "more"] * 2))


def test_new_identifiers_are_none_of_the_real_ones():
    real = pd.Series(["synthetic-2", "b", "c", "synthetic-11"], dtype="string[pyarrow]")
    drawn = infer_column(real, "regenerate").new_identifiers(5)
    assert drawn.dtype == real.dtype
    assert drawn.is_unique
    assert not drawn.isin(real).any()
    numbers = pd.Series([5, 99, 7], dtype="int16")
    drawn = infer_column(numbers, "regenerate").new_identifiers(2)
    assert drawn.tolist() == [100, 101]
    assert drawn.dtype == np.int16


@pytest.mark.parametrize("case", ["object_text", "float16", "Int8", "datetime_tz", "category"])
def test_an_ignored_column_is_missing_in_its_own_dtype(case):
    series, _ = LEARNT[case]
    column = infer_column(series, "ignore")
    drawn = column.cast(np.zeros(2, dtype=object), np.array([True, True]))
    assert drawn.dtype == series.dtype
    assert drawn.isna().all()


def test_cells_that_cannot_be_learnt_may_be_ignored():
    assert infer_column(objects([1], {"a": 2}), "ignore").kind == "ignore"


# refusals -------------------------------------------------------------------------------------
# the schema as a whole ------------------------------------------------------------------------


def test_names_order_and_lookup():
    frame = pd.DataFrame({"b": [1, 2], "a": ["x", "y"]})
    schema = Schema.infer(frame)
    assert schema.names == ("b", "a")
    assert schema["a"].kind == "category"
    assert {column.kind for column in schema.columns} <= set(KINDS)
    with pytest.raises(KeyError):
        schema["c"]


def test_integer_names_stay_integers_through_json():
    schema = Schema.infer(pd.DataFrame(np.eye(3), columns=np.arange(3)))
    assert Schema.from_json(schema.to_json()).names == (0, 1, 2)


def test_text_that_is_no_schema_is_refused():
    with pytest.raises(InputError, match=r"fields \['name'\].*Schema.to_json"):
        Schema.from_json('{"columns": [{"name": "a"}]}')


def test_a_column_is_frozen():
    with pytest.raises(AttributeError):
        Column("a", "number", "float64").kind = "integer"


def test_inference_is_quick():
    rng, rows = np.random.default_rng(0), 100_000
    frame = pd.DataFrame(
        {f"number{i}": rng.normal(size=rows).round(i) for i in range(7)}
        | {f"integer{i}": rng.integers(0, 10**9, rows) for i in range(6)}
        | {f"text{i}": rng.choice(list("abcdef"), rows) for i in range(7)}
    )
    start = time.perf_counter()
    Schema.infer(frame)
    assert time.perf_counter() - start < 3  # 0.2 s on an idle laptop core
    ids = pd.DataFrame({"id": [f"id-{i}" for i in range(5000)]})
    start = time.perf_counter()
    with pytest.raises(InputError, match="5000 distinct"):
        Schema.infer(ids)
    assert time.perf_counter() - start < 1

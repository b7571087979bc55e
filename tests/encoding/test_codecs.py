"""One column as scores or codes and back: what is decoded is valid, what was seen returns."""

import numpy as np
import pandas as pd
import pytest

from gan_augment.encoding.codecs import CODECS, CategoryCodec
from gan_augment.encoding.inference import infer_column
from gan_augment.encoding.rows import MISSING, SCORE, SOFTMAX

KNOWN_LEVELS = ["s", "m", "l", "unused"]


def fitted(series, kind=None):
    column = infer_column(series, kind)
    return CODECS[column.kind](column).fit(series)


def there_and_back(series, kind=None):
    codec = fitted(series, kind)
    return codec.decode(codec.encode(series) if codec.blocks else len(series))


def noise(codec, n, rng):
    """Values such as a network makes, which the codec decodes."""
    if not codec.blocks:
        return n
    if isinstance(codec, CategoryCodec):
        return rng.integers(0, codec.n_categories, n)
    scores = rng.normal(0, 3, n).astype(np.float32)
    scores[rng.random(n) < 0.2] = np.nan  # missing, where that may be
    return scores


def limits(dtype, *more):
    info = np.iinfo(dtype.lower())
    return pd.Series([info.min, info.max, *more] * 2, dtype=dtype)


def objects(*cells):
    return pd.Series(cells, dtype=object)


def dates(unit, zone=None):
    index = pd.to_datetime(["1969-07-20 20:17", "2024-02-29 00:00", "2024-03-31 01:30", None])
    index = index.as_unit(unit)
    return pd.Series(index.tz_localize("UTC").tz_convert(zone) if zone else index)


INTS = "int8 int16 int32 int64 uint8 uint16 uint32 uint64".split()
NULLABLE_INTS = "Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64".split()
CASES = {
    **{dtype: limits(dtype) for dtype in INTS},
    **{dtype: limits(dtype, None) for dtype in NULLABLE_INTS},
    **{
        f"{dtype}_{name}": pd.Series(cells, dtype=dtype)
        for dtype in ("float16", "float32", "float64")
        for name, cells in {
            "decimals": [0.1, 2.5, -3.75, 0.1],
            "continuous": np.random.default_rng(1).normal(size=40),
            "whole": [3.0, -4.0, 0.0, 3.0],
            "missing": [0.1, np.nan, -7.0, np.nan],
        }.items()
    },
    "Float64": pd.Series([0.5, None, 1.25, 9], dtype="Float64"),
    "every_int8": pd.Series(np.arange(-128, 128, dtype="int8").repeat(2)),
    "every_uint8": pd.Series(np.arange(256, dtype="uint8").repeat(2)),
    "above_2_63": pd.Series([2**63 + 1, 2**63 + 5, 2**64 - 1, 2**63 + 1], dtype="uint64"),
    "odd_beyond_2_53": pd.Series([2**53 + 1, 2**53 + 3, 2**53 + 99, 2**53 + 1]),
    "sentinel_int64": pd.Series([-(2**63), 1, 2, 3, 10, -1, 2]),
    "sentinel_uint64": pd.Series([2**64 - 1, 1, 2, 3, 10, 2], dtype="uint64"),
    "negative": pd.Series([-9, -7, -3, -9]),
    "boolean": pd.Series([True, None, False, True], dtype="boolean"),
    "bool": pd.Series([True, False, False]),
    "object_bool": objects(True, None, False),
    "string": pd.Series(["a", None, "b", "a"], dtype="string[python]"),
    "string_pyarrow": pd.Series(["a", None, "b", "a"], dtype="string[pyarrow]"),
    "object": objects("b", None, "a", "b"),
    "object_nan": objects("b", np.nan, "a", "b"),
    "bytes": objects(b"\xff", b"", b"\xff"),
    "object_ints": objects(2**53 + 1, None, 7),
    "category": pd.Series(pd.Categorical(["m", None, "s", "m"], KNOWN_LEVELS)),
    "ordered": pd.Series(pd.Categorical(["m", "l", "s"], KNOWN_LEVELS, ordered=True)),
    "int_levels": pd.Series([5, 2**60 + 1, 5]).astype("category"),
    **{f"dates_{unit}": dates(unit) for unit in ("s", "ms", "us", "ns")},
    **{f"zoned_{unit}": dates(unit, "Europe/Oslo") for unit in ("s", "us", "ns")},
    "dates_full": dates("ns").dropna(),
    "timedelta": pd.Series(pd.to_timedelta([1, -90, None, 61], unit="min")),
    "timedelta_s": pd.Series(pd.to_timedelta([1, -90, 61], unit="min").as_unit("s")),
    "one_value_or_missing": pd.Series([5.5, np.nan, 5.5]),
    "constant_float": pd.Series([0.1] * 4, dtype="float32"),
    "constant_text": objects("x", "x"),
    "constant_text_with_nul": objects("x\0", "x\0"),
    "text_with_nul": objects("x\0", "x", "y\0", "x\0"),
    "level_with_nul": pd.Series(pd.Categorical(["x\0"] * 3, ["x\0", "x"])),
    "constant_date": pd.Series(pd.to_datetime(["2020-02-02"] * 3)),
    "constant_level": pd.Series(pd.Categorical(["m"] * 3, KNOWN_LEVELS)),
    "all_missing_float": pd.Series([np.nan] * 3),
    "all_missing_object": objects(None, None),
    "all_missing_Int64": pd.Series([pd.NA] * 3, dtype="Int64"),
    "all_missing_date": pd.Series([pd.NaT] * 3),
    "all_missing_level": pd.Series(pd.Categorical([None] * 3, KNOWN_LEVELS)),
}


@pytest.mark.parametrize("case", CASES)
def test_the_round_trip_is_exact(case):
    series = CASES[case].rename("it")
    back = there_and_back(series)
    pd.testing.assert_series_equal(back, series.reset_index(drop=True), check_exact=True)
    assert [repr(cell) for cell in back] == [repr(cell) for cell in series]


@pytest.mark.parametrize("case", CASES)
def test_whatever_is_made_decodes_to_valid_values(rng, case):
    series = CASES[case].rename("it")
    codec = fitted(series)
    made = codec.decode(noise(codec, 300, rng))
    assert made.dtype == series.dtype
    assert made.name == "it"
    assert len(made) == 300
    assert series.isna().any() or not made.isna().any()
    seen, made = series.dropna(), made.dropna()
    if codec.column.kind in ("boolean", "category", "constant"):
        assert set(made) <= set(seen)
    elif len(made):
        assert made.min() >= seen.min()
        assert made.max() <= seen.max()


@pytest.mark.parametrize("case", CASES)
def test_a_column_is_float32_scores_or_codes_of_its_categories(case):
    codec = fitted(CASES[case])
    if not codec.blocks:
        return
    values = codec.encode(CASES[case])
    assert values.shape == (len(CASES[case]),)
    if isinstance(codec, CategoryCodec):
        assert values.dtype.kind == "i"
        assert 0 <= values.min() <= values.max() < codec.n_categories
    else:
        assert values.dtype == np.float32
        np.testing.assert_array_equal(np.isnan(values), CASES[case].isna())


@pytest.mark.parametrize("case", CASES)
def test_no_rows_decode_to_an_empty_column_of_the_dtype(case):
    codec = fitted(CASES[case])
    made = codec.decode(noise(codec, 0, np.random.default_rng(0)))
    assert len(made) == 0
    assert made.dtype == CASES[case].dtype


def test_a_number_is_a_score_and_a_missing_one_has_none():
    codec = fitted(pd.Series([1.5, np.nan, 2.25, 7.0]))
    assert codec.blocks == ((1, SCORE), (2, MISSING))
    scores = codec.encode(pd.Series([np.nan, 2.25]))
    assert np.isnan(scores).tolist() == [True, False]
    assert codec.decode(np.float32([0.0, np.nan])).isna().tolist() == [False, True]
    assert fitted(pd.Series([1.5, 2.25])).blocks == ((1, SCORE),)


def test_a_category_is_a_code_and_missing_is_one_more():
    codec = fitted(objects("b", None, "a"))
    assert codec.blocks == ((3, SOFTMAX),)
    np.testing.assert_array_equal(codec.encode(objects("b", None, "a")), [1, 2, 0])
    assert codec.decode(np.array([2, 0])).tolist() == [None, "a"]


@pytest.mark.parametrize("decimals", [0, 1, 2, 4])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_decoded_numbers_have_the_decimals_of_the_data(rng, decimals, dtype):
    series = pd.Series(rng.normal(0, 5, 300).round(decimals).astype(dtype))
    made = fitted(series).decode(rng.normal(size=2000).astype(np.float32)).to_numpy()
    np.testing.assert_array_equal(made, made.astype("float64").round(decimals).astype(dtype))
    assert len(np.unique(made)) > series.nunique() or decimals == 0


@pytest.mark.parametrize("start", [-(2**63), -(2**62), -1, 0, 2**53 + 1, 2**62 + 1])
@pytest.mark.parametrize("step", [2, 10, 2**33])
def test_whole_numbers_stay_on_their_grid_and_inside_their_bounds(rng, start, step):
    values = [start + step * int(i) for i in np.unique(rng.integers(1, 200, 60))] + [start]
    series = pd.Series(values, dtype="int64")
    made = fitted(series).decode(rng.normal(0, 1.5, 1000).astype(np.float32))
    assert {(value - start) % step for value in made.tolist()} == {0}
    assert made.min() == start
    assert made.max() == max(values)


def test_a_huge_stand_in_for_missing_takes_no_digit_from_the_others(rng):
    series = pd.Series(rng.permutation([-(2**63)] * 30 + list(range(100, 170))))
    made = fitted(series).decode(rng.normal(size=3000).astype(np.float32))
    assert (made == -(2**63)).mean() == pytest.approx(0.3, abs=0.05)
    assert made[made >= 100].nunique() == 70


@pytest.mark.parametrize("values", [[-3, 0, 1], [0.0, 3.0, 4.0]], ids=["integer", "number"])
def test_between_two_values_the_nearest_on_the_grid_is_taken(values):
    codec = fitted(pd.Series(values))
    low, high = codec.encode(pd.Series(values))[:2]
    shares = np.array([0.1, 0.3, 0.4, 0.6, 0.7, 0.9])  # of the way from the first to the second
    made = codec.decode((low + (high - low) * shares).astype(np.float32))
    assert (made - values[0]).tolist() == [0, 1, 1, 2, 2, 3]


def test_dates_stay_on_their_days(rng):
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, 80), "D")
    series = pd.Series(days.tz_localize("UTC"))
    made = fitted(series).decode(rng.normal(size=500).astype(np.float32))
    assert (made == made.dt.normalize()).all()
    assert made.nunique() > 80


def test_an_ignored_column_is_missing_and_takes_no_width():
    for series in (objects("a", "b"), pd.Series([1.5, 2.5]), pd.Series([1, 2], dtype="Int64")):
        codec = fitted(series, "ignore")
        assert codec.blocks == ()
        made = codec.decode(5)
        assert made.isna().all()
        assert made.dtype == series.dtype


@pytest.mark.parametrize(
    "series",
    [
        pd.Series(range(100, 150)),
        pd.Series(range(50), dtype="Int64"),
        objects(*(f"synthetic-{i}" for i in range(1, 40, 3))),
        pd.Series([f"k{i}" for i in range(30)], dtype="string[pyarrow]"),
    ],
    ids=["int64", "Int64", "looks synthetic", "pyarrow"],
)
def test_new_identifiers_are_distinct_and_equal_no_real_one(series):
    codec = fitted(series, "regenerate")
    assert codec.blocks == ()
    made = codec.decode(200)
    assert made.is_unique
    assert not set(made) & set(series)
    assert made.dtype == series.dtype

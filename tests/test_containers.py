"""The door: what gets in comes back in kind, what cannot be learnt is refused in one sentence."""

import datetime as dt
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy import sparse

from gan_augment.containers import Container, append_rows, n_rows, take_rows, to_pandas
from gan_augment.exceptions import InputError

HUGE = 2**60 + 1  # float64 would make it 2**60


def polars_frame():
    return pl.DataFrame(
        {
            "huge": [1, None, HUGE],
            "small": pl.Series([1, 2, 255], dtype=pl.UInt8),
            "nulls": [1.5, None, 2.5],
            "nans": [1.0, float("nan"), 2.0],
            "flag": [True, None, False],
            "plain_flag": [True, True, False],
            "text": ["a", None, "b"],
            "level": pl.Series(["a", None, "b"], dtype=pl.Categorical),
            "enum": pl.Series(["a", None, "b"], dtype=pl.Enum(["z", "a", "b"])),
            "day": [dt.date(2020, 1, 1), None, dt.date(2021, 1, 1)],
            "moment": pl.Series(
                [dt.datetime(2020, 6, 1), None, dt.datetime(2021, 1, 1)],
                dtype=pl.Datetime("ms", "Europe/London"),
            ),
            "span": [dt.timedelta(1), None, dt.timedelta(2)],
            "bytes": [b"a", None, b"b"],
        }
    )


def rich_frame(index=None):
    return pd.DataFrame(
        {
            "int8": np.array([-128, 0, 127], dtype="int8"),
            "huge": np.array([HUGE, HUGE + 2, -HUGE]),
            "float16": np.array([0.1, np.nan, 3], dtype="float16"),
            "Int64": pd.array([HUGE, None, 3], dtype="Int64"),
            "boolean": pd.array([True, None, False], dtype="boolean"),
            "bool": [True, False, True],
            "string": pd.array(["a", None, "b"], dtype="string[pyarrow]"),
            "object": ["a", None, np.nan],
            "category": pd.Categorical(["x", None, "y"], categories=["z", "y", "x"], ordered=True),
            "tz": pd.date_range("2024-03-31", periods=3, tz="Europe/London").as_unit("us"),
            "span": pd.to_timedelta([1, 2, None], unit="D"),
            "arrow": pd.array([1, None, HUGE], dtype="int64[pyarrow]"),
        },
        index=index,
    )


# letting in -----------------------------------------------------------------------------------


def test_a_pandas_frame_is_passed_through_untouched():
    X = rich_frame()
    frame, container = to_pandas(X)
    assert frame is X
    assert container.kind == "pandas"
    assert container.restore(frame) is frame


DTYPES = "float16 float32 float64 int8 int64 uint8 uint64 bool object U3 S3 M8[s] m8[ms]"


@pytest.mark.parametrize("dtype", DTYPES.split())
def test_an_array_comes_back_with_its_dtype_and_cells(dtype):
    X = np.array([[0, 1], [1, 0], [1, 1]]).astype(dtype)
    frame, container = to_pandas(X)
    assert list(frame.columns) == [0, 1]
    back = container.restore(frame)
    assert back.dtype == X.dtype
    assert np.array_equal(back, X)


def test_a_numeric_array_is_viewed_not_copied():
    X = np.ones((3, 2))
    frame, _ = to_pandas(X)
    assert np.shares_memory(frame.to_numpy(), X)


def test_readonly_and_memory_mapped_arrays_get_in(tmp_path):
    X = np.arange(6.0).reshape(3, 2)
    X.setflags(write=False)
    mapped = np.memmap(tmp_path / "x", dtype="float64", mode="w+", shape=(3, 2))
    mapped[:] = X
    mapped = np.memmap(tmp_path / "x", dtype="float64", mode="r", shape=(3, 2))
    for array in (X, mapped):
        frame, container = to_pandas(array)
        assert np.array_equal(container.restore(frame), X)


def test_integers_beyond_float_survive_the_round_trip():
    X = np.array([[HUGE, -HUGE], [2**63 - 1, -(2**63)]])
    frame, container = to_pandas(X)
    assert np.array_equal(container.restore(frame), X)


def test_variable_width_text_comes_back():
    X = np.array([["a"], ["longer"]], dtype=np.dtypes.StringDType())
    frame, container = to_pandas(X)
    back = Container.from_json(container.to_json()).restore(frame)
    assert back.dtype == X.dtype
    assert back.tolist() == X.tolist()


def test_a_longer_identifier_widens_a_text_array_and_is_not_cut():
    _, container = to_pandas(np.array([["ab"], ["cd"]]))
    assert container.restore(pd.DataFrame({0: ["synthetic-1"]}))[0, 0] == "synthetic-1"


def test_a_list_of_mixed_rows_keeps_numbers_numbers():
    frame, container = to_pandas([["a", 1], ["b", 2]])
    assert frame.iloc[1].tolist() == ["b", 2]
    assert container.kind == "numpy"


def test_polars_goes_through_exactly():
    X = polars_frame()
    frame, container = to_pandas(X)
    assert str(frame["huge"].dtype) == "Int64"
    assert frame["huge"][2] == HUGE
    assert frame["small"].dtype == np.uint8
    assert str(frame["moment"].dtype) == "datetime64[ms, Europe/London]"
    back = container.restore(frame)
    assert back.schema == X.schema
    assert back.equals(X)
    assert back["nans"].is_null().sum() == 0
    assert back["nulls"].is_null().sum() == 1


def test_pyarrow_goes_through_exactly():
    X = polars_frame().drop("nans").to_arrow()
    frame, container = to_pandas(X)
    assert str(frame["moment"].dtype) == "datetime64[ms, Europe/London]"
    assert str(frame["level"].dtype) == "category"
    back = container.restore(frame)
    assert back.schema == X.schema
    assert back.to_pylist() == X.to_pylist()


@pytest.mark.parametrize(
    "X",
    [np.ones((2, 1), "int8"), rich_frame(), polars_frame(), polars_frame().to_arrow()],
    ids=["numpy", "pandas", "polars", "pyarrow"],
)
def test_a_container_survives_json_and_pickle(X):
    frame, container = to_pandas(X)
    expected = container.restore(frame)
    copies = Container.from_json(container.to_json()), pickle.loads(pickle.dumps(container))
    for copy in copies:
        back = copy.restore(frame)
        assert type(back) is type(expected)
        assert copy.kind == container.kind
        if container.kind == "numpy":
            assert back.dtype == expected.dtype
        elif container.kind != "pandas":
            assert back.schema == expected.schema


# refusals -------------------------------------------------------------------------------------

TWO_LEVELS = pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")])
REFUSED = {
    "none": (None, r"X is None: pass a table"),
    "one_dimension": (np.arange(3), r"got 1D array instead: X is array.*Reshape your data"),
    "series": (pd.Series([1, 2]), r"1D array instead: X is a Series.*Reshape your data.*to_frame"),
    "polars_series": (pl.Series([1]), r"1D array instead: X is a Series.*Reshape your data"),
    "scalar": (3, r"got scalar array instead: X is 3.*Reshape"),
    "dict": ({"a": [1]}, r"got scalar array instead: X is \{'a': \[1\]\}"),
    "three_dimensions": (np.ones((4, 2, 3)), r"dim 3.*X has shape \(4, 2, 3\).*reshape"),
    "ragged_images": ([np.ones((8, 8)), np.ones((9, 8))], r"X is ragged.*pass rows of one length"),
    "ragged_rows": ([[1, 2], [3]], r"X is ragged.*pass rows of one length"),
    "sparse": (sparse.csr_matrix(np.eye(3)), r"X is sparse \(csr_matrix\).*X\.toarray\(\)"),
    "complex": (np.ones((2, 2)) * 1j, r"Complex data not supported: X has dtype complex128.*real"),
    "records": ([{"a": 1}, {"a": 2}], r"X is a list of dicts.*pandas\.DataFrame\(X\)"),
    "matrix": (np.asmatrix(np.eye(2)), r"X is a np\.matrix.*np\.asarray\(X\)"),
    "masked": (np.ma.array([[1, 2]], mask=[[0, 1]]), r"X is a masked array.*filled"),
    "structured": (np.zeros((2, 2), dtype="i4,f8"), r"X has dtype .*pass a DataFrame"),
    "no_columns": (np.empty((12, 0)), r"0 feature\(s\) \(shape=\(12, 0\)\) while a minimum of 1"),
    "no_columns_frame": (pd.DataFrame(index=range(5)), r"0 feature\(s\).*at least one row"),
    "no_rows": (np.empty((0, 3)), r"0 sample\(s\) \(shape=\(0, 3\)\) while a minimum of 1"),
    "no_rows_frame": (rich_frame()[:0], r"0 sample\(s\).*Pass at least one row"),
    "duplicate_names": (
        pd.DataFrame(np.eye(3), columns=list("aac")),
        r"duplicate column names \['a'\]: rename",
    ),
    "duplicate_arrow": (pa.table([[1], [2]], names=["a", "a"]), r"duplicate .*\['a'\]: rename"),
    "two_level_names": (
        pd.DataFrame(np.eye(2), columns=TWO_LEVELS),
        r"MultiIndex columns \(2 levels.*\('a', 'x'\).*join",
    ),
    "mixed_names": (
        pd.DataFrame(np.eye(3), columns=[0, "b", 2]),
        r"mixed types, e\.g\. 0 and 'b'.*astype\(str\)",
    ),
    "odd_names": (
        pd.DataFrame(np.eye(2), columns=[1.5, 2.5]),
        r"column named 1\.5 \(float\).*astype\(str\)",
    ),
    "lazy": (pl.LazyFrame({"a": [1]}), r"X is a lazy frame.*X\.collect\(\)"),
    "polars_list": (pl.DataFrame({"a": [[1]]}), r"Column 'a' has dtype List.*cast or drop"),
    "polars_decimal": (
        pl.DataFrame({"a": pl.Series(["1.5"]).cast(pl.Decimal(5, 2))}),
        r"Column 'a' has dtype Decimal.*Float64",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_table_is_refused_with_the_cure(case):
    X, message = REFUSED[case]
    with pytest.raises(InputError, match=message):
        to_pandas(X)


def test_sparse_is_also_a_type_error_as_in_scikit_learn():
    with pytest.raises(TypeError, match="sparse"):
        to_pandas(sparse.csr_array(np.eye(3)))


# rows -----------------------------------------------------------------------------------------

TABLES = {
    "pandas": rich_frame(),
    "numpy": np.array([[HUGE, 1], [2, 3], [4, 5]]),
    "list": [[1, 2], [3, 4], [5, 6]],
    "polars": polars_frame(),
    "pyarrow": polars_frame().to_arrow(),
    "series": rich_frame()["Int64"],
    "vector": np.array(["a", "b", "c"]),
    "labels": ["a", "b", "c"],
    "polars_series": polars_frame()["level"],
    "chunked": polars_frame().to_arrow()["enum"],
    "arrow_array": pa.array([1, None, HUGE]),
}


def cells(X):
    """Return the cells as comparable text, whatever holds them."""
    if hasattr(X, "to_pylist"):
        return [repr(cell) for cell in X.to_pylist()]
    if isinstance(X, pl.DataFrame):
        return [repr(row) for row in X.rows()]
    if isinstance(X, pd.DataFrame):
        return [repr(row) for row in X.itertuples(index=False, name=None)]
    return [repr(cell) for cell in list(X)]


@pytest.mark.parametrize("case", TABLES)
def test_appending_puts_the_callers_rows_first_and_changes_none(case):
    X = TABLES[case]
    assert n_rows(X) == 3
    out = append_rows(X, take_rows(X, [2, 0]))
    assert type(out) is type(X)
    assert n_rows(out) == 5
    before = cells(X)
    assert cells(out) == [*before, before[2], before[0]]


@pytest.mark.parametrize("case", TABLES)
def test_a_mask_and_positions_select_the_same_rows(case):
    X = TABLES[case]
    assert cells(take_rows(X, np.array([True, False, True]))) == cells(take_rows(X, [0, 2]))
    assert n_rows(take_rows(X, [])) == 0
    assert n_rows(append_rows(X, take_rows(X, []))) == 3


def test_no_dtype_changes_when_rows_are_appended():
    X = rich_frame()
    out = append_rows(X, X.iloc[::-1])
    pd.testing.assert_series_equal(out.dtypes, X.dtypes)
    pd.testing.assert_frame_equal(out.iloc[:3], X)
    assert out["object"].tolist()[1] is None


def test_a_polars_schema_stays():
    X = polars_frame()
    assert append_rows(X, X[:1]).schema == X.schema
    assert append_rows(X["enum"], X["enum"][:1]).dtype == X["enum"].dtype


INDEXES = {
    "range": (pd.RangeIndex(3), [3, 4]),
    "integers": (pd.Index([10, 2, 7]), [11, 12]),
    "repeated": (pd.Index([0, 0, 0]), [1, 2]),
    "names": (pd.Index(["p", "q", "r"]), ["synthetic-0", "synthetic-1"]),
    "second_round": (pd.Index(["p", "synthetic-4", "r"]), ["synthetic-5", "synthetic-6"]),
    "dates": (pd.date_range("2024", periods=3), ["synthetic-0", "synthetic-1"]),
    "full": (pd.Index([0, 1, 2**63 - 1]), ["synthetic-0", "synthetic-1"]),
    "levels": (
        pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["u", "v"]),
        [("synthetic-0", "synthetic-0"), ("synthetic-1", "synthetic-1")],
    ),
}


@pytest.mark.parametrize("case", INDEXES)
def test_new_rows_get_labels_of_their_own(case):
    index, expected = INDEXES[case]
    X = pd.DataFrame({"a": [1, 2, 3]}, index=index)
    out = append_rows(X, pd.DataFrame({"a": [4, 5]}))
    assert out.index[3:].tolist() == expected
    assert out.index[:3].tolist() == index.tolist()
    assert out.index.names == index.names
    y = append_rows(X["a"], pd.Series([4, 5]))
    assert y.index.tolist() == out.index.tolist()
    assert y.name == "a"


def test_a_range_index_stays_a_range():
    out = append_rows(pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [3]}))
    assert isinstance(out.index, pd.RangeIndex)


def test_columns_are_matched_by_name():
    X = pd.DataFrame({"a": [1], "b": ["x"]})
    out = append_rows(X, pd.DataFrame({"b": ["y"], "a": [2]}))
    assert out.to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}


def test_a_column_vector_takes_a_flat_target():
    assert append_rows(np.array([[1], [2]]), np.array([3])).tolist() == [[1], [2], [3]]


def test_longer_text_widens_an_array():
    assert append_rows(np.array(["a"]), np.array(["longer"])).tolist() == ["a", "longer"]


ROWS_REFUSED = {
    "wrapping": (lambda: append_rows(np.ones((2, 1), "int8"), np.array([[300]])), "int8.*hold"),
    "width": (lambda: append_rows(np.ones((2, 2)), np.ones((2, 3))), r"\(2, 3\).*same width"),
    "columns": (
        lambda: append_rows(pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})),
        r"columns \['b'\].*\['a'\].*same columns",
    ),
    "dtype": (
        lambda: append_rows(pd.Series([1, 2], name="k", dtype="int8"), pd.Series([999])),
        "Column 'k'.*int8 cannot hold",
    ),
    "category": (
        lambda: append_rows(pd.Series(["a"], dtype="category", name="k"), pd.Series(["new"])),
        "Column 'k'.*category cannot hold",
    ),
    "polars": (
        lambda: append_rows(pl.DataFrame({"a": [1]}), pl.DataFrame({"b": [1]})),
        r"columns \['b'\].*same columns",
    ),
    "mask_length": (lambda: take_rows([1, 2], [True]), r"mask of shape \(1,\) for 2 rows"),
    "outside": (lambda: take_rows([1, 2], [0, 5]), "contains 5.*from 0 to 1"),
    "floats": (lambda: take_rows([1, 2], [0.5]), "dtype float64.*integer positions"),
    "no_rows": (lambda: n_rows(None), "X=None has no rows.*pass a table"),
}


@pytest.mark.parametrize("case", ROWS_REFUSED)
def test_rows_that_do_not_fit_are_refused(case):
    call, message = ROWS_REFUSED[case]
    with pytest.raises(InputError, match=message):
        call()


class OnlyConvertible:
    """Like the array-likes of other libraries: no length, only a way to become an array."""

    def __array__(self, dtype=None, copy=None):
        return np.array([[1, 2], [3, 4]])


def test_whatever_becomes_an_array_is_a_table():
    X = OnlyConvertible()
    frame, container = to_pandas(X)
    assert (frame.shape, container.kind, n_rows(X)) == ((2, 2), "numpy", 2)
    assert take_rows(X, [1]).tolist() == [[3, 4]]
    assert append_rows(X, np.array([[5, 6]])).tolist() == [[1, 2], [3, 4], [5, 6]]


def test_values_the_dtype_holds_are_cast_to_it():
    X = pd.DataFrame({"a": np.array([1, 2], dtype="int8")})
    out = append_rows(X, pd.DataFrame({"a": [3.0]}))
    assert out["a"].dtype == np.int8
    assert append_rows(np.array([1, 2], "int8"), np.array([3.0])).dtype == np.int8
    with pytest.raises(InputError, match="Column 'a'.*int8 cannot hold"):
        append_rows(X, pd.DataFrame({"a": ["x"]}))


@pytest.mark.parametrize(
    "X",
    [
        np.ones((3, 2), dtype=">f8"),
        pd.DataFrame({"a": np.arange(3, dtype=">i4")}),
        pa.RecordBatch.from_pydict({"a": [1.0, 2.0]}),
    ],
    ids=["big-endian array", "big-endian column", "record batch"],
)
def test_what_pandas_cannot_compute_with_is_refused_with_its_cure(X):
    with pytest.raises(InputError, match=r"byte order: pass|from_batches"):
        to_pandas(X)

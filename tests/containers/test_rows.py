"""Rows of any container: appended and selected, none of the caller's changed."""

import tracemalloc

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from rich_tables import HUGE, polars_frame, rich_frame

from gan_augment.containers import append_rows, n_rows, take_rows, to_pandas
from gan_augment.exceptions import InputError

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


def test_polars_rows_of_other_dtypes_are_refused():
    with pytest.raises(InputError, match="Int64") as refusal:
        append_rows(pl.DataFrame({"a": [1, 2]}), pl.DataFrame({"a": ["x"]}))
    assert refusal.value.column == "a"


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


@pytest.mark.parametrize("rows", [(0, 3, 1), (5, 11, 2), (9, 0, -3)])
def test_a_range_index_goes_on_in_its_steps(rows):
    X = pd.DataFrame({"a": [1, 2, 3]}, index=pd.RangeIndex(*rows))
    out = append_rows(X, pd.DataFrame({"a": [4, 5]}))
    start, _, step = rows
    assert isinstance(out.index, pd.RangeIndex)
    assert out.index.equals(pd.RangeIndex(start, start + 5 * step, step))


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


@pytest.mark.parametrize(
    "cells", [[pd.NA, pd.NA], [pd.NaT, pd.NaT], [None, pd.NA], [None, np.nan], [np.nan, None]]
)
@pytest.mark.parametrize("new", ["u", None, np.nan])
def test_what_is_missing_stays_as_it_was_written(cells, new):
    real = pd.DataFrame({"a": [1, 2], "k": pd.Series(cells, dtype=object), "b": [0.5, 1.5]})
    added = pd.DataFrame({"a": [3], "k": pd.Series([new], dtype=object), "b": [2.5]})
    both, alone = append_rows(real, added), append_rows(real["k"], added["k"])
    for got in (both["k"].tolist(), alone.tolist()):
        assert [cell is want for cell, want in zip(got, [*cells, new], strict=True)] == [True] * 3
    assert both["a"].tolist() == [1, 2, 3] and both["b"].tolist() == [0.5, 1.5, 2.5]


def test_appending_takes_no_more_memory_than_the_result():
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(100_000, 12)))
    append_rows(frame.head(), frame.head())
    tracemalloc.start()
    result = append_rows(frame, frame)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.2 * result.memory_usage(index=False).sum()


def test_rows_that_are_released_are_appended_alike_and_in_less_memory():
    frame = rich_frame()
    new = frame.iloc[::-1].copy()
    whole = append_rows(frame, new)
    pd.testing.assert_frame_equal(append_rows(frame, new, release=True), whole)
    assert not len(new.columns)
    tracemalloc.start()
    columns = {i: np.random.default_rng(i).normal(size=100_000) for i in range(12)}
    new, X = pd.DataFrame(columns, copy=False), pd.DataFrame(columns)
    del columns
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    result = append_rows(X, new, release=True)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert peak < 0.7 * result.memory_usage(index=False).sum()

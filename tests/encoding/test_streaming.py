"""A column in pieces is inferred as the whole column is."""

import itertools

import numpy as np
import pandas as pd
import pytest
import random_tables
from hypothesis import assume, given
from hypothesis import strategies as st

from gan_augment.encoding.column import MAX_CATEGORIES
from gan_augment.encoding.inference import infer_column
from gan_augment.encoding.streaming import ColumnSummary, Repeats, summary_frame
from gan_augment.exceptions import InputError


def summarised(pieces, kind=None):
    summary = ColumnSummary(kind)
    for piece in pieces:
        summary.add(piece)
    cells = summary_frame([summary.series()]).iloc[:, 0]
    return infer_column(cells, kind)


def outcome(infer, *arguments):
    try:
        return infer(*arguments)
    except InputError as error:
        return str(error)


def cut(series, places):
    ends = [0, *sorted(places), len(series)]
    pieces = [series.iloc[a:b].reset_index(drop=True) for a, b in itertools.pairwise(ends)]
    return [piece for piece in pieces if len(piece)]


@given(st.data(), st.integers(4, 24))
def test_pieces_tell_what_the_whole_column_tells(data, n):
    series = data.draw(random_tables.columns(n)).rename("c")
    assume(series.dtype != object or pd.api.types.infer_dtype(series, skipna=True) != "integer")
    assume(series.dtype != object or pd.api.types.infer_dtype(series, skipna=True) != "floating")
    kind = data.draw(st.sampled_from([None, None, None, "ignore", "regenerate", "category"]))
    pieces = cut(series, data.draw(st.lists(st.integers(0, n), max_size=4)))
    assert outcome(summarised, pieces, kind) == outcome(infer_column, series, kind)


@given(
    st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=30),
    st.integers(0, 6),
    st.lists(st.integers(0, 30), max_size=3),
    st.sampled_from(["float64", "float32"]),
)
def test_pieces_of_decimals_keep_the_finest(whole, decimals, places, dtype):
    series = pd.Series(np.array(whole) / 10.0**decimals, dtype=dtype, name="a")
    assert summarised(cut(series, places)) == infer_column(series)


@given(
    st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=9).map(
        lambda v: [3 * (i // 3) for i in v]
    ),
    st.lists(st.integers(0, 9), max_size=3),
)
def test_pieces_of_large_integers_keep_their_step(values, places):
    series = pd.Series(values, dtype="uint64", name="a")
    assert summarised(cut(series, places)) == infer_column(series)


def test_levels_of_pieces_are_joined_in_the_order_of_their_appearance():
    pieces = [pd.Series(pd.Categorical(list(text), list(levels)), name="k")
              for text, levels in (("aa", "xa"), ("ba", "ab"))]  # fmt: skip
    column = summarised(pieces)
    assert column.levels == ("x", "a", "b")
    assert column.categories == ("a", "b")


@pytest.mark.parametrize("order", ["sorted", "shuffled"])
@pytest.mark.parametrize(("name", "step"), [("n", 1), ("customer_id", 7)])
def test_integers_that_name_rows_are_refused_in_any_order(order, name, step, rng):
    values = np.arange(0, 200_000 * step, step)
    series = pd.Series(values if order == "sorted" else rng.permutation(values), name=name)
    pieces = cut(series, range(0, len(series), 30_000))
    with pytest.raises(InputError, match="200000 distinct integers in 200000 rows"):
        summarised(pieces)
    with pytest.raises(InputError, match="200000 distinct integers in 200000 rows"):
        infer_column(series)
    assert summarised(pieces, "integer") == infer_column(series, "integer")
    pieces[-1].iloc[::100] = pieces[0].iloc[: len(pieces[-1].iloc[::100])].to_numpy()
    assert summarised(pieces).kind == "integer"


def test_repeats_are_found_far_apart_and_memory_is_bounded(rng):
    repeats = Repeats()
    for start in range(0, 10**6, 10**5):
        repeats.add(np.arange(start, start + 10**5))
    assert not repeats.found and len(repeats.seen) <= 2**17
    repeats.add(rng.choice(10**6, 1000, replace=False))
    assert repeats.found and not len(repeats.seen)


def test_too_many_categories_are_refused_before_all_are_read():
    words = pd.Series([f"w{i}" for i in range(MAX_CATEGORIES + 1)] * 3, name="w")
    summary = ColumnSummary()
    with pytest.raises(
        InputError, match="501 distinct values in 1503 rows and more.*more than 500"
    ):
        summary.add(words)


def test_infinity_is_named_by_its_row_in_the_table():
    summary = ColumnSummary()
    summary.add(pd.Series([1.0, 2.0], name="a"))
    with pytest.raises(InputError, match=r"row 3 contains .*infinity"):
        summary.add(pd.Series([1.0, np.inf], name="a"))


def test_a_level_that_no_file_can_hold_stands_beside_missing_cells():
    levels = pd.Index(["\ud800", "a"], dtype=object)  # no str of pandas 3 holds the first
    series = pd.Series(pd.Categorical.from_codes([0, 1, -1], levels), name="k")
    summary = ColumnSummary()
    summary.add(series)
    assert summary.series().tolist()[:2] == ["\ud800", "a"]
    assert summary.series().isna().tolist() == [False, False, True]

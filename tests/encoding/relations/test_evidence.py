"""What is read of training rows: once, exactly, and given back."""

import weakref

import numpy as np
import pandas as pd
import pytest

from gan_augment.encoding.relations.evidence import TrainingRows
from gan_augment.encoding.relations.look_up import FEW_PAIRS, n_against
from gan_augment.encoding.schema import Schema


def training_rows(frame):
    return TrainingRows(frame, Schema.infer(frame))


@pytest.mark.parametrize("n_values", [3, 900, 10**9])
def test_levels_are_ranks_among_the_distinct_values(n_values):
    rng = np.random.default_rng(0)
    values = pd.Series(rng.integers(-n_values, n_values, 3000), dtype="Int64")
    values[rng.random(3000) < 0.1] = pd.NA
    rows = training_rows(values.to_frame("a"))
    distinct, known = rows.distinct("a"), values.notna().to_numpy()
    assert distinct.tolist() == sorted(values.dropna().unique())
    assert rows.n_levels("a") == len(distinct)
    levels = rows.levels("a")
    assert (levels[~known] == -1).all()
    assert distinct[levels[known]].tolist() == values[known].tolist()


def test_rows_are_freed_once_nobody_holds_them():
    """A million rows take hundreds of megabytes: they may not wait for the garbage collector."""
    rows = training_rows(pd.DataFrame({"a": [0.5, 1.5, 2.5], "k": ["u", "v", "u"]}))
    assert (rows.n_levels("a"), rows.n_levels("k")) == (3, 2)
    watched = weakref.ref(rows)
    del rows
    assert watched() is None


def test_numbers_that_are_read_cannot_change_the_table():
    frame = pd.DataFrame({"a": [0.5, 1.5, 2.5], "b": [1, 2, 3], "c": [1.0, np.nan, 2.5]})
    rows = training_rows(frame)
    for name in frame:
        with pytest.raises(ValueError, match="read-only"):
            rows.numbers(name)[0][0] = 7
    assert np.isnan(frame["c"][1])


@pytest.mark.parametrize("n_levels", [20, 2 * FEW_PAIRS])
def test_rows_against_their_level_are_those_beside_its_most_frequent_value(n_levels):
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, n_levels, 5000), rng.integers(0, 4, 5000)
    pairs = pd.DataFrame({"first": first, "second": second})
    expected = len(pairs) - pairs.value_counts().groupby(level="first").max().sum()
    assert n_against(first.astype(np.int32), second.astype(np.int32)) == expected

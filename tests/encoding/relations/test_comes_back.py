"""Any table made with a known rule comes back with it, whatever its dtypes and missing cells."""

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_augment.encoding.table import TableCodec


def groups(rng, n):
    edges = np.sort(rng.choice(np.arange(10, 90), rng.integers(2, 6), replace=False))
    age = rng.integers(0, 100, n)
    frame = pd.DataFrame({"age": age, "group": np.searchsorted(edges, age, side="right") + 10})
    ends = frame.groupby("group")["age"].agg(["min", "max"])
    return (
        frame,
        lambda rows: (
            ~rows["age"].between(rows["group"].map(ends["min"]), rows["group"].map(ends["max"]))
        ),
    )


def pairs(rng, n):
    table = rng.permutation(12).reshape(3, 4)
    first, second = rng.integers(0, 3, n), rng.integers(0, 4, n)
    frame = pd.DataFrame({"a": first, "b": second, "c": table[first, second] // 2})
    return (
        frame,
        lambda rows: (
            table[rows["a"].astype(int), rows["b"].astype(int)] // 2 != rows["c"].to_numpy(float)
        ),
    )


def products(rng, n):
    months, rate = rng.integers(1, 72, n), rng.uniform(20, 120, n).round(2)
    frame = pd.DataFrame({"months": months, "rate": rate, "total": (months * rate).round(2)})
    low, high = frame["total"].agg(["min", "max"])

    def broken(rows):
        inside = rows["total"].between(low + 0.01, high - 0.01)  # generators draw the rest again
        return inside & ((rows["months"] * rows["rate"] - rows["total"]).abs() > 0.0051)

    return frame, broken


def words_of_a_block(rng, n):
    words = np.array(["red", "dark red", "blue", "sky", "green", "lime"])
    shade = rng.integers(0, 6, n)
    block = pd.get_dummies(pd.Series(np.array(list("rbg"))[shade // 2]), prefix="is", dtype=int)
    frame = pd.concat([pd.Series(words[shade], name="shade"), block], axis=1)
    names = {word: "is_" + "rbg"[i // 2] for i, word in enumerate(words)}
    return (
        frame,
        lambda rows: (
            (rows.filter(like="is_").sum(axis=1) != 1)
            | (rows.filter(like="is_").astype(float).idxmax(axis=1) != rows["shade"].map(names))
        ),
    )


def days(rng, n):
    when = pd.Timestamp("2021-03-01") + pd.to_timedelta(rng.integers(0, 900 * 24, n), "h")
    frame = pd.DataFrame({"when": when, "weekday": when.day_name(), "month": when.month})
    return (
        frame,
        lambda rows: (
            (rows["when"].dt.day_name() != rows["weekday"])
            | (rows["when"].dt.month != rows["month"])
        ),
    )


def stays(rng, n):
    come = pd.Timestamp("2021-03-01") + pd.to_timedelta(rng.integers(0, 900, n), "D")
    stay = pd.to_timedelta(rng.integers(0, 30, n), "D")
    frame = pd.DataFrame({"in": come, "out": come + stay, "nights": stay.days})
    return frame, lambda rows: (rows["out"] - rows["in"]).dt.days != rows["nights"]


MADE = (groups, pairs, products, words_of_a_block, days, stays)


@pytest.mark.parametrize("make", MADE)
@settings(deadline=None, max_examples=6)
@given(st.integers(0, 2**32), st.sampled_from(["numpy", "nullable", "arrow"]), st.booleans())
def test_what_holds_in_a_table_holds_in_new_rows(make, seed, dtypes, shuffled):
    rng = np.random.default_rng(seed)
    frame, broken = make(rng, 600)
    frame = frame.assign(noise=rng.normal(size=600))
    if shuffled:
        frame = frame[list(rng.permutation(frame.columns))]
    assert not np.asarray(broken(frame), dtype=bool).any()
    if dtypes != "numpy":
        backend = {"nullable": "numpy_nullable", "arrow": "pyarrow"}[dtypes]
        kept = list(frame.select_dtypes(["datetime"]))
        others = frame.drop(columns=kept).convert_dtypes(dtype_backend=backend)
        frame = frame.assign(**others)
    codec = TableCodec().fit(frame)
    made = codec.decode(encoded_noise(codec, 500, rng))[0]
    assert made.dtypes.equals(frame.dtypes)
    plain = made.astype(dict.fromkeys(made.select_dtypes("number"), float))
    assert np.asarray(broken(plain), dtype=bool).mean() <= 0.004


def test_of_several_that_decide_each_other_those_without_unseen_pairs_decide():
    rng = np.random.default_rng(7)
    frame, broken = pairs(rng, 600)
    codec = TableCodec().fit(frame[["c", "a", "b"]])  # c and a decide b, too
    assert not broken(codec.decode(encoded_noise(codec, 500, rng))[0]).any()

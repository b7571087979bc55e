"""Columns that another column decides are found, and are right in every decoded row."""

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise

from gan_augment.encoding.relations import MIN_ROWS, find_dependencies
from gan_augment.encoding.schema import Schema
from gan_augment.encoding.table import TableCodec

BOROUGHS = {"Soho": "A", "Harlem": "A", "Astoria": "B", "Flushing": "B", "Tottenville": "C"}


def towns(rng, n=300):
    zone = rng.choice(list(BOROUGHS), n)
    return pd.DataFrame(
        {"borough": pd.Series(zone).map(BOROUGHS), "zone": zone, "fare": rng.normal(size=n)}
    )


def found(frame, **kinds):
    """Dependencies by name."""
    pairs = find_dependencies(frame, Schema.infer(frame, kinds))
    names = list(frame.columns)
    return {names[decided]: names[decider] for decided, decider in pairs.items()}


def decoded(frame, rng, n=2000):
    codec = TableCodec().fit(frame)
    return codec.decode(encoded_noise(codec, n, rng))[0]


def pairs(frame, *names):
    return set(
        frame[list(names)].astype(object).where(frame.notna(), "missing").agg(tuple, axis=1)
    )


def test_the_finer_column_decides_the_coarser(rng):
    assert found(towns(rng)) == {"borough": "zone"}


def test_of_two_names_for_the_same_thing_one_is_learnt(rng):
    frame = towns(rng).drop(columns="borough")
    frame["code"] = frame["zone"].map({zone: i for i, zone in enumerate(BOROUGHS)})
    assert found(frame) == {"code": "zone"}
    frame["code"] = frame["code"].astype(str)
    assert len(found(frame)) == 1
    assert pairs(decoded(frame, rng), "zone", "code") == pairs(frame, "zone", "code")


def test_in_a_chain_the_finest_decides_all(rng):
    frame = towns(rng)
    frame["coast"] = frame["borough"] == "A"
    assert found(frame) == {"borough": "zone", "coast": "zone"}
    made = decoded(frame, rng)
    assert pairs(made, "zone", "borough", "coast") == pairs(frame, "zone", "borough", "coast")


def test_every_decided_column_hangs_on_one_that_is_learnt(rng):
    frame = towns(rng)
    frame["copy"], frame["again"] = frame["zone"].str.upper(), frame["zone"].str.lower()
    decided = found(frame)
    assert len(decided) == 3
    assert not set(decided) & set(decided.values())


def test_numbers_decide_nothing_but_can_be_decided(rng):
    frame = towns(rng).drop(columns="borough")
    frame["fare"] = frame["zone"].map(len) * 2.5
    assert found(frame) == {"fare": "zone"}
    frame = pd.DataFrame({"floor": rng.integers(0, 5, 300), "x": rng.normal(size=300)})
    frame["storey"] = frame["floor"] * 3.0
    assert found(frame) == {}


@pytest.mark.parametrize("seed", range(20))
def test_independent_columns_are_never_taken_for_dependent(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 20, size=6)
    frame = pd.DataFrame(
        {f"c{i}": rng.integers(0, k, 250).astype(str) for i, k in enumerate(sizes)}
    )
    frame["rare"] = np.arange(250) == rng.integers(250)
    assert found(frame.drop(columns="rare")) == {}
    assert not set(found(frame)) - {"rare"}


def test_one_exception_among_many_rows_is_enough_to_learn_both(rng):
    frame = towns(rng, 5000)
    frame.loc[4321, "borough"] = "B" if frame.loc[4321, "borough"] == "A" else "A"
    assert found(frame) == {}


def test_too_few_rows_prove_nothing(rng):
    assert found(towns(rng, MIN_ROWS - 1)) == {}
    assert found(towns(rng, MIN_ROWS)) == {"borough": "zone"}


def test_a_column_with_few_rows_a_level_decides_nothing(rng):
    frame = pd.DataFrame({"key": np.arange(300) // 3, "side": rng.random(300) < 0.5})
    frame["key"] = frame["key"].astype(str)
    frame["side"] = frame["key"].map(dict(zip(frame["key"], frame["side"], strict=True)))
    assert found(frame) == {}


def test_columns_that_are_not_learnt_take_no_part(rng):
    frame = towns(rng).assign(one="x", left=lambda frame: frame["zone"])
    assert found(frame, left="ignore") == {"borough": "zone"}


KINDS = {
    "text": lambda n: BOROUGHS["Soho"] * (n + 1),
    "string": lambda n: f"s{n}",
    "Int64": lambda n: 2**60 + n,
    "float32": lambda n: n / 10,
    "boolean": lambda n: n % 2 == 0,
    "datetime": lambda n: pd.Timestamp("2020-02-29") + pd.Timedelta(n, "D"),
    "category": lambda n: f"level {n}",
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_decided_column_is_right_in_every_row_with_missing_as_a_level(rng, kind):
    frame = towns(rng, 400)[["zone"]]
    names = list(BOROUGHS)
    table = {zone: KINDS[kind](i // 2) for i, zone in enumerate(names)}
    cells = frame["zone"].map({**table, names[1]: None})
    dtype = {"text": object, "datetime": "datetime64[ns]"}.get(kind, kind)
    frame["it"] = pd.Series(cells.tolist(), dtype=dtype)
    frame.loc[frame["zone"] == names[2], "zone"] = None  # a missing decider decides too
    assert found(frame) == {"it": "zone"}
    made = decoded(frame, rng)
    assert made["it"].dtype == frame["it"].dtype
    assert pairs(made, "zone", "it") == pairs(frame, "zone", "it")


def test_a_decided_column_takes_no_width_and_returns_exactly(rng):
    frame = towns(rng)
    codec = TableCodec().fit(frame)
    assert codec.width_ == len(BOROUGHS) + 1
    pd.testing.assert_frame_equal(codec.decode(codec.encode(frame))[0], frame)


def test_words_that_differ_behind_a_nul_are_two_levels(rng):
    word = np.array([["a", "a\x00", "b"][i] for i in rng.integers(0, 3, 300)], dtype=object)
    frame = pd.DataFrame({"word": word, "code": [len(w) for w in word], "x": rng.normal(size=300)})
    assert found(frame) == {"code": "word"}
    assert set(decoded(frame, rng)["word"]) == {"a", "a\x00", "b"}

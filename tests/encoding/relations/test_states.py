"""Codes and intervals of numbers that never come with a category are found, said and kept."""

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_augment.encoding.relations.combinations import Combinations
from gan_augment.encoding.relations.evidence import TrainingRows
from gan_augment.encoding.relations.find import find_relations
from gan_augment.encoding.relations.states import cuts, states_of
from gan_augment.encoding.schema import Schema
from gan_augment.encoding.table import TableCodec
from gan_augment.exceptions import InputError


def found(frame):
    return find_relations(frame, Schema.infer(frame), [Combinations])


def made_of(frame, n=1000):
    """A codec, and rows of noise from what its file holds."""
    codec = TableCodec().fit(frame)
    pd.testing.assert_frame_equal(codec.decode(codec.encode(frame))[0], frame)
    again = TableCodec.from_arrays(codec.schema_, codec.relations_to_plain(), codec.arrays())
    assert [*map(str, again.relations_)] == [*map(str, codec.relations_)]
    return codec, again.decode(encoded_noise(codec, n, np.random.default_rng(0)))[0]


@settings(deadline=None, max_examples=15)
@given(
    st.integers(0, 2**32),
    st.integers(30, 70),
    st.sampled_from([1, -1]),
    st.sampled_from(["int64", "float64", "Int16"]),
    st.sampled_from([0, 0.1]),
)
def test_a_category_never_comes_beyond_its_bound(seed, bound, side, dtype, missing):
    rng = np.random.default_rng(seed)
    age = rng.integers(0, 100, 1500)
    age[:50] = bound
    may = (age - bound) * side >= 0
    kind = np.where(may & (rng.random(1500) < 0.6), "bound", rng.choice(["a", "b"], 1500))
    frame = pd.DataFrame({"kind": kind, "age": pd.Series(age).astype(dtype)})
    if dtype != "int64":
        frame["age"] = frame["age"].mask(rng.random(1500) < missing)
    (relation,) = found(frame)
    _, made = made_of(frame)
    new = made["age"][made["kind"] == "bound"].dropna().astype(float)
    assert len(new) > 20 and ((new - bound) * side >= 0).all()
    wrong = pd.DataFrame({"kind": ["bound", "a"], "age": [bound - side, bound - side]})
    wrong["age"] = wrong["age"].astype(dtype)
    assert relation.broken(wrong).tolist() == [True, False]
    assert made["age"].isna().any() == frame["age"].isna().any()


def test_bounds_are_said_with_the_numbers_seen(rng):
    plan = rng.choice(["basic", "plus", "pro"], 1500)
    most = pd.Series(plan).map({"basic": 10, "plus": 50, "pro": 200}).to_numpy()
    (relation,) = found(pd.DataFrame({"plan": plan, "gb": rng.integers(0, most + 1)}))
    assert str(relation) == (
        "'gb' is never 11 or more where 'plan' is 'basic', never 51 or more where it is 'plus'"
    )


@pytest.mark.parametrize("seed", range(4))
def test_what_fades_away_has_no_bound(seed):
    rng = np.random.default_rng(seed)
    is_tall = rng.random(3000) < 0.5
    size = rng.normal(np.where(is_tall, 178.0, 165.0), 7.0).round(1)
    income = rng.lognormal(np.where(is_tall, 10.5, 10.0), 0.5).round()
    assert found(pd.DataFrame({"sex": is_tall * 1, "size": size, "income": income})) == []


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**32), st.integers(2, 6), st.sampled_from(["int64", "float64", "Int8"]))
def test_codes_that_never_come_with_a_number_stay_away(seed, n_codes, dtype):
    rng = np.random.default_rng(seed)
    code = rng.integers(1, n_codes + 1, 1200)
    tip = np.where(code == n_codes, 0, rng.exponential(3, 1200).round(2) + 0.5)
    frame = pd.DataFrame({"payment": pd.Series(code).astype(dtype), "tip": tip})
    _, made = made_of(frame)
    cash = made["payment"] == n_codes
    assert cash.any() and ((made["tip"] == 0) == cash).all()
    assert set(made["payment"]) <= set(frame["payment"])


def test_few_rare_numbers_are_told_from_zero_together(rng):
    sex = rng.integers(0, 2, 1000)
    births = np.where(sex == 1, rng.poisson(1.0, 1000), 0)
    (relation,) = found(pd.DataFrame({"sex": sex, "births": births}))
    assert str(relation) == "'births' is 0 where 'sex' is 0"


def test_a_typing_error_moves_no_bound(rng):
    age = rng.integers(0, 90, 5000)
    kind = np.where((age >= 60) & (rng.random(5000) < 0.6), "retired", "other")
    kind[np.flatnonzero(age == 7)[0]] = "retired"
    (relation,) = found(pd.DataFrame({"kind": kind, "age": age}))
    words = "'age' is 60 or more where 'kind' is 'retired' (but in 0.02% of the rows)"
    assert str(relation) == words


def test_states_of_numbers_are_named_as_intervals_and_zero():
    frame = pd.DataFrame({"x": np.append(np.arange(-20.0, 20), np.nan)})
    rows = TrainingRows(frame, Schema.infer(frame))
    states = states_of(rows, "x", [10.0])
    assert states.of(pd.Series([-3.0, 0, 4, 10, None])).tolist() == [0, 1, 2, 3, 4]
    texts = [states.text(part) for part in ([0], [1], [2, 3], [0, 2, 3], [0, 1, 2, 3], [2, 4])]
    assert texts == ["-1 or less", "0", "1 or more", "not 0", "known", "1 to 9 or missing"]


def test_too_few_rows_beyond_the_end_are_no_evidence():
    values, states = np.arange(1000), (np.arange(1000) >= 30).astype(int)
    assert cuts(values, states, 2) == [30]
    few = np.where(states == 1, np.arange(1000) % 5 == 0, 0)
    assert cuts(values, few, 2) == []


@pytest.mark.parametrize("name", ["edges", "lows", "highs"])
def test_states_that_no_fit_learns_are_refused(rng, name):
    age = rng.integers(0, 90, 1500)
    kind = np.where((age >= 60) & (rng.random(1500) < 0.6), "retired", "other")
    codec = TableCodec().fit(pd.DataFrame({"kind": kind, "age": age}))
    arrays = codec.arrays()
    (key,) = [key for key in arrays if key.startswith(f"relation0/{name}")]
    for wrong in (np.append(arrays[key], arrays[key][:1]), arrays[key].astype(float)):
        with pytest.raises(InputError):
            TableCodec.from_arrays(
                codec.schema_, codec.relations_to_plain(), arrays | {key: wrong}
            )

"""Which of two columns is larger decides a third, in new rows too."""

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise
from hypothesis import given
from hypothesis import strategies as st

from gan_augment import TabularGAN, load
from gan_augment.encoding.relations.comparisons import Comparison
from gan_augment.encoding.relations.find import find_relations
from gan_augment.encoding.schema import Schema
from gan_augment.encoding.table import TableCodec
from gan_augment.exceptions import InputError


def matches(rng, n=400):
    goals = pd.DataFrame({"home": rng.poisson(3.5, n), "away": rng.poisson(3.2, n)})
    return goals.assign(won=np.sign(goals["home"] - goals["away"]).map({1: "H", 0: "D", -1: "A"}))


def parcels(rng, n=400):
    promised = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 200, n), "D")
    came = promised + pd.to_timedelta(rng.integers(-200, 300, n), "h")
    frame = pd.DataFrame({"promised": promised, "came": came.astype("datetime64[ms]")})
    return frame.assign(late=frame["came"] > frame["promised"])


@given(st.integers(0, 2**32), st.sampled_from([matches, parcels]), st.sampled_from([0, 0.1]))
def test_what_is_larger_decides(seed, make, missing):
    rng = np.random.default_rng(seed)
    frame = make(rng)
    a, b, flag = frame.columns
    frame[a] = frame[a].mask(rng.random(len(frame)) < missing)
    codec = TableCodec().fit(frame)
    (relation,) = [r for r in codec.relations_ if r.kind == "comparison"]
    assert relation.restores == (flag,) and not relation.broken(frame).any()
    made = codec.decode(encoded_noise(codec, 300, rng))[0]
    words = frame[flag].groupby(np.sign((frame[a] - frame[b]) / (frame[a] - frame[b]).abs().max()))
    known = made[a].notna()
    ways = np.sign((made[a] - made[b]) / (made[a] - made[b]).abs().max())
    right = ways[known].fillna(0).map(words.first())
    seen = right.notna()  # no parcel came at its very hour
    assert (made.loc[known, flag][seen] == right[seen]).all() and seen.mean() > 0.5


def test_it_is_said_and_kept_in_a_file(rng, tmp_path):
    frame = parcels(rng)
    gan = TabularGAN(n_steps=0, random_state=0).fit(frame)
    assert [str(r) for r in gan.relations_] == [
        "which of 'promised' and 'came' is later decides 'late'"
    ]
    gan.save(tmp_path / "model")
    same = load(tmp_path / "model")
    pd.testing.assert_frame_equal(same.sample(100)[0], gan.sample(100)[0])
    assert same.relations_[0].broken(frame.assign(late=~frame["late"])).mean() > 0.95


@given(st.integers(0, 2**32))
def test_independent_columns_compare_nothing(seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.integers(0, 99, (300, 4)), columns=list("abcd"))
    frame["flag"], frame["rare"] = rng.random((2, 300)) < [[0.5], [0.01]]
    assert find_relations(frame, Schema.infer(frame), [Comparison]) == []


@pytest.mark.parametrize(
    "change",
    [{"second": [0]}, {"second": []}, {"second": [2]}, {"second": [4]}, {"moves": True}],
)
def test_what_no_fit_learns_is_refused(rng, change):
    frame = matches(rng).assign(day=pd.Timestamp("2024-01-01"))
    frame.loc[::2, "day"] += pd.Timedelta("1D")
    codec = TableCodec().fit(frame)
    facts = next(f for f in codec.relations_to_plain() if f["kind"] == "comparison")
    arrays = next(r for r in codec.relations_ if r.kind == "comparison").arrays()
    Comparison.from_plain(facts, arrays, codec.schema_)
    with pytest.raises(InputError):
        Comparison.from_plain(facts | change, arrays, codec.schema_)


def test_a_part_that_is_nothing_is_said_as_such(rng):
    tip = np.where(rng.random(400) < 0.5, 0, rng.gamma(2, 2, 400).round(2) + 0.01)
    fare = rng.gamma(5, 3, 400).round(2)
    frame = pd.DataFrame({"fare": fare, "tip": tip, "total": (fare + tip).round(2)})
    frame["paid"] = np.where(tip > 0, "card", "cash")
    kinds = [relation.kind for relation in find_relations(frame, Schema.infer(frame))]
    assert "comparison" not in kinds and {"sum", "combinations"} <= {*kinds}

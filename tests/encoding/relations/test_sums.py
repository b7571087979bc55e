"""Sums and differences are found, said and kept, with as many exceptions as real rows have."""

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_augment.encoding.relations.find import find_relations
from gan_augment.encoding.relations.sums import Sum
from gan_augment.encoding.schema import Schema
from gan_augment.encoding.table import TableCodec
from gan_augment.exceptions import InputError


def sums(frame):
    return find_relations(frame, Schema.infer(frame), [Sum])


def made_of(frame, n=1000):
    codec = TableCodec().fit(frame)
    return codec, codec.decode(encoded_noise(codec, n, np.random.default_rng(0)))[0]


def bills(rng, n=500):
    fare, tip = rng.gamma(4, 3, n).round(2), rng.exponential(2, n).round(2)
    toll = np.where(rng.random(n) < 0.1, 6.12, 0)
    total = (fare + tip + toll).round(2)
    return pd.DataFrame({"total": total, "fare": fare, "tip": tip, "toll": toll})


def shares(rng, n=500, k=4, decimals=None):
    parts = rng.dirichlet(np.arange(1, k + 1), n)
    if decimals is not None:
        parts = parts.round(decimals)
    return pd.DataFrame(parts, columns=[f"s{i}" for i in range(k)])


def test_a_total_is_computed_from_its_parts(rng):
    frame = bills(rng)
    (relation,) = sums(frame)
    assert str(relation) == "'total' is 'fare' + 'tip' + 'toll'"
    codec, made = made_of(frame)
    assert codec.width_ == 3
    gap = made["total"] - made[["fare", "tip", "toll"]].sum(axis=1)
    assert gap.abs().max() < 1e-9
    ends = frame.agg(["min", "max"])
    assert (made >= ends.loc["min"]).all().all() and (made <= ends.loc["max"]).all().all()
    pd.testing.assert_frame_equal(codec.decode(codec.encode(frame))[0], frame)


@pytest.mark.parametrize("decimals", [None, 2, 1])
def test_shares_sum_to_what_they_summed_to(rng, decimals):
    frame = shares(rng, decimals=decimals) * (1 if decimals else 100)
    (relation,) = sums(frame)
    assert str(relation).endswith(f"sum to {1 if decimals else 100}")
    gaps = [(f.sum(axis=1) - (1 if decimals else 100)).abs() for f in (frame, made_of(frame)[1])]
    assert gaps[1].max() <= gaps[0].max() + 1e-9
    assert (made_of(frame)[1] >= 0).all().all()


def test_rows_that_do_not_add_up_stay_as_rare_as_they_were(rng):
    frame = bills(rng, 2000)
    odd = rng.random(2000) < 0.1
    frame["total"] = (frame["total"] + np.where(odd, rng.choice([0.5, 2.5], 2000), 0)).round(2)
    codec, made = made_of(frame, 3000)
    (relation,) = codec.relations_
    assert relation.exceptions == pytest.approx(odd.mean())
    assert relation.broken(made).mean() == pytest.approx(odd.mean(), abs=0.02)
    left = (made["total"] - made[["fare", "tip", "toll"]].sum(axis=1)).round(2)
    assert left.min() >= 0 and set(left.round(2)) <= set(np.arange(0, 2.51, 0.5).round(2))


def test_cells_may_be_missing_and_known_cells_still_add_up(rng):
    frame = bills(rng)
    frame = frame.mask(rng.random(frame.shape) < 0.05)
    codec, made = made_of(frame)
    (relation,) = codec.relations_
    assert not relation.broken(made).any()
    assert made.isna().any().all() and made.notna().any().all()


def test_differences_and_integers(rng):
    a, b = rng.integers(50, 90, 300), rng.integers(0, 50, 300)
    frame = pd.DataFrame({"big": a, "small": b, "gap": a - b, "rest": 100 - b})
    assert sorted(map(str, sums(frame))) == [
        "'big' is 'small' + 'gap'",
        "'small' and 'rest' sum to 100",
    ]
    made = made_of(frame)[1]
    assert (made["big"] - made["small"] == made["gap"]).all()
    assert (made["small"] + made["rest"] == 100).all() and made.dtypes.equals(frame.dtypes)


@settings(deadline=None, max_examples=25)
@given(
    st.integers(0, 2**32),
    st.lists(st.sampled_from([1, -1]), min_size=2, max_size=6),
    st.sampled_from(["int64", "float64", "cents"]),
    st.integers(-50, 50),
)
def test_any_sum_comes_back(seed, signs, kind, constant):
    rng = np.random.default_rng(seed)
    parts = pd.DataFrame({f"p{i}": rng.gamma(2, 20 + 5 * i, 400) for i in range(len(signs))})
    parts = parts if kind == "float64" else parts.round(2 if kind == "cents" else 0)
    total = (parts * signs).sum(axis=1) + constant
    frame = parts.assign(total=total if kind == "float64" else total.round(2))
    frame = frame.astype("int64" if kind == "int64" else float)
    codec, made = made_of(frame[rng.permutation(frame.columns)], 300)
    gap = (made[parts.columns] * signs).sum(axis=1) + constant - made["total"]
    assert len(codec.relations_) == 1 and gap.abs().max() < 1e-5
    assert codec.relations_[0].exceptions == 0


@pytest.mark.parametrize("seed", range(5))
def test_columns_that_do_not_add_up_are_no_sum(seed):
    rng = np.random.default_rng(seed)
    frame = bills(rng).join(shares(rng)).join(shares(rng, decimals=1).add_prefix("r"))
    assert sums(frame.apply(rng.permutation)) == []
    noisy = frame[["fare", "tip"]].assign(total=frame["total"] + rng.normal(0, 0.5, 500).round(2))
    assert sums(noisy) == []


@pytest.mark.parametrize(
    "change",
    [{"members": [0]}, {"members": [0, 1, 2, 9]}, {"signs": [1, 1]}, {"signs": [2, 1, 1, 1]},
     {"constant": "1"}, {"slack": -1.0}, {"computed": [0, 1]}, {"owned": []},
     {"remainder": [0, 1, 0]}, {"exceptions": 2}],
)  # fmt: skip
def test_what_no_fit_learns_is_refused(rng, change):
    codec = TableCodec().fit(bills(rng))
    (facts,) = codec.relations_to_plain()
    again = TableCodec.from_arrays(codec.schema_, [facts], codec.arrays())
    assert str(again.relations_[0]) == str(codec.relations_[0])
    with pytest.raises(InputError):
        TableCodec.from_arrays(codec.schema_, [facts | change], codec.arrays())


def test_an_age_beside_a_year_of_birth_is_off_by_one_on_one_side(rng):
    age = rng.integers(18, 90, 600)
    frame = pd.DataFrame({"age": age, "born": 2024 - age - rng.integers(0, 2, 600)})
    (relation,) = sums(frame)
    assert str(relation) == "'age' and 'born' sum to 2023 to 2024"
    made = made_of(frame)[1]
    assert made.sum(axis=1).isin([2023, 2024]).all()


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**32), st.integers(1, 3), st.floats(0.1, 0.6))
def test_parts_that_are_missing_may_count_as_zero(seed, n_parts, share):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({f"p{i}": rng.gamma(2, 10, 400).round(2) for i in range(n_parts)})
    frame["tip"] = pd.Series(rng.gamma(1, 3, 400).round(2)).mask(rng.random(400) < share)
    frame["total"] = frame.sum(axis=1).round(2)
    (relation,) = sums(frame)
    assert str(relation).endswith(", a missing part being 0")
    codec, made = made_of(frame)
    again = TableCodec.from_arrays(codec.schema_, codec.relations_to_plain(), codec.arrays())
    assert str(again.relations_[0]) == str(relation)
    off = (made.drop(columns="total").sum(axis=1) - made["total"]).abs()
    assert off.max() < 1e-6 and made["tip"].isna().any()
    assert relation.broken(frame.assign(total=frame["total"] + 1)).all()


def test_sums_of_the_same_columns_in_turn_are_all_kept(rng):
    men, women = rng.integers(0, 50, (2, 350))
    frame = pd.DataFrame({"men": men, "women": women})
    frame["people"], frame["more"] = men + women, men - women
    made = made_of(frame)[1]
    more = made["men"] - made["women"] == made["more"]
    people = made["men"] + made["women"] == made["people"]
    inside = made["people"].between(frame["people"].min() + 1, frame["people"].max() - 1)
    assert more.all() and people[inside].all()


def test_parts_that_hardly_vary_belong_to_a_total_that_seldom_adds_up(rng):
    frame = bills(rng, 2000)
    frame["tax"] = np.where(rng.random(2000) < 0.99, 0.5, 0.0)
    frame["fee"] = np.where(rng.random(2000) < 0.95, 2.5, 0.0)
    off = np.where(rng.random(2000) < 0.35, 2.5, 0)
    frame["total"] = (frame["total"] + frame["tax"] + frame["fee"] - off).round(2)
    (relation,) = sums(frame)
    assert set(relation.members) == set(frame) and relation.exceptions == (off != 0).mean()
    made = made_of(frame, 3000)[1]
    gap = (made.drop(columns="total").sum(axis=1) - made["total"]).abs()
    assert (gap > 0.005).mean() == pytest.approx(0.35, abs=0.06)

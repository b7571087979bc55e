"""States of two columns that never come together are found, said and kept apart."""

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_augment import TabularGAN
from gan_augment.encoding.relations.combinations import Combinations
from gan_augment.encoding.relations.find import find_relations
from gan_augment.encoding.schema import Schema
from gan_augment.encoding.table import TableCodec
from gan_augment.exceptions import InputError


def found(frame):
    return find_relations(frame, Schema.infer(frame), [Combinations])


def made_of(frame, n=1000):
    codec = TableCodec().fit(frame)
    pd.testing.assert_frame_equal(codec.decode(codec.encode(frame))[0], frame)
    return codec, codec.decode(encoded_noise(codec, n, np.random.default_rng(0)))[0]


def payments(rng, n=600):
    paid = rng.choice(["card", "cash"], n)
    tip = np.where((paid == "card") & (rng.random(n) < 0.8), rng.exponential(3, n).round(2), 0)
    return pd.DataFrame({"paid": paid, "tip": tip})


def services(rng, n=800):
    internet = rng.choice(["none", "DSL", "fibre"], n)
    frame = pd.DataFrame({"internet": internet})
    for name in ("backup", "tv", "films"):
        frame[name] = np.where(internet == "none", "no internet", rng.choice(["yes", "no"], n))
    return frame


def test_a_number_is_zero_beside_a_category(rng):
    frame = payments(rng)
    (relation,) = found(frame)
    assert str(relation) == "'tip' is 0 where 'paid' is 'cash'"
    codec, made = made_of(frame)
    cash = made["paid"] == "cash"
    assert (made.loc[cash, "tip"] == 0).all() and (made.loc[~cash, "tip"] > 0).any()
    wrong = pd.DataFrame({"paid": ["cash", "cash", "card"], "tip": [0, 1.5, 2.5]})
    assert codec.relations_[0].broken(wrong).tolist() == [False, True, False]


def test_categories_hang_on_the_one_that_explains_them(rng):
    frame = services(rng)
    relations = found(frame)
    assert sorted(r.name for r in relations) == ["backup", "films", "tv"]
    assert all(r.needs == ("internet",) for r in relations)
    words = "'tv' is 'no internet' where 'internet' is 'none', never 'no internet' where it is"
    assert str(next(r for r in relations if r.name == "tv")).startswith(words)
    _, made = made_of(frame)
    for name in ("backup", "tv", "films"):
        assert ((made[name] == "no internet") == (made["internet"] == "none")).all()
        assert (made[name] == "yes").any() and (made[name] == "no").any()


@pytest.mark.parametrize("dtype", ["datetime64[s]", "float64", "str"])
def test_cells_missing_together_or_in_turn(rng, dtype):
    gone, days = rng.random(400) < 0.3, pd.Series(rng.integers(1, 9, 400))
    frame = pd.DataFrame({"left": rng.choice(list("xyz"), 400), "right": days.astype(dtype)})
    together, turn = (
        frame.mask(np.column_stack([gone, gone])),
        frame.mask(np.column_stack([gone, ~gone])),
    )
    made = made_of(together)[1].isna()
    assert (made["left"] == made["right"]).all() and made["left"].any() and not made["left"].all()
    made = made_of(turn)[1].isna()
    assert (made["left"] != made["right"]).all() and made["left"].any() and not made["left"].all()


def test_levels_of_two_one_hot_blocks_that_never_come_together(rng):
    paid = rng.choice(["card", "cash", "none"], 600)
    tip = np.where(paid == "none", "none", rng.choice(["none", "small", "large"], 600))
    frame = pd.get_dummies(pd.DataFrame({"paid": paid, "tip": tip}), dtype=int)
    frame["miles"] = rng.gamma(2, 3, 600)
    gan = TabularGAN(n_steps=1, locality=0, random_state=0).fit(frame)
    assert [str(r) for r in gan.relations_][2:] == ["'tip_none' is 1 where 'paid_none' is 1"]
    wrong = frame.assign(paid_card=0, paid_cash=0, paid_none=1)
    assert gan.relations_[2].broken(wrong).tolist() == (frame["tip_none"] == 0).tolist()
    made = gan.sample(500)[0]
    assert (made["paid_none"] <= made["tip_none"]).all() and made["paid_none"].mean() > 0.1
    for block in ("paid_", "tip_"):
        assert (made.filter(like=block).sum(axis=1) == 1).all()


def test_zero_below_a_bound_of_a_number_that_is_above_it_anyway(rng):
    age = rng.integers(0, 90, 2000)
    frame = pd.DataFrame({"age": age, "children": np.where(age < 16, 0, rng.poisson(1.2, 2000))})
    codec = TableCodec().fit(frame)
    order, bound = codec.relations_
    assert str(order) == "'age' is never below 'children'"
    assert bound.broken(pd.DataFrame({"age": [15, 15, 16], "children": [1, 0, 1]})).tolist() == [
        True, False, False,
    ]  # fmt: skip


def test_what_is_known_together_is_said():
    gone = np.arange(400) % 3 == 0
    frame = pd.DataFrame({"a": np.arange(400) % 7 / 2, "b": np.arange(400) % 11 / 4 + 1})
    (relation,) = found(frame.mask(np.column_stack([gone, gone])).iloc[::-1])
    assert str(relation) == "'a' and 'b' are missing together"
    (relation,) = found(frame.mask(np.column_stack([gone, ~gone])))
    assert str(relation) == "exactly one of 'a' and 'b' is known"


def test_each_pair_of_columns_is_a_line_of_its_own_with_its_own_exceptions(rng):
    role = rng.choice(["Husband", "Wife", "Child", "Other"], 2000)
    sex = np.where(
        role == "Husband", "M", np.where(role == "Wife", "F", rng.choice(["F", "M"], 2000))
    )
    spouse = np.isin(role, ["Husband", "Wife"])
    married = np.where(spouse, "yes", rng.choice(["no", "once", "yes"], 2000))
    frame = pd.DataFrame({"role": role, "sex": sex, "married": married})
    frame.loc[np.flatnonzero(role == "Wife")[0], "sex"] = "M"
    lines = [line for relation in found(frame) for line in relation.each()]
    assert sorted(map(str, lines)) == [
        "'married' is 'yes' where 'role' is 'Husband' or 'Wife'",
        "'sex' is 'M' where 'role' is 'Husband', 'F' where it is 'Wife' "
        "(but in 0.05% of the rows)",
    ]
    for relation in found(frame):
        parts = [line.broken(frame) for line in relation.each()]
        np.testing.assert_array_equal(np.logical_or.reduce(parts), relation.broken(frame))
        assert [line.exceptions for line in relation.each()] == [p.mean() for p in parts]


def test_a_state_that_a_cell_changes_to_is_drawn_as_real_rows_have_it(rng):
    frame = services(rng, 3000)
    frame.loc[frame["internet"] == "DSL", "tv"] = rng.choice(["yes", "no"], 3000, p=[0.9, 0.1])[
        frame["internet"] == "DSL"
    ]
    (relation,) = [r for r in found(frame) if r.name == "tv"]
    known = {"internet": pd.Series(["DSL"] * 2000)}
    new = relation.decode(known, [pd.Series(["no internet"] * 2000)], 2000)["tv"]
    assert (new == "yes").mean() == pytest.approx(0.9, abs=0.03)


def test_a_typo_stays_the_only_one(rng):
    frame = payments(rng, 4000)
    frame.loc[frame.index[frame["paid"] == "cash"][0], "tip"] = 5.0
    (relation,) = found(frame)
    assert relation.exceptions == 1 / 4000 and "(but in 0.03% of the rows)" in str(relation)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32), st.integers(2, 5), st.integers(2, 5), st.sampled_from([0, 0.2]))
def test_any_empty_cells_stay_empty(seed, rows, columns, missing):
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.full(rows * columns, 4.0)).reshape(rows, columns)
    joint[rng.integers(rows), rng.integers(columns)] = 0
    cells = rng.choice(rows * columns, 1000, p=joint.ravel() / joint.sum())
    frame = pd.DataFrame({"a": cells // columns, "b": cells % columns}).astype(str)
    frame["a"] = frame["a"].mask(rng.random(1000) < missing)
    frame["x"] = rng.normal(size=1000)
    codec, made = made_of(frame)
    for relation in codec.relations_:
        assert not relation.broken(frame).any() and not relation.broken(made).any()
    counts = pd.crosstab(frame["a"], frame["b"])
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.to_numpy().sum()
    empty = (counts.to_numpy() == 0) & (expected > 30)
    new = pd.crosstab(made["a"], made["b"]).reindex_like(counts).fillna(0).to_numpy()
    assert not new[empty].any()


@pytest.mark.parametrize("seed", range(5))
def test_independent_columns_have_no_such_combinations(seed):
    rng = np.random.default_rng(seed)
    frame = pd.concat([services(rng), payments(rng, 800)], axis=1)
    frame["tip"] = frame["tip"].mask(rng.random(800) < 0.2)
    assert found(frame.apply(rng.permutation)) == []


@pytest.mark.parametrize(
    "change", [{"column": [0]}, {"column": []}, {"others": []}, {"others": [1]}, {"others": [9]}]
)
def test_what_no_fit_learns_is_refused(rng, change):
    codec = TableCodec().fit(payments(rng))
    (facts,) = codec.relations_to_plain()
    again = TableCodec.from_arrays(codec.schema_, [facts], codec.arrays())
    assert str(again.relations_[0]) == str(codec.relations_[0])
    with pytest.raises(InputError):
        TableCodec.from_arrays(codec.schema_, [facts | change], codec.arrays())
    arrays = codec.arrays() | {"relation0/allowed0": np.zeros((3, 3), dtype=bool)}
    with pytest.raises(InputError):
        TableCodec.from_arrays(codec.schema_, [facts], arrays)

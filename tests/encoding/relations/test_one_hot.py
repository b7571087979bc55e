"""One-hot blocks, however they are spelled, are found, learnt as one category and kept."""

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from gan_augment.encoding.relations.find import find_relations
from gan_augment.encoding.relations.one_hot import OneHot
from gan_augment.encoding.schema import Schema
from gan_augment.encoding.table import TableCodec
from gan_augment.exceptions import InputError


def labels(rng, n=400):
    return pd.DataFrame(
        {
            "sex": rng.choice(["m", "f"], n),
            "city": rng.choice(["Oslo", "Bonn", "Rome", "Kiev"], n, p=[0.6, 0.2, 0.15, 0.05]),
            "job": rng.choice(list("abcdefgh"), n),
        }
    )


def blocks(frame):
    relations = find_relations(frame, Schema.infer(frame), [OneHot])
    return sorted(tuple(r.members) for r in relations), relations


def made_of(frame, n=1000):
    codec = TableCodec().fit(frame)
    assert codec.decode(codec.encode(frame))[0].equals(frame)
    return codec.decode(encoded_noise(codec, n, np.random.default_rng(0)))[0]


SPELLINGS = {
    **{dtype: lambda f, dtype=dtype: f.astype(dtype) for dtype in ("bool", "int8", "float32")},
    "boolean": lambda f: f.astype("boolean"),
    "scaled": lambda f: pd.DataFrame(StandardScaler().fit_transform(f), columns=f.columns),
    "array": lambda f: pd.DataFrame(f.to_numpy(dtype=float)),
}


@pytest.mark.parametrize("how", SPELLINGS)
@pytest.mark.parametrize("dropped", [False, True])
def test_blocks_are_found_and_kept(rng, how, dropped):
    known = labels(rng)
    hot = pd.get_dummies(known, drop_first=dropped)
    frame = SPELLINGS[how](hot)
    frame.insert(0, 99 if how == "array" else "age", rng.integers(20, 60, 400))
    found, relations = blocks(frame)
    wanted, start = [], 0
    for name in known:
        width = known[name].nunique() - dropped
        wanted += [tuple(frame.columns[1:][start : start + width])] * (width > 1)
        start += width
    assert found == sorted(wanted)
    made = made_of(frame)
    assert made.dtypes.equals(frame.dtypes)
    for relation in relations:
        assert relation.may_be_off == dropped and not relation.broken(made).any()
        off = ~relation._on(made).any(axis=1)
        assert off.any() == dropped


def test_blocks_of_a_column_transformer_in_any_order(rng):
    known = labels(rng).assign(age=rng.normal(size=400))
    encoder = OneHotEncoder(sparse_output=False)
    both = make_column_transformer((StandardScaler(), ["age"]), (encoder, ["sex", "city", "job"]))
    frame = both.set_output(transform="pandas").fit_transform(known)
    mixed = frame[rng.permutation(frame.columns)]
    assert [sorted(b) for b in blocks(frame)[0]] == sorted(sorted(b) for b in blocks(mixed)[0])
    assert len(blocks(mixed)[0]) == 3


def test_a_level_that_few_of_many_rows_have_belongs_to_the_block(rng):
    city = rng.choice(["Oslo", "Bonn", "Rome"], 30_000).astype(object)
    city[[777, 20_123]] = "Kiev"
    for dropped in (False, True):
        frame = pd.get_dummies(pd.DataFrame({"city": city}), drop_first=dropped)
        (found,), (relation,) = blocks(frame)
        assert found == tuple(frame.columns) and relation.exceptions == 0


def test_exceptions_of_others_are_named_and_words_say_what_holds(rng):
    frame = pd.get_dummies(labels(rng)[["sex"]])
    (_, (relation,)) = blocks(frame)
    other = pd.DataFrame({"sex_f": [True, False, True], "sex_m": [True, False, False]})
    assert relation.broken(other).tolist() == [True, True, False]
    assert str(relation) == "exactly one of 'sex_f' and 'sex_m' is on"


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32), st.lists(st.integers(2, 7), min_size=1, max_size=4), st.booleans())
def test_any_blocks_come_back(seed, widths, dropped):
    rng = np.random.default_rng(seed)
    known = pd.DataFrame(
        {
            f"c{i}": rng.choice(width, 600, p=rng.dirichlet(np.full(width, 5.0)))
            for i, width in enumerate(widths)
        }
    )
    frame = pd.get_dummies(known.astype(str), drop_first=dropped, dtype=int)
    frame["x"] = rng.normal(size=600)
    made = made_of(frame)
    for name in known:
        block = made.filter(like=f"{name}_").sum(axis=1)
        assert (block <= 1).all() if dropped else (block == 1).all()


@pytest.mark.parametrize("seed", range(20))
def test_independent_columns_are_no_block(seed):
    rng = np.random.default_rng(seed)
    hot = pd.get_dummies(labels(rng, 150), dtype=int)
    assert blocks(hot.apply(rng.permutation))[0] == []


@pytest.mark.parametrize(
    "change",
    [{"columns": [0]}, {"columns": [0, 0]}, {"columns": [0, 9]}, {"columns": [0, 2]},
     {"may_be_off": 1}, {"kind": "other"}, {"exceptions": "no"}],
)  # fmt: skip
def test_what_no_fit_learns_is_refused(rng, change):
    frame = pd.get_dummies(labels(rng)[["sex"]]).assign(word=rng.choice(list("abc"), 400))
    codec = TableCodec().fit(frame)
    (facts,) = codec.relations_to_plain()
    TableCodec.from_arrays(codec.schema_, [facts], codec.arrays())
    with pytest.raises(InputError):
        TableCodec.from_arrays(codec.schema_, [facts | change], codec.arrays())

"""New rows are as far from a product as real ones; what is exact is an equation."""

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise

from gan_augment.encoding.relations.find import find_relations
from gan_augment.encoding.relations.products import Product
from gan_augment.encoding.schema import Schema
from gan_augment.encoding.table import TableCodec
from gan_augment.exceptions import InputError


def found(frame):
    return find_relations(frame, Schema.infer(frame), [Product])


def charges(rng, n=800, noise=0.03):
    frame = pd.DataFrame(
        {"months": rng.integers(0, 72, n), "rate": rng.uniform(18, 120, n).round(2)}
    )
    total = frame["months"] * frame["rate"] * np.exp(rng.normal(0, noise, n))
    return frame.assign(total=total.round(2))


def error(frame):
    product = frame["months"] * frame["rate"]
    return ((frame["total"] - product).abs() / product)[product > 0].median()


def made_of(frame, n=1000, atol=0.0):
    codec = TableCodec().fit(frame)
    pd.testing.assert_frame_equal(
        codec.decode(codec.encode(frame))[0], frame, rtol=1e-4, atol=atol
    )
    return codec, codec.decode(encoded_noise(codec, n, np.random.default_rng(0)))[0]


def test_the_ratio_is_learnt_where_rows_are_near_the_product(rng):
    frame = charges(rng)
    (relation,) = found(frame)
    assert str(relation) == "'total' is about 'months' x 'rate'"
    made = made_of(frame)[1]
    assert error(made) < 1.5 * error(frame)
    assert (made.loc[made["months"] == 0, "total"] == 0).all()
    assert made["total"].max() <= frame["total"].max()


def test_missing_totals_stay_as_missing(rng):
    frame = charges(rng)
    frame["total"] = frame["total"].mask(rng.random(len(frame)) < 0.2)
    codec, made = made_of(frame)
    assert [r.kind for r in codec.relations_] == ["product"]
    assert made["total"].isna().any() and error(made.dropna()) <= 1.5 * error(frame) + 1e-4


@pytest.mark.parametrize("share", [0.0, 0.1])
def test_an_exact_product_is_an_equation_also_where_columns_are_too_many_for_these(rng, share):
    frame = charges(rng, noise=0.0).rename(columns={"rate": "the rate"})
    frame["total"] = frame["total"].mask(rng.random(len(frame)) < share)
    (relation,) = found(frame)
    assert str(relation) == "'total' is months * `the rate`" and relation.kind == "formula"
    assert not relation.broken(frame).any()
    wrong = frame.assign(total=frame["total"] + 1)
    assert relation.broken(wrong).sum() == frame["total"].notna().sum()


@pytest.mark.parametrize("seed", range(5))
def test_independent_columns_are_no_product(seed):
    rng = np.random.default_rng(seed)
    frame = charges(rng, 300)
    assert found(frame.apply(rng.permutation)) == []
    assert found(frame.assign(total=frame["rate"] * np.exp(rng.normal(0, 0.02, 300)))) == []


@pytest.mark.parametrize(
    "change",
    [{"column": [0]}, {"factors": [1]}, {"scale": 0.0}, {"ratio": [2.0, 1.0]}, {"ratio": [1]}],
)
def test_what_no_fit_learns_is_refused(rng, change):
    codec = TableCodec().fit(charges(rng))
    (facts,) = codec.relations_to_plain()
    again = TableCodec.from_arrays(codec.schema_, [facts], codec.arrays())
    assert str(again.relations_[0]) == str(codec.relations_[0])
    with pytest.raises(InputError):
        TableCodec.from_arrays(codec.schema_, [facts | change], codec.arrays())

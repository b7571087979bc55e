"""What two columns decide together is found and kept; what one decides nearly is no such thing."""

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise

from gan_augment.encoding.relations.find import find_relations
from gan_augment.encoding.relations.pair_look_up import PairLookUp
from gan_augment.encoding.schema import Schema
from gan_augment.encoding.table import TableCodec
from gan_augment.exceptions import InputError


def sales(rng, n=600):
    frame = pd.DataFrame({"what": rng.choice(list("abcd"), n), "size": rng.choice([1, 2, 5], n)})
    code = frame["what"].map(dict(zip("abcd", range(4), strict=True)))
    frame["price"] = (code * 7 + frame["size"] * 3) % 5 + 0.5
    return frame.assign(x=rng.normal(size=n))


def found(frame):
    return [str(r) for r in find_relations(frame, Schema.infer(frame), [PairLookUp])]


def test_the_third_column_is_right_in_every_row(rng):
    frame = sales(rng)
    frame.loc[3, "price"] = 0.5 if frame.loc[3, "price"] != 0.5 else 1.5
    frame.loc[::40, "what"] = None
    assert found(frame) == ["'what' and 'size' together decide 'price' (but in 0.17% of the rows)"]
    codec = TableCodec().fit(frame)
    made = codec.decode(encoded_noise(codec, 900, rng))[0]
    (relation,) = (r for r in codec.relations_ if isinstance(r, PairLookUp))
    assert not relation.broken(made).any() and made["what"].isna().any()
    real = set(map(tuple, frame.drop(3).dropna()[["what", "size", "price"]].to_numpy()))
    kept = made.dropna()
    kept = kept[kept["size"].isin(frame["size"])]
    assert set(map(tuple, kept[["what", "size", "price"]].to_numpy())) <= real
    again = TableCodec.from_arrays(codec.schema_, codec.relations_to_plain(), codec.arrays())
    rows = encoded_noise(codec, 50, rng)
    pd.testing.assert_frame_equal(again.decode(rows)[0], codec.decode(rows)[0])


@pytest.mark.parametrize("seed", range(10))
def test_independent_columns_decide_nothing_together(seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {f"c{i}": rng.integers(0, k, 300).astype(str) for i, k in enumerate([3, 4, 9, 30, 2])}
    )
    assert found(frame) == []


def test_what_one_column_decides_nearly_is_no_pair(rng):
    frame = pd.DataFrame({"zone": rng.integers(0, 20, 300), "other": rng.integers(0, 40, 300)})
    frame["borough"] = frame["zone"] // 5
    frame.loc[:5, "borough"] = 3 - frame.loc[:5, "borough"]
    assert found(frame) == []


@pytest.mark.parametrize(
    "change", [{"second": [0]}, {"second": []}, {"second": [3]}, {"moves": True}]
)
def test_what_no_fit_learns_is_refused(rng, change):
    codec = TableCodec().fit(sales(rng))
    (facts,) = codec.relations_to_plain()
    assert facts["second"] == [1]
    with pytest.raises(InputError):
        TableCodec.from_arrays(codec.schema_, [facts | change], codec.arrays())

"""Parts that never make more than their whole stay so in new rows."""

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise
from hypothesis import given
from hypothesis import strategies as st

from gan_augment import TabularGAN, load
from gan_augment.encoding.relations.find import find_relations
from gan_augment.encoding.relations.remainders import Remainder
from gan_augment.encoding.schema import Schema
from gan_augment.encoding.table import TableCodec
from gan_augment.exceptions import InputError


def votes(rng, n=400):
    """Votes of three parties, and how many people may vote."""
    voters = rng.integers(200, 9000, n)
    shares = rng.dirichlet([3, 2, 1, 1], n)[:, :3]
    frame = pd.DataFrame(np.floor(shares * voters[:, None]), columns=["red", "blue", "green"])
    return frame.astype(int).assign(voters=voters)


def found(frame):
    return find_relations(frame, Schema.infer(frame), [Remainder])


@pytest.mark.parametrize(("scale", "decimals"), [(1, 2), (100, 0), (100, 1)])
def test_shares_of_which_one_was_dropped(rng, scale, decimals):
    shares = (rng.dirichlet([2, 1, 1, 1], 600)[:, :3] * scale).round(decimals)
    frame = pd.DataFrame(shares, columns=list("abc")).assign(x=rng.normal(size=600))
    (relation,) = find_relations(frame, Schema.infer(frame))
    assert relation.words() == f"'a', 'b' and 'c' together are never more than {scale}"
    codec = TableCodec().fit(frame)
    made = codec.decode(encoded_noise(codec, 500, rng))[0]
    assert (made[["a", "b", "c"]].sum(axis=1) <= scale + 1e-9).all()
    assert made["a"].std() > 0.5 * frame["a"].std()
    kept = frame[~relation.broken(frame)]
    again = codec.decode(codec.encode(kept))[0]
    pd.testing.assert_frame_equal(again, kept.reset_index(drop=True), rtol=1e-6)


@given(st.integers(0, 2**32), st.sampled_from([0, 0.1]), st.sampled_from(["int64", "float64"]))
def test_parts_stay_below_their_total(seed, missing, dtype):
    rng = np.random.default_rng(seed)
    frame = votes(rng).astype(dtype if not missing else float)
    frame = frame.mask(rng.random(frame.shape) < missing)
    relation = next(iter(found(frame)))
    assert (relation.parts, relation.whole) == (("red", "blue", "green"), ("voters",))
    codec = TableCodec().fit(frame)
    made = codec.decode(encoded_noise(codec, 300, rng))[0]
    assert not (made[["red", "blue", "green"]].sum(axis=1) > made["voters"]).any()
    assert (made.isna().any() == frame.isna().any()).all() and made.min().min() >= 0


@given(st.integers(0, 2**32))
def test_numbers_that_are_no_parts_are_none(seed):
    rng = np.random.default_rng(seed)
    a = rng.uniform(0, 60, 400)
    frame = pd.DataFrame(
        {"a": a, "b": 60 - a + rng.normal(20, 5, 400), "c": rng.uniform(0, 50, 400)}
    )
    frame["most"] = frame[["a", "c"]].max(axis=1) * 3
    assert found(frame) == []


def test_a_file_keeps_it_and_others_that_break_it_are_told(tmp_path, rng):
    frame = votes(rng, 300)
    gan = TabularGAN(n_steps=0, random_state=0).fit(frame)
    gan.save(tmp_path / "model")
    same = load(tmp_path / "model")
    pd.testing.assert_frame_equal(same.sample(100)[0], gan.sample(100)[0])
    mixed = frame.assign(voters=frame["voters"].to_numpy()[::-1])
    more = frame[["red", "blue", "green"]].sum(axis=1) > mixed["voters"]
    assert same.relations_[0].broken(mixed).tolist() == more.tolist() and more.any()


@pytest.mark.parametrize(
    "change",
    [
        {"parts": [0]}, {"parts": [0, 3]}, {"whole": [0]}, {"whole": [1, 3]}, {"parts": [0, 4]},
        {"most": -1.0}, {"most": float("nan")}, {"most": 1}, {"parts": [0, 0]},
    ],
)  # fmt: skip
def test_what_no_fit_learns_is_refused(rng, change):
    frame = votes(rng).assign(text="a")
    frame.loc[0, "text"] = "b"
    codec = TableCodec().fit(frame)
    facts = next(f for f in codec.relations_to_plain() if f["kind"] == "remainder")
    Remainder.from_plain(facts, {}, codec.schema_)
    with pytest.raises(InputError):
        Remainder.from_plain(facts | change, {}, codec.schema_)

"""A table as numbers and codes: what is encoded returns, and any of them decode to valid rows."""

import time

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as any_array

from gan_augment.encoding.rows import Block, Encoding
from gan_augment.encoding.table import TableCodec
from gan_augment.exceptions import InputError


def wide_frame(rng, n=60):
    """A column of every sort that can be learnt, missing cells in half of them."""
    some = rng.random(n) < 0.2
    frame = pd.DataFrame(
        {
            "small": rng.integers(-128, 128, n).astype("int8"),
            "byte": rng.integers(0, 256, n).astype("uint8"),
            "huge": rng.integers(2**63, 2**64 - 1, n, dtype="uint64"),
            "odd": 2**53 + 1 + 2 * rng.integers(0, 99, n),
            "count": pd.array(rng.poisson(2, n), dtype="Int64"),
            "flag": pd.array(rng.random(n) < 0.4, dtype="boolean"),
            "bit": rng.random(n) < 0.5,
            "half": rng.normal(size=n).astype("float16"),
            "price": rng.normal(9, 3, n).round(2).astype("float32"),
            "gap": rng.normal(size=n),
            "word": rng.choice(["a", "b", "c"], n),
            "text": pd.array(rng.choice(["x", "y"], n), dtype="string"),
            "arrow": pd.array(rng.choice(["x", "y"], n), dtype="string[pyarrow]"),
            "level": pd.Categorical(rng.choice(["s", "m"], n), ["s", "m", "l"], ordered=True),
            "day": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 400, n), "D"),
            "zoned": pd.to_datetime(rng.integers(0, 2**31, n), unit="s", utc=True),
            "spell": pd.to_timedelta(rng.integers(-900, 900, n), "min"),
            "always": "x",
            "never": pd.array([pd.NA] * n, dtype="Int32"),
        }
    )
    frame["zoned"] = frame["zoned"].dt.tz_convert("Europe/Oslo").dt.as_unit("s")
    for name in ("count", "flag", "gap", "word", "arrow", "level", "day", "spell"):
        frame.loc[some, name] = None
    return frame


@pytest.fixture
def frame(rng):
    return wide_frame(rng)


def assert_valid(made, frame):
    """Rows of the frame's dtypes, in its bounds, on its grid, missing only where it was."""
    assert made.dtypes.equals(frame.dtypes)
    assert list(made.columns) == list(frame.columns)
    missing = made.isna().any()
    assert not missing[~frame.isna().any()].any()
    for name in made.columns:
        seen, new = frame[name].dropna(), made[name].dropna()
        if not len(new):
            continue
        if name in ("flag", "bit", "word", "text", "arrow", "level", "always"):
            assert set(new) <= set(seen)
        else:
            assert seen.min() <= new.min() <= new.max() <= seen.max()
    assert {int(value) % 2 for value in made["odd"]} <= {1}
    assert (made["price"] == made["price"].astype("float64").round(2).astype("float32")).all()
    days = made["day"].dropna()
    assert (days == days.dt.normalize()).all()
    assert (made["spell"].dropna() % pd.Timedelta(1, "min") == pd.Timedelta(0)).all()


@pytest.mark.parametrize("spread", [False, True])
def test_the_round_trip_is_exact(frame, rng, spread):
    codec = TableCodec().fit(frame)
    back, target = codec.decode(codec.encode(frame, rng=rng if spread else None))
    # beyond 2**53 steps from zero a score cannot hold every last digit
    near, seen = back.pop("huge").astype(float), frame.pop("huge").astype(float)
    np.testing.assert_allclose(near, seen, rtol=1e-15)
    pd.testing.assert_frame_equal(back, frame, check_exact=True)
    assert target is None


@pytest.mark.parametrize("scale", [0.0, 1.0, 100.0])
def test_normal_scores_and_any_codes_decode_to_valid_rows(frame, rng, scale):
    codec = TableCodec().fit(frame)
    assert_valid(codec.decode(encoded_noise(codec, 2000, rng, scale))[0], frame)


FITTED = {}


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_any_finite_scores_decode_to_valid_rows(data):
    if not FITTED:
        FITTED["frame"] = wide_frame(np.random.default_rng(0))
        FITTED["codec"] = TableCodec().fit(FITTED["frame"])
    codec = FITTED["codec"]
    finite = st.floats(width=32, allow_nan=False)
    rows = encoded_noise(codec, 3, np.random.default_rng(0))
    shape = rows.numbers.shape
    rows.numbers[:] = data.draw(any_array(np.float32, shape, elements=finite))
    assert_valid(codec.decode(rows)[0], FITTED["frame"])


def test_blocks_tile_the_wide_form_and_agree_with_what_is_encoded(frame):
    codec = TableCodec().fit(frame, np.linspace(0, 1, len(frame)))
    rows = codec.encode(frame, np.linspace(0, 1, len(frame)))
    assert rows.numbers.dtype == np.float32
    assert rows.codes.dtype == np.uint8
    numbers, codes, ends = iter(rows.numbers.T), iter(rows.codes.T), [0]
    blocks = codec.encoding_.blocks
    for i, block in enumerate(blocks):
        assert block.start == ends[-1] < block.stop
        ends.append(block.stop)
        width = block.stop - block.start
        if block.activation == "score":
            number = next(numbers)
            assert width == 1
            assert np.nanmax(np.abs(number)) < 5
            optional = blocks[i + 1 : i + 2]
            assert not np.isnan(number).any() or optional[0].activation == "missing"
        elif block.activation == "missing":
            assert width == 2
            assert blocks[i - 1].activation == "score"
        else:
            assert next(codes).max() < width
    assert (next(numbers, None), next(codes, None)) == (None, None)
    assert ends[-1] == codec.width_
    assert blocks[-1].activation == "score"  # the target


def test_codes_are_the_smallest_integers_that_torch_knows_too():
    for n, kind in ((256, np.uint8), (257, np.int16), (40_000, np.int32)):
        assert Encoding([Block(0, n, "softmax")]).code_dtype == kind


def test_a_wide_table_is_encoded_in_little_more_than_its_own_memory(rng):
    frame = pd.DataFrame(
        {i: pd.Categorical.from_codes(rng.integers(0, 400, 2000), range(400)) for i in range(30)}
    )
    codec = TableCodec().fit(frame)
    rows = codec.encode(frame)
    assert codec.width_ > 11_000
    assert rows.numbers.nbytes + rows.codes.nbytes == 2 * frame.size


def test_a_target_is_one_more_score_inside_its_bounds(frame, rng):
    target = np.where(rng.random(len(frame)) < 0.5, 0.0, rng.lognormal(size=len(frame)))
    codec = TableCodec().fit(frame, target)
    assert codec.width_ == TableCodec().fit(frame).width_ + 1
    np.testing.assert_array_equal(codec.decode(codec.encode(frame, target))[1], target)
    made, values = codec.decode(encoded_noise(codec, 5000, rng))
    assert len(made) == len(values) == 5000
    assert values.min() == target.min()
    assert values.max() == target.max()
    assert (values == 0).mean() == pytest.approx((target == 0).mean(), abs=0.04)


@pytest.mark.parametrize("names", [["b", "a", "c"], [2, 0, 1], [0, 1, 2]])
def test_order_and_names_of_columns_are_kept(rng, names):
    frame = pd.DataFrame(rng.normal(size=(9, 3)), columns=names)
    frame[names[1]] = ["u", "v", "w"] * 3
    codec = TableCodec().fit(frame)
    made, _ = codec.decode(codec.encode(frame))
    pd.testing.assert_frame_equal(made, frame)


def test_a_table_of_constants_has_no_width(rng):
    frame = pd.DataFrame({"a": [1] * 4, "b": ["x"] * 4, "c": [None] * 4})
    codec = TableCodec().fit(frame)
    assert codec.width_ == 0
    assert codec.encoding_.blocks == ()
    rows = codec.encode(frame)
    assert rows.numbers.shape == rows.codes.shape == (4, 0)
    pd.testing.assert_frame_equal(codec.decode(rows)[0], frame)


def test_ignored_and_new_identifiers_beside_learnt_columns(rng):
    frame = pd.DataFrame(
        {
            "note": [f"text {i}" for i in range(40)],
            "id": np.arange(1000, 1040),
            "key": [f"k{i}" for i in range(40)],
            "a": rng.normal(size=40),
        }
    )
    codec = TableCodec({"note": "ignore", "id": "regenerate", "key": "regenerate"}).fit(frame)
    assert codec.width_ == 1
    made, _ = codec.decode(codec.encode(frame))
    assert made["note"].isna().all()
    for name in ("id", "key"):
        assert made[name].is_unique
        assert not made[name].isin(frame[name]).any()
    pd.testing.assert_series_equal(made["a"], frame["a"])


def test_what_was_learnt_is_rebuilt_from_arrays(frame, rng):
    big = pd.concat([frame] * 4, ignore_index=True)
    big["zone"] = rng.integers(0, 8, len(big)).astype(str)
    big["borough"] = big["zone"].map(lambda zone: "ABC"[int(zone) % 3])
    big["fee"] = big["zone"].map(lambda zone: int(zone) * 0.5 if zone != "3" else None)
    target = rng.normal(size=len(big))
    codec = TableCodec().fit(big, target)
    assert codec.relations_
    again = TableCodec.from_arrays(codec.schema_, codec.relations_to_plain(), codec.arrays())
    assert again.encoding_.blocks == codec.encoding_.blocks
    assert again.arrays().keys() == codec.arrays().keys()
    mine, other = codec.encode(big, target), again.encode(big, target)
    np.testing.assert_array_equal(mine.numbers, other.numbers)
    np.testing.assert_array_equal(mine.codes, other.codes)
    noise = encoded_noise(codec, 500, rng)
    (one, numbers), (two, same) = codec.decode(noise), again.decode(noise)
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    np.testing.assert_array_equal(numbers, same)


def test_arrays_hold_only_numbers_and_no_target_when_there_is_none(frame):
    codec = TableCodec().fit(frame)
    assert all(array.dtype.kind in "bif" for array in codec.arrays().values())
    again = TableCodec.from_arrays(codec.schema_, [], codec.arrays())
    assert again.target_scale_ is None
    assert again.width_ == codec.width_


def test_a_category_that_was_not_seen_is_refused_by_name():
    codec = TableCodec().fit(pd.DataFrame({"pet": ["cat", "dog"] * 3}))
    with pytest.raises(InputError, match=r"'pet'.*'emu'"):
        codec.encode(pd.DataFrame({"pet": ["cat", "emu"]}))


def test_five_thousand_categories_are_refused_before_any_column_is_learnt(rng, monkeypatch):
    frame = pd.DataFrame({"a": rng.normal(size=20_000), "zip": rng.integers(0, 5000, 20_000)})
    frame["zip"] = "z" + frame["zip"].astype(str)
    learnt = []
    monkeypatch.setattr(TableCodec, "_new_codecs", lambda *args: learnt.append(args))
    with pytest.raises(InputError, match="'zip'") as caught:
        TableCodec().fit(frame)
    assert not learnt
    assert str(frame["zip"].nunique()) in str(caught.value)


def test_the_cost_is_linear_in_the_rows(rng):
    def seconds(n):
        frame = pd.DataFrame(
            {"a": rng.normal(size=n), "k": rng.choice(["x", "y"], n), "i": rng.integers(0, 9, n)}
        )
        best = np.inf
        for _ in range(3):
            started = time.perf_counter()
            codec = TableCodec().fit(frame)
            codec.decode(codec.encode(frame))
            best = min(best, time.perf_counter() - started)
        return best

    seconds(100)
    assert seconds(80_000) < 60 * seconds(8_000)  # ten times the rows; a square would cost 100

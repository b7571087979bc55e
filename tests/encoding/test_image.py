"""Images in every layout, dtype and range come back as they were; what is none is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_augment.encoding.image import ImageCodec
from gan_augment.exceptions import InputError


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32", "float64", "bool"])
@pytest.mark.parametrize("shape", [(9, 8), (8, 9, 3), (3, 8, 9), (8, 8, 1)])
def test_a_round_trip_changes_nothing(rng, dtype, shape):
    X = rng.integers(0, 2 if dtype == "bool" else 200, (5, *shape)).astype(dtype)
    codec = ImageCodec().fit(X)
    encoded = codec.encode(X)
    assert encoded.shape == (5, *codec.shape_) and encoded.dtype == np.float32
    assert encoded.min() >= 0 and encoded.max() <= 1
    again = codec.restore(encoded)
    assert again.dtype == X.dtype
    np.testing.assert_array_equal(again, X)
    np.testing.assert_array_equal(ImageCodec.from_json(codec.to_json()).restore(encoded), X)


@pytest.mark.parametrize(
    ("values", "dtype", "found"),
    [
        ((0, 255), "uint8", (0, 255)),
        ((0, 7), "uint8", (0, 7)),
        ((0, 255), "int64", (0, 255)),
        ((0, 16), "int64", (0, 16)),
        ((0, 1), "float32", (0, 1)),
        ((0.1, 0.9), "float64", (0, 1)),
        ((-1, 1), "float32", (-1, 1)),
        ((-0.2, 0.5), "float32", (-1, 1)),
        ((-0.75, 0), "float32", (-1, 1)),
        ((0, 0.25), "float64", (0, 0.25)),
        ((0, 1e-310), "float64", (0, 1e-310)),
        ((0, 0), "float64", (0, 1)),
        ((0, 255), "float32", (0, 255)),
        ((0, 16), "float64", (0, 16)),
        ((-3, 7), "float64", (-3, 7)),
        ((0, 1000), "uint16", (0, 1000)),
    ],
)
def test_the_range_is_detected(values, dtype, found):
    X = np.full((2, 8, 8), values[0], dtype=dtype)
    X[0, 0, 0] = values[1]
    assert ImageCodec().fit(X).value_range_ == found


def test_a_range_of_ones_own_is_kept_and_checked():
    X = np.full((2, 8, 8), 100.0)
    assert ImageCodec(value_range=(0, 4095)).fit(X).value_range_ == (0, 4095)
    for wrong in ((0, 50), (5, 5), (0, np.inf), "wide", 3, (1, 2, 3)):
        with pytest.raises(InputError, match="value_range|range"):
            ImageCodec(value_range=wrong).fit(X)


def test_flat_rows_need_a_shape_and_keep_being_flat(rng):
    X = rng.integers(0, 256, (4, 8 * 9 * 3)).astype("uint8")
    codec = ImageCodec(image_shape=(8, 9, 3)).fit(X)
    assert codec.shape_ == (3, 8, 9)
    np.testing.assert_array_equal(codec.restore(codec.encode(X)), X)
    with pytest.raises(InputError, match="image_shape"):
        ImageCodec().fit(X)
    with pytest.raises(InputError, match="image_shape"):
        ImageCodec(image_shape=(8, 8)).fit(X)


def test_channels_first_and_last_hold_the_same_images(rng):
    X = rng.random((4, 8, 9, 3))
    last = ImageCodec().fit(X).encode(X)
    first = ImageCodec().fit(X.transpose(0, 3, 1, 2)).encode(X.transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(last, first)
    square = rng.random((4, 3, 8, 8))
    assert ImageCodec(channels="first").fit(square).shape_ == (3, 8, 8)
    with pytest.raises(InputError, match="channels='last'"):
        ImageCodec(channels="last").fit(square)


@given(st.floats(-2, 3))
def test_new_pixels_are_rounded_and_clipped_never_wrapped(value):
    X = np.arange(128, dtype="uint8").reshape(2, 8, 8)
    X[0, 0, 0] = 255
    pixel = ImageCodec().fit(X).restore(np.full((1, 1, 8, 8), value))[0, 0, 0]
    assert pixel == np.clip(round(255 * value), 0, 255)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "uint16", "float32", "float64"])
@pytest.mark.parametrize("levels", [(0, 1), (0, 255), (-1, 1), (0.25, 0.75), (0, 85, 170, 255)])
def test_black_and_white_stays_black_and_white(rng, dtype, levels):
    X = np.array(levels).astype(dtype)[rng.integers(0, len(levels), (5, 3, 8, 8))]
    codec = ImageCodec().fit(X)
    new = codec.restore(rng.uniform(-0.5, 1.5, (20, 3, 8, 8)))
    assert new.dtype == X.dtype and np.isin(new, X).all()
    again = ImageCodec.from_json(codec.to_json())
    np.testing.assert_array_equal(again.restore(codec.encode(X)), X)


def test_a_mask_in_the_alpha_channel_stays_a_mask(rng):
    X = rng.integers(0, 256, (6, 8, 8, 4), dtype="uint8")
    X[..., 3] = np.where(X[..., 3] > 99, 255, 0)
    for channels, images in (("last", X), ("first", X.transpose(0, 3, 1, 2))):
        codec = ImageCodec(channels=channels).fit(images)
        new = codec.restore(rng.random((9, 4, 8, 8)))
        alpha, grey = (new[..., 3], new[..., 0]) if channels == "last" else (new[:, 3], new[:, 0])
        assert set(np.unique(alpha)) == {0, 255} and len(np.unique(grey)) > 100
        again = ImageCodec.from_json(codec.to_json())
        np.testing.assert_array_equal(again.restore(codec.encode(images)), images)


@given(st.floats(-0.5, 1.5))
def test_images_of_denormal_floats_keep_their_range(value):
    X = np.linspace(0, 1e-310, 128).reshape(2, 8, 8)
    new = ImageCodec().fit(X).restore(np.full((1, 1, 8, 8), value))
    assert new.min() >= 0 and new.max() <= 1e-310
    assert new[0, 0, 0] == pytest.approx(np.clip(value, 0, 1) * 1e-310, abs=1e-320)


def test_five_levels_are_levels_of_grey(rng):
    X = rng.integers(0, 5, (5, 8, 8)).astype("float32") / 4
    assert len(np.unique(ImageCodec().fit(X).restore(rng.random((9, 1, 8, 8))))) > 100


@pytest.mark.parametrize(("shape", "cure"), [((8, 9, 5), "X[..., :3]"), ((5, 8, 9), "X[:, :3]")])
def test_more_than_four_channels_are_named(shape, cure):
    with pytest.raises(InputError, match="more than 4 channels are not learnt") as refused:
        ImageCodec().fit(np.zeros((3, *shape)))
    assert cure in refused.value.remedy and "5 channels" in refused.value.remedy


def bad_images():
    ok = np.zeros((3, 8, 8))
    hole = ok.copy()
    hole[1, 2, 3] = np.nan
    yield "NaN", hole, "image 1"
    yield "text", np.full((3, 8, 8), "a"), "dtype"
    yield "complex", ok + 1j, "dtype"
    yield "empty", ok[:0], "empty"
    yield "small", np.zeros((3, 4, 4)), "4 x 4"
    yield "large", np.zeros((3, 65, 65)), "65 x 65"
    yield "five dimensions", np.zeros((3, 8, 8, 3, 1)), "pass images as"
    yield "no channels", np.zeros((3, 8, 8, 9)), "channels"
    yield "byte order", ok.astype(">f4"), "byte order"
    yield "ragged", [np.zeros((8, 8)), np.zeros((9, 8))], "ragged"


@pytest.mark.parametrize(("X", "words"), [pytest.param(*c[1:], id=c[0]) for c in bad_images()])
def test_what_is_no_image_is_refused_in_one_sentence(X, words):
    with pytest.raises(InputError, match=words):
        ImageCodec().fit(X)


def test_other_images_than_those_learnt_are_refused():
    codec = ImageCodec().fit(np.zeros((2, 8, 8)))
    with pytest.raises(InputError, match="same shape"):
        codec.encode(np.zeros((2, 8, 9)))

"""Awkward images are refused in one sentence before any training; others come back exactly."""

import numpy as np
import pytest
from refusals import IMAGES, KINDS, refused, with_pixel

from gan_augment import (
    GANAugmenter,
    ImageGAN,
    ImageTransformGenerator,
)
from gan_augment.encoding.image import ImageCodec


def scaled(low, high, first=10):
    """Images of 0 to 1 with those from `first` on between other ends."""
    images = IMAGES / 255
    images[first:] = low + images[first:] * (high - low)
    return images


RAGGED = [np.ones((8 + i % 2, 8)) for i in range(20)]
SIZES = r"resize them to sides of 6 to 64 pixels"
SHAPE = r"pass images as \(n, h, w\), \(n, h, w, c\) or \(n, c, h, w\)"
DTYPE = r"pass images as integers or floats, e\.g\. uint8"

PICTURES = {
    "ranges_mixed": (
        scaled(0, 255), r"X mixes ranges of pixels, as image 0 lies within 0 to 1 and image "
        r"1\d reaches 255: multiply the former by 255"
    ),
    "one_image_of_another_range": (scaled(0, 255, 1), r"image 0 lies within 0 to 1.*multiply"),
    "ranges_mixed_around_zero": (
        np.concatenate([2 * scaled(0, 1)[:10] - 1, 255 * scaled(0, 1)[10:]]),
        r"X mixes ranges of pixels, as image 0.*: multiply",
    ),
    "shapes_mixed": (RAGGED, r"X is ragged, its images have different sizes.*: resize them"),
    "nan": (with_pixel(np.nan), r"X has nan at \(3, 2, 1\), image 3: pass images without NaN"),
    "infinite": (with_pixel(-np.inf), r"X has -inf at \(3, 2, 1\), image 3: pass images without"),
    "rows": (IMAGES.reshape(20, -1), r"X has shape \(20, 64\).*: pass image_shape, e\.g\..*8, 8"),
    "one_dimension": (IMAGES.ravel(), r"X has shape \(1280,\).*pass"),
    "five_dimensions": (IMAGES[..., None, None], rf"X has shape \(20, 8, 8, 1, 1\): {SHAPE}"),
    "one_pixel": (IMAGES[:, :1, :1], rf"X has images of 1 x 1 pixels: {SIZES}"),
    "large": (np.zeros((4, 100, 100), "uint8"), rf"X has images of 100 x 100 pixels: {SIZES}"),
    "complex": (IMAGES * 1j, rf"X has dtype complex128: {DTYPE}"),
    "objects": (IMAGES.astype(object), rf"X has dtype object: {DTYPE}"),
    "text": (IMAGES.astype(str), rf"X has dtype <U3: {DTYPE}"),
    "seven_channels": (
        np.zeros((20, 8, 8, 7)),
        r"\(8, 8, 7\), where no axis holds 1 to 4 .*: if .* 7 channels pass",
    ),
    "none": (None, r"X is None: pass an array of images"),
    "empty": (IMAGES[:0], r"X is empty \(shape=\(0, 8, 8\)\): pass at least two images"),
    "one_image": (IMAGES[:1], r"X has 1 sample.*at least 2 rows.*: pass more rows"),
    "a_label_short": (IMAGES, r"samples: \[20, 19\]\): pass one value of y"),
}  # fmt: skip


@pytest.mark.parametrize(
    "maker", [ImageGAN(n_steps=5), ImageTransformGenerator()], ids=["gan", "classic"]
)
@pytest.mark.parametrize("name", PICTURES)
def test_images(name, maker):
    images, says = PICTURES[name]
    labels = (
        KINDS[:19] if name == "a_label_short" else KINDS[: 20 if images is None else len(images)]
    )
    refused(lambda: maker.fit(images, labels), says)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"value_range": (0, 1)}, r"X has pixels from 0 to 255, outside value_range=\(0, 1\): pa"),
        ({"value_range": (1, 0)}, r"value_range=\(1, 0\) is no range: pass \(low, high\)"),
        ({"value_range": "bytes"}, r"value_range='bytes' is unknown: pass 'auto' or"),
        ({"channels": "middle"}, r"channels='middle' is unknown: pass 'auto', 'last' or 'first'"),
        ({"image_shape": (7, 7)}, r"image_shape=\(7, 7\) is not .* images in X, \(8, 8\): leave"),
        ({"n_steps": -1}, r"n_steps=-1 cannot be used: pass"),
        ({"target": "number"}, r"target='number' cannot be used.*pass \"auto\" or \"class\""),
    ],
)
def test_arguments_of_images(given, says):
    refused(lambda: ImageGAN(**given).fit(IMAGES, KINDS), says)


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 3), (3, 8, 8)])
def test_bytes_come_back_as_they_were(shape):
    images = np.random.default_rng(1).integers(0, 256, (40, *shape)).astype("uint8")
    codec = ImageCodec().fit(images)
    back = codec.restore(codec.encode(images))
    assert back.dtype == images.dtype and (back == images).all()


@pytest.mark.parametrize(
    ("images", "given"),
    [
        (IMAGES > 128, {}),
        (IMAGES, {}),
        (scaled(0, 255), {"value_range": (0, 255)}),  # meant to be so dark
        (np.where(np.arange(20)[:, None, None] < 3, 0.0, IMAGES), {}),  # black among others
        (np.where(np.arange(20)[:, None, None] < 3, 1.0, IMAGES), {}),
    ],
)
def test_images_that_work(images, given, monkeypatch):
    monkeypatch.undo()
    made, _ = ImageTransformGenerator(random_state=0, **given).fit(images, KINDS).sample(50)
    assert made.dtype == images.dtype and made.shape == (50, 8, 8)
    assert made.min() >= images.min() and made.max() <= images.max()
    data = GANAugmenter(ImageTransformGenerator(**given), n_samples=1.0).augment(images, KINDS)
    assert data.X[:20].tobytes() == images.tobytes()

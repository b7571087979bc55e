"""Pictures in a page: the bytes are a picture, and each has a text for who cannot see it."""

import re
from io import BytesIO

import numpy as np
import pytest

from gan_augment.evaluation.quality import quality_report
from gan_augment.report.page import Page, Section, Tile, Tiles
from gan_augment.report.png import png, strip


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_picture_is_read_back_as_it_was(channels):
    from PIL import Image

    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, channels)).astype(np.uint8)
    with Image.open(BytesIO(png(pixels))) as picture:
        picture.load()
        assert picture.mode == ["L", "LA", "RGB", "RGBA"][channels - 1]
        found = np.asarray(picture)
    assert np.array_equal(found.reshape(pixels.shape), pixels)


def test_a_strip_has_transparent_gaps():
    found = strip(np.full((3, 4, 5, 3), 7, dtype=np.uint8), gap=2)
    assert found.shape == (4, 3 * 7 - 2, 4)
    assert (found[:, 5:7, 3] == 0).all() and (found[:, :5] == [7, 7, 7, 255]).all()


def test_tiles_are_escaped():
    tile = Tile(np.zeros((2, 2), dtype=np.uint8), '"><script>', "<b>", scale=3)
    html = Page("t", "a", (Section("s", "", (Tiles((tile,), "c", "h"),)),)).to_html()
    assert 'alt="&#34;&gt;&lt;script&gt;"' in html and "&lt;b&gt;" in html
    assert 'width="6"' in html


def colours(n, seed, shape):
    return np.random.default_rng(seed).integers(0, 256, (n, *shape)).astype(np.uint8)


@pytest.mark.parametrize("shape", [(6, 9), (8, 8, 1), (8, 8, 2), (8, 8, 3), (4, 8, 8)])
def test_a_page_shows_images_of_any_make_without_labels(shape):
    sets = [colours(40, seed, shape) for seed in (0, 1)]
    html = quality_report(*sets, random_state=0).to_html()
    pictures = re.findall(r'<img class="tile" width="(\d+)" alt="([^"]*)" src="([^"]*)">', html)
    assert len(pictures) > 40
    assert all(text and source.startswith("data:image/png") for _, text, source in pictures)
    assert "http://" not in html and "https://" not in html
    assert "rows" not in re.sub(r"<(style|script)>.*?</\1>", "", html, flags=re.DOTALL)


def test_a_class_that_was_not_made_keeps_its_place_beside_the_real_one():
    sets = [colours(60, seed, (6, 6)) for seed in (0, 1)]
    labels = [np.repeat(["a", "b", "c"], 20), np.repeat(["a", "c", "c"], 20)]
    html = quality_report(*sets, target=tuple(labels), privacy=False, random_state=0).to_html()
    side = html[html.index('<div class="tiles pairs">') :]
    found = re.findall(r"<figcaption>([^<]*)</figcaption>", side)[:6]
    expected = ["a real", "a synthetic", "b real", "b synthetic: none", "c real", "c synthetic"]
    assert found == expected


def test_many_classes_and_a_page_without_privacy():
    sets = [colours(120, seed, (6, 6)) for seed in (0, 1)]
    labels = np.arange(120) % 30
    report = quality_report(*sets, target=(labels, labels), privacy=False, random_state=0)
    html = report.to_html()
    assert "20 of 30 classes are shown" in html and "Closest pairs" not in html


def test_the_page_of_large_images_stays_small():
    """Noise, which no format makes smaller."""
    sets = [colours(80, seed, (64, 64, 3)) for seed in (0, 1)]
    labels = np.arange(80) % 10
    report = quality_report(*sets, target=(labels, labels), random_state=0)
    assert len(report.to_html()) < 3_000_000

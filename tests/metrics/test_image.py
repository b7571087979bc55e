"""FID, KID and the features of images, beside what is known of them."""

import numpy as np
import pytest

from gan_augment.metrics.image import common_space, fid, kid_beside, random_features


def kid(a, b):
    """Its definition: means of the kernel over pairs, without those of a point with itself."""
    among = [((x @ x.T + 1) ** 3)[~np.eye(len(x), dtype=bool)].mean() for x in (a, b)]
    return sum(among) - 2 * ((a @ b.T + 1) ** 3).mean()


def test_kid_of_two_samples_of_one_distribution_has_0_in_its_interval():
    inside, rng = 0, np.random.default_rng(0)
    for _ in range(60):
        points = common_space(rng.normal(size=(3, 300, 20)))
        found = kid_beside(*points)
        low, high = found.value.interval(-np.inf, np.inf)
        inside += low <= 0 <= high
        assert found.value.value == pytest.approx(kid(points[0], points[1]))
    assert inside >= 52


def test_fid_and_kid_of_known_distributions():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 20_000, 2))
    assert fid(a, b) == pytest.approx(0, abs=0.01)
    # Of normal points: squared gap of the means plus squared gap of the standard deviations.
    assert fid(a, 2 * b + [3, 0]) == pytest.approx(9 + 2, rel=0.03)
    same, other = np.zeros((50, 1)), np.ones((50, 1))
    found = kid_beside(same, other, same)
    assert found.value.value == pytest.approx(8 + 1 - 2)
    assert found.reference.value == pytest.approx(0)


def test_random_features_come_from_the_seed_alone():
    images = np.random.default_rng(0).random((3, 3, 12, 9)).astype(np.float32)
    one, two, other = (
        random_features((3, 12, 9), np.random.default_rng(seed))(images) for seed in (0, 0, 1)
    )
    assert np.array_equal(one, two) and not np.allclose(one, other)


def test_wide_images_are_compared_in_their_main_directions_too():
    flats = np.random.default_rng(0).normal(size=(3, 60, 1200)).astype(np.float32)
    flats[:, :, :3] *= 50
    points = common_space(flats, scaled=False)
    assert points[0].shape == (60, 6)
    # Three directions hold nearly all of the spread.
    assert points[0].var(axis=0)[:3].sum() > 0.8

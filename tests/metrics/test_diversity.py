"""Diversity against the formulas of the papers, in one dimension, and against collapse."""

import numpy as np
import pytest

from gan_augment.metrics.diversity import prdc, rare_categories, within_class_variance
from gan_augment.metrics.features import Feature

LABEL = Feature("k", "category", "category", categories=("u", "v", "w"))


def naive_prdc(real, made, k):
    """The formulas of Naeem et al. (2020), spelled out for numbers on a line."""
    radius = [sorted(abs(x - y) for y in real)[k] for x in real]
    made_radius = [sorted(abs(x - y) for y in made)[k] for x in made]
    inside = [[abs(x - y) <= r for x, r in zip(real, radius, strict=True)] for y in made]
    return {
        "precision": np.mean([any(row) for row in inside]),
        "recall": np.mean(
            [any(abs(x - y) <= r for y, r in zip(made, made_radius, strict=True)) for x in real]
        ),
        "density": np.sum(inside) / (k * len(made)),
        "coverage": np.mean(np.any(inside, axis=0)),
    }


@pytest.mark.parametrize(("shift", "scale"), [(0, 1), (1, 0.3), (8, 1), (0, 3)])
def test_prdc_is_the_papers_formula(rng, shift, scale):
    real, made = rng.normal(size=60), rng.normal(shift, scale, size=45)
    found, covered, reach = prdc(real[:, None], made[:, None], k=5)
    expected = naive_prdc(real, made, 5)
    assert {name: e.value for name, e in found.items()} == pytest.approx(expected)
    assert covered.mean() == pytest.approx(expected["coverage"])
    assert ((reach <= 1) == covered).all()


def test_prdc_of_disjoint_clouds_is_nothing_and_of_a_copy_is_all(rng):
    real = rng.normal(size=(100, 3))
    far, _, _ = prdc(real, real + 100)
    same, _, _ = prdc(real, real.copy())
    assert all(e.value == 0 for e in far.values())
    assert all(same[name].value == 1 for name in ("precision", "recall", "coverage"))


def test_repeated_rows_cover_themselves():
    real = np.repeat([[0.0], [1.0]], 10, axis=0)
    assert prdc(real, real)[0]["coverage"].value == 1


def test_mode_collapse_shows_in_recall_and_coverage_but_not_in_precision(rng):
    centres = np.repeat([[0.0, 0.0], [20.0, 0.0]], 150, axis=0)
    real, made = centres + rng.normal(size=(300, 2)), rng.normal(size=(300, 2))
    found, _, _ = prdc(real, made)
    assert found["precision"].value > 0.9
    assert found["recall"].value < 0.55 and found["coverage"].value < 0.55


def test_rare_categories_are_asked_for_only_where_they_are_to_be_expected():
    real = np.repeat([0.0, 1.0, 2.0], [960, 36, 4])[:, None]
    share, rows = rare_categories((LABEL,), real, np.zeros((1000, 1)))
    assert share.value == 0 and rows == [(0, 1.0, 36, 0)]
    assert rare_categories((LABEL,), real, real)[0].value == 1
    assert np.isnan(rare_categories((LABEL,), real[:900], real)[0].value)


def test_the_error_of_rare_categories_is_the_luck_of_a_sample(rng):
    shares = np.array([0.9, 0.04, 0.03, 0.03])
    real = np.repeat(np.arange(4.0), (200 * shares).astype(int))[:, None]
    draws = [rng.choice(4, size=(70, 1), p=shares) for _ in range(2000)]
    features = (Feature("k", "category", "category", categories=tuple("abcd")),)
    found = [rare_categories(features, real, made, expected_rows=2)[0] for made in draws]
    assert np.std([share.value for share in found]) == pytest.approx(found[0].error, rel=0.2)
    alone, _ = rare_categories(features, real[real[:, 0] < 2], np.zeros((180, 1)))
    assert alone.value == 0 and 0 < alone.error < 0.1


@pytest.mark.parametrize(("shrink", "expected"), [(1.0, 1.0), (0.5, 0.25), (2.0, 0.25)])
def test_within_class_variance_is_the_ratio_either_way(rng, shrink, expected):
    real = rng.normal(size=(400, 2))
    labels = np.repeat([0.0, 1.0], 200)
    centres = np.array([[0, 0], [50, 0]])[labels.astype(int)]
    found = within_class_variance(real + centres, real * shrink + centres, labels, labels)
    for estimate, ratio in found.values():
        assert estimate.value == pytest.approx(expected, rel=1e-6)
        assert ratio == pytest.approx(shrink**2)


def test_a_class_that_is_not_there_has_no_spread(rng):
    real = rng.normal(size=(20, 1))
    found = within_class_variance(real, real, np.repeat([0.0, 1.0], 10), np.zeros(20))
    assert np.isnan(found[1.0][0].value) and found[0.0][0].value > 0

"""Reliability bins and the error that is expected of them, against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from gan_augment.selection.calibration import calibration_bins, calibration_error


def test_the_bins_of_two_classes_are_scikit_learns_curve_of_the_rarer_one(rng):
    chance = rng.random(500) ** 2
    y = np.where(rng.random(500) < chance, "rare", "usual")
    bins = calibration_bins(np.column_stack([chance, 1 - chance]), y, ["rare", "usual"], "rare")
    observed, predicted = calibration_curve(y == "rare", chance, n_bins=10)
    np.testing.assert_allclose([b[2] for b in bins], predicted)
    np.testing.assert_allclose([b[3] for b in bins], observed)
    assert sum(b[1] for b in bins) == 500


def test_several_classes_ask_how_often_the_prediction_is_right():
    sure = np.array([[0.95, 0.05, 0], [0.91, 0, 0.09], [0.1, 0.45, 0.45], [1.0, 0, 0]])
    found = calibration_bins(sure, list("abbc"), np.array(list("abc")), "c")
    assert found == ((4, 1, 0.45, 1.0), (9, 3, pytest.approx(0.953333), pytest.approx(1 / 3)))


def test_true_probabilities_have_a_small_error_and_shifted_ones_a_large_one(rng):
    chance = rng.random(20_000)
    y = (rng.random(20_000) < chance).astype(int)
    for shift, low, high in ((0.0, 0, 0.02), (0.2, 0.1, 0.2)):
        given = np.clip(chance + shift, 0, 1)
        bins = calibration_bins(np.column_stack([1 - given, given]), y, [0, 1], 1)
        _, n, predicted, observed = zip(*bins, strict=True)
        assert low <= calibration_error(n, predicted, observed) <= high


def test_nothing_is_said_of_no_rows_or_no_numbers():
    assert np.isnan(calibration_error([], [], []))
    assert calibration_bins(np.array([[np.nan, 1.0]]), [0], [0, 1], 0) == ()

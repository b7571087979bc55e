"""Statistics of folds: against hand-made and scipy's numbers, and the level under the null."""

import math

import numpy as np
import pytest
from scipy import stats
from sklearn.naive_bayes import GaussianNB

from gan_augment.exceptions import InputError
from gan_augment.selection.splits import make_folds
from gan_augment.selection.statistics import (
    corrected_interval,
    holm,
    rope_probabilities,
    wins_ties_losses,
)

DIFFERENCES = [0.02, 0.03, -0.01, 0.04, 0.02, 0.00, 0.05, 0.01, 0.02, 0.03]


def test_without_correction_it_is_the_paired_t_test_of_scipy():
    ours = corrected_interval(DIFFERENCES, 0.0)
    theirs = stats.ttest_1samp(DIFFERENCES, 0)
    low, high = theirs.confidence_interval(0.95)
    assert ours.p_value == pytest.approx(theirs.pvalue)
    assert (ours.low, ours.high) == pytest.approx((low, high))
    assert ours.mean == pytest.approx(0.021)


def test_the_correction_by_hand():
    # s**2 = 1 for (-1, 0, 1); 1/3 + 1/4 = 7/12; t(0.975, 2) = 4.302653
    ours = corrected_interval([9.0, 10.0, 11.0], 1 / 4)
    assert ours.scale == pytest.approx(math.sqrt(7 / 12))
    assert ours.high - ours.mean == pytest.approx(4.302653 * math.sqrt(7 / 12), rel=1e-6)
    # t = 10 / 0.763763 = 13.09307; two-sided with 2 degrees of freedom: 1 - t / sqrt(2 + t**2)
    t = 10 / math.sqrt(7 / 12)
    assert ours.p_value == pytest.approx(1 - t / math.sqrt(2 + t**2))


def test_the_formula_of_scikit_learns_grid_search_example():
    # compute_corrected_ttest there: corrected_std, t.sf(|t|, df); Bayesian: t(df, loc, scale)
    differences = np.array(DIFFERENCES)
    n_train, n_test = 80, 20
    std = np.sqrt(np.var(differences, ddof=1) * (1 / 10 + n_test / n_train))
    posterior = stats.t(9, loc=differences.mean(), scale=std)
    ours = rope_probabilities(differences, n_test / n_train, rope=0.01)
    assert ours["better"] == pytest.approx(1 - posterior.cdf(0.01))
    assert ours["equal"] == pytest.approx(posterior.cdf(0.01) - posterior.cdf(-0.01))
    assert sum(ours.values()) == pytest.approx(1)


def test_failed_folds_are_left_out():
    assert corrected_interval([0.1, math.nan, 0.2], 0.25) == corrected_interval([0.1, 0.2], 0.25)


@pytest.mark.parametrize(
    ("values", "p_value", "probabilities"),
    [
        ([0.0, 0.0, 0.0], 1.0, {"worse": 0, "equal": 1, "better": 0}),
        ([0.1] * 10, 0.0, {"worse": 0, "equal": 0, "better": 1}),
        ([-0.1] * 3, 0.0, {"worse": 1, "equal": 0, "better": 0}),
        ([0.005] * 3, 0.0, {"worse": 0, "equal": 1, "better": 0}),
    ],
)
def test_differences_without_scatter(values, p_value, probabilities):
    interval = corrected_interval(values, 0.25)
    assert interval.p_value == p_value and interval.low == interval.high == interval.mean
    assert rope_probabilities(values, 0.25) == probabilities


@pytest.mark.parametrize("values", [[], [0.1], [math.nan, 0.1]])
def test_one_fold_is_no_test(values):
    interval = corrected_interval(values, 0.25)
    assert math.isnan(interval.p_value) and math.isnan(interval.low)
    assert math.isnan(rope_probabilities(values, 0.25)["better"])


@pytest.mark.parametrize(
    "call",
    [
        lambda: corrected_interval(DIFFERENCES, -1),
        lambda: corrected_interval(DIFFERENCES, math.nan),
        lambda: corrected_interval(DIFFERENCES, 0.25, confidence=1),
        lambda: rope_probabilities(DIFFERENCES, 0.25, rope=-0.1),
        lambda: rope_probabilities(DIFFERENCES, 0.25, rope="wide"),
    ],
)
def test_impossible_arguments_are_refused(call):
    with pytest.raises(InputError):
        call()


def test_holm_by_hand():
    # Sorted .005, .01, .03, .04 times 4, 3, 2, 1: .02, .03, .06, .04 -> never falling
    found = holm([0.01, 0.04, 0.03, 0.005, math.nan])
    np.testing.assert_allclose(found, [0.03, 0.06, 0.06, 0.02, math.nan])
    assert holm([0.9, 0.8]).tolist() == [1.0, 1.0]
    assert holm([]).size == 0


def test_holm_agrees_with_rejecting_step_by_step(rng):
    for _ in range(50):
        p = rng.random(6) ** 3
        rejected = np.zeros(6, dtype=bool)
        for step, place in enumerate(np.argsort(p)):
            if p[place] > 0.05 / (6 - step):
                break
            rejected[place] = True
        np.testing.assert_array_equal(holm(p) <= 0.05, rejected)


def test_wins_ties_losses():
    assert wins_ties_losses([0.1, 1e-15, -0.2, 0.3, math.nan], tie=1e-12) == (2, 1, 1)


def test_the_corrected_test_keeps_its_level_where_the_paired_t_test_does_not(rng):
    # Folds of a null comparison: mean 0, and a correlation of the test share of the rows, 1/5.
    n, folds, rho = 4000, 10, 1 / 5
    shared = rng.normal(size=(n, 1)) * math.sqrt(rho)
    scores = shared + rng.normal(size=(n, folds)) * math.sqrt(1 - rho)
    corrected, naive = (
        np.mean([corrected_interval(row, ratio).p_value <= 0.05 for row in scores])
        for ratio in (1 / 4, 0.0)
    )
    assert 0.03 < corrected < 0.07
    assert naive > 0.15


def test_the_corrected_test_keeps_its_level_on_models_that_cannot_differ():
    """Two models that see half of six exchangeable columns each, on 200 tables of 100 rows."""
    significant = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(100, 6))
        y = (X.sum(axis=1) + 2 * rng.normal(size=100) > 0).astype(int)
        folds = make_folds(y, seed=seed)
        one, other = (
            [
                accuracy(half[fold.train], y[fold.train], half[fold.test], y[fold.test])
                for fold in folds
            ]
            for half in (X[:, :3], X[:, 3:])
        )
        difference = np.subtract(one, other)
        tests = (corrected_interval(difference, r) for r in (folds[0].test_to_train, 0.0))
        significant.append([found.p_value <= 0.05 for found in tests])
    corrected, naive = np.mean(significant, axis=0)
    assert corrected <= 0.07 < 0.1 < naive


def accuracy(X, y, X_test, y_test):
    return GaussianNB().fit(X, y).score(X_test, y_test)

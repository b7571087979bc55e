"""A column's normal scores: monotone, inside the bounds, exact where the data are exact."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtri

from gan_augment.encoding.numeric import MAX_KNOTS, QuantileScale

FINITE = st.floats(allow_nan=False, allow_infinity=False).map(
    lambda x: x if abs(x) > 1e-250 else 0.0
)
FEW = st.lists(FINITE, min_size=1, max_size=60).map(np.array)
REPEATED = st.lists(st.sampled_from([-1e300, -2.5, 0.0, 1e-9, 3.0, 7.0]), min_size=1, max_size=80)


def there_and_back(values, rng=None):
    scale = QuantileScale().fit(values)
    return scale.decode(scale.encode(values, rng).astype(np.float32).astype(np.float64))


@pytest.mark.parametrize("name", ["normal", "lognormal", "uniform", "cauchy"])
def test_scores_of_a_continuous_sample_are_standard_normal(rng, name):
    draw = {"normal": rng.normal, "lognormal": rng.lognormal, "uniform": rng.uniform}
    values = draw.get(name, rng.standard_cauchy)(size=1500)
    scores = QuantileScale().fit(values).encode(values)
    # van der Waerden: the quantile of the middle of each value's rank
    expected = ndtri((stats.rankdata(values) - 0.5) / len(values))
    np.testing.assert_allclose(scores, expected, atol=1e-9)
    assert stats.kstest(scores, "norm").statistic <= 0.5 / len(values) + 1e-9


def test_spread_scores_of_a_discrete_sample_are_standard_normal(rng):
    values = rng.poisson(1.5, 20_000).astype(float)
    scores = QuantileScale().fit(values).encode(values, rng)
    assert stats.kstest(scores, "norm").pvalue > 1e-3
    assert np.abs(scores).max() < 5


@given(FEW, st.lists(FINITE, min_size=2, max_size=20))
@settings(max_examples=150, deadline=None)
def test_encode_is_monotone_and_finite_also_for_values_not_seen(values, more):
    scores = QuantileScale().fit(values).encode(np.sort(more))
    assert np.isfinite(scores).all()
    assert (np.diff(scores) >= -1e-12).all()


@given(st.one_of(FEW, REPEATED.map(np.array)), st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_decode_is_monotone_and_never_leaves_the_bounds(values, seed):
    scores = np.sort(3 * np.random.default_rng(seed).standard_normal(200))
    scores[[0, -1]] = -np.inf, np.inf
    decoded = QuantileScale().fit(values).decode(scores)
    assert decoded[0] == values.min()
    assert decoded[-1] == values.max()
    assert ((decoded >= values.min()) & (decoded <= values.max())).all()
    rounding = 1e-6 * (np.abs(values).max() or 1)
    assert (np.diff(decoded) >= -rounding).all()


@given(st.one_of(FEW, REPEATED.map(np.array)))
@settings(max_examples=200, deadline=None)
def test_the_round_trip_is_exact(values):
    np.testing.assert_array_equal(there_and_back(values), values)
    np.testing.assert_array_equal(there_and_back(values, np.random.default_rng(0)), values)


@pytest.mark.parametrize("n", [1, 2, 37, MAX_KNOTS])
def test_the_round_trip_is_exact_up_to_the_number_of_knots(rng, n):
    values = rng.standard_cauchy(n)
    np.testing.assert_array_equal(there_and_back(values), values)


@pytest.mark.parametrize("shape", ["normal", "uniform", "exponential"])
def test_the_round_trip_is_close_beyond_the_number_of_knots(rng, shape):
    values = getattr(rng, shape)(size=30_000)
    np.testing.assert_allclose(there_and_back(values), values, rtol=0, atol=1e-5 * np.ptp(values))


def test_any_score_inside_a_spike_is_exactly_its_value(rng):
    values = np.concatenate([np.full(300, 2.5), rng.uniform(0, 2, 300), rng.uniform(3, 9, 400)])
    scale = QuantileScale().fit(values)
    low, high = ndtri([0.3, 0.6])
    assert (scale.decode(np.linspace(low, high, 999)) == 2.5).all()
    assert (scale.decode(np.array([low - 1e-4, high + 1e-4])) != 2.5).all()
    spread = scale.encode(np.full(5000, 2.5), rng)
    assert low <= spread.min() <= spread.max() <= high
    assert stats.kstest(stats.norm.cdf(spread), stats.uniform(0.3, 0.3).cdf).pvalue > 1e-3
    assert stats.norm.cdf(scale.encode(np.array([2.5]))[0]) == pytest.approx(0.45)


def test_the_shares_of_a_zero_inflated_column_return_from_normal_scores(rng):
    values = np.where(rng.random(1000) < 0.7, 0.0, rng.exponential(5, 1000).round(2))
    values[:50] = -1.0
    decoded = QuantileScale().fit(values).decode(rng.standard_normal(100_000))
    for value in (-1.0, 0.0):
        share = (values == value).mean()
        error = 5 * np.sqrt(share * (1 - share) / len(decoded))
        assert abs((decoded == value).mean() - share) < error
    assert stats.ks_2samp(decoded[decoded > 0], values[values > 0]).statistic < 0.05


def test_a_column_of_one_value_decodes_to_it():
    for n in (1, 3, 40):
        scale = QuantileScale().fit(np.full(n, 7.25))
        assert (scale.decode(np.array([-9.0, 0.0, 9.0])) == 7.25).all()


def test_numbers_near_the_largest_float_are_interpolated_without_overflow():
    largest = np.finfo(np.float64).max
    values = np.array([-largest, 0.0, 1.0, 2.0, 3.0])
    scale = QuantileScale().fit(values)
    between = scale.decode(np.linspace(*scale.encode(np.array([0.0, 3.0])), 50))
    assert ((between >= 0) & (between <= 3)).all()
    low, zero = scale.encode(np.array([-largest, 0.0]))
    middle = scale.decode(np.array([(low + zero) / 2]))
    assert middle[0] == pytest.approx(-largest / 2)


def test_a_million_rows_cost_about_as_much_as_sorting_them(rng):
    values = rng.normal(size=1_000_000)
    started = time.perf_counter()
    np.sort(rng.permutation(values), kind="stable")
    yardstick = time.perf_counter() - started
    started = time.perf_counter()
    decoded = there_and_back(values)
    assert time.perf_counter() - started < 60 * yardstick + 1
    assert np.ptp(decoded) == np.ptp(values)
    assert len(QuantileScale().fit(values).values_) <= MAX_KNOTS + 1


def test_up_to_as_many_values_as_there_are_knots_come_back_exactly():
    rng = np.random.default_rng(0)
    values = np.unique(np.round(rng.lognormal(8, 2, size=40_000), 2))[:MAX_KNOTS]
    scale = QuantileScale().fit(values)
    scores = scale.encode(values).astype(np.float32).astype(np.float64)
    np.testing.assert_allclose(scale.decode(scores), values, atol=0.005, rtol=0)

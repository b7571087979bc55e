"""Shares of members and temperatures, against cases whose answer is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_augment.augmentation.members import (
    TEMPERATURES,
    at_temperature,
    best_temperature,
    classifiers,
    regressors,
    shares_by_likelihood,
    shares_by_squares,
)

RNG = np.random.default_rng(0)


def test_shares_are_those_of_a_mixture():
    """Labels come from one member in 70 % of the rows, from the other in the rest."""
    p, q = RNG.uniform(0.05, 0.95, size=(2, 20_000))
    source = np.where(RNG.random(20_000) < 0.7, p, q)
    labels = RNG.random(20_000) < source
    likelihoods = np.array([np.where(labels, m, 1 - m) for m in (p, q)])
    assert shares_by_likelihood(likelihoods, np.ones(20_000))[0] == pytest.approx(0.7, abs=0.03)


def test_without_rows_all_members_count_the_same():
    assert shares_by_likelihood(np.empty((4, 0)), np.empty(0)) == pytest.approx(np.full(4, 0.25))
    assert shares_by_squares(np.empty((4, 0)), np.empty(0), np.empty(0)) == pytest.approx(
        np.full(4, 0.25)
    )


def test_few_rows_move_shares_little():
    likelihoods = np.array([[0.9] * 5, [0.1] * 5])
    assert 0.5 < shares_by_likelihood(likelihoods, np.ones(5))[0] < 0.7


def test_a_row_of_weight_two_counts_as_two_rows():
    likelihoods = RNG.uniform(0.05, 1, size=(3, 50))
    weights = RNG.integers(1, 4, size=50)
    repeated = np.repeat(likelihoods, weights, axis=1)
    assert shares_by_likelihood(likelihoods, weights) == pytest.approx(
        shares_by_likelihood(repeated, np.ones(weights.sum()))
    )


def test_shares_by_squares_are_those_of_independent_errors():
    """The best mean of two unbiased predictions weighs them by the inverse of their variances."""
    target = RNG.normal(size=20_000)
    answers = target + RNG.normal(size=(2, 20_000)) * np.array([[1.0], [2.0]])
    shares = shares_by_squares(answers, target, np.ones(20_000))
    assert shares == pytest.approx([0.8, 0.2], abs=0.02)
    assert shares.sum() == pytest.approx(1)


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_the_temperature_that_logits_were_scaled_by_is_found(scale):
    logits = RNG.normal(size=(20_000, 3)) * 2
    true = at_temperature(np.exp(logits), 1.0)
    codes = (true.cumsum(axis=1) < RNG.random((20_000, 1))).sum(axis=1)
    found = best_temperature(at_temperature(true, 1 / scale), codes, np.ones(20_000))
    assert found == pytest.approx(scale, rel=0.05)


@given(st.floats(*TEMPERATURES), st.integers(2, 6), st.integers(0, 2**16))
def test_a_temperature_keeps_the_order_of_classes(temperature, size, seed):
    proba = np.random.default_rng(seed).dirichlet(np.ones(size), size=10)
    found = at_temperature(proba, temperature)
    assert (found.argsort(axis=1) == proba.argsort(axis=1)).all()
    assert found.sum(axis=1) == pytest.approx(np.ones(10))


def test_both_committees_have_members_of_the_same_kinds():
    assert list(classifiers(0, 100)) == list(regressors(0, 100))
    assert list(classifiers(0, 1000)) == list(regressors(0, 1000))
    assert "boosting" in classifiers(0, 1000) and "boosting" not in classifiers(0, 100)

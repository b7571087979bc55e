"""Privacy: copies of every sort are caught, rows that know nothing pass."""

import sys
import types

import numpy as np
import pandas as pd
import pytest

from gan_augment.metrics.features import Feature
from gan_augment.metrics.privacy import (
    PROMISES,
    closeness_shares,
    closeness_without_holdout,
    exact_copies,
    membership_attack,
    membership_scores,
    repeated,
    singling_out,
)

PRICE = Feature("price", "number", "number", resolution=0.01)
FREE = Feature("x", "number", "number")
LABEL = Feature("k", "category", "category", categories=("u", "v"))


def test_copies_are_found_through_rounding_and_missing_cells():
    real = np.array([[0.3, 1.0], [np.nan, 0.0]])
    made = np.array([[0.1 + 0.2, 1.0], [0.3, 0.0], [np.nan, 0.0], [0.31, 1.0]])
    assert exact_copies((PRICE, LABEL), real, made).tolist() == [True, False, True, False]


def test_a_table_stored_in_single_precision_hides_no_copy(rng):
    real = rng.normal(size=(20, 2))
    made = real.astype(np.float32).astype(np.float64)
    assert exact_copies((FREE, FREE), real, made).all()
    assert not exact_copies((FREE, FREE), real, made + 1e-3).any()


def test_repeated_rows_are_those_that_occur_twice():
    rows = np.array([[1.0], [2.0], [1.0], [3.0]])
    assert repeated((FREE,), rows).tolist() == [True, False, True, False]


def test_dcr_and_nndr_are_half_for_fresh_rows_and_one_for_copies(rng):
    train, holdout, fresh = rng.normal(size=(3, 500, 4))
    for estimate in closeness_shares(train, holdout, fresh).values():
        assert estimate.value == pytest.approx(0.5, abs=0.07)
    copied = closeness_shares(train, holdout, train)
    assert copied["dcr_share"].value == 1 and copied["nndr_share"].value == 1


def test_dcr_share_is_the_counted_share():
    train, holdout = np.array([[0.0], [10.0]]), np.array([[4.0], [20.0]])
    made = np.array([[1.0], [2.0], [3.0], [10.0]])  # nearer to train, a tie, to holdout, to train
    assert closeness_shares(train, holdout, made)["dcr_share"].value == 2.5 / 4


def test_the_error_of_the_shares_is_that_of_the_rows_they_lean_on(rng):
    """Ten synthetic points at each of few real rows are not ten witnesses."""
    values = []
    for _ in range(300):
        train, holdout, made = rng.normal(size=(3, 30, 2))
        found = closeness_shares(train, holdout, np.repeat(made, 10, axis=0))
        values.append([*found["dcr_share"], *found["nndr_share"]])
    dcr, dcr_error, nndr, nndr_error = np.array(values).T
    for shares, errors in ((dcr, dcr_error), (nndr, nndr_error)):
        assert 0.7 < shares.std() / errors.mean() < 1.05  # a little cautious, never bold
    assert dcr_error.mean() > 2 * 0.5 / np.sqrt(300)  # what 300 independent points would have


def test_without_a_holdout_copies_still_stand_out(rng):
    real, fresh = rng.normal(size=(2, 600, 4))
    half, other = real[:300], real[300:]
    for estimate in closeness_without_holdout(half, other, fresh).values():
        assert estimate.value == pytest.approx(0.5, abs=0.07)
    assert closeness_without_holdout(half, other, real)["dcr_share"].value > 0.7


def test_rows_that_repeat_in_a_discrete_table_are_no_leak(rng):
    train, holdout, made = rng.integers(0, 2, size=(3, 300, 3)).astype(float)
    for estimate in closeness_shares(train, holdout, made).values():
        assert estimate.value == 0.5


def test_the_attack_finds_copies_and_rows_between_neighbours(rng):
    members, others = rng.normal(size=(2, 150, 6))
    blended = members + 0.2 * (members[rng.permutation(150)] - members)
    worst, (low, high), chance, by_attack = membership_attack(members, others, blended, rng)
    assert worst.value > 0.9 and low > 0.85 and high <= 1
    assert 0.5 <= chance < 0.56
    assert worst.value == max(e.value for e in by_attack.values()) and len(by_attack) == 3


def test_fresh_rows_give_nobody_away(rng):
    members, others, made = rng.normal(size=(3, 400, 4))
    worst, (low, _), chance, _ = membership_attack(members, others, made, rng)
    assert worst.value < 0.57 and low < chance + 0.03


def test_each_attack_alone_finds_copies(rng):
    members, others = rng.normal(size=(2, 100, 3))
    for scores in membership_scores(members, others, members).values():
        assert scores[:100].mean() > scores[100:].mean()
        assert np.isfinite(scores).all()


def test_synthetic_rows_far_from_everything_are_no_trouble(rng):
    members, others = rng.normal(size=(2, 50, 2))
    for scores in membership_scores(members, others, members + 1e4).values():
        assert np.isfinite(scores).all()


def test_the_words_say_what_is_not_promised():
    text = " ".join(PROMISES)
    assert "proves privacy" in text and "differential privacy" in text and "copies" in text


def test_singling_out_is_left_out_without_anonymeter(monkeypatch):
    monkeypatch.setitem(sys.modules, "anonymeter.evaluators", None)
    assert singling_out(*[pd.DataFrame({"a": [1.0]})] * 3) is None


def test_singling_out_asks_anonymeter_and_puts_the_global_generator_back(monkeypatch):
    class Evaluator:
        def __init__(self, ori, syn, control, n_attacks):
            assert len(ori) == len(syn) == len(control) == 1 and n_attacks == 500

        def evaluate(self, mode):
            assert mode == "univariate"
            np.random.random()
            return self

        def risk(self, confidence_level):
            assert confidence_level == 0.95
            return types.SimpleNamespace(value=0.25, ci=(0.125, 0.5))

    module = types.ModuleType("anonymeter.evaluators")
    module.SinglingOutEvaluator = Evaluator
    monkeypatch.setitem(sys.modules, "anonymeter", types.ModuleType("anonymeter"))
    monkeypatch.setitem(sys.modules, "anonymeter.evaluators", module)
    before = np.random.get_state()[1].tolist(), np.random.get_state()[2]
    assert singling_out(*[pd.DataFrame({"a": [1.0]})] * 3) == (0.25, 0.125, 0.5)
    assert (np.random.get_state()[1].tolist(), np.random.get_state()[2]) == before

"""Scores become a choice: what the folds say, what is expected, and nothing without evidence."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from gan_augment.selection.candidates import NONE, Candidate
from gan_augment.selection.decision import Belief, decide, expected_gain
from gan_augment.selection.experiment import Cell, cells_frame

CANDIDATES = [NONE, Candidate(2.0), Candidate(1.0), Candidate(2.0, "proportional")]


def scores(*differences, n_folds=10, noise=0.01, base=0.7, seed=0, errors=()):
    """Fold scores of none and of candidates that differ by so much on average."""
    rng = np.random.default_rng(seed)
    rows = []
    for fold in range(n_folds):
        level = base + 0.05 * rng.normal()
        for i, difference in enumerate((0.0, *differences)):
            failed = i in errors
            value = math.nan if failed else level + difference + (noise * rng.normal() if i else 0)
            failure = ("failed", "ValueError: no") if failed else ("", "")
            cell = Cell(i, "model", "accuracy", fold, 1.0, 80, 0.25, 80, value, 0.1, 0.1, 0.1)
            rows.append(replace(cell, reason=failure[0], error=failure[1]))
    return cells_frame(rows)


def test_a_belief_is_corrected_as_bayes_says():
    prior, data = stats.norm(0.1, 0.2), (0.3, 0.1)
    grid = np.linspace(-2, 2, 200_001)
    weights = prior.pdf(grid) * stats.norm(grid, data[1]).pdf(data[0])
    weights /= weights.sum()
    mean = (grid * weights).sum()
    found = Belief(0.1, 0.2).given(*data)
    assert found.mean == pytest.approx(mean, abs=1e-5)
    spread = math.sqrt((weights * (grid - mean) ** 2).sum())
    assert found.spread == pytest.approx(spread, abs=1e-5)
    assert found.p_positive == pytest.approx(weights[grid > 0].sum(), abs=1e-4)
    assert Belief(0.1, 0.2).given(math.nan, math.nan) == Belief(0.1, 0.2)
    assert Belief(0.0, math.inf).given(0.3, 0.1) == Belief(0.3, 0.1)


@pytest.mark.parametrize("best_score", [1.0, None])
def test_clear_gains_win_and_clear_losses_leave_the_table_alone(best_score):
    won = decide(scores(0.10, 0.02, 0.15), CANDIDATES, 200, best_score)
    assert won.chosen == 3 and won.text.startswith("Rows are added, 2 x the rows, proportional")
    lost = decide(scores(-0.10, -0.05, -0.15), CANDIDATES, 200, best_score)
    assert lost.chosen == 0 and lost.text.startswith("Nothing is added.")
    assert won.table["seconds"].tolist() == pytest.approx([0.3] * 4)
    assert won.table["difference"].tolist() == pytest.approx([0, 0.10, 0.02, 0.15], abs=0.02)


def test_without_an_expectation_noise_adds_nothing():
    chosen = [
        decide(scores(0.0, 0.0, 0.0, noise=0.1, seed=seed), CANDIDATES, 30).chosen
        for seed in range(200)
    ]
    # the best of three is looked at, so this is more than one in twenty, but not many
    assert np.mean(np.array(chosen) > 0) < 0.15


def test_with_an_expectation_noisy_folds_follow_it_and_sure_folds_do_not():
    noisy = decide(scores(-0.01, -0.01, -0.01, noise=0.2), CANDIDATES, 20, best_score=1.0)
    sure = decide(scores(-0.03, -0.03, -0.03, noise=0.002), CANDIDATES, 20, best_score=1.0)
    assert noisy.chosen > 0 and sure.chosen == 0
    assert noisy.table["expected"][1] > 0 > sure.table["expected"][1]


def test_losses_have_their_perfect_score_at_nought():
    frame = scores(0.3, 0.1, 0.1, base=-1.0, noise=0.02)
    assert decide(frame, CANDIDATES, 50, best_score=0.0).chosen == 1


def test_what_failed_is_never_chosen_and_its_error_is_told():
    found = decide(scores(0.1, 0.1, 0.5, errors=(3,)), CANDIDATES, 50, 1.0)
    assert found.chosen in (1, 2) and found.table["error"][3] == "ValueError: no"
    nothing = decide(scores(0.1, 0.1, 0.1, errors=(1, 2, 3)), CANDIDATES, 50, 1.0)
    assert nothing.chosen == 0 and "ValueError: no" in nothing.text


def test_candidates_left_out_early_are_not_chosen():
    frame = scores(0.05, 0.05, 0.2)
    frame = frame[(frame["candidate"] != 3) | (frame["fold"] < 3)]
    assert decide(frame, CANDIDATES, 200, 1.0).chosen in (1, 2)


def test_expectations_shrink_with_the_rows():
    means = [expected_gain(n)[0] for n in (5, 20, 60, 200, 1000, 10_000, 10**6)]
    assert means == sorted(means, reverse=True) and means[-1] == 0

"""Scores become a choice: rows only where they beat none and all that is free, beyond chance."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gan_augment.selection.candidates import NONE, Candidate
from gan_augment.selection.controls import free_controls
from gan_augment.selection.decision import SURE, Measured, decide
from gan_augment.selection.experiment import Cell, cells_frame

WAYS = [NONE, Candidate(2.0), Candidate(1.0), Candidate(2.0, "proportional")]
JITTER = Candidate(2.0, augmenter="jitter", setting=None, control=True)
WEIGHTS = Candidate(0, augmenter=None, control=True, adjustment="class weights")
CANDIDATES = [*WAYS, JITTER, WEIGHTS]
AUC, LOSS = "roc_auc", "neg_log_loss"


def scores(n_folds=10, noise=0.01, seed=0, errors=(), **differences):
    """Fold scores of none, and of candidates that differ by so much on average, by scorer."""
    rng = np.random.default_rng(seed)
    rows = []
    for fold in range(n_folds):
        for scorer, gains in differences.items():
            level = 0.7 + 0.05 * rng.normal()
            for i, gain in enumerate((0.0, *gains)):
                value = math.nan if i in errors else level + gain + noise * rng.normal() * (i > 0)
                cell = Cell(i, "model", scorer, fold, 1.0, 80, 0.25, 80, value, 0.1, 0.1, 0.1)
                failure = ("failed", "ValueError: no") if i in errors else ("", "")
                rows.append(replace(cell, reason=failure[0], error=failure[1]))
    return cells_frame(rows)


def test_clear_gains_win_and_clear_losses_leave_the_table_alone():
    won = decide(scores(accuracy=(0.10, 0.02, 0.15)), WAYS)
    assert won.chosen == 3 and won.text.startswith("Rows are added, 2 x the rows, proportional")
    lost = decide(scores(accuracy=(-0.10, -0.05, -0.15)), WAYS)
    assert lost.chosen == 0 and lost.text.startswith("Nothing is added.")
    assert won.table["seconds"].tolist() == pytest.approx([0.3] * 4)
    assert won.table["difference"].tolist() == pytest.approx([0, 0.10, 0.02, 0.15], abs=0.02)


def test_the_probability_of_a_gain_is_that_of_a_corrected_t_test():
    frame = scores(accuracy=(0.01, 0.0, 0.0), noise=0.02)
    table = frame.pivot(index="fold", columns="candidate", values="score")
    gain = table[1] - table[0]
    scale = gain.std() * math.sqrt(1 / 10 + 0.25)
    wanted = stats.t(9).cdf(gain.mean() / scale)
    assert Measured(frame, WAYS).p_gain("accuracy", 1) == pytest.approx(wanted)
    assert decide(frame, WAYS).table["p_gain"][1] == pytest.approx(wanted)


def test_noise_adds_nothing():
    chosen = [
        decide(scores(roc_auc=(0, 0, 0), neg_log_loss=(0, 0, 0), noise=0.1, seed=seed), WAYS)
        for seed in range(60)
    ]
    # the best of three is looked at, so this may be more than one in twenty, but not much
    assert np.mean([decision.chosen > 0 for decision in chosen]) < 0.1


def test_better_in_one_score_and_lower_in_none():
    good = scores(roc_auc=(0.0, -0.2, 0.2), neg_log_loss=(0.2, 0.3, -0.1), noise=1e-4)
    level = good["candidate"].eq(1) & good["scorer"].eq(AUC)
    none = good[good["candidate"].eq(0) & good["scorer"].eq(AUC)].set_index("fold")["score"]
    good.loc[level, "score"] = good.loc[level, "fold"].map(none)  # not a hair lower
    assert decide(good, WAYS).chosen == 1
    assert Measured(good, WAYS).p_beats(2, 0) == Measured(good, WAYS).p_beats(3, 0) == 0
    assert decide(good, WAYS, [LOSS]).chosen == 2 and decide(good, WAYS, [AUC]).chosen == 3
    assert decide(good, WAYS).table.groupby("scorer").size().to_dict() == {AUC: 4, LOSS: 4}


def test_doubt_counts_once_for_each_score_that_was_looked_at():
    frame = scores(roc_auc=(0.01, 0, 0), neg_log_loss=(0.0002, 0, 0), noise=0.01, seed=3)
    both, one = Measured(frame, WAYS), Measured(frame, WAYS, [AUC])
    assert both.gain(LOSS, 1).mean >= 0
    assert 1 - both.p_beats(1, 0) == pytest.approx(2 * (1 - one.p_beats(1, 0)))


def test_a_way_that_is_no_better_than_what_is_free_is_not_taken_and_the_words_say_what_is():
    free = decide(scores(roc_auc=(0.10, 0.0, 0.0, -0.1, 0.10)), CANDIDATES)
    assert free.chosen == 0
    assert free.text.startswith(
        "Nothing is added. Class weights do as well for nothing: use class_weight='balanced'; on "
    )
    better = decide(scores(roc_auc=(0.10, 0.0, 0.0, 0.05, 0.02)), CANDIDATES)
    assert better.chosen == 1 and "over jitter" in better.text
    alone = decide(scores(roc_auc=(-0.1, -0.1, -0.1, 0.1, 0.05)), CANDIDATES)
    assert alone.chosen == 0
    assert alone.text.endswith(
        "Noise on real rows does better for nothing: use JitterGenerator()."
    )


def test_a_control_is_never_chosen_and_one_that_does_not_apply_is_no_rival():
    frame = scores(roc_auc=(0.1, 0.0, 0.0, 0.0, 0.5), errors=(5,))
    frame.loc[frame["candidate"] == 5, "reason"] = "does not apply"
    found = decide(frame, CANDIDATES)
    assert found.chosen == 1 and found.table["error"][5] == "ValueError: no"
    assert found.table["candidate"].tolist()[4:] == ["jitter", "class weights"]


def test_the_words_name_the_score_the_change_and_the_probability_asked_for():
    won = decide(scores(roc_auc=(0.1, 0, 0), neg_log_loss=(0.2, 0, 0)), WAYS).text
    assert "on 10 inner folds roc_auc changed by +0.1" in won
    assert "neg_log_loss changed by +0.2" in won and "99 % (95 % needed)" in won
    doubtful = scores(roc_auc=(0.02, 0, 0), noise=0.05, seed=1)
    sure = Measured(doubtful, WAYS).p_beats(1, 0)
    assert 0.5 < sure < SURE
    words = f"{math.floor(100 * sure)} % sure to be better than none; 95 % needed"
    assert words in decide(doubtful, WAYS).text
    lower = decide(scores(roc_auc=(0.1, -1, -1), neg_log_loss=(-0.1, -1, -1)), WAYS).text
    wanted = "lower than none in neg_log_loss; 95 % needed in one score, and no fall in any"
    assert wanted in lower


def test_what_failed_is_never_chosen_and_its_error_is_told():
    found = decide(scores(accuracy=(0.1, 0.1, 0.5), errors=(3,)), WAYS)
    assert found.chosen in (1, 2) and found.table["error"][3] == "ValueError: no"
    nothing = decide(scores(accuracy=(0.1, 0.1, 0.1), errors=(1, 2, 3)), WAYS)
    assert nothing.chosen == 0 and "ValueError: no" in nothing.text
    neither = decide(scores(accuracy=(0.1, 0.1, 0.1), errors=(0, 1, 2, 3)), WAYS)
    assert neither.chosen == 0 and "ValueError: no" in neither.text


def test_candidates_left_out_early_are_not_chosen():
    frame = scores(accuracy=(0.05, 0.05, 0.2))
    frame = frame[(frame["candidate"] != 3) | (frame["fold"] < 3)]
    assert decide(frame, WAYS).chosen in (1, 2)


def test_a_score_that_no_fold_defines_does_not_count():
    frame = scores(roc_auc=(0, 0, 0), neg_log_loss=(0.1, 0.05, 0.01))
    frame.loc[frame["scorer"] == AUC, ["score", "reason"]] = math.nan, "undefined"
    assert decide(frame, WAYS).chosen == 1


def test_a_mean_over_estimators_is_of_the_same_ones_for_every_candidate():
    frame = scores(accuracy=(0.0, 0.0, 0.1), noise=1e-6)
    better = frame.assign(estimator="better", score=frame["score"] + 0.2)
    better.loc[better["candidate"] == 2, "score"] = math.nan
    broken = frame.assign(estimator="broken", score=math.nan)
    found = Measured(pd.concat([frame, better, broken], ignore_index=True), WAYS)
    assert found.whole() == [0, 1, 3]
    assert found.gain("accuracy", 3).mean == pytest.approx(0.1, abs=1e-4)


SOFT = [NONE, Candidate(5.0, labels="labeler"), Candidate(2.0)]
COMMITTEE = Candidate(0, augmenter="", control=True, adjustment="committee")


def test_soft_labels_are_taken_unless_the_folds_speak_against_them():
    doubtful = scores(roc_auc=(0.004, 0.0), neg_log_loss=(0.004, 0.0), noise=0.05, seed=2)
    found = decide(doubtful, SOFT)
    assert Measured(doubtful, SOFT).p_beats(1, 0) < SURE and found.chosen == 1
    chances = [Measured(doubtful, SOFT).p_gain(name, 1) for name in (AUC, LOSS)]
    auc, loss = (f"{math.floor(100 * chance)} %" for chance in chances)
    assert f"a gain is {auc} sure in roc_auc and {loss} sure in neg_log_loss." in found.text
    assert "taken, as the folds do not speak" in found.text and "below 20 %" in found.text
    own = [NONE, Candidate(5.0), Candidate(2.0)]
    assert decide(doubtful, own).chosen == 0  # the same scores with labels of its own
    for lower in ({"roc_auc": (-0.1, 0), "neg_log_loss": (0.1, 0)}, {"roc_auc": (-0.1, 0)}):
        left = decide(scores(**lower), SOFT)
        assert left.chosen == 0 and "a gain is 0 % sure in roc_auc" in left.text
        assert "left out" in left.text and left.text.endswith(
            "20 % are needed in each score, and more than 50 % in one."
        )


def test_scores_that_tie_do_not_speak_against_soft_labels():
    tie = scores(noise=0.0, roc_auc=(1e-15, 0.0), neg_log_loss=(0.1, 0.0))
    assert Measured(tie, SOFT).p_gain(AUC, 1) == 0.5
    found = decide(tie, SOFT)
    assert found.chosen == 1 and "a gain is 50 % sure in roc_auc" in found.text
    everywhere = decide(scores(noise=0.0, roc_auc=(0.0, 0.0), neg_log_loss=(0.0, 0.0)), SOFT)
    assert everywhere.chosen == 0 and "a gain is 50 % sure in roc_auc" in everywhere.text


def test_what_is_said_of_soft_labels_is_of_ways_and_not_of_controls():
    controls = free_controls(SOFT[1], True, [AUC, LOSS])
    assert {control.labels for control in controls} == {""}
    lower = scores(roc_auc=(-0.1, 0.0, 0.1), neg_log_loss=(-0.1, 0.0, 0.1))
    found = decide(lower, [*SOFT, controls[1]])
    assert found.chosen == 0 and "a gain is 0 % sure in roc_auc and 0 % sure" in found.text


def test_one_fold_says_nothing_of_chance():
    found = decide(scores(n_folds=1, roc_auc=(0.1, 0.0)), SOFT)
    assert found.chosen == 0 and "a gain is 0 % sure in roc_auc" in found.text


def test_a_free_control_that_is_better_than_soft_labels_in_all_scores_is_told_of():
    candidates = [*SOFT, JITTER]
    found = decide(scores(roc_auc=(0.05, 0.0, 0.1), neg_log_loss=(0.05, 0.0, 0.1)), candidates)
    words = (
        "Noise on real rows does better still in these folds for nothing: use JitterGenerator()"
    )
    assert found.chosen == 1 and words in found.text
    found = decide(scores(roc_auc=(0.05, 0.0, 0.1), neg_log_loss=(0.15, 0.0, 0.1)), candidates)
    assert found.chosen == 1 and "better still" not in found.text


def test_a_committee_that_does_better_is_told_of_and_is_no_rival():
    candidates = [*SOFT, COMMITTEE]
    better = decide(scores(roc_auc=(0.05, 0.0, 0.2)), candidates)
    assert better.chosen == 1 and "in place of the estimator, was better still" in better.text
    lower = decide(scores(roc_auc=(0.05, 0.0, 0.01)), candidates)
    assert lower.chosen == 1 and "in place of the estimator" not in lower.text
    assert better.table["is_control"].tolist() == [False, False, False, True]

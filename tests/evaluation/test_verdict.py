"""Verdicts of comparisons made by hand: what is said must follow from the figures, and no more."""

import math
from dataclasses import dataclass

import numpy as np
import pytest

from gan_augment.evaluation.comparison import AugmentationComparison, as_frame
from gan_augment.report.comparison import comparison_page
from gan_augment.selection.statistics import corrected_interval

SECONDS = ("augment_seconds", "fit_seconds", "score_seconds")
WAVES = np.array([1, -2, 0, 2, -1, 1, -1, 0, 2, -2]) / 1000  # scatter over ten folds


@dataclass
class Refused:
    """What a control says of data that it cannot be used on."""

    why: str


def found(settings=None, learner="knn", **scores):
    """A comparison in which each augmenter has the scores, or the failures, of its folds."""
    rows = []
    for augmenter, values in {"none": np.full(10, 0.8), **scores}.items():
        for fold, value in enumerate(values):
            reason, error = "undefined" if value != value else "", ""
            if isinstance(value, str):
                reason, error, value = "failed", value, math.nan
            elif isinstance(value, Refused):
                reason, error, value = "does not apply", value.why, math.nan
            rows.append(
                dict.fromkeys(SECONDS, 0.1)
                | {"estimator": learner, "augmenter": augmenter, "fold": fold}
                | {"n_samples": 0 if augmenter == "none" else 1.0, "n_synthetic": 80}
                | {"train_size": 1.0, "n_train": 80, "scorer": "accuracy", "test_to_train": 0.25}
                | {"score": value, "reason": reason, "error": error}
            )
    return AugmentationComparison(as_frame(rows), 0.01, settings or {})


def decisions(comparison, **options):
    return comparison.summary(**options).set_index("augmenter")["decision"].to_dict()


def test_it_says_do_not_augment_where_scores_fall_or_nothing_is_sure():
    fallen = found(GAN=0.6 + WAVES).verdict
    assert found(GAN=0.6 + WAVES).advice == "do not augment"
    assert fallen.startswith("Do not augment: accuracy rises beyond chance and by more than 0.01 ")
    assert "in 0 of 1 comparison and falls so in 1" in fallen and "-0.2" in fallen
    unsure = found(GAN=np.arange(10) / 5).verdict
    assert unsure.startswith("Do not augment on this evidence")


def test_the_best_change_is_no_fall_and_a_fall_is_told():
    # Twenty undecided rows: the correction for all of them swallows a fall beyond its interval.
    flat, falling = 0.8 + 30 * WAVES, 0.8 - 0.018 + 7 * WAVES
    many = {f"g{i}": flat + i * 1e-7 for i in range(20)}
    result = found(**many, GAN=falling)
    assert result.summary().set_index("augmenter").loc["GAN", "high"] < 0
    assert decisions(result)["GAN"] == "undecided"
    said = result.verdict
    assert said.startswith("Do not augment on this evidence: accuracy rises beyond chance and by ")
    assert "the best change is with knn + g19 (n_samples=1.0): 0.000" in said
    assert "the largest fall with knn + GAN (n_samples=1.0): -0.018" in said
    assert "largest change" not in said and "-0.000 " not in said.split("interval")[0]


def test_what_the_correction_counts_is_told():
    result = found(duplicates=0.8 + 30 * WAVES, SMOTE=0.8 - 20 * WAVES, GAN=0.8 + 40 * WAVES)
    assert "in 0 of 1 comparison (corrected for all 3 of the table, controls" in result.verdict
    assert "corrected" not in found(GAN=0.8 + 40 * WAVES).verdict


def test_a_change_beyond_chance_but_within_the_rope_is_not_better():
    small = found(GAN=0.8 + 0.004 + WAVES / 10)
    row = small.summary().set_index("augmenter").loc["GAN"]
    assert row["p_holm"] < 0.001 and row["decision"] == "equal"
    assert "stays within 0.01" in small.verdict
    # The mean lies within the rope, though the folds do not make sure that the truth does.
    unsure = found(GAN=0.8 + 0.009 + 2 * WAVES, other=0.8 + 30 * WAVES)
    row = unsure.summary().set_index("augmenter").loc["GAN"]
    assert row["p_holm"] < 0.01 and row["decision"] == "undecided"
    assert "beyond chance and by more than 0.01 in 0 of 2 comparisons" in unsure.verdict


def test_a_control_that_does_better_leads_the_answer():
    result = found(duplicates=0.9 + WAVES, GAN=0.85 + 2 * WAVES)
    said = result.verdict
    assert result.advice == "use a control"
    assert said.startswith("Augment, but by repeating real rows: accuracy is higher so than with ")
    assert "knn + GAN (n_samples=1.0), by 0.050 (95 % interval 0.04" in said
    gap = corrected_interval(-0.05 + WAVES, 0.25)
    assert f"{-gap.high:.3f} to {-gap.low:.3f}" in said
    ahead = found(duplicates=0.81 + WAVES, GAN=0.85 + 2 * WAVES)
    assert ahead.advice == "augment"
    beaten = ahead.verdict
    assert beaten.startswith("Augment: accuracy rises beyond chance and by more than 0.01 in 1 of")
    assert "It beats repeating real rows, +0.040" in beaten


@pytest.mark.parametrize(
    ("gan", "smote", "advice", "words"),
    [
        ([0.90, 0.93, 0.90, 0.94], [0.82] * 4, "augment", "Augment: accuracy rises"),
        ([0.90, 0.93, 0.90, 0.94], [0.95] * 4, "augment", "SMOTE cannot be told from it"),
        ([0.90, 0.93, 0.90, 0.94], [0.98] * 4, "use a control", "Augment, but by SMOTE"),
        ([0.81, 0.84, 0.79, 0.85], [0.82] * 4, "do not augment", "Do not augment on this evid"),
        ([0.70, 0.73, 0.70, 0.74], [0.82] * 4, "do not augment", "Do not augment: accuracy rise"),
    ],
)
def test_the_advice_follows_from_the_paired_differences(gan, smote, advice, words):
    real = [0.80, 0.84, 0.80, 0.84]
    result = found(none=real, duplicates=real, SMOTE=smote, GAN=gan)
    assert result.advice == advice and words in result.verdict
    page = comparison_page(result)
    assert page.tone == {"augment": "good"}.get(advice, "fair")


@pytest.mark.parametrize(
    ("scores", "why"),
    [
        ({"GAN": [0.9]}, "it takes two folds"),
        ({"GAN": ["out of luck"] * 10}, "every fit with GAN failed (out of luck)"),
        (
            {"duplicates": 0.8 + WAVES, "GAN": ["out of luck"] * 10},
            "every fit with GAN failed (out of luck)",
        ),
        ({"none": ["no model"] * 10, "GAN": WAVES}, "every fit without added rows failed (no mod"),
        ({"GAN": [math.nan] * 10}, "accuracy is undefined (NaN)"),
    ],
)
def test_why_nothing_was_compared_is_told_as_it_was(scores, why):
    assert found(**scores).advice == "nothing compared"
    said = found(**scores).verdict
    assert said.startswith("Nothing could be compared: ") and why in said
    assert "every augmented fit" not in said


def test_rows_without_a_partner_are_not_compared_rather_than_failed():
    result = found(SMOTE=0.8 + WAVES, GAN=0.8 + 2 * WAVES)
    assert decisions(result, against="SMOTE") == {
        "none": "not compared", "SMOTE": "reference", "GAN": "equal",
    }  # fmt: skip


def test_a_control_that_does_not_apply_is_no_failure():
    refused = Refused("Column 'age' has missing values.")
    result = found(SMOTE=[refused] * 10, GAN=0.9 + WAVES)
    row = result.summary().set_index("augmenter").loc["SMOTE"]
    assert row["decision"] == "does not apply" and row["n_failed"] == 0
    assert "SMOTE does not apply here: Column 'age'" in result.verdict
    assert "failed" not in result.verdict
    sometimes = found(SMOTE=[refused] * 3 + [0.8] * 7, GAN=0.9 + WAVES)
    assert "SMOTE does not apply here in 3 of 10 runs: Column" in sometimes.verdict
    assert decisions(sometimes)["SMOTE"] == "equal"


def test_means_are_taken_over_the_same_folds_and_what_is_left_out_is_counted():
    baseline = np.linspace(0.5, 0.9, 10)
    scores = [*(baseline[:6] + 0.1), "out of luck", "out of luck", math.nan, math.nan]
    result = found(none=baseline, GAN=scores)
    row = result.summary().set_index("augmenter").loc["GAN"]
    assert row["score"] - row["baseline"] == pytest.approx(row["difference"]) == pytest.approx(0.1)
    assert row["baseline"] == pytest.approx(baseline[:6].mean())
    assert row[["n_folds", "n_failed", "n_undefined"]].tolist() == [6, 2, 2]
    assert "2 of 20 runs failed (GAN)" in result.verdict
    assert "accuracy is undefined (NaN) in 2 of 20 runs, which are left out" in result.verdict


@pytest.mark.parametrize(("rows", "word"), [(10, "undecided"), (49, "undecided"), (50, "equal")])
def test_few_rows_without_scatter_prove_nothing(rows, word):
    result = found({"n_rows": rows}, GAN=np.full(10, 0.8))
    assert decisions(result)["GAN"] == word
    assert (f"So few rows ({rows}) can say little" in result.verdict) == (rows < 50)
    assert ("makes no difference in practice" in result.verdict) == (rows >= 50)
    helped = found({"n_rows": rows}, GAN=0.9 + WAVES).verdict
    assert helped.startswith("Augment: ") and ("So few rows" in helped) == (rows < 50)

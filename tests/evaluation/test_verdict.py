"""Verdicts of comparisons made by hand: what is said must follow from the figures, and no more."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from gan_augment.evaluation.comparison import CALIBRATION, AugmentationComparison, as_frame
from gan_augment.report.comparison import comparison_page
from gan_augment.report.figures import reliability_plot
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


def two(auc, loss):
    """A comparison by two scorers, which the verdict stands on together."""
    parts = [
        found(**scores).to_frame().assign(scorer=name)
        for name, scores in (("roc_auc", auc), ("neg_log_loss", loss))
    ]
    names = {"primary": ["roc_auc", "neg_log_loss"]}
    return AugmentationComparison(pd.concat(parts), {"neg_log_loss": 0.02}, names)


def decisions(comparison, **options):
    return comparison.summary(**options).set_index("augmenter")["decision"].to_dict()


def test_it_says_do_not_augment_where_scores_fall_or_nothing_is_sure():
    fallen = found(GAN=0.6 + WAVES)
    assert fallen.advice == "do not augment"
    assert fallen.verdict.startswith(
        "Do not augment: accuracy falls by 0.200 (95 % interval -0.20"
    )
    assert "with knn + GAN" in fallen.verdict
    assert "the likeliest gain of 1 comparison is less than 1 % sure; 95 %" in fallen.answer
    unsure = found(GAN=np.arange(10) / 5)
    assert unsure.advice == "do not augment"
    assert unsure.verdict.startswith("Do not augment on this evidence: the best change, accuracy")
    sure = unsure.summary(detail=True).set_index("augmenter").loc["GAN", "better"]
    assert f"is {sure:.0%}".replace("%", " %") + " sure to be more than 0.01" in unsure.verdict
    assert "95 % are needed" in unsure.verdict


def test_what_gains_more_for_nothing_is_told_beside_a_gain_that_is_not_sure():
    both = found(GAN=0.82 + 30 * WAVES, SMOTE=0.84 + 40 * WAVES).verdict
    assert "with knn + GAN" in both and "With SMOTE, for nothing, accuracy rises by 0.040" in both
    less = found(GAN=0.84 + 40 * WAVES, SMOTE=0.82 + 30 * WAVES).verdict
    assert less.startswith("Do not augment on this evidence") and "for nothing" not in less


def test_the_best_change_is_no_fall_and_a_fall_is_told():
    # Twenty undecided rows: the correction for all of them swallows a fall beyond its interval.
    flat, falling = 0.8 + 30 * WAVES, 0.8 - 0.018 + 7 * WAVES
    many = {f"g{i}": flat + i * 1e-7 for i in range(20)}
    result = found(**many, GAN=falling)
    assert result.summary(detail=True).set_index("augmenter").loc["GAN", "high"] < 0
    assert decisions(result)["GAN"] == "undecided"
    said = result.verdict
    assert said.startswith("Do not augment on this evidence: the best change, accuracy does not ")
    assert "with knn + g19 (n_samples=1.0)" in said
    assert "The largest fall: accuracy falls by 0.018" in said and "-0.000" not in said


def test_a_gain_that_is_lost_in_the_number_of_those_looked_at_is_none():
    gain = 0.8 + 0.03 + 14 * WAVES
    alone = found(GAN=gain)
    assert alone.summary(detail=True).set_index("augmenter").loc["GAN", "p_value"] < 0.05
    assert alone.advice == "augment"
    many = {f"g{i}": 0.8 + 30 * WAVES for i in range(20)}
    assert found(GAN=gain, **many).advice == "do not augment"


def test_a_change_beyond_chance_but_within_the_rope_is_not_better():
    small = found(GAN=0.8 + 0.004 + WAVES / 10)
    row = small.summary(detail=True).set_index("augmenter").loc["GAN"]
    assert row["p_holm"] < 0.001 and row["decision"] == "equal"
    assert "stays within 0.01" in small.verdict
    # The mean lies within the rope, though the folds do not make sure that the truth does.
    unsure = found(GAN=0.8 + 0.009 + 2 * WAVES, other=0.8 + 30 * WAVES)
    row = unsure.summary(detail=True).set_index("augmenter").loc["GAN"]
    assert row["p_holm"] < 0.01 and row["decision"] == "undecided"
    assert unsure.advice == "do not augment"


def test_a_control_that_does_better_leads_the_answer():
    result = found(duplicates=0.9 + WAVES, GAN=0.85 + 2 * WAVES)
    said = result.verdict
    assert result.advice == "use a control"
    assert said.startswith("Repeating real rows does better than GAN: use BootstrapGenerator(). ")
    gap = corrected_interval(-0.05 + WAVES, 0.25)
    assert f"falls by 0.050 (95 % interval {gap.low:+.3f} to {gap.high:+.3f})" in said
    ahead = found(duplicates=0.81 + WAVES, GAN=0.85 + 2 * WAVES)
    assert ahead.advice == "augment"
    over = corrected_interval(0.04 + WAVES, 0.25)
    first = (
        f"Augment with GAN: accuracy rises by 0.040 (95 % interval {over.low:+.3f} to "
        f"{over.high:+.3f}) beyond repeating real rows, the best control, with knn + GAN "
    )
    assert ahead.verdict.startswith(first)
    assert "more than 99 % sure that it is more than 0.01." in ahead.verdict


@pytest.mark.parametrize(
    ("control", "words"),
    [
        ("class weights", "Class weights do as well as GAN{}: use class_weight='balanced'."),
        ("tuned threshold", "A tuned threshold does as well as GAN{}: use TunedThresholdClass"),
        ("SMOTE", "SMOTE does as well as GAN{}: use SMOTEGenerator()."),
        ("jitter", "Noise on real rows does as well as GAN{}: use JitterGenerator()."),
    ],
)
def test_what_does_as_well_for_nothing_is_the_first_line(control, words):
    # Folds that make sure that the rows are not ahead by more than the rope.
    shown = found(**{control: 0.85 + WAVES, "GAN": 0.85 + 2 * WAVES})
    assert shown.answer.startswith(words.format(""))
    # The control alone cannot be told from none, and the rows cannot be told from the control.
    words = words.format(", as far as these folds can tell")
    result = found(**{control: 0.84 + 40 * WAVES, "GAN": 0.85 + 2 * WAVES})
    assert decisions(result)["GAN"] == "better" and decisions(result)[control] == "undecided"
    assert result.advice == "use a control" and result.verdict.startswith(words)
    page = comparison_page(result)
    assert page.tone == "fair" and page.answer.startswith(words.split(":")[0])


def test_a_control_that_wins_one_score_and_loses_another_is_said_to():
    flat = {"none": 0.8 + 0 * WAVES, "SMOTE": 0.85 + WAVES, "GAN": 0.9 + 2 * WAVES}
    loss = {"none": np.full(10, -0.5), "SMOTE": -0.4 + WAVES, "GAN": -0.45 + 2 * WAVES}
    result = two(flat, loss)
    assert result.advice == "use a control"
    assert result.answer.startswith("SMOTE is ahead of GAN in one score and behind in another: ")


def test_a_score_of_the_default_that_is_left_out_is_told():
    settings = {"left_out_scores": {"neg_log_loss": "SVM", "roc_auc": "odd"}}
    said = found(settings, GAN=0.9 + WAVES).details
    assert "Log loss is left out, as SVM has no predict_proba." in said
    assert "ROC AUC is left out, as odd has neither predict_proba nor decision_function." in said
    assert "is left out, as" not in found(GAN=0.9 + WAVES).details


def test_where_nothing_gains_the_likeliest_gain_is_named_and_what_was_needed():
    result = found(GAN=0.795 + 10 * WAVES, other=0.79 + 40 * WAVES)
    sure = result.summary(detail=True).set_index("augmenter")["better"]
    assert result.answer == (
        "Do not augment on this evidence: nothing gains in the mean; the likeliest gain, in "
        f"accuracy with knn + other (n_samples=1.0), is {sure['other']:.0%}".replace("%", " %")
        + " sure to be more than 0.01; 95 % are needed, corrected for all that was compared."
    )
    assert sure["other"] > sure["GAN"]


def test_a_control_that_helps_alone_is_told():
    alone = found(**{"class weights": 0.85 + WAVES, "GAN": 0.8 + 20 * WAVES})
    assert alone.advice == "use a control"
    assert alone.verdict.startswith("Class weights help beyond chance, GAN does not: use ")
    only = found(duplicates=0.85 + WAVES)
    assert only.advice == "use a control"
    assert only.verdict.startswith("Repeating real rows helps beyond chance: use Boot")


def test_a_control_that_costs_probabilities_is_no_alternative():
    auc = {"none": 0.8 + 0 * WAVES, "SMOTE": 0.9 + WAVES, "GAN": 0.85 + 2 * WAVES}
    loss = {"none": -0.5 + 0 * WAVES, "SMOTE": -0.9 + WAVES, "GAN": -0.5 + WAVES}
    assert two(auc, {**loss, "SMOTE": -0.5 + WAVES}).advice == "use a control"
    result = two(auc, loss)
    assert result.advice == "augment" and "best control" not in result.verdict
    assert result.primary_ == ("roc_auc", "neg_log_loss")


def test_two_scores_are_judged_together_and_a_loss_falls_where_it_gets_better():
    flat, good, bad = (-0.5 + change + WAVES for change in (0, 0.1, -0.1))
    none, better = 0.8 + 0 * WAVES, 0.85 + 2 * WAVES
    base = {"none": none, "GAN": none + WAVES}
    gains = two(base, {"none": np.full(10, -0.5), "GAN": good})
    assert gains.advice == "augment"
    assert gains.verdict.startswith(
        "Augment with GAN: log loss falls by 0.100 (95 % interval -0.1"
    )
    ranked_better = {"none": none, "GAN": better}
    assert two(ranked_better, {"none": np.full(10, -0.5), "GAN": flat}).advice == "augment"
    assert two(ranked_better, {"none": np.full(10, -0.5), "GAN": bad}).advice == "do not augment"


@pytest.mark.parametrize(
    ("gan", "smote", "advice", "words"),
    [
        ([0.90, 0.93, 0.90, 0.94], [0.82] * 4, "augment", "Augment with GAN: accuracy rises"),
        ([0.90, 0.93, 0.90, 0.94], [0.95] * 4, "use a control", "SMOTE does as well as GAN"),
        ([0.90, 0.93, 0.90, 0.94], [0.98] * 4, "use a control", "SMOTE does better than GAN"),
        ([0.81, 0.84, 0.79, 0.85], [0.82] * 4, "do not augment", "Do not augment on this evid"),
        ([0.70, 0.73, 0.70, 0.74], [0.82] * 4, "do not augment", "Do not augment: accuracy fall"),
    ],
)
def test_the_advice_follows_from_the_paired_differences(gan, smote, advice, words):
    real = [0.80, 0.84, 0.80, 0.84]
    result = found(none=real, duplicates=real, SMOTE=smote, GAN=gan)
    assert result.advice == advice and result.verdict.startswith(words)
    page = comparison_page(result)
    assert page.tone == {"augment": "good"}.get(advice, "fair")


def test_a_ranking_shows_ties_as_ties_and_controls_as_controls():
    result = found(
        **{"GAN": 0.9 + WAVES, "SMOTE": 0.851 + WAVES, "other": 0.85 - WAVES},
        duplicates=["no"] * 10,
    )
    table = result.ranking().set_index("augmenter")
    assert table["rank"].drop("duplicates").to_dict() == {
        "GAN": 1, "SMOTE": 2, "other": 2, "none": 4,
    }  # fmt: skip
    assert table.index[-1] == "duplicates" and np.isnan(table.loc["duplicates", "difference"])
    assert table.index[table["is_control"]].tolist() == ["SMOTE", "none", "duplicates"]
    interval = corrected_interval(0.1 + WAVES, 0.25)
    assert table.loc["GAN", ["difference", "low", "high"]].tolist() == pytest.approx(
        [interval.mean, interval.low, interval.high]
    )
    # Folds that cannot tell: the second is behind in the mean, and shares the rank.
    unsure = found(GAN=0.9 + WAVES, other=0.88 + 30 * WAVES).ranking().set_index("augmenter")
    assert unsure.loc["other", "rank"] == 1
    within = found(GAN=0.9 + WAVES, other=0.895 + WAVES).ranking().set_index("augmenter")
    assert within.loc["other", "rank"] == 1


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
        (
            {"none": [math.nan] * 8 + ["one class"] * 2, "GAN": WAVES},
            "accuracy is undefined in 8 of 10 runs without added rows",
        ),
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
    row = result.summary(detail=True).set_index("augmenter").loc["SMOTE"]
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
    row = result.summary(detail=True).set_index("augmenter").loc["GAN"]
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
    assert helped.startswith("Augment with GAN: ") and ("So few rows" in helped) == (rows < 50)


def test_the_page_begins_with_the_ranking_and_sets_controls_back():
    page = comparison_page(found(SMOTE=0.851 + WAVES, other=0.85 - WAVES, GAN=0.9 + WAVES))
    assert page.sections[0].title == "The ranking"
    (tabs,) = page.sections[0].items
    assert list(tabs.tabs) == ["accuracy"]
    (table,) = tabs.tabs["accuracy"]
    ways = table.frame["way"].tolist()
    assert [ways[i] for i in table.grey] == ["SMOTE", "none"] and ways[0] == "GAN"
    assert table.frame["rank"].tolist() == ["1", "2 (tie)", "2 (tie)", "4"]


def bins(augmenter, *found, n_samples=1.0, fold=0):
    """Calibration of one fold, of bins (bin, n, predicted, observed)."""
    way = {"estimator": "knn", "augmenter": augmenter, "n_samples": n_samples, "train_size": 1.0}
    names = ("bin", "n", "predicted", "observed")
    return [way | {"fold": fold} | dict(zip(names, each, strict=True)) for each in found]


@pytest.fixture
def calibration():
    """The probabilities of none are true; those of GAN are too small, and one bin has few rows."""
    rows = bins("none", (1, 60, 0.1, 0.1), (5, 40, 0.5, 0.5), n_samples=0)
    rows += bins("GAN", (1, 30, 0.1, 0.2), (5, 10, 0.5, 0.75), (9, 9, 1.0, 0.0))
    rows += bins("GAN", (1, 30, 0.2, 0.2), (5, 30, 0.5, 0.75), fold=1)
    rows += bins("jitter", (1, 100, 0.1, 0.3))
    return as_frame(rows, CALIBRATION)


def test_reliability_is_drawn_over_all_folds_without_bins_of_a_few_rows(calibration):
    (ax,) = reliability_plot(calibration).axes
    drawn = {line.get_label(): line.get_xydata() for line in ax.lines}
    np.testing.assert_allclose(drawn["none"], [[0.1, 0.1], [0.5, 0.5]])
    np.testing.assert_allclose(drawn["GAN"], [[0.15, 0.2], [0.5, 0.75]])
    assert [name for name in drawn if not name.startswith("_")] == ["none", "GAN", "jitter"]
    assert ax.get_title() == "knn" and ax.get_ylim() == (0, 1)


def test_the_page_has_calibration_errors_before_and_after(calibration):
    frame = found(GAN=0.9 + WAVES, jitter=0.8 + WAVES).to_frame()
    page = comparison_page(AugmentationComparison(frame, calibration=calibration))
    section = next(s for s in page.sections if s.title == "Calibration")
    table = section.items[1].frame.set_index("way")
    assert list(table.index) == ["GAN", "jitter"] and section.items[1].grey == (1,)
    assert table.loc["GAN", "rows added"] == "\u00d71" and table.loc["GAN", "test rows"] == 109
    error = (60 * 0.05 + 40 * 0.25 + 9 * 1.0) / 109
    assert table.loc["GAN", "with rows"] == pytest.approx(error)
    assert table.loc["GAN", "change"] == pytest.approx(error)
    assert table["without rows"].tolist() == [pytest.approx(0)] * 2
    assert table.loc["jitter", "with rows"] == pytest.approx(0.2)

"""The page of a comparison: the answer, the changes behind it, and how they were measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gan_augment.report import figures
from gan_augment.report.cells import DASH
from gan_augment.report.page import Page, Section, Table, Tabs, Text, drawn

HOW_LIFT = (
    "Each line is one learner with one kind of added rows. The dot is the mean change of the "
    "score over the held-out folds, against the same learner on the same folds without added "
    "rows; the line around it is the 95 % interval. A line that crosses zero means that the "
    "folds cannot tell the change from chance. Of many lines a few miss zero by luck: the "
    "decisions among the numbers below are corrected for that."
)
HOW_RANKING = (
    "change is the mean change against the same learners without added rows, over the folds "
    "and the learners it works with; from and to are the ends of its 95 % interval. Ways that "
    "the folds cannot tell from the best of a rank share it, and so do those that differ from it "
    "by too little to matter."
)
HOW_SUBGROUPS = (
    "Intervals are wider than elsewhere, as a few of many subgroups would miss zero "
    "by luck; the corrected p is the probability of as large a change by chance, corrected in the "
    "same way. test rows is their mean number a fold."
)
HOW_RELIABILITY = (
    "A point is the test rows that were given about that probability: with two classes of the "
    "rarer one, with more of the class that was predicted. On the dashed line probabilities are "
    f"true; below it they are too large. Black is the learner as it was. Points of fewer than "
    f"{figures.FEW_IN_A_BIN} rows are not drawn, but count in the error below."
)
HOW_ERROR = (
    "The mean distance of the curve from the dashed line, weighted by rows: 0 is best. without "
    "rows is the learner as it was."
)
HOW_CHANCES = (
    "How probable it is, given these folds, that adding rows makes the learner better, makes no "
    "practical difference, or makes it worse. Grey means: not worth the effort."
)
HOW_SUMMARY = (
    "without and with are the mean scores without and with added rows, on the same folds; change "
    "is the one less the other, and from and to are the ends of its 95 % interval. worse, equal "
    "and better are probabilities, equal being a change too small to matter in practice. The "
    "corrected p is the probability of as large a change by chance, corrected for all comparisons "
    "of the same score, controls included. The decision is “better” or “worse” only where chance "
    "is ruled out and the change is large enough to matter, and “equal” where a change that "
    "matters is improbable. The JSON file has more: folds won and lost, and seconds."
)
CONTROLS = (
    "“none” trains on the real rows alone. “class weights” and “tuned threshold” change the "
    "learner and add nothing. “duplicates” repeats real rows, “SMOTE” draws between neighbouring "
    "ones and “jitter” adds noise to them: the cheap ways to as many rows. A generator earns its "
    "place where it beats these too."
)
HOW_MEASURED = (
    "Generators learn from training folds only and add rows to training folds only; every score "
    "is measured on real rows that neither the learner nor the generator has seen.\n\n"
    "Folds share training rows, so intervals and p-values use the corrected variance of Nadeau "
    "and Bengio (2003), and the probabilities the correlated t-test of Benavoli and others "
    "(2017). They speak about this table: another sample would give other folds."
)
MAX_SCORERS = 8  # drawn; the table of numbers has all
TONES = {
    "augment": "good",
    "use a control": "fair",
    "do not augment": "fair",
    "nothing compared": "poor",
}
HEADINGS = {
    "estimator": "learner",
    "augmenter": "way",
    "n_samples": "rows added",
    "n_learners": "learners",
    "n_folds": "folds",
    "n_test": "test rows",
    "n": "test rows",
    "n_train": "real rows",
    "n_failed": "failed",
    "n_undefined": "undefined",
    "train_size": "training rows",
    "scorer": "score",
    "score": "with",
    "baseline": "without",
    "difference": "change",
    "low": "from",
    "high": "to",
    "p_holm": "corrected p",
}
_CELL = ["estimator", "augmenter", "n_samples", "train_size"]
SHOWN = (
    "estimator augmenter n_samples n_train scorer decision baseline score difference low high "
    "worse equal better p_holm n_failed n_undefined"
).split()


def comparison_page(comparison: Any) -> Page:
    """Return the page of an `AugmentationComparison`."""
    frame, summary = comparison.to_frame(), comparison.summary(detail=True)
    sections = [
        _ranking(comparison),
        _lift(comparison, summary),
        *_subgroups(comparison),
        *_calibration(comparison),
        *_curves(summary),
        _numbers(summary),
        *_left_out(frame),
        _measured(comparison.settings),
    ]
    facts = _facts(comparison, frame)
    tone = TONES[comparison.advice]
    title, answer, details = "Does augmentation help?", comparison.answer, comparison.details
    return Page(title, answer, tuple(sections), tone, facts, details)


def _facts(comparison, frame):
    names = figures.augmenters(frame)
    settings = comparison.settings
    rows, total = settings.get("n_rows"), settings.get("table_rows")
    sampled = rows is not None and total is not None and rows < total
    facts = {
        "real rows": f"{rows:,} of {total:,}" if sampled else rows and f"{rows:,}",
        "columns": settings.get("n_columns"),
        "target": settings.get("target"),
        "learners": ", ".join(map(str, frame["estimator"].unique())),
        "compared": ", ".join(map(str, names)),
        "scores": ", ".join(map(figures.score_name, comparison.scorers_)),
        "held-out folds": frame["fold"].nunique(),
        "seed": settings.get("random_state"),
    }
    return {name: fact for name, fact in facts.items() if fact is not None}


def _ranking(comparison):
    """Every way in one table a score, ties as ties, controls in grey."""
    tabs = {}
    for scorer in comparison.scorers_[:MAX_SCORERS]:
        table = comparison.ranking(scorer)
        controls = tuple(i for i, control in enumerate(table["is_control"]) if control)
        shared = table["rank"].map(table["rank"].value_counts()) > 1
        table["rank"] = [
            DASH if rank is pd.NA else f"{rank}{' (tie)' * bool(tied)}"
            for rank, tied in zip(table["rank"], shared.fillna(False), strict=True)
        ]
        table = _in_words(table.drop(columns="is_control").rename(columns={"score": "mean score"}))
        tabs[figures.score_name(scorer)] = [Table(table, grey=controls)]
    items = [Tabs(tabs, "Scores", HOW_RANKING)]
    lead = "All that was compared, best first; what costs little or nothing is grey."
    return Section("The ranking", lead, tuple(items))


def _subgroups(comparison):
    """Where rows help: the change in each part of the test rows, of the first score."""
    if comparison.subgroups.empty:
        return []
    table = comparison.by_subgroup()
    scorers = [s for s in comparison.scorers_ if (table["scorer"] == s).any()]
    tabs = {}
    for scorer in scorers[:MAX_SCORERS]:
        rows = table[(table["scorer"] == scorer) & table["difference"].notna()]
        if len(rows):
            tabs[figures.score_name(scorer)] = _subgroup_tables(rows)
    items = [Tabs(tabs, "Scores", HOW_SUBGROUPS)] if tabs else []
    lead = "The change of the score in each part of the held-out rows, largest gain first."
    return [Section("Where it helps", lead, tuple(items))]


def _subgroup_tables(rows):
    """What was asked about first, then all with the controls; one table where that is all."""
    names = "subgroup estimator augmenter n_samples difference low high p_holm n_test".split()
    shown = rows[names].sort_values("difference", ascending=False, kind="stable")
    cheap = shown["augmenter"].isin(figures.CHEAP)
    own, grey = shown[~cheap], tuple(np.flatnonzero(cheap))
    if own.empty:
        return [Table(_in_words(shown), max_rows=200)]
    caption = f"The same with all controls ({len(shown)} rows)"
    return [
        Table(_in_words(own)),
        Table(_in_words(shown), caption, max_rows=300, folded=True, grey=grey),
    ]


def _in_words(table):
    """Headings and amounts as one says them."""
    if "n_samples" in table:
        table = table.assign(n_samples=table["n_samples"].map(figures.amount_name))
    return table.rename(columns=HEADINGS)


def _calibration(comparison):
    """Reliability curves and calibration errors, before and after."""
    if comparison.calibration.empty:
        return []
    errors = comparison.calibration_error()
    errors = errors[errors["augmenter"] != figures.NONE]
    errors = errors.assign(change=errors["error"] - errors["baseline"])
    if errors["train_size"].nunique() == 1:
        errors = errors.drop(columns="train_size")
    controls = tuple(i for i, n in enumerate(errors["augmenter"]) if n in figures.CHEAP)
    errors = errors.rename(columns={"baseline": "without rows", "error": "with rows"})
    words = {"caption": "Probabilities against what was observed", "how_to_read": HOW_RELIABILITY}
    items = (
        drawn(figures.reliability_plot, comparison.calibration, **words),
        Table(_in_words(errors), "Expected calibration error", HOW_ERROR, grey=controls),
    )
    lead = "Whether a probability of 30 % still means three in ten."
    return [Section("Calibration", lead, items)]


def _lift(comparison, summary):
    tested = summary[(summary["augmenter"] != figures.NONE) & summary["difference"].notna()]
    if tested.empty:
        return Section("What added rows change", "", (Text("No run succeeded.", "warning"),))
    tabs = {}
    for scorer in comparison.scorers_[:MAX_SCORERS]:
        rows = summary[summary["scorer"] == scorer]
        if rows["difference"].notna().any():
            tabs[figures.score_name(scorer)] = _lift_items(rows, comparison.rope_of(scorer))
    items = [Tabs(tabs, "Scores", HOW_LIFT, first_on_paper=True)]
    lead = "The change of each learner's score when rows are added to its training data."
    return Section("What added rows change", lead, (*items, Text(CONTROLS, "note")))


def _lift_items(rows, rope):
    shaded = f"Within the shaded band, ±{rope:g}, a change makes no practical difference."
    caption = "Change of the score"
    if rows["train_size"].nunique() > 1:
        rows = figures.of_largest_size(rows)
        caption += f", trained on {figures.rows_trained_on(rows)}, the most that were compared"
    items = [drawn(figures.lift_plot, rows, rope, caption=caption, how_to_read=shaded)]
    if rows["better"].notna().any():
        words = {"caption": "Better, equal or worse?", "how_to_read": HOW_CHANCES}
        items.append(drawn(figures.chances_plot, rows, **words))
    return items


def _curves(summary):
    items = []
    several = figures.several_amounts(summary)
    if summary["train_size"].nunique() > 1:
        how = (
            "To the right, learners see more real rows. Added rows usually help most on the left; "
            "bands are 95 % intervals."
        )
        caption = "Change of the score against the number of real training rows"
        if several:
            name = figures.amount_name(figures.largest_amount(summary))
            caption += f", with the largest amount added ({name})"
        words = {"caption": caption, "how_to_read": how}
        items.append(drawn(figures.learning_curve_plot, summary, **words))
    if several:
        how = (
            "The dashed line is the learner without added rows. A curve that rises and then falls "
            "says how much is enough; one that stays below the line says: none."
        )
        caption = "Score against the number of synthetic rows added"
        if summary["train_size"].nunique() > 1:
            most = figures.rows_trained_on(figures.of_largest_size(summary))
            caption += f" to {most}, the most that were compared"
        words = {"caption": caption, "how_to_read": how}
        items.append(drawn(figures.amount_plot, summary, **words))
    lead = "Whether the answer depends on how many rows there are, and how many are added."
    return [Section("How much", lead, tuple(items))] if items else []


def _numbers(summary):
    added = summary[summary["augmenter"] != figures.NONE]
    shown = added[[name for name in SHOWN if name in added]].copy()
    for name in ("n_samples", "n_train", "scorer"):
        if name in shown and shown[name].map(str).nunique() == 1:
            shown = shown.drop(columns=name)
    for name in ("n_failed", "n_undefined"):
        if name in shown and not shown[name].any():
            shown = shown.drop(columns=name)
    if "n_train" in shown:
        shown["n_train"] = shown["n_train"].round().astype("Int64")
    if "scorer" in shown:
        shown["scorer"] = shown["scorer"].map(figures.score_name)
    ranked = _in_words(shown.sort_values("difference", ascending=False, kind="stable"))
    caption = f"Every comparison ({len(ranked)} rows)"
    table = Table(ranked, caption, HOW_SUMMARY, max_rows=300, folded=len(ranked) > 40)
    return Section("The numbers", "Largest gain first; press a heading to sort.", (table,))


def _left_out(frame):
    """What has no score and why: errors, controls that do not apply, undefined scores."""
    failed, undefined = frame["reason"] == "failed", frame["reason"] == "undefined"
    unfit = frame["reason"] == "does not apply"
    sections = []
    if failed.any():
        lead = "Runs that raised an error. They are left out of the means above, and listed here."
        counted = _counted(frame[failed], [*_CELL, "error"]).rename(columns=HEADINGS)
        sections.append(Section("What failed", lead, (Table(counted, "Failures"),)))
    if (unfit | undefined).any():
        nothing = frame["scorer"].astype(str) + " is undefined (NaN)"
        told = frame.assign(reason=frame["error"].mask(undefined, nothing))
        lead = "No failures, but no scores either: what such a table or fold does not allow."
        counted = _counted(told[unfit | undefined], ["augmenter", "reason"])
        counted = counted.rename(columns=HEADINGS)
        sections.append(Section("What does not apply", lead, (Table(counted, "Left out"),)))
    return sections


def _counted(frame, names):
    """How many runs each combination of names concerns."""
    sizes = ["all rows" if size == 1 else f"{size:g}" for size in frame["train_size"]]
    runs = frame.assign(n_samples=frame["n_samples"].map(figures.amount_name), train_size=sizes)
    runs = runs.drop_duplicates([*dict.fromkeys([*_CELL, "fold", *names])])
    return runs.groupby(names, sort=False, dropna=False).size().reset_index(name="runs")


def _measured(settings):
    items = [Text(HOW_MEASURED)]
    rows = [
        ("seed", str(value)) if name == "random_state" else (name.replace("_", " "), _words(value))
        for name, value in settings.items()
        if value is not None and value != ""
    ]
    if rows:
        items.append(
            Table(pd.DataFrame(rows, columns=["setting", "value"]), "Settings", folded=True)
        )
    return Section("How it was measured", "", tuple(items))


def _words(value):
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_words(item)}" for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_words, value))
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)

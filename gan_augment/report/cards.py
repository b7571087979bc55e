"""What a notebook shows of each result: its answer, its chart and its table, on one card."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_augment.report import figures
from gan_augment.report.cells import interval
from gan_augment.report.comparison import HEADINGS
from gan_augment.report.comparison import TONES as ADVICE_TONES
from gan_augment.report.notebook import MAX_ROWS, card
from gan_augment.report.page import Figure, Table, Text
from gan_augment.report.quality_ranking import TONES

COMPARED = "In grey what costs little or nothing; summary(detail=True) has every figure."
MEASURED = (
    "“real against real” is the same figure between real {unit} and other real {unit}. "
    "to_html() writes the page with every column, the {unit} behind the figures and how to read "
    "them."
)
TRIED = "In grey what costs nothing. results has what else is known of each."
SEARCHED = ["scorer", "candidate", "score", "difference", "low", "high", "p_gain", "n_folds"]
SEARCH_HEADINGS = {"candidate": "way", "p_gain": "probability of a gain"}
RANKED = (
    "In grey real {unit} against real {unit} and what costs nothing; summary(detail=True) has "
    "other figures."
)


def comparison_card(comparison: Any) -> str:
    """Return an `AugmentationComparison` as the output of a notebook cell."""
    summary, scorer = comparison.summary(detail=True), comparison.primary_[0]
    rows = summary[summary["scorer"] == scorer].reset_index(drop=True)
    items: list = []
    if rows.loc[rows["augmenter"] != figures.NONE, "difference"].notna().any():
        drawn = figures.of_largest_size(rows)
        chart = figures.lift_plot(drawn, comparison.rope_of(scorer))
        items.append(Figure(chart, f"Change of {scorer}, with 95 % intervals"))
    shown = comparison.summary()
    shown = shown[shown["augmenter"] != figures.NONE]
    order = {name: place for place, name in enumerate(comparison.scorers_)}
    shown = shown.assign(_place=shown["scorer"].map(order))
    shown = shown.sort_values(["_place", "difference"], ascending=[True, False], kind="stable")
    shown = shown.drop(columns="_place")
    controls = tuple(np.flatnonzero(shown["augmenter"].isin(figures.CHEAP)))
    shown = shown.assign(n_samples=shown["n_samples"].map(figures.amount_name))
    table = _with_interval(shown).rename(columns=HEADINGS)
    caption = "What added rows change, largest gain first"
    items.append(Table(table, caption, COMPARED, max_rows=MAX_ROWS, grey=controls))
    tone = ADVICE_TONES[comparison.advice]
    return card(comparison.answer, items, details=comparison.details, tone=tone)


def search_card(search: Any) -> str:
    """Return an `AugmentationSearch` as the output of a notebook cell."""
    decision, items = search.decision, []
    if not search.scores.empty:
        scores = " and ".join(map(figures.score_name, search.results["scorer"].unique()))
        chart = search.plot().figure_
        items.append(Figure(chart, f"Change of {scores} on inner folds, with 95 % intervals"))
        table = search.results
        table = table[table["n_folds"] > 0].reset_index(drop=True)
        grey = tuple(np.flatnonzero(table["is_control"]))
        shown = table[SEARCHED].assign(scorer=table["scorer"].map(figures.score_name))
        shown = _with_interval(shown).rename(columns=HEADINGS | SEARCH_HEADINGS)
        items.append(Table(shown, "Every way that was tried", TRIED, max_rows=40, grey=grey))
    return card(decision.text, items, tone="good" if decision.chosen else "plain")


def quality_card(report: Any) -> str:
    """Return a `QualityReport` as the output of a notebook cell."""
    unit = report.samples.unit
    summary = report.summary()
    table = _with_interval(summary.drop(columns="name"))
    if not table["remark"].any():
        table = table.drop(columns="remark")
    items: list = []
    if summary["value"].notna().any():
        chart = figures.metric_bars(report.to_frame())
        items.append(Figure(chart, "Each figure beside what real reaches, with 95 % intervals"))
    items.append(Table(table, "The figures", MEASURED.format(unit=unit)))
    items += [Text(note) for note in report.notes]
    tone = TONES[report.tone]
    return card(report.answer, items, details=report.details, tone=tone)


def ranking_card(comparison: Any, unit: str) -> str:
    """Return a `QualityComparison` as the output of a notebook cell."""
    table = _with_interval(comparison.summary())
    words = table.select_dtypes(exclude="number").columns
    table[words] = table[words].fillna("")
    grey = tuple(i for i, control in enumerate(comparison.ranking()["is_control"]) if control)
    items = (
        Figure(comparison.plot().figure_, f"{comparison.rank_by}, with 95 % intervals"),
        Table(table, f"Nearest to real {unit} first", RANKED.format(unit=unit), grey=grey),
    )
    tone = TONES[comparison.tone]
    return card(comparison.answer, items, details=comparison.details, tone=tone)


def _with_interval(table):
    """Put the two ends of the interval into one column."""
    ends = [interval(*pair) for pair in zip(table["low"], table["high"], strict=True)]
    place = table.columns.get_loc("low")
    table = table.drop(columns=["low", "high"])
    table.insert(place, "95 % interval", ends)
    return table

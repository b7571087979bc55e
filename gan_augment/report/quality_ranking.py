"""The page that ranks several synthetic tables: the answer, the order, then figure by figure."""

import pandas as pd

from gan_augment.report.cells import interval
from gan_augment.report.page import Metrics, Page, Section, Table, Tabs, Text

HOW_RANKED = (
    "Nearest to real {rows} first. Those that share a rank cannot be told apart: chance would "
    "bring a difference like theirs one time in a hundred or more often. In grey, without a rank: "
    "real {rows} against real {rows}, the best there can be, and what costs nothing. What does no "
    "better than “SMOTE” was not worth its training; “duplicates” of real {rows} look right and "
    "keep nothing private. gap is how far {figure} is behind real {rows}, as a share of its "
    "scale; the words are those of each report by itself."
)
TONES = {"good": "good", "fair": "fair", "poor": "poor", "unknown": "plain"}


def ranking_page(comparison, unit):
    """Return the page of a `QualityComparison` of rows or images."""
    frame = comparison.to_frame()
    whole = frame[frame["by"].isna()]
    sections = [_ranking(comparison, whole, unit), _figures(comparison, whole, unit)]
    each = tuple(
        Text(f"“{name}”: {comparison.reports[name].verdict}", "note") for name in comparison.names
    )
    sections.append(Section("Each by itself", "", each))
    notes = tuple(Text(note, "note") for note in comparison.notes)
    sections.append(Section("Before you rely on it", "", notes))
    settings = comparison.settings
    facts = {name: settings.get(name) for name in ("compared", "reference", "target")}
    facts["seed"] = settings.get("random_state")
    facts = {name: str(fact) for name, fact in facts.items() if fact is not None}
    title = "Which synthetic data come nearest to the real ones?"
    tone = TONES[comparison.tone]
    return Page(title, comparison.verdict, tuple(sections), tone, facts)


def _ranking(comparison, whole, unit):
    """The table of ranks, the figure that ranks with its interval, and the words."""
    ranking = comparison.ranking()
    shown = ranking.drop(columns=["is_control", "low", "high", "reference"])
    ends = [interval(*pair) for pair in zip(ranking["low"], ranking["high"], strict=True)]
    shown.insert(shown.columns.get_loc("value") + 1, "95 % interval", ends)
    shown = shown.rename(columns={"value": comparison.rank_by})
    label = whole.loc[whole["name"] == comparison.rank_by, "label"].iloc[0]
    how = HOW_RANKED.format(rows=unit, figure=f"“{label}” ({comparison.rank_by})")
    grey = tuple(i for i, is_control in enumerate(ranking["is_control"]) if is_control)
    words = [name for name in ("fidelity", "diversity", "utility", "privacy") if name in shown]
    shown[words] = shown[words].fillna("")
    return Section("The order", "", (Table(shown, "", how, grey=grey),))


def _figures(comparison, whole, unit):
    """One tab a figure, with a line a table."""
    order = {name: place for place, name in enumerate([*comparison.names, *comparison.controls])}
    tabs = {}
    for name in dict.fromkeys([comparison.rank_by, *whole["name"]]):
        rows = whole[whole["name"] == name]
        rows = rows.assign(by=rows["synthetic"], _place=rows["synthetic"].map(order))
        rows = rows.sort_values("_place", kind="stable").drop(columns=["synthetic", "_place"])
        rows.iloc[1:, rows.columns.get_loc("how_to_read")] = ""  # once is enough
        tabs[name] = [Metrics(pd.DataFrame(rows), unit=unit)]
    lead = "Every figure of the whole table, side by side, with what real {rows} reach."
    return Section("Figure by figure", lead.format(rows=unit), (Tabs(tabs, "Figures"),))

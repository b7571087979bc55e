"""The answers of ``gan-augment compare`` and ``check`` as a few lines in the terminal."""

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

NO_ANSWER = ("does not apply", "failed", "not compared")
COLOURS = {"good": "green", "better": "green", "fair": "yellow", "poor": "red", "worse": "red"}


def show_files(*paths):
    """Say where the pages are."""
    for path in paths:
        if path is not None:
            print(f"The whole answer is in {path}.")


def show_comparison(result, notes, seconds):
    """Print a comparison: one line for each learner and augmenter, then the verdict."""
    console = Console()
    summary = result.summary()
    summary = summary[summary["scorer"] == result.scorers_[0]]
    learners = summary["estimator"].unique().tolist()
    summary = summary.sort_values("estimator", key=lambda c: c.map(learners.index), kind="stable")
    several = summary.loc[summary["augmenter"] != "none", "n_samples"].nunique() > 1
    several = several or summary["train_size"].nunique() > 1
    table = Table("learner", "rows from", "score", "change", "95 % interval", "decision")
    learner = None
    for row in summary.to_dict("records"):
        if row["estimator"] != learner:
            table.add_section()
        added = ""
        if several:
            added = f" ({row['n_train']:.0f} + {row['n_synthetic']:.0f})"
        table.add_row(
            escape(str(row["estimator"])) if row["estimator"] != learner else "",
            escape(f"{row['augmenter']}{added}"),
            *_change(row),
            _coloured(row["decision"]),
        )
        learner = row["estimator"]
    table.title = escape(f"{result.scorers_[0]} ({seconds:.0f} s)")
    console.print(table)
    for note in notes:
        console.print(escape(note), highlight=False)
    console.print(f"[bold]{escape(result.verdict)}[/]", highlight=False)


def _change(row):
    """The score, its change and the interval, as far as they are known."""
    if np.isnan(row["score"]) or row["decision"] in NO_ANSWER:  # a fold or none
        return "", "", ""
    if np.isnan(row["low"]):  # the baseline
        return f"{row['score']:.3f}", "", ""
    change, interval = f"{row['difference']:+.3f}", f"{row['low']:+.3f} to {row['high']:+.3f}"
    return f"{row['score']:.3f}", change, interval


def _coloured(word):
    return f"[{COLOURS[word]}]{word}[/]" if word in COLOURS else escape(str(word))


def show_quality(result, notes, seconds):
    """Print the figures of a quality report, each beside its reference, then the verdict."""
    console = Console()
    console.print("Each figure beside its reference, real rows against real rows.")
    metrics = result.to_frame()
    table = Table("", Column("metric", no_wrap=True), "value", "95 % interval", "real", "verdict")
    group, whole = None, metrics[metrics["by"].isna()]
    groups = whole["group"].unique().tolist()
    whole = whole.sort_values("group", key=lambda c: c.map(groups.index), kind="stable")
    for row in whole.to_dict("records"):
        if row["group"] != group:
            table.add_section()
        known = row["low"] == row["low"] and row["low"] is not None
        table.add_row(
            row["group"] if row["group"] != group else "",
            escape(row["name"]),
            f"{row['value']:.3f}",
            f"{row['low']:.3f} to {row['high']:.3f}" if known else "",
            f"{row['reference']:.3f}" if row["reference"] == row["reference"] else "",
            _coloured(row["verdict"]),
        )
        group = row["group"]
    table.title = f"quality ({seconds:.0f} s)"
    console.print(table)
    for note in (*notes, *result.notes):
        console.print(escape(note), highlight=False)
    console.print(f"[bold]{escape(result.verdict)}[/]", highlight=False)

"""What commands print when they are done: tables of a few lines, notes, and where files are."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Column, Table

from gan_augment.cli.terminal import Terminal, cell, say
from gan_augment.exceptions import AugmentationWarning

if TYPE_CHECKING:
    import pandas as pd

NO_ANSWER = ("does not apply", "failed", "not compared")
COLOURS = {"good": "green", "better": "green", "fair": "yellow", "poor": "red", "worse": "red"}
#: More classes than these are not counted one by one.
MAX_CLASSES_SHOWN = 20


def show_counts(
    labels: pd.Series | None, is_synthetic: np.ndarray, unit: str, out: Path, seconds: float
) -> None:
    """Print how many rows or images there are, by class where classes are few."""
    table = Table("", "real", "synthetic")
    is_synthetic = np.asarray(is_synthetic)
    if labels is not None:
        real, new = labels[~is_synthetic], labels[is_synthetic]
        if real.nunique() <= MAX_CLASSES_SHOWN:
            real, new = real.value_counts(), new.value_counts()
            for label in real.index:
                table.add_row(cell(label), f"{real[label]:,}", f"{new.get(label, 0):,}")
            table.add_section()
    n_new = int(is_synthetic.sum())
    table.add_row(unit, f"{len(is_synthetic) - n_new:,}", f"{n_new:,}")
    console = Terminal()
    console.print(cell(f"{out} ({seconds:.1f} s)"), soft_wrap=True, highlight=False)
    console.print(table)


def copies_note(augmenter: Any, unit: str) -> list[str]:
    """Say how many rows or images were drawn again because they equalled a real one."""
    n = augmenter.n_redrawn_
    if not n:
        return []
    what, were = (unit.removesuffix("s"), "was") if n == 1 else (unit, "were")
    return [f"{n:,} {what} equal to a real one {were} drawn again."]


def target_note(codec: Any, target: str | None) -> list[str]:
    """Say how the target was taken, by its fitted codec."""
    if codec.kind_ == "none":
        return []
    what = f"{len(codec.classes_)} classes" if codec.kind_ == "class" else "a number"
    return [f"The target {target!r} was taken for {what} (--task says otherwise)."]


def escape_note(n_escaped: int) -> list[str]:
    """Say how many cells were escaped."""
    if not n_escaped:
        return []
    return [
        f"{n_escaped} text cells that a spreadsheet would run as formulas now start with a ' "
        "(--raw leaves them as they are)."
    ]


@contextlib.contextmanager
def libraries_silent(quiet: bool) -> Iterator[None]:
    """Silence the warnings of other libraries, and all warnings where only errors are wanted."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not quiet:
            warnings.simplefilter("default", AugmentationWarning)
        yield


def write_answer(result: Any, report: Path | None, json: Path | None, quiet: bool) -> None:
    """Write the whole answer as a page and as figures, where asked, and say where they are."""
    if json is not None:
        result.to_json(json)
    if report is not None:
        result.to_html(report)
    if not quiet:
        say(*(f"The whole answer is in {path}." for path in (report, json) if path is not None))


def show_comparison(result: Any, notes: Iterable[str], seconds: float) -> None:
    """Print a comparison: the verdict, then one line for each learner and augmenter."""
    say(result.verdict, bold=True)
    summary = result.summary(detail=True)
    summary = summary[summary["scorer"] == result.scorers_[0]]
    learners = summary["estimator"].unique().tolist()
    summary = summary.sort_values("estimator", key=lambda c: c.map(learners.index), kind="stable")
    several = summary.loc[summary["augmenter"] != "none", "n_samples"].nunique() > 1
    several = several or summary["train_size"].nunique() > 1
    rows = []
    for row in summary.to_dict("records"):
        added = f" ({row['n_train']:.0f} + {row['n_synthetic']:.0f})" if several else ""
        name = cell(f"{row['augmenter']}{added}")
        rows.append((row["estimator"], name, *_change(row), _coloured(row["decision"])))
    titles = ("learner", "rows from", "score", "change", "95 % interval", "decision")
    _print_groups(titles, rows, f"{result.scorers_[0]} ({seconds:.0f} s)")
    say(*notes)


def _print_groups(titles: Iterable[Any], rows: Iterable[tuple], title: str) -> None:
    """Print a table in which rows with the same first cell stand together under it."""
    table, last = Table(*titles, title=cell(title)), None
    for first, *cells in rows:
        if first != last:
            table.add_section()
        table.add_row(cell(first) if first != last else "", *cells)
        last = first
    Terminal().print(table)


def _change(row: dict) -> tuple[str, str, str]:
    """The score, its change and the interval, as far as they are known."""
    if row["decision"] in NO_ANSWER:  # a fold or none
        return "", "", ""
    change = "" if np.isnan(row["low"]) else _figure(row["difference"], "+.3f")
    return _figure(row["score"]), change, _interval(row, "+.3f")


def _figure(value: float | None, form: str = ".3f") -> str:
    return "" if value is None or np.isnan(value) else f"{value:{form}}"


def _interval(row: dict, form: str = ".3f") -> str:
    low, high = _figure(row["low"], form), _figure(row["high"], form)
    return f"{low} to {high}" if low else ""


def _coloured(word: Any) -> str:
    return f"[{COLOURS[word]}]{word}[/]" if word in COLOURS else cell(word)


def show_quality(result: Any, notes: Iterable[str], seconds: float) -> None:
    """Print the verdict of a quality report, then its figures, each beside its reference."""
    say(result.verdict, bold=True)
    say("Each figure beside its reference, real rows against real rows.")
    metrics = result.to_frame()
    whole = metrics[metrics["by"].isna()]
    groups = whole["group"].unique().tolist()
    whole = whole.sort_values("group", key=lambda c: c.map(groups.index), kind="stable")
    rows, unknown = [], {}
    for row in whole.to_dict("records"):
        if row["verdict"] == "unknown":
            unknown.setdefault(row["remark"], []).append(row["name"])
        figures = _figure(row["value"]), _interval(row), _figure(row["reference"])
        rows.append((row["group"], cell(row["name"]), *figures, _coloured(row["verdict"])))
    names = Column("metric", no_wrap=True)
    titles = ("", names, "value", "95 % interval", "real", "verdict")
    _print_groups(titles, rows, f"quality ({seconds:.0f} s)")
    say(*(f"{', '.join(names)}: unknown, as {why}." for why, names in unknown.items()))
    say(*notes, *result.notes)


def show_ranking(result: Any, notes: Iterable[str], seconds: float) -> None:
    """Print the verdict, then the order of several synthetic tables, controls dimmed."""
    say(result.verdict, bold=True)
    ranking = result.ranking()
    groups = [name for name in ("fidelity", "diversity", "utility", "privacy") if name in ranking]
    table = Table("rank", "rows from", result.rank_by, "95 % interval", *groups)
    for row in ranking.to_dict("records"):
        table.add_row(
            "" if row["is_control"] or row["rank"] is None else str(row["rank"]),
            cell(row["synthetic"]),
            _figure(row["value"]),
            _interval(row) if _figure(row["value"]) else "",
            *(_coloured(row[name]) if isinstance(row[name], str) else "" for name in groups),
            style="dim" if row["is_control"] else None,
        )
    table.title = f"nearest to the real ones first ({seconds:.0f} s)"
    Terminal().print(table)
    say("Those that share a rank cannot be told apart; what has none costs nothing.")
    say(*notes, *result.notes)

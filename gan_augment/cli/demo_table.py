"""When do added rows help? One table that is learnt from few rows, from more, and from all."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Column, Table

from gan_augment.cli.answers import NO_ANSWER
from gan_augment.cli.generators import table_generator
from gan_augment.cli.terminal import Terminal, cell, say

if TYPE_CHECKING:
    import pandas as pd

    from gan_augment.evaluation.comparison import AugmentationComparison

#: Rows to learn from, beside all of them; rows that are added; folds of few and of all rows.
SIZES, ADDED, N_FOLDS, N_FOLDS_ALL = (20, 50, 100), 500, 5, 3
OURS = "GAN"
TITLES = {"roc_auc_ovr": "ROC AUC", "neg_log_loss": "log loss, negative: higher is better"}
SHORT = {"roc_auc_ovr": "ROC AUC", "neg_log_loss": "negative log loss"}
MARKS = {"better": "+", "worse": "-"}


def demo_table(seed: int, quiet: bool) -> None:
    """Measure on scikit-learn's digits, taken as a table, and print one page."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True, as_frame=True)
    jobs = min(2, os.cpu_count() or 1)
    found = compare_sizes(table_generator("gan", {}, None), X, y, n_jobs=jobs, random_state=seed)
    if quiet:
        return
    say(
        f"Handwritten digits as a table: {len(X):,} rows, {X.shape[1]} columns, {y.nunique()} "
        "classes. A random forest learns from some of the rows, or from all but the test rows, "
        f"and from {ADDED} added ones, or is changed itself; it is scored on unseen real rows."
    )
    for scorer in TITLES:
        Terminal().print(_table(found, scorer))
    say(when_rows_help(found), bold=True)


def compare_sizes(
    generator: Any,
    X: Any,
    y: pd.Series,
    *,
    sizes: Sequence[int] = SIZES,
    n_jobs: int = 1,
    random_state: int = 0,
) -> dict[int, AugmentationComparison]:
    """Compare a forest with and without added rows, by the number of rows it learns from.

    The folds of the sizes given share no row, so that their scores are independent; those of all
    rows are the usual ones.
    """
    from sklearn.ensemble import RandomForestClassifier

    from gan_augment.evaluation.downstream import compare_augmentations
    from gan_augment.selection.disjoint_folds import disjoint_folds

    per_class = math.ceil(max(sizes) / y.nunique())
    apart = disjoint_folds(y.to_numpy(), per_class, N_FOLDS, np.random.default_rng(random_state))
    found = {}
    for size in (*sizes, None):
        result = compare_augmentations(
            {"random forest": RandomForestClassifier()},
            X,
            y,
            {OURS: generator},
            n_samples=ADDED,
            train_sizes=None if size is None else [size],
            cv=N_FOLDS_ALL if size is None else apart,
            n_jobs=n_jobs,
            random_state=random_state,
        )
        found[round(result.to_frame()["n_train"].mean())] = result
    return found


def _table(found, scorer):
    """The score of none, and what every other way changes, by size."""
    numbers = [Column(f"{size:,} rows", justify="right") for size in found]
    table = Table("", *numbers, title=f"{TITLES[scorer]} (changes; + or - where sure)")
    rows: dict[str, list[str]] = {}
    for result in found.values():
        for row in _rows_of(result.summary(), scorer):
            rows.setdefault(row["augmenter"], []).append(_change(row))
    for name, cells in rows.items():
        table.add_row(cell(name), *cells, style="bold" if name == OURS else None)
    return table


def _rows_of(summary, scorer):
    return summary[summary["scorer"] == scorer].to_dict("records")


def _change(row):
    if row["augmenter"] == "none":
        return f"{row['score']:.3f}  "
    if row["decision"] in NO_ANSWER:
        return "does not apply" if row["decision"] == "does not apply" else ""
    return f"{row['difference']:+.3f} {MARKS.get(row['decision'], ' ')}"


def when_rows_help(found: Mapping[int, AugmentationComparison]) -> str:
    """Return a sentence: with how many rows the GAN beats every free control, and by what."""
    helped = {
        size: over_best(result) for size, result in found.items() if result.advice == "augment"
    }
    others = [f"{size:,}" for size in found if size not in helped]
    if not helped:
        return "Added rows help at no size here beyond the best free control: leave them out."
    gains = _listed([f"{size:,} rows ({gain})" for size, gain in helped.items()])
    text = f"Added rows help here with {gains}"
    if not others:
        return f"{text}."
    return f"{text}; with {_listed(others)} not beyond the best free control: leave them out."


def over_best(result: AugmentationComparison) -> str:
    """Return what the GAN has beyond the free control that is best in each score."""
    parts = []
    for scorer in TITLES:
        scores = {row["augmenter"]: row["score"] for row in _rows_of(result.summary(), scorer)}
        ours = scores.pop(OURS)
        best = max(scores, key=lambda name: scores[name])
        parts.append(f"{SHORT[scorer]} {ours - scores[best]:+.3f} over {best}")
    return ", ".join(parts)


def _listed(words):
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last

"""When do added rows help? One table that is learnt from few rows, from more, and from all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Column, Table

from gan_augment.cli.answers import NO_ANSWER, libraries_silent
from gan_augment.cli.generators import table_generator
from gan_augment.cli.options import one_thread_each, two_jobs
from gan_augment.cli.progress import progress
from gan_augment.cli.terminal import Terminal, cell, say
from gan_augment.exceptions import joined
from gan_augment.process.progress import Work

if TYPE_CHECKING:
    import pandas as pd

    from gan_augment.evaluation.comparison import AugmentationComparison

#: Folds by rows to learn from, None for all but the test rows; fewer rows say less in a fold.
N_FOLDS: dict[int | None, int] = {20: 6, 50: 5, 100: 4, None: 3}
ADDED, N_TREES = 500, 60
OURS = "GAN"
TITLES = {"roc_auc_ovr": "ROC AUC", "neg_log_loss": "log loss, negative: higher is better"}
SHORT = {"roc_auc_ovr": "ROC AUC", "neg_log_loss": "negative log loss"}
MARKS = {"better": "+", "worse": "-"}


def demo_table(seed: int, quiet: bool) -> None:
    """Measure on scikit-learn's digits, taken as a table, and print one page."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True, as_frame=True)
    generator = table_generator("gan", {}, None)
    with libraries_silent(quiet), one_thread_each(), progress(quiet):
        found = compare_sizes(generator, X, y, N_FOLDS, n_jobs=two_jobs(), random_state=seed)
    if quiet:
        return
    say(
        f"Handwritten digits as a table: {len(X):,} rows, {X.shape[1]} columns, {y.nunique()} "
        f"classes. A random forest of {N_TREES} trees learns from some of the rows, or from all "
        f"but the test rows, with {ADDED} rows added, or changed itself; it is scored on unseen "
        "real rows."
    )
    for scorer in TITLES:
        Terminal().print(_table(found, scorer))
    say(when_rows_help(found), bold=True)


def compare_sizes(
    generator: Any,
    X: Any,
    y: pd.Series,
    n_folds: Mapping[int | None, int],
    *,
    n_jobs: int = 1,
    random_state: int = 0,
) -> dict[int, AugmentationComparison]:
    """Compare a learner with and without added rows, by the number of rows it learns from.

    Folds of one size share no row, so that their scores are independent; those of all rows are
    the usual ones.
    """
    from sklearn.ensemble import RandomForestClassifier

    from gan_augment.evaluation.downstream import compare_augmentations
    from gan_augment.selection.disjoint_folds import disjoint_folds

    found = {}
    rng = np.random.default_rng(random_state)
    with Work("Comparing", len(n_folds), "sizes") as work:
        for size, folds in n_folds.items():
            each = 0 if size is None else math.ceil(size / y.nunique())
            result = compare_augmentations(
                {"random forest": RandomForestClassifier(n_estimators=N_TREES)},
                X,
                y,
                {OURS: generator},
                n_samples=ADDED,
                cv=folds if size is None else disjoint_folds(y.to_numpy(), each, folds, rng),
                n_jobs=n_jobs,
                random_state=random_state,
            )
            found[round(result.to_frame()["n_train"].mean())] = result
            work.advance()
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
    """Return a sentence: with how many rows added ones help, and if a control does too."""
    by_advice: dict[str, list[int]] = {}
    for size, result in found.items():
        by_advice.setdefault(result.advice, []).append(size)
    helps = []
    if beyond := by_advice.pop("augment", []):
        gains = [f"{size:,} rows ({_over_best(found[size])})" for size in beyond]
        helps.append(f"with {joined(gains)}")
    if matched := by_advice.pop("use a control", []):
        names = dict.fromkeys(
            _best_control(found[size], next(iter(TITLES)))[0] for size in matched
        )
        helps.append(f"with {_sizes(matched)}, where {joined(names)} does as well for nothing")
    if not helps:
        return "Added rows help here with no number of rows: leave them out."
    text = f"Added rows help here {' and '.join(helps)}"
    rest = sorted(size for sizes in by_advice.values() for size in sizes)
    return f"{text}; with {_sizes(rest)} leave them out." if rest else f"{text}."


def _best_control(result, scorer):
    """The best free control in a score, and by how much the GAN is better."""
    rows = _rows_of(result.summary(), scorer)
    scores = {row["augmenter"]: row["score"] for row in rows if row["score"] == row["score"]}
    ours = scores.pop(OURS)
    best = max(scores, key=lambda name: scores[name])
    return best, ours - scores[best]


def _over_best(result):
    """What the GAN has beyond the best free control in each score."""
    found = ((SHORT[scorer], *_best_control(result, scorer)) for scorer in TITLES)
    return ", ".join(f"{score} {gain:+.3f} over {best}" for score, best, gain in found)


def _sizes(sizes):
    return f"{joined([f'{size:,}' for size in sizes])} rows"

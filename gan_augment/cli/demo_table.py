"""When do added rows help? One table that is learnt from few rows, from more, and from all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Column, Table
from sklearn.base import clone

from gan_augment.cli import options
from gan_augment.cli.answers import NO_ANSWER, libraries_silent
from gan_augment.cli.generators import table_generator
from gan_augment.cli.progress import progress
from gan_augment.cli.terminal import Terminal, cell, say
from gan_augment.process.progress import Work

if TYPE_CHECKING:
    import pandas as pd

    from gan_augment.evaluation.comparison import AugmentationComparison

#: Folds by rows to learn from, None for all but the test rows; fewer rows say less in a fold.
N_FOLDS: dict[int | None, int] = {20: 8, 50: 6, 100: 4, None: 3}
ADDED, N_TREES = 500, 60
#: Rows with the labels that they were made for, and those that `AugmentedClassifier` adds.
OURS = ("GAN", "GAN, soft labels")
TITLES = {"roc_auc": "ROC AUC", "neg_log_loss": "negative log loss: higher is better"}
MARKS = {"better": "+", "worse": "-"}


def demo_table(seed: int, quiet: bool) -> None:
    """Measure on scikit-learn's table of breast cancer, and print one page."""
    from sklearn.datasets import load_breast_cancer

    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    with libraries_silent(quiet), options.one_thread_each(), progress(quiet):
        found = compare_sizes(_ours(), X, y, N_FOLDS, n_jobs=options.two_jobs(), random_state=seed)
    if quiet:
        return
    say(
        f"Is a growth malignant? {len(X):,} rows, {X.shape[1]} numbers measured of each. "
        f"{N_TREES} boosted trees learn from some of the rows, or from all but the test rows, "
        f"with {ADDED} rows added, or are changed themselves; they are scored on unseen real "
        "rows. Soft labels are the probabilities of a committee (AugmentedClassifier)."
    )
    for scorer in TITLES:
        Terminal().print(_table(found, scorer))
    for size, result in found.items():
        say(f"{size:,} rows: {result.answer}", bold=True)


def _ours() -> dict[str, Any]:
    """What makes rows: the network, and the prior with a labeler, under which none is trained."""
    from gan_augment.estimators.transformer import GANAugmenter

    generator = table_generator("gan", {}, None)
    settings = generator.settings_for_labels()
    soft = GANAugmenter(clone(generator).set_params(**settings), labeler="committee")
    return dict(zip(OURS, (generator, soft), strict=True))


def compare_sizes(
    augmenters: Mapping[str, Any],
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
    from sklearn.ensemble import GradientBoostingClassifier

    from gan_augment.evaluation.downstream import compare_augmentations
    from gan_augment.selection.disjoint_folds import disjoint_folds

    found = {}
    rng = np.random.default_rng(random_state)
    with Work("Comparing", len(n_folds), "sizes") as work:
        for size, folds in n_folds.items():
            each = 0 if size is None else math.ceil(size / y.nunique())
            result = compare_augmentations(
                {"boosted trees": GradientBoostingClassifier(n_estimators=N_TREES)},
                X,
                y,
                augmenters,
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
    table = Table("", *numbers, title=f"{TITLES[scorer]} (changes, + or - if sure)")
    rows: dict[str, list[str]] = {}
    for result in found.values():
        summary = result.summary()
        for row in summary[summary["scorer"] == scorer].to_dict("records"):
            rows.setdefault(row["augmenter"], []).append(_change(row))
    for name, cells in rows.items():
        table.add_row(cell(name), *cells, style="bold" if name in OURS else None)
    return table


def _change(row):
    if row["augmenter"] == "none":
        return f"{row['score']:.3f}  "
    if row["decision"] in NO_ANSWER:
        return "does not apply" if row["decision"] == "does not apply" else ""
    return f"{row['difference']:+.3f} {MARKS.get(row['decision'], ' ')}"

"""``gan-augment demo``: whether augmentation helps, on data that ships with scikit-learn."""

import time
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gan_augment.cli_errors import plain_errors
from gan_augment.cli_options import Generator, Quiet, generator_named


def demo(
    rows: Annotated[int, typer.Option(min=40, max=500, help="Rows of the small table.")] = 100,
    generator: Annotated[Generator, typer.Option(help="What makes the rows.")] = "gan",
    images: Annotated[bool, typer.Option("--images", help="Digits in place of a table.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the table, the folds and the rows.")] = 0,
    quiet: Quiet = False,
):
    """Measure on a small table whether augmentation helps; takes less than a minute.

    A classifier is cross-validated with and without synthetic rows, and beside the cheap ways to
    the same number of rows: SMOTE and duplication. --images does so on handwritten digits.
    """
    with plain_errors():
        if images:
            from gan_augment.cli_images import demo_images

            return demo_images(seed, quiet)
        from gan_augment import demo as study

        started = time.perf_counter()
        names = {"gan": "GAN", "smote": study.SMOTE, "bootstrap": study.DUPLICATES}
        X, y = study.small_table(rows, seed)
        maker = generator_named(generator, {}, None)
        name = names[generator]
        scores = study.compare(maker, X, y, name=name, random_state=seed)
        found = study.verdict(scores, name)
        if not quiet:
            _show_demo(X, y, scores, found, name, time.perf_counter() - started)


def _show_demo(X, y, scores, found, name, seconds):
    from gan_augment.demo import REAL

    console = Console()
    shares = ", ".join(f"{count} {label}" for label, count in y.value_counts().items())
    console.print(
        f"Breast cancer: {len(X)} rows ({shares}), {X.shape[1]} columns. Random forest, "
        f"{len(scores)} held-out folds; as many synthetic rows as real ones, shared equally "
        "among the classes and learnt from the training folds alone.",
        highlight=False,
    )
    table = Table("training rows", "balanced accuracy", f"less {REAL}")
    for column in scores:
        gained = (scores[column] - scores[REAL]).mean()
        table.add_row(
            column,
            f"{scores[column].mean():.3f} ± {scores[column].std():.3f}",
            "" if column == REAL else f"{gained:+.3f}",
        )
    console.print(table)
    console.print(
        f"{name} less {REAL}: {found.difference:+.3f}, 95 % interval "
        f"{found.low:+.3f} to {found.high:+.3f} (paired folds, corrected for shared rows).",
        highlight=False,
    )
    console.print(f"[bold]{escape(found.sentence)}[/]", highlight=False)
    console.print(f"Measured in {seconds:.0f} s.", highlight=False)

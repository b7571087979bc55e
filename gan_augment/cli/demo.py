"""``gan-augment demo``: what it measures, printed."""

import os
import time
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gan_augment.cli.errors import plain_errors
from gan_augment.cli.generators import image_generator, table_generator
from gan_augment.cli.inputs import may_write
from gan_augment.cli.options import Overwrite, Quiet
from gan_augment.exceptions import InputError


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(demo)


def demo(
    context: typer.Context,
    images: Annotated[
        bool, typer.Option("--images", help="Digits of 8 x 8 pixels in place of a table.")
    ] = False,
    rows: Annotated[
        int, typer.Option(min=40, max=500, help="Rows of the small table, or training images.")
    ] = 100,
    generator: Annotated[
        Literal["gan", "classic", "smote", "bootstrap"],
        typer.Option(help="What makes the rows; with --images, all are compared."),
    ] = "gan",
    out: Annotated[
        Path | None, typer.Option(help="Also draw real and synthetic digits to this .png file.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the table, the folds and the rows.")] = 0,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Measure on a small table, or on digits, whether augmentation helps; under a minute.

    A classifier is cross-validated with and without synthetic rows, and beside the cheap ways to
    the same number of rows: SMOTE and duplication, and small movements of images.
    """
    with plain_errors(context):
        if images:
            demo_images(rows, generator, out, seed, overwrite, quiet)
        elif out is not None:
            raise InputError("--out draws digits", remedy="add --images")
        else:
            demo_table(rows, generator, seed, quiet)


def demo_table(rows, generator, seed, quiet):
    """Measure on a small table."""
    from gan_augment.cli import demo_tables as study

    started = time.perf_counter()
    names = {"gan": "GAN", "smote": study.SMOTE, "bootstrap": study.DUPLICATES}
    X, y = study.small_table(rows, seed)
    maker = table_generator(generator, {}, None)
    name = names[generator]
    scores = study.compare(maker, X, y, name=name, random_state=seed)
    found = study.verdict(scores, name)
    if not quiet:
        _show_demo(X, y, scores, found, name, time.perf_counter() - started)


def _show_demo(X, y, scores, found, name, seconds):
    from gan_augment.cli.demo_tables import REAL

    console = Console()
    shares = ", ".join(f"{count} {label}" for label, count in y.value_counts().items())
    console.print(
        f"Breast cancer: {len(X)} rows ({shares}), {X.shape[1]} columns. Random forest, "
        f"{len(scores)} held-out folds; as many synthetic rows as real ones, shared equally "
        "among the classes and learnt from the training folds alone.",
        highlight=False,
    )
    console.print(_scores_table("training rows", scores, REAL))
    console.print(
        f"{name} minus {REAL}: {found.difference:+.3f}, 95 % interval "
        f"{found.low:+.3f} to {found.high:+.3f} (paired folds, corrected for shared rows).",
        highlight=False,
    )
    _show_end(console, found, seconds)


def _scores_table(first, scores, real, by_learner=None):
    """Means over the folds: of each learner where there are several, and of all."""
    names = [] if by_learner is None else list(by_learner)
    table = Table(first, *names, "all" if names else "balanced accuracy", f"minus {real}")
    for column in scores:
        mean, spread = scores[column].mean(), scores[column].std()
        gained = mean - scores[real].mean()
        table.add_row(
            column,
            *(f"{by_learner.loc[column, name]:.3f}" for name in names),
            f"{mean:.3f}" if names else f"{mean:.3f} ± {spread:.3f}",
            "" if column == real else f"{gained:+.3f}",
        )
    return table


def _show_end(console, found, seconds):
    console.print(f"[bold]{escape(found.sentence)}[/]", highlight=False)
    console.print(f"Measured in {seconds:.0f} s.", highlight=False)


def demo_images(rows, generator, out, seed, overwrite, quiet):
    """Measure on digits, and show some."""
    from gan_augment.cli import demo_images as image_demo
    from gan_augment.cli import demo_tables as demo

    if generator != "gan":
        raise InputError(f"--images compares all generators: drop --generator {generator}.")
    per_class = rows // 10
    if per_class > image_demo.MAX_PER_CLASS:
        raise InputError(
            f"--rows {rows} leaves too few digits to test on: pass at most "
            f"{10 * image_demo.MAX_PER_CLASS} with --images."
        )
    if out is not None and out.suffix.lower() != ".png":
        raise InputError(f"--out {out} is no .png file: name it so.")
    may_write(out, overwrite)
    started = time.perf_counter()
    maker = image_generator("gan")
    jobs = min(2, os.cpu_count() or 1)
    measured = image_demo.compare_digits(maker, per_class, n_jobs=jobs, random_state=seed)
    found = demo.verdict(
        measured.scores, image_demo.GAN, test_share=0, what="images", real=image_demo.REAL
    )
    real, synthetic = image_demo.some_digits(maker, per_class, random_state=seed)
    if out is not None:
        image_demo.draw_digits(real, synthetic, out)
    if not quiet:
        _show_digits(measured, found, (real, synthetic), per_class, time.perf_counter() - started)
        if out is not None:
            print(f"The digits are in {out}.")


def _show_digits(measured, found, digits, per_class, seconds):
    from gan_augment.cli.demo_images import GAN, PLAIN_SHADES, REAL, SHADES, as_text

    console = Console()
    shades = SHADES if console.encoding.lower().startswith("utf") else PLAIN_SHADES
    for name, images in zip(("Real", "Synthetic"), digits, strict=True):
        console.print(f"{name} digits:", highlight=False)
        console.print(as_text(images, shades), highlight=False, markup=False, no_wrap=True)
    scores = measured.scores
    console.print(
        f"Digits of 8 x 8 pixels: {per_class} of each to learn from, {measured.n_test} to test "
        f"on, {len(scores)} folds that share no image; as many synthetic images as real ones. "
        "Balanced accuracy, mean of the folds.",
        highlight=False,
    )
    console.print(_scores_table("training on", scores, REAL, measured.by_learner))
    console.print(
        f"{GAN} minus {REAL}: {found.difference:+.3f}, 95 % interval {found.low:+.3f} to "
        f"{found.high:+.3f} (independent folds, mean of the learners).",
        highlight=False,
    )
    _show_end(console, found, seconds)

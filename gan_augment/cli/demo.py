"""``gan-augment demo``: when added rows, or images, help on what comes with scikit-learn."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gan_augment.cli import options
from gan_augment.cli.errors import plain_errors
from gan_augment.exceptions import InputError


def demo(
    context: typer.Context,
    images: Annotated[
        bool, typer.Option("--images", help="Digits as images of 8 x 8 pixels, not as a table.")
    ] = False,
    rows: Annotated[
        int | None,
        typer.Option(min=40, max=500, help="Images to learn from; a table has several sizes."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Also draw real and synthetic digits to this .png file.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the folds and the rows.")] = 0,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
) -> None:
    """Measure when added rows help, and when they do not; under a minute.

    A classifier learns from 20, 50, 100 and all rows of a table, with and without synthetic rows,
    and beside what costs nothing: repeated rows, SMOTE, noise, class weights, a tuned threshold.
    """
    with plain_errors(context):
        from gan_augment.cli.demo_images import check_images, demo_images
        from gan_augment.cli.demo_table import demo_table

        if images:
            check_images(rows or 100, out, overwrite)
            demo_images((rows or 100) // 10, out, seed, quiet)
            return
        for option, given in (("--out", out), ("--rows", rows)):
            if given is not None:
                raise InputError(f"{option} is about images of digits", remedy="add --images")
        demo_table(seed, quiet)

"""``gan-augment check``: how good synthetic rows or images are."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from gan_augment.cli.answers import libraries_silent, show_quality, write_answer
from gan_augment.cli.errors import CommandLineWording, complain, plain_errors
from gan_augment.cli.inputs import (
    are_images,
    check_column,
    may_write,
    one_file_each,
    refuse_for_images,
)
from gan_augment.cli.options import (
    INPUT_HELP,
    FixedSeed,
    Json,
    LeftOut,
    Overwrite,
    Page,
    Quiet,
)
from gan_augment.exceptions import InputError

if TYPE_CHECKING:
    import pandas as pd

FAILED_REQUIREMENT = 1


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command(
        epilog="Example: [bold]gan-augment check real.csv synthetic.csv --holdout later.csv "
        "--require 'c2st<=0.8' --require 'exact_copies<=0.01'[/]"
    )(check)


def check(
    context: typer.Context,
    real: Annotated[Path, typer.Argument(metavar="REAL", help="What it was learnt from.")],
    synthetic: Annotated[Path, typer.Argument(metavar="SYNTHETIC", help=INPUT_HELP)],
    holdout: Annotated[
        Path | None, typer.Option(help="Real rows that the generator has not seen.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="The column a model is to predict: measures utility.")
    ] = None,
    report: Page = None,
    json: Json = None,
    require: Annotated[
        list[str] | None,
        typer.Option(help=r"Such as 'c2st<=0.8' or 'ks\[age]>=0.9'; exit 1 if not; repeatable."),
    ] = None,
    ignore: LeftOut = None,
    max_rows: Annotated[
        int, typer.Option(min=10, help="Compare a random sample of larger tables.")
    ] = 10_000,
    privacy: Annotated[bool, typer.Option(help="Measure privacy too.")] = True,
    sdmetrics: Annotated[
        bool, typer.Option("--sdmetrics", help="Add the score of sdmetrics' QualityReport.")
    ] = False,
    anonymeter: Annotated[
        bool, typer.Option("--anonymeter", help="Add the singling-out risk of anonymeter.")
    ] = False,
    seed: FixedSeed = 0,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Measure how good synthetic rows or images are, beside real ones against real ones.

    Exits with status 1 if a --require does not hold, so that it can guard a pipeline.
    """
    with plain_errors(context) as wording:
        from gan_augment.evaluation.quality import quality_report

        may_write(report, overwrite)
        may_write(json, overwrite)
        read = {"REAL": real, "SYNTHETIC": synthetic, "--holdout": holdout}
        one_file_each({"--report": report, "--json": json, **read})
        wording.target = target
        images = are_images(real)
        asked = {"target": target, "holdout": holdout, "privacy": privacy}
        asked |= {"sdmetrics": sdmetrics, "anonymeter": anonymeter}
        lacking = [name for name, given in asked.items() if not given]
        if images:
            peers = {"sdmetrics": sdmetrics, "anonymeter": anonymeter}
            refuse_for_images(real, {"target": target, "ignore": ignore} | peers)
            lacking.remove("target")  # the labels
        _check_requirements(require or (), lacking, images)
        started = time.perf_counter()
        if images:
            sets, asked["target"], notes = _images((real, synthetic, holdout), wording)
        else:
            sets, notes = _tables((real, synthetic, holdout), ignore or (), wording)
            if target is not None:
                check_column(sets[0].columns, "--target", target, real)
        asked["holdout"] = sets[2]
        with libraries_silent(quiet):
            result = quality_report(*sets[:2], **asked, max_rows=max_rows, random_state=seed)
        if not quiet:
            show_quality(result, notes, time.perf_counter() - started)
        write_answer(result, report, json, quiet)
        failures = result.meets(require or ())
        for failure in failures:
            complain(f"{failure}.")
    if failures:
        raise typer.Exit(FAILED_REQUIREMENT)


def _check_requirements(texts: Iterable[str], lacking: list[str], images: bool) -> None:
    """Refuse what cannot be read or will not be measured, before anything is."""
    from gan_augment.evaluation.requirements import Requirement

    remedies = {
        "target": "name a column with --target",
        "holdout": "pass rows that the generator has not seen with --holdout",
        "privacy": "drop --no-privacy",
        "sdmetrics": "add --sdmetrics",
        "anonymeter": "add --anonymeter",
    }
    for text in texts:
        requirement = Requirement.parse(text)
        requirement.refuse_unmeasured({name: remedies[name] for name in lacking}, images)


def _tables(
    paths: Sequence[Path | None], ignored: Iterable[str], wording: CommandLineWording
) -> tuple[list, list[str]]:
    """The columns of tables that are compared, None for no path, and what was left out."""
    from gan_augment.io.tables import read_table

    files = [None if path is None else read_table(path) for path in paths]
    frames = [None if file is None else file.frame for file in files]
    real, synthetic = frames[:2]
    notes, ignored, n_before = [], list(ignored), 0
    for column in ignored:
        if not any(column in frame.columns for frame in frames if frame is not None):
            check_column(real.columns, "--ignore", column, paths[0])
    if begins_with(synthetic, real):
        n_before = len(real)
        frames[1] = synthetic.iloc[n_before:].reset_index(drop=True)
        notes.append(
            f"{paths[1]} begins with the {len(real):,} rows of {paths[0]}: the "
            f"{len(frames[1]):,} rows after them are compared."
        )
        marks = [name for name in synthetic.columns if name not in real.columns]
        ignored += marks if len(marks) == 1 else []  # what --mark wrote
    wording.reads("X", paths[0], files[0].row_name)
    wording.reads("real", paths[0], files[0].row_name)
    wording.reads("synthetic", paths[1], lambda row: files[1].row_name(row + n_before))
    if files[2] is not None:
        wording.reads("holdout", paths[2], files[2].row_name)
    return [f if f is None else f.drop(columns=ignored, errors="ignore") for f in frames], notes


def begins_with(table: pd.DataFrame, start: pd.DataFrame) -> bool:
    """Return whether the first rows of a longer table are those of another one, cell for cell."""
    if len(table) <= len(start) or not set(start.columns) <= set(table.columns):
        return False
    first = table.iloc[: len(start)]
    return all(
        (first[name].astype(str).to_numpy() == start[name].astype(str).to_numpy()).all()
        for name in start.columns
    )


def _images(
    paths: Sequence[Path | None], wording: CommandLineWording
) -> tuple[list, tuple | None, list[str]]:
    """Images of real, synthetic and perhaps fresh sets, their labels, and notes.

    The labels are None if a set has none, or all real images are of one class.
    """
    from gan_augment.io.images import read_images

    notes, found = [], []
    for argument, path in zip(("real", "synthetic", "holdout"), paths, strict=True):
        if path is None:
            continue
        if not are_images(path):
            raise InputError(
                f"is a table, but {paths[0]} is read as images", value=path, remedy="pass images"
            )
        one = read_images(path)
        found.append(_synthetic_only(one, path, notes) if argument == "synthetic" else one)
        notes += found[-1].notes
        wording.reads(argument, path, found[-1].row_name)
    wording.reads("X", paths[0], found[0].row_name)
    for path, other in zip(paths[1:], found[1:], strict=False):
        shape, wanted = other.images.shape[1:], found[0].images.shape[1:]
        if shape != wanted:
            raise InputError(
                f"has images of shape {shape}, but those of {paths[0]} have {wanted}",
                value=path,
                remedy="compare images of one size and colour",
            )
    target = None
    if all(part.labels is not None for part in found) and len(np.unique(found[0].labels)) > 1:
        target = tuple(part.labels.astype(str) for part in found)
    images = [part.images for part in found]
    return images + [None] * (3 - len(images)), target, notes


def _synthetic_only(found: Any, path: Path, notes: list[str]) -> Any:
    """A folder that ``augment`` wrote, without the real images in it."""
    from gan_augment.io.image_folders import SYNTHETIC
    from gan_augment.io.images import ImageSet

    if found.files is None:
        return found
    made = np.array([file.name.startswith(f"{SYNTHETIC}-") for file in found.files])
    if made.all() or not made.any():
        return found
    notes.append(
        f"Of the {len(made):,} images in {path}, the {made.sum():,} named {SYNTHETIC}-... are "
        "compared."
    )
    files = tuple(file for file, is_made in zip(found.files, made, strict=True) if is_made)
    return ImageSet(found.images[made], found.labels[made], files, found.notes)

"""``gan-augment check``: how good synthetic rows or images are."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from gan_augment.cli import options
from gan_augment.cli.answers import (
    libraries_silent,
    show_quality,
    show_ranking,
    write_answer,
)
from gan_augment.cli.errors import CommandLineWording, complain, plain_errors
from gan_augment.cli.inputs import (
    are_images,
    check_column,
    may_write,
    one_file_each,
    refuse_for_images,
)
from gan_augment.cli.progress import progress
from gan_augment.exceptions import InputError

if TYPE_CHECKING:
    import pandas as pd

    from gan_augment.io.csv import Reading

FAILED_REQUIREMENT = 1


def check(
    context: typer.Context,
    real: Annotated[Path, typer.Argument(metavar="REAL", help="What it was learnt from.")],
    synthetic: Annotated[
        list[Path],
        typer.Argument(metavar="SYNTHETIC...", help=f"{options.INPUT_HELP} Several are ranked."),
    ],
    holdout: Annotated[
        Path | None, typer.Option(help="Real rows that the generator has not seen.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="The column a model is to predict: measures utility.")
    ] = None,
    report: options.Page = None,
    json: options.Json = None,
    require: Annotated[
        list[str] | None,
        typer.Option(help=r"Such as 'c2st<=0.8' or 'ks\[age]>=0.9'; exit 1 if not; repeatable."),
    ] = None,
    ignore: options.LeftOut = None,
    encoding: options.Encoding = None,
    header: options.Header = None,
    missing: options.Missing = None,
    dates: options.Dates = None,
    drop_ragged: options.DropRagged = False,
    skip_lines: options.SkipLines = 0,
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
    rank_by: Annotated[
        str, typer.Option(metavar="METRIC", help="Of several: the figure that ranks.")
    ] = "c2st",
    controls: Annotated[
        bool, typer.Option(help="Of several: put what costs nothing beside them.")
    ] = True,
    seed: options.FixedSeed = 0,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
) -> None:
    """Measure how good synthetic rows or images are, beside real ones against real ones.

    Exits with status 1 if a --require does not hold, so that it can guard a pipeline.
    """
    with plain_errors(context) as wording:
        from gan_augment.evaluation import quality, quality_ranking

        for path in (report, json):
            may_write(path, overwrite)
        places = [f"SYNTHETIC {i}" if i else "SYNTHETIC" for i in range(len(synthetic))]
        read = {"REAL": real, **dict(zip(places, synthetic, strict=True)), "--holdout": holdout}
        one_file_each({"--report": report, "--json": json, **read})
        names = _names(synthetic)
        wording.target = target
        images = are_images(real)
        asked = {"target": target, "holdout": holdout, "privacy": privacy}
        asked |= {"sdmetrics": sdmetrics, "anonymeter": anonymeter}
        lacking = [name for name, given in asked.items() if not given]
        if images:
            refuse_for_images(real, context)
            lacking.remove("target")  # the labels
        _check_requirements(require or (), lacking, images)
        started = time.perf_counter()
        sides = {"real": real, **dict(zip(names, synthetic, strict=True)), "holdout": holdout}
        paths = {name: path for name, path in sides.items() if path is not None}
        if images:
            sets, asked["target"], notes, files = _images(paths, wording)
        else:
            reading = options.reading_of(context.params)
            sets, notes = _tables(paths, ignore or (), reading, wording)
            if target is not None:
                check_column(sets["real"].columns, "--target", target, real)
        asked |= {"holdout": sets.get("holdout"), "max_rows": max_rows, "random_state": seed}
        with libraries_silent(quiet), progress(quiet):
            if len(names) == 1:
                result = quality.quality_report(sets["real"], sets[names[0]], **asked)
                if images:  # so that the page names them
                    result = replace(result, samples=replace(result.samples, files=files))
            else:
                made = {name: sets[name] for name in names}
                asked |= {"rank_by": rank_by, "controls": controls}
                result = quality_ranking.compare_quality(sets["real"], made, **asked)
        if not quiet:
            show = show_quality if len(names) == 1 else show_ranking
            show(result, notes, time.perf_counter() - started)
        write_answer(result, report, json, quiet)
        failures = result.meets(require or ())
        for failure in failures:
            complain(f"{failure}.")
    if failures:
        raise typer.Exit(FAILED_REQUIREMENT)


def _names(paths: Sequence[Path]) -> list[str]:
    """What synthetic files are called: one alone as its argument, several by their files."""
    if len(paths) == 1:
        return ["synthetic"]
    if len(set(paths)) < len(paths):
        twice = next(path for path in paths if paths.count(path) > 1)
        raise InputError("is named twice", value=twice, remedy="name each file once")
    short = [path.name for path in paths]
    return [
        path.name
        if short.count(path.name) == 1 and path.name not in ("real", "holdout")
        else str(path)
        for path in paths
    ]


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
    paths: Mapping[str, Path],
    ignored: Iterable[str],
    reading: Reading,
    wording: CommandLineWording,
) -> tuple[dict[str, Any], list[str]]:
    """The columns of tables that are compared, by what they are, and what was left out."""
    from gan_augment.io.tables import file_kind, read_table

    texts = {name for name, path in paths.items() if file_kind(path) == "csv"}
    files = {
        name: read_table(path, reading if name in texts else None) for name, path in paths.items()
    }
    frames = {name: file.frame for name, file in files.items()}
    real, notes, ignored = frames["real"], [], list(ignored)
    for column in ignored:
        if not any(column in frame.columns for frame in frames.values()):
            check_column(real.columns, "--ignore", column, paths["real"])
    wording.reads("X", paths["real"], files["real"].row_name, "real" in texts)
    for name, file in files.items():
        wording.reads(name, paths[name], file.row_name)
        if name not in ("real", "holdout") and begins_with(frames[name], real):
            frames[name] = _after(frames[name], real, name, file, paths, wording)
            notes.append(
                f"{paths[name]} begins with the {len(real):,} rows of {paths['real']}: the "
                f"{len(frames[name]):,} rows after them are compared."
            )
    return {n: f.drop(columns=ignored, errors="ignore") for n, f in frames.items()}, notes


def _after(table, real, name, file, paths, wording):
    """The rows of a table after the real ones, without the column that --mark wrote."""
    n_before = len(real)
    wording.reads(name, paths[name], lambda row: file.row_name(row + n_before))
    marks = [column for column in table.columns if column not in real.columns]
    rows = table.iloc[n_before:].reset_index(drop=True)
    return rows.drop(columns=marks) if len(marks) == 1 else rows


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
    paths: Mapping[str, Path], wording: CommandLineWording
) -> tuple[dict[str, Any], tuple | None, list[str], dict[str, list[str]]]:
    """Images of each set, their labels, notes, and what the file of each is called.

    The labels are None if a set has none, or all real images are of one class; files of an array
    have no names.
    """
    from gan_augment.io.images import read_images

    notes, found = [], {}
    for name, path in paths.items():
        if not are_images(path):
            raise InputError(
                f"is a table, but {paths['real']} is read as images",
                value=path,
                remedy="pass images",
            )
        one = read_images(path)
        is_made = name not in ("real", "holdout")
        found[name] = _synthetic_only(one, path, notes) if is_made else one
        notes += found[name].notes
        wording.reads(name, path, found[name].row_name)
    wording.reads("X", paths["real"], found["real"].row_name)
    wanted = found["real"].images.shape[1:]
    for name, other in found.items():
        if other.images.shape[1:] != wanted:
            raise InputError(
                f"has images of shape {other.images.shape[1:]}, but those of {paths['real']} have "
                f"{wanted}",
                value=paths[name],
                remedy="compare images of one size and colour",
            )
    images = {name: part.images for name, part in found.items()}
    files = {
        name: [file.relative_to(paths[name]).as_posix() for file in part.files]
        for name, part in found.items()
        if part.files is not None
    }
    return images, _labels(found), notes, files


def _labels(found: Mapping[str, Any]) -> tuple | None:
    """The classes of each set, as reports take them; of several synthetic ones a dict."""
    if any(part.labels is None for part in found.values()):
        return None
    if len(np.unique(found["real"].labels)) < 2:
        return None
    labels = {name: part.labels.astype(str) for name, part in found.items()}
    made = {name: y for name, y in labels.items() if name not in ("real", "holdout")}
    middle = next(iter(made.values())) if len(made) == 1 else made
    holdout = (labels["holdout"],) if "holdout" in labels else ()
    return (labels["real"], middle, *holdout)


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

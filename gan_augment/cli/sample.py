"""``gan-augment sample``: draw rows or images from a saved generator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from gan_augment.cli import options
from gan_augment.cli.answers import escape_note
from gan_augment.cli.errors import plain_errors
from gan_augment.cli.inputs import check_image_place, may_write, one_file_each, refuse_for_images
from gan_augment.cli.progress import progress
from gan_augment.cli.terminal import say
from gan_augment.cli.where import Where, conditions
from gan_augment.exceptions import InputError
from gan_augment.process.progress import Work


def sample(
    context: typer.Context,
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A file from `fit` or --model.")],
    n: Annotated[int, typer.Option("-n", "--rows", min=1, help="Rows or images to draw.")],
    out: Annotated[
        Path,
        typer.Option(
            help="The .csv, .tsv or .parquet file, or with --rows-per-file a folder; of images a "
            "folder or .npz."
        ),
    ],
    label: Annotated[str | None, typer.Option(help="Draw of this class only.")] = None,
    where: Where = None,
    rows_per_file: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Fill the folder --out with Parquet files of so many rows; a run that was "
            "stopped goes on.",
        ),
    ] = None,
    jobs: Annotated[
        int, typer.Option(help="Files made at a time, with --rows-per-file; -1 uses all cores.")
    ] = 1,
    seed: options.Seed = None,
    raw: options.Raw = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
) -> None:
    """Draw rows or images from a saved generator; the target is the last column of rows."""
    with plain_errors(context) as wording:
        from gan_augment.estimators.loading import load

        one_file_each({"--out": out, "MODEL": model})
        wording.reads("generator", model)
        made = load(model)
        made = getattr(made, "generator_", made)  # an augmenter holds one
        images = getattr(made, "learns_images", False)
        if images:
            refuse_for_images(model, context)
            check_image_place(out, None, overwrite)
        if where:
            schema = made.codec_.schema_ if hasattr(made, "under") else None
            made = made.under(conditions(made, schema, where))
        wanted = n if label is None else {_known_label(made, label): n}
        with progress(quiet):
            if images:
                said = _write_images(made, wanted, out, seed)
            elif rows_per_file is not None:
                _check_folder(out, {"--raw": raw, "--overwrite": overwrite}, jobs)
                said = _fill_folder(made, wanted, out, rows_per_file, seed, jobs)
            else:
                said = write_rows(made, wanted, out, seed=seed, raw=raw, overwrite=overwrite)
        if not quiet:
            say(*said)


def write_rows(
    generator: Any,
    wanted: int | Mapping[Any, int],
    out: Path,
    *,
    seed: int | None = None,
    raw: bool = False,
    overwrite: bool = False,
) -> list[str]:
    """Draw rows into one file, a chunk at a time, and return what was done.

    Parameters
    ----------
    generator : generator of tables
        Fitted.
    wanted : int or dict of {label: int}
        Rows in all, or of each class.
    out : Path
        Its suffix chooses the format.
    seed : int, optional
    raw, overwrite : bool
        As the options of these names.
    """
    from gan_augment.io.tables import file_kind, with_target, write_frames

    file_kind(out)
    may_write(out, overwrite)
    chunks = generator.sample_iter(wanted, random_state=seed)
    with Work("Drawing", _total(wanted), "rows") as work:
        n_escaped = write_frames(
            _counted(chunks, work), out, examples=with_target(*generator.examples()), raw=raw
        )
    return [f"{_total(wanted):,} rows are in {out}.", *escape_note(n_escaped)]


def _counted(chunks: Any, work: Work) -> Iterator[Any]:
    """Chunks of rows as frames, each counted once it has been written."""
    from gan_augment.containers import n_rows
    from gan_augment.io.tables import with_target

    for X, y in chunks:
        yield with_target(X, y)
        work.advance(n_rows(X))


def _check_folder(out: Path, others: Mapping[str, bool], jobs: int) -> None:
    """Refuse options that do not go with --rows-per-file, and a file in the folder's place."""
    for option, given in others.items():
        if given:
            raise InputError(f"{option} does not go with --rows-per-file", remedy="drop it")
    options.check_jobs(jobs)
    if out.exists() and not out.is_dir():
        raise InputError("is a file", value=out, remedy="with --rows-per-file name a folder")


def _fill_folder(
    generator: Any,
    wanted: int | Mapping[Any, int],
    out: Path,
    rows_per_file: int,
    seed: int | None,
    jobs: int,
) -> list[str]:
    from gan_augment.generators.to_parquet import sample_to_parquet

    options = {"rows_per_partition": rows_per_file, "random_state": seed, "n_jobs": jobs}
    paths = sample_to_parquet(generator, wanted, out, **options)
    return [f"{_total(wanted):,} rows are in {len(paths):,} files in {out}."]


def _write_images(
    generator: Any, wanted: int | Mapping[Any, int], out: Path, seed: int | None
) -> list[str]:
    from gan_augment.io.image_folders import check_writable, write_images
    from gan_augment.io.images import ImageSet

    n = _total(wanted)
    y = [label for label in wanted for _ in range(n)] if isinstance(wanted, Mapping) else None
    images, labels = generator.sample(n, y=y, random_state=seed)
    new = ImageSet(images, None if labels is None else np.asarray(labels))
    if out.suffix.lower() != ".npz":
        check_writable(new, out)
    write_images(out, new)
    return [f"{n:,} images are in {out}."]


def _total(wanted: int | Mapping[Any, int]) -> int:
    return sum(wanted.values()) if isinstance(wanted, Mapping) else wanted


def _known_label(generator: Any, label: str) -> Any:
    """The class that reads ``label``: on the command line every label is text."""
    classes = getattr(generator, "classes_", None)
    if classes is None:
        raise InputError.of("--label", label, "needs classes, and this model has none", "drop it")
    for known in classes:
        if str(known) == label:
            return known
    names = ", ".join(str(known) for known in classes)
    raise InputError.of("--label", label, "is not a class of this model", f"it has {names}")

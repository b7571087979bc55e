"""``gan-augment augment``: learn a table or images and write them with new ones after them."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from gan_augment.cli import options
from gan_augment.cli.answers import copies_note, escape_note, show_counts, target_note
from gan_augment.cli.constraints import Constraint
from gan_augment.cli.errors import CommandLineWording, plain_errors
from gan_augment.cli.generators import (
    TAKE_COLUMNS,
    GeneratorName,
    check_model,
    image_generator,
    table_generator,
)
from gan_augment.cli.inputs import (
    all_problems,
    are_images,
    check_columns,
    check_image_place,
    check_not_target,
    check_task,
    may_write,
    nullable,
    one_file_each,
    read_rows,
    refuse_flip,
    refuse_for_images,
)
from gan_augment.cli.progress import progress
from gan_augment.cli.terminal import say
from gan_augment.cli.where import Where, conditions


def augment(
    context: typer.Context,
    table: Annotated[Path, typer.Argument(metavar="IN", help=options.INPUT_HELP)],
    out: Annotated[
        Path, typer.Option(help="The file to write, its suffix is its format; or a folder.")
    ],
    target: options.Target = None,
    task: options.Task = None,
    rows: Annotated[
        str | None,
        typer.Option(
            help="1.0 adds as many rows as there are, 500 adds 500, auto what helps models.",
            show_default="1.0",
        ),
    ] = None,
    balance: Annotated[
        options.Balance,
        typer.Option(help="How the rows are shared among classes; fill evens them out."),
    ] = "equal",
    generator: Annotated[
        GeneratorName,
        typer.Option(
            help="What makes the rows; classic and vae are for images, the last four, of SDV, for "
            "tables."
        ),
    ] = "gan",
    flip: options.Flip = False,
    locality: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="1 stays near real rows, 0 is free (gan only)."),
    ] = None,
    ignore: options.Ignore = None,
    regenerate: options.Regenerate = None,
    kind: options.Kind = None,
    constraint: Constraint = None,
    groups: Annotated[
        str | None,
        typer.Option(
            help="Column that says whose a row is: new people are made, --rows counts them."
        ),
    ] = None,
    where: Where = None,
    encoding: options.Encoding = None,
    header: options.Header = None,
    missing: options.Missing = None,
    dates: options.Dates = None,
    drop_ragged: options.DropRagged = False,
    skip_lines: options.SkipLines = 0,
    drop_unlabeled: options.DropUnlabeled = False,
    mark: Annotated[
        str | None, typer.Option(help="Name of an extra column or .npz array: True if synthetic.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Also save the fitted generator here, for `sample`.")
    ] = None,
    allow_copies: Annotated[
        bool, typer.Option("--allow-copies", help="Do not redraw rows that equal a real one.")
    ] = False,
    seed: options.Seed = None,
    raw: options.Raw = False,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
) -> None:
    """Learn a table or images and write them back with synthetic ones after the real ones.

    The real rows are copied as they stand: the text of a CSV file, the schema of a Parquet file,
    each file of a folder of images.
    """
    with plain_errors(context) as wording:
        wording.target = target
        wording.columns_need = "" if generator in TAKE_COLUMNS else "--generator gan with"
        source: Any
        if are_images(table):
            refuse_for_images(table, context)
            source = _Images(context.params)
        else:
            refuse_flip(flip, table)
            check_task(task, target)
            source = _Table(context.params)
        amount = options.amount_of(rows, balance, source.may_have_classes)
        check_model(model, generator)
        source.check_place(overwrite)
        may_write(model, overwrite)
        one_file_each({"--model": model, "--out": out, source.what: table})
        started = time.perf_counter()
        asked = {"n_samples": amount, "allow_copies": allow_copies, "random_state": seed}
        asked["class_balance"] = "equal" if balance == "fill" else balance
        with progress(quiet):
            with warnings.catch_warnings(record=True) as heard:
                augmenter, augmented = source.augmented(asked, wording)
            source.write(augmented)
            if model is not None:
                augmenter.generator_.save(model)
        if not quiet:
            notes = source.notes_before() + [str(warning.message) for warning in heard]
            notes += source.notes_after(augmenter)
            notes += [augmenter.decision_] if amount == "auto" else []
            notes += copies_note(augmenter, source.unit)
            seconds = time.perf_counter() - started
            show_counts(
                source.labels(augmented), augmented.is_synthetic, source.unit, out, seconds
            )
            say(*notes)
            if model is not None:
                say(f"The fitted generator is in {model}.")


class _Table:
    """A file of rows that is augmented, by the parameters of the command."""

    unit, what = "rows", "the table"

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.out, self.mark, self.target = given["out"], given["mark"], given["target"]
        self.given, self.columns = given, options.columns_of(given)
        self.maker = table_generator(
            given["generator"],
            self.columns,
            given["locality"],
            given["task"] or "auto",
            given["constraint"],
        )
        self.reading = options.reading_of(given, self.columns)

    @property
    def may_have_classes(self) -> bool:
        return self.target is not None

    def check_place(self, overwrite: bool) -> None:
        from gan_augment.io.tables import file_kind

        file_kind(self.out)
        may_write(self.out, overwrite)

    def augmented(self, asked: dict, wording: CommandLineWording) -> tuple:
        """Read the file and return the fitted augmenter and what it returns."""
        from gan_augment.encoding.schema import Schema
        from gan_augment.estimators.transformer import GANAugmenter

        path, drop_unlabeled = self.given["table"], self.given["drop_unlabeled"]
        self.file, frame, _ = read_rows(path, self.reading, wording, self.target, drop_unlabeled)
        self.file.check_mark(self.mark)
        check_not_target(self.target, self.columns)
        check_columns(frame.columns, self.columns, path)
        ignored = [name for name, kind in self.columns.items() if kind == "ignore"]
        frame = nullable(frame, ignored)
        X = frame if self.target is None else frame.drop(columns=self.target)
        y = None if self.target is None else frame[self.target]
        with all_problems(X, self.columns):
            if self.given["where"]:
                schema = Schema.infer(X, self.columns)
                where = conditions(self.maker, schema, self.given["where"])
                asked |= {"n_samples": {"where": where, "rows": asked["n_samples"]}}
            augmenter = GANAugmenter(self.maker, **asked)
            return augmenter, augmenter.augment(X, y, groups=self.given["groups"])

    def write(self, augmented: Any) -> None:
        added = augmented.X[augmented.is_synthetic]
        if self.target is not None:
            added = added.assign(**{self.target: augmented.y[augmented.is_synthetic]})
        added = added[list(self.file.frame.columns)]
        self.n_escaped = self.file.write(self.out, added, self.mark, self.given["raw"])

    def labels(self, augmented: Any) -> Any:
        return None if self.target is None else augmented.y

    def notes_before(self) -> list[str]:
        return list(self.file.notes)

    def notes_after(self, augmenter: Any) -> list[str]:
        notes = target_note(augmenter.generator_.target_, self.target)
        return notes + escape_note(self.n_escaped)


class _Images:
    """A folder or file of images that is augmented, by the parameters of the command."""

    unit, what, may_have_classes = "images", "the images", True

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.path, self.out, self.mark = given["table"], given["out"], given["mark"]
        self.as_rows = given["generator"] in ("smote", "bootstrap")
        self.maker = image_generator(given["generator"], given["locality"], given["flip"])

    def check_place(self, overwrite: bool) -> None:
        from gan_augment.io.image_folders import check_mark

        check_image_place(self.out, self.path, overwrite)
        check_mark(self.mark, self.out)

    def augmented(self, asked: dict, wording: CommandLineWording) -> tuple:
        """Read the images and return the fitted augmenter and what it returns."""
        from gan_augment.containers import flat_rows
        from gan_augment.estimators.transformer import GANAugmenter
        from gan_augment.io.image_folders import check_writable
        from gan_augment.io.images import read_images

        self.found = read_images(self.path)
        wording.reads("X", self.path, self.found.row_name)
        if self.out.suffix.lower() != ".npz":
            check_writable(self.found, self.out)
        if self.found.labels is not None:
            self.maker.set_params(target="class")  # labels that are integers are classes too
        # the controls for tables see images as rows of pixels
        X = flat_rows(self.found.images) if self.as_rows else self.found.images
        augmenter = GANAugmenter(self.maker, **asked)
        return augmenter, augmenter.augment(X, self.found.labels)

    def write(self, augmented: Any) -> None:
        from gan_augment.io.image_folders import write_images
        from gan_augment.io.images import ImageSet

        added, shape = augmented.is_synthetic, self.found.images.shape[1:]
        images = augmented.X[added].reshape(-1, *shape)
        labels = None if self.found.labels is None else np.asarray(augmented.y)[added]
        write_images(self.out, ImageSet(images, labels), self.found, self.mark)

    def labels(self, augmented: Any) -> Any:
        import pandas as pd

        return None if self.found.labels is None else pd.Series(augmented.y)

    def notes_before(self) -> list[str]:
        from gan_augment.containers.images import layout_of

        n, *size = self.found.images.shape
        if layout_of(self.found.images.shape, "auto", None)[0] == "first":
            size = [*size[1:], size[0]]
        height, width, *channels = size
        colour = f", {channels[0]} channels" if channels else ", grey"
        return [f"{n:,} images of {width} x {height} pixels{colour}.", *self.found.notes]

    def notes_after(self, augmenter: Any) -> list[str]:
        return []

"""What commands read and write, refused before any work where it cannot be right."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import typer

from gan_augment.cli.errors import CommandLineWording, option_of_kind
from gan_augment.cli.options import OF_TABLES
from gan_augment.exceptions import ColumnErrors, InputError
from gan_augment.io.atomic import check_parent

if TYPE_CHECKING:
    import pandas as pd

    from gan_augment.io.csv import Reading
    from gan_augment.io.tables import TableFile


def may_write(path: Path | None, overwrite: bool) -> None:
    """Refuse a file that cannot be written, or that is there already."""
    if path is None:
        return
    if path.is_dir():
        raise InputError("is a folder", value=path, remedy="name a file")
    if os.path.islink(os.path.realpath(path)):
        raise InputError("is a link that leads back to itself", value=path, remedy="name a file")
    if path.exists() and not overwrite:
        raise InputError("exists", value=path, remedy="choose another name or add --overwrite")
    check_parent(path)


def one_file_each(files: Mapping[str, Path | None]) -> None:
    """Refuse a file that is to be written where another one is read or written.

    Parameters
    ----------
    files : dict of {str: Path or None}
        What each file is, those that are written first.
    """
    seen: dict[str, str] = {}
    for what, path in files.items():
        if path is None:
            continue
        other = seen.setdefault(os.path.realpath(path), what)
        if other != what and other.startswith("--"):
            raise InputError(f"{other} {path} is also {what}", remedy="choose another name")


def are_images(path: Path) -> bool:
    """Return whether a path is to be read as images; refuse a path without suffix and folder."""
    from gan_augment.io.images import check_folder, holds_images

    images = holds_images(path)
    if images and path.suffix.lower() != ".npz":
        check_folder(path)  # a table without a suffix is no folder
    return images


def refuse_for_images(path: Path, context: typer.Context) -> None:
    """Refuse options of a command that say nothing about images."""
    for option in context.command.params:
        source = context.get_parameter_source(option.name)
        if option.name in OF_TABLES and source.name == "COMMANDLINE":
            is_off = context.params[option.name] is False
            name = (option.secondary_opts if is_off else option.opts)[0]
            raise InputError(
                f"{name} is for tables, but {path} is read as images", remedy="drop it"
            )


def refuse_flip(flip: bool, path: Path) -> None:
    """Refuse to mirror a table."""
    if flip:
        raise InputError(f"--flip mirrors images, but {path} is a table", remedy="drop it")


def check_column(names: Iterable[str], option: str, column: str, path: Path) -> None:
    """Refuse a column that is not among the names of a table's."""
    names = list(names)
    if column not in names:
        known = ", ".join(map(repr, names[:20]))
        raise InputError.of(option, column, f"is not a column of {path}", f"it has {known}")


def check_columns(names: Iterable[str], columns: Mapping[str, str], path: Path) -> None:
    """Refuse kinds for columns that the table does not have."""
    for name, kind in columns.items():
        check_column(names, option_of_kind(kind), name, path)


def check_not_target(target: str | None, columns: Mapping[str, str]) -> None:
    """Refuse a kind for the target."""
    if target in columns:
        raise InputError.of(
            option_of_kind(columns[target]),
            target,
            "is the target, which is learnt as --task says",
            "drop it",
        )


def check_task(task: str | None, target: str | None) -> None:
    """Refuse to say what the target holds where there is none."""
    if task is not None and target is None:
        raise InputError(
            f"--task {task} says what the target holds", remedy="name its column with --target"
        )


def read_rows(
    path: Path,
    reading: Reading | None,
    wording: CommandLineWording,
    target: str | None = None,
    drop_unlabeled: bool = False,
) -> tuple[TableFile, pd.DataFrame, np.ndarray]:
    """Return a table as it stands in a file, the rows of it to learn from, and their places."""
    from gan_augment.io.tables import read_table

    file = read_table(path, reading)
    frame, rows = file.frame, np.arange(len(file.frame))
    if target is not None:
        check_column(frame.columns, "--target", target, path)
        if drop_unlabeled:
            rows = np.flatnonzero(frame[target].notna())
            frame = frame.iloc[rows].reset_index(drop=True)
        check_target(frame, target, path)
    elif drop_unlabeled:
        raise InputError("--drop-unlabeled needs a target", remedy="name its column with --target")
    wording.reads("X", path, lambda row: file.row_name(int(rows[row])), file.is_text)
    return file, frame, rows


@contextlib.contextmanager
def all_problems(X: pd.DataFrame, columns: Mapping[str, str]) -> Iterator[None]:
    """Where the target is refused, refuse together with it the columns that would be next."""
    from gan_augment.encoding.schema import Schema

    try:
        yield
    except InputError as error:
        if error.argument != "y":
            raise
        try:
            Schema.infer(X, columns)
        except InputError as other:
            raise ColumnErrors([error, *getattr(other, "errors", (other,))]) from None
        raise


def check_target(frame: pd.DataFrame, target: str, path: Path) -> None:
    """Refuse a target that is not there, has gaps, or stands alone."""
    check_column(frame.columns, "--target", target, path)
    absent = int(frame[target].isna().sum())
    if absent:
        raise InputError(
            f"is missing in {absent:,} of {len(frame):,} rows",
            argument="--target",
            value=target,
            remedy="add {}, or fill them in the file",
            settings=(("drop_unlabeled", True),),
        )
    if len(frame.columns) < 2:
        raise InputError(
            f"has no column beside the target {target!r}", value=path, remedy="add features"
        )


def nullable(frame: pd.DataFrame, ignored: Iterable[str]) -> pd.DataFrame:
    """Return the frame with ignored columns in dtypes that can be empty in new rows."""
    full = [name for name in ignored if frame[name].dtype.kind in "iub"]
    return frame.assign(**{name: frame[name].convert_dtypes() for name in full})


def check_image_place(out: Path, source: Path | None, overwrite: bool) -> None:
    """Refuse a folder or ``.npz`` file that images cannot be written to."""
    from gan_augment.io.image_folders import check_place
    from gan_augment.io.tables import SUFFIXES

    suffix = out.suffix.lower()
    if suffix in SUFFIXES:
        raise InputError(
            f"--out {out} is a table", remedy="name a folder or a .npz file for images"
        )
    if suffix != ".npz":
        check_place(out, source, overwrite)
        return
    may_write(out, overwrite)
    if source is not None and os.path.realpath(out) == os.path.realpath(source):
        raise InputError(f"--out {out} is what is read", remedy="choose another name")

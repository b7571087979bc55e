"""Options that several commands have, each explained once, and what they mean to the library."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from gan_augment.exceptions import InputError

if TYPE_CHECKING:
    from gan_augment.io.csv import Reading

INPUT_HELP = (
    "A .csv, .tsv, .csv.gz, .parquet or .xlsx file; or images: a folder with a sub-folder per "
    "class, or a .npz."
)

Task = Annotated[
    Literal["class", "number"] | None,
    typer.Option(help="Whether the target holds classes or numbers; without it, by its look."),
]
Target = Annotated[
    str | None, typer.Option(help="The column a model is to predict; none: no labels.")
]
Ignore = Annotated[
    list[str] | None, typer.Option(help="A column to leave empty in new rows; repeatable.")
]
Regenerate = Annotated[
    list[str] | None, typer.Option(help="A column of identifiers to renew; repeatable.")
]
Kind = Annotated[
    list[str] | None,
    typer.Option(help="NAME=KIND: what a column holds, as zip=category; repeatable."),
]
Encoding = Annotated[
    str | None,
    typer.Option(help="How a file of text is written, as cp1252; without it, found."),
]
Header = Annotated[
    bool | None,
    typer.Option(
        "--header/--no-header",
        help="Whether the first row names the columns; without names they are c1, c2, ...",
    ),
]
Missing = Annotated[
    list[str] | None,
    typer.Option(help="A word that stands for a missing cell, such as '?'; repeatable."),
]
Dates = Annotated[
    list[str] | None,
    typer.Option(help="NAME=LAYOUT: how dates are written, as joined=%d/%m/%Y; repeatable."),
]
DropUnlabeled = Annotated[
    bool, typer.Option("--drop-unlabeled", help="Learn nothing from rows without a target.")
]
DropRagged = Annotated[
    bool,
    typer.Option(
        "--drop-ragged", help="Leave out lines with more or fewer cells than the header."
    ),
]
SkipLines = Annotated[int, typer.Option(min=0, help="Lines before the table, such as a title.")]
Balance = Literal["equal", "proportional", "fill"]
Flip = Annotated[
    bool, typer.Option("--flip", help="Images only: mirror half of the new ones, left to right.")
]
Raw = Annotated[
    bool,
    typer.Option(
        "--raw",
        help="Do not put a ' before text that a spreadsheet would run as a formula (CSV only).",
    ),
]
Seed = Annotated[
    int | None, typer.Option(min=0, help="Same seed, same rows. Without it they differ.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]

# Of the commands that measure.
FixedSeed = Annotated[int, typer.Option(min=0, help="Same seed, same figures.")]
LeftOut = Annotated[list[str] | None, typer.Option(help="A column to leave out; repeatable.")]
Page = Annotated[
    Path | None, typer.Option("--report", help="Write the whole answer to this HTML page.")
]
Json = Annotated[Path | None, typer.Option("--json", help="Write it to this JSON file.")]

#: Parameters of commands that say nothing about images.
OF_TABLES = (
    "target task ignore regenerate kind constraint groups where encoding header missing dates "
    "drop_ragged skip_lines drop_unlabeled raw rows_per_file sdmetrics anonymeter"
).split()
MAX_TIMES = 100


def amount_of(rows: str | None, balance: str, has_classes: bool) -> int | float | str:
    """Return what `GANAugmenter` calls ``n_samples``."""
    if balance == "fill":
        if not has_classes:
            raise InputError(
                "--balance fill needs classes", remedy="name their column with --target"
            )
        if rows is not None:
            raise InputError(
                "--balance fill decides the number of rows", remedy=f"drop --rows {rows}"
            )
        return "fill"
    if rows == "auto":
        if not has_classes:
            raise InputError(
                "--rows auto asks what helps a model", remedy="name its target with --target"
            )
        return rows
    text = "1.0" if rows is None else rows
    amount = number_of(text, "--rows", "pass 1.0 (times the rows), 500 (rows) or auto")
    if isinstance(amount, float) and amount > MAX_TIMES:
        raise InputError(
            f"--rows {rows} would be {rows} times the rows of the table",
            remedy=f"for a number of rows write a whole number, such as {min(amount, 1e6):.0f}",
        )
    return amount


def number_of(text: str, option: str, remedy: str) -> int | float:
    """Return the number that an option holds: whole if it is written so."""
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            return kind(text)
    raise InputError("is not a number", argument=option, value=text, remedy=remedy)


def reading_of(given: Mapping[str, Any], columns: Mapping[str, str] | None = None) -> Reading:
    """Return how a table of text is to be read, by the parameters of a command."""
    from gan_augment.io.csv import Reading

    layouts = {}
    for text in given["dates"]:
        name, separator, layout = text.partition("=")
        if not separator or "%" not in layout:
            raise InputError.of(
                "--dates", text, "names no layout", "write NAME=LAYOUT, as joined=%d/%m/%Y"
            )
        layouts[name] = layout
    words = tuple(name for name, kind in (columns or {}).items() if kind == "category")
    return Reading(
        given["encoding"],
        given["header"],
        tuple(given["missing"]),
        layouts,
        words,
        given["drop_ragged"],
        given["skip_lines"],
    )


def columns_of(given: Mapping[str, Any]) -> dict[str, str]:
    """Return what --kind, --ignore and --regenerate say, as ``columns`` of a generator."""
    said = [_name_and_kind(text) for text in given["kind"]]
    said += [(name, what) for what in ("ignore", "regenerate") for name in given[what]]
    columns: dict[str, str] = {}
    for name, what in said:
        if columns.setdefault(name, what) != what:
            raise InputError(
                f"Column {name!r} is to be {columns[name]!r} and {what!r}",
                remedy="choose one of them",
            )
    return columns


def _name_and_kind(text: str) -> tuple[str, str]:
    name, separator, kind = text.rpartition("=")
    if not separator:
        raise InputError.of("--kind", text, "names no kind", "write NAME=KIND, as zip=category")
    return name, kind


def parts_of(text: str) -> list[str]:
    """Return what stands between commas."""
    return [part.strip() for part in text.split(",")]


def check_jobs(jobs: int | None) -> None:
    """Refuse to do nothing at a time."""
    if jobs == 0:
        raise InputError("--jobs 0 runs nothing", remedy="pass 1, or -1 for all cores")


def two_jobs() -> int:
    """Return the folds at a time where none are asked for: two, or one on a single core."""
    import joblib

    return min(2, joblib.cpu_count())


def one_thread_each() -> contextlib.AbstractContextManager:
    """Return a context in which joblib's processes compute on one thread each."""
    import joblib

    return joblib.parallel_config("loky", inner_max_num_threads=1)

"""``gan-augment fit``: learn a table and save the generator, for ``sample`` to draw from.

A CSV file is read whole. A Parquet file, or a folder of them, may be larger than memory.
"""

from __future__ import annotations

import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gan_augment.cli import options
from gan_augment.cli.answers import target_note
from gan_augment.cli.constraints import Constraint, constraints_of
from gan_augment.cli.errors import CommandLineWording, plain_errors
from gan_augment.cli.inputs import (
    all_problems,
    check_column,
    check_columns,
    check_not_target,
    check_task,
    may_write,
    nullable,
    one_file_each,
    read_rows,
)
from gan_augment.cli.progress import progress
from gan_augment.cli.terminal import say
from gan_augment.exceptions import InputError
from gan_augment.training.distributed import distributed_training

if TYPE_CHECKING:
    import pandas as pd

    from gan_augment.io.csv import Reading


def fit(
    context: typer.Context,
    table: Annotated[
        Path,
        typer.Argument(
            metavar="IN",
            help="A .csv, .tsv, .csv.gz, .parquet or .xlsx file, or a folder of Parquet files.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="The model to write, for `sample`.")],
    target: options.Target = None,
    task: options.Task = None,
    locality: Annotated[
        float | None, typer.Option(min=0, max=1, help="1 stays near real rows, 0 is free.")
    ] = None,
    ignore: options.Ignore = None,
    regenerate: options.Regenerate = None,
    kind: options.Kind = None,
    constraint: Constraint = None,
    encoding: options.Encoding = None,
    header: options.Header = None,
    missing: options.Missing = None,
    dates: options.Dates = None,
    drop_ragged: options.DropRagged = False,
    skip_lines: options.SkipLines = 0,
    drop_unlabeled: options.DropUnlabeled = False,
    steps: Annotated[
        int | None, typer.Option(min=0, help="Training steps; without it, by the rows.")
    ] = None,
    time_budget: Annotated[
        float | None, typer.Option(min=0, help="Seconds after which training stops.")
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="The training's state; a fit that was killed goes on from it."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Same seed, same model. Without it they differ.")
    ] = None,
    overwrite: options.Overwrite = False,
    quiet: options.Quiet = False,
) -> None:
    """Learn a table and save the fitted generator.

    A Parquet file, or a folder of them, is not held in memory as a whole.
    """
    # started by torchrun, the processes train together and the first one writes
    with plain_errors(context) as wording, distributed_training() as processes:
        from gan_augment.generators.tabular.gan import TabularGAN

        wording.target = target
        columns = options.columns_of(context.params)
        asked = {"locality": locality, "n_steps": steps, "target": task, "random_state": seed}
        asked |= {"time_budget": time_budget, "checkpoint": checkpoint}
        asked |= {"columns": columns or None, "constraints": constraints_of(constraint)}
        if processes.is_first:
            may_write(out, overwrite)
        one_file_each({"--out": out, "--checkpoint": checkpoint, "the table": table})
        if checkpoint is not None and seed is None:
            raise InputError(
                "--checkpoint goes on with the same seed only", remedy="pass --seed too"
            )
        check_task(task, target)
        check_not_target(target, columns)
        started = time.perf_counter()
        reading = options.reading_of(context.params, columns)
        X, y = _rows(table, target, columns, reading, drop_unlabeled, wording)
        given = {name: value for name, value in asked.items() if value is not None}
        show = progress(quiet or not processes.is_first)
        with show, warnings.catch_warnings(record=True) as heard, all_problems(X, columns):
            gan = TabularGAN(**given).fit(X, y)
        if processes.is_first:
            gan.save(out)
            seconds = time.perf_counter() - started
            if not quiet:
                say(f"Learnt {gan.n_rows_:,} rows; the model is in {out} ({seconds:.1f} s).")
                say(*target_note(gan.target_, target), *(warning.message for warning in heard))


def _rows(
    table: Path,
    target: str | None,
    columns: dict[str, str],
    reading: Reading,
    drop_unlabeled: bool,
    wording: CommandLineWording,
) -> tuple[Path | pd.DataFrame, Any]:
    """What is learnt, as `TabularGAN.fit` takes it."""
    from gan_augment.io.tables import check_reading, file_kind

    wording.reads("X", table)
    if table.is_dir() or file_kind(table) == "parquet":
        check_reading(table, reading)
        if drop_unlabeled:
            raise InputError(
                "--drop-unlabeled is for files of text", remedy="drop these rows in the file"
            )
        _check_on_disk(table, target, columns)
        return table, target
    _, frame, _ = read_rows(table, reading, wording, target, drop_unlabeled)
    check_columns(frame.columns, columns, table)
    frame = nullable(frame, [name for name, kind in columns.items() if kind == "ignore"])
    if target is None:
        return frame, None
    return frame.drop(columns=target), frame[target]


def _check_on_disk(table: Path, target: str | None, columns: dict[str, str]) -> None:
    """Refuse columns that a Parquet file does not have, in the words of the options."""
    from gan_augment.io.parquet import ParquetRows

    names = ParquetRows(table).names
    if target is not None:
        check_column(names, "--target", target, table)
    check_columns(names, columns, table)

"""``gan-augment fit``: learn a table and save the generator, for ``sample`` to draw from.

A CSV file is read whole. A Parquet file, or a folder of them, may be larger than memory.
"""

import time
import warnings
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from gan_augment.cli.errors import check_name, check_target, may_write, one_file_each, plain_errors
from gan_augment.cli.options import Ignore, Kind, Overwrite, Quiet, Regenerate, Target, Task
from gan_augment.cli.tables import (
    chosen_columns,
    may_be_target,
    option_of,
    target_note,
    with_room,
)
from gan_augment.exceptions import InputError
from gan_augment.training.distributed import distributed_training
from gan_augment.training.processes import current_processes


def register(app):
    """Add the command to the front door.

    Parameters
    ----------
    app : typer.Typer
    """
    app.command(
        epilog="Example: [bold]gan-augment fit rows.parquet --target churn --out churn.model[/]"
    )(fit)


def fit(
    table: Annotated[
        Path,
        typer.Argument(
            metavar="IN", help="A .csv, .tsv or .parquet file, or a folder of Parquet files."
        ),
    ],
    out: Annotated[Path, typer.Option(help="The model to write, for `sample`.")],
    target: Target = None,
    task: Task = None,
    locality: Annotated[
        float | None, typer.Option(min=0, max=1, help="1 stays near real rows, 0 is free.")
    ] = None,
    ignore: Ignore = None,
    regenerate: Regenerate = None,
    kind: Kind = None,
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
    overwrite: Overwrite = False,
    quiet: Quiet = False,
):
    """Learn a table and save the fitted generator.

    A Parquet file, or a folder of them, is not held in memory as a whole.
    """
    # started by torchrun, the processes train together and the first one writes
    with (
        plain_errors("--ignore, --regenerate or --kind NAME=KIND"),
        distributed_training() as processes,
    ):
        options = {"locality": locality, "n_steps": steps, "target": task}
        options |= {"time_budget": time_budget, "checkpoint": checkpoint, "random_state": seed}
        options = {name: value for name, value in options.items() if value is not None}
        if processes.is_first:
            may_write(out, overwrite)
        _check_files(table, out, checkpoint, seed)
        columns = chosen_columns(kind, ignore, regenerate)
        may_be_target(target, columns)
        if columns:
            options["columns"] = columns
        fit_table(table, out, target, options, quiet)


def fit_table(table, out, target, options, quiet):
    """Fit a generator on a file and save it.

    Parameters
    ----------
    table, out : Path
    target : str or None
    options : dict
        Parameters of `TabularGAN`.
    quiet : bool
    """
    from gan_augment.generators.tabular.gan import TabularGAN

    processes = current_processes()
    started = time.perf_counter()
    X, y = _rows(table, target, options.get("columns", {}))
    with warnings.catch_warnings(record=True) as heard:
        gan = TabularGAN(**options).fit(X, y)
    if processes.is_first:
        gan.save(out)
    if quiet or not processes.is_first:
        return
    console = Console()
    seconds = time.perf_counter() - started
    said = f"Learnt {gan.n_rows_:,} rows; the model is in {out} ({seconds:.1f} s)."
    for note in [
        said,
        *target_note(gan.target_, target),
        *(str(warning.message) for warning in heard),
    ]:
        console.print(escape(note), highlight=False)


def _rows(table, target, columns):
    """What is learnt, as `TabularGAN.fit` takes it."""
    from gan_augment.io.tables import file_kind, read_table

    if table.is_dir() or file_kind(table) == "parquet":
        _check_on_disk(table, target, columns)
        return table, target
    frame = read_table(table).frame
    if target is not None:
        check_target(frame, target, table)
    for name, kind in columns.items():
        check_name(frame.columns, option_of(kind), name, table)
    frame = with_room(frame, [name for name, kind in columns.items() if kind == "ignore"])
    if target is None:
        return frame, None
    return frame.drop(columns=target), frame[target]


def _check_on_disk(table, target, columns):
    """Refuse columns that a Parquet file does not have, in the words of the options."""
    from gan_augment.io.parquet import ParquetRows

    names = ParquetRows(table).names
    for option, name in [("--target", target), *((option_of(k), n) for n, k in columns.items())]:
        if name is not None:
            check_name(names, option, name, table)


def _check_files(table, out, checkpoint, seed):
    """Refuse one name for two files, and a checkpoint that nothing could go on from."""
    one_file_each({"--out": out, "--checkpoint": checkpoint, "the table": table})
    if checkpoint is not None and seed is None:
        raise InputError("--checkpoint goes on with the same seed only: pass --seed too.")

"""The command line: ``gan-augment demo``, ``augment`` and ``sample``, ``compare`` and ``check``.

Each verb reads its arguments, calls one public function and reports what happened. Mistakes
end in one sentence on standard error and exit status 2, before any training.
"""

import contextlib
import itertools
import time
import warnings
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gan_augment import __version__, cli_evaluate, cli_images
from gan_augment.cli_demo import demo
from gan_augment.cli_errors import check_column, check_target, may_write, plain_errors
from gan_augment.cli_options import (
    Balance,
    Generator,
    Overwrite,
    Quiet,
    Raw,
    Seed,
    Task,
    generator_named,
    image_generator_named,
)
from gan_augment.exceptions import InputError
from gan_augment.image_files import holds_images

app = typer.Typer(
    name="gan-augment",
    help="Add synthetic rows to a table, and measure whether they help.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,  # locals would print the user's data
)

MAX_TIMES = 100


def _print_version(asked: bool):
    if asked:
        print(f"gan-augment {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print it.")
    ] = False,
):
    """Add synthetic rows to a table, and measure whether they help."""


@app.command(
    epilog="Example: [bold]gan-augment augment churn.csv --target churn --balance fill "
    "--out more.csv --mark synthetic[/]"
)
def augment(
    table: Annotated[
        Path,
        typer.Argument(
            metavar="IN", help="A .csv, .tsv or .parquet file; a folder of images or .npz."
        ),
    ],
    out: Annotated[Path, typer.Option(help="To write: a file of that kind, or a folder.")],
    target: Annotated[
        str | None, typer.Option(help="The column a model is to predict; none: no labels.")
    ] = None,
    task: Annotated[
        Task | None,
        typer.Option(help="Whether the target holds classes or numbers; without it, by its look."),
    ] = None,
    rows: Annotated[
        str | None,
        typer.Option(
            help="1.0 adds as many rows as there are, 500 adds 500, auto what helps models.",
            show_default="1.0",
        ),
    ] = None,
    balance: Annotated[
        Balance, typer.Option(help="How the rows are shared among classes; fill evens them out.")
    ] = "equal",
    generator: Annotated[Generator, typer.Option(help="What makes the rows.")] = "gan",
    locality: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="1 stays near real rows, 0 is free (gan only)."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(help="A column to leave empty in new rows; repeatable.")
    ] = None,
    regenerate: Annotated[
        list[str] | None, typer.Option(help="A column of identifiers to renew; repeatable.")
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(help="NAME=KIND: what a column holds, as zip=category; repeatable."),
    ] = None,
    flip: Annotated[
        bool, typer.Option("--flip", help="Mirrored images are of the same class (images only).")
    ] = False,
    mark: Annotated[
        str | None, typer.Option(help="Name of an extra column: True in synthetic rows.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Also save the fitted generator here, for `sample`.")
    ] = None,
    seed: Seed = None,
    raw: Raw = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
):
    """Learn a table and write it back with synthetic rows below the real ones.

    The real rows are copied as they stand: the text of a CSV file, the schema of a Parquet file.
    A folder of images has a sub-folder for each class.
    """
    if holds_images(table):
        with plain_errors():
            tables_only = {
                "target": target, "task": task, "ignore": ignore, "regenerate": regenerate,
                "kind": kind, "mark": mark, "raw": raw,
            }  # fmt: skip
            cli_images.refuse_options(**tables_only)
            may_write(model, overwrite)
            cli_images.augment_images(
                table,
                out,
                image_generator_named(generator, locality, flip),
                _amount(rows, balance, "the folders"),
                balance,
                seed,
                _saved(model, generator),
                overwrite,
                quiet,
            )
        return
    cure = "--ignore, --regenerate or --kind NAME=KIND"
    with plain_errors(cure if generator == "gan" else f"--generator gan with {cure}"):
        from gan_augment.tabular_files import file_kind, read_table

        if flip:
            raise InputError("--flip is for images: drop it.")
        file_kind(out)
        may_write(out, overwrite)
        may_write(model, overwrite)
        _check_model(model, generator, table, out)
        amount = _amount(rows, balance, target)
        columns = dict(map(_kind, kind or ()))
        columns |= dict.fromkeys(ignore or (), "ignore")
        columns |= dict.fromkeys(regenerate or (), "regenerate")
        maker = generator_named(generator, columns, locality, task or "auto")
        started = time.perf_counter()
        source = read_table(table)
        source.check_mark(mark)
        _check_columns(source.frame, target, columns, table)
        frame = _with_room(source.frame, ignore or ())
        with warnings.catch_warnings(record=True) as heard:
            added, augmenter = _new_rows(frame, target, maker, amount, balance, seed)
        fitted = augmenter.generator_
        n_escaped = source.write(out, added, mark, raw)
        if model is not None:
            fitted.save(model)
        if not quiet:
            seconds = time.perf_counter() - started
            notes = [*source.notes, *(str(warning.message) for warning in heard)]
            notes += [*_target_note(fitted, target), *_escape_note(n_escaped)]
            notes += [augmenter.decision_] if amount == "auto" else []
            _report(source.frame, added, target, out, seconds, notes)
            if model is not None:
                print(f"The fitted generator is in {model}.")


def _saved(model, generator):
    if model is not None and generator != "gan":
        raise InputError(f"--model saves a GAN, not {generator!r}: drop it.")
    return model


def _check_model(model, generator, table, out):
    if _saved(model, generator) is None:
        return
    for name, other in (("the table", table), ("--out", out)):
        if model.resolve() == other.resolve():
            raise InputError(f"--model {model} is also {name}: choose another name.")


def _kind(text):
    """Column and kind of a --kind option."""
    name, separator, kind = text.rpartition("=")
    if not separator:
        raise InputError(f"--kind {text!r} names no kind: write NAME=KIND, as zip=category.")
    return name, kind


def _amount(rows, balance, target):
    """What GANAugmenter calls n_samples."""
    if balance == "fill":
        if target is None:
            raise InputError("--balance fill needs classes: name their column with --target.")
        if rows is not None:
            raise InputError(f"--balance fill decides the number of rows: drop --rows {rows}.")
        return "fill"
    rows = "1.0" if rows is None else rows
    if rows == "auto":
        if target is None:
            raise InputError("--rows auto asks what helps a model: name its target with --target.")
        return rows
    with contextlib.suppress(ValueError):
        return int(rows)
    try:
        times = float(rows)
    except ValueError:
        raise InputError(
            f"--rows {rows!r} is not a number: pass 1.0 (times the rows), 500 (rows) or auto."
        ) from None
    if times > MAX_TIMES:
        raise InputError(
            f"--rows {rows} would be {rows} times the rows of the table: for a number of rows "
            f"write a whole number, such as {times:.0f}."
        )
    return times


def _check_columns(frame, target, columns, path):
    for column, kind in columns.items():
        option = f"--{kind}" if kind in ("ignore", "regenerate") else "--kind"
        if column == target:
            raise InputError(f"{option} {column!r} is the target: it is learnt as --task says.")
        check_column(frame, option, column, path)
    if target is not None:
        check_target(frame, target, path)


def _with_room(frame, ignored):
    """The frame, where each ignored column is of a dtype that can be empty in new rows."""
    full = [name for name in ignored if frame[name].dtype.kind in "iub"]
    return frame.assign(**{name: frame[name].convert_dtypes() for name in full})


def _new_rows(frame, target, maker, amount, balance, seed):
    """Synthetic rows with the columns of ``frame``, and the fitted augmenter."""
    from gan_augment.transformer import GANAugmenter

    X = frame if target is None else frame.drop(columns=target)
    y = None if target is None else frame[target]
    shares = "equal" if balance == "fill" else balance
    augmenter = GANAugmenter(maker, n_samples=amount, class_balance=shares, random_state=seed)
    augmented = augmenter.augment(X, y)
    added = augmented.X[augmented.is_synthetic]
    if target is not None:
        added = added.assign(**{target: augmented.y[augmented.is_synthetic]})
    return added[list(frame.columns)], augmenter


def _report(frame, added, target, out, seconds, notes):
    title = Table("", "real", "synthetic", title=f"{escape(str(out))} ({seconds:.1f} s)")
    if target is not None and frame[target].nunique() <= 20:
        real, new = frame[target].value_counts(), added[target].value_counts()
        for label in real.index:
            title.add_row(escape(str(label)), f"{real[label]:,}", f"{new.get(label, 0):,}")
        title.add_section()
    title.add_row("rows", f"{len(frame):,}", f"{len(added):,}")
    console = Console()
    console.print(title)
    for note in notes:
        console.print(escape(note), highlight=False)


def _target_note(generator, target):
    kind = generator.target_.kind_
    if kind == "none":
        return ()
    what = f"{len(generator.classes_)} classes" if kind == "class" else "a number"
    return (f"The target {target!r} was taken for {what} (--task says otherwise).",)


def _escape_note(n_escaped):
    if not n_escaped:
        return ()
    return (
        f"{n_escaped} text cells that a spreadsheet would run as formulas now start with a ' "
        "(--raw leaves them as they are).",
    )


@app.command(epilog="Example: [bold]gan-augment sample churn.model -n 1000 --out rows.parquet[/]")
def sample(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A file from --model.")],
    n: Annotated[int, typer.Option("-n", min=1, help="Rows to draw.")],
    out: Annotated[
        Path, typer.Option(help="The .csv, .tsv or .parquet file to write; of images see augment.")
    ],
    label: Annotated[str | None, typer.Option(help="Draw rows of this class only.")] = None,
    seed: Seed = None,
    raw: Raw = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
):
    """Draw rows from a saved generator; the target is their last column."""
    with plain_errors():
        from gan_augment.containers import to_pandas
        from gan_augment.loading import load
        from gan_augment.tabular_files import file_kind, write_frame

        generator = load(model)
        wanted = None if label is None else [_known_label(generator, label)] * n
        if getattr(generator, "learns_images", False):
            cli_images.refuse_options(raw=raw)
            return cli_images.sample_images(generator, n, wanted, out, seed, overwrite, quiet)
        file_kind(out)
        may_write(out, overwrite)
        X, y = generator.sample(n, y=wanted, random_state=seed)
        frame = to_pandas(X)[0]
        if y is not None:
            frame = frame.assign(**{_free_name(y, frame.columns): y})
        n_escaped = write_frame(frame, out, raw)
        if not quiet:
            console = Console()
            console.print(escape(f"{len(frame):,} rows are in {out}."), highlight=False)
            for note in _escape_note(n_escaped):
                console.print(escape(note), highlight=False)


def _free_name(y, taken):
    """The name of the target, or the next one that no column has."""
    name = first = str(getattr(y, "name", None) or "target")
    for number in itertools.count(2):
        if name not in taken:
            return name
        name = f"{first}_{number}"


def _known_label(generator, label):
    """The class that reads ``label``: on the command line every label is text."""
    classes = getattr(generator, "classes_", None)
    if classes is None:
        raise InputError(f"--label {label!r} needs classes, and this model has none: drop it.")
    for known in classes:
        if str(known) == label:
            return known
    names = ", ".join(str(known) for known in classes)
    raise InputError(f"--label {label!r} is not a class of this model: it has {names}.")


app.command()(demo)
cli_evaluate.register(app)

if __name__ == "__main__":
    app()

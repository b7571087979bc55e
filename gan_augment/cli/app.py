"""The command line: ``gan-augment demo``, ``augment``, ``fit`` and ``sample``, and measuring.

Each verb reads its arguments, calls one public function and reports what happened. Mistakes
end in one sentence on standard error and exit status 2, before any training.
"""

import inspect
from pathlib import Path
from typing import Annotated, Literal

import typer

from gan_augment import __version__
from gan_augment.cli import demo as cli_demo
from gan_augment.cli import evaluate as cli_evaluate
from gan_augment.cli import fit as cli_fit
from gan_augment.cli import images as cli_images
from gan_augment.cli import tables as cli_tables
from gan_augment.cli.errors import one_file_each, plain_errors
from gan_augment.cli.options import Ignore, Kind, Overwrite, Quiet, Regenerate, Target, Task
from gan_augment.exceptions import InputError

app = typer.Typer(
    name="gan-augment",
    help="Add synthetic rows to a table or images to a folder, and measure whether they help.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,  # locals would print the user's data
)

Generator = Literal["gan", "classic", "smote", "bootstrap"]
AnyGenerator = Literal[Generator, "vae", "ctgan", "tvae", "copulagan", "gaussiancopula"]
Balance = Literal["equal", "proportional", "fill"]

Seed = Annotated[
    int | None, typer.Option(min=0, help="Same seed, same rows. Without it they differ.")
]
Raw = Annotated[
    bool,
    typer.Option(
        "--raw",
        help="Do not put a ' before text that a spreadsheet would run as a formula (CSV only).",
    ),
]


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
    """Add synthetic rows to a table or images to a folder, and measure whether they help."""


@app.command(
    epilog="Example: [bold]gan-augment augment churn.csv --target churn --balance fill "
    "--out more.csv --mark synthetic[/]"
)
def augment(
    table: Annotated[Path, typer.Argument(metavar="IN", help=cli_evaluate.TABLE_HELP)],
    out: Annotated[
        Path, typer.Option(help="The file to write, its suffix is its format; or a folder.")
    ],
    target: Target = None,
    task: Task = None,
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
    generator: Annotated[
        AnyGenerator,
        typer.Option(
            help="What makes the rows; classic and vae are for images, the last four, of SDV, for "
            "tables."
        ),
    ] = "gan",
    flip: Annotated[bool, typer.Option("--flip", help=cli_evaluate.FLIP_HELP)] = False,
    locality: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="1 stays near real rows, 0 is free (gan only)."),
    ] = None,
    ignore: Ignore = None,
    regenerate: Regenerate = None,
    kind: Kind = None,
    mark: Annotated[
        str | None, typer.Option(help="Name of an extra column or .npz array: True if synthetic.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Also save the fitted generator here, for `sample`.")
    ] = None,
    allow_copies: Annotated[
        bool, typer.Option("--allow-copies", help="Do not redraw rows that equal a real one.")
    ] = False,
    seed: Seed = None,
    raw: Raw = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
):
    """Learn a table or images and write them back with synthetic ones after the real ones.

    The real rows are copied as they stand: the text of a CSV file, the schema of a Parquet file,
    each file of a folder of images.
    """
    cure = "--ignore, --regenerate or --kind NAME=KIND"
    shared = {"rows": rows, "balance": balance, "generator": generator, "locality": locality}
    shared |= {"mark": mark, "model": model, "seed": seed, "overwrite": overwrite, "quiet": quiet}
    shared["allow_copies"] = allow_copies
    with plain_errors(
        cure if generator in ("gan", *cli_tables.PEERS) else f"--generator gan with {cure}"
    ):
        for_tables = {"target": target, "task": task, "ignore": ignore, "kind": kind, "raw": raw}
        for_tables["regenerate"] = regenerate
        if cli_images.are_images(table):
            cli_images.refuse_options(table, for_tables)
            cli_images.augment_images(table, out, flip=flip, **shared)
        else:
            cli_images.refuse_flip(flip, table)
            cli_tables.augment_table(table, out, **shared, **for_tables)


cli_fit.register(app)


@app.command(epilog="Example: [bold]gan-augment sample churn.model -n 1000 --out rows.parquet[/]")
def sample(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A file from `fit` or --model.")],
    n: Annotated[int, typer.Option("-n", min=1, help="Rows or images to draw.")],
    out: Annotated[
        Path,
        typer.Option(
            help="The .csv, .tsv or .parquet file, or with --rows-per-file a folder; of images a "
            "folder or .npz."
        ),
    ],
    label: Annotated[str | None, typer.Option(help="Draw of this class only.")] = None,
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
    seed: Seed = None,
    raw: Raw = False,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
):
    """Draw rows or images from a saved generator; the target is the last column of rows."""
    with plain_errors():
        from gan_augment.estimators.loading import load

        one_file_each({"--out": out, "MODEL": model})
        made = load(model)
        made = getattr(made, "generator_", made)  # an augmenter holds one
        shared = {"label": label, "seed": seed, "overwrite": overwrite, "quiet": quiet}
        if getattr(made, "learns_images", False):
            cli_images.refuse_options(model, {"raw": raw, "rows-per-file": rows_per_file})
            cli_images.sample_images(made, n, out, **shared)
        elif rows_per_file is not None:
            others = {"--raw": raw, "--overwrite": overwrite}
            cli_tables.fill_folder(made, n, out, rows_per_file, label, seed, jobs, quiet, others)
        else:
            cli_tables.sample_table(made, n, out, raw=raw, **shared)


@app.command()
def demo(
    images: Annotated[
        bool, typer.Option("--images", help="Digits of 8 x 8 pixels in place of a table.")
    ] = False,
    rows: Annotated[
        int, typer.Option(min=40, max=500, help="Rows of the small table, or training images.")
    ] = 100,
    generator: Annotated[
        Generator, typer.Option(help="What makes the rows; with --images, all are compared.")
    ] = "gan",
    out: Annotated[
        Path | None, typer.Option(help="Also draw real and synthetic digits to this .png file.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the table, the folds and the rows.")] = 0,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
):
    """Measure on a small table, or on digits, whether augmentation helps; under a minute.

    A classifier is cross-validated with and without synthetic rows, and beside the cheap ways to
    the same number of rows: SMOTE and duplication, and small movements of images.
    """
    with plain_errors():
        if images:
            cli_demo.demo_images(rows, generator, out, seed, overwrite, quiet)
        elif out is not None:
            raise InputError("--out draws digits: add --images.")
        else:
            cli_demo.demo_table(rows, generator, seed, quiet)


cli_evaluate.register(app)

for _command in app.registered_commands:  # a terminal wraps lines itself
    _paragraphs = inspect.getdoc(_command.callback).split("\n\n")
    _command.help = "\n\n".join(" ".join(text.split()) for text in _paragraphs)

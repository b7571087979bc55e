"""The command ``gan-augment`` and its parts: ``augment``, ``fit``, ``sample`` ...

Each command has a file of its own, which reads the options, calls the library and prints what
happened. Mistakes end in one sentence on standard error and exit status 2, before any training.
"""

from __future__ import annotations

import inspect
from typing import Annotated

import typer

from gan_augment import __version__
from gan_augment.cli import augment, check, compare, demo, fit, sample

app = typer.Typer(
    name="gan-augment",
    help="Add synthetic rows to a table or images to a folder, and measure whether they help.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,  # locals would print the user's data
)


def _print_version(asked: bool) -> None:
    if asked:
        print(f"gan-augment {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """Add synthetic rows to a table or images to a folder, and measure whether they help."""


#: Each command, and what to type to try it.
COMMANDS = {
    augment.augment: "augment churn.csv --target churn --balance fill --out more.csv "
    "--mark synthetic",
    fit.fit: "fit rows.parquet --target churn --out churn.model",
    sample.sample: "sample churn.model -n 1000 --out rows.parquet",
    demo.demo: "demo",
    compare.compare: "compare churn.csv --target churn --report help.html",
    check.check: "check real.csv synthetic.csv --holdout later.csv --require 'c2st<=0.8' "
    "--require 'exact_copies<=0.01'",
}

for _command, _example in COMMANDS.items():
    _paragraphs = (inspect.getdoc(_command) or "").split("\n\n")  # none under -OO
    _help = "\n\n".join(" ".join(text.split()) for text in _paragraphs)  # a terminal wraps lines
    app.command(help=_help, epilog=f"Example: [bold]gan-augment {_example}[/]")(_command)

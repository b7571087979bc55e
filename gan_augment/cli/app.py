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


for _command in (augment, fit, sample, demo, compare, check):
    _command.register(app)

for _registered in app.registered_commands:  # a terminal wraps lines itself
    _paragraphs = (inspect.getdoc(_registered.callback) or "").split("\n\n")  # none under -OO
    _registered.help = "\n\n".join(" ".join(text.split()) for text in _paragraphs)

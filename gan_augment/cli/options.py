"""Options that several commands have, each spelled and explained once."""

from typing import Annotated, Literal

import typer

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
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]

"""Conditions on the command line: ``--where "age=60..80" --where sex=F``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gan_augment.exceptions import InputError

if TYPE_CHECKING:
    from gan_augment.encoding.schema import Schema

Where = Annotated[
    list[str] | None,
    typer.Option(
        help="Rows that meet COLUMN=VALUE or COLUMN=LOW..HIGH only; repeatable, also for a second "
        "value of a column."
    ),
]


def conditions(generator: Any, schema: Schema | None, texts: Sequence[str]) -> dict[Any, Any]:
    """Return what ``where=`` takes, of the texts of ``--where`` and the columns of the table.

    Of a range either end may be left out. A level is the one that reads so.
    """
    if schema is None or not hasattr(generator, "under"):
        raise InputError.of(
            "where",
            texts[0],
            "needs a generator that completes rows",
            "drop it, or take the generator gan",
        )
    columns = {str(column.name): column for column in schema.columns}
    found: dict[Any, Any] = {}
    for text in texts:
        name, equals, asked = text.partition("=")
        if not equals:
            raise InputError.of("where", text, "is no condition", "pass COLUMN=VALUE")
        column = columns.get(name)
        levels = {} if column is None else {str(level): level for level in column.categories}
        low, dots, high = asked.partition("..")
        key = name if column is None else column.name
        if dots and not levels:
            found[key] = (low or None, high or None)
        elif isinstance(found.get(key, []), tuple):
            raise InputError.of("where", name, "has a range and a value", "pass one")
        else:
            found[key] = [*found.get(key, []), levels.get(asked, asked)]
    return found

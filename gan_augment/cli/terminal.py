"""Printing: the text of files is shown without control characters, and a reader may go away."""

from __future__ import annotations

from typing import Any, NoReturn

from rich.console import Console
from rich.markup import escape


class Terminal(Console):
    """A console that lets the caller see that nobody reads any more."""

    def on_broken_pipe(self) -> NoReturn:
        """Raise BrokenPipeError, which becomes an exit status of its own."""
        raise BrokenPipeError


def printable(text: Any) -> str:
    r"""Return text with control characters written out, so that they do nothing to a terminal.

    Examples
    --------
    >>> print(printable("red: \x1b[31m"))
    red: \x1b[31m
    """
    text = str(text)
    if text.isprintable():
        return text
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
    )


def cell(text: Any) -> str:
    """Return text for a cell of a table of rich: printable, and no markup."""
    return escape(printable(text))


def say(*lines: Any, bold: bool = False) -> None:
    """Print lines to standard output."""
    console = Terminal()
    for line in lines:
        console.print(cell(line), style="bold" if bold else None, highlight=False)

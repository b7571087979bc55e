"""Warnings about the caller's rows, which fits of many folds would repeat."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from contextvars import ContextVar

_is_hushed: ContextVar[bool] = ContextVar("_is_hushed", default=False)


@contextlib.contextmanager
def hushed(quiet: bool) -> Iterator[None]:
    """Keep `warn_caller` silent in here, if `quiet`.

    Examples
    --------
    >>> with hushed(True):
    ...     warn_caller("said already", UserWarning)
    """
    token = _is_hushed.set(bool(quiet) or _is_hushed.get())
    try:
        yield
    finally:
        _is_hushed.reset(token)


def warn_caller(message: str, category: type[Warning], stacklevel: int = 1) -> None:
    """Warn of what the caller should know once, however many folds find it.

    `stacklevel` is that of `warnings.warn`, counted from who calls this.
    """
    if not _is_hushed.get():
        warnings.warn(message, category, stacklevel=stacklevel + 1)

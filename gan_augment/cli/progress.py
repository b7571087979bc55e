"""What a command is doing and how long it will take, on standard error while it works."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator

from gan_augment.cli.terminal import Terminal, cell
from gan_augment.process.progress import LOGGER, in_words

#: Where standard error is no terminal: seconds until the first line, and between two.
FIRST_LINE, NEXT_LINES = 2.0, 10.0


class _Heard(logging.Handler):
    """Remembers what was logged last."""

    text = "Starting"

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record."""
        self.text = record.getMessage()


@contextlib.contextmanager
def progress(quiet: bool) -> Iterator[None]:
    """Show what the library logs: in a terminal one line that changes, elsewhere more of them.

    Parameters
    ----------
    quiet : bool
        Show nothing.
    """
    if quiet:
        yield
        return
    heard, level, console = _Heard(), LOGGER.level, Terminal(stderr=True)
    LOGGER.addHandler(heard)
    LOGGER.setLevel(logging.INFO)
    show = _changing_line if console.is_terminal else _lines
    try:
        with show(heard, console):
            yield
    finally:
        LOGGER.removeHandler(heard)
        LOGGER.setLevel(level)


@contextlib.contextmanager
def _changing_line(heard: _Heard, console: Terminal) -> Iterator[None]:
    started = time.monotonic()
    with console.status("Starting") as status:

        def show(done: threading.Event) -> None:
            while not done.wait(0.5):
                seconds = in_words(time.monotonic() - started)
                status.update(f"{cell(heard.text)} [dim]({seconds})[/]")

        with _beside(show):
            yield


@contextlib.contextmanager
def _lines(heard: _Heard, console: Terminal) -> Iterator[None]:
    def show(done: threading.Event) -> None:
        wait, started = FIRST_LINE, time.monotonic()
        while not done.wait(wait):
            wait, seconds = NEXT_LINES, in_words(time.monotonic() - started)
            console.print(f"{cell(heard.text)} ({seconds})", soft_wrap=True, highlight=False)

    with _beside(show):
        yield


@contextlib.contextmanager
def _beside(show: Callable[[threading.Event], None]) -> Iterator[None]:
    """Run a function in a thread until the block ends, which its argument tells it."""
    done = threading.Event()
    thread = threading.Thread(target=show, args=(done,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()

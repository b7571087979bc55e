"""``python -m gan_augment`` and the command ``gan-augment``."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from typing import NoReturn

INTERRUPTED, TERMINATED = 130, 143  # as a shell says it of SIGINT and SIGTERM


def main() -> None:
    """Run the command line; an interruption ends it quietly, imports included."""
    try:
        with contextlib.suppress(ValueError):  # not in the main thread
            signal.signal(signal.SIGTERM, _end)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")  # what a terminal cannot encode
        from gan_augment.cli.app import app

        app(prog_name="gan-augment")
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        sys.exit(INTERRUPTED)
    except _Terminated:
        _end_workers()
        sys.stderr.write("Terminated.\n")
        sys.stderr.flush()
        os._exit(TERMINATED)  # a pool that is waited for at exit may wait for ever


class _Terminated(BaseException):
    """The process is asked to end: what is half written is removed on the way out."""


def _end(number: int, frame: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough
    raise _Terminated


def _end_workers() -> None:
    """End the processes that work for this one."""
    if "joblib" in sys.modules:
        from joblib.externals.loky import get_reusable_executor

        with contextlib.suppress(Exception):
            get_reusable_executor().shutdown(wait=False, kill_workers=True)
    if "multiprocessing" in sys.modules:
        import multiprocessing

        for worker in multiprocessing.active_children():
            worker.kill()


if __name__ == "__main__":
    main()

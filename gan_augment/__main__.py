"""``python -m gan_augment`` and the command ``gan-augment``.

An interruption is caught from here on, so that nothing is imported before `main` is called.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # as type checkers take it; the name in typing costs what typing costs
    from typing import NoReturn

BAD_INPUT = 2
INTERRUPTED, NO_READER, TERMINATED = 130, 141, 143  # as a shell says it of these signals


def main() -> None:
    """Run the command line; an interruption ends it quietly, imports included."""
    try:
        import contextlib
        import io
        import signal

        with contextlib.suppress(ValueError):  # not in the main thread
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.signal(signal.SIGTERM, _end)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")  # what a terminal cannot encode
        from gan_augment.cli.app import app

        app(prog_name="gan-augment")
    except SystemExit as exit_:
        if _reader_left(exit_):
            sys.exit(NO_READER)
        raise
    except OSError as error:  # such as a full disk, before a command has begun
        sys.stderr.write(f"{error.strerror or error}.\n")
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        sys.exit(INTERRUPTED)
    except _Terminated:
        import os

        _end_workers()
        sys.stderr.write("Terminated.\n")
        sys.stderr.flush()
        os._exit(TERMINATED)  # a pool that is waited for at exit may wait for ever
    finally:
        _end_quietly()


def _end_quietly() -> None:
    """Let an interruption from here on end the process, which is ending, without a traceback."""
    import contextlib
    import os
    import signal

    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))


class _Terminated(BaseException):
    """The process is asked to end: what is half written is removed on the way out."""


def _end(number: int, frame: object) -> NoReturn:
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough
    raise _Terminated


def _reader_left(exit_: SystemExit) -> bool:
    """Whether what reads the output went away, as the libraries that print say it or not."""
    import os

    try:
        sys.stdout.flush()
        left = isinstance(exit_.__context__, BrokenPipeError)
    except BrokenPipeError:
        left = True
    except (AttributeError, OSError, ValueError):  # none, full or closed: has been said
        return False
    if left:  # nothing may be flushed to it at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return left


def _end_workers() -> None:
    """End the processes that work for this one."""
    import contextlib

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

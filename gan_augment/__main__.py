"""``python -m gan_augment`` and the command ``gan-augment``."""

from __future__ import annotations

import io
import sys

INTERRUPTED = 130  # as a shell says it of SIGINT


def main() -> None:
    """Run the command line; an interruption ends it quietly, imports included."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")  # what a terminal cannot encode
        from gan_augment.cli.app import app

        app(prog_name="gan-augment")
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()

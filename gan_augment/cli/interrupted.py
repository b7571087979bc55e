"""What is left of a command that was interrupted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Parameters of commands that name what is written once it is complete.
_WRITTEN = ("out", "model", "report", "json")


class Kept:
    """What stood under the names that a command writes to, before it did anything.

    Parameters
    ----------
    parameters : dict of str to object
        Those of the command.

    Examples
    --------
    >>> Kept({"out": Path("no-such-folder/rows.csv")}).sentence()
    'Interrupted. Nothing was written.'
    """

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self.parameters = parameters
        paths = [parameters.get(name) for name in _WRITTEN]
        self.before = {path: _stamp(path) for path in paths if isinstance(path, Path)}

    def sentence(self) -> str:
        """Return what an interruption has left, and what goes on from there."""
        checkpoint, out = self.parameters.get("checkpoint"), self.parameters.get("out")
        if isinstance(checkpoint, Path) and checkpoint.exists():
            return (
                f"Interrupted. The training so far is in {checkpoint}: the same command goes on "
                "from there."
            )
        if self.parameters.get("rows_per_file") is not None and isinstance(out, Path):
            n_files = len(list(out.glob("part-*.parquet")))
            if n_files:
                were = "1 file is" if n_files == 1 else f"{n_files:,} files are"
                return f"Interrupted. {were} complete in {out}: the same command goes on."
        done = [str(path) for path, before in self.before.items() if _stamp(path) != before]
        if not done:
            return "Interrupted. Nothing was written."
        return f"Interrupted. Complete is {' and '.join(done)}, and nothing else was written."


def _stamp(path: Path) -> tuple[int, int] | None:
    """What changes when a file or folder is replaced; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns

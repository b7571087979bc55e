"""Rows of TabularARGN, in an environment of its own: its needs exclude those of this package.

    python _argn.py IN.parquet OUT.parquet ROWS SEED MINUTES

This is what `rows_of` calls there, with the Python given as ``--argn``. It prints the CPU seconds
of fit and of drawing, and those that have passed; training stops after so many minutes.
"""

import os
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import pandas as pd

#: Training stops then: its own limit is ten days.
MINUTES = 45


def rows_of(python, real, n_made, *, minutes=MINUTES):
    """Rows made of a frame, and seconds: CPU of fit and drawing, and those that passed in each."""
    names = {name: f"c{i}" for i, name in enumerate(real)}
    with tempfile.TemporaryDirectory() as folder:
        files = [str(Path(folder, name)) for name in ("in.parquet", "out.parquet")]
        real.rename(columns=names).to_parquet(files[0])
        run = subprocess.run(
            [python, __file__, *files, str(n_made), "0", str(minutes)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        made = pd.read_parquet(files[1])[list(names.values())]
    made = made.set_axis(list(real), axis=1)
    for name, cells in made.items():
        kind = real[name].dtype
        made[name] = cells.astype(float if kind.kind == "i" and cells.hasnans else kind)
    return made, [float(seconds) for seconds in run.stdout.split()[-4:]]


def main():
    from mostlyai.engine import TabularARGN

    source, target, rows, seed, minutes = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        clocks = [clock()]
        model = TabularARGN(
            device="cpu",
            random_state=int(seed),
            workspace_dir=folder,
            max_training_time=float(minutes),
        )
        model.fit(pd.read_parquet(source))
        clocks.append(clock())
        made = model.sample(n_samples=int(rows))
        clocks.append(clock())
    made.to_parquet(target)
    print(*(b - a for kind in zip(*clocks, strict=True) for a, b in pairwise(kind)))


def clock():
    """CPU seconds of this process and its children, and seconds that have passed."""
    used = os.times()
    return sum(used[:4]), used.elapsed


if __name__ == "__main__":
    main()

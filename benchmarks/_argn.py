"""Rows of TabularARGN, in an environment of its own: its needs exclude those of this package.

    python _argn.py IN.parquet OUT.parquet ROWS SEED

Called by `free_rows.py --argn PYTHON`; prints the CPU seconds of fit and of drawing.
"""

import sys
import tempfile
import time

import pandas as pd


def main():
    from mostlyai.engine import TabularARGN

    source, target, rows, seed = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        model = TabularARGN(device="cpu", random_state=int(seed), workspace_dir=folder)
        model.fit(pd.read_parquet(source))
        fitted = time.process_time()
        made = model.sample(n_samples=int(rows))
        print(fitted - started, time.process_time() - fitted)
    made.to_parquet(target)


if __name__ == "__main__":
    main()

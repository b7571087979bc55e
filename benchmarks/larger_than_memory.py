"""Memory of fitting a Parquet table of growing size, and of the same table read and fitted.

    nice python benchmarks/larger_than_memory.py --out benchmarks/results/larger_than_memory.csv
    python benchmarks/larger_than_memory.py --quick      # does it run? small tables

Each figure comes from a process of its own and is the peak (VmHWM, which Linux lets a process
reset) over the resident memory after all imports and the fit of a tiny table. The table has
20 columns: 16 of numbers, two of integers, two of categories; and two classes.
"""

import argparse
import gc
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

MB = 1e6
COLUMNS = 20


def rows_of(n, seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 16)), columns=[f"x{i}" for i in range(16)])
    frame["visits"], frame["age"] = rng.poisson(20, n), rng.integers(18, 90, n)
    frame["city"] = rng.choice(["Bonn", "Graz", "Oslo", "Rome"], n)
    frame["plan"] = rng.choice(list("abcdefgh"), n)
    return frame.assign(y=np.where(frame["x0"] + rng.normal(size=n) > 2, "yes", "no"))


def write(path, n, group=100_000):
    """Write n rows in row groups of 100,000, never more than one of them in memory."""
    schema = pa.Schema.from_pandas(rows_of(2, 0), preserve_index=False)
    with pq.ParquetWriter(path, schema) as file:
        for start in range(0, n, group):
            frame = rows_of(min(group, n - start), start)
            file.write_table(pa.Table.from_pandas(frame, schema=schema, preserve_index=False))


def resident(field):
    text = pathlib.Path("/proc/self/status").read_text()
    return int(text.split(f"{field}:")[1].split()[0]) * 1024


def fitted(path, how, n_steps):
    """Fit the table in this process; the peak over the start, and the seconds."""
    from gan_augment import TabularGAN
    from gan_augment.generators.tabular import on_disk

    with tempfile.TemporaryDirectory() as folder:  # imports, both ways
        small = pathlib.Path(folder) / "small.parquet"
        rows_of(3000, 1).to_parquet(small)
        held, on_disk.HELD_ROWS = on_disk.HELD_ROWS, 2000
        TabularGAN(n_steps=60, random_state=0).fit(small, "y").sample(10)
        on_disk.HELD_ROWS = held
    gc.collect()
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before, started = resident("VmRSS"), time.perf_counter()
    gan = TabularGAN(n_steps="auto" if n_steps == "auto" else int(n_steps), random_state=0)
    if how == "file":
        gan.fit(path, "y")
    else:
        frame = pd.read_parquet(path)
        gan.fit(frame.drop(columns="y"), frame["y"])
    seconds = time.perf_counter() - started
    return {"rows": gan.n_rows_, "peak": resident("VmHWM") - before, "seconds": seconds}


def measured(path, how, n_steps):
    command = [sys.executable, __file__, "--child", str(path), how, str(n_steps)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(found.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", help="CSV file")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(fitted(*options.child)))
        return
    sizes, steps = [100_000, 1_000_000, 4_000_000, 10_000_000], "auto"
    if options.quick:
        sizes, steps = [20_000, 60_000], 20
    found = []
    print("rows        fit from        table MB  file MB  peak MB over start  seconds")
    for n in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "rows.parquet"
            write(path, n)
            file, table = path.stat().st_size / MB, n / 1000 * _bytes_of_1000() / MB
            for how in ["file", "memory"] if n <= 1_000_000 else ["file"]:
                facts = measured(path, how, steps)
                line = {"rows": n, "columns": COLUMNS, "fit from": how, "table MB": table}
                line |= {"file MB": file, "peak MB over start": facts["peak"] / MB}
                found.append(line | {"seconds": facts["seconds"]})
                print(f"{n:<11,} {how:14} {table:9.0f} {file:8.0f} {facts['peak'] / MB:19.0f} "
                      f"{facts['seconds']:8.1f}", flush=True)  # fmt: skip
    if options.out:
        pd.DataFrame(found).round(1).to_csv(options.out, index=False)


def _bytes_of_1000():
    return int(rows_of(1000, 0).memory_usage(index=False, deep=True).sum())


if __name__ == "__main__":
    main()

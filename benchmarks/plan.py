"""What would a table of a billion rows cost? Unit costs measured here, totals computed.

    nice python benchmarks/plan.py --rows 1e9 --columns 20 --workers 16 \
        --out benchmarks/results/plan.csv
    python benchmarks/plan.py --quick        # does it run? few rows, figures that mean little

Nothing of that size is run. Each stage is measured on this machine, in this process, on a table of
the kind asked for (numbers and, one column in ten, categories), and its time is multiplied. Stages
that do not share work take the same time whatever the number of workers: the pass over the table
and the training are one process's, while partitions are shared out. That the disk and the network
keep up is assumed, and the bytes to be moved are printed so that it can be checked.
"""

import argparse
import pathlib
import tempfile
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gan_augment import TabularGAN, sample_to_parquet
from gan_augment.encoding.streaming import TargetStream
from gan_augment.generators.tabular import on_disk
from gan_augment.generators.tabular.gan import MAX_STEPS
from gan_augment.io.parquet import ParquetRows
from gan_augment.training.config import TrainingConfig

HOUR, GB = 3600, 1e9


@dataclass
class Costs:
    """Seconds and bytes of one unit of work."""

    pass_row: float  # seconds to look at a row of the whole table once
    file_row: float  # bytes of a real row in Parquet
    encode_cell: float  # seconds to encode one cell of a row
    setup: float  # seconds to fit scales and prior on the sample
    step: float  # seconds of a training step, refills included
    sample_row: float  # seconds to make a row and write it
    new_row: float  # bytes of a synthetic row in Parquet


def rows_of(n, columns, seed):
    """Numbers and, one column in ten, categories; and a class."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, columns - columns // 10))).add_prefix("x")
    for i in range(columns // 10):
        frame[f"c{i}"] = rng.choice(list("abcdefgh"), n)
    return frame.assign(y=np.where(frame["x0"] > 1, "yes", "no"))


def write(path, n, columns, group):
    schema = pa.Schema.from_pandas(rows_of(9, columns, 0), preserve_index=False)
    with pq.ParquetWriter(path, schema) as file:
        for start in range(0, n, group):
            frame = rows_of(min(group, n - start), columns, start)
            file.write_table(pa.Table.from_pandas(frame, schema=schema, preserve_index=False))


def seconds(call):
    started = time.perf_counter()
    made = call()
    return time.perf_counter() - started, made


def measured(columns, n, n_steps, n_new):
    """Measure all unit costs on a table of n rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "rows.parquet"
        write(path, n, columns, group=n // 5)

        def fit(steps):
            return TabularGAN(n_steps=steps, random_state=0).fit(path, "y")

        fit(0).sample(10)  # imports
        rows = ParquetRows(path, "y")
        stream, rng = TargetStream("auto"), np.random.default_rng(0)
        survey, _ = seconds(lambda: on_disk._survey(rows, {}, stream, rng))
        held = on_disk.held_rows(columns)
        setup, _ = seconds(lambda: fit(0))
        training, gan = seconds(lambda: fit(n_steps))
        X = rows.read()[0].iloc[:held]
        encoding, _ = seconds(lambda: gan.codec_.encode(X, None, rng))
        options = {"rows_per_partition": n_new, "random_state": 0}
        making, (part,) = seconds(
            lambda: sample_to_parquet(gan, n_new, pathlib.Path(folder) / "new", **options)
        )
        return Costs(
            pass_row=survey / n,
            file_row=path.stat().st_size / n,
            encode_cell=encoding / (len(X) * columns),
            setup=setup - survey,
            step=(training - setup) / n_steps,
            sample_row=making / n_new,
            new_row=part.stat().st_size / n_new,
        )


def planned(costs, rows, columns, workers):
    """Return the stages as lines of a table: cost of a unit, units, workers and hours."""
    steps = MAX_STEPS
    seen = steps * TrainingConfig().batch_size
    stages = [
        ("one pass over the table", "row", costs.pass_row, rows, 1),
        ("scales and prior of the sample", "fit", costs.setup, 1, 1),
        ("training, default steps", "step", costs.step, steps, 1),
        ("sampling as many rows to partitions", "row", costs.sample_row, rows, workers),
    ]
    lines = [
        {"stage": stage, "unit": unit, "unit seconds": cost, "units": units,
         "workers": used, "hours": cost * units / used / HOUR}
        for stage, unit, cost, units, used in stages
    ]  # fmt: skip
    bound = max(lines, key=lambda line: line["hours"])
    total = sum(line["hours"] for line in lines)
    sizes = costs.file_row * rows / GB, costs.new_row * rows / GB
    rate = costs.new_row / costs.sample_row * workers / 1e6
    notes = [
        f"Total {total:.2f} hours, of which {bound['stage']} takes {bound['hours']:.2f}: "
        + ("more workers shorten it." if bound["workers"] > 1 else "it is one process's."),
        f"The table takes {sizes[0]:.0f} GB in Parquet, the new rows {sizes[1]:.0f} GB, written "
        f"at {rate:.0f} MB/s by {workers} workers.",
        f"Encoding all rows would take {costs.encode_cell * rows * columns / HOUR:.2f} hours; the "
        f"network meets {seen:,} rows in {steps:,} steps, so it is not done.",
    ]
    return lines, notes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=float, default=1e9)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", help="CSV file")
    options = parser.parse_args()
    size = (1_000_000, 500, 500_000)
    if options.quick:
        on_disk.HELD_ROWS, size = 2000, (10_000, 60, 2000)
    costs = measured(options.columns, *size)
    lines, notes = planned(costs, int(options.rows), options.columns, options.workers)
    table = pd.DataFrame(lines)
    print(table.to_string(index=False, float_format=lambda value: f"{value:.3g}"))
    print("\n".join(notes))
    for name, value in vars(costs).items():
        print(f"{name:12} {value:.3g}")
    if options.out:
        units = pd.DataFrame(
            [{"stage": name, "unit seconds": value} for name, value in vars(costs).items()]
        )
        pd.concat([table, units]).to_csv(options.out, index=False, float_format="%.4g")


if __name__ == "__main__":
    main()

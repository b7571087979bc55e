"""What a quality report costs: 50,000 rows of 50 columns, holdout and target, in under 2 minutes.

    python benchmarks/quality_cost.py            # 50,000 x 50, smaller and wider tables
    python benchmarks/quality_cost.py --quick    # 2,000 x 10
    python benchmarks/quality_cost.py --reports  # both commands on four real sets, half an hour

Half of the columns are numbers, of which some are skewed, whole or have holes, the rest have 2 to
40 categories. The "synthetic" table is another draw whose numbers carry noise of their own.
"""

import argparse
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from _datasets import load
from _memory import peak_over_start
from typer.testing import CliRunner

from gan_augment.cli.app import app
from gan_augment.evaluation.quality import quality_report

LIMIT_SECONDS = 120
SETS, REPORT_SECONDS = ("adult", "credit_g", "vehicle", "insurance"), 300


def table(n, d, seed, noise=0.0):
    """Columns that hang together through five hidden factors, and a class that depends on them."""
    loadings = np.random.default_rng(99).normal(size=(5, d))
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(n, 5))
    latent = factors @ loadings + rng.normal(size=(n, d)) + noise * rng.normal(size=(n, d))
    columns = {}
    for j in range(d):
        values = latent[:, j]
        if j % 2:
            edges = np.linspace(-5, 5, 2 + (j * 7) % 39)
            columns[f"c{j}"] = np.array([f"level {e:.1f}" for e in edges])[
                np.searchsorted(edges[1:-1], values)
            ]
        elif j % 3 == 0:
            columns[f"x{j}"] = np.exp(values / 2).round(2)
        elif j % 5 == 0:
            columns[f"x{j}"] = np.where(rng.random(n) < 0.1, np.nan, values)
        else:
            columns[f"x{j}"] = np.rint(10 * values).astype(int)
    columns["target"] = np.where(factors[:, 0] + rng.normal(size=n) > 0.5, "yes", "no")
    return pd.DataFrame(columns)


def tables(sizes):
    for n, d in sizes:
        real, made, holdout = table(n, d, 1), table(n, d, 2, noise=0.3), table(n // 4, d, 3)
        options = {"holdout": holdout, "target": "target", "random_state": 0}
        used = time.process_time()
        report, peak, seconds = peak_over_start(partial(quality_report, real, made, **options))
        yield {
            "rows": n,
            "columns": d + 1,
            "seconds": seconds,
            "CPU seconds": time.process_time() - used,
            "peak MB": peak / 1e6,
            "C2ST": report.metric("c2st").value,
            "C2ST, real": report.metric("c2st").reference,
        }


def reports():
    """Seconds and bytes of the pages that the command line writes of real sets."""
    with tempfile.TemporaryDirectory() as folder:
        for name in SETS:
            X, y = load(name)
            frame = X.assign(the_target=y).sample(frac=1, random_state=0)
            half = Path(folder, "real.csv"), Path(folder, "fresh.csv")
            for path, rows in zip(
                (*half, Path(folder, "all.csv")), (*cut(frame), frame), strict=True
            ):
                rows.to_csv(path, index=False)
            for command, files in {"compare": [Path(folder, "all.csv")], "check": half}.items():
                page = Path(folder, "page.html")
                words = [
                    command,
                    *files,
                    "--target",
                    "the_target",
                    "--report",
                    page,
                    "--overwrite",
                ]
                started = time.perf_counter()
                CliRunner().invoke(app, [*map(str, words), "-q"], catch_exceptions=False)
                seconds = time.perf_counter() - started
                megabytes = page.stat().st_size / 1e6
                page.unlink()
                yield {"set": name, "command": command, "seconds": seconds, "page MB": megabytes}


def cut(frame):
    return frame.iloc[: len(frame) // 2], frame.iloc[len(frame) // 2 :]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--reports", action="store_true")
    parser.add_argument("--out", help="CSV file")
    options = parser.parse_args()
    sizes = [(1_000, 19), (10_000, 19), (300, 149), (300, 399), (50_000, 49)]
    rows = []
    for row in reports() if options.reports else tables([(2_000, 9)] if options.quick else sizes):
        rows.append(row)
        print(pd.DataFrame([row]).round(2).to_string(index=False), flush=True)
    if options.out:
        pd.DataFrame(rows).round(3).to_csv(options.out, index=False)
    limit = REPORT_SECONDS if options.reports else LIMIT_SECONDS
    slow = [row for row in rows if row["seconds"] > limit]
    if slow:
        raise SystemExit(f"{len(slow)} took more than the {limit} s allowed")


if __name__ == "__main__":
    main()

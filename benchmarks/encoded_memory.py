"""Memory of fitting, sampling and augmenting two tables that were costly as one-hot rows.

    python benchmarks/encoded_memory.py --out benchmarks/results/encoded_memory.csv
    python benchmarks/encoded_memory.py --quick      # does it run? small tables

"wide" has 20 columns of 300 categories and 50,000 rows, 2 MB in pandas: 6,000 numbers a row if
each category were one. "mixed" has 20 columns, 12 of numbers, four of integers and four of
categories, and 1,000,000 rows. Each figure comes from a process of its own: the peak (VmHWM)
over the resident memory after all imports and the fit of a tiny table. For "fit" and "augment"
(`GANAugmenter.fit_transform`, which adds as many rows again) that includes the table itself, for
"sample", of as many rows, the model, which is loaded from a file.
"""

import argparse
import gc
import json
import pathlib
import subprocess
import sys
import tempfile

import _memory
import numpy as np
import pandas as pd

MB = 1e6
WORK = ("fit", "sample", "augment")


def wide(n):
    rng = np.random.default_rng(0)
    levels = pd.Index([f"level {i}" for i in range(300)])
    columns = {}
    for i in range(20):
        codes = rng.integers(0, 300, n).astype(np.int16)
        columns[f"c{i}"] = pd.Categorical.from_codes(codes, categories=levels)
    return pd.DataFrame(columns), pd.Series(np.where(rng.random(n) < 0.3, "rare", "common"))


def mixed(n):
    rng = np.random.default_rng(0)
    columns = {f"x{i}": rng.normal(size=n) for i in range(12)}
    columns |= {f"n{i}": rng.poisson(20 * (i + 1), n) for i in range(4)}
    for i, n_levels in enumerate((2, 8, 40, 200)):
        codes = rng.integers(0, n_levels, n).astype(np.int16)
        levels = pd.Index([f"level {j}" for j in range(n_levels)])
        columns[f"c{i}"] = pd.Categorical.from_codes(codes, categories=levels)
    return pd.DataFrame(columns), pd.Series(np.where(rng.random(n) < 0.3, "rare", "common"))


TABLES = {"wide": (wide, 50_000), "mixed": (mixed, 1_000_000)}


def measured_here(name, n, work, n_steps, path):
    """Do one sort of work in this process; return its figures."""
    from gan_augment import GANAugmenter, TabularGAN, load

    tiny = TabularGAN(n_steps=5, random_state=0)
    GANAugmenter(tiny, random_state=0).fit_transform(*mixed(100))
    tiny.fit(*mixed(100)).save(f"{path}.tiny")
    load(f"{path}.tiny").sample(9)
    gc.collect()
    before, n = _memory.resident("VmRSS"), int(n)
    if work == "sample":
        _, peak, seconds = _memory.peak_over_start(lambda: load(path).sample(n))
        return {"peak": peak, "seconds": seconds}
    X, y = TABLES[name][0](n)
    gc.collect()
    held = _memory.resident("VmRSS") - before
    gan = TabularGAN(n_steps=n_steps if n_steps == "auto" else int(n_steps), random_state=0)
    augmenter = GANAugmenter(gan, random_state=0)
    fit = gan.fit if work == "fit" else augmenter.fit_transform
    _, peak, seconds = _memory.peak_over_start(lambda: fit(X, y))
    if work == "fit":
        gan.save(path)
    size = int(X.memory_usage(index=False, deep=True).sum())
    return {"input": size, "peak": peak + held, "seconds": seconds}


def measured(*arguments):
    command = [sys.executable, __file__, "--child", *map(str, arguments)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(found.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--table", choices=TABLES, help="this one alone")
    parser.add_argument("--out", help="CSV file")
    parser.add_argument("--child", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(measured_here(*options.child)))
        return
    found, size = [], None
    print("table  work     rows       input MB  peak MB  ratio  seconds")
    for name in [options.table] if options.table else TABLES:
        n, steps = (300, 5) if options.quick else (TABLES[name][1], "auto")
        with tempfile.TemporaryDirectory() as folder:
            for work in WORK[: 1 if options.quick else None]:
                facts = measured(name, n, work, steps, f"{folder}/model")
                size = facts.get("input", 0) / MB or size
                peak, seconds = facts["peak"] / MB, facts["seconds"]
                found.append({"table": name, "work": work, "rows": n, "input MB": size})
                found[-1] |= {"peak MB": peak, "ratio": peak / size, "seconds": seconds}
                print(f"{name:6} {work:8} {n:<10,} {size:8.1f} {peak:8.0f} {peak / size:6.1f} "
                      f"{seconds:8.1f}", flush=True)  # fmt: skip
    if options.out:
        pathlib.Path(options.out).parent.mkdir(exist_ok=True)
        pd.DataFrame(found).round(2).to_csv(options.out, index=False)


if __name__ == "__main__":
    main()

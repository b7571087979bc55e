"""Memory of fitting and sampling, beside the goals; each figure from a process of its own.

    nice python benchmarks/reliability/memory.py --out benchmarks/results/memory.csv
    python benchmarks/reliability/memory.py --quick      # does it run? few rows, all fixed costs

Streaming, and writing a file, are measured over the resident memory of a process that has read a
fitted generator of 4 columns (two of numbers, one of integers, one of categories). Fitting is
measured over a process that has imported everything and has no table yet, so the table itself is
part of the figure. The peak is VmHWM, which Linux lets a process reset.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from _memory import peak_over_start

MB = 1e6
STREAM_GOAL, SAME_GOAL, SAMPLE_GOAL, FIT_GOAL = 100, 5, 1.5, 4


def four_columns(n):
    rng = np.random.default_rng(0)
    x = rng.normal(size=n)
    return pd.DataFrame(
        {
            "x": x,
            "price": np.round(rng.lognormal(3, 1, n) + np.abs(x), 2),
            "visits": rng.poisson(20, n),
            "city": rng.choice(["Bonn", "Graz", "Oslo"], n),
        }
    )


def wide(n, d):
    """Numbers and, one column in ten, categories; a class to learn."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({f"x{i}": rng.normal(size=n) for i in range(d - d // 10)})
    for i in range(d // 10):
        frame[f"c{i}"] = pd.Categorical.from_codes(rng.integers(0, 8, n), list("abcdefgh"))
    return frame, (frame["x0"] > 1).to_numpy().astype(np.int64)


def streamed(model, n):
    import gan_augment

    gan, rows = gan_augment.load(model), 0

    def work():
        return sum(len(X) for X, _ in gan.sample_iter(int(n), random_state=0))

    rows, peak, seconds = peak_over_start(work)
    return {"rows": rows, "peak": peak, "seconds": seconds}


def written(model, n, suffix):
    import gan_augment
    from gan_augment.cli.sample import write_rows

    gan = gan_augment.load(model)
    import gan_augment.io.tables

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / f"rows{suffix}"
        _, peak, seconds = peak_over_start(lambda: write_rows(gan, int(n), path, seed=0))
        size = path.stat().st_size
    return {"rows": int(n), "peak": peak, "seconds": seconds, "file": size}


def sampled(model, n):
    import gan_augment

    gan = gan_augment.load(model)
    gan.sample(10)
    (X, _), peak, seconds = peak_over_start(lambda: gan.sample(int(n), random_state=0))
    result = int(X.memory_usage(index=False).sum())
    return {"rows": len(X), "peak": peak, "seconds": seconds, "result": result}


def fitted(n, d, n_steps):
    from gan_augment import TabularGAN

    TabularGAN(n_steps=2, random_state=0).fit(*wide(300, 4))  # imports

    def work():
        frame, y = wide(int(n), int(d))
        size = int(frame.memory_usage(index=False).sum()) + y.nbytes
        steps = n_steps if n_steps == "auto" else int(n_steps)
        return TabularGAN(n_steps=steps, random_state=0).fit(frame, y), size

    (gan, size), peak, seconds = peak_over_start(work)
    with tempfile.TemporaryDirectory() as folder:
        gan.save(pathlib.Path(folder) / "model")
        model = (pathlib.Path(folder) / "model").stat().st_size
    return {"rows": int(n), "peak": peak, "seconds": seconds, "input": size, "model": model}


WORK = {work.__name__: work for work in (streamed, written, sampled, fitted)}


def measured(name, *arguments):
    """Run one of `WORK` in a process of its own."""
    command = [sys.executable, __file__, "--child", name, *map(str, arguments)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(found.stdout.splitlines()[-1])


def line(what, facts, value, goal, unit):
    speed = facts["rows"] / facts["seconds"]
    print(f"{what:44} {value:8.2f} {unit:3} goal {goal:6.1f} {facts['seconds']:7.1f} s "
          f"{speed:10,.0f} rows/s", flush=True)  # fmt: skip
    return {"what": what, "value": value, "unit": unit, "goal": goal, "rows": facts["rows"],
            "seconds": facts["seconds"], "peak MB": facts["peak"] / MB}  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", help="CSV file")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(WORK[options.child[0]](*options.child[1:])))
        return
    many, steps = (10**5, 20) if options.quick else (10**7, 300)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        from gan_augment import TabularGAN

        model = f"{folder}/model"
        TabularGAN(n_steps=steps, random_state=0).fit(four_columns(5000)).save(model)
        peaks = {}
        for n in dict.fromkeys([10**5, many]):
            facts = measured("streamed", model, n)
            peaks[n] = facts["peak"]
            what = f"sample_iter, {n:,} rows x 4, over start"
            found.append(line(what, facts, facts["peak"] / MB, STREAM_GOAL, "MB"))
        if many in peaks and len(peaks) > 1:
            more = (peaks[many] - peaks[10**5]) / MB
            found.append(line("  more than for 100,000 rows", facts, more, SAME_GOAL, "MB"))
        for suffix in [".parquet"] if options.quick else [".parquet", ".csv"]:
            n = many if suffix == ".parquet" else many // 10
            facts = measured("written", model, n, suffix)
            what = f"sample --out x{suffix}, {n:,} rows x 4"
            found.append(line(what, facts, facts["peak"] / MB, STREAM_GOAL, "MB"))
        if not options.quick:
            facts = measured("sampled", model, many)
            what = f"sample({many:,}), times the result"
            found.append(line(what, facts, facts["peak"] / facts["result"], SAMPLE_GOAL, ""))
    for n, d in [(2_000, 10)] if options.quick else [(200_000, 20), (1_000_000, 10)]:
        facts = measured("fitted", n, d, 20 if options.quick else "auto")
        over = (facts["peak"] - facts["model"]) / facts["input"]
        found.append(line(f"fit, {n:,} x {d}, (peak - model) / input", facts, over, FIT_GOAL, ""))
    if options.out:
        pd.DataFrame(found).round(3).to_csv(options.out, index=False)


if __name__ == "__main__":
    main()

"""Fit, sample, memory and quality of every generator on the same rows, in one run.

    python benchmarks/speed.py --store DIR --out FILE.csv      # two hours: CTGAN is slow
    python benchmarks/speed.py --methods TabularARGN --argn PYTHON --shapes 1000x20x5
    python benchmarks/speed.py --quick

Each cell is a process of its own, held to one thread: seconds to fit, passed and of CPU (of short
fits the median of up to five), rows a second, peak memory over what the process held before
fitting, and C2ST and TSTR (areas under the curve) against fresh rows of the same distribution,
with real rows in the place of synthetic ones as reference. Peers have their defaults. Where 300
epochs of a peer would take too long, it is fitted for two and for six, twice, and its time is that
of the faster ones, extrapolated: the cell then says so and has no quality. With ``--store`` cells
may be of several runs of one machine; ``--finished`` makes the table of those that are there,
``--methods`` and ``--shapes`` choose some.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time
import warnings
from operator import itemgetter

import _argn
import _fidelity
import numpy as np
import pandas as pd
from _memory import peak_over_start
from _store import place_of, stored

#: Rows, columns, and levels of each column of categories.
SHAPES = [
    (400, 20, 5),
    (1_000, 20, 5),
    (10_000, 20, 5),
    (10_000, 10, 5),
    (10_000, 50, 5),
    (10_000, 200, 5),
    (10_000, 20, 100),
    (50_000, 20, 5),
    (100_000, 20, 5),
    (1_000_000, 20, 5),
]
QUICK_SHAPES = [(200, 6, 3)]
METHODS = (
    "real rows", "TabularGAN", "prior alone", "SMOTE", "GaussianCopula", "TVAE", "CTGAN",
    "CopulaGAN", "ARF",
)  # fmt: skip
EPOCHS = 300
#: Rows times columns up to which a peer that trains by epochs is trained to its end.
TO_THE_END = 200_000
TRIED_EPOCHS = 2, 6
#: Fits of which the median is taken, as long as they take no longer together.
REPEATS, REPEAT_SECONDS = 5, 30
#: Rows beyond which a peer would take hours, or, like CopulaGAN, as long as CTGAN once more.
TOO_MANY = {
    "SMOTE": 50_000, "ARF": 1_000, "GaussianCopula": 100_000, "CopulaGAN": 1_000,
    "TVAE": 100_000, "CTGAN": 50_000, "TabularARGN": 10_000,
}  # fmt: skip
#: The Python that has mostlyai-engine.
ARGN = "ARGN_PYTHON"
TEST_ROWS = 5_000
SAMPLE_ROWS = 10_000


def table(n, d, levels, seed):
    """Rows with half of the columns numbers, half categories, all of them related to a class."""
    law, rng = np.random.default_rng(17), np.random.default_rng(seed)
    n_numbers = d - d // 2
    roots, cuts = law.normal(size=(8, d)), law.dirichlet(np.full(levels, 2.0), size=d)
    hidden = rng.normal(size=(n, 8))
    scores = hidden @ roots / np.sqrt(8) + 0.5 * rng.normal(size=(n, d))
    columns = {}
    for j in range(d):
        if j < n_numbers:
            shaped = np.exp(scores[:, j] / 2) if j % 3 == 1 else scores[:, j]
            columns[f"x{j}"] = np.round(shaped, 2) if j % 3 == 2 else shaped
        else:
            edges = 1.2 * np.quantile(law.normal(size=999), np.cumsum(cuts[j])[:-1])
            codes = np.searchsorted(edges, scores[:, j])
            columns[f"k{j}"] = np.array([f"v{k}" for k in range(levels)], dtype=object)[codes]
    y = (hidden[:, 0] + np.abs(hidden[:, 1]) + 0.3 * rng.normal(size=n) > 0.8).astype(int)
    return pd.DataFrame(columns), y


def generator_of(method, epochs):
    from gan_augment import SDVGenerator, SMOTEGenerator, TabularGAN

    if method == "TabularGAN":
        return TabularGAN(random_state=0)
    if method == "prior alone":
        return TabularGAN(n_steps=0, random_state=0)
    if method == "SMOTE":
        return SMOTEGenerator(random_state=0)
    parameters = None if method == "GaussianCopula" else {"epochs": epochs}
    return SDVGenerator(method, parameters=parameters, by_class=False, random_state=0)


def cpu_seconds(call, *arguments):
    started = time.process_time()
    call(*arguments)
    return time.process_time() - started


class Forest:
    """arfpy behind the same two methods; it has no classes to ask for."""

    def fit(self, X, y):
        from arfpy import arf

        self.columns = list(X.columns)
        rows = X.assign(target=y.astype(str))
        self.model = arf.arf(x=rows, verbose=False)
        self.model.forde()
        return self

    def sample(self, n, random_state=None):
        made = self.model.forge(n=n)
        return made[self.columns], made["target"].astype(int).to_numpy()


def cell(method, n, d, levels, epochs=EPOCHS, quality=True):
    """The figures of one fit, in this process."""
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    X, y = table(n, d, levels, seed=1)
    test = table(TEST_ROWS, d, levels, seed=2)
    fresh = table(min(n, SAMPLE_ROWS), d, levels, seed=3)
    found = {"input MB": (X.memory_usage(deep=True).sum() + y.nbytes) / 1e6}
    if method == "real rows":
        made, labels = table(len(fresh[0]), d, levels, seed=4)
    elif method == "TabularARGN":
        given = X.assign(target=np.where(y == 1, "yes", "no"))
        made, (cpu, _, fit, draw) = _argn.rows_of(os.environ[ARGN], given, SAMPLE_ROWS)
        found |= {"fit s": fit, "fit CPU s": cpu, "rows/s": SAMPLE_ROWS / draw}
        made = made.iloc[: len(fresh[0])]
        labels = (made.pop("target") == "yes").astype(int).to_numpy()
    else:
        generator = Forest() if method == "ARF" else generator_of(method, epochs)
        small = table(60, 6, 2, seed=5)
        if method != "ARF":
            generator_of(method, 1).fit(*small)  # imports are no part of it
        times, peaks, used = [], [], []
        while len(times) < REPEATS and sum(times) < REPEAT_SECONDS:  # short ones waver most
            cpu, peak, seconds = peak_over_start(lambda: cpu_seconds(generator.fit, X, y))
            used.append(cpu)
            times.append(seconds)
            peaks.append(peak)
        peak, seconds = peaks[0], float(np.median(times))
        generator.sample(100)
        drawn = [peak_over_start(lambda: generator.sample(SAMPLE_ROWS)) for _ in "abc"]
        made, labels = drawn[-1][0]
        rate = SAMPLE_ROWS / float(np.median([seconds for *_, seconds in drawn]))
        found |= {"fit s": seconds, "fit CPU s": float(np.median(used))}
        found |= {"rows/s": rate, "peak MB": peak / 1e6}
        made, labels = made.iloc[: len(fresh[0])], labels[: len(fresh[0])]
    if quality:
        found |= _fidelity.quality(*fresh, made.reset_index(drop=True), labels, *test)
    return found


def in_a_process(*arguments, script=__file__):
    command = [sys.executable, script, "--cell", json.dumps(arguments)]
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | one_thread
    )
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["killed"])[-1])
    return json.loads(done.stdout.strip().splitlines()[-1])


def measured(method, n, d, levels, quick, quality=True):
    """The figures of a cell, by extrapolation where a peer would train for hours."""
    if n > TOO_MANY.get(method, np.inf):
        return {"error": f"left out: more than {TOO_MANY[method]:,} rows"}
    by_epochs = method in ("TVAE", "CTGAN", "CopulaGAN")
    epochs = 2 if quick else EPOCHS
    if not by_epochs or n * d <= TO_THE_END:
        return in_a_process(method, n, d, levels, epochs, quality)
    few, more = (
        min(
            (in_a_process(method, n, d, levels, e, False) for _ in "ab"),
            key=itemgetter("fit CPU s"),
        )
        for e in TRIED_EPOCHS
    )
    each = (more["fit CPU s"] - few["fit CPU s"]) / (TRIED_EPOCHS[1] - TRIED_EPOCHS[0])
    seconds = few["fit CPU s"] + (EPOCHS - TRIED_EPOCHS[0]) * each
    return more | {"fit s": None, "fit CPU s": seconds, "extrapolated": 1}


def exponents(frame):
    """Slopes of log seconds of CPU over log rows, at 20 columns of few categories.

    Of those that passed, where CPU is not known. Beyond encoding: less the seconds of the prior
    alone, which encodes the same rows.
    """
    part = frame[(frame["columns"] == 20) & (frame["levels"] == 5) & (frame["rows"] <= 100_000)]
    if "fit CPU s" in part:
        part = part.assign(**{"fit s": part["fit CPU s"].fillna(part["fit s"])})
    seconds = part.pivot(index="rows", columns="method", values="fit s")
    if {"TabularGAN", "prior alone"} <= set(seconds):
        seconds["TabularGAN beyond encoding"] = seconds["TabularGAN"] - seconds["prior alone"]
    slopes = {}
    for method, column in seconds.items():
        for first in (400, 1_000):
            known = column.loc[first:].dropna()
            if len(known) > 1:
                slope = np.polyfit(np.log(known.index), np.log(known), 1)[0]
                slopes[method, known.index[0], known.index[-1]] = slope
    return slopes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--store", type=pathlib.Path, help="folder of finished cells")
    parser.add_argument("--methods", nargs="+", default=METHODS)
    parser.add_argument("--finished", action="store_true", help="only cells that the store has")
    parser.add_argument("--times", action="store_true", help="no quality")
    parser.add_argument("--shapes", nargs="+", help="as 400x20x5: rows, columns, levels")
    parser.add_argument("--argn", help="a Python with mostlyai-engine, for TabularARGN")
    parser.add_argument("--out", help="CSV file")
    parser.add_argument("--cell", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.cell:
        print(json.dumps(cell(*json.loads(options.cell))))
        return
    if options.argn:
        os.environ[ARGN] = options.argn
    shapes = QUICK_SHAPES if options.quick else SHAPES
    if options.shapes:
        shapes = [tuple(map(int, text.split("x"))) for text in options.shapes]
    methods = ("TabularGAN", "CTGAN") if options.quick else options.methods
    rows = []
    for n, d, levels in shapes:
        for method in methods:

            def compute(key=(method, n, d, levels)):
                return measured(*key, options.quick, not options.times)

            key = (f"{n}x{d}x{levels}", method)
            if options.finished and not place_of(options.store, key).exists():
                continue
            found = stored(options.store, key, compute)
            facts = {"method": method, "rows": n, "columns": d, "levels": levels}
            rows.append(facts | found)
            print({k: round(v, 3) if isinstance(v, float) else v for k, v in rows[-1].items()},
                  flush=True)  # fmt: skip
    frame = pd.DataFrame(rows)
    for (method, first, last), slope in exponents(frame).items() if "fit s" in frame else ():
        print(f"{method}: {first:,} to {last:,} rows, fit time to the power {slope:.2f}")
    if options.out:
        frame.to_csv(options.out, index=False, float_format="%.4g")


if __name__ == "__main__":
    main()

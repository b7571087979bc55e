"""Quality over seconds of fitting: ours and the peers, each stopped after more and more training.

    GAN_AUGMENT_DATA=... python benchmarks/time_to_quality.py --store DIR --out FILE.csv
    python benchmarks/time_to_quality.py --quick

Rows of real sets; C2ST and TSTR (areas under the curve) against rows that no generator saw. Each
point is a fit of its own in a process of its own, held to one thread. At the end: the seconds in
which each reaches the TSTR that TVAE reaches with its defaults, if it does.
"""

import argparse
import json
import pathlib
import time
import warnings

import _datasets as datasets
import _fidelity
import numpy as np
import pandas as pd
from _store import stored
from speed import generator_of, in_a_process

SETS = {"adult": 10_000, "credit_g": 500, "mammography": 5_000}
AMOUNTS = {
    "TabularGAN": (0, 30, 100, 300, "auto"),
    "TVAE": (10, 30, 100, 300),
    "CTGAN": (10, 30, 100, 300),
    "GaussianCopula": (1,),
    "real rows": (1,),
}


def halves(name, n):
    """Training and fresh rows of a set, with the rarer class as 1."""
    X, y = datasets.load(name)
    y = (y == y.value_counts().idxmin()).astype(int).to_numpy()
    order = np.random.default_rng(0).permutation(len(X))
    first, second = order[:n], order[n : 2 * n]
    train, fresh = X.iloc[first], X.iloc[second]
    return (train.reset_index(drop=True), y[first]), (fresh.reset_index(drop=True), y[second])


def point(method, name, n, amount):
    """Seconds and quality of one fit, in this process."""
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    (X, y), (fresh, y_fresh) = halves(name, n)
    if method == "real rows":
        started, made, labels = time.perf_counter(), X, y
        seconds = 0.0
    else:
        generator = generator_of(method, amount)
        if method == "TabularGAN":
            generator.set_params(n_steps=amount)
        generator_of(method, 1).fit(X.iloc[:60], np.arange(60) % 2)  # imports are no part of it
        started = time.perf_counter()
        generator.fit(X, y)
        seconds = time.perf_counter() - started
        made, labels = generator.sample(len(X))
    quality = _fidelity.quality(fresh, y_fresh, made, labels, fresh, y_fresh)
    return {"seconds": seconds} | quality


def reached(frame):
    """Seconds in which each method has the TSTR of TVAE's defaults, by set."""
    lines = []
    for name, rows in frame.groupby("set"):
        goal = rows.loc[rows["method"] == "TVAE", "TSTR"].iloc[-1]
        for method, points in rows.groupby("method"):
            enough = points.loc[points["TSTR"] >= goal, "seconds"]
            lines.append((name, round(goal, 3), method, enough.min() if len(enough) else None))
    return pd.DataFrame(lines, columns=["set", "TSTR of TVAE", "method", "seconds to it"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    parser.add_argument("--store", type=pathlib.Path, help="folder of finished points")
    parser.add_argument("--out", help="CSV file")
    parser.add_argument("--cell", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.cell:
        print(json.dumps(point(*json.loads(options.cell))))
        return
    sets, amounts = {name: SETS[name] for name in options.sets}, AMOUNTS
    if options.quick:
        sets, amounts = {"breast_cancer": 250}, {"TabularGAN": (10,), "TVAE": (2,)}
    rows = []
    for name, n in sets.items():
        for method, chosen in amounts.items():
            for amount in chosen:

                def compute(key=(method, name, n, amount)):
                    return in_a_process(*key, script=__file__)

                key = (name, n, f"{method} {amount}")
                found = stored(options.store, key, compute)
                rows.append({"set": name, "rows": n, "method": method, "amount": amount} | found)
                print(rows[-1], flush=True)
    frame = pd.DataFrame(rows)
    print(reached(frame).to_string(index=False))
    if options.out:
        frame.to_csv(options.out, index=False, float_format="%.4g")


if __name__ == "__main__":
    main()

"""Copies of real rows under the default: how many are made, redrawn, or stop the work.

Each real set is cut as in ``utility.py``; `GANAugmenter` with its default generator adds 500 rows
(for classes as many of each) under ``allow_copies=False``. A row counts as equal if all its cells
are, numbers to nine digits after the point; that is found by pandas, not by the package. Goal:
where a column has fractions or dates, no synthetic row equals a real one; elsewhere none equals a
row that occurs once; no run stops.

``--cost`` measures what redrawing costs learners in tables where hardly any other row exists:
points of balanced accuracy gained by 500 rows of the structured prior, copies of single rows
kept, and redrawn up to 18 times.

    GAN_AUGMENT_DATA=... python benchmarks/reliability/copies.py --out benchmarks/results
    GAN_AUGMENT_DATA=... python benchmarks/reliability/copies.py --cost --out benchmarks/results
    python benchmarks/reliability/copies.py --quick            # scikit-learn's own sets
"""

import argparse
import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import _protocol as protocol
import numpy as np
import pandas as pd

from gan_augment import GANAugmenter, TabularGAN
from gan_augment.augmentation.augment import augment
from gan_augment.exceptions import InputError
from gan_augment.metrics.copies import RealRows

SETS = (
    *protocol.DEVELOPMENT, *protocol.CONFIRMATION,
    *protocol.REGRESSION_DEVELOPMENT, *protocol.REGRESSION_CONFIRMATION,
)  # fmt: skip
ADDED = 500
GIVE_UP = 18  # draws after which --cost takes what comes


def keys(*frames):
    """One key a row, the same for equal rows of all frames."""
    table = pd.concat([frame.astype(frames[0].dtypes) for frame in frames])
    floats = table.select_dtypes("float").columns
    table[floats] = table[floats].round(9) + 0.0
    codes = table.groupby(list(table), dropna=False, sort=False).ngroup().to_numpy()
    return np.split(codes, np.cumsum([len(frame) for frame in frames])[:-1])


def has_fractions(frame):
    """Whether a column has fractions or dates and is not constant."""
    varying = [column.dropna() for _, column in frame.items() if column.nunique() > 1]
    return any(
        column.dtype.kind == "M" or (column.dtype.kind == "f" and (column % 1 != 0).any())
        for column in varying
    )


def measure(name, n, seed):
    cut = protocol.split(name, n, seed)
    if cut is None:
        return None
    train, y, test = cut[:3]
    augmenter = GANAugmenter(n_samples=ADDED, random_state=seed)
    row = {"set": name, "n": n, "fractions": has_fractions(train)}
    try:
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            data = augmenter.augment(train, y)
    except InputError as error:
        return row | {"stopped": 1, "said": str(error)}
    new = data.X[data.is_synthetic]
    real, made, fresh = keys(train, new, test)
    once = np.unique(real, return_counts=True)
    once = once[0][once[1] == 1]
    return row | {
        "stopped": 0,
        "redrawn": data.n_redrawn,
        "equal %": 100 * np.isin(made, real).mean(),
        "equal to a row that occurs once %": 100 * np.isin(made, once).mean(),
        "holdout equal %": 100 * np.isin(fresh, real).mean(),
        "warned": sum("equal a real row" in str(w.message) for w in heard),
        "said": "",
    }


def cost(name, n, seed):
    """Points gained by rows with and without copies, of logistic regression, kNN and a forest."""
    cut = protocol.split(name, n, seed)
    if cut is None:
        return None
    train, y, test, y_test, rarest = cut
    features = protocol.Features(train)
    generator = TabularGAN(n_steps=0, random_state=seed).fit(train, y)
    plan = {label: int(k) for label, k in enumerate(np.bincount(np.arange(ADDED) % len(set(y))))}
    plan = dict(zip(np.unique(y).tolist(), plan.values(), strict=True))
    real, asked = RealRows(train), []

    def no_copies(new, *_):
        asked.append(len(new))
        return ~real.copied(new) if len(asked) < GIVE_UP else np.ones(len(new), dtype=bool)

    options = {"allow_copies": True, "random_state": seed}
    sides = {
        side: augment(generator, train, y, plan, filters=kept, **options)
        for side, kept in (("kept", None), ("redrawn", no_copies))
    }
    copied = real.copied(sides["kept"].X[sides["kept"].is_synthetic]).mean()
    row = {"set": name, "n": n, "copies %": 100 * copied}
    for model_name in ("LR", "kNN", "RF"):
        model = {model_name: protocol.classifiers(seed)[model_name]}
        at, metric = (features(test), y_test, rarest), "balanced_accuracy"
        none = protocol.scored(model, features(train), y, *at)[model_name][metric]
        for side, data in sides.items():
            score = protocol.scored(model, features(data.X), data.y, *at)[model_name][metric]
            row[side] = row.get(side, 0) + (score - none) / 3
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="wine, 50 rows")
    parser.add_argument("--cost", action="store_true", help="what redrawing costs learners")
    parser.add_argument("--seeds", type=int, default=None)
    parser.add_argument("--out", type=Path, help="folder of the CSV file")
    arguments = parser.parse_args()
    if arguments.quick:
        names, sizes, seeds = ["wine"], (50,), 1
    elif arguments.cost:
        names, sizes, seeds = ("car", "soybean", "vehicle"), (50, 150, 300, 500, 1200), 6
    else:
        names, sizes, seeds = SETS, (50, 150, 500), 2
    rows = []
    for name in names:
        for n in sizes:
            for seed in range(arguments.seeds or seeds):
                found = (cost if arguments.cost else measure)(name, n, seed)
                rows += [] if found is None else [found]
                if found:
                    print(found, flush=True)
    frame = pd.DataFrame(rows)
    mean = frame.groupby(["set", "n"], sort=False).mean(numeric_only=True)
    if arguments.cost:
        gap = (frame["redrawn"] - frame["kept"]).groupby([frame["set"], frame["n"]], sort=False)
        mean["redrawn - kept"], mean["SE"] = gap.mean(), gap.sem()
    print(mean.round(2).to_string())
    if not arguments.cost:
        strict = frame[frame["fractions"]]
        worst = "equal to a row that occurs once %"
        print(
            f"goal 0: runs stopped {frame['stopped'].sum()} of {len(frame)}; equal rows where a "
            f"column has fractions: {strict['equal %'].mean():.3f} % (largest "
            f"{strict['equal %'].max():.2f} %); equal to a row that occurs once: mean "
            f"{frame[worst].mean():.3f} %, largest {frame[worst].max():.2f} %"
        )
    if arguments.out:
        name = "copies_cost.csv" if arguments.cost else "copies.csv"
        mean.round(4).to_csv(arguments.out / name)


if __name__ == "__main__":
    main()

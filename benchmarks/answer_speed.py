"""How long an answer takes: `gan-augment compare` on 700 rows, and AugmentedClassifier on 200.

    python benchmarks/answer_speed.py            # some minutes
    python benchmarks/answer_speed.py --quick

Both with their defaults, on made tables: compare as a command of its own, with the time its
process takes to start; AugmentedClassifier with a random forest on 20 columns, a new seed each
time.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

from gan_augment import AugmentedClassifier, GANAugmenter, TabularGAN


def table(rows):
    numbers, y = make_classification(rows, 12, n_informative=5, random_state=0)
    frame = pd.DataFrame(numbers.round(3), columns=[f"x{i}" for i in range(12)])
    frame["kind"] = pd.cut(frame["x0"], 4, labels=list("abcd")).astype(object)
    return frame.assign(target=np.where(y, "yes", "no"))


def compare_seconds(path, options):
    command = [sys.executable, "-m", "gan_augment", "compare", str(path), "--target", "target"]
    started = time.perf_counter()
    subprocess.run([*command, *options], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def classifier_seconds(quick, seed):
    X, y = make_classification(60 if quick else 200, 20, random_state=0)
    forest = RandomForestClassifier(5 if quick else 100)
    augmenter = GANAugmenter(TabularGAN(n_steps=5)) if quick else None
    started = time.perf_counter()
    model = AugmentedClassifier(forest, augmenter, random_state=seed).fit(X, y)
    return time.perf_counter() - started, model.search_.scores["fold"].nunique()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rows and folds, once")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    repeats = 1 if options.quick else options.repeats
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        table(60 if options.quick else 700).to_csv(path, index=False)
        extra = ["--quick"] if options.quick else []
        times = [compare_seconds(path, extra) for _ in range(repeats)]
    print(f"gan-augment compare: median {np.median(times):.1f} s of {np.round(times, 1).tolist()}")
    found = [classifier_seconds(options.quick, seed) for seed in range(repeats)]
    times, folds = zip(*found, strict=True)
    print(
        f"AugmentedClassifier: median {np.median(times):.1f} s of {np.round(times, 1).tolist()}, "
        f"inner folds {list(folds)}"
    )


if __name__ == "__main__":
    main()

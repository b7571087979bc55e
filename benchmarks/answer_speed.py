"""How long an answer takes: `gan-augment demo`, `compare` on 700 rows, AugmentedClassifier on 200.

    python benchmarks/answer_speed.py            # some minutes
    python benchmarks/answer_speed.py --only demo boosting
    python benchmarks/answer_speed.py --quick

Aims: the demo in 60 seconds on two cores; boosting on 300, 2,000 and 20,000 rows in 10, 20 and 60
seconds of CPU.

Both with their defaults, on made tables: compare as a command of its own, with the time its
process takes to start, and seconds of CPU, which a busy machine changes less;
AugmentedClassifier with a random forest on 20 columns, a new seed each time. With
GAN_AUGMENT_DATA set, AugmentedClassifier with scikit-learn's boosting on 300, 2,000 and 20,000
rows of adult, too, in seconds of CPU and without a bound of time.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from threadpoolctl import threadpool_limits

from gan_augment import AugmentedClassifier, GANAugmenter, TabularGAN


def table(rows):
    numbers, y = make_classification(rows, 12, n_informative=5, random_state=0)
    frame = pd.DataFrame(numbers.round(3), columns=[f"x{i}" for i in range(12)])
    frame["kind"] = pd.cut(frame["x0"], 4, labels=list("abcd")).astype(object)
    return frame.assign(target=np.where(y, "yes", "no"))


def command_seconds(*words):
    """Seconds of a command as a process of its own, and seconds of CPU."""
    command = [sys.executable, "-m", "gan_augment", *words]
    started, before = time.perf_counter(), children_cpu()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started, children_cpu() - before


def children_cpu():
    """Seconds of CPU of the processes that have ended, and of theirs."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def classifier_seconds(quick, seed):
    X, y = make_classification(60 if quick else 200, 20, random_state=0)
    forest = RandomForestClassifier(5 if quick else 100)
    augmenter = GANAugmenter(TabularGAN(n_steps=5)) if quick else None
    started = time.perf_counter()
    model = AugmentedClassifier(forest, augmenter, random_state=seed).fit(X, y)
    return time.perf_counter() - started, model.search_.scores["fold"].nunique()


def adult_seconds(n_rows):
    from _protocol import load

    X, y = load("adult")[:2]
    rows = np.random.default_rng(0).permutation(len(X))[:n_rows]
    X, y = X.iloc[rows].reset_index(drop=True), np.asarray(y)[rows]
    words = X.select_dtypes(["object", "category", "string"]).columns
    X = X.astype(dict.fromkeys(words, "category"))
    boosting = HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=0)
    started = time.process_time()
    with threadpool_limits(1):
        model = AugmentedClassifier(boosting, max_time=None, random_state=0).fit(X, y)
    return time.process_time() - started, model.n_samples_, model.search_.scores["fold"].nunique()


def show_command(name, found):
    times, cpu = zip(*found, strict=True)
    print(
        f"gan-augment {name}: median {np.median(times):.1f} s of {np.round(times, 1).tolist()}, "
        f"{np.median(cpu):.0f} s of CPU",
        flush=True,
    )


def show_demo(quick, repeats):
    words = ("demo", "--images", "--rows", "40") if quick else ("demo",)
    show_command(words[0], [command_seconds(*words) for _ in range(repeats)])


def show_compare(quick, repeats):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        table(60 if quick else 700).to_csv(path, index=False)
        words = ["compare", str(path), "--target", "target", *["--quick"] * quick]
        show_command("compare", [command_seconds(*words) for _ in range(repeats)])


def show_classifier(quick, repeats):
    found = [classifier_seconds(quick, seed) for seed in range(repeats)]
    times, folds = zip(*found, strict=True)
    print(
        f"AugmentedClassifier: median {np.median(times):.1f} s of {np.round(times, 1).tolist()}, "
        f"inner folds {list(folds)}",
        flush=True,
    )


def show_boosting(quick, repeats):
    if "GAN_AUGMENT_DATA" not in os.environ:
        print("boosting: adult is looked for in GAN_AUGMENT_DATA, which is not set")
        return
    for n_rows in (300,) if quick else (300, 2_000, 20_000):
        seconds, added, folds = adult_seconds(n_rows)
        print(
            f"boosting, {n_rows:,} rows of adult: {seconds:.1f} s of CPU, inner folds {folds}, "
            f"{added:.3g} times the rows added",
            flush=True,
        )


PARTS = {
    "demo": show_demo,
    "compare": show_compare,
    "classifier": show_classifier,
    "boosting": show_boosting,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rows and folds, once")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    options = parser.parse_args()
    for name in options.only:
        PARTS[name](options.quick, 1 if options.quick else options.repeats)


if __name__ == "__main__":
    main()

"""A large table: fidelity, utility and speed beside CTGAN's, in one run on the same rows.

    GAN_AUGMENT_DATA=... python benchmarks/large_table.py    # Adult, 10,000 rows
    GAN_AUGMENT_DATA=... python benchmarks/large_table.py --argn PYTHON    # TabularARGN too
    python benchmarks/large_table.py --quick                 # made data, CTGAN for 2 epochs

All rows are compared with other real ones, which no generator saw, as are the training rows in the
last line. CTGAN's own defaults (300 epochs); it cannot take missing values, so they are a category
of their own for it. Seconds are of CPU; sampling is the median of several calls after a first one.
"""

import argparse
import time

import _argn
import _datasets as datasets
import _fidelity
import numpy as np
import pandas as pd
from sklearn.datasets import make_classification

from gan_augment import TabularGAN


def table(quick):
    if not quick:
        frame, y = datasets.load("adult")
        return frame, (y == y.unique()[1]).astype(int).to_numpy(), 10_000
    numbers, y = make_classification(1600, 8, n_informative=5, random_state=0)
    frame = pd.DataFrame(numbers, columns=[f"x{i}" for i in range(8)])
    frame["level"] = pd.cut(frame["x0"], 4, labels=list("abcd")).astype(object)
    return frame, y, 800


def median_seconds(call, repeats=7):
    times = []
    for _ in range(repeats):
        started = time.process_time()
        call()
        times.append(time.process_time() - started)
    return float(np.median(times))


def ours(locality):
    def make(frame, y, seed):
        started = time.process_time()
        gan = TabularGAN(locality=locality, random_state=seed).fit(frame, y)
        fitted = time.process_time()
        new, labels = gan.sample(y=y)
        return new, labels, fitted - started, median_seconds(lambda: gan.sample(y=y))

    return make


def ctgan(epochs):
    def make(frame, y, seed):
        from ctgan import CTGAN

        texts = list(frame.select_dtypes(object))
        frame = frame.assign(**{name: frame[name].fillna("missing") for name in texts}, target=y)
        started = time.process_time()
        model = CTGAN(epochs=epochs)
        model.set_random_state(seed)
        model.fit(frame, [*texts, "target"])
        fitted = time.process_time()
        new = model.sample(len(frame))
        seconds = median_seconds(lambda: model.sample(len(frame)))
        new[texts] = new[texts].replace("missing", None)
        return new.drop(columns="target"), new["target"].to_numpy(), fitted - started, seconds

    return make


def argn(python):
    def make(frame, y, _seed):
        given = frame.assign(target=np.where(y == 1, "yes", "no"))
        made, (fit, draw, *_) = _argn.rows_of(python, given, len(frame))
        return made.drop(columns="target"), (made["target"] == "yes").astype(int), fit, draw

    return make


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-peer", action="store_true", help="leave CTGAN out")
    parser.add_argument("--epochs", type=int, default=300, help="CTGAN's; few time its sampling")
    parser.add_argument("--argn", help="a Python with mostlyai-engine: TabularARGN is fitted too")
    parser.add_argument("--out", help="CSV file")
    options = parser.parse_args()
    frame, y, n = table(options.quick)
    order = np.random.default_rng(0).permutation(len(frame))
    parts = [order[:n], order[n : 2 * n]]
    (real, y_real), (test, y_test) = (
        (frame.iloc[part].reset_index(drop=True), y[part]) for part in parts
    )
    makers = {"TabularGAN": ours("auto"), "TabularGAN, locality 0.5": ours(0.5)}
    if not options.no_peer:
        makers["CTGAN"] = ctgan(2 if options.quick else options.epochs)
    if options.argn:
        makers["TabularARGN"] = argn(options.argn)
    rows = {}
    for name, make in makers.items():
        made, y_made, fit_seconds, sample_seconds = make(real, y_real, 0)
        rows[name] = _fidelity.quality(test, y_test, made, y_made, test, y_test)
        copies = pd.concat([real, made]).duplicated().iloc[n:].mean()  # of rows trained on
        rows[name] |= {"copies": copies, "fit s": fit_seconds, "rows/s": n / sample_seconds}
    rows["real rows"] = _fidelity.quality(test, y_test, real, y_real, test, y_test)
    found = pd.DataFrame(rows).T
    print(found.round(3).to_string())
    if "CTGAN" in found.index:
        fit = found.loc["CTGAN", "fit s"] / found.loc["TabularGAN", "fit s"]
        sample = found.loc["TabularGAN", "rows/s"] / found.loc["CTGAN", "rows/s"]
        print(
            f"TabularGAN fits {fit:.1f} times as fast as CTGAN, samples {sample:.1f} times as fast"
        )
    if options.out:
        found.round(4).to_csv(options.out)


if __name__ == "__main__":
    main()

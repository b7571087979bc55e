"""Pickles of fitted models that added rows: bytes, CPU seconds to load and predict, torch or not.

    python benchmarks/deploy_size.py --out benchmarks/results/deploy_size.csv
    python benchmarks/deploy_size.py --quick

Breast cancer (569 rows, 30 numbers) and a table of 5,000 rows with 20 numbers and two columns of
text, logistic regression, as many rows added as there are. Each pickle is read in a new process,
which predicts 10 rows; the CPU seconds are those of its whole life, the median of five, imports
included. The control is the estimator alone.
"""

import argparse
import pickle
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline as stock_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from gan_augment import AugmentedClassifier, GANAugmenter, TabularGAN, make_pipeline

ALONE = """
import pickle, sys
# the file that this benchmark has just written
model, X = pickle.load(open(sys.argv[1], "rb"))
model.predict(X)
print("torch" in sys.modules)
"""


def tables(n_rows):
    yield "breast cancer", *load_breast_cancer(return_X_y=True, as_frame=True)
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(n_rows, 20))).rename(columns="x{}".format)
    X = X.assign(kind=rng.choice(list("abcd"), n_rows), place=rng.choice(list("nesw"), n_rows))
    yield f"{n_rows:,} rows", X, pd.Series((X["x0"] + rng.normal(size=n_rows) > 0).astype(int))


def estimator():
    text = make_column_selector(dtype_exclude="number")
    prepared = make_column_transformer((OneHotEncoder(), text), remainder=StandardScaler())
    return stock_pipeline(prepared, LogisticRegression(max_iter=1000))


def models(n_steps):
    def augmenter():
        return GANAugmenter(TabularGAN(n_steps=n_steps), n_samples=1.0, random_state=0)

    yield "the estimator alone", estimator()
    for keep in (False, True):
        told = f"keep_generator={keep}"
        model = AugmentedClassifier(estimator(), augmenter(), n_samples=1.0, keep_generator=keep)
        yield f"AugmentedClassifier, {told}", model
        pipe = make_pipeline(augmenter(), *estimator(), keep_generator=keep)
        yield f"Pipeline, {told}", pipe


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def deployed(model, X, repeats):
    """Return the bytes of a fitted model, and what a new process does with it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        path.write_bytes(pickle.dumps((model, X[:10])))
        times = []
        for _ in range(repeats):
            started = cpu_of_children()
            told = subprocess.run(
                [sys.executable, "-c", ALONE, path], capture_output=True, text=True, check=True
            )
            times.append(cpu_of_children() - started)
    return {
        "kilobytes": round(len(pickle.dumps(model)) / 1000, 1),
        "CPU seconds": round(statistics.median(times), 2),
        "torch": "yes" if told.stdout.strip() == "True" else "no",
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="few rows, smallest networks, one start each"
    )
    parser.add_argument("--out", help="CSV file")
    options = parser.parse_args()
    rows = []
    for table, X, y in tables(200 if options.quick else 5000):
        for name, model in models(5 if options.quick else 200):
            model.fit(X, y)
            facts = deployed(model, X, 1 if options.quick else 5)
            rows.append({"table": table, "model": name, **facts})
            print(*rows[-1].values(), sep="  ", flush=True)
    if options.out:
        pd.DataFrame(rows).to_csv(options.out, index=False)


if __name__ == "__main__":
    main()

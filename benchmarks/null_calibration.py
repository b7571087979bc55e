"""Do the tests keep their level? Comparisons in which nothing can differ, and what they call it.

Each comparison draws a new table. A level of 5 % is kept if about 5 % of them are called
significant; the ordinary paired t-test over folds is shown beside the corrected one.

views     two identical logistic regressions, each on its own half of ten exchangeable columns:
          the same model in the same situation, with errors that move together across folds
thinned   the same, with each training set thinned to a quarter (``train_sizes``)
twins     two identical models whose training rows the same control repeats, from two seeds: the
          luck of one fold says nothing about the next, so that here both tests keep their level

    python benchmarks/null_calibration.py            # 200 comparisons of each, ten minutes
    python benchmarks/null_calibration.py --quick    # 20 of each
"""

import argparse
import os
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from gan_augment import BootstrapGenerator
from gan_augment.augment import AugmentedData
from gan_augment.crossval import augmented_folds, make_folds, score_fold
from gan_augment.evaluate.downstream import compare_augmentations
from gan_augment.statistics import corrected_interval

ROWS, LEVEL = 200, 0.05
SCORERS = {"accuracy": "accuracy"}


def draw_table(seed):
    """Ten exchangeable columns and two classes that depend on all of them alike."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(ROWS, 10))
    return X, (X.sum(axis=1) + 2 * rng.normal(size=ROWS) > 0).astype(int)


def unchanged(X, y, rng):
    return AugmentedData(X, y, np.zeros(len(X), dtype=bool))


def accuracy(X, y, folds):
    """Accuracy in each fold."""
    model = LogisticRegression()
    return [
        score_fold(model, data, X[fold.test], y[fold.test], SCORERS).scores["accuracy"]
        for fold, data, _ in augmented_folds(unchanged, X, y, folds)
    ]


def views(seed, train_size=None):
    X, y = draw_table(seed)
    folds = make_folds(y, train_size=train_size, seed=seed)
    left, right = (np.array(accuracy(half, y, folds)) for half in (X[:, :5], X[:, 5:]))
    return left - right, folds[0].test_to_train


def thinned(seed):
    return views(seed, train_size=0.25)


def twins(seed):
    X, y = draw_table(seed)
    frame = compare_augmentations(
        DecisionTreeClassifier(max_depth=3),
        X,
        y,
        {"one": BootstrapGenerator(), "other": BootstrapGenerator()},
        scoring="accuracy",
        random_state=seed,
    ).to_frame()
    scores = frame.pivot(index="fold", columns="augmenter", values="score")
    return (scores["one"] - scores["other"]).to_numpy(), float(frame["test_to_train"].mean())


def p_values(null, seed):
    """p-values of the corrected and of the ordinary paired t-test."""
    differences, ratio = null(seed)
    return [corrected_interval(differences, r).p_value for r in (ratio, 0.0)]


def calibrate(null, n, n_jobs):
    start = time.perf_counter()
    found = np.array(Parallel(n_jobs=n_jobs)(delayed(p_values)(null, seed) for seed in range(n)))
    corrected, naive = (found <= LEVEL).sum(axis=0)
    exceeds = binomtest(int(naive), n, LEVEL, alternative="greater").pvalue
    return {
        "null": null.__name__,
        "comparisons": n,
        "corrected %": 100 * corrected / n,
        "paired t %": 100 * naive / n,
        "p(paired t keeps 5 %)": exceeds,
        "seconds": time.perf_counter() - start,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="20 comparisons of each")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    n = 20 if arguments.quick else 200
    rows = [calibrate(null, n, arguments.jobs) for null in (views, thinned, twins)]
    print(pd.DataFrame(rows).round(4).to_string(index=False))


if __name__ == "__main__":
    main()

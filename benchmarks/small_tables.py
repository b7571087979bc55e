"""Does it help when rows are few? Balanced accuracy of five learners, with and without 500 rows.

Protocol (after TabEBM, Margeloiu et al. 2024): n training rows, stratified; up to 500 test rows;
500 rows added, the same number for each class; features standardised on the training rows; classes
of fewer than ten rows dropped. Every method sees the same splits and the same learners.

    GAN_AUGMENT_DATA=... python benchmarks/small_tables.py    # about ten minutes, two cores
    python benchmarks/small_tables.py --quick                 # scikit-learn's own sets
"""

import argparse
import os
import time
import warnings

os.environ.setdefault("OMP_NUM_THREADS", "1")

import _datasets as datasets
import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from gan_augment import BootstrapGenerator, SMOTEGenerator, TabularGAN

SETS = ("biodeg", "steel_plates", "stock_binary", "vehicle", "diabetes_pima", "credit_g")
SIZES = (20, 50, 100, 200)
ADDED = 500


def learners(seed):
    models = {
        "LR": LogisticRegression(max_iter=1000),
        "kNN": KNeighborsClassifier(),
        "RF": RandomForestClassifier(100, random_state=seed),
        "MLP": MLPClassifier(max_iter=200, random_state=seed),
    }
    try:
        from xgboost import XGBClassifier

        models["XGB"] = XGBClassifier(n_estimators=100, n_jobs=1, random_state=seed)
    except ImportError:
        models["HGB"] = HistGradientBoostingClassifier(random_state=seed)
    return models


class Features:
    """Standardised numbers and one-hot categories, learnt from the training rows."""

    def __init__(self, frame):
        self.numbers = list(frame.select_dtypes("number"))
        self.levels = {
            name: sorted(frame[name].dropna().unique())
            for name in frame.columns.difference(self.numbers, sort=False)
        }
        self.median = frame[self.numbers].median()
        self.scaler = StandardScaler().fit(self._raw(frame))

    def _raw(self, frame):
        parts = [frame[self.numbers].fillna(self.median).to_numpy(float)]
        for name, levels in self.levels.items():
            parts.append(frame[name].to_numpy(object)[:, None] == np.array(levels, object))
        return np.hstack(parts).astype(float)

    def __call__(self, frame):
        """Features of a frame, (n, width)."""
        return self.scaler.transform(self._raw(frame))


def equal_labels(y, total):
    """``total`` labels, as many of each class as of any other, give or take one."""
    classes = np.unique(y)
    return np.sort(np.resize(classes, total))


def duplicates(frame, y, features, seed):
    labels = equal_labels(y, ADDED)
    new, labels = BootstrapGenerator(random_state=seed).fit(frame, y).sample(y=labels)
    return features(new), labels


def smote(frame, y, features, seed):
    """SMOTE among the standardised features; a class of one row is duplicated instead."""
    labels, rows = equal_labels(y, ADDED), features(frame)
    alone = np.isin(labels, [c for c in np.unique(y) if (y == c).sum() < 2])
    new = np.empty((len(labels), rows.shape[1]))
    new[~alone] = SMOTEGenerator(random_state=seed).fit(rows, y).sample(y=labels[~alone])[0]
    if alone.any():
        new[alone] = BootstrapGenerator(random_state=seed).fit(rows, y).sample(y=labels[alone])[0]
    return new, labels


def gan(**parameters):
    def make(frame, y, features, seed):
        generator = TabularGAN(random_state=seed, **parameters).fit(frame, y)
        new, labels = generator.sample(y=equal_labels(y, ADDED))
        return features(new), labels

    return make


METHODS = {
    "none": None,
    "duplicates": duplicates,
    "SMOTE": smote,
    "prior alone": gan(n_steps=0),
    "TabularGAN": gan(),
    "TabularGAN, 2 critics": gan(n_critics=2),
    "TabularGAN, locality 0": gan(locality=0),
}


def split(name, n, seed):
    frame, y = datasets.load(name)
    keep = y.isin(y.value_counts().loc[lambda c: c >= 10].index)
    frame, y = frame[keep], pd.factorize(y[keep], sort=True)[0]
    n_test = min(len(frame) // 2, 500)
    train, test, y_train, y_test = train_test_split(
        frame, y, test_size=n_test, stratify=y, random_state=seed
    )
    train, _, y_train, _ = train_test_split(
        train, y_train, train_size=n, stratify=y_train, random_state=seed
    )
    known = np.isin(y_test, y_train)
    return train.reset_index(drop=True), y_train, test[known], y_test[known]


def cell(name, n, seed, methods):
    warnings.simplefilter("ignore")  # in this worker process only: convergence of the learners
    train, y_train, test, y_test = split(name, n, seed)
    features, found = Features(train), []
    for method in methods:
        started = time.perf_counter()
        X, y = features(train), y_train
        if METHODS[method] is not None:
            X_new, y_new = METHODS[method](train, y_train, features, seed)
            X, y = np.vstack([X, X_new]), np.concatenate([y, y_new])
        seconds = time.perf_counter() - started
        for learner, model in learners(seed).items():
            # boosting libraries want labels 0, 1, ... without gaps
            labels, codes = np.unique(y, return_inverse=True)
            guess = labels[model.fit(X, codes).predict(features(test))]
            score = 100 * balanced_accuracy_score(y_test, guess)
            found.append((name, n, seed, method, learner, score, seconds))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a smoke test on built-in sets")
    parser.add_argument("--sets", nargs="+", default=SETS)
    parser.add_argument("--methods", nargs="+", default=list(METHODS)[:5])
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", help="CSV file for every single score")
    options = parser.parse_args()
    sets, sizes, splits = options.sets, SIZES, options.splits
    if options.quick:
        sets, sizes, splits = ("wine",), (50,), 1
    started = time.perf_counter()
    cells = Parallel(options.jobs)(
        delayed(cell)(name, n, seed, options.methods)
        for name in sets
        for n in sizes
        for seed in range(splits)
    )
    names = ["set", "n", "seed", "method", "learner", "score", "seconds"]
    scores = pd.DataFrame([row for rows in cells for row in rows], columns=names)
    if options.out:
        scores.round(3).to_csv(options.out, index=False)
    table = scores.pivot_table(index="method", columns="n", values="score")
    table.insert(0, "all", scores.groupby("method").score.mean())
    for by in ("learner", "set"):
        table = table.join(scores.pivot_table(index="method", columns=by, values="score"))
    table["seconds"] = scores.groupby("method").seconds.mean()
    print(table.loc[options.methods].round(2).to_string())
    per_cell = scores.groupby(["set", "n", "seed", "method"]).score.mean().unstack()
    for reference in ("none", "SMOTE", "prior alone"):
        if reference in per_cell and "TabularGAN" in per_cell:
            gain = per_cell["TabularGAN"] - per_cell[reference]
            error = gain.std() / max(len(gain), 1) ** 0.5
            won = f"{(gain > 0).sum()} of {len(gain)} cells won"
            print(f"TabularGAN - {reference}: {gain.mean():+.2f} (SE {error:.2f}), {won}")
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()

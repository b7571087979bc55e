"""How much of the harm of soft labels, and of their calibration error, is chance of few test rows?

A learner with soft labels is compared with the same learner without rows on at most 500 test
rows. So even a change that does nothing in truth loses a point of ROC AUC now and then, and a
model whose probabilities are all true has a calibration error. Both are told beside what was
measured, on the sets and splits of `utility.py`.

    GAN_AUGMENT_DATA=... python benchmarks/label_noise.py --store DIR --out label_noise.csv
    python benchmarks/label_noise.py --quick                          # scikit-learn's own set
"""

import argparse
import os
import tempfile
import warnings
from pathlib import Path

# before numpy is loaded: processes, not threads, share the cores
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import _protocol as protocol  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from _methods import METHODS  # noqa: E402
from _scores import area_parts, calibration_floor, probability_scores  # noqa: E402
from _store import stored  # noqa: E402
from joblib import Parallel, delayed  # noqa: E402
from scipy.stats import norm  # noqa: E402
from sklearn.base import clone  # noqa: E402
from utility import LABELED, labeled  # noqa: E402

from gan_augment.augmentation.resampled import learner_and_rows  # noqa: E402
from gan_augment.augmentation.shares import corrected, share_factors  # noqa: E402

#: A loss of more is harm, in points of ROC AUC.
HARM = 1.0
CELL = ["set", "n", "learner", "seed"]
#: The calibration error, that of probabilities that are all true, and the rest.
CALIBRATION = ("calibration_error", "floor", "over_floor")


def run_cell(name, n, seed, learners):
    """By learner: scores without rows and with soft labels, and the error of their difference."""
    split = protocol.split(name, n, seed)
    if split is None:
        return None
    train, y_train, test, y_test, _ = split
    features = protocol.Features(train)
    X, X_test = features(train), features(test)
    X_new, y_new = METHODS["prior alone"](train, y_train, features, LABELED, seed)
    data, labeler = labeled(np.vstack([X, X_new]), np.concatenate([y_train, y_new]), n, seed)
    committee = _scores(y_test, labeler.predict_proba(X_test), labeler.classes_)
    found = {}
    for learner, model in protocol.classifiers(seed).items():
        if learner not in learners:
            continue
        student, form = learner_and_rows(model, data)
        student.fit(form.X, form.y, sample_weight=form.sample_weight)
        factors = share_factors(y_train, form.y, None, form.sample_weight, student.classes_)
        plain = clone(model).fit(X, y_train).predict_proba(X_test)
        soft = corrected(student.predict_proba(X_test), factors)
        at = student.classes_
        parts = [area_parts(y_test, told, at) for told in (plain, soft)]
        found[learner] = {
            "none": _scores(y_test, plain, at),
            "soft": _scores(y_test, soft, at),
            "committee": committee,
            "error": 100 * float(np.linalg.norm(parts[1] - parts[0])),
        }
    return found


def _scores(y, probabilities, classes):
    scores = probability_scores(y, probabilities, classes, None)
    floor = 100 * calibration_floor(y, probabilities, classes)
    return {**scores, "floor": floor, "over_floor": scores["calibration_error"] - floor}


def tidy(cells):
    """One row a set, size, split and learner."""
    rows = []
    for (name, n, seed), found in cells:
        for learner, told in (found or {}).items():
            row = {"set": name, "n": n, "seed": seed, "learner": learner, "error": told["error"]}
            for method in ("none", "soft", "committee"):
                for score in ("roc_auc", "log_loss", *CALIBRATION):
                    row[f"{method} {score}"] = told[method][score]
            rows.append(row)
    return pd.DataFrame(rows)


def summary(scores):
    """By size: what is gained, how often a point of ROC AUC is lost, and calibration."""
    gain = scores["soft roc_auc"] - scores["none roc_auc"]
    told = scores[CELL].assign(gain=gain, variance=scores["error"] ** 2)
    cells = told.groupby(["n", "set", "learner"]).agg(
        gain=("gain", "mean"), variance=("variance", "sum"), splits=("seed", "nunique")
    )
    cells["error"] = np.sqrt(cells["variance"]) / cells["splits"]
    harm = {str(n): _harm(part) for n, part in cells.groupby("n")} | {"all": _harm(cells)}
    names = [c for c in scores if c.split(" ")[-1] in CALIBRATION]
    means = scores.groupby("n")[names].mean().T.rename(columns=str)
    return pd.concat([pd.DataFrame(harm), means.assign(all=scores[names].mean())])


def _harm(cells):
    """How often soft labels lose a point, and how often they would by chance alone."""
    gain, error = cells["gain"], cells["error"].clip(lower=1e-9)
    return {
        "cells": len(cells),
        "splits": cells["splits"].max(),
        "gain in ROC AUC, points": gain.mean(),
        "its standard error by test rows, median": error.median(),
        "worse by a point, %": 100 * (gain < -HARM).mean(),
        "the same if nothing changed but by chance, %": 100 * norm.cdf(-HARM / error).mean(),
        "surely worse by a point (95 %), %": 100 * (gain + norm.ppf(0.95) * error < -HARM).mean(),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a smoke test on a built-in set")
    parser.add_argument("--sets", nargs="+")
    parser.add_argument("--sizes", nargs="+", type=int, default=(50, 200))
    parser.add_argument("--splits", type=int, default=1)
    parser.add_argument("--learners", nargs="+", default=("LR", "kNN", "RF", "MLP", "XGB"))
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--store", type=Path, help="folder of finished cells")
    parser.add_argument("--out", type=Path, help="CSV file of the means by size")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # convergence of the learners
    sets = options.sets or (*protocol.DEVELOPMENT, *protocol.CONFIRMATION)
    sizes, splits = ((50,), 1) if options.quick else (options.sizes, options.splits)
    keys = [(name, n, s) for s in range(splits) for n in sizes for name in sets]
    keys = [("wine", 50, 0)] if options.quick else keys
    with tempfile.TemporaryDirectory() as folder:
        place, told = options.store or Path(folder), " ".join(options.learners)
        found = Parallel(options.jobs)(
            delayed(stored)(place, (*key, told), lambda key=key: run_cell(*key, options.learners))
            for key in keys
        )
    for key, told in zip(keys, found, strict=True):
        if told and "error" in told:
            raise SystemExit(f"{key}: {told['error']}")
    scores = tidy(zip(keys, found, strict=True))
    found = summary(scores)
    print(found.round(2).to_string())
    if options.out is not None:
        found.round(4).to_csv(options.out)


if __name__ == "__main__":
    main()

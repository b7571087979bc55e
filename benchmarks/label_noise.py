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

#: A loss of more is harm, in points of ROC AUC and in nats of log loss.
HARM, HARM_LOG_LOSS = 1.0, 0.02
GAINS = ("roc_auc", "log_loss", "calibration_error")
#: The calibration error, that of probabilities that are all true, and the rest.
CALIBRATION = ("calibration_error", "floor", "over_floor")


def run_cell(name, n, seed, learners):
    """By learner and method: scores, and the error of the gain in area by the test rows' chance.

    The methods are no rows, soft labels, the mean of these two models, and the committee.
    """
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
        models = {"none": plain, "soft": soft, "averaged": (plain + soft) / 2}
        first = area_parts(y_test, plain, student.classes_)
        found[learner] = {"committee": committee}
        for method, told in models.items():
            parts = area_parts(y_test, told, student.classes_) - first
            scores = _scores(y_test, told, student.classes_)
            found[learner][method] = {**scores, "error": 100 * float(np.linalg.norm(parts))}
    return found


def _scores(y, probabilities, classes):
    scores = probability_scores(y, probabilities, classes, None)
    floor = 100 * calibration_floor(y, probabilities, classes)
    return {**scores, "floor": floor, "over_floor": scores["calibration_error"] - floor}


def tidy(cells):
    """One row a set, size, split, learner and method, with the gains over no rows."""
    rows = []
    for (name, n, seed), found in cells:
        for learner, told in (found or {}).items():
            for method, scores in told.items():
                row = {"set": name, "n": n, "seed": seed, "learner": learner, "method": method}
                gains = {f"{score}_gain": scores[score] - told["none"][score] for score in GAINS}
                rows.append({**row, **scores, **gains})
    return pd.DataFrame(rows)


def summary(scores):
    """By method and size: gains, how often something is lost, and calibration."""
    shown = []
    for (method, n), part in scores.groupby(["method", "n"], sort=False):
        means = {name: part[name].mean() for name in (*CALIBRATION, *(f"{g}_gain" for g in GAINS))}
        row = {"method": method, "n": n, "splits": part["seed"].nunique(), **means}
        shown.append(row | (_harm(part) if method in ("soft", "averaged") else {}))
    return pd.DataFrame(shown).set_index(["method", "n"])


def _harm(scores):
    """How often a learner loses a point of the area, in truth and by chance alone."""
    cells = scores.assign(variance=scores["error"] ** 2).groupby(["set", "learner"])
    gain, splits = cells["roc_auc_gain"].mean(), cells["seed"].nunique()
    error = (np.sqrt(cells["variance"].sum()) / splits).clip(lower=1e-9)
    return {
        "cells": len(gain),
        "error": error.median(),
        "worse_%": 100 * (gain < -HARM).mean(),
        "by_chance_%": 100 * norm.cdf(-HARM / error).mean(),
        "surely_worse_%": 100 * (gain + norm.ppf(0.95) * error < -HARM).mean(),
        "worse_log_loss_%": 100 * (cells["log_loss_gain"].mean() > HARM_LOG_LOSS).mean(),
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
    print(found.T.round(3).to_string())
    if options.out is not None:
        found.round(4).to_csv(options.out)


if __name__ == "__main__":
    main()

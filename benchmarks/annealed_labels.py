"""Do soft labels teach more if they fade? Learners that learn in stages, with fewer of them later.

Boosted trees (of XGBoost, where it is installed) and a small network learn in four stages, each
going on from the one before. The rows stay the same, 1,000 of the prior with the soft labels of a
committee; from stage to stage their total weight goes down, or the temperature of their labels.

    GAN_AUGMENT_DATA=... python benchmarks/annealed_labels.py
    python benchmarks/annealed_labels.py --quick              # scikit-learn's wine
"""

import argparse
import os
import warnings
from dataclasses import replace
from importlib.util import find_spec

# before numpy is loaded: one thread
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import _protocol as protocol  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from _methods import METHODS  # noqa: E402
from _scores import probability_scores  # noqa: E402
from sklearn.neural_network import MLPClassifier  # noqa: E402
from utility import WEIGHT, labeled  # noqa: E402

from gan_augment.augmentation.members import at_temperature  # noqa: E402
from gan_augment.augmentation.shares import corrected, share_factors  # noqa: E402

ROWS, STAGES = 1000, 4
#: Total weight of synthetic rows and temperature of their labels in each stage.
SCHEDULES = {
    "constant": [(WEIGHT, 1.0)] * STAGES,
    "weight down": [(weight, 1.0) for weight in (WEIGHT, 8.0, 3.0, 1.0)],
    "temperature down": [(WEIGHT, temperature) for temperature in (2.0, 1.5, 1.0, 0.7)],
}


def staged_rows(data, n, weight, temperature):
    """The rows of a stage as learners take them, with a label and a weight each."""
    soft = data.label_proba.copy()
    soft[n:] = at_temperature(soft[n:], temperature)
    weights = data.sample_weight.copy()
    weights[n:] *= weight / WEIGHT
    return replace(data, label_proba=soft, sample_weight=weights).weighted()


def boosted(stages, seed):
    from xgboost import XGBClassifier

    model, before = XGBClassifier(n_estimators=100 // STAGES, n_jobs=1, random_state=seed), None
    for form in stages:
        model.fit(form.X, form.y, sample_weight=form.sample_weight, xgb_model=before)
        before = model.get_booster()
    return model


def network(stages, seed):
    model = MLPClassifier(max_iter=200 // STAGES, warm_start=True, random_state=seed)
    for form in stages:
        model.fit(form.X, form.y, sample_weight=form.sample_weight)
    return model


LEARNERS = (boosted, network) if find_spec("xgboost") else (network,)


def cell(name, n, seed):
    """Scores of a set, one line for each learner and schedule."""
    split = protocol.split(name, n, seed)
    if split is None:
        return
    train, y, test, y_test, rarest = split
    features = protocol.Features(train)
    new, labels = METHODS["prior alone"](train, y, features, ROWS, seed)
    target = np.concatenate([y, labels])
    data, _ = labeled(np.vstack([features(train), new]), target, n, seed)
    for schedule, steps in SCHEDULES.items():
        stages = [staged_rows(data, n, *step) for step in steps]
        for fit in LEARNERS:
            model, last = fit(stages, seed), stages[-1]
            told = model.predict_proba(features(test))
            factors = share_factors(y, last.y, None, last.sample_weight, model.classes_)
            found = probability_scores(y_test, corrected(told, factors), model.classes_, rarest)
            yield name, schedule, fit.__name__, found["roc_auc"], found["log_loss"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    sets = [name for name in protocol.DEVELOPMENT if name != "soybean"]  # 19 classes take long
    parser.add_argument("--sets", nargs="+", default=sets)
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--splits", type=int, default=1)
    options = parser.parse_args()
    if options.quick:
        options.sets, options.size = ["wine"], 50
    warnings.simplefilter("ignore")  # a stage of a network ends before it has converged
    rows = [
        (seed, *line)
        for seed in range(options.splits)
        for name in options.sets
        for line in cell(name, options.size, seed)
    ]
    names = ["split", "set", "schedule", "learner", "ROC AUC", "log loss"]
    found = pd.DataFrame(rows, columns=names)
    for metric in names[-2:]:
        keys = ["split", "set", "learner"]
        wide = found.pivot_table(index=keys, columns="schedule", values=metric)
        less = wide.sub(wide["constant"], axis=0).drop(columns="constant")
        by_set = less.groupby("set").mean()
        shown = pd.DataFrame({"less constant": by_set.mean(), "SE": by_set.sem()})
        shown = shown.join(less.groupby("learner").mean().T)
        print(f"\n{metric}, constant {wide['constant'].mean():.3f}")
        print(shown.round(3).to_string())


if __name__ == "__main__":
    main()

"""Does it help when rows are few? Learners with and without 500 added rows, beside free controls.

For each set, training size and split, every method adds rows to the same training rows, or changes
the learner (class weights, tuned threshold). The same learners are fitted with the same seeds and
scored on the same real test rows.

    GAN_AUGMENT_DATA=... python benchmarks/utility.py --store DIR     # hours; goes on where it was
    GAN_AUGMENT_DATA=... python benchmarks/utility.py --store DIR --methods none auto
    GAN_AUGMENT_DATA=... python benchmarks/utility.py --store DIR --finished --out utility.csv
    python benchmarks/utility.py --quick                              # scikit-learn's own sets

Each cell is a JSON file in ``--store``, so a run can be stopped and gone on with; ``--finished``
tells of the cells that are there. ``--out`` writes the means over splits as CSV, and the drawings
beside it.
"""

import argparse
import os
import tempfile
import time
import warnings
from pathlib import Path

# before numpy is loaded: processes, not threads, share the cores
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import _methods as methods  # noqa: E402
import _protocol as protocol  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from _store import place_of, stored  # noqa: E402
from joblib import Parallel, delayed  # noqa: E402

from gan_augment import AugmentedData, CommitteeClassifier, CommitteeRegressor  # noqa: E402
from gan_augment.augmentation.labels import relabelled  # noqa: E402
from gan_augment.encoding.training_table import TrainingTable  # noqa: E402
from gan_augment.exceptions import InputError  # noqa: E402

SIZES = (20, 50, 100, 200)
ADDED, SPLITS = 500, 5
#: Rows with soft labels.
LABELED, WEIGHT = 1000, 20.0


def run_cell(name, n, seed, method):
    """Scores by learner of one method on one split; None if the set is too small for it."""
    split = protocol.split(name, n, seed)
    if split is None:
        return None
    train, y_train, test, y_test, rarest = split
    features = protocol.Features(train)
    if method == "auto":
        from _auto import auto_cell

        return auto_cell(split, features, seed)
    started = time.perf_counter()
    X, y, data = features(train), y_train, None
    source = methods.LABELED.get(method, method)
    make = methods.METHODS.get(source)
    if make is not None:
        total = LABELED if method in methods.LABELED else ADDED
        X_new, y_new = _made(make, source, train, y_train, features, total, seed)
        X, y = np.vstack([X, X_new]), np.concatenate([y, y_new])
    if method in methods.LABELED:
        data, _ = labeled(X, y, n, seed)
    models = (protocol.classifiers if protocol.is_classes(y) else protocol.regressors)(seed)
    names = list(models)
    if method == methods.COMMITTEE:  # it is fitted once, in the place of each learner
        models = {method: _committee(y, seed)}
    seconds = time.perf_counter() - started
    adjustment = method if method in methods.ADJUSTMENTS else ""
    scores = protocol.scored(
        models, X, y, features(test), y_test, rarest, n_real=n, adjustment=adjustment, data=data
    )
    if method == methods.COMMITTEE:
        scores = dict.fromkeys(names, scores[method])
    return {"seconds": seconds, "rows": len(y) - n, "scores": scores}


def _committee(y, seed):
    committee = CommitteeClassifier if protocol.is_classes(y) else CommitteeRegressor
    return committee(random_state=seed)


def labeled(X, y, n, seed):
    """All rows, synthetic ones with the soft labels of a committee of the real ones, and it."""
    real = TrainingTable.of(X[:n], y[:n], "class" if protocol.is_classes(y) else "number")
    data = AugmentedData(X, y, np.arange(len(y)) >= n)
    labeler = _committee(y, seed).fit(X[:n], y[:n])
    return relabelled(data, labeler, real, WEIGHT), labeler


def _made(make, method, train, y_train, features, total, seed):
    """Features and target of the rows to add; none where a control does not apply."""
    try:
        return make(train, y_train, features, total, seed)
    except InputError:  # jitter of a table without numbers
        if method not in methods.FREE:
            raise
        return features(train)[:0], y_train[:0]


def stored_cell(store, name, n, seed, method):
    warnings.simplefilter("ignore")  # in this worker process only: convergence of the learners
    found = stored(store, (name, n, seed, method), lambda: run_cell(name, n, seed, method))
    return {"set": name, "n": n, "seed": seed, "method": method, "found": found}


def jobs(sets, sizes, names, n_splits):
    """Every cell, in an order that fills splits one after the other."""
    for seed in range(n_splits):
        for name in sets:
            classes = protocol.load(name)[2]
            for n in sizes:
                for method in names:
                    if classes or method not in methods.CLASSES_ONLY:
                        yield name, n, seed, method


def tidy(cells):
    """One row a set, size, split, method, learner and metric."""
    rows = [
        {**{k: cell[k] for k in ("set", "n", "seed", "method")}, "learner": learner,
         "metric": metric, "score": score, "seconds": cell["found"]["seconds"]}
        for cell in cells if cell["found"] and "scores" in cell["found"]
        for learner, scores in cell["found"]["scores"].items()
        for metric, score in scores.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a smoke test on built-in sets")
    parser.add_argument("--sets", nargs="+")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    parser.add_argument("--methods", nargs="+", default=methods.CHEAP)
    parser.add_argument("--splits", type=int, default=SPLITS)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--store", type=Path, help="folder of finished cells")
    parser.add_argument("--finished", action="store_true", help="only cells that are there")
    parser.add_argument("--out", type=Path, help="CSV file of means over splits")
    options = parser.parse_args()
    names = options.methods
    sets = options.sets or (
        *protocol.DEVELOPMENT, *protocol.CONFIRMATION,
        *protocol.REGRESSION_DEVELOPMENT, *protocol.REGRESSION_CONFIRMATION,
    )  # fmt: skip
    sizes, splits = options.sizes, options.splits
    if options.quick:
        sets, sizes, splits = ("wine", "diabetes"), [50], 1
    with tempfile.TemporaryDirectory() as folder:
        store = options.store or Path(folder)
        started = time.perf_counter()
        wanted = jobs(sets, sizes, names, splits)
        if options.finished:
            wanted = [job for job in wanted if place_of(store, job).exists()]
        cells = Parallel(options.jobs)(delayed(stored_cell)(store, *job) for job in wanted)
    from _summary import report

    failed = [cell for cell in cells if cell["found"] and "error" in cell["found"]]
    for cell in failed[:10]:
        print(f"failed: {cell['set']} n={cell['n']} {cell['method']}: {cell['found']['error']}")
    report(tidy(cells), names, options.out)
    print(f"{len(cells)} cells, {len(failed)} failed, {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()

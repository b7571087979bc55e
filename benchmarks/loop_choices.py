"""Should the closed loop choose where rows come from and how much they weigh?

On each table inner folds of the training rows try rows of the prior and real rows with noise, both
with soft labels of a committee, with a total weight of 5 and of 20. What they choose is scored on
test rows beside what the loop takes by itself (the prior, 20) and beside the best on test rows,
which nobody knows before.

    GAN_AUGMENT_DATA=... python benchmarks/loop_choices.py --store DIR --out loop_choices.csv
    python benchmarks/loop_choices.py --quick                         # scikit-learn's own set
"""

import argparse
import os
import tempfile
import warnings
from pathlib import Path

# before numpy is loaded: one process, one thread
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import _protocol as protocol  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from _auto import AsFeatures  # noqa: E402
from _store import stored  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402

from gan_augment import JitterGenerator, TabularGAN  # noqa: E402
from gan_augment.augmentation.maker import Maker  # noqa: E402
from gan_augment.selection.candidates import NONE, Candidate  # noqa: E402
from gan_augment.selection.decision import decide  # noqa: E402
from gan_augment.selection.experiment import Experiment, cells_frame  # noqa: E402
from gan_augment.selection.splits import Fold, make_folds  # noqa: E402

ROWS, LEARNERS = 1000, ("LR", "kNN", "RF", "XGB")
SCORES = ("roc_auc", "neg_log_loss")
#: The first is what the loop takes by itself; all are tried as the loop tries them.
WAYS = {
    "prior, 20": {"augmenter": "prior", "total_weight": 20.0},
    "prior, 5": {"augmenter": "prior", "total_weight": 5.0},
    "jitter, 20": {"augmenter": "jitter", "total_weight": 20.0},
    "jitter, 5": {"augmenter": "jitter", "total_weight": 5.0},
}


def run_cell(name, n, seed, _):
    """By learner: the test scores of none and of each way, and what inner folds choose."""
    split = protocol.split(name, n, seed)
    if split is None:
        return None
    train, y_train, test, y_test, _ = split
    features = protocol.Features(train)
    models = {
        learner: make_pipeline(AsFeatures(features), model)
        for learner, model in protocol.classifiers(seed).items()
        if learner in LEARNERS
    }
    shared = {"labels": "labeler", "averaged": True, "setting": None}
    candidates = [NONE, *(Candidate(ROWS, **way, **shared) for way in WAYS.values())]
    makers = {
        "prior": Maker(TabularGAN(n_steps=0, target="class"), labeler="committee"),
        "jitter": Maker(JitterGenerator(target="class"), allow_copies=True, labeler="committee"),
    }
    X, y = pd.concat([train, test], ignore_index=True), np.concatenate([y_train, y_test])
    scorers = {"roc_auc": "roc_auc_ovr", "neg_log_loss": "neg_log_loss"}
    if len(np.unique(y)) == 2:
        scorers["roc_auc"] = "roc_auc"
    experiment = Experiment(models, X, y, makers, scorers, labels=y)
    inner = make_folds(y_train, cv=5, seed=seed)
    last = Fold(len(inner), np.arange(n), np.arange(n, len(X)), seed, 0.0)
    frame = cells_frame(experiment.run(dict(enumerate(candidates)), [*inner, last]))
    return {
        learner: _told(part, candidates, len(inner))
        for learner, part in frame.groupby("estimator", sort=False)
    }


def _told(part, candidates, last):
    inner = part[part["fold"] < last]
    soft = [NONE, candidates[1]]
    tested = part[part["fold"] == last].pivot(index="candidate", columns="scorer", values="score")
    return {
        "alone": decide(inner[inner["candidate"] < 2], soft).chosen,
        "chosen": decide(inner, candidates).chosen,
        "scores": {score: tested[score].tolist() for score in SCORES},
    }


def tidy(cells):
    """One row a set, size and learner, with the gains over no rows."""
    rows = []
    for (name, n, seed), found in cells:
        for learner, told in (found or {}).items():
            auc, loss = (np.array(told["scores"][score]) for score in SCORES)
            gains = {"roc_auc": 100 * (auc - auc[0]), "log_loss": loss[0] - loss}
            both = gains["roc_auc"] - 10 * gains["log_loss"]  # a point for a tenth of a nat
            taken = {"by itself": told["alone"], "chosen": told["chosen"], "best": both.argmax()}
            taken |= {way: place for place, way in enumerate(WAYS, start=1)}
            for method, place in taken.items():
                here = {score: gain[place] for score, gain in gains.items()}
                key = {"set": name, "n": n, "seed": seed, "learner": learner, "method": method}
                rows.append({**key, **here})
    return pd.DataFrame(rows)


def summary(gains):
    """By size and method: mean gains, and how often a point of the area is lost."""
    found = gains.groupby(["n", "method"], sort=False)
    table = found[["roc_auc", "log_loss"]].mean()
    table["worse_%"] = found["roc_auc"].agg(lambda gain: 100 * (gain < -1).mean())
    return table.assign(cells=found.size())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a smoke test on a built-in set")
    parser.add_argument("--sets", nargs="+", default=protocol.DEVELOPMENT)
    parser.add_argument("--sizes", nargs="+", type=int, default=[50, 200])
    parser.add_argument("--splits", type=int, default=1)
    parser.add_argument("--store", type=Path, help="folder of finished cells")
    parser.add_argument("--out", type=Path, help="CSV file of the gains")
    options = parser.parse_args()
    sets, sizes = (["wine"], [40]) if options.quick else (options.sets, options.sizes)
    warnings.simplefilter("ignore")  # convergence of the learners
    cells = []
    with tempfile.TemporaryDirectory() as folder:
        store = options.store or Path(folder)
        for key in ((s, n, seed) for seed in range(options.splits) for n in sizes for s in sets):
            made = (*key, "loop choices")
            cells.append((key, stored(store, made, lambda made=made: run_cell(*made))))
    failed = [(key, found["error"]) for key, found in cells if found and "error" in found]
    for key, error in failed:
        print("failed:", *key, error)
    gains = tidy([cell for cell in cells if not (cell[1] and "error" in cell[1])])
    print(summary(gains).round(3).to_string())
    if options.out:
        gains.round(4).to_csv(options.out, index=False)


if __name__ == "__main__":
    main()

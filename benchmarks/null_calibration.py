"""Do the verdicts keep their level? What is said where nothing can differ.

Each comparison draws a new table. A level of 5 % is kept if about 5 % of them are called
significant; the ordinary paired t-test over folds is shown beside the corrected one.

views     two identical logistic regressions, each on its own half of ten exchangeable columns:
          the same model in the same situation, with errors that move together across folds
thinned   the same, with each training set thinned to a quarter (``train_sizes``)
twins     one model whose training rows two augmenters repeat, from two seeds: the luck of one fold
          says nothing about the next, so that here both tests keep their level

The verdicts of ``twins`` are judged as users read them, with all controls: both augmenters do what
the control "duplicates" does, so that "augment" is wrong, and so is "better" or "worse" for one of
them beside the other. So are those of

noise     labels that the columns say nothing about, and a logistic regression that is held close
          to the shares of the classes; beside all controls stand the rows of `TabularGAN` with
          their own and with soft labels, as in the default comparison, without a trained network

where nothing can rank rows, so that "augment" is wrong, and "better" of anything in ROC AUC or log
loss.

With ``GAN_AUGMENT_DATA`` set, quality reports are judged too: real tables are shuffled and cut in
halves, or in thirds of which one is the holdout, and one part stands for the synthetic rows. Every
group of figures ought to be called good.

    python benchmarks/null_calibration.py            # 200 comparisons of each
    python benchmarks/null_calibration.py --quick    # 2 of each

Most of the time goes into ``noise``; with ``--store`` a later call goes on from finished fits.
Writes null_calibration.csv, verdicts.csv and fresh_rows.csv to the folder of ``--out``.
"""

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from _datasets import folder, load
from joblib import Parallel, delayed
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from gan_augment import BootstrapGenerator, GANAugmenter, TabularGAN
from gan_augment.evaluation.downstream import compare_augmentations
from gan_augment.evaluation.quality import quality_report
from gan_augment.selection.candidates import NONE
from gan_augment.selection.experiment import Experiment
from gan_augment.selection.splits import make_folds
from gan_augment.selection.statistics import corrected_interval

ROWS, LEVEL = 200, 0.05
FEWER_ROWS = 100  # of tables on which augmenters are compared beside all controls
MADE_ROWS = 1000  # with soft labels, as in the default comparison
SETS = (
    "adult credit_g vehicle titanic insurance diabetes_pima biodeg car auto_mpg steel_plates"
).split()
MAX_ROWS = 3000  # of each set, before it is cut
NULLS = "views,thinned,twins,noise,fresh_rows"


def draw_table(seed):
    """Ten exchangeable columns and two classes that depend on all of them alike."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(ROWS, 10))
    return X, (X.sum(axis=1) + 2 * rng.normal(size=ROWS) > 0).astype(int)


def accuracy(X, y, folds):
    """Accuracy in each fold."""
    experiment = Experiment({"lr": LogisticRegression()}, X, y, {}, {"accuracy": "accuracy"})
    return np.array([cell.score for cell in experiment.run({"none": NONE}, folds)])


def views(seed, train_size=None):
    X, y = draw_table(seed)
    folds = make_folds(y, train_size=train_size, seed=seed)
    left, right = (accuracy(half, y, folds) for half in (X[:, :5], X[:, 5:]))
    return left - right, folds[0].test_to_train


def thinned(seed):
    return views(seed, train_size=0.25)


def twins(seed):
    """The comparison, with all controls, of two augmenters that differ in their seed alone."""
    X, y = draw_table(seed)
    two = {"one": BootstrapGenerator(), "other": BootstrapGenerator()}
    tree = DecisionTreeClassifier(max_depth=3)
    return compare_augmentations(tree, X[:FEWER_ROWS], y[:FEWER_ROWS], two, random_state=seed)


def noise(seed, store):
    """What a comparison says of rows and labels that know nothing of each other."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(FEWER_ROWS, 10)), rng.permutation(np.arange(FEWER_ROWS) % 2)
    rows = TabularGAN(n_steps=0)
    two = {"own labels": rows, "soft labels": GANAugmenter(rows, labeler="committee")}
    result = compare_augmentations(
        LogisticRegression(C=0.01), X, y, two, n_samples=MADE_ROWS, cv=5, random_state=seed,
        cache=store,
    )  # fmt: skip
    table = result.summary()
    table = table[table["scorer"].isin(result.primary_)]
    return {"advice": result.advice, "differs": bool((table["decision"] == "better").any())}


def judged(seed):
    """What a comparison of twins says, and the p-values of their difference in ROC AUC."""
    result = twins(seed)
    frame = result.to_frame()
    first = frame[frame["scorer"] == result.primary_[0]]
    scores = first.pivot(index="fold", columns="augmenter", values="score")
    difference = (scores["one"] - scores["other"]).to_numpy()
    table = result.summary(against="other")
    table = table[table["scorer"].isin(result.primary_) & (table["augmenter"] == "one")]
    return {
        "advice": result.advice,
        "differs": bool(table["decision"].isin(["better", "worse"]).any()),
        "p": both_tests(difference, float(first["test_to_train"].mean())),
    }


def both_tests(differences, ratio):
    """p-values of the corrected and of the ordinary paired t-test."""
    return [corrected_interval(differences, r).p_value for r in (ratio, 0.0)]


def judge(judged, n, n_jobs, *shared):
    """What all comparisons of a null say, and the seconds it took."""
    start = time.perf_counter()
    found = Parallel(n_jobs=n_jobs)(delayed(judged)(seed, *shared) for seed in range(n))
    return found, time.perf_counter() - start


def verdicts(null, found, seconds):
    """How often each advice was given, and a difference found that is not there."""
    advice = pd.Series([one["advice"] for one in found])
    return {
        "null": null,
        "comparisons": len(found),
        "augment %": 100 * (advice == "augment").mean(),
        "use a control %": 100 * (advice == "use a control").mean(),
        "do not augment %": 100 * (advice == "do not augment").mean(),
        "a difference %": 100 * np.mean([one["differs"] for one in found]),
        "seconds": seconds,
    }


def calibrate(null, n, n_jobs):
    start = time.perf_counter()
    tasks = (delayed(lambda seed: both_tests(*null(seed)))(seed) for seed in range(n))
    found = np.array(Parallel(n_jobs=n_jobs)(tasks))
    return counted(null.__name__, found, time.perf_counter() - start)


def counted(name, found, seconds):
    """How often each of two tests finds a difference that is not there."""
    n = len(found)
    corrected, naive = (found <= LEVEL).sum(axis=0)
    exceeds = binomtest(int(naive), n, LEVEL, alternative="greater").pvalue
    return {
        "null": name,
        "comparisons": n,
        "corrected %": 100 * corrected / n,
        "paired t %": 100 * naive / n,
        "p(paired t keeps 5 %)": exceeds,
        "seconds": seconds,
    }


def fresh_rows(name, seed, parts):
    """The verdicts of a report whose synthetic rows are fresh real ones, and what is not good."""
    X, y = load(name)
    frame = X.assign(the_target=y).dropna(subset="the_target")
    frame = frame.sample(frac=1, random_state=seed).head(MAX_ROWS)
    size = len(frame) // parts
    tables = [frame.iloc[i * size : (i + 1) * size].reset_index(drop=True) for i in range(parts)]
    holdout = tables[2] if parts == 3 else None
    report = quality_report(*tables[:2], holdout=holdout, target="the_target", random_state=seed)
    flawed = {m.name for m in report.metrics if m.by is None and m.verdict in ("fair", "poor")}
    return {
        "set": name,
        "rows compared": report.settings["rows_compared"],
        "reports": 1,
        "groups": len(report.verdicts),
        "groups good": sum(word == "good" for word in report.verdicts.values()),
        "not good": " ".join(sorted(flawed)),
    }


def judge_fresh_rows(sets, n_seeds, n_jobs):
    rows = Parallel(n_jobs=n_jobs)(
        delayed(fresh_rows)(name, seed, parts)
        for name in sets
        for seed in range(n_seeds)
        for parts in (2, 3)
    )
    found = pd.DataFrame(rows).groupby("set", sort=False)
    how = {"rows compared": "max", "reports": "sum", "groups": "sum", "groups good": "sum"}
    return found.agg(how | {"not good": lambda texts: " ".join(filter(None, texts))})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="2 comparisons of each")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, help="folder of the CSV files")
    parser.add_argument("--store", type=Path, help="folder of finished fits of noise")
    parser.add_argument("--only", default=NULLS, help="some of these, commas between")
    parser.add_argument("--comparisons", type=int, default=200, help="of each")
    arguments = parser.parse_args()
    n, jobs = 2 if arguments.quick else arguments.comparisons, arguments.jobs
    only, tables = arguments.only.split(","), {"null_calibration": [], "verdicts": []}
    nulls = [null for null in (views, thinned) if null.__name__ in only]
    tables["null_calibration"] += [calibrate(null, n, jobs) for null in nulls]
    if "twins" in only:
        found, seconds = judge(judged, n, jobs)
        row = counted("twins", np.array([one["p"] for one in found]), seconds)
        tables["null_calibration"].append(row)
        tables["verdicts"].append(verdicts("twins", found, seconds))
    if "noise" in only:
        tables["verdicts"].append(verdicts("noise", *judge(noise, n, jobs, arguments.store)))
    for name, rows in tables.items():
        if rows:
            keep(pd.DataFrame(rows).round(4).set_index("null"), name, arguments.out)
    if folder() is not None and "fresh_rows" in only:
        sets, seeds = (SETS[:1], 1) if arguments.quick else (SETS, 10)
        keep(judge_fresh_rows(sets, seeds, jobs), "fresh_rows", arguments.out)


def keep(table, name, out):
    """Print a table, and write it in place of the rows of the same names."""
    print(table.to_string(), flush=True)
    if out:
        path = out / f"{name}.csv"
        if path.exists():
            old = pd.read_csv(path, index_col=0)
            table = pd.concat([old[~old.index.isin(table.index)], table])
        table.to_csv(path)


if __name__ == "__main__":
    main()

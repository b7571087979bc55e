"""Rows that stand on no real row: how good, by rounds, beside peers and real rows.

    GAN_AUGMENT_DATA=... python benchmarks/free_rows.py --out benchmarks/results/free_rows.csv
    GAN_AUGMENT_DATA=... python benchmarks/free_rows.py titanic --sizes 300 --peers CTGAN TVAE
    python benchmarks/free_rows.py --quick    # made data

As many rows as there are training rows, or 2,000 where these are fewer, judged on so many other
real ones: C2ST is the area under the curve of a boosted tree that tells the two apart, pairs are
two-way totals (one minus the total variation) over deciles and categories, target is the same of
the target alone, TSTR the area under the curve (R2 for numbers) of a tree trained on synthetic
rows, membership that of an attack by the distance to the nearest synthetic row, with its standard
error; real rows that are neither in the place of synthetic ones tell what chance gives with these
parts. Quality and diagnostic scores are SDMetrics', where that is installed. Seconds are of CPU.
"""

import argparse
import sys
import time
from pathlib import Path

import _argn
import _fidelity
import _methods
import _protocol
import numpy as np
import pandas as pd
from sklearn.datasets import make_classification
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import NearestNeighbors

from gan_augment import TabularGAN
from gan_augment.process.state import seeded_globals

#: Training rows of each set, half of a set at most.
SETS = {
    "adult": 10_000,
    "telco_churn": 3000,
    "california_housing": 4000,
    "taxis": 3200,
    "page_blocks": 2700,
}
#: Real rows of each sort that are attacked, and the name of the target among the columns.
ATTACKED, TARGET = 5000, "target_"
PEERS = "CTGAN", "TVAE", "TabularARGN"
#: The fewest rows that are judged, and other real ones that they are judged on, where there are.
JUDGED = 2000


def table(name, quick):
    """A set as one frame, its target the last column, and whether that is a class."""
    if not quick:
        frame, y = _protocol.load(name)[:2]
        return frame.assign(**{TARGET: np.asarray(y)}), _protocol.is_classes(y)
    numbers, y = make_classification(800, 5, n_informative=4, n_redundant=0, random_state=0)
    frame = pd.DataFrame(numbers, columns=[f"x{i}" for i in range(5)])
    frame["level"] = pd.cut(frame["x0"], 4, labels=list("abcd")).astype(object)
    return frame.assign(**{TARGET: y}), True


def parts(frame, rows, seed):
    """Training rows, as many others or `JUDGED`, and so many that are neither, or what is left."""
    n = min(rows, len(frame) // 2)
    order, end = np.random.default_rng(seed).permutation(len(frame)), n + max(n, JUDGED)
    cuts = order[:n], order[n:end], order[end : 2 * end - n]
    return [frame.iloc[part].reset_index(drop=True) for part in cuts]


# Figures ---------------------------------------------------------------------------------------


def codes(frames):
    """Deciles of the first frame and categories as codes, -1 where missing."""
    found = [pd.DataFrame(index=range(len(frame))) for frame in frames]
    for name in frames[0]:
        if isinstance(frames[0][name].dtype, pd.CategoricalDtype):
            columns = [frame[name].cat.codes.to_numpy().astype(int) for frame in frames]
        else:
            values = [frame[name].to_numpy(dtype=float) for frame in frames]
            edges = np.unique(np.nanquantile(values[0], np.linspace(0, 1, 11)[1:-1]))
            columns = [
                np.where(np.isnan(v), -1, np.searchsorted(edges, v, side="right")) for v in values
            ]
        for part, column in zip(found, columns, strict=True):
            part[name] = column
    return found


def pairs(real, made):
    """Mean over pairs of columns of one minus the total variation."""
    agreement = []
    for i, one in enumerate(real):
        for other in list(real)[:i]:
            shares = [f.groupby([one, other]).size() / len(f) for f in (real, made)]
            agreement.append(1 - shares[0].sub(shares[1], fill_value=0).abs().sum() / 2)
    return float(np.mean(agreement))


def target_shares(real, made):
    """One minus the total variation of the target."""
    shares = [frame[TARGET].value_counts(normalize=True) for frame in (real, made)]
    return 1 - shares[0].sub(shares[1], fill_value=0).abs().sum() / 2


def membership(real, test, made):
    """Area under the curve of the distance to the nearest synthetic row, and its standard error.

    0.5 tells nothing. The error is that of Hanley and McNeil (1982) for areas near it.
    """
    scaled = [pd.get_dummies(f.astype("category")).astype(np.float32) for f in (real, test, made)]
    names = scaled[0].columns
    points = [f.reindex(columns=names, fill_value=0).to_numpy() for f in scaled]
    nearest = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(points[2])
    n = min(ATTACKED, len(real), len(test))
    distance = np.concatenate([nearest.kneighbors(p[:n])[0][:, 0] for p in points[:2]])
    return roc_auc_score(np.repeat([1, 0], n), -distance), np.sqrt((2 * n + 1) / (12 * n**2))


def told_apart(test, made):
    """C2ST: area under the curve of a tree that tells synthetic from real rows."""
    both, origin = (
        pd.concat([test, made], ignore_index=True),
        np.repeat([0, 1], [len(test), len(made)]),
    )
    guess = cross_val_predict(_fidelity.tree(), both, origin, cv=3, method="predict_proba")
    return roc_auc_score(origin, guess[:, 1])


def utility(made, test, by_class):
    """TSTR: what a tree trained on synthetic rows reaches on real ones."""
    (X, y), (X_test, y_test) = (
        (frame.drop(columns=TARGET), frame[TARGET].to_numpy()) for frame in (made, test)
    )
    if not by_class:
        tree = HistGradientBoostingRegressor(categorical_features="from_dtype", random_state=0)
        return r2_score(y_test, tree.fit(X, y).predict(X_test))
    # without the penalty boosting of a class of few rows may diverge
    tree = _fidelity.tree().set_params(l2_regularization=1.0).fit(X, y)
    labels = np.unique(y_test)
    found = pd.DataFrame(tree.predict_proba(X_test), columns=tree.classes_)
    proba = found.reindex(columns=labels, fill_value=0).to_numpy() + 1e-9
    proba /= proba.sum(1, keepdims=True)
    return roc_auc_score(y_test, proba[:, 1] if len(labels) == 2 else proba, multi_class="ovr")


def by_chance(real, test, rest):
    """Membership of an attack with other real rows, which tell nothing; NaN if these are few."""
    if len(rest) < len(real) / 2:
        return np.nan
    return membership(*codes(comparable(real, test, rest)))[0]


def comparable(*frames):
    """Frames with dates as days and texts as categories."""
    return _fidelity.as_categories(map(_protocol.dates_as_days, frames))


def judged(real, made, test, by_class):
    """All figures of synthetic rows."""
    copies = pd.concat([real, made]).duplicated().iloc[len(real) :].mean()
    real, made, test = comparable(real, made, test)
    coded = codes([real, test, made])
    attack, error = membership(*coded)
    found = {
        "C2ST": told_apart(test, made),
        "pairs": pairs(coded[1], coded[2]),
        "target": target_shares(coded[1], coded[2]),
        "TSTR": utility(made, test, by_class),
        "membership": attack,
        "SE": error,
        "copies": copies,
    }
    return found | _fidelity.sdmetrics_scores(real, made)


# Generators ------------------------------------------------------------------------------------


def fitted(real, by_class, n_made, **parameters):
    """A fitted TabularGAN, a way to draw rows from it, and CPU seconds of the fit."""
    X, y = real.drop(columns=TARGET), real[TARGET].to_numpy()
    started = time.process_time()
    gan = TabularGAN(target="class" if by_class else "number", random_state=0, **parameters)
    gan.fit(X, y)
    seconds = time.process_time() - started

    def draw():
        made, y_made = gan.sample(n_made)
        return made.assign(**{TARGET: y_made})

    return gan, draw, seconds


def peer(kind, real, by_class, n_made, python):
    """Rows of a peer with its defaults, and its CPU seconds."""
    started = time.process_time()
    if kind == "TabularARGN":
        return argn(python, real, by_class, n_made)
    X, y = real.drop(columns=TARGET), real[TARGET].to_numpy()
    with seeded_globals(0):
        made = _methods._pool(kind, X, y, -(-n_made // 10), 300).iloc[:n_made]
    seconds = time.process_time() - started
    y_made = made.pop(TARGET)
    made = made.assign(**{TARGET: y_made.astype(int) if by_class else y_made.astype(float)})
    return made.reset_index(drop=True), seconds, np.nan


def argn(python, real, by_class, n_made):
    """Rows of TabularARGN, and CPU seconds of its fit and of drawing, in another environment."""
    kind, given = real[TARGET].dtype, real
    if by_class:
        given = real.assign(**{TARGET: "class " + real[TARGET].astype(str)})
    made, (fit, draw, *_) = _argn.rows_of(python, given, n_made)
    if by_class:
        made[TARGET] = made[TARGET].str.removeprefix("class ").astype(kind)
    return made, fit, draw


def from_nothing(real, test, by_class, all_rounds, settings):
    """Figures of rows of one network, by the rounds in which they are drawn."""
    gan, draw, seconds = fitted(real, by_class, locality=0, **settings)
    found = {}
    for rounds in all_rounds:
        started = time.process_time()
        gan.set_params(rounds=rounds)
        made = draw()
        times = {"fit s": seconds, "draw s": time.process_time() - started}
        found[f"nothing, {rounds} rounds"] = judged(real, made, test, by_class) | times
    return found


def rows_of(name, size, options):
    """Figures of one set, a row for each way to make rows."""
    frame, by_class = table(name, options.quick)
    real, test, rest = parts(frame, size or SETS.get(name, 4000), options.seed)
    settings = {"n_steps": 30 if options.quick else "auto", "n_made": len(test)}
    found = from_nothing(real, test, by_class, options.rounds, settings) if options.rounds else {}
    if options.default:
        _, draw, seconds = fitted(real, by_class, **settings)
        found["default"] = judged(real, draw(), test, by_class) | {"fit s": seconds}
    for kind in options.peers:
        made, seconds, drawn = peer(kind, real, by_class, len(test), options.argn)
        found[kind] = judged(real, made, test, by_class) | {"fit s": seconds, "draw s": drawn}
    if options.rounds:
        # other real rows in the place of synthetic ones; a tree is trained on those of the fit
        found["real rows"] = judged(test, real, test, by_class)
        found["real rows"]["membership"] = by_chance(real, test, rest)
    rows = pd.DataFrame(found).T.rename_axis("rows from").reset_index()
    keys = {"set": name, "n": len(real), "seed": options.seed}
    return rows.assign(**keys).set_index([*keys, "rows from"])


def rounds_of(text):
    return text if text == "auto" else int(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="*", default=[], help="default: " + " ".join(SETS))
    parser.add_argument("--sizes", nargs="+", type=int, help="training rows, of each set")
    parser.add_argument("--seed", type=int, default=0, help="of the parts, not of the networks")
    parser.add_argument(
        "--rounds", nargs="*", type=rounds_of, default=["auto"], help="none: peers alone"
    )
    parser.add_argument(
        "--default", action="store_true", help="the defaults too, not from nothing"
    )
    parser.add_argument("--peers", nargs="+", default=[], choices=PEERS)
    parser.add_argument(
        "--argn", default=sys.executable, help="a Python that has mostlyai-engine installed"
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--out", help="CSV file, to which rows are added")
    options = parser.parse_args()
    for name in ["made"] if options.quick else options.sets or SETS:
        for size in options.sizes or [None]:
            rows = rows_of(name, size, options)
            print(rows.round(3).to_string(), flush=True)
            if options.out:
                new = not Path(options.out).exists()
                rows.round(4).to_csv(options.out, mode="a", header=new)


if __name__ == "__main__":
    main()

"""Rows that stand on no real row: how good, by rounds, beside rows that keep a part of one.

    GAN_AUGMENT_DATA=... python benchmarks/free_rows.py adult --rows 10000
    python benchmarks/free_rows.py --quick    # made data

Pairs are two-way total variation over deciles and categories, membership the area under the curve
of an attack by the distance to the nearest synthetic row.
"""

import argparse
import time

import _datasets as datasets
import _fidelity
import numpy as np
import pandas as pd
from sklearn.datasets import make_classification
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors

from gan_augment import TabularGAN

#: Real rows of each sort that are attacked.
ATTACKED = 5000


def table(name, quick):
    """A set of two classes, the second against all others."""
    if not quick:
        frame, y = datasets.load(name)
        return frame, (y == y.unique()[1]).astype(int).to_numpy()
    numbers, y = make_classification(800, 5, n_informative=4, n_redundant=0, random_state=0)
    frame = pd.DataFrame(numbers, columns=[f"x{i}" for i in range(5)])
    frame["level"] = pd.cut(frame["x0"], 4, labels=list("abcd")).astype(object)
    return frame, y


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


def membership(real, test, made):
    """Area under the curve of the distance to the nearest synthetic row; 0.5 tells nothing."""
    scaled = [pd.get_dummies(f.astype("category")).astype(np.float32) for f in (real, test, made)]
    names = scaled[0].columns
    points = [f.reindex(columns=names, fill_value=0).to_numpy() for f in scaled]
    nearest = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(points[2])
    n = min(ATTACKED, len(real), len(test))
    distance = np.concatenate([nearest.kneighbors(p[:n])[0][:, 0] for p in points[:2]])
    return roc_auc_score(np.repeat([1, 0], n), -distance)


def judged(real, y, made, y_made, test, y_test):
    """All figures of synthetic rows."""
    found = _fidelity.quality(real, y, made, y_made, test, y_test)
    parts = _fidelity.as_categories([real, made, test])
    as_codes = codes([f.assign(y=t) for f, t in zip(parts, (y, y_made, y_test), strict=True)])
    found["pairs"] = pairs(as_codes[2], as_codes[1])
    found["membership"] = membership(as_codes[0], as_codes[2], as_codes[1])
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="?", default="adult")
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    frame, y = table(options.name, options.quick)
    n = min(options.rows, len(frame) // 2)
    order = np.random.default_rng(0).permutation(len(frame))
    (real, y_real), (test, y_test) = (
        (frame.iloc[part].reset_index(drop=True), y[part])
        for part in (order[:n], order[n : 2 * n])
    )
    started = time.process_time()
    gan = TabularGAN(locality=0, n_steps=30 if options.quick else "auto", random_state=0)
    gan.fit(real, y_real)
    print(f"fitted on {n} rows in {time.process_time() - started:.1f} s of CPU")
    rows = {}
    for rounds in (1, 4, "auto"):
        started = time.process_time()
        made, y_made = gan.set_params(rounds=rounds).sample(y=y_real)
        seconds = time.process_time() - started
        rows[f"{rounds} rounds"] = judged(real, y_real, made, y_made, test, y_test)
        rows[f"{rounds} rounds"]["draw s"] = seconds
    rows["real rows"] = _fidelity.quality(real, y_real, test, y_test, test, y_test)
    told = judged(test, y_test, real, y_real, test, y_test)
    rows["real rows"] |= {name: told[name] for name in ("TSTR", "pairs")}
    print(pd.DataFrame(rows).T.round(3).to_string())


if __name__ == "__main__":
    main()

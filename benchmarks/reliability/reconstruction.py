"""Can real rows be rebuilt from synthetic ones? Lines through synthetic rows meet in real rows.

SMOTE places rows on segments between real rows: three synthetic rows on one line betray a segment,
and two segments that meet betray a real row (after ReconSMOTE, arXiv 2510.15083). The attacker has
the synthetic rows of the rare class alone, here 15 for each real one, and works among the columns
as they are; and, as a second and stronger attacker, among the scores of the generator's own codec,
where `TabularGAN` interpolates. Goal: no row of the rare class is recovered.

    python benchmarks/reliability/reconstruction.py --out benchmarks/results
    python benchmarks/reliability/reconstruction.py --quick
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer

from gan_augment import SMOTEGenerator, TabularGAN

MEMBERS, TIMES, MAJORITY = 40, 15, 200
MOST_LINES = 600  # those with most points on them


def lines_through(points, tolerance):
    """Lines on which three or more points lie, as (points on them, unit directions)."""
    found = {}
    for a in range(len(points)):
        away = points - points[a]
        length = np.linalg.norm(away, axis=1)
        ok = length > 1e-12
        unit = np.where(ok[:, None], away / np.where(ok, length, 1)[:, None], 0)
        aligned = (1 - np.abs(unit @ unit.T) < tolerance) & ok & ok[:, None]
        for b in np.flatnonzero(aligned.sum(axis=1) >= 2):
            together = frozenset(np.flatnonzero(aligned[b]).tolist()) | {a}
            found.setdefault(together, (points[a], unit[b]))
    # a line seen from one of its points may lack others by rounding
    whole = [key for key in found if not any(key < other for other in found)]
    kept = [found[key] for key in sorted(whole, key=len, reverse=True)[:MOST_LINES]]
    starts, directions = ([line[side] for line in kept] for side in (0, 1))
    shape = -1, points.shape[1]
    return np.reshape(starts, shape), np.reshape(directions, shape)


def meetings(starts, directions, tolerance):
    """Points at which two lines come as near to each other as the tolerance."""
    gap = starts[:, None] - starts[None]
    cosine = directions @ directions.T
    along = np.einsum("id,ijd->ij", directions, gap)
    across = np.einsum("jd,ijd->ij", directions, gap)
    free = np.maximum(1 - cosine**2, 1e-12)
    s, t = (cosine * across - along) / free, (across - cosine * along) / free
    first = starts[:, None] + s[..., None] * directions[:, None]
    second = starts[None] + t[..., None] * directions[None]
    near = (np.linalg.norm(first - second, axis=2) < tolerance) & (free > 1e-4)
    return first[np.triu(near, 1)]


def attack(synthetic, real, straight, near):
    """Share of real rows recovered, share of recovered points that are real, and lines found."""
    scale = real.std(axis=0) + 1e-12
    synthetic, real = synthetic / scale, real / scale
    starts, directions = lines_through(synthetic, straight)
    met = meetings(starts, directions, near)
    if not len(met):
        return 0.0, np.nan, len(starts)
    far = np.linalg.norm(real[:, None] - met[None], axis=2)
    return (far.min(axis=1) < 10 * near).mean(), (far.min(axis=0) < 10 * near).mean(), len(starts)


def draw(seed):
    """A table with a rare class, as frame and target."""
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    rng = np.random.default_rng(seed)
    rare = rng.choice(np.flatnonzero(y == 0), MEMBERS, replace=False)
    kept = np.concatenate([rng.choice(np.flatnonzero(y == 1), MAJORITY, replace=False), rare])
    return X.iloc[kept].reset_index(drop=True), y.iloc[kept].to_numpy()


def measure(seed, wanted):
    X, y = draw(seed)
    labels = np.zeros(TIMES * MEMBERS, dtype=int)
    real, rows = X[y == 0].to_numpy(), []
    for name, generator in wanted.items():
        made = generator.set_params(random_state=seed).fit(X, y).sample(y=labels)[0]
        views = {"columns": (made.to_numpy(), real, 1e-9, 1e-6)}
        codec = getattr(generator, "codec_", None)
        if codec is not None:
            coded = [codec.encode(rows, None).numbers.astype(float) for rows in (made, X[y == 0])]
            views["scores"] = (*coded, 1e-5, 1e-2)
        for view, arguments in views.items():
            recovered, precision, n_lines = attack(*arguments)
            row = {"generator": name, "attacker sees": view, "recovered %": 100 * recovered}
            rows.append(row | {"precision %": 100 * precision, "lines": n_lines, "seeds": 1})
            print(seed, rows[-1], flush=True)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one seed, SMOTE alone")
    parser.add_argument("--out", type=Path, help="folder of the CSV file")
    arguments = parser.parse_args()
    generators = {
        "SMOTE": SMOTEGenerator(),
        "covariance alone": TabularGAN(mixture={"covariance": 1}, n_steps=0),
        "interpolate alone": TabularGAN(mixture={"interpolate": 1}, n_steps=0),
        "TabularGAN": TabularGAN(),
        "locality=0": TabularGAN(locality=0.0),
    }
    if arguments.quick:
        generators = dict(list(generators.items())[:1])
    rows = [
        row for seed in range(1 if arguments.quick else 2) for row in measure(seed, generators)
    ]
    keys = ["generator", "attacker sees"]
    found = pd.DataFrame(rows).groupby(keys, sort=False)
    table = found.agg(
        {"recovered %": "mean", "precision %": "mean", "lines": "mean", "seeds": "sum"}
    )
    print("Goal: 0 % recovered.")
    print(table.round(1).to_string())
    if arguments.out:
        table.round(2).reset_index().to_csv(arguments.out / "reconstruction.csv", index=False)


if __name__ == "__main__":
    main()

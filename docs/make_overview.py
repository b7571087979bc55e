"""Draw ``docs/_static/overview.png``: run it again when ``benchmarks/results`` changes.

python docs/make_overview.py
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from gan_augment import GANAugmenter

HERE = Path(__file__).parent
COLORS = ["#2166ac", "#d6604d"]
#: Training rows up to which all tables were measured.
FEW = 200
LINES = {
    "prior, soft labels": ("gan_augment, soft labels", "#1b7837", "o-"),
    "SMOTE": ("SMOTE", "#762a83", "s--"),
    "class weights": ("class weights", "#999999", "^:"),
}


def two_clouds(n, rng):
    """Two slanted clouds, every sixth row in the second."""
    y = (np.arange(n) % 6 == 0).astype(int)
    x = rng.normal(size=(n, 2)) @ [[1.0, 0.7], [0.0, 0.5]]
    return x + np.where(y[:, None] == 1, [1.6, -0.6], [0.0, 0.0]), y


def scatter(ax, X, y, new, title):
    for label, color in enumerate(COLORS):
        real = (y == label) & ~new
        made = (y == label) & new
        ax.scatter(
            *X[made].T, s=16, facecolors="none", edgecolors=color, linewidths=0.8, alpha=0.7
        )
        ax.scatter(*X[real].T, s=26, color=color)
    ax.set_title(title, fontsize=11)
    ax.set_xticks([])
    ax.set_yticks([])


def main():
    X, y = two_clouds(90, np.random.default_rng(1))
    data = GANAugmenter(n_samples="fill", random_state=0).augment(X, y)
    figure = Figure(figsize=(11, 3.4), layout="constrained")
    first, second, third = figure.subplots(1, 3)
    scatter(first, X, y, np.zeros(len(y), bool), "90 real rows: 75 blue, 15 red")
    scatter(second, data.X, data.y, data.is_synthetic, "and 60 synthetic red rows (open)")
    second.set(xlim=first.get_xlim(), ylim=first.get_ylim())

    found = pd.read_csv(HERE.parent / "benchmarks" / "results" / "labels.csv")
    found = found[found["roc_auc_lift"].notna() & (found["n"] <= FEW)]
    means = found.groupby(["method", "set", "n"])["roc_auc_lift"].mean()
    lifts = means.groupby(["method", "n"]).mean()
    n_sets = found.groupby("n")["set"].nunique()
    for method, (name, color, style) in LINES.items():
        lift = lifts[method]
        third.plot(range(len(lift)), lift, style, color=color, label=name, linewidth=2)
    third.axhline(0, color="black", linewidth=0.8)
    third.set_xticks(range(len(lift)), lift.index)
    third.set_xlabel("real training rows")
    third.set_ylabel("ROC AUC gained (points)")
    third.set_title(
        f"mean over {n_sets.min()} to {n_sets.max()} real tables, 5 learners", fontsize=11
    )
    third.legend(frameon=False, fontsize=9)
    third.spines[["top", "right"]].set_visible(False)
    figure.savefig(HERE / "_static" / "overview.png", dpi=150, metadata={"Software": None})


if __name__ == "__main__":
    main()

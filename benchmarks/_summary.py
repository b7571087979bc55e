"""Tables and drawings of the utility benchmark.

A cell is a set, a size, a learner and a split. Differences are those of the same cell; they are
averaged over learners and splits first, then over sets, which weigh the same.
"""

import _methods as methods
import _protocol as protocol
import numpy as np
import pandas as pd
from _scores import LESS_IS_BETTER
from scipy import stats

#: What is printed, in this order, and the digits.
DIGITS = {
    "roc_auc": 2, "log_loss": 3, "raw_log_loss": 3, "balanced_accuracy": 2,
    "calibration_error": 2, "raw_calibration_error": 2, "r2": 3,
}  # fmt: skip
#: Of these the lift over none is kept in the CSV file.
LIFTS = ("roc_auc", "log_loss", "raw_log_loss", "balanced_accuracy", "calibration_error", "r2")
#: A cell is worse than none where it loses more than this.
HARM = {"roc_auc": 1.0, "log_loss": 0.02, "balanced_accuracy": 1.0, "r2": 0.01}
CELL = ["set", "n", "learner", "seed"]


def report(scores, names, out=None):
    """Print the tables, and write means over splits and drawings if there is a path."""
    for metric, digits in DIGITS.items():
        cells = by_method(scores, metric)
        if cells.empty or "none" not in cells:
            continue
        order = [name for name in names if name in cells]
        print(f"\n{metric}: none, and differences to it{better(metric)}")
        print(differences(cells, order).round(digits).to_string())
        print(f"\n{metric}: less the best free control of each size")
        print(over_best(cells, order, metric).round(digits).to_string())
        if metric in HARM:
            print(f"\n{metric}: differences to none by learner")
            print(by_learner(cells, order).round(digits).to_string())
            print(f"\n{metric}: cells (set, n, learner) that lose more than {HARM[metric]:g}")
            print(harm(cells, order, metric).to_string())
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        means(scores).to_csv(out, index=False)
        if "roc_auc" in set(scores["metric"]):
            draw(scores, out.with_suffix(""))


def better(metric):
    return " (less is better)" if metric in LESS_IS_BETTER else ""


def by_method(scores, metric):
    """A column of scores for each method, by set, size, learner and split."""
    part = scores[scores["metric"] == metric]
    return part.pivot_table(index=CELL, columns="method", values="score")


def mean_of_sets(values):
    """Mean over sets of the means within them."""
    return values.groupby(["set", "n"]).mean().groupby("n").mean()


def scatter_of_sets(values):
    """Standard error over sets."""
    return values.groupby("set").mean().sem()


def differences(cells, order):
    """Scores of none, then of each method less none on the cells that both have, by size."""
    rows = {}
    for name in order:
        both = cells[[*{"none", name}]].dropna()
        gain = both["none"] if name == "none" else both[name] - both["none"]
        if gain.empty:
            continue
        by_set = gain.groupby(["set", "n"]).mean()
        rows[name] = {
            **mean_of_sets(gain).to_dict(),
            "all": by_set.mean(),
            "SE": scatter_of_sets(by_set),
            "development": by_set[developed(by_set)].mean(),
            "confirmation": by_set[~developed(by_set)].mean(),
            "splits": splits(gain),
        }
    return pd.DataFrame(rows).T.infer_objects()


def developed(values):
    """Which entries are of sets that choices were made on."""
    sets = (*protocol.DEVELOPMENT, *protocol.REGRESSION_DEVELOPMENT)
    return values.index.get_level_values("set").isin(sets)


def splits(values):
    """Splits of each set and size, as "5" or "2 to 5"."""
    found = values.reset_index().groupby(["set", "n"])["seed"].nunique()
    low, high = found.min(), found.max()
    return f"{low}" if low == high else f"{low} to {high}"


def over_best(cells, order, metric):
    """What each method of ours has beyond the best free control of each size, on its cells."""
    free = [name for name in methods.FREE if name in cells]
    rows = {}
    for name in (name for name in order if name not in free):
        for n, part in cells[[*free, name]].dropna().groupby("n"):
            means = part.groupby("set").mean().mean()
            best = means[free].idxmin() if metric in LESS_IS_BETTER else means[free].idxmax()
            gain = (part[name] - part[best]).groupby("set").mean()
            rows[name, n] = {
                "best free control": best,
                "difference": gain.mean(),
                "SE": gain.sem(),
                "sets": len(gain),
                "splits": splits(part[name]),
            }
    return pd.DataFrame(rows).T.infer_objects()


def by_learner(cells, order):
    gains = cells.sub(cells["none"], axis=0)[[name for name in order if name != "none"]]
    return gains.groupby("learner").mean().T


def harm(cells, order, metric):
    """How often a method is worse than none in the mean over splits, and by how much then."""
    sign, rows = (-1 if metric in LESS_IS_BETTER else 1), {}
    for name in (name for name in order if name != "none"):
        gain = sign * (cells[name] - cells["none"]).dropna()
        lost = gain.groupby(["set", "n", "learner"]).mean()
        worse = lost < -HARM[metric]
        rows[name] = {
            "cells": len(lost),
            "worse": int(worse.sum()),
            "share": f"{worse.mean():.1%}",
            "mean loss there": round(-lost[worse].mean(), 3),
            "splits": splits(gain),
        }
    return pd.DataFrame(rows).T


def means(scores):
    """Means over splits, with the lifts over none on the same splits: what is kept of a run."""
    keys = ["set", "n", "method", "learner"]
    wide = scores.pivot_table(index=[*keys, "seed"], columns="metric", values="score")
    none = wide.xs("none", level="method").reindex(wide.index.droplevel("method"))
    for metric in (metric for metric in LIFTS if metric in wide):
        wide[f"{metric}_lift"] = wide[metric] - none[metric].to_numpy()
    wide["seconds"] = scores.groupby([*keys, "seed"])["seconds"].first()
    found = wide.groupby(keys, sort=False).mean().round(4)
    found["splits"] = wide.groupby(keys, sort=False).size()
    return found.reset_index()


def draw(scores, stem):
    """Gains over none against n, and a critical-difference diagram of ranks by ROC AUC."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 3.8), layout="constrained")
    titles = {
        "roc_auc": "ROC AUC, points", "log_loss": "log loss, nats (less is better)",
        "balanced_accuracy": "balanced accuracy, points",
    }  # fmt: skip
    for ax, (metric, title) in zip(figure.subplots(1, 3), titles.items(), strict=True):
        cells = by_method(scores, metric)
        for name in cells.columns.drop("none"):
            line = mean_of_sets((cells[name] - cells["none"]).dropna())
            ours = name in ("TabularGAN", "auto")
            style = {"linewidth": 2.6} if ours else {"linewidth": 1.2, "alpha": 0.8}
            label = name if metric == "roc_auc" else None
            ax.plot(line.index, line, "o-" if ours else ".--", label=label, **style)
        ax.axhline(0, color="0.2", linewidth=1)
        sizes = sorted(cells.index.unique("n"))
        ax.set(xscale="log", xlabel="training rows", title=title)
        ax.set_xticks(sizes, [str(n) for n in sizes])
        ax.minorticks_off()
    figure.supylabel("difference to no rows", fontsize=9)
    figure.legend(fontsize=8, loc="outside right upper")
    figure.savefig(f"{stem}_lift.png", dpi=110)
    ranked = by_method(scores, "roc_auc").groupby(["set", "n"]).mean().dropna(axis=1)
    _rank_diagram(ranked, f"{stem}_ranks.png")


def _rank_diagram(cells, path):
    """Mean ranks with the critical difference of Nemenyi's test (Demsar 2006)."""
    from matplotlib.figure import Figure

    ranks = cells.rank(axis=1, ascending=False).mean().sort_values()
    k, n = len(ranks), len(cells)
    q = stats.studentized_range.ppf(0.95, k, np.inf) / np.sqrt(2)
    critical = q * np.sqrt(k * (k + 1) / (6 * n))
    figure = Figure(figsize=(7.5, 0.8 + 0.28 * k), layout="constrained")
    ax = figure.subplots()
    for place, rank in enumerate(ranks):
        ax.plot([rank - critical / 2, rank + critical / 2], [-place] * 2, color="#2f6fb3")
        ax.plot(rank, -place, "o", color="#2f6fb3")
    ax.set_yticks(-np.arange(k), ranks.index)
    ax.set_xlabel(
        f"mean rank by ROC AUC over {n} sets and sizes, 1 is best\n"
        f"lines that do not overlap differ (Nemenyi, 5 %: {critical:.2f})"
    )
    ax.grid(axis="x", alpha=0.4)
    figure.savefig(path, dpi=110)

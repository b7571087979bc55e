"""Tables and drawings of the utility benchmark."""

import _protocol as protocol
import numpy as np
import pandas as pd
from scipy import stats

MAIN = {True: "balanced_accuracy", False: "r2"}


def report(scores, names, out=None):
    """Print the tables, and write means over splits and drawings if there is a path."""
    for metric, unit in (("balanced_accuracy", "points"), ("r2", "R2")):
        part = scores[scores["metric"] == metric]
        if len(part):
            print(f"\n{metric}: means over sets, learners and splits")
            print(table(part, names).round(3 if unit == "R2" else 2).to_string())
            for reference in ("none", "duplicates", "SMOTE", "prior alone"):
                lines = differences(part, reference)
                if len(lines):
                    print(f"\nless {reference} ({unit})")
                    print(lines.round(3 if unit == "R2" else 2).to_string())
    worse = [m for m in ("TabularGAN", "auto") if m in scores["method"].to_numpy()]
    for method in worse if "none" in scores["method"].to_numpy() else []:
        for metric in MAIN.values():
            part = scores[scores["metric"] == metric]
            if method in part["method"].to_numpy():
                print(f"\n{method}, {metric}: " + harm(part, method))
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        means(scores).to_csv(out, index=False)
        draw(scores[scores["metric"] == "balanced_accuracy"], out.with_suffix(""))


def means(scores):
    """Means over splits, with the lift over none on the same splits: what is kept of a run."""
    keys = ["set", "n", "method", "learner"]
    wide = scores.pivot_table(
        index=[*keys, "seed", "seconds"], columns="metric", values="score"
    ).reset_index("seconds")
    main = wide.get("balanced_accuracy", pd.Series(np.nan, wide.index))
    if "r2" in wide:
        main = main.fillna(wide.pop("r2"))
    none = main.xs("none", level="method").rename("none")
    wide.insert(0, "score", main)
    wide.insert(1, "lift", main - wide.drop(columns=wide.columns).join(none)["none"])
    wide = wide.drop(columns="balanced_accuracy", errors="ignore")
    found = wide.groupby(keys, sort=False).mean()
    found["splits"] = wide.groupby(keys, sort=False).size()
    small = found["log_loss"].isna() & (found["score"].abs() < 2) if "log_loss" in found else True
    return found.where(~small, found.round(4)).where(small, found.round(2)).reset_index()


def harm(part, method):
    """How often a method is worse than none, in words."""
    cells = part.groupby(["set", "n", "learner", "seed", "method"])["score"].mean().unstack()
    lost = (cells[method] - cells["none"]).dropna().groupby(["set", "n", "learner"]).mean()
    unit = 1.0 if part["metric"].iloc[0] == "balanced_accuracy" else 0.01
    sure = significantly_worse(part, method)
    return (
        f"{(lost < -unit).mean():.1%} of {len(lost)} cells (set, n, learner) worse than none by "
        f"more than {unit:g}, mean there {lost[lost < -unit].mean():.2f}; "
        f"{'none' if sure is None else len(sure)} of them significantly (Holm)"
    )


def table(part, names):
    """Methods down; all, sizes and learners across. Sets weigh the same, whatever their sizes."""
    cells = part.groupby(["method", "set", "n"])["score"].mean()
    found = cells.groupby(["method", "n"]).mean().unstack()
    found.insert(0, "all", cells.groupby("method").mean())
    by_learner = part.groupby(["method", "learner"])["score"].mean().unstack()
    seconds = part.groupby("method")["seconds"].median().rename("seconds")
    return found.join(by_learner).join(seconds).reindex([n for n in names if n in found.index])


def differences(part, reference):
    """Mean difference of each method to another on the splits both have, and its scatter."""
    cells = part.groupby(["set", "n", "seed", "learner", "method"])["score"].mean().unstack()
    if reference not in cells:
        return pd.DataFrame()
    rows = {}
    for method in cells.columns.drop(reference):
        gain = (cells[method] - cells[reference]).dropna()
        by_set = gain.groupby(["set", "n"]).mean()
        halves = {
            half: by_set[by_set.index.get_level_values("set").isin(sets)].mean()
            for half, sets in (
                ("development", (*protocol.DEVELOPMENT, *protocol.REGRESSION_DEVELOPMENT)),
                ("confirmation", (*protocol.CONFIRMATION, *protocol.REGRESSION_CONFIRMATION)),
            )
        }
        rows[method] = {
            "mean": by_set.mean(),
            "SE": by_set.groupby("set").mean().sem(),
            **halves,
            **by_set.groupby("n").mean().to_dict(),
            "cells won": f"{(by_set > 0).sum()} of {len(by_set)}",
        }
    return pd.DataFrame(rows).T.infer_objects()


def significantly_worse(part, method, reference="none", level=0.05):
    """Cells (set, n, learner) in which a method loses to another after Holm's correction."""
    from gan_augment.selection.statistics import corrected_interval, holm

    cells = part.groupby(["set", "n", "learner", "seed", "method"])["score"].mean().unstack()
    gain = (cells[method] - cells[reference]).dropna()
    gain = gain.groupby(["set", "n", "learner"]).filter(lambda g: len(g) > 1)
    if gain.empty:
        return None  # one split tells nothing
    tests = (
        gain.groupby(["set", "n", "learner"])
        .apply(lambda g: pd.Series(vars(corrected_interval(g, 1.0))))
        .unstack()
    )
    tests["p_holm"] = holm(tests["p_value"])
    return tests[(tests["mean"] < 0) & (tests["p_holm"] <= level)]


def draw(part, stem):
    """The lift against n, and a critical-difference diagram of ranks over sets and sizes."""
    from matplotlib.figure import Figure

    of_method = part.groupby("method")["learner"].unique()
    shared = set.intersection(*map(set, of_method))
    part = part[part["learner"].isin(shared)]
    cells = part.groupby(["set", "n", "seed", "method"])["score"].mean().unstack()
    # on the same splits, whatever their number
    lift = cells.sub(cells["none"], axis=0).groupby(["set", "n"]).mean().dropna(axis=1)
    figure = Figure(figsize=(7.5, 4.2), layout="constrained")
    ax = figure.subplots()
    for method, line in lift.drop(columns="none").groupby("n").mean().items():
        ours = method in ("TabularGAN", "auto")
        ax.plot(line.index, line, "o-", label=method, linewidth=2.6 if ours else 1.2)
    ax.axhline(0, color="0.2", linewidth=1)
    ax.set(xscale="log", xlabel="training rows", ylabel="balanced accuracy, points over none")
    ax.set_xticks(sorted(lift.index.get_level_values("n").unique()))
    ax.get_xaxis().set_major_formatter("{x:.0f}")
    ax.minorticks_off()
    names = [name for name in part["learner"].unique() if name in shared]
    ax.set_title("mean over " + ", ".join(names), fontsize=9)
    figure.legend(fontsize=8, loc="outside right upper")
    figure.savefig(f"{stem}_lift.png", dpi=110)
    _rank_diagram(lift, f"{stem}_ranks.png")


def _rank_diagram(cells, path):
    """Mean ranks with the critical difference of Nemenyi's test (Demsar 2006)."""
    from matplotlib.figure import Figure

    ranks = cells.rank(axis=1, ascending=False).mean().sort_values()
    k, n = len(ranks), len(cells)
    q = stats.studentized_range.ppf(0.95, k, np.inf) / np.sqrt(2)
    critical = q * np.sqrt(k * (k + 1) / (6 * n))
    figure = Figure(figsize=(7.5, 0.6 + 0.28 * k), layout="constrained")
    ax = figure.subplots()
    for place, rank in enumerate(ranks):
        ax.plot([rank - critical / 2, rank + critical / 2], [-place] * 2, color="#2f6fb3")
        ax.plot(rank, -place, "o", color="#2f6fb3")
    ax.set_yticks(-np.arange(k), ranks.index)
    ax.set_xlabel(
        f"mean rank over {n} sets and sizes, 1 is best\n"
        f"lines that do not overlap differ (Nemenyi, 5 %: {critical:.2f})"
    )
    ax.grid(axis="x", alpha=0.4)
    figure.savefig(path, dpi=110)

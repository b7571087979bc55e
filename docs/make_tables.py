"""Write ``docs/tables`` from ``benchmarks/results``: run it again when these change.

python docs/make_tables.py
"""

import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
RESULTS = HERE.parent / "benchmarks" / "results"
sys.path.insert(0, str(HERE.parent / "benchmarks"))
import _protocol


def rst(frame, name):
    """Write a frame as a reStructuredText list table."""
    rows = [[frame.index.name or "", *map(str, frame.columns)]]
    rows += [[str(cell) for cell in row] for row in frame.itertuples(name=None)]
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in rows:
        lines += [f"   {'*' if i == 0 else ' '} - {cell}" for i, cell in enumerate(row)]
    (HERE / "tables").mkdir(exist_ok=True)
    (HERE / "tables" / f"{name}.rst").write_text("\n".join(lines) + "\n")


IMBALANCED = ["mammography", "page_blocks", "steel_plates", "hepatitis"]
ORDER = (
    "class weights", "tuned threshold", "duplicates", "SMOTE", "jitter", "prior alone",
    "TabularGAN", "prior, soft labels", "auto", "committee",
)  # fmt: skip
#: A cell of these is harmed that loses more.
HARM = {"roc_auc": 1.0, "log_loss": 0.02, "balanced_accuracy": 1.0, "r2": 0.01}


def signed(value, digits=2):
    return "" if pd.isna(value) else f"{value:+.{digits}f}"


def lifts(metric, digits, source="utility"):
    """What none reaches and the differences to it, by size, half of the sets and learner."""
    found = pd.read_csv(RESULTS / f"{source}.csv")
    found = found[found[metric].notna()]
    none = found[found["method"] == "none"].groupby(["set", "n"])[metric].mean()
    lift, by = f"{metric}_lift", ["method", "set", "n"]
    by_set = found[found["method"] != "none"].groupby(by)[lift].mean()
    table = by_set.groupby(["method", "n"]).mean().unstack().add_prefix("n = ")
    table["all"] = by_set.groupby("method").mean()
    scatter = by_set.groupby(["method", "set"]).mean().groupby("method").sem()
    developed = by_set.index.isin(
        (*_protocol.DEVELOPMENT, *_protocol.REGRESSION_DEVELOPMENT), level="set"
    )
    table["dev."] = by_set[developed].groupby("method").mean()
    table["conf."] = by_set[~developed].groupby("method").mean()
    learners = found.pivot_table(index="method", columns="learner", values=lift)
    text = table.join(learners).map(lambda value: signed(value, digits))
    text.insert(text.columns.get_loc("all") + 1, "SE", scatter.map(f"{{:.{digits}f}}".format))
    text["splits"] = found.groupby("method")["splits"].max().map(str)
    first = {f"n = {n}": f"{value:.{digits}f}" for n, value in none.groupby("n").mean().items()}
    first = pd.DataFrame({"none": first | {"all": f"{none.mean():.{digits}f}"}}).T
    first.index.name = "method"
    shown = pd.concat([first, text.reindex([m for m in ORDER if m in text.index])])
    rst(shown[text.columns].fillna(""), f"{source}_{metric}")


def labels():
    """The same for rows with soft labels, and how often they make a learner worse."""
    for metric, digits in {"roc_auc": 2, "log_loss": 3, "balanced_accuracy": 2, "r2": 3}.items():
        lifts(metric, digits, "labels")
    lifts("calibration_error", 2, "labels")
    harm("labels")


def label_noise():
    """What soft labels gain and lose, alone and averaged, beside what chance alone would lose."""
    found = pd.read_csv(RESULTS / "label_noise.csv").set_index("method")
    names = {
        "roc_auc_gain": "ROC AUC", "log_loss_gain": "log loss", "worse_%": "AUC worse by a point",
        "by_chance_%": "the same by chance", "surely_worse_%": "surely worse",
        "worse_log_loss_%": "worse by .02 nats", "calibration_error": "calibration error",
        "over_floor": "beyond chance",
    }  # fmt: skip
    digits = {"log_loss_gain": "{:+.3f}", "roc_auc_gain": "{:+.2f}"}
    shown = pd.DataFrame({"n": found["n"]})
    for column, title in names.items():
        form = digits.get(column, "{:.1f} %" if column.endswith("%") else "{:.1f}")
        shown[title] = [("" if pd.isna(value) else form.format(value)) for value in found[column]]
    shown.loc["none", ["ROC AUC", "log loss"]] = ""
    rst(shown, "label_noise")


def utility():
    for metric, digits in {"roc_auc": 2, "log_loss": 3, "balanced_accuracy": 2, "r2": 3}.items():
        lifts(metric, digits)


def utility_imbalanced():
    """Means over learners and sizes of the sets with a rare class."""
    found = pd.read_csv(RESULTS / "utility.csv")
    found = found[found["set"].isin(IMBALANCED)]
    names = {
        "roc_auc": "ROC AUC", "minority_precision": "average precision",
        "balanced_accuracy": "balanced accuracy", "minority_recall": "minority recall",
        "log_loss": "log loss", "raw_log_loss": "log loss, raw",
        "calibration_error": "calibration error", "raw_calibration_error": "the same, raw",
    }  # fmt: skip
    cells = found.groupby(["method", "set", "n"])[list(names)].mean().groupby("method").mean()
    shown = cells.rename(columns=names).reindex([m for m in ("none", *ORDER) if m in cells.index])
    rst(shown.map("{:.2f}".format), "utility_imbalanced")


def harm(source="utility"):
    """How often each method makes a learner worse."""
    found = pd.read_csv(RESULTS / f"{source}.csv")
    rows = {}
    for method in (m for m in ORDER if m in set(found["method"])):
        part, rows[method] = found[found["method"] == method], {}
        for metric, limit in HARM.items():
            lost = part[f"{metric}_lift"].dropna() * (1 if metric == "log_loss" else -1)
            if len(lost):
                rows[method][metric] = f"{(lost > limit).mean():.1%} of {len(lost)}"
    words = {"roc_auc": "ROC AUC", "log_loss": "log loss", "r2": "R2"}
    words["balanced_accuracy"] = "balanced accuracy"
    table = pd.DataFrame(rows).T.rename_axis("method").rename(columns=words)
    rst(table.fillna(""), f"{source}_harm")


def by_levels(gain, keys, name):
    """Mean gains of images over all cells, and by each level of the keys."""
    table = pd.DataFrame({"all": gain.mean()})
    for level in keys:
        table = table.join(gain.groupby(level, sort=False).mean().T)
    table.columns = [f"{c} a class" if isinstance(c, int) else c for c in table]
    return table.rename_axis(name).map(signed)


def images():
    """Points gained over none, by set, size and learner."""
    found = pd.read_csv(RESULTS / "images.csv")
    keys = ["set", "per class", "learner"]
    wide = found.pivot_table(index=keys, columns="method", values="score", sort=False)
    gain = wide.sub(wide["none"], axis=0).drop(columns="none")
    text = by_levels(gain, keys, "method")
    text["seconds"] = found.groupby("method")["seconds"].median().map("{:.2g}".format)
    rst(text, "images")


def images_cnn():
    """Points gained over none by a small network, with and without classic batches, by set."""
    found = pd.read_csv(RESULTS / "images_cnn.csv")
    keys = ["set", "per class", "learner"]
    wide = found.pivot_table(index=keys, columns="method", values="score", sort=False)
    gain = wide.sub(wide["none"], axis=0).drop(columns="none")
    parts = []
    for learner, title in (("CNN", "plain"), ("CNN, classic", "classic")):
        part = gain.xs(learner, level="learner")
        by_set = part.groupby("set", sort=False).mean().T.add_prefix(f"{title}, ")
        parts += [part.mean().rename(f"{title}, all"), by_set]
    table = pd.concat(parts, axis=1)
    table.index.name = "images from"
    rst(table.map(signed), "images_cnn")


def images_between():
    """Points gained by a small network where half of each batch is of such images, by set."""
    found = pd.read_csv(RESULTS / "images_between.csv")
    keys = ["set", "per class"]
    found = found.loc[found.index.repeat(found["seeds"])]  # each cell counts the same
    found["seed"] = found.groupby([*keys, "method"]).cumcount()
    wide = found.pivot_table(index=[*keys, "seed"], columns="method", values="score", sort=False)
    gain = wide.sub(wide["none"], axis=0).drop(columns="none")
    text = by_levels(gain, keys, "half of each batch")
    text["cells"] = str(len(gain))
    rst(text, "images_between")


def images_auto():
    """Accuracy of learners alone, and with the images that their inner folds chose."""
    found = pd.read_csv(RESULTS / "images_auto.csv")
    found = found.rename(columns={"per class": "images a class"})
    keys = ["set", "images a class", "learner"]
    wide = found.pivot_table(index=keys, columns="method", values="score", sort=False)
    wide = wide[["none", "auto"]].assign(gain=wide["auto"] - wide["none"])
    seconds = found[found["method"] == "auto"].set_index(keys)["seconds"]
    shown = wide.map("{:.1f}".format).assign(seconds=seconds.map("{:.0f}".format))
    rst(shown.reset_index().set_index("set"), "images_auto")


def large_table():
    found = pd.read_csv(RESULTS / "large_table.csv", index_col=0)
    found.index.name = "rows from"
    rst(found.map(number), "large_table")


#: What made the rows of `free_rows.csv`, in the order of its tables.
FREE_ROWS = ["nothing, auto rounds", "default", "TVAE", "CTGAN", "TabularARGN", "real rows"]


def free_rows():
    """Rows from nothing: of each set, by rounds, and beside peers at smaller sizes."""
    found = pd.read_csv(RESULTS / "free_rows.csv").drop(columns=["seed", "copies"])
    largest = found["n"] == found.groupby("set")["n"].transform("max")
    by_rounds = found["rows from"].str.fullmatch(r"nothing, \d+ rounds")
    rst(shown(found[largest & ~by_rounds]).set_index("set"), "free_rows")
    sets = found["set"].isin(found["set"][by_rounds])
    rounds = shown(found[largest & sets].drop(columns=["set", "n", "target", "diagnostic"]))
    rst(rounds.set_index("rows from"), "free_rows_rounds")
    fewer = found[~largest & ~by_rounds]
    rst(shown(fewer.drop(columns=["diagnostic", "draw s"])).set_index("set"), "free_rows_peers")
    kinds = found[found["rows from"].isin(FREE_ROWS)].assign(
        **{"rows from": lambda frame: pd.Categorical(frame["rows from"], FREE_ROWS)}
    )
    keys = {"index": ["set", "n"], "columns": "rows from", "observed": True, "sort": False}
    told = kinds.pivot_table(values="C2ST", **keys)[FREE_ROWS]
    rst(shown(told.reset_index()).set_index("set"), "free_rows_c2st")
    attacks = kinds.pivot_table(values="membership", **keys)[FREE_ROWS]
    errors = kinds[kinds["rows from"] == FREE_ROWS[0]].set_index(["set", "n"])["SE"]
    attacks.insert(0, "SE", errors.reindex(attacks.index).to_numpy())
    attacks = attacks.rename(columns={"real rows": "chance"}).reset_index()
    rst(shown(attacks).set_index("set"), "free_rows_membership")


def shown(frame):
    """Numbers of a frame as text: seconds in two digits, other figures with three places."""
    texts = {}
    for name, column in frame.items():
        digits = "{:.2g}" if name in ("fit s", "draw s") else "{:.3f}"
        if column.dtype.kind == "f":
            column = column.map(lambda value, d=digits: "" if pd.isna(value) else d.format(value))
        texts[name] = column.astype(str)
    return pd.DataFrame(texts)


def free_labels():
    """Rows from nothing under the labeler, beside other rows; means over learners."""
    found = pd.read_csv(RESULTS / "free_labels.csv")
    sources = ["SMOTE", "jitter", *(m for m in found["method"].unique() if "soft" in m)]
    for metric, digits in {"roc_auc": 2, "log_loss": 3}.items():
        keys = {"index": ["set", "n"], "columns": "method", "values": f"{metric}_lift"}
        lift = found.pivot_table(**keys)[[*sources, "committee"]]
        text = lift.map(lambda value, d=digits: signed(value, d)).reset_index()
        rst(text.set_index("set"), f"free_labels_{metric}")


def speed():
    """Each generator beside ours on the same rows; a star marks an extrapolated time."""
    found = pd.read_csv(RESULTS / "speed.csv")
    found["fit s"] = found["fit CPU s"]
    found = found[found.get("error").isna()] if "error" in found else found
    lines = []
    for (n, d, levels), cells in found.groupby(["rows", "columns", "levels"], sort=False):
        ours = cells.loc[cells["method"] == "TabularGAN", "fit s"].squeeze()
        for _, cell in cells.iterrows():
            star = "*" if cell.get("extrapolated") == 1 else ""
            lines.append(
                {
                    "table": shape_name(n, d, levels),
                    "rows from": cell["method"],
                    "fit, CPU s": number(cell["fit s"]) + star,
                    "times ours": number(cell["fit s"] / ours) + star,
                    "peak MB": number(cell["peak MB"]),
                    "C2ST": number(cell["C2ST"]),
                    "TSTR": number(cell["TSTR"]),
                }
            )
    rst(pd.DataFrame(lines).set_index("table"), "speed")


def time_to_quality():
    found = pd.read_csv(RESULTS / "time_to_quality.csv")
    found = found.rename(columns={"seconds": "fit s", "amount": "steps or epochs"})
    shown = found.set_index("set")[["method", "steps or epochs", "fit s", "C2ST", "TSTR"]]
    shown.loc[shown["method"].isin(["real rows", "GaussianCopula"]), "steps or epochs"] = ""
    rst(shown.map(shortened), "time_to_quality")


def number(value):
    """Three digits, without an exponent."""
    if pd.isna(value):
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def shortened(value):
    return number(value) if isinstance(value, float) else value


def shape_name(n, d, levels):
    return f"{n:,} x {d}" + (f", {levels} levels" if levels > 5 else "")


def device():
    found = pd.read_csv(RESULTS / "device.csv")
    found = found.rename(columns={"fit, s": "fit s"}).set_index("trained on")
    cpu = found.loc[found["variant"] == "CPU, one thread", "ms a step"]
    shown = found[["variant", "ms a step", "steps", "fit s"]].astype({"steps": int})
    shown.insert(2, "times the CPU", (cpu.reindex(found.index) / found["ms a step"]).to_numpy())
    rst(shown.map(shortened), "device")


def step_profile():
    found = pd.read_csv(RESULTS / "step_profile.csv")
    shapes = found[["rows", "columns", "levels"]].itertuples(index=False)
    names = [shape_name(*shape) for shape in shapes]
    times = found[["width", "ms a step", "MFLOP", "floor, ms", "x floor"]].map(number)
    shares = found.iloc[:, list(found).index("x floor") + 1 :].map("{:.0%}".format)
    rst(pd.concat([times, shares], axis=1).set_axis(names).T, "step_profile")


def free_images():
    found = pd.read_csv(RESULTS / "free_images.csv").drop(columns="seed").set_index("set")
    rst(found.map(shortened), "free_images")


def images_cost():
    found = pd.read_csv(RESULTS / "images_cost.csv").set_index("images")
    rst(found.map(shortened), "images_cost")


def images_nearness():
    found = pd.read_csv(RESULTS / "images_nearness.csv").set_index("set")
    rst(found.map(shortened), "images_nearness")


def deploy_size():
    found = pd.read_csv(RESULTS / "deploy_size.csv")
    found["kilobytes"] = [f"{size:,.0f}" for size in found["kilobytes"]]
    found = found.rename(columns={"torch": "imports torch"}).set_index("table")
    rst(found, "deploy_size")


def small_speed():
    found = pd.read_csv(RESULTS / "small_speed.csv", index_col=0)
    rst(found.map(lambda value: f"{value:.2f}"), "small_speed")


def null_calibration():
    found = pd.read_csv(RESULTS / "null_calibration.csv", index_col=0)
    shown = found[["comparisons", "corrected %", "paired t %"]]
    rst(shown.map("{:g}".format), "null_calibration")


def verdicts():
    found = pd.read_csv(RESULTS / "verdicts.csv", index_col=0).drop(columns="seconds")
    rst(found.map("{:g}".format), "verdicts")


def fresh_rows():
    found = pd.read_csv(RESULTS / "fresh_rows.csv", index_col=0).fillna("")
    rst(found, "fresh_rows")


def quality_cost():
    found = pd.read_csv(RESULTS / "quality_cost.csv", index_col=0)
    rst(found[["columns", "seconds", "peak MB"]].map("{:.0f}".format), "quality_cost")


def report_cost():
    found = pd.read_csv(RESULTS / "report_cost.csv", index_col=0)
    rst(found.assign(seconds=found["seconds"].map("{:.0f}".format)), "report_cost")


def membership():
    """Areas by generator and number of members, and by set with their bounds."""
    found = pd.read_csv(RESULTS / "membership.csv")
    found = found.assign(generator=found["generator"].replace(MEMBERS))
    found = found.rename(columns={"generator": "rows from"})
    means = {}
    for title, column in (("", "AUC"), (", rarest class", "minority")):
        wide = found.pivot_table(index="rows from", columns="n", values=column, sort=False)
        means |= {f"n = {n}{title}": wide[n].map("{:.2f}".format) for n in wide}
    seeds = found.groupby("rows from")["seeds"].max()
    rst(pd.DataFrame(means).assign(seeds=seeds), "membership")
    shown = found[found["seeds"] >= 4]
    bounds = shown["AUC bound"].map(" ({:.2f})".format)
    shown = shown.assign(cell=shown["AUC"].map("{:.2f}".format) + bounds)
    keys = shown["set"] + ", n = " + shown["n"].astype(str)
    wide = shown.assign(key=keys).pivot(index="key", columns="rows from", values="cell")
    wide = wide.reindex(keys.unique())[[name for name in seeds.index if name in wide]]
    order = [name for name in found["rows from"].unique() if name in wide]
    wide.index.name = "set"
    rst(wide[order], "membership_sets")


MEMBERS = {
    "no leak": "one Gaussian of other rows",
    "one Gaussian": "one Gaussian of the members",
    "locality=0": "TabularGAN, locality=0",
    "locality=0.5": "TabularGAN, locality=0.5",
    "locality=1": "TabularGAN, locality=1",
    "covariance alone": "TabularGAN, covariance alone",
    "interpolate alone": "TabularGAN, interpolation alone",
}


def reconstruction():
    found = pd.read_csv(RESULTS / "reconstruction.csv", index_col=0)
    found.index.name = "rows from"
    number = found.select_dtypes("number").columns
    found[number] = found[number].map(lambda x: "" if pd.isna(x) else f"{x:.0f}")
    rst(found.rename(index=MEMBERS), "reconstruction")


def relations():
    """Shares of rows that break a rule, and C2ST, with relations and without."""
    found = pd.read_csv(RESULTS / "relations.csv").set_index("rule")
    sides = ["real", "new", "relations off"]
    found[sides] = found[sides].map("{:.2%}".format)
    rst(found[["table", "rows", *sides]], "relations")
    found = pd.read_csv(RESULTS / "relations_fidelity.csv").set_index("set")
    found[sides] = found[sides].map("{:.3f}".format)
    rst(found, "relations_fidelity")


if __name__ == "__main__":
    for table in (utility, harm, utility_imbalanced, labels, label_noise, images):
        table()
    for table in (
        images_cnn,
        images_between,
        images_auto,
        large_table,
        free_rows,
        free_labels,
        speed,
        time_to_quality,
        device,
        step_profile,
        images_cost,
        free_images,
        images_nearness,
        small_speed,
        deploy_size,
        null_calibration,
        verdicts,
        fresh_rows,
        quality_cost,
        report_cost,
        membership,
        reconstruction,
        relations,
    ):
        table()

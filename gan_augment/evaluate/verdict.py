"""A comparison in words, from which it is clear what to do."""

import math

import pandas as pd


def verdict_text(comparison):
    """Return the answer of a comparison, about its first scorer.

    Parameters
    ----------
    comparison : AugmentationComparison

    Returns
    -------
    str
        Begins with "Augment", "Do not augment" or "Nothing could be compared".
    """
    scorer = comparison.scorers_[0]
    table = _rows_of(comparison.summary(), scorer)
    table = table[table["augmenter"] != "none"]
    own = table[~table["augmenter"].isin(("duplicates", "SMOTE"))]
    own = table if own.empty else own
    tested = own[own["decision"] != "failed"]
    if tested.empty:
        reasons = [error for error in own["error"] if error]
        told = f" ({reasons[0]})" if reasons else ""
        return f"Nothing could be compared: every augmented fit failed{told}."
    parts = [_advice(tested, scorer, comparison.rope_of(scorer))]
    better = tested[tested["decision"] == "better"]
    if better.empty:
        parts += _helpful_controls(table, own)
    else:
        parts += _beside_controls(comparison, scorer, better.loc[better["difference"].idxmax()])
    return " ".join([*parts, *_failures(comparison.to_frame())])


def _rows_of(table, scorer):
    return table[table["scorer"] == scorer]


def _advice(tested, scorer, rope):
    groups = {name: tested[tested["decision"] == name] for name in ("better", "worse", "equal")}
    better, worse, equal = groups["better"], groups["worse"], groups["equal"]
    total = f"{len(tested)} comparison{'s' if len(tested) > 1 else ''}"
    if len(better):
        best = better.loc[better["difference"].idxmax()]
        text = (
            f"Augment: {scorer} rises beyond chance in {len(better)} of {total}, most with "
            f"{_cell(best)}: {_change(best)}."
        )
        if len(worse):
            low = worse.loc[worse["difference"].idxmin()]
            text += f" But not everywhere: it falls with {_cell(low)}: {_change(low)}."
        return text
    if len(worse):
        low = worse.loc[worse["difference"].idxmin()]
        return (
            f"Do not augment: {scorer} rises beyond chance in none of {total} and falls in "
            f"{len(worse)}, most with {_cell(low)}: {_change(low)}."
        )
    if len(equal) == len(tested):
        return (
            f"Do not augment: {scorer} stays within {rope:g} of what it was in all of {total}, "
            "which makes no difference in practice."
        )
    top = tested.loc[tested["difference"].idxmax()]
    return (
        f"Do not augment on this evidence: {scorer} rises beyond chance in none of {total}; the "
        f"largest change is with {_cell(top)}: {_change(top)}. More rows or more repeats could "
        "decide it."
    )


def _cell(row):
    """Name one row of the summary, without what all rows share."""
    size = "" if row["train_size"] == 1 else f", {row['n_train']:.0f} training rows"
    return f"{row['estimator']} + {row['augmenter']} (n_samples={row['n_samples']}{size})"


def _change(row):
    if math.isnan(row["low"]):
        return f"{row['difference']:+.3f}"
    return f"{row['difference']:+.3f} (95 % interval {row['low']:+.3f} to {row['high']:+.3f})"


def _helpful_controls(table, own):
    """Say where a control helps although nothing else does."""
    controls = table.drop(own.index)
    better = controls[controls["decision"] == "better"]
    if better.empty:
        return []
    best = better.loc[better["difference"].idxmax()]
    return [f"A control does help: {_cell(best)}: {_change(best)}."]


def _beside_controls(comparison, scorer, best):
    """Say whether the cheap controls reach the best row."""
    if best["augmenter"] in ("duplicates", "SMOTE"):
        return []
    told = []
    for control in ("duplicates", "SMOTE"):
        if control not in comparison.augmenters_:
            continue
        table = _rows_of(comparison.summary(against=control), scorer)
        keys = ["estimator", "augmenter", "n_samples", "train_size"]
        same = table[(table[keys] == best[keys]).all(axis=1)].iloc[0]
        name = "repeating real rows" if control == "duplicates" else control
        if same["n_folds"] < 2:
            continue  # `_failures` says why
        if same["low"] > 0:
            told.append(f"it beats {name}, {_change(same)}")
        elif same["high"] < 0:
            told.append(f"{name} does better still, by {-same['difference']:.3f}: use that")
        else:
            told.append(f"{name} cannot be told from it{_saving(table, keys, best, control)}")
    return [_sentence("; ".join(told) + ".")] if told else []


def _saving(table, keys, best, control):
    """Say what the control costs, if it is less."""
    cheap = {**best[keys].to_dict(), "augmenter": control}
    mine = table[(table[keys] == pd.Series(cheap)).all(axis=1)]["augment_seconds"].iloc[0]
    if mine >= best["augment_seconds"]:
        return ""
    return f" and takes {mine:.1g} s a fold instead of {best['augment_seconds']:.2g} s"


def _sentence(text):
    return text[0].upper() + text[1:] if text.startswith(("it ", "repeating")) else text


def _failures(frame):
    cells = ["estimator", "augmenter", "n_samples", "train_size", "fold"]
    runs = frame.assign(failed=frame["error"] != "").sort_values("failed", kind="stable")
    runs = runs.drop_duplicates(cells, keep="last")
    failed, told = runs[runs["failed"]], []
    if (
        "SMOTE" in failed["augmenter"].tolist()
        and runs.groupby("augmenter")["failed"].all()["SMOTE"]
    ):
        smote = failed["augmenter"] == "SMOTE"
        told = [f"SMOTE does not apply here: {failed[smote].sort_index()['error'].iloc[0]}"]
        failed = failed[~smote]
    if len(failed):
        names = ", ".join(failed["augmenter"].unique()[:3])
        first = failed.sort_index()["error"].iloc[0]
        told.append(f"{len(failed)} of {len(runs)} runs failed ({names}), the first with: {first}")
    return told

"""A comparison in words, from which it is clear what to do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from gan_augment.evaluation.controls import CONTROLS

#: What to do, for programs.
Advice = Literal["augment", "use a control", "do not augment", "nothing compared"]

#: Decisions about a row that could be compared.
DECIDED = ("better", "worse", "equal", "undecided")

#: Fewer rows than these leave too little in a fold to conclude that nothing changes.
FEW_ROWS = 50


@dataclass(frozen=True)
class Verdict:
    """The answer of a comparison.

    Parameters
    ----------
    advice : {"augment", "use a control", "do not augment", "nothing compared"}
        "use a control" where a control does better than the best augmenter.
    answer : str
        The same in one sentence, with the figures behind it.
    details : str
        What else is to be known of it, in sentences.
    """

    advice: Advice
    answer: str
    details: str = ""


def verdict_of(comparison: Any) -> Verdict:
    """Return the answer of an `AugmentationComparison`, about its first scorer."""
    scorer, rope = comparison.scorers_[0], comparison.rope_of(comparison.scorers_[0])
    everything = _rows_of(comparison.summary(), scorer)
    table = everything[everything["augmenter"] != "none"]
    own = table[~table["augmenter"].isin(list(CONTROLS))]
    own = table if own.empty else own
    tested = own[own["decision"].isin(DECIDED)]
    better = tested[tested["decision"] == "better"]
    corrected = int(table["p_holm"].notna().sum())
    advice: Advice
    if tested.empty:
        base = everything[everything["augmenter"] == "none"]
        advice, parts = "nothing compared", [_nothing(own, base, scorer)]
    elif better.empty:
        advice, parts = "do not augment", _advice_against(tested, scorer, rope, corrected)
    else:
        advice, parts = _advice_for(comparison, tested, better, scorer, rope, corrected)
    if better.empty:
        parts += _helpful_controls(table, own)
    rows = comparison.settings.get("n_rows", FEW_ROWS)
    if rows < FEW_ROWS:
        parts.append(f"So few rows ({rows}) can say little either way.")
    parts += _left_out(comparison.to_frame(), scorer)
    return Verdict(advice, parts[0], " ".join(parts[1:]))


def _rows_of(table, scorer):
    return table[table["scorer"] == scorer]


def _nothing(own, base, scorer):
    """Say why no augmenter was compared."""
    if (base["decision"] == "failed").all():
        why = f"every fit without added rows failed ({base['error'].iloc[0]})"
    elif (own["decision"] == "failed").all():
        names = ", ".join(own["augmenter"].unique()[:3])
        why = f"every fit with {names} failed ({own['error'].iloc[0]})"
    elif own["n_undefined"].max() > 0:
        why = f"{scorer} is undefined (NaN) in all folds but one or in all"
    else:
        why = "it takes two folds with a score each to tell a change from chance"
    return f"Nothing could be compared: {why}."


def _advice_for(comparison, tested, better, scorer, rope, corrected):
    best = better.loc[better["difference"].idxmax()]
    beaten_by, beside = _beside_controls(comparison, scorer, best)
    if beaten_by is not None:
        control, gap = beaten_by
        advice = "use a control"
        parts = [
            f"Augment, but by {CONTROLS[control]}: {scorer} is higher so than with "
            f"{_cell(best)}, by {-gap['difference']:.3f} (95 % interval {-gap['high']:.3f} to "
            f"{-gap['low']:.3f}).",
            f"Beside no added rows the latter changes it by {_change(best)}.",
        ]
    else:
        advice = "augment"
        parts = [
            f"Augment: {_rises(scorer, rope)} in {len(better)} of {_total(tested, corrected)}, "
            f"most with {_cell(best)}: {_change(best)}."
        ]
    worse = tested[tested["decision"] == "worse"]
    if len(worse):
        low = worse.loc[worse["difference"].idxmin()]
        parts.append(f"But not everywhere: it falls with {_cell(low)}: {_change(low)}.")
    return advice, parts + beside


def _advice_against(tested, scorer, rope, corrected):
    worse, equal = (tested[tested["decision"] == name] for name in ("worse", "equal"))
    total = _total(tested, corrected)
    if len(worse):
        low = worse.loc[worse["difference"].idxmin()]
        return [
            f"Do not augment: {_rises(scorer, rope)} in 0 of {total} and falls so in "
            f"{len(worse)}, most with {_cell(low)}: {_change(low)}."
        ]
    if len(equal) == len(tested):
        return [
            f"Do not augment: {scorer} stays within {rope:g} of what it was in all of "
            f"{_counted(tested)}, which makes no difference in practice."
        ]
    top, low = (tested.loc[at] for at in (tested["difference"].idxmax(), tested["high"].idxmin()))
    fall = f", the largest fall with {_cell(low)}: {_change(low)}" if low["high"] < 0 else ""
    return [
        f"Do not augment on this evidence: {_rises(scorer, rope)} in 0 of {total}; the best "
        f"change is with {_cell(top)}: {_change(top)}{fall}.",
        "More rows or more repeats could decide it.",
    ]


def _rises(scorer, rope):
    return f"{scorer} rises beyond chance and by more than {rope:g}"


def _counted(tested):
    return f"{len(tested)} comparison{'s' if len(tested) > 1 else ''}"


def _total(tested, corrected):
    """Say of how many comparisons, and for how many the p-values are corrected."""
    if corrected <= len(tested):
        return _counted(tested)
    return f"{_counted(tested)} (corrected for all {corrected} of the table, controls included)"


def _cell(row):
    """Name one row of the summary, without what all rows share."""
    size = "" if row["train_size"] == 1 else f", {row['n_train']:.0f} training rows"
    return f"{row['estimator']} + {row['augmenter']} (n_samples={row['n_samples']}{size})"


def _change(row):
    if math.isnan(row["low"]):
        return _signed(row["difference"])
    ends = f"{_signed(row['low'])} to {_signed(row['high'])}"
    return f"{_signed(row['difference'])} (95 % interval {ends})"


def _signed(value):
    text = f"{value:+.3f}"
    return text if float(text) else "0.000"  # -0.000 is no fall


def _helpful_controls(table, own):
    """Say where a control helps although nothing else does."""
    controls = table.drop(own.index)
    better = controls[controls["decision"] == "better"]
    if better.empty:
        return []
    best = better.loc[better["difference"].idxmax()]
    return [f"A control does help: {_cell(best)}: {_change(best)}."]


def _beside_controls(comparison, scorer, best):
    """Return the control that beats the best row, if any, and how the row stands to the others."""
    if best["augmenter"] in CONTROLS:
        return None, []
    beaten_by, told = [], []
    for control, name in CONTROLS.items():
        if control not in comparison.augmenters_:
            continue
        table = _rows_of(comparison.summary(against=control), scorer)
        keys = ["estimator", "augmenter", "n_samples", "train_size"]
        same = table[(table[keys] == best[keys]).all(axis=1)].iloc[0]
        if same["n_folds"] < 2:
            continue  # `_left_out` tells the reason
        if same["high"] < 0:
            beaten_by.append((control, same))
        elif same["low"] > 0:
            told.append(f"it beats {name}, {_change(same)}")
        else:
            told.append(f"{name} cannot be told from it{_saving(table, keys, best, control)}")
    text = "; ".join(told) + "."
    worst = min(beaten_by, key=lambda pair: pair[1]["difference"], default=None)
    return worst, [text[0].upper() + text[1:]] if told else []


def _saving(table, keys, best, control):
    """Say what the control costs, if it is less."""
    cheap = {**best[keys].to_dict(), "augmenter": control}
    same = table[(table[keys] == pd.Series(cheap)).all(axis=1)]
    mine = 0.0 if same.empty else same["augment_seconds"].iloc[0]  # no rows, no time
    if not mine < best["augment_seconds"]:
        return ""
    return f" and takes {mine:.1g} s a fold instead of {best['augment_seconds']:.2g} s"


def _left_out(frame, scorer):
    """Say what has no score: a control that does not apply, failures, undefined scores."""
    told = []
    runs = frame.sort_values("error", key=lambda texts: texts != "", kind="stable")
    cells = ["estimator", "augmenter", "n_samples", "train_size", "fold"]
    runs = runs.drop_duplicates(cells, keep="last").sort_index()
    unfit, failed = (runs[runs["reason"] == reason] for reason in ("does not apply", "failed"))
    for name, refused in unfit.groupby("augmenter", sort=False):
        n = (runs["augmenter"] == name).sum()
        often = "" if len(refused) == n else f" in {len(refused)} of {n} runs"
        told.append(f"{name} does not apply here{often}: {refused['error'].iloc[0]}")
    if len(failed):
        names, first = ", ".join(failed["augmenter"].unique()[:3]), failed["error"].iloc[0]
        told.append(f"{len(failed)} of {len(runs)} runs failed ({names}), the first with: {first}")
    scored = _rows_of(frame, scorer)
    undefined = int((scored["reason"] == "undefined").sum())
    if undefined:
        told.append(
            f"{scorer} is undefined (NaN) in {undefined} of {len(scored)} runs, which are left "
            "out."
        )
    return told

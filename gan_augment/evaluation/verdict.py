"""A comparison in words, from which it is clear what to do.

Rows are worth adding where they gain something that is not to be had for nothing: beyond chance
and beyond the best control, in one of the scores the verdict stands on and at no cost in the
others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from gan_augment.evaluation.ranking import Gain, best_control, gain, ways
from gan_augment.selection.controls import CONTROLS
from gan_augment.selection.statistics import holm

#: What to do, for programs.
Advice = Literal["augment", "use a control", "do not augment", "nothing compared"]

#: Decisions about a row that could be compared.
DECIDED = ("better", "worse", "equal", "undecided")

#: Fewer rows than these leave too little in a fold to conclude that nothing changes.
FEW_ROWS = 50

#: Where a gain is no more probable than this, there is none to speak of.
UNLIKELY = 0.05


@dataclass(frozen=True)
class Verdict:
    """The answer of a comparison.

    Parameters
    ----------
    advice : {"augment", "use a control", "do not augment", "nothing compared"}
        "use a control" where a control does as well as the best augmenter, or better.
    answer : str
        The same in one sentence, with the figures behind it.
    details : str
        What else is to be known of it, in sentences.
    """

    advice: Advice
    answer: str
    details: str = ""


@dataclass(frozen=True, eq=False)
class _Case:
    """One way with one learner: its gains over none, and over the best control beside it."""

    row: pd.Series
    over_none: dict[str, Gain]
    control: str | None
    of_control: dict[str, Gain]
    over_control: dict[str, Gain]

    @property
    def size(self) -> float:
        """The gain over none, in units of what makes no difference."""
        return sum(g.in_ropes for g in self.over_none.values())


def verdict_of(comparison: Any) -> Verdict:
    """Return the answer of an `AugmentationComparison`, about its primary scorers."""
    frame = comparison.to_frame()
    scorers = {name: comparison.rope_of(name) for name in comparison.primary_}
    cases = _cases(frame, scorers)
    advice: Advice
    if not cases:
        advice, parts = "nothing compared", [_nothing(comparison, next(iter(scorers)))]
    else:
        advice, parts = _answer(cases, comparison)
        parts += _how(advice, cases, comparison.settings.get("labeled", ()))
    rows = comparison.settings.get("n_rows", FEW_ROWS)
    if rows < FEW_ROWS:
        parts.append(f"So few rows ({rows}) can say little either way.")
    parts += _scores_left_out(comparison.settings.get("left_out_scores", {}))
    parts += _left_out(frame, next(iter(scorers)))
    return Verdict(advice, parts[0], " ".join(parts[1:]))


def _cases(frame, scorers):
    """Every way that could be compared, with every learner; controls where nothing else was."""
    frame = frame[frame["scorer"].isin(list(scorers))]
    asked = [n for n in frame["augmenter"].unique() if n != "none" and n not in CONTROLS]
    cases = []
    for _, block in frame.groupby(["estimator", "train_size"], sort=False):
        found = ways(block)
        none = block[block["augmenter"] == "none"]
        controls = {key: rows for key, rows in found.items() if key[0] in CONTROLS}
        best = best_control(none, controls, scorers) if asked else None
        for (name, _), rows in found.items():
            if name == "none" or (asked and name not in asked):
                continue
            over_none = _gains(rows, none, scorers)
            if any(g.n < 2 for g in over_none.values()):
                continue
            if best is None:
                cases.append(_Case(rows.iloc[0], over_none, None, {}, {}))
                continue
            over = _gains(rows, controls[best[0]], scorers)
            cases.append(_Case(rows.iloc[0], over_none, best[0][0], best[1], over))
    return cases


def _gains(rows, others, scorers):
    return {scorer: gain(rows, others, scorer, rope) for scorer, rope in scorers.items()}


def _wins(gains):
    """Which of many gains are beyond chance for all that was looked at, and cost nothing.

    One is won by a scorer that rises by more than its rope, where none falls by more than that.
    """
    p_values = holm([g.p_value for case in gains for g in case.values()])
    won, at = [], 0
    for case in gains:
        beyond = [
            g.mean > g.rope and p_values[at + i] <= 0.05 for i, g in enumerate(case.values())
        ]
        at += len(case)
        won.append(any(beyond) and all(g.mean >= -g.rope for g in case.values()))
    return won


def _answer(cases, comparison):
    beats_none = _wins([c.over_none for c in cases])
    beats_best = _wins([c.over_control or c.over_none for c in cases])
    beats_all = [
        both and c.row["augmenter"] not in CONTROLS
        for c, both in zip(cases, map(all, zip(beats_none, beats_best, strict=True)), strict=True)
    ]
    if any(beats_all):
        return "augment", _for(cases, beats_all)
    helpful = [c for c, won in zip(cases, beats_none, strict=True) if won]
    if helpful:
        return "use a control", _control_instead(max(helpful, key=lambda c: c.size))
    controlled = _helped_by_control(cases)
    if controlled is not None:
        return "use a control", _control_alone(controlled)
    return "do not augment", _against(cases, comparison)


def _for(cases, won):
    better = [c for c, beats in zip(cases, won, strict=True) if beats]
    best = max(better, key=lambda c: c.size)
    beside = best.over_control or best.over_none
    over = f" beyond {CONTROLS[best.control].words}, the best control" if best.control else ""
    first = max(beside.values(), key=lambda g: g.in_ropes)
    parts = [
        f"Augment with {best.row['augmenter']}: {_moves(first)}{over}, with "
        f"{_cell(best.row)}, {_percent(first.sure)} sure that it is more than {first.rope:g}."
    ]
    parts.append(f"Beside no change at all: {_all(best.over_none)}.")
    parts.append(f"So it is in {len(better)} of {_counted(cases)}.")
    return parts + _falls(cases, "But not everywhere")


def _how(advice, cases, labeled):
    """Say who adds rows with soft labels, where these are what helps."""
    if advice != "augment" or not any(c.row["augmenter"] in labeled for c in cases):
        return []
    return [
        f"AugmentedClassifier and AugmentedRegressor add {' and '.join(labeled)} themselves; rows "
        "that are added to a file keep the labels they were made with."
    ]


def _control_instead(best):
    """A control does as well as rows that help, or better; without others, the control itself."""
    name = best.control or str(best.row["augmenter"])
    control = CONTROLS[name]
    if best.control is None:
        return [
            f"{_helps(control)}: {control.remedy}.",
            f"With {best.row['estimator']} and {control.words} {_all(best.over_none)}.",
        ]
    return [
        f"{control.subject} {_beside(best)}: {control.remedy}.",
        f"With {_cell(best.row)} {_all(best.over_none)} beside no change; with "
        f"{control.words} {_all(best.of_control)}; the first against the second: "
        f"{_all(best.over_control)}.",
    ]


def _beside(case):
    """Say how a control stands beside rows that help, and no more than was shown."""
    gains, other = case.over_control.values(), case.row["augmenter"]
    control = CONTROLS[case.control]
    do, are = control.does, "are" if control.is_plural else "is"
    ahead, behind = any(g.high < 0 for g in gains), any(g.low > 0 for g in gains)
    if ahead and behind:
        return f"{are} ahead of {other} in one score and behind in another"
    if ahead:
        return f"{do} better than {other}"
    if all(g.sure <= UNLIKELY for g in gains):
        return f"{do} as well as {other}"
    return f"{do} as well as {other}, as far as these folds can tell"


def _helped_by_control(cases):
    """The case whose control gains beyond chance although nothing else does, if there is one."""
    controlled = [c for c in cases if c.control is not None]
    won = _wins([c.of_control for c in controlled])
    helped = [c for c, beats in zip(controlled, won, strict=True) if beats]
    sizes = [sum(g.in_ropes for g in c.of_control.values()) for c in helped]
    return helped[int(np.argmax(sizes))] if helped else None


def _control_alone(case):
    control = CONTROLS[case.control]
    return [
        f"{_helps(control)}, {case.row['augmenter']} does not: {control.remedy}.",
        f"With {case.row['estimator']} and {control.words} {_all(case.of_control)}; with "
        f"{_cell(case.row)} {_all(case.over_none)}.",
    ]


def _against(cases, comparison):
    gains = [g for c in cases for g in c.over_none.values()]
    best = max(cases, key=lambda c: c.size)
    falls = _falls(cases, "The largest fall")
    settings = comparison.settings.get("n_rows", FEW_ROWS)
    summary = comparison.summary(detail=True)
    mine = summary["scorer"].isin(comparison.primary_)
    names = {c.row["augmenter"] for c in cases}
    decided = summary[mine & summary["augmenter"].isin(names)]["decision"]
    if settings >= FEW_ROWS and (decided == "equal").all():
        stay = " and ".join(
            f"{_plain(g.scorer)} stays within {g.rope:g}" for g in best.over_none.values()
        )
        return [
            f"Do not augment: {stay} of what it was in all of {_counted(cases)}, which makes no "
            "difference in practice; each is more than 95 % sure."
        ]
    if (decided == "worse").any() and not any(g.mean > g.rope for g in gains):
        low = min(gains, key=lambda g: g.in_ropes)
        worst = next(c for c in cases if low in c.over_none.values())
        return [
            f"Do not augment: {_moves(low)} with {_cell(worst.row)}, and the likeliest gain of "
            f"{_counted(cases)} is {_percent(max(g.sure for g in gains))} sure; 95 % are needed."
        ]
    return [*_unsure(cases), *falls, "More rows or more repeats could decide it."]


def _unsure(cases):
    """Say how sure the likeliest gain is, what was needed, and what gains more for nothing."""
    pairs = [(g, c) for c in cases for g in c.over_none.values()]
    top, case = max(pairs, key=lambda pair: pair[0].sure)
    if top.mean > 0:
        what = f"the best change, {_moves(top)} with {_cell(case.row)}, is"
    else:
        likeliest = f"{_plain(top.scorer)} with {_cell(case.row)}"
        what = f"nothing gains in the mean; the likeliest gain, in {likeliest}, is"
    said = [
        f"Do not augment on this evidence: {what} {_percent(top.sure)} sure to be more than "
        f"{top.rope:g}; 95 % are needed, corrected for all that was compared."
    ]
    free = case.of_control.get(top.scorer)
    if free is not None and free.mean > max(top.mean, 0.0):
        said.append(f"With {CONTROLS[case.control].words}, for nothing, {_moves(free)} there.")
    return said


def _falls(cases, words):
    """Say where a score falls by more than what makes no difference, beyond its interval."""
    gains = [(g, c) for c in cases for g in c.over_none.values()]
    fallen = [(g, c) for g, c in gains if g.high < 0 and g.mean < -g.rope]
    if not fallen:
        return []
    low, case = min(fallen, key=lambda pair: pair[0].in_ropes)
    return [f"{words}: {_moves(low)} with {_cell(case.row)}."]


def _plain(scorer):
    words = scorer.removeprefix("neg_").replace("_", " ")
    return words.replace("roc auc", "ROC AUC")


def _moves(g):
    """Say what a score does, in its own direction: a loss falls where it gets better."""
    sign = -1 if g.scorer.startswith("neg_") else 1
    low, high = sorted((sign * g.low, sign * g.high))
    if not float(f"{g.mean:.3f}"):
        return f"{_plain(g.scorer)} does not change (95 % interval {low:+.3f} to {high:+.3f})"
    word = "rises" if sign * g.mean > 0 else "falls"
    return (
        f"{_plain(g.scorer)} {word} by {abs(g.mean):.3f} (95 % interval {low:+.3f} to {high:+.3f})"
    )


def _percent(share):
    if share < 0.01:
        return "less than 1 %"
    return "more than 99 %" if share > 0.99 else f"{share:.0%}".replace("%", " %")


def _all(gains):
    return " and ".join(_moves(g) for g in gains.values())


def _helps(control):
    return f"{control.subject} help{'' if control.is_plural else 's'} beyond chance"


def _upper_first(words):
    return words[:1].upper() + words[1:]


def _counted(cases):
    return f"{len(cases)} comparison{'s' if len(cases) > 1 else ''}"


def _cell(row):
    """Name one way with one learner, without what all rows share."""
    size = "" if row["train_size"] == 1 else f", {row['n_train']:.0f} training rows"
    return f"{row['estimator']} + {row['augmenter']} (n_samples={row['n_samples']}{size})"


def _nothing(comparison, scorer):
    """Say why no augmenter was compared."""
    table = comparison.summary(detail=True)
    table = table[table["scorer"] == scorer]
    base, rest = table[table["augmenter"] == "none"], table[table["augmenter"] != "none"]
    own = rest[~rest["augmenter"].isin(list(CONTROLS))]
    own = rest if own.empty else own
    if base["n_undefined"].sum() > 0 and base["n_folds"].max() < 2:
        frame = comparison.frame
        runs = ((frame["augmenter"] == "none") & (frame["scorer"] == scorer)).sum()
        why = (
            f"{_plain(scorer)} is undefined in {base['n_undefined'].sum()} of {runs} runs without "
            "added rows, as where all test rows are of one class; two runs with a score are needed"
        )
    elif (base["decision"] == "failed").all():
        why = f"every fit without added rows failed ({base['error'].iloc[0]})"
    elif (own["decision"] == "failed").all():
        names = ", ".join(own["augmenter"].unique()[:3])
        why = f"every fit with {names} failed ({own['error'].iloc[0]})"
    elif own["n_undefined"].max() > 0:
        why = f"{scorer} is undefined (NaN) in all folds but one or in all"
    else:
        why = "it takes two folds with a score each to tell a change from chance"
    return f"Nothing could be compared: {why}."


def _scores_left_out(estimators):
    """Say which scores of the default are not there, and whose fault it is."""
    methods = {"roc_auc": "neither predict_proba nor decision_function"}
    return [
        f"{_upper_first(_plain(scorer))} is left out, as {name} has "
        f"{methods.get(scorer, 'no predict_proba')}."
        for scorer, name in estimators.items()
    ]


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
        told.append(f"{name} does not apply here{often}: {_sentence(refused['error'].iloc[0])}")
    if len(failed):
        names, first = ", ".join(failed["augmenter"].unique()[:3]), failed["error"].iloc[0]
        share = f"{len(failed)} of {len(runs)}"
        told.append(f"{share} runs failed ({names}), the first with: {_sentence(first)}")
    scored = frame[frame["scorer"] == scorer]
    undefined = int((scored["reason"] == "undefined").sum())
    if undefined:
        told.append(
            f"{scorer} is undefined (NaN) in {undefined} of {len(scored)} runs, which are left "
            "out."
        )
    return told


def _sentence(text):
    """An error's text with a full stop behind it."""
    return text.rstrip(".") + "."

"""From scores on inner folds to one candidate, and to words that say why.

Rows are added only where a way of adding them beats all that costs nothing: the real rows alone,
and the best of the free controls. *Beats* means better in one of the scores beyond chance and
lower in none of them. Only the folds count: their variance allows for folds that share rows
(Nadeau & Bengio 2003), the probability of a gain for the number of scores that were looked at.

Rows with the soft labels of a labeler helped nearly every table they were measured on
(``docs/research.md``), more than a few folds of few rows can show. So they are added unless the
folds speak against them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from gan_augment.containers.plain import as_columns, from_columns
from gan_augment.selection.candidates import Candidate
from gan_augment.selection.controls import CONTROLS
from gan_augment.selection.statistics import (
    CorrectedInterval,
    corrected_interval,
    rope_probabilities,
)

#: Least probability of a gain for which rows are added.
SURE = 0.95
#: Soft labels are refused where the probability of a gain in a score is below this one.
UNLIKELY = 0.2
#: And where it is above this one in no score.
EVEN = 0.5


@dataclass(frozen=True, eq=False)
class Decision:
    """The candidate chosen, and why.

    Parameters
    ----------
    chosen : int
        Its place among the candidates; 0 adds nothing.
    text : str
        One or two sentences.
    table : DataFrame
        A row for each score and candidate: what it is, whether it is a control, its mean score,
        its ``difference`` to none with the 95 % interval ``low`` to ``high``, the probability
        ``p_gain`` that it is better than none in this score, the folds it was tried in, the
        seconds a fold took with its generator, and the first error.
    """

    chosen: int
    text: str
    table: pd.DataFrame = field(repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "table": as_columns(self.table)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, table=from_columns(state["table"]))


class Measured:
    """What candidates reached on the same folds, by each score that counts.

    Parameters
    ----------
    frame : DataFrame
        Cells of an experiment, whose candidates are places in the list.
    candidates : list of Candidate
        The first adds nothing.
    scorers : iterable of str, optional
        Names of the scores that count; default: all.

    Attributes
    ----------
    means : dict of str to DataFrame
        By score, the mean over estimators: folds down, candidates across.
    ratio : float
        Test rows of a fold for each training row.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        candidates: Sequence[Candidate],
        scorers: Iterable[str] | None = None,
    ) -> None:
        self.candidates = candidates
        self.ratio = float(frame["test_to_train"].mean())
        tables = {
            str(name): _fold_means(part) for name, part in frame.groupby("scorer", sort=False)
        }
        wanted = tables if scorers is None else list(scorers)
        self.means = {name: tables[name] for name in wanted if tables[name][0].notna().any()}

    def whole(self) -> list[int]:
        """Return the candidates with a score wherever none has one."""
        return [
            i
            for i in range(len(self.candidates))
            if self.means
            and all(_tried(table, i) == _tried(table, 0) for table in self.means.values())
        ]

    def gain(self, scorer: str, i: int, j: int = 0) -> CorrectedInterval:
        """Return what candidate `i` reached more than `j`."""
        return corrected_interval(self._differences(scorer, i, j), self.ratio)

    def p_gain(self, scorer: str, i: int, j: int = 0) -> float:
        """Return the probability that `i` is better than `j` in a score; half where they tie."""
        found = rope_probabilities(self._differences(scorer, i, j), self.ratio, rope=0.0)
        return found["better"] + found["equal"] / 2

    def _differences(self, scorer, i, j):
        table = self.means[scorer]
        return table[i] - table[j] if i in table and j in table else []

    def p_beats(self, i: int, j: int) -> float:
        """Return how sure it is that `i` is better than `j` in one score, being lower in none.

        For having looked at all scores, the doubt is counted once for each; 0 where `i` is lower.
        """
        if any(not self.gain(name, i, j).mean >= 0 for name in self.means):
            return 0.0
        doubts = [1 - self.p_gain(name, i, j) for name in self.means]
        doubt = len(doubts) * min((d for d in doubts if not math.isnan(d)), default=1.0)
        return max(1.0 - doubt, 0.0)

    def rivals(self, among: Iterable[int]) -> list[int]:
        """Return what a way has to beat: none, and in each score the best of the free controls.

        The committee is no such control: it takes the place of the user's estimator.
        """
        committee = [i for i in among if self.candidates[i].adjustment == "committee"]
        controls = [i for i in among if self.candidates[i].control and i not in committee]
        best = {
            max(controls, key=lambda i: table[i].mean())
            for table in self.means.values()
            if controls
        }
        return [0, *sorted(best)]

    def holds(self, way: int) -> bool:
        """Whether the folds do not speak against a way whose rows have soft labels.

        It gains in a score, and is likely to be worse in none.
        """
        chances = _chances(self, way)
        return all(chance >= UNLIKELY for chance in chances) and max(chances) > EVEN


def _fold_means(cells):
    """The mean over the estimators that have a score without added rows; one missing, none."""
    table = cells.pivot(index="fold", columns=["candidate", "estimator"], values="score")
    able = table.columns[table.notna().any()].intersection(table[[0]].columns).get_level_values(1)
    candidates = table.columns.unique(0)
    means = {i: table[i][able].mean(axis=1, skipna=False) for i in candidates}
    return pd.DataFrame(means)


def _tried(table, i):
    return int(table[i].notna().sum()) if i in table else 0


def decide(
    frame: pd.DataFrame, candidates: Sequence[Candidate], scorers: Iterable[str] | None = None
) -> Decision:
    """Choose the way of adding rows that is surest to beat none and the free controls, if one is.

    Rows with soft labels come first, where the folds do not speak against them.

    Parameters
    ----------
    frame : DataFrame
        Cells of an experiment, whose candidates are places in the list.
    candidates : list of Candidate
        The first adds nothing.
    scorers : iterable of str, optional
        Names of the scores that count; default: all.
    """
    measured = Measured(frame, candidates, scorers)
    table = _table(frame, candidates)
    whole = measured.whole()
    ways = [i for i in whole if i and not candidates[i].control]
    if not ways:
        return Decision(0, _nothing_measured(table), table)
    rivals = measured.rivals(whole)
    sure = {way: min(measured.p_beats(way, rival) for rival in rivals) for way in ways}
    first = next(iter(measured.means))
    soft = [way for way in labeled(candidates, ways) if measured.holds(way)]
    best = max(soft or ways, key=lambda way: (sure[way], measured.gain(first, way).mean))
    chosen = best if soft or sure[best] >= SURE else 0
    return Decision(chosen, _words(measured, best, rivals, bool(chosen)), table)


def labeled(candidates: Sequence[Candidate], among: Iterable[int]) -> list[int]:
    """Return the places of the candidates whose rows have soft labels."""
    return [i for i in among if candidates[i].labels == "labeler"]


def named(candidate: Candidate) -> str:
    """Return what a candidate is called: a control by its name, a way by what it adds."""
    if not candidate.control:
        return str(candidate)
    return str(candidate.adjustment or candidate.augmenter)


def _table(frame, candidates):
    measured = Measured(frame, candidates)
    cells = {i: frame[frame["candidate"] == i] for i in range(len(candidates))}
    errors = {i: part.loc[part["reason"] != "", "error"] for i, part in cells.items()}
    shared = [
        {
            "candidate": named(candidate),
            "is_control": candidate.control,
            "n_samples": candidate.n_samples,
            "class_balance": candidate.class_balance,
            "setting": candidate.setting,
            "synthetic_weight": candidate.synthetic_weight,
            "labels": candidate.labels,
            "n_folds": cells[i]["fold"].nunique(),
            "seconds": _seconds(cells[i]),
            "error": next((text for text in errors[i] if text), ""),
        }
        for i, candidate in enumerate(candidates)
    ]
    rows = [
        {"scorer": name, **shared[i], **_changes(measured, name, i)}
        for name in frame["scorer"].unique()
        for i in range(len(candidates))
    ]
    return pd.DataFrame(rows)


def _changes(measured, name, i):
    if name not in measured.means:
        return dict.fromkeys(("score", "difference", "low", "high", "p_gain"), math.nan)
    gain, scores = measured.gain(name, i), measured.means[name]
    return {
        "score": scores[i].mean() if i in scores else math.nan,
        "difference": gain.mean,
        "low": gain.low,
        "high": gain.high,
        "p_gain": measured.p_gain(name, i) if i else math.nan,
    }


def _seconds(cells):
    """Mean over folds: making the rows once, then fitting and scoring all estimators once."""
    once = cells.groupby(["fold", "estimator"])[["fit_seconds", "score_seconds"]].first()
    made, spent = cells.groupby("fold")["augment_seconds"].first(), once.groupby("fold").sum()
    return (made + spent.sum(axis=1)).mean()


def _nothing_measured(table):
    ways = table.loc[~table["is_control"], "error"]
    error = next((text for text in ways if text), "")
    reason = f" ({error})" if error else ""
    return f"Nothing is added: no way of adding rows could be measured{reason}."


def _words(measured, best, rivals, chosen):
    soft = labeled(measured.candidates, measured.whole())
    if best in soft and chosen:
        return _soft_words(measured, best, rivals)
    told = _own_words(measured, best, rivals, chosen)
    likeliest = max(soft, key=lambda way: min(_chances(measured, way)), default=None)
    return told + ("" if likeliest is None else _left_out_words(measured, likeliest))


def _own_words(measured, best, rivals, chosen):
    """Whether labels of their own have proved it; of soft labels only what they changed."""
    way, changes = named(measured.candidates[best]), _measured_words(measured, best)
    needed = f"{_percent(SURE)} needed"
    if _lower(measured, best, 0):
        needed = f"{_percent(SURE)} needed in one score, and no fall in any"
    closest = min(rivals, key=lambda rival: measured.p_beats(best, rival))
    if chosen:
        over = "" if closest == 0 else f" over {named(measured.candidates[closest])}"
        sure = measured.p_beats(best, closest)
        return (
            f"Rows are added, {way}: {changes}, a gain{over} with a "
            f"probability of {_percent(sure)} ({needed})."
        )
    over_none = measured.p_beats(best, 0)
    if over_none >= SURE:
        short = "" if _lower(measured, best, closest) else f"; {needed}"
        return (
            f"Nothing is added. {_free(measured, closest)}; {_measured_words(measured, closest)}. "
            f"The best way of adding rows was {way}: {changes}, "
            f"{_doubt(measured, best, closest)}{short}."
        )
    free = [i for i in rivals if i and measured.p_beats(i, 0) >= SURE]
    helps = "".join(f" {_free(measured, i, 'better')}." for i in free)
    short = f", {_doubt(measured, best, 0)}; {needed}"
    short = "" if best in labeled(measured.candidates, [best]) else short
    return f"Nothing is added. The best way was {way}: {changes}{short}.{helps}"


def _soft_words(measured, best, rivals):
    """The rule for soft labels, which need no proof, and how the folds stand to it."""
    return (
        f"Rows are added, {named(measured.candidates[best])}: {_measured_words(measured, best)}. "
        "Soft labels are taken, as the folds do not speak against them: "
        f"{_chances_words(measured, best)}. They would be left out below {_percent(UNLIKELY)} in "
        f"a score, or without {_percent(EVEN)} in any."
        + _better_control(measured, best, rivals)
        + _committee_words(measured, best)
    )


def _left_out_words(measured, way):
    return (
        f" Soft labels are left out, as the folds speak against them: "
        f"{_chances_words(measured, way)}; {_percent(UNLIKELY)} are needed in each score, and "
        f"more than {_percent(EVEN)} in one."
    )


def _chances(measured, way):
    """How sure a gain is, by score; not at all where a single fold says nothing of chance."""
    chances = [measured.p_gain(name, way) for name in measured.means]
    return [0.0 if math.isnan(chance) else chance for chance in chances]


def _chances_words(measured, way):
    chances = zip(map(_percent, _chances(measured, way)), measured.means, strict=True)
    return "a gain is " + " and ".join(f"{chance} sure in {name}" for chance, name in chances)


def _better_control(measured, best, rivals):
    """What costs nothing and was better in these folds, in all scores."""
    better = [
        i
        for i in rivals
        if i and all(measured.gain(name, i, best).mean > 0 for name in measured.means)
    ]
    return "".join(f" {_free(measured, i, 'better still in these folds')}." for i in better)


def _committee_words(measured, best):
    """What the labeler itself would have reached in the place of the estimator."""
    places = [i for i, c in enumerate(measured.candidates) if c.adjustment == "committee"]
    gains = {name: measured.gain(name, i, best).mean for i in places for name in measured.means}
    if not gains or not all(gain > 0 for gain in gains.values()):
        return ""
    more = " and ".join(f"{name} by {_signed(gain)}" for name, gain in gains.items())
    return f" The labeler itself, in place of the estimator, was better still: {more}."


def _free(measured, i, how="as well"):
    """What to do in place of adding rows."""
    control = CONTROLS[named(measured.candidates[i])]
    return f"{control.subject} {control.does} {how} for nothing: {control.remedy}"


def _measured_words(measured, i):
    """What changed from none to a candidate: on how many folds, and each score by how much."""
    gains = {name: measured.gain(name, i) for name in measured.means}
    changes = [
        f"{name} changed by {_signed(gain.mean)} "
        f"(95 % interval {_signed(gain.low)} to {_signed(gain.high)})"
        for name, gain in gains.items()
    ]
    return f"on {next(iter(gains.values())).n} inner folds {' and '.join(changes)}"


def _lower(measured, i, j):
    """The scores in which one candidate is lower than another."""
    return [name for name in measured.means if measured.gain(name, i, j).mean < 0]


def _doubt(measured, i, j):
    """How sure it is that one candidate is better than another, or where it is worse."""
    lower = _lower(measured, i, j)
    if lower:
        other = named(measured.candidates[j])
        return f"which is lower than {other} in {' and '.join(lower)}"
    other = named(measured.candidates[j])
    return f"{_percent(measured.p_beats(i, j))} sure to be better than {other}"


def _percent(probability):
    """What is below the threshold must not look like it, and nothing is quite sure."""
    return f"{min(math.floor(100 * probability + 1e-9), 99)} %"


def _signed(change):
    return f"{round(change, 9) + 0.0:+.3g}"  # no rounding noise in place of 0

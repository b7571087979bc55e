"""From scores on inner folds to one candidate, and to words that say why.

The folds of a small table cannot tell a gain of a few points from chance. They are not all that
is known: on other tables of this size, adding rows in the default way closed so much of the gap
to a perfect score, give or take so much (`expected_gain`; measured in ``docs/research.md``). The
folds correct this expectation, the more the surer they are: a normal prior, and a normal
likelihood whose variance allows for folds that share rows (Nadeau & Bengio 2003). Without an
expectation only the folds count, and rows are added only where these rule out chance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import ndtr

from gan_augment.selection.candidates import Candidate
from gan_augment.selection.statistics import corrected_interval

#: Least probability of a gain for which rows are added: with an expectation, and from folds alone.
SURE_EXPECTING, SURE_ALONE = 0.65, 0.95
#: By training rows: mean and spread of the share of the gap that the default way closes, and the
#: spread of what other ways gain over it. Few rows cannot tell one way from another. The
#: log has .22, .22, .09, .094 and .014 (docs/research.md, "The closed loop"); why some of these
#: differ is not on record.
EXPECTED = {
    20: (0.20, 0.15, 0.02),
    50: (0.17, 0.15, 0.02),
    100: (0.09, 0.10, 0.02),
    200: (0.07, 0.12, 0.05),
    500: (0.03, 0.06, 0.05),
    5000: (0.0, 0.05, 0.05),
}
#: What another way gains over the default one, as a share of the gap.
OTHERS_MEAN = -0.03


def expected_gain(n_rows: int) -> tuple[float, float, float]:
    """Return what added rows did on other tables, in shares of the gap to a perfect score.

    These are mean and spread of what the default way closed, and the spread of what other ways
    gained over it.

    Examples
    --------
    >>> expected_gain(50)[0] > expected_gain(500)[0] > expected_gain(50_000)[0]
    True
    """
    sizes, at = np.log(list(EXPECTED)), math.log(max(n_rows, 1))
    mean, spread, others = (
        float(np.interp(at, sizes, figures)) for figures in zip(*EXPECTED.values(), strict=True)
    )
    return mean, spread, others


@dataclass(frozen=True)
class Belief:
    """A normal distribution over a difference of scores.

    Parameters
    ----------
    mean, spread : float
    """

    mean: float
    spread: float

    def given(self, mean: float, scale: float) -> Belief:
        """Return the belief after a measurement of `mean` with the standard error `scale`."""
        if math.isnan(scale):
            return self
        if math.isinf(self.spread):
            return Belief(mean, scale)
        trust = self.spread**2 / (self.spread**2 + scale**2) if self.spread else 0.0
        return Belief(
            self.mean + trust * (mean - self.mean), self.spread * math.sqrt(max(1 - trust, 0.0))
        )

    def plus(self, other: Belief) -> Belief:
        """Return the belief about the sum of two independent differences."""
        return Belief(self.mean + other.mean, math.hypot(self.spread, other.spread))

    @property
    def p_positive(self) -> float:
        """Probability that the difference is above 0."""
        if not self.spread or math.isinf(self.spread):
            return float(self.mean > 0)
        return float(ndtr(self.mean / self.spread))


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
        A row for each candidate: what it is, its mean score, its ``difference`` to none with the
        95 % interval ``low`` to ``high``, the ``expected`` gain in the light of the expectation,
        ``p_helps``, the folds it was tried in, the seconds a fold took with its generator, and
        the first error.
    """

    chosen: int
    text: str
    table: pd.DataFrame = field(repr=False)


def fold_means(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the mean score over estimators: folds down, candidates across."""
    return frame.groupby(["fold", "candidate"])["score"].mean().unstack("candidate")


def decide(
    frame: pd.DataFrame,
    candidates: Sequence[Candidate],
    n_rows: int,
    best_score: float | None = None,
) -> Decision:
    """Choose a candidate: the least amount of the best way, where it is likely to help at all.

    Parameters
    ----------
    frame : DataFrame
        Cells of an experiment, whose candidates are places in the list.
    candidates : list of Candidate
        The first adds nothing, the second is the default way.
    n_rows : int
        Training rows of the whole table.
    best_score : float, optional
        A perfect score; with it, what to expect of other tables counts. None leaves the folds
        alone.

    Returns
    -------
    Decision
    """
    means, ratio = fold_means(frame), float(frame["test_to_train"].mean())
    gap = None if best_score is None else best_score - float(means[0].mean())
    expecting = gap is not None and math.isfinite(gap) and gap > 0
    beliefs = _beliefs(means, ratio, candidates, n_rows, gap if expecting else None)
    table = _table(frame, means, ratio, candidates, beliefs)
    chosen = _best(beliefs, means, candidates, SURE_EXPECTING if expecting else SURE_ALONE)
    return Decision(chosen, _words(chosen, table, candidates, expecting, n_rows), table)


def _beliefs(means, ratio, candidates, n_rows, gap):
    """What to believe of each candidate's gain over none; None where nothing was measured."""
    flat = Belief(0.0, math.inf)
    found = [Belief(0.0, 0.0)] + [None] * (len(candidates) - 1)
    usual = flat
    if gap is not None:
        mean, spread, others = (gap * share for share in expected_gain(n_rows))
        usual = Belief(mean, spread)
    for i in range(1, len(candidates)):
        if i not in means or means[i].isna().all():
            continue
        gain = corrected_interval(means[i] - means[0], ratio)
        if gap is None:
            found[i] = flat.given(gain.mean, gain.scale) if gain.n > 1 else None
        elif i == 1:
            found[i] = usual.given(gain.mean, _floored(gain.scale, gap))
        elif found[1] is None:
            found[i] = Belief(0.0, usual.spread).given(gain.mean, _floored(gain.scale, gap))
        else:
            more = corrected_interval(means[i] - means[1], ratio)
            other = Belief(OTHERS_MEAN * gap, others)
            found[i] = found[1].plus(other.given(more.mean, _floored(more.scale, gap)))
    return found


def _floored(scale, gap):
    """No handful of folds is surer than a hundredth of the gap, however alike they are."""
    return max(scale, 0.01 * gap)


def _best(beliefs, means, candidates, sure):
    """The likeliest winner; 0 where none is likely to help."""
    tried = means.notna().sum()
    whole = [
        i for i in range(1, len(candidates))
        if beliefs[i] is not None and tried.get(i, 0) == tried.get(0, 0)
    ]  # fmt: skip
    if not whole:
        return 0
    best = max(whole, key=lambda i: beliefs[i].mean)
    if beliefs[best].mean <= 0 or beliefs[best].p_positive < sure:
        return 0
    return best


def _table(frame, means, ratio, candidates, beliefs):
    rows = []
    for i, candidate in enumerate(candidates):
        cells = frame[frame["candidate"] == i]
        nothing = pd.Series(dtype=float)
        gain = corrected_interval(means[i] - means[0] if i in means else nothing, ratio)
        failed = cells.loc[cells["reason"] == "failed", "error"]
        belief = beliefs[i]
        rows.append(
            {
                "candidate": str(candidate),
                "n_samples": candidate.n_samples,
                "class_balance": candidate.class_balance,
                "setting": candidate.setting,
                "synthetic_weight": candidate.synthetic_weight,
                "score": means[i].mean() if i in means else math.nan,
                "difference": gain.mean,
                "low": gain.low,
                "high": gain.high,
                "expected": math.nan if belief is None else belief.mean,
                "p_helps": math.nan if belief is None or i == 0 else belief.p_positive,
                "n_folds": cells["fold"].nunique(),
                "seconds": _seconds(cells),
                "error": failed.iloc[0] if len(failed) else "",
            }
        )
    return pd.DataFrame(rows)


def _seconds(cells):
    """Mean over folds: making the rows once, then fitting and scoring all estimators."""
    folds = cells.groupby("fold")
    made, spent = folds["augment_seconds"].first(), folds[["fit_seconds", "score_seconds"]].sum()
    return (made + spent.sum(axis=1)).mean()


def _words(chosen, table, candidates, expecting, n_rows):
    row = table.iloc[chosen or int(table["expected"].iloc[1:].fillna(-math.inf).idxmax())]
    folds = int(row["n_folds"])
    if not folds or math.isnan(row["difference"]):
        reason = f" ({row['error']})" if row["error"] else ""
        return f"Nothing is added: no way of adding rows could be measured{reason}."
    measured = (
        f"on {folds} inner folds the score changed by {row['difference']:+.3f} "
        f"(95 % interval {row['low']:+.3f} to {row['high']:+.3f})"
    )
    known = ""
    if expecting:
        known = (
            f"; with what such rows did for other tables of {n_rows} rows, the expected change is "
            f"{row['expected']:+.3f}, a gain with a probability of {row['p_helps']:.0%}"
        )
    if chosen:
        return f"Rows are added, {row['candidate']}: {measured}{known}."
    return f"Nothing is added. The best way was {row['candidate']}: {measured}{known}."

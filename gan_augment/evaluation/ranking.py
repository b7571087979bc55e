"""Ways of preparing training rows against each other, on the same folds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gan_augment.selection.controls import CONTROLS
from gan_augment.selection.statistics import (
    CorrectedInterval,
    corrected_interval,
    rope_probabilities,
)

#: What `rank_ways` says of each way.
RANKING = (
    "rank augmenter n_samples is_control score difference low high n_learners n_folds"
).split()


@dataclass(frozen=True)
class Gain(CorrectedInterval):
    """What one way reaches beyond another by one scorer.

    Parameters
    ----------
    scorer : str
    rope : float
        The difference that makes none in practice.
    sure : float
        Probability of a gain of more than the rope.
    """

    scorer: str
    rope: float
    sure: float

    @property
    def in_ropes(self) -> float:
        """The mean in units of what makes no difference."""
        return self.mean / (self.rope or 0.01)


def gain(way: pd.DataFrame, other: pd.DataFrame, scorer: str, rope: float) -> Gain:
    """Return the gain of one way over another; each frame has a row a fold and scorer."""
    mine, theirs = (
        rows[rows["scorer"] == scorer].set_index("fold")["score"] for rows in (way, other)
    )
    difference = (mine - theirs).to_numpy()
    ratio = float(way["test_to_train"].mean())
    found = corrected_interval(difference, ratio)
    sure = rope_probabilities(difference, ratio, rope=rope)["better"]
    return Gain(**vars(found), scorer=scorer, rope=rope, sure=sure)


def ways(frame: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """Return the rows of each augmenter and amount; 30 rows are not 30.0 times the rows."""
    amounts = frame["n_samples"].map(repr)
    return {
        (str(augmenter), str(amount)): rows
        for (augmenter, amount), rows in frame.groupby(["augmenter", amounts], sort=False)
    }


def rank_ways(frame: pd.DataFrame, scorer: str, rope: float) -> pd.DataFrame:
    """Return all ways, best first, by the mean over learners of what they change.

    Parameters
    ----------
    frame : DataFrame
        Scores of a comparison, see `AugmentationComparison.to_frame`.
    scorer : str
    rope : float
        Ways that differ by no more share a rank, as those that folds cannot tell apart.

    Returns
    -------
    DataFrame
        See `AugmentationComparison.ranking`.
    """
    largest = frame.loc[frame["n_train"].idxmax(), "train_size"]
    rows = frame[(frame["scorer"] == scorer) & (frame["train_size"] == largest)]
    base = rows[rows["augmenter"] == "none"].set_index(["estimator", "fold"])["score"]
    paired = rows.join(base.rename("baseline"), on=["estimator", "fold"])
    paired["change"] = paired["score"] - paired["baseline"]
    ratio = float(rows["test_to_train"].mean())
    found: list[dict[str, Any]] = []
    for (augmenter, _), cells in ways(paired).items():
        known = cells[cells["change"].notna()]
        change = known.groupby("fold")["change"].mean()
        interval = corrected_interval(change, ratio)
        known_one = len(known) > 0
        found.append(
            {
                "augmenter": augmenter,
                "n_samples": cells["n_samples"].iloc[0],
                "is_control": augmenter == "none" or augmenter in CONTROLS,
                "score": known["score"].mean() if known_one else np.nan,
                **interval.as_row(),
                **({"low": np.nan, "high": np.nan} if augmenter == "none" else {}),
                "n_learners": known["estimator"].nunique(),
                "change": change,
            }
        )
    found.sort(key=lambda row: (np.isnan(row["difference"]), -row["difference"]))
    _give_ranks(found, ratio, rope)
    table = pd.DataFrame(found)
    table["n_samples"] = pd.Series([row["n_samples"] for row in found], dtype=object)
    table["rank"] = table["rank"].astype("Int64")
    return table[RANKING]


def _give_ranks(found: list[dict[str, Any]], ratio: float, rope: float) -> None:
    """Rank from the best down; what cannot be told from the best of a rank shares it."""
    rank, leader = 1, None
    for at, row in enumerate(found):
        if np.isnan(row["difference"]):
            row["rank"] = pd.NA
            continue
        if leader is None or _behind(leader["change"], row["change"], ratio, rope):
            rank, leader = at + 1, row
        row["rank"] = rank


def _behind(leader: pd.Series, change: pd.Series, ratio: float, rope: float) -> bool:
    interval = corrected_interval((leader - change).to_numpy(), ratio)
    return bool(interval.low > 0 and interval.mean > rope)


def best_control(
    none: pd.DataFrame, controls: Mapping[Any, pd.DataFrame], scorers: Mapping[str, float]
) -> tuple[Any, dict[str, Gain]] | None:
    """Return the control with the largest gain over none, in units of the ropes, and its gains.

    Controls that lose more than the rope in one of the scorers are no alternative. None if no
    control has a score.
    """
    found = []
    for name, rows in controls.items():
        gains = {scorer: gain(rows, none, scorer, rope) for scorer, rope in scorers.items()}
        if all(g.n > 1 and g.mean >= -g.rope for g in gains.values()):
            found.append((sum(g.in_ropes for g in gains.values()), name, gains))
    if not found:
        return None
    _, name, gains = max(found, key=lambda each: each[0])
    return name, gains

"""Class balance: rows made with other class shares than real ones are compared within classes.

Augmentation makes classes equal, or only the rare ones, because it was asked to. Held against real
rows with shares of their own, such rows are told apart by the class alone. So where shares differ,
as many rows of each class are taken of every side as all sides have: no row is repeated, and what
is left to differ is what was made of each class.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency

#: Shares that differ by less, summed over the classes that gained, are one balance.
LEAST_GAP = 0.05
#: So are shares whose difference chance would bring as often as this.
BEYOND_CHANCE = 0.001


@dataclass(frozen=True)
class Balance:
    """How many rows of each class there are, and how many of them are compared.

    Parameters
    ----------
    counts : pandas.DataFrame
        One line a class: "class", "real", "synthetic" and "compared", the rows of each side.
    at : dict of {"real" | "synthetic" | "fresh": ndarray of int} or None
        Positions of the rows compared; None where too few are there to compare within classes.
    """

    counts: pd.DataFrame
    at: dict[str, np.ndarray] | None = field(repr=False)

    def sentence(self, unit: str) -> str:
        """Return what differs and how that was dealt with, in one line."""
        shares = self.counts[["real", "synthetic"]] / self.counts[["real", "synthetic"]].sum()
        most = int((shares["synthetic"] - shares["real"]).to_numpy().argmax())
        made, real = (f"{100 * shares[side].iloc[most]:.0f} %" for side in ("synthetic", "real"))
        differs = (
            f"“{self.counts['class'].iloc[most]}” is {made} of the synthetic and {real} of the "
            f"real {unit}"
        )
        if self.at is None:
            return (
                f"Class shares differ ({differs}) and there are too few {unit} of the classes "
                "made to compare within classes, so that the figures show this difference too."
            )
        missing = int((self.counts["synthetic"] == 0).sum())
        if missing and len(self.counts) > 2:
            differs += f"; {missing} of {len(self.counts)} classes were not made"
        return f"Compared within classes, as their shares differ: {differs}."


def differ(real: np.ndarray, synthetic: np.ndarray) -> bool:
    """Return whether class counts show another balance, beyond chance and by more than a little.

    Parameters
    ----------
    real, synthetic : ndarray of int, shape (n_classes,)
        Rows of each class.

    Returns
    -------
    bool
        True if the shares differ by more than five points, summed over the classes that gained
        (their total variation), and a chi-square test of both counts has p below .001.

    Examples
    --------
    >>> differ(np.array([730, 270]), np.array([500, 500]))
    True
    >>> differ(np.array([730, 270]), np.array([7200, 2800]))
    False
    """
    counts = np.array([real, synthetic])
    counts = counts[:, counts.any(axis=0)]
    if counts.shape[1] < 2 or not counts.any(axis=1).all():
        return False
    shares = counts / counts.sum(axis=1, keepdims=True)
    gap = np.abs(shares[0] - shares[1]).sum() / 2
    return bool(gap > LEAST_GAP and chi2_contingency(counts).pvalue < BEYOND_CHANCE)


def balance_of(
    codes: Mapping[str, np.ndarray],
    sides: Mapping[str, tuple[str, np.ndarray]],
    class_name: Callable[[float], Any],
    *,
    most: int,
    least: int,
) -> Balance | None:
    """Return how synthetic class shares differ from real ones, None where they do not.

    Parameters
    ----------
    codes : dict of {"real" | "synthetic" | "holdout": ndarray}
        The class code of every row.
    sides : dict of {"real" | "synthetic" | "fresh": (str, ndarray of int)}
        Of which of these tables each side is, and the positions to choose from, the first first.
    class_name : callable
        From a code to its class.
    most, least : int
        Rows of each side that are compared at most, and below which nothing is.
    """
    kinds = np.unique(codes["real"])
    kinds = kinds[~np.isnan(kinds)]  # other classes are no classes but impossible cells
    real, made = (_counted(codes[name], kinds) for name in ("real", "synthetic"))
    if not differ(real, made):
        return None
    labels = {side: codes[name][at] for side, (name, at) in sides.items()}
    common = np.min([_counted(found, kinds) for found in labels.values()], axis=0)
    common = common * min(most, common.sum()) // max(common.sum(), 1)
    at = None
    if common.sum() >= least:
        at = {
            side: positions[_first_of_each(labels[side], kinds, common)]
            for side, (_, positions) in sides.items()
        }
    names = [class_name(code) for code in kinds]
    compared = common if at is not None else np.zeros_like(common)
    columns = {"class": names, "real": real, "synthetic": made, "compared": compared}
    return Balance(pd.DataFrame(columns), at)


def _counted(codes, kinds):
    """Return the rows of each class; `kinds` is sorted."""
    known = codes[np.isin(codes, kinds)]
    return np.bincount(np.searchsorted(kinds, known), minlength=len(kinds))


def _first_of_each(codes, kinds, wanted):
    """Return which rows are among the first of their class, as many as are wanted."""
    known = np.isin(codes, kinds)
    limit = np.where(known, wanted[np.searchsorted(kinds, codes).clip(max=len(kinds) - 1)], 0)
    return pd.Series(codes).groupby(codes).cumcount().to_numpy() < limit

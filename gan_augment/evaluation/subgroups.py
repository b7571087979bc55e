"""Where added rows help: the same scores on parts of the test rows, such as a class or an age."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from gan_augment.containers import is_images, to_pandas
from gan_augment.evaluation.results import by_cell
from gan_augment.exceptions import InputError
from gan_augment.generators.parameters import is_whole_number, refuse
from gan_augment.selection.statistics import corrected_interval, holm

#: Quantile bins of a column of numbers, and the most values of another column that stand alone.
BINS, MOST_VALUES = 4, 12
#: The name that stands for the target's classes.
CLASS = "class"

_CELL = ["estimator", "augmenter", "n_samples", "train_size", "scorer", "group"]


def named_subgroups(subgroups: Any, X: Any, labels: np.ndarray | None) -> dict[str, np.ndarray]:
    """Return the rows of each subgroup, by its name.

    Parameters
    ----------
    subgroups : None, column name, list of these, or dict of column name to int
        "class" stands for the target's classes. A dict says how many quantile bins a column of
        numbers has.
    X : table or array of images
    labels : ndarray or None
        Class labels; None for a numeric target.

    Returns
    -------
    dict of str to ndarray of bool
        Numbers and dates by quantile bins, others by their values, the rarest ones together.

    Raises
    ------
    InputError
        If there is no such column, or there are no classes.

    Examples
    --------
    >>> frame = pd.DataFrame({"size": range(8), "colour": ["red", "blue"] * 4})
    >>> list(named_subgroups({"size": 2, "colour": 4}, frame, None))
    ['size 0 to 3', 'size 4 to 7', 'colour = blue', 'colour = red']
    """
    if subgroups is None:
        return {}
    if not isinstance(subgroups, (Mapping, list, tuple)):
        subgroups = [subgroups]
    bins = subgroups if isinstance(subgroups, Mapping) else dict.fromkeys(subgroups, BINS)
    frame = pd.DataFrame() if is_images(X) else to_pandas(X)[0]
    found: dict[str, np.ndarray] = {}
    for name, n_bins in bins.items():
        if name == CLASS and labels is not None:
            parts = _by_value(name, pd.Series(labels))
        elif name in frame:
            if not is_whole_number(n_bins) or n_bins < 2:
                refuse("subgroups", n_bins, "2 or more bins")
            parts = _by_column(name, frame[name].reset_index(drop=True), int(n_bins))
        else:
            raise InputError.of(
                "subgroups",
                name,
                "is no column of X",
                'pass names of its columns, or "class" where the target has classes',
            )
        found |= parts
    return found


def _by_column(name, column, n_bins):
    kind = column.dtype
    ordered = pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind)
    if pd.api.types.is_bool_dtype(kind) or not ordered or column.nunique() <= n_bins:
        return _by_value(name, column)
    bins = pd.qcut(column, n_bins, labels=False, duplicates="drop")
    found = {}
    for _, part in column.groupby(bins):
        label = f"{name} {_text(part.min())} to {_text(part.max())}"
        found[label] = np.isin(np.arange(len(column)), part.index)
    if column.isna().any():
        found[f"{name} is missing"] = column.isna().to_numpy()
    return found


def _by_value(name, column):
    values = column.astype(object).where(column.notna(), None)
    commonest = values.value_counts().index.tolist()
    alone = commonest if len(commonest) <= MOST_VALUES else commonest[: MOST_VALUES - 1]
    found = {
        f"{name} = {_text(value)}": (values == value).to_numpy(dtype=bool)
        for value in sorted(alone, key=_order)
    }
    if len(alone) < len(commonest):
        found[f"{name} = another"] = values.isin(commonest[len(alone) :]).to_numpy()
    if column.isna().any():
        found[f"{name} is missing"] = column.isna().to_numpy()
    return found


def _order(value):
    """Numbers by size, then all else by its text."""
    number = isinstance(value, numbers.Real)
    return not number, value if number else 0, str(value)


def _text(value):
    return f"{value:.6g}" if isinstance(value, (float, np.floating)) else str(value)


def subgroup_lift(frame: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Return what every augmenter and control changed in each subgroup.

    Parameters
    ----------
    frame : DataFrame
        Scores by subgroup, see `AugmentationComparison`.
    confidence : float
        Of all intervals of one way together, by Bonferroni's correction.

    Returns
    -------
    DataFrame
        See `AugmentationComparison.by_subgroup`.
    """
    keys = ["estimator", "train_size", "scorer", "group", "fold"]
    base = frame[frame["augmenter"] == "none"].set_index(keys)["score"].rename("baseline")
    paired = frame[frame["augmenter"] != "none"].join(base, on=keys)
    looked_at = max(frame["group"].nunique(), 1)
    certain = 1 - (1 - confidence) / looked_at
    table = by_cell(paired, _CELL, lambda cell: _lift(cell, certain))
    table["p_holm"] = table.groupby("scorer", sort=False)["p_value"].transform(holm)
    return table.rename(columns={"group": "subgroup"})


def _lift(cell, confidence):
    differences = (cell["score"] - cell["baseline"]).to_numpy()
    shared = cell[~np.isnan(differences)]
    found = corrected_interval(
        differences, float(cell["test_to_train"].mean()), confidence=confidence
    )
    return {
        "n_test": float(cell["n_test"].mean()),
        "score": float(shared["score"].mean()) if len(shared) else math.nan,
        "baseline": float(shared["baseline"].mean()) if len(shared) else math.nan,
        **found.as_row(),
    }

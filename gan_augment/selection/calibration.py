"""Are probabilities true? Of the rows that get 30 %, 30 % should be of that class.

With two classes the probability is that of the rarer class. With more it is that of the class that
is predicted, and what is counted is how often the prediction is right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

#: Bins of equal width between the probabilities 0 and 1.
BINS = 10

#: Of each bin with rows: its place, its rows, their mean probability, and the share observed.
Bins = tuple[tuple[int, int, float, float], ...]


def calibration_bins(
    probabilities: np.ndarray, y: ArrayLike, classes: np.ndarray, rare: Any
) -> Bins:
    """Return what was predicted and what came true, by bins of the probability.

    Parameters
    ----------
    probabilities : ndarray of shape (n, n_classes)
    y : array-like of labels
    classes : ndarray of labels
        In the order of the probabilities.
    rare : label
        The rarer of two classes.

    Returns
    -------
    tuple of (bin, n, predicted, observed)
        Bins with rows; NaN has no bin.

    Examples
    --------
    >>> sure = np.array([[0.9, 0.1], [0.85, 0.15], [0.5, 0.5]])
    >>> found = calibration_bins(sure, ["a", "b", "b"], np.array(["a", "b"]), "b")
    >>> [(at, n, round(predicted, 3), observed) for at, n, predicted, observed in found]
    [(1, 2, 0.125, 0.5), (5, 1, 0.5, 1.0)]
    """
    probabilities, labels = np.asarray(probabilities, dtype=np.float64), np.asarray(y)
    if len(classes) == 2:
        predicted = probabilities[:, np.asarray(classes) == rare].ravel()
        came_true = labels == rare
    else:
        predicted = probabilities.max(axis=1)
        came_true = np.asarray(classes)[probabilities.argmax(axis=1)] == labels
    if not np.isfinite(predicted).all() or len(predicted) != len(labels):
        return ()
    places = np.clip((predicted * BINS).astype(int), 0, BINS - 1)
    return tuple(
        (int(at), int(rows.sum()), float(predicted[rows].mean()), float(came_true[rows].mean()))
        for at in np.unique(places)
        for rows in [places == at]
    )


def calibration_error(
    n: Sequence[float], predicted: Sequence[float], observed: Sequence[float]
) -> float:
    """Return the expected calibration error: the mean distance of predicted and observed.

    Parameters
    ----------
    n, predicted, observed : sequence of float
        Rows, mean probability and share observed of each bin.

    Returns
    -------
    float
        0 is best; NaN without rows.

    References
    ----------
    M. P. Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining Well Calibrated Probabilities Using
    Bayesian Binning", AAAI 2015.

    Examples
    --------
    >>> calibration_error([2, 1], [0.125, 0.5], [0.5, 1.0])
    0.4166666666666667
    """
    rows = np.asarray(n, dtype=np.float64)
    if not rows.sum():
        return math.nan
    return float(np.abs(np.subtract(predicted, observed)) @ rows / rows.sum())

"""Probabilities that refer to the real class shares, whatever shares a classifier learnt from.

Rows added with equal classes, and class weights, make rare classes commoner than they are, and a
classifier's probabilities follow. Bayes' rule takes them back: each is multiplied by the share of
its class in the real rows over that in what was learnt (Saerens, Latinne & Decaestecker 2002).
"""

from __future__ import annotations

from typing import Any

import numpy as np

#: Parameters by which an estimator weighs or draws classes itself, and values that do nothing.
OWN_SHARES: dict[str, tuple] = {
    "class_weight": (None,),
    "priors": (None,),
    "class_prior": (None,),
    "scale_pos_weight": (None, 1),
    "is_unbalance": (None, False),
    "auto_class_weights": (None,),
    "sampling_strategy": (),
}
#: Shares that added rows move by less, relative to what they were, are the real ones.
NEARLY = 0.05


def share_factors(
    y_real: Any,
    y_all: Any,
    weights_real: np.ndarray | None,
    weights_all: np.ndarray | None,
    classes: np.ndarray,
) -> np.ndarray:
    """Return for each class its share of the real rows over its share of all rows.

    Parameters
    ----------
    y_real, y_all : array-like of labels
        Of the real training rows, and of all rows that were learnt from.
    weights_real, weights_all : ndarray or None
        Their sample weights; None where all rows weigh the same.
    classes : ndarray of labels
        In the order of the probabilities that are to be corrected.

    Returns
    -------
    ndarray of float64 of shape (n_classes,)
        1 for a class that was not learnt from; 1 for all where none is off by more than a
        twentieth, as then probabilities hardly change and would name other classes than
        `predict` now and then.

    References
    ----------
    M. Saerens, P. Latinne and C. Decaestecker, "Adjusting the Outputs of a Classifier to New a
    Priori Probabilities: A Simple Procedure", Neural Computation 14, 2002.

    Examples
    --------
    >>> real, every = ["a", "a", "a", "b"], ["a", "a", "a", "b", "b", "b"]
    >>> share_factors(real, every, None, None, np.array(["a", "b"])).tolist()
    [1.5, 0.5]
    """
    real = class_shares(y_real, weights_real, classes)
    learnt = class_shares(y_all, weights_all, classes)
    factors = np.divide(real, learnt, out=np.ones(len(classes)), where=learnt > 0)
    return np.ones(len(classes)) if (np.abs(factors - 1) < NEARLY).all() else factors


def class_shares(y: Any, weights: np.ndarray | None, classes: np.ndarray) -> np.ndarray:
    """Return the share of each class in the weight of all rows.

    Examples
    --------
    >>> class_shares(["a", "b"], np.array([3.0, 1.0]), np.array(["a", "b", "c"])).tolist()
    [0.75, 0.25, 0.0]
    """
    labels = np.asarray(y)
    weights = np.ones(len(labels)) if weights is None else np.asarray(weights, dtype=np.float64)
    totals = np.array([weights[labels == label].sum() for label in np.asarray(classes)])
    return totals / totals.sum()


def corrected(probabilities: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """Return probabilities times the factors of their classes, each row with the sum 1 again.

    Parameters
    ----------
    probabilities : ndarray of shape (n, n_classes)
    factors : ndarray of shape (n_classes,)
        As `share_factors` returns them.

    Returns
    -------
    ndarray of float64 of shape (n, n_classes)
        A row whose classes all have the factor 0 stays as it is.

    Examples
    --------
    >>> corrected(np.array([[0.5, 0.5], [1.0, 0.0]]), np.array([1.5, 0.5])).tolist()
    [[0.75, 0.25], [1.0, 0.0]]
    """
    probabilities = np.asarray(probabilities, dtype=np.float64)
    products = probabilities * factors
    totals = products.sum(axis=1, keepdims=True)
    return np.divide(products, totals, out=probabilities.copy(), where=totals > 0)


def has_own_shares(estimator: Any) -> bool:
    """Whether an estimator weighs or draws classes itself, so that none of its shares are real.

    Its probabilities then refer to shares that it chose, which added rows change no further.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> has_own_shares(make_pipeline(LogisticRegression(class_weight="balanced")))
    True
    >>> has_own_shares(LogisticRegression())
    False
    """
    for name, value in estimator.get_params(deep=True).items():
        idle = OWN_SHARES.get(name.rpartition("__")[2])
        if idle is not None and not (np.ndim(value) == 0 and value in idle):
            return True
    return False

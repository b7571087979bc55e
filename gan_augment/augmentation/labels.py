"""What synthetic rows are: a labeler fitted on real rows gives each its class probabilities.

These soft labels take two forms. An estimator that takes sample weights gets a row once for each
plausible class, with the probability as its weight; one that takes none gets it several times,
with labels in the proportions of the probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from sklearn.base import clone, is_classifier, is_regressor

from gan_augment.augmentation.committee import CommitteeClassifier, CommitteeRegressor
from gan_augment.augmentation.shares import corrected
from gan_augment.containers import append_rows, n_rows, take_rows
from gan_augment.containers.weights import takes_weights, weight_name
from gan_augment.encoding.training_table import TrainingTable
from gan_augment.exceptions import AugmentationWarning, InputError
from gan_augment.generators.parameters import is_number, refuse
from gan_augment.process.hushed import warn_caller
from gan_augment.process.randomness import small_seed

#: Where labels are those asked for, a row is drawn again if the labeler gives its class less.
MIN_AGREEMENT = 0.05
#: Draws after the first until such rows are kept all the same.
AGREEMENT_ROUNDS = 5
#: Probability from which a class is not left out of the copies of a row.
POSSIBLE = 0.05
#: The step between the offsets of two rows in `drawn_classes`, which covers 0 to 1 evenly.
GOLDEN = (5**0.5 - 1) / 2

#: A weight beyond which sums of weights may overflow, and real rows count for nothing.
MOST_WEIGHT = 1e9

_REMEDY = "pass 'committee', None, or an unfitted classifier with predict_proba or a regressor"


def check_labeler(labeler: Any, kind: Literal["class", "number", "none"]) -> None:
    """Refuse what is no labeler for a target of this kind.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> check_labeler(LogisticRegression(), "class")
    """
    if isinstance(labeler, str) and labeler == "committee":
        problem = "" if kind != "none" else "says what rows are, but the target y is None"
    elif isinstance(labeler, (str, type)) or not hasattr(labeler, "fit"):
        problem = "is unknown"
    elif kind == "class":
        fits = hasattr(labeler, "predict_proba") and not is_regressor(labeler)
        problem = "" if fits else "gives no class probabilities, which the target needs"
    elif kind == "number":
        fits = hasattr(labeler, "predict") and not is_classifier(labeler)
        problem = "" if fits else "predicts no numbers, which the target is"
    else:
        problem = "says what rows are, but the target y is None"
    if problem:
        raise InputError(problem, argument="labeler", value=labeler, remedy=_REMEDY)


def check_total_weight(weight: Any) -> None:
    """Refuse what is no weight of all synthetic rows.

    Examples
    --------
    >>> check_total_weight(5.0)
    """
    if not (is_number(weight) and 0 <= weight <= MOST_WEIGHT):
        wanted = f"a number from 0 to {MOST_WEIGHT:g}, relative to that of all real rows"
        refuse("soft_label_weight", weight, wanted)


def fit_labeler(
    labeler: Any, X: Any, y: Any, weights: np.ndarray | None, rng: np.random.Generator
) -> Any:
    """Return a fitted labeler.

    Parameters
    ----------
    labeler : "committee" or estimator
        A classifier with ``predict_proba`` or a regressor; cloned, and seeded where it has a
        ``random_state`` of None.
    X, y : table and target
        Real training rows; `X` may be a `TrainingTable` of both.
    weights : ndarray or None
        Of the rows; ignored by an estimator that takes none.
    rng : Generator

    Raises
    ------
    InputError
        If the labeler is none for this target; raised before it is fitted.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y, rng = np.array([[0.0], [1.0]]), ["a", "b"], np.random.default_rng(0)
    >>> fit_labeler(LogisticRegression(), X, y, None, rng).classes_.tolist()
    ['a', 'b']
    """
    table = TrainingTable.of(X, y)
    kind = table.target.kind_
    check_labeler(labeler, kind)
    seed = small_seed(rng)
    if isinstance(labeler, str):
        committee = CommitteeClassifier if kind == "class" else CommitteeRegressor
        return committee(random_state=seed).fit(table, None, weights)
    labeler = clone(labeler)
    params = labeler.get_params(deep=False)
    if "random_state" in params and params["random_state"] is None:
        labeler.set_params(random_state=seed)
    given = {}
    if weights is not None and takes_weights(labeler):
        given = {weight_name(labeler): weights}
    return labeler.fit(table.X, table.labels if kind == "class" else table.codes, **given)


def class_probabilities(labeler: Any, X: Any, classes: np.ndarray) -> np.ndarray:
    """Return what a fitted labeler says of rows, one column for each of these classes.

    Raises
    ------
    InputError
        If the labeler knows other classes, or says what are no probabilities.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> labeler = DummyClassifier().fit([[0], [1], [2], [3]], ["b", "a", "b", "b"])
    >>> class_probabilities(labeler, [[5]], np.array(["a", "b"])).tolist()
    [[0.25, 0.75]]
    """
    told = np.asarray(labeler.predict_proba(X), dtype=np.float64)
    known = {label: place for place, label in enumerate(np.asarray(labeler.classes_).tolist())}
    wanted = np.asarray(classes).tolist()
    if set(known) != set(wanted) or told.shape != (n_rows(X), len(wanted)):
        raise InputError(
            f"knows {len(known)} classes, and y has {len(wanted)} others",
            argument="labeler",
            remedy="pass one that keeps the classes of y",
        )
    told = told[:, [known[label] for label in wanted]]
    sums = told.sum(axis=1, keepdims=True)
    if not (np.isfinite(told).all() and (told >= 0).all() and (sums > 0).all()):
        raise InputError(
            "gives numbers that are no probabilities",
            argument="labeler",
            remedy="pass one whose predict_proba returns numbers from 0 to 1",
        )
    return told / sums


def relabelled(
    data: Any,
    labeler: Any,
    table: TrainingTable,
    total: float,
    unlabeled: Any = None,
) -> Any:
    """Return augmented data whose synthetic rows are what a fitted labeler says they are.

    The labeler's probabilities refer to the class shares of the real rows. They are taken to the
    shares that were asked for, so that rows asked for with equal classes speak for rare ones as
    loudly as for common ones. A number is what the labeler predicts, without a residual: noise
    was measured to cost more than it teaches.

    Parameters
    ----------
    data : AugmentedData
    labeler : estimator
        Fitted on the real rows.
    table : TrainingTable
        The real rows.
    total : float
        Weight of all synthetic rows relative to that of all real ones.
    unlabeled : table, optional
        Real rows whose label nobody knows. They come last and count as synthetic; no shares were
        asked for them.
    """
    n_made, n_real = data.n_synthetic, len(data) - data.n_synthetic
    if unlabeled is not None:
        data = replace(data, X=append_rows(data.X, unlabeled))
    new = np.arange(n_rows(data.X)) >= n_real
    if not new.any():
        return data
    rows = take_rows(data.X, new)
    weight = np.where(new, total * n_real / new.sum(), 1.0)
    data = replace(data, is_synthetic=new, sample_weight=weight)
    if table.target.kind_ == "number":
        values = np.asarray(labeler.predict(rows), dtype=np.float64)
        return replace(data, y=append_rows(table.y, table.target.decode(values)))
    classes = table.target.classes_
    told = class_probabilities(labeler, rows, classes)
    if n_made:
        made = table.target.encode(take_rows(data.y, np.arange(n_real, n_real + n_made)))
        asked, real = (np.bincount(c, minlength=len(classes)) for c in (made, table.codes))
        shift = np.where(asked > 0, (asked / n_made) / (real / n_real), 1.0)
        told[:n_made] = corrected(told[:n_made], shift)
    y = append_rows(table.y, table.target.decode(told.argmax(axis=1)))
    proba = np.concatenate([np.eye(len(classes))[table.codes], told])
    return replace(data, y=y, label_proba=proba, classes=classes)


def plausible_classes(
    probabilities: np.ndarray, min_probability: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return rows, classes and shares: each row once for each class that it may well be.

    Parameters
    ----------
    probabilities : ndarray of shape (n, n_classes)
    min_probability : float
        Classes with less are left out, the most likely one never; the others share what is left
        out, so that the shares of a row have the sum 1.

    Examples
    --------
    >>> rows, classes, shares = plausible_classes(np.array([[0.6, 0.4], [0.995, 0.005]]), 0.01)
    >>> rows.tolist(), classes.tolist(), shares.tolist()
    ([0, 0, 1], [0, 1, 0], [0.6, 0.4, 1.0])
    """
    bound = np.minimum(min_probability, probabilities.max(axis=1, keepdims=True))
    kept = np.where((probabilities >= bound) & (probabilities > 0), probabilities, 0.0)
    kept /= kept.sum(axis=1, keepdims=True)
    rows, classes = np.nonzero(kept)
    return rows, classes, kept[rows, classes]


def drawn_classes(probabilities: np.ndarray, copies: int) -> np.ndarray:
    """Return so many classes for each row, in the proportions of its probabilities.

    Draws are systematic: a class gets its probability times `copies`, rounded down or up; over
    many rows these add up to the probabilities. But where all would be of one class, the last is
    of the second most likely one if that has at least `POSSIBLE`: a learner that counts
    neighbours would call it impossible.

    Returns
    -------
    ndarray of int of shape (n, copies)

    Examples
    --------
    >>> drawn_classes(np.array([[0.6, 0.4], [0.0, 1.0]]), 5).tolist()
    [[0, 0, 0, 1, 1], [1, 1, 1, 1, 1]]
    """
    size = probabilities.shape[1]
    offsets = (0.5 + GOLDEN * np.arange(len(probabilities))) % 1
    points = (np.arange(copies) + offsets[:, None]) / copies
    ends = np.cumsum(probabilities, axis=1)
    ends[:, -1] = 1.0  # what rounding has left out
    drawn = np.minimum((points[:, :, None] >= ends[:, None, :]).sum(axis=2), size - 1)
    first, second = np.argsort(-probabilities, axis=1, kind="stable")[:, : min(2, size)].T[[0, -1]]
    rows = np.arange(len(drawn))
    sole = (drawn == first[:, None]).all(axis=1) & (probabilities[rows, second] >= POSSIBLE)
    if copies > 1:
        drawn[sole, -1] = second[sole]
    return drawn


@dataclass(eq=False)
class Agreement:
    """A filter for `augment`: rows whose class the labeler finds all but impossible are redrawn.

    After a few draws they are kept all the same, and `report` says how many.
    """

    labeler: Any
    table: TrainingTable
    image_shape: tuple[int, ...] | None = None
    n_calls: int = 0

    def __call__(self, X_new: Any, y_new: Any, X_real: Any, y_real: Any) -> np.ndarray:
        """Return True for each new row to keep."""
        self.n_calls += 1
        if self.n_calls > AGREEMENT_ROUNDS:
            return np.ones(n_rows(X_new), dtype=bool)
        rows = X_new.reshape(-1, *self.image_shape) if self.image_shape else X_new
        return self._agreed(rows, y_new)

    def _agreed(self, rows, y):
        """Whether the labeler finds the class of each row possible."""
        told = class_probabilities(self.labeler, rows, self.table.target.classes_)
        return told[np.arange(len(told)), self.table.target.encode(y)] >= MIN_AGREEMENT

    def report(self, data: Any) -> None:
        """Say how many synthetic rows of augmented data were kept against the labeler."""
        new = data.is_synthetic
        if self.n_calls <= AGREEMENT_ROUNDS or not new.any():
            return
        against = int((~self._agreed(take_rows(data.X, new), take_rows(data.y, new))).sum())
        if against:
            warn_caller(
                f"{against} of {data.n_synthetic} synthetic rows were kept although the labeler "
                f"gives their class less than {MIN_AGREEMENT:g}: others of it are rarely made.",
                AugmentationWarning,
                stacklevel=3,
            )

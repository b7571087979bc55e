"""How many rows to add, and of which class: ``n_samples`` and ``class_balance`` as numbers."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np

from gan_augment.exceptions import InputError
from gan_augment.generators.base import as_count, largest_remainder

_CHOICES = (
    "a float (times the training rows), an integer (rows), {label: rows}, 'fill' (raise every "
    "class to the largest), 'auto' (what helps, or nothing), 0 (add nothing), or {'where': "
    "conditions, 'rows': one of these}"
)


def split_amount(n_samples: Any) -> tuple[Any, Mapping | None]:
    """Return the amount that `n_samples` holds, and the conditions on the rows, if any.

    Examples
    --------
    >>> split_amount({"where": {"sex": "F"}, "rows": 500})
    (500, {'sex': 'F'})
    >>> split_amount({"a": 3})
    ({'a': 3}, None)
    """
    where = n_samples.get("where") if isinstance(n_samples, Mapping) else None
    if not isinstance(where, Mapping):  # a number of rows for the class "where"
        return n_samples, None
    others = [key for key in n_samples if key not in ("where", "rows")]
    rows = n_samples.get("rows", 1.0)
    if others or (isinstance(rows, Mapping) and isinstance(rows.get("where"), Mapping)):
        raise InputError.of(
            "n_samples",
            n_samples,
            f"has {others[0]!r} beside 'where'" if others else "has conditions twice",
            "pass {'where': conditions, 'rows': amount}",
        )
    if isinstance(rows, str) and rows == "auto":
        raise InputError.of(
            "n_samples",
            n_samples,
            "lets inner folds choose, which does not go with conditions",
            "pass the amount as 'rows'",
        )
    return rows, where


def resolve_plan(
    n_samples: float | dict | str, class_balance: str, y: Any, n_rows: int
) -> dict[Any, int] | int:
    """Return how many synthetic rows to add, ``{label: rows}`` where there are classes.

    `n_samples` is a multiple of `n_rows` (a float, rounded), a number of rows (an int), rows for
    each class (a dict, classes left out get none), or "fill", which raises every class to the size
    of the largest. `class_balance` shares a float or int among the classes: "equal", the same
    number of new rows for each, or "proportional" to the training rows. No row is lost to
    rounding; where the shares do not divide evenly, smaller classes come first. `y` are the
    training labels, None for a numeric target or no target. Conditions do not matter here.

    Examples
    --------
    >>> resolve_plan(1.0, "equal", ["a", "a", "a", "b"], 4)
    {'a': 2, 'b': 2}
    >>> resolve_plan("fill", "equal", ["a", "a", "a", "b"], 4)
    {'a': 0, 'b': 2}
    >>> resolve_plan(0.5, "equal", None, 4)
    2
    """
    if not isinstance(class_balance, str) or class_balance not in ("equal", "proportional"):
        raise InputError.unknown("class_balance", class_balance, "'equal' or 'proportional'")
    n_samples, _ = split_amount(n_samples)
    by_class = isinstance(n_samples, (Mapping, str))
    if isinstance(n_samples, str):
        _check_word(n_samples)
    if y is None:
        if by_class:
            raise InputError.of(
                "n_samples",
                n_samples,
                "is shared by class, but the target has no classes",
                "pass a float or an integer",
            )
        return _total(n_samples, n_rows)

    labels, counts = np.unique(np.asarray(y), return_counts=True)
    if isinstance(n_samples, str):
        rows = counts.max() - counts
    elif by_class:
        rows = _rows_by_label(n_samples, labels)
    else:
        weights = counts if class_balance == "proportional" else np.ones(len(counts))
        rows = _share(_total(n_samples, n_rows), weights, counts)
    return dict(zip(labels.tolist(), np.asarray(rows).tolist(), strict=True))


def keeps_labels(n_samples: float | dict | str) -> bool:
    """Whether `n_samples` asks for rows of certain classes, so that no labeler may change them.

    Examples
    --------
    >>> keeps_labels("fill"), keeps_labels({"a": 3}), keeps_labels(1.0), keeps_labels("auto")
    (True, True, False, False)
    """
    n_samples, _ = split_amount(n_samples)
    if isinstance(n_samples, str):
        return n_samples != "auto"
    return isinstance(n_samples, Mapping)


def _check_word(word):
    if word == "auto":
        raise InputError.of(
            "n_samples",
            word,
            "lets inner folds choose the amount, which GANAugmenter and AugmentedClassifier or "
            "AugmentedRegressor do",
            f"pass it there, or here {_CHOICES}",
        )
    if word != "fill":
        raise InputError.unknown("n_samples", word, _CHOICES)


def _total(n_samples, n_rows):
    """Return the number of rows that a float or an int asks for."""
    is_number = isinstance(n_samples, numbers.Real) and not isinstance(n_samples, (bool, np.bool_))
    if not is_number:
        raise InputError.of("n_samples", n_samples, "is not an amount", f"pass {_CHOICES}")
    if not math.isfinite(n_samples) or n_samples < 0:
        raise InputError.of(
            "n_samples", n_samples, "is negative or not finite", "pass a number >= 0"
        )
    if not isinstance(n_samples, numbers.Integral):
        n_samples = math.floor(float(n_samples) * n_rows + 0.5)
    return as_count(n_samples, "n_samples")


def _share(total, weights, counts):
    """Largest remainder, where a tie goes to the class with fewer rows."""
    order = np.argsort(counts, kind="stable")
    rows = np.empty(len(counts), dtype=np.int64)
    rows[order] = largest_remainder(total, np.asarray(weights)[order])
    return rows


def _rows_by_label(wanted, labels):
    known = labels.tolist()
    unknown = [label for label in wanted if label not in known]
    if unknown:
        raise InputError(
            f"names the class {unknown[0]!r}, which is not in y",
            argument="n_samples",
            remedy=f"the classes are {known[:10]!r}",
        )
    for label, rows in wanted.items():
        as_count(rows, f"n_samples[{label!r}]")
    return [int(wanted.get(label, 0)) for label in known]

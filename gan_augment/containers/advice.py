"""What helps where somebody else's estimator does not take the labels or the names of columns."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

#: Signs in names that XGBoost ([, ], <) or LightGBM (those of JSON) do not take.
ODD_SIGNS = re.compile(r"[\[\]<{}\",:]")
#: Packages whose classifiers take text as labels: an error of a type of theirs is about others.
TAKE_TEXT = {"catboost", "lightgbm", "_catboost"}


@contextlib.contextmanager
def advising(X: Any, y: Any) -> Iterator[None]:
    """Add to an error of a fit on these rows, as notes, what may be behind it and what to do.

    Examples
    --------
    >>> try:
    ...     with advising(np.eye(2), ["no", "yes"]):
    ...         raise ValueError("Expected: [0 1]")
    ... except ValueError as error:
    ...     print(*error.__notes__)
    Estimators such as XGBoost take classes as whole numbers only: fit on
    sklearn.preprocessing.LabelEncoder().fit_transform(y).
    """
    try:
        yield
    except Exception as error:
        package = type(error).__module__.partition(".")[0]
        for note in advice(X, None if package in TAKE_TEXT else y):
            error.add_note(note)
        raise


def advice(X: Any, y: Any) -> list[str]:
    """Return what to do about labels that are text and about names of columns with signs."""
    found = []
    labels = np.asarray(y, dtype=object).ravel()
    if len(labels) and isinstance(labels[0], str) and len(set(labels)) > 1:
        found.append(
            "Estimators such as XGBoost take classes as whole numbers only: fit on "
            "sklearn.preprocessing.LabelEncoder().fit_transform(y)."
        )
    odd = [name for name in getattr(X, "columns", ()) if ODD_SIGNS.search(str(name))]
    if odd:
        found.append(
            f"Estimators such as XGBoost and LightGBM take no characters like those of {odd[0]!r} "
            r"in names of columns: rename them, X.columns.str.replace(r'\W+', '_', regex=True)."
        )
    return found

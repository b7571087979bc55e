"""A table to learn from, opened once: converted, checked, its target encoded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import column_or_1d

from gan_augment.containers import Container, is_images, n_rows, to_pandas
from gan_augment.encoding.target import TargetCodec


@dataclass(frozen=True, eq=False)
class TrainingTable:
    """Rows and their target as the caller passed them, and as generators learn them.

    Estimators make one of what they are given and pass it down in place of ``X`` and ``y``, so
    that a table of polars or pyarrow is converted once, however many parts look at it.

    Parameters
    ----------
    X : DataFrame, ndarray, polars.DataFrame or pyarrow.Table
        The caller's rows; of a list of lists, the array it stands for.
    y : array-like or None
        The caller's target; of a column vector, its values in one dimension.
    rows : DataFrame or ndarray
        The same rows as a pandas frame; images as they are.
    container : Container or None
        Makes the caller's kind of table of new rows; None for images.
    target : TargetCodec
        What `y` is.
    codes : ndarray or None
        The encoded target: class codes or numbers.

    Examples
    --------
    >>> table = TrainingTable.of([[1.5, 2.0], [3.5, 4.0]], ["a", "b"])
    >>> len(table), table.target.kind_, table.labels.tolist()
    (2, 'class', ['a', 'b'])
    """

    X: Any
    y: Any
    rows: pd.DataFrame | np.ndarray
    container: Container | None
    target: TargetCodec
    codes: np.ndarray | None

    @classmethod
    def of(cls, X: Any, y: Any = None, kind: str = "auto") -> TrainingTable:
        """Return the table of these rows; one that is open already is returned as it is.

        Parameters
        ----------
        X : table, array of images or TrainingTable
        y : array-like or None
        kind : {"auto", "class", "number"}, default="auto"
            What `y` holds, as for `TargetCodec`.

        Returns
        -------
        TrainingTable

        Raises
        ------
        InputError
            If `X` is no table, or `y` no target of it.
        """
        if isinstance(X, cls):
            return X.with_kind(kind)
        if is_images(X):
            rows, container = X, None
        else:
            rows, container = to_pandas(X)
            X = X if is_native(X) else container.restore(rows)
        target = TargetCodec(kind)
        codes = target.fit_encode(y, X)
        return cls(X, _one_dimension(y), rows, container, target, codes)

    def with_kind(self, kind: str) -> TrainingTable:
        """Return the same table with its target taken as "auto", "class" or "number"."""
        if kind == self.target.kind:
            return self
        target = TargetCodec(kind)
        return replace(self, target=target, codes=target.fit_encode(self.y, self.X))

    @property
    def labels(self) -> np.ndarray | None:
        """The class label of each row, or None where the target has no classes."""
        return self.target.classes_[self.codes] if self.target.kind_ == "class" else None

    def __len__(self) -> int:
        return n_rows(self.rows)


def is_native(X: Any) -> bool:
    """Tell whether new rows can be appended to `X` as it is, which a list of lists cannot."""
    return isinstance(X, np.ndarray) or hasattr(X, "columns") or hasattr(X, "column_names")


def as_native(X: Any) -> Any:
    """Return a table as it is, and lists of lists as the array they stand for."""
    if is_native(X):
        return X
    frame, container = to_pandas(X)
    return container.restore(frame)


def as_target(y: Any) -> Any:
    """Return a target as it is, and a table of one column as one dimension, with a warning."""
    shape: tuple[int, ...] = getattr(y, "shape", ())
    return column_or_1d(y, warn=True) if len(shape) == 2 and shape[1] == 1 else y


def _one_dimension(y):
    """Return an array of one column as its values; a frame of one column stays a frame."""
    return np.asarray(y).ravel() if isinstance(y, np.ndarray) and y.ndim == 2 else y

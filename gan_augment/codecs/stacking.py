"""Columns put together: side by side to a frame, and part after part to longer ones."""

import numpy as np
import pandas as pd

MANY_COLUMNS = 100


def side_by_side(series):
    """Return columns as one frame, none of them copied unless they are many."""
    frame = pd.DataFrame(dict(enumerate(series)), copy=False)
    # pandas warns of frames of more columns than that, each with an array of its own
    return frame.copy() if len(series) > MANY_COLUMNS else frame


def stacked(parts, n):
    """Rows decoded in parts, as one ``(frame, target)``.

    Parameters
    ----------
    parts : iterable of (DataFrame, ndarray or None)
        At least one, all with the same columns and dtypes.
    n : int
        Rows of all parts.

    Returns
    -------
    frame : DataFrame
    target : ndarray or None

    Examples
    --------
    >>> parts = [(pd.DataFrame({"a": [1, 2]}), None), (pd.DataFrame({"a": [3]}), None)]
    >>> stacked(parts, 3)[0]["a"].tolist()
    [1, 2, 3]
    """
    columns, targets = None, []
    for frame, target in parts:
        if len(frame) == n:
            return frame, target
        series = [frame.iloc[:, i] for i in range(frame.shape[1])]
        columns = columns or [_Stack(part, n) for part in series]
        for stack, part in zip(columns, series, strict=True):
            stack.add(part)
        targets.append(target)
    rows = side_by_side([stack.series() for stack in columns]) if columns else None
    rows = pd.DataFrame(index=range(n)) if rows is None else rows
    rows.columns = frame.columns
    return rows, None if target is None else np.concatenate(targets)


class _Stack:
    """One column that grows to ``n`` rows, in the place it will keep where its dtype allows."""

    def __init__(self, first, n):
        self.dtype, self.stop, self.parts, self.values = first.dtype, 0, [], None
        plain = self._plain(first)
        if plain is not None:
            self.values = np.empty(n, dtype=plain.dtype)

    def _plain(self, series):
        if isinstance(self.dtype, pd.CategoricalDtype):
            return series.array.codes
        return series.to_numpy() if isinstance(self.dtype, np.dtype) else None

    def add(self, series):
        if self.values is None:
            self.parts.append(series)
            return
        start, self.stop = self.stop, self.stop + len(series)
        self.values[start : self.stop] = self._plain(series)

    def series(self):
        if self.values is None:
            return pd.concat(self.parts, ignore_index=True)
        if isinstance(self.dtype, pd.CategoricalDtype):
            values = pd.Categorical.from_codes(self.values, dtype=self.dtype)
            return pd.Series(values, copy=False)
        return pd.Series(self.values, copy=False)

"""Tables of results as plain lists and arrays, which every way of storing a model can write."""

from __future__ import annotations

from typing import Any

import pandas as pd


def as_columns(frame: pd.DataFrame) -> list[tuple[str, str, Any]]:
    """Return the name, the type and the cells of each column, without the index.

    Examples
    --------
    >>> as_columns(pd.DataFrame({"n": [2, 3], "way": pd.Series(["a", "b"], dtype=object)}))
    [('n', 'int64', array([2, 3])), ('way', 'object', ['a', 'b'])]
    """
    return [
        (str(name), str(column.dtype), _cells(column.to_numpy())) for name, column in frame.items()
    ]


def _cells(values):
    return values.tolist() if values.dtype == object else values


def from_columns(columns: list[tuple[str, str, Any]]) -> pd.DataFrame:
    """Return the table that `as_columns` took apart.

    Examples
    --------
    >>> frame = pd.DataFrame({"n": [2, 3], "way": ["a", None]})
    >>> from_columns(as_columns(frame)).equals(frame)
    True
    """
    return pd.DataFrame({name: pd.Series(cells, dtype=kind) for name, kind, cells in columns})

"""A few rows that show all a table's columns may hold: what a file's schema is read from.

A stretch of rows need not show it. A column may hold nothing but missing cells there, or only
midnights of dates with a time of day.
"""

import numpy as np
import pandas as pd

from gan_augment.codecs.dtypes import object_array


def example_rows(schema, n=0):
    """Return rows with the columns and dtypes of a schema, in which each of them shows itself.

    Parameters
    ----------
    schema : Schema
    n : int, default=0
        The least number of rows.

    Returns
    -------
    DataFrame
        Categories are all there, of numbers and dates the smallest, the next on the grid and the
        largest; and a missing cell where some may be missing.

    Examples
    --------
    >>> from gan_augment.codecs.schema import Schema
    >>> frame = pd.DataFrame({"n": [3, 5, 9, 9], "pet": ["cat", None, None, "dog"]})
    >>> example_rows(Schema.infer(frame))["n"].tolist()
    [3, 5, 9, 9]
    """
    columns = [example_cells(column) for column in schema.columns]
    n = max([n, *map(len, columns)])
    frame = pd.DataFrame({i: _padded(cells, n) for i, cells in enumerate(columns)})
    frame.columns = schema.names
    return frame


def example_cells(column):
    """Return a series of what one `Column` may hold."""
    if column.kind == "regenerate":
        return column.new_identifiers(1)
    if column.kind == "ignore":
        return column.cast(np.zeros(1, dtype=np.int64), np.ones(1, dtype=bool))
    if column.kind == "constant":
        nothing = column.value is None
        return column.cast(object_array([0 if nothing else column.value]), np.array([nothing]))
    if column.kind in ("category", "boolean"):
        values = object_array([*column.categories, column.categories[0]])
    else:
        low, high, step = column.minimum, column.maximum, column.resolution
        values = object_array([low, min(low + step, high) if step else low, high, high])
        if column.kind == "number":
            values = values.astype(np.float64)
    missing = np.zeros(len(values), dtype=bool)
    missing[-1] = column.has_missing
    return column.cast(values, missing)


def _padded(cells, n):
    return cells.iloc[np.minimum(np.arange(n), len(cells) - 1)].reset_index(drop=True)

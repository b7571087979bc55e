"""Numbers, dates or durations of several columns, counted alike so that they can be compared."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gan_augment.encoding.column import Column
from gan_augment.encoding.numeric import comparable

_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
#: Whole ticks must be exact, and so must differences of two.
MOST_TICKS = 2**61


def quantity(column):
    """Return what a column measures: "datetime", "timedelta", "number", or None."""
    if column.kind in ("datetime", "timedelta"):
        return column.kind
    return "number" if column.kind in ("integer", "number") else None


def are_comparable(columns):
    """Whether columns measure one quantity, and have ticks in common."""
    return len({quantity(column) for column in columns}) == 1 and Scale(columns).fits()


class Scale:
    """Ticks that some columns of one quantity have in common.

    Whole numbers (int64) where the columns lie on grids: the finest unit of dates, the finest
    decimal of floats. Else the floats themselves. Dates without a zone are read as UTC.

    Examples
    --------
    >>> price = Column("price", "number", "float64", minimum=0.5, maximum=9.25, resolution=0.01)
    >>> count = Column("count", "integer", "int64", minimum=1, maximum=7, resolution=1)
    >>> scale = Scale([price, count])
    >>> scale.ticks(price, pd.Series([0.5]))[0], scale.ticks(count, pd.Series([7]))[0]
    (array([50]), array([700]))
    """

    def __init__(self, columns):
        self.columns = columns
        self.quantity = quantity(columns[0])
        if self.quantity == "number":
            steps = [c.resolution if c.kind == "number" else 1.0 for c in columns]
            self.unit = min(steps)
            limit = 2**53 if any(c.kind == "number" for c in columns) else MOST_TICKS
            largest = max(abs(end) for c in columns for end in (c.minimum, c.maximum))
            self.is_whole = self.unit > 0 and largest / self.unit < limit
        else:
            self.unit = max(per_second(c) for c in columns)
            self.is_whole = True

    def fits(self):
        """Whether whole ticks of all columns, and their differences, are exact in 64 bits."""
        ends = [end for c in self.columns for end in (c.minimum, c.maximum)]
        if self.quantity == "number":
            return self.is_whole or max(map(abs, ends)) < 1e300
        factors = [self._factor(c) for c in self.columns for _ in range(2)]
        return all(abs(e * f) < MOST_TICKS for e, f in zip(ends, factors, strict=True))

    def _factor(self, column):
        """Ticks of one unit of a column that holds whole numbers."""
        if self.quantity != "number":
            return self.unit // per_second(column)
        return round(1 / self.unit) if self.is_whole else 1

    def ticks(self, column: Column, series: pd.Series):
        """Return the ticks of a column's cells, 0 where missing, and where they are missing."""
        values, missing = column.numbers(series)
        return self.of_values(column, values), missing

    def of_values(self, column, values):
        """Return the ticks of numbers of a column."""
        if not self.is_whole:
            return values.astype(np.float64)
        if column.kind == "number":
            with np.errstate(invalid="ignore"):  # cells of other tables may be larger
                return np.rint(values / self.unit).clip(-(2.0**61), 2.0**61).astype(np.int64)
        return values.astype(np.int64) * self._factor(column)

    def ends(self, column):
        """Return the least and the largest ticks of a column, and the step between those it has.

        The step is None where there is none.
        """
        dtype = np.float64 if column.kind == "number" else np.int64
        low, high = self.of_values(column, np.array([column.minimum, column.maximum], dtype))
        if not self.is_whole:
            return low, high, None
        whole = column.kind != "number"
        step = column.resolution * self._factor(column) if whole else column.resolution / self.unit
        return low, high, round(step)

    def cast(self, column: Column, ticks, missing):
        """Return ticks as cells of a column, on whose grid and in whose bounds they are."""
        missing = missing if column.has_missing else None
        if column.kind != "number":
            return column.cast(ticks.astype(np.int64) // self._factor(column), missing)
        if self.is_whole:
            ticks = comparable(ticks * self.unit, self.unit)
        return column.cast(ticks.clip(column.minimum, column.maximum), missing)


def per_second(column):
    """Return how many units of a column of dates or durations make a second."""
    dtype = column.pandas_dtype
    if isinstance(dtype, pd.ArrowDtype):
        return _PER_SECOND[dtype.pyarrow_dtype.unit]
    return _PER_SECOND[np.datetime_data(getattr(dtype, "base", dtype))[0]]


def placed(ticks, bound, side, ends):
    """Return ticks moved into a column's ends and onto its grid, and not beyond a bound.

    With side 1 they stay at the bound or above, with side -1 at the bound or below.

    Examples
    --------
    >>> placed(np.array([7, 12, 3]), np.array([7, 0, 3]), 1, (0, 10, 5)).tolist()
    [10, 10, 5]
    >>> placed(np.array([7, 12, 3]), np.array([7, 20, 3]), -1, (0, 10, 5)).tolist()
    [5, 10, 0]
    """
    low, high, step = ends
    ticks = np.clip(ticks, low, high)
    if step is None:
        return ticks
    ticks = low + (ticks - low) // step * step
    short = (bound - ticks) * side > 0
    return np.where(short, _to_grid(bound, side, ends), ticks)


def _to_grid(bound, side, ends):
    """The next place on the grid at a bound or beyond it, inside the ends."""
    low, high, step = ends
    places = (bound - low) // step if side < 0 else -((low - bound) // step)
    return np.clip(low + places * step, low, high)


def on_grid(column, values):
    """Floats at the nearest place of a column's grid."""
    if not column.resolution:
        return values
    if column.kind == "number":
        steps = np.rint(values / column.resolution)
        return comparable(steps * column.resolution, column.resolution)
    steps = np.rint((values - column.minimum) / column.resolution)
    return column.minimum + steps * column.resolution


def rounding_slack(column, values):
    """How far a number may be from a product that was rounded as the column is."""
    single = column.pandas_dtype.itemsize < 8
    return np.abs(values) * (1e-6 if single else 1e-9) + (column.resolution or 0) * 0.501

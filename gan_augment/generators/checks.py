"""The check of every draw, whichever generator made it, before the caller gets the rows.

It knows nothing of how rows are made. It remembers each column of the training rows (dtype, range
or values, missing or not) and compares: a generator with a fault raises `GeneratorError` where it
would otherwise return rows that only look right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from pandas.api.types import infer_dtype

from gan_augment.containers import is_images, n_rows, to_pandas
from gan_augment.encoding.column import LABELS, UNLEARNT
from gan_augment.encoding.dtypes import distinct_cells, missing_mask, object_array, python_scalar
from gan_augment.encoding.image import RANGES
from gan_augment.encoding.target import target_series
from gan_augment.exceptions import GeneratorError

# Objects that are measured, not named: new ones may lie between those seen.
_MEASURED = {
    "integer", "floating", "mixed-integer-float", "decimal", "date", "datetime", "datetime64",
    "timedelta", "timedelta64",
}  # fmt: skip
_FAULT = "this is a fault of the generator"
#: Cells looked at together: what is compared takes memory of its own.
PIECE = 100_000
#: By how much a pixel may pass black or white: float32 arithmetic ends about there.
PIXEL_SLACK = 1e-3


@dataclass(frozen=True)
class Fault:
    """What is wrong with new cells, and what the author of the generator can do, if known."""

    what: str
    remedy: str = ""


@dataclass(frozen=True)
class SeenColumn:
    """What a column held in training.

    `low` and `high` are the smallest and largest value of numbers, dates or durations, `known` the
    values of any other column, None where they are not compared.

    Examples
    --------
    >>> seen = SeenColumn.of(pd.Series([1.5, 2.5], name="a"))
    >>> seen.fault(pd.Series([2.0, 3.5])).what
    'holds 3.5 at row 1, beyond 1.5 to 2.5, the range seen'
    """

    name: object
    dtype: object
    has_missing: bool = False
    low: object = None
    high: object = None
    known: frozenset | None = None

    @classmethod
    def of(cls, series: pd.Series, labels: bool = False) -> SeenColumn:
        """Return what a series holds; with `labels`, numbers are values to be met exactly."""
        missing = missing_mask(series)
        seen = cls(series.name, series.dtype, bool(missing.any()))
        present = series[~missing] if seen.has_missing else series
        if len(present) == 0:
            return replace(seen, known=frozenset())
        try:
            labels = labels or isinstance(series.dtype, pd.CategoricalDtype)
            is_number = series.dtype.kind in "iufMm" and not labels
            values = None if is_number else distinct_cells(present)
            if values is not None and (labels or infer_dtype(values) not in _MEASURED):
                return replace(seen, known=frozenset(values))
            present = _in_utc(present)
            return replace(seen, low=present.min(), high=present.max())
        except (TypeError, NotImplementedError):
            return seen  # such as lists in cells, which have no order and no hash

    @classmethod
    def of_column(cls, column: Any) -> SeenColumn:
        """Return what the column of a schema held."""
        if column.kind in UNLEARNT:
            return cls(column.name, column.pandas_dtype)
        if column.kind == "constant":
            values = object_array([column.value])
        elif column.kind in LABELS:
            values = object_array(column.categories)
        else:
            ends = [column.minimum, column.maximum]
            values = np.array(ends) if column.kind == "number" else object_array(ends)
        series = column.cast(values, np.array([value is None for value in values.tolist()]))
        seen = cls.of(series, labels=column.kind in LABELS)
        return replace(seen, has_missing=column.has_missing)

    def fault(self, series: pd.Series, in_range: bool = True) -> Fault | None:
        """Return what is wrong with new cells, or None."""
        missing = missing_mask(series)
        if missing.any() and not self.has_missing:
            return Fault(f"is missing at row {_first(missing)}, where no training row was")
        if missing.any():
            series = series[~missing]
        if self.known is not None:
            odd = [cell for cell in distinct_cells(series) if cell not in self.known]
            if not odd:
                return None
            row = series.index[_first((series == odd[0]).to_numpy(dtype=bool))]
            return Fault(f"holds {odd[0]!r} at row {row}, a value that no training row had")
        if self.low is None or len(series) == 0:
            return None
        return self._beyond(series, in_range)

    def _beyond(self, series, in_range):
        series = _in_utc(series)
        if self.low <= series.min() and series.max() <= self.high:
            return None
        outside = ~((series >= self.low) & (series <= self.high)).to_numpy(dtype=bool)
        if not in_range:  # such values are meant, but infinite ones never are
            outside &= _infinite(series)
            if not outside.any():
                return None
        value, row = series.iloc[_first(outside)], series.index[_first(outside)]
        seen = f"{python_scalar(self.low)} to {python_scalar(self.high)}"
        return Fault(
            f"holds {python_scalar(value)} at row {row}, beyond {seen}, the range seen",
            "clip it, or set extrapolates = True on the generator if it is meant",
        )


def _in_utc(series):
    """Dates as UTC, the same moments: near the end of time a zone's own clock overflows."""
    zoned = isinstance(series.dtype, pd.DatetimeTZDtype)
    return series.dt.tz_convert("UTC") if zoned else series


@dataclass(frozen=True)
class RowCheck:
    """The self-check of a table: what each of its columns held in training, in their order.

    Examples
    --------
    >>> check = RowCheck.of(pd.DataFrame({"a": [1, 2], "k": ["u", "v"]}))
    >>> check(pd.DataFrame({"a": [2], "k": ["u"]}), 1, "Mine")
    >>> check(pd.DataFrame({"a": [2], "k": ["w"]}), 1, "Mine")
    Traceback (most recent call last):
    ...
    gan_augment.exceptions.GeneratorError: Mine made rows that cannot be right: column 'k' holds
    'w' at row 0, a value that no training row had; this is a fault of the generator.
    """

    columns: tuple

    @classmethod
    def of(cls, frame: pd.DataFrame, labels: Sequence = ()) -> RowCheck:
        """Return the check that training rows ask for; `labels` names columns of labels."""
        return cls(tuple(SeenColumn.of(series, name in labels) for name, series in frame.items()))

    @classmethod
    def of_schema(cls, schema: Any) -> RowCheck:
        """Return the check that a schema asks for."""
        return cls(tuple(SeenColumn.of_column(column) for column in schema.columns))

    def __call__(self, frame, n, maker, *, free=(), in_range=True, dtypes=True):
        """Raise `GeneratorError` unless these are n rows as they must be, naming their maker.

        Of columns in `free`, such as new identifiers, only the dtype is looked at. `in_range`
        says whether numbers must stay inside the range seen (finite they must be anyway),
        `dtypes` whether dtypes and the order of columns must be those seen.
        """
        check_count(frame, n, maker)
        names = [seen.name for seen in self.columns]
        found = list(frame.columns) if dtypes else set(frame.columns)
        if found != (names if dtypes else set(names)) or len(frame.columns) != len(names):
            refuse(maker, f"the columns are {list(frame.columns)[:10]!r}, not {names[:10]!r}")
        for seen in self.columns:
            series = frame[seen.name]
            if dtypes and series.dtype != seen.dtype:
                refuse(maker, f"column {seen.name!r} has dtype {series.dtype}, not {seen.dtype}")
            if seen.name not in free:
                check_column(seen, series, f"column {seen.name!r}", maker, in_range)


class ForeignCheck:
    """The self-check of a generator without one: against the rows it was fitted on.

    `rows` is the table as a pandas frame, where it has been converted already.
    """

    def __init__(self, generator, X, y, rows=None):
        self.maker = type(generator).__name__
        self.free = getattr(generator, "unlearnt_", ())
        self.in_range = not getattr(generator, "extrapolates", False)
        self.pixels = self.rows = self.target = None
        if is_images(X) or getattr(generator, "learns_images", False):
            X = np.asarray(X)
            least, most = float(X.min()), float(X.max())
            fits = [r for r in RANGES if r[0] <= least and most <= r[1]]
            self.pixels = (X.shape[1:], *(fits or [(least, most)])[0])
        else:
            self.is_array = isinstance(X, np.ndarray)
            self.rows = RowCheck.of(to_pandas(X)[0] if rows is None else rows)
        if y is not None:
            self.target = SeenColumn.of(target_series(y)[0])

    def __call__(self, X_new, y_new, n):
        """Raise `GeneratorError` unless these are n rows as they must be."""
        check_count(X_new, n, self.maker)
        if self.rows is None:
            shape, low, high = self.pixels
            check_pixels(X_new, (n, *shape), self.maker, low, high)
        else:
            frame = to_pandas(np.asarray(X_new) if self.is_array else X_new)[0]
            ways = {"free": self.free, "in_range": self.in_range, "dtypes": False}
            self.rows(frame, n, self.maker, **ways)
        if self.target is not None:
            if y_new is None:
                refuse(self.maker, "there is no target, though training had one")
            check_count(y_new, n, self.maker)
            y_new = target_series(y_new)[0]
            check_column(self.target, y_new, "the target", self.maker, self.in_range)


def check_column(seen, series, where, maker, in_range=True):
    """Raise `GeneratorError` unless new cells agree with those seen."""
    for start in range(0, len(series), PIECE):
        part = series.iloc[start : start + PIECE]
        part = part.set_axis(pd.RangeIndex(start, start + len(part)))
        try:
            fault = seen.fault(part, in_range)
        except TypeError:  # numbers where there was text, or the reverse
            fault = Fault(f"has dtype {series.dtype}, not {seen.dtype}")
        if fault:
            refuse(maker, f"{where} {fault.what}", fault.remedy)


def check_pair(made: Any, maker: str) -> tuple[Any, Any]:
    """Return the rows and the target that were made, or raise `GeneratorError` without rows."""
    is_pair = isinstance(made, tuple | list) and len(made) == 2
    if not is_pair or made[0] is None:
        found = "nothing" if is_pair or made is None else f"a {type(made).__name__}"
        refuse(maker, f"there is {found} where (X, y) was asked for")
    return made


def check_count(rows, n, maker):
    """Raise `GeneratorError` unless so many rows were made."""
    found = n_rows(rows)
    if found != n:
        refuse(maker, f"there are {found} rows where {n} were asked for")


def check_numbers(values, n, maker):
    """Raise `GeneratorError` unless there is one finite number for each row.

    The range of a numeric target needs no check: decoding clips it.
    """
    if values is None:
        refuse(maker, f"there is no target, where {n} numbers were asked for")
    values = np.asarray(values, dtype=np.float64)
    if values.shape != (n,):
        refuse(maker, f"the target has shape {values.shape}, not {(n,)}")
    finite = np.isfinite(values)
    if not finite.all():
        row = _first(~finite)
        refuse(maker, f"the target is {values[row]} at row {row}, which is not finite")


def check_labels(made, asked, maker):
    """Raise `GeneratorError` unless the labels are those asked for, in their order."""
    made = np.asarray(made, dtype=object)
    made = made[:, 0] if made.ndim == 2 and made.shape[1] == 1 else made
    if made.shape != asked.shape:
        refuse(maker, f"there are {len(made)} labels where {len(asked)} were asked for")
    other = made != asked.astype(object, copy=False)
    if other.any():
        row = _first(other)
        refuse(maker, f"the label of row {row} is {made[row]!r}, not {asked[row]!r} as asked for")


def check_pixels(images, shape, maker, low=0.0, high=1.0):
    """Raise `GeneratorError` unless images have this shape and finite pixels in this range."""
    images = np.asarray(images)
    if images.shape != shape:
        refuse(maker, f"the images have shape {images.shape}, not {shape}")
    slack = PIXEL_SLACK * (high - low)
    if images.min() >= low - slack and images.max() <= high + slack:
        return
    odd = ~((images >= low - slack) & (images <= high + slack))
    at = tuple(int(i) for i in np.argwhere(odd)[0])
    refuse(maker, f"image {at[0]} has a pixel of {images[at]}, outside {low:g} to {high:g}")


def refuse(maker: str, what: str, remedy: str = "") -> NoReturn:
    """Say what is wrong with rows just made, and what their author can do."""
    ending = f": {remedy}" if remedy else ""
    raise GeneratorError(f"{maker} made rows that cannot be right: {what}; {_FAULT}{ending}.")


def _infinite(series):
    if series.dtype.kind != "f":
        return np.zeros(len(series), dtype=bool)
    return np.isinf(series.to_numpy(dtype=np.float64))


def _first(mask):
    return int(np.argmax(mask))

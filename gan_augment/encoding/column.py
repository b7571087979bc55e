"""One column of a table: what it holds, and how plain arrays become it again, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gan_augment.encoding.dtypes import (
    dtype_from_text,
    from_numbers,
    holds_missing,
    missing_mask,
    object_array,
    to_numbers,
)
from gan_augment.exceptions import InputError

#: The most categories a column may have. Beyond it a one-hot block costs more than it teaches:
#: with fewer than ten rows per category a GAN learns the frequencies at best.
MAX_CATEGORIES = 500

#: What a column may be.
KINDS = (
    "number", "integer", "boolean", "category", "datetime", "timedelta",
    "constant", "ignore", "regenerate",
)  # fmt: skip
#: Those that are measured, those that are one of some labels, and those that are not learnt.
NUMBERS, LABELS = ("number", "integer", "datetime", "timedelta"), ("category", "boolean")
UNLEARNT = ("ignore", "regenerate")


@dataclass(frozen=True)
class Column:
    """One column of a table: what it holds and how it is stored.

    Parameters
    ----------
    name : str or int
        The column's name in the frame.
    kind : str
        One of `KINDS`.
    dtype : str
        The dtype as pandas prints it; strings with their storage, as "string[pyarrow]".
    has_missing : bool
        Whether a missing value was seen at fit.
    categories : tuple
        The values seen, as Python scalars, for kinds "category" and "boolean": in the order of
        the levels for a categorical dtype, else sorted.
    ordered : bool
        Whether the categorical dtype is ordered.
    minimum, maximum : int, float or None
        The smallest and largest value seen: int for "integer", "datetime" and "timedelta" (in
        the dtype's own unit), float for "number".
    resolution : int, float or None
        The step the values keep. Floats: the largest power of ten, not above 1 and not below
        1e-12, of which every value is a multiple, else 0.0. Integers, dates and durations: the
        greatest common divisor of the distances from the minimum.
    value : object
        The value of a constant (None: always missing), or the first number free for new
        identifiers of kind "regenerate".
    levels : tuple or None
        All levels of a categorical dtype, unused ones too.
    levels_dtype : str or None
        The dtype of these levels.
    missing_is_none : bool
        Whether missing cells of an object column are None rather than NaN.

    Examples
    --------
    >>> column = Column("size", "integer", "int8", minimum=1, maximum=9, resolution=1)
    >>> column.cast(np.array([3, 9])).dtype
    dtype('int8')
    """

    name: Any
    kind: str
    dtype: str
    has_missing: bool = False
    categories: tuple[Any, ...] = ()
    ordered: bool = False
    minimum: Any = None
    maximum: Any = None
    resolution: Any = None
    value: Any = None
    levels: tuple[Any, ...] | None = None
    levels_dtype: str | None = None
    missing_is_none: bool = False

    @property
    def pandas_dtype(self) -> Any:
        """The dtype itself, a categorical one with all its levels."""
        if self.levels is None:
            return dtype_from_text(self.dtype)
        levels = pd.Index(object_array(self.levels), dtype=object).astype(
            dtype_from_text(self.levels_dtype)
        )
        return pd.CategoricalDtype(levels, ordered=self.ordered)

    def cast(self, values: np.ndarray, missing: np.ndarray | None = None) -> pd.Series:
        """Return plain values as a series of exactly the fitted dtype.

        Parameters
        ----------
        values : ndarray of shape (n,)
            Kinds "category" and "boolean": the categories, as objects. "integer", "datetime"
            and "timedelta": int64, uint64 or Python ints, in the dtype's own unit. "number":
            float64. "constant" and "regenerate": any of these, as the dtype asks.
        missing : ndarray of bool of shape (n,), optional
            True where the result is missing, whatever `values` holds there.

        Returns
        -------
        pandas.Series
            Named as the column, with a fresh index.

        Raises
        ------
        InputError
            If the dtype cannot hold a value, or a missing one. Nothing wraps around.

        Examples
        --------
        >>> column = Column("k", "category", "category", levels=("a", "b"), levels_dtype="object")
        >>> column.cast(np.array(["a", "a"], dtype=object), np.array([False, True])).tolist()
        ['a', nan]
        """
        values = np.asarray(values)
        missing = np.zeros(len(values), dtype=bool) if missing is None else np.asarray(missing)
        dtype = self.pandas_dtype
        if missing.any() and not holds_missing(dtype):
            raise self._error(
                f"has dtype {self.dtype}, which cannot hold a missing value",
                remedy="fit on a nullable dtype, e.g. X.convert_dtypes()",
            )
        try:
            array = self._array(values, missing, dtype)
        except (OverflowError, ValueError, TypeError) as error:
            raise self._error(
                f"has dtype {self.dtype}, which cannot hold a value it was given ({error})",
                remedy="fit on a wider dtype",
            ) from error
        return pd.Series(array, name=self.name, dtype=dtype)

    def _error(self, problem, value=None, **fields):
        """Return an error about this column; only a target may be without a name."""
        if self.name is None:
            return InputError(problem, argument="y", **fields)
        if value is not None:
            fields["value"] = value
        return InputError(problem, column=self.name, **fields)

    def _array(self, values, missing, dtype):
        if missing.all():
            return pd.array(np.full(len(values), self._blank), dtype=dtype)
        if isinstance(dtype, pd.CategoricalDtype):
            codes = pd.Index(object_array(self.levels), dtype=object).get_indexer(
                values.astype(object)
            )
            unknown = (codes < 0) & ~missing
            if unknown.any():
                raise ValueError(f"{values[unknown][0]!r} is not among its levels")
            return pd.Categorical.from_codes(np.where(missing, -1, codes), dtype=dtype)
        if dtype.kind in "biufMm":
            return from_numbers(values, missing, dtype)
        cells = values if values.dtype == object else object_array(values.tolist())
        if missing.any():
            cells = cells.copy()
            cells[missing] = self._blank
        return pd.array(cells, dtype=dtype)

    @property
    def _blank(self):
        """How a missing cell is spelled; every dtype but object turns it into its own."""
        return None if self.missing_is_none or self.dtype != "object" else np.nan

    def numbers(self, series: pd.Series) -> tuple[np.ndarray, np.ndarray]:
        """Return the numbers of a series exactly: the inverse of `cast` for numeric kinds.

        Parameters
        ----------
        series : pandas.Series
            A column like the one fitted.

        Returns
        -------
        values : ndarray of int64, uint64 or float64, shape (n,), read-only
            float64 for kind "number"; dates and durations in the fitted unit; zero if missing.
        missing : ndarray of bool, shape (n,)

        Raises
        ------
        InputError
            If the series cannot be read as this column, e.g. text in place of numbers.

        Examples
        --------
        >>> Column("a", "number", "float64").numbers(pd.Series([1.5, None]))
        (array([1.5, 0. ]), array([False,  True]))
        """
        series = self._like_fitted(series)
        values, missing = to_numbers(series)
        if self.kind == "number":
            return values.astype(np.float64, copy=False), missing
        if values.dtype.kind == "f":
            whole = values == np.rint(values)
            if not whole.all() or (np.abs(values) > 2**53).any():
                value = values[np.argmin(whole)].item()
                raise self._error(
                    f"held integers at fit and now holds {value!r}",
                    value=value,
                    remedy="round it or fit again",
                )
            values = values.astype(np.int64)
        return values, missing

    def number_of(self, value: Any) -> int | float:
        """Return one value as the column's numbers hold it; text may say a date or a duration.

        Parameters
        ----------
        value : int, float, str, date or duration

        Returns
        -------
        int or float

        Raises
        ------
        TypeError or ValueError
            If it is no such value.

        Examples
        --------
        >>> Column("day", "datetime", "datetime64[s]").number_of("1970-01-02")
        86400
        """
        if self.kind not in ("datetime", "timedelta"):
            return float(value)
        convert = pd.to_datetime if self.kind == "datetime" else pd.to_timedelta
        cell, zone = pd.Series([convert(value)]), getattr(self.pandas_dtype, "tz", None)
        if zone is not None and cell.dt.tz is None:
            cell = cell.dt.tz_localize(zone)
        return to_numbers(cell.astype(self.pandas_dtype))[0][0].item()

    def _like_fitted(self, series):
        """Return the series in the fitted unit and zone, or refuse another sort of column."""
        dtype = self.pandas_dtype
        if series.dtype == dtype:
            return series
        dates = dtype.kind in "Mm"
        readable = series.dtype.kind == dtype.kind if dates else series.dtype.kind in "biufO"
        zoned = hasattr(dtype, "tz") == hasattr(series.dtype, "tz")
        if isinstance(series.dtype, pd.CategoricalDtype) or not readable or not zoned:
            raise self._error(
                f"had dtype {self.dtype} at fit and now has {series.dtype}",
                remedy="{}",
                settings=(("conversion", f".astype({self.dtype!r})"),),
            )
        return series.astype(dtype) if dates else series

    def codes(self, series: pd.Series) -> np.ndarray:
        """Return each cell's position in `categories`.

        Parameters
        ----------
        series : pandas.Series
            A column like the one fitted.

        Returns
        -------
        ndarray of int64, shape (n,)
            -1 where missing.

        Raises
        ------
        InputError
            If the series holds a category that was not seen at fit.

        Examples
        --------
        >>> Column("k", "category", "object", categories=("a", "b")).codes(pd.Series(["b", None]))
        array([ 1, -1])
        """
        known = pd.Index(object_array(self.categories), dtype=object)
        if isinstance(series.dtype, pd.CategoricalDtype):
            # One look-up per level, not per row; the last entry answers for code -1.
            levels = np.append(known.get_indexer(series.cat.categories.astype(object)), -1)
            codes, missing = levels[series.cat.codes.to_numpy()], series.isna().to_numpy()
        else:
            missing = missing_mask(series)
            codes = known.get_indexer(pd.Index(series.to_numpy(dtype=object), dtype=object))
            codes = np.where(missing, -1, codes)
        unseen = (codes < 0) & ~missing
        if unseen.any():
            some = sorted(map(repr, self.categories))[:5]
            more = ", ..." if len(self.categories) > 5 else ""
            value = series.iloc[np.argmax(unseen)]
            raise self._error(
                f"holds {value!r}, a category that was not seen at fit",
                value=value,
                remedy=f"fit on data that has it, or use one of {', '.join(some)}{more}",
            )
        return codes.astype(np.int64)

    def from_codes(self, codes: np.ndarray) -> pd.Series:
        """Return the categories at these positions: the inverse of `codes`.

        Parameters
        ----------
        codes : ndarray of int of shape (n,)
            -1 where missing.

        Returns
        -------
        pandas.Series

        Examples
        --------
        >>> Column("k", "category", "object", True, ("a", "b")).from_codes(
        ...     np.array([1, -1])
        ... ).tolist()
        ['b', nan]
        """
        missing = codes < 0
        values = object_array(self.categories)[np.where(missing, 0, codes)]
        return self.cast(values, missing if self.has_missing else None)

    def new_identifiers(self, n: int, start: int = 0) -> pd.Series:
        """Return `n` identifiers of kind "regenerate", none of which a real row has.

        Parameters
        ----------
        n : int
            How many.
        start : int, default=0
            How many were given away before.

        Returns
        -------
        pandas.Series
            "synthetic-1", "synthetic-2", ... or integers beyond the largest real one.

        Examples
        --------
        >>> Column("id", "regenerate", "int64", value=8).new_identifiers(2).tolist()
        [8, 9]
        """
        first = self.value + start
        numbers = list(range(first, first + n))
        # An object column tells by its minimum: only integers have one.
        if self.pandas_dtype.kind in "iu" or self.minimum is not None:
            return self.cast(object_array(numbers))
        return self.cast(object_array([f"synthetic-{number}" for number in numbers]))

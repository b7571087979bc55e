"""What new rows are asked to be: ranges of numbers and dates, and levels of categories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gan_augment.containers.untrusted import is_whole, require
from gan_augment.encoding.column import LABELS, NUMBERS, Column
from gan_augment.encoding.dtypes import python_scalar
from gan_augment.encoding.schema import Schema
from gan_augment.exceptions import InputError

#: How many names a refusal lists.
LISTED = 8


@dataclass(frozen=True)
class Condition:
    """One column that is to lie in a range, both ends included, or to hold one of some values.

    `values` are numbers as :meth:`Column.numbers` gives them, or codes of categories; `low` and
    `high` are their range where there are none.
    """

    column: Column
    values: tuple = ()
    low: Any = None
    high: Any = None

    def meets(self, series: pd.Series) -> np.ndarray:
        """Return which cells of a decoded column meet the condition."""
        if self.column.kind in LABELS:
            return np.isin(self.column.codes(series), self.values)
        numbers, missing = self.column.numbers(series)
        if self.values:
            return np.isin(numbers, self.values) & ~missing
        return (numbers >= self.low) & (numbers <= self.high) & ~missing

    @property
    def in_range(self) -> bool:
        """Whether it can be met by values that were not seen."""
        return self.column.kind in NUMBERS

    def drawn(self, n: int, rng: np.random.Generator) -> pd.Series:
        """Return n numbers that meet the condition, though none was seen to, on the column's grid.

        Nothing where the grid has no place there.
        """
        column, step = self.column, self.column.resolution
        if self.values:
            return column.cast(rng.choice(np.array(self.values), n))
        if not step:
            return column.cast(rng.uniform(self.low, self.high, n))
        origin = 0 if column.kind == "number" else column.minimum
        first, last = np.ceil((self.low - origin) / step), np.floor((self.high - origin) / step)
        places = rng.integers(int(first), max(int(last), int(first)), n, endpoint=True)
        return column.cast(origin + places * step)


class Conditions:
    """Conditions on several columns, all of which a row is to meet.

    Parameters
    ----------
    where : dict of {column name: range, value or list of values}
        A range is a tuple of its two ends, either of which may be None.
    schema : Schema
        The columns of the table.

    Raises
    ------
    InputError
        If a column is not there or not learnt, or what is asked of it was never seen.

    Examples
    --------
    >>> frame = pd.DataFrame({"age": [20, 30, 40], "pet": ["cat", "dog", "cat"]})
    >>> conditions = Conditions({"age": (25, None), "pet": "cat"}, Schema.infer(frame))
    >>> conditions.meets(frame).tolist()
    [False, False, True]
    """

    def __init__(self, where: Mapping, schema: Schema) -> None:
        if not isinstance(where, Mapping):
            raise InputError.of(
                "where",
                where,
                "is no dict of conditions",
                'pass one like {"age": (60, 80), "sex": "F"}',
            )
        known = {column.name: column for column in schema.columns}
        self.parts = {name: self._part(name, asked, known) for name, asked in where.items()}

    def _part(self, name, asked, known):
        if name not in known:
            names = ", ".join(map(repr, list(known)[:LISTED]))
            more = ", ..." if len(known) > LISTED else ""
            raise InputError(
                f"names {name!r}, which is no column",
                argument="where",
                remedy=f"it has {names}{more}",
            )
        column = known[name]
        if column.kind in LABELS:
            return Condition(column, values=_codes(column, asked))
        if column.kind in NUMBERS:
            return _numbers(column, asked)
        raise _refused(name, f"is of kind {column.kind!r}, which is not learnt", "leave it out")

    def meets(self, frame: pd.DataFrame) -> np.ndarray:
        """Return which rows meet all conditions."""
        met = np.ones(len(frame), dtype=bool)
        for name, part in self.parts.items():
            met &= part.meets(frame[name])
        return met


def conditions_to_plain(where: Mapping) -> list:
    """Return what `Conditions` takes as JSON can hold it; dates as text, which it takes too.

    Examples
    --------
    >>> conditions_to_plain({"age": (60, None), "sex": "F"})
    [['age', True, [60, None]], ['sex', False, ['F']]]
    """
    return [
        [
            python_scalar(name),
            isinstance(asked, tuple),
            [_plain(value) for value in _listed(asked)],
        ]
        for name, asked in where.items()
    ]


def conditions_from_plain(described: list) -> dict:
    """Return what `conditions_to_plain` described, or refuse what is none."""
    where: dict = {}
    require(isinstance(described, list), "a list of conditions")
    for name, is_range, values in described:
        require(type(is_range) is bool and isinstance(values, list), "conditions on columns")
        require(isinstance(name, str) or is_whole(name, -(2**63)), "names of columns")
        kinds = (str, int, float, bool, type(None))
        require(all(isinstance(value, kinds) for value in values), "plain values")
        where[name] = tuple(values) if is_range else values
    return where


def _plain(value):
    value = python_scalar(value)
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _refused(name, problem, remedy):
    return InputError(problem, argument="where", column=name, remedy=remedy)


def _listed(asked):
    many = (list, tuple, set, frozenset, np.ndarray)
    return list(asked) if isinstance(asked, many) else [asked]


def _codes(column, asked):
    """The codes of the levels asked for."""
    codes = {level: code for code, level in enumerate(column.categories)}
    wanted = [asked] if isinstance(asked, tuple) else _listed(asked)
    unseen = [level for level in wanted if level not in codes]
    if unseen or not wanted:
        names = ", ".join(map(repr, column.categories[:LISTED]))
        more = ", ..." if len(column.categories) > LISTED else ""
        problem = (
            f"is asked to be {unseen[0]!r}, which was not seen at fit"
            if unseen
            else "has no level to be"
        )
        raise _refused(column.name, problem, f"pass one or a list of {names}{more}")
    return tuple(codes[level] for level in wanted)


def _numbers(column, asked):
    """A range, or the numbers asked for; all of them in the range seen."""
    low, high = column.minimum, column.maximum
    if not isinstance(asked, tuple):
        values = [_number(column, value) for value in _listed(asked)]
        if not values:
            raise _refused(column.name, "has no number to be", "pass one, a list or a range")
        if not all(low <= value <= high for value in values):
            raise _outside(column)
        return Condition(column, values=tuple(values))
    if len(asked) != 2:
        raise _refused(column.name, f"is asked to be {asked!r}", "pass a range as (low, high)")
    ends = [_number(column, end) if end is not None else None for end in asked]
    first, last = (
        end if end is not None else seen for end, seen in zip(ends, (low, high), strict=True)
    )
    if first > last and None not in ends:
        raise _refused(column.name, f"has an empty range, {asked!r}", "pass (low, high)")
    if first > high or last < low:
        raise _outside(column)
    return Condition(column, low=max(first, low), high=min(last, high))


def _outside(column):
    ends = column.cast(np.array([column.minimum, column.maximum])).tolist()
    return _refused(
        column.name,
        f"is asked to lie beyond {ends[0]} to {ends[1]}, the range seen at fit",
        "pass a range that meets it",
    )


def _number(column, value):
    """What is asked for, in the unit of the column's numbers."""
    try:
        number = column.number_of(value)
    except (TypeError, ValueError) as error:
        problem = f"is asked to be {value!r}, which is no {column.kind}"
        raise _refused(column.name, problem, "pass numbers, or dates for dates") from error
    if np.isnan(number):
        raise _refused(column.name, "is asked to be missing", "pass a value or a range")
    return int(number) if column.kind == "integer" and number.is_integer() else number

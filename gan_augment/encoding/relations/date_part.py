"""Columns that follow from a part of a date, as its weekday, its month or the day it starts."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from gan_augment.containers.untrusted import checked_array, require
from gan_augment.encoding.dtypes import missing_mask
from gan_augment.encoding.relations.base import quoted
from gan_augment.encoding.relations.date_codes import LAYOUTS, DateCode, as_dates, may_spell
from gan_augment.encoding.relations.evidence import is_evident
from gan_augment.encoding.relations.look_up import (
    LEAST_LIKELY,
    LookUp,
    is_function,
)
from gan_augment.encoding.relations.scale import per_second

_WITH_ZONE = (pd.DatetimeTZDtype, pd.ArrowDtype)

#: Rows from which on a number may be a part itself.
LEAST_ROWS = 20
#: Parts of a date, each as whole numbers, the coarser ones first.
PARTS = {
    "quarter": lambda dates: dates.dt.quarter,
    "weekday": lambda dates: dates.dt.day_of_week,
    "month": lambda dates: dates.dt.month,
    "year": lambda dates: dates.dt.year,
    "hour": lambda dates: dates.dt.hour,
    "day of the month": lambda dates: dates.dt.day,
    "year and month": lambda dates: dates.dt.year * 12 + dates.dt.month - 1,
    "week": lambda dates: dates.dt.isocalendar().week,
    "day of the year": lambda dates: dates.dt.day_of_year,
    "minute": lambda dates: dates.dt.minute,
}
#: Times cut off at a unit, as days and so on since 1970: dates themselves.
CUT = {"day": "D", "hour": "h", "month": "M", "year": "Y"}
#: Dates that are cut off have a table of so many at most.
MOST_CUT = 100_000


@dataclass(eq=False)
class DatePart(LookUp):
    """Columns that are functions of a part of a date.

    Parameters
    ----------
    part : str
        One of `PARTS`, or "start of the " with one of `CUT`.
    layout : str or None
        How whole numbers spell the dates, one of `LAYOUTS`; None of dates.
    """

    kind = "date part"

    part: str
    layout: str | None

    @classmethod
    def find(cls, rows, restored):
        """Return what parts of each date decide."""
        dates = dict.fromkeys(rows.of_kind("datetime"))
        dates |= {code.name: code.layout for code in DateCode.find(rows, frozenset())}
        names = [
            name
            for name in rows.columns
            if name not in restored and name not in dates and rows.n_levels(name) >= 2
        ]
        least = LEAST_LIKELY / max(len(dates) * len(names) * len(PARTS), 1)
        found, left = cls._cut_off(rows, restored), list(names)
        for date, layout in dates.items():
            read = _dates(rows.frame[date], rows.columns[date], layout)
            for part in PARTS:
                values, missing = _part_of(part, read)
                shifts = {name: _shift(rows, name, values, missing) for name in left}
                levels = np.unique(values[~missing])
                found += [
                    cls._of_all(rows, date, name, part, layout, levels, partial(np.add, shift))
                    for name, shift in shifts.items()
                    if shift is not None
                ]
                left = [name for name, shift in shifts.items() if shift is None]
                if not 2 <= len(levels) <= rows.n_levels(date) / 2:
                    continue  # of dates that are few, each decides
                places = np.where(missing, -1, np.searchsorted(levels, values))
                decided = [
                    name
                    for name in left
                    if len(levels) >= 2 and rows.n_levels(name) <= 2 * len(levels)
                    if is_function(rows, places, name, least)
                ]
                left = [name for name in left if name not in decided]
                if decided:
                    found.append(cls.of(rows, date, decided, part, layout))
        return found

    @classmethod
    def _cut_off(cls, rows, restored):
        """Dates that are others without their time of the day, or the first of their month."""
        dates = [n for n in rows.of_kind("datetime") if rows.columns[n].pandas_dtype.kind == "M"]
        dates = [n for n in dates if not isinstance(rows.columns[n].pandas_dtype, _WITH_ZONE)]
        found, met = [], set(restored)
        for date, name in itertools.permutations(dates, 2):
            if name in met or rows.n_levels(name) > rows.n_levels(date):
                continue
            for unit in CUT:
                relation = cls._cut(rows, date, unit, name)
                if relation is not None:
                    found.append(relation)
                    met |= {name, date}
                    break
        return found

    @classmethod
    def _cut(cls, rows, date, unit, name):
        """A date that is another cut off at a unit, or None."""
        column, part = rows.columns[name], f"start of the {unit}"
        values, missing = _part_of(part, rows.frame[date])
        own, gaps = rows.numbers(name)
        known = ~missing & ~gaps
        if known.sum() < LEAST_ROWS or np.ptp(values[known]) >= MOST_CUT:
            return None
        starts = _starts(values, unit, column)
        wrong = starts[known] != own[known]
        chance = (np.random.default_rng(0).permutation(starts[known]) != own[known]).mean()
        n, n_wrong = int(known.sum()), int(wrong.sum())
        if not is_evident(n_wrong, n, float(chance), limits=rows.limits):
            return None
        return cls._of_all(
            rows, date, name, part, None, values[~missing], lambda v: _starts(v, unit, column)
        )

    @classmethod
    def _of_all(cls, rows, date, name, part, layout, seen, computed):
        """A column that is computed of a part, also of parts between those seen."""
        levels, column = np.arange(seen.min(), seen.max() + 1), rows.columns[name]
        relation = cls.of(rows, date, [name], part, layout, levels=levels)
        (table,) = relation.decided
        table.values[:-1] = computed(levels).clip(column.minimum, column.maximum)
        table.missing[:-1] = False
        return relation.seen_in(rows.frame)

    def _keys(self, cells):
        column = self.schema[self.decider]
        return _part_of(self.part, _dates(cells[self.decider], column, self.layout))

    def words(self):
        names = quoted([part.column.name for part in self.decided])
        return f"the {self.part} of {self.decider!r} decides {names}"

    def _facts(self):
        return {**super()._facts(), "part": self.part, "layout": self.layout}

    @classmethod
    def _read(cls, facts, arrays, decider, schema):
        part, layout = facts["part"], facts.get("layout")
        parts = (*PARTS, *(f"start of the {unit}" for unit in CUT))
        require(isinstance(part, str) and part in parts, "a part of a date")
        require(facts["moves"] is False, "a date that is not moved")
        if layout is None:
            require(decider.kind == "datetime", "a date whose part decides")
        else:
            require(isinstance(layout, str) and layout in LAYOUTS, "a known layout")
            require(may_spell(decider), "numbers that spell dates")
        return checked_array(arrays, "levels", "int64", (None,)), (part, layout)


def _shift(rows, name, values, missing):
    """By how much a number is larger than a part of a date in nearly all rows; or None."""
    if rows.columns[name].kind != "integer":
        return None
    own, gaps = rows.numbers(name)
    known = ~missing & ~gaps
    some = np.flatnonzero(known)[: len(rows.quick)]
    if len(some) < LEAST_ROWS or len(np.unique(values[some])) < 2:
        return None
    shift = int(np.median(own[some].astype(np.int64) - values[some]))
    for rows_in in (some, known):
        wrong = own[rows_in].astype(np.int64) - values[rows_in] != shift
        if wrong.mean() > rows.limits.most:
            return None
    n, alike = int(known.sum()), np.random.default_rng(0).permutation(own[known])
    chance = float((alike.astype(np.int64) - values[known] != shift).mean())
    return shift if is_evident(int(wrong.sum()), n, chance, limits=rows.limits) else None


def _dates(series, column, layout):
    """A column's cells as dates, missing where its numbers spell none."""
    if layout is None:
        return series
    values, missing = column.numbers(series)
    dates = as_dates(np.where(missing, -1, values), layout)
    return pd.Series(dates)


def _starts(values, unit, column):
    """Days and so on since 1970 as the numbers of a column of dates."""
    dates = values.astype(f"datetime64[{CUT[unit]}]").astype("datetime64[s]")
    return dates.astype(np.int64) * per_second(column)


def _part_of(part, dates):
    """A part of each date as int64, 0 where missing, and where it is missing."""
    missing = missing_mask(dates)
    values = np.zeros(len(dates), dtype=np.int64)
    known, unit = dates[~missing], part.removeprefix("start of the ")
    if unit in CUT and unit != part:
        times = known.dt.tz_localize(None).to_numpy(dtype="datetime64[s]")
        values[~missing] = times.astype(f"datetime64[{CUT[unit]}]").astype(np.int64)
    else:
        values[~missing] = PARTS[part](known).to_numpy(dtype=np.int64)
    return values, missing

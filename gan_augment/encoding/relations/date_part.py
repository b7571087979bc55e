"""Columns that follow from a part of a date, as its weekday or its month."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gan_augment.containers.untrusted import checked_array, require
from gan_augment.encoding.dtypes import missing_mask
from gan_augment.encoding.relations.base import quoted
from gan_augment.encoding.relations.evidence import is_evident
from gan_augment.encoding.relations.look_up import (
    LEAST_LIKELY,
    LookUp,
    decided_at,
    is_function,
)

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


@dataclass(eq=False)
class DatePart(LookUp):
    """Columns that are functions of a part of a date.

    Parameters
    ----------
    part : str
        One of `PARTS`.
    """

    kind = "date part"

    part: str

    @classmethod
    def find(cls, rows, restored):
        """Return what parts of each date decide."""
        dates = rows.of_kind("datetime")
        names = [
            name
            for name in rows.columns
            if name not in restored and name not in dates and rows.n_levels(name) >= 2
        ]
        least = LEAST_LIKELY / max(len(dates) * len(names) * len(PARTS), 1)
        found, left = [], list(names)
        for date in dates:
            for part in PARTS:
                values, missing = _part_of(part, rows.frame[date])
                same = [name for name in left if _shift(rows, name, values, missing) is not None]
                found += [cls._same(rows, date, part, name, values, missing) for name in same]
                left = [name for name in left if name not in same]
                levels = np.unique(values[~missing])
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
                    places[missing] = len(levels)
                    tables = [decided_at(rows, places, len(levels), name) for name in decided]
                    facts = date, False, levels, tuple(tables), part
                    relation = cls(rows.schema, 0.0, *facts)
                    broken = float(relation.broken(rows.frame).mean())
                    found.append(replace(relation, exceptions=broken))
        return found

    @classmethod
    def _same(cls, rows, date, part, name, values, missing):
        """A number that is the part itself: of parts that were not seen, too."""
        levels = np.arange(values[~missing].min(), values[~missing].max() + 1)
        places = np.where(missing, len(levels), values - levels[0])
        table, column = decided_at(rows, places, len(levels), name), rows.columns[name]
        shift = _shift(rows, name, values, missing)
        table.values[:-1] = (levels + shift).clip(column.minimum, column.maximum)
        table.missing[:-1] = False
        relation = cls(rows.schema, 0.0, date, False, levels, (table,), part)
        return replace(relation, exceptions=float(relation.broken(rows.frame).mean()))

    def _keys(self, cells):
        return _part_of(self.part, cells[self.decider])

    def words(self):
        names = quoted([part.column.name for part in self.decided])
        return f"the {self.part} of {self.decider!r} decides {names}"

    def _facts(self):
        return {**super()._facts(), "part": self.part}

    @classmethod
    def _read(cls, facts, arrays, decider, schema):
        require(decider.kind == "datetime", "a date whose part decides")
        require(isinstance(facts["part"], str) and facts["part"] in PARTS, "a part of a date")
        require(facts["moves"] is False, "a date that is not moved")
        return checked_array(arrays, "levels", "int64", (None,)), (facts["part"],)


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


def _part_of(part, dates):
    """A part of each date as int64, 0 where missing, and where it is missing."""
    missing = missing_mask(dates)
    values = np.zeros(len(dates), dtype=np.int64)
    values[~missing] = PARTS[part](dates[~missing]).to_numpy(dtype=np.int64)
    return values, missing

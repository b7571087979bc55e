"""Columns that follow from a part of a date, as its weekday or its month."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gan_augment.containers.untrusted import checked_array, require
from gan_augment.encoding.dtypes import missing_mask
from gan_augment.encoding.relations.base import quoted
from gan_augment.encoding.relations.look_up import (
    LEAST_LIKELY,
    LookUp,
    decided_at,
    is_function,
)

#: Parts of a date, each as whole numbers, the coarser ones first.
PARTS = {
    "quarter": lambda dates: dates.dt.quarter,
    "weekday": lambda dates: dates.dt.day_of_week,
    "month": lambda dates: dates.dt.month,
    "year": lambda dates: dates.dt.year,
    "hour": lambda dates: dates.dt.hour,
    "day of the month": lambda dates: dates.dt.day,
    "year and month": lambda dates: dates.dt.year * 12 + dates.dt.month - 1,
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


def _part_of(part, dates):
    """A part of each date as int64, 0 where missing, and where it is missing."""
    missing = missing_mask(dates)
    values = np.zeros(len(dates), dtype=np.int64)
    values[~missing] = PARTS[part](dates[~missing]).to_numpy(dtype=np.int64)
    return values, missing

"""Year, month and day in columns of their own: the day is one that the month has."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from gan_augment.containers.untrusted import require
from gan_augment.encoding.relations.base import OneColumn, checked_share, named, quoted
from gan_augment.encoding.relations.date_codes import FIRST_YEAR, LAST_YEAR, may_spell
from gan_augment.encoding.relations.evidence import is_evident

#: Chance of so few impossible dates where the columns are independent, at most; columns that hold
#: exactly the numbers of months and of days are evidence by themselves.
LEAST_LIKELY = 1e-3
#: A year in which each month has as many days as it ever has.
LEAP_YEAR = 2000


@dataclass(eq=False)
class Calendar(OneColumn):
    """A column of days of the month, none of which its month lacks.

    Parameters
    ----------
    name, month : str or int
        Columns of whole numbers, of the day and of its month.
    year : str, int or None
        The column that says how long February is, if there is one.
    """

    kind = "calendar"

    month: object
    year: object

    @classmethod
    def find(cls, rows, restored):
        """Return the days of months that are all in the calendar, and more than by chance."""
        whole = [n for n in rows.of_kind("integer", "number") if may_spell(rows.columns[n])]
        days = [n for n in whole if n not in restored and _holds(rows, n, 1, 31)]
        months = [n for n in whole if _holds(rows, n, 1, 12)]
        ends = {n: (rows.columns[n].minimum, rows.columns[n].maximum) for n in whole}
        years = [n for n in whole if ends[n][0] >= FIRST_YEAR and ends[n][1] <= LAST_YEAR]
        found, taken = [], set()
        for day, month in itertools.product(days, months):
            for year in [*years, None]:
                relation = cls(rows.schema, 0.0, day, month, year)
                if day not in taken and relation._is_evident(rows):
                    found.append(relation.seen_in(rows.frame))
                    taken.add(day)
        return found

    def _is_evident(self, rows):
        """Whether impossible dates are too rare among the rows to be so by chance."""
        (day, no_day), length = rows.numbers(self.name), self._length(rows.frame)
        known = ~no_day & (length > 0)
        day, length = day[known], length[known]
        mixed = np.random.default_rng(0).permutation(day)
        n_wrong, chance = int((day > length).sum()), float((mixed > length).mean())
        return is_evident(n_wrong, len(day), chance, LEAST_LIKELY, rows.limits)

    def _length(self, frame):
        """Days of the month of each row; 0 where it is not known."""
        month, unknown = self.schema[self.month].numbers(frame[self.month])
        year = np.full(len(month), LEAP_YEAR)
        if self.year is not None:
            year, no_year = self.schema[self.year].numbers(frame[self.year])
            year = np.where(no_year, LEAP_YEAR, year)
        unknown = unknown | (month < 1) | (month > 12) | ~np.isfinite(year)
        first = np.where(unknown, 0, (year - 1970) * 12 + month - 1).astype("datetime64[M]")
        following = (first + np.timedelta64(1, "M")).astype("datetime64[D]")
        length = (following - first.astype("datetime64[D]")).astype(np.int64)
        return np.where(unknown, 0, length)

    @property
    def needs(self):
        return tuple(name for name in (self.year, self.month) if name is not None)

    def decode(self, known, learnt, n):
        column = self.schema[self.name]
        days, missing = column.numbers(learnt[0])
        length = self._length(known)
        days = np.where((length > 0) & (days > length), length, days)
        return {self.name: column.cast(days, missing if column.has_missing else None)}

    def broken(self, frame):
        days, missing = self.schema[self.name].numbers(frame[self.name])
        length = self._length(frame)
        return ~missing & (length > 0) & (days > length)

    def words(self):
        names = [name for name in (self.year, self.month, self.name) if name is not None]
        return f"{quoted(names)} are a date"

    def _facts(self):
        return {"columns": self.places([self.name, *reversed(self.needs)])}

    @classmethod
    def from_plain(cls, facts, arrays, schema):
        """Return the columns that a file describes."""
        names = named(facts["columns"], schema)
        require(len(names) in (2, 3), "columns of day, month and perhaps year")
        require(all(may_spell(schema[name]) for name in names), "columns of whole numbers")
        ends = schema[names[-1]].minimum, schema[names[-1]].maximum
        require(len(names) == 2 or FIRST_YEAR <= ends[0] <= ends[1] <= LAST_YEAR, "years")
        require(schema[names[0]].minimum <= 28, "days that each month has")
        return cls(schema, checked_share(facts), *names, *(None,) * (3 - len(names)))


def _holds(rows, name, low, high):
    """Whether a column holds all whole numbers between two, and no others."""
    column = rows.columns[name]
    return (column.minimum, column.maximum) == (low, high) and rows.n_levels(name) == high

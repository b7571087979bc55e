"""Whole years that have passed since a date, as an age beside a date of birth."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from gan_augment.containers.untrusted import is_whole, require
from gan_augment.encoding.dtypes import missing_mask
from gan_augment.encoding.relations.base import Given, checked_share, named
from gan_augment.encoding.relations.evidence import is_evident

#: Rows that know both at least, and columns of dates that are tried.
LEAST_ROWS, MOST_DATES = 20, 6
#: Places of a year and of a month in a number that orders dates, and the largest such number.
YEAR, MONTH = 512, 32
MOST = 10_000 * YEAR


@dataclass(eq=False)
class WholeYears(Given):
    """A column of the birthdays that lie between a date and another, or a day that all rows share.

    Parameters
    ----------
    name, since : str or int
        The column of years, and that of dates.
    until : str, int or None
        The other column of dates.
    day : int
        The shared day where there is none, as `_places` counts.
    """

    kind = "whole years"

    since: object
    until: object
    day: int

    @classmethod
    def find(cls, rows, restored):
        """Return the numbers that are whole years between dates in all rows."""
        dates = rows.of_kind("datetime")[:MOST_DATES]
        read = {date: _places(rows.frame[date]) for date in dates}
        years = [n for n in rows.of_kind("integer", "number") if n not in restored]
        years = [n for n in years if rows.columns[n].resolution in (None, 0, 1)]
        found, taken = [], set()
        for name, since, until in itertools.product(years, dates, (None, *dates)):
            if name in taken or since == until:
                continue
            day = _shared_day(*read[since], *rows.numbers(name)) if until is None else 0
            relation = None if day is None else cls(rows.schema, 0.0, name, since, until, day)
            if relation is not None and relation._is_evident(rows):
                found.append(relation)
                taken.add(name)
        return found

    def _is_evident(self, rows):
        """Whether it holds in all rows, and would not if the columns were independent."""
        values, unknown = self.given(rows.frame)
        own, missing = rows.numbers(self.name)
        known = ~missing & ~unknown
        if known.sum() < LEAST_ROWS or (values[known] != own[known]).any():
            return False
        if not self.learns and (unknown & ~missing).any():
            return False
        mixed = np.random.default_rng(0).permutation(values[known])
        return is_evident(0, int(known.sum()), float((mixed != own[known]).mean()))

    def given(self, cells):
        since, unknown = _places(cells[self.since])
        until = np.full(len(since), self.day)
        if self.until is not None:
            until, no_until = _places(cells[self.until])
            unknown = unknown | no_until
        return (until - since) // YEAR, unknown

    @property
    def needs(self):
        return (self.since,) if self.until is None else (self.since, self.until)

    def broken(self, frame):
        own, missing = self.schema[self.name].numbers(frame[self.name])
        values, unknown = self.given(frame)
        return ~missing & ~unknown & (own != values)

    def words(self):
        until = repr(self.until)
        if self.until is None:
            year, rest = divmod(self.day, YEAR)
            until = f"{year}-{rest // MONTH:02}-{rest % MONTH:02}"
        return f"{self.name!r} is the whole years from {self.since!r} to {until}"

    def _facts(self):
        return {"columns": self.places([self.name, *self.needs]), "day": self.day}

    @classmethod
    def from_plain(cls, facts, arrays, schema):
        """Return the columns that a file describes."""
        names, day = named(facts["columns"], schema), facts["day"]
        require(len(names) in (2, 3), "a column of years, and of one date or two")
        require(schema[names[0]].kind in ("integer", "number"), "a column of numbers")
        require(all(schema[n].kind == "datetime" for n in names[1:]), "columns of dates")
        require(is_whole(day, 0, MOST), "a day")
        until = names[2] if len(names) == 3 else None
        return cls(schema, checked_share(facts), *names[:2], until, day)


def _places(series):
    """Numbers that order dates by year, month and day; and where dates are missing."""
    missing = missing_mask(series)
    parts = [getattr(series.dt, part).fillna(1) for part in ("year", "month", "day")]
    year, month, day = (part.to_numpy(dtype=np.int64) for part in parts)
    return year * YEAR + month * MONTH + day, missing


def _shared_day(since, unknown, years, missing):
    """The first day by which all have had so many birthdays and none another; None if none is."""
    known = ~unknown & ~missing & (np.abs(years) < MOST // YEAR)
    if known.sum() < LEAST_ROWS:
        return None
    last = since[known] + YEAR * years[known].astype(np.int64)
    day = int(last.max())
    return day if day < int(last.min()) + YEAR and 0 <= day <= MOST else None

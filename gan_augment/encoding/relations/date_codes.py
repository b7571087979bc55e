"""Whole numbers that spell dates or times, as 20260131 or 2359: learnt as what they spell."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gan_augment.containers.untrusted import require
from gan_augment.encoding.column import Column
from gan_augment.encoding.relations.base import Rewritten, checked_share, named

#: The places of year, month, day, hour and minute in a layout: divisor and modulus of each.
LAYOUTS = {
    "yyyymmdd": {"year": (10_000, 10_000), "month": (100, 100), "day": (1, 100)},
    "ddmmyyyy": {"year": (1, 10_000), "month": (10_000, 100), "day": (1_000_000, 100)},
    "mmddyyyy": {"year": (1, 10_000), "month": (1_000_000, 100), "day": (10_000, 100)},
    "yyyymm": {"year": (100, 10_000), "month": (1, 100)},
    "hhmm": {"hour": (100, 100), "minute": (1, 100)},
}
#: Years that a date may have, numbers tried for what chance would spell, and how unlikely it is.
FIRST_YEAR, LAST_YEAR, N_TRIED, LEAST_LIKELY = 1900, 2100, 20_000, 1e-9


@dataclass(eq=False)
class DateCode(Rewritten):
    """A column of whole numbers all of which spell dates or times of one layout.

    Parameters
    ----------
    name : str or int
    layout : str
        One of `LAYOUTS`.
    """

    kind = "date code"

    layout: str

    @classmethod
    def find(cls, rows, restored):
        """Return the columns all of whose numbers spell a date or a time."""
        found = []
        for name in rows.of_kind("integer"):
            layout = None if name in restored else _layout(*rows.numbers(name))
            if layout:
                found.append(cls(rows.schema, 0.0, name, layout))
        return found

    @functools.cached_property
    def learns(self):
        """The minutes or days since the epoch, or months since the year 0."""
        column = self.schema[self.name]
        ends = spelled(np.array([column.minimum, column.maximum]), self.layout)[0].tolist()
        if self.layout in ("ddmmyyyy", "mmddyyyy"):  # whose order is not that of the dates
            ends = [_count(year, m, d) for year, m, d in ((FIRST_YEAR, 1, 1), (LAST_YEAR, 12, 31))]
        low, high = min(ends), max(ends)
        facts = {"minimum": int(low), "maximum": int(high), "resolution": 1}
        return (Column("spelled", "integer", "Int64", column.has_missing, **facts),)

    def encode(self, frame):
        values, missing = self.schema[self.name].numbers(frame[self.name])
        counts = np.where(missing, self.learns[0].minimum, spelled(values, self.layout)[0])
        (inner,) = self.learns
        counts = counts.clip(inner.minimum, inner.maximum)
        return [inner.cast(counts, missing if inner.has_missing else None)]

    def decode(self, known, learnt, n):
        column = self.schema[self.name]
        counts, missing = self.learns[0].numbers(learnt[0])
        values = codes_of(counts, self.layout)
        return {self.name: column.cast(values, missing if column.has_missing else None)}

    def broken(self, frame):
        values, missing = self.schema[self.name].numbers(frame[self.name])
        return ~missing & ~spelled(values, self.layout)[1]

    def words(self):
        return f"{self.name!r} is a {'time' if self.layout == 'hhmm' else 'date'}, {self.layout}"

    def _facts(self):
        return {"column": self.places([self.name]), "layout": self.layout}

    @classmethod
    def from_plain(cls, facts, arrays, schema):
        """Return the column that a file describes."""
        names, layout = named(facts["column"], schema), facts["layout"]
        require(len(names) == 1 and schema[names[0]].kind == "integer", "a column of integers")
        require(isinstance(layout, str) and layout in LAYOUTS, "a known layout")
        column = schema[names[0]]
        ends = np.array([column.minimum, column.maximum], dtype=object)
        require(all(0 <= end < 10**8 for end in ends), "numbers of eight digits")
        require(spelled(ends.astype(np.int64), layout)[1].all(), "ends that spell something")
        return cls(schema, checked_share(facts), names[0], layout)


def spelled(values, layout):
    """Return what numbers spell, as counts of days, months or minutes, and which spell it.

    Examples
    --------
    >>> counts, is_valid = spelled(np.array([19700102, 20260230]), "yyyymmdd")
    >>> counts[0], is_valid.tolist()
    (np.int64(1), [True, False])
    """
    values = np.asarray(values).astype(np.int64)
    parts = {name: values // by % mod for name, (by, mod) in LAYOUTS[layout].items()}
    if layout == "hhmm":
        valid = (values >= 0) & (values < 2400) & (parts["minute"] < 60)
        return parts["hour"] * 60 + parts["minute"], valid
    most = 10**6 if layout == "yyyymm" else 10**8
    year, month = parts["year"], parts["month"]
    valid = (values > 0) & (values < most) & (year >= FIRST_YEAR) & (year <= LAST_YEAR)
    valid &= (month >= 1) & (month <= 12)
    if layout == "yyyymm":
        return year * 12 + month - 1, valid
    year, month = np.where(valid, year, 2000), np.where(valid, month, 1)
    first = _count(year, month, 1)
    length = _count(year + month // 12, month % 12 + 1, 1) - first
    valid &= (parts["day"] >= 1) & (parts["day"] <= length)
    return first + parts["day"] - 1, valid


def _count(year, month, day):
    """Days since the epoch."""
    months = (np.asarray(year) - 1970) * 12 + np.asarray(month) - 1
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + day - 1


def codes_of(counts, layout):
    """Return the numbers that spell counts: the inverse of `spelled`.

    Examples
    --------
    >>> codes_of(np.array([1]), "ddmmyyyy").tolist()
    [2011970]
    """
    if layout == "hhmm":
        return counts // 60 * 100 + counts % 60
    if layout == "yyyymm":
        return counts // 12 * 100 + counts % 12 + 1
    dates = pd.DatetimeIndex(counts.astype("datetime64[D]").astype("datetime64[s]"))
    return sum(
        getattr(dates, name).to_numpy().astype(np.int64) * by
        for name, (by, _) in LAYOUTS[layout].items()
    )


def _layout(values, missing):
    """The layout in which all numbers are valid, against what chance would make valid; or None."""
    values = np.unique(values[~missing])
    if not len(values) or values[0] < 0 or values[-1] >= 10**8:
        return None
    tried = np.linspace(int(values[0]), int(values[-1]), N_TRIED).astype(np.int64)
    for layout in LAYOUTS:
        if spelled(values, layout)[1].all():
            chance = spelled(tried, layout)[1].mean()
            if len(values) * np.log(max(chance, 1e-6)) < np.log(LEAST_LIKELY):
                return layout
    return None

"""Whole numbers that spell dates or times, as 20260131 or 2359: learnt as what they spell."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gan_augment.containers.untrusted import is_whole, require
from gan_augment.encoding.column import Column
from gan_augment.encoding.relations.base import OneColumn, checked_share, named
from gan_augment.encoding.relations.evidence import MOST_EXCEPTIONS

#: The places of year, month, day, hour and minute in a layout: divisor and modulus of each.
LAYOUTS = {
    "yyyymmdd": {"year": (10_000, 10_000), "month": (100, 100), "day": (1, 100)},
    "ddmmyyyy": {"year": (1, 10_000), "month": (10_000, 100), "day": (1_000_000, 100)},
    "mmddyyyy": {"year": (1, 10_000), "month": (1_000_000, 100), "day": (10_000, 100)},
    "yyyymm": {"year": (100, 10_000), "month": (1, 100)},
    "yymmdd": {"year": (10_000, 100), "month": (100, 100), "day": (1, 100)},
    "ddmmyy": {"year": (1, 100), "month": (100, 100), "day": (10_000, 100)},
    "yyyymmddhhmm": {
        **{"year": (10**8, 10_000), "month": (10**6, 100), "day": (10_000, 100)},
        **{"hour": (100, 100), "minute": (1, 100)},
    },
    "yyyymmddhhmmss": {
        **{"year": (10**10, 10_000), "month": (10**8, 100), "day": (10**6, 100)},
        **{"hour": (10_000, 100), "minute": (100, 100), "second": (1, 100)},
    },
    "hhmm": {"hour": (100, 100), "minute": (1, 100)},
    "hhmmss": {"hour": (10_000, 100), "minute": (100, 100), "second": (1, 100)},
}
#: Units that count in a layout, how many make the next larger one.
_CLOCK = {"hour": 24, "minute": 60, "second": 60}
_UNITS = {"second": "s", "minute": "m", "day": "D", "month": "M"}
#: Years that a date may have, and the first year of which two digits are written.
FIRST_YEAR, LAST_YEAR, FIRST_SHORT = 1900, 2100, 1970
#: Numbers tried for what chance would spell, how unlikely that must be, and days moved at an end.
N_TRIED, LEAST_LIKELY, MOST_MOVED = 20_000, 1e-9, 40


@dataclass(eq=False)
class DateCode(OneColumn):
    """A column of whole numbers all of which spell dates or times of one layout.

    Parameters
    ----------
    name : str or int
    layout : str
        One of `LAYOUTS`.
    low, high : int
        The first and the last of what the numbers spell, as `spelled` counts.
    """

    kind = "date code"

    layout: str
    low: int
    high: int

    @classmethod
    def find(cls, rows, restored):
        """Return the columns whose numbers spell a date or a time, but for rare exceptions."""
        found = []
        for name in rows.of_kind("integer", "number"):
            if name not in restored and may_spell(rows.columns[name]):
                values, missing = rows.numbers(name)
                layout = _layout(rows, name)
                if layout:
                    counts, valid = spelled(values[~missing], layout)
                    ends = int(counts[valid].min()), int(counts[valid].max())
                    share = float((~valid).sum() / len(rows))
                    found.append(cls(rows.schema, share, name, layout, *ends))
        return found

    @functools.cached_property
    def learns(self):
        """The seconds, minutes or days since the epoch, or months since the year 0."""
        facts = {"minimum": self.low, "maximum": self.high, "resolution": 1}
        gaps = self.schema[self.name].has_missing
        return (Column("spelled", "integer", "Int64", gaps, **facts),)

    def encode(self, frame):
        values, missing = self.schema[self.name].numbers(frame[self.name])
        counts, valid = spelled(np.where(missing, 0, values), self.layout)
        known = counts[valid & ~missing]
        if len(known):  # what spells nothing is learnt as what others spell
            counts = np.where(valid, counts, np.resize(known, len(counts)))
        (inner,) = self.learns
        counts = counts.clip(inner.minimum, inner.maximum)
        return [inner.cast(counts, missing if inner.has_missing else None)]

    def decode(self, known, learnt, n):
        column = self.schema[self.name]
        counts, missing = self.learns[0].numbers(learnt[0])
        values, unit = codes_of(counts, self.layout), _per_day(self.layout)
        for _ in range(MOST_MOVED):  # numbers may be smallest in the middle of the time seen
            side = (values < column.minimum) * 1 - (values > column.maximum) * 1
            if not side.any():
                break
            counts = (counts + side * unit).clip(self.low, self.high)
            values = codes_of(counts, self.layout)
        outside = (values < column.minimum) | (values > column.maximum)
        values = np.where(outside, self._any_code(), values)
        if column.kind == "number":
            values = values.astype(np.float64)
        return {self.name: column.cast(values, missing if column.has_missing else None)}

    def _any_code(self):
        """A number that was seen and spells something."""
        column = self.schema[self.name]
        ends = np.array([column.minimum, column.maximum]).astype(np.int64)
        fits = ends[spelled(ends, self.layout)[1]]
        return fits[0] if len(fits) else codes_of(np.array([self.low]), self.layout)[0]

    def broken(self, frame):
        values, missing = self.schema[self.name].numbers(frame[self.name])
        return ~missing & ~spelled(np.where(missing, 0, values), self.layout)[1]

    def words(self):
        what = "date" if "year" in LAYOUTS[self.layout] else "time"
        return f"{self.name!r} is a {what}, {self.layout}"

    def _facts(self):
        ends = [self.low, self.high]
        return {"column": self.places([self.name]), "layout": self.layout, "ends": ends}

    @classmethod
    def from_plain(cls, facts, arrays, schema):
        """Return the column that a file describes."""
        names, layout, ends = named(facts["column"], schema), facts["layout"], facts["ends"]
        require(len(names) == 1 and may_spell(schema[names[0]]), "a column of whole numbers")
        require(isinstance(layout, str) and layout in LAYOUTS, "a known layout")
        most = LAST_YEAR * 366 * _per_day(layout)
        require(isinstance(ends, list) and len(ends) == 2, "the first and the last time")
        require(all(is_whole(end, -most, most) for end in ends), "times that have a code")
        require(ends[0] <= ends[1], "ends in order")
        codes = codes_of(np.array(ends), layout)
        require(spelled(codes, layout)[1].all(), "ends that spell something")
        return cls(schema, checked_share(facts), names[0], layout, *ends)


def may_spell(column):
    """Whether a column holds whole numbers of at most 14 digits."""
    if column.kind not in ("integer", "number") or column.maximum >= 10**14:
        return False
    return column.kind == "integer" or column.resolution == 1


def spelled(values, layout):
    """Return what numbers spell, as counts of seconds, minutes, days or months; and which do.

    Examples
    --------
    >>> counts, is_valid = spelled(np.array([19700102, 20260230]), "yyyymmdd")
    >>> counts[0], is_valid.tolist()
    (np.int64(1), [True, False])
    """
    values, fields = np.asarray(values).astype(np.int64), LAYOUTS[layout]
    parts = {name: values // by % mod for name, (by, mod) in fields.items()}
    valid = (values >= 0) & (values < max(by * mod for by, mod in fields.values()))
    counts = np.zeros(len(values), dtype=np.int64)
    if "year" in fields:
        counts, is_date = _days(parts, fields["year"][1] == 100)
        valid &= is_date
    for name, size in _CLOCK.items():
        if name in fields:
            counts = counts * size + parts[name]
            valid &= parts[name] < size
    return counts, valid


def _days(parts, is_short):
    """Days since the epoch, or months since the year 0; and which are dates."""
    year, month = parts["year"], parts["month"]
    if is_short:
        year = year + 100 * ((FIRST_SHORT + 99 - year) // 100)
    valid = (year >= FIRST_YEAR) & (year <= LAST_YEAR) & (month >= 1) & (month <= 12)
    if "day" not in parts:
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


def _per_day(layout):
    """Counts of a layout in a day; 1 of months."""
    sizes = [size for name, size in _CLOCK.items() if name in LAYOUTS[layout]]
    return int(np.prod(sizes)) if "year" in LAYOUTS[layout] else 1


def codes_of(counts, layout):
    """Return the numbers that spell counts: the inverse of `spelled`.

    Examples
    --------
    >>> codes_of(np.array([1]), "ddmmyyyy").tolist()
    [2011970]
    """
    fields, counts = LAYOUTS[layout], np.asarray(counts)
    codes = np.zeros(len(counts), dtype=np.int64)
    for name, size in reversed(_CLOCK.items()):
        if name in fields:
            is_last = name == "hour" and "year" not in fields
            codes = codes + (counts if is_last else counts % size) * fields[name][0]
            counts = counts // size
    if "year" not in fields:
        return codes
    if "day" not in fields:
        return counts // 12 * 100 + counts % 12 + 1
    dates = pd.DatetimeIndex(counts.astype("datetime64[D]").astype("datetime64[s]"))
    for name in ("year", "month", "day"):
        by, mod = fields[name]
        codes = codes + getattr(dates, name).to_numpy().astype(np.int64) % mod * by
    return codes


def as_dates(values, layout):
    """Return what numbers spell as datetime64[s], on the first of January 1970 if only a time.

    Examples
    --------
    >>> as_dates(np.array([20260131, 99]), "yyyymmdd").astype(str).tolist()
    ['2026-01-31T00:00:00', 'NaT']
    """
    counts, valid = spelled(values, layout)
    fields = LAYOUTS[layout]
    unit = next(u for u in ("second", "minute", "day", "month") if u in fields)
    months = counts - 1970 * 12 if unit == "month" else counts
    dates = months.astype(f"datetime64[{_UNITS[unit]}]").astype("datetime64[s]")
    return np.where(valid, dates, np.datetime64("NaT", "s"))


def _layout(rows, name):
    """The layout in which nearly all numbers are valid, against what chance says; or None.

    Of several it is that in which they lie closest together.
    """
    values, missing = rows.numbers(name)
    some, best, least = rows.quick[~missing[rows.quick]], None, np.inf
    # few rows say little of the rate of exceptions
    most = MOST_EXCEPTIONS * len(some) + 3
    layouts = [code for code in LAYOUTS if (~spelled(values[some], code)[1]).sum() <= most]
    if not layouts:
        return None
    distinct, counts = rows.distinct(name), np.bincount(rows.levels(name)[~missing])
    for layout in layouts:
        found, valid = spelled(distinct, layout)
        if counts[~valid].sum() > MOST_EXCEPTIONS * counts.sum() or not valid.any():
            continue
        ends = distinct[valid][[0, -1]]
        tried = np.linspace(int(ends[0]), int(ends[1]), N_TRIED).astype(np.int64)
        chance = spelled(tried, layout)[1].mean()
        if valid.sum() * np.log(max(chance, 1e-6)) < np.log(LEAST_LIKELY):
            is_date = "year" in LAYOUTS[layout]  # rather than a time
            days = np.ptp(found[valid]) / _per_day(layout) if is_date else np.inf
            best = best or layout
            if days < least:
                best, least = layout, days
    return best

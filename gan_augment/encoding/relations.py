"""Columns that follow from another one, found in the training rows and kept in every new row.

- One that is a function of another, as a country of its city, is looked up (`LookUp`).
- A date that never comes before another, as a drop-off after its pick-up, is learnt as the time
  between the two (`LaterCodec`). A generator that draws both by itself gets the order wrong in
  some rows, and how long things take in most.
"""

import numpy as np
import pandas as pd

from gan_augment.containers.untrusted import checked_array, is_whole, require
from gan_augment.encoding.codecs import NumberCodec
from gan_augment.encoding.column import LABELS, UNLEARNT, Column
from gan_augment.encoding.numeric import integer_step

#: Rows from which on columns that others decide are looked for, and rows a level of a decider.
MIN_ROWS, ROWS_PER_LEVEL = 200, 10
#: Rows that settle most pairs of columns: where these contradict, the others are not looked at.
QUICK_ROWS = 1000
#: Two dates drawn by chance are in one order in all of so many rows once in a million tables.
MIN_ROWS_FOR_ORDER = 20


def find_dependencies(frame, schema, refused=()):
    """Columns that are functions of another: ``{position: position of the column that decides}``.

    A deciding column is categorical or boolean, has at least ten rows a level on average and is
    not itself decided by another. Pairs (decided, decider) in `refused` are known to be none.
    Empty below 200 rows.
    """
    if len(frame) < MIN_ROWS:
        return {}
    levels = {}
    for i, column in enumerate(schema.columns):
        if column.kind not in ("constant", *UNLEARNT):
            codes = _levels(column, frame.iloc[:, i])
            if 2 <= codes.max() + 1 <= len(frame) / ROWS_PER_LEVEL:
                levels[i] = codes
    deciders = [i for i in levels if schema.columns[i].kind in LABELS]
    deciders.sort(key=lambda i: -levels[i].max())  # a finer column decides a coarser one
    found = {}
    for decided in sorted(levels, key=lambda i: levels[i].max()):
        for decider in deciders:
            free = decider not in {decided, *found} and decided not in found.values()
            free = free and (decided, decider) not in refused
            if free and _decides(levels[decider], levels[decided]):
                found[decided] = decider
                break
    return found


def _levels(column, series):
    if column.kind in LABELS:
        return column.codes(series) + column.has_missing
    return pd.factorize(series, use_na_sentinel=False)[0]


def _decides(first, second):
    """Whether ``second`` is a function of ``first``."""
    if second.max() > first.max():
        return False
    return _is_function(first[:QUICK_ROWS], second[:QUICK_ROWS]) and _is_function(first, second)


def _is_function(first, second):
    value = np.empty(first.max() + 1, dtype=second.dtype)
    value[first] = second
    return bool((value[first] == second).all())


def find_later(frame, schema, decided=()):
    """Dates that follow another: ``{position: position of the earlier one}``.

    They are without missing values, of one dtype, and nearer to the earlier one than to the dates
    of other rows. What is followed is no later entry, so they can be decoded in this order.
    Columns at the positions `decided` take no part. Empty below 20 rows.

    Examples
    --------
    >>> from gan_augment.encoding.schema import Schema
    >>> start = pd.Series(pd.date_range("2024-01-01", periods=40, freq="7h"))
    >>> frame = pd.DataFrame({"end": start + pd.to_timedelta(range(1, 41), "min"), "start": start})
    >>> find_later(frame, Schema.infer(frame))
    {0: 1}
    """
    if len(frame) < MIN_ROWS_FOR_ORDER:
        return {}
    ticks = {
        i: column.numbers(frame.iloc[:, i])[0]
        for i, column in enumerate(schema.columns)
        if column.kind == "datetime" and not column.has_missing and i not in decided
    }
    found = {}
    # The mean of what follows is later, so no ring can close; the nearest is followed.
    places = sorted(ticks, key=lambda i: ticks[i].mean(dtype=np.float64))
    for at, i in enumerate(places):
        for j in reversed(places[:at]):
            if schema.columns[i].dtype == schema.columns[j].dtype and _follows(ticks[i], ticks[j]):
                found[i] = j
                break
    return found


def _follows(late, early):
    if int(late.max()) - int(early.min()) >= 2**62 or (late < early).any():
        return False
    gaps = (late - early).astype(np.float64)
    return gaps.any() and gaps.std() < late.std(dtype=np.float64)


class LookUp:
    """The value of a decided column for each level of its decider, missing being one."""

    blocks = ()

    def __init__(self, column, decider):
        self.column, self.decider = column, decider
        self.met = np.zeros(len(decider.categories) + 1, dtype=bool)

    def fit(self, series, decider_series):
        """Remember the value in one row of every level of the decider."""
        self.add(series, decider_series)
        return self

    def add(self, series, decider_series):
        """Remember the value of levels not met before, in the next piece of the columns.

        The answer is whether every row agrees with what is remembered.
        """
        levels, (values, missing) = self._levels(decider_series), self._cells(series)
        found, rows = np.unique(levels, return_index=True)
        row_of = np.zeros(len(self.met), dtype=np.int64)
        row_of[found] = rows
        if not self.met.any():
            self.values_, self.missing_ = values[row_of], missing[row_of]
        new = found[~self.met[found]]
        self.values_[new], self.missing_[new] = values[row_of[new]], missing[row_of[new]]
        self.met[found] = True
        same = (self.missing_[levels] == missing) & (missing | (self.values_[levels] == values))
        return bool(same.all())

    def _cells(self, series):
        if self.column.kind in LABELS:
            codes = self.column.codes(series)
            return codes, codes < 0
        return self.column.numbers(series)

    @classmethod
    def from_arrays(cls, column, decider, arrays):
        """What a file describes, by the names of its attributes."""
        look_up = cls(column, decider)
        require(decider.kind in LABELS, "categories that decide others")
        kinds, low, high = "int64 uint64 float64", None, None
        if column.kind in LABELS:
            kinds, low, high = "int64", -1, len(column.categories) - 1
        shape = look_up.met.shape
        look_up.values_ = checked_array(arrays, "values_", kinds, shape, low=low, high=high)
        look_up.missing_ = checked_array(arrays, "missing_", "bool", shape)
        return look_up

    def decode(self, decider_series):
        """The column that belongs to a decoded decider."""
        levels = self._levels(decider_series)
        values, missing = self.values_[levels], self.missing_[levels]
        if self.column.kind in LABELS:
            return self.column.from_codes(np.where(missing, -1, values))
        return self.column.cast(values, missing if self.column.has_missing else None)

    def _levels(self, decider_series):
        codes = self.decider.codes(decider_series)
        return np.where(codes < 0, len(self.decider.categories), codes)


class LaterCodec(NumberCodec):
    """A date as the time since an earlier one, whole numbers in the unit of its dtype."""

    def __init__(self, date, earlier, low, high, step):
        facts = {"minimum": low, "maximum": high, "resolution": step}
        super().__init__(Column(date.name, "integer", "int64", **facts))
        self.date, self.earlier = date, earlier

    @classmethod
    def of(cls, date, series, earlier, earlier_series):
        """Return the fitted codec of a date and the column of the one before it."""
        gaps = date.numbers(series)[0] - earlier.numbers(earlier_series)[0]
        codec = cls(date, earlier, int(gaps.min()), int(gaps.max()), integer_step(gaps))
        return codec.fit(pd.Series(gaps))

    def since(self, series, earlier_series):
        """Return the times between two columns of dates, as a series of whole numbers."""
        late, early = self.date.numbers(series)[0], self.earlier.numbers(earlier_series)[0]
        return pd.Series(late - early)

    def after(self, gaps, earlier_series):
        """Return the dates so long after those decoded, never before them.

        They stay in the range and on the grid of the dates seen.
        """
        date, early = self.date, self.earlier.numbers(earlier_series)[0]
        ticks = np.minimum(early + gaps.to_numpy(), date.maximum)
        step = max(int(date.resolution), 1)
        places = (np.maximum(ticks, date.minimum) - date.minimum) // step
        ticks = date.minimum + places * step
        short = ticks < early
        ticks[short] += -(-(early - ticks)[short] // step) * step
        return date.cast(ticks)

    def to_plain(self):
        """Return the least, the largest and the step of the times between, for a file."""
        return [self.column.minimum, self.column.maximum, self.column.resolution]

    @classmethod
    def from_plain(cls, date, earlier, facts):
        """Return the codec, yet without its scale, that a file describes."""
        dates = (date.kind, earlier.kind) == ("datetime", "datetime")
        whole = not date.has_missing and not earlier.has_missing and date.dtype == earlier.dtype
        require(dates and whole, "dates that follow dates")
        require(earlier.maximum <= date.maximum, "dates after those they follow")
        require(len(facts) == 3 and all(is_whole(fact, 0, 2**62) for fact in facts), "whole times")
        require(facts[0] <= facts[1], "times in order")
        return cls(date, earlier, *facts)

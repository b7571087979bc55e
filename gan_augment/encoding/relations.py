"""Dates that never come before another: a drop-off after its pick-up, a release after admission.

A generator that draws both by itself gets the order wrong in some rows, and how long things take
in most. Where a date is never before another in the training rows, and lies nearer to it than to
the other rows' dates, the time between the two is learnt in its place.
"""

import numpy as np
import pandas as pd

from gan_augment.containers.untrusted import checked_array, is_whole, require
from gan_augment.encoding.codecs import NumberCodec
from gan_augment.encoding.column import Column
from gan_augment.encoding.numeric import integer_step

MIN_ROWS = 200
ROWS_PER_LEVEL = 10
QUICK_ROWS = 1000


def find_dependencies(frame, schema, refused=()):
    """Columns that are functions of another: ``{position: position of the column that decides}``.

    Parameters
    ----------
    frame : DataFrame of shape (n, d)
    schema : Schema
    refused : collection of (int, int)
        Pairs of a decided column and its decider that are known to be none.

    Returns
    -------
    dict of int to int
        A deciding column is categorical or boolean, has at least ten rows a level on average and
        is not itself decided by another. Empty below 200 rows.
    """
    if len(frame) < MIN_ROWS:
        return {}
    levels = {}
    for i, column in enumerate(schema.columns):
        if column.kind not in ("constant", "ignore", "regenerate"):
            series = frame.iloc[:, i]
            if column.kind in ("category", "boolean"):
                codes = column.codes(series) + column.has_missing
            else:
                codes = pd.factorize(series, use_na_sentinel=False)[0]
            if 2 <= codes.max() + 1 <= len(frame) / ROWS_PER_LEVEL:
                levels[i] = codes
    deciders = [i for i in levels if schema.columns[i].kind in ("category", "boolean")]
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


def _decides(first, second):
    """Whether ``second`` is a function of ``first``; a look at some rows settles most pairs."""
    if second.max() > first.max():
        return False
    return _is_function(first[:QUICK_ROWS], second[:QUICK_ROWS]) and _is_function(first, second)


def _is_function(first, second):
    value = np.empty(first.max() + 1, dtype=second.dtype)
    value[first] = second
    return bool((value[first] == second).all())


class LookUp:
    """The value of a decided column for each level of its decider."""

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

        Returns
        -------
        bool
            Whether every row agrees with what is remembered.
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
        if self.column.kind in ("category", "boolean"):
            codes = self.column.codes(series)
            return codes, codes < 0
        return self.column.numbers(series)

    @classmethod
    def from_arrays(cls, column, decider, arrays):
        """What a file describes, by the names of its attributes."""
        look_up = cls(column, decider)
        require(decider.kind in ("category", "boolean"), "categories that decide others")
        n_levels = (len(decider.categories) + 1,)
        kinds, low, high = "int64 uint64 float64", None, None
        if column.kind in ("category", "boolean"):
            kinds, low, high = "int64", -1, len(column.categories) - 1
        look_up.values_ = checked_array(arrays, "values_", kinds, n_levels, low=low, high=high)
        look_up.missing_ = checked_array(arrays, "missing_", "bool", n_levels)
        return look_up

    def decode(self, decider_series):
        """The column that belongs to a decoded decider."""
        levels = self._levels(decider_series)
        values, missing = self.values_[levels], self.missing_[levels]
        if self.column.kind in ("category", "boolean"):
            categories = np.empty(len(self.column.categories), dtype=object)
            categories[:] = self.column.categories
            values = categories[np.where(missing, 0, values)]
        return self.column.cast(values, missing if self.column.has_missing else None)

    def _levels(self, decider_series):
        """Level of the decider in each row; missing is a level of its own."""
        codes = self.decider.codes(decider_series)
        return np.where(codes < 0, len(self.decider.categories), codes)


#: Two dates drawn by chance are in one order in all of so many rows once in a million tables.
MIN_ROWS_FOR_ORDER = 20


def find_later(frame, schema, decided=()):
    """Dates that follow another: ``{position: position of the earlier one}``.

    Parameters
    ----------
    frame : DataFrame of shape (n, d)
    schema : Schema
    decided : collection of int
        Positions of columns that are looked up, which take no part.

    Returns
    -------
    dict of int to int
        In an order in which they can be decoded: what is followed is no later entry. Dates
        without missing values, of one dtype. Empty below 20 rows.

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


class LaterCodec(NumberCodec):
    """A date as the time since an earlier one, in the unit of its dtype.

    Parameters
    ----------
    date, earlier : Column
        The date itself, and the one before it.
    gap : Column
        The time since the earlier one, as whole numbers.
    """

    def __init__(self, date, earlier, gap):
        super().__init__(gap)
        self.date, self.earlier = date, earlier

    @classmethod
    def of(cls, date, series, earlier, earlier_series):
        """Return the fitted codec of a date and the column of the one before it."""
        gaps = date.numbers(series)[0] - earlier.numbers(earlier_series)[0]
        facts = int(gaps.min()), int(gaps.max()), integer_step(gaps)
        return cls(date, earlier, _whole_column(date.name, *facts)).fit(pd.Series(gaps))

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
        """Return the codec, yet without its scale, that a file describes.

        Raises
        ------
        InputError
            If it describes none.
        """
        dates = (date.kind, earlier.kind) == ("datetime", "datetime")
        whole = not date.has_missing and not earlier.has_missing and date.dtype == earlier.dtype
        require(dates and whole, "dates that follow dates")
        require(earlier.maximum <= date.maximum, "dates after those they follow")
        require(len(facts) == 3 and all(is_whole(fact, 0, 2**62) for fact in facts), "whole times")
        require(facts[0] <= facts[1], "times in order")
        return cls(date, earlier, _whole_column(date.name, *facts))


def _whole_column(name, low, high, step):
    return Column(name, "integer", "int64", minimum=low, maximum=high, resolution=step)

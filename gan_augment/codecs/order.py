"""Dates that never come before another: a drop-off after its pick-up, a release after admission.

A generator that draws both by itself gets the order wrong in some rows, and how long things take
in most. Where a date is never before another in the training rows, and lies nearer to it than to
the other rows' dates, the time between the two is learnt in its place.
"""

import numpy as np
import pandas as pd

from gan_augment.codecs.column import Column
from gan_augment.codecs.columns import NumberCodec
from gan_augment.codecs.resolution import integer_step
from gan_augment.untrusted import is_whole, require

#: Two dates drawn by chance are in one order in all of so many rows once in a million tables.
MIN_ROWS = 20


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
    >>> from gan_augment.codecs.schema import Schema
    >>> start = pd.Series(pd.date_range("2024-01-01", periods=40, freq="7h"))
    >>> frame = pd.DataFrame({"end": start + pd.to_timedelta(range(1, 41), "min"), "start": start})
    >>> find_later(frame, Schema.infer(frame))
    {0: 1}
    """
    if len(frame) < MIN_ROWS:
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

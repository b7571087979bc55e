"""One codec per kind of column: a pandas Series to scores or codes, and back.

Every codec has the same shape, so that a table is just codecs side by side::

    fit(series)  encode(series, rng) -> one value a row  decode(values) -> Series of column.dtype
    ends()       a few values that ask for all there is, to find out whether it can be decoded
    blocks       the column in the wide form that networks see: ((width, "score"), ...)

Numbers become float32 scores, NaN where missing. Categories become integer codes. Columns that are
not learnt become nothing: ``blocks`` is empty, and ``decode`` is told the number of rows.

A codec never decodes anything but valid values: the column's own dtype, inside the bounds seen,
on the grid (decimals, whole numbers, days) the data lie on, categories that occurred, and missing
values only where some were seen.
"""

import numpy as np

from gan_augment.encoding.dtypes import object_array
from gan_augment.encoding.numeric import QuantileScale, at_distances, comparable, distances_from
from gan_augment.encoding.rows import MISSING, SCORE, SOFTMAX


class NumberCodec:
    """Numbers, whole numbers, dates and durations: a normal score, NaN where missing."""

    def __init__(self, column):
        self.column = column

    @property
    def blocks(self):
        return ((1, SCORE), (2, MISSING)) if self.column.has_missing else ((1, SCORE),)

    def fit(self, series):
        values, missing = self.column.numbers(series)
        values = values[~missing]
        if not len(values):  # a sample may have missed the few that there are
            ends = [self.column.minimum, self.column.maximum]
            values = np.array(ends, dtype=np.uint64 if ends[1] >= 2**63 else values.dtype)
        self.scale_ = QuantileScale().fit(self.steps(values))
        return self

    def encode(self, series, rng=None):
        values, missing = self.column.numbers(series)
        scores = np.full(len(values), np.nan, dtype=np.float32)
        if missing.any():
            scores[~missing] = self.scale_.encode(self.steps(values[~missing]), rng)
        else:
            scores[:] = self.scale_.encode(self.steps(values), rng)
        return scores

    def decode(self, scores):
        missing = np.isnan(scores)
        steps = self.scale_.decode(np.where(missing, 0.0, scores.astype(np.float64)))
        return self.column.cast(self.values(steps), missing if self.column.has_missing else None)

    def ends(self):
        """Scores of the least, the middle and the most, and a missing one."""
        return np.float32([-9, 0, 9, np.nan if self.column.has_missing else 0])

    def steps(self, values):
        """Values as float64 counts of the column's grid, or themselves where there is no grid."""
        column = self.column
        if not column.resolution:
            return values.astype(np.float64)
        if values.dtype.kind == "f":
            return np.round(values.astype(np.float64) / column.resolution)
        # whole numbers may need all 64 bits: subtract before any rounding to float64
        distances = distances_from(column.minimum, values)
        places, (zero, _) = distances // np.uint64(column.resolution), self._zero_and_last()
        above = places >= zero
        return np.where(above, places - zero, zero - places) * np.where(above, 1.0, -1.0)

    def values(self, steps):
        """Values of float64 counts of the column's grid: on it, and between the bounds seen."""
        column = self.column
        if not column.resolution:
            return np.clip(steps, column.minimum, column.maximum)
        steps = np.rint(steps)
        if column.kind == "number":
            values = comparable(steps * column.resolution, column.resolution)
            return np.clip(values, column.minimum, column.maximum)
        zero, last = self._zero_and_last()
        whole = np.minimum(np.abs(steps), 2.0**64 - 2048).astype(np.uint64)
        places = np.where(
            steps < 0, zero - np.minimum(whole, zero), zero + np.minimum(whole, last - zero)
        )
        # float64 may have rounded the ends: they come back as seen
        places[steps >= float(last - zero)] = last
        places[steps <= -float(zero)] = 0
        return at_distances(column.minimum, places * np.uint64(column.resolution))

    def _zero_and_last(self):
        """Places on the grid, counted from the minimum, of the value nearest zero and of the last.

        Steps are counted from the value nearest zero, where float64 is finest: one huge negative
        value, as often stands for missing, takes no digit from the others.
        """
        column = self.column
        last = (column.maximum - column.minimum) // column.resolution
        zero = min(max(-column.minimum // column.resolution, 0), last)
        return np.uint64(zero), np.uint64(last)


class CategoryCodec:
    """Categories and booleans: their codes; a missing value is one more category."""

    def __init__(self, column):
        self.column = column

    @property
    def n_categories(self):
        return len(self.column.categories) + self.column.has_missing

    @property
    def blocks(self):
        return ((self.n_categories, SOFTMAX),)

    def fit(self, series):
        return self

    def encode(self, series, rng=None):
        codes = self.column.codes(series)
        codes[codes < 0] = len(self.column.categories)
        return codes

    def ends(self):
        """The code of each category."""
        return np.arange(self.n_categories)

    def decode(self, codes):
        missing = codes == len(self.column.categories)
        return self.column.from_codes(np.where(missing, -1, codes.astype(np.int64)))


class ConstantCodec:
    """A column of one value (or of nothing but missing values) takes no part in learning."""

    blocks = ()

    def __init__(self, column):
        self.column = column

    def fit(self, series):
        return self

    def decode(self, n):
        nothing = self.column.value is None
        value = 0 if nothing else self.column.value
        values = object_array([value] * n)  # np.full ends text at a NUL
        return self.column.cast(values, np.full(n, nothing))

    def ends(self):
        """Two rows."""
        return 2


class IgnoredCodec(ConstantCodec):
    """A column the caller asked to ignore: synthetic rows are missing there."""

    def decode(self, n):
        return self.column.cast(np.zeros(n, dtype=np.int64), np.ones(n, dtype=bool))


class IdentifierCodec(ConstantCodec):
    """New identifiers, none of which was seen: the caller asked for ``regenerate``."""

    def decode(self, n):
        return self.column.new_identifiers(n)


CODECS = {
    "number": NumberCodec,
    "integer": NumberCodec,
    "datetime": NumberCodec,
    "timedelta": NumberCodec,
    "boolean": CategoryCodec,
    "category": CategoryCodec,
    "constant": ConstantCodec,
    "ignore": IgnoredCodec,
    "regenerate": IdentifierCodec,
}

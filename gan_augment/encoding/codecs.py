"""One codec per kind of column: a pandas Series to a few float32 numbers a row, and back.

Every codec has the same shape, so that a table is just codecs side by side::

    fit(series)  encode(series, rng) -> (n, width) float32  decode(block) -> Series of column.dtype
    ends() -> a small block that asks for all there is, to find out whether it can be decoded
    activations  what the generator does with each stretch: ((width, "score"), ...)

A codec never decodes anything but valid values: the column's own dtype, inside the bounds seen,
on the grid (decimals, whole numbers, days) the data lie on, categories that occurred, and missing
values only where some were seen.
"""

import numpy as np

from gan_augment.encoding.numeric import QuantileScale, comparable

#: What the generator does with a stretch of places: one normal score; one category of several;
#: present or missing, which decides about the score right before it.
SCORE, SOFTMAX, GATE = "score", "softmax", "gate"


class NumberCodec:
    """Numbers, whole numbers, dates and durations: a normal score, then present or missing."""

    def __init__(self, column):
        self.column = column

    @property
    def activations(self):
        return ((1, SCORE), (2, GATE)) if self.column.has_missing else ((1, SCORE),)

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
        scores = np.zeros(len(values))
        scores[~missing] = self.scale_.encode(self.steps(values[~missing]), rng)
        if not self.column.has_missing:
            return scores[:, None].astype(np.float32)
        return np.column_stack([scores, ~missing, missing]).astype(np.float32)

    def decode(self, block):
        steps = self.scale_.decode(block[:, 0].astype(np.float64))
        missing = block[:, 2] > block[:, 1] if self.column.has_missing else None
        return self.column.cast(self.values(steps), missing)

    def ends(self):
        """A block that asks for the least, the middle and the most, and for a missing value."""
        block = np.zeros((4, sum(width for width, _ in self.activations)), dtype=np.float32)
        block[:3, 0] = -9, 0, 9
        if self.column.has_missing:
            block[:3, 1] = block[3, 2] = 1
        return block

    def steps(self, values):
        """Values as float64 counts of the column's grid, or themselves where there is no grid."""
        column = self.column
        if not column.resolution:
            return values.astype(np.float64)
        if values.dtype.kind == "f":
            return np.round(values.astype(np.float64) / column.resolution)
        # whole numbers may need all 64 bits: subtract before any rounding to float64
        offset = values.astype(np.uint64) - np.uint64(column.minimum % 2**64)
        places, (zero, _) = offset // np.uint64(column.resolution), self._zero_and_last()
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
        wrapped = places * np.uint64(column.resolution) + np.uint64(column.minimum % 2**64)
        return wrapped if column.minimum >= 0 else wrapped.astype(np.int64)

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
    """Categories and booleans: one place each; a missing value is one more category."""

    def __init__(self, column):
        self.column = column

    @property
    def n_categories(self):
        return len(self.column.categories) + self.column.has_missing

    @property
    def activations(self):
        return ((self.n_categories, SOFTMAX),)

    def fit(self, series):
        return self

    def encode(self, series, rng=None):
        codes = self.column.codes(series)
        codes = np.where(codes < 0, len(self.column.categories), codes)
        block = np.zeros((len(codes), self.n_categories), dtype=np.float32)
        block[np.arange(len(codes)), codes] = 1
        return block

    def ends(self):
        """A block that asks for each category once."""
        return np.eye(self.n_categories, dtype=np.float32)

    def decode(self, block):
        codes = block.argmax(axis=1)
        missing = codes == len(self.column.categories)
        categories = np.empty(len(self.column.categories), dtype=object)
        categories[:] = self.column.categories
        values = categories[np.where(missing, 0, codes)]
        return self.column.cast(values, missing if self.column.has_missing else None)


class ConstantCodec:
    """A column of one value (or of nothing but missing values) takes no part in learning."""

    activations = ()

    def __init__(self, column):
        self.column = column

    def fit(self, series):
        return self

    def encode(self, series, rng=None):
        return np.empty((len(series), 0), dtype=np.float32)

    def ends(self):
        return np.empty((2, 0), dtype=np.float32)

    def decode(self, block):
        nothing = self.column.value is None
        values = np.empty(len(block), dtype=object)
        values[:] = 0 if nothing else self.column.value
        return self.column.cast(values, np.full(len(block), nothing))


class IgnoredCodec(ConstantCodec):
    """A column the caller asked to ignore: synthetic rows are missing there."""

    def decode(self, block):
        nothing = np.zeros(len(block), dtype=np.int64)
        return self.column.cast(nothing, np.ones(len(block), dtype=bool))


class IdentifierCodec(ConstantCodec):
    """New identifiers, none of which was seen: the caller asked for ``regenerate``."""

    def decode(self, block):
        return self.column.new_identifiers(len(block))


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

"""Products, as charges of so many months at such a rate: computed, or learnt as their ratio."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np

from gan_augment.containers.untrusted import is_finite, require
from gan_augment.encoding.column import Column
from gan_augment.encoding.numeric import comparable
from gan_augment.encoding.relations.base import OneColumn, checked_share, named
from gan_augment.encoding.relations.evidence import MOST_EXCEPTIONS

#: Rows in which products are looked for, the least there must be, and the most columns.
SEARCH_ROWS, LEAST_ROWS, MOST_COLUMNS = 4000, 100, 80
#: Share of rows that must be above 0.
LEAST_POSITIVE = 0.9
#: Of the variance of logarithms, what a product may leave over, and of that with one factor.
MOST_LEFT, MOST_WITH_ONE = 0.05, 0.25
#: Half of the rows must be nearer than this to the product, in logarithms.
MOST_MEDIAN_ERROR = 0.1


@dataclass(eq=False)
class Product(OneColumn):
    """A number that is about the product of two others.

    Where it is the product but for rounding, it is computed. Else their ratio is learnt in its
    place: new rows are as far from the product as real ones.

    Parameters
    ----------
    name : str or int
    factors : tuple
        Names of two columns.
    scale : float
        The product is multiplied by it.
    ratio : Column or None
        The number divided by the product, missing where the number is.
    """

    kind = "product"

    factors: tuple
    scale: float
    ratio: Column | None

    @classmethod
    def find(cls, rows, restored):
        """Return the products of the table, the clearest first."""
        found, taken = [], set(restored)
        for name, *factors in _candidates(rows):
            if name in taken:
                continue
            relation = _verified(cls, rows, name, factors)
            if relation is not None:
                found.append(relation)
                taken |= {name, *factors}
        return found

    @property
    def needs(self):
        return self.factors

    @functools.cached_property
    def learns(self):
        if self.ratio is not None:
            return (self.ratio,)
        return (self._gaps,) if self.schema[self.name].has_missing else ()

    @property
    def _gaps(self):
        return Column("missing", "boolean", "bool", categories=(False, True))

    def _product(self, cells):
        first, second = (self.schema[name].numbers(cells[name])[0] for name in self.factors)
        with np.errstate(over="ignore", invalid="ignore"):
            return self.scale * first.astype(np.float64) * second.astype(np.float64)

    def encode(self, frame):
        values, missing = self.schema[self.name].numbers(frame[self.name])
        if self.ratio is None:
            return [self._gaps.cast(missing)] if self.learns else []
        product = self._product(frame)
        positive = product > 0
        ratio = np.ones(len(frame))
        np.divide(values, product, out=ratio, where=positive & ~missing)
        ratio = ratio.clip(self.ratio.minimum, self.ratio.maximum)
        return [self.ratio.cast(ratio, missing if self.ratio.has_missing else None)]

    def decode(self, known, learnt, n):
        column, missing = self.schema[self.name], np.zeros(n, dtype=bool)
        values = self._product(known)
        if self.ratio is not None:
            ratio, missing = self.ratio.numbers(learnt[0])
            values = values * np.where(missing, 1, ratio)
        elif learnt:
            missing = learnt[0].to_numpy(dtype=bool)
        values = np.clip(on_grid(column, np.nan_to_num(values)), column.minimum, column.maximum)
        if column.kind == "integer":
            values = values.astype(np.int64)
        return {self.name: column.cast(values, missing if column.has_missing else None)}

    def broken(self, frame):
        column = self.schema[self.name]
        values, missing = column.numbers(frame[self.name])
        unknown = [self.schema[name].numbers(frame[name])[1] for name in self.factors]
        missing = np.logical_or.reduce([missing, *unknown])
        low, high = self._ends(self._product(frame))
        slack = rounding_slack(column, values)
        return ~missing & ((values < low - slack) | (values > high + slack))

    def _ends(self, product):
        """What the number lies between."""
        if self.ratio is None:
            return product, product
        ends = np.stack([product * self.ratio.minimum, product * self.ratio.maximum])
        return np.where(product > 0, ends, [[-np.inf], [np.inf]])

    def words(self):
        about = "" if self.ratio is None else "about "
        scale = "" if self.scale == 1 else f"{self.scale:.6g} x "
        return f"{self.name!r} is {about}{scale}{self.factors[0]!r} x {self.factors[1]!r}"

    def _facts(self):
        ratio = self.ratio
        return {
            "column": self.places([self.name]),
            "factors": self.places(self.factors),
            "scale": self.scale,
            "ratio": None if ratio is None else [ratio.minimum, ratio.maximum],
        }

    @classmethod
    def from_plain(cls, facts, arrays, schema):
        """Return the product that a file describes."""
        names = named([*facts["column"], *facts["factors"]], schema)
        require(len(names) == 3 and len(facts["column"]) == 1, "a column and its two factors")
        kinds = {schema[name].kind for name in names}
        require(kinds <= {"integer", "number"}, "products of numbers")
        require(all(abs(schema[name].maximum) < 2**62 for name in names), "numbers to multiply")
        scale, ends = facts["scale"], facts["ratio"]
        require(type(scale) is float and is_finite(scale) and scale > 0, "a factor above 0")
        ratio = None
        if ends is not None:
            require(isinstance(ends, list) and len(ends) == 2, "the ends of a ratio")
            require(all(type(end) is float and is_finite(end) for end in ends), "finite ends")
            require(0 <= ends[0] < ends[1], "ends in order")
            ratio = _ratio(*ends, schema[names[0]].has_missing)
        return cls(schema, checked_share(facts), names[0], names[1:], scale, ratio)


def _ratio(low, high, has_missing):
    return Column(
        "ratio", "number", "float64", has_missing, minimum=low, maximum=high, resolution=0.0
    )


def on_grid(column, values):
    """Floats at the nearest place of a column's grid."""
    if not column.resolution:
        return values
    if column.kind == "number":
        steps = np.rint(values / column.resolution)
        return comparable(steps * column.resolution, column.resolution)
    steps = np.rint((values - column.minimum) / column.resolution)
    return column.minimum + steps * column.resolution


def rounding_slack(column, values):
    """How far a number may be from a product that was rounded as the column is."""
    single = column.pandas_dtype.itemsize < 8
    return np.abs(values) * (1e-6 if single else 1e-9) + (column.resolution or 0) * 0.501


def _candidates(rows):
    """Columns and their two factors, of which logarithms leave little over: the least first."""
    names, logs = _logarithms(rows)
    if len(names) < 3 or len(logs) < LEAST_ROWS:
        return []
    C, found = np.cov(logs, rowvar=False), []
    spread = np.diag(C)
    for t, name in enumerate(names):
        one = spread[t] + spread - 2 * C[t]
        left = one[:, None] + spread - 2 * C[t] + 2 * C
        good = (left <= MOST_LEFT * spread[t]) & (
            left <= MOST_WITH_ONE * np.minimum.outer(one, one)
        )
        good &= np.maximum.outer(spread, spread) < spread[t]  # of several forms, the stable one
        for a, b in np.argwhere(np.triu(good, 1)):
            if t not in (a, b):
                found.append((left[a, b] / spread[t], name, names[a], names[b]))
    return [triple for _, *triple in sorted(found, key=lambda item: item[0])]


def _logarithms(rows):
    """Logarithms of columns that are positive nearly everywhere, in a sample of the rows."""
    some = np.arange(0, len(rows), max(len(rows) // SEARCH_ROWS, 1))
    names, columns = [], []
    for name in rows.of_kind("integer", "number"):
        column = rows.columns[name]
        if column.minimum < 0 or rows.n_levels(name) < 3 or column.maximum >= 2**62:
            continue
        values, missing = (part[some] for part in rows.numbers(name))
        positive = (values > 0) & ~missing
        if positive.sum() >= LEAST_POSITIVE * max((~missing).sum(), LEAST_ROWS):
            names.append(name)
            columns.append(np.where(positive, np.log(np.where(positive, values, 1)), np.nan))
    if not 3 <= len(names) <= MOST_COLUMNS:
        return [], np.empty((0, 0))
    logs = np.column_stack(columns)
    return names, logs[~np.isnan(logs).any(axis=1)]


def _verified(cls, rows, name, factors):
    """The relation, if half of the rows are near the product or nearly all are the product."""
    if any(rows.columns[factor].has_missing for factor in factors):
        return None
    column, (values, missing) = rows.columns[name], rows.numbers(name)
    whole = cls(rows.schema, 0.0, name, tuple(factors), 1.0, None)
    product = whole._product(rows.frame)
    known = (product > 0) & ~missing
    if known.sum() < LEAST_ROWS or (values[(product == 0) & ~missing] != 0).any():
        return None
    ratio = values[known] / product[known]
    scale = _round(float(np.median(ratio)))
    whole = replace(whole, scale=scale)
    seen = whole.seen_in(rows.frame)
    if seen.exceptions <= MOST_EXCEPTIONS:
        return seen
    off = np.abs(np.log(np.maximum(ratio, 1e-300) / scale))
    if np.median(off) > MOST_MEDIAN_ERROR:
        return None
    ratio = ratio / scale
    low, high = float(ratio.min()), float(ratio.max())
    return replace(whole, ratio=_ratio(low, high, column.has_missing))


def _round(scale):
    """A factor without the noise of a median: 1 where it is about 1."""
    for digits in (1, 2, 3, 4):
        short = float(f"{scale:.{digits}g}")
        if abs(short / scale - 1) < 0.2 * 10.0**-digits:
            return short
    return scale

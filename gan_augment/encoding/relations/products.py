"""Numbers near a product, as charges of so many months at such a rate: learnt as their ratio."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gan_augment.containers.untrusted import is_finite, require
from gan_augment.encoding.column import Column
from gan_augment.encoding.relations.base import OneColumn, checked_share, named
from gan_augment.encoding.relations.equations import simplest, spelled_name
from gan_augment.encoding.relations.evidence import MOST_EXCEPTIONS
from gan_augment.encoding.relations.formula import Computed
from gan_augment.encoding.relations.scale import on_grid, rounding_slack

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

    Their ratio is learnt in its place: new rows are as far from the product as real ones.

    Parameters
    ----------
    name : str or int
    factors : tuple
        Names of two columns.
    scale : float
        The product is multiplied by it.
    ratio : Column
        The number divided by the product, missing where the number is.
    """

    kind = "product"

    factors: tuple
    scale: float
    ratio: Column

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

    @property
    def learns(self):
        return (self.ratio,)

    def _product(self, cells):
        first, second = (self.schema[name].numbers(cells[name])[0] for name in self.factors)
        with np.errstate(over="ignore", invalid="ignore"):
            return self.scale * first.astype(np.float64) * second.astype(np.float64)

    def encode(self, frame):
        values, missing = self.schema[self.name].numbers(frame[self.name])
        product = self._product(frame)
        positive = product > 0
        ratio = np.ones(len(frame))
        np.divide(values, product, out=ratio, where=positive & ~missing)
        ratio = ratio.clip(self.ratio.minimum, self.ratio.maximum)
        return [self.ratio.cast(ratio, missing if self.ratio.has_missing else None)]

    def decode(self, known, learnt, n):
        column, (ratio, missing) = self.schema[self.name], self.ratio.numbers(learnt[0])
        values = self._product(known) * np.where(missing, 1, ratio)
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
        ends = np.stack([product * self.ratio.minimum, product * self.ratio.maximum])
        return np.where(product > 0, ends, [[-np.inf], [np.inf]])

    def words(self):
        scale = "" if self.scale == 1 else f"{self.scale:.6g} x "
        return f"{self.name!r} is about {scale}{self.factors[0]!r} x {self.factors[1]!r}"

    def _facts(self):
        return {
            "column": self.places([self.name]),
            "factors": self.places(self.factors),
            "scale": self.scale,
            "ratio": [self.ratio.minimum, self.ratio.maximum],
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
        require(isinstance(ends, list) and len(ends) == 2, "the ends of a ratio")
        require(all(type(end) is float and is_finite(end) for end in ends), "finite ends")
        require(0 <= ends[0] < ends[1], "ends in order")
        ratio = _ratio(*ends, schema[names[0]].has_missing)
        return cls(schema, checked_share(facts), names[0], names[1:], scale, ratio)


def _ratio(low, high, has_missing):
    return Column(
        "ratio", "number", "float64", has_missing, minimum=low, maximum=high, resolution=0.0
    )


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
    """The relation, if half of the rows are near the product; where it is exact, its formula."""
    if any(rows.columns[factor].has_missing for factor in factors):
        return None
    column, (values, missing) = rows.columns[name], rows.numbers(name)
    first, second = (rows.numbers(factor)[0].astype(np.float64) for factor in factors)
    with np.errstate(over="ignore", invalid="ignore"):
        product = first * second
    known = (product > 0) & ~missing
    if known.sum() < LEAST_ROWS or (values[(product == 0) & ~missing] != 0).any():
        return None
    ratio = values[known] / product[known]
    scale = _round(float(np.median(ratio)))
    spelled = [spelled_name(factor) for factor in factors]
    if None not in spelled:
        text = " * ".join([simplest(scale, scale)] * (scale != 1) + spelled)
        exact = Computed(rows.schema, 0.0, name, text).seen_in(rows.frame)
        if exact.exceptions <= MOST_EXCEPTIONS:
            return exact
    off = np.abs(np.log(np.maximum(ratio, 1e-300) / scale))
    if np.median(off) > MOST_MEDIAN_ERROR:
        return None
    ratio = ratio / scale
    ratio = _ratio(float(ratio.min()), float(ratio.max()), column.has_missing)
    return cls(rows.schema, 0.0, name, tuple(factors), scale, ratio)


def _round(scale):
    """A factor without the noise of a median: 1 where it is about 1."""
    for digits in (1, 2, 3, 4):
        short = float(f"{scale:.{digits}g}")
        if abs(short / scale - 1) < 0.2 * 10.0**-digits:
            return short
    return scale

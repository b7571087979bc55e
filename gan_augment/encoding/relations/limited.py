"""One column between bounds, or on the multiples of a number, though some real cells are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_augment.containers.untrusted import is_finite, require
from gan_augment.encoding.column import NUMBERS
from gan_augment.encoding.numeric import comparable
from gan_augment.encoding.relations.base import OneColumn, checked_share, named

#: Cells that lie on a grid may be off by so much of its step.
OFF_GRID = 1e-6


@dataclass(eq=False)
class Limited(OneColumn):
    """A column of numbers or dates whose new cells are moved to the nearest that may be.

    Parameters
    ----------
    name : str or int
    low, high : int or float
        In the column's own numbers; both ends may be reached.
    step : int or float
        Its cells are multiples of this number; 0 for any.
    """

    kind = "limited"

    low: Any
    high: Any
    step: Any

    @property
    def is_listed(self):
        return True

    def ends(self):
        """Return the least and the largest number that may be; None if there is none."""
        column = self.schema[self.name]
        low, high = max(self.low, column.minimum), min(self.high, column.maximum)
        if self.step:
            low, high = np.ceil(low / self.step - OFF_GRID), np.floor(high / self.step + OFF_GRID)
            low, high = low * self.step, high * self.step
        return (low, high) if low <= high else None

    def decode(self, known, learnt, n):
        column = self.schema[self.name]
        values, missing = column.numbers(learnt[0])
        if self.step:
            values = np.rint(values / self.step) * self.step
            if column.kind == "number":
                values = comparable(values, column.resolution)
        values = values.clip(*self.ends())
        if column.kind != "number":
            values = np.rint(values).astype(np.int64) if self.step else values
        return {self.name: column.cast(values, missing if column.has_missing else None)}

    def broken(self, frame):
        values, missing = self.schema[self.name].numbers(frame[self.name])
        wrong = (values < self.low) | (values > self.high)
        if self.step:
            places = values / self.step
            wrong |= np.abs(places - np.rint(places)) > OFF_GRID
        return wrong & ~missing

    def words(self):
        if self.step:
            return f"{self.name!r} is a multiple of {self.step:.12g}"
        column = self.schema[self.name]
        if column.kind in ("integer", "number"):
            ends = [f"{end:.12g}" for end in (self.low, self.high)]
        else:
            ends = [str(end) for end in column.cast(np.array([self.low, self.high]))]
        return f"{self.name!r} is from {ends[0]} to {ends[1]}"

    def _facts(self):
        place = self.places([self.name])
        return {"column": place, "low": self.low, "high": self.high, "step": self.step}

    @classmethod
    def from_plain(cls, facts, arrays, schema):
        """Return the limits that a file describes."""
        names = named(facts["column"], schema)
        require(len(names) == 1 and schema[names[0]].kind in NUMBERS, "a column of numbers")
        ends = [facts[name] for name in ("low", "high", "step")]
        types = (int, float) if schema[names[0]].kind == "number" else (int,)
        steps = (int, float) if schema[names[0]].kind in ("integer", "number") else (int,)
        require(all(type(end) in types for end in ends[:2]), "ends like the column")
        require(type(ends[2]) in steps and all(map(is_finite, ends)), "finite numbers")
        relation = cls(schema, checked_share(facts), names[0], *ends)
        require(ends[2] >= 0 and relation.ends() is not None, "limits that some number meets")
        return relation

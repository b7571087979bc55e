"""Floats that are multiples of a step, as prices of quarters: decimals alone would not keep it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gan_augment.containers.untrusted import is_finite, require
from gan_augment.encoding.numeric import comparable, integer_step
from gan_augment.encoding.relations.base import OneColumn, checked_share, named

#: Distinct values from which on a common step is none by chance.
LEAST_VALUES = 8
#: Whole numbers of decimals that floats hold exactly.
MOST_TICKS = 2.0**52


@dataclass(eq=False)
class Steps(OneColumn):
    """A column of decimals whose values lie so many ticks of the last decimal apart.

    Parameters
    ----------
    name : str or int
    step : int
        In ticks of the column's resolution.
    """

    kind = "steps"

    step: int

    @classmethod
    def find(cls, rows, restored):
        """Return the columns of floats with a step that is coarser than their decimals."""
        found = []
        for name in rows.of_kind("number"):
            column = rows.columns[name]
            if name in restored or not has_ticks(column) or rows.n_levels(name) < LEAST_VALUES:
                continue
            values, missing = rows.numbers(name)
            ticks = np.rint(values[~missing] / column.resolution).astype(np.int64)
            step = integer_step(ticks)
            # the ends of decimals in tens would have been a coarser resolution
            if step > 1:
                found.append(cls(rows.schema, 0.0, name, step))
        return found

    @property
    def _first(self):
        column = self.schema[self.name]
        return np.rint(column.minimum / column.resolution)

    def decode(self, known, learnt, n):
        column = self.schema[self.name]
        values, missing = column.numbers(learnt[0])
        ticks = np.rint(values / column.resolution) - self._first
        ticks = np.rint(ticks / self.step) * self.step + self._first
        values = comparable(ticks * column.resolution, column.resolution)
        values = values.clip(column.minimum, column.maximum)
        return {self.name: column.cast(values, missing if column.has_missing else None)}

    def broken(self, frame):
        column = self.schema[self.name]
        values, missing = column.numbers(frame[self.name])
        ticks = values / column.resolution - self._first
        return ~missing & (np.abs(ticks - np.rint(ticks / self.step) * self.step) > 1e-3)

    def words(self):
        column = self.schema[self.name]
        return f"{self.name!r} is a multiple of {self.step * column.resolution:.12g}" + (
            f" from {column.minimum:.12g}" if self._first % self.step else ""
        )

    def _facts(self):
        return {"column": self.places([self.name]), "step": self.step}

    @classmethod
    def from_plain(cls, facts, arrays, schema):
        """Return the steps that a file describes."""
        names, step = named(facts["column"], schema), facts["step"]
        require(len(names) == 1 and has_ticks(schema[names[0]]), "a column of decimals")
        require(type(step) is int and is_finite(step) and 1 < step < 2**52, "a step of ticks")
        return cls(schema, checked_share(facts), names[0], step)


def has_ticks(column):
    """Whether a column holds decimals that are whole numbers of its resolution."""
    if column.kind != "number" or not column.resolution:
        return False
    return max(abs(column.minimum), abs(column.maximum)) / column.resolution < MOST_TICKS

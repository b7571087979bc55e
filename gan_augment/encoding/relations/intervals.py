"""Columns that the interval decides in which a number or date lies, as an age group an age."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from gan_augment.containers.untrusted import checked_array, require
from gan_augment.encoding.column import NUMBERS
from gan_augment.encoding.relations.base import quoted
from gan_augment.encoding.relations.look_up import LEAST_LIKELY, LookUp

#: Intervals at most, rows of each on average, and columns that are tried as deciders.
MOST_INTERVALS, ROWS_PER_INTERVAL, MOST_COLUMNS = 150, 5, 60


@dataclass(eq=False)
class Intervals(LookUp):
    """Columns that are functions of the interval of a number.

    Parameters
    ----------
    edges : ndarray
        The first number seen of each next interval, in order.
    ends : ndarray
        The last number seen before each edge: in between, either interval may be meant.
    """

    kind = "intervals"

    edges: np.ndarray
    ends: np.ndarray

    @classmethod
    def find(cls, rows, restored):
        """Return what intervals of each number decide; of several numbers the finest decides."""
        levels = {name: rows.n_levels(name) for name in rows.columns}
        numbers = [n for n in rows.of_kind(*NUMBERS) if levels[n] > 2]
        numbers = sorted(numbers, key=lambda n: -levels[n])[:MOST_COLUMNS]
        names = [n for n in rows.columns if n not in restored]
        names = [n for n in names if 2 <= levels[n] <= MOST_INTERVALS]
        least = LEAST_LIKELY / max(len(numbers) * len(names), 1)
        found, left, used = [], list(names), set()
        for decider in numbers:
            if decider in used:
                continue
            for name in [n for n in left if n != decider and levels[n] < levels[decider]]:
                bounds = _bounds(rows, decider, name, least)
                if bounds is not None:
                    places = np.arange(len(bounds[0]) + 1)
                    found.append(cls.of(rows, decider, [name], *bounds, levels=places))
                    left.remove(name)
                    used.add(name)
        return found

    def _keys(self, cells):
        values, missing = self.schema[self.decider].numbers(cells[self.decider])
        return np.searchsorted(self.edges, values, side="right"), missing

    def broken(self, frame):
        values, missing = self.schema[self.decider].numbers(frame[self.decider])
        levels = self._levels(frame)
        below = np.minimum(levels, len(self.edges) - 1)
        between = ~missing & (values > self.ends[below]) & (values < self.edges[below])
        wrong = [
            part.broken(levels, frame[part.column.name])
            & (~between | part.broken(levels + between, frame[part.column.name]))
            for part in self.decided
        ]
        return np.logical_or.reduce(wrong)

    def extend(self, frame):
        return  # any number lies in an interval

    def words(self):
        names = quoted([part.column.name for part in self.decided])
        return f"in which interval {self.decider!r} lies decides {names}"

    def arrays(self):
        return {**super().arrays(), "edges": self.edges, "ends": self.ends}

    @classmethod
    def _read(cls, facts, arrays, decider, schema):
        require(decider.kind in NUMBERS and facts["moves"] is False, "a number that decides")
        kinds = "float64" if decider.kind == "number" else "int64 uint64"
        edges = checked_array(arrays, "edges", kinds, (None,))
        require(0 < len(edges) < MOST_INTERVALS and (edges[1:] > edges[:-1]).all(), "rising edges")
        ends = checked_array(arrays, "ends", kinds, (len(edges),))
        require((ends < edges).all() and (ends[1:] >= edges[:-1]).all(), "ends before edges")
        levels = checked_array(arrays, "levels", "int64", (len(edges) + 1,))
        require((levels == np.arange(len(levels))).all(), "a level for each interval")
        return levels, (edges, ends)


def _bounds(rows, decider, name, least):
    """Where a column changes when rows are sorted by another, and the numbers before.

    None if it changes too often, or only at one number, as one that is 0 where nothing is paid:
    that is no interval.
    """
    for some in (rows.quick, rows.more, slice(None)):
        values, missing = (part[some] for part in rows.numbers(decider))
        own = rows.levels(name)[some]
        known = ~missing & (own >= 0)
        values, own = values[known], own[known]
        most = min(MOST_INTERVALS - 1, len(own) // ROWS_PER_INTERVAL)
        order = np.lexsort((own, values))
        values, own = values[order], own[order]
        changes = np.flatnonzero(own[1:] != own[:-1]) + 1
        if not 0 < len(changes) <= most:
            return None
    if not _is_evident(own, len(changes), least):
        return None
    edges, ends = values[changes], values[changes - 1]
    if (edges == ends).any() or (np.diff(edges) <= 0).any():
        return None
    is_one = len(edges) == 1 and (ends[0] == values[0] or edges[0] == values[-1])
    return None if is_one else (edges, ends)


def _is_evident(own, n_changes, least):
    """Whether so few changes are none by chance: shuffled rows have as few in one of many tables.

    That is at most the share of such sequences among all those with the same counts.
    """
    counts = np.unique(own, return_counts=True)[1]
    n, n_levels = len(own), len(counts)
    all_orders = gammaln(n + 1) - gammaln(counts + 1).sum()
    few = n_changes * np.log(n) + (n_changes + 1) * np.log(n_levels)
    return few - all_orders < np.log(least)

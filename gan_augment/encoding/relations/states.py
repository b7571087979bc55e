"""States of a column: its categories, or intervals of its numbers; and missing cells.

A number of few values, as a code, has a state for each; others are 0 or not, or are cut where
rows of a category begin or end, as ages where people may be retired.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from gan_augment.containers.untrusted import require
from gan_augment.encoding.column import LABELS, Column
from gan_augment.encoding.relations.look_up import cells_of, checked_cells
from gan_augment.exceptions import joined

#: Numbers of so many values have a state for each, and other numbers are cut so often at most.
FEW_VALUES, MOST_CUTS = 12, 12
#: Rows of a category that say where it ends, and those next to the end that are looked at.
LEAST_ROWS, END_ROWS = 100, 20
#: Rows beyond an end that would have been of the category by chance; and how frequent it is next
#: to its end, of how frequent it is inside: where it fades away, it has no end.
LEAST_EXPECTED, LEAST_ABRUPT = 20, 0.5
#: Rows of a category beyond its end, as typing errors, of those expected.
MOST_BEYOND, MOST_ODD = 0.005, 2
#: States that are named before the rest is counted.
MOST_NAMED = 3


@dataclass(frozen=True, eq=False)
class States:
    """What a column's cells may be told apart by.

    Parameters
    ----------
    column : Column
    edges : ndarray
        Numbers at which the next state begins; none of categories and dates.
    lows, highs : ndarray
        The first and the last number that were seen of each state.

    Examples
    --------
    >>> import pandas as pd
    >>> tip = Column("tip", "number", "float64", True, minimum=0.0, maximum=9.5, resolution=0.5)
    >>> states = States(tip, np.array([0.1]), np.array([0.0, 0.5]), np.array([0.0, 9.5]))
    >>> states.of(pd.Series([0.0, 2.5, None])).tolist(), states.text([1, 2])
    ([0, 1, 2], 'not 0 or missing')
    """

    column: Column
    edges: np.ndarray
    lows: np.ndarray
    highs: np.ndarray

    def __len__(self):
        """How many there are, the last of which is missing."""
        labels = self.column.kind in LABELS
        return (len(self.column.categories) if labels else len(self.edges) + 1) + 1

    def of(self, series):
        """Return the state of each cell, -1 of a category that was not seen."""
        return self._at(*cells_of(self.column, series))

    def among(self, rows, some=slice(None)):
        """Return the states of all or some cells of the column in training rows."""
        name = self.column.name
        if self.column.kind in LABELS:
            codes = rows.levels(name)[some]
            return self._at(codes, codes < 0)
        values, missing = rows.numbers(name)
        return self._at(values[some], missing[some])

    def _at(self, cells, missing):
        if self.column.kind in LABELS:
            return np.where(missing, len(self) - 1, np.where(cells < 0, -1, cells))
        return np.where(missing, len(self) - 1, np.searchsorted(self.edges, cells, side="right"))

    def text(self, states):
        """Return states as a sentence names them, some of them if they are many."""
        missing, known = len(self) - 1, [state for state in states if state < len(self) - 1]
        if self.column.has_missing and [*states] == [*range(missing)]:
            return "known"
        if self.column.kind in LABELS:
            texts = [repr(self.column.categories[state]) for state in known]
        else:
            texts = self._intervals(known)
        texts += ["missing"] * (len(known) < len(states))
        more = len(texts) - MOST_NAMED
        return joined(texts[:MOST_NAMED] + [f"{more} others"] * (more > 0), "or")

    def _intervals(self, known):
        """Texts of states of numbers, those that meet as one."""
        if not known:
            return []
        last = len(self) - 2
        if not len(self.lows):
            return ["known"]
        left = [state for state in range(last + 1) if state not in known]
        several = len(known) > 1 or not self._is_one(known[0])
        if len(left) == 1 and several and self._is_one(left[0]):
            return [f"not {self.lows[left[0]]:.12g}"]
        runs = np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)
        return [text for run in runs for text in self._run(run[0], run[-1], last)]

    def _run(self, first, stop, last):
        if all(self._is_one(state) for state in range(first, stop + 1)):
            return [f"{self.lows[state]:.12g}" for state in range(first, stop + 1)]
        low, high = f"{self.lows[first]:.12g}", f"{self.highs[stop]:.12g}"
        if first == 0:
            return [f"{high} or less"]
        return [f"{low} or more" if stop == last else f"{low} to {high}"]

    def _is_one(self, state):
        return self.lows[state] == self.highs[state]

    def beyond(self, upper):
        """Return which of its states are above which states of another column, as numbers are."""
        found = np.zeros((len(self), len(upper)), dtype=bool)
        if len(self.lows) and len(upper.highs):
            found[:-1, :-1] = self.lows[:, None] > upper.highs
        return found

    @functools.cached_property
    def zero(self):
        """Those edges that keep 0 from other numbers."""
        zero = np.flatnonzero((self.lows == 0) & (self.highs == 0))
        ends = [place for at in zero for place in (at - 1, at)]
        return self.edges[[place for place in ends if 0 <= place < len(self.edges)]]

    @functools.cached_property
    def usual(self):
        """The edges of a number of few values, or those around 0."""
        return self.edges if (self.lows == self.highs).all() else self.zero

    @functools.cached_property
    def joined(self):
        """The state of each that all but cuts leave."""
        return self.coarser(self.usual)

    def coarser(self, edges):
        """Return the state of each of these if only some edges were left, the last missing."""
        kept = np.isin(self.edges, edges)
        joint = np.concatenate([[0], np.cumsum(kept)])
        if self.column.kind in LABELS:
            joint = np.arange(len(self) - 1)
        return np.append(joint, joint[-1] + 1)

    def arrays(self, end):
        """Return its arrays as a file holds them, their names with an end."""
        if self.column.kind in LABELS or not len(self.lows):
            return {}
        names = ("edges", "lows", "highs")
        return {f"{name}{end}": getattr(self, name) for name in names}

    @classmethod
    def read(cls, column, arrays, end):
        """Return the states of a column that a file describes."""
        none = np.empty(0)
        if column.kind not in ("integer", "number"):
            return cls(column, none, none, none)
        edges = checked_cells(arrays, f"edges{end}", column, (None,))
        require((edges[1:] > edges[:-1]).all(), "rising edges")
        shape = (len(edges) + 1,)
        lows, highs = (
            checked_cells(arrays, f"{n}{end}", column, shape) for n in ("lows", "highs")
        )
        require((lows <= highs).all(), "intervals of numbers")
        return cls(column, edges, lows, highs)


def states_of(rows, name, cuts=()):
    """Return the states of a column of training rows, whose numbers are cut at some too."""
    column, none = rows.columns[name], np.empty(0)
    if column.kind not in ("integer", "number"):
        return States(column, none, none, none)
    values = rows.distinct(name)
    if len(values) <= FEW_VALUES:
        return States(column, values[1:], values, values)
    edges = np.unique(np.array([*_around_zero(values), *cuts], dtype=values.dtype))
    at = np.searchsorted(values, edges)
    edges, at = edges[(at > 0) & (at < len(values))], at[(at > 0) & (at < len(values))]
    at, first = np.unique(at, return_index=True)
    lows, highs = np.append(0, at), np.append(at, len(values)) - 1
    return States(column, edges[first], values[lows], values[highs])


def _around_zero(values):
    """Where 0 begins and ends, if it is among sorted numbers."""
    if values[np.searchsorted(values, 0).clip(max=len(values) - 1)] != 0:
        return []
    return [0, 1 if values.dtype.kind in "iu" else np.nextafter(0.0, 1.0)]


def has_few(rows, name):
    """Whether a column has categories or few numbers, which may say where others end."""
    kind = rows.columns[name].kind
    return kind in LABELS or (kind in ("integer", "number") and rows.n_levels(name) <= FEW_VALUES)


def cuts(values, states, n_states):
    """Return the numbers at which rows of one of the other column's states begin or end.

    The numbers are in rising order.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> age = np.sort(rng.integers(0, 90, 2000))
    >>> is_retired = (age >= 60) & (rng.random(2000) < 0.5)
    >>> cuts(age, is_retired.astype(int), 2)
    [np.int64(60)]
    """
    n, counts, found = len(values), np.bincount(states, minlength=n_states), []
    places, ends = np.argsort(states.astype(np.int16), kind="stable"), np.cumsum(counts)
    for state in np.flatnonzero((counts >= LEAST_ROWS) & (counts < n)):
        own = places[ends[state] - counts[state] : ends[state]]
        first, last = own[: MOST_ODD + END_ROWS], n - 1 - own[: -MOST_ODD - END_ROWS - 1 : -1]
        if max(first[MOST_ODD], last[MOST_ODD]) * counts[state] < LEAST_EXPECTED * n:
            continue
        below = np.searchsorted(values, values[first[: MOST_ODD + 1]])
        above = n - np.searchsorted(values, values[n - 1 - last[: MOST_ODD + 1]], side="right")
        low, high = (_end(*side, counts[state], n) for side in ((first, below), (last, above)))
        if low is not None:
            found.append(values[low])
        if high is not None:
            found.append(values[n - high])
    return found


def _end(own, beyond, count, n):
    """How many rows lie beyond the first of a category, if it ends abruptly there; or None.

    `own` are the places of its first rows, of `count`, and `beyond` the rows before each.
    """
    for odd, before in enumerate(beyond.tolist()):
        expected = before * count / n
        if expected < LEAST_EXPECTED or odd > MOST_BEYOND * expected:
            continue
        near = own[odd + END_ROWS - 1] + 1 - before
        if END_ROWS / near >= LEAST_ABRUPT * (count - odd) / (n - before):
            return before
    return None

"""Columns that two others decide together, as a price what is sold and in which size."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from gan_augment.containers.untrusted import checked_array, require
from gan_augment.encoding.column import LABELS
from gan_augment.encoding.relations.base import quoted
from gan_augment.encoding.relations.evidence import is_evident
from gan_augment.encoding.relations.look_up import (
    LEAST_LIKELY,
    OfTwo,
    cells_of,
    is_function,
    n_against,
    nearest_place,
)

#: Levels of each decider at most, and columns beyond which others are not looked at.
MOST_LEVELS, MOST_COLUMNS = 50, 16


@dataclass(eq=False)
class PairLookUp(OfTwo):
    """Columns that are functions of two others.

    Parameters
    ----------
    cells : tuple of ndarray
        Codes of categories, or whole numbers, that each of the two had, in order.
    """

    kind = "pair look-up"

    cells: tuple

    @classmethod
    def find(cls, rows, restored):
        """Return what pairs of columns of few levels decide, and neither of them alone."""
        levels = {name: rows.n_levels(name) for name in rows.columns}
        able = [n for n in rows.of_kind(*LABELS, "integer") if 2 <= levels[n] <= MOST_LEVELS]
        able = able[:MOST_COLUMNS]
        names = [n for n in rows.columns if n not in restored and levels[n] > 1]
        names = [n for n in names if levels[n] <= MOST_LEVELS**2][:MOST_COLUMNS]
        pairs = list(itertools.combinations(able, 2))
        least, telling = LEAST_LIKELY / max(len(pairs) * len(names), 1), []
        for pair in pairs:
            both = _together(rows, pair)
            decided = [n for n in names if n not in pair and _decide(rows, pair, both, n, least)]
            if decided:
                telling.append((_unseen(rows, pair, both), pair, decided))
        found, taken = [], set()
        # of several that decide each other, first those of which new rows have no pair unseen
        for _, pair, decided in sorted(telling, key=itemgetter(0)):
            decided = [name for name in decided if name not in taken]
            if decided:
                taken.update(decided)
                cells = tuple(_seen(rows, name) for name in pair)
                found.append(cls.of(rows, pair[0], decided, pair[1], cells))
        return found

    def _keys(self, cells):
        keys, absent = 0, np.zeros(len(cells[self.decider]), dtype=bool)
        for name, seen in zip(self.needs, self.cells, strict=True):
            values, missing = cells_of(self.schema[name], cells[name])
            unseen = (values == -2) & (self.schema[name].kind in LABELS)
            keys = keys * len(seen) + nearest_place(seen, values)
            absent = absent | missing | unseen
        return keys, absent

    def words(self):
        names = quoted([part.column.name for part in self.decided])
        return f"{quoted(self.needs)} together decide {names}"

    def arrays(self):
        return {**super().arrays(), "first": self.cells[0], "second": self.cells[1]}

    @classmethod
    def _read(cls, facts, arrays, decider, schema):
        second, cells = cls._second(facts, decider, schema), []
        for name, column in (("first", decider), ("second", schema[second])):
            require(column.kind in (*LABELS, "integer"), "columns that can decide")
            seen = checked_array(arrays, name, "int64 uint64", (None,))
            require(len(seen) and (seen[1:] > seen[:-1]).all(), "rising levels")
            cells.append(seen)
        high = len(cells[0]) * len(cells[1]) - 1
        levels = checked_array(arrays, "levels", "int64", (None,), low=0, high=high)
        return levels, (second, tuple(cells))


def _seen(rows, name):
    values, missing = cells_of(rows.columns[name], rows.frame[name])
    return np.unique(values[~missing])


def _together(rows, pair):
    """The levels of two columns as one; -1 where a cell is missing."""
    first, second = (rows.levels(name) for name in pair)
    return np.where((first < 0) | (second < 0), -1, first * MOST_LEVELS + second)


def _unseen(rows, pair, both):
    """How many pairs of their levels no row has."""
    seen = np.count_nonzero(np.bincount(both[both >= 0]))
    return rows.n_levels(pair[0]) * rows.n_levels(pair[1]) - seen


def _decide(rows, pair, levels, name, least):
    """Whether two columns decide a third, which says more than that each of them nearly does.

    `levels` are those of both together.
    """
    if not is_function(rows, levels, name, least):
        return False
    first, second = (rows.levels(other) for other in pair)
    own, rng = rows.levels(name), np.random.default_rng(0)
    known = (levels >= 0) & (own >= 0)
    levels, own, n = levels[known], own[known], int(known.sum())
    wrong = n_against(levels, own)
    for alone in (first[known], second[known]):
        mixed = np.empty_like(own)  # shuffled among the rows that one decider has in common
        mixed[np.lexsort((rng.random(n), alone))] = own[np.lexsort((rng.random(n), alone))]
        if not is_evident(wrong, n, n_against(levels, mixed) / n, least, rows.limits):
            return False
    return True

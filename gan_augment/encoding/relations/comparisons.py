"""Columns that say which of two others is larger, as who won, or whether a parcel came late."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass

import numpy as np

from gan_augment.containers.untrusted import checked_array, require
from gan_augment.encoding.column import NUMBERS
from gan_augment.encoding.relations.base import binding, quoted
from gan_augment.encoding.relations.look_up import LEAST_LIKELY, OfTwo, is_function, n_against
from gan_augment.encoding.relations.scale import Scale, are_comparable

#: Columns that are compared, and that say what came of it.
MOST_COLUMNS, MOST_FLAGS = 20, 16
#: How two numbers may compare: the first is smaller, they are equal, or it is larger.
WAYS = 3
#: Kinds whose columns compare as one of them, or what they have beside, is more than nothing.
EQUATIONS = "sum", "formula"


@dataclass(eq=False)
class Comparison(OfTwo):
    """Columns that are functions of which of two others is larger."""

    kind = "comparison"

    @classmethod
    def find(cls, rows, restored):
        """Return what pairs of numbers, dates or durations decide by which is larger."""
        names = [n for n in rows.columns if n not in restored and 1 < rows.n_levels(n) <= WAYS]
        names = names[:MOST_FLAGS]
        able = [n for n in rows.measured() if rows.n_levels(n) > WAYS][:MOST_COLUMNS]
        # of a total and one of its parts the other part tells by its sign, in plainer words
        bind = binding(relation for relation in rows.found if relation.kind in EQUATIONS)
        pairs = [
            pair
            for pair in itertools.combinations(able, 2)
            if names and are_comparable([rows.columns[n] for n in pair]) and not bind(pair)
        ]
        least, found, left = LEAST_LIKELY / max(len(pairs) * len(names), 1), [], list(names)
        quick = rows.frame.iloc[rows.quick]
        for pair in pairs:
            relation = cls(rows.schema, 0.0, pair[0], False, np.arange(1), (), pair[1])
            few = relation._places(quick)
            some = [n for n in left if _may_decide(rows, few, rows.levels(n)[rows.quick])]
            if some:
                places = relation._places(rows.frame)
                some = [name for name in some if is_function(rows, places, name, least)]
            if some:
                left = [name for name in left if name not in some]
                found.append(cls.of(rows, pair[0], some, pair[1]))
        return found

    @functools.cached_property
    def _scale(self):
        return Scale([self.schema[name] for name in self.needs])

    def _keys(self, cells):
        (first, no_first), (second, no_second) = (
            self._scale.ticks(self.schema[name], cells[name]) for name in self.needs
        )
        return 1 + (first > second) - (first < second).astype(np.int64), no_first | no_second

    def _places(self, cells):
        keys, missing = self._keys(cells)
        return np.where(missing, -1, keys)

    def words(self):
        names = quoted([part.column.name for part in self.decided])
        more = "later" if self._scale.quantity == "datetime" else "larger"
        return f"which of {quoted(self.needs)} is {more} decides {names}"

    @classmethod
    def _read(cls, facts, arrays, decider, schema):
        second = cls._second(facts, decider, schema)
        columns = [decider, schema[second]]
        require(all(column.kind in NUMBERS for column in columns), "numbers to compare")
        require(are_comparable(columns), "columns that can be compared")
        levels = checked_array(arrays, "levels", "int64", (None,), low=0, high=WAYS - 1)
        return levels, (second,)


def _may_decide(rows, places, own):
    """Whether few rows have another value than most of those that compare alike."""
    known = (places >= 0) & (own >= 0)
    if not known.any() or len(np.unique(places[known])) < 2:
        return False
    return n_against(places[known], own[known]) <= rows.limits.most * known.sum() + 3

"""One-hot blocks: columns of two values, of which one is on in every row, or one at most."""

from __future__ import annotations

import functools
import itertools
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gan_augment.containers.untrusted import require
from gan_augment.encoding.column import LABELS, MAX_CATEGORIES, Column
from gan_augment.encoding.relations.base import Relation, checked_share, named, quoted
from gan_augment.encoding.relations.evidence import (
    LEAST_LIKELY,
    MOST_OF_CHANCE,
    is_evident,
)

#: Rows in which blocks are looked for, and steps of the search for one block.
SEARCH_ROWS, MOST_STEPS = 2000, 500
#: Columns with one name but for the end are a block on less evidence than others.
LEAST_LIKELY_ALIKE, LEAST_LIKELY_BESIDE = 1e-3, 0.5


@dataclass(eq=False)
class OneHot(Relation):
    """Columns of two values, the larger of which is on in one of them: learnt as one category.

    Parameters
    ----------
    members : tuple
        Names of the columns.
    may_be_off : bool
        Whether all may be off in a row, as where the first level was dropped.
    """

    kind = "one-hot"

    members: tuple
    may_be_off: bool

    @classmethod
    def find(cls, rows, restored):
        """Return the blocks of the table, each as large as can be."""
        names = [name for name in rows.columns if name not in restored and is_binary(rows, name)]
        words = [_words_of(rows.columns[name]) for name in names]
        # words are the same in all columns of a block, as yes and no
        names = [n for n, own in zip(names, words, strict=True) if not own or words.count(own) > 1]
        if len(names) < 2:
            return []
        on = np.column_stack([_is_on(rows.columns[name], rows.frame[name]) for name in names])
        few = on[:: max(len(on) // SEARCH_ROWS, 1)]
        found, free = [], list(range(len(names)))
        for search in (_partitions, _exclusives):
            may_be_off = search is _exclusives
            for places in search(few, free, names, rows.limits):
                block = _with_rare_levels(on, places, free, names)
                count = on[:, block].sum(axis=1)
                wrong = int((count > 1 if may_be_off else count != 1).sum())
                if len({_words_of(rows.columns[names[place]]) for place in block}) > 1:
                    continue
                same_stem = _are_named_alike([names[place] for place in block])
                others = bool(found) and same_stem and not wrong
                if _holds(on[:, block], wrong, may_be_off, same_stem, others, rows.limits):
                    free = [place for place in free if place not in block]
                    members = tuple(names[place] for place in block)
                    found.append(cls(rows.schema, wrong / len(on), members, may_be_off))
        return found

    @property
    def restores(self):
        return self.members

    @functools.cached_property
    def learns(self):
        levels = tuple(range(len(self.members) + self.may_be_off))
        return (Column(self.members[0], "category", "int64", categories=levels),)

    def encode(self, frame):
        on = self._on(frame)
        codes = on.argmax(axis=1)
        if self.may_be_off:
            codes = np.where(on.any(axis=1), codes, len(self.members))
        return [pd.Series(codes)]

    def decode(self, known, learnt, n):
        codes = learnt[0].to_numpy()
        columns = (self.schema[name] for name in self.members)
        return {c.name: _switched(c, codes == i) for i, c in enumerate(columns)}

    def broken(self, frame):
        count = self._on(frame).sum(axis=1)
        missing = frame[list(self.members)].isna().to_numpy().any(axis=1)
        return (count > 1 if self.may_be_off else count != 1) & ~missing

    def _on(self, frame):
        on = [_is_on(self.schema[name], frame[name]) for name in self.members]
        return np.column_stack(on)

    def on_state(self, name):
        """Return the place, among the two values of one of its columns, of that which is on."""
        column = self.schema[name]
        if column.kind in LABELS:
            return column.categories.index(max(column.categories))
        return 1

    def words(self):
        return f"{'at most' if self.may_be_off else 'exactly'} one of {quoted(self.members)} is on"

    def _facts(self):
        return {"columns": self.places(self.members), "may_be_off": self.may_be_off}

    @classmethod
    def from_plain(cls, facts, arrays, schema):
        """Return the block that a file describes."""
        members = named(facts["columns"], schema)
        require(2 <= len(members) < MAX_CATEGORIES, "blocks of some columns")
        require(type(facts["may_be_off"]) is bool, "blocks that may be off or not")
        require(all(_may_be_binary(schema[name]) for name in members), "columns of two values")
        return cls(schema, checked_share(facts), members, facts["may_be_off"])


def _may_be_binary(column):
    if column.has_missing:
        return False
    if column.kind in LABELS:
        return len(column.categories) == 2 and not isinstance(column.categories[0], bytes)
    return column.kind in ("integer", "number") and column.minimum < column.maximum


def _words_of(column):
    """The two words of a column of text, None of other columns."""
    is_text = column.kind in LABELS and isinstance(column.categories[0], str)
    return frozenset(column.categories) if is_text else None


def is_binary(rows, name):
    """Return whether a column holds two values, and no missing cell."""
    if not _may_be_binary(rows.columns[name]):
        return False
    if rows.columns[name].kind in LABELS:
        return True
    values = rows.numbers(name)[0]
    ends = values[rows.quick].min(), values[rows.quick].max()
    few = np.isin(values[rows.quick], ends).all()
    return bool(few and np.isin(values, (values.min(), values.max())).all())


def _is_on(column, series):
    """Where a column has the larger of its two values, or is nearer to it."""
    if column.kind in LABELS:
        return series.to_numpy(dtype=object) == max(column.categories)
    values = column.numbers(series)[0].astype(np.float64)
    return values > (column.minimum + column.maximum) / 2


def _switched(column, on):
    if column.kind in LABELS:
        high = column.categories.index(max(column.categories))
        return column.from_codes(np.where(on, high, 1 - high))
    dtype = np.float64 if column.kind == "number" else np.int64
    return column.cast(np.where(on, column.maximum, column.minimum).astype(dtype))


def _holds(on, wrong, may_be_off, named_alike, beside_others, limits):
    """Whether so few wrong rows say that columns are a block, and not independent.

    In a table with other blocks, few rows are enough for columns that are named like one.
    """
    if on.shape[1] > MAX_CATEGORIES - 1:
        return False
    shares = on.mean(axis=0)
    none = np.prod(1 - shares)
    one = none * (shares / (1 - shares)).sum()
    least = LEAST_LIKELY_ALIKE if named_alike else LEAST_LIKELY
    least = LEAST_LIKELY_BESIDE if beside_others else least
    return is_evident(wrong, len(on), 1 - one - none * may_be_off, least, limits)


def _exclusive(on, most=0.0):
    """Which pairs of columns are never on together, but for few rows, far fewer than by chance."""
    both = on.T.astype(np.float32) @ on.astype(np.float32)
    expected = np.outer(on.mean(axis=0), on.mean(axis=0)) * len(on)
    return both <= np.minimum(most, 2 * MOST_OF_CHANCE * expected)


def _partitions(on, free, names, limits):
    """Yield sets of columns of which exactly one is on in each row."""
    most = limits.most * len(on)
    exclusive, taken = _exclusive(on, most), set()
    for first, alike in [(place, True) for place in free] + [(place, False) for place in free]:
        if first in taken or not on[:, first].any():
            continue
        left = [place for place in free if place not in taken]
        if alike:  # first those with one name but for the end
            left = [p for p in left if _are_named_alike([names[first], names[p]])]
        block = _completed(on, [first], left, exclusive, [MOST_STEPS], most)
        if block:
            taken |= set(block)
            yield block


def _completed(on, chosen, free, exclusive, steps, most=0.0):
    """Return the chosen columns with others that make them a partition of the rows, or None.

    At most so many rows may be left uncovered.
    """
    uncovered = ~on[:, chosen].any(axis=1)
    if uncovered.sum() <= most:
        return chosen
    steps[0] -= 1
    if steps[0] < 0:
        return None
    if most:  # not a row of which none is on at all
        uncovered &= on[:, free].any(axis=1)
        if not uncovered.any():
            return None
    row, last = int(np.argmax(uncovered)), chosen[-1] if chosen else 0
    fits = [j for j in free if on[row, j] and exclusive[j, chosen].all()]
    for place in sorted(
        fits, key=lambda j: abs(j - last)
    ):  # the columns of a block stand together
        block = _completed(on, [*chosen, place], free, exclusive, steps, most)
        if block:
            return block
    return None


def _exclusives(on, free, names, limits):
    """Yield sets of columns of which one at most is on in each row, against what chance says."""
    n, shares, exclusive, taken = len(on), on.mean(axis=0), _exclusive(on), set()
    for first in free:
        if first in taken or not shares[first]:
            continue
        block, share = [first], shares[first]
        others = [j for j in free if j != first and j not in taken and shares[j]]
        for place in sorted(others, key=lambda j: abs(j - first)):
            evident = is_evident(0, n, share * shares[place])
            near = _belongs(place, block, names)
            if exclusive[place, block].all() and (near or evident):
                block.append(place)
                share += shares[place]
        if len(block) > 1:
            taken |= set(block)
            yield block


def _belongs(place, block, names):
    """Whether a column has a name like those of a block, or stands beside it.

    How they are called settles only which columns are tried together.
    """
    texts = [names[other] for other in block]
    if not all(isinstance(name, str) for name in [names[place], *texts]):
        return min(abs(place - other) for other in block) == 1
    if len(block) == 1:
        return _are_named_alike([*texts, names[place]])
    return names[place].startswith(_stem(texts))


def _are_named_alike(names):
    """Whether all names have one first word, as "city_Bonn" and "city_Oslo"."""
    texts = all(isinstance(name, str) for name in names)
    return texts and len(re.split(r"[\W_]", _stem(names))) > 1


def _stem(names):
    """What all names begin with."""
    first, last = min(names), max(names)
    same = (a == b for a, b in zip(first, last, strict=False))
    return first[: sum(itertools.takewhile(bool, same))]


def _with_rare_levels(on, block, free, names):
    """Return a block, in order, with the columns that are on in rows where it is off.

    The few rows it was found in may have had none of these levels.
    """
    block = list(block)
    off = ~on[:, block].any(axis=1)
    if off.any():
        fits = [j for j in free if j not in block and on[off, j].any() and not on[~off, j].any()]
        rest = _completed(on[off], [], fits, _exclusive(on[off]), [MOST_STEPS])
        block += rest or []
        for place in [] if rest else sorted(fits, key=lambda j: abs(j - block[0])):
            if not (on[:, place] & on[:, block].any(axis=1)).any():
                block += [place] * _belongs(place, block, names)
    return sorted(block)

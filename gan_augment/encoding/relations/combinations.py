"""Combinations that never occur, as a husband who is not married, or a tip that was paid in cash.

A column has states: its categories, or zero and any other number; and missing cells. States of two
columns that chance alone would have brought together often, and that never are, are kept apart.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass, replace

import numpy as np

from gan_augment.containers.untrusted import checked_array, require
from gan_augment.encoding.column import LABELS, NUMBERS
from gan_augment.encoding.relations.base import Relation, checked_share, named
from gan_augment.encoding.relations.look_up import cells_of

#: A cell is expected in so many rows at least if the columns were independent; and tables of
#: independent columns in which any such cell is empty: fewer than one of so many.
LEAST_EXPECTED, LEAST_LIKELY = 10, 1e-3
#: Rows that have a combination which is kept from new rows, of those expected.
MOST_OBSERVED = 0.005
#: Columns beyond which no combinations are looked for, and values kept of a number at each state.
MOST_COLUMNS, N_VALUES = 200, 32
#: Combinations that are named before the rest is counted.
MOST_NAMED = 3


@dataclass(frozen=True, eq=False)
class Apart:
    """States of two columns that never come together.

    Parameters
    ----------
    name : str or int
        The column that is known.
    counts : ndarray of int
        Training rows by its states and those of the other column.
    allowed : ndarray of bool
        Which of them may come together.
    values : ndarray or None
        Numbers of the other column, not 0, at each state of this.
    """

    name: object
    counts: np.ndarray
    allowed: np.ndarray
    values: np.ndarray | None


@dataclass(eq=False)
class Combinations(Relation):
    """A column whose states never come together with some states of others.

    It is learnt as it is. Where a new row has what never occurs, the column gets another state,
    drawn as training rows have it beside the others.

    Parameters
    ----------
    name : str or int
    parts : tuple of Apart
        One for each other column.
    """

    kind = "combinations"

    name: object
    parts: tuple

    @classmethod
    def find(cls, rows, restored):
        """Return the columns that have states which never come together with those of others."""
        pairs = _pairs(rows)
        parts = {}
        for a, b in _directed(rows, pairs, restored):
            parts.setdefault(b, []).append(_apart(rows, a, b, pairs))
        found = []
        for name, apart in parts.items():
            relation = cls(rows.schema, 0.0, name, tuple(apart))
            share = float(relation.broken(rows.frame).mean())
            found.append(replace(relation, exceptions=share))
        return found

    @property
    def restores(self):
        return (self.name,)

    @property
    def needs(self):
        return tuple(part.name for part in self.parts)

    @functools.cached_property
    def learns(self):
        return (self.schema[self.name],)

    def encode(self, frame):
        return [frame[self.name]]

    def decode(self, known, learnt, n):
        own = states_of(self.schema[self.name], learnt[0])
        others = [states_of(self.schema[part.name], known[part.name]) for part in self.parts]
        allowed = [
            part.allowed[other, own] for part, other in zip(self.parts, others, strict=True)
        ]
        rows = np.flatnonzero(~np.logical_and.reduce(allowed))
        if not len(rows):
            return {self.name: learnt[0]}
        others = [other[rows] for other in others]
        rng = np.random.default_rng(0)
        first = np.argmin(np.stack([ok[rows] for ok in allowed]), axis=0)
        states = self._drawn(first, others, rng)
        return {self.name: self._changed(learnt[0], rows, states, first, others, rng)}

    def _drawn(self, first, others, rng):
        """New states of rows; `first` is the place of what they break."""
        parts = list(zip(self.parts, others, strict=True))
        allowed = np.logical_and.reduce([part.allowed[other] for part, other in parts])
        weights = np.zeros(allowed.shape)
        for i, (part, other) in enumerate(parts):
            mine = first == i
            weights[mine] = part.counts[other[mine]] * part.allowed[other[mine]]
        both = weights * allowed
        # no training row may have had all these others: then what is broken first is mended
        both = np.where(both.any(axis=1)[:, None], both, weights)
        both = np.where(both.any(axis=1)[:, None], both, 1.0)
        ends = np.cumsum(both, axis=1)
        return (rng.random((len(ends), 1)) * ends[:, -1:] >= ends).sum(axis=1)

    def _changed(self, series, rows, states, first, others, rng):
        """The column with other states in some rows."""
        column = self.schema[self.name]
        if column.kind in LABELS:
            codes = column.codes(series)
            codes[rows] = np.where(states == len(column.categories), -1, states)
            return column.from_codes(codes)
        values, missing = (part.copy() for part in column.numbers(series))
        at = rng.integers(0, N_VALUES, len(rows))
        for i, (part, other) in enumerate(zip(self.parts, others, strict=True)):
            mine = np.flatnonzero(first == i)
            values[rows[mine]] = part.values[other[mine], at[mine]]
        values[rows[states == 0]] = 0
        missing[rows] = states == 2
        return column.cast(values, missing if column.has_missing else None)

    def broken(self, frame):
        wrong = np.zeros(len(frame), dtype=bool)
        own = states_of(self.schema[self.name], frame[self.name])
        for part in self.parts:
            other = states_of(self.schema[part.name], frame[part.name])
            wrong |= ~part.allowed[other, own] & (other >= 0) & (own >= 0)
        return wrong

    def words(self):
        phrases = [phrase for part in self.parts for phrase in self._phrases(part)]
        more = len(phrases) - MOST_NAMED
        text = ", ".join(phrases[:MOST_NAMED])
        return f"{text}, and {more} more such rules" if more > 0 else text

    def _phrases(self, part):
        """What is said of the states of another column that are kept from states of this one."""
        column, other = self.schema[self.name], self.schema[part.name]
        seen, grouped = part.counts.sum(axis=0) > 0, {}
        for state in np.flatnonzero(~part.allowed.all(axis=1)):
            grouped.setdefault(part.allowed[state].tobytes(), []).append(state)
        for same in grouped.values():
            where = f"where {part.name!r} is {states_text(other, same)}"
            allowed = part.allowed[same[0]]
            left = np.flatnonzero(allowed & seen)
            never = np.flatnonzero(~allowed)
            if len(left) == 1 and [*never] != [len(seen) - 1]:
                yield f"{self.name!r} is {states_text(column, left)} {where}"
            else:
                yield f"{self.name!r} is never {states_text(column, never)} {where}"

    def _facts(self):
        return {
            "column": self.places([self.name]),
            "others": self.places([part.name for part in self.parts]),
        }

    def arrays(self):
        found = {}
        for i, part in enumerate(self.parts):
            found |= {f"counts{i}": part.counts, f"allowed{i}": part.allowed}
            if part.values is not None:
                found[f"values{i}"] = part.values
        return found

    @classmethod
    def from_plain(cls, facts, arrays, schema):
        """Return the combinations that a file describes."""
        names = named(facts["column"], schema)
        others = named(facts["others"], schema)
        require(len(names) == 1 and others and names[0] not in others, "a column beside others")
        able = (*LABELS, *NUMBERS)
        require(all(schema[n].kind in able for n in (*names, *others)), "columns with states")
        column, parts = schema[names[0]], []
        for i, name in enumerate(others):
            shape = (n_states(schema[name]), n_states(column))
            counts = checked_array(arrays, f"counts{i}", "int64", shape, low=0)
            allowed = checked_array(arrays, f"allowed{i}", "bool", shape)
            require(not (counts.any(axis=1) & ~allowed.any(axis=1)).any(), "a state that may be")
            values = None
            if column.kind in NUMBERS:
                kinds = "float64" if column.kind == "number" else "int64 uint64"
                values = checked_array(arrays, f"values{i}", kinds, (shape[0], N_VALUES))
            parts.append(Apart(name, counts, allowed, values))
        return cls(schema, checked_share(facts), names[0], tuple(parts))


# States ------------------------------------------------------------------------------------------


def n_states(column):
    """Return how many states a column has, the last of which is missing."""
    return len(column.categories) + 1 if column.kind in LABELS else 3


def states_of(column, series):
    """Return the state of each cell, -1 of a category that was not seen.

    Examples
    --------
    >>> import pandas as pd
    >>> from gan_augment.encoding.column import Column
    >>> tip = Column("tip", "number", "float64", True, minimum=0.0, maximum=9.5, resolution=0.5)
    >>> states_of(tip, pd.Series([0.0, 2.5, None])).tolist()
    [0, 1, 2]
    """
    cells, missing = cells_of(column, series)
    if column.kind in LABELS:
        return np.where(missing, len(column.categories), np.where(cells < 0, -1, cells))
    is_zero = (cells == 0) & (column.kind in ("integer", "number"))
    return np.where(missing, 2, np.where(is_zero, 0, 1))


def states_text(column, states):
    """Return states as a sentence names them, some of them if they are many."""
    missing = n_states(column) - 1
    if column.has_missing and [*states] == [*range(missing)]:
        return "known"
    if column.kind in LABELS:
        texts = [repr(category) for category in column.categories]
    else:
        is_number = column.kind in ("integer", "number")
        texts = ["0", "not 0" if is_number else "known"]
    texts = [(*texts, "missing")[state] for state in states]
    more = len(texts) - MOST_NAMED
    return " or ".join(texts[:MOST_NAMED] + [f"{more} others"] * (more > 0))


# Finding -----------------------------------------------------------------------------------------


def _pairs(rows):
    """Pairs of columns with states that never come together: ``{(a, b): allowed}``."""
    states, bound = {}, [set(relation.columns) for relation in rows.found]
    for name, column in rows.columns.items():
        own = states_of(column, rows.frame[name].iloc[rows.more])
        if np.bincount(own).astype(bool).sum() > 1:
            states[name] = own
    if len(states) > MOST_COLUMNS:
        return {}
    tables, n_cells, scale = {}, 0, len(rows) / len(rows.more)
    for a, b in itertools.combinations(states, 2):
        if any({a, b} <= names for names in bound):
            continue
        counts = _counts(rows, a, b, states)
        expected = _expected(counts)
        n_cells += int((expected * scale >= LEAST_EXPECTED).sum())
        if (_empty(counts, expected, LEAST_EXPECTED / scale)).any():
            tables[a, b] = counts
    least, found = max(LEAST_EXPECTED, np.log(max(n_cells, 1) / LEAST_LIKELY)), {}
    for (a, b), counts in tables.items():
        if not _empty(counts, _expected(counts), least / scale).any():
            continue
        if scale > 1:
            whole = {name: states_of(rows.columns[name], rows.frame[name]) for name in (a, b)}
            counts = _counts(rows, a, b, whole)
        empty = _empty(counts, _expected(counts), least)
        if empty.any():
            found[a, b] = ~empty
    return found


def _counts(rows, a, b, states):
    """Rows by the states of two columns."""
    shape = n_states(rows.columns[a]), n_states(rows.columns[b])
    joint = np.bincount(states[a] * shape[1] + states[b], minlength=shape[0] * shape[1])
    return joint.reshape(shape)


def _expected(counts):
    """Rows by the states of two columns, if these were independent."""
    return np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(counts.sum(), 1)


def _empty(counts, expected, least):
    """Cells that are as good as empty, against what was expected; all known ones together too."""
    empty = (expected >= least) & (counts <= MOST_OBSERVED * expected)
    known, missing = slice(None, -1), slice(-1, None)
    for block in ((known, missing), (missing, known), (known, known)):
        enough = expected[block].sum() >= least
        if enough and counts[block].sum() <= MOST_OBSERVED * expected[block].sum():
            empty[block] = True
    return empty


def _directed(rows, pairs, restored):
    """Yield pairs (known, changed) that keep the others too; no column depends on itself."""
    met = [name for pair in pairs for name in pair]
    rank = {n: (n not in restored, -met.count(n), i) for i, n in enumerate(rows.schema.names)}
    needs = {}
    for relation in rows.found:
        for name in relation.restores:
            needs.setdefault(name, set()).update(relation.needs)
    allowed, seen = {}, {name: _seen(rows, name) for name in met}
    for pair in sorted(pairs, key=lambda pair: sorted(map(rank.__getitem__, pair))):
        known, changed = sorted(pair, key=rank.__getitem__)
        apart = pairs[pair] if pair == (known, changed) else pairs[pair].T
        if _follows(apart, known, changed, allowed, seen):
            continue
        for a, b in ((known, changed), (changed, known)):
            if b not in restored and not _depends(a, b, needs):
                needs.setdefault(b, set()).add(a)
                allowed[known, changed], allowed[changed, known] = apart, apart.T
                yield a, b
                break


def _depends(name, other, needs):
    """Whether a column is decoded after another."""
    met, left = set(), [name]
    while left:
        one = left.pop()
        if one == other:
            return True
        if one not in met:
            met.add(one)
            left += needs.get(one, ())
    return False


def _seen(rows, name):
    """Which states of a column some rows have."""
    column = rows.columns[name]
    own = states_of(column, rows.frame[name])
    return np.bincount(own, minlength=n_states(column)) > 0


def _follows(apart, a, b, allowed, seen):
    """Whether what never occurs is kept from the rows by way of a third column already."""
    for third in [c for other, c in allowed if other == a and (c, b) in allowed]:
        through = (allowed[a, third] * seen[third]).astype(np.int64) @ allowed[third, b]
        if not ((through > 0) & ~apart).any():
            return True
    return False


def _apart(rows, a, b, pairs):
    """What keeps the states of one column from those of another."""
    column = rows.columns[b]
    own, other = states_of(column, rows.frame[b]), states_of(rows.columns[a], rows.frame[a])
    allowed = pairs[a, b] if (a, b) in pairs else pairs[b, a].T
    counts = _counts(rows, a, b, {a: other, b: own}).astype(np.int64)
    values = None
    if column.kind in NUMBERS:
        cells, _ = rows.numbers(b)
        values = np.stack([_spread(cells, own, other == i) for i in range(len(counts))])
    return Apart(a, counts, allowed, values)


def _spread(cells, own, some):
    """Numbers other than 0 of some rows, evenly spread over their ranks, or those of all rows."""
    known = own == 1
    picked = np.sort(cells[known & some])
    picked = picked if len(picked) else np.sort(cells[known])
    if not len(picked):
        return np.zeros(N_VALUES, dtype=cells.dtype)
    return picked[((np.arange(N_VALUES) + 0.5) / N_VALUES * len(picked)).astype(int)]

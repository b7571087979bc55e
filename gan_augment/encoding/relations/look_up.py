"""Columns that one or two others decide, as a city its country: looked up, not learnt."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gan_augment.containers.untrusted import checked_array, require
from gan_augment.encoding.column import LABELS, NUMBERS
from gan_augment.encoding.dtypes import missing_mask, object_array
from gan_augment.encoding.relations.base import Relation, checked_share, named, quoted
from gan_augment.encoding.relations.evidence import is_evident

#: Rows a level that numbers must have on average to decide, and the most levels that decide.
ROWS_PER_NUMBER, MOST_LEVELS = 4, 5000
#: Tables of independent columns in which any decides another: fewer than one of so many. And how
#: often a column is shuffled to find out.
LEAST_LIKELY, SHUFFLES = 1e-3, 3
#: Pairs of levels that are counted in a table of all there may be, where rows are no more.
FEW_PAIRS = 20_000


class Decided:
    """The value of one column for each level of those that decide it.

    Parameters
    ----------
    column : Column
    values : ndarray
        Codes of its categories, or numbers, one a level.
    missing : ndarray of bool
        Levels at which it is missing; the last entry is the level of missing deciders.
    is_learnt : bool
        Whether the column is learnt too, as it is sometimes missing, or not decided where the
        deciders are missing.
    """

    def __init__(self, column, values, missing, is_learnt):
        self.column, self.values, self.missing = column, values, missing
        self.is_learnt = is_learnt

    def decode(self, levels, learnt):
        """Return the column that belongs to decoded deciders, and what was learnt of it."""
        column = self.column
        values, missing = self.values[levels], self.missing[levels]
        if self.is_learnt:
            own, absent = cells_of(column, learnt)
            free = levels == len(self.values) - 1
            values, missing = np.where(free, own, values), np.where(free, absent, missing | absent)
        return as_column(column, values, missing)

    def broken(self, levels, series):
        """Return where a column is not what the levels decide."""
        values, missing = cells_of(self.column, series)
        inside = (levels >= 0) & ~missing & ~self.missing[levels]
        inside &= (levels < len(self.values) - 1) | (not self.is_learnt)
        return inside & (self.values[levels] != values)


def cells_of(column, series):
    """Return codes, -1 where missing and -2 where unseen, or numbers; and where it is missing."""
    missing = missing_mask(series)
    if column.kind not in LABELS:
        return column.numbers(series)
    known = pd.Index(object_array(column.categories), dtype=object)
    if isinstance(series.dtype, pd.CategoricalDtype):
        levels = np.append(known.get_indexer(series.cat.categories.astype(object)), -1)
        codes = levels[series.cat.codes.to_numpy()]
    else:
        codes = known.get_indexer(pd.Index(series.to_numpy(dtype=object), dtype=object))
    return np.where(missing, -1, np.where(codes < 0, -2, codes)), missing


def as_column(column, values, missing):
    """Return what `cells_of` tells of a column's cells as that column."""
    if column.kind in LABELS:
        return column.from_codes(np.where(missing, -1, values))
    return column.cast(values, missing if column.has_missing else None)


@dataclass(eq=False)
class LookUp(Relation):
    """Columns that are functions of another.

    Parameters
    ----------
    decider : str or int
        The column that decides. Numbers may decide: new ones are moved to the nearest level.
    moves : bool
        Whether the deciding numbers are moved by this relation, which then restores them.
    levels : ndarray
        Numbers of the decider, or codes of its categories, in order.
    decided : tuple of Decided
    """

    kind = "look-up"

    decider: object
    moves: bool
    levels: np.ndarray
    decided: tuple

    @classmethod
    def find(cls, rows, restored):
        """Return what each column decides; a column that decides is not itself decided."""
        found = {}
        for name, decider in _pairs(rows, restored).items():
            found.setdefault(decider, []).append(name)
        return [
            cls.of(rows, decider, names, moves=_moves(rows, decider, restored))
            for decider, names in found.items()
        ]

    @classmethod
    def of(cls, rows, decider, names, *more, moves=False, levels=None):
        """Return the relation in which some columns are what they are in most rows of each level.

        The levels are by default those of the rows; `more` is what else makes one of a kind.
        """
        bare = cls(rows.schema, 0.0, decider, moves, np.zeros(1, dtype=np.int64), (), *more)
        keys, missing = bare._keys(rows.frame)
        levels = np.unique(keys[~missing]) if levels is None else levels
        places = np.where(missing, len(levels), np.searchsorted(levels, keys))
        decided = tuple(decided_at(rows, places, len(levels), name) for name in names)
        return replace(bare, levels=levels, decided=decided).seen_in(rows.frame)

    @property
    def restores(self):
        names = tuple(part.column.name for part in self.decided)
        return (self.decider, *names) if self.moves else names

    @property
    def needs(self):
        return () if self.moves else (self.decider,)

    @functools.cached_property
    def learns(self):
        own = (self.schema[self.decider],) if self.moves else ()
        return own + tuple(part.column for part in self.decided if part.is_learnt)

    def decode(self, known, learnt, n):
        learnt = {column.name: cells for column, cells in zip(self.learns, learnt, strict=True)}
        restored = {}
        if self.moves:
            restored[self.decider] = self._moved(learnt[self.decider])
        levels = self._levels({**known, **restored}, nearest=True)
        for part in self.decided:
            name = part.column.name
            restored[name] = part.decode(levels, learnt.get(name))
        return restored

    def _moved(self, series):
        """Numbers moved to the nearest level."""
        column = self.schema[self.decider]
        values, missing = column.numbers(series)
        values = self.levels[nearest_place(self.levels, values)]
        return column.cast(values, missing if column.has_missing else None)

    def _keys(self, cells):
        """What decides in each row, as a number, and where it is missing."""
        return cells_of(self.schema[self.decider], cells[self.decider])

    def _levels(self, cells, nearest=False):
        """The place of each row in the tables: the last where missing, -1 where unseen."""
        values, missing = self._keys(cells)
        at = nearest_place(self.levels, values)
        seen = nearest | (self.levels[at] == values)
        return np.where(missing, len(self.levels), np.where(seen, at, -1))

    def broken(self, frame):
        levels = self._levels(frame)
        wrong = [part.broken(levels, frame[part.column.name]) for part in self.decided]
        return np.logical_or.reduce(wrong)

    def words(self):
        names = quoted([part.column.name for part in self.decided])
        return f"{self.decider!r} decides {names}"

    def extend(self, frame):
        """Learn the levels that the rows it was found in did not have."""
        values, missing = self._keys(frame)
        new, first = np.unique(values[~missing], return_index=True)
        fresh = ~np.isin(new, self.levels)
        if not fresh.any():
            return
        picked = frame.iloc[np.flatnonzero(~missing)[first[fresh]]]
        levels = np.concatenate([self.levels, new[fresh]])
        order = np.argsort(levels, kind="stable")
        self.levels = levels[order]
        for part in self.decided:
            more, absent = cells_of(part.column, picked[part.column.name])
            part.values = _inserted(part.values, more, order)
            part.missing = _inserted(part.missing, absent, order)

    def _facts(self):
        names = [part.column.name for part in self.decided]
        return {
            "decider": self.places([self.decider]),
            "decided": self.places(names),
            "moves": self.moves,
            "learnt": [part.is_learnt for part in self.decided],
        }

    def arrays(self):
        found = {"levels": self.levels}
        for i, part in enumerate(self.decided):
            found |= {f"values{i}": part.values, f"missing{i}": part.missing}
        return found

    @classmethod
    def from_plain(cls, facts, arrays, schema):
        """Return the look-up that a file describes."""
        names = named([*facts["decider"], *facts["decided"]], schema)
        require(len(facts["decider"]) == 1 and len(names) > 1, "a column that decides others")
        decider, learnt = schema[names[0]], facts["learnt"]
        flags = isinstance(learnt, list) and all(type(flag) is bool for flag in learnt)
        require(flags and len(learnt) == len(names) - 1, "decided columns, learnt or not")
        require(decider.kind in (*LABELS, *NUMBERS), "a column that can decide")
        levels, more = cls._read(facts, arrays, decider, schema)
        require(len(levels) and (levels[1:] > levels[:-1]).all(), "rising levels")
        decided, shape = [], (len(levels) + 1,)
        for i, (name, is_learnt) in enumerate(zip(names[1:], learnt, strict=True)):
            column = schema[name]
            require(column.kind in (*LABELS, *NUMBERS), "columns that can be decided")
            values = checked_cells(arrays, f"values{i}", column, shape)
            missing = checked_array(arrays, f"missing{i}", "bool", shape)
            require(column.has_missing or not missing.any(), "no missing cell where none may be")
            require(((values >= 0) | missing).all() or column.kind in NUMBERS, "known categories")
            decided.append(Decided(column, values, missing, is_learnt))
        moves, share = facts["moves"], checked_share(facts)
        return cls(schema, share, names[0], moves, levels, tuple(decided), *more)

    @classmethod
    def _read(cls, facts, arrays, decider, schema):
        """The levels, and what else a kind of look-up has."""
        may_move = [False, True] if decider.kind in NUMBERS else [False]
        require(type(facts["moves"]) is bool and facts["moves"] in may_move, "numbers to move")
        return checked_cells(arrays, "levels", decider, (None,), low=0), ()


def checked_cells(arrays, name, column, shape, low=-1):
    """Return an array of a file that holds codes, from `low` on, or numbers of a column."""
    if column.kind in LABELS:
        high = len(column.categories) - 1
        return checked_array(arrays, name, "int64", shape, low=low, high=high)
    kinds = "float64" if column.kind == "number" else "int64 uint64"
    return checked_array(arrays, name, kinds, shape)


def _inserted(values, more, order):
    """Insert values of new levels, the last entry staying the last."""
    return np.append(np.concatenate([values[:-1], more])[order], values[-1:])


@dataclass(eq=False)
class OfTwo(LookUp):
    """Columns that two others decide.

    Parameters
    ----------
    second : str or int
        The column that decides beside `decider`.
    """

    second: object

    @property
    def needs(self):
        return self.decider, self.second

    def _facts(self):
        return {**super()._facts(), "second": self.places([self.second])}

    @staticmethod
    def _second(facts, decider, schema):
        """The second column of a file."""
        second = named(facts["second"], schema)
        require(len(second) == 1 and second[0] != decider.name, "two deciding columns")
        require(facts["moves"] is False, "deciding columns that are not moved")
        return second[0]


def nearest_place(levels, values):
    """Places of the levels nearest to values."""
    right = np.searchsorted(levels, values).clip(max=len(levels) - 1)
    left = np.maximum(right - 1, 0)
    # differences of 64-bit integers might not fit: floats will do to compare them
    far, near = (np.abs(levels[at].astype(float) - values.astype(float)) for at in (right, left))
    exact = levels[right] == values
    return np.where((near < far) & ~exact, left, right)


def _pairs(rows, restored):
    """Decided columns and what decides each: ``{name: decider}``."""
    columns, levels = rows.columns, {name: rows.n_levels(name) for name in rows.columns}
    able = [name for name, n in levels.items() if n + columns[name].has_missing >= 2]
    most = min(MOST_LEVELS, len(rows) / ROWS_PER_NUMBER)  # of numbers that are looked up
    few = [n for n in able if columns[n].kind in LABELS or levels[n] <= most]
    # text before numbers, and a finer column decides a coarser one
    deciders = [name for name in few if levels[name] > 1]
    deciders.sort(key=lambda name: (columns[name].kind in NUMBERS, -levels[name]))
    able.sort(key=lambda name: (levels[name], columns[name].kind not in NUMBERS))
    found, least = {}, LEAST_LIKELY / max(len(able) * len(deciders), 1)
    for name in able:
        if name in restored or name in found.values():
            continue
        # a level of the decider gives one; twice as many leave room for exceptions
        others = [d for d in deciders if d not in {name, *found} and levels[name] <= 2 * levels[d]]
        those = (decider for decider in others if _decides(rows, decider, name, least))
        first = next(those, None)
        if first is not None:  # one without exceptions, if any
            found[name] = (
                first if _is_exact(rows, first, name) else _exact(rows, those, name, first)
            )
    return found


def _moves(rows, decider, restored):
    """Whether new numbers of a column are moved to levels seen."""
    return rows.columns[decider].kind in NUMBERS and decider not in restored


def _exact(rows, deciders, name, default):
    return next((decider for decider in deciders if _is_exact(rows, decider, name)), default)


def _is_exact(rows, decider, name):
    """Whether no row has another value than its decider says."""
    levels, own = rows.levels(decider), rows.levels(name)
    known = (levels >= 0) & (own >= 0)
    return n_against(levels[known], own[known]) == 0


def _decides(rows, decider, name, least):
    """Whether one column is a function of another, missing cells included or left out."""
    levels = rows.levels(decider)
    return any(is_function(rows, levels, name, least, missing) for missing in (True, False))


def is_function(rows, levels, name, least, missing=False):
    """Whether a column is a function of levels, -1 where missing, but for rare exceptions.

    With `missing`, a missing cell is a level as others are.
    """
    for some in (rows.quick, rows.more, slice(None)):
        first, second = levels[some], rows.levels(name)[some]
        both = (first >= -missing) & (second >= -missing)
        first, second, n = first[both] + missing, second[both] + missing, int(both.sum())
        wrong = n_against(first, second)
        # few rows say little of the rate of exceptions
        if wrong > rows.limits.most * n + 3 * (len(both) < len(rows)):
            return False
    several = np.bincount(first, minlength=1)[first] > 1  # a level of one row says nothing
    first, second, n = first[several], second[several], int(several.sum())
    if not n:
        return False
    rng = np.random.default_rng(0)
    chance = np.mean([n_against(first, rng.permutation(second)) for _ in range(SHUFFLES)]) / n
    return is_evident(wrong, n, chance, least, rows.limits)


def n_against(first, second):
    """Rows that have not the value most frequent at their level.

    Examples
    --------
    >>> n_against(np.array([0, 0, 0, 1]), np.array([5, 5, 4, 4]))
    1
    """
    if not len(first):
        return 0
    height, width = int(first.max()) + 1, int(second.max()) + 1
    pairs = first.astype(np.int64) * width + second
    if height * width <= max(len(first), FEW_PAIRS):
        counts = np.bincount(pairs, minlength=height * width).reshape(height, width)
        return len(first) - int(counts.max(axis=1).sum())
    pairs, counts = np.unique(pairs, return_counts=True)
    most = np.zeros(height, dtype=np.int64)
    np.maximum.at(most, pairs // width, counts)
    return len(first) - int(most.sum())


def decided_at(rows, levels, n, name):
    """What a column is at each of n levels, and at the last one, where its decider is missing."""
    column, own = rows.columns[name], rows.levels(name)
    cells, missing = cells_of(column, rows.frame[name])
    row = _row_of_mode(levels, own, n + 1)
    is_missing = missing[row]
    values = cells[row]
    free = levels == n
    # rows without a decider, or without a value where others of their level have one
    is_learnt = bool((free & (own != own[row[levels]])).any())
    if column.has_missing and (missing != is_missing[levels]).any():
        known = np.where(missing, len(own), np.arange(len(own)))
        row = _row_of_mode(levels[~missing], own[~missing], n + 1, np.sort(known[~missing]))
        values, is_learnt = cells[row], True
        is_missing = np.isin(np.arange(n + 1), levels[~missing], invert=True)
    return Decided(column, values, is_missing, is_learnt)


def _row_of_mode(levels, own, n, rows=None):
    """A row that has the most frequent value of each level, or the first row of all."""
    width = int(own.max()) + 2
    pairs, first, counts = np.unique(
        levels * width + own + 1, return_index=True, return_counts=True
    )
    order = np.argsort(counts, kind="stable")  # the most frequent is written last
    row = np.zeros(n, dtype=np.int64)
    row[pairs[order] // width] = first[order]
    return row if rows is None else rows[row]

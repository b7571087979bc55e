"""Columns in order, as a drop-off that never comes before its pick-up: learnt as what is between.

A generator that draws both by itself gets the order wrong in some rows, and how long things take
in most.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gan_augment.containers.untrusted import is_finite, is_whole, require
from gan_augment.encoding.column import NUMBERS, Column
from gan_augment.encoding.numeric import integer_step
from gan_augment.encoding.relations.base import Relation, checked_share, named
from gan_augment.encoding.relations.checked import Checked
from gan_augment.encoding.relations.date_codes import DateCode
from gan_augment.encoding.relations.evidence import (
    KEPT,
    LEAST_LIKELY,
    MOST_OF_CHANCE,
    NEAR,
    Limits,
    is_evident,
)
from gan_augment.encoding.relations.scale import MOST_TICKS, Scale, placed, quantity

#: Numeric columns of a table beyond which no orders are looked for, and pairs drawn by chance.
MOST_COLUMNS, CHANCE_ROWS = 200, 5000
#: Rows whose numbers may be in the wrong order, of a rule that is kept and of one that is said:
#: those of dates may be more.
LIMITS_OF_NUMBERS = {KEPT: Limits(0.001, MOST_OF_CHANCE), NEAR: Limits(0.02, 0.06)}
#: Tables of independent columns in which any pair is in order: fewer than one of so many.
LEAST_OF_ALL = 1e-4
#: A column is learnt as its distance from others where that varies so much less than itself.
NARROW = 0.5


@dataclass(frozen=True, eq=False)
class Follower:
    """A column learnt as its distance from others, or as itself where that says more.

    Parameters
    ----------
    name : str or int
    side : {1, -1}
        1 if it is above the others, -1 if below.
    others : tuple
        Names of columns beside the base that are on its other side: it is measured from the
        nearest.
    gap : Column or None
        The distance, in ticks. None: it is learnt as itself, and what comes out on the wrong side
        is moved to the nearest of the others.
    """

    name: object
    side: int
    others: tuple
    gap: Column | None = None

    @property
    def least(self):
        """The least distance that is learnt."""
        if self.gap is None:
            return 0
        return self.gap.value if self.gap.kind == "constant" else self.gap.minimum


@dataclass(eq=False)
class Order(Relation):
    """Columns above or below a base column, in every row where both are known.

    Parameters
    ----------
    base : str or int
        The column from which the others are measured.
    owns_base : bool
        Whether the base is restored too: where its missing cells are filled while the others are
        measured, or where it has to be kept inside the bounds of others.
    followers : tuple of Follower
        In the order in which they are decoded.
    pairs : tuple of tuple
        (lower, upper): what holds in words, without what follows from other pairs.
    """

    kind = "order"

    base: object
    owns_base: bool
    followers: tuple
    pairs: tuple

    @classmethod
    def find(cls, rows, restored):
        """Return the orders of the table, those that hang together as one."""
        found = []
        for kind in ("datetime", "timedelta", "number"):
            names = [n for n in rows.measured() if quantity(rows.columns[n]) == kind]
            pairs = [
                pair
                for pair in _ordered_pairs(rows, names)
                if not any(_settles(relation, pair) for relation in rows.found)
            ]
            coded = _coded(rows, pairs, restored)
            left = [pair for pair in pairs if not {*pair} <= coded]
            found += [Checked.of(_pair(rows, pair)) for pair in pairs if {*pair} <= coded]
            found += relations_of(rows, left, restored)
        return found

    @functools.cached_property
    def scale(self):
        """Ticks of all its columns."""
        return Scale([self.schema[name] for name in self.columns])

    @property
    def is_often_coincidence(self):
        return self.scale.quantity == "number"

    @property
    def restores(self):
        names = tuple(follower.name for follower in self.followers)
        return (self.base, *names) if self.owns_base else names

    @property
    def needs(self):
        inner = set(self.restores)
        met = dict.fromkeys([self.base, *(n for f in self.followers for n in f.others)])
        return tuple(name for name in met if name not in inner)

    @functools.cached_property
    def learns(self):
        own = ()
        if self.owns_base:
            column = self.schema[self.base]
            own = (replace(column, has_missing=False),)
            if column.has_missing:
                own += (Column("missing", "boolean", "bool", categories=(False, True)),)
        return own + tuple(f.gap or self.schema[f.name] for f in self.followers)

    def encode(self, frame):
        known, learnt = self._known(frame, self.columns), []
        missing = known[self.base][1]
        if self.owns_base:
            ticks = self._filled(known)
            known[self.base] = ticks, np.zeros(len(ticks), dtype=bool)
            column = self.learns[0]
            on_grid = placed(ticks, ticks, -1, self.scale.ends(column))
            learnt.append(self.scale.cast(column, on_grid, None))
            if self.schema[self.base].has_missing:
                learnt.append(pd.Series(missing))
        for follower in self.followers:
            if follower.gap is None:
                learnt.append(frame[follower.name])
            else:
                learnt.append(_series(follower.gap, *self._gap(follower, known)))
        return learnt

    def _known(self, frame, names):
        return {name: self.scale.ticks(self.schema[name], frame[name]) for name in names}

    def _gap(self, follower, known):
        """Distances of a column from the nearest of the others, and where it is missing."""
        ticks, missing = known[follower.name]
        return (ticks - self._nearest(follower, known)) * follower.side, missing

    def _nearest(self, follower, known):
        """The tightest bound of a column; the base is always there."""
        nearest = known[self.base][0]
        for name in follower.others:
            ticks, missing = known[name]
            closer = ~missing & ((ticks - nearest) * follower.side > 0)
            nearest = np.where(closer, ticks, nearest)
        return nearest

    def _filled(self, known):
        """The base, with what its followers suggest where it is missing."""
        ticks, missing = known[self.base]
        ticks, empty = ticks.copy(), missing.copy()
        if not missing.any():
            return ticks
        for follower in self.followers:
            own, absent = known[follower.name]
            fill = empty & ~absent
            ticks[fill] = own[fill] - follower.side * follower.least
            empty &= absent
        for follower in self.followers:
            own, absent = known[follower.name]
            beyond = missing & ~absent & ((own - ticks) * follower.side < 0)
            ticks[beyond] = own[beyond]
        low, high, _ = self.scale.ends(self.schema[self.base])
        middle = low + (high - low) // 2
        return np.clip(np.where(empty, middle, ticks), low, high)

    def decode(self, known, learnt, n):
        learnt, restored = list(learnt), {}
        ticks = {name: self.scale.ticks(self.schema[name], known[name]) for name in self.needs}
        if self.owns_base:
            column, none = self.schema[self.base], np.zeros(n, dtype=bool)
            filled = self.scale.ticks(self.learns[0], learnt.pop(0))[0]
            missing = learnt.pop(0).to_numpy(dtype=bool) if column.has_missing else none
            filled = self._inside(filled)
            ticks[self.base] = filled, none
            restored[self.base] = self.scale.cast(column, filled, missing)
        for follower, cells in zip(self.followers, learnt, strict=True):
            column = self.schema[follower.name]
            nearest = self._nearest(follower, ticks)
            if follower.gap is None:
                own, missing = self.scale.ticks(column, cells)
                gap = np.maximum((own - nearest) * follower.side, 0)
            else:
                gap, missing = follower.gap.numbers(cells)
            moved = nearest + gap.astype(nearest.dtype) * follower.side
            own = placed(moved, nearest, follower.side, self.scale.ends(column))
            # so far out no real cell is known
            missing = missing | (column.has_missing & ((own - nearest) * follower.side < 0))
            cells = self._kept(follower, own, missing, nearest)
            ticks[follower.name] = self.scale.ticks(column, cells)
            restored[follower.name] = cells
        return restored

    def _inside(self, ticks):
        """The base where it leaves room for others that are never missing."""
        own = self.scale.ends(self.schema[self.base])
        for end, side in self._never_missing():
            beyond = (ticks - end) * side > 0
            ticks = np.where(beyond, placed(end, end, -side, own), ticks)
        return ticks

    def _reaches_beyond(self):
        """Whether the base has cells that leave no room for others that are never missing."""
        low, high, _ = self.scale.ends(self.schema[self.base])
        return any(high > e if side > 0 else low < e for e, side in self._never_missing())

    def _never_missing(self):
        """How far from the base others reach that have no missing cells, and their side."""
        for follower in self.followers:
            least, most, _ = self.scale.ends(self.schema[follower.name])
            if not self.schema[follower.name].has_missing:
                yield most if follower.side > 0 else least, follower.side

    def _kept(self, follower, ticks, missing, bound):
        """The cells of a follower; floats of other sizes are rounded to the side they are on."""
        column = self.schema[follower.name]
        cells = self.scale.cast(column, ticks, missing)
        if self.scale.is_whole or column.pandas_dtype.itemsize == 8:
            return cells
        stored = np.dtype(f"f{column.pandas_dtype.itemsize}")
        values = column.numbers(cells)[0]
        beyond = (values - bound) * follower.side < 0
        end = column.maximum if follower.side > 0 else column.minimum
        nudged = np.nextafter(values.astype(stored), stored.type(end)).astype(np.float64)
        return column.cast(
            np.where(beyond, nudged, values), missing if column.has_missing else None
        )

    def broken(self, frame):
        wrong = np.zeros(len(frame), dtype=bool)
        known = self._known(frame, self.columns)
        for lower, upper in self.pairs:
            (low, no_low), (high, no_high) = known[lower], known[upper]
            wrong |= (low > high) & ~no_low & ~no_high
        return wrong

    def words(self):
        texts = []
        for lower, upper in self.pairs:
            dates = quantity(self.schema[lower]) == "datetime"
            texts.append(f"{upper!r} is never {'before' if dates else 'below'} {lower!r}")
        return ", ".join(texts)

    def _facts(self):
        return {
            "base": self.places([self.base]),
            "owns_base": self.owns_base,
            "followers": [
                [*self.places([f.name]), f.side, self.places(f.others), *_ends(f.gap)]
                for f in self.followers
            ],
            "pairs": [self.places(pair) for pair in self.pairs],
        }

    @classmethod
    def from_plain(cls, facts, arrays, schema):
        """Return the order that a file describes."""
        require(isinstance(facts["base"], list) and len(facts["base"]) == 1, "one base")
        (base,) = named(facts["base"], schema)
        owns, followers, met = facts["owns_base"], [], [base]
        require(type(owns) is bool, "a base that is restored or not")
        for place, side, others, *ends in facts["followers"]:
            name, others = *named([place], schema), named(others, schema)
            require(type(side) is int and side in (1, -1), "columns above or below others")
            require(name not in (*met, *others) and base not in others, "columns in order")
            met.append(name)
            gap = _gap_column(schema[name], ends) if ends else None
            followers.append(Follower(name, side, others, gap))
        pairs = tuple(named(pair, schema) for pair in facts["pairs"])
        require(all(len(pair) == 2 for pair in pairs), "pairs of columns")
        order = cls(schema, checked_share(facts), base, owns, tuple(followers), pairs)
        bound = {*order.columns, *(name for pair in pairs for name in pair)}
        require(bound <= set(order.columns) and followers, "pairs of its own columns")
        require(all(schema[name].kind in NUMBERS for name in bound), "columns that are measured")
        require(len({quantity(schema[name]) for name in bound}) == 1, "columns of one quantity")
        require(order.scale.fits(), "columns that can be compared")
        whole = order.scale.is_whole
        wanted = "integer" if whole else "number"
        kinds = {f.gap.kind for f in order.followers if f.gap}
        require(kinds <= {wanted, "constant"}, "distances like the columns")
        return order


def _series(column, values, missing):
    """Distances as a series like their column, inside its bounds."""
    if column.kind != "constant":
        values = values.clip(column.minimum, column.maximum)
    else:
        values = np.full(len(values), column.value)
    return column.cast(values, missing if column.has_missing else None)


def _ends(gap):
    if gap is None:
        return []
    if gap.kind == "constant":
        return [gap.value, gap.value, 1]
    return [gap.minimum, gap.maximum, gap.resolution]


def _gap_column(column, ends):
    """The column of distances of a column, which are missing where it is."""
    require(len(ends) == 3, "the least, the largest and the step of a distance")
    low, high, step = ends
    whole = all(is_whole(end, 0, MOST_TICKS * 2) for end in ends)
    floats = all(type(end) is float and is_finite(end) for end in (low, high)) and step == 0
    require((whole or floats) and 0 <= low <= high, "distances in order")
    require(not whole or step >= 1, "whole steps")
    kind = "integer" if whole else "number"
    dtype = {"integer": "Int64", "number": "Float64"}[kind]
    facts = {"has_missing": column.has_missing}
    if low == high and not column.has_missing:
        return Column("distance", "constant", dtype, value=low)
    return Column("distance", kind, dtype, minimum=low, maximum=high, resolution=step, **facts)


# Finding -----------------------------------------------------------------------------------------


def _ordered_pairs(rows, names):
    """Pairs (lower, upper) that are in order in nearly all rows, against what chance says."""
    names = [name for name in names if rows.n_levels(name) > 2]
    least = max(LEAST_LIKELY, LEAST_OF_ALL / max(len(names) * (len(names) - 1), 1))
    if not 2 <= len(names) <= MOST_COLUMNS:
        return []
    values = _comparable(rows, names)
    found = []
    for i, lower in enumerate(names):
        both = ~np.isnan(values[:, i : i + 1] + values)
        slack = 1e-9 * np.abs(values)  # of float64, which may not hold dates exactly
        wrong = (values[:, i : i + 1] > values + slack).sum(axis=0)
        # few rows say little of the rate of exceptions
        for j in np.flatnonzero(wrong <= rows.limits.most * both.sum(axis=0) + 2):
            if (
                i != j
                and (names[j], lower) not in found
                and _in_order(rows, lower, names[j], least)
            ):
                found.append((lower, names[j]))
    return found


def _comparable(rows, names):
    """A few rows as floats side by side, NaN where missing."""
    columns = []
    for name in names:
        column = rows.columns[name]
        scale = Scale([column])
        values, missing = scale.ticks(column, rows.frame[name].iloc[rows.quick])
        if scale.quantity != "number":
            values = values / scale.unit
        elif scale.is_whole:
            values = values * scale.unit
        columns.append(np.where(missing, np.nan, values))
    return np.column_stack(columns)


def _in_order(rows, lower, upper, least):
    columns = [rows.columns[lower], rows.columns[upper]]
    scale = Scale(columns)
    if not scale.fits():
        return False
    cells = [rows.numbers(column.name) for column in columns]
    both = ~cells[0][1] & ~cells[1][1]
    low, high = (
        scale.of_values(column, values[both])
        for column, (values, _) in zip(columns, cells, strict=True)
    )
    n, n_wrong = len(low), int((low > high).sum())
    limits = LIMITS_OF_NUMBERS[rows.limits] if scale.quantity == "number" else rows.limits
    if not n or n_wrong > limits.most * n:
        return False
    some = _drawn(n)
    below = np.searchsorted(np.sort(high[some]), low[some], side="left")
    return is_evident(n_wrong, n, below.mean() / len(some), least, limits)


@functools.lru_cache(maxsize=1)
def _drawn(n):
    """A few of n places, drawn at random."""
    return np.random.default_rng(0).permutation(n)[:CHANCE_ROWS].copy()


def relations_of(rows, pairs, restored):
    """Return relations that keep pairs (lower, upper) in order."""
    return [r for group in _connected(pairs) for r in _relations(rows, group, restored)]


def _settles(relation, pair):
    """Whether a relation says of two columns how they differ; a formula of both says nothing."""
    only_needed = relation.kind == "formula" and {*pair} <= {*relation.needs}
    return {*pair} <= {*relation.columns} and not only_needed


def _coded(rows, pairs, restored):
    """Columns whose numbers spell dates or times, the largest unit first.

    What lies between them is no number.
    """
    if not pairs or quantity(rows.columns[pairs[0][0]]) != "number":
        return set()
    codes = DateCode.find(rows, restored)
    return {code.name for code in codes if code.layout.startswith(("yy", "hh"))}


def _connected(pairs):
    """Pairs that share columns, in groups."""
    groups = []
    for pair in pairs:
        near = [group for group in groups if any(set(pair) & set(other) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([other for group in near for other in group] + [pair])
    return groups


def _above(pairs):
    """``{column: all above it}``, and the pairs that follow from no others; rings are broken."""
    above, kept = {}, []
    for lower, upper in pairs:
        if lower in above.get(upper, ()) or lower == upper:
            continue
        kept.append((lower, upper))
        reached = {upper, *above.get(upper, ())}
        for name in [lower, *(n for n in list(above) if lower in above[n])]:
            above.setdefault(name, set()).update(reached)
    direct = [
        (a, b) for a, b in kept if not any(b in above.get(c, ()) for c in above[a] if c != b)
    ]
    return above, direct


def _relations(rows, pairs, restored):
    """Relations that keep the pairs of one group: one for each column that others stand on."""
    above, direct = _above(pairs)
    names = {name for pair in direct for name in pair}
    fixed = [name for name in rows.columns if name in names & restored]
    # of several columns that others restore, one can be stood on
    names -= {name for name in fixed if rows.columns[name].has_missing}
    usable = [name for name in fixed if name in names]
    names -= set(usable[1:])
    found, left = [], [pair for pair in direct if not set(pair) <= names]
    while names:
        base = _base(rows, names, above, restored)
        ups = [n for n in names if n in above.get(base, ())]
        downs = [n for n in names if base in above.get(n, ())]
        ups.sort(
            key=lambda n: (sum(n in above.get(m, ()) for m in names), rows.schema.names.index(n))
        )
        downs.sort(key=lambda n: (len(above[n] & names), rows.schema.names.index(n)))
        sides = [(n, 1) for n in ups] + [(n, -1) for n in downs]
        if sides:
            found.append(_order(rows, base, sides, above, direct, names, restored))
        names -= {base, *ups, *downs}
    return found + [Checked.of(_pair(rows, pair)) for pair in left]


def _pair(rows, pair):
    """The order of two columns alone."""
    order = Order(rows.schema, 0.0, pair[0], False, (Follower(pair[1], 1, ()),), (pair,))
    return order.seen_in(rows.frame)


def _base(rows, names, above, restored):
    """The column that others are best measured from."""

    def rank(name):
        over = len(above.get(name, set()) & names)
        is_end = _is_end(rows, name, [n for n in names if n in above.get(name, ())])
        under = sum(name in above.get(other, ()) for other in names)
        missing = int((rows.levels(name) < 0).sum())
        return name not in restored, missing, is_end, under, -over, rows.schema.names.index(name)

    return min(names, key=rank)


def _is_end(rows, name, others):
    """Whether a column is the least of some others in every row: it is measured from them then."""
    if len(others) < 2:
        return False
    scale = Scale([rows.columns[n] for n in (name, *others)])
    if not scale.fits():
        return False
    cells = rows.frame.iloc[rows.quick]
    own, missing = scale.ticks(rows.columns[name], cells[name])
    least = np.full(len(own), np.inf)
    for other in others:
        values, absent = scale.ticks(rows.columns[other], cells[other])
        least = np.where(absent, least, np.minimum(least, values))
    return bool((least == own)[~missing].all())


def _order(rows, base, sides, above, direct, names, restored):
    """The relation of a base and columns on both sides of it."""
    columns, met = rows.columns, []
    waiting = {name for name, _ in sides}
    for name, side in sides:
        on_side = [
            n for n in names if (name in above.get(n, ()) if side > 0 else n in above[name])
        ]
        # those on the other side of the base that come later stay away from it themselves
        others = tuple(n for n in rows.schema.names if n in on_side and n not in {base, *waiting})
        waiting.remove(name)
        met.append(Follower(name, side, others))
    inside = {base, *(f.name for f in met), *(n for f in met for n in f.others)}
    own = {name for name, _ in sides}
    pairs = tuple(pair for pair in direct if set(pair) <= inside and set(pair) & own)
    whole = Order(rows.schema, 0.0, base, False, tuple(met), pairs)
    followers, known = [], whole._known(rows.frame, whole.columns)
    present = ~known[base][1]
    for follower in met:
        gaps, missing = whole._gap(follower, known)
        seen = ~missing & present & (gaps >= 0)
        gaps, own = gaps[seen], known[follower.name][0][seen]
        if len(gaps) and gaps.std() <= NARROW * own.std(dtype=np.float64):
            step = integer_step(gaps) if gaps.dtype.kind == "i" else 0.0
            ends = [gaps.min().item(), gaps.max().item(), step]
            follower = replace(follower, gap=_gap_column(columns[follower.name], ends))
        followers.append(follower)
    owns = columns[base].has_missing or whole._reaches_beyond()
    owns = owns and base not in restored
    whole = replace(whole, owns_base=owns, followers=tuple(followers))
    return whole.seen_in(rows.frame)

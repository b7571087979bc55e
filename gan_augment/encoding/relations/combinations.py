"""Combinations that never occur, as a husband who is not married, or a tip that was paid in cash.

A column has `states`: its categories, or zero and other numbers; and missing cells. States of two
columns that chance alone would have brought together often, and that never are, are kept apart.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np

from gan_augment.containers.untrusted import checked_array, require
from gan_augment.encoding.column import LABELS, NUMBERS
from gan_augment.encoding.relations.base import (
    Given,
    OneColumn,
    binding,
    checked_share,
    named,
)
from gan_augment.encoding.relations.checked import Checked
from gan_augment.encoding.relations.look_up import LookUp, checked_cells
from gan_augment.encoding.relations.states import MOST_CUTS, States, cuts, has_few, states_of

#: A cell is expected in so many rows at least if the columns were independent; and tables of
#: independent columns in which any such cell is empty: fewer than one of so many.
LEAST_EXPECTED, LEAST_LIKELY = 10, 1e-3
#: Rows that have a combination which is kept from new rows, of those expected.
MOST_OBSERVED = 0.005
#: Columns beyond which no combinations are looked for, and values kept of a number at each state.
MOST_COLUMNS, N_VALUES = 200, 32
#: Columns of numbers beyond which none are cut, and phrases said before the rest is counted.
MOST_CUT, MOST_NAMED = 60, 3


@dataclass(frozen=True, eq=False)
class Apart:
    """States of two columns that never come together.

    Parameters
    ----------
    states : States
        Those of the column that is known.
    counts : ndarray of int
        Training rows by its states and those of the other column.
    allowed : ndarray of bool
        Which of them may come together.
    values : ndarray or None
        Numbers of the other column, for each state of this and each of its own.
    """

    states: States
    counts: np.ndarray
    allowed: np.ndarray
    values: np.ndarray | None

    @property
    def name(self):
        return self.states.column.name


@dataclass(eq=False)
class Combinations(OneColumn):
    """A column whose states never come together with some states of others.

    It is learnt as it is. Where a new row has what never occurs, the column gets another state,
    drawn as training rows have it beside the others.

    Parameters
    ----------
    name : str or int
    own : States
        Those of the column.
    parts : tuple of Apart
        One for each other column.
    """

    kind = "combinations"

    own: States
    parts: tuple

    @classmethod
    def find(cls, rows, restored):
        """Return the columns that have states which never come together with those of others."""
        states, pairs = _pairs(rows)
        parts = {}
        for a, b, may_change in _directed(rows, states, pairs, restored):
            parts.setdefault((b, may_change), []).append(_apart(rows, states, a, b, pairs))
        found = []
        for (name, may_change), apart in parts.items():
            relation = cls(rows.schema, 0.0, name, states[name], tuple(apart))
            relation = relation.seen_in(rows.frame)
            found.append(relation if may_change else Checked.of(relation))
        return found

    @property
    def needs(self):
        return tuple(part.name for part in self.parts)

    def decode(self, known, learnt, n):
        own = self.own.of(learnt[0])
        others = [part.states.of(known[part.name]) for part in self.parts]
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
        at, last = rng.integers(0, N_VALUES, len(rows)), len(self.own) - 1
        for i, (part, other) in enumerate(zip(self.parts, others, strict=True)):
            mine = np.flatnonzero((first == i) & (states < last))
            values[rows[mine]] = part.values[other[mine], states[mine], at[mine]]
        missing[rows] = states == last
        return column.cast(values, missing if column.has_missing else None)

    def broken(self, frame):
        wrong = np.zeros(len(frame), dtype=bool)
        own = self.own.of(frame[self.name])
        for part in self.parts:
            other = part.states.of(frame[part.name])
            wrong |= ~part.allowed[other, own] & (other >= 0) & (own >= 0)
        return wrong

    def each(self):
        parts = [(p, p.counts[~p.allowed].sum() / max(p.counts.sum(), 1)) for p in self.parts]
        return [replace(self, parts=(part,), exceptions=float(share)) for part, share in parts]

    def words(self):
        return "; ".join(self._said(part) for part in self.parts)

    def _said(self, part):
        """What is kept from a pair of columns, as one sentence."""
        mine, theirs = repr(self.name), repr(part.name)
        known, own = part.counts[:-1].any(axis=1), part.counts[:, :-1].any(axis=0)
        apart, clauses = ~part.allowed, []
        is_known = known.any() and part.counts[-1].any() and apart[:-1, -1][known].all()
        is_gone = own.any() and part.counts[:, -1].any() and apart[-1, :-1][own].all()
        if is_known and is_gone:
            return f"{theirs} and {mine} are missing together"
        if apart[-1, -1] and known.any() and apart[:-1, :-1][np.ix_(known, own)].all():
            return f"exactly one of {theirs} and {mine} is known"
        if is_known:
            clauses.append(f"known where {theirs} is")
            apart[:-1, -1] = False
        grouped = {}
        for state in np.flatnonzero(apart.any(axis=1)):
            grouped.setdefault(apart[state].tobytes(), []).append(state)
        texts = [
            (self._what(part.counts.any(axis=0), apart[same[0]]), part.states.text(same))
            for same in grouped.values()
        ]
        for what, text in sorted(texts, key=lambda pair: pair[0].startswith("never")):
            clauses.append(f"{what} where {'it' if clauses else theirs} is {text}")
        more = len(clauses) - MOST_NAMED
        clauses = clauses[:MOST_NAMED] + [f"and {more} more such rules"] * (more > 0)
        return f"{mine} is " + ", ".join(clauses)

    def _what(self, seen, never):
        """What the column is, or never is, whichever names fewer states."""
        left, never = np.flatnonzero(seen & ~never), np.flatnonzero(never)
        few = len(left) == 1 or len(left) < min(len(never), MOST_NAMED + 1)
        if few and len(left) and [*never] != [len(seen) - 1]:
            return self.own.text(left)
        return f"never {self.own.text(never)}"

    def _facts(self):
        return {
            "column": self.places([self.name]),
            "others": self.places([part.name for part in self.parts]),
        }

    def arrays(self):
        found = self.own.arrays("")
        for i, part in enumerate(self.parts):
            found |= {f"counts{i}": part.counts, f"allowed{i}": part.allowed}
            found |= part.states.arrays(i)
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
        own, parts = States.read(schema[names[0]], arrays, ""), []
        for i, name in enumerate(others):
            states = States.read(schema[name], arrays, i)
            shape = len(states), len(own)
            counts = checked_array(arrays, f"counts{i}", "int64", shape, low=0)
            allowed = checked_array(arrays, f"allowed{i}", "bool", shape)
            require(not (counts.any(axis=1) & ~allowed.any(axis=1)).any(), "a state that may be")
            values = None
            if own.column.kind in NUMBERS:
                shape = (shape[0], shape[1] - 1, N_VALUES)
                values = checked_cells(arrays, f"values{i}", own.column, shape)
            parts.append(Apart(states, counts, allowed, values))
        return cls(schema, checked_share(facts), names[0], own, tuple(parts))


# Finding -----------------------------------------------------------------------------------------


def _pairs(rows):
    """States of columns, and pairs with such that never come together: ``{(a, b): allowed}``."""
    if len(rows.columns) > MOST_COLUMNS:
        return {}, {}
    bind = binding(r for r in rows.found if r.kind != "order")
    orders = {pair for r in rows.found if r.kind == "order" for pair in r.pairs}
    ends = _ends(rows, bind)
    states, few = {}, {}
    for name in rows.columns:
        own = [cut for (other, _), found in ends.items() if other == name for cut in found]
        states[name] = states_of(rows, name, list(dict.fromkeys(own))[:MOST_CUTS])
        few[name] = states[name].among(rows, rows.more)
    names = [name for name in states if (np.bincount(few[name]) > 0).sum() > 1]
    tables, n_cells, scale = {}, 0, len(rows) / len(rows.more)
    for a, b in itertools.combinations(names, 2):
        if bind((a, b)):
            continue
        counts = _counts(states, a, b, few)
        for joint in _joints(states[a], states[b], ends.get((a, b)), ends.get((b, a))):
            merged = _merged(counts, joint)
            expected = _expected(merged)
            n_cells += int((expected * scale >= LEAST_EXPECTED).sum())
            if _empty(merged, expected, LEAST_EXPECTED / scale).any():
                tables.setdefault((a, b), []).append((merged, joint))
    least, found = max(LEAST_EXPECTED, np.log(max(n_cells, 1) / LEAST_LIKELY)), {}
    for pair, views in tables.items():
        allowed = [_allowed(rows, states, pair, *view, least, scale) for view in views]
        apart = ~np.logical_and.reduce(allowed)
        for lower, upper in orders & {pair, pair[::-1]}:
            beyond = states[lower].beyond(states[upper])
            apart &= ~(beyond if pair == (lower, upper) else beyond.T)
        if apart.any():
            found[pair] = ~apart
    return states, found


def _allowed(rows, states, pair, merged, joint, least, scale):
    """Which states of two columns may come together, as counts of joint ones say."""
    empty = _empty(merged, _expected(merged), least / scale)
    if empty.any() and scale > 1:
        whole = {name: states[name].among(rows) for name in pair}
        merged = _merged(_counts(states, *pair, whole), joint)
        empty = _empty(merged, _expected(merged), least)
    return ~empty[np.ix_(*joint)]


def _ends(rows, bind):
    """Where numbers of one column begin or end beside a state of another: ``{(a, b): cuts}``."""
    numbers = [n for n in rows.of_kind("integer", "number") if not has_few(rows, n)][:MOST_CUT]
    few = {name: states_of(rows, name) for name in rows.columns if has_few(rows, name)}
    codes = {name: states.among(rows, rows.more) for name, states in few.items()}
    found = {}
    for name in numbers:
        values, missing = (part[rows.more] for part in rows.numbers(name))
        order = np.argsort(values[~missing], kind="stable")
        values = values[~missing][order]
        for other, states in few.items():
            if not bind((name, other)):
                own = cuts(values, codes[other][~missing][order], len(states))
                if own:
                    found[name, other] = own
    return found


def _joints(first, second, first_ends, second_ends):
    """Yield what is looked at of two columns: for each state that of which it is a part.

    All states but cuts, which are for one pair; then zero and other numbers, and the cuts.
    """
    usual = [first.joined, second.joined]
    yield usual
    for side, (states, ends) in enumerate(((first, first_ends), (second, second_ends))):
        for edges in (ends, states.zero if len(states.usual) > len(states.zero) else None):
            if edges is not None:
                joint = list(usual)
                joint[side] = states.coarser(edges)
                yield joint


def _merged(counts, joint):
    """Counts of states, those that are looked at as one added up."""
    for axis, own in enumerate(joint):
        if own[-1] + 1 < len(own):  # some are one
            counts = np.add.reduceat(counts, np.searchsorted(own, np.arange(own[-1] + 1)), axis)
    return counts


def _counts(states, a, b, codes):
    """Rows by the states of two columns."""
    shape = len(states[a]), len(states[b])
    joint = np.bincount(codes[a] * shape[1] + codes[b], minlength=shape[0] * shape[1])
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


def _directed(rows, states, pairs, restored):
    """Yield pairs (known, changed) that keep the others too, and whether the second may change.

    No column depends on itself; where both are restored already, neither may.
    """
    met = [name for pair in pairs for name in pair]
    rank = {n: (n not in restored, -met.count(n), i) for i, n in enumerate(rows.schema.names)}
    needs, givers = {}, {}
    for relation in rows.found:
        for name in relation.restores:
            needs.setdefault(name, set()).update(relation.needs)
            if isinstance(relation, (LookUp, Given)):
                givers[name] = {*relation.columns}.union(
                    *(givers.get(n, ()) for n in relation.columns)
                )
    allowed = _in_blocks(rows, states)
    counts = {n: _rows_of(rows, states[n]) for n in {*met, *(a for a, _ in allowed)}}
    seen = {name: some > 0 for name, some in counts.items()}

    def order(pair):
        """Of those that may not change first what says most: others may follow from it."""
        expected = np.outer(*(counts[name] for name in pair))[~pairs[pair]].sum()
        return ({*pair} <= restored) * -expected, sorted(map(rank.__getitem__, pair))

    for pair in sorted(pairs, key=order):
        known, changed = sorted(pair, key=rank.__getitem__)
        apart = pairs[pair] if pair == (known, changed) else pairs[pair].T
        if _follows(apart, known, changed, allowed, seen):
            continue
        for a, b in ((known, changed), (changed, known)):
            if b not in restored and not _depends(a, b, needs):
                needs.setdefault(b, set()).add(a)
                yield a, b, True
                break
        else:
            # what gives both, itself or through others, says how they go together
            if not givers.get(known, {known}) & givers.get(changed, {changed}):
                yield known, changed, False
        allowed[known, changed], allowed[changed, known] = apart, apart.T


def _in_blocks(rows, states):
    """Which states of columns of a one-hot block may come together: ``{(a, b): allowed}``."""
    found = {}
    for block in (relation for relation in rows.found if relation.kind == "one-hot"):
        on = {name: block.on_state(name) for name in block.members if name in states}
        for a, b in itertools.permutations(on, 2):
            found[a, b] = np.ones((len(states[a]), len(states[b])), dtype=bool)
            found[a, b][on[a], on[b]] = False
            if len(block.members) == 2 and not block.may_be_off:
                found[a, b][1 - on[a], 1 - on[b]] = False
    return found


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


def _rows_of(rows, states):
    """How many rows have each state of a column."""
    return np.bincount(states.among(rows), minlength=len(states)).astype(np.float64)


def _follows(apart, a, b, allowed, seen):
    """Whether what never occurs is kept from the rows by way of a third column already."""
    for third in [c for other, c in allowed if other == a and (c, b) in allowed]:
        through = (allowed[a, third] * seen[third]).astype(np.int64) @ allowed[third, b]
        if not ((through > 0) & ~apart).any():
            return True
    return False


def _apart(rows, states, a, b, pairs):
    """What keeps the states of one column from those of another."""
    codes = {name: states[name].among(rows) for name in (a, b)}
    allowed = pairs[a, b] if (a, b) in pairs else pairs[b, a].T
    counts = _counts(states, a, b, codes).astype(np.int64)
    values = None
    if rows.columns[b].kind in NUMBERS:
        cells, _ = rows.numbers(b)
        own = [codes[b] == state for state in range(len(states[b]) - 1)]
        other = [codes[a] == state for state in range(len(states[a]))]
        values = np.stack([np.stack([_spread(cells, i, j) for i in own]) for j in other])
    return Apart(states[a], counts, allowed, values)


def _spread(cells, own, some):
    """Numbers of one state, evenly spread over their ranks: those of some rows, or of all."""
    picked = np.sort(cells[own & some])
    picked = picked if len(picked) else np.sort(cells[own])
    if not len(picked):
        return np.zeros(N_VALUES, dtype=cells.dtype)
    return picked[((np.arange(N_VALUES) + 0.5) / N_VALUES * len(picked)).astype(int)]

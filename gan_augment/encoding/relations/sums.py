"""Sums, as a total beside its parts, or shares of a whole: the numbers add up in new rows too."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np

from gan_augment.containers.untrusted import is_finite, require
from gan_augment.encoding.column import Column
from gan_augment.encoding.numeric import integer_step
from gan_augment.encoding.relations.base import Relation, checked_share, named, quoted
from gan_augment.encoding.relations.evidence import MOST_EXCEPTIONS, is_evident
from gan_augment.encoding.relations.scale import Scale
from gan_augment.exceptions import InputError

#: Rows in which coefficients are looked for, columns beyond which they are not, and most parts.
SEARCH_ROWS, MOST_COLUMNS, MOST_MEMBERS = 4000, 200, 30
#: Share of a column's variance that others must explain before a sum is looked for.
EXPLAINED = 0.8
#: A part that makes so little of a total's spread is one of it whatever its weight.
LITTLE = 0.05
#: Share of rows that may not add up: what is left over is learnt then.
MOST_REMAINDERS = 0.5
#: Columns that are missing in a larger share of the rows are no part of a sum.
MOST_MISSING = 0.3
#: Rows in which a part is missing say that it counts as 0 if there are so many.
LEAST_GAPS = 10
#: Floats hold whole numbers exactly up to here, and so do their sums.
MOST_TICKS = 2.0**52


@dataclass(eq=False)
class Sum(Relation):
    """Columns of numbers that add up, some of them subtracted, to a constant.

    ``sum(sign * column) == constant``, in ticks of their `Scale`, up to a slack of rounding. One
    of them, as a total, is computed from the others; where there is none, as with shares of a
    whole, all are moved in proportion until they add up.

    Parameters
    ----------
    members, signs : tuple
        Names of the columns, and 1 or -1 for each.
    constant, slack : float
    computed : tuple
        The column that is computed, if any; its sign is -1.
    owned : tuple
        Columns that may be moved to keep all inside their bounds, the computed one too.
    remainder : Column or None
        What is left over, learnt where too many rows do not add up.
    gaps_are_zero : bool
        Whether a missing cell of a part counts as 0, as a tip that was not given.
    """

    kind = "sum"

    members: tuple
    signs: tuple
    constant: float
    slack: float
    computed: tuple
    owned: tuple
    remainder: Column | None = None
    gaps_are_zero: bool = False

    @classmethod
    def find(cls, rows, restored):
        """Return sums of columns, none of which follows from the others."""
        found, taken = [], set(restored)
        for filled in (True, False):
            for members, signs in _candidates(rows, filled):
                if any({*members} <= {*other.members} for other in found):
                    continue
                relation = _with_gaps(rows, members, signs, taken)
                if relation is None and not filled:
                    relation = _verified(rows, members, signs, taken)
                if relation is not None:
                    found.append(relation)
                    taken |= set(relation.restores)
        return found

    @functools.cached_property
    def scale(self):
        """Ticks of all its columns."""
        return Scale([self.schema[name] for name in self.members])

    @property
    def most_exceptions(self):
        return MOST_EXCEPTIONS if self.remainder is None else MOST_REMAINDERS

    @property
    def restores(self):
        return self.owned

    @property
    def needs(self):
        return tuple(name for name in self.members if name not in self.owned)

    @property
    def _learnt(self):
        """Owned columns that are learnt; the computed one where cells may be missing."""
        gaps = any(self.schema[name].has_missing for name in self.members)
        return tuple(name for name in self.owned if gaps or name not in self.computed)

    @functools.cached_property
    def learns(self):
        own = tuple(self.schema[name] for name in self._learnt)
        return own if self.remainder is None else (*own, self.remainder)

    def encode(self, frame):
        learnt = [frame[name] for name in self._learnt]
        if self.remainder is not None:
            over, known = self._gap(self._ticks(frame))
            column = self.remainder
            over = np.where(known, -over, 0).clip(column.minimum, column.maximum)
            if column.resolution:
                steps = np.rint((over - column.minimum) / column.resolution)
                over = (column.minimum + steps * column.resolution).astype(np.int64)
            learnt.append(column.cast(over))
        return learnt

    def _ticks(self, frame):
        found = {n: self.scale.ticks(self.schema[n], frame[n]) for n in self.members if n in frame}
        return {
            name: (np.where(missing, 0.0, values), missing)
            for name, (values, missing) in found.items()
        }

    def _gap(self, ticks):
        """By how much rows do not add up, 0 within the slack, and where all cells are known."""
        pairs = zip(self.members, self.signs, strict=True)
        gap = sum(sign * ticks[name][0] for name, sign in pairs) - self.constant
        needed = self.computed if self.gaps_are_zero else self.members
        known = ~np.logical_or.reduce([ticks[name][1] for name in needed])
        return np.where(np.abs(gap) <= self.slack, 0.0, gap), known

    def decode(self, known, learnt, n):
        cells = dict(zip(self._learnt, learnt, strict=False))
        ticks = self._ticks({**{name: known[name] for name in self.needs}, **cells})
        over = 0.0 if self.remainder is None else self.remainder.numbers(learnt[-1])[0]
        for name in self.computed:
            ticks[name] = self._total(name, ticks, over, n)
        self._settle(ticks, over)
        restored = {}
        for name in self.owned:
            values, missing = ticks[name]
            restored[name] = self.scale.cast(self.schema[name], values, missing)
        return restored

    def _total(self, name, ticks, over, n):
        """The computed column; what was learnt of it where cells are missing."""
        pairs = [p for p in zip(self.members, self.signs, strict=True) if p[0] != name]
        own, absent = ticks.get(name, (np.zeros(n), np.zeros(n, dtype=bool)))
        unknown = [ticks[other][1] & (not self.gaps_are_zero) for other, _ in pairs]
        missing = np.logical_or.reduce(unknown)
        total = sum(sign * ticks[other][0] for other, sign in pairs) - self.constant + over
        total = _on_grid(total, self.scale.ends(self.schema[name]))
        return np.where(missing, own, total), absent

    def _settle(self, ticks, over):
        """Move owned columns, in proportion to their size, until all add up inside the bounds."""
        gap, known = self._gap(ticks)
        gap = gap + over
        rows = np.flatnonzero(known & (np.abs(gap) > self.slack))
        if not len(rows):
            return
        gap, signs = gap[rows], dict(zip(self.members, self.signs, strict=True))
        ends = {name: self.scale.ends(self.schema[name]) for name in self.owned}
        values = {name: ticks[name][0][rows] for name in self.owned}
        size = sum(values[name] - ends[name][0] for name in self.owned)
        shares = {n: (values[n] - ends[n][0]) / np.maximum(size, 1e-300) for n in self.owned}
        target = np.abs(gap)
        for name in self.owned:
            gap = _moved(values, name, signs[name], gap, ends[name], shares[name] * target)
        for name in sorted(self.owned, key=lambda n: ends[n][0] - ends[n][1]):
            gap = _moved(values, name, signs[name], gap, ends[name], np.inf)
        for name in self.owned:
            ticks[name][0][rows] = values[name]

    def broken(self, frame):
        gap, known = self._gap(self._ticks(frame))
        return (gap != 0) & known

    def solved(self, name, frame):
        ticks, column = self._ticks(frame), self.schema[name]
        pairs = [p for p in zip(self.members, self.signs, strict=True) if p[0] != name]
        own = self.signs[self.members.index(name)]
        values = own * (self.constant - sum(sign * ticks[other][0] for other, sign in pairs))
        return self.scale.cast(column, _on_grid(values, self.scale.ends(column)), ticks[name][1])

    def words(self):
        unit = self.scale.unit if self.scale.is_whole else 1
        if not self.computed and len(set(self.signs)) == 1:
            return f"{quoted(self.members)} sum to {self._constant_text(unit)}"
        name = (*self.computed, *self.members)[0]
        own = self.signs[self.members.index(name)]
        pairs = [p for p in zip(self.members, self.signs, strict=True) if p[0] != name]
        terms = [(repr(other), -sign * own) for other, sign in pairs]
        offset = self.constant * unit * own
        terms += [(f"{abs(offset):.12g}", offset)] if offset else []
        text = "".join(f" {'+' if sign > 0 else '-'} {term}" for term, sign in terms)
        text = text.removeprefix(" + ") if terms[0][1] > 0 else text.replace(" - ", "-", 1)
        return f"{name!r} is {text}" + ", a missing part being 0" * self.gaps_are_zero

    def _constant_text(self, unit):
        """What shares add up to: two ends where all rows are on one side of the middle."""
        constant = self.constant * self.signs[0]
        if constant % 1 and self.scale.is_whole:
            ends = [(constant + side * self.slack) * unit for side in (-1, 1)]
            return " to ".join(f"{end:.12g}" for end in ends)
        return f"{constant * unit:.12g}"

    def alone(self):
        """Return the sum that restores its computed column only."""
        return replace(self, owned=self.computed) if self.computed else self

    def _facts(self):
        column = self.remainder
        ends = None if column is None else [column.minimum, column.maximum, column.resolution]
        return {
            "members": self.places(self.members),
            "signs": list(self.signs),
            "constant": self.constant,
            "slack": self.slack,
            "computed": self.places(self.computed),
            "owned": self.places(self.owned),
            "remainder": ends,
            "gaps_are_zero": self.gaps_are_zero,
        }

    @classmethod
    def from_plain(cls, facts, arrays, schema):
        """Return the sum that a file describes."""
        members, signs, owned = named(facts["members"], schema), facts["signs"], facts["owned"]
        computed, owned = named(facts["computed"], schema), named(owned, schema)
        kinds = {schema[name].kind for name in members}
        require(len(members) > 1 and kinds <= {"integer", "number"}, "sums of numbers")
        require(isinstance(signs, list) and len(signs) == len(members), "a sign for each column")
        require(all(type(sign) is int and abs(sign) == 1 for sign in signs), "signs of 1 or -1")
        require(owned and set(owned) <= set(members), "a column of the sum that is computed")
        require(set(computed) <= set(owned) and len(computed) <= 1, "one computed column at most")
        require(all(signs[members.index(n)] == -1 for n in computed), "a total against its parts")
        constant, slack = facts["constant"], facts["slack"]
        require(
            all(type(x) is float and is_finite(x) for x in (constant, slack)), "finite numbers"
        )
        require(slack >= 0, "a slack")
        relation = cls(
            schema, checked_share(facts), members, tuple(signs), constant, slack, computed, owned
        )
        gaps = facts.get("gaps_are_zero", False)
        full = all(not schema[name].has_missing for name in owned if name not in computed)
        require(type(gaps) is bool and (not gaps or full), "gaps that count as 0")
        relation = replace(relation, gaps_are_zero=gaps)
        require(_fits(relation.scale), "columns that can be added up")
        ends = facts["remainder"]
        if ends is None:
            return relation
        require(
            isinstance(ends, list) and len(ends) == 3 and computed, "ends of what is left over"
        )
        whole = relation.scale.is_whole
        types = (int,) * 3 if whole else (float,) * 3
        require(
            all(type(e) is t and is_finite(e) for e, t in zip(ends, types, strict=True)),
            "finite ends",
        )
        low, high, step = ends
        require(low < high and abs(low) + abs(high) < 2**60, "ends in order")
        require(step >= 1 if whole else step == 0, "steps of what is left over")
        return replace(relation, remainder=_remainder(low, high, step))


def _moved(values, name, sign, gap, ends, most):
    """Move one column by the gap, as far as its bounds and `most` let it; return what is left."""
    low, high, step = ends
    up = -sign * np.sign(gap)
    free = np.where(up > 0, high - values[name], values[name] - low)
    by = np.minimum(np.minimum(free, np.abs(gap)), most)
    if step is not None:
        by = by // step * step
    values[name] = values[name] + up * by
    return gap + sign * up * by


def _on_grid(values, ends):
    """Values at the nearest place of a column's grid, inside its ends."""
    low, high, step = ends
    if step is not None:
        values = low + np.rint((values - low) / step) * step
    return values.clip(low, high)


def _remainder(low, high, step):
    whole = type(low) is int
    kind, dtype = ("integer", "int64") if whole else ("number", "float64")
    return Column("remainder", kind, dtype, minimum=low, maximum=high, resolution=step)


def _fits(scale):
    """Whether sums of the columns are exact, or all of them are floats of any size."""
    ends = [abs(end) for column in scale.columns for end in scale.ends(column)[:2]]
    return scale.fits() and sum(map(float, ends)) < (MOST_TICKS if scale.is_whole else 1e300)


# Finding -----------------------------------------------------------------------------------------


def _candidates(rows, filled=False):
    """Yield columns and signs that might add up, missing cells `filled` with 0 or left out.

    What is yielded is ``(names, signs)``.

    Columns are taken in order of their spread, each explained by those before: a total comes
    after its parts. One that others explain is not used to explain any more.
    """
    names = [n for n in rows.of_kind("integer", "number") if rows.n_levels(n) > 1]
    if not 2 <= len(names) <= MOST_COLUMNS:
        return
    if filled and not any(rows.columns[name].has_missing for name in names):
        return
    names, X = _complete(rows, names, filled)
    if len(X) < 20 or len(names) < 2:
        return
    spread = X.std(axis=0)
    order = [j for j in np.argsort(spread, kind="stable") if spread[j] > 0]
    X = X - X.mean(axis=0)
    Z = X / np.where(spread > 0, spread, 1)
    gram, basis = Z.T @ Z / len(Z), []
    for j in order:
        others = list(basis)
        if others:
            weights = _solved(gram, others, j)
            explained = weights @ gram[others, j]
            if explained > EXPLAINED:
                found = _signs(X[:, others], X[:, j], weights * spread[j] / spread[others])
                if found is not None:
                    at, signs = found
                    yield (*(names[others[i]] for i in at), names[j]), (*signs, -1)
            if explained > 1 - 1e-9:
                continue
        basis.append(j)


def _complete(rows, names, filled):
    """Columns that are seldom missing, and a sample of their rows without a missing cell.

    Or all columns, with 0 in the place of what is missing.
    """
    some = np.arange(0, len(rows), max(len(rows) // SEARCH_ROWS, 1))
    cells = {name: rows.numbers(name) for name in names}
    if filled:
        cells = {
            name: (np.where(missing, 0, values), np.zeros_like(missing))
            for name, (values, missing) in cells.items()
        }
    names = [name for name in names if cells[name][1][some].mean() <= MOST_MISSING]
    known = ~np.logical_or.reduce([cells[name][1][some] for name in names] or [some < 0])
    columns = [cells[name][0][some][known].astype(float) for name in names]
    usable = [i for i, values in enumerate(columns) if np.abs(values).max(initial=0) < 1e100]
    matrix = np.column_stack([columns[i] for i in usable]) if usable else np.empty((0, 0))
    return [names[i] for i in usable], matrix


def _solved(gram, others, j):
    inner = gram[np.ix_(others, others)] + 1e-12 * np.eye(len(others))
    return np.linalg.solve(inner, gram[others, j])


def _signs(X, y, weights):
    """Places and signs of the columns that make y, by least squares on the rows that fit best."""
    for _ in range(4):
        signs = np.rint(weights)
        at = np.flatnonzero(signs)
        if _may_be(signs, at) and np.abs(weights[at] - signs[at]).max() < 0.02:
            break
        near = _densest_half(y - X @ weights)
        steps = X[near] - X[near].mean(axis=0)
        weights = np.linalg.lstsq(steps, y[near] - y[near].mean(), rcond=None)[0]
    signs = np.rint(weights)
    # of a part that hardly varies, rows say little
    little = np.abs(weights) * X.std(axis=0) < LITTLE * y.std()
    signs = np.where(little, signs.clip(-1, 1), signs)
    if not _may_be(signs, np.flatnonzero(signs)):
        return None
    signs = _climbed(X, y, signs)
    at = np.flatnonzero(signs)
    return (at, signs[at].astype(int).tolist()) if _may_be(signs, at) else None


def _densest_half(values):
    """Where the half of the values lies that lie closest together."""
    order, half = np.argsort(values, kind="stable"), (len(values) + 1) // 2
    ends = values[order]
    start = int(np.argmin(ends[half - 1 :] - ends[: len(ends) - half + 1]))
    return order[start : start + half]


def _climbed(X, y, signs):
    """Signs of which none could be changed so that more rows add up."""
    left = y - X @ signs
    best = _agreeing(left)
    while best < 1 - MOST_EXCEPTIONS:
        better = best
        for j in range(X.shape[1]):
            for sign in {-1.0, 0.0, 1.0} - {signs[j]}:
                share = _agreeing(left + X[:, j] * (signs[j] - sign))
                if share > better + 0.001:
                    better, change = share, (j, sign)
        if better == best:
            break
        j, sign = change
        left, best = left + X[:, j] * (signs[j] - sign), better
        signs = np.where(np.arange(len(signs)) == j, sign, signs)
    return signs


def _agreeing(left):
    """Share of the rows in which the same is left over."""
    return np.unique(left.round(7), return_counts=True)[1].max() / len(left)


def _may_be(signs, at):
    """Whether all weights are 1 or -1, and say more than that one column is like another."""
    if not 1 <= len(at) < MOST_MEMBERS or np.abs(signs[at]).max() > 1:
        return False
    return len(at) > 1 or signs[at[0]] < 0


def _verified(rows, members, signs, taken):
    """The relation, if enough rows add up, against what chance says, and it can be kept."""
    relation = _of_columns(rows, members, signs, taken)
    if relation is None:
        return None
    ticks = relation._ticks(rows.frame)
    gap, known = relation._gap(ticks)
    if known.sum() < 20:
        return None
    relation = replace(relation, **_constant(relation.scale, gap[known]))
    relation = _computed(relation, ticks)
    return _evident(relation, ticks, known)


def _with_gaps(rows, members, signs, taken):
    """The sum in which a missing part counts as 0, if enough rows say that it does."""
    if not any(rows.columns[name].has_missing for name in members):
        return None
    relation = _of_columns(rows, members, signs, taken)
    if relation is None:
        return None
    relation = replace(_computed(relation, relation._ticks(rows.frame)), gaps_are_zero=True)
    ticks = relation._ticks(rows.frame)
    if len(relation.computed) != 1:
        return None
    whole = [n for n in relation.owned if not rows.columns[n].has_missing]
    relation = replace(relation, owned=tuple(dict.fromkeys([*relation.computed, *whole])))
    gap, known = relation._gap(ticks)
    parts = [name for name in members if name not in relation.computed]
    some = known & np.logical_or.reduce([ticks[name][1] for name in parts])
    if some.sum() < LEAST_GAPS:
        return None
    relation = replace(relation, **_constant(relation.scale, gap[known]))
    wrong = relation._gap(ticks)[0][some] != 0
    if wrong.mean() > MOST_EXCEPTIONS:
        return None
    relation = _evident(relation, ticks, known)
    return relation if relation is not None and relation.remainder is None else None


def declared_sum(rows, members, signs, constant, taken):
    """Return the relation of columns that add up to a constant, as the caller says."""
    relation = _of_columns(rows, members, signs, taken)
    if relation is None:
        raise InputError(
            f"cannot add up {quoted(members)}, which others decide or which are too large",
            argument="constraints",
        )
    scale = relation.scale
    flipped = sum(signs) < 0
    value = float(-constant if flipped else constant) / (scale.unit if scale.is_whole else 1)
    ticks = relation._ticks(rows.frame)
    gap, known = relation._gap(ticks)
    slack = _constant(scale, gap[known] if known.any() else np.zeros(1))["slack"]
    value = float(np.rint(value)) if scale.is_whole else value
    return _computed(replace(relation, constant=value, slack=slack), ticks)


def _of_columns(rows, members, signs, taken):
    """A sum of columns that may be moved, to nothing yet; None if it cannot be kept."""
    scale = Scale([rows.columns[name] for name in members])
    free = [name for name in members if name not in taken]
    if not free or not _fits(scale):
        return None
    order = sorted(range(len(members)), key=lambda i: rows.schema.names.index(members[i]))
    members, signs = tuple(members[i] for i in order), tuple(signs[i] for i in order)
    if sum(signs) < 0:
        signs = tuple(-sign for sign in signs)
    owned = tuple(name for name in members if name in free)
    return Sum(rows.schema, 0.0, members, signs, 0.0, 0.0, (), owned)


def _constant(scale, gap):
    """What the rows add up to, and by how much rounding lets them differ."""
    values, counts = np.unique(gap, return_counts=True)
    if scale.is_whole and counts.max() >= MOST_REMAINDERS * len(gap):
        constant = float(values[np.argmax(counts)])
    else:
        constant = float(np.median(gap))
    if not scale.is_whole:
        largest = sum(max(map(abs, scale.ends(c)[:2])) for c in scale.columns)
        single = any(c.pandas_dtype.itemsize < 8 for c in scale.columns)
        slack = float(largest) * (1e-6 if single else 1e-9)
        near = float(np.round(constant, 6))
        return {"constant": near if abs(near - constant) <= slack else constant, "slack": slack}
    # numbers that were rounded one by one
    rounding = sum(scale.ends(column)[2] for column in scale.columns) / 2
    exact = (gap == constant).mean() >= 1 - MOST_EXCEPTIONS
    off = np.abs(gap - constant)
    near = off <= rounding
    if exact or near.mean() < 1 - MOST_EXCEPTIONS:
        return {"constant": constant, "slack": 0.0}
    low, high = float(gap[near].min()), float(gap[near].max())
    if low < constant < high:
        return {"constant": constant, "slack": float(off[near].max())}
    # all on one side, as an age beside a year of birth
    return {"constant": (low + high) / 2, "slack": (high - low) / 2}


def _computed(relation, ticks):
    """The relation with the column that is computed, and one that may be moved for it."""
    members, signs, free = relation.members, relation.signs, relation.owned
    spread = {name: ticks[name][0][~ticks[name][1]].std() for name in members}
    minority = [n for n, sign in zip(members, signs, strict=True) if sign < 0 and n in free]
    if len(set(signs)) == 1 and len(free) == len(members):
        return relation  # shares of a whole
    total = minority[0] if len(minority) == 1 else max(free, key=spread.__getitem__)
    if signs[members.index(total)] > 0:
        signs = tuple(-sign for sign in signs)
        relation = replace(relation, signs=signs, constant=-relation.constant)
    others = sorted((n for n in free if n != total), key=spread.__getitem__)
    owned = {total, *others[-1:]}
    return replace(
        relation, computed=(total,), owned=tuple(name for name in members if name in owned)
    )


def _evident(relation, ticks, known):
    gap = relation._gap(ticks)[0][known]
    n, wrong = len(gap), int((gap != 0).sum())
    mixed, rng = dict(ticks), np.random.default_rng(0)
    for name in relation.members[1:]:
        mixed[name] = (rng.permutation(ticks[name][0][known]), ticks[name][1][known])
    first = relation.members[0]
    mixed[first] = (ticks[first][0][known], ticks[first][1][known])
    chance = float((relation._gap(mixed)[0] != 0).mean())
    exceptions = float(((relation._gap(ticks)[0] != 0) & known).mean())
    relation = replace(relation, exceptions=exceptions)
    if is_evident(wrong, n, chance):
        return relation
    much = n - wrong > 10 * (1 - chance) * n and n - wrong >= (1 - MOST_REMAINDERS) * n
    is_rounded = relation.slack and relation.scale.is_whole
    if not relation.computed or is_rounded or not much or n < 100:
        return None
    low, high = (-gap).min(), (-gap).max()
    if low == high:
        return None
    if relation.scale.is_whole:
        step = integer_step((-gap).astype(np.int64))
        return replace(relation, remainder=_remainder(int(low), int(high), step))
    return replace(relation, remainder=_remainder(float(low), float(high), 0.0))

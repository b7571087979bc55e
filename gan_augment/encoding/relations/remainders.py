"""Parts that are never more than their whole, as hours of a day or votes of those who may vote."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from gan_augment.containers.untrusted import is_finite, require
from gan_augment.encoding.relations.base import (
    Relation,
    binding,
    checked_share,
    named,
    quoted,
)
from gan_augment.encoding.relations.evidence import KEPT, is_evident
from gan_augment.encoding.relations.scale import Scale

#: Wholes that are no column, and columns beyond which no parts are looked for.
CONSTANTS, MOST_COLUMNS = (1, 100), 60
#: Values that a part has at least.
LEAST_LEVELS = 6
#: Least share of its whole that a part is on average, and rows next to the whole: how many are
#: looked at, or an eighth of all, and which share of them is in the nearer half.
LEAST_SHARE, LAST_ROWS, LEAST_REACHED = 0.05, 40, 0.2
#: By how much of the whole floats may be off.
ROUNDING = 1e-9


@dataclass(eq=False)
class Remainder(Relation):
    """Columns, none of them negative, whose sum is at most another column or a number.

    They are learnt as they are. Where new parts are more than their whole, all of them shrink.

    Parameters
    ----------
    parts : tuple
        Names of the columns; a missing one counts as 0.
    whole : tuple
        The name of the column that they are at most, if any.
    most : float
        The number that they are at most where there is none.
    """

    kind = "remainder"

    parts: tuple
    whole: tuple
    most: float

    @classmethod
    def find(cls, rows, restored):
        """Return parts of columns, and of 1 and 100, that others left something of."""
        names = [n for n in rows.of_kind("integer", "number") if rows.n_levels(n) >= LEAST_LEVELS]
        names = [n for n in names if rows.columns[n].minimum >= 0][:MOST_COLUMNS]
        if rows.limits is not KEPT or len(names) < 2:
            return []
        values = np.stack([_filled(rows, n) for n in names])
        bind, found, taken = binding(rows.found), [], set(restored)
        for whole in (*names, *CONSTANTS):
            total = values[names.index(whole)] if whole in names else np.full(len(rows), whole)
            able = [
                i
                for i, n in enumerate(names)
                if n not in taken and n != whole and not bind((n, whole))
            ]
            parts = tuple(names[i] for i in _parts(rows, values, able, total))
            if parts:
                column = (whole,) if whole in names else ()
                relation = cls(rows.schema, 0.0, parts, column, 0.0 if column else float(whole))
                if relation.scale.fits():
                    found.append(relation.seen_in(rows.frame))
                    taken |= {*parts}
        return found

    @functools.cached_property
    def scale(self):
        """Ticks of all its columns."""
        return Scale([self.schema[name] for name in (*self.parts, *self.whole)])

    @property
    def restores(self):
        return self.parts

    @property
    def needs(self):
        return self.whole

    @functools.cached_property
    def learns(self):
        return tuple(self.schema[name] for name in self.parts)

    def _read(self, cells):
        """The parts, 0 where missing, their whole and where they are more than it."""
        read = {n: self.scale.ticks(self.schema[n], cells[n]) for n in (*self.parts, *self.whole)}
        parts = np.stack([np.where(missing, 0, v) for v, missing in map(read.get, self.parts)])
        most = self.most / (self.scale.unit if self.scale.is_whole else 1)
        whole, missing = read[self.whole[0]] if self.whole else (np.full(parts.shape[1], most), 0)
        slack = 1e-3 if self.scale.is_whole else ROUNDING * np.abs(whole)
        return parts, whole, (parts.sum(axis=0) > whole + slack) & np.logical_not(missing)

    def decode(self, known, learnt, n):
        restored = dict(zip(self.parts, learnt, strict=True))
        parts, whole, wrong = self._read({**known, **restored})
        at = np.flatnonzero(wrong)
        if not len(at):
            return restored
        ends = [self.scale.ends(self.schema[name]) for name in self.parts]
        lows = np.array([low for low, _, _ in ends])[:, None] * (parts[:, at] > 0)
        scaled = np.maximum(whole[at] - lows.sum(axis=0), 0) / (parts[:, at] - lows).sum(axis=0)
        for name, own, low, (_, _, step) in zip(self.parts, parts, lows, ends, strict=True):
            column = self.schema[name]
            over = (own[at] - low) * scaled
            own[at] = low + (over if step is None else over // step * step)
            missing = column.numbers(restored[name])[1]
            restored[name] = self.scale.cast(column, own, missing)
        return restored

    def broken(self, frame):
        return self._read(frame)[2]

    def words(self):
        text = repr(self.whole[0]) if self.whole else f"{self.most:g}"
        return f"{quoted(self.parts)} together are never more than {text}"

    def _facts(self):
        return {
            "parts": self.places(self.parts),
            "whole": self.places(self.whole),
            "most": self.most,
        }

    @classmethod
    def from_plain(cls, facts, arrays, schema):
        """Return the parts that a file describes."""
        parts, whole = named(facts["parts"], schema), named(facts["whole"], schema)
        require(len(parts) > 1 and len(whole) <= 1, "parts of one whole")
        require(not {*parts} & {*whole}, "a whole that is none of its parts")
        kinds = {schema[name].kind for name in (*parts, *whole)}
        require(kinds <= {"integer", "number"}, "parts that are numbers")
        require(all(schema[name].minimum >= 0 for name in parts), "no negative parts")
        most = facts["most"]
        require(type(most) is float and is_finite(most) and most >= 0, "a finite whole")
        relation = cls(schema, checked_share(facts), parts, whole, most)
        require(relation.scale.fits(), "columns that can be compared")
        return relation


def _filled(rows, name):
    """Numbers of a column, NaN where missing."""
    values, missing = rows.numbers(name)
    return np.where(missing, np.nan, values)


def _parts(rows, values, able, total):
    """Places of columns that together are at most a total, none of them little; none by chance."""
    known = ~np.isnan(total) & (total > 0)
    some = np.isin(np.arange(len(rows)), rows.quick) & known
    if some.sum() < LAST_ROWS:
        return []
    few = {i: np.nan_to_num(values[i][some]) / total[some] for i in able}
    able = [i for i in able if few[i].mean() >= LEAST_SHARE]
    able = [i for i in able if (few[i] > 1 + ROUNDING).mean() <= KEPT.most]
    able.sort(key=lambda i: -few[i].mean())
    for first in able:
        chosen = [first]
        for other in able:
            if other not in chosen and _hold(few, [*chosen, other]):
                chosen.append(other)
        if len(chosen) > 1:
            shares = {i: np.nan_to_num(values[i][known]) / total[known] for i in chosen}
            holds = _hold(shares, chosen) and _is_reached(1 - sum(shares.values()))
            return sorted(chosen) if holds else []
    return []


def _hold(shares, chosen):
    """Whether some shares never make more than 1, and would with the last one shuffled."""
    others, last = sum(shares[i] for i in chosen[:-1]), shares[chosen[-1]]
    wrong = int((others + last > 1 + ROUNDING).sum())
    if wrong > KEPT.most * len(last):
        return False
    mixed = np.random.default_rng(0).permutation(last)
    chance = float((others + mixed > 1 + ROUNDING).mean())
    return is_evident(wrong, len(last), chance)


def _is_reached(left):
    """Whether what is left over ends at 0, and does not fade away before.

    A quarter of the last rows are in the half next to 0 where their number falls as a line does.
    """
    last = np.sort(left)[: max(LAST_ROWS, len(left) // 8)]
    return (last <= last[-1] / 2).mean() >= LEAST_REACHED

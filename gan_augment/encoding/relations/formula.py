"""A column that is computed from others by a formula, which is read as text and never run."""

from __future__ import annotations

import ast
import functools
import itertools
import operator
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gan_augment.containers.untrusted import require
from gan_augment.encoding.column import NUMBERS
from gan_augment.encoding.relations.base import Given, checked_share, named
from gan_augment.encoding.relations.equations import equations, seconds_of
from gan_augment.encoding.relations.evidence import KEPT, is_evident
from gan_augment.encoding.relations.scale import on_grid, per_second, rounding_slack
from gan_augment.exceptions import InputError

_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}
#: The longest formula, and the most brackets inside each other.
MOST_CHARACTERS, MOST_DEPTH = 1000, 50
_NUMBERS = ("integer", "number")
#: Cells of a computed column are known in so many rows at least, for it to be found.
LEAST_ROWS = 20
#: Rows that break a rule are off by more than so many times what rounding explains.
CLEARLY = 10.0
#: Rows made to see which of several equations of the same columns says most.
MIXED_ROWS = 500


@dataclass(eq=False)
class Computed(Given):
    """A number that a formula of other columns gives, rounded as the column is.

    Dates are read as seconds since 1970, and durations as seconds.

    Parameters
    ----------
    name : str or int
    text : str
        Sums, differences, products and quotients of columns and numbers; names that are no
        words, integers too, stand in backticks.
    """

    kind = "formula"

    text: str

    @classmethod
    def find(cls, rows, restored):
        """Return the columns that equations of others give, none of them twice."""
        found, taken, bases, alike = [], set(restored), {}, {}
        for name, text in dict.fromkeys(equations(rows, restored)):
            relation = cls(rows.schema, 0.0, name, text)
            alike.setdefault(frozenset(relation.columns), []).append(relation)
        alone = [known.alone() for known in rows.found]
        before = {name: known.needs for known in alone for name in known.restores}
        tried = [_most_telling(rows, relations) for relations in alike.values()]
        # those first that can be computed beside what was found before, as a tax of a net price
        # whose sum is known; then any
        for others, relations in itertools.product((before, {}), tried):
            for relation in relations:
                known = {**others, **bases}
                circular = any(relation.name in _all_needs(n, known) for n in relation.needs)
                if relation.name in taken or circular or not relation._is_evident(rows):
                    continue
                if rows.limits is not KEPT and not relation._is_clearly_broken(rows.frame):
                    continue
                found.append(relation.seen_in(rows.frame))
                taken.add(relation.name)
                bases[relation.name] = relation.needs
                break
        return found

    def _is_evident(self, rows):
        """Whether it gives the column in so many rows that chance is no reason."""
        own, missing = self._read(self.name, rows.frame)
        values, unknown = self._values(rows.frame)
        if (unknown & ~missing).any() and not self.learns:
            return False
        known = ~missing & ~unknown
        n = int(known.sum())
        if n < LEAST_ROWS:
            return False
        wrong, mixed = self.broken(rows.frame), np.random.default_rng(0).permutation(values[known])
        off = np.abs(own[known] - mixed) > self._slack(
            np.maximum(np.abs(own[known]), np.abs(mixed))
        )
        return is_evident(int(wrong.sum()), n, float(off.mean()), limits=rows.limits)

    def _is_clearly_broken(self, frame):
        """Whether the rows that break it are off by more than factors a little wrong explain."""
        own, values = self._read(self.name, frame)[0], self._values(frame)[0]
        slack = self._slack(np.maximum(np.abs(own), np.abs(values)))
        wrong = self.broken(frame)
        return np.count_nonzero(wrong & (np.abs(own - values) > CLEARLY * slack)) > wrong.sum() / 2

    @functools.cached_property
    def _parsed(self):
        return parsed_formula(self.text)

    @functools.cached_property
    def needs(self):
        return tuple(dict.fromkeys(self._columns.values()))

    @functools.cached_property
    def _columns(self):
        """The columns that the formula's names stand for; a name may be how an integer reads."""
        names = [] if self.schema is None else self.schema.names
        read = {str(name): name for name in names} | {n: n for n in names if isinstance(n, str)}
        return {key: read.get(name, name) for key, name in self._parsed[1].items()}

    def _read(self, name, cells):
        """Numbers of a column, seconds of dates and durations; and where they are missing."""
        column = self.schema[name]
        if column.kind in _NUMBERS:
            values, missing = column.numbers(cells[name])
            return values.astype(np.float64), missing
        return seconds_of(column, cells[name])

    def _values(self, cells):
        """What the formula gives, and where it gives nothing."""
        tree = self._parsed[0]
        read = {key: self._read(name, cells) for key, name in self._columns.items()}
        with np.errstate(all="ignore"):
            found = _value(tree, {key: values for key, (values, _) in read.items()})
        unknown = np.logical_or.reduce([missing for _, missing in read.values()])
        return np.where(np.isfinite(found), found, 0), unknown | ~np.isfinite(found)

    def undefined(self, frame):
        """Rows in which all cells are there and the formula gives no number, as 1 / 0."""
        missing = [self.schema[name].numbers(frame[name])[1] for name in self.needs]
        return self._values(frame)[1] & ~np.logical_or.reduce(missing)

    def given(self, cells):
        column = self.schema[self.name]
        values, unknown = self._values(cells)
        if column.kind in _NUMBERS:
            return on_grid(column, values), unknown
        return np.rint(values * per_second(column)), unknown

    def broken(self, frame):
        own, missing = self._read(self.name, frame)
        values, unknown = self._values(frame)
        slack = self._slack(np.maximum(np.abs(own), np.abs(values)))
        return ~missing & ~unknown & (np.abs(own - values) > slack)

    def _slack(self, values):
        """How far a cell may be from what the formula gives, as it was rounded."""
        column = self.schema[self.name]
        if column.kind in _NUMBERS:
            return rounding_slack(column, values)
        return np.full(len(values), 0.501 / per_second(column))

    def words(self):
        dates = any(self.schema[name].kind == "datetime" for name in self.needs)
        return f"{self.name!r} is {self.text}" + ", in seconds" * dates

    def _facts(self):
        return {"column": self.places([self.name]), "text": self.text}

    @classmethod
    def from_plain(cls, facts, arrays, schema):
        """Return the formula that a file describes."""
        names, text = named(facts["column"], schema), facts["text"]
        require(len(names) == 1 and isinstance(text, str), "a column and its formula")
        relation = cls(schema, checked_share(facts), names[0], text)
        able = {column.name for column in schema.columns if column.kind in NUMBERS}
        require({*names, *relation.needs} <= able, "a formula of numbers")
        require(schema[names[0]].kind != "datetime", "no date that is computed")
        require(names[0] not in relation.needs, "a formula of other columns")
        return relation


def _most_telling(rows, relations):
    """Equations of the same columns, that first whose rows meet the others too: see `_agreement`.

    As a rate of two numbers, which is coarser than either says.
    """
    if len(relations) == 1:
        return relations
    names, rng, cells = relations[0].columns, np.random.default_rng(0), {}
    for name in names:  # numbers between real ones, which have digits of their own
        column, (values, missing) = rows.columns[name], rows.numbers(name)
        known = values[~missing]
        pair = known[rng.integers(0, len(known), (2, MIXED_ROWS))].astype(np.float64)
        between = pair[0] + rng.random(MIXED_ROWS) * (pair[1] - pair[0])
        if column.kind in _NUMBERS:
            between = on_grid(column, between)
        whole = between if column.kind == "number" else np.rint(between).astype(np.int64)
        cells[name] = column.cast(whole)
    mixed = pd.DataFrame(cells)
    return sorted(relations, key=lambda relation: -_agreement(relation, relations, mixed))


def _agreement(relation, others, mixed):
    """Share of rows made by one equation that meet the others, of mixed cells."""
    made = mixed.copy()
    gaps = [pd.Series(mixed[column.name]) for column in relation.learns]
    made[relation.name] = relation.decode(mixed, gaps, len(mixed))[relation.name].array
    column = relation.schema[relation.name]
    values, missing = column.numbers(made[relation.name])
    inside = ~missing & (values > column.minimum) & (values < column.maximum)
    least = {}
    for other in others if inside.any() else ():
        if other.name != relation.name:
            share = other.broken(made)[inside].mean()
            least[other.name] = min(share, least.get(other.name, 1.0))
    return 1 - float(np.mean([*least.values()] or [0.0]))


def _all_needs(name, bases):
    """A column and all that it is computed from."""
    return {name}.union(*(_all_needs(other, bases) for other in bases.get(name, ())))


def parsed_formula(text):
    """Return a formula as a tree, and the columns that its names stand for.

    Examples
    --------
    >>> parsed_formula("2 * (fare + `the tip`)")[1]
    {'fare': 'fare', 'quoted0': 'the tip'}
    """
    if not isinstance(text, str) or len(text) > MOST_CHARACTERS:
        raise InputError("is no formula as text", argument="formula", value=text)
    quoted = re.findall(r"`([^`]+)`", text)
    plain, names = text, {}
    for i, name in enumerate(quoted):
        plain = plain.replace(f"`{name}`", f"quoted{i}")
    try:
        tree = ast.parse(plain.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _unreadable(text) from error
    _check(tree, text, names)
    for i, name in enumerate(quoted):
        if f"quoted{i}" in names:
            names[f"quoted{i}"] = name
    if not names:
        raise _unreadable(text)
    return tree, names


def _unreadable(text):
    return InputError.of(
        "formula",
        text,
        "cannot be read",
        "use columns, numbers, + - * / and brackets; names with spaces in backticks",
    )


def _check(node, text, names, depth=0):
    if depth > MOST_DEPTH:
        raise _unreadable(text)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        _check(node.left, text, names, depth + 1)
        _check(node.right, text, names, depth + 1)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        _check(node.operand, text, names, depth + 1)
    elif isinstance(node, ast.Name):
        names[node.id] = node.id
    elif not (isinstance(node, ast.Constant) and type(node.value) in (int, float)):
        raise _unreadable(text)


def _value(node, cells):
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, cells), _value(node.right, cells)
        return _OPERATORS[type(node.op)](left, right)
    if isinstance(node, ast.UnaryOp):
        return -_value(node.operand, cells)
    return cells[node.id] if isinstance(node, ast.Name) else np.float64(node.value)

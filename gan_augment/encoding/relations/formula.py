"""A column that is computed from others by a formula, which is read as text and never run."""

from __future__ import annotations

import ast
import functools
import operator
import re
from dataclasses import dataclass

import numpy as np

from gan_augment.containers.untrusted import require
from gan_augment.encoding.relations.base import Relation, checked_share, named
from gan_augment.encoding.relations.products import on_grid, rounding_slack
from gan_augment.exceptions import InputError

_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
#: The longest formula, and the most brackets inside each other.
MOST_CHARACTERS, MOST_DEPTH = 1000, 50
_NUMBERS = ("integer", "number")


@dataclass(eq=False)
class Computed(Relation):
    """A number that a formula of other columns gives, rounded as the column is.

    Parameters
    ----------
    name : str or int
    text : str
        Sums, differences, products and quotients of columns and numbers; names that are no
        words stand in backticks.
    """

    kind = "formula"

    name: object
    text: str

    @classmethod
    def find(cls, rows, restored):
        """Return none: the caller declares them."""
        return []

    @property
    def restores(self):
        return (self.name,)

    @functools.cached_property
    def _parsed(self):
        return parsed_formula(self.text)

    @property
    def needs(self):
        return tuple(dict.fromkeys(self._parsed[1].values()))

    @functools.cached_property
    def learns(self):
        gaps = any(self.schema[name].has_missing for name in (self.name, *self.needs))
        return (self.schema[self.name],) if gaps else ()

    def encode(self, frame):
        return [frame[column.name] for column in self.learns]

    def _values(self, cells):
        """What the formula gives, and where it gives nothing."""
        tree, names = self._parsed
        read = {k: self.schema[name].numbers(cells[name]) for k, name in names.items()}
        with np.errstate(all="ignore"):
            found = _value(tree, {k: values.astype(np.float64) for k, (values, _) in read.items()})
        unknown = np.logical_or.reduce([missing for _, missing in read.values()])
        return np.where(np.isfinite(found), found, 0), unknown | ~np.isfinite(found)

    def undefined(self, frame):
        """Rows in which all cells are there and the formula gives no number, as 1 / 0."""
        missing = [self.schema[name].numbers(frame[name])[1] for name in self.needs]
        return self._values(frame)[1] & ~np.logical_or.reduce(missing)

    def decode(self, known, learnt, n):
        column = self.schema[self.name]
        values, unknown = self._values(known)
        values, missing = on_grid(column, values), None
        if learnt:
            own, missing = column.numbers(learnt[0])
            values = np.where(unknown, own, values)
        values = values.clip(column.minimum, column.maximum)
        if column.kind == "integer":
            values = np.rint(values).astype(np.int64)
        return {self.name: column.cast(values, missing if column.has_missing else None)}

    def broken(self, frame):
        column = self.schema[self.name]
        own, missing = column.numbers(frame[self.name])
        values, unknown = self._values(frame)
        off = np.abs(own - values)
        return ~missing & ~unknown & (off > rounding_slack(column, np.maximum(own, values)))

    def words(self):
        return f"{self.name!r} is {self.text}"

    def _facts(self):
        return {"column": self.places([self.name]), "text": self.text}

    @classmethod
    def from_plain(cls, facts, arrays, schema):
        """Return the formula that a file describes."""
        names, text = named(facts["column"], schema), facts["text"]
        require(len(names) == 1 and isinstance(text, str), "a column and its formula")
        relation = cls(schema, checked_share(facts), names[0], text)
        able = {column.name for column in schema.columns if column.kind in _NUMBERS}
        require({*names, *relation.needs} <= able, "a formula of numbers")
        require(names[0] not in relation.needs, "a formula of other columns")
        return relation


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
    return InputError(
        "cannot be read",
        argument="formula",
        value=text,
        remedy="use columns, numbers, + - * / and brackets; names with spaces in backticks",
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

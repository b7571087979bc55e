"""Rules that the caller declares: checked against the real rows, then kept like those found."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gan_augment.encoding.column import NUMBERS
from gan_augment.encoding.relations import order, sums
from gan_augment.encoding.relations.base import Relation
from gan_augment.encoding.relations.evidence import TrainingRows
from gan_augment.encoding.relations.formula import Computed
from gan_augment.encoding.relations.one_hot import OneHot, is_binary
from gan_augment.encoding.relations.scale import Scale, quantity
from gan_augment.encoding.relations.steps import Steps, has_ticks
from gan_augment.encoding.relations.tuples import Tuples
from gan_augment.exceptions import InputError

#: Cells of a column that lie on a grid may be off by so much of its step.
OFF_GRID = 1e-6


@dataclass(frozen=True)
class Inequality:
    """One column is never below another: numbers, dates or durations.

    Parameters
    ----------
    low, high : str or int
        Names of the columns.
    strict : bool, default=False
        Whether they may not be equal either.
    allow_exceptions : bool, default=False
        Whether real rows may break it; new rows never do.

    Examples
    --------
    >>> import pandas as pd
    >>> from gan_augment import Inequality, TabularGAN
    >>> X = pd.DataFrame({"low": [1.5, 2.0, 0.5, 3.0], "high": [2.5, 2.0, 9.0, 4.5]})
    >>> gan = TabularGAN(constraints=[Inequality("low", "high")], n_steps=0, random_state=0)
    >>> print(*gan.fit(X).relations_)
    'high' is never below 'low'
    """

    low: Any
    high: Any
    strict: bool = False
    allow_exceptions: bool = False

    @property
    def columns(self) -> tuple[Any, ...]:
        """Names of its columns."""
        return (self.low, self.high)

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        """Pairs of columns in order."""
        return [(self.low, self.high)]

    def broken(self, rows: TrainingRows) -> np.ndarray:
        """Which rows break it."""
        return _out_of_order(rows, self.pairs, self.strict)


@dataclass(frozen=True)
class Range:
    """A column stays between two others, or between two numbers.

    Parameters
    ----------
    low : str, int, float or None
        A column; or a number, with ``column`` given and the other end a number or None.
    column : str or int
        The column between.
    high : str, int, float or None
    strict, allow_exceptions : bool, default=False
        As for `Inequality`. Numbers at the ends may be reached.

    Examples
    --------
    >>> from gan_augment import Range
    >>> Range("low", "close", "high").columns, Range(0, "age", 120).columns
    (('low', 'close', 'high'), ('age',))
    """

    low: Any
    column: Any
    high: Any
    strict: bool = False
    allow_exceptions: bool = False

    @property
    def _is_fixed(self):
        return not isinstance(self.low, str) and not isinstance(self.high, str)

    @property
    def columns(self) -> tuple[Any, ...]:
        """Names of its columns."""
        return (self.column,) if self._is_fixed else (self.low, self.column, self.high)

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        """Pairs of columns in order."""
        return [] if self._is_fixed else [(self.low, self.column), (self.column, self.high)]

    def broken(self, rows: TrainingRows) -> np.ndarray:
        """Which rows break it."""
        if not self._is_fixed:
            return _out_of_order(rows, self.pairs, self.strict)
        values, missing = rows.numbers(self.column)
        wrong = np.zeros(len(values), dtype=bool)
        wrong |= values < self.low if self.low is not None else wrong
        wrong |= values > self.high if self.high is not None else wrong
        return wrong & ~missing

    def relation(self, rows: TrainingRows, restored: frozenset) -> Relation | None:
        """Nothing: new rows stay inside the bounds of the real ones anyway."""
        ends = [end for end in (self.low, self.high) if end is not None]
        if not all(_is_number(end) and not math.isnan(end) for end in ends):
            raise _refused(self, "has an end that is neither a number nor a column")
        if self.broken(rows).any():
            raise _refused(self, "cannot leave out what real rows have: mend these first")
        return None


@dataclass(frozen=True)
class FixedCombinations:
    """Columns whose cells are together only as some real row has them.

    Parameters
    ----------
    columns : list of str or int

    Examples
    --------
    >>> from gan_augment import FixedCombinations
    >>> FixedCombinations(["city", "country"]).columns
    ['city', 'country']
    """

    columns: Sequence

    def relation(self, rows: TrainingRows, restored: frozenset) -> Relation | None:
        """The relation that keeps it."""
        if len(self.columns) < 2:
            raise _refused(self, "needs two columns or more")
        return Tuples.of(rows, self.columns)


@dataclass(frozen=True)
class OneHotEncoding:
    """Columns of two values, exactly one of which is on in each row.

    Parameters
    ----------
    columns : list of str or int
    allow_exceptions : bool, default=False

    Examples
    --------
    >>> from gan_augment import OneHotEncoding
    >>> OneHotEncoding(["is_red", "is_blue"]).columns
    ['is_red', 'is_blue']
    """

    columns: Sequence
    allow_exceptions: bool = False

    def relation(self, rows: TrainingRows, restored: frozenset) -> Relation | None:
        """The relation that keeps it."""
        if len(self.columns) < 2 or not all(is_binary(rows, name) for name in self.columns):
            raise _refused(self, "needs columns of two values, none of them missing")
        names = tuple(name for name in rows.schema.names if name in self.columns)
        return OneHot(rows.schema, 0.0, names, False)


@dataclass(frozen=True)
class FixedIncrements:
    """A column of numbers holds only multiples of a number.

    Parameters
    ----------
    column : str or int
    increment : int or float
    allow_exceptions : bool, default=False

    Examples
    --------
    >>> from gan_augment import FixedIncrements
    >>> FixedIncrements("salary", 500).increment
    500
    """

    column: Any
    increment: float
    allow_exceptions: bool = False

    @property
    def columns(self) -> tuple[Any, ...]:
        """Names of its columns."""
        return (self.column,)

    def broken(self, rows: TrainingRows) -> np.ndarray:
        """Which rows break it."""
        if not _is_number(self.increment) or not 0 < self.increment < math.inf:
            raise _refused(self, "needs an increment above 0")
        values, missing = rows.numbers(self.column)
        places = values / self.increment
        return (np.abs(places - np.rint(places)) > OFF_GRID) & ~missing

    def relation(self, rows: TrainingRows, restored: frozenset) -> Relation | None:
        """The relation that keeps it; whole numbers keep the step they have anyway."""
        column = rows.columns[self.column]
        if self.broken(rows).any():
            raise _refused(self, "cannot leave out what real rows have: mend these first")
        if column.kind == "integer":
            return None
        ticks = self.increment / column.resolution if has_ticks(column) else 0
        whole = abs(ticks - round(ticks)) < OFF_GRID
        if not whole or not ticks:
            raise _refused(self, "is no multiple of the last decimal of the column")
        return Steps(rows.schema, 0.0, self.column, round(ticks)) if ticks > 1.5 else None


@dataclass(frozen=True)
class Sum:
    """Columns of numbers add up to another, or to a number.

    Parameters
    ----------
    parts : list of str or int
    total : str, int or float
        A column (text), or the number that they sum to.
    allow_exceptions : bool, default=False

    Examples
    --------
    >>> import pandas as pd
    >>> from gan_augment import Sum, TabularGAN
    >>> X = pd.DataFrame({"a": [0.5, 0.2, 0.1], "b": [0.5, 0.8, 0.9]})
    >>> gan = TabularGAN(constraints=[Sum(["a", "b"], 1.0)], n_steps=0, random_state=0).fit(X)
    >>> gan.sample(9)[0].sum(axis=1).round(9).unique().tolist()
    [1.0]
    """

    parts: Sequence
    total: Any
    allow_exceptions: bool = False

    @property
    def columns(self) -> tuple[Any, ...]:
        """Names of its columns."""
        return (*self.parts, *(() if _is_number(self.total) else (self.total,)))

    def relation(self, rows: TrainingRows, restored: frozenset) -> Relation | None:
        """The relation that keeps it."""
        _check_numbers(self, rows)
        signs = [1] * len(self.parts)
        constant = self.total if _is_number(self.total) else 0
        if not _is_number(self.total):
            signs.append(-1)
        return sums.declared_sum(rows, self.columns, signs, constant, restored)


@dataclass(frozen=True)
class Formula:
    """A column is what a formula of others gives, rounded as the column is.

    Parameters
    ----------
    column : str or int
    formula : str
        Columns, numbers, ``+ - * /`` and brackets; names that are no words in backticks.
    allow_exceptions : bool, default=False

    Examples
    --------
    >>> from gan_augment import Formula
    >>> Formula("price", "net * 1.19 + `postage in euros`").column
    'price'
    """

    column: Any
    formula: str
    allow_exceptions: bool = False

    @property
    def columns(self) -> tuple[Any, ...]:
        """Names of its columns."""
        return (self.column, *Computed(None, 0.0, self.column, self.formula).needs)

    def relation(self, rows: TrainingRows, restored: frozenset) -> Relation | None:
        """The relation that keeps it."""
        _check_numbers(self, rows)
        if self.column in self.columns[1:]:
            raise _refused(self, "cannot give a column from itself")
        relation = Computed(rows.schema, 0.0, self.column, self.formula)
        nowhere = int(relation.undefined(rows.frame).sum())
        if nowhere:
            raise _refused(self, f"gives no number in {nowhere} of {len(rows)} real rows")
        return relation


KINDS = (Inequality, Range, FixedCombinations, OneHotEncoding, FixedIncrements, Sum, Formula)
#: Names in SDV's dicts: of each constraint's parameters, in the order of our own.
_OF_SDV = {
    "Inequality": (Inequality, "low_column_name", "high_column_name", "strict_boundaries"),
    "Range": (
        Range, "low_column_name", "middle_column_name", "high_column_name", "strict_boundaries",
    ),
    "FixedCombinations": (FixedCombinations, "column_names"),
    "OneHotEncoding": (OneHotEncoding, "column_names"),
    "FixedIncrements": (FixedIncrements, "column_name", "increment_value"),
}  # fmt: skip


def as_constraint(declared):
    """Return one of the caller's rules; a dict as SDV writes it is read.

    Examples
    --------
    >>> as_constraint(
    ...     {
    ...         "constraint_class": "Inequality",
    ...         "constraint_parameters": {"low_column_name": "a", "high_column_name": "b"},
    ...     }
    ... )
    Inequality(low='a', high='b', strict=False, allow_exceptions=False)
    """
    if isinstance(declared, KINDS):
        return declared
    if isinstance(declared, Mapping):
        kind = declared.get("constraint_class", declared.get("class"))
        given = dict(declared.get("constraint_parameters", declared.get("parameters", {})))
        if kind in _OF_SDV:
            made, *names = _OF_SDV[kind]
            try:
                return made(*[given[n] for n in names if n != "strict_boundaries" or n in given])
            except KeyError as error:
                raise InputError(
                    f"has no {error.args[0]!r}", argument="constraints", value=declared
                ) from error
    names = ", ".join(sorted(kind.__name__ for kind in KINDS))
    raise InputError.unknown("constraints", declared, f"objects of {names}")


def declared_relations(rows: TrainingRows, constraints) -> list[Relation]:
    """Return the relations that keep what the caller declares, or refuse what real rows break."""
    pairs, found = [], []
    constraints = () if constraints is None else constraints
    if isinstance(constraints, (str, Mapping)) or not isinstance(constraints, Iterable):
        raise InputError("is no list", argument="constraints", value=constraints)
    for constraint in map(as_constraint, constraints):
        _check_columns(constraint, rows)
        restored = frozenset(name for relation in found for name in relation.restores)
        ordered = getattr(constraint, "pairs", [])
        if ordered:
            _check_order(constraint, rows)
            _check_kept(constraint, constraint.broken(rows))
            pairs += ordered
            continue
        relation = constraint.relation(rows, restored)
        if relation is None:
            continue
        wrong = relation.broken(rows.frame)
        _check_kept(constraint, wrong)
        if set(relation.restores) & restored:
            raise _refused(constraint, "decides columns that another constraint decides")
        found.append(replace(relation, exceptions=float(wrong.mean())))
    restored = frozenset(name for relation in found for name in relation.restores)
    return found + order.relations_of(rows, pairs, restored)


def _check_columns(constraint, rows):
    for name in constraint.columns:
        if name not in rows.schema.names:
            raise _refused(
                constraint, f"names {name!r}, which is not a column", rows.schema.names[:10]
            )
        if name not in rows.columns:
            raise _refused(constraint, f"names {name!r}, which is constant or not learnt")
        wants_number = isinstance(constraint, (Range, Inequality, FixedIncrements))
        if wants_number and rows.columns[name].kind not in NUMBERS:
            raise _refused(constraint, f"names {name!r}, which holds no numbers or dates")


def _check_numbers(constraint, rows):
    for name in constraint.columns:
        if rows.columns[name].kind not in ("integer", "number"):
            raise _refused(constraint, f"names {name!r}, which holds no numbers")


def _check_order(constraint, rows):
    columns = [rows.columns[name] for name in constraint.columns]
    if len({quantity(column) for column in columns}) > 1 or not Scale(columns).fits():
        raise _refused(constraint, "compares columns of different kinds")


def _check_kept(constraint, wrong):
    """Refuse a rule that real rows break."""
    if wrong.any() and not constraint.allow_exceptions:
        raise InputError(
            f"is broken by {int(wrong.sum())} of {len(wrong)} real rows, the first of them "
            f"row {int(np.argmax(wrong))}",
            argument="constraints",
            value=constraint,
            remedy="mend these rows, or pass it with allow_exceptions=True",
        )


def _refused(constraint, problem, names=None):
    remedy = None if names is None else f"use some of {list(names)!r}"
    return InputError(problem, argument="constraints", value=constraint, remedy=remedy)


def _out_of_order(rows, pairs, strict):
    wrong = np.zeros(len(rows), dtype=bool)
    for lower, upper in pairs:
        columns = [rows.columns[lower], rows.columns[upper]]
        scale = Scale(columns)
        (low, no_low), (high, no_high) = (scale.ticks(c, rows.frame[c.name]) for c in columns)
        wrong |= ((low >= high) if strict else (low > high)) & ~no_low & ~no_high
    return wrong


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)

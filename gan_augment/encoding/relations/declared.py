"""Rules that the caller declares: checked against the real rows, then kept like those found."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from gan_augment.encoding.column import NUMBERS
from gan_augment.encoding.relations import order, sums
from gan_augment.encoding.relations.base import Relation
from gan_augment.encoding.relations.evidence import TrainingRows
from gan_augment.encoding.relations.formula import Computed
from gan_augment.encoding.relations.limited import OFF_GRID, Limited
from gan_augment.encoding.relations.one_hot import OneHot, is_binary
from gan_augment.encoding.relations.scale import Scale, are_comparable
from gan_augment.encoding.relations.sdv_rules import is_of_sdv, rule_of_sdv
from gan_augment.encoding.relations.steps import Steps, has_ticks
from gan_augment.encoding.relations.tuples import Tuples
from gan_augment.exceptions import InputError


class Rule:
    """What a rule says by default: no columns in order, and no relation beside these."""

    columns: Any
    allow_exceptions = False

    def bound(self, names: Sequence) -> tuple[Any, ...]:
        """Return its columns, in a table of these."""
        return tuple(self.columns)

    def pairs(self, names: Sequence) -> list[tuple[Any, Any]]:
        """Return pairs of columns in order, in a table of these."""
        return []

    def relation(self, rows: TrainingRows, restored: frozenset) -> Relation | None:
        """Return the relation that keeps what `pairs` do not, None if none is needed."""
        return None


@dataclass(frozen=True)
class Inequality(Rule):
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

    def pairs(self, names: Sequence) -> list[tuple[Any, Any]]:
        """Return pairs of columns in order."""
        return [(self.low, self.high)]


@dataclass(frozen=True)
class Range(Rule):
    """A column stays between two others, or between two numbers or dates.

    Parameters
    ----------
    low, high : str, int, float, date or None
        A column, a number or a date; None for no bound. An integer that names a column is that
        column: write 3.0 for the number.
    column : str or int
        The column between.
    strict, allow_exceptions : bool, default=False
        As for `Inequality`.

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
    def columns(self) -> tuple[Any, ...]:
        """Names of its columns; of ends that are integers, none."""
        return self.bound(())

    def bound(self, names: Sequence) -> tuple[Any, ...]:
        """Return those of its columns, in a table of these."""
        ends = [end for end in (self.low, self.high) if _is_column(end, names)]
        return (*ends[:1], self.column, *ends[1:])

    def pairs(self, names: Sequence) -> list[tuple[Any, Any]]:
        """Return pairs of columns in order, in a table of these."""
        low = [(self.low, self.column)] if _is_column(self.low, names) else []
        return low + ([(self.column, self.high)] if _is_column(self.high, names) else [])

    def relation(self, rows: TrainingRows, restored: frozenset) -> Relation | None:
        """The relation that keeps the ends which are no columns, if the real rows do not."""
        column, names = rows.columns[self.column], rows.schema.names
        ends = [
            None if end is None or _is_column(end, names) else _in_units(self, column, end)
            for end in (self.low, self.high)
        ]
        if ends == [None, None]:
            return None
        low, high = _inside(column, *ends, self.strict)
        relation = Limited(rows.schema, 0.0, self.column, low, high, 0)
        if self.allow_exceptions and relation.ends() is None:
            raise _refused(self, "leaves no number between the least and the largest real one")
        return relation if relation.broken(rows.frame).any() else None


@dataclass(frozen=True)
class FixedCombinations(Rule):
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
class OneHotEncoding(Rule):
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
class FixedIncrements(Rule):
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

    def relation(self, rows: TrainingRows, restored: frozenset) -> Relation | None:
        """The relation that keeps it; whole numbers keep the step they have anyway."""
        column, step = rows.columns[self.column], self.increment
        if not _is_number(step) or not 0 < step < math.inf:
            raise _refused(self, "needs an increment above 0")
        if column.kind not in ("integer", "number"):
            raise _refused(self, f"names {self.column!r}, which holds no numbers")
        is_whole = column.kind == "integer"
        step = int(step) if float(step).is_integer() else step
        limited = Limited(rows.schema, 0.0, self.column, column.minimum, column.maximum, step)
        if limited.broken(rows.frame).any():
            none = limited.ends() is None or (is_whole and not isinstance(step, int))
            if self.allow_exceptions and none:
                raise _refused(self, "leaves no number between the least and the largest real one")
            return limited
        if is_whole:
            return None
        ticks = step / column.resolution if has_ticks(column) else 0
        whole = abs(ticks - round(ticks)) < OFF_GRID
        if not whole or not ticks:
            raise _refused(self, "is no multiple of the last decimal of the column")
        return Steps(rows.schema, 0.0, self.column, round(ticks)) if ticks > 1.5 else None


@dataclass(frozen=True)
class Sum(Rule):
    """Columns of numbers add up to another, or to a number.

    Parameters
    ----------
    parts : list of str or int
    total : str, int or float
        A column, or the number that they sum to. An integer that names a column is that column:
        write 3.0 for the number.
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
        """Names of its columns; a total that is an integer is none."""
        return self.bound(())

    def bound(self, names: Sequence) -> tuple[Any, ...]:
        """Return those of its columns, in a table of these."""
        is_number = _is_number(self.total) and not _is_column(self.total, names)
        return (*self.parts, *(() if is_number else (self.total,)))

    def relation(self, rows: TrainingRows, restored: frozenset) -> Relation | None:
        """The relation that keeps it."""
        columns = self.bound(rows.schema.names)
        _check_numbers(self, rows, columns)
        has_total = len(columns) > len(self.parts)
        signs, constant = [1] * len(self.parts) + [-1] * has_total, 0 if has_total else self.total
        return sums.declared_sum(rows, columns, signs, constant, restored)


@dataclass(frozen=True)
class Formula(Rule):
    """A column is what a formula of others gives, rounded as the column is.

    Parameters
    ----------
    column : str or int
    formula : str
        Columns, numbers, ``+ - * /`` and brackets; names that are no words, integers too, in
        backticks. Dates and durations are seconds.
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
        """Names of its columns, as the formula spells them."""
        return (self.column, *Computed(None, 0.0, self.column, self.formula).needs)

    def bound(self, names: Sequence) -> tuple[Any, ...]:
        """Return those of its columns, in a table of these."""
        spelled = {str(name): name for name in names} | {n: n for n in names if isinstance(n, str)}
        return (self.column, *(spelled.get(name, name) for name in self.columns[1:]))

    def relation(self, rows: TrainingRows, restored: frozenset) -> Relation | None:
        """The relation that keeps it."""
        columns = self.bound(rows.schema.names)
        _check_numbers(self, rows, columns, NUMBERS)
        if rows.columns[self.column].kind == "datetime":
            raise _refused(self, f"cannot give {self.column!r}, which holds dates")
        if self.column in columns[1:]:
            raise _refused(self, "cannot give a column from itself")
        relation = Computed(rows.schema, 0.0, self.column, self.formula)
        nowhere = int(relation.undefined(rows.frame).sum())
        if nowhere:
            raise _refused(self, f"gives no number in {nowhere} of {len(rows)} real rows")
        return relation


KINDS = (Inequality, Range, FixedCombinations, OneHotEncoding, FixedIncrements, Sum, Formula)


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
    if is_of_sdv(declared):
        name, given = rule_of_sdv(declared)
        return next(kind for kind in KINDS if kind.__name__ == name)(*given)
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
        ordered = constraint.pairs(rows.schema.names)
        if ordered:
            _check_order(constraint, rows)
            _check_kept(constraint, _out_of_order(rows, ordered, constraint.strict))
            pairs += ordered
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


def _is_column(end, names):
    """Whether an end of a rule is a column: one of these, or text that is no date."""
    if isinstance(end, bool) or not isinstance(end, (str, int)):
        return False
    return end in names or (isinstance(end, str) and pd.isna(pd.to_datetime(end, errors="coerce")))


def _in_units(constraint, column, end):
    """An end of a rule in a column's own numbers."""
    try:
        if column.kind in ("datetime", "timedelta"):
            return column.number_of(end)
        if not _is_number(end) or math.isnan(end):
            raise ValueError(end)
        return end
    except (TypeError, ValueError) as error:
        problem = f"has an end, {end!r}, that is neither a number, a date nor a column"
        raise _refused(constraint, problem) from error


def _inside(column, low, high, strict):
    """Ends in a column's numbers, moved to its grid if they may not be reached."""
    whole, found = column.kind != "number", []
    for end, side, own in ((low, 1, column.minimum), (high, -1, column.maximum)):
        if end is None:
            found.append(own)
        elif whole:
            place = math.ceil(end) if side > 0 else math.floor(end)
            found.append(place + side * (strict and place == end))
        elif strict:
            gap = column.resolution / 2
            found.append(float(end + side * gap if gap else np.nextafter(end, end + side)))
        else:
            found.append(float(end))
    return found


def _check_columns(constraint, rows):
    for name in constraint.bound(rows.schema.names):
        if name not in rows.schema.names:
            raise _refused(
                constraint, f"names {name!r}, which is not a column", rows.schema.names[:10]
            )
        if name not in rows.columns:
            raise _refused(constraint, f"names {name!r}, which is constant or not learnt")
        wants_number = isinstance(constraint, (Range, Inequality, FixedIncrements))
        if wants_number and rows.columns[name].kind not in NUMBERS:
            raise _refused(constraint, f"names {name!r}, which holds no numbers or dates")


def _check_numbers(constraint, rows, names, kinds=("integer", "number")):
    for name in names:
        if rows.columns[name].kind not in kinds:
            raise _refused(constraint, f"names {name!r}, which holds no numbers")


def _check_order(constraint, rows):
    names = dict.fromkeys(n for pair in constraint.pairs(rows.schema.names) for n in pair)
    columns = [rows.columns[name] for name in names]
    if not are_comparable(columns):
        raise _refused(constraint, "compares columns of different kinds")


def _check_kept(constraint, wrong):
    """Refuse a rule that real rows break."""
    if wrong.any() and not constraint.allow_exceptions:
        raise InputError.of(
            "constraints",
            constraint,
            f"is broken by {int(wrong.sum())} of {len(wrong)} real rows, the first of them "
            f"row {int(np.argmax(wrong))}",
            "mend these rows, or pass it with allow_exceptions=True",
        )


def _refused(constraint, problem, names=None):
    remedy = None if names is None else f"use some of {list(names)!r}"
    return InputError.of("constraints", constraint, problem, remedy)


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

"""Rules on the command line: ``--constraint "low <= high"`` or ``"Sum([a, b], total)"``."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from gan_augment.exceptions import InputError

Constraint = Annotated[
    list[str] | None,
    typer.Option(
        help="A rule that new rows keep, as 'low <= high' or 'Sum([a, b], total)'; repeatable."
    ),
]


def constraints_of(texts: Sequence[str] | None) -> list[Any] | None:
    """Return the rules that texts spell: comparisons, or the names of rules with their columns.

    Names of columns that are no words stand in quotes.

    Examples
    --------
    >>> constraints_of(["low <= 'the close' <= high", "age >= 18", "FixedIncrements(price, 0.25)"])
    ... # doctest: +NORMALIZE_WHITESPACE
    [Range(low='low', column='the close', high='high', strict=False, allow_exceptions=False),
     Range(low=18, column='age', high=None, strict=False, allow_exceptions=False),
     FixedIncrements(column='price', increment=0.25, allow_exceptions=False)]
    """
    return [_constraint(text) for text in texts] if texts else None


def _constraint(text):
    from gan_augment.encoding.relations import declared

    kinds = {kind.__name__: kind for kind in declared.KINDS}
    try:
        node = ast.parse(text.strip(), mode="eval").body
        if isinstance(node, ast.Compare):
            return _compared(node, declared)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            given = {keyword.arg: _plain(keyword.value) for keyword in node.keywords}
            return kinds[node.func.id](*map(_plain, node.args), **given)
        raise TypeError
    except (SyntaxError, ValueError, TypeError, KeyError, RecursionError, MemoryError) as error:
        raise InputError.of(
            "constraints",
            text,
            "cannot be read",
            "pass 'low <= high' or one of " + ", ".join(f"{name}(...)" for name in sorted(kinds)),
        ) from error


def _compared(node, declared):
    """``low <= high``, ``low <= column <= high`` or ``age >= 18``; with < none may be equal."""
    signs, ends = {type(sign) for sign in node.ops}, [node.left, *node.comparators]
    if signs in ({ast.GtE}, {ast.Gt}):
        signs, ends = {{ast.GtE: ast.LtE, ast.Gt: ast.Lt}[next(iter(signs))]}, ends[::-1]
    if signs not in ({ast.LtE}, {ast.Lt}):
        raise TypeError
    kind = {1: declared.Inequality, 2: declared.Range}[len(node.ops)]
    plain = [_plain(end) for end in ends]
    numbers = [isinstance(end, (int, float)) for end in plain]
    if len(plain) == 2 and any(numbers):
        kind, plain = declared.Range, [*plain, None] if numbers[0] else [None, *plain]
    return kind(*plain, strict=signs == {ast.Lt})


def _plain(node):
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, (ast.List, ast.Tuple)):
        return [_plain(element) for element in node.elts]
    return ast.literal_eval(node)

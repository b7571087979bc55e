"""Rules as SDV writes them: dicts of old and new metadata, and the objects of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gan_augment.exceptions import InputError

#: SDV's rules: what each is called here, and SDV's names of its arguments in the order of ours.
_RULES = {
    "Inequality": ("Inequality", "low_column_name", "high_column_name"),
    "Range": ("Range", "low_column_name", "middle_column_name", "high_column_name"),
    "FixedCombinations": ("FixedCombinations", "column_names"),
    "OneHotEncoding": ("OneHotEncoding", "column_names"),
    "FixedIncrements": ("FixedIncrements", "column_name", "increment_value"),
    "ScalarRange": ("Range", "low_value", "column_name", "high_value"),
    "ScalarInequality": ("Range", "column_name", "relation", "value"),
    "Positive": ("Range", "column_name"),
    "Negative": ("Range", "column_name"),
}


def is_of_sdv(declared: Any) -> bool:
    """Whether a rule is one that SDV writes: a dict, or one of its objects.

    Examples
    --------
    >>> is_of_sdv({"constraint_class": "Inequality"}), is_of_sdv("low <= high")
    (True, False)
    """
    named = {"constraint_class", "class", "constraint"}
    is_dict = isinstance(declared, Mapping) and bool(named & set(declared))
    return is_dict or type(declared).__module__.partition(".")[0] == "sdv"


def rule_of_sdv(declared: Any) -> tuple[str, list]:
    """Return the name of this package's rule and its arguments, or refuse what it has not.

    Examples
    --------
    >>> rule_of_sdv({"constraint": "sdv.constraints.Positive", "column_name": "a"})
    ('Range', [0, 'a', None, False])
    """
    kind, given = _described(declared)
    if kind not in _RULES:
        raise InputError.unknown("constraints", declared, f"rules of SDV: {', '.join(_RULES)}")
    made, *names = _RULES[kind]
    missing = [name for name in names if name not in given]
    if missing:
        raise InputError(f"has no {missing[0]!r}", argument="constraints", value=declared)
    values, strict = [given[name] for name in names], bool(given.get("strict_boundaries", False))
    if kind == "ScalarInequality":
        column, sign, value = values
        if sign not in (">", ">=", "<", "<="):
            raise InputError.unknown("constraints", declared, "a relation of >, >=, < or <=")
        ends = [value, column, None] if sign[0] == ">" else [None, column, value]
        return made, [*ends, len(sign) == 1]
    if kind in ("Positive", "Negative"):
        ends = [0, *values, None] if kind == "Positive" else [None, *values, 0]
        return made, [*ends, strict]
    return made, [*values, strict] if made in ("Inequality", "Range") else values


def _described(declared):
    """The name of a rule and its parameters."""
    if not isinstance(declared, Mapping):
        own = vars(declared)
        return type(declared).__name__, {name.removeprefix("_"): own[name] for name in own}
    kind = next(declared[k] for k in ("constraint_class", "class", "constraint") if k in declared)
    given = declared.get("constraint_parameters", declared.get("parameters", declared))
    return str(kind).rpartition(".")[2], dict(given)

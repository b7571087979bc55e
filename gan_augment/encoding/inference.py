"""What kind is this column? One pass per column, and a clear refusal where there is no answer.

Everything here is vectorised and linear in the rows. Nothing is guessed that could be wrong in
silence: identifiers, mixed cells and infinities are refused, and the message names the cure.
"""

import re
from decimal import Decimal

import numpy as np
import pandas as pd
from pandas.api.types import is_object_dtype

from gan_augment.encoding.column import MAX_CATEGORIES, Column
from gan_augment.encoding.disguises import disguise_error
from gan_augment.encoding.dtypes import (
    distinct_cells,
    dtype_family,
    dtype_text,
    holds_missing,
    missing_mask,
    python_scalar,
    to_numbers,
)
from gan_augment.encoding.identifiers import is_identifier_integers, is_identifier_text
from gan_augment.encoding.numeric import float_resolution, integer_step
from gan_augment.exceptions import InputError

_OBJECT_FAMILIES = {  # pandas' names for what an object column holds
    "string": "text",
    "bytes": "text",
    "boolean": "boolean",
    "integer": "integer",
    "floating": "number",
    "mixed-integer-float": "number",
    "empty": "empty",
}
_DATES = {"date", "datetime", "datetime64"}
_DURATIONS = {"timedelta", "timedelta64"}


class CellTypeError(InputError, TypeError):
    """A cell is of a type no column can hold; also a TypeError, as scikit-learn raises for it."""


def infer_column(series, kind=None):
    """Return what a series holds as a `Column`, or refuse what cannot be learnt.

    By default the kind follows from the dtype and the values.

    Examples
    --------
    >>> infer_column(pd.Series([0.25, 1.5, 2.0], name="price")).resolution
    0.01
    """
    name, dtype = python_scalar(series.name), series.dtype
    facts = {"name": name, "dtype": dtype_text(dtype), **level_facts(series)}
    missing = missing_mask(series)
    facts["has_missing"] = bool(missing.any())
    if is_object_dtype(dtype) and missing.any():
        facts["missing_is_none"] = all(cell is None for cell in series[missing])
    if kind == "ignore":
        _check_ignorable(name, dtype)
        return _rebuildable(Column(kind="ignore", **facts), series)
    family = family_of(series, missing)
    if kind == "regenerate":
        return _rebuildable(_identifier(series, family, missing, facts), series)
    if missing.all():
        column = Column(kind="constant", **facts)
    elif family in ("text", "category", "boolean") or kind == "category":
        column = _categorical(series, family, missing, facts, kind)
    else:
        column = _numeric(series, family, missing, facts, kind)
    if kind not in (None, column.kind):
        raise InputError.of(
            "columns",
            {name: kind},
            f"does not fit the column, whose kind is {column.kind!r}",
            "leave it out, convert the column, or choose 'category', 'ignore' or 'regenerate'",
        )
    return _rebuildable(column, series)


def level_facts(series):
    """Return the levels of a categorical dtype, unused ones too."""
    if not isinstance(series.dtype, pd.CategoricalDtype):
        return {}
    levels = series.cat.categories
    held = pd.api.types.infer_dtype(levels, skipna=False)
    if held not in ("string", "integer", "boolean", "floating", "bytes", "empty"):
        raise InputError.convertible(
            f"is categorical with levels of type {held}, e.g. {levels[0]!r}",
            ".astype(str).astype('category')",
            column=series.name,
        )
    return {
        "levels": tuple(python_scalar(level) for level in levels),
        "levels_dtype": dtype_text(levels.dtype),
        "ordered": bool(series.cat.ordered),
    }


def _rebuildable(column, series):
    """Return the column if its dtype can be rebuilt from what it stores, else refuse."""
    try:
        same = column.pandas_dtype == series.dtype
    except (TypeError, ValueError, NotImplementedError, KeyError):
        same = False
    if not same:
        code = ".dt.tz_convert('UTC')" if series.dtype.kind == "M" else ".astype()"
        raise InputError.convertible(
            f"has dtype {series.dtype}, which is not supported", code, column=column.name
        )
    return column


def family_of(series, missing, start=0):
    """Return the family of a series, looking at the cells of an object column.

    The series may be a piece of a column; so many rows are before it.
    """
    dtype, name = series.dtype, series.name
    if dtype.kind == "c":
        raise InputError(
            f"has dtype {dtype} (Complex data not supported)",
            column=name,
            remedy="split it into two columns, the real and the imaginary part",
        )
    family = dtype_family(dtype)
    if family is None:
        codes = {
            pd.SparseDtype: ".sparse.to_dense()",
            pd.PeriodDtype: ".dt.to_timestamp()",
            pd.IntervalDtype: ".astype(str)",
        }
        code = ".astype('datetime64[s]')" if dtype.kind == "M" else ".astype(float)"
        if isinstance(dtype, pd.ArrowDtype) and not str(dtype).startswith(("date", "decimal")):
            code = ".astype('category') or .astype(str)"
        code = next((c for t, c in codes.items() if isinstance(dtype, t)), code)
        raise InputError.convertible(
            f"has dtype {dtype}, which is not supported", code, column=name
        )
    if family == "number":
        _check_finite(series, start)
    if family != "object":
        return family
    return _object_family(series, missing)


def _check_finite(series, start=0):
    values, _ = to_numbers(series)
    infinite = np.isinf(values)
    if infinite.any():
        row = int(np.argmax(infinite))
        raise InputError(
            f"contains {values[row]} (infinity)",
            column=series.name,
            row=start + row,
            value=values[row].item(),
            remedy="replace it by a finite number or a missing value",
        )


def _object_family(series, missing):
    cells, name = series.to_numpy()[~missing], series.name
    held = pd.api.types.infer_dtype(cells, skipna=False)
    family = _OBJECT_FAMILIES.get(held)
    if family == "number":
        _check_finite(series)
    if family:
        return family
    code = _conversion_of_times(held, cells, f"X[{name!r}]")
    if code:
        raise InputError.convertible(f"holds {held} objects, e.g. {cells[0]!r}", code, column=name)
    if held == "complex":
        raise InputError(
            f"holds complex numbers, e.g. {cells[0]!r} (Complex data not supported)",
            column=name,
            value=cells[0],
            remedy="split it into two columns, the real and the imaginary part",
        )
    if held == "decimal" or isinstance(cells[0], Decimal):
        raise InputError.convertible(
            f"holds Decimal cells, e.g. {cells[0]!r}", ".astype(float)", column=name
        )
    odd = next((cell for cell in cells if not _is_hashable(cell)), None)
    if odd is not None:
        raise CellTypeError(
            f"holds cells of type {type(odd).__name__}, e.g. {odd!r:.60}, but a cell as argument "
            "must be a string or a number",
            column=name,
            remedy="split it into columns of these",
        )
    types = sorted({type(cell).__name__ for cell in cells})
    other = next((c for c in cells if type(c) is not type(cells[0])), cells[-1])
    raise InputError.convertible(
        f"holds mixed or unknown cells of types {', '.join(types[:5])}, e.g. "
        f"{cells[0]!r:.60} and {other!r:.60}",
        f".astype(str) or pd.to_numeric(X[{name!r}])",
        column=name,
    )


def _conversion_of_times(held, cells, column):
    """Code that makes dates, durations, times of the day or periods of objects, None of others."""
    if held in _DATES:
        zones = {str(cell.tzinfo) for cell in cells if getattr(cell, "tzinfo", None)}
        return f"pd.to_datetime({column}{', utc=True' * (len(zones) > 1)})"
    if held == "time":
        return f"pd.to_timedelta({column}.astype(str))"
    if held == "period":
        return f"pd.PeriodIndex({column}).to_timestamp()"
    return f"pd.to_timedelta({column})" if held in _DURATIONS else None


def _is_hashable(cell):
    try:
        hash(cell)
    except TypeError:
        return False
    return True


def _check_ignorable(name, dtype):
    if not holds_missing(dtype):
        raise InputError(
            f"leaves synthetic rows missing there, which dtype {dtype} cannot hold",
            argument="columns",
            value={name: "ignore"},
            remedy="{}, or drop the column",
            settings=(("conversion", "X.convert_dtypes()"),),
        )


def _categorical(series, family, missing, facts, kind):
    """Return a column of categories: text, booleans, levels, or numbers used as labels."""
    if family == "category":
        used = np.bincount(series.array.codes[~missing], minlength=len(facts["levels"])) > 0
        found = [level for level, is_used in zip(facts["levels"], used, strict=True) if is_used]
    else:
        found = distinct_labels(series[~missing])
    count = _counter(series) if family == "text" else None
    check_labels(series.name, found, int((~missing).sum()), family, kind, count=count)
    if family != "category":
        found = sorted(found)
    if len(found) == 1 and not facts["has_missing"]:
        return Column(kind="constant", value=found[0], **facts)
    label = "boolean" if family == "boolean" and kind != "category" else "category"
    return Column(kind=label, categories=tuple(found), **facts)


def _counter(series):
    def count(texts):
        return int(series.astype(object).str.strip().isin(texts).sum())

    return count


def distinct_labels(series):
    """Return the distinct values as Python scalars."""
    if series.dtype.kind in "Mm":
        raise InputError(
            f"does not fit dtype {series.dtype}",
            argument="columns",
            value={series.name: "category"},
            remedy="{}, or leave the choice out",
            settings=(("conversion", ".astype(str)"),),
        )
    return distinct_cells(series)


def check_labels(name, found, rows, family, kind, where="rows", count=None):
    """Refuse more categories than can be learnt, identifiers, and text that is something else.

    `where` names so many rows, `count` says how many cells hold some texts.
    """
    is_text = family in ("text", "category")
    if is_text and kind != "category":
        error = disguise_error(name, found, rows, count, numbers=family == "text")
        if error is not None:
            raise error
    is_identifier = is_text and is_identifier_text(len(found), rows) and kind != "category"
    too_many = len(found) > MAX_CATEGORIES
    if not (is_identifier or too_many):
        return
    why = "like an identifier" if is_identifier else f"more than {MAX_CATEGORIES}"
    remedy = "drop it, group its values, pass {} (missing in synthetic rows), {} (new identifiers)"
    kinds = ["ignore", "regenerate"]
    if not too_many:
        remedy += " or {} (learn these values)"
        kinds.append("category")
    elif not is_text:
        remedy += " or leave the choice out (learnt as numbers)"
    raise InputError(
        f"has {len(found)} distinct values in {rows} {where}, e.g. {found[0]!r:.60}, {why}",
        column=name,
        remedy=remedy,
        settings=tuple(("columns", {name: choice}) for choice in kinds),
    )


def _numeric(series, family, missing, facts, kind):
    values, _ = to_numbers(series)
    seen = values[~missing]
    if family == "integer" and kind is None and is_identifier_integers(series.name, seen):
        refuse_identifier(series.name, len(seen), seen[0].item())
    smallest, largest = seen.min().item(), seen.max().item()
    if smallest == largest and not facts["has_missing"]:
        return Column(kind="constant", value=smallest, **facts)
    step = float_resolution(seen, series.dtype) if family == "number" else integer_step(seen)
    if family == "number":
        smallest, largest = float(smallest), float(largest)
    return Column(kind=family, minimum=smallest, maximum=largest, resolution=step, **facts)


def refuse_identifier(name, n, example):
    """Refuse integers that are all distinct and name the rows."""
    raise InputError(
        f"has {n} distinct integers in {n} rows, e.g. {example}, like an identifier",
        column=name,
        remedy="drop it, or pass {} (missing in synthetic rows), {} (new identifiers) or {} "
        "(learn these values)",
        settings=tuple(("columns", {name: kind}) for kind in ("ignore", "regenerate", "integer")),
    )


def _identifier(series, family, missing, facts):
    """Return an identifier column, whose value is the first number free."""
    cells = series[~missing]
    if family == "integer":
        values = to_numbers(cells)[0]
        largest = values.max().item() if len(values) else 0
        return Column(kind="regenerate", minimum=0, value=largest + 1, **facts)
    texts = family == "text" and (len(cells) == 0 or isinstance(cells.iloc[0], str))
    if not texts:
        raise InputError(
            f"makes strings or integers, which does not fit dtype {series.dtype}",
            argument="columns",
            value={series.name: "regenerate"},
            remedy="{}, or choose 'ignore'",
            settings=(("conversion", ".astype(str)"),),
        )
    taken = (re.fullmatch(r"synthetic-([0-9]+)", cell) for cell in cells)
    first = 1 + max((int(match[1]) for match in taken if match), default=0)
    return Column(kind="regenerate", value=first, **facts)

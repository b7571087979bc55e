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
from gan_augment.encoding.dtypes import (
    distinct_cells,
    dtype_family,
    dtype_text,
    holds_missing,
    missing_mask,
    python_scalar,
    to_numbers,
)
from gan_augment.encoding.identifiers import (
    is_dates_as_text,
    is_identifier_integers,
    is_identifier_text,
)
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
    """Return what a series holds as a `Column`.

    Parameters
    ----------
    series : pandas.Series
        One column of the training rows.
    kind : str, optional
        The kind chosen by hand; by default it follows from the dtype and the values.

    Returns
    -------
    Column

    Raises
    ------
    InputError
        If the column cannot be learnt, or not as the kind asked for.

    Examples
    --------
    >>> infer_column(pd.Series([0.25, 1.5, 2.0], name="price")).resolution
    0.01
    """
    name, dtype = _plain_name(series.name), series.dtype
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
        raise InputError(
            f"columns={{{name!r}: {kind!r}}} does not fit the column, whose kind is "
            f"{column.kind!r}: leave it out, convert the column, or choose 'category', 'ignore' "
            "or 'regenerate'."
        )
    return _rebuildable(column, series)


def _plain_name(name):
    return int(name) if isinstance(name, np.integer) else name


def level_facts(series):
    """Return the levels of a categorical dtype, unused ones too."""
    if not isinstance(series.dtype, pd.CategoricalDtype):
        return {}
    levels = series.cat.categories
    held = pd.api.types.infer_dtype(levels, skipna=False)
    if held not in ("string", "integer", "boolean", "floating", "bytes", "empty"):
        raise InputError(
            f"Column {series.name!r} is categorical with levels of type {held}, e.g. "
            f"{levels[0]!r}: convert it with .astype(str).astype('category')."
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
        cure = (
            "name a zone with .dt.tz_convert('UTC')"
            if series.dtype.kind == "M"
            else ("convert it with .astype()")
        )
        raise InputError(
            f"Column {column.name!r} has dtype {series.dtype}, which is not supported: {cure}."
        )
    return column


def family_of(series, missing, start=0):
    """Return the family of a series, looking at the cells of an object column.

    The series may be a piece of a column; so many rows are before it.
    """
    dtype, name = series.dtype, series.name
    if dtype.kind == "c":
        raise InputError(
            f"Complex data not supported: column {name!r} has dtype {dtype}; split it into two "
            "columns with .to_numpy().real and .to_numpy().imag."
        )
    family = dtype_family(dtype)
    if family is None:
        cures = {
            pd.SparseDtype: ".sparse.to_dense()",
            pd.PeriodDtype: ".dt.to_timestamp()",
            pd.IntervalDtype: ".astype(str)",
        }
        cure = ".astype('datetime64[s]')" if dtype.kind == "M" else ".astype(float)"
        if isinstance(dtype, pd.ArrowDtype) and not str(dtype).startswith(("date", "decimal")):
            cure = ".astype('category') or .astype(str)"
        cure = next((c for t, c in cures.items() if isinstance(dtype, t)), cure)
        raise InputError(
            f"Column {name!r} has dtype {dtype}, which is not supported: convert it with {cure}."
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
            f"Column {series.name!r} contains {values[row]} (infinity) at row {start + row}: "
            "replace it by a finite number or NaN, e.g. X.replace([np.inf, -np.inf], np.nan)."
        )


def _object_family(series, missing):
    cells, name = series.to_numpy()[~missing], series.name
    held = pd.api.types.infer_dtype(cells, skipna=False)
    family = _OBJECT_FAMILIES.get(held)
    if family == "number":
        _check_finite(series)
    if family:
        return family
    if held in _DATES or held in _DURATIONS:
        cure = "to_datetime" if held in _DATES else "to_timedelta"
        raise InputError(
            f"Column {name!r} holds {held} objects, e.g. {cells[0]!r}: convert it with "
            f"pd.{cure}(X[{name!r}])."
        )
    if held == "complex":
        raise InputError(
            f"Complex data not supported: column {name!r} holds e.g. {cells[0]!r}; split it into "
            "two columns, the real and the imaginary part."
        )
    if held == "decimal" or isinstance(cells[0], Decimal):
        raise InputError(
            f"Column {name!r} holds Decimal cells, e.g. {cells[0]!r}: convert it with "
            ".astype(float)."
        )
    odd = next((cell for cell in cells if not _is_hashable(cell)), None)
    if odd is not None:
        raise CellTypeError(
            f"Column {name!r} holds cells of type {type(odd).__name__}, e.g. {odd!r:.60}, but a "
            "cell as argument must be a string or a number: split it into columns of these."
        )
    types = sorted({type(cell).__name__ for cell in cells})
    other = next((c for c in cells if type(c) is not type(cells[0])), cells[-1])
    raise InputError(
        f"Column {name!r} holds mixed or unknown cells of types {', '.join(types[:5])}, e.g. "
        f"{cells[0]!r:.60} and {other!r:.60}: convert it to one type, with .astype(str) or "
        "pd.to_numeric."
    )


def _is_hashable(cell):
    try:
        hash(cell)
    except TypeError:
        return False
    return True


def _check_ignorable(name, dtype):
    if not holds_missing(dtype):
        raise InputError(
            f"columns={{{name!r}: 'ignore'}} leaves synthetic rows missing there, which dtype "
            f"{dtype} cannot hold: convert it with X.convert_dtypes(), or drop the column."
        )


def _categorical(series, family, missing, facts, kind):
    """Return a column of categories: text, booleans, levels, or numbers used as labels."""
    if family == "category":
        used = np.bincount(series.cat.codes[~missing], minlength=len(facts["levels"])) > 0
        found = [level for level, is_used in zip(facts["levels"], used, strict=True) if is_used]
    else:
        found = distinct_labels(series[~missing])
    check_labels(series.name, found, int((~missing).sum()), family, kind)
    if family != "category":
        found = sorted(found)
    if len(found) == 1 and not facts["has_missing"]:
        return Column(kind="constant", value=found[0], **facts)
    label = "boolean" if family == "boolean" and kind != "category" else "category"
    return Column(kind=label, categories=tuple(found), **facts)


def distinct_labels(series):
    """Return the distinct values as Python scalars."""
    if series.dtype.kind in "Mm":
        raise InputError(
            f"columns={{{series.name!r}: 'category'}} does not fit dtype {series.dtype}: convert "
            "the column with .astype(str), or leave the choice out."
        )
    return distinct_cells(series)


def check_labels(name, found, rows, family, kind, where="rows"):
    """Refuse more categories than can be learnt, and identifiers; `where` names so many rows."""
    is_text = family in ("text", "category")
    if is_text and kind != "category" and is_dates_as_text(found):
        raise InputError(
            f"Column {name!r} holds dates as text, e.g. {found[0]!r:.60}: convert it with "
            f"pd.to_datetime(X[{name!r}]), or pass columns={{{name!r}: 'ignore'}} (missing in "
            "synthetic rows)."
        )
    is_identifier = is_text and is_identifier_text(len(found), rows) and kind != "category"
    too_many = len(found) > MAX_CATEGORIES
    if not (is_identifier or too_many):
        return
    why = "like an identifier" if is_identifier else f"more than {MAX_CATEGORIES}"
    choices = ["'ignore' (missing in synthetic rows)", "'regenerate' (new identifiers)"]
    if not too_many:
        choices.append("'category' (learn these values)")
    elif not is_text:
        choices = ["no choice at all (learnt as numbers)", *choices]
    raise InputError(
        f"Column {name!r} has {len(found)} distinct values in {rows} {where}, e.g. "
        f"{found[0]!r:.60}, {why}: drop it, group its values, or pass columns={{{name!r}: kind}} "
        f"with kind one of {', '.join(choices)}."
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
        f"Column {name!r} has {n} distinct integers in {n} rows, e.g. {example}, like an "
        f"identifier: drop it, or pass columns={{{name!r}: kind}} with kind one of 'ignore' "
        "(missing in synthetic rows), 'regenerate' (new identifiers), 'integer' (learn these "
        "values)."
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
            f"columns={{{series.name!r}: 'regenerate'}} makes strings or integers, which does not "
            f"fit dtype {series.dtype}: convert it with .astype(str), or choose 'ignore'."
        )
    taken = (re.fullmatch(r"synthetic-([0-9]+)", cell) for cell in cells)
    first = 1 + max((int(match[1]) for match in taken if match), default=0)
    return Column(kind="regenerate", value=first, **facts)

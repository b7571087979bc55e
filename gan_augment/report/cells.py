"""Cells of the page's tables: what is printed, and what the column is sorted by."""

import math
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gan_augment.metrics.uncertainty import GOOD_WITHIN

DASH = "\N{EN DASH}"

#: What the page calls the kinds of references.
REFERENCES = {
    "holdout": "real holdout",
    "split halves": "two real halves",
    "chance": "chance",
    "none": "",
}

# Formatting characters that reorder or hide what follows them, and control characters, which
# HTML does not allow. Column names may hold them; a page must not act on them.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")


def printable(value):
    """Return ``value`` as text without characters that a page must not act on."""
    return _UNPRINTABLE.sub("\ufffd", str(value))


def printable_text(value):
    """Return text as `printable` does; markup, which is our own, and anything else as it is."""
    return printable(value) if type(value) is str else value


@dataclass(frozen=True)
class Cell:
    """A printed cell.

    Attributes
    ----------
    text : str
    key : float or None
        What a column of numbers is sorted by; None for text and missing cells.
    """

    text: str
    key: float | None = None


@dataclass(frozen=True)
class Cells:
    """A printed table.

    Attributes
    ----------
    header : list of str
    numeric : list of bool
        Whether a column is set to the right and sorted as numbers.
    rows : list of list of Cell
    """

    header: list
    numeric: list
    rows: list


def number(value, digits=3):
    """Return a number as a reader wants it: few digits, thousands apart, a dash if missing.

    Parameters
    ----------
    value : float
    digits : int, default=3
        Decimals of numbers around one; large numbers get fewer.

    Examples
    --------
    >>> number(0.51234), number(12345.6), number(float("nan")), number(0.0000123)
    ('0.512', '12,346', '–', '1.2e-05')
    """
    if value is None or pd.isna(value):
        return DASH
    if isinstance(value, (int, np.integer)) or (abs(value) >= 1000 and math.isfinite(value)):
        return f"{value:,.0f}"
    if value != 0 and abs(value) < 0.5 * 10**-digits:
        return (
            f"{value:.{digits + 1}f}"
            if abs(value) >= 0.5 * 10 ** -(digits + 1)
            else f"{value:.1e}"
        )
    return f"{value:.{digits if abs(value) < 10 else 1}f}"


def interval(low, high):
    """Return an interval as text, "" where it is unknown."""
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return ""
    return f"{number(low)} to {number(high)}"


def table_cells(frame):
    """Return a frame as printable cells; an index with a name is a column too.

    Examples
    --------
    >>> cells = table_cells(pd.DataFrame({"column": ["age"], "ks": [0.25]}))
    >>> [cell.text for cell in cells.rows[0]]
    ['age', '0.250']
    """
    if frame.index.name is not None:
        frame = frame.reset_index(allow_duplicates=True)
    numeric = [_is_numeric(frame.iloc[:, i]) for i in range(frame.shape[1])]
    rows = [
        [_cell(value, is_number) for value, is_number in zip(row, numeric, strict=True)]
        for row in frame.itertuples(index=False, name=None)
    ]
    return Cells([str(name) for name in frame.columns], numeric, rows)


def _is_numeric(column):
    kind = column.dtype
    return pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)


def _cell(value, is_number):
    missing = pd.api.types.is_scalar(value) and pd.isna(value)
    if missing:
        return Cell(DASH)
    if is_number:
        return Cell(number(value), float(value))
    if isinstance(value, (bool, np.bool_)):
        return Cell("yes" if value else "no")
    if isinstance(value, (float, np.floating)):
        return Cell(number(value), float(value))
    return Cell(str(value))


def metric_rows(frame):
    """Return metrics as dicts of printable texts, with positions for their gauges.

    Parameters
    ----------
    frame : DataFrame
        See `gan_augment.report.page.Metrics`.
    """
    return [_metric_row(row) for row in frame.to_dict("records")]


def _metric_row(row):
    reference = number(row["reference"])
    words = str(row.get("label") or row["name"])
    return {
        "label": words,
        "name": "" if words == row["name"] else str(row["name"]),
        "by": "" if row["by"] is None or pd.isna(row["by"]) else str(row["by"]),
        "value": number(row["value"]),
        "key": _known(row["value"]),
        "interval": interval(row["low"], row["high"]),
        "reference": reference,
        "reference_key": _known(row["reference"]),
        "reference_kind": "" if reference == DASH else REFERENCES[row["reference_kind"]],
        "better": "higher is better" if row["higher_is_better"] else "lower is better",
        "verdict": str(row["verdict"]),
        "remark": str(row.get("remark") or ""),
        "tolerance": number(GOOD_WITHIN * row.get("scale", 1.0)),
        "n": number(int(row["n"] or 0)),
        "how_to_read": str(row["how_to_read"] or ""),
        "gauge": gauge(row),
    }


def _known(value):
    return None if value is None or not np.isfinite(value) else float(value)


def gauge(row):
    """Return positions on a track of 100, or None if the value is unknown.

    Parameters
    ----------
    row : dict
        With ``value``, ``low``, ``high`` and ``reference``.

    Returns
    -------
    dict or None
        ``value`` and, where known, ``reference``, ``left`` and ``width`` of the interval.

    Examples
    --------
    >>> gauge({"value": 0.8, "low": 0.7, "high": 0.9, "reference": 0.5})
    {'value': 80.0, 'reference': 50.0, 'left': 70.0, 'width': 20.0}
    """
    known = {name: _known(row[name]) for name in ("value", "low", "high", "reference")}
    if known["value"] is None:
        return None
    ends = [end for end in known.values() if end is not None]
    # Most metrics live between nought and one; the others get the width they need.
    bottom, top = min(0.0, *ends), max(1.0, *ends)

    def place(value):
        return round(100 * (value - bottom) / (top - bottom), 1)

    found = {"value": place(known["value"])}
    if known["reference"] is not None:
        found["reference"] = place(known["reference"])
    if known["low"] is not None and known["high"] is not None:
        found["left"] = place(known["low"])
        found["width"] = round(max(0.5, place(known["high"]) - found["left"]), 1)
    return found

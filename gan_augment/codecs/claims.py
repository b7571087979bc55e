"""Columns as a file describes them, checked before anything is built on them.

What is checked here is each field by itself; whether a column can be decoded is found out by
decoding the ends of it, see :meth:`gan_augment.codecs.table.TableCodec.check`.
"""

import functools
import re

import numpy as np
import pandas as pd

from gan_augment.codecs.column import KINDS
from gan_augment.codecs.dtypes import dtype_from_text, object_array
from gan_augment.untrusted import is_finite, is_whole, require

#: Letters of a dtype's text. No quotes, backslashes or braces: nothing that could be a program.
_DTYPE_TEXT = re.compile(r"[A-Za-z0-9_\[\]., :+\-/=<>]{1,200}")
#: Kinds of dtypes that hold a kind of numbers.
_HOLDS = {"number": "fO", "integer": "iuO", "datetime": "M", "timedelta": "m", "boolean": "bO"}
_WHOLE = ("integer", "datetime", "timedelta")


def check_column(column):
    """Refuse the description of a column that no table has.

    Parameters
    ----------
    column : Column
        With fields of any types.

    Raises
    ------
    InputError
    """
    require(isinstance(column.kind, str) and column.kind in KINDS, "columns of known kinds")
    flags = (column.has_missing, column.ordered, column.missing_is_none)
    require(all(isinstance(flag, bool) for flag in flags), "flags that are true or false")
    _check_dtypes(column)
    labels = column.categories
    require(isinstance(labels, tuple), "a list of categories")
    require(
        bool(labels) == (column.kind in ("category", "boolean")), "categories where they belong"
    )
    _check_labels(labels)
    require(column.value is None or _is_scalar(column.value), "a plain value of a constant")
    if column.kind in _WHOLE:
        _check_whole(column)
    elif column.kind == "number":
        low, high, step = column.minimum, column.maximum, column.resolution
        require(all(type(v) is float and is_finite(v) for v in (low, high, step)), "float bounds")
        require(low <= high and (step == 0 or 1e-13 < step <= 1), "bounds in order")
    elif column.kind == "regenerate":
        require(is_whole(column.value), "a first free identifier")
        require(column.minimum in (None, 0), "no bounds of an identifier")


def _check_dtypes(column):
    require((column.levels is None) == (column.levels_dtype is None), "levels and their dtype")
    require((column.levels is None) == (column.dtype != "category"), "levels of a category")
    for text in (column.dtype, column.levels_dtype or "object"):
        plain = isinstance(text, str) and _DTYPE_TEXT.fullmatch(text)
        # pandas would open the file that such a zone names
        require(plain and "dateutil" not in text, "dtypes that tables have")
    if column.levels is not None:
        require(isinstance(column.levels, tuple), "a list of levels")
        _check_labels(column.levels)
    dtype = _dtype(column.dtype) if column.levels is None else column.pandas_dtype
    require(dtype.kind in _HOLDS.get(column.kind, dtype.kind), "a dtype that fits its kind")
    known = not isinstance(dtype, np.dtype) or (dtype.kind in "biufcMmO" and dtype.itemsize <= 32)
    require(known, "dtypes that tables have")


_dtype = functools.lru_cache(maxsize=100)(dtype_from_text)  # most columns share one


def _check_labels(labels):
    if not labels:
        return
    require(all(_is_scalar(label) for label in labels), "plain values as categories")
    require(pd.Index(object_array(labels)).is_unique, "no category twice")


def _check_whole(column):
    low, high, step = column.minimum, column.maximum, column.resolution
    wide = is_whole(low, -(2**63), 2**64 - 1) and is_whole(high, -(2**63), 2**64 - 1)
    require(wide and is_whole(step, 1, 2**64 - 1), "whole bounds of 64 bits")
    require(low <= high and (low >= 0 or high < 2**63), "bounds in order")


def _is_scalar(value):
    return isinstance(value, (str, int, float, bool, bytes)) and value == value  # no NaN

"""Columns whose values name a row: learning them would hand real identifiers on as synthetic.

A column that looks like one of these is refused with the choices there are, because only its
owner knows whether the values may be repeated.
"""

import re

import numpy as np

#: From so many rows on, text or consecutive integers that are all distinct are identifiers.
IDENTIFIER_ROWS = 10
#: From so many rows on, text that hardly ever repeats is one too, and so are distinct integers
#: that use up most of their range.
MANY_ROWS = 50
DISTINCT_SHARE = 0.9
#: Text that reads as dates is refused from so many distinct values on: few may be categories.
MANY_DATES = 50

_NAMED_SO = re.compile(r"(^|.*[_ .-])(?i:id|uuid|guid)|.*[a-z](Id|ID)")


def is_identifier_text(n_distinct, n_rows):
    """Whether text of so many distinct values names its rows.

    Examples
    --------
    >>> is_identifier_text(10, 10), is_identifier_text(9, 9), is_identifier_text(299, 300)
    (True, False, True)
    """
    if n_rows >= MANY_ROWS:
        return n_distinct > DISTINCT_SHARE * n_rows
    return n_distinct == n_rows >= IDENTIFIER_ROWS


def is_identifier_integers(name, values):
    """Whether distinct integers count the rows, or are named as identifiers are.

    Columns without a name of their own (integers) are never identifiers.

    Examples
    --------
    >>> numbers = np.arange(0, 3000, 30)
    >>> is_identifier_integers("customer_id", numbers), is_identifier_integers("km", numbers)
    (True, False)
    >>> is_identifier_integers("km", np.arange(100))
    True
    """
    n = len(values)
    if not isinstance(name, str) or n < IDENTIFIER_ROWS or len(np.unique(values)) < n:
        return False
    return are_identifiers(name, n, int(values.min()), int(values.max()))


def are_identifiers(name, n, low, high):
    """Whether n integers, all distinct and from low to high, are identifiers.

    Examples
    --------
    >>> are_identifiers("km", 100, 0, 99), are_identifiers("km", 100, 0, 999)
    (True, False)
    """
    if not isinstance(name, str) or n < IDENTIFIER_ROWS:
        return False
    length = high - low + 1
    counts = length == n or (n >= MANY_ROWS and length < 2 * n)
    return counts or bool(_NAMED_SO.fullmatch(name))

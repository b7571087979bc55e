"""Data from files that may be forged: JSON and arrays are checked before they are used.

A checksum shows damage, not forgery. So each part that is built from a file says what it needs,
and refuses the rest.
"""

import json
import math

import numpy as np

from gan_augment.exceptions import InputError


def require(condition, wanted):
    """Refuse a file that does not hold what every file that this package writes does."""
    if not condition:
        raise InputError(f"Saved data must have {wanted}")


def parsed(text):
    """Return what a JSON text says; a key said twice, NaN and Infinity are refused.

    Examples
    --------
    >>> parsed('{"a": [1, null]}')
    {'a': [1, None]}
    """
    require(isinstance(text, (str, bytes)), "JSON as text")
    return json.loads(text, object_pairs_hook=_said_once, parse_constant=_no_constant)


def _said_once(pairs):
    found = dict(pairs)
    require(len(found) == len(pairs), "no key twice")
    return found


def _no_constant(name):
    raise InputError(f"Saved data must have finite numbers, not {name}")


def is_whole(value, low=0, high=2**63 - 1):
    """Return whether a value is an int, and no truth value, from low to high.

    Examples
    --------
    >>> is_whole(3), is_whole(True), is_whole(3.0), is_whole(-1)
    (True, False, False, False)
    """
    return type(value) is int and low <= value <= high


def is_finite(value):
    """Return whether a value is a float, or an int that is no truth value, and finite."""
    return type(value) in (int, float) and math.isfinite(value)


def checked_array(arrays, name, kinds, shape, *, low=None, high=None, gaps=False):
    """Return the array of this name, or refuse one that is not what it should be.

    `kinds` are names of dtypes, separated by spaces; a length of None will do as any. With `gaps`,
    NaN is a value too; with ``gaps=None``, infinity as well.

    Examples
    --------
    >>> checked_array({"a": np.arange(3)}, "a", "int64", (None,), low=0, high=2).tolist()
    [0, 1, 2]
    """
    array, wrong = arrays.get(name), None
    if array is None:
        wrong = f"an array {name!r}"
    elif array.dtype not in [np.dtype(kind) for kind in kinds.split()]:
        wrong = f"{kinds} in {name!r}, not {array.dtype}"
    elif len(shape) != array.ndim or any(
        length not in (None, has) for length, has in zip(shape, array.shape, strict=True)
    ):
        wrong = f"shape {shape} in {name!r}, not {array.shape}"
    elif array.dtype.kind == "f" and gaps is False and not np.isfinite(array).all():
        wrong = f"finite numbers in {name!r}"
    elif array.dtype.kind == "f" and gaps is True and np.isinf(array).any():
        wrong = f"no infinity in {name!r}"
    elif low is not None and (array < low).any():
        wrong = f"nothing below {low} in {name!r}"
    elif high is not None and (array > high).any():
        wrong = f"nothing above {high} in {name!r}"
    require(wrong is None, wrong)
    return array


def under(prefix, arrays):
    """Return the arrays whose names begin so, without it.

    Examples
    --------
    >>> under("prior/", {"prior/rows": 1, "history/step": 2})
    {'rows': 1}
    """
    return {k.removeprefix(prefix): array for k, array in arrays.items() if k.startswith(prefix)}

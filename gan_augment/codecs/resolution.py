"""The grid that numbers lie on: decimals of floats, steps of integers."""

import math

import numpy as np

#: Decimals beyond which floats are taken to have none.
_FINEST_DECIMAL = 12


def integer_step(values):
    """Return the greatest common divisor of the distances from the minimum, exactly.

    Parameters
    ----------
    values : ndarray of int64 or uint64, shape (n,)
        At least one value.

    Returns
    -------
    int
        1 where all values are equal.

    Examples
    --------
    >>> integer_step(np.array([-(2**62), 2**62, 2**62 - 6]))
    2
    """
    # Modulo 2**64 the unsigned difference from the minimum is exact even where int64 overflows.
    distances = values.astype(np.uint64) - values.min().astype(np.uint64)
    return int(np.gcd.reduce(distances)) or 1


def float_resolution(values, dtype):
    """Return the coarsest power of ten, at most 1, of which every value is a multiple.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Finite values.
    dtype : numpy or pandas dtype
        What the column stores them in: 0.1 in float32 has one decimal too.

    Returns
    -------
    float
        0.0 where there is none down to 1e-12, or the dtype's own precision ends before.

    Examples
    --------
    >>> float_resolution(np.array([0.5, 2.75]), np.dtype("float64"))
    0.01
    """
    stored = _stored(dtype)
    exact = _exact(stored)
    largest = np.abs(values).max()
    for decimals in range(_FINEST_DECIMAL + 1):
        if largest * 10.0**decimals > exact:
            return 0.0  # beyond this every float is a multiple: it would say nothing
        # Most wrong guesses fail on the first few values.
        if all(_keeps(part, decimals, stored) for part in (values[:64], values)):
            return float(f"1e-{decimals}")
    return 0.0


def finest(values, dtype):
    """Return the place of a value that needs all decimals that the values need together.

    Beside the smallest and the largest value, it has the `float_resolution` of all of them.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Finite values.
    dtype : numpy or pandas dtype
        What the column stores them in.

    Returns
    -------
    int

    Examples
    --------
    >>> finest(np.array([0.5, 2.75, 4.0]), np.dtype("float64"))
    1
    """
    stored = _stored(dtype)
    decimals = decimals_of(float_resolution(values, dtype))
    if decimals is None:  # the last that a float of this size may have
        largest = max(float(np.abs(values).max()), 1e-300)
        room = math.floor(math.log10(_exact(stored) / largest))
        decimals = min(room, _FINEST_DECIMAL) + 1
        while decimals > 0 and largest * 10.0 ** (decimals - 1) > _exact(stored):
            decimals -= 1
    if decimals <= 0:
        return 0
    fails = np.round(values, decimals - 1).astype(stored) != values.astype(stored)
    return int(np.argmax(fails))


def decimals_of(resolution):
    """Return the decimals that numbers of this resolution have, or None where it is 0.

    Examples
    --------
    >>> decimals_of(0.01), decimals_of(1.0), decimals_of(0.0)
    (2, 0, None)
    """
    return round(-math.log10(resolution)) if resolution else None


def comparable(values, resolution):
    """Return numbers in which those a file would not tell apart are equal.

    Parameters
    ----------
    values : ndarray of float64
    resolution : float
        Of the column, as `float_resolution` finds it.

    Returns
    -------
    ndarray
        Rounded at its decimals, or to the 24 binary digits of float32 where it has none.

    Examples
    --------
    >>> comparable(np.array([0.1 + 0.2]), 0.1).tolist()
    [0.3]
    """
    decimals = decimals_of(resolution)
    if decimals is not None:
        return values.round(decimals)
    digits, exponent = np.frexp(values)  # float32 itself would lose what is very large or small
    return np.ldexp(np.rint(digits * 2.0**24), exponent - 24)


def _stored(dtype):
    stored = np.dtype(getattr(dtype, "numpy_dtype", dtype))
    return stored if stored.kind == "f" else np.dtype(np.float64)


def _exact(stored):
    """Up to here a float of this type holds every whole number."""
    return 2.0 ** np.finfo(stored).nmant


def _keeps(values, decimals, stored):
    return bool((np.round(values, decimals).astype(stored) == values.astype(stored)).all())

"""Randomness is a parameter: every draw comes from a private generator.

``random_state`` follows scikit-learn (None, int or ``RandomState``) and also takes
``numpy.random.Generator`` and ``SeedSequence``. Unlike scikit-learn, ``None`` means fresh
entropy from the operating system: numpy's global state is neither read nor advanced.
"""

from __future__ import annotations

import numbers
from typing import TypeAlias

import numpy as np

from gan_augment.exceptions import InputError

#: What ``random_state`` may be.
Seed: TypeAlias = (
    int | np.integer | np.random.SeedSequence | np.random.Generator | np.random.RandomState | None
)


def as_rng(random_state: Seed = None) -> np.random.Generator:
    """Return a ``numpy.random.Generator`` for any accepted ``random_state``.

    A ``Generator`` is returned as it is; a ``RandomState`` is asked for one seed, which advances
    it, as scikit-learn's estimators do.

    Examples
    --------
    >>> as_rng(0).integers(10) == as_rng(0).integers(10)
    np.True_
    """
    if isinstance(random_state, np.random.Generator):
        return random_state
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(2**31 - 1))
    if random_state is None:
        return np.random.default_rng(_entropy())
    if isinstance(random_state, np.random.SeedSequence):
        return np.random.default_rng(random_state)
    is_int = isinstance(random_state, numbers.Integral) and not isinstance(random_state, bool)
    if is_int and random_state >= 0:
        return np.random.default_rng(int(random_state))
    raise InputError.of(
        "random_state",
        random_state,
        "cannot be used as a seed",
        "pass None, a non-negative integer, a numpy Generator or a numpy RandomState",
    )


def _entropy():
    """Fresh entropy of the operating system; the tests put their own in its place."""
    return np.random.SeedSequence()


def draw_seed(rng: np.random.Generator) -> int:
    """Draw one non-negative 63-bit integer seed from a ``numpy.random.Generator``."""
    return int(rng.integers(2**63 - 1))


def small_seed(random_state: Seed) -> int:
    """Return a seed below 2**31 - 1, which every ``random_state`` takes, scikit-learn's included.

    As with `as_rng`, an int gives the same seed each time, a ``Generator`` is advanced.

    Examples
    --------
    >>> small_seed(0) == small_seed(0)
    True
    """
    return int(as_rng(random_state).integers(2**31 - 1))

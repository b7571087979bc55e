"""The process's global generators, lent to code that knows no other."""

import random
import threading
import warnings
from contextlib import contextmanager

import numpy as np

from gan_augment.randomness import small_seed

_lent = threading.RLock()


@contextmanager
def seeded_globals(rng):
    """Seed the global generators of Python, numpy and torch; put all back afterwards.

    Whoever asks while they are lent waits. A thread that draws from a global generator meanwhile,
    without asking, draws from what was lent. Warning filters that the code adds are taken back as
    well.

    Parameters
    ----------
    rng : numpy.random.Generator
        Gives the seed, and is advanced.

    Yields
    ------
    int
        The seed.

    Examples
    --------
    >>> with seeded_globals(np.random.default_rng(0)):
    ...     first = np.random.rand()
    >>> with seeded_globals(np.random.default_rng(0)):
    ...     second = np.random.rand()
    >>> first == second
    True
    """
    import torch

    with _lent:
        seed = small_seed(rng)
        states = random.getstate(), np.random.get_state(), torch.random.get_rng_state()
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
        try:
            random.seed(seed)
            np.random.seed(seed)
            torch.manual_seed(seed)
            with warnings.catch_warnings():
                yield seed
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])
            torch.random.set_rng_state(states[2])
            if cuda:
                torch.cuda.set_rng_state_all(cuda)

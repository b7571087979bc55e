"""The process's global generators, lent to code that knows no other."""

import random
import threading
import warnings
from contextlib import contextmanager

import numpy as np

_lent = threading.RLock()


@contextmanager
def seeded_globals(seed):
    """Seed the global generators of Python, numpy and torch; put all back afterwards.

    Whoever asks while they are lent waits. A thread that draws from a global generator meanwhile,
    without asking, draws from what was lent. Warning filters that the code adds are taken back as
    well.

    Parameters
    ----------
    seed : int
        From 0 to 2**32 - 1.

    Examples
    --------
    >>> with seeded_globals(0):
    ...     first = np.random.rand()
    >>> with seeded_globals(0):
    ...     second = np.random.rand()
    >>> first == second
    True
    """
    import torch

    with _lent:
        states = random.getstate(), np.random.get_state(), torch.random.get_rng_state()
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
        try:
            random.seed(seed)
            np.random.seed(seed)
            torch.manual_seed(seed)
            with warnings.catch_warnings():
                yield
        finally:
            random.setstate(states[0])
            np.random.set_state(states[1])
            torch.random.set_rng_state(states[2])
            if cuda:
                torch.cuda.set_rng_state_all(cuda)

"""torch's optimisers, without what the first one of a process leaves behind."""

import contextlib
import functools
import os
import random
import sys
import threading
import warnings
from contextlib import contextmanager

import numpy as np

_fits = threading.Lock()
_threads = {}  # of objects that are being fitted, by id: nothing is kept on the objects


def one_fit_at_a_time(method):
    """Decorate a method that fits its object, so that only one thread is in it.

    Fitting one object from two threads would mix what was learnt from two calls. A fit inside a
    fit, in one thread, is none of that.

    Parameters
    ----------
    method : function

    Returns
    -------
    function
        It raises ``RuntimeError`` in a second thread, and leaves the first one alone.
    """

    @functools.wraps(method)
    def alone(self, *args, **kwargs):
        with _fits:
            outer = _threads.get(id(self))
            if outer not in (None, threading.get_ident()):
                name = type(self).__name__
                raise RuntimeError(
                    f"this {name} is being fitted in another thread: fit one object in each, as "
                    "sklearn.base.clone makes them."
                )
            _threads[id(self)] = threading.get_ident()
        try:
            return method(self, *args, **kwargs)
        finally:
            if outer is None:
                with _fits:
                    del _threads[id(self)]

    return alone


_settings = threading.Lock()


@contextmanager
def one_thread():
    """Hold torch at one thread in the calling thread, then restore what that thread had.

    Where there is one already, as in a use inside another, this changes nothing.

    Two busy threads on a small network cost more in waiting than they compute; parallelism
    belongs to processes. One thread also makes results independent of the machine's core count.
    """
    import torch

    before = torch.get_num_threads()
    if before == 1:
        yield
        return
    try:
        _set_here(1)
        yield
    finally:
        _set_here(before)


def _set_here(number):
    """Set the number of this thread and of no other."""
    import torch

    with _settings:
        for_others = _in_a_new_thread(torch.get_num_threads)
        torch.set_num_threads(number)
        _in_a_new_thread(torch.set_num_threads, for_others)


def _in_a_new_thread(ask, *arguments):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(ask(*arguments)))
    thread.start()
    thread.join()
    return answers[0]


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


_first = threading.Lock()
_ENVIRONMENT = "TORCHINDUCTOR_CACHE_DIR"


def new_optimiser(kind, parameters, **options):
    """Return a torch optimiser, and leave the process as it was.

    The first one makes torch import its compiler, which nothing here uses, but which sets a
    variable of the environment and adds a warnings filter.

    Parameters
    ----------
    kind : type
        As ``torch.optim.Adam``.
    parameters : iterable of tensor
    **options
        Of that kind.

    Returns
    -------
    torch.optim.Optimizer

    Examples
    --------
    >>> import torch
    >>> type(new_optimiser(torch.optim.Adam, [torch.zeros(1)], lr=0.1)).__name__
    'Adam'
    """
    with contextlib.nullcontext() if "torch._dynamo" in sys.modules else _put_back():
        return kind(parameters, **options)


@contextlib.contextmanager
def _put_back():
    with _first, warnings.catch_warnings():
        was_set = _ENVIRONMENT in os.environ
        try:
            yield
        finally:
            if not was_set:
                os.environ.pop(_ENVIRONMENT, None)

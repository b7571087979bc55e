"""What a fit shares with the rest of its process: taken over for as long, then given back.

- its own object: :func:`one_fit_at_a_time`;
- torch's settings: :func:`torch_defaults`, of which :func:`one_thread` is a part;
- the global random generators, for libraries that draw from them: :func:`seeded_globals`.
"""

from __future__ import annotations

import functools
import random
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar, cast

import numpy as np

# --- objects ------------------------------------------------------------------------------------

Method = TypeVar("Method", bound=Callable[..., Any])

_fits = threading.Lock()
_fitted_by: dict[int, int] = {}  # id of an object that is being fitted: the thread that does it


def one_fit_at_a_time(method: Method) -> Method:
    """Decorate a method that fits its object, so that only one thread is in it.

    Fitting one object from two threads would mix what was learnt from two calls: the second
    thread gets a ``RuntimeError``, and the first one goes on. A fit inside a fit, in one thread,
    is allowed.
    """

    @functools.wraps(method)
    def alone(self, *args, **kwargs):
        me = threading.get_ident()
        with _fits:
            outer = _fitted_by.get(id(self))
            if outer not in (None, me):
                raise RuntimeError(
                    f"this {type(self).__name__} is being fitted in another thread: fit one "
                    "object in each, as sklearn.base.clone makes them."
                )
            _fitted_by[id(self)] = me
        try:
            return method(self, *args, **kwargs)
        finally:
            if outer is None:
                with _fits:
                    del _fitted_by[id(self)]

    return cast(Method, alone)


# --- torch --------------------------------------------------------------------------------------


@contextmanager
def torch_defaults() -> Iterator[None]:
    """Hold torch at the settings that networks here are made for, whatever the caller's are.

    One thread, float32 and no automatic casts, new tensors on the CPU unless a device is named,
    and gradients on; sampling turns gradients off inside. The caller's settings are restored.
    """
    import torch

    with ExitStack() as held:
        held.enter_context(one_thread())
        held.enter_context(torch.inference_mode(False))
        held.enter_context(torch.enable_grad())
        if torch.get_default_device().type != "cpu":  # costs something in each operation
            held.enter_context(torch.device("cpu"))
        for kind in ("cpu", "cuda"):
            if torch.is_autocast_enabled(kind):
                held.enter_context(torch.autocast(kind, enabled=False))
        if torch.get_default_dtype() != torch.float32:
            held.callback(torch.set_default_dtype, torch.get_default_dtype())
            torch.set_default_dtype(torch.float32)
        yield


_thread_counts = threading.Lock()


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold torch at one thread in the calling thread, then restore what that thread had.

    Two busy threads on a small network cost more in waiting than they compute; parallelism
    belongs to processes. One thread also makes results independent of the machine's core count.
    """
    import torch

    before = torch.get_num_threads()
    if before == 1:
        yield
        return
    try:
        _set_thread_count(1)
        yield
    finally:
        _set_thread_count(before)


def _set_thread_count(number: int) -> None:
    """Set the number for this thread alone.

    ``torch.set_num_threads`` also sets what threads that start later begin with, so that is read
    before and set again after; only a new thread can read and set it.
    """
    import torch

    with _thread_counts:
        for_new_threads = _in_a_new_thread(torch.get_num_threads)
        torch.set_num_threads(number)
        _in_a_new_thread(torch.set_num_threads, for_new_threads)


def _in_a_new_thread(function: Callable, *arguments: Any) -> Any:
    answers = []
    thread = threading.Thread(target=lambda: answers.append(function(*arguments)))
    thread.start()
    thread.join()
    return answers[0]


# --- global random generators -------------------------------------------------------------------

_generators = threading.RLock()


@contextmanager
def seeded_globals(seed: int) -> Iterator[None]:
    """Seed the global generators of Python, numpy and torch, and restore them afterwards.

    A second thread waits for the first one to leave. A thread that draws from a global generator
    meanwhile, without asking, draws from what was seeded. Warning filters that the code adds are
    taken back as well.

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

    with _generators:
        states = random.getstate(), np.random.get_state(), torch.random.get_rng_state()
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
        try:
            # for code of others that draws from these alone; all are put back below
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

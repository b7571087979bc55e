"""One torch thread while a small network trains, and the caller's setting back afterwards."""

import threading
from contextlib import contextmanager

import torch

_lock = threading.Lock()
_running = 0
_before = None


@contextmanager
def one_thread():
    """Hold torch at one thread; the last of several concurrent users restores the setting.

    Two busy threads on a small network cost more in waiting than they compute; parallelism
    belongs to processes. One thread also makes results independent of the machine's core count.
    """
    global _running, _before
    with _lock:
        if _running == 0:
            _before = torch.get_num_threads()
        _running += 1
        before = _before
    torch.set_num_threads(1)
    try:
        yield
    finally:
        with _lock:
            _running -= 1
            torch.set_num_threads(before)

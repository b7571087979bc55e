"""One torch thread while a small network trains, and the caller's setting back afterwards."""

import threading
from contextlib import contextmanager

import torch

_lock = threading.Lock()
_running = 0
_before = None
_mine = threading.local()


@contextmanager
def one_thread():
    """Hold torch at one thread, then restore the setting found before any concurrent user came.

    A use inside another, as by a callback that samples while training, changes nothing.

    Two busy threads on a small network cost more in waiting than they compute; parallelism
    belongs to processes. One thread also makes results independent of the machine's core count.
    """
    global _running, _before
    if getattr(_mine, "inside", False):
        yield
        return
    with _lock:
        if _running == 0:
            _before = torch.get_num_threads()
        _running += 1
        before = _before
    torch.set_num_threads(1)
    _mine.inside = True
    try:
        yield
    finally:
        _mine.inside = False
        with _lock:
            _running -= 1
            torch.set_num_threads(before)

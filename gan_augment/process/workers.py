"""Worker processes that end when the process they work for is killed.

A killed process can tell its workers nothing, and those of joblib would compute to the end and
then wait minutes for more. So each looks once a second whether its parent is still there.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import threading
import time
from collections.abc import Callable

#: Seconds between two looks.
PAUSE = 1.0

_watching = threading.Lock()  # taken by the first task of a worker, and kept


def ends_with_parent(function: Callable) -> Callable:
    """Return a function for workers of joblib, which end with the process that calls this.

    In threads, in the process itself and in workers that others manage, as Dask does, it is the
    function and nothing else.

    Examples
    --------
    >>> from joblib import Parallel, delayed
    >>> Parallel(n_jobs=1)(delayed(ends_with_parent(abs))(number) for number in [-1, 2])
    [1, 2]
    """
    return functools.partial(_run, os.getpid(), function)


def _run(parent, function, *args, **kwargs):
    is_worker = multiprocessing.current_process().name.startswith("LokyProcess")
    # A worker of someone else may call it for itself, which is no reason to end.
    if is_worker and os.getpid() != parent:
        if os.getppid() != parent:  # killed while this one was importing what the task needs
            os._exit(1)
        if _watching.acquire(blocking=False):
            threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    return function(*args, **kwargs)


def _end_with(parent):
    """End this process once it has another parent, which takes over those of a killed one."""
    while os.getppid() == parent:
        time.sleep(PAUSE)
    os._exit(1)

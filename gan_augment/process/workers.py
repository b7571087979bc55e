"""Tasks in worker processes: one result after the other, and an end when their parent is killed.

A killed process can tell its workers nothing, and those of joblib would compute to the end and
then wait minutes for more. So each looks once a second whether its parent is still there.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sklearn.utils.parallel import Parallel

#: Seconds between two looks.
PAUSE = 1.0

_watching = threading.Lock()  # taken by the first task of a worker, and kept


def as_finished(tasks: Sequence[Any], n_jobs: int | None = None, **options: Any) -> Iterator[Any]:
    """Yield the results of tasks in their order, each as soon as it and those before are there.

    Parameters
    ----------
    tasks : list
        Of `sklearn.utils.parallel.delayed`.
    n_jobs : int, optional
        Tasks at a time, through joblib and the backend it is set to.
    **options : dict
        Of `joblib.Parallel`.

    Examples
    --------
    >>> from sklearn.utils.parallel import delayed
    >>> list(as_finished([delayed(abs)(-1), delayed(abs)(2)]))
    [1, 2]
    """
    try:
        run = Parallel(n_jobs=n_jobs, return_as="generator", **options)
    except ValueError:  # a backend that hands over all results at the end
        run = Parallel(n_jobs=n_jobs, **options)
    yield from run(tasks)


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

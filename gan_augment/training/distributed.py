"""The context manager in which several processes share a training."""

from __future__ import annotations

import math
import numbers
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from gan_augment.exceptions import InputError
from gan_augment.training.processes import CURRENT, ONE_PROCESS, OneProcess, current_processes

#: What a launcher such as ``torchrun`` tells each process that it starts.
LAUNCHED = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


@contextmanager
def distributed_training(*, timeout: float = 60.0) -> Iterator[OneProcess]:
    """Share each training step among processes, on one host or several.

    Inside, ``fit`` of `TabularGAN` and `ImageGAN` computes with each process a part of every
    batch. All processes make the same calls on the same data, with the same parameters and an
    integer `random_state`, and end with the same generator; only the first one writes a
    checkpoint or shows progress. Processes started by ``torchrun`` form a process group, which
    ends with the block; where a process group of ``torch.distributed`` is there already, it is
    used. In a process that was started alone this changes nothing, so one program does for both.
    See :doc:`/several_processes`.

    Parameters
    ----------
    timeout : float, default=60.0
        Seconds to wait for an answer of another process. One that was killed is noticed at
        once; this is for one that hangs, or whose host is gone. It is to be longer than the
        processes may differ in reading their data, and than any callback takes.

    Yields
    ------
    processes
        With ``rank``, ``size`` and ``is_first``: whether this is the process that is to write.

    Raises
    ------
    InputError
        If `timeout` is no positive number.
    SharedTrainingError
        Also by a ``fit`` inside: if another process is lost.

    Notes
    -----
    A fit in another thread or in a worker of joblib is on its own.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from gan_augment import TabularGAN, distributed_training
    >>> X, y = load_iris(return_X_y=True)
    >>> with distributed_training() as processes:
    ...     gan = TabularGAN(n_steps=20, random_state=0).fit(X, y)
    ...     if processes.is_first:
    ...         print(f"trained by {processes.size} process(es)")
    trained by 1 process(es)
    """
    positive = isinstance(timeout, numbers.Real) and math.isfinite(timeout) and timeout > 0
    if isinstance(timeout, bool) or not positive:
        raise InputError.of(
            "timeout", timeout, "cannot be used", "pass a positive number of seconds"
        )
    if current_processes() is not ONE_PROCESS or not (_launched() or _has_group()):
        yield current_processes()
        return
    from gan_augment.training.process_group import joined

    with joined(timeout) as processes:
        token = CURRENT.set(processes)
        try:
            yield processes
        finally:
            CURRENT.reset(token)


def _launched() -> bool:
    """Whether a launcher started this process as one of several."""
    return all(name in os.environ for name in LAUNCHED)


def _has_group() -> bool:
    """Whether the caller has set up a process group; without torch there is none."""
    distributed = sys.modules.get("torch.distributed")
    return distributed is not None and distributed.is_available() and distributed.is_initialized()

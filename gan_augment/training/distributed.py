"""How processes come together: what a launcher started, or a group that is there already."""

import math
import numbers
import os
import sys
from contextlib import contextmanager

from gan_augment.exceptions import InputError
from gan_augment.training.team import ALONE, CURRENT, current_team

#: What a launcher such as ``torchrun`` tells each process that it starts.
LAUNCHED = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


@contextmanager
def distributed_training(*, timeout=60.0):
    """Share each training step among processes, on one host or several.

    Inside, ``fit`` of `TabularGAN` and `ImageGAN` computes with each process a part of every
    batch. All processes make the same calls on the same data, with the same parameters and an
    integer `random_state`, and end with the same generator; only the first one writes a
    checkpoint or shows progress. Started by ``torchrun`` the processes are joined, and parted on
    the way out; where a process group of ``torch.distributed`` is there already, it is used. In a
    process that was started alone this changes nothing, so one program does for both. See
    :doc:`/several_processes`.

    Parameters
    ----------
    timeout : float, default=60.0
        Seconds to wait for an answer of another process. One that was killed is noticed at
        once; this is for one that hangs, or whose host is gone. It is to be longer than the
        processes may differ in reading their data, and than any callback takes.

    Yields
    ------
    team
        With ``rank``, ``size`` and ``first``: whether this is the process that is to write.

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
    >>> with distributed_training() as team:
    ...     gan = TabularGAN(n_steps=20, random_state=0).fit(X, y)
    ...     if team.first:
    ...         print(f"trained by {team.size} process(es)")
    trained by 1 process(es)
    """
    positive = isinstance(timeout, numbers.Real) and math.isfinite(timeout) and timeout > 0
    if isinstance(timeout, bool) or not positive:
        raise InputError(f"timeout={timeout!r} cannot be used: pass a positive number of seconds.")
    if current_team() is not ALONE or not (_launched() or _has_group()):
        yield current_team()
        return
    from gan_augment.training.process_group import joined

    with joined(timeout) as team:
        token = CURRENT.set(team)
        try:
            yield team
        finally:
            CURRENT.reset(token)


def _launched():
    """Whether a launcher started this process as one of several."""
    return all(name in os.environ for name in LAUNCHED)


def _has_group():
    """Whether the caller has set up a process group; without torch there is none."""
    distributed = sys.modules.get("torch.distributed")
    return distributed is not None and distributed.is_available() and distributed.is_initialized()

"""The processes that share a training: here the case of one.

No torch here: whether a process is the first one is asked long before there are tensors. Several
processes are in :mod:`gan_augment.training.process_group`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any


class OneProcess:
    """A process that trains alone: number `rank` of `size`, and the first, which writes files.

    The same methods as :class:`gan_augment.training.process_group.SeveralProcesses`, so that the
    training loop is written once.
    """

    rank: int = 0
    size: int = 1
    is_first: bool = True

    def share_rows(self, network: Any) -> Any:
        """Return a view of a network that computes with this process's part of the rows."""
        return network

    def sum_gradients(self, parameters: list) -> None:
        """Replace each gradient by its sum over all processes; one process has nothing to add."""

    def agree(self, answer: object) -> bool:
        """Return what the first process answers, yes or no."""
        return bool(answer)

    def all_equal(self, text: str) -> bool:
        """Whether all processes hold the same text."""
        return True

    def from_first(self, read: Callable[[], Any]) -> Any:
        """Return what the first process reads: (header, arrays) or None."""
        return read()


ONE_PROCESS = OneProcess()
#: The processes of this thread, which ``distributed_training`` sets.
CURRENT: ContextVar[OneProcess] = ContextVar("processes", default=ONE_PROCESS)


def current_processes() -> OneProcess:
    """Return the processes that a fit in this thread is shared by.

    Examples
    --------
    >>> current_processes().size
    1
    """
    return CURRENT.get()

"""Who trains together: one process alone, or several that share each step.

No torch here: whether a process is the first of its team is asked long before there are tensors.
"""

from contextvars import ContextVar


class OneProcess:
    """A process that trains alone: it has all rows, and its word is final.

    The same methods as :class:`gan_augment.training.process_group.SeveralProcesses`, so that the
    loop is written once.

    Attributes
    ----------
    rank, size : int
        Number of this process, from 0, and of all.
    first : bool
        Whether it is the one that writes files and messages.
    """

    rank, size, first = 0, 1, True

    def shared(self, network):
        """Return a view of a network that works on this process's part of the rows."""
        return network

    def add_up(self, parameters):
        """Replace each gradient by its sum over all processes."""

    def agreed(self, answer):
        """Return what the first process answers, yes or no."""
        return bool(answer)

    def same(self, text):
        """Whether all processes hold the same text."""
        return True

    def from_first(self, read):
        """Return what the first process reads: (header, arrays) or None."""
        return read()


ALONE = OneProcess()
#: The team of this thread, which ``distributed_training`` sets.
CURRENT = ContextVar("team", default=ALONE)


def current_team():
    """Return the team that a fit in this thread belongs to.

    Examples
    --------
    >>> current_team().size
    1
    """
    return CURRENT.get()

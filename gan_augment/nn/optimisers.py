"""torch's optimisers, without what the first one of a process leaves behind."""

import contextlib
import os
import sys
import threading
import warnings

_lock = threading.Lock()
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
    with _lock, warnings.catch_warnings():
        was_set = _ENVIRONMENT in os.environ
        try:
            yield
        finally:
            if not was_set:
                os.environ.pop(_ENVIRONMENT, None)

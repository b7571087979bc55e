"""Tasks through joblib, one result after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sklearn.utils.parallel import Parallel


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

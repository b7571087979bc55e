"""All that the package knows about scikit-learn's callbacks, which are experimental in 1.9.

A fit is a task, and each of its steps a subtask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar

import sklearn.callback
from sklearn.callback import CallbackSupportMixin as CallbackSupportMixin

Method = TypeVar("Method", bound=Callable[..., Any])


def with_callbacks(method: Method) -> Method:
    """Decorate a method that fits, so that callbacks see when it starts and ends."""
    return sklearn.callback.with_callbacks(method)


@contextmanager
def progress_bar(estimator: Any, verbose: object) -> Iterator[None]:
    """Show a bar while fitting if ``verbose`` and the caller set no callbacks of their own."""
    has_own = hasattr(estimator, "_skl_callbacks") or hasattr(estimator, "_parent_callback_ctx")
    if not verbose or has_own:
        yield
        return
    estimator.set_callbacks(sklearn.callback.ProgressBar())
    try:
        yield
    finally:
        estimator.set_callbacks()


@contextmanager
def reported_slices(estimator: Any, n_slices: int) -> Iterator[Callable[[], bool]]:
    """Report a training to callbacks: a task with at most so many slices of steps.

    Yields a function to call after each slice; a true answer asks to stop. The task ends with
    the block, also before all slices, as after a time budget.
    """
    context = estimator._init_callback_context(max_subtasks=n_slices)
    context.call_on_fit_task_begin(estimator=estimator)

    def report():
        task = context.subcontext(task_name="steps")
        task.call_on_fit_task_begin(estimator=estimator)
        return bool(task.call_on_fit_task_end(estimator=estimator))

    yield report
    context.call_on_fit_task_end(estimator=estimator)


def fit_tasks(estimator: Any, max_subtasks: int, X: Any, y: Any, task_name: str = "fit") -> Any:
    """Begin the callback task of one fit and return its context."""
    context = estimator._init_callback_context(task_name=task_name, max_subtasks=max_subtasks)
    context.call_on_fit_task_begin(estimator=estimator, X=X, y=y)
    return context


def end_tasks(context: Any, estimator: Any, X: Any, y: Any) -> None:
    """End the task that `fit_tasks` began."""
    context.call_on_fit_task_end(estimator=estimator, X=X, y=y)


def subtask(context: Any, task_name: str) -> Any:
    """Return the context of one step of a fit."""
    return context.subcontext(task_name=task_name)


@contextmanager
def running(task: Any, owner: Any, part: Any, X: Any, y: Any) -> Iterator[None]:
    """Run one step of a fit: callbacks set on `owner` reach `part`, if any, for its duration.

    Without a task, as within the task of another step, it is only run.
    """
    if task is None:
        yield
        return
    with nullcontext() if part is None else task.propagate_callback_context(part):
        task.call_on_fit_task_begin(estimator=owner, X=X, y=y)
        yield
        task.call_on_fit_task_end(estimator=owner, X=X, y=y)

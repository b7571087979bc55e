"""scikit-learn's callbacks (1.9 and later, experimental) behind one small door.

Everything the package knows about that young interface is here: on an older scikit-learn the
names below do nothing, and ``verbose=1`` prints no bar.
"""

from contextlib import contextmanager

try:
    from sklearn.callback import CallbackSupportMixin, ProgressBar, with_callbacks
except ImportError:  # scikit-learn < 1.9

    class CallbackSupportMixin:
        """Stands in where scikit-learn has no callbacks yet."""

    ProgressBar = None

    def with_callbacks(method):
        """Return the method as it is."""
        return method


@contextmanager
def progress_bar(estimator, verbose):
    """Show a bar while fitting if ``verbose`` and the caller set no callbacks of their own."""
    wanted = verbose and ProgressBar is not None and not hasattr(estimator, "_skl_callbacks")
    if wanted and not hasattr(estimator, "_parent_callback_ctx"):
        estimator.set_callbacks(ProgressBar())
        try:
            yield
        finally:
            estimator.set_callbacks()
    else:
        yield


def slice_reporter(estimator, n_slices):
    """Return a function to call after each slice of training; a true answer asks to stop."""
    if ProgressBar is None:
        return lambda: False
    context = estimator._init_callback_context(max_subtasks=n_slices)
    context.call_on_fit_task_begin(estimator=estimator)
    done = 0

    def report():
        nonlocal done
        done += 1
        task = context.subcontext(task_name="steps")
        task.call_on_fit_task_begin(estimator=estimator)
        stop = bool(task.call_on_fit_task_end(estimator=estimator))
        if stop or done == n_slices:
            context.call_on_fit_task_end(estimator=estimator)
        return stop

    return report

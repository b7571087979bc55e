"""One fit of an object at a time: a second thread is refused, not mixed in."""

import functools
import threading

_lock = threading.Lock()
_threads = {}  # of objects that are being fitted, by id: nothing is kept on the objects


def one_fit_at_a_time(method):
    """Decorate a method that fits its object, so that only one thread is in it.

    Fitting one object from two threads would mix what was learnt from two calls. A fit inside a
    fit, in one thread, is none of that.

    Parameters
    ----------
    method : function

    Returns
    -------
    function
        It raises ``RuntimeError`` in a second thread, and leaves the first one alone.
    """

    @functools.wraps(method)
    def alone(self, *args, **kwargs):
        with _lock:
            outer = _threads.get(id(self))
            if outer not in (None, threading.get_ident()):
                name = type(self).__name__
                raise RuntimeError(
                    f"this {name} is being fitted in another thread: fit one object in each, as "
                    "sklearn.base.clone makes them."
                )
            _threads[id(self)] = threading.get_ident()
        try:
            return method(self, *args, **kwargs)
        finally:
            if outer is None:
                with _lock:
                    del _threads[id(self)]

    return alone

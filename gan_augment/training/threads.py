"""One torch thread while a small network trains, and every setting as it was afterwards.

torch holds a number for each thread of the program, and one that threads to come start with. To
set the first is to set the second as well; here the second is put back at once. So fits that
overlap do not meet, and a thread that the caller starts meanwhile gets the caller's number.
"""

import threading
from contextlib import contextmanager

import torch

_lock = threading.Lock()


@contextmanager
def one_thread():
    """Hold torch at one thread in the calling thread, then restore what that thread had.

    Where there is one already, as in a use inside another, this changes nothing.

    Two busy threads on a small network cost more in waiting than they compute; parallelism
    belongs to processes. One thread also makes results independent of the machine's core count.
    """
    before = torch.get_num_threads()
    if before == 1:
        yield
        return
    try:
        _set_here(1)
        yield
    finally:
        _set_here(before)


def _set_here(number):
    """Set the number of this thread and of no other."""
    with _lock:
        for_others = _in_a_new_thread(torch.get_num_threads)
        torch.set_num_threads(number)
        _in_a_new_thread(torch.set_num_threads, for_others)


def _in_a_new_thread(ask, *arguments):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(ask(*arguments)))
    thread.start()
    thread.join()
    return answers[0]

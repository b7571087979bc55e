"""Workers end with the process they work for, however that one ends."""

import functools
import os
import subprocess
import sys
import time

import pytest
from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

from gan_augment.process.workers import _run, ends_with_parent

PARENT = """
import os, sys, time
from joblib import Parallel, delayed
from gan_augment.process.workers import ends_with_parent

def work(folder):
    open(os.path.join(folder, str(os.getpid())), "w").close()
    time.sleep(300)

Parallel(n_jobs=2)(delayed(ends_with_parent(work))(sys.argv[1]) for _ in range(2))
"""


def is_there(number):
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{number}/stat") as file:
        return file.read().rsplit(")")[1].split()[0] != "Z"


def until(condition, seconds):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="processes as Linux lists them")
def test_workers_of_a_killed_process_end(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)])
    assert until(lambda: len(os.listdir(tmp_path)) == 2, 120)
    workers = [int(name) for name in os.listdir(tmp_path)]
    assert all(map(is_there, workers)) and process.pid not in workers
    process.kill()
    process.wait()
    assert until(lambda: not any(map(is_there, workers)), 60)


@pytest.mark.parametrize("backend", ["sequential", "threading", "loky"])
def test_a_task_is_its_function_wherever_it_runs(backend):
    run = Parallel(n_jobs=2, backend=backend)
    assert run(delayed(ends_with_parent(abs))(value) for value in (-1, 0, 2)) == [1, 0, 2]
    places = run(delayed(ends_with_parent(os.getpid))() for _ in range(3))
    assert all((place == os.getpid()) == (backend != "loky") for place in places)


def test_a_worker_whose_parent_was_killed_before_its_task_began_ends():
    orphans = (delayed(functools.partial(_run, os.getppid(), abs))(n) for n in (-1, -2))
    with pytest.raises(TerminatedWorkerError):
        Parallel(n_jobs=2)(orphans)


NESTED = """
import time
from joblib import Parallel, delayed
from gan_augment.process.workers import PAUSE, ends_with_parent

def work(n):
    found = Parallel(n_jobs=1)([delayed(ends_with_parent(abs))(-n)])
    time.sleep(2.5 * PAUSE)
    return found

print(Parallel(n_jobs=2)(delayed(work)(n) for n in (1, 2)))
"""


def test_a_worker_of_others_that_runs_tasks_itself_lives_on():
    done = subprocess.run([sys.executable, "-c", NESTED], capture_output=True, text=True)
    assert done.stdout == "[[1], [2]]\n", done.stderr

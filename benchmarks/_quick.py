"""All benchmarks at their smallest setting, two at a time: that they run is checked, not how fast.

Each runs in a fork of one process that has imported what they share, as imports would take a third
of the time. What a benchmark prints is shown if it fails. Run: ``python benchmarks/_quick.py``, or
name some: ``python benchmarks/_quick.py source reliability/soak``. Needs a system that forks.
"""

import importlib
import importlib.util
import os
import runpy
import sys
import tempfile
import time
from pathlib import Path

FOLDER = Path(__file__).parent
AT_ONCE = 2
SHARED = "torch pandas pyarrow scipy.stats sklearn.ensemble sklearn.neural_network".split()
PEERS = "sdv.single_table"  # where it is installed


def import_shared():
    peers = [PEERS] if importlib.util.find_spec("sdv") else []
    for name in SHARED + peers:
        importlib.import_module(name)
    import gan_augment

    for name in gan_augment.__all__:
        getattr(gan_augment, name)


def run(script, log):
    """Become the benchmark: what it prints goes to the log, and it ends this process."""
    for stream in (1, 2):
        os.dup2(log.fileno(), stream)
    log.close()
    sys.argv, sys.path[0] = [str(script), "--quick"], str(script.parent)
    runpy.run_path(str(script), run_name="__main__")


def wait(running):
    """Say how the next benchmark to end has ended, and return whether it failed."""
    pid, status, used = os.wait3(0)
    script, log, started = running.pop(pid)
    told = f"{time.monotonic() - started:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of CPU"
    print(f"--- {script.relative_to(FOLDER)} --quick: {'failed' if status else 'passed'}, {told}")
    with log:
        log.seek(0)
        if status:
            print(log.read().decode(errors="replace"))
    sys.stdout.flush()
    return bool(status)


def main():
    scripts = [FOLDER / f"{name}.py" for name in sys.argv[1:]]
    scripts = scripts or sorted(FOLDER.rglob("[!_]*.py"))
    import_shared()
    failed, running = 0, {}
    for script in scripts:
        if len(running) == AT_ONCE:
            failed += wait(running)
        log, started = tempfile.TemporaryFile(), time.monotonic()  # noqa: SIM115
        pid = os.fork()
        if not pid:
            return run(script, log)
        running[pid] = script, log, started
    while running:
        failed += wait(running)
    sys.exit(failed)


if __name__ == "__main__":
    main()

"""What becomes of model files: damage, hostile files, failing disks, kills while saving.

    python benchmarks/reliability/files.py [--quick] [--out results.csv]

Each figure is printed beside its goal. Hostile files are loaded in a process each, with an audit
hook that hears of all that is executed, imported, opened or connected to.
"""

import argparse
import contextlib
import csv
import errno
import os
import pickle
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import _hostile
import numpy as np
from _models import DAMAGE, damaged, healthy_models, table_gan

from gan_augment import load
from gan_augment.io import serialization as persistence
from gan_augment.io.serialization import read_bundle

#: What an audit hook is told of things that a loader of data has no reason to do.
LOUD = (
    "exec", "compile", "import", "open", "os.system", "os.exec", "os.posix_spawn", "os.spawn",
    "os.fork", "os.forkpty", "os.remove", "os.rename", "os.mkdir", "os.chmod", "os.putenv",
    "subprocess.Popen", "socket", "pickle.find_class", "marshal.load", "ctypes", "mmap", "shutil",
    "urllib", "http", "ftplib", "smtplib", "webbrowser", "sqlite3", "cpython.run", "code.__new__",
    "sys._getframe_modules", "winreg", "gc.get_referrers",
)  # fmt: skip
MB = 2**20


def in_a_process(task):
    """Run ``task`` in a forked process; return what it returned as text, or how it ended."""
    sys.stdout.flush()
    out, back = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(back, str(task()).encode())
        finally:
            os._exit(0)
    os.close(back)
    with os.fdopen(out) as stream:
        said = stream.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return said if code == 0 else f"exit {code}"


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def listened(read, *paths):
    """Call ``read`` on files with an audit hook.

    Returns
    -------
    str
        Outcome, loud events, CPU seconds and MB above the peak before, with bars between.
    """
    events, listening, own_names = [], True, set(map(str, paths))

    def hook(event, args):
        if listening and event.startswith(LOUD):
            # the file itself, to be read: the one thing a loader has to do
            writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
            own = event == "open" and str(args[0]) in own_names and not args[2] & writes
            if not own:
                events.append(f"{event} {str(args[:1])[:60]}")

    sys.addaudithook(hook)
    before, start = peak(), time.process_time()
    try:
        read(*paths)
        outcome = "loaded"
    except BaseException as error:
        outcome = f"{type(error).__name__}: {error}" if read is not load else type(error).__name__
    seconds, grown = time.process_time() - start, (peak() - before) / MB
    listening = False
    return f"{outcome}|{'; '.join(events[:3])}|{seconds:.3f}|{grown:.1f}"


def corpus(models):
    """All hostile files, as {name: function that makes the file}."""
    return (
        _hostile.other_formats() | _hostile.no_files() | _hostile.wrong_sizes()
        | _hostile.changed_models(*read_bundle(models["table"]))
        | _hostile.changed_images(*read_bundle(models["images"]))
        | _hostile.changed_augmenters(*read_bundle(models["augmenter"]))
    )  # fmt: skip


def hostile(folder, models, quick):
    """One row for all hostile files."""
    files = corpus(models)
    names = list(files)[:: 4 if quick else 1]
    refused, loud, slowest, largest = 0, 0, (0.0, ""), (0.0, "")
    for number, name in enumerate(names):
        path = folder / f"hostile-{number}"
        files[name](path)
        said = in_a_process(lambda path=path: listened(load, path)).split("|")
        if len(said) < 4 or said[0] != "ModelFileError" or said[1]:
            print(f"    {name}: {said}")
        refused += said[0] == "ModelFileError"
        if len(said) == 4:
            loud += bool(said[1])
            slowest = max(slowest, (float(said[2]), name))
            largest = max(largest, (float(said[3]), name))
        if path.is_file() and not path.is_symlink():
            path.unlink()
    traces = os.path.exists(_hostile.TRACE)
    n = len(names)
    heard = in_a_process(lambda: listened(unpickled, pickled(folder)))
    yield "control: what pickle does with such a file", heard, "is heard", "os.system" in heard
    yield "hostile files: ModelFileError", f"{refused} of {n}", f"{n} of {n}", refused == n
    yield "hostile files: something executed", loud + traces, "0", not (loud or traces)
    seconds, name = slowest
    yield "hostile files: longest CPU seconds", f"{seconds:.2f} ({name})", "< 1", seconds < 1
    grown, name = largest
    yield (
        "hostile files: largest peak above before, MB",
        f"{grown:.0f} ({name})",
        "< 100",
        (grown < 100),
    )


def pickled(folder):
    """A file that pickle would run, for the control."""
    path = folder / "pickled"
    _hostile.other_formats()["pickle"](path)
    return path


def unpickled(path):
    """What a loader that trusts files does: the control, on a file written just before."""
    return pickle.loads(path.read_bytes())  # the control: it shows what our loader refuses to do


def mutations(folder, models, quick):
    """One row for each kind of damage."""
    rng, each = np.random.default_rng(0), 60 if quick else 600
    contents = [path.read_bytes() for path in models.values()]
    path, before, slowest = folder / "damaged", peak(), 0.0
    for kind in DAMAGE:
        found = {}
        for i in range(each):
            path.write_bytes(damaged(contents[i % len(contents)], kind, rng))
            start = time.process_time()
            try:
                load(path)
                outcome = "loaded"
            except Exception as error:
                outcome = type(error).__name__
            slowest = max(slowest, time.process_time() - start)
            found[outcome] = found.get(outcome, 0) + 1
        right = found.get("ModelFileError", 0)
        yield f"damaged files: {kind}", found, f"{each} ModelFileError", right == each
    yield "damaged files: longest CPU seconds", f"{slowest:.3f}", "< 1", slowest < 1
    grown = (peak() - before) / MB
    yield "damaged files: peak above before, MB", f"{grown:.0f}", "< 100", grown < 100


def killed_at(position, model, path):
    """Save, and be killed (kill -9) at one of the positions; run in a process of its own."""

    def die(*args, **kwargs):
        os.kill(os.getpid(), signal.SIGKILL)

    def then_die(function):
        def act(*args, **kwargs):
            function(*args, **kwargs)
            die()

        return act

    class Half:
        """A file in which some bytes arrive before the end."""

        def __init__(self, *args):
            self.file = open(*args, buffering=0)  # noqa: SIM115 (a context manager itself)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.file.close()

        def write(self, content):
            self.file.write(content[: int(len(content) * position)])
            die()

    if isinstance(position, float):
        persistence.open = Half
    else:
        when, name = position
        function = getattr(os, name)
        setattr(persistence.os, name, die if when == "before" else then_die(function))
    model.save(path)


def kills(folder, quick):
    """One row: saves killed at 20 positions."""
    positions = [i / 15 for i in range(16)]
    positions += [(when, name) for name in ("fsync", "replace") for when in ("before", "after")]
    old, new = table_gan(seed=0), table_gan(seed=1)
    path, reference = folder / "killed", folder / "reference"
    new.save(reference)
    contents = {"new": reference.read_bytes()}
    old.save(path)
    contents["old"] = path.read_bytes()
    counts = {"old": 0, "new": 0}
    for position in positions[:: 4 if quick else 1]:
        path.write_bytes(contents["old"])
        said = in_a_process(lambda position=position: killed_at(position, new, path))
        assert said == "exit -9", said
        for state, model in (("old", old), ("new", new)):
            same = path.read_bytes() == contents[state]
            if same and load(path).sample(5)[0].equals(model.sample(5)[0]):
                counts[state] += 1
    n = len(positions[:: 4 if quick else 1])
    yield (
        "kill -9 while saving: old or new model",
        f"{counts} of {n}",
        f"{n} of {n}",
        (sum(counts.values()) == n),
    )


@contextlib.contextmanager
def full_disk(folder):
    """A small file system, where one may be mounted; else None."""
    small = folder / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True).returncode:
        yield None
        return
    try:
        yield small
    finally:
        subprocess.run(["umount", str(small)], check=True)


def failing(model, path, before):
    """Try to save; say the error, whether the old file is there, and what was left behind."""
    try:
        model.save(path)
        said = "saved"
    except OSError as error:
        said = errno.errorcode[error.errno]
    left = sorted(os.listdir(path.parent)) != [path.name]
    return f"{said}, {'old file' if path.read_bytes() == before else 'DAMAGED'}" + (
        ", LEFT BEHIND" if left else ""
    )


def disks(folder, mount=True):
    """One row for each way in which a disk fails."""
    model = table_gan()

    def case(setting, where):
        where.mkdir(exist_ok=True)
        path = where / "model"
        model.save(path)
        before = path.read_bytes()

        def task():
            setting(where)
            return failing(model, path, before)

        return in_a_process(task)

    def raises(name, code):
        def setting(where):
            def fail(*args, **kwargs):
                raise OSError(code, os.strerror(code))

            setattr(persistence.os, name, fail)

        return setting

    def small_files(where):
        half = (where / "model").stat().st_size // 2
        resource.setrlimit(resource.RLIMIT_FSIZE, (half, half))

    def read_only(where):
        where.chmod(0o555)
        folder.chmod(0o755)
        if os.getuid() == 0:  # root may write anywhere
            os.setuid(65534)

    def filled(where):
        filler = where.parent / "filler"
        with contextlib.suppress(OSError), open(filler, "wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    with full_disk(folder) if mount else contextlib.nullcontext() as small:
        if small is None:
            said = case(raises("fsync", errno.ENOSPC), folder / "full")
            yield "disk full (simulated)", said, "ENOSPC, old file", said == "ENOSPC, old file"
        else:
            said = case(filled, small / "full")
            yield "disk full (a small tmpfs)", said, "ENOSPC, old file", said == "ENOSPC, old file"
    for number, (name, setting, wanted) in enumerate(
        (
            ("file too large (RLIMIT_FSIZE)", small_files, "EFBIG"),
            ("disk fails at fsync (simulated)", raises("fsync", errno.EIO), "EIO"),
            ("disk fails at rename (simulated)", raises("replace", errno.EIO), "EIO"),
            ("folder is read-only", read_only, "EACCES"),
        )
    ):
        said = case(setting, folder / f"failing {number}")
        goal = f"{wanted}, old file"
        yield name, said, goal, said == goal


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer files, a few seconds")
    parser.add_argument("--out", type=Path, help="write the figures to this CSV file")
    asked = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        folder = Path(name)
        models = healthy_models(folder)
        for path in models.values():
            load(path)  # what is imported late is imported now
        with contextlib.suppress(ImportError):
            import polars  # noqa: F401 - what a file of a polars table asks for, where installed
        for group in (
            mutations(folder, models, asked.quick),
            hostile(folder, models, asked.quick),
            kills(folder, asked.quick),
            disks(folder),
        ):
            for what, figure, goal, met in group:
                rows.append((what, figure, goal, "met" if met else "MISSED"))
                print(" | ".join(map(str, rows[-1])), flush=True)
    if asked.out:
        with open(asked.out, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([("what", "measured", "goal", "met")])
            csv.writer(file, lineterminator="\n").writerows(rows)
    sys.exit(any(row[-1] == "MISSED" for row in rows))


if __name__ == "__main__":
    main()

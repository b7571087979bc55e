"""A command that is asked to end does so at once, with the status of a shell and no leftovers."""

import os
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


def started(*words, folder):
    return subprocess.Popen(
        [sys.executable, "-m", "gan_augment", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("number", "status", "says"),
    [(signal.SIGTERM, 143, "Terminated."), (signal.SIGINT, 130, "Interrupted.")],
)
def test_a_signal_ends_a_command_and_leaves_nothing_half_written(tmp_path, number, status, says):
    rows = "".join(f"{i * 7 % 101 / 3:.3f},{i % 2}\n" for i in range(400))
    (tmp_path / "in.csv").write_text("x,y\n" + rows)
    words = ("augment", "in.csv", "--target", "y", "--out", "out.csv", "--rows", "30000000")
    process = started(*words, "--generator", "bootstrap", folder=tmp_path)
    assert process.stderr.readline()  # what it is doing: it reads, draws or writes
    assert process.poll() is None
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert process.returncode == status and says in said
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["check"]])
def test_a_reader_that_leaves_is_no_answer(words, tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    streams = {"stdout": writing, "stderr": writing if words == ["check"] else None}
    process = subprocess.run([sys.executable, "-m", "gan_augment", *words], **streams)
    os.close(writing)
    assert process.returncode == 141


def test_little_is_imported_before_an_interruption_is_caught():
    # whatever Python and the package import by themselves is there already
    said = "import sys, gan_augment; before = set(sys.modules); import gan_augment.__main__; "
    said += "print(sorted(set(sys.modules) - before - {'__future__'}))"
    found = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True)
    assert found.stdout.strip() == "['gan_augment.__main__']"


def test_python_without_docstrings_has_the_commands_too():
    words = [sys.executable, "-OO", "-m", "gan_augment", "--help"]
    shown = subprocess.run(words, capture_output=True, text=True)
    assert shown.returncode == 0 and "augment" in shown.stdout, shown.stderr


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "in.csv")
    process = started("augment", "in.csv", "--out", "out.csv", folder=tmp_path)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 2 and "in.csv is no regular file" in said

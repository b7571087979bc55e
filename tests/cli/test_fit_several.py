"""``torchrun -m gan_augment fit``: a process is killed, the next ones go on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import group_members as members
import numpy as np
import pytest
import torch.distributed as dist
from typer.testing import CliRunner

from gan_augment import load
from gan_augment.cli.app import app
from gan_augment.io.serialization import read_bundle

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/task").exists() or not dist.is_available(), reason="needs Linux's /proc"
)


def fit(folder):
    return [
        "fit", str(folder / "rows.csv"), "--target", "y", "--out", str(folder / "rows.gan"),
        "--checkpoint", str(folder / "state"), "--steps", "100", "--seed", "0",
        "--locality", "0.3",
    ]  # fmt: skip


def launch(folder):
    """Start two processes at a port that is free."""
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    launcher += ["--nproc-per-node", "2", "-m", "gan_augment"]
    return subprocess.Popen(
        [*launcher, *fit(folder)],
        env=os.environ | {"OMP_NUM_THREADS": "1", "COLUMNS": "200"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def children(pid):
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def losses(folder):
    """What the checkpoint says of the losses at steps 50 and 100."""
    _, arrays = read_bundle(folder / "state")
    return np.array([arrays[f"history/{name}_loss"] for name in ("critic", "generator")])


def test_a_killed_process_ends_torchrun_and_the_next_fit_goes_on(tmp_path):
    X, y = members.table()
    several, one = folders = tmp_path / "several", tmp_path / "one"
    for folder in folders:
        folder.mkdir()
        X.assign(y=y).to_csv(folder / "rows.csv", index=False)

    run = launch(several)
    while not (several / "state").exists():
        assert run.poll() is None, run.communicate()
        time.sleep(0.01)
    assert losses(several).shape == (2, 1)
    lost = children(run.pid)[1]
    os.kill(lost, signal.SIGKILL)
    killed = time.monotonic()
    out, errors = run.communicate(timeout=60)
    assert run.returncode != 0
    assert time.monotonic() - killed < 30
    assert f"{lost}" in errors  # torchrun says whom it lost
    assert "Learnt" not in out and not (several / "rows.gan").exists()

    for folder in folders:  # the same command without torchrun: the one goes on, the other begins
        said = CliRunner().invoke(app, fit(folder))
        assert said.exit_code == 0, said.output
        assert load(folder / "rows.gan").sample(10, random_state=1)[0].shape == (10, 4)
    np.testing.assert_allclose(losses(several), losses(one), atol=0.02)
    assert not np.array_equal(losses(several), losses(one))  # so it did go on, not begin anew

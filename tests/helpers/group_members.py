"""Processes that train together, for tests: started, given work, asked what they found.

They are forked from a server that has imported torch once. They meet in a file, not at a port.
"""

import contextlib
import ctypes
import io
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch
import torch.distributed as dist
from sklearn.datasets import load_digits
from toy_task import Critic, Gaussian, Scale

from gan_augment import ImageGAN, TabularGAN, distributed_training
from gan_augment.encoding.rows import Block, EncodedRows
from gan_augment.generators.tabular.adversarial import RowTask
from gan_augment.nn.completion import Choices, RowCompletion
from gan_augment.nn.losses import (
    CrossEntropyLoss,
    DualCriticsLoss,
    RelativisticLoss,
    WassersteinLoss,
)
from gan_augment.nn.table import RowCritic
from gan_augment.training.checkpoint import Checkpoint, fingerprint
from gan_augment.training.config import TrainingConfig
from gan_augment.training.loop import train_gan

CONFIG = TrainingConfig(hidden_dim=16, latent_dim=4, batch_size=50, check_every=10, averaging=0.95)
LOSSES = {
    "relativistic": RelativisticLoss(),
    "cross-entropy": CrossEntropyLoss(),
    "wasserstein": WassersteinLoss(),
    "dual": DualCriticsLoss(),
}

_can_fork = "forkserver" in multiprocessing.get_all_start_methods()
_processes = multiprocessing.get_context("forkserver" if _can_fork else "spawn")
_processes.set_forkserver_preload(
    # what a first fit imports
    """torch.distributed sklearn.datasets sklearn.callback imblearn.over_sampling
    matplotlib.figure gan_augment.training.distributed gan_augment.generators.tabular.gan
    gan_augment.generators.tabular.adversarial gan_augment.generators.image.gan
    gan_augment.generators.image.adversarial""".split()
)


@dataclass
class Member:
    """One process and what it will say."""

    process: multiprocessing.Process
    said: object

    def answer(self):
        """Wait for what its work returned, its error, or None if it was killed."""
        try:
            return self.said.recv() if self.said.poll(60) else TimeoutError("no answer")
        except EOFError:
            return None
        finally:
            self.process.join(10)
            self.process.kill()


def start(n, work, folder, *arguments, timeout=30.0, spaces=None):
    """Start n processes on ``work(processes, folder, *arguments)`` in one group.

    ``spaces`` are network namespaces, one each, with the address of the first.
    """
    members = []
    for rank in range(n):
        here, there = _processes.Pipe(duplex=False)
        given = (there, rank, n, work, folder, arguments, timeout, spaces)
        process = _processes.Process(target=_member, args=given, daemon=True)
        process.start()
        there.close()
        members.append(Member(process, here))
    return members


def run(n, work, folder, *arguments, **options):
    """Start n processes and return what each found."""
    folder.mkdir(exist_ok=True)
    return [member.answer() for member in start(n, work, folder, *arguments, **options)]


def _member(said, rank, n, work, folder, arguments, timeout, spaces):
    torch.set_num_threads(1)
    meeting = f"file://{folder}/meeting-{n}"
    if spaces is not None:
        names, address = spaces
        _enter(names[rank])
        os.environ["GLOO_SOCKET_IFNAME"] = names[rank]
        meeting = f"tcp://{address}:29500"  # free: nobody else is in the namespace
    try:
        if n > 1:
            dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=n)
        with distributed_training(timeout=timeout) as processes:
            found = work(processes, folder, *arguments)
    except Exception as error:
        found = error
    said.send(found)
    said.close()


def _enter(name):
    """Move this process to a network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/var/run/netns/{name}") as space:
        if libc.setns(space.fileno(), 0):
            raise OSError(ctypes.get_errno(), "setns")


# data -------------------------------------------------------------------------------------------


def table(n=200):
    """Rows with numbers, a category and gaps, and two classes."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc"))
    X["kind"] = np.where(X["a"] > 0, "u", np.where(rng.random(n) < 0.5, "v", "w"))
    X.loc[rng.random(n) < 0.1, "c"] = np.nan
    return X, (X["b"] > 0).astype(int).to_numpy()


def fitted(gan, data):
    """What a fit came to."""
    gan.fit(*data)
    made = gan.sample(60, random_state=1)[0]
    history = {name: v for name, v in gan.history_.items() if name != "seconds"}
    return {"history": history, "rows": made, "digest": digest(gan.module_)}


def digest(network):
    return fingerprint(*network.state_dict().values())


class DoubleTask(RowTask):
    """The task for tables with batches in double precision."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.row_weights = self.row_weights.double()

    def _batch(self, share):
        batch = super()._batch(share)
        return replace(batch, keep=batch.keep.double(), condition=batch.condition.double())


# work -------------------------------------------------------------------------------------------


def small_gan(folder=None, **options):
    checkpoint = None if folder is None else folder / "state"
    given = {"mixture": {"gan": 1}, "n_steps": 40, "config": CONFIG, "random_state": 0}
    return TabularGAN(**given | {"checkpoint": checkpoint} | options)


def in_single_precision(processes, folder):
    """A table with the default loss and with two critics."""
    return {
        "one critic": fitted(small_gan(), table()),
        "two critics": fitted(small_gan(n_critics=2, n_steps=20), table()),
    }


def of_images(processes, folder):
    """A few steps of the task for images, whose critic draws random numbers of its own."""
    config = replace(CONFIG, check_every=3, batch_size=17)
    gan = ImageGAN(mixture={"gan": 1}, n_steps=6, config=config, random_state=0, n_critics=2)
    images, digits = load_digits(n_class=2, return_X_y=True)
    return {"images": fitted(gan, (images[:24].reshape(-1, 8, 8), digits[:24]))}


def in_double_precision(processes, folder, batch_size=50, losses=tuple(LOSSES)):
    """The task for tables, with every loss, where rounding is far from what is looked at."""
    return {name: _double(processes, LOSSES[name], batch_size) for name in losses}


def in_both(processes, folder):
    """Both, by the same processes."""
    return in_single_precision(processes, folder), in_double_precision(processes, folder)


def _double(processes, loss, batch_size):
    rng = torch.Generator().manual_seed(0)
    config = replace(CONFIG, batch_size=batch_size, check_every=3)
    blocks = (
        Block(0, 1, "score"), Block(1, 3, "missing"), Block(3, 4, "score"), Block(4, 8, "softmax"),
    )  # fmt: skip
    classes = torch.arange(160) % 2
    numbers = torch.randn(160, 2, generator=rng, dtype=torch.float64)
    numbers[:, 1] += 2 * classes
    numbers[::3, 0] = torch.nan
    real = EncodedRows(numbers, torch.randint(4, (160, 1), generator=rng))
    prior = real.take(torch.arange(159, -1, -1))
    layout = Choices(blocks, [np.linspace(-3, 3, 9)] * 2).double()
    shared = {"n_classes": 2, "locality": 0.3, "config": config, "rng": rng}
    task = DoubleTask(layout, real, classes, prior, classes.flip(0), **shared)
    generator = RowCompletion(layout, n_conditions=2, hidden_dim=16, rng=rng).double()
    critics = [
        RowCritic(8, n_conditions=2, hidden_dim=16, rng=rng).double()
        for _ in range(getattr(loss, "n_critics", 1))
    ]
    averaged, history = train_gan(
        task, generator, critics, loss, config, n_steps=6, rng=rng, processes=processes
    )
    weights = torch.cat([p.detach().flatten() for p in averaged.parameters()])
    return {"losses": history.records, "weights": weights.numpy()}


def stopped_by_the_first(processes, folder):
    """Clocks and callbacks differ; the first process's count."""
    hasty = not processes.is_first
    by_callback = train_toy(processes, on_check=(lambda: hasty) if hasty else _third_time())
    return by_callback, train_toy(
        processes, time_budget=0.4, sluggish=0.05 if processes.is_first else 0.0
    )


def _third_time():
    answers = iter([False, False, True])
    return lambda: next(answers)


def train_toy(processes, *, sluggish=0.0, n_steps=2000, at_step=None, do=None, path=None, **more):
    """Play the smallest task; return the steps at which it was looked at, and the weights.

    ``do`` is called with the critic before the step ``at_step``.
    """
    task, critic = Gaussian(0), Critic(torch.Generator().manual_seed(0))
    draw = task.draw_batch

    def drawing():
        time.sleep(sluggish)
        if task.n_draws == at_step:
            do(critic)
        return draw()

    task.draw_batch = drawing
    config = TrainingConfig(batch_size=128, check_every=5)
    checkpoint = None if path is None else Checkpoint(path, "toy", processes)
    averaged, history = train_gan(
        task, Scale(), [critic], RelativisticLoss(), config,
        n_steps=n_steps, rng=task.rng, processes=processes, checkpoint=checkpoint, **more,
    )  # fmt: skip
    return history.records["step"], digest(averaged)


def with_one_weight_changed(processes, folder, changed_in):
    """One process's critic is moved a little after the first check."""

    def change(critic):
        if processes.rank == changed_in:
            with torch.no_grad():
                critic.trunk[0].weight[0, 0] += 1e-6

    return train_toy(processes, n_steps=20, at_step=7, do=change)


def with_other_input(processes, folder):
    """What each process says where one has another row, seed or parameter, or none a seed."""
    X, y = table()
    odd = processes.rank == 1
    other = X.assign(a=X["a"].where(X.index != 5, X["a"].max()))
    found = []
    for gan, rows in (
        (small_gan(), other if odd else X),
        (small_gan(random_state=int(odd)), X),
        (small_gan(n_steps=41 if odd else 40), X),
        (small_gan(random_state=None), X),
    ):
        try:
            found.append(gan.fit(rows, y))
        except ValueError as error:
            found.append(f"{type(error).__name__}: {error}")
    return found


def lost_on_the_way(processes, folder, lost, how):
    """Train with a checkpoint; one process is killed, or stops answering, before step 27."""
    gan, draw, drawn = small_gan(folder), RowTask.draw_batch, []

    def drawing(task):
        drawn.append(1)
        if processes.rank == lost and len(drawn) == 27:
            os.kill(os.getpid(), how)
        return draw(task)

    RowTask.draw_batch = drawing
    try:
        return gan.fit(*table())
    except RuntimeError as error:
        return type(error).__name__, str(error), time.time(), hasattr(gan, "module_")
    finally:
        RowTask.draw_batch = draw


def cut_off(processes, folder, interface):
    """Train until the wire between two namespaces is cut, as when a host is gone."""
    draw, drawn = RowTask.draw_batch, []

    def drawing(task):
        drawn.append(1)
        if processes.is_first and len(drawn) == 27:
            subprocess.run(["ip", "link", "set", interface, "down"], check=True)
        return draw(task)

    RowTask.draw_batch, started = drawing, time.monotonic()
    try:
        return small_gan().fit(*table())
    except RuntimeError as error:
        return type(error).__name__, time.monotonic() - started


def without_others(processes, folder):
    """Join as a launcher would have it, where the others never come."""
    for name, value in {"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1"}.items():
        os.environ[name] = value
    os.environ["MASTER_PORT"] = "1"
    try:
        with distributed_training(timeout=1):
            return "joined"
    except RuntimeError as error:
        return f"{type(error).__name__}: {error}"


def program(processes, folder, path, *arguments):
    """Run a program of the documentation in the folder; return what it printed."""
    os.chdir(folder)
    sys.argv = [path, *arguments]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        runpy.run_path(path, run_name="__main__")
    return said.getvalue()


def gone_on(processes, folder):
    """Fit with the checkpoint that the first process alone can see; say how far it was."""
    if not processes.is_first:
        folder = folder / "nowhere"
        folder.mkdir(exist_ok=True)
    found = fitted(small_gan(folder), table())
    return found | {"files": sorted(path.name for path in folder.iterdir())}


def leaving_all_as_it_was(processes, folder):
    """What belongs to the process, before and after."""
    from process_state import changed, snapshot

    small_gan(n_steps=1).fit(*table())  # what a first fit imports
    before = snapshot()
    small_gan(n_steps=3).fit(*table())
    return changed(before, snapshot())


KILL = getattr(signal, "SIGKILL", None)
STOP = getattr(signal, "SIGSTOP", None)

"""A training that was cut off goes on from its file as if nothing had happened."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from toy_task import Critic, Gaussian, Scale

from gan_augment import ImageGAN, TabularGAN
from gan_augment.exceptions import InputError, ModelFileError, TrainingDivergedError
from gan_augment.io.serialization import write_bundle
from gan_augment.nn.losses import RelativisticLoss
from gan_augment.training.checkpoint import Checkpoint, fingerprint
from gan_augment.training.config import TrainingConfig
from gan_augment.training.loop import train_gan

CONFIG = TrainingConfig(batch_size=128, check_every=5, averaging=0.95, instance_noise=0.0)
SMALL = TrainingConfig(hidden_dim=8, latent_dim=4, batch_size=32, check_every=4)


class Cut(BaseException):
    """Stands for whatever ends a process."""


def train(
    path, *, cut_at=None, seed=0, n_steps=20, config=CONFIG, complaints=(), mark="m", **more
):
    """Train, with one generator for all randomness; stop at the step ``cut_at``."""
    task = Gaussian(seed, complaints)
    draw = task.draw_batch

    def drawing():
        if cut_at is not None and task.n_draws == cut_at:
            raise Cut
        return draw()

    task.draw_batch = drawing
    critics = [Critic(torch.Generator().manual_seed(seed))]
    checkpoint = None if path is None else Checkpoint(path, mark)
    averaged, history = train_gan(
        task, Scale(), critics, RelativisticLoss(), config,
        n_steps=n_steps, rng=task.rng, checkpoint=checkpoint, **more,
    )  # fmt: skip
    weights = [*averaged.parameters(), *critics[0].parameters()]
    return torch.cat([w.detach().flatten() for w in weights]), history, task


def without_time(history):
    return {name: values for name, values in history.records.items() if name != "seconds"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "training"


@pytest.mark.parametrize("cut_at", [0, 3, 5, 7, 14, 15, 18])
def test_a_run_cut_anywhere_ends_with_the_same_weights(path, cut_at):
    whole, history, _ = train(None)
    with pytest.raises(Cut):
        train(path, cut_at=cut_at)
    again, gone_on, task = train(path)
    assert torch.equal(again, whole)
    assert without_time(gone_on) == without_time(history)
    assert task.n_draws == 20 - cut_at // 5 * 5  # at most one slice is repeated


def test_a_run_cut_again_and_again_ends_with_the_same_weights(path):
    whole, history, _ = train(None)
    for _ in range(3):
        with pytest.raises(Cut):
            train(path, cut_at=6)
    again, gone_on, task = train(path)
    assert torch.equal(again, whole)
    assert without_time(gone_on) == without_time(history)
    assert task.n_draws == 5


def test_the_state_after_a_restart_is_kept(path):
    """Its learning rate, its fresh optimisers and the number of restarts left."""
    config = replace(CONFIG, learning_rate=0.02)
    whole, history, _ = train(None, complaints=[None, "bad"], config=config)
    with pytest.raises(Cut):
        train(path, cut_at=12, complaints=[None, "bad"], config=config)
    again, gone_on, _ = train(path, config=config)
    assert torch.equal(again, whole)
    assert gone_on.restarts == history.restarts == 1


def test_good_networks_are_returned_to_after_going_on(path):
    whole, *_ = train(None, complaints=[None, None, "bad"])
    with pytest.raises(Cut):
        train(path, cut_at=11)
    again, *_ = train(path, complaints=["bad"])
    assert torch.equal(again, whole)


def test_restarts_before_the_cut_count(path):
    with pytest.raises(Cut):
        train(path, cut_at=16, complaints=["bad"] * 3)
    with pytest.raises(TrainingDivergedError, match="3 restarts"):
        train(path, complaints=["bad"])


def test_a_finished_run_is_not_played_again(path):
    whole, history, _ = train(path)
    again, gone_on, task = train(path)
    assert task.n_draws == 0
    assert torch.equal(again[:2], whole[:2])  # the averaged generator
    assert gone_on == history


def test_a_run_a_callback_ended_is_finished(path):
    _, history, _ = train(path, on_check=lambda: True)
    assert history.records["step"] == [5]
    assert train(path)[2].n_draws == 0


def test_time_already_spent_counts(path, monkeypatch):
    clock = iter(np.arange(0, 1e6, 1.0))
    told = SimpleNamespace(monotonic=lambda: next(clock))
    monkeypatch.setattr("gan_augment.training.loop.time", told)
    with pytest.raises(Cut):
        train(path, cut_at=12, n_steps=1000, time_budget=20)
    _, history, task = train(path, n_steps=1000, time_budget=20)
    assert task.n_draws < 12
    assert history.records["seconds"][-1] < 25


def test_the_file_of_another_training_is_refused_and_left(path):
    train(path)
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"checkpoint='.*training' holds .* other data.*remove"):
        train(path, mark="another")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (
            lambda path: path.write_bytes(b"a,b\n1,2\n"),
            "no checkpoint, or a damaged one",
        ),
        (lambda path: write_bundle(path, {"class": "TabularGAN"}, {}), "another kind"),
        (
            lambda path: path.write_bytes(b"GANAUG\x01\n" + bytes(60)),
            "no checkpoint, or a damaged one",
        ),
    ],
)
def test_a_file_that_is_none_is_refused_and_left(path, write, says):
    write(path)
    before = path.read_bytes()
    with pytest.raises(ModelFileError, match=says):
        train(path)
    assert path.read_bytes() == before


def test_fingerprints_differ_where_anything_does():
    a = torch.arange(6.0)
    parts = [
        (a,), (a.reshape(2, 3),), (a.double(),), (a + 1e-7,), (a, a), (a, 1), (a, 2), (SMALL,),
        (replace(SMALL, averaging=0.5),), (RelativisticLoss(),), (RelativisticLoss(gamma=1.0),),
    ]  # fmt: skip
    assert len({fingerprint(*p) for p in parts}) == len(parts)
    assert fingerprint(a.clone(), replace(SMALL)) == fingerprint(a, SMALL)


# generators -----------------------------------------------------------------------------------


def table(path=None, **parameters):
    given = {"mixture": {"gan": 1}, "n_steps": 14, "config": SMALL, "random_state": 0}
    return TabularGAN(**given | {"checkpoint": path} | parameters)


def images(path=None, **parameters):
    given = {"mixture": {"gan": 1}, "n_steps": 6, "config": SMALL, "random_state": 0}
    return ImageGAN(**given | {"checkpoint": path} | parameters)


def cut_off(generator, data, monkeypatch, after):
    """Fit until so many states were kept."""
    kept, keep = [], Checkpoint.keep

    def keeping(self, *args):
        keep(self, *args)
        kept.append(self)
        if len(kept) == after:
            raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "keep", keeping)
        with pytest.raises(Cut):
            generator.fit(*data)


@pytest.mark.parametrize("n_critics", [1, 2])
def test_a_table_goes_on_to_the_same_bytes(path, blobs, monkeypatch, n_critics):
    expected = table(n_critics=n_critics).fit(*blobs).sample(30)[0]
    generator = table(path, n_critics=n_critics)
    cut_off(generator, blobs, monkeypatch, after=2)
    assert not hasattr(generator, "module_")  # unfitted, never half fitted
    assert generator.fit(*blobs).sample(30)[0].tobytes() == expected.tobytes()
    assert path.exists()


@pytest.mark.parametrize("locality", ["auto", 0])
def test_images_go_on_to_the_same_bytes(path, rng, monkeypatch, locality):
    # so that free images are completed patch by patch, as those of many real ones are
    monkeypatch.setattr("gan_augment.generators.image.gan.ALONE_IMAGES", 12)
    data = rng.random((24, 8, 8)), np.arange(24) % 2
    expected = images(locality=locality).fit(*data).sample(10)[0]
    generator = images(path, locality=locality)
    cut_off(generator, data, monkeypatch, after=1)
    assert generator.fit(*data).sample(10)[0].tobytes() == expected.tobytes()
    assert generator.completes_ == (locality == 0)


@pytest.mark.parametrize(
    "change",
    [
        {"random_state": 1}, {"n_steps": 15}, {"locality": 0.5}, {"n_critics": 2},
        {"config": replace(SMALL, learning_rate=1e-3)}, {"loss": RelativisticLoss(gamma=9.0)},
        {"time_budget": 1e6},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_other_parameters_are_refused(path, blobs, change):
    table(path).fit(*blobs)
    with pytest.raises(InputError, match="other data, parameters or seed"):
        table(path, **change).fit(*blobs)


def test_other_rows_or_labels_are_refused(path, blobs):
    X, y = blobs
    table(path).fit(X, y)
    for data in ((X[::-1], y[::-1]), (X, np.roll(y, 1))):
        with pytest.raises(InputError, match="other data, parameters or seed"):
            table(path).fit(*data)


def test_what_cannot_be_a_checkpoint_is_refused_before_the_rows_are_read(tmp_path):
    for value, says in (
        (3, r"checkpoint=3 .*path of a file"),
        ("", "checkpoint=''.*path of a file"),
        (tmp_path, "in a folder that exists"),
        (tmp_path / "none" / "x", "in a folder that exists"),
    ):
        with pytest.raises(InputError, match=says):
            table(value).fit(None)
    with pytest.raises(InputError, match="cannot .* random_state=None: pass a seed"):
        table(tmp_path / "x", random_state=None).fit(None)


def learnt(path):
    """The bytes of rows of a short training."""
    X = np.random.default_rng(0).normal(size=(40, 3))
    return table(path).fit(X, np.arange(40) % 2).sample(20)[0].tobytes()


KILLED = """
import os, signal, sys
import numpy as np
from gan_augment import TabularGAN
from gan_augment.training.config import TrainingConfig
from gan_augment.training.checkpoint import Checkpoint
keep, kept = Checkpoint.keep, []
def keeping(self, *args):
    keep(self, *args)
    kept.append(1)
    if len(kept) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
Checkpoint.keep = keeping
config = TrainingConfig(hidden_dim=8, latent_dim=4, batch_size=32, check_every=4)
TabularGAN(
    mixture={"gan": 1}, n_steps=14, config=config, random_state=0, checkpoint=sys.argv[1]
).fit(np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 2)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_process_goes_on_in_the_next(path, monkeypatch):
    command = [sys.executable, "-c", KILLED, os.fspath(path)]
    assert subprocess.run(command).returncode == -signal.SIGKILL
    left, whole = path.read_bytes(), learnt(None)
    kept, keep = [], Checkpoint.keep
    monkeypatch.setattr(Checkpoint, "keep", lambda *args: kept.append(keep(*args)))
    assert learnt(path) == whole
    goes_on = len(kept)
    path.unlink()
    assert learnt(path) == whole and path.read_bytes() != left
    assert len(kept) - goes_on == goes_on + 2  # the two that the killed process had kept

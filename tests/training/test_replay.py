"""Recorded steps: when a step is recorded, and, on a GPU, that replaying it is the same."""

import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits, load_wine

from gan_augment import ImageGAN, TabularGAN, load
from gan_augment.exceptions import TrainingDivergedError
from gan_augment.generators.tabular.adversarial import RowTask
from gan_augment.nn.losses import RelativisticLoss
from gan_augment.training.config import TrainingConfig
from gan_augment.training.processes import ONE_PROCESS
from gan_augment.training.replay import WARM_STEPS, Replay, replayed

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
CPU = torch.device("cpu")


def recorder(can_record=True):
    """Return a replay that only says what it does, and what it has said."""
    log = []

    class Run:
        state = SimpleNamespace(optimisers=[])

        def __call__(self, penalised):
            log.append(("run", penalised))
            return "of a run step"

    class Told(Replay):
        def _record(self, kind):
            (penalised,) = kind
            log.append(("recorded", penalised))
            graph = SimpleNamespace(replay=lambda: log.append(("replayed", penalised)))
            return (graph, "of a recorded step") if can_record else None

    return Told(Run(), None), log


def test_a_kind_of_step_is_run_a_few_times_then_recorded_once_and_replayed():
    replay, log = recorder()
    found = [replay(False) for _ in range(WARM_STEPS + 2)]
    expected = ["run"] * WARM_STEPS + ["recorded", "replayed", "replayed"]
    assert log == [(what, False) for what in expected]
    assert found == ["of a run step"] * WARM_STEPS + ["of a recorded step"] * 2
    replay(True)
    assert log[-1] == ("run", True)


def test_what_cannot_be_recorded_is_run_and_not_tried_again():
    replay, log = recorder(can_record=False)
    for _ in range(WARM_STEPS + 3):
        replay(False)
    kinds = [what for what, _ in log]
    assert kinds.count("recorded") == 1
    assert kinds.count("run") == WARM_STEPS + 3


def test_new_optimisers_are_recorded_anew():
    replay, log = recorder()
    for _ in range(WARM_STEPS + 1):
        replay(False)
    replay.step.state.optimisers = []
    replay(False)
    assert log[-1] == ("run", False)


def test_nothing_is_recorded_on_a_cpu_on_several_processes_or_with_rows_that_change():
    cuda, processes = torch.device("cuda"), SimpleNamespace(size=2)
    fixed, changes = SimpleNamespace(changes=False), SimpleNamespace(changes=True)
    for device, who, task in [
        (CPU, ONE_PROCESS, fixed),
        (cuda, processes, fixed),
        (cuda, ONE_PROCESS, changes),
    ]:
        step = SimpleNamespace(processes=who, task=task)
        with replayed(step, device) as run_step:
            assert run_step is step


# on a GPU -------------------------------------------------------------------------------------


def wine():
    X, y = load_wine(return_X_y=True, as_frame=True)
    return X.assign(kind=np.array(list("abcd"))[np.arange(len(X)) % 4]), y


def table_gan(**parameters):
    settings = {"n_steps": 60, "mixture": {"gan": 1}, "random_state": 0, "device": "cuda"}
    config = TrainingConfig(check_every=10)
    return TabularGAN(config=config, **settings | parameters)


@pytest.fixture
def step_by_step(monkeypatch):
    """Return a function that fits without recording anything."""

    def fit(gan, X, y):
        with monkeypatch.context() as patched:
            patched.setattr(
                "gan_augment.training.loop.replayed", lambda step, _: nullcontext(step)
            )
            return gan.fit(X, y)

    return fit


@needs_gpu
@pytest.mark.parametrize("n_critics", [1, 2])
def test_a_recorded_training_of_a_table_is_the_one_run_step_by_step(step_by_step, n_critics):
    run = step_by_step(table_gan(n_critics=n_critics), *wine())
    recorded = table_gan(n_critics=n_critics).fit(*wine())
    for name in ("critic_loss", "generator_loss", "score_gap", "learning_rate"):
        wanted = run.history_[name]
        assert recorded.history_[name] == pytest.approx(wanted, rel=2e-3, abs=2e-3)
    for mine, theirs in zip(recorded.module_.parameters(), run.module_.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=0.02, atol=2e-3)


@needs_gpu
def test_a_recorded_training_of_images_is_the_one_run_step_by_step(step_by_step):
    X, y = load_digits(return_X_y=True)
    X = X.reshape(-1, 8, 8)[:300]
    settings = {"n_steps": 30, "mixture": {"gan": 1}, "random_state": 0, "device": "cuda"}
    config = TrainingConfig(
        batch_size=64, hidden_dim=16, learning_rate=5e-4, instance_noise=0.02, check_every=10
    )
    run = step_by_step(ImageGAN(config=config, **settings), X, y[:300])
    recorded = ImageGAN(config=config, **settings).fit(X, y[:300])
    for name in ("critic_loss", "generator_loss"):
        assert recorded.history_[name] == pytest.approx(run.history_[name], rel=0.02)


@needs_gpu
def test_a_loss_that_asks_the_host_is_run_step_by_step():
    class Asking(RelativisticLoss):
        def critic(self, real, fake):
            return super().critic(real, fake) * float(real.isfinite().all())

    asking = table_gan(loss=Asking()).fit(*wine())
    usual = table_gan(loss=RelativisticLoss()).fit(*wine())
    wanted = usual.history_["critic_loss"]
    assert asking.history_["critic_loss"] == pytest.approx(wanted, rel=2e-3, abs=2e-3)


@needs_gpu
def test_a_training_that_fails_returns_and_is_recorded_anew():
    config = replace(TrainingConfig(check_every=10), learning_rate=1e6)
    gan = table_gan().set_params(config=config)
    try:
        gan.fit(*wine())
    except TrainingDivergedError:
        return
    assert np.isfinite(gan.sample(100)[0].select_dtypes("number").to_numpy()).all()


@needs_gpu
def test_a_generator_trained_and_saved_on_a_gpu_loads_where_there_is_none(tmp_path):
    path = tmp_path / "model.gan"
    gan = table_gan(device="auto").fit(*wine())
    gan.save(path)
    again = (
        "import sys, torch; from gan_augment import load; assert not torch.cuda.is_available();"
        "print(load(sys.argv[1]).sample(50, random_state=1)[0].to_csv())"
    )
    done = subprocess.run(
        [sys.executable, "-c", again, str(path)],
        env={"CUDA_VISIBLE_DEVICES": "", "PATH": "", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == gan.sample(50, random_state=1)[0].to_csv().strip()
    assert load(path).sample(50, random_state=1)[0].equals(gan.sample(50, random_state=1)[0])


class Cut(BaseException):
    """Stands for whatever ends a process."""


@needs_gpu
def test_a_training_cut_off_on_a_gpu_goes_on_from_its_checkpoint(tmp_path, monkeypatch):
    path, find_collapse, checks = tmp_path / "checkpoint", RowTask.find_collapse, iter(range(10))

    def cut_at_the_fourth(task, generator):
        if next(checks) == 3:
            raise Cut
        return find_collapse(task, generator)

    undisturbed = table_gan().fit(*wine())
    with monkeypatch.context() as patched, pytest.raises(Cut):
        patched.setattr(RowTask, "find_collapse", cut_at_the_fourth)
        table_gan(checkpoint=path).fit(*wine())
    resumed = table_gan(checkpoint=path).fit(*wine())
    wanted = undisturbed.history_["critic_loss"]
    assert resumed.history_["critic_loss"] == pytest.approx(wanted, rel=2e-3, abs=2e-3)

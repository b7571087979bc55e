"""Adversarial training on one Gaussian number: it is learnt, it stops when told, it recovers."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from toy_task import MEAN, STD, Critic, Gaussian, Scale

from gan_augment.exceptions import InputError, TrainingDivergedError
from gan_augment.nn.losses import (
    CrossEntropyLoss,
    DualCriticsLoss,
    RelativisticLoss,
    WassersteinLoss,
)
from gan_augment.training.config import TrainingConfig
from gan_augment.training.loop import History, train_gan

CONFIG = TrainingConfig(batch_size=128, check_every=5, averaging=0.95, instance_noise=0.0)


def train(task=None, *, loss=None, config=CONFIG, n_steps=20, n_critics=1, seed=0, **more):
    rng = torch.Generator().manual_seed(seed)
    critics = [Critic(rng) for _ in range(n_critics)]
    return train_gan(
        task or Gaussian(seed),
        more.pop("generator", None) or Scale(),
        critics,
        loss or RelativisticLoss(),
        config,
        n_steps=n_steps,
        rng=rng,
        **more,
    )


# learning -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "n_critics"),
    [
        (RelativisticLoss(gamma=0.02), 1),
        (CrossEntropyLoss(gamma=0.02), 1),
        (WassersteinLoss(gamma=0.1), 1),
        (DualCriticsLoss(alpha=1, beta=1, gamma=0.02), 2),
    ],
    ids=["relativistic", "cross-entropy", "wasserstein", "dual"],
)
def test_a_gaussian_is_learnt(loss, n_critics):
    config = replace(CONFIG, learning_rate=0.02, averaging=0.99, check_every=100)
    averaged, history = train(loss=loss, n_critics=n_critics, config=config, n_steps=500)
    assert averaged.shift.item() == pytest.approx(MEAN, abs=0.15)
    assert abs(averaged.factor.item()) == pytest.approx(STD, abs=0.15)
    assert history.restarts == 0


def test_what_samples_is_the_running_average_not_the_last_step():
    last = Scale()
    averaged, _ = train(generator=last, n_steps=20, config=replace(CONFIG, learning_rate=0.05))
    assert averaged is not last
    assert 0 < averaged.shift.item() < last.shift.item()


def test_the_further_loss_of_the_task_reaches_the_generator():
    class Anchored(Gaussian):
        def generate(self, generator, batch):
            return super().generate(generator, batch)[0], 1e4 * (
                generator.shift + 5
            ).square().sum()

    generator = Scale()
    train(Anchored(), generator=generator, n_steps=20, config=replace(CONFIG, learning_rate=0.1))
    assert generator.shift.item() < -0.5


def test_without_critics_every_step_is_on_the_loss_of_completing():
    class Completing(Gaussian):
        def complete(self, generator, batch):
            return (generator.shift - batch.real).square().mean()

    rng, config = torch.Generator().manual_seed(0), replace(CONFIG, learning_rate=0.1)
    averaged, history = train_gan(Completing(), Scale(), [], None, config, n_steps=100, rng=rng)
    assert averaged.shift.item() == pytest.approx(MEAN, abs=0.1)
    assert history.records["generator_loss"][-1] == pytest.approx(STD**2, abs=0.1)
    assert set(history.records["critic_loss"]) == {0}


def test_no_step_gives_an_untouched_copy():
    generator = Scale()
    averaged, history = train(generator=generator, n_steps=0)
    assert averaged is not generator
    assert (averaged.shift.item(), averaged.factor.item()) == (0, pytest.approx(0.1))
    assert history == History()


# stopping and recording -----------------------------------------------------------------------


def test_the_history_has_an_entry_a_check_and_one_at_the_end():
    task = Gaussian()
    _, history = train(task, n_steps=18)
    assert history.records["step"] == [5, 10, 15, 18]
    assert task.n_checks == 4
    lengths = {name: len(values) for name, values in history.records.items()}
    names = "step critic_loss generator_loss score_gap learning_rate seconds".split()
    assert lengths == dict.fromkeys(names, 4)
    assert all(isinstance(v, float) for values in history.records.values() for v in values)
    assert history.records["seconds"] == sorted(history.records["seconds"])


def test_a_time_budget_stops_at_once_and_keeps_what_there_is(monkeypatch):
    clock = iter(np.arange(0, 1e6, 1.0))
    monkeypatch.setattr("gan_augment.training.loop.time.monotonic", lambda: next(clock))
    task = Gaussian()
    averaged, history = train(task, n_steps=10_000, time_budget=7.5)
    assert history.records["step"][-1] == task.n_draws < 12
    assert averaged.shift.item() != 0


def test_a_true_answer_at_a_check_stops():
    answers = iter([False, None, True])
    _, history = train(n_steps=1000, on_check=lambda: next(answers))
    assert history.records["step"] == [5, 10, 15]


def test_penalties_come_every_so_many_steps_and_once_a_critic():
    calls = []

    class Counted(RelativisticLoss):
        def penalty(self, critic, *rest):
            calls.append(critic)
            return super().penalty(critic, *rest)

    train(loss=Counted(every=4), n_steps=9, n_critics=2)
    assert len(calls) == 2 * 3
    assert len(set(calls)) == 2


# recovering -----------------------------------------------------------------------------------


def test_a_complaint_restarts_at_a_third_of_the_rate():
    task = Gaussian(complaints=[None, "it collapsed", None, "again"])
    _, history = train(task, n_steps=25)
    assert history.restarts == 2
    rates = np.array(history.records["learning_rate"]) / CONFIG.learning_rate
    np.testing.assert_allclose(rates, [1, 1 / 3, 1 / 3, 1 / 9, 1 / 9])


def test_a_restart_returns_to_the_last_good_state():
    generator, seen = Scale(), []

    class Watched(Gaussian):
        def find_collapse(self, averaged):
            seen.append((averaged.shift.item(), generator.shift.item()))
            return super().find_collapse(averaged)

    averaged, _ = train(Watched(complaints=[None, "bad"]), generator=generator, n_steps=10)
    assert seen[1] != seen[0]
    assert (averaged.shift.item(), generator.shift.item()) == seen[0]


def test_too_many_complaints_are_an_error_that_says_what_to_do():
    config = replace(CONFIG, max_restarts=2)
    with pytest.raises(TrainingDivergedError, match="it collapsed") as caught:
        train(Gaussian(complaints=["it collapsed"] * 9), n_steps=100, config=config)
    for hint in ("step 15", "2 restarts", "learning_rate", "0.002"):
        assert hint in str(caught.value)


@pytest.mark.parametrize("loss", [RelativisticLoss(), WassersteinLoss(), CrossEntropyLoss()])
@pytest.mark.parametrize("rate", [1e6, 1e30])
def test_an_absurd_learning_rate_raises_or_ends_finite(loss, rate):
    try:
        averaged, history = train(
            loss=loss, config=replace(CONFIG, learning_rate=rate), n_steps=20
        )
    except TrainingDivergedError:
        return
    assert history.restarts > 0
    assert all(torch.isfinite(p).all() for p in averaged.parameters())


def test_a_loss_that_is_not_finite_never_reaches_what_samples():
    class Poisoned(Gaussian):
        def generate(self, generator, batch):
            fake, extra = super().generate(generator, batch)
            return fake * (float("nan") if self.n_draws in (7, 8) else 1.0), extra

    averaged, history = train(Poisoned(), n_steps=20)
    assert history.restarts == 1
    assert all(torch.isfinite(p).all() for p in averaged.parameters())


# leaving the process as it was ----------------------------------------------------------------


@pytest.mark.parametrize("complaints", [[], ["broken"] * 9], ids=["finished", "raised"])
def test_nothing_global_is_changed(complaints):
    def state():
        return (
            torch.get_num_threads(),
            torch.get_default_dtype(),
            torch.is_grad_enabled(),
            torch.get_rng_state().tolist(),
            np.random.get_state()[1].tolist(),
        )

    before = state()
    try:
        train(Gaussian(complaints=complaints), n_steps=20)
    except TrainingDivergedError:
        assert complaints
    assert state() == before


def test_the_same_seeds_give_the_same_weights():
    (one, first), (two, second), (other, _) = (train(n_steps=12, seed=seed) for seed in (3, 3, 4))
    assert torch.equal(one.shift, two.shift)
    assert first.records["critic_loss"] == second.records["critic_loss"]
    assert not torch.equal(one.shift, other.shift)


def test_critics_are_left_trainable():
    rng = torch.Generator().manual_seed(0)
    critics = [Critic(rng), Critic(rng)]
    train_gan(Gaussian(), Scale(), critics, DualCriticsLoss(), CONFIG, n_steps=3, rng=rng)
    assert all(p.requires_grad for critic in critics for p in critic.parameters())


def test_a_training_that_never_passed_a_check_is_an_error():
    with pytest.raises(TrainingDivergedError, match="step 10: bad"):
        train(Gaussian(complaints=["bad"] * 9), n_steps=10)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("batch_size", 0), ("batch_size", 16.5), ("batch_size", "x"), ("learning_rate", -1.0),
        ("learning_rate", float("nan")), ("averaging", 2.0), ("averaging", -1.0),
        ("instance_noise", -1.0), ("check_every", 0), ("hidden_dim", True),
    ],
)  # fmt: skip
def test_numbers_no_training_can_run_with_are_refused_at_once(field, value):
    with pytest.raises(InputError, match=f"{field}="):
        replace(CONFIG, **{field: value})

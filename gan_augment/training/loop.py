"""Adversarial training: the state, one step, and the loop, in this order.

What is trained is a :class:`TrainingTask`, which knows the data: rows of a table, or images. The
loop knows tensors only.
"""

from __future__ import annotations

import copy
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gan_augment.containers.untrusted import under
from gan_augment.exceptions import SharedTrainingError, TrainingDivergedError
from gan_augment.nn.adam import Adam, rate_tensor
from gan_augment.process.progress import Work
from gan_augment.training.checkpoint import Checkpoint, fingerprint
from gan_augment.training.config import TrainingConfig
from gan_augment.training.processes import ONE_PROCESS, OneProcess
from gan_augment.training.replay import replayed

#: A critic's score beyond which training has diverged.
LARGEST_SCORE = 1e4
#: Numbers of a `TrainingState` that a checkpoint keeps.
_NUMBERS = ("step", "restarts", "learning_rate", "seconds", "passed_a_check", "finished")


class TrainingTask(ABC):
    """What a generator is trained on: it draws batches, generates rows and judges the generator.

    `changes` says whether the training rows are replaced in the course of training, so that a step
    cannot be recorded on a GPU and replayed. `critic_every` is the number of steps of which one is
    against the critics, if there are any; the others are on the loss of :meth:`complete` alone.
    """

    changes = False
    critic_every = 1

    @abstractmethod
    def draw_batch(self) -> Any:
        """Return a batch, which has ``real`` (n, ...) and ``condition`` (n, classes)."""

    def generate(self, generator: nn.Module, batch: Any) -> tuple[Tensor, Tensor]:
        """Return generated rows like ``batch.real``, and a further loss of the generator."""
        raise NotImplementedError

    def complete(self, generator: nn.Module, batch: Any) -> Tensor:
        """Return the loss of a step without critics."""
        raise NotImplementedError

    @abstractmethod
    def find_collapse(self, generator: nn.Module) -> str | None:
        """Return in words how the generator has collapsed, or None."""

    def skip_to(self, step: int) -> None:  # noqa: B027  most tasks have nothing to do
        """Prepare to go on after so many steps, which an earlier run has done."""


@dataclass
class History:
    """What happened: one entry for each check in every list of ``records``."""

    records: dict[str, list[float]] = field(default_factory=dict)
    restarts: int = 0

    def add(self, **values: Any) -> None:
        for name, value in values.items():
            self.records.setdefault(name, []).append(float(value))


class TrainingState:
    """Networks, optimisers and the last networks that passed a check.

    `averaged` is the running average of the generator, `step` the steps done at the last check,
    `seconds` the training time until then, over all runs that went on from each other.
    `passed_a_check` says whether the networks were found good at any check, `finished` whether
    training has come to its end, also before ``n_steps``.
    """

    def __init__(
        self, generator: nn.Module, critics: list[nn.Module], config: TrainingConfig
    ) -> None:
        self.generator, self.critics, self.config = generator, critics, config
        self.generator_parameters: list[Tensor] = list(generator.parameters())
        self.critic_parameters: list[Tensor] = [p for c in critics for p in c.parameters()]
        self.networks = nn.ModuleList([generator, *critics])
        self.averaged = copy.deepcopy(generator)
        self.history = History()
        self.step, self.seconds, self.finished = 0, 0.0, False
        self.learning_rate = config.learning_rate
        self._new_optimisers()
        self.keep_good()
        self.passed_a_check = False

    def _new_optimisers(self) -> None:
        # one number for both, filled before each step: a recorded one reads it where it was then
        self.rate = rate_tensor(self.learning_rate, self.generator_parameters[0].device)
        self.optimisers = [
            Adam(parameters, self.rate, (0.0, 0.99))
            for parameters in (self.generator_parameters, self.critic_parameters)
        ]

    @torch.no_grad()
    def update_average(self, decay: float) -> None:
        """Move the average towards the generator."""
        averaged: list[Tensor] = list(self.averaged.parameters())
        torch._foreach_lerp_(averaged, self.generator_parameters, 1 - decay)

    def keep_good(self) -> None:
        """Remember the networks as they are, to return to."""
        networks = self.networks, self.averaged
        self.good = [copy.deepcopy(network.state_dict()) for network in networks]
        self.passed_a_check = True

    def return_to_good(self) -> None:
        """Go back to the last good networks, at a third of the learning rate."""
        self.networks.load_state_dict(self.good[0])
        self.averaged.load_state_dict(self.good[1])
        self.learning_rate /= 3
        self._new_optimisers()

    # as data, for a checkpoint ----------------------------------------------------------------

    def arrays(self) -> dict[str, np.ndarray]:
        """Everything that a later step depends on, as arrays by name."""
        dicts = {"networks": self.networks.state_dict(), "averaged": self.averaged.state_dict()}
        dicts |= {"good/networks": self.good[0], "good/averaged": self.good[1]}
        for k, optimiser in enumerate(self.optimisers):
            dicts |= {f"optimiser/{k}/{i}": moments for i, moments in enumerate(optimiser.state)}
        found = {
            f"{prefix}/{name}": np.ascontiguousarray(tensor.detach().cpu().numpy())
            for prefix, tensors in dicts.items()
            for name, tensor in tensors.items()
        }
        return found | {f"history/{n}": np.array(v) for n, v in self.history.records.items()}

    def numbers(self) -> dict[str, Any]:
        """The same for plain numbers."""
        values = vars(self) | {"restarts": self.history.restarts}
        return {name: values[name] for name in _NUMBERS}

    def restore(self, numbers: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        """Become the state that `numbers` and `arrays` were taken from."""
        for name in _NUMBERS:
            setattr(self.history if name == "restarts" else self, name, numbers[name])
        tree: dict[str, dict[str, Tensor]] = {}
        for name, array in arrays.items():
            prefix, _, leaf = name.rpartition("/")
            tree.setdefault(prefix, {})[leaf] = torch.from_numpy(array)
        self.networks.load_state_dict(tree["networks"])
        self.averaged.load_state_dict(tree["averaged"])
        self.good = [tree["good/networks"], tree["good/averaged"]]
        self.history.records = {n: v.tolist() for n, v in tree.get("history", {}).items()}
        self._new_optimisers()
        for k, optimiser in enumerate(self.optimisers):
            state = under(f"optimiser/{k}/", tree)
            optimiser.restore({int(place): moments for place, moments in state.items()})


@dataclass(frozen=True)
class Outcome:
    """What a step found out: two losses, and the scores (n, n_critics) they stand on; detached."""

    critic_loss: Tensor
    generator_loss: Tensor
    real_scores: Tensor
    fake_scores: Tensor

    @classmethod
    def without_critics(cls, loss: Tensor) -> Outcome:
        """Of a step without critics, which found no scores."""
        nothing = loss.new_zeros(1, 1)
        return cls(nothing[0, 0], loss.detach(), nothing, nothing)


class Step:
    """One step of training, which changes the networks of ``state``.

    It touches nothing but tensors, so that a GPU can record and replay it. Its parts are those of
    :func:`train_gan`.
    """

    def __init__(
        self,
        task: TrainingTask,
        state: TrainingState,
        loss: Any,
        config: TrainingConfig,
        rng: torch.Generator,
        processes: OneProcess,
    ) -> None:
        self.task, self.state, self.loss, self.rng = task, state, loss, rng
        self.processes, self.instance_noise = processes, config.instance_noise
        self.generator, *self.critics = map(
            processes.share_rows, (state.generator, *state.critics)
        )

    def __call__(self, penalised: bool, opposed: bool = True) -> Outcome | None:
        """Train on one batch, with or without the penalty of the critics, or without critics."""
        batch = self.task.draw_batch()
        if not opposed:
            loss = self.task.complete(self.generator, batch)
            self._update(loss, self.state.generator_parameters, self.state.optimisers[0])
            return None if self.critics else Outcome.without_critics(loss)
        fake, further_loss = self.task.generate(self.generator, batch)
        noise = torch.randn(2, *fake.shape, generator=self.rng, device=fake.device)
        real_seen = batch.real + self.instance_noise * noise[0]
        fake_seen = fake + self.instance_noise * noise[1]
        twice = torch.cat([batch.condition, batch.condition])

        # --- critics: one update on this batch -------------------------------------------------
        both = self._scores(torch.cat([real_seen, fake_seen.detach()]), twice)
        real_scores, fake_scores = both.chunk(2)
        critic_loss = self.loss.critic(real_scores, fake_scores)
        total = critic_loss
        if penalised:
            rows = real_seen, fake_seen.detach(), batch.condition
            penalties = [self.loss.penalty(critic, *rows) for critic in self.critics]
            total = total + self.loss.every * sum(penalties)
        self._update(total, self.state.critic_parameters, self.state.optimisers[1])

        # --- generator: against the updated critics --------------------------------------------
        fake_scores = self._scores(fake_seen, batch.condition)
        generator_loss = self.loss.generator(real_scores.detach(), fake_scores)
        total = generator_loss + further_loss
        self._update(total, self.state.generator_parameters, self.state.optimisers[0])
        found = critic_loss, generator_loss, real_scores, fake_scores
        return Outcome(*(tensor.detach() for tensor in found))

    def _scores(self, rows: Tensor, condition: Tensor) -> Tensor:
        return torch.stack([critic(rows, condition) for critic in self.critics], dim=1)

    def _update(self, loss: Tensor, parameters: list[Tensor], optimiser: Adam) -> None:
        loss.backward(inputs=parameters)
        if self.processes.size > 1:
            self.processes.sum_gradients(parameters)
        optimiser.step()


def train_gan(
    task: TrainingTask,
    generator: nn.Module,
    critics: list[nn.Module],
    loss: Any,
    config: TrainingConfig,
    *,
    n_steps: int,
    rng: torch.Generator,
    time_budget: float | None = None,
    on_check: Callable[[], bool | None] | None = None,
    checkpoint: Checkpoint | None = None,
    processes: OneProcess = ONE_PROCESS,
) -> tuple[nn.Module, History]:
    """Train a generator against critics, if any, and return its running average and `History`.

    A critic is called as ``critic(rows, condition)``, giving (n,) scores; `loss` is one as in
    :mod:`gan_augment.nn.losses`. `rng` is the source of the instance noise: with a checkpoint the
    task and the critics are to draw from the same one, since its state is all the randomness that
    is kept. Training stops after `time_budget` seconds with what it has, or where `on_check`,
    called after every check, answers true. With several processes, what the networks do is to be
    done row by row.

    Raises
    ------
    TrainingDivergedError
        If the generator is still collapsed after ``config.max_restarts`` returns to a good
        state, or training ends without having passed any check.
    SharedTrainingError
        If another process is lost, or has come to other weights.
    """
    state = TrainingState(generator, critics, config)
    if checkpoint is not None:
        checkpoint.resume(state, rng)
    if state.finished:
        return state.averaged, state.history
    step = Step(task, state, loss, config, rng, processes)
    with Work("Training", n_steps, "steps") as work, replayed(step, rng.device) as run_step:
        work.advance(state.step)
        _train(run_step, step, n_steps, time_budget, on_check, checkpoint, work)
    return state.averaged, state.history


def _train(run_step, parts, n_steps, time_budget, on_check, checkpoint, work):
    """Run steps to the end, and check the state now and then."""
    state, processes, config = parts.state, parts.processes, parts.state.config
    started, outcome = time.monotonic() - state.seconds, None
    for step in range(state.step, n_steps):
        state.rate.fill_(state.learning_rate * cosine(step / n_steps))
        # counted from the last check, so that a run that goes on does as one that never stopped
        since, every = step % config.check_every, parts.task.critic_every
        opposed = bool(parts.critics) and since % every == 0
        penalised = opposed and step // every % parts.loss.every == 0
        outcome = run_step(penalised, opposed) or outcome
        state.update_average(min(config.averaging, (step + 1) / (step + 10)))
        work.advance()
        late = time_budget is not None and processes.agree(
            time.monotonic() - started > time_budget
        )
        if (step + 1) % config.check_every and step + 1 < n_steps and not late:
            continue
        _check_equal(processes, state, step + 1)
        trouble = _divergence(outcome) or parts.task.find_collapse(state.averaged)
        if trouble is None:
            state.keep_good()
        else:
            state.history.restarts += 1
            ends = late or step + 1 == n_steps
            if state.history.restarts > config.max_restarts or (ends and not state.passed_a_check):
                raise TrainingDivergedError(_advice(trouble, step + 1, state))
            state.return_to_good()
        state.step, state.seconds = step + 1, time.monotonic() - started
        state.history.add(
            step=step + 1,
            critic_loss=outcome.critic_loss,
            generator_loss=outcome.generator_loss,
            score_gap=(outcome.real_scores - outcome.fake_scores).mean(),
            learning_rate=state.learning_rate,
            seconds=state.seconds,
        )
        stopped = processes.agree(on_check is not None and on_check())
        state.finished = bool(late or stopped or step + 1 == n_steps)
        if checkpoint is not None and processes.is_first:
            checkpoint.keep(state, parts.rng)
        if state.finished:
            return


def cosine(progress: float) -> float:
    """Share of the learning rate after so much of the training: from 1 down to 0.1."""
    return 0.1 + 0.9 * (1 + math.cos(math.pi * progress)) / 2


def _check_equal(processes, state, step):
    """Refuse to go on where processes have come to different networks."""
    if processes.size > 1:
        weights = fingerprint(*state.networks.state_dict().values())
        if not processes.all_equal(weights):
            raise SharedTrainingError(
                f"The {processes.size} processes of this training hold different networks at step "
                f"{step}: run them on machines of one kind, with the same versions of torch and "
                "numpy."
            )


def _divergence(outcome):
    highest = outcome.fake_scores.abs().max()
    values = torch.stack([outcome.critic_loss, outcome.generator_loss, highest])
    if not torch.isfinite(values).all():
        return "a loss is no longer finite"
    if values.abs().max() > LARGEST_SCORE:
        return f"critic scores reached {values.abs().max():.3g}"
    return None


def _advice(trouble, step, state):
    return (
        f"Training diverged at step {step}: {trouble}, also after {state.history.restarts - 1} "
        f"restarts down to learning rate {state.learning_rate:.3g}; lower "
        f"TrainingConfig(learning_rate=...), now {state.config.learning_rate:g}, raise the loss's "
        "gamma, or use locality=1."
    )

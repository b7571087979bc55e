"""The training loop: one function, read top to bottom."""

import copy
import math
import time
from dataclasses import dataclass, field

import torch

from gan_augment.exceptions import TrainingDivergedError
from gan_augment.nn.optimisers import new_optimiser

SCORE_EXPLOSION = 1e4


@dataclass
class History:
    """What happened: one entry a recorded step in every list of ``records``."""

    records: dict = field(default_factory=dict)
    restarts: int = 0

    def add(self, **values):
        for name, value in values.items():
            self.records.setdefault(name, []).append(float(value))


def train_gan(
    game, generator, critics, loss, config, *, n_steps, rng, time_budget=None, on_check=None
):
    """Play ``n_steps`` of the adversarial game and return the averaged generator.

    Parameters
    ----------
    game : object
        ``draw()`` gives a batch with ``real`` (n, ...) and ``condition`` (n, classes);
        ``play(generator, batch)`` gives ``(fake, extra)``, rows like ``real`` and a further loss
        of the generator; ``health(generator)`` gives None, or in words what is wrong with it.
    generator : torch.nn.Module
    critics : list of torch.nn.Module
        Each called as ``critic(rows, condition)``, giving (n,) scores.
    loss : object
        See :mod:`gan_augment.nn.losses`.
    config : TrainingConfig
    n_steps : int
    rng : torch.Generator
        Source of the instance noise.
    time_budget : float, optional
        Seconds after which training stops with what it has.
    on_check : callable, optional
        Called without arguments after every check; a true answer stops training.

    Returns
    -------
    averaged : torch.nn.Module
    history : History

    Raises
    ------
    TrainingDivergedError
        If the game is still unhealthy after ``config.max_restarts`` returns to a good state, or
        ends without having been healthy at any check.
    """
    critic_parameters = [p for critic in critics for p in critic.parameters()]
    generator_parameters = list(generator.parameters())
    players = torch.nn.ModuleList([generator, *critics])
    averaged = copy.deepcopy(generator)
    history = History()
    learning_rate = config.learning_rate
    optimisers = _optimisers(generator_parameters, critic_parameters, learning_rate)
    good, was_healthy = _snapshot(players, averaged), False
    started = time.monotonic()

    def scores(rows, condition):
        return torch.stack([critic(rows, condition) for critic in critics], dim=1)

    for step in range(n_steps):
        _set_rate(optimisers, learning_rate * _cosine(step / n_steps))
        batch = game.draw()
        fake, extra = game.play(generator, batch)
        noise = torch.randn(2, *fake.shape, generator=rng, device=fake.device)
        real_seen = batch.real + config.instance_noise * noise[0]
        fake_seen = fake + config.instance_noise * noise[1]
        twice = torch.cat([batch.condition, batch.condition])

        # --- critics: one step on this batch ---------------------------------------------------
        both = scores(torch.cat([real_seen, fake_seen.detach()]), twice)
        real_scores, fake_scores = both.chunk(2)
        critic_loss = loss.critic(real_scores, fake_scores)
        total = critic_loss
        if step % loss.every == 0:
            rows = real_seen, fake_seen.detach()
            penalties = [loss.penalty(critic, *rows, batch.condition) for critic in critics]
            total = total + loss.every * sum(penalties)
        optimisers[1].zero_grad(set_to_none=True)
        total.backward(inputs=critic_parameters)
        optimisers[1].step()

        # --- generator: against the updated critics --------------------------------------------
        fake_scores = scores(fake_seen, batch.condition)
        generator_loss = loss.generator(real_scores.detach(), fake_scores)
        optimisers[0].zero_grad(set_to_none=True)
        (generator_loss + extra).backward(inputs=generator_parameters)
        optimisers[0].step()
        _follow(averaged, generator, min(config.averaging, (step + 1) / (step + 10)))

        # --- look, now and then, and at the end -------------------------------------------------
        late = time_budget is not None and time.monotonic() - started > time_budget
        if (step + 1) % config.check_every and step + 1 < n_steps and not late:
            continue
        trouble = _divergence(critic_loss, generator_loss, fake_scores) or game.health(averaged)
        if trouble is None:
            good, was_healthy = _snapshot(players, averaged), True
        else:
            history.restarts += 1
            ends = late or step + 1 == n_steps
            if history.restarts > config.max_restarts or (ends and not was_healthy):
                raise TrainingDivergedError(
                    _advice(trouble, step + 1, history.restarts, config, learning_rate)
                )
            _restore(players, averaged, good)
            learning_rate /= 3
            optimisers = _optimisers(generator_parameters, critic_parameters, learning_rate)
        history.add(
            step=step + 1,
            critic_loss=critic_loss.detach(),
            generator_loss=generator_loss.detach(),
            score_gap=(real_scores.detach() - fake_scores.detach()).mean(),
            learning_rate=learning_rate,
            seconds=time.monotonic() - started,
        )
        if late or (on_check is not None and on_check()):
            break
    return averaged, history


def _optimisers(generator_parameters, critic_parameters, learning_rate):
    return [
        new_optimiser(
            torch.optim.Adam, parameters, lr=learning_rate, betas=(0.0, 0.99), fused=True
        )
        for parameters in (generator_parameters, critic_parameters)
    ]


def _set_rate(optimisers, rate):
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = rate


def _cosine(progress):
    """From 1 down to 0.1."""
    return 0.1 + 0.9 * (1 + math.cos(math.pi * progress)) / 2


@torch.no_grad()
def _follow(averaged, generator, decay):
    torch._foreach_lerp_(list(averaged.parameters()), list(generator.parameters()), 1 - decay)


def _snapshot(players, averaged):
    return copy.deepcopy(players.state_dict()), copy.deepcopy(averaged.state_dict())


def _restore(players, averaged, good):
    players.load_state_dict(good[0])
    averaged.load_state_dict(good[1])


def _divergence(critic_loss, generator_loss, fake_scores):
    values = torch.stack([critic_loss.detach(), generator_loss.detach(), fake_scores.abs().max()])
    if not torch.isfinite(values).all():
        return "a loss is no longer finite"
    if values.abs().max() > SCORE_EXPLOSION:
        return f"critic scores reached {values.abs().max():.3g}"
    return None


def _advice(trouble, step, restarts, config, learning_rate):
    return (
        f"Training diverged at step {step}: {trouble}, also after {restarts - 1} restarts "
        f"down to learning rate {learning_rate:.3g}; lower TrainingConfig(learning_rate=...), now "
        f"{config.learning_rate:g}, raise the loss's gamma, or use locality=1."
    )

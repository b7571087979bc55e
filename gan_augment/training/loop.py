"""The training loop: one function, read top to bottom."""

import math
import time

import torch

from gan_augment.exceptions import SharedTrainingError, TrainingDivergedError
from gan_augment.training.checkpoint import fingerprint
from gan_augment.training.replay import replayed
from gan_augment.training.state import TrainingState
from gan_augment.training.step import Step
from gan_augment.training.team import ALONE

SCORE_EXPLOSION = 1e4


def train_gan(
    game, generator, critics, loss, config, *, n_steps, rng, time_budget=None, on_check=None,
    checkpoint=None, team=ALONE,
):  # fmt: skip
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
        Source of the instance noise. With a checkpoint the game and the critics are to draw from
        the same one, since its state is all the randomness that is kept.
    time_budget : float, optional
        Seconds after which training stops with what it has.
    on_check : callable, optional
        Called without arguments after every check; a true answer stops training.
    checkpoint : Checkpoint, optional
        Where the state is kept at every check, and gone on from; see
        :mod:`gan_augment.training.checkpoint`.
    team : OneProcess or SeveralProcesses, optional
        The processes that share the rows of each step; see
        :mod:`gan_augment.training.distributed`. What the networks do is then to be done row by
        row.

    Returns
    -------
    averaged : torch.nn.Module
    history : History

    Raises
    ------
    TrainingDivergedError
        If the game is still unhealthy after ``config.max_restarts`` returns to a good state, or
        ends without having been healthy at any check.
    SharedTrainingError
        If another process of the team is lost, or has come to other weights.
    """
    state = TrainingState(generator, critics, config)
    if checkpoint is not None:
        checkpoint.resume(state, rng)
    if state.finished:
        return state.averaged, state.history
    step = Step(game, state, loss, config, rng, team)
    with replayed(step, rng.device) as play:
        _train(play, step, n_steps, time_budget, on_check, checkpoint)
    return state.averaged, state.history


def _train(play, parts, n_steps, time_budget, on_check, checkpoint):
    """Play to the end, and look at the state now and then."""
    state, team, config = parts.state, parts.team, parts.state.config
    started = time.monotonic() - state.seconds
    for step in range(state.step, n_steps):
        state.set_rate(cosine(step / n_steps))
        outcome = play(step % parts.loss.every == 0)
        state.follow(min(config.averaging, (step + 1) / (step + 10)))
        late = time_budget is not None and team.agreed(time.monotonic() - started > time_budget)
        if (step + 1) % config.check_every and step + 1 < n_steps and not late:
            continue
        _confirm_same(team, state, step + 1)
        trouble = _divergence(outcome) or parts.game.health(state.averaged)
        if trouble is None:
            state.keep_good()
        else:
            state.history.restarts += 1
            ends = late or step + 1 == n_steps
            if state.history.restarts > config.max_restarts or (ends and not state.was_healthy):
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
        stopped = team.agreed(on_check is not None and on_check())
        state.finished = bool(late or stopped or step + 1 == n_steps)
        if checkpoint is not None and team.first:
            checkpoint.keep(state, parts.rng)
        if state.finished:
            return


def cosine(progress):
    """Share of the learning rate after so much of the training: from 1 down to 0.1."""
    return 0.1 + 0.9 * (1 + math.cos(math.pi * progress)) / 2


def _confirm_same(team, state, step):
    """Refuse to go on where processes have come to different networks."""
    if team.size > 1 and not team.same(fingerprint(*state.players.state_dict().values())):
        raise SharedTrainingError(
            f"The {team.size} processes of this training hold different networks at step {step}: "
            "run them on machines of one kind, with the same versions of torch and numpy."
        )


def _divergence(outcome):
    highest = outcome.fake_scores.abs().max()
    values = torch.stack([outcome.critic_loss, outcome.generator_loss, highest])
    if not torch.isfinite(values).all():
        return "a loss is no longer finite"
    if values.abs().max() > SCORE_EXPLOSION:
        return f"critic scores reached {values.abs().max():.3g}"
    return None


def _advice(trouble, step, state):
    return (
        f"Training diverged at step {step}: {trouble}, also after {state.history.restarts - 1} "
        f"restarts down to learning rate {state.learning_rate:.3g}; lower "
        f"TrainingConfig(learning_rate=...), now {state.config.learning_rate:g}, raise the loss's "
        "gamma, or use locality=1."
    )

"""The training loop: one function, read top to bottom."""

import copy
import math
import time
from dataclasses import dataclass, field

import numpy as np
import torch

from gan_augment.exceptions import SharedTrainingError, TrainingDivergedError
from gan_augment.process.state import new_optimiser
from gan_augment.training.checkpoint import fingerprint
from gan_augment.training.replay import replayed
from gan_augment.training.team import ALONE

_NUMBERS = ("step", "restarts", "learning_rate", "seconds", "was_healthy", "finished")


@dataclass
class History:
    """What happened: one entry a recorded step in every list of ``records``."""

    records: dict = field(default_factory=dict)
    restarts: int = 0

    def add(self, **values):
        for name, value in values.items():
            self.records.setdefault(name, []).append(float(value))


class TrainingState:
    """Networks, optimisers and the last good networks.

    Parameters
    ----------
    generator : torch.nn.Module
    critics : list of torch.nn.Module
    config : TrainingConfig

    Attributes
    ----------
    averaged : torch.nn.Module
        Running average of the generator.
    step : int
        Steps done at the last check.
    seconds : float
        Training time until then, over all runs that went on from each other.
    finished : bool
        Whether training has come to its end, also before ``n_steps``.
    """

    def __init__(self, generator, critics, config):
        self.generator, self.critics, self.config = generator, critics, config
        self.generator_parameters = list(generator.parameters())
        self.critic_parameters = [p for critic in critics for p in critic.parameters()]
        self.players = torch.nn.ModuleList([generator, *critics])
        self.averaged = copy.deepcopy(generator)
        self.history = History()
        self.step, self.seconds, self.finished = 0, 0.0, False
        self.learning_rate = config.learning_rate
        self._new_optimisers()
        self.keep_good()
        self.was_healthy = False

    def _new_optimisers(self):
        options = {"lr": self.learning_rate, "betas": (0.0, 0.99), "fused": True}
        device = self.generator_parameters[0].device
        if device.type == "cuda":  # a recorded step reads its rate where it was when recorded
            options |= {"lr": torch.tensor(options["lr"], device=device), "capturable": True}
        self.optimisers = [
            new_optimiser(torch.optim.Adam, parameters, **options)
            for parameters in (self.generator_parameters, self.critic_parameters)
        ]

    def set_rate(self, share):
        rate = self.learning_rate * share
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                if torch.is_tensor(group["lr"]):
                    group["lr"].fill_(rate)
                else:
                    group["lr"] = rate

    @torch.no_grad()
    def follow(self, decay):
        """Move the average towards the generator."""
        averaged = list(self.averaged.parameters())
        torch._foreach_lerp_(averaged, self.generator_parameters, 1 - decay)

    def keep_good(self):
        networks = self.players, self.averaged
        self.good = [copy.deepcopy(network.state_dict()) for network in networks]
        self.was_healthy = True

    def return_to_good(self):
        """Go back to the last good networks, at a third of the learning rate."""
        self.players.load_state_dict(self.good[0])
        self.averaged.load_state_dict(self.good[1])
        self.learning_rate /= 3
        self._new_optimisers()

    # as data --------------------------------------------------------------------------------

    def arrays(self):
        """Everything that a later step depends on, as arrays by name."""
        dicts = {"players": self.players.state_dict(), "averaged": self.averaged.state_dict()}
        dicts |= {"good/players": self.good[0], "good/averaged": self.good[1]}
        for k, optimiser in enumerate(self.optimisers):
            moments = optimiser.state_dict()["state"]
            dicts |= {f"optimiser/{k}/{i}": tensors for i, tensors in moments.items()}
        found = {
            f"{prefix}/{name}": np.ascontiguousarray(tensor.detach().cpu().numpy())
            for prefix, tensors in dicts.items()
            for name, tensor in tensors.items()
        }
        return found | {f"history/{n}": np.array(v) for n, v in self.history.records.items()}

    def numbers(self):
        """The same for plain numbers."""
        values = vars(self) | {"restarts": self.history.restarts}
        return {name: values[name] for name in _NUMBERS}

    def restore(self, numbers, arrays):
        """Become the state that `numbers` and `arrays` were taken from."""
        for name in _NUMBERS:
            setattr(self.history if name == "restarts" else self, name, numbers[name])
        tree = {}
        for name, array in arrays.items():
            prefix, _, leaf = name.rpartition("/")
            tree.setdefault(prefix, {})[leaf] = torch.from_numpy(array)
        self.players.load_state_dict(tree["players"])
        self.averaged.load_state_dict(tree["averaged"])
        self.good = [tree["good/players"], tree["good/averaged"]]
        self.history.records = {n: v.tolist() for n, v in tree.get("history", {}).items()}
        self._new_optimisers()
        for k, optimiser in enumerate(self.optimisers):
            prefix = f"optimiser/{k}/"
            moments = {int(p[len(prefix) :]): t for p, t in tree.items() if p.startswith(prefix)}
            groups = optimiser.state_dict()["param_groups"]
            optimiser.load_state_dict({"state": moments, "param_groups": groups})


@dataclass(frozen=True)
class Outcome:
    """What a step found out: two losses, and the scores (n, n_critics) they stand on; detached."""

    critic_loss: torch.Tensor
    generator_loss: torch.Tensor
    real_scores: torch.Tensor
    fake_scores: torch.Tensor


class Step:
    """A step, which leaves the networks of ``state`` changed.

    Parameters
    ----------
    game, loss, config, rng, team
        As :func:`gan_augment.training.loop.train_gan` has them.
    state : TrainingState
    """

    def __init__(self, game, state, loss, config, rng, team):
        self.game, self.state, self.loss, self.rng, self.team = game, state, loss, rng, team
        self.instance_noise = config.instance_noise
        self.player, *self.judges = map(team.shared, (state.generator, *state.critics))

    def __call__(self, penalised):
        """Play one batch, with or without the penalty of the critics; return the `Outcome`."""
        batch = self.game.draw()
        fake, extra = self.game.play(self.player, batch)
        noise = torch.randn(2, *fake.shape, generator=self.rng, device=fake.device)
        real_seen = batch.real + self.instance_noise * noise[0]
        fake_seen = fake + self.instance_noise * noise[1]
        twice = torch.cat([batch.condition, batch.condition])

        # --- critics: one step on this batch ---------------------------------------------------
        both = self._scores(torch.cat([real_seen, fake_seen.detach()]), twice)
        real_scores, fake_scores = both.chunk(2)
        critic_loss = self.loss.critic(real_scores, fake_scores)
        total = critic_loss
        if penalised:
            rows = real_seen, fake_seen.detach()
            penalties = [self.loss.penalty(judge, *rows, batch.condition) for judge in self.judges]
            total = total + self.loss.every * sum(penalties)
        self._improve(total, self.state.critic_parameters, self.state.optimisers[1])

        # --- generator: against the updated critics --------------------------------------------
        fake_scores = self._scores(fake_seen, batch.condition)
        generator_loss = self.loss.generator(real_scores.detach(), fake_scores)
        self._improve(
            generator_loss + extra, self.state.generator_parameters, self.state.optimisers[0]
        )
        found = critic_loss, generator_loss, real_scores, fake_scores
        return Outcome(*(tensor.detach() for tensor in found))

    def _scores(self, rows, condition):
        return torch.stack([judge(rows, condition) for judge in self.judges], dim=1)

    def _improve(self, loss, parameters, optimiser):
        optimiser.zero_grad(set_to_none=True)
        loss.backward(inputs=parameters)
        self.team.add_up(parameters)
        optimiser.step()


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

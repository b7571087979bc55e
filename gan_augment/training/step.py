"""One step of the game: the critics', then the generator's, on one batch."""

from dataclasses import dataclass

import torch


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

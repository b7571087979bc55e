"""What the adversarial generators have in common: how a game is played to its end."""

from gan_augment.exceptions import InputError
from gan_augment.process.callbacks import slice_reporter
from gan_augment.training.checkpoint import Checkpoint, fingerprint
from gan_augment.training.loop import train_gan
from gan_augment.training.team import current_team


def trained(gan, game, generator, critics, loss, config, draws):
    """Train a generator as the parameters of ``gan`` ask.

    Parameters
    ----------
    gan : estimator
        Its ``n_steps_``, ``time_budget`` and ``checkpoint``; it reports its progress to callbacks.
    game, generator, critics, loss, config
        See :func:`gan_augment.training.loop.train_gan`.
    draws : torch.Generator
        The source of all randomness of the game.

    Returns
    -------
    generator : torch.nn.Module
        Averaged, on the CPU, and done with training.
    history : History
    """
    checkpoint, team = None, current_team()
    if gan.checkpoint is not None or team.size > 1:
        networks = [p for network in (generator, *critics) for p in network.state_dict().values()]
        settings = config, loss, gan.n_steps_, gan.time_budget, gan.locality_, draws.device.type
        rows = game.real, game.real_index.order, game.real_index.sizes
        # the first networks and the generator's state depend on the seed
        mark = fingerprint(*rows, *networks, draws.get_state(), *settings)
        if not team.same(mark):
            raise InputError(
                f"The {team.size} processes of this training were given different data, "
                "parameters or random_state: pass the same to all, also the same versions of "
                "numpy and torch."
            )
    if gan.checkpoint is not None:
        checkpoint = Checkpoint(gan.checkpoint, mark, team)
    left = gan.n_steps_ if checkpoint is None else checkpoint.steps_left(gan.n_steps_)
    if 0 < left < gan.n_steps_ and hasattr(game, "seek"):  # a game that changes as it is played
        game.seek(gan.n_steps_ - left)
    averaged, history = train_gan(
        game,
        generator,
        critics,
        loss,
        config,
        n_steps=gan.n_steps_,
        rng=draws,
        time_budget=gan.time_budget,
        on_check=slice_reporter(gan, -(-left // config.check_every)) if team.first else None,
        checkpoint=checkpoint,
        team=team,
    )
    return averaged.cpu().requires_grad_(False), history

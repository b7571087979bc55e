"""What the adversarial generators have in common: how a game is played to its end."""

from gan_augment.callbacks import slice_reporter
from gan_augment.training.loop import train_gan


def trained(gan, game, generator, critics, loss, config, draws):
    """Train a generator as the parameters of ``gan`` ask.

    Parameters
    ----------
    gan : estimator
        Its ``n_steps_`` and ``time_budget``; it reports its progress to callbacks.
    game, generator, critics, loss, config
        See :func:`gan_augment.training.loop.train_gan`.
    draws : torch.Generator

    Returns
    -------
    generator : torch.nn.Module
        Averaged, on the CPU, and done with training.
    history : History
    """
    averaged, history = train_gan(
        game,
        generator,
        critics,
        loss,
        config,
        n_steps=gan.n_steps_,
        rng=draws,
        time_budget=gan.time_budget,
        on_check=slice_reporter(gan, -(-gan.n_steps_ // config.check_every)),
    )
    return averaged.cpu().requires_grad_(False), history

"""Where a table's arrays become tensors: TabularGAN's training and sampling with torch."""

from functools import partial

import numpy as np
import torch

from gan_augment.generators.adversarial import trained
from gan_augment.generators.fed_game import FedGame
from gan_augment.generators.table_game import RowGame, draw_keep, real_share
from gan_augment.nn.layers import one_hot
from gan_augment.nn.losses import DualCriticsLoss, RelativisticLoss
from gan_augment.nn.table import RowCritic, RowGenerator, RowLayout
from gan_augment.training.config import TrainingConfig
from gan_augment.training.devices import device_named, private_generator
from gan_augment.training.state import History
from gan_augment.training.threads import one_thread

RESIDUAL = 0.1
RESIDUAL_ROWS = 500
PRIOR_ROWS = 20_000


def train_rows(gan, matrix, groups, rng, feed=None):
    """Train a row generator for ``gan`` on encoded rows; returns it and the history.

    With a `RowFeed` the rows are the first pool of the game, and no more than a sample.

    Without steps, or without anything to learn, the generator is None: the prior alone.
    """
    if gan.n_steps_ == 0 or not gan.codec_.width_:
        return None, History()
    config = gan.config or TrainingConfig()
    device = device_named(gan.device)
    seeds = private_generator(rng)
    n, n_groups = gan.n_rows_, len(gan.group_counts_)
    layout = RowLayout(gan.codec_.blocks_)
    with one_thread():
        generator = new_generator(gan, seeds, n_rows=n).to(device)
        critics = [
            RowCritic(
                layout.width, n_conditions=n_groups, hidden_dim=config.hidden_dim, rng=seeds
            ).to(device)
            for _ in range(gan.n_critics)
        ]
        prior_groups = rng.choice(n_groups, size=min(max(4 * n, 2000), PRIOR_ROWS))
        prior = gan.prior_.sample(prior_groups, rng)
        draws = private_generator(rng, device)
        make_game = RowGame
        if feed is not None:
            make_game = partial(FedGame, feed=feed, counts=gan.group_counts_)
        game = make_game(
            layout.to(device),
            *(torch.as_tensor(a, device=device) for a in (matrix, groups, prior, prior_groups)),
            n_classes=n_groups,
            locality=gan.locality_,
            config=config,
            rng=draws,
        )
        loss = gan.loss or (DualCriticsLoss() if gan.n_critics == 2 else RelativisticLoss())
        return trained(gan, game, generator, critics, loss, config, draws)


def new_generator(gan, rng, n_rows, layout=None):
    """An untrained row generator for what ``gan`` has seen of its table."""
    config = gan.config or TrainingConfig()
    return RowGenerator(
        layout or RowLayout(gan.codec_.blocks_),
        n_conditions=len(gan.group_counts_),
        latent_dim=config.latent_dim,
        hidden_dim=config.hidden_dim,
        local=gan.locality_ >= 1,
        residual=RESIDUAL * n_rows / (n_rows + RESIDUAL_ROWS),
        rng=rng,
    )


@torch.no_grad()
def draw_rows(gan, groups, rng):
    """Encoded rows of the groups asked for, float32 of shape (n, width)."""
    *weights, game = gan.shares()[0]  # the same for all groups
    played = rng.random(len(groups)) < game
    rows = np.empty((len(groups), gan.codec_.width_), dtype=np.float32)
    if not played.all():
        rows[~played] = gan.prior_.sample(groups[~played], rng, weights)
    if played.any():
        rows[played] = _play(gan, groups[played], rng)
    return rows


def _play(gan, groups, rng):
    """Rows of the game: from starting rows of the groups, of which part is kept."""
    anchored = rng.random(len(groups)) < real_share(gan.locality_)
    start = np.empty((len(groups), gan.codec_.width_), dtype=np.float32)
    start[anchored] = gan.prior_.real(groups[anchored], rng)
    start[~anchored] = gan.prior_.sample(groups[~anchored], rng)
    draws = private_generator(rng)
    condition = one_hot(torch.as_tensor(groups), len(gan.group_counts_))
    with one_thread():
        keep = draw_keep(gan.locality_, torch.from_numpy(anchored), len(gan.codec_.blocks_), draws)
        rows, _ = gan.module_.rows(torch.from_numpy(start), keep, condition, draws)
    return rows.numpy()

"""Where a table's arrays become tensors: TabularGAN's training and sampling with torch."""

import numpy as np
import torch
from torch.nn import functional

from gan_augment.callbacks import slice_reporter
from gan_augment.exceptions import InputError
from gan_augment.generators.table_game import RowGame, draw_keep, real_share
from gan_augment.nn.losses import DualCriticsLoss, RelativisticLoss
from gan_augment.nn.table import RowCritic, RowGenerator, RowLayout
from gan_augment.randomness import draw_seed
from gan_augment.training.config import TrainingConfig
from gan_augment.training.loop import History, train_gan
from gan_augment.training.threads import one_thread

RESIDUAL = 0.1
RESIDUAL_ROWS = 500
PRIOR_ROWS = 20_000


def train_rows(gan, matrix, groups, rng):
    """Train a row generator for ``gan`` on encoded rows; returns it and the history.

    Without steps, or without anything to learn, the generator is None: the prior alone.
    """
    if gan.n_steps_ == 0 or not gan.codec_.width_:
        return None, History()
    config = gan.config or TrainingConfig()
    device = _device(gan.device)
    seeds = _private_generator(rng)
    n, n_groups = len(matrix), len(gan.group_counts_)
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
        draws = _private_generator(rng, device)
        game = RowGame(
            layout.to(device),
            *(torch.as_tensor(a, device=device) for a in (matrix, groups, prior, prior_groups)),
            n_classes=n_groups,
            locality=gan.locality_,
            config=config,
            rng=draws,
        )
        loss = gan.loss or (DualCriticsLoss() if gan.n_critics == 2 else RelativisticLoss())
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


def new_generator(gan, rng, n_rows):
    """An untrained row generator for what ``gan`` has seen of its table."""
    config = gan.config or TrainingConfig()
    return RowGenerator(
        RowLayout(gan.codec_.blocks_),
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
    shares = gan.shares()
    played = rng.random(len(groups)) < shares[groups, 3]
    rows = np.empty((len(groups), gan.codec_.width_), dtype=np.float32)
    if not played.all():
        # classes differ in the game's share alone
        weights = shares[shares[:, 3].argmin(), :3]
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
    draws = _private_generator(rng)
    condition = functional.one_hot(torch.as_tensor(groups), len(gan.group_counts_)).float()
    with one_thread():
        keep = draw_keep(gan.locality_, torch.from_numpy(anchored), len(gan.codec_.blocks_), draws)
        rows, _ = gan.module_.rows(torch.from_numpy(start), keep, condition, draws)
    return rows.numpy()


def _private_generator(rng, device="cpu"):
    """A torch generator of its own, seeded from ``rng``; torch's global one is left alone."""
    return torch.Generator(device).manual_seed(draw_seed(rng))


def _device(name):
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError('device="cuda" but torch sees no GPU: pass device="auto" or "cpu".')
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(name)

"""Where a table's arrays become tensors: TabularGAN's training and sampling with torch."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from gan_augment.generators.adversarial import ClassIndex, train_adversarially
from gan_augment.nn.layers import one_hot
from gan_augment.nn.losses import DualCriticsLoss, RelativisticLoss
from gan_augment.nn.table import RowCritic, RowGenerator, RowLayout
from gan_augment.process.state import torch_defaults
from gan_augment.training.config import TrainingConfig
from gan_augment.training.devices import device_named, private_generator
from gan_augment.training.loop import History, TrainingTask

COLLAPSE = 0.01
CHECK_ROWS = 512
LOG_CHANCE = -20.0
PRINCIPAL_ROWS = 2000
MAX_DIRECTIONS = 256
WIDE = 512


@dataclass(frozen=True)
class RowBatch:
    """Rows of one step; ``anchored`` marks those that start from the very row they face."""

    real: torch.Tensor
    condition: torch.Tensor
    start: torch.Tensor
    keep: torch.Tensor
    anchored: torch.Tensor


def real_share(locality):
    """Share of rows that start from a real row, part of which is then generated."""
    return min(1.0, 2 * (1 - locality))


def draw_keep(locality, real_start, n_blocks, rng):
    """Which blocks of each starting row are kept, (n, n_blocks) of 0 and 1.

    ``locality`` is a number, or one number a row, shape (n, 1).
    """
    n, device = len(real_start), real_start.device
    keep = torch.rand(n, n_blocks, generator=rng, device=device) < locality
    if n_blocks and len(real_start):
        one = torch.randint(n_blocks, (n, 1), generator=rng, device=device)
        keep &= ~(real_start[:, None] & (one == torch.arange(n_blocks, device=device)))
    return keep.float()


class RowTask(TrainingTask):
    """Batches and auxiliary losses for :func:`gan_augment.training.loop.train_gan`.

    Parameters
    ----------
    layout : RowLayout
    real, classes : tensors of shape (n, width) and (n,)
    prior, prior_classes : tensors of shape (m, width) and (m,)
    n_classes : int
    locality : float in [0, 1]
    config : TrainingConfig
    rng : torch.Generator
    """

    def __init__(
        self, layout, real, classes, prior, prior_classes, *, n_classes, locality, config, rng
    ):
        self.layout, self.config, self.locality, self.rng = layout, config, locality, rng
        self.real, self.prior = real, prior
        self.real_index = ClassIndex(classes, n_classes)
        self.prior_index = ClassIndex(prior_classes, n_classes)
        self.n_classes = n_classes
        self.real_share = real_share(locality)
        self.classes = classes
        self._weigh(self.real_index.sizes)
        self.batch_size = min(config.batch_size, max(len(real) // 3, 16))
        self.directions, self.spread = _principal_directions(real)

    def _weigh(self, counts):
        """Say how often classes of so many rows are met, and each real row of them."""
        # half as often as seen, half equally often: rare classes are learnt, common ones not lost
        seen = counts / counts.sum()
        self.class_shares = 0.5 * seen + 0.5 * (seen > 0).float() / (seen > 0).sum()
        self.row_weights = (self.class_shares / self.real_index.sizes.clamp(min=1))[self.classes]

    def draw_batch(self):
        n = self.batch_size
        # half the rows hide as much as sampling will, half any share: easier and harder puzzles
        share = torch.rand(n, 1, generator=self.rng, device=self.real.device)
        share[: n // 2] = self.locality
        return self._batch(share if self.locality < 1 else torch.ones_like(share))

    def _batch(self, share):
        """Rows which keep each block with the probability ``share``, (n, 1)."""
        n, rng, device = len(share), self.rng, self.real.device
        codes = torch.multinomial(self.class_shares, n, replacement=True, generator=rng)
        real = self.real[self.real_index.draw(codes, rng)]
        start = self.prior[self.prior_index.draw(codes, rng)]
        anchored = torch.rand(n, generator=rng, device=device) < self.real_share
        start = torch.where(anchored[:, None], real, start)
        keep = draw_keep(share, anchored, self.layout.n_blocks, rng)
        condition = one_hot(codes, self.n_classes)
        return RowBatch(real, condition, start, keep, anchored)

    def generate(self, generator, batch):
        rows, logits = generator.rows(batch.start, batch.keep, batch.condition, self.rng)
        extra = self.config.moment_weight * self._moments(rows, batch.real)
        if logits is not None and self.locality < 1:
            extra = extra + self.config.reconstruction_weight * self._restored(logits, batch)
        return rows, extra

    def _moments(self, rows, real):
        """Squared differences of means and standard deviations in principal directions."""
        fake, true = rows @ self.directions, real @ self.directions
        mean = ((fake.mean(0) - true.mean(0)) / self.spread).square().mean()
        return mean + ((_spread(fake) - _spread(true)) / self.spread).square().mean()

    def _restored(self, logits, batch):
        """Cross-entropy of hidden categories of real rows, given what these rows kept."""
        places = self.layout.places
        hidden = (1 - self.layout.spread(batch.keep))[:, places] * batch.anchored[:, None]
        target = batch.real[:, places] * hidden
        log_p = self.layout.log_softmax(logits)
        return -(target * log_p).sum() / target.sum().clamp(min=1)

    @torch.no_grad()
    def find_collapse(self, generator):
        """None, or in words how the generator has collapsed."""
        share = torch.full((CHECK_ROWS, 1), float(self.locality), device=self.real.device)
        batch = self._batch(share)
        rows, _ = generator.rows(batch.start, batch.keep, batch.condition, self.rng)
        if not torch.isfinite(rows).all():
            return "generated rows are not finite"
        for i, block in enumerate(self.layout.blocks):
            if self._collapsed(rows[:, block.start : block.stop], block):
                return f"generated rows no longer vary in block {i} ({block.activation})"
        return None

    def _collapsed(self, made, block):
        """Whether a score's spread is gone, or one category has taken all of a stretch."""
        weights, real = self.row_weights, self.real[:, block.start : block.stop]
        shares = weights @ real
        if block.activation == "score":
            spread = (weights @ (real - shares).square()).sqrt()
            # beyond the scores seen, all decode to the column's bound
            made = made.clamp(real.min(), real.max())
            return bool(made.std() < COLLAPSE * spread)
        # not by chance: so many rows in a row of even the commonest category
        log_chance = len(made) * shares.max().clamp(1e-6, 1).log()
        return bool(made.mean(0).max() > 0.9999 and log_chance < LOG_CHANCE)


def _spread(values):
    """Standard deviation, with a finite gradient where nothing varies."""
    return (values.var(0) + 1e-8).sqrt()


def _principal_directions(real):
    """The first principal directions of some rows, and the spread along each.

    Where one-hot stretches make rows wide, fewer rows are looked at and minor directions left
    out: the cost of a decomposition grows with the square of the one, of a step with the other.
    """
    rows = real[: PRINCIPAL_ROWS if real.shape[1] <= WIDE else WIDE]
    centred = rows - rows.mean(0)
    _, values, vectors = torch.linalg.svd(centred, full_matrices=False)
    spread = values[:MAX_DIRECTIONS] / max(len(rows) - 1, 1) ** 0.5
    keep = spread > 1e-3
    return vectors[:MAX_DIRECTIONS][keep].T.contiguous(), spread[keep]


#: Steps between two refills, each of which replaces this part of the pool.
REFILL_STEPS, REFILL_SHARE = 50, 1 / 8


class StreamedRowTask(RowTask):
    """A task whose real rows are replaced, a part every few steps, by others of the same classes.

    Parameters
    ----------
    *args, **kwargs
        Of `RowTask`; the real rows are the first pool.
    feed : RowFeed
    counts : ndarray of int64 of shape (n_classes,)
        Rows of each class in the whole table, of which the pool has more of rare classes.
    """

    changes = True

    def __init__(self, *args, feed, counts, **kwargs):
        super().__init__(*args, **kwargs)
        self.feed, self.step = feed, 0
        self._weigh(torch.as_tensor(counts, device=self.real.device))

    def draw_batch(self):
        if self.step and self.step % REFILL_STEPS == 0:
            self._refill()
        self.step += 1
        return super().draw_batch()

    def skip_to(self, step):
        """Make the pool what it is after so many steps, at the start of a run that goes on."""
        for _ in range((step - 1) // REFILL_STEPS if step else 0):
            self._refill()
        self.step = step

    def _refill(self):
        matrix, groups = self.feed.draw(int(REFILL_SHARE * len(self.real)))
        starts, sizes = (t.cpu().numpy() for t in (self.real_index.starts, self.real_index.sizes))
        for group in np.unique(groups[self.feed.partly[groups]]):
            new = np.flatnonzero(groups == group)[: sizes[group]]
            places = self.feed.rng.choice(int(sizes[group]), len(new), replace=False)
            rows = self.real_index.order[
                torch.from_numpy(starts[group] + places).to(self.real.device)
            ]
            self.real[rows] = torch.from_numpy(matrix[new]).to(self.real.device)


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
    with torch_defaults():
        layout = RowLayout(gan.codec_.blocks_)
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
        new_task = RowTask
        if feed is not None:
            new_task = partial(StreamedRowTask, feed=feed, counts=gan.group_counts_)
        task = new_task(
            layout.to(device),
            *(torch.as_tensor(a, device=device) for a in (matrix, groups, prior, prior_groups)),
            n_classes=n_groups,
            locality=gan.locality_,
            config=config,
            rng=draws,
        )
        loss = gan.loss or (DualCriticsLoss() if gan.n_critics == 2 else RelativisticLoss())
        return train_adversarially(gan, task, generator, critics, loss, config, draws)


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
    with torch_defaults(), torch.no_grad():
        condition = one_hot(torch.as_tensor(groups), len(gan.group_counts_))
        keep = draw_keep(gan.locality_, torch.from_numpy(anchored), len(gan.codec_.blocks_), draws)
        rows, _ = gan.module_.rows(torch.from_numpy(start), keep, condition, draws)
    return rows.numpy()

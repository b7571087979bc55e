"""What TabularGAN trains on: batches, auxiliary losses, checks for collapse, streamed rows.

A batch pairs real rows with starting rows of the same classes. The generator keeps part of each
starting row and completes the rest; the critic, in :mod:`gan_augment.training.loop`, compares the
two. Rows are held as numbers and codes, and widened for the networks a batch at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from gan_augment.encoding.rows import EncodedRows
from gan_augment.generators.adversarial import ClassIndex
from gan_augment.nn.layers import one_hot
from gan_augment.nn.table import RowCritic, RowGenerator, RowLayout
from gan_augment.process.state import torch_defaults
from gan_augment.training.config import TrainingConfig
from gan_augment.training.devices import private_generator
from gan_augment.training.loop import TrainingTask

#: A score has collapsed below this share of its real spread.
COLLAPSE = 0.01
#: Rows generated to look for a collapse, and the log-probability below which it is no accident.
CHECK_ROWS, LOG_CHANCE = 512, -20.0
#: Rows whose principal directions are found, and their number; of rows wider than `WIDE`, so many.
PRINCIPAL_ROWS, MAX_DIRECTIONS, WIDE = 2000, 256, 512
#: Numbers that the rows of a batch may have together, which bounds memory; and the fewest rows.
BATCH_NUMBERS, FEWEST_WIDE_ROWS = 2**19, 64
#: Steps between two refills of a pool, and the part of it that each of them replaces.
REFILL_STEPS, REFILL_SHARE = 50, 1 / 8
#: How far the generator may move what it keeps, and the rows at which it may move half as far.
RESIDUAL, RESIDUAL_ROWS = 0.1, 500


@dataclass(frozen=True)
class RowBatch:
    """Rows of one step in their wide form.

    ``anchored`` marks those whose starting row is the very real row they are compared with.
    """

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

    ``locality`` is a number, or one number a row, shape (n, 1). Of a real row at least one block
    is not kept.
    """
    n, device = len(real_start), real_start.device
    keep = torch.rand(n, n_blocks, generator=rng, device=device) < locality
    if n_blocks and len(real_start):
        one = torch.randint(n_blocks, (n, 1), generator=rng, device=device)
        keep &= ~(real_start[:, None] & (one == torch.arange(n_blocks, device=device)))
    return keep.float()


class RowTask(TrainingTask):
    """Batches and auxiliary losses for :func:`gan_augment.training.loop.train_gan`.

    `real` and `prior`, the starting rows, are EncodedRows of tensors, with a class each.
    """

    def __init__(
        self, layout, real, classes, prior, prior_classes, *, n_classes, locality, config, rng
    ):
        self.layout, self.config, self.locality, self.rng = layout, config, locality, rng
        self.real, self.prior = real, prior
        self.device = classes.device
        self.real_index = ClassIndex(classes, n_classes)
        self.prior_index = ClassIndex(prior_classes, n_classes)
        self.n_classes = n_classes
        self.real_share = real_share(locality)
        self.classes = classes
        self._weigh(self.real_index.sizes)
        self.batch_size = min(config.batch_size, max(len(real) // 3, 16), _rows_of(layout.width))
        self.directions, self.spread = self._principal_directions()

    def _weigh(self, counts):
        """Say how often classes of so many rows are met, and each real row of them."""
        # half as often as seen, half equally often: rare classes are learnt, common ones not lost
        seen = counts / counts.sum()
        self.class_shares = 0.5 * seen + 0.5 * (seen > 0).float() / (seen > 0).sum()
        self.row_weights = (self.class_shares / self.real_index.sizes.clamp(min=1))[self.classes]

    def _principal_directions(self):
        """The first principal directions of some real rows, and the spread along each.

        Of wide rows fewer are looked at and minor directions left out: the cost of a decomposition
        grows with the square of the one, of a step with the other.
        """
        n = PRINCIPAL_ROWS if self.layout.width <= WIDE else WIDE
        rows = self._wide(self.real, slice(n))
        rows -= rows.mean(0)
        _, values, vectors = torch.linalg.svd(rows, full_matrices=False)
        spread = values[:MAX_DIRECTIONS] / max(len(rows) - 1, 1) ** 0.5
        keep = spread > 1e-3
        return vectors[:MAX_DIRECTIONS][keep].T.contiguous(), spread[keep]

    def _wide(self, rows, index):
        """Some of the rows, in their wide form."""
        return self.layout.widen(rows.numbers[index], rows.codes[index])

    def data(self):
        """Return the tensors that tell this training's rows from others."""
        index = self.real_index
        return self.real.numbers, self.real.codes, index.order, index.sizes

    def draw_batch(self):
        """Return the next batch."""
        n = self.batch_size
        # half the rows keep as much as in sampling, half a random share: easier and harder ones
        share = torch.rand(n, 1, generator=self.rng, device=self.device)
        share[: n // 2] = self.locality
        return self._batch(share if self.locality < 1 else torch.ones_like(share))

    def _batch(self, share):
        """Rows which keep each block with the probability ``share``, (n, 1)."""
        n, rng = len(share), self.rng
        codes = torch.multinomial(self.class_shares, n, replacement=True, generator=rng)
        real = self._wide(self.real, self.real_index.draw(codes, rng))
        start = self._wide(self.prior, self.prior_index.draw(codes, rng))
        anchored = torch.rand(n, generator=rng, device=self.device) < self.real_share
        start = torch.where(anchored[:, None], real, start)
        keep = draw_keep(share, anchored, self.layout.n_blocks, rng)
        return RowBatch(real, one_hot(codes, self.n_classes), start, keep, anchored)

    def generate(self, generator, batch):
        """Return generated rows and the auxiliary losses of the generator."""
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
        hidden = (1 - batch.keep) * batch.anchored[:, None]
        target = batch.real[:, places].mul_(hidden[:, self.layout.block_of[places]])
        log_p = self.layout.log_softmax(logits)
        return -(target * log_p).sum() / target.sum().clamp(min=1)

    @torch.no_grad()
    def find_collapse(self, generator):
        """None, or in words how the generator has collapsed."""
        n = min(CHECK_ROWS, 2 * _rows_of(self.layout.width))
        share = torch.full((n, 1), float(self.locality), device=self.device)
        batch = self._batch(share)
        rows, _ = generator.rows(batch.start, batch.keep, batch.condition, self.rng)
        if not torch.isfinite(rows).all():
            return "generated rows are not finite"
        numbers, codes = iter(self.real.numbers.T), iter(self.real.codes.T)
        number = None
        for i, block in enumerate(self.layout.blocks):
            made = rows[:, block.start : block.stop]
            if block.activation == "score":
                number = next(numbers)
                collapsed = self._score_collapsed(made, number.nan_to_num(nan=0.0))
            else:
                missing = block.activation == "missing"
                seen = torch.isnan(number) if missing else next(codes)
                collapsed = self._category_collapsed(made, seen)
            if collapsed:
                return f"generated rows no longer vary in block {i} ({block.activation})"
        return None

    def _score_collapsed(self, made, real):
        """Whether the spread of a score is gone."""
        mean = self.row_weights @ real
        spread = (self.row_weights @ (real - mean).square()).sqrt()
        # beyond the scores seen, all decode to the column's bound
        made = made.clamp(real.min(), real.max())
        return bool(made.std() < COLLAPSE * spread)

    def _category_collapsed(self, made, real):
        """Whether one category has taken all of a stretch."""
        shares = self.row_weights.new_zeros(made.shape[1])
        shares.index_add_(0, real.long(), self.row_weights)
        # not by chance: so many rows in a row of even the commonest category
        log_chance = len(made) * shares.max().clamp(1e-6, 1).log()
        return bool(made.mean(0).max() > 0.9999 and log_chance < LOG_CHANCE)


class StreamedRowTask(RowTask):
    """A task whose real rows are replaced, a part every few steps, by others of the same classes.

    The real rows are the first pool, of a `RowStream`; `counts` are the rows of each class in the
    whole table, of which the pool has more of rare classes.
    """

    changes = True

    def __init__(self, *args, stream, counts, **kwargs):
        super().__init__(*args, **kwargs)
        # the first pool is also the rows of the prior, which stay
        self.real = EncodedRows(self.real.numbers.clone(), self.real.codes.clone())
        self.stream, self.step = stream, 0
        self._weigh(torch.as_tensor(counts, device=self.device))

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
        rows, groups = self.stream.draw(int(REFILL_SHARE * len(self.real)))
        starts, sizes = (t.cpu().numpy() for t in (self.real_index.starts, self.real_index.sizes))
        for group in np.unique(groups[self.stream.partly[groups]]):
            new = np.flatnonzero(groups == group)[: sizes[group]]
            places = self.stream.rng.choice(int(sizes[group]), len(new), replace=False)
            places = torch.from_numpy(starts[group] + places).to(self.device)
            self.real.put(self.real_index.order[places], as_tensors(rows.take(new), self.device))


def _rows_of(width):
    """The most rows of a batch whose rows are so wide."""
    return max(FEWEST_WIDE_ROWS, BATCH_NUMBERS // max(width, 1))


def _spread(values):
    """Standard deviation, with a finite gradient where nothing varies."""
    return (values.var(0) + 1e-8).sqrt()


def as_tensors(rows: EncodedRows, device="cpu") -> EncodedRows:
    """Return encoded rows as tensors on a device."""
    numbers, codes = (torch.as_tensor(a, device=device) for a in (rows.numbers, rows.codes))
    return EncodedRows(numbers, codes)


def new_generator(
    layout: RowLayout, rng, *, n_groups: int, n_rows: int, locality: float, config: TrainingConfig
) -> RowGenerator:
    """Return an untrained generator for a table of so many rows in so many groups."""
    return RowGenerator(
        layout,
        n_conditions=n_groups,
        latent_dim=config.latent_dim,
        hidden_dim=config.hidden_dim,
        local=locality >= 1,
        residual=RESIDUAL * n_rows / (n_rows + RESIDUAL_ROWS),
        rng=rng,
    )


def new_critic(layout: RowLayout, rng, *, n_groups: int, config: TrainingConfig) -> RowCritic:
    """Return an untrained critic."""
    return RowCritic(layout.width, n_conditions=n_groups, hidden_dim=config.hidden_dim, rng=rng)


def generated_rows(generator, start, anchored, groups, *, n_groups, locality, rng) -> EncodedRows:
    """Return the rows that a trained generator, on the CPU, makes of starting rows.

    Those in `anchored` are real ones; `locality` is the share of the blocks that are kept.
    """
    with torch_defaults():
        draws = private_generator(rng)
        condition = one_hot(torch.as_tensor(groups), n_groups)
        n_blocks = generator.layout.n_blocks
        keep = draw_keep(locality, torch.from_numpy(anchored), n_blocks, draws)
        start = as_tensors(start)
        numbers, codes = generator.sample(start.numbers, start.codes, keep, condition, draws)
    return EncodedRows(numbers.numpy(), codes.numpy())

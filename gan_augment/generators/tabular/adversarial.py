"""What TabularGAN trains on: batches, auxiliary losses, checks for collapse, streamed rows.

A batch pairs real rows with starting rows of the same classes. The generator keeps part of each
starting row and completes the rest; the critic, in :mod:`gan_augment.training.loop`, compares the
two. Rows are held as numbers and codes, and widened for the networks a batch at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from gan_augment.encoding.rows import EncodedRows
from gan_augment.generators.adversarial import ClassIndex
from gan_augment.nn.completion import Choices, RowCompletion
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
#: Steps of a network that completes rows, of which one is against the critics.
CRITIC_EVERY = 20


@dataclass(frozen=True)
class RowBatch:
    """Rows of one step in their wide form.

    ``keep`` says which columns of ``start``, the starting rows, are kept.
    """

    real: torch.Tensor
    condition: torch.Tensor
    start: torch.Tensor
    keep: torch.Tensor


def draw_known(n, n_columns, rng, device):
    """Which columns a network that completes rows is told, from none to all but one."""
    order = torch.rand(n, n_columns, generator=rng, device=device).argsort(1).argsort(1)
    known = torch.rand(n, 1, generator=rng, device=device) * n_columns
    return (order < known.floor()).float()


class RowTask(TrainingTask):
    """Batches and auxiliary losses for :func:`gan_augment.training.loop.train_gan`.

    `real` and `prior`, the starting rows, are EncodedRows of tensors, with a class each.
    """

    def __init__(
        self, layout, real, classes, prior, prior_classes, *, n_classes, locality, config, rng
    ):
        self.layout, self.config, self.rng, self.local = layout, config, rng, locality >= 1
        self.n_columns = sum(block.activation != "missing" for block in layout.blocks)
        self.critic_every = 1 if self.local else CRITIC_EVERY
        self.real, self.prior = real, prior
        self.device = classes.device
        self.real_index = ClassIndex(classes, n_classes)
        self.prior_index = ClassIndex(prior_classes, n_classes)
        self.n_classes = n_classes
        self.classes = classes
        self._weigh(self.real_index.sizes)
        widest = max(layout.width, 0 if self.local else layout.n_choices)
        self.batch_size = min(config.batch_size, max(len(real) // 3, 16), _rows_of(widest))
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

    def some_rows(self):
        """Return real rows in their wide form, from which the shares of categories are read."""
        return self._wide(self.real, slice(PRINCIPAL_ROWS))

    def data(self):
        """Return the tensors that tell this training's rows from others."""
        index = self.real_index
        return self.real.numbers, self.real.codes, index.order, index.sizes

    def draw_batch(self):
        """Return the next batch."""
        return self._batch(self.batch_size)

    def _batch(self, n):
        """Real rows and starting rows of the same classes, a local network keeps all of these."""
        rng = self.rng
        codes = torch.multinomial(self.class_shares, n, replacement=True, generator=rng)
        at = self.real_index.draw(codes, rng)
        real = self.layout.widen(self.real.numbers[at], self.real.codes[at])
        condition = functional.one_hot(codes, self.n_classes).float()
        if self.local:
            start = self._wide(self.prior, self.prior_index.draw(codes, rng))
            return RowBatch(real, condition, start, start.new_ones(n, self.n_columns))
        known = draw_known(n, self.n_columns, rng, self.device)
        return RowBatch(real, condition, real, known)

    def generate(self, generator, batch):
        """Return generated rows and the auxiliary losses of the generator."""
        if self.local:
            rows = generator.rows(batch.start, batch.condition, self.rng)
            return rows, self.config.moment_weight * self._moments(rows, batch.real)
        rows, logits = self._completed(generator, batch)
        extra = self.config.moment_weight * self._moments(rows, batch.real)
        lost = generator.lost(logits, batch.real, 1 - batch.keep)
        return rows, extra + self.config.reconstruction_weight * lost

    def _completed(self, generator, batch):
        """Rows completed in two rounds, the second with a gradient; the logits of the first."""
        rows, logits = generator.rows(batch.start, batch.keep, batch.condition, self.rng)
        share = torch.rand(len(rows), 1, generator=self.rng, device=self.device)
        more = torch.rand(batch.keep.shape, generator=self.rng, device=self.device) < share
        keep = torch.maximum(batch.keep, more.float())
        rows, _ = generator.rows(rows.detach(), keep, batch.condition, self.rng)
        return rows, logits

    def complete(self, generator, batch):
        """Return the loss of restoring what is hidden."""
        logits = generator(batch.start, batch.keep, batch.condition)
        return generator.lost(logits, batch.real, 1 - batch.keep)

    def _moments(self, rows, real):
        """Squared differences of means and standard deviations in principal directions."""
        fake, true = rows @ self.directions, real @ self.directions
        mean = ((fake.mean(0) - true.mean(0)) / self.spread).square().mean()
        return mean + ((_spread(fake) - _spread(true)) / self.spread).square().mean()

    @torch.no_grad()
    def find_collapse(self, generator):
        """None, or in words how the generator has collapsed."""
        n = min(CHECK_ROWS, 2 * _rows_of(self.layout.width))
        batch = self._batch(n)
        if self.local:
            rows = told = generator.rows(batch.start, batch.condition, self.rng)
        else:  # whole rows
            nothing = 0 * batch.keep
            rows, told = generator.rows(batch.start, nothing, batch.condition, self.rng)
        if not torch.isfinite(told).all():
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
    layout: Choices, rng, *, n_groups: int, n_rows: int, locality: float, config: TrainingConfig
) -> nn.Module:
    """Return an untrained generator for a table of so many rows in so many groups.

    It completes rows or, at locality 1, moves them.
    """
    if locality >= 1:
        return RowGenerator(
            layout,
            n_conditions=n_groups,
            latent_dim=config.latent_dim,
            hidden_dim=config.hidden_dim,
            residual=RESIDUAL * n_rows / (n_rows + RESIDUAL_ROWS),
            rng=rng,
        )
    return RowCompletion(
        layout,
        n_conditions=n_groups,
        hidden_dim=config.hidden_dim,
        rng=rng,
    )


def new_critic(layout: RowLayout, rng, *, n_groups: int, config: TrainingConfig) -> RowCritic:
    """Return an untrained critic."""
    return RowCritic(layout.width, n_conditions=n_groups, hidden_dim=config.hidden_dim, rng=rng)


def generated_rows(
    generator, start, keep, groups, *, n_groups, rounds, rng, whole=()
) -> EncodedRows:
    """Return the rows that a trained generator, on the CPU, makes of starting rows.

    `keep` says which columns are kept; the others are completed in so many rounds, those in
    `whole` with no missing cell.
    """
    with torch_defaults():
        draws = private_generator(rng)
        condition = functional.one_hot(torch.as_tensor(groups), n_groups).float()
        start = as_tensors(start)
        given = start.numbers, start.codes
        if isinstance(generator, RowGenerator):
            numbers, codes = generator.sample(*given, condition, draws)
        else:
            keep = torch.from_numpy(keep).float()
            numbers, codes = generator.sample(*given, keep, condition, draws, rounds, whole)
    return EncodedRows(numbers.numpy(), codes.numpy())

"""Generator and critic for rows of a table.

The networks see a row in its wide form, a float vector made of blocks: a normal *score* for a
number, a one-hot stretch (*softmax*) for a category, and two places (present, *missing*) after
the score of a column that has missing values. Encoded rows, numbers and codes, are widened a
batch at a time, as the wide form takes one place for each category of each column.
"""

import math

import torch
from torch import nn

from gan_augment.nn.layers import linear, multilayer

LOGIT_LIMIT = 12.0
KEPT_LOGIT = 6.0
#: Rows sampled at a time, and the numbers they may have together in their wide form.
PIECE_ROWS, PIECE_NUMBERS = 2048, 2**18


class RowLayout(nn.Module):
    """Where scores and one-hot stretches lie, as index tensors, given blocks of the wide form."""

    def __init__(self, blocks):
        super().__init__()
        width = blocks[-1].stop if blocks else 0
        block_of = torch.zeros(width, dtype=torch.long)
        is_score = torch.zeros(width, dtype=torch.bool)
        stretch_of, optional, present = [], [], []
        for i, block in enumerate(blocks):
            block_of[block.start : block.stop] = i
            is_score[block.start : block.stop] = block.activation == "score"
            if block.activation != "score":
                stretch = stretch_of[-1] + 1 if stretch_of else 0
                stretch_of += [stretch] * (block.stop - block.start)
            if block.activation == "missing":
                optional.append(blocks[i - 1].start)
                present.append(block.start)
        self.blocks, self.width = tuple(blocks), width
        n_stretches = stretch_of[-1] + 1 if stretch_of else 0
        stretch_of = torch.tensor(stretch_of, dtype=torch.long)
        for name, value in {
            "block_of": block_of,
            "scores": torch.nonzero(is_score).ravel(),
            "places": torch.nonzero(~is_score).ravel(),
            "stretch_of": stretch_of,
            "kept_weight": _kept_weights(blocks),
            "step": torch.where(is_score, 1.0, LOGIT_LIMIT),
            "optional": torch.tensor(optional, dtype=torch.long),
            "present": torch.tensor(present, dtype=torch.long),
        }.items():
            self.register_buffer(name, value)
        self.softmax = tuple(block for block in self.blocks if block.activation == "softmax")
        starts = present + [block.start for block in self.softmax]
        numbers = torch.nonzero(torch.isin(self.scores, self.optional)).ravel()
        self.register_buffer("starts", torch.tensor(starts, dtype=torch.long), persistent=False)
        self.register_buffer("optional_numbers", numbers, persistent=False)
        self.register_buffer("members", (stretch_of[:, None] == torch.arange(n_stretches)).float())

    def widen(self, numbers, codes):
        """Return encoded rows, NaN where a number is missing, in their wide form: (n, width)."""
        missing = torch.isnan(numbers)
        wide = numbers.new_zeros(len(numbers), self.width)
        wide.index_copy_(1, self.scores, numbers.masked_fill(missing, 0))
        codes = torch.cat([missing[:, self.optional_numbers].long(), codes.long()], dim=1)
        return wide.scatter_(1, codes + self.starts, 1)

    def narrow(self, wide):
        """Return wide rows as numbers and codes; of a stretch the largest place counts.

        NaN stands for a missing number, so a score that is no number becomes infinite.
        """
        numbers = wide[:, self.scores].nan_to_num(torch.inf, torch.inf, -torch.inf)
        missing = wide[:, self.present + 1] > wide[:, self.present]
        numbers[:, self.optional_numbers] += torch.where(missing, torch.nan, 0.0)
        codes = [wide[:, block.start : block.stop].argmax(1) for block in self.softmax]
        if not codes:
            return numbers, torch.empty(len(wide), 0, dtype=torch.long)
        return numbers, torch.stack(codes, dim=1)


class _StraightThrough(torch.autograd.Function):
    """Returns ``hard``, and hands the gradient on to ``soft``."""

    @staticmethod
    def forward(ctx, hard, soft):
        return hard

    @staticmethod
    def backward(ctx, gradient):
        return None, gradient


def log_softmax(logits, members):
    """Log-probabilities of bounded logits (n, places) within the stretches they are members of."""
    return logits - (logits.exp() @ members).log() @ members.T


def choose(logits, uniform, temperature, stretch_of, members):
    """One place of each stretch by the Gumbel-max trick, as one-hot rows.

    The forward value is exactly one-hot, the gradient that of the softmax of the same perturbed
    logits (straight through; Jang et al. 2017, arXiv:1611.01144).
    """
    noisy = logits - torch.log(uniform).neg_().log_()
    ids = stretch_of.expand(len(noisy), -1)
    best = noisy.new_full((len(noisy), members.shape[1]), -torch.inf)
    peak = best.scatter_reduce(1, ids, noisy.detach(), "amax").gather(1, ids)
    hard = (noisy >= peak).to(noisy.dtype)
    if not torch.is_grad_enabled():
        return hard
    soft = log_softmax((noisy - peak).clamp(min=-30) / temperature, members).exp()
    return _StraightThrough.apply(hard, soft)


def _kept_weights(blocks):
    """What a kept place is multiplied by: 1 for a score, for a category its logit.

    The logit grows with the stretch, so that a kept category is as likely in a long one.
    """
    weights = []
    for block in blocks:
        width = block.stop - block.start
        logit = KEPT_LOGIT + math.log(max(width - 1, 1))
        weights += [1.0 if block.activation == "score" else logit] * width
    return torch.tensor(weights, dtype=torch.float32)


class RowGenerator(nn.Module):
    """Moves starting rows a little, each block by a bounded residual.

    The residual is zero before training, so that an untrained generator returns the starting row.
    It bounds the move of a score, and is a factor of the logits of a stretch.
    """

    def __init__(self, layout, *, n_conditions, latent_dim, hidden_dim, residual, rng):
        super().__init__()
        self.layout, self.latent_dim = layout, latent_dim
        self.register_buffer("residual", torch.tensor(float(residual)))
        n_in = layout.width + latent_dim + n_conditions
        self.trunk = multilayer([n_in, hidden_dim, hidden_dim], rng)
        self.move = linear(hidden_dim, layout.width, rng, zero=True)

    def forward(self, start, noise, condition):
        """Raw outputs of shape (n, width): a score, or the logit of a category."""
        features = self.trunk(torch.cat([start, noise, condition], dim=1))
        move = self.residual * torch.tanh(self.move(features))
        return self.layout.kept_weight * start + self.layout.step * move

    def rows(self, start, condition, rng, temperature=0.5):
        """Generated rows (n, width), of which each category is drawn."""
        noise = torch.randn(len(start), self.latent_dim, generator=rng, device=start.device)
        return self._chosen(self(start, noise, condition), rng, temperature)

    @torch.no_grad()
    def sample(self, numbers, codes, condition, rng):
        """Numbers and codes of generated rows, from those of starting rows.

        The work is done in pieces, as the wide form takes much more memory than encoded rows.
        """
        n = len(numbers)
        noise = torch.randn(n, self.latent_dim, generator=rng)
        rows = min(PIECE_ROWS, max(1, PIECE_NUMBERS // max(self.layout.width, 1)))
        made = []
        for part in torch.arange(n).tensor_split(max(1, -(-n // rows))):
            wide = self.layout.widen(numbers[part], codes[part])
            wide = self(wide, noise[part], condition[part])
            made.append(self.layout.narrow(self._chosen(wide, rng)))
        numbers, codes = zip(*made, strict=True)
        return torch.cat(numbers), torch.cat(codes)

    def _chosen(self, row, rng, temperature=0.5):
        """Raw outputs with a category chosen in each stretch."""
        layout = self.layout
        if not len(layout.places):
            return row
        logits = row[:, layout.places]
        uniform = torch.rand(logits.shape, generator=rng, device=row.device)
        uniform.clamp_(1e-7, 1 - 1e-7)
        chosen = choose(logits, uniform, temperature, layout.stretch_of, layout.members)
        row = row.index_copy(1, layout.places, chosen)
        if len(layout.optional):
            present = row[:, layout.present]
            row = row.index_copy(1, layout.optional, row[:, layout.optional] * present)
        return row


class RowCritic(nn.Module):
    """Scores how real a row looks, given its class: (n, width), (n, classes) to (n,)."""

    def __init__(self, width, *, n_conditions, hidden_dim, rng):
        super().__init__()
        self.trunk = multilayer([width + n_conditions, hidden_dim, hidden_dim], rng)
        self.head = linear(hidden_dim, 1, rng)

    def forward(self, row, condition):
        return self.head(self.trunk(torch.cat([row, condition], dim=1))).squeeze(1)

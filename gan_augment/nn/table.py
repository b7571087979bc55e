"""Generator and critic for rows of a table.

A row is a float vector made of blocks: a normal *score* a number, a one-hot stretch (*softmax*) a
category, and a two-place *gate* (present, missing) after the score of a column that has missing
values.
"""

import math

import torch
from torch import nn

from gan_augment.nn.layers import linear, multilayer

SCORE_LIMIT = 4.5
LOGIT_LIMIT = 12.0
KEPT_LOGIT = 6.0
PIECE = 2048


class RowLayout(nn.Module):
    """Where scores and one-hot stretches lie, as index tensors.

    Parameters
    ----------
    blocks : sequence of objects with ``start``, ``stop`` and ``activation``
        ``activation`` is "score", "softmax" or "gate".
    """

    def __init__(self, blocks):
        super().__init__()
        width = blocks[-1].stop if blocks else 0
        block_of = torch.zeros(width, dtype=torch.long)
        is_score = torch.zeros(width, dtype=torch.bool)
        stretch_of, gated, gates = [], [], []
        for i, block in enumerate(blocks):
            block_of[block.start : block.stop] = i
            is_score[block.start : block.stop] = block.activation == "score"
            if block.activation != "score":
                stretch = stretch_of[-1] + 1 if stretch_of else 0
                stretch_of += [stretch] * (block.stop - block.start)
            if block.activation == "gate":
                gated.append(blocks[i - 1].start)
                gates.append(block.start)
        self.blocks, self.width, self.n_blocks = tuple(blocks), width, len(blocks)
        n_stretches = stretch_of[-1] + 1 if stretch_of else 0
        stretch_of = torch.tensor(stretch_of, dtype=torch.long)
        for name, value in {
            "block_of": block_of,
            "scores": torch.nonzero(is_score).ravel(),
            "places": torch.nonzero(~is_score).ravel(),
            "stretch_of": stretch_of,
            "kept_weight": _kept_weights(blocks),
            "limit": torch.where(is_score, SCORE_LIMIT, LOGIT_LIMIT),
            "step": torch.where(is_score, 1.0, LOGIT_LIMIT),
            "gated": torch.tensor(gated, dtype=torch.long),
            "gates": torch.tensor(gates, dtype=torch.long),
        }.items():
            self.register_buffer(name, value)
        self.register_buffer("members", (stretch_of[:, None] == torch.arange(n_stretches)).float())

    def spread(self, per_block):
        """Repeat one number a block over the block's places: (n, n_blocks) to (n, width)."""
        return per_block[:, self.block_of]

    def log_softmax(self, logits):
        """Log-probabilities within each stretch, (n, places); logits are already bounded."""
        total = logits.exp() @ self.members
        return logits - total.log() @ self.members.T

    def choose(self, logits, uniform, temperature):
        """One place of each stretch by the Gumbel-max trick, as one-hot rows.

        The forward value is exactly one-hot, the gradient that of the softmax of the same
        perturbed logits (straight through; Jang et al. 2017, arXiv:1611.01144).
        """
        noisy = logits - torch.log(-torch.log(uniform))
        ids = self.stretch_of.expand(len(noisy), -1)
        best = noisy.new_full((len(noisy), self.members.shape[1]), -torch.inf)
        peak = best.scatter_reduce(1, ids, noisy.detach(), "amax").gather(1, ids)
        hard = (noisy >= peak).to(noisy.dtype)
        if not torch.is_grad_enabled():
            return hard
        soft = self.log_softmax((noisy - peak).clamp(min=-30) / temperature).exp()
        return hard + (soft - soft.detach())


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
    """Turns a starting row, of which some blocks are kept, into a generated row.

    A kept block moves by a bounded residual, which is zero before training, so that an untrained
    generator returns the starting row. A block not kept is generated from noise, the class and the
    kept blocks.

    Parameters
    ----------
    layout : RowLayout
    n_conditions, latent_dim, hidden_dim : int
    local : bool
        Whether every block is always kept, so that nothing is generated from noise.
    residual : float
        Bound of a kept score's move, and factor of a kept stretch's logits.
    rng : torch.Generator
    """

    def __init__(self, layout, *, n_conditions, latent_dim, hidden_dim, local, residual, rng):
        super().__init__()
        self.layout, self.latent_dim = layout, latent_dim
        self.register_buffer("residual", torch.tensor(float(residual)))
        n_in = layout.width + layout.n_blocks + latent_dim + n_conditions
        self.trunk = multilayer([n_in, hidden_dim, hidden_dim], rng)
        self.move = linear(hidden_dim, layout.width, rng, zero=True)
        self.free = None if local else linear(hidden_dim, layout.width, rng)

    def forward(self, start, keep, noise, condition):
        """Raw outputs of shape (n, width): a score, or the logit of a category."""
        layout = self.layout
        kept = layout.spread(keep)
        features = self.trunk(torch.cat([start * kept, keep, noise, condition], dim=1))
        move = self.residual * torch.tanh(self.move(features))
        near = layout.kept_weight * start + layout.step * move
        if self.free is None:
            return near
        # only what is generated freely needs a bound: a kept score stays near one already valid
        free = layout.limit * torch.tanh(self.free(features) / layout.limit)
        return torch.lerp(free, near, kept)

    def rows(self, start, keep, condition, rng, temperature=0.5):
        """Generated rows (n, width), and the logits (n, places) their categories come from."""
        layout = self.layout
        n, device = len(start), start.device
        noise = torch.randn(n, self.latent_dim, generator=rng, device=device)
        if torch.is_grad_enabled():
            row = self(start, keep, noise, condition)
        else:  # piece by piece, as hidden layers take much more room than rows
            whole = (start, keep, noise, condition)
            parts = (tensor.tensor_split(-(-n // PIECE)) for tensor in whole)
            row = torch.cat([self(*part) for part in zip(*parts, strict=True)])
        if not len(layout.places):
            return row, None
        logits = row[:, layout.places]
        uniform = torch.rand(logits.shape, generator=rng, device=device).clamp(1e-7, 1 - 1e-7)
        row = row.index_copy(1, layout.places, layout.choose(logits, uniform, temperature))
        if len(layout.gated):
            present = row[:, layout.gates]
            row = row.index_copy(1, layout.gated, row[:, layout.gated] * present)
        return row, logits


class RowCritic(nn.Module):
    """Scores how real a row looks, given its class: (n, width), (n, classes) to (n,)."""

    def __init__(self, width, *, n_conditions, hidden_dim, rng):
        super().__init__()
        self.trunk = multilayer([width + n_conditions, hidden_dim, hidden_dim], rng)
        self.head = linear(hidden_dim, 1, rng)

    def forward(self, row, condition):
        return self.head(self.trunk(torch.cat([row, condition], dim=1))).squeeze(1)

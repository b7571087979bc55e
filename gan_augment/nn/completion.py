"""The network that completes rows: any hidden columns from any known ones, a few at a time.

It answers one question of every column: how likely is each of its categories, or each stretch of
its values, given the columns that are known? Asked again and again, a column or a block of them at
a time, it makes a row from nothing, from part of a real row, or around whatever is fixed (Uria et
al. 2014, an autoregressive model of any order; Ghazvininejad et al. 2019, mask and predict).

A number is a choice too: of an interval of its scores, in which it is then placed at random. The
intervals hold equal shares of the training rows, and a value that many rows have is one by itself.
How likely each is, is a curve over the scores, whose centre and spread depend on the row, times a
factor of the interval's own: the curve is soon learnt where columns go together closely, and the
factors are for peaks, gaps and tails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu, softplus
from torch.nn.functional import linear as linear_map

from gan_augment.exceptions import GeneratorError
from gan_augment.nn.layers import SLOPE, linear
from gan_augment.nn.table import LOGIT_LIMIT, RowLayout, choose, log_softmax

#: Rows completed at a time, which share the order of their columns.
PIECE_ROWS, PIECE_NUMBERS = 1024, 2**19
#: Scores beyond which no number is placed, and of rows that the first guess counts as seen.
FARTHEST, PSEUDO_ROWS = 5.5, 1.0
#: Scores that no curve reaches, the least spread of one, and what intervals have in spite of it.
BEYOND, LEAST_SPREAD, ANYWHERE = 1e3, 0.02, 0.02


class Choices(RowLayout):
    """A layout that knows what there is to choose in each column.

    First come the places of categories and of missing cells, as in the wide form, then the
    intervals of each number, between its `edges`: increasing scores, the lowest and highest first
    and last. The network answers in this order.
    """

    def __init__(self, blocks: Sequence[Any], edges: Sequence[np.ndarray]) -> None:
        super().__init__(blocks)
        column = torch.cumsum(
            torch.tensor([block.activation != "missing" for block in self.blocks]), 0
        )
        column_of = (column - 1)[self.block_of] if self.width else self.block_of
        sizes = torch.tensor([len(edge) - 1 for edge in edges], dtype=torch.long)
        ranks = [torch.special.ndtr(torch.as_tensor(edge, dtype=torch.float64)) for edge in edges]
        number = torch.repeat_interleave(torch.arange(len(edges)), sizes)
        stretches = self.members.shape[1]
        stretch_of = torch.cat([self.stretch_of, stretches + number])
        n_stretches = stretches + len(edges)
        cuts = torch.full((len(edges), max([0, *(len(edge) - 2 for edge in edges)])), torch.inf)
        for row, edge in zip(cuts, edges, strict=True):
            row[: len(edge) - 2] = torch.as_tensor(edge[1:-1])
        beyond = cuts.new_full((len(edges), 1), BEYOND)
        ends = torch.cat([-beyond, cuts.clamp(max=BEYOND), beyond], dim=1)
        there = torch.arange(cuts.shape[1] + 1) < sizes[:, None]
        self.columns = _columns(self, sizes.tolist())
        self.n_columns = len(self.columns)
        self.n_places, self.n_choices = len(self.places), len(stretch_of)
        empty = torch.zeros(0, dtype=torch.float64)
        for name, value in {
            "column_of": column_of,
            "column_of_choice": torch.cat(
                [column_of[self.places], column_of[self.scores][number]]
            ),
            "column_of_number": column_of[self.scores],
            "stretch_of_choice": stretch_of,
            "alike": (stretch_of[:, None] == torch.arange(n_stretches)).float(),
            "cuts": cuts,
            "ends": ends,
            "there": torch.nonzero(there.ravel()).ravel(),
            "first": torch.cumsum(sizes, 0) - sizes,
            "low": torch.cat([empty, *(rank[:-1] for rank in ranks)]),
            "share": torch.cat([empty, *(rank.diff() for rank in ranks)]),
        }.items():
            self.register_buffer(name, value, persistent=False)
        middle = torch.special.ndtri(self.low + self.share / 2).float()
        self.register_buffer("middle", middle, persistent=False)

    def intervals(self, numbers: Tensor) -> Tensor:
        """The choice that each score is, counted from the first interval of all: (n, numbers)."""
        found = torch.searchsorted(self.cuts, numbers.T.contiguous(), right=True).T
        return found + self.first

    def seen(self, wide: Tensor) -> Tensor:
        """What rows in their wide form have chosen, of a missing number no interval."""
        numbers = wide[:, self.scores]
        there = torch.ones_like(numbers)
        there[:, self.optional_numbers] = wide[:, self.present]
        intervals = wide.new_zeros(len(wide), self.n_choices - self.n_places)
        intervals.scatter_(1, self.intervals(numbers), there)
        return torch.cat([wide[:, self.places], intervals], dim=1)

    def placed(self, intervals: Tensor, uniform: Tensor) -> Tensor:
        """Scores at random places of intervals, as likely as among the training rows."""
        rank = self.low[intervals] + self.share[intervals] * uniform
        return torch.special.ndtri(rank).clamp(-FARTHEST, FARTHEST).to(uniform.dtype)


@dataclass(frozen=True)
class Column:
    """Where a column's choices are, and its `place` among the numbers or among the codes."""

    place: int
    levels: slice | None = None
    intervals: slice | None = None
    missing: slice | None = None


def _columns(layout, sizes):
    """The columns of a layout, whose numbers have so many intervals."""
    found: list[Column] = []
    stop = len(layout.places)
    starts, place, n_codes = np.cumsum([stop, *sizes]), 0, 0
    for block in layout.blocks:
        if block.activation == "score":
            i = sum(column.intervals is not None for column in found)
            found.append(Column(i, intervals=slice(int(starts[i]), int(starts[i + 1]))))
            continue
        places = slice(place, place + block.stop - block.start)
        place = places.stop
        if block.activation == "missing":
            found[-1] = replace(found[-1], missing=places)
        else:
            found.append(Column(n_codes, levels=places))
            n_codes += 1
    return found


class RowCompletion(nn.Module):
    """Likelihoods of what each column may hold, given the columns that are kept and the class."""

    def __init__(self, layout, *, n_conditions, hidden_dim, rng):
        super().__init__()
        self.layout = layout
        n_in = layout.n_choices + len(layout.scores) + layout.n_columns + n_conditions
        self.first = linear(n_in, hidden_dim, rng)
        self.second = linear(hidden_dim, hidden_dim, rng)
        self.free = linear(hidden_dim, layout.n_choices, rng, zero=True)
        # not of no number: torch warns of a layer without weights
        n_curve = 2 * len(layout.scores)
        self.curve = linear(hidden_dim, n_curve, rng, zero=True) if n_curve else None

    @torch.no_grad()
    def start_from(self, wide: Tensor) -> None:
        """Let an untrained network answer with the shares of some rows in their wide form."""
        shares = (self.layout.seen(wide).sum(0) + PSEUDO_ROWS) / len(wide)
        self.free.bias.zero_()
        self.free.bias += (
            shares.log() - self.logits(self.free.weight.new_zeros(1, len(self.second.bias)))[0]
        )

    def forward(self, start: Tensor, keep: Tensor, condition: Tensor) -> Tensor:
        """Logits (n, choices), given what is kept of starting rows in their wide form."""
        features = self.features(self.first(self.inputs(start, keep, condition)))
        return self.bounded(self.logits(features))

    def inputs(self, start: Tensor, keep: Tensor, condition: Tensor) -> Tensor:
        """What the first layer sums up: choices, scores, which columns are known, the class."""
        layout, scores = self.layout, start[:, self.layout.scores]
        seen = layout.seen(start) * keep[:, layout.column_of_choice]
        return torch.cat([seen, scores * keep[:, layout.column_of_number], keep, condition], 1)

    def features(self, sums: Tensor) -> Tensor:
        """What the answers are read from, given the first layer's sums."""
        features = leaky_relu(sums, SLOPE)
        return features + leaky_relu(self.second(features), SLOPE)

    def logits(self, features: Tensor) -> Tensor:
        """Logits of all choices, not bounded yet."""
        layout, free = self.layout, self.free(features)
        if not len(layout.scores):
            return free
        masses = self._masses(self.curve(features), layout.ends).index_select(1, layout.there)
        intervals = free[:, layout.n_places :] + self._log(masses, layout.share)
        return torch.cat([free[:, : layout.n_places], intervals], dim=1)

    def logits_of(self, features: Tensor, i: int, places: slice) -> Tensor:
        """Those of one of the numbers alone, whose intervals are at these places."""
        layout = self.layout
        curve = _part(self.curve, slice(2 * i, 2 * i + 2), features)
        n = places.stop - places.start
        masses = self._masses(curve, layout.ends[i : i + 1, : n + 1])
        share = layout.share[places.start - layout.n_places : places.stop - layout.n_places]
        return _part(self.free, places, features) + self._log(masses, share)

    def _masses(self, curve, ends):
        """What logistic curves have between ends (numbers, m + 1): (n, numbers * m)."""
        centre, spread = curve.view(len(curve), curve.shape[1] // 2, 2, 1).unbind(2)
        ranks = torch.sigmoid((ends - centre) / (softplus(spread) + LEAST_SPREAD))
        return ranks.diff(dim=2).flatten(1)

    def _log(self, masses, share):
        """Logarithms of what intervals have, which is never nothing."""
        return torch.log((1 - ANYWHERE) * masses + ANYWHERE * share.to(masses.dtype))

    def bounded(self, logits: Tensor) -> Tensor:
        """Logits whose exponentials can be added up."""
        return LOGIT_LIMIT * torch.tanh(logits / LOGIT_LIMIT)

    def lost(self, logits: Tensor, wide: Tensor, hidden: Tensor) -> Tensor:
        """How unlikely the hidden columns of rows are, the mean over these columns."""
        layout = self.layout
        target = layout.seen(wide) * hidden[:, layout.column_of_choice]
        lost = -(target * log_softmax(logits, layout.alike)).sum(1)
        return (lost / hidden.sum(1)).mean()

    def rows(self, start, keep, condition, rng, temperature=0.5):
        """Rows (n, width), completed at once and with a gradient, and the logits behind them."""
        layout = self.layout
        logits = self(start, keep, condition)
        uniform = torch.rand(logits.shape, generator=rng, device=logits.device)
        uniform.clamp_(1e-7, 1 - 1e-7)
        chosen = choose(logits, uniform, temperature, layout.stretch_of_choice, layout.alike)
        rows = start.new_zeros(start.shape).index_copy(
            1, layout.places, chosen[:, : layout.n_places]
        )
        if len(layout.scores):
            rows = rows.index_copy(1, layout.scores, self._scores(chosen, rows, rng))
        return torch.lerp(rows, start, keep[:, layout.column_of]), logits

    def _scores(self, chosen, rows, rng):
        """Scores in the chosen intervals; their gradient is that of the intervals' middles."""
        layout = self.layout
        intervals = chosen[:, layout.n_places :]
        numbers = layout.alike[layout.n_places :, -len(layout.scores) :]
        middle = (intervals * layout.middle) @ numbers
        # by chance two may be drawn
        hits = (intervals.detach() @ numbers).clamp(min=1)
        order = torch.arange(len(layout.low), device=rows.device, dtype=rows.dtype)
        index = ((intervals.detach() * order) @ numbers / hits).round().long()
        uniform = torch.rand(middle.shape, generator=rng, device=rows.device)
        scores = middle + (layout.placed(index, uniform) - middle).detach()
        there = torch.ones_like(scores)
        there = there.index_copy(1, layout.optional_numbers, rows[:, layout.present])
        return scores * there

    # --- drawing -------------------------------------------------------------------------------

    @torch.no_grad()
    def sample(self, numbers, codes, keep, condition, rng, rounds, whole=()):
        """Numbers and codes of completed rows: hidden columns are drawn in so many rounds.

        Rows are completed in pieces; the columns of each piece have a random order of their own.
        Columns in `whole` get no missing cell: a number none, a category not its last level.
        """
        made = []
        width = self.first.weight.shape[1]
        size = min(PIECE_ROWS, max(1, PIECE_NUMBERS // max(width, 1)))
        for part in torch.arange(len(numbers)).split(size):
            piece = _Piece(
                self, numbers[part], codes[part], keep[part], condition[part], rng, whole
            )
            order = torch.randperm(self.layout.n_columns, generator=rng)
            for columns in order.tensor_split(max(1, min(rounds, len(order)))):
                piece.complete(columns.tolist())
            made.append((piece.numbers, piece.codes))
        numbers, codes = zip(*made, strict=True)
        return torch.cat(numbers), torch.cat(codes)


class _Piece:
    """Rows on their way: what the first layer sums up of the columns that are known so far."""

    def __init__(self, network, numbers, codes, keep, condition, rng, whole):
        layout = network.layout
        self.network, self.rng, self.whole = network, rng, frozenset(whole)
        self.numbers, self.codes, self.hidden = numbers.clone(), codes.clone(), keep == 0
        self.weights = network.first.weight.T.contiguous()
        self.sums = network.first(network.inputs(layout.widen(numbers, codes), keep, condition))
        self.n_choices, self.n_scores = layout.n_choices, len(layout.scores)

    def complete(self, columns):
        """Draw some columns where they are hidden, and let them be known."""
        drawn = []
        features = self.network.features(self.sums)
        if not torch.isfinite(features).all():
            raise GeneratorError("A network that completes rows has weights too large to compute")
        for j in columns:
            rows = torch.nonzero(self.hidden[:, j]).ravel()
            if len(rows):
                some = features if len(rows) == len(features) else features[rows]
                drawn.append((rows, self._draw(j, rows, some)))
                drawn.append((rows, self.weights[self.n_choices + self.n_scores + j]))
        for rows, known in drawn:
            self.sums[rows] += known

    def _draw(self, j, rows, features):
        """Draw a column of some rows; return what it adds to the first layer's sums."""
        network, whole = self.network, j in self.whole
        column = network.layout.columns[j]
        if column.levels is not None:
            levels = slice(column.levels.start, column.levels.stop - whole)
            code = self._choose(_part(network.free, levels, features))
            self.codes[rows, column.place] = code.to(self.codes.dtype)
            return self.weights[column.levels.start + code]
        layout, start = network.layout, column.intervals.start
        at = start + self._choose(network.logits_of(features, column.place, column.intervals))
        uniform = torch.rand(len(rows), generator=self.rng)
        scores = layout.placed(at - layout.n_places, uniform)
        weight = self.weights[self.n_choices + column.place]
        known = self.weights[at] + scores[:, None] * weight
        if column.missing is not None:
            missing = self._choose(_part(network.free, column.missing, features)) * (not whole)
            scores = torch.where(missing == 1, torch.nan, scores)
            known = torch.where(missing[:, None] == 1, 0.0, known)
            known += self.weights[column.missing.start + missing]
        self.numbers[rows, column.place] = scores
        return known

    def _choose(self, logits):
        """One of some choices, as likely as the network says."""
        logits = self.network.bounded(logits)
        noise = torch.empty_like(logits).exponential_(generator=self.rng)
        return (logits - noise.log()).argmax(1)


def _part(layer, places, features):
    """Some outputs of a linear layer."""
    return linear_map(features, layer.weight[places], layer.bias[places])

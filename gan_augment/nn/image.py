"""Generator and critic of images, and the random movements of what the critic sees.

Strided convolutions throughout: none at full resolution but the last, which is cheap. Images are
tensors of shape (n, channels, height, width) in -1 to 1.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from gan_augment.nn.layers import SLOPE, drawn, linear, undrawn
from gan_augment.nn.warp import displace, shift_whole

#: Largest displacement by the learnt flow, in halves of the side.
MOST_FLOW = 0.25


def convolution(
    n_in: int,
    n_out: int,
    size: int,
    stride: int,
    rng: torch.Generator,
    *,
    transposed: bool = False,
    zero: bool = False,
) -> nn.Module:
    """Return a convolution with He-uniform weights drawn from ``rng``, or all zero."""
    kind: Any = nn.ConvTranspose2d if transposed else nn.Conv2d
    layer = undrawn(kind, n_in, n_out, size, stride=stride, padding=1)
    fan_in = n_in * size * size / (stride**2 if transposed else 1)
    return drawn(layer, fan_in, rng, zero=zero)


def strided(widths: list[int], rng: torch.Generator) -> nn.ModuleList:
    """Return convolutions that halve an image each, from one number of channels to the next."""
    return nn.ModuleList(
        convolution(n_in, n_out, 4, 2, rng) for n_in, n_out in itertools.pairwise(widths)
    )


def doubling(widths: list[int], rng: torch.Generator) -> nn.ModuleList:
    """Return convolutions that double an image each: the way back of :func:`strided`."""
    return nn.ModuleList(
        convolution(n_in, n_out, 4, 2, rng, transposed=True)
        for n_in, n_out in zip(widths[::-1], [*widths[-2::-1], widths[0]], strict=True)
    )


def halvings(shape: tuple[int, ...]) -> int:
    """Return how often an image is halved on the way down: to a side of four to eight pixels."""
    return max(1, math.ceil(math.log2(min(shape[1:]) / 8)))


def halved_sizes(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return heights and widths on the way down, from the image's own."""
    return [tuple(side // 2**i for side in shape[1:]) for i in range(halvings(shape) + 1)]


class ImageGenerator(nn.Module):
    """From a starting image, noise and a class to a new image.

    An anchored image is its starting image moved along a flow, plus a bounded residual, the
    largest change of a pixel; both heads begin at zero, so training begins with the starting image
    itself. A free image is painted from noise and class alone. Both share all other layers. Each
    halving doubles the channels, `width` after the first layer.
    """

    def __init__(self, shape, *, n_conditions, width, latent_dim, residual, rng):
        super().__init__()
        self.latent_dim, self.residual = latent_dim, residual
        depth, channels = halvings(shape), shape[0]
        widths = [width * 2**i for i in range(depth)]
        self.down = strided([channels, *widths], rng)
        self.sizes = halved_sizes(shape)
        self.middle = (widths[-1], *self.sizes[-1])
        self.start = linear(latent_dim + n_conditions + 1, math.prod(self.middle), rng)
        self.up = doubling(widths, rng)
        self.flow = convolution(widths[-1], 2, 3, 1, rng, zero=True)
        self.retouch = convolution(width, channels, 3, 1, rng, zero=True)
        self.paint = convolution(width, channels, 3, 1, rng)

    def forward(self, start, free, condition, noise):
        """Return images; ``free`` (n,) is 1 for those painted from noise alone.

        With a `start` of no pixels, (n, 0), all are.
        """
        hidden = self.start(torch.cat([noise, condition, free[:, None]], dim=1))
        hidden = hidden.view(-1, *self.middle)
        if not start.numel():  # what leads to a flow is left out, a third of the time
            return torch.tanh(self.paint(self._up(functional.leaky_relu(hidden, SLOPE))))
        kept = (1 - free)[:, None, None, None]
        seen, skips = start * kept, []
        for layer in self.down:
            seen = functional.leaky_relu(layer(seen), SLOPE)
            skips.append(seen * kept)
        hidden = functional.leaky_relu(hidden + skips.pop(), SLOPE)
        flow = MOST_FLOW * torch.tanh(self.flow(hidden))
        hidden = self._up(hidden, skips)
        anchored = displace(start, flow) + self.residual * torch.tanh(self.retouch(hidden))
        painted = torch.tanh(self.paint(hidden))
        return torch.where(kept > 0, anchored.clamp(-1, 1), painted)

    def _up(self, hidden, skips=()):
        """Double what is hidden to the size of an image, adding what was seen on the way down."""
        for level, layer in enumerate(self.up):
            place = len(self.sizes) - 2 - level
            hidden = fitted_to(layer(hidden), self.sizes[place])
            if place > 0 and skips:
                hidden = hidden + skips[place - 1]
            hidden = functional.leaky_relu(hidden, SLOPE)
        return hidden


def fitted_to(images: torch.Tensor, size: tuple[int, ...]) -> torch.Tensor:
    """Return images of exactly this size: an odd side lost its last pixel on the way down."""
    missing = [size[1] - images.shape[3], size[0] - images.shape[2]]
    return functional.pad(images, (0, missing[0], 0, missing[1]), mode="replicate")


class ImageCritic(nn.Module):
    """Scores of images, conditional on the class by projection (Miyato & Koyama 2018).

    What it sees, real or generated, is shifted and cut out at random (Zhao et al. 2020,
    arXiv:2006.10738), so that it cannot memorise the few real images. `rng` gives the weights,
    `draws` the shifts.
    """

    #: The method that draws no random numbers, so that several processes can share its rows.
    row_by_row = "score_moved"

    def __init__(self, shape, *, n_conditions, width, rng, draws):
        super().__init__()
        depth, self.draws = halvings(shape) + 1, draws
        widths = [shape[0], *(width * 2**i for i in range(depth))]
        self.layers = strided(widths, rng)
        sides = [max(side // 2**depth, 1) for side in shape[1:]]
        features = widths[-1] * math.prod(sides)
        self.score = linear(features, 1, rng)
        self.classes = linear(n_conditions, features, rng)
        self.scale = features**-0.5

    def forward(self, images, condition):
        return self.score_moved(augmented(images, self.draws), condition)

    def score_moved(self, hidden, condition):
        """Return the scores of images that have been moved already."""
        for layer in self.layers:
            hidden = functional.leaky_relu(layer(hidden), SLOPE)
        hidden = hidden.flatten(1)
        match = (hidden * self.classes(condition)).sum(1) * self.scale
        return self.score(hidden)[:, 0] + match


def augmented(images: torch.Tensor, draws: torch.Generator) -> torch.Tensor:
    """Return images shifted by up to an eighth and with a square cut out, each at random."""
    n, _, height, width = images.shape
    share = torch.rand(n, 4, generator=draws, device=images.device)
    shifts = [
        (share[:, axis] * (2 * (side // 8) + 1)).long() - side // 8
        for axis, side in enumerate((height, width))
    ]
    moved = shift_whole(images, torch.stack(shifts, dim=1))
    inside = [
        _stretch(share[:, 2 + axis], side, images.device)
        for axis, side in enumerate((height, width))
    ]
    cut = inside[0][:, None, :, None] & inside[1][:, None, None, :]
    return torch.where(cut, moved.mean((2, 3), keepdim=True), moved)


def _stretch(share, side, device):
    """Which places of a side are in a stretch of a third of it, anywhere: (n, side)."""
    hole = side // 3
    first = ((share * side).long() - hole // 2)[:, None]
    places = torch.arange(side, device=device)
    return (places >= first) & (places < first + hole)

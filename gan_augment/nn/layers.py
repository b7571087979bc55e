"""Building blocks whose weights come from a private random generator."""

from __future__ import annotations

import itertools
import math
from typing import Any, TypeVar

import torch
from torch import nn

SLOPE = 0.2
Layer = TypeVar("Layer", bound=nn.Module)


def undrawn(kind: type[Layer], *sizes: int, **options: Any) -> Layer:
    """Return a module of that kind whose weights are yet to be filled.

    A module would draw its first weights from torch's global generator, which must stay as the
    caller left it. ``Module.to_empty`` does the same, but imports a library of symbolic algebra,
    which takes a second and adds a warnings filter.
    """
    module = kind(*sizes, **options, device="meta")
    for name, weights in list(module.named_parameters(recurse=False)):
        setattr(module, name, nn.Parameter(torch.empty(weights.shape)))
    return module


def linear(n_in: int, n_out: int, rng: torch.Generator, *, zero: bool = False) -> nn.Linear:
    """Return a linear layer with He-uniform weights drawn from ``rng``, or all zero."""
    return drawn(undrawn(nn.Linear, n_in, n_out), max(n_in, 1), rng, zero=zero)


def drawn(layer: Any, fan_in: float, rng: torch.Generator, *, zero: bool = False) -> Any:
    """Fill the weights of a layer that sums so many inputs, He-uniform or all zero."""
    with torch.no_grad():
        layer.bias.zero_()
        if zero:
            layer.weight.zero_()
        else:
            bound = math.sqrt(6 / ((1 + SLOPE**2) * fan_in))
            layer.weight.uniform_(-bound, bound, generator=rng)
    return layer


def multilayer(widths: list[int], rng: torch.Generator) -> nn.Sequential:
    """Return linear layers of the given widths with leaky ReLUs between and after them."""
    layers = []
    for n_in, n_out in itertools.pairwise(widths):
        layers += [linear(n_in, n_out, rng), nn.LeakyReLU(SLOPE)]
    return nn.Sequential(*layers)

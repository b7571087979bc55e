"""Building blocks whose weights come from a private random generator."""

import math

import torch
from torch import nn

SLOPE = 0.2


def bare(kind, *sizes, **options):
    """A layer of torch whose weights are still to be drawn.

    Its constructor would draw them from torch's global generator, which must stay as the caller
    left it; ``skip_init`` draws nothing. It makes layers on the CPU whatever the default, but on
    "meta", where they have shapes alone.
    """
    device = "meta" if torch.get_default_device().type == "meta" else "cpu"
    return nn.utils.skip_init(kind, *sizes, device=device, **options)


def linear(n_in, n_out, rng, *, zero=False):
    """A linear layer with He-uniform weights drawn from ``rng``, or all zero."""
    layer = bare(nn.Linear, n_in, n_out)
    with torch.no_grad():
        layer.bias.zero_()
        if zero:
            layer.weight.zero_()
        else:
            bound = math.sqrt(6 / ((1 + SLOPE**2) * max(n_in, 1)))
            layer.weight.uniform_(-bound, bound, generator=rng)
    return layer


def multilayer(widths, rng):
    """Linear layers of the given widths with leaky ReLUs between and after them."""
    layers = []
    for n_in, n_out in zip(widths[:-1], widths[1:], strict=True):
        layers += [linear(n_in, n_out, rng), nn.LeakyReLU(SLOPE)]
    return nn.Sequential(*layers)

"""Building blocks whose weights come from a private random generator, and codes as rows."""

import itertools
import math

import torch
from torch import nn
from torch.nn import functional

SLOPE = 0.2


def undrawn(kind, *sizes, **options):
    """A module of that kind with weights that are yet to be filled.

    Modules draw their first weights from torch's global generator, which must stay as the caller
    left it. ``nn.utils.skip_init`` does without as well, but makes torch import a library of
    symbolic algebra, which takes a second and adds a warnings filter.
    """
    module = kind(*sizes, **options, device="meta")
    if torch.get_default_device().type == "meta":  # shapes alone are asked for
        return module
    for name, weights in list(module.named_parameters(recurse=False)):
        setattr(module, name, nn.Parameter(torch.empty(weights.shape, dtype=weights.dtype)))
    return module


def linear(n_in, n_out, rng, *, zero=False):
    """A linear layer with He-uniform weights drawn from ``rng``, or all zero."""
    layer = undrawn(nn.Linear, n_in, n_out)
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
    for n_in, n_out in itertools.pairwise(widths):
        layers += [linear(n_in, n_out, rng), nn.LeakyReLU(SLOPE)]
    return nn.Sequential(*layers)


def one_hot(codes, n):
    """Codes 0 to n - 1, of shape (m,), as float32 rows of shape (m, n)."""
    return functional.one_hot(codes, n).float()

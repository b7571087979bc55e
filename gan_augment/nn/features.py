"""Features that images are compared by: random convolutions, and a classifier's hidden layer.

Images are tensors of shape (n, channels, height, width) in 0 to 1.
"""

import math

import torch
from torch import nn
from torch.nn import functional

from gan_augment.nn.image import halvings, strided
from gan_augment.nn.layers import SLOPE, linear

#: Channels after the first convolution; each halving doubles them.
RANDOM_WIDTH, LEARNT_WIDTH = 32, 16
#: Places on each side at which the last random layer is read, and the size of a learnt feature.
PLACES, LEARNT_FEATURES = 4, 64
#: Sides from which the classifier sees images at half their size, in a quarter of the time.
HALVED_FROM = 48


def _convolutions(shape, width, rng):
    widths = [shape[0], *(width * 2**i for i in range(halvings(shape)))]
    return strided(widths, rng)


class RandomConvolutions(nn.Module):
    """Features of a network that was never trained: what is where, and how strong all over."""

    def __init__(self, shape, rng):
        super().__init__()
        self.layers = _convolutions(shape, RANDOM_WIDTH, rng)

    def forward(self, images):
        hidden, found = 2 * images - 1, []
        for layer in self.layers:
            hidden = functional.leaky_relu(layer(hidden), SLOPE)
            found += [hidden.mean((2, 3)), hidden.std((2, 3), correction=0)]
        found.append(functional.adaptive_avg_pool2d(hidden, PLACES).flatten(1))
        return torch.cat(found, dim=1)


class SmallClassifier(nn.Module):
    """A small convolutional classifier, of which the last hidden layer is of interest."""

    def __init__(self, shape, n_classes, rng):
        super().__init__()
        self.halved = min(shape[1:]) >= HALVED_FROM
        if self.halved:
            shape = (shape[0], shape[1] // 2, shape[2] // 2)
        self.layers = _convolutions(shape, LEARNT_WIDTH, rng)
        depth = len(self.layers)
        channels = LEARNT_WIDTH * 2 ** (depth - 1)
        places = math.prod(side // 2**depth for side in shape[1:])
        self.hidden = linear(channels * places, LEARNT_FEATURES, rng)
        self.classes = linear(LEARNT_FEATURES, n_classes, rng)

    def forward(self, images):
        """Return the last hidden layer."""
        hidden = 2 * (functional.avg_pool2d(images, 2) if self.halved else images) - 1
        for layer in self.layers:
            hidden = functional.leaky_relu(layer(hidden), SLOPE)
        return functional.leaky_relu(self.hidden(hidden.flatten(1)), SLOPE)

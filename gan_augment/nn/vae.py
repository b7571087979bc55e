"""A small convolutional variational auto-encoder of images, conditional on the class.

Images are tensors of shape (n, channels, height, width) in -1 to 1.
"""

import math

import torch
from torch import nn
from torch.nn import functional

from gan_augment.nn.image import convolution, doubling, fitted_to, halved_sizes, halvings, strided
from gan_augment.nn.layers import SLOPE, linear

#: Of the logarithm of a variance; what is beyond has no gradient worth following.
MOST_LOG_VARIANCE = 10.0


class ImageVAE(nn.Module):
    """Encoder to a normal distribution of codes, and decoder of codes to images.

    Both are told the class (Sohn et al. 2015), so that a code says what kind of image of its class
    it is.

    Parameters
    ----------
    shape : tuple of int
        Channels, height, width.
    n_conditions : int
    width : int
        Channels of the first layer; each halving doubles them.
    latent_dim : int
    rng : torch.Generator
    """

    def __init__(self, shape, *, n_conditions, width, latent_dim, rng):
        super().__init__()
        self.latent_dim = latent_dim
        widths = [width * 2**i for i in range(halvings(shape))]
        self.sizes = halved_sizes(shape)
        self.middle = (widths[-1], *self.sizes[-1])
        features = math.prod(self.middle)
        self.down = strided([shape[0], *widths], rng)
        self.code = linear(features + n_conditions, 2 * latent_dim, rng)
        self.start = linear(latent_dim + n_conditions, features, rng)
        self.up = doubling(widths, rng)
        self.paint = convolution(width, shape[0], 3, 1, rng)

    def encode(self, images, condition):
        """Return means and logarithms of variances of the codes, each (n, latent_dim)."""
        hidden = images
        for layer in self.down:
            hidden = functional.leaky_relu(layer(hidden), SLOPE)
        mean, log_variance = self.code(torch.cat([hidden.flatten(1), condition], 1)).chunk(2, 1)
        return mean, MOST_LOG_VARIANCE * torch.tanh(log_variance / MOST_LOG_VARIANCE)

    def decode(self, codes, condition):
        """Return images."""
        hidden = self.start(torch.cat([codes, condition], 1)).view(-1, *self.middle)
        hidden = functional.leaky_relu(hidden, SLOPE)
        for layer, size in zip(self.up, self.sizes[-2::-1], strict=True):
            hidden = functional.leaky_relu(fitted_to(layer(hidden), size), SLOPE)
        return torch.tanh(self.paint(hidden))

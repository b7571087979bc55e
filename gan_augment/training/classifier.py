"""The few steps that train a small classifier, for what images are compared by."""

import torch
from torch.nn import functional

from gan_augment.nn.image import augmented
from gan_augment.process.state import new_optimiser


def train_classifier(net, images, codes, *, steps, batch, rng):
    """Train a classifier on images that are shifted and cut out at random.

    Parameters
    ----------
    net : SmallClassifier
    images : tensor of shape (n, channels, height, width)
    codes : tensor of int64 of shape (n,)
        The class of each image.
    steps, batch : int
    rng : torch.Generator
        Of the batches and the movements.
    """
    optimizer = new_optimiser(torch.optim.AdamW, net.parameters(), lr=2e-3, weight_decay=1e-2)
    for _ in range(steps):
        at = torch.randint(len(images), (min(batch, len(images)),), generator=rng)
        scores = net.classes(net(augmented(images[at], rng)))
        loss = functional.cross_entropy(scores, codes[at], label_smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

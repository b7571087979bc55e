"""Training of the small classifier by whose features images are compared."""

from __future__ import annotations

import torch
from torch.nn import functional

from gan_augment.nn.adam import Adam
from gan_augment.nn.features import SmallClassifier
from gan_augment.nn.image import augmented


def train_classifier(
    net: SmallClassifier,
    images: torch.Tensor,
    codes: torch.Tensor,
    *,
    steps: int,
    batch: int,
    rng: torch.Generator,
) -> None:
    """Train a classifier on images, with a class code each, shifted and cut out at random."""
    optimiser = Adam(net.parameters(), rate=2e-3, decay=1e-2)
    for _ in range(steps):
        at = torch.randint(len(images), (min(batch, len(images)),), generator=rng)
        scores = net.classes(net(augmented(images[at], rng)))
        loss = functional.cross_entropy(scores, codes[at], label_smoothing=0.1)
        loss.backward()
        optimiser.step()

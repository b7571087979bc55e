"""How ImageGAN makes free images of many real ones: by completing hidden patches. Torch.

The network is that of :mod:`gan_augment.nn.patches`. It learns to say what the hidden patches of
real images are, whichever and however many are hidden, and has no critic.
"""

from dataclasses import dataclass

import torch
from torch.nn.functional import cross_entropy, one_hot

from gan_augment.generators.adversarial import ClassIndex
from gan_augment.nn.patches import ImageCompletion, cut, new_book
from gan_augment.training.config import TrainingConfig
from gan_augment.training.loop import TrainingTask

#: Sizes and rates of training, where the caller has none of their own.
PATCH_CONFIG = TrainingConfig(batch_size=64, hidden_dim=512, learning_rate=2e-3)
#: Images cut and coded at once.
CODED_IMAGES = 1000


@dataclass(frozen=True)
class PatchBatch:
    """Codes of the patches of real images (n, places), and which are hidden."""

    real: torch.Tensor
    hidden: torch.Tensor
    condition: torch.Tensor


class PatchTask(TrainingTask):
    """Batches of real images as codes, evenly of all classes, part of whose patches is hidden."""

    def __init__(self, codes, groups, *, n_groups, batch_size, rng):
        self.real, self.rng, self.device = codes, rng, codes.device
        self.index = ClassIndex(groups, n_groups)
        self.n_groups, self.batch_size = n_groups, batch_size

    def data(self):
        """Return the tensors that tell this training's images from others."""
        return self.real, self.index.order, self.index.sizes

    def draw_batch(self):
        """Return real images, of which any share of the patches is hidden, one at least."""
        picks = torch.rand(self.batch_size, 3, generator=self.rng, device=self.device)
        groups = (picks[:, 0] * self.n_groups).long()
        real = self.real[self.index.at(groups, picks[:, 1])]
        place = torch.rand(real.shape, generator=self.rng, device=self.device)
        least = place.amin(1, keepdim=True)
        hidden = (place < picks[:, 2:]) | (place == least)
        return PatchBatch(real, hidden, one_hot(groups, self.n_groups).float())

    def complete(self, generator, batch):
        """Return how unlikely the hidden patches are, the mean over them."""
        logits = generator(batch.real.masked_fill(batch.hidden, generator.hidden), batch.condition)
        lost = cross_entropy(logits.transpose(1, 2), batch.real, reduction="none")
        return (lost * batch.hidden).sum() / batch.hidden.sum()

    @torch.no_grad()
    def find_collapse(self, generator):
        """Return in words what is wrong with the network, or None."""
        batch = self.draw_batch()
        return None if torch.isfinite(self.complete(generator, batch)) else "no finite likelihoods"


def new_completion(shape, n_groups, config, rng):
    """Return an untrained network for images of this shape, with nothing in its book."""
    return ImageCompletion(shape, n_conditions=n_groups, hidden_dim=config.hidden_dim, rng=rng)


def learn_book(network, images, rng):
    """Fill the network's book from images, and return these as codes."""
    n_patches = network.n_places * len(images)
    network.book.copy_(new_book(cut(images, network.side).view(n_patches, -1), rng))
    return torch.cat([network.codes(part) for part in images.split(CODED_IMAGES)])

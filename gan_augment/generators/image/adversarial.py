"""What ImageGAN is trained on, and its networks: torch.

Part of a batch is anchored, made from starting images; the rest is free, painted from noise. The
critic compares both with real images of the same classes.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.nn import functional

from gan_augment.generators.adversarial import ClassIndex
from gan_augment.nn.image import ImageCritic, ImageGenerator
from gan_augment.training.config import TrainingConfig
from gan_augment.training.loop import TrainingTask

#: Sizes and rates of training on images, where the caller has none of their own.
IMAGE_CONFIG = TrainingConfig(
    batch_size=64, hidden_dim=16, latent_dim=32, learning_rate=5e-4, instance_noise=0.02
)
#: The same where all images are painted from noise, which begin as noise and have far to go.
FREE_CONFIG = replace(IMAGE_CONFIG, learning_rate=2e-3)
#: Weight of the critic's penalty in the loss that is used by default.
GAMMA = 5.0
#: Largest change of a pixel of an anchored image, of a range of 2.
RESIDUAL = 0.3
#: Weight of the diversity term, and the difference beyond which it is 0.
DIVERSITY_WEIGHT, MOST_DIVERSITY = 0.1, 0.3
#: Images of a check, and the most classes they are made of, so that there are some of each.
CHECK_IMAGES, CHECK_CLASSES = 256, 32
#: Spread of generated images, as a share of that of real ones, below which training collapsed.
COLLAPSE = 0.3
#: Images that are generated at once.
SAMPLE_CHUNK = 500


@dataclass(frozen=True)
class ImageBatch:
    """Images of one step, -1 to 1; ``free`` is 1 for those painted from noise."""

    real: torch.Tensor
    condition: torch.Tensor
    start: torch.Tensor
    free: torch.Tensor


class ImageTask(TrainingTask):
    """Batches of images, what is generated from them, and the check for collapse.

    Images are in -1 to 1, with a group each; in some group real ones are to differ. `locality` is
    the share of anchored images; where it is 0, `starts` are not looked at and may be empty.
    """

    def __init__(self, real, groups, starts, start_groups, *, n_groups, locality, batch_size, rng):
        self.real, self.starts, self.locality, self.rng = real, starts, locality, rng
        self.real_index = ClassIndex(groups, n_groups)
        self.start_index = ClassIndex(start_groups, n_groups)
        self.n_groups, self.batch_size, self.device = n_groups, batch_size, real.device
        several = torch.where(self.real_index.sizes > 1)[0]
        spreads = [_spread(real[groups == g]) for g in several]
        self.spread = float(np.mean(spreads))
        # an even choice of classes where there are too many to look at all
        chosen = np.unique(np.linspace(0, len(several) - 1, CHECK_CLASSES).round().astype(int))
        self.checked = several[torch.from_numpy(chosen).to(self.device)]
        self.checked_spread = float(np.mean([spreads[i] for i in chosen]))

    def data(self):
        """Return the tensors that tell this training's images from others."""
        return self.real, self.real_index.order, self.real_index.sizes

    def draw_batch(self):
        """Return real images of evenly drawn classes, and a starting image for each."""
        n = self.batch_size
        picks = torch.rand(n, 4, generator=self.rng, device=self.device)
        groups = (picks[:, 0] * self.n_groups).long()
        real = self.real[self.real_index.at(groups, picks[:, 1])]
        start = self._starts(groups, picks[:, 2])
        free = (picks[:, 3] >= self.locality).float()
        condition = functional.one_hot(groups, self.n_groups).float()
        return ImageBatch(real, condition, start, free)

    def generate(self, generator, batch):
        """Return generated images, and what they lack in diversity.

        Two images from the same start and different noise are to differ (Mao et al. 2019,
        mode seeking), but no further than a bound.
        """
        noise = self._noise(generator, 2 * len(batch.real))
        first, second = noise.chunk(2)
        fake = generator(batch.start, batch.free, batch.condition, first)
        half = len(batch.real) // 4  # enough to tell, at a quarter of the cost
        again = generator(
            batch.start[:half], batch.free[:half], batch.condition[:half], second[:half]
        )
        apart = (fake[:half] - again).abs().mean((1, 2, 3))
        wanted = MOST_DIVERSITY * self.spread
        return fake, DIVERSITY_WEIGHT * functional.relu(1 - apart / wanted).mean()

    def _starts(self, groups, share):
        """Return a starting image for each group; ones of no pixels where none is looked at."""
        if not self.locality:
            return self.real.new_zeros(len(groups), 0)
        return self.starts[self.start_index.at(groups, share)]

    def _noise(self, generator, n):
        return torch.randn(n, generator.latent_dim, generator=self.rng, device=self.device)

    @torch.no_grad()
    def find_collapse(self, generator):
        """Return in words how generated images have collapsed, or None.

        Looked at are classes with several real images, which alone tell how much theirs vary.
        """
        places = torch.arange(CHECK_IMAGES, device=self.device) % len(self.checked)
        groups = self.checked[places]
        share = torch.rand(CHECK_IMAGES, 2, generator=self.rng, device=self.device)
        start = self._starts(groups, share[:, 0])
        free = (share[:, 1] >= self.locality).float()
        condition = functional.one_hot(groups, self.n_groups).float()
        made = generator(start, free, condition, self._noise(generator, CHECK_IMAGES))
        if not torch.isfinite(made).all():
            return "generated images are not finite"
        found = [_spread(made[groups == g]) for g in self.checked]
        ratio = float(np.mean(found)) / max(self.checked_spread, 1e-6)
        if ratio < COLLAPSE:
            return f"generated images of a class vary {ratio:.2f} times as much as real ones"
        return None


def _spread(images):
    """Mean over pixels of the standard deviation over images."""
    return float(images.std(0).mean())


def vary_within(images, members):
    """Whether the images of some class differ, as without that there is nothing to learn."""
    return any((images[of_class] != images[of_class[0]]).any() for of_class in members)


def new_generator(shape, n_groups, config, rng):
    """Return an untrained generator of images of this shape (channels, height, width)."""
    return ImageGenerator(
        shape,
        n_conditions=n_groups,
        width=config.hidden_dim,
        latent_dim=config.latent_dim,
        residual=RESIDUAL,
        rng=rng,
    )


def new_critics(number, shape, n_groups, config, rng, draws):
    """Return untrained critics; `rng` gives their weights, `draws` the shifts of what they see."""
    width = config.hidden_dim
    return [
        ImageCritic(shape, n_conditions=n_groups, width=width, rng=rng, draws=draws)
        for _ in range(number)
    ]

"""The game played for images, and where arrays become tensors: ImageGAN with torch.

Part of a batch is anchored, made from starting images; the rest is free, painted from noise. Both
meet real images of the same classes.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from gan_augment.generators.adversarial import ClassIndex, train_adversarially
from gan_augment.nn.image import ImageCritic, ImageGenerator
from gan_augment.nn.layers import one_hot
from gan_augment.nn.losses import DualCriticsLoss, RelativisticLoss
from gan_augment.process.state import one_thread
from gan_augment.training.config import TrainingConfig
from gan_augment.training.devices import device_named, private_generator
from gan_augment.training.loop import History, TrainingTask

#: Sizes and rates of the image game, where the caller has none of their own.
IMAGE_CONFIG = TrainingConfig(
    batch_size=64, hidden_dim=16, latent_dim=32, learning_rate=5e-4, instance_noise=0.02
)
GAMMA = 5.0
RESIDUAL = 0.3
#: Weight of the diversity term, and the difference beyond which it has nothing to ask for.
DIVERSITY_WEIGHT, MOST_DIVERSITY = 0.1, 0.3
STARTS = 4000
COLLAPSE = 0.3
CHECK_IMAGES = 256
SAMPLE_CHUNK = 500


@dataclass(frozen=True)
class ImageBatch:
    """Images of one step, -1 to 1; ``free`` is 1 for those painted from noise."""

    real: torch.Tensor
    condition: torch.Tensor
    start: torch.Tensor
    free: torch.Tensor


class ImageTask(TrainingTask):
    """Batches, generated images and health for :func:`gan_augment.training.loop.train_gan`.

    Parameters
    ----------
    real, starts : Tensor of shape (n, c, h, w)
        -1 to 1.
    groups, start_groups : Tensor of int64 of shape (n,)
    n_groups, batch_size : int
    locality : float in [0, 1]
        Share of anchored images.
    rng : torch.Generator
    """

    def __init__(self, real, groups, starts, start_groups, *, n_groups, locality, batch_size, rng):
        self.real, self.starts, self.locality, self.rng = real, starts, locality, rng
        self.real_index = ClassIndex(groups, n_groups)
        self.start_index = ClassIndex(start_groups, n_groups)
        self.n_groups, self.batch_size, self.device = n_groups, batch_size, real.device
        several = [real[groups == g] for g in torch.where(self.real_index.sizes > 1)[0]]
        self.spread = float(np.mean([_spread(images) for images in several]))

    def draw_batch(self):
        """Return real images of evenly drawn classes, and a starting image for each."""
        n = self.batch_size
        picks = torch.rand(n, 4, generator=self.rng, device=self.device)
        groups = (picks[:, 0] * self.n_groups).long()
        real = self.real[self.real_index.at(groups, picks[:, 1])]
        start = self.starts[self.start_index.at(groups, picks[:, 2])]
        free = (picks[:, 3] >= self.locality).float()
        return ImageBatch(real, one_hot(groups, self.n_groups), start, free)

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

    def _noise(self, generator, n):
        return torch.randn(n, generator.latent_dim, generator=self.rng, device=self.device)

    @torch.no_grad()
    def find_collapse(self, generator):
        """Return what is wrong with the generated images, or None."""
        groups = torch.arange(CHECK_IMAGES, device=self.device) % self.n_groups
        share = torch.rand(CHECK_IMAGES, 2, generator=self.rng, device=self.device)
        start = self.starts[self.start_index.at(groups, share[:, 0])]
        free = (share[:, 1] >= self.locality).float()
        condition = one_hot(groups, self.n_groups)
        made = generator(start, free, condition, self._noise(generator, CHECK_IMAGES))
        if not torch.isfinite(made).all():
            return "generated images are not finite"
        found = [_spread(made[groups == g]) for g in range(self.n_groups)]
        ratio = float(np.mean(found)) / max(self.spread, 1e-6)
        if ratio < COLLAPSE:
            return f"generated images of a class vary {ratio:.2f} times as much as real ones"
        return None


def _spread(images):
    """Mean over pixels of the standard deviation over images."""
    return float(images.std(0).mean()) if len(images) > 1 else 0.0


def train_images(gan, images, groups, rng):
    """Train an image generator for ``gan``; returns it and the history."""
    if gan.n_steps_ == 0 or np.ptp(images) == 0 or gan.group_counts_.max() < 2:
        return None, History()
    config = gan.config or IMAGE_CONFIG
    device = device_named(gan.device)
    seeds = private_generator(rng)
    n_groups = len(gan.group_counts_)
    start_groups = np.resize(np.arange(n_groups), min(max(4 * len(images), 1000), STARTS))
    starts = gan.prior_.sample(start_groups, rng)
    draws = private_generator(rng, device)
    with one_thread():
        real, starts = (
            torch.from_numpy(part).to(device).mul(2).sub(1) for part in (images, starts)
        )
        task = ImageTask(
            real,
            torch.from_numpy(groups).to(device),
            starts,
            torch.from_numpy(start_groups).to(device),
            n_groups=n_groups,
            locality=gan.locality_,
            batch_size=config.batch_size,
            rng=draws,
        )
        generator = new_generator(gan, seeds).to(device)
        critics = [
            ImageCritic(
                gan.image_shape_,
                n_conditions=n_groups,
                width=config.hidden_dim,
                rng=seeds,
                draws=draws,
            ).to(device)
            for _ in range(gan.n_critics)
        ]
        loss = gan.loss or (
            DualCriticsLoss(gamma=GAMMA) if gan.n_critics == 2 else RelativisticLoss(gamma=GAMMA)
        )
        return train_adversarially(gan, task, generator, critics, loss, config, draws)


def new_generator(gan, rng):
    """An untrained image generator for what ``gan`` has seen of its images."""
    config = gan.config or IMAGE_CONFIG
    return ImageGenerator(
        gan.image_shape_,
        n_conditions=len(gan.group_counts_),
        width=config.hidden_dim,
        latent_dim=config.latent_dim,
        residual=RESIDUAL,
        rng=rng,
    )


@torch.no_grad()
def generate_images(gan, groups, rng):
    """Images of the game, float32 of shape (n, c, h, w) in 0 to 1."""
    draws = private_generator(rng)
    made = np.empty((len(groups), *gan.image_shape_), dtype=np.float32)
    for start in range(0, len(groups), SAMPLE_CHUNK):
        part = slice(start, start + SAMPLE_CHUNK)
        starts = torch.from_numpy(gan.prior_.sample(groups[part], rng)).mul(2).sub(1)
        n = len(starts)
        free = (torch.rand(n, generator=draws) >= gan.locality_).float()
        noise = torch.randn(n, gan.module_.latent_dim, generator=draws)
        condition = one_hot(torch.from_numpy(groups[part]), len(gan.group_counts_))
        with one_thread():
            made[part] = gan.module_(starts, free, condition, noise).add(1).div(2).numpy()
    return made

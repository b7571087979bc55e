"""Where arrays become tensors: ImageVAE's training and sampling with torch.

New codes come from a normal distribution fitted to the codes of the real images after training
(Ghosh et al. 2020, arXiv:1903.12436, section 4): with few images, these are not where the standard
normal distribution of training is.
"""

import numpy as np
import torch

from gan_augment.generators.adversarial import ClassIndex
from gan_augment.nn.layers import one_hot
from gan_augment.nn.vae import ImageVAE
from gan_augment.process.callbacks import slice_reporter
from gan_augment.process.state import one_thread
from gan_augment.training.config import TrainingConfig
from gan_augment.training.devices import device_named, private_generator
from gan_augment.training.vae import train_vae

VAE_CONFIG = TrainingConfig(batch_size=64, hidden_dim=32, latent_dim=8, learning_rate=2e-3)
SAMPLE_CHUNK = 500


def train_decoder(gan, images, groups, rng):
    """Train networks for an ``ImageVAE``; returns them and the history."""
    config, device = gan.config or VAE_CONFIG, device_named(gan.device)
    n_groups = len(gan.group_counts_)
    seeds, draws = private_generator(rng), private_generator(rng, device)
    with one_thread():
        real = torch.from_numpy(images).to(device).mul(2).sub(1)
        index = ClassIndex(torch.from_numpy(groups).to(device), n_groups)

        def draw():
            picks = torch.rand(config.batch_size, 2, generator=draws, device=device)
            drawn = (picks[:, 0] * n_groups).long()  # classes evenly: rare ones are learnt too
            condition = one_hot(drawn, n_groups)
            return real[index.at(drawn, picks[:, 1])], condition

        averaged, history = train_vae(
            new_vae(gan, seeds).to(device),
            draw,
            config,
            n_steps=gan.n_steps_,
            rng=draws,
            time_budget=gan.time_budget,
            on_check=slice_reporter(gan, -(-gan.n_steps_ // config.check_every)),
        )
        vae = averaged.cpu().requires_grad_(False)
        gan.code_means_, gan.code_root_ = _codes(vae, real.cpu(), groups, n_groups)
    return vae, history


def _codes(vae, images, groups, n_groups):
    """The mean code of each class, and a root of the covariance that all classes share."""
    of_image = torch.from_numpy(groups)
    conditions = one_hot(of_image, n_groups)
    means, variances = [], []
    for part in zip(images.split(SAMPLE_CHUNK), conditions.split(SAMPLE_CHUNK), strict=True):
        mean, log_variance = vae.encode(*part)
        means.append(mean)
        variances.append(log_variance.exp())
    means, own = torch.cat(means).double(), torch.cat(variances).double().mean(0)
    centres = torch.stack([means[of_image == group].mean(0) for group in range(n_groups)])
    apart = means - centres[of_image]
    covariance = apart.T @ apart / len(apart) + torch.diag(own)
    return centres.float().numpy(), torch.linalg.cholesky(covariance).float().numpy()


def new_vae(gan, rng):
    """Untrained networks for what ``gan`` has seen of its images."""
    config = gan.config or VAE_CONFIG
    return ImageVAE(
        gan.image_shape_,
        n_conditions=len(gan.group_counts_),
        width=config.hidden_dim,
        latent_dim=config.latent_dim,
        rng=rng,
    )


@torch.no_grad()
def decoded_images(gan, groups, rng):
    """Images of the groups asked for, float32 of shape (n, c, h, w) in 0 to 1."""
    draws = private_generator(rng)
    means, root = torch.from_numpy(gan.code_means_), torch.from_numpy(gan.code_root_)
    made = np.empty((len(groups), *gan.image_shape_), dtype=np.float32)
    for start in range(0, len(groups), SAMPLE_CHUNK):
        part = torch.from_numpy(groups[start : start + SAMPLE_CHUNK])
        condition = one_hot(part, len(gan.group_counts_))
        noise = torch.randn(len(part), gan.module_.latent_dim, generator=draws)
        codes = means[part] + noise @ root.T
        with one_thread():
            images = gan.module_.decode(codes, condition)
        made[start : start + len(part)] = images.add(1).div(2).numpy()
    return made

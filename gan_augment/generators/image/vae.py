"""ImageVAE: a small convolutional variational auto-encoder, the GAN's peer for images.

Its networks are in :mod:`gan_augment.nn.vae`, its training in :mod:`gan_augment.training.vae`.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.utils import gen_batches

from gan_augment.generators.base import BaseImageGenerator
from gan_augment.generators.image.saving import SaveImageVAEMixin
from gan_augment.generators.parameters import check_steps, is_auto, refuse
from gan_augment.process.callbacks import (
    CallbackSupportMixin,
    progress_bar,
    reported_slices,
    with_callbacks,
)
from gan_augment.process.progress import Work
from gan_augment.process.randomness import Seed
from gan_augment.process.state import one_fit_at_a_time
from gan_augment.training.config import TrainingConfig

STEPS = 1000
#: Sizes and rates of training, where the caller has none of their own.
VAE_CONFIG = TrainingConfig(batch_size=64, hidden_dim=32, latent_dim=8, learning_rate=2e-3)
#: Images that are encoded or decoded at once.
CHUNK = 500


class ImageVAE(CallbackSupportMixin, SaveImageVAEMixin, BaseImageGenerator):
    """Variational auto-encoder for images, conditional on the class.

    Images are decoded from codes drawn from a normal distribution around the codes of the class.
    What they show is smoother than what real images show: the mean over all that a code may stand
    for. It is here as a peer to compare with, see :doc:`/peers`.

    Parameters
    ----------
    channels, image_shape, value_range
        How the images are laid out, see `ImageCodec`.
    target : {"auto", "class"}, default="auto"
        What `y` is; numbers to predict are refused.
    n_steps : "auto" or int, default="auto"
        Training steps; "auto" is 1,000.
    config : TrainingConfig, optional
        Sizes and rates; its ``hidden_dim`` is the number of channels of the first layer. Default:
        64 images a step, 32 channels, 8 latent dimensions, learning rate 2e-3.
    time_budget, device, random_state, verbose
        As for `TabularGAN`.

    Attributes
    ----------
    container_ : ImageCodec
        Layout, range and dtype that were detected.
    history_ : dict of lists
        ``step``, ``loss`` (nats an image), ``kl``, ``error`` (of a pixel) and ``seconds``.
    n_steps_ : int
    code_means_ : ndarray of float32 of shape (n_classes, latent_dim)
        Mean code of each class.
    code_root_ : ndarray of float32 of shape (latent_dim, latent_dim)
        Root of the covariance of codes within a class.

    Raises
    ------
    InputError
        By ``fit``, before training, if the images, target or a parameter cannot be used.
    TrainingDivergedError
        By ``fit``, if the loss is no longer finite, or codes explode.

    References
    ----------
    D. P. Kingma and M. Welling, "Auto-Encoding Variational Bayes", ICLR 2014.
    K. Sohn, H. Lee and X. Yan, "Learning Structured Output Representation using Deep Conditional
    Generative Models", NeurIPS 2015.
    P. Ghosh et al., "From Variational to Deterministic Autoencoders", ICLR 2020: new codes.
    O. Rybkin, K. Daniilidis and S. Levine, "Simple and Effective VAE Training with Calibrated
    Decoders", ICML 2021.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> digits = load_digits()
    >>> vae = ImageVAE(n_steps=10, random_state=0).fit(digits.images, digits.target)
    >>> X_new, y_new = vae.sample(y=[3, 7])
    >>> X_new.shape, X_new.dtype, y_new.tolist()
    ((2, 8, 8), dtype('float64'), [3, 7])
    """

    def __init__(
        self,
        *,
        channels: str = "auto",
        image_shape: tuple[int, ...] | None = None,
        value_range: str | tuple[float, float] = "auto",
        target: str = "auto",
        n_steps: str | int = "auto",
        time_budget: float | None = None,
        config: TrainingConfig | None = None,
        device: str = "auto",
        random_state: Seed = None,
        verbose: int = 0,
    ) -> None:
        self.channels = channels
        self.image_shape = image_shape
        self.value_range = value_range
        self.target = target
        self.n_steps = n_steps
        self.time_budget = time_budget
        self.config = config
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    @one_fit_at_a_time
    @with_callbacks
    def fit(self, X: Any, y: Any = None) -> Self:
        with progress_bar(self, self.verbose):
            return super().fit(X, y)

    def _fit(self, images, values, rng):
        self.n_steps_ = STEPS if is_auto(self.n_steps) else int(self.n_steps)
        groups = self._groups(values, len(images))
        self.module_, self.history_ = self._train(images, groups, rng)
        self.code_means_, self.code_root_ = self._fit_codes(images, groups)

    def _train(self, images, groups, rng):
        """Train the networks; return them and the history."""
        import torch

        from gan_augment.generators.adversarial import ClassIndex
        from gan_augment.process.state import torch_defaults
        from gan_augment.training.devices import device_named, private_generator
        from gan_augment.training.vae import train_vae

        config, device = self.config or VAE_CONFIG, device_named(self.device)
        n_groups = len(self.group_counts_)
        weights_rng, draws = private_generator(rng), private_generator(rng, device)
        n_checks = -(-self.n_steps_ // config.check_every)
        steps = Work("Training", self.n_steps_, "steps")
        with torch_defaults(), reported_slices(self, n_checks) as report, steps:
            real = torch.from_numpy(images).to(device).mul(2).sub(1)
            index = ClassIndex(torch.from_numpy(groups).to(device), n_groups)

            def draw_batch():
                steps.advance()
                picks = torch.rand(config.batch_size, 2, generator=draws, device=device)
                drawn = (picks[:, 0] * n_groups).long()  # classes evenly: rare ones are learnt too
                condition = torch.nn.functional.one_hot(drawn, n_groups).float()
                return real[index.at(drawn, picks[:, 1])], condition

            averaged, history = train_vae(
                self._new_network(weights_rng).to(device),
                draw_batch,
                config,
                n_steps=self.n_steps_,
                rng=draws,
                time_budget=self.time_budget,
                on_check=report,
            )
        return averaged.cpu().requires_grad_(False), history.records

    def _new_network(self, rng):
        """Return untrained networks for the images seen."""
        from gan_augment.nn.vae import ImageVAE as Networks

        config = self.config or VAE_CONFIG
        return Networks(
            self.image_shape_,
            n_conditions=len(self.group_counts_),
            width=config.hidden_dim,
            latent_dim=config.latent_dim,
            rng=rng,
        )

    def _fit_codes(self, images, groups):
        """Return the mean code of each class, and a root of the covariance that all share.

        With few images, their codes are not where the standard normal distribution of training
        is, so new codes are drawn from a normal distribution fitted to them (Ghosh et al. 2020,
        arXiv:1903.12436, section 4).
        """
        import torch

        from gan_augment.process.state import torch_defaults

        n_groups = len(self.group_counts_)
        with torch_defaults(), torch.no_grad():
            of_image = torch.from_numpy(groups)
            images = torch.from_numpy(images).mul(2).sub(1)
            conditions = torch.nn.functional.one_hot(of_image, n_groups).float()
            parts = zip(images.split(CHUNK), conditions.split(CHUNK), strict=True)
            means, log_variances = zip(
                *(self.module_.encode(*part) for part in parts), strict=True
            )
            means = torch.cat(means).double()
            own = torch.cat(log_variances).exp().double().mean(0)
            centres = torch.stack([means[of_image == g].mean(0) for g in range(n_groups)])
            apart = means - centres[of_image]
            covariance = apart.T @ apart / len(apart) + torch.diag(own)
            return centres.float().numpy(), torch.linalg.cholesky(covariance).float().numpy()

    def _sample(self, n, codes, rng):
        import torch

        from gan_augment.process.state import torch_defaults
        from gan_augment.training.devices import private_generator

        self._check_parameters()  # they may have been set after fit
        groups, draws = self._groups(codes, n), private_generator(rng)
        n_groups = len(self.group_counts_)
        means, root = torch.from_numpy(self.code_means_), torch.from_numpy(self.code_root_)
        made = np.empty((n, *self.image_shape_), dtype=np.float32)
        with torch_defaults(), torch.no_grad():
            for rows in gen_batches(n, CHUNK):
                part = torch.from_numpy(groups[rows])
                condition = torch.nn.functional.one_hot(part, n_groups).float()
                noise = torch.randn(len(part), self.module_.latent_dim, generator=draws)
                images = self.module_.decode(means[part] + noise @ root.T, condition)
                made[rows] = images.add(1).div(2).numpy()
        return made, None

    def _check_parameters(self):
        check_steps(self)
        if not is_auto(self.n_steps) and self.n_steps < 1:
            refuse("n_steps", self.n_steps, "at least 1: what is not trained makes no images")
        self._check_target()

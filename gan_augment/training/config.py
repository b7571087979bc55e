"""The numbers of a training run, built once and read everywhere."""

import math
import numbers
from dataclasses import dataclass
from typing import NoReturn

from gan_augment.exceptions import InputError


@dataclass(frozen=True)
class TrainingConfig:
    """Sizes and rates of adversarial training; the defaults are those of tables.

    They were measured in ``benchmarks/``. Generators of images have defaults of their own.

    Parameters
    ----------
    batch_size : int
        Rows a step; of a table at most a third of the training rows, and at least 16.
    hidden_dim, latent_dim : int
        Width of the two hidden layers, and of the noise; a network that completes rows has none.
    learning_rate : float
        Of Adam, for generator and critics; decays to a tenth along a cosine.
    instance_noise : float
        Standard deviation of the noise added to real and generated rows before a critic sees them
        (Sonderby et al. 2017), in units of normal scores.
    moment_weight : float
        Weight of matching the batch's means and spreads in principal directions (Afonja et al.
        2023, MargCTGAN).
    reconstruction_weight : float
        Weight of restoring the hidden columns of a real row from those that are known.
    averaging : float
        Decay of the running average of the generator's weights, which is what samples.
    check_every : int
        Steps between checks for divergence, each of which keeps a good state to return to.
    max_restarts : int
        Returns to the last good state, each at a third of the learning rate, before giving up.
    """

    batch_size: int = 256
    hidden_dim: int = 128
    latent_dim: int = 32
    learning_rate: float = 2e-3
    instance_noise: float = 0.05
    moment_weight: float = 0.1
    reconstruction_weight: float = 1.0
    averaging: float = 0.99
    check_every: int = 50
    max_restarts: int = 3

    def __post_init__(self) -> None:
        """Refuse what no training can run with, before any starts."""
        for name, low in _SMALLEST.items():
            value, whole = getattr(self, name), isinstance(low, int)
            kind = numbers.Integral if whole else numbers.Real
            if isinstance(value, bool) or not isinstance(value, kind) or not math.isfinite(value):
                self._refuse(name, "a whole number" if whole else "a finite number")
            if value < low:
                self._refuse(name, f"at least {low:g}")
        if self.learning_rate <= 0:
            self._refuse("learning_rate", "a positive number")
        if self.averaging >= 1:
            self._refuse("averaging", "a number from 0 to below 1")

    def _refuse(self, name: str, wanted: str) -> NoReturn:
        raise InputError.of(
            name, getattr(self, name), "cannot be used", f"pass {wanted} to TrainingConfig"
        )


#: Of each parameter; where this is an int, only whole numbers will do.
_SMALLEST = {
    "batch_size": 2,
    "hidden_dim": 1,
    "latent_dim": 1,
    "learning_rate": 0.0,
    "instance_noise": 0.0,
    "moment_weight": 0.0,
    "reconstruction_weight": 0.0,
    "averaging": 0.0,
    "check_every": 1,
    "max_restarts": 0,
}

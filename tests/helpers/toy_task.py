"""The smallest training task there is, a Gaussian number, for tests of the training loop."""

from dataclasses import dataclass

import torch

from gan_augment.nn.layers import linear, multilayer
from gan_augment.training.loop import TrainingTask

MEAN, STD = 2.0, 0.5


@dataclass(frozen=True)
class Batch:
    real: torch.Tensor
    condition: torch.Tensor


class Gaussian(TrainingTask):
    """One number and no classes; ``complaints`` are what each check answers."""

    def __init__(self, seed=0, complaints=()):
        self.rng = torch.Generator().manual_seed(seed)
        self.complaints = list(complaints)
        self.n_draws = self.n_checks = 0

    def draw_batch(self):
        self.n_draws += 1
        real = MEAN + STD * torch.randn(128, 1, generator=self.rng)
        return Batch(real, torch.zeros(128, 0))

    def generate(self, generator, batch):
        noise = torch.randn(len(batch.real), 1, generator=self.rng)
        return generator(noise), torch.zeros(())

    def find_collapse(self, generator):
        self.n_checks += 1
        return self.complaints.pop(0) if self.complaints else None


class Scale(torch.nn.Module):
    """A number times a factor plus a shift."""

    def __init__(self):
        super().__init__()
        self.factor = torch.nn.Parameter(torch.tensor([0.1]))
        self.shift = torch.nn.Parameter(torch.zeros(1))

    def forward(self, noise):
        return noise * self.factor + self.shift


class Critic(torch.nn.Module):
    def __init__(self, rng):
        super().__init__()
        self.trunk = multilayer([1, 32, 32], rng)
        self.head = linear(32, 1, rng)

    def forward(self, rows, condition):
        return self.head(self.trunk(rows)).squeeze(1)

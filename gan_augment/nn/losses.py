"""Adversarial losses: small callables on critic scores.

A loss is an object with three methods, taking scores of shape (n, n_critics) for real and fake
rows of the same classes in the same order:

* ``critic(real, fake)``: what a critic minimises;
* ``generator(real, fake)``: what the generator minimises;
* ``penalty(critic, real, fake, condition)``: a regulariser of the critic, applied every
  ``every``-th step, times ``every``, and once for each critic.

A loss that is made for a certain number of critics says so by its ``n_critics``.

Add one by writing such a class; nothing registers it, it is passed as ``loss=``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import softplus

#: Scores of rows, given their condition.
Critic = Callable[[Tensor, Tensor], Tensor]


def gradient_norms(critic: Critic, rows: Tensor, condition: Tensor) -> Tensor:
    """Squared norm of the critic's gradient at each row, shape (n,)."""
    rows = rows.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(critic(rows, condition).sum(), rows, create_graph=True)
    return gradient.square().flatten(1).sum(1)


@dataclass(frozen=True)
class RelativisticLoss:
    """Relativistic pairing with zero-centred penalties on real and fake rows.

    Jolicoeur-Martineau 2019 (arXiv:1807.00734) for the pairing; Roth et al. 2017 and Mescheder et
    al. 2018 for R1 and R2; together as in Huang et al. 2024 (arXiv:2501.05441), applied lazily.

    Parameters
    ----------
    gamma : float
        Weight of both penalties.
    every : int
        Steps between penalties.
    """

    gamma: float = 0.05
    every: int = 4

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        return softplus(fake - real).mean()

    def generator(self, real: Tensor, fake: Tensor) -> Tensor:
        return softplus(real - fake).mean()

    def penalty(self, critic: Critic, real: Tensor, fake: Tensor, condition: Tensor) -> Tensor:
        rows, conditions = torch.cat([real, fake]), torch.cat([condition, condition])
        # the mean over both halves is half of R1 plus R2
        return self.gamma * gradient_norms(critic, rows, conditions).mean()


@dataclass(frozen=True)
class CrossEntropyLoss:
    """Non-saturating cross-entropy (Goodfellow et al. 2014) with the penalty on real rows (R1)."""

    gamma: float = 0.05
    every: int = 4

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        return softplus(-real).mean() + softplus(fake).mean()

    def generator(self, real: Tensor, fake: Tensor) -> Tensor:
        return softplus(-fake).mean()

    def penalty(self, critic: Critic, real: Tensor, fake: Tensor, condition: Tensor) -> Tensor:
        return self.gamma / 2 * gradient_norms(critic, real, condition).mean()


@dataclass(frozen=True)
class WassersteinLoss:
    """Wasserstein distance with a gradient penalty between rows (Gulrajani et al. 2017)."""

    gamma: float = 10.0
    every: int = 1

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        return fake.mean() - real.mean()

    def generator(self, real: Tensor, fake: Tensor) -> Tensor:
        return real.mean() - fake.mean()

    def penalty(self, critic: Critic, real: Tensor, fake: Tensor, condition: Tensor) -> Tensor:
        # a fixed sequence of mixing shares needs no random numbers and covers 0 to 1 evenly
        share = torch.linspace(0, 1, len(real), device=real.device)
        share = share.view(-1, *[1] * (real.ndim - 1))
        norms = gradient_norms(critic, share * real + (1 - share) * fake, condition)
        return self.gamma * ((norms + 1e-12).sqrt() - 1).square().mean()


@dataclass(frozen=True)
class DualCriticsLoss:
    """Two critics that reward opposite rows (Nguyen et al. 2017, arXiv:1709.03831, eq. 3).

    The first critic rewards real rows, the second generated ones; both outputs are made positive
    by softplus. The generator then minimises a mix of the Kullback-Leibler divergence and its
    reverse, which discourages dropped modes as well as implausible rows. Scores are (n, 2).

    Parameters
    ----------
    alpha, beta : float in (0, 1]
        Weights of the two log terms, as in the paper.
    gamma, every : float, int
        R1 penalty on both critics and the steps between its applications.
    """

    alpha: float = 0.2
    beta: float = 0.1
    gamma: float = 0.05
    every: int = 4
    n_critics: ClassVar[int] = 2

    def critic(self, real: Tensor, fake: Tensor) -> Tensor:
        first = softplus(fake[:, 0]).mean() - self.alpha * _log_softplus(real[:, 0]).mean()
        second = softplus(real[:, 1]).mean() - self.beta * _log_softplus(fake[:, 1]).mean()
        return first + second

    def generator(self, real: Tensor, fake: Tensor) -> Tensor:
        return self.beta * _log_softplus(fake[:, 1]).mean() - softplus(fake[:, 0]).mean()

    def penalty(self, critic: Critic, real: Tensor, fake: Tensor, condition: Tensor) -> Tensor:
        return self.gamma / 2 * gradient_norms(critic, real, condition).mean()


def _log_softplus(x: Tensor) -> Tensor:
    return torch.log(softplus(x) + 1e-8)

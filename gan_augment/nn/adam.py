"""Adam (Kingma & Ba 2015, arXiv:1412.6980), with the kernels of torch and without its optimisers.

The first optimiser of ``torch.optim`` imports torch's compiler, which takes more than a second,
sets a variable of the environment and adds a filter of warnings. Nothing here is compiled.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

EPSILON = 1e-8


def rate_tensor(rate: float, device: torch.device) -> Tensor:
    """Return a learning rate that can be filled: as exact as the kernels of the device read it."""
    kind = torch.float32 if device.type == "cuda" else torch.float64
    return torch.tensor(rate, device=device, dtype=kind)


class Adam:
    """Moves parameters against their gradients, each at a pace of its own.

    Parameters
    ----------
    parameters : iterable of Tensor
    rate : float or Tensor
        The learning rate; a tensor where it changes, which its owner fills.
    betas : (float, float)
        What the running means of gradients and of their squares keep in a step.
    decay : float
        Each step takes so much of the learning rate from the parameters (Loshchilov & Hutter
        2019, arXiv:1711.05101).

    Examples
    --------
    >>> place = torch.tensor([3.0], requires_grad=True)
    >>> optimiser = Adam([place], rate=0.1)
    >>> for _ in range(200):
    ...     place.square().sum().backward()
    ...     optimiser.step()
    >>> bool(place.abs() < 0.1)
    True
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        rate: float | Tensor,
        betas: tuple[float, float] = (0.9, 0.999),
        decay: float = 0.0,
    ) -> None:
        self.parameters, self.rate = list(parameters), rate
        self.betas, self.decay = betas, decay
        self.state = [
            {
                "step": torch.zeros((), dtype=torch.float32, device=parameter.device),
                "exp_avg": torch.zeros_like(parameter, requires_grad=False),
                "exp_avg_sq": torch.zeros_like(parameter, requires_grad=False),
            }
            for parameter in self.parameters
        ]

    @torch.no_grad()
    def step(self) -> None:
        """Move the parameters that have a gradient, and leave none to be added to."""
        moved = [
            (parameter, parameter.grad, *state.values())
            for parameter, state in zip(self.parameters, self.state, strict=True)
            if parameter.grad is not None
        ]
        if not moved:
            return
        parameters, gradients, steps, means, squares = map(list, zip(*moved, strict=True))
        torch._foreach_add_(steps, 1)
        torch._fused_adamw_(
            parameters,
            gradients,
            means,
            squares,
            [],
            steps,
            lr=self.rate,
            beta1=self.betas[0],
            beta2=self.betas[1],
            weight_decay=self.decay,
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
        )
        for parameter in parameters:
            parameter.grad = None

    def restore(self, state: dict[int, dict[str, Tensor]]) -> None:
        """Take over steps and running means, by the place of a parameter."""
        for place, values in state.items():
            for name, value in values.items():
                known = self.state[place][name]
                known.copy_(value.reshape(known.shape))

"""Training of a variational auto-encoder."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable

import torch
from torch import Tensor

from gan_augment.exceptions import TrainingDivergedError
from gan_augment.nn.adam import Adam, rate_tensor
from gan_augment.nn.vae import ImageVAE
from gan_augment.training.config import TrainingConfig
from gan_augment.training.loop import History, cosine

#: Longest step, as the norm of all gradients: rare ones, early on, are a thousand times as long.
LONGEST = 100.0
#: Nats of a code that no image needs: a hundred bits for each of a thousand pixels.
EXPLOSION = 1e5


def train_vae(
    vae: ImageVAE,
    draw_batch: Callable[[], tuple[Tensor, Tensor]],
    config: TrainingConfig,
    *,
    n_steps: int,
    rng: torch.Generator,
    time_budget: float | None = None,
    on_check: Callable[[], bool | None] | None = None,
) -> tuple[ImageVAE, History]:
    """Maximise the bound on the likelihood of images; return the averaged networks and a history.

    The images have one variance for all pixels, set to its optimum in each step (Rybkin et al.
    2021, arXiv:2006.13202, eq. 8), which weighs reconstruction against the codes without a
    parameter of its own. ``loss`` in the history is the negative bound in nats an image, up to a
    constant; ``kl`` the part of the codes, ``error`` the root mean squared error of a pixel, of a
    range of 2. Where the loss is no longer finite, or codes explode, TrainingDivergedError is
    raised.
    """
    averaged, history = copy.deepcopy(vae), History()
    parameters: list[Tensor] = list(vae.parameters())
    follows: list[Tensor] = list(averaged.parameters())
    rate = rate_tensor(config.learning_rate, parameters[0].device)
    optimiser = Adam(parameters, rate)
    started = time.monotonic()
    for step in range(n_steps):
        rate.fill_(config.learning_rate * cosine(step / n_steps))
        images, condition = draw_batch()
        mean, log_variance = vae.encode(images, condition)
        noise = torch.randn(mean.shape, generator=rng, device=mean.device)
        made = vae.decode(mean + noise * (log_variance / 2).exp(), condition)
        squared = (made - images).square().mean()
        reconstruction = images[0].numel() / 2 * (squared + 1e-8).log()
        kl = (mean.square() + log_variance.exp() - log_variance - 1).sum(1).mean() / 2
        loss = reconstruction + kl
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, LONGEST)
        optimiser.step()
        decay = min(config.averaging, (step + 1) / (step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(follows, parameters, 1 - decay)

        seconds = time.monotonic() - started
        late = time_budget is not None and seconds > time_budget
        if (step + 1) % config.check_every and step + 1 < n_steps and not late:
            continue
        if not (torch.isfinite(loss.detach()) and kl.detach() < EXPLOSION):
            raise TrainingDivergedError(
                f"Training diverged at step {step + 1}: the codes hold {kl.detach():.3g} nats an "
                f"image; lower TrainingConfig(learning_rate=...), now {config.learning_rate:g}."
            )
        history.add(
            step=step + 1,
            loss=loss.detach(),
            kl=kl.detach(),
            error=squared.detach().sqrt(),
            seconds=seconds,
        )
        if (on_check is not None and on_check()) or late:
            break
    return averaged, history

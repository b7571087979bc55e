"""Where tensors live, and private torch generators: torch's global one is left alone."""

from __future__ import annotations

import numpy as np
import torch

from gan_augment.exceptions import InputError
from gan_augment.process.randomness import draw_seed


def private_generator(
    rng: np.random.Generator, device: torch.device | str = "cpu"
) -> torch.Generator:
    """Return a torch generator of its own on a device, its seed drawn from `rng`."""
    # seeds the new generator alone: torch's global one is left as it is
    return torch.Generator(device).manual_seed(draw_seed(rng))


def device_named(name: str) -> torch.device:
    """Return the device that a parameter names: "auto", "cpu" or "cuda"."""
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError.of(
            "device", name, "cannot be used, as torch sees no GPU", 'pass "auto" or "cpu"'
        )
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(name)

"""Where tensors live, and private torch generators: torch's global one is left alone."""

import torch

from gan_augment.exceptions import InputError
from gan_augment.process.randomness import draw_seed


def private_generator(rng, device="cpu"):
    """Return a torch generator of its own.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where its seed is drawn.
    device : torch.device or str, default="cpu"

    Returns
    -------
    torch.Generator
    """
    return torch.Generator(device).manual_seed(draw_seed(rng))


def device_named(name):
    """Return the device that a parameter names.

    Parameters
    ----------
    name : {"auto", "cpu", "cuda"}

    Returns
    -------
    torch.device

    Raises
    ------
    InputError
        If torch sees no GPU and one is asked for.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise InputError('device="cuda" but torch sees no GPU: pass device="auto" or "cpu".')
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return torch.device(name)

"""Moving the pixels of images: shifts, turns, and smooth flows from one image to another.

Images are tensors of shape (n, channels, height, width). Everything here is differentiable.
"""

import torch
from torch.nn import functional

from gan_augment.nn.optimisers import new_optimiser

#: Points of a flow's grid along each side.
GRID = 7


def displace(images, flow):
    """Move pixels along a flow.

    Parameters
    ----------
    images : Tensor of shape (n, c, h, w)
    flow : Tensor of shape (n, 2, any, any)
        Where each place takes its pixel from, right and down, in halves of the image's side;
        spread smoothly over the image.

    Returns
    -------
    Tensor of shape (n, c, h, w)
        What lies beyond the edge repeats the edge.
    """
    size = images.shape[-2:]
    flow = functional.interpolate(flow, size, mode="bicubic", align_corners=True)
    return sample_at(images, _identity(len(images), size, images) + flow.permute(0, 2, 3, 1))


def sample_at(images, places):
    """Return images with pixels from the given places, (n, h, w, 2) in -1 to 1."""
    places = torch.nan_to_num(places)  # torch's kernel reads memory that is not its own at a NaN
    return functional.grid_sample(images, places, align_corners=False, padding_mode="border")


def _identity(n, size, like):
    eye = torch.eye(2, 3, device=like.device, dtype=like.dtype).expand(n, 2, 3)
    return functional.affine_grid(eye, (n, 1, *size), align_corners=False)


def turn(images, angles):
    """Turn images about their centres.

    Parameters
    ----------
    images : Tensor of shape (n, c, h, w)
    angles : Tensor of shape (n,)
        Radians.

    Returns
    -------
    Tensor of shape (n, c, h, w)
        What lies beyond the edge repeats the edge.
    """
    cos, sin, still = torch.cos(angles), torch.sin(angles), torch.zeros_like(angles)
    height, width = images.shape[-2:]
    rows = [cos, -sin * height / width, still, sin * width / height, cos, still]
    matrix = torch.stack(rows, dim=1).reshape(-1, 2, 3)
    return sample_at(images, functional.affine_grid(matrix, images.shape, align_corners=False))


def shift_whole(images, shifts):
    """Shift images by whole pixels, without blurring them; the edge repeats.

    Parameters
    ----------
    images : Tensor of shape (n, c, h, w)
    shifts : Tensor of int64 of shape (n, 2)
        Down and right.

    Returns
    -------
    Tensor of shape (n, c, h, w)
    """
    height, width = images.shape[-2:]
    rows = torch.arange(height, device=images.device) - shifts[:, :1]
    columns = torch.arange(width, device=images.device) - shifts[:, 1:]
    rows = rows.clamp(0, height - 1)[:, None, :, None]
    columns = columns.clamp(0, width - 1)[:, None, None, :]
    n, c = images.shape[:2]
    first = torch.arange(n, device=images.device)[:, None, None, None]
    second = torch.arange(c, device=images.device)[None, :, None, None]
    return images[first, second, rows, columns]


def register(sources, targets, *, steps=60, rate=0.05, stiffness=0.02):
    """Find the smooth flow that makes each source look like its target.

    Minimises the mean squared difference of pixels plus the roughness of the flow, on a coarse
    grid, by gradient descent: demons-like registration in its simplest form (Thirion 1998).

    Parameters
    ----------
    sources, targets : Tensor of shape (n, c, h, w)
        Values of about 0 to 1.
    steps : int
    rate : float
        Of Adam.
    stiffness : float
        Weight of the roughness; a fifth of it pulls towards no movement.

    Returns
    -------
    Tensor of shape (n, 2, GRID, GRID)
        ``displace(sources, flow)`` is close to ``targets``.
    """
    flow = torch.zeros(len(sources), 2, GRID, GRID, device=sources.device, requires_grad=True)
    optimiser = new_optimiser(torch.optim.Adam, [flow], lr=rate)
    for _ in range(steps):
        moved = displace(sources, flow)
        # sums over images, so that each is moved as if it were alone
        misfit = (moved - targets).square().mean((1, 2, 3)).sum()
        down = flow[:, :, 1:] - flow[:, :, :-1]
        right = flow[..., 1:] - flow[..., :-1]
        rough = sum(part.square().mean((1, 2, 3)).sum() for part in (down, right))
        size = flow.square().mean((1, 2, 3)).sum()
        optimiser.zero_grad()
        (misfit + stiffness * (rough + 0.2 * size)).backward()
        optimiser.step()
    return flow.detach()

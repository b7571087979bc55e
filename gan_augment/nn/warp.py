"""Moving the pixels of images: shifts, turns, and smooth flows from one image to another.

Images are tensors of shape (n, channels, height, width). Everything here is differentiable.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from gan_augment.nn.adam import Adam

#: Points of a flow's grid along each side.
GRID = 7
#: Halves of a side beyond which no flow leads: all that is there repeats the edge.
FARTHEST = 4.0
#: Steps of a registration, their rate, and the weight of a flow's roughness.
STEPS, RATE, STIFFNESS = 60, 0.05, 0.02


def displace(images: Tensor, flow: Tensor) -> Tensor:
    """Move pixels of images, (n, c, h, w), along a flow.

    What lies beyond the edge repeats the edge. The flow, (n, 2, any, any), says where each place
    takes its pixel from, right and down, in halves of the image's side; it is spread smoothly over
    the image.
    """
    size = images.shape[-2:]
    return sample_at(images, _identity(size, images) + _spread_out(flow, size).movedim(1, -1))


def _spread_out(flow, size):
    """Bicubic interpolation of a coarse flow, (n, 2, any, any), to (n, 2, *size).

    It is linear and the same for all flows, so two products of small matrices do it, several times
    faster than torch's interpolation and its gradient.
    """
    # torch's kernel of sample_at reads memory that is not its own where a place is NaN
    flow = torch.nan_to_num(flow).clamp(-FARTHEST, FARTHEST)
    down, right = (_weights(n, m, flow) for n, m in zip(flow.shape[-2:], size, strict=True))
    return down @ flow @ right.T


def _weights(n, m, like):
    """What each of m places along a side takes from each of n points: (m, n)."""
    points = torch.eye(n, device=like.device, dtype=like.dtype)[None, None]
    return functional.interpolate(points, (m, n), mode="bicubic", align_corners=True)[0, 0]


def sample_at(images: Tensor, places: Tensor) -> Tensor:
    """Return images with pixels from the given places, (n, h, w, 2) in -1 to 1, all finite."""
    return functional.grid_sample(images, places, align_corners=False, padding_mode="border")


def _identity(size, like):
    eye = torch.eye(2, 3, device=like.device, dtype=like.dtype)[None]
    return functional.affine_grid(eye, (1, 1, *size), align_corners=False)


def turn(images: Tensor, angles: Tensor) -> Tensor:
    """Turn images about their centres by angles in radians; the edge repeats."""
    angles = torch.nan_to_num(angles)
    cos, sin, still = torch.cos(angles), torch.sin(angles), torch.zeros_like(angles)
    size = list(images.shape)
    height, width = size[-2:]
    rows = [cos, -sin * height / width, still, sin * width / height, cos, still]
    matrix = torch.stack(rows, dim=1).reshape(-1, 2, 3)
    return sample_at(images, functional.affine_grid(matrix, size, align_corners=False))


def shift_whole(images: Tensor, shifts: Tensor) -> Tensor:
    """Shift images by whole pixels, (n, 2) down and right, without blurring; the edge repeats."""
    height, width = images.shape[-2:]
    rows = torch.arange(height, device=images.device) - shifts[:, :1]
    columns = torch.arange(width, device=images.device) - shifts[:, 1:]
    rows = rows.clamp(0, height - 1)[:, None, :, None]
    columns = columns.clamp(0, width - 1)[:, None, None, :]
    n, c = images.shape[:2]
    first = torch.arange(n, device=images.device)[:, None, None, None]
    second = torch.arange(c, device=images.device)[None, :, None, None]
    return images[first, second, rows, columns]


def register(
    sources: Tensor, targets: Tensor, on_step: Callable[[], object] | None = None
) -> Tensor:
    """Find the smooth flow, (n, 2, GRID, GRID), that makes each source look like its target.

    Minimises the mean squared difference of pixels, of about 0 to 1, plus the roughness of the
    flow, on a coarse grid, by gradient descent: demons-like registration in its simplest form
    (Thirion 1998). A fifth of the weight of the roughness pulls towards no
    movement. `on_step` is called after each of its steps.
    """
    flow = torch.zeros(len(sources), 2, GRID, GRID, device=sources.device, requires_grad=True)
    optimiser = Adam([flow], RATE)
    for _ in range(STEPS):
        moved = displace(sources, flow)
        # sums over images, so that each is moved as if it were alone
        misfit = (moved - targets).square().mean((1, 2, 3)).sum()
        down = flow[:, :, 1:] - flow[:, :, :-1]
        right = flow[..., 1:] - flow[..., :-1]
        rough = sum(part.square().mean((1, 2, 3)).sum() for part in (down, right))
        size = flow.square().mean((1, 2, 3)).sum()
        (misfit + STIFFNESS * (rough + 0.2 * size)).backward()
        optimiser.step()
        if on_step is not None:
            on_step()
    return flow.detach()

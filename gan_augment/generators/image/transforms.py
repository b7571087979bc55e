"""Classic augmentation, small movements of real images: the control that counts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gan_augment.generators.allocation import draw_members, members_of
from gan_augment.generators.base import BaseImageGenerator
from gan_augment.generators.parameters import check_flag, is_number, refuse
from gan_augment.process.randomness import Seed

#: Largest movements, where the caller names none.
SHIFT, ROTATION, BRIGHTNESS = 0.08, 10, 0.1


class ImageTransformGenerator(BaseImageGenerator):
    """Real images of the class asked for: shifted, turned, mirrored, brightened, each a little.

    Parameters
    ----------
    shift : float, default=0.08
        Largest shift along each axis, as a share of the side; rounded to whole pixels, at least
        one where it is not 0.
    rotation : float, default=10
        Largest turn, in degrees.
    flip : bool, default=False
        Mirror half of the images, left to right. Leave it out where left and right mean
        something, as in letters and digits.
    brightness : float, default=0.1
        Largest change of brightness, as a share of it; black stays black.
    channels, image_shape, value_range
        How the images are laid out, see `ImageCodec`.
    target : {"auto", "class"}, default="auto"
        What `y` is.
    random_state : None, int, Generator or RandomState

    Attributes
    ----------
    images_ : ndarray of float32 of shape (n, channels, height, width)
        The training images.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> digits = load_digits()
    >>> classic = ImageTransformGenerator(random_state=0).fit(digits.images, digits.target)
    >>> X_new, y_new = classic.sample(y=[3, 7])
    >>> X_new.shape, X_new.dtype, y_new.tolist()
    ((2, 8, 8), dtype('float64'), [3, 7])
    """

    def __init__(
        self,
        *,
        shift: float = SHIFT,
        rotation: float = ROTATION,
        flip: bool = False,
        brightness: float = BRIGHTNESS,
        channels: str = "auto",
        image_shape: tuple[int, ...] | None = None,
        value_range: str | tuple[float, float] = "auto",
        target: str = "auto",
        random_state: Seed = None,
    ) -> None:
        self.shift = shift
        self.rotation = rotation
        self.flip = flip
        self.brightness = brightness
        self.channels = channels
        self.image_shape = image_shape
        self.value_range = value_range
        self.target = target
        self.random_state = random_state

    def _check_parameters(self):
        check_movements(self.shift, self.rotation, self.flip, self.brightness)

    def _fit(self, images, values, rng):
        self.images_ = images
        self.members_ = members_of(self._groups(values, len(images)))

    def _sample(self, n, codes, rng):
        picked = draw_members(self.members_, self._groups(codes, n), rng)
        return self.moved(self.images_[picked], rng), None

    def moved(self, images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return images after movements of at most the sizes set; it need not be fitted.

        Parameters
        ----------
        images : ndarray of float32 of shape (n, channels, height, width)
            0 to 1.
        rng : numpy.random.Generator

        Returns
        -------
        ndarray of float32 of the same shape
        """
        sizes = {name: getattr(self, name) for name in ("shift", "rotation", "flip", "brightness")}
        return moved_images(images, rng, **sizes)


def moved_images(
    images: np.ndarray,
    rng: np.random.Generator,
    *,
    shift: float = SHIFT,
    rotation: float = ROTATION,
    flip: bool = False,
    brightness: float = BRIGHTNESS,
) -> np.ndarray:
    """Return images, float32 of shape (n, c, h, w), after movements of at most these sizes.

    The sizes are those of `ImageTransformGenerator`.
    """
    import torch

    from gan_augment.nn.warp import shift_whole, turn
    from gan_augment.process.state import torch_defaults
    from gan_augment.training.devices import private_generator

    draws = private_generator(rng)
    n, _, height, width = images.shape

    def uniform(*shape):
        return 2 * torch.rand(*shape, generator=draws) - 1

    with torch_defaults(), torch.no_grad():
        moved = torch.from_numpy(np.ascontiguousarray(images))
        if rotation:
            angles = uniform(n) * math.radians(rotation)
            moved = turn(moved, angles)
        if shift:
            most = torch.tensor([max(1, round(shift * side)) for side in (height, width)])
            moved = shift_whole(moved, torch.round(uniform(n, 2) * (most + 0.499)).long())
        if flip:
            mirrored = torch.rand(n, generator=draws) < 0.5
            moved = torch.where(mirrored[:, None, None, None], moved.flip(3), moved)
        if brightness:
            moved = moved * (1 + brightness * uniform(n, 1, 1, 1))  # black stays black
        return moved.clamp(0, 1).numpy()


def check_movements(shift: Any, rotation: Any, flip: Any, brightness: Any) -> None:
    """Refuse movements that are no numbers, or larger than the image."""
    limits = {"shift": (shift, 0.5), "rotation": (rotation, 180), "brightness": (brightness, 1)}
    for name, (value, most) in limits.items():
        if not (is_number(value) and 0 <= value <= most):
            refuse(name, value, f"a number from 0 to {most}")
    check_flag("flip", flip)

"""What every generator of images has in common: how images are read, and what y may be."""

import numpy as np

from gan_augment.codecs.image import ImageCodec
from gan_augment.exceptions import InputError
from gan_augment.generators.base import BaseGenerator
from gan_augment.generators.selfcheck import check_count, check_pixels


class BaseImageGenerator(BaseGenerator):
    """A generator whose rows are images.

    ``_fit(images, groups, rng)`` gets float32 images of shape (n, channels, height, width) in 0
    to 1 and the code of each one's class, all 0 without classes; ``_sample(n, codes, rng)``
    returns such images and None.

    Attributes
    ----------
    container_ : ImageCodec
        Layout, range and dtype of the images seen.
    image_shape_ : tuple of int
        Channels, height and width.
    """

    learns_images = True

    def _open(self, X):
        if hasattr(X, "columns"):
            raise InputError(
                f"X is a table ({type(X).__name__}), but images are learnt from arrays: pass "
                "X.to_numpy(), with image_shape=(height, width) if an image is a row."
            )
        codec = ImageCodec(self.channels, self.image_shape, self.value_range).fit(X)
        return codec.encode(X), codec

    def _remember(self, images, codec, target, values):
        if target.kind_ == "number":
            raise InputError(
                "y holds numbers, but images are made for classes: pass class labels, target="
                "'class' if the numbers are labels, or no y."
            )
        super()._remember(images, codec, target, values)
        self.image_shape_ = codec.shape_
        self.group_counts_ = np.bincount(self._groups(values, len(images)))

    def _check_rows(self, images, n):
        maker = type(self).__name__
        check_count(images, n, maker)
        check_pixels(images, (n, *self.image_shape_), maker)

    @staticmethod
    def _groups(values, n):
        """What images are made for: classes, or one group without."""
        return np.zeros(n, dtype=np.int64) if values is None else values

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = False
        tags.input_tags.categorical = False
        tags.input_tags.string = False
        return tags

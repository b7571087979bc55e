"""ImageGAN and ImageVAE as plain data, and back: what ``save`` writes and ``load`` restores."""

import math

import numpy as np

from gan_augment.containers.untrusted import checked_array, is_finite, is_whole, require, under
from gan_augment.encoding.image import ImageCodec
from gan_augment.generators.parameters import check_choice, is_auto, refuse
from gan_augment.generators.saving import SaveGeneratorMixin, plain, restored_network


class SaveImagesMixin(SaveGeneratorMixin):
    """What every generator of images has in its file."""

    def _describe(self, arrays, *, config):
        self._check_layout()  # read by `ImageCodec.fit`, so not checked since a later set_params
        return super()._describe(arrays, config=config)

    def _restore_shared(self, header, arrays):
        super()._restore_shared(header, arrays, ImageCodec.from_json)
        for name in ("image_shape", "value_range"):  # JSON has lists where there were tuples
            value = getattr(self, name)
            self.set_params(**{name: tuple(value) if isinstance(value, list) else value})
        self._check_layout()
        require(self.target_.kind_ != "number", "images of classes")
        self.image_shape_ = self.container_.shape_
        require(self.n_features_in_ == math.prod(self.image_shape_), "as many features as pixels")

    def _check_layout(self):
        """Refuse what `ImageCodec.fit` would refuse at the next fit."""
        shape, ends = plain(self.image_shape), plain(self.value_range)
        check_choice("channels", self.channels, ("auto", "last", "first"))
        sides = isinstance(shape, list) and all(is_whole(side, 1) for side in shape)
        if shape is not None and not sides:
            refuse("image_shape", shape, "None or a shape of whole numbers of pixels")
        pair = isinstance(ends, list) and len(ends) == 2 and all(map(is_finite, ends))
        if not is_auto(ends) and not (pair and ends[0] < ends[1]):
            refuse("value_range", ends, '"auto" or (low, high) with low < high')

    def _draw_encoded(self, groups, rng):
        return self._sample(len(groups), groups, rng)[0]


class SaveImageGANMixin(SaveImagesMixin):
    """The file of an ImageGAN: also its prior and its network."""

    _saved_as = "ImageGAN"
    _saved_parameters = (
        "mixture", "locality", "rounds", "flip", "shift", "channels", "image_shape", "value_range",
        "target", "n_critics", "n_steps", "time_budget", "device",
    )  # fmt: skip
    _saved_attributes = (
        "locality_", "completes_", "n_steps_", "n_restarts_", "shift_", "n_features_in_",
    )  # fmt: skip

    def _as_data(self):
        arrays = {f"prior/{name}": array for name, array in self.prior_.arrays().items()}
        return self._describe(arrays, config=self.config)

    def _restore(self, header, arrays):
        from gan_augment.generators.image.prior import ImagePrior

        self._restore_shared(header, arrays)
        require(self.shift_ <= max(self.image_shape_), "a shift inside the image")
        prior, n_groups = under("prior/", arrays), len(self.group_counts_)
        self.prior_ = ImagePrior.from_arrays(prior, self.image_shape_, n_groups)
        self.module_ = restored_network(header, arrays, self._new_network)
        mixtures = [{"interpolate": 1, "morph": 1}] + [{"gan": 1}] * (self.module_ is not None)
        self._try_out(arrays, [{"mixture": mixture} for mixture in mixtures])


class SaveImageVAEMixin(SaveImagesMixin):
    """The file of an ImageVAE: also its network and the codes of its classes."""

    _saved_as = "ImageVAE"
    _saved_parameters = (
        "channels", "image_shape", "value_range", "target", "n_steps", "time_budget", "device",
    )  # fmt: skip
    _saved_attributes = ("n_steps_", "n_features_in_")

    def _as_data(self):
        arrays = {"code_means": self.code_means_, "code_root": self.code_root_}
        return self._describe(arrays, config=self.config)

    def _restore(self, header, arrays):
        self._restore_shared(header, arrays)
        self.module_ = restored_network(header, arrays, self._new_network)
        require(self.module_ is not None, "weights of what was trained")
        size = self.module_.latent_dim
        shape = (len(self.group_counts_), size)
        self.code_means_ = checked_array(arrays, "code_means", "float32", shape)
        root = checked_array(arrays, "code_root", "float32", (size, size))
        # the order in memory that fitting leaves, as a product of few rows rounds by it
        self.code_root_ = np.asfortranarray(root)
        self._try_out(arrays, [{}])

"""Fitted generators of images as plain data, and back: what ``save`` writes, ``load`` restores."""

import math

from gan_augment.containers.untrusted import checked_array, is_finite, is_whole, require
from gan_augment.encoding.image import ImageCodec
from gan_augment.generators.saving import (
    described_model,
    restore_model,
    restored_network,
    try_out,
    under,
)

_PLAIN = (
    "mixture", "locality", "flip", "shift", "channels", "image_shape", "value_range", "target",
    "n_critics", "n_steps", "time_budget", "device",
)  # fmt: skip
_VAE_PLAIN = (
    "channels", "image_shape", "value_range", "target", "n_steps", "time_budget", "device",
)  # fmt: skip
_FITTED = ("locality_", "n_steps_", "n_restarts_", "shift_", "n_features_in_")

_VAE_FITTED = ("n_steps_", "n_features_in_")


def described_image_gan(gan):
    """Return a fitted ImageGAN as the header and the arrays of a file."""
    arrays = {f"prior/{name}": array for name, array in gan.prior_.arrays().items()}
    return described_model(
        gan, "ImageGAN", parameters=_PLAIN, fitted=_FITTED, config=gan.config, arrays=arrays
    )


def restore_image_gan(gan, header, arrays):
    """Make the unfitted ``gan`` the one that was saved."""
    from gan_augment.generators.image.adversarial import new_generator
    from gan_augment.generators.image.prior import ImagePrior

    _restore(gan, header, arrays, _PLAIN, _FITTED)
    require(gan.shift_ <= max(gan.image_shape_), "a shift inside the image")
    prior = under("prior/", arrays)
    gan.prior_ = ImagePrior.from_arrays(prior, gan.image_shape_, len(gan.group_counts_))
    gan.module_ = restored_network(header, arrays, lambda rng: new_generator(gan, rng))
    mixtures = [{"interpolate": 1, "morph": 1}] + [{"gan": 1}] * (gan.module_ is not None)
    try_out(gan, arrays, [{"mixture": mixture} for mixture in mixtures], _drawn)
    return gan


def described_vae(vae):
    """Return a fitted ImageVAE as the header and the arrays of a file."""
    return described_model(
        vae,
        "ImageVAE",
        parameters=_VAE_PLAIN,
        fitted=_VAE_FITTED,
        config=vae.config,
        arrays={"code_means": vae.code_means_, "code_root": vae.code_root_},
    )


def restore_vae(vae, header, arrays):
    """Make the unfitted ``vae`` the one that was saved."""
    from gan_augment.generators.image.vae_training import new_vae

    _restore(vae, header, arrays, _VAE_PLAIN, _VAE_FITTED)
    vae.module_ = restored_network(header, arrays, lambda rng: new_vae(vae, rng))
    require(vae.module_ is not None, "weights of what was trained")
    size = vae.module_.latent_dim
    shape = (len(vae.group_counts_), size)
    vae.code_means_ = checked_array(arrays, "code_means", "float32", shape)
    vae.code_root_ = checked_array(arrays, "code_root", "float32", (size, size))
    try_out(vae, arrays, [{}], _drawn)
    return vae


def _restore(gan, header, arrays, parameters, fitted):
    """What every generator of images has."""
    container = ImageCodec.from_json
    restore_model(gan, header, arrays, parameters=parameters, fitted=fitted, container=container)
    for name in ("image_shape", "value_range"):  # JSON has lists where there were tuples
        value = getattr(gan, name)
        gan.set_params(**{name: tuple(value) if isinstance(value, list) else value})
    _check_chosen(gan)
    require(gan.target_.kind_ != "number", "images of classes")
    gan.image_shape_ = gan.container_.shape_
    require(gan.n_features_in_ == math.prod(gan.image_shape_), "as many features as pixels")


def _drawn(gan, groups, rng):
    return gan._sample(len(groups), groups, rng)[0]


def _check_chosen(gan):
    """Refuse choices that `ImageCodec.fit`, which reads them, would refuse at the next fit."""
    shape, ends = gan.image_shape, gan.value_range
    require(gan.channels in ("auto", "last", "first"), "a known axis of channels")
    sides = isinstance(shape, tuple) and all(is_whole(side, 1) for side in shape)
    require(shape is None or sides, "a shape of whole sides")
    pair = isinstance(ends, tuple) and len(ends) == 2 and all(map(is_finite, ends))
    require(ends == "auto" or (pair and ends[0] < ends[1]), "a range in order")

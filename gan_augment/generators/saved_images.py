"""A fitted ImageGAN as plain data, and back: what ``save`` writes and ``load`` restores."""

from gan_augment.codecs.image import ImageCodec
from gan_augment.generators.model_file import (
    restore_model,
    restored_network,
    under,
    write_model,
)

_PLAIN = (
    "mixture", "locality", "flip", "shift", "channels", "image_shape", "value_range", "target",
    "n_critics", "n_steps", "time_budget", "device",
)  # fmt: skip
_FITTED = ("locality_", "n_steps_", "n_restarts_", "shift_", "n_features_in_")


def save_image_gan(gan, path):
    """Write a fitted ImageGAN to ``path``; see :mod:`gan_augment.persistence` for the format."""
    arrays = {f"prior/{name}": array for name, array in gan.prior_.arrays().items()}
    write_model(
        gan, path, "ImageGAN", parameters=_PLAIN, fitted=_FITTED, config=gan.config, arrays=arrays
    )


def restore_image_gan(gan, header, arrays):
    """Make the unfitted ``gan`` the one that was saved."""
    from gan_augment.generators.image_game import new_generator
    from gan_augment.generators.image_prior import ImagePrior

    container = ImageCodec.from_json
    restore_model(gan, header, arrays, parameters=_PLAIN, fitted=_FITTED, container=container)
    for name in ("image_shape", "value_range"):  # JSON has lists where there were tuples
        value = getattr(gan, name)
        gan.set_params(**{name: tuple(value) if isinstance(value, list) else value})
    gan.image_shape_ = gan.container_.shape_
    gan.prior_ = ImagePrior.from_arrays(under("prior/", arrays))
    gan.module_ = restored_network(header, arrays, lambda rng: new_generator(gan, rng))
    return gan

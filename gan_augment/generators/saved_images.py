"""A fitted ImageGAN as plain data, and back: what ``save`` writes and ``load`` restores."""

import json
import numbers
from dataclasses import asdict

import numpy as np

from gan_augment.codecs.image import ImageCodec
from gan_augment.codecs.target import TargetCodec
from gan_augment.exceptions import InputError
from gan_augment.generators.saved import plain, under
from gan_augment.persistence import write_bundle
from gan_augment.training.config import TrainingConfig

_PLAIN = (
    "mixture", "locality", "flip", "shift", "channels", "image_shape", "value_range", "target",
    "n_critics", "n_steps", "time_budget", "device",
)  # fmt: skip
_FITTED = ("locality_", "n_steps_", "n_restarts_", "shift_", "n_features_in_")


def save_image_gan(gan, path):
    """Write a fitted ImageGAN to ``path``; see :mod:`gan_augment.persistence` for the format."""
    arrays = {f"prior/{name}": array for name, array in gan.prior_.arrays().items()}
    arrays["group_counts"] = gan.group_counts_
    if gan.module_ is not None:
        weights = gan.module_.state_dict()
        arrays |= {f"module/{name}": tensor.numpy() for name, tensor in weights.items()}
    arrays |= {f"history/{name}": np.array(record) for name, record in gan.history_.items()}
    seed = gan.random_state
    header = {
        "class": "ImageGAN",
        "parameters": {name: plain(getattr(gan, name)) for name in _PLAIN},
        "random_state": int(seed) if isinstance(seed, numbers.Integral) else None,
        "config": gan.config and {k: plain(v) for k, v in asdict(gan.config).items()},
        "fitted": {name: plain(getattr(gan, name)) for name in _FITTED},
        "target": gan.target_.to_json(),
        "container": gan.container_.to_json(),
        "trained": gan.module_ is not None,
    }
    try:
        json.dumps(header)
    except (TypeError, ValueError) as error:
        raise InputError(f"This model cannot be written as data ({error}).") from error
    write_bundle(path, header, {k: np.asarray(a, order="C") for k, a in arrays.items()})


def restore_image_gan(gan, header, arrays):
    """Make the unfitted ``gan`` the one that was saved."""
    from gan_augment.generators.image_prior import ImagePrior

    config = header["config"]
    gan.set_params(
        **{name: _as_tuple(header["parameters"][name]) for name in _PLAIN},
        config=config and TrainingConfig(**config),
        random_state=header["random_state"],
    )
    for name in _FITTED:
        setattr(gan, name, header["fitted"][name])
    gan.history_ = {name: record.tolist() for name, record in under("history/", arrays).items()}
    gan.container_ = ImageCodec.from_json(header["container"])
    gan.image_shape_ = gan.container_.shape_
    gan.target_ = target = TargetCodec.from_json(header["target"])
    gan.group_counts_ = arrays["group_counts"]
    if target.kind_ == "class":
        gan.classes_ = target.classes_
        counts = gan.group_counts_.tolist()
        gan.class_counts_ = dict(zip(target.classes_.tolist(), counts, strict=True))
    gan.prior_ = ImagePrior.from_arrays(under("prior/", arrays))
    gan.module_ = _module(gan, under("module/", arrays)) if header["trained"] else None
    return gan


def _as_tuple(value):
    return tuple(value) if isinstance(value, list) else value


def _module(gan, weights):
    import torch

    from gan_augment.generators.image_game import new_generator

    module = new_generator(gan, torch.Generator())
    module.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    return module.requires_grad_(False)

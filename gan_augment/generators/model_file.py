"""What saved adversarial generators have in common, as plain data."""

import json
import numbers
from dataclasses import asdict

import numpy as np

from gan_augment.codecs.target import TargetCodec
from gan_augment.exceptions import InputError
from gan_augment.persistence import write_bundle
from gan_augment.training.config import TrainingConfig


def write_model(gan, path, kind, *, parameters, fitted, config, arrays, **facts):
    """Write a fitted generator; see :mod:`gan_augment.persistence` for the format.

    Parameters
    ----------
    gan : generator
    path : str or Path
    kind : str
        Its name in :mod:`gan_augment.loading`.
    parameters, fitted : sequence of str
        Names of the parameters and attributes that JSON can hold.
    config : TrainingConfig or None
    arrays : dict of str to ndarray
        What it has learnt, apart from its network.
    **facts : object
        What only this kind of generator has; goes into the header.
    """
    arrays = arrays | {"group_counts": gan.group_counts_}
    if gan.module_ is not None:
        weights = gan.module_.state_dict()
        arrays |= {f"module/{name}": tensor.numpy() for name, tensor in weights.items()}
    # as arrays, since JSON has no NaN, which is what a loss is when training had to restart
    arrays |= {f"history/{name}": np.array(record) for name, record in gan.history_.items()}
    seed = gan.random_state
    header = {
        "class": kind,
        "parameters": {name: plain(getattr(gan, name)) for name in parameters},
        "random_state": int(seed) if isinstance(seed, numbers.Integral) else None,
        "config": config and plain(asdict(config)),
        "fitted": {name: plain(getattr(gan, name)) for name in fitted},
        "target": gan.target_.to_json(),
        "container": gan.container_.to_json(),
        "trained": gan.module_ is not None,
        **facts,
    }
    try:
        json.dumps(header)
    except (TypeError, ValueError) as error:
        raise InputError(f"This model cannot be written as data ({error}).") from error
    write_bundle(path, header, {k: np.asarray(a, order="C") for k, a in arrays.items()})


def restore_model(gan, header, arrays, *, parameters, fitted, container):
    """Give an unfitted generator the parameters and what `write_model` wrote for all.

    Parameters
    ----------
    gan : generator
    header, arrays : dict
        As read from the file.
    parameters, fitted : sequence of str
        As for `write_model`.
    container : callable
        Makes the container from its JSON text.
    """
    config = header["config"]
    gan.set_params(
        **{name: header["parameters"][name] for name in parameters},
        config=config and TrainingConfig(**config),
        random_state=header["random_state"],
    )
    for name in fitted:
        setattr(gan, name, header["fitted"][name])
    gan.history_ = {name: record.tolist() for name, record in under("history/", arrays).items()}
    gan.container_ = container(header["container"])
    gan.target_ = target = TargetCodec.from_json(header["target"])
    gan.group_counts_ = arrays["group_counts"]
    if target.kind_ == "class":
        gan.classes_ = target.classes_
        counts = gan.group_counts_.tolist()
        gan.class_counts_ = dict(zip(target.classes_.tolist(), counts, strict=True))


def restored_network(header, arrays, new):
    """Return the saved network, or None.

    Parameters
    ----------
    header, arrays : dict
    new : callable
        Makes an untrained one from a torch generator.

    Returns
    -------
    torch.nn.Module or None
    """
    if not header["trained"]:
        return None
    import torch

    weights = under("module/", arrays)
    module = new(torch.Generator())
    module.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    return module.requires_grad_(False)


def plain(value):
    """Return a numpy scalar, as a parameter grid holds them, as Python's own."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value.item() if isinstance(value, np.generic) else value


def under(prefix, arrays):
    """Return the arrays whose names begin so, without it."""
    return {k.removeprefix(prefix): array for k, array in arrays.items() if k.startswith(prefix)}

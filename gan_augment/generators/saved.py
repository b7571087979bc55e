"""A fitted TabularGAN as plain data, and back: what ``save`` writes and ``load`` restores."""

import json
import numbers
from dataclasses import asdict

import numpy as np

from gan_augment.codecs.schema import Schema
from gan_augment.codecs.table import TableCodec
from gan_augment.codecs.target import TargetCodec
from gan_augment.containers import Container
from gan_augment.exceptions import InputError
from gan_augment.generators.prior import StructuredPrior
from gan_augment.persistence import write_bundle
from gan_augment.training.config import TrainingConfig

_PLAIN = ("mixture", "locality", "target", "n_critics", "n_steps", "time_budget", "device")
_FITTED = ("locality_", "n_steps_", "n_rows_", "n_restarts_", "n_features_in_")


def save_gan(gan, path):
    """Write a fitted TabularGAN to ``path``; see :mod:`gan_augment.persistence` for the format."""
    arrays = {f"codec/{name}": array for name, array in gan.codec_.arrays().items()}
    arrays |= {f"prior/{name}": array for name, array in gan.prior_.arrays().items()}
    arrays["group_counts"] = gan.group_counts_
    if gan.module_ is not None:
        weights = gan.module_.state_dict()
        arrays |= {f"module/{name}": tensor.numpy() for name, tensor in weights.items()}
    # as arrays, since JSON has no NaN, which is what a loss is when training had to restart
    arrays |= {f"history/{name}": np.array(record) for name, record in gan.history_.items()}
    config, seed = gan.config or TrainingConfig(), gan.random_state
    header = {
        "class": "TabularGAN",
        "parameters": {name: plain(getattr(gan, name)) for name in _PLAIN},
        # pairs: the keys of a JSON object are strings, the columns of an array are not
        "columns": gan.columns and [[plain(name), kind] for name, kind in gan.columns.items()],
        "random_state": int(seed) if isinstance(seed, numbers.Integral) else None,
        "config": {name: plain(value) for name, value in asdict(config).items()},
        "fitted": {name: plain(getattr(gan, name)) for name in _FITTED},
        "schema": gan.codec_.schema_.to_json(),
        "dependencies": list(gan.codec_.dependencies_.items()),
        "target": gan.target_.to_json(),
        "container": gan.container_.to_json(),
        "trained": gan.module_ is not None,
    }
    try:
        json.dumps(header)
    except (TypeError, ValueError) as error:
        raise InputError(f"This model cannot be written as data ({error}).") from error
    write_bundle(path, header, {k: np.asarray(a, order="C") for k, a in arrays.items()})


def restore_gan(gan, header, arrays):
    """Make the unfitted ``gan`` the one that was saved."""
    gan.set_params(
        **{name: header["parameters"][name] for name in _PLAIN},
        columns=header["columns"] and dict(header["columns"]),
        config=TrainingConfig(**header["config"]),
        random_state=header["random_state"],
    )
    for name in _FITTED:
        setattr(gan, name, header["fitted"][name])
    gan.history_ = {name: record.tolist() for name, record in under("history/", arrays).items()}
    gan.container_ = Container.from_json(header["container"])
    gan.target_ = target = TargetCodec.from_json(header["target"])
    gan.group_counts_ = arrays["group_counts"]
    if target.kind_ == "class":
        gan.classes_ = target.classes_
        counts = gan.group_counts_.tolist()
        gan.class_counts_ = dict(zip(target.classes_.tolist(), counts, strict=True))
    schema = Schema.from_json(header["schema"])
    if all(isinstance(name, str) for name in schema.names):
        gan.feature_names_in_ = np.array(schema.names, dtype=object)
    dependencies = {int(k): int(v) for k, v in header["dependencies"]}
    gan.codec_ = TableCodec.from_arrays(schema, dependencies, under("codec/", arrays))
    gan.prior_ = StructuredPrior.from_arrays(gan.codec_.blocks_, under("prior/", arrays))
    gan.module_ = _module(gan, under("module/", arrays)) if header["trained"] else None
    return gan


def _module(gan, weights):
    import torch

    from gan_augment.generators.table_training import new_generator

    module = new_generator(gan, torch.Generator(), n_rows=0)
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

"""A fitted TabularGAN as plain data, and back: what ``save`` writes and ``load`` reads."""

import json
from dataclasses import asdict

import numpy as np

from gan_augment.codecs.schema import Schema
from gan_augment.codecs.table import TableCodec
from gan_augment.codecs.target import TargetCodec
from gan_augment.containers import Container
from gan_augment.exceptions import InputError, ModelFileError
from gan_augment.persistence import read_bundle, write_bundle
from gan_augment.training.config import TrainingConfig

_PLAIN = ("locality", "columns", "target", "n_critics", "n_steps", "time_budget", "device")
_FITTED = ("locality_", "n_steps_", "n_restarts_", "n_features_in_", "history_")


def save_gan(gan, path):
    """Write a fitted TabularGAN to ``path``; see :mod:`gan_augment.persistence` for the format."""
    arrays = {f"codec/{name}": array for name, array in gan.codec_.arrays().items()}
    arrays |= {f"prior/{name}": array for name, array in gan.prior_.arrays().items()}
    arrays["group_counts"] = gan.group_counts_
    if gan.module_ is not None:
        weights = gan.module_.state_dict()
        arrays |= {f"module/{name}": tensor.numpy() for name, tensor in weights.items()}
    config = gan.config or TrainingConfig()
    header = {
        "class": "TabularGAN",
        "parameters": {name: getattr(gan, name) for name in _PLAIN},
        "random_state": gan.random_state if isinstance(gan.random_state, int) else None,
        "config": asdict(config),
        "fitted": {name: getattr(gan, name) for name in _FITTED},
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
    write_bundle(path, header, {k: np.ascontiguousarray(a) for k, a in arrays.items()})


def load(path):
    """Read a generator that ``save`` wrote.

    The file holds data only; nothing in it is executed.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    TabularGAN
        Fitted: ready to ``sample``.

    Raises
    ------
    ModelFileError
        If the file is not one of ours, damaged, or of a newer format.

    Examples
    --------
    >>> import gan_augment, tempfile, pathlib
    >>> X = np.random.default_rng(0).normal(size=(30, 2))
    >>> gan = gan_augment.TabularGAN(n_steps=5, random_state=0).fit(X)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gan.save(pathlib.Path(folder) / "model")
    ...     again = gan_augment.load(pathlib.Path(folder) / "model")
    >>> np.array_equal(gan.sample(5)[0], again.sample(5)[0])
    True
    """
    header, arrays = read_bundle(path)
    try:
        return _gan(header, arrays)
    except (KeyError, ValueError, TypeError, RuntimeError, IndexError) as error:
        raise ModelFileError(f"{path} does not describe a generator ({error!r}).") from error


def _gan(header, arrays):
    from gan_augment.generators.prior import StructuredPrior
    from gan_augment.generators.tabular import TabularGAN

    if header["class"] != "TabularGAN":
        raise ModelFileError(f"it holds a {header['class']}, which this version does not know")
    gan = TabularGAN(
        **{name: header["parameters"][name] for name in _PLAIN},
        config=TrainingConfig(**header["config"]),
        random_state=header["random_state"],
    )
    for name in _FITTED:
        setattr(gan, name, header["fitted"][name])
    gan.container_ = Container.from_json(header["container"])
    target = TargetCodec.from_json(header["target"])
    gan.target_ = target
    gan.group_counts_ = arrays["group_counts"]
    if target.kind_ == "class":
        gan.classes_ = target.classes_
        counts = gan.group_counts_.tolist()
        gan.class_counts_ = dict(zip(target.classes_.tolist(), counts, strict=True))
    schema = Schema.from_json(header["schema"])
    if all(isinstance(name, str) for name in schema.names):
        gan.feature_names_in_ = np.array(schema.names, dtype=object)
    dependencies = {int(k): int(v) for k, v in header["dependencies"]}
    gan.codec_ = TableCodec.from_arrays(schema, dependencies, _under("codec/", arrays))
    gan.prior_ = StructuredPrior.from_arrays(gan.codec_.blocks_, _under("prior/", arrays))
    gan.module_ = _module(gan, _under("module/", arrays)) if header["trained"] else None
    return gan


def _module(gan, weights):
    import torch

    from gan_augment.generators.table_training import new_generator

    module = new_generator(gan, torch.Generator(), n_rows=0)
    module.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    return module.requires_grad_(False)


def _under(prefix, arrays):
    return {k.removeprefix(prefix): array for k, array in arrays.items() if k.startswith(prefix)}

"""What saved adversarial generators have in common, as plain data."""

import copy
import json
import numbers
from dataclasses import asdict

import numpy as np
from sklearn.utils.validation import check_is_fitted

from gan_augment.containers.untrusted import checked_array, is_finite, is_whole, require
from gan_augment.encoding.dtypes import python_scalar
from gan_augment.encoding.target import TargetCodec
from gan_augment.exceptions import InputError
from gan_augment.io.serialization import write_bundle
from gan_augment.process.randomness import as_rng
from gan_augment.training.config import TrainingConfig

#: What a restored attribute must be; every name in ``fitted`` has its line here.
_FITTED = {
    "locality_": lambda value: is_finite(value) and 0 <= value <= 1,
    "n_steps_": is_whole,
    "n_restarts_": is_whole,
    "n_rows_": lambda value: is_whole(value, 2),
    "n_features_in_": lambda value: is_whole(value, 1),
    "shift_": is_whole,
}
#: Of so many groups a restored generator is asked for a row.
_TRIED = 50


class SaveMixin:
    """Gives a generator or a face its ``save``; a subclass writes ``_as_data``."""

    def save(self, path):
        """Write what was fitted to one file of data, to be read by ``gan_augment.load``.

        Parameters
        ----------
        path : str or Path
            Replaced as a whole once the new file is complete.

        Raises
        ------
        InputError
            If a part of it is no data: a filter that is a function, a generator of a
            `GANAugmenter` that has no ``save``.

        Notes
        -----
        The file holds training rows or images: share it as you would the data. What else it
        holds, and what not, is said in :doc:`/saving`.
        """
        write_model(path, *self.as_data())

    def as_data(self):
        """Return what was fitted as plain data: what `save` writes.

        Returns
        -------
        header : dict
            JSON-able.
        arrays : dict of str to ndarray
        """
        check_is_fitted(self)
        return self._as_data()


def described_model(gan, kind, *, parameters, fitted, config, arrays, **facts):
    """Return a fitted generator as the header and the arrays of a file.

    Parameters
    ----------
    gan : generator
    kind : str
        Its name in :mod:`gan_augment.estimators.loading`.
    parameters, fitted : sequence of str
        Names of the parameters and attributes that JSON can hold.
    config : TrainingConfig or None
    arrays : dict of str to ndarray
        What it has learnt, apart from its network.
    **facts : object
        What only this kind of generator has; goes into the header.

    Returns
    -------
    header : dict
    arrays : dict of str to ndarray
    """
    arrays = arrays | {"group_counts": gan.group_counts_}
    if gan.module_ is not None:
        weights = gan.module_.state_dict()  # wherever it was trained, a file holds plain arrays
        arrays |= {f"module/{name}": tensor.cpu().numpy() for name, tensor in weights.items()}
    # as arrays, since JSON has no NaN, which is what a loss is when training had to restart
    arrays |= {f"history/{name}": np.array(record) for name, record in gan.history_.items()}
    header = {
        "class": kind,
        "parameters": {name: plain(getattr(gan, name)) for name in parameters},
        "random_state": plain_seed(gan.random_state),
        "config": config and plain(asdict(config)),
        "fitted": {name: plain(getattr(gan, name)) for name in fitted},
        "target": gan.target_.to_json(),
        "container": gan.container_.to_json(),
        "trained": gan.module_ is not None,
        **facts,
    }
    return header, {name: np.asarray(array, order="C") for name, array in arrays.items()}


def write_model(path, header, arrays):
    """Write what `described_model` returned, in the format of `gan_augment.io.serialization`."""
    try:
        json.dumps(header, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"This model cannot be written as data ({error}).") from error
    write_bundle(path, header, arrays)


def restore_model(gan, header, arrays, *, parameters, fitted, container):
    """Give an unfitted generator the parameters and what `described_model` took of all.

    Parameters
    ----------
    gan : generator
    header, arrays : dict
        As read from the file.
    parameters, fitted : sequence of str
        As for `described_model`.
    container : callable
        Makes the container from its JSON text.

    Raises
    ------
    InputError
        If a parameter cannot be used, or the parts do not fit each other.
    """
    config, seed = header["config"], header["random_state"]
    gan.set_params(
        **{name: header["parameters"][name] for name in parameters},
        config=config and TrainingConfig(**config),
        random_state=seed,
    )
    gan._check_parameters()
    as_rng(seed)
    for name in fitted:
        value = header["fitted"][name]
        require(_FITTED[name](value), f"a {name} that fitting gives")
        setattr(gan, name, value)
    history = under("history/", arrays)
    for name in history:
        checked_array(history, name, "float64 int64", (None,), gaps=None)
    gan.history_ = {name: record.tolist() for name, record in history.items()}
    gan.container_ = container(header["container"])
    gan.target_ = target = TargetCodec.from_json(header["target"])
    most = 2**53 // max(arrays["group_counts"].size, 1)  # so that their sum is exact
    counts = checked_array(arrays, "group_counts", "int64", (None,), low=1, high=most)
    gan.group_counts_ = counts
    if target.kind_ == "class":
        gan.classes_ = target.classes_
        gan.class_counts_ = dict(zip(target.classes_.tolist(), counts.tolist(), strict=True))
        require(len(gan.class_counts_) == len(counts), "no class twice")
    else:
        require(len(counts) == 1 or (target.kind_ == "number" and len(counts)), "groups of rows")


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

    Raises
    ------
    InputError
        If the arrays are not the weights of such a network.
    """
    import torch

    weights = under("module/", arrays)
    require(isinstance(header["trained"], bool), "true or false for trained")
    require(header["trained"] == bool(weights), "weights of what was trained")
    if not header["trained"]:
        return None
    with torch.device("meta"):  # shapes alone: a file may ask for a network of any size
        wanted = new(torch.Generator()).state_dict()
    require(set(wanted) == set(weights), "the weights of its network and no others")
    for name, like in wanted.items():
        kind = str(like.dtype).removeprefix("torch.")
        checked_array(weights, name, kind, tuple(like.shape))
    module = new(torch.Generator())
    module.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    return module.requires_grad_(False)


def try_out(gan, arrays, settings, draw):
    """Draw a few rows in each setting: what cannot be drawn from is refused now, not later.

    Parameters
    ----------
    gan : generator
        Restored.
    arrays : dict
        As read from the file; there must be no others than it would write itself.
    settings : list of dict
        Parameters that are read when rows are drawn.
    draw : callable
        Makes encoded rows of a generator, groups and a numpy Generator.
    """
    require(set(gan.as_data()[1]) == set(arrays), "the arrays of its generator and no others")
    groups = np.arange(min(len(gan.group_counts_), _TRIED))
    for parameters in settings:
        probe = copy.copy(gan).set_params(**parameters)
        with np.errstate(all="ignore"):
            made = draw(probe, groups, np.random.default_rng(0))
        require(np.isfinite(made).all(), "weights and rows that give finite rows")
    if gan.target_.kind_ == "class":
        probe.sample(y=gan.classes_[groups], random_state=0)
    else:
        probe.sample(2, random_state=0)


def plain_seed(seed):
    """Return a seed that is a number as an int, and any other as None."""
    return int(seed) if isinstance(seed, numbers.Integral) else None


def plain(value):
    """Return a numpy scalar, as a parameter grid holds them, as Python's own."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return python_scalar(value)


def under(prefix, arrays):
    """Return the arrays whose names begin so, without it."""
    return {k.removeprefix(prefix): array for k, array in arrays.items() if k.startswith(prefix)}

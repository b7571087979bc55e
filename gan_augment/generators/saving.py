"""Fitted generators as plain data, and back: what the generators with a network share."""

from __future__ import annotations

import copy
import json
import numbers
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from sklearn.utils.validation import check_is_fitted

from gan_augment.containers.untrusted import checked_array, is_finite, is_whole, require, under
from gan_augment.encoding.dtypes import python_scalar
from gan_augment.encoding.target import TargetCodec
from gan_augment.exceptions import InputError
from gan_augment.io.serialization import write_bundle
from gan_augment.process.randomness import as_rng
from gan_augment.process.state import torch_defaults
from gan_augment.training.config import TrainingConfig

#: What a restored attribute must be; every name in ``_saved_attributes`` has its line here.
_ATTRIBUTES = {
    "locality_": lambda value: is_finite(value) and 0 <= value <= 1,
    "completes_": lambda value: isinstance(value, bool),
    "n_steps_": is_whole,
    "n_restarts_": is_whole,
    "n_rows_": lambda value: is_whole(value, 2),
    "n_features_in_": lambda value: is_whole(value, 1),
    "shift_": is_whole,
}
#: A restored generator is asked for a row of so many groups.
_TRIED_GROUPS = 50


class SaveMixin:
    """Gives a generator or an augmenter its ``save``; a subclass writes ``_as_data``."""

    def save(self, path: str | Path) -> None:
        """Write what was fitted to one file of data, to be read by ``gan_augment.load``.

        Parameters
        ----------
        path : str or Path
            Replaced as a whole once the new file is complete.

        Raises
        ------
        InputError
            If a part of it is no data: a filter that is a function, a generator of a
            `GANAugmenter` that has no ``save``. Or if a parameter was set after ``fit`` to a
            value that cannot be used.

        Notes
        -----
        The file holds training rows or images: share it as you would the data. What else it
        holds, and what not, is said in :doc:`/saving`.
        """
        write_model(path, *self.as_data())

    def as_data(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Return what was fitted as plain data: what `save` writes.

        Returns
        -------
        header : dict
            JSON-able.
        arrays : dict of str to ndarray
        """
        check_is_fitted(self)
        return self._as_data()

    @abstractmethod
    def _as_data(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Return the header and the arrays."""


class SaveGeneratorMixin(SaveMixin):
    """Gives a generator with a network ``save`` and ``from_data``.

    A subclass sets the names below, and writes ``_as_data``, which calls ``_describe``;
    ``_restore``, which calls ``_restore_shared`` first and ``_try_out`` last; and
    ``_draw_encoded``.
    """

    #: Its name in a file.
    _saved_as: ClassVar[str]
    #: Names of the parameters and of the attributes that JSON can hold.
    _saved_parameters: ClassVar[tuple[str, ...]]
    _saved_attributes: ClassVar[tuple[str, ...]]

    @classmethod
    def from_data(cls, header: dict[str, Any], arrays: dict[str, np.ndarray]) -> Any:
        """Return the fitted generator that ``as_data`` described; refuse parts that do not fit."""
        generator = cls()
        generator._restore(header, arrays)
        return generator

    @abstractmethod
    def _restore(self, header, arrays):
        """Become what ``_as_data`` described."""

    @abstractmethod
    def _draw_encoded(self, groups, rng):
        """Return encoded rows of these groups, to be looked at for numbers that are not finite."""

    def _describe(self, arrays, *, config, **facts):
        """Return the header and the arrays of a file.

        `arrays` are what was learnt apart from the network; `facts` go into the header.
        """
        self._check_parameters()  # they may have been set after fit
        arrays = arrays | {"group_counts": self.group_counts_}
        if self.module_ is not None:
            weights = self.module_.state_dict()  # wherever it was trained, a file holds arrays
            arrays |= {f"module/{name}": tensor.cpu().numpy() for name, tensor in weights.items()}
        # as arrays, since JSON has no NaN, which is what a loss is when training had to restart;
        # without the time it took, so that the same seed gives the same bytes
        history = {name: entries for name, entries in self.history_.items() if name != "seconds"}
        arrays |= {f"history/{name}": np.array(entries) for name, entries in history.items()}
        header = {
            "class": self._saved_as,
            "parameters": {name: plain(getattr(self, name)) for name in self._saved_parameters},
            "random_state": plain_seed(self.random_state),
            "config": config and plain(asdict(config)),
            "fitted": {name: plain(getattr(self, name)) for name in self._saved_attributes},
            "target": self.target_.to_json(),
            "container": self.container_.to_json(),
            "trained": self.module_ is not None,
            **facts,
        }
        return header, {name: np.asarray(array, order="C") for name, array in arrays.items()}

    def _restore_shared(self, header, arrays, read_container):
        """Take the parameters and what ``_describe`` took; the rest is the subclass's."""
        config, seed = header["config"], header["random_state"]
        self.set_params(
            **{name: header["parameters"][name] for name in self._saved_parameters},
            config=config and TrainingConfig(**config),
            random_state=seed,
        )
        self._check_parameters()
        as_rng(seed)
        for name in self._saved_attributes:
            value = header["fitted"][name]
            require(_ATTRIBUTES[name](value), f"a {name} that fitting gives")
            setattr(self, name, value)
        history = under("history/", arrays)
        for name in history:
            checked_array(history, name, "float64 int64", (None,), gaps=None)
        self.history_ = {name: record.tolist() for name, record in history.items()}
        self.container_ = read_container(header["container"])
        self.target_ = target = TargetCodec.from_json(header["target"])
        most = 2**53 // max(arrays["group_counts"].size, 1)  # so that their sum is exact
        counts = checked_array(arrays, "group_counts", "int64", (None,), low=1, high=most)
        self.group_counts_ = counts
        if target.kind_ == "class":
            self.classes_ = target.classes_
            self.class_counts_ = dict(zip(target.classes_.tolist(), counts.tolist(), strict=True))
            require(len(self.class_counts_) == len(counts), "no class twice")
        else:
            require(
                len(counts) == 1 or (target.kind_ == "number" and len(counts)), "groups of rows"
            )

    def _try_out(self, arrays, settings):
        """Draw a few rows in each setting: what cannot be drawn from is refused now, not later.

        `settings` are parameters that are read when rows are drawn. There must be no other
        arrays than the generator would write itself.
        """
        require(set(self.as_data()[1]) == set(arrays), "the arrays of its generator and no others")
        groups = np.arange(min(len(self.group_counts_), _TRIED_GROUPS))
        for parameters in settings:
            probe = copy.copy(self).set_params(**parameters)
            with np.errstate(all="ignore"):
                made = probe._draw_encoded(groups, np.random.default_rng(0))
            require(np.isfinite(made).all(), "weights and rows that give finite rows")
        if self.target_.kind_ == "class":
            probe.sample(y=self.classes_[groups], random_state=0)
        else:
            probe.sample(2, random_state=0)


def write_model(path: str | Path, header: dict, arrays: dict[str, np.ndarray]) -> None:
    """Write what ``as_data`` returned, in the format of `gan_augment.io.serialization`."""
    try:
        json.dumps(header, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"cannot hold this model, which cannot be written as data ({error})", value=path
        ) from error
    write_bundle(path, header, arrays)


def restored_network(
    header: Mapping[str, Any], arrays: Mapping[str, np.ndarray], new: Callable
) -> Any:
    """Return the saved network, or None; `new` makes an untrained one from a torch generator."""
    import torch

    weights = under("module/", arrays)
    require(isinstance(header["trained"], bool), "true or false for trained")
    require(header["trained"] == bool(weights), "weights of what was trained")
    if not header["trained"]:
        return None
    with torch_defaults(), torch.device("meta"):  # shapes alone: a file may ask for any size
        wanted = new(torch.Generator()).state_dict()
    require(set(wanted) == set(weights), "the weights of its network and no others")
    for name, like in wanted.items():
        kind = str(like.dtype).removeprefix("torch.")
        checked_array(weights, name, kind, tuple(like.shape))
    with torch_defaults():
        module = new(torch.Generator())
        module.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
        return module.requires_grad_(False)


def plain_seed(seed: object) -> int | None:
    """Return a seed that is a number as an int, and any other as None."""
    return int(seed) if isinstance(seed, numbers.Integral) else None


def plain(value: Any) -> Any:
    """Return numpy's scalars and arrays as Python's own, and tuples as lists."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | tuple | list):
        return [plain(item) for item in value]
    return python_scalar(value)

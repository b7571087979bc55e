"""The state of a training run in one file, from which a run that was killed goes on.

The file is written at every check, atomically, and is data only, see
:mod:`gan_augment.io.serialization`.
A fingerprint says which training it belongs to, so that the file of another one is refused rather
than gone on with, or lost.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import torch

from gan_augment.exceptions import InputError, ModelFileError
from gan_augment.io.serialization import read_bundle, write_bundle
from gan_augment.training.processes import ONE_PROCESS, OneProcess

_KIND = "checkpoint"
_RNG = "rng"


def fingerprint(*parts: Any) -> str:
    """Return a SHA-256 of tensors, and of all else by a ``repr`` that says all that matters."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, torch.Tensor):
            digest.update(repr((part.dtype, tuple(part.shape))).encode())
            digest.update(part.detach().cpu().contiguous().numpy().data)
        else:
            digest.update(repr(part).encode())
    return digest.hexdigest()


class Checkpoint:
    """One file with the state of one training run.

    Its `mark` is a fingerprint of data, parameters and seed.

    Of several processes the first one reads the file and tells the others; they need not see it.
    How many they are is free to change from one run to the next. The file of another training
    raises InputError, a damaged one ModelFileError.
    """

    def __init__(
        self, path: str | os.PathLike, mark: str, processes: OneProcess = ONE_PROCESS
    ) -> None:
        self.path, self.mark = Path(path), mark
        self._found = processes.from_first(self._read)
        if self._found is None:
            return
        header = self._found[0]
        if header.get("class") != _KIND:
            raise ModelFileError(
                f"checkpoint={os.fspath(path)!r} is a file of another kind: pass another path."
            )
        if header["fingerprint"] != mark:
            raise InputError.of(
                "checkpoint",
                os.fspath(path),
                "holds the training of other data, parameters or seed",
                "pass another path, or remove the file",
            )

    def _read(self):
        if not self.path.exists():
            return None
        try:
            return read_bundle(self.path)
        except ModelFileError as error:
            raise ModelFileError(
                f"checkpoint={os.fspath(self.path)!r} is no checkpoint, or a damaged one: pass "
                "another path, or remove the file."
            ) from error

    def steps_left(self, n_steps: int) -> int:
        """Return how many of so many steps are still to be done."""
        if self._found is None:
            return n_steps
        state = self._found[0]["state"]
        return 0 if state["finished"] else n_steps - state["step"]

    def resume(self, state: Any, rng: torch.Generator) -> None:
        """Set a new training state and its generator to those of the file, if there is one."""
        if self._found is None:
            return
        header, arrays = self._found
        rng.set_state(torch.from_numpy(arrays.pop(_RNG)))
        state.restore(header["state"], arrays)

    def keep(self, state: Any, rng: torch.Generator) -> None:
        """Write the state to the file."""
        header = {"class": _KIND, "fingerprint": self.mark, "state": state.numbers()}
        write_bundle(self.path, header, state.arrays() | {_RNG: rng.get_state().numpy()})

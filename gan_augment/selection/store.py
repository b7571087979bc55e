"""Finished cells of an experiment on disk, so that one that was interrupted goes on from there.

One JSON file holds the cells of one estimator with one candidate in one fold. Its name is a hash
of all that decides their scores. joblib.Memory would do the same with pickles, which run what
they hold when they are read.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import sklearn

from gan_augment import __version__
from gan_augment.containers import to_pandas
from gan_augment.encoding.target import TargetCodec
from gan_augment.exceptions import InputError
from gan_augment.io.atomic import write_text

SCHEMA = "gan_augment.cell/3"


@dataclass(frozen=True)
class CellStore:
    """A folder of finished cells.

    Parameters
    ----------
    folder : Path or None
        None keeps nothing.
    facts : str, default=""
        Hash of what all cells share: the data, the labels, the scorers, the versions.

    Examples
    --------
    >>> store = CellStore(None)
    >>> store.save("key", [{"score": 1.0}])
    >>> store.load("key") is None
    True
    """

    folder: Path | None
    facts: str = ""

    @classmethod
    def open(
        cls, folder: str | Path | None, X: object, y: object, target: TargetCodec, **shared: Any
    ) -> CellStore:
        """Return the store for a table; the folder is made if it is not there.

        Parameters
        ----------
        folder : str, Path or None
        X : table or array of images
        y : array-like of shape (n,)
            Estimators and scorers see its labels and its type, not the codes of them.
        target : TargetCodec
            Fitted on it.
        **shared : dict
            Whatever else all cells depend on.
        """
        if folder is None:
            return cls(None)
        folder = Path(folder)
        if folder.exists() and not folder.is_dir():
            raise InputError.of("cache", str(folder), "is a file", "pass a folder")
        folder.mkdir(parents=True, exist_ok=True)
        kinds = [f"{type(data)} {getattr(data, 'dtype', '')}" for data in (X, y)]
        if target.classes_ is not None:
            kinds += [f"{type(label)} {label!r}" for label in target.classes_.tolist()]
        facts = [data_digest(X), data_digest(target.encode(y)), kinds, _digest(shared)]
        return cls(folder, _digest([*facts, __version__, sklearn.__version__]))

    def key(self, **parts: Any) -> str:
        """Return the name of the cells that these parts and the data decide."""
        return "" if self.folder is None else _digest([self.facts, parts])

    def load(self, key: str) -> list[dict] | None:
        """Return the rows under a key, or None if there are none or the file is not whole."""
        if self.folder is None:
            return None
        try:
            content = json.loads((self.folder / f"{key}.json").read_text(encoding="utf-8"))
            if content["schema"] != SCHEMA:
                return None
            return list(content["rows"])
        except (OSError, KeyError, TypeError, ValueError):
            return None

    def save(self, key: str, rows: list[dict]) -> None:
        """Write rows; NaN and infinities stay what they are, as Python's JSON has them."""
        if self.folder is not None:
            text = json.dumps({"schema": SCHEMA, "rows": rows}, indent=1)
            # one that a power cut has left in pieces is computed again
            write_text(self.folder / f"{key}.json", text, flush=False)


#: Keeps nothing.
NO_STORE = CellStore(None)


def data_digest(X: Any) -> str:
    """Return a hash of a table's cells, types and names, or of an array.

    Examples
    --------
    >>> data_digest(np.arange(3)) == data_digest(np.arange(3)) != data_digest(np.arange(4))
    True
    """
    digest = hashlib.sha256()
    if isinstance(X, np.ndarray) and X.dtype.kind != "O":
        digest.update(f"{X.dtype.str}{X.shape}".encode())
        digest.update(np.ascontiguousarray(X).tobytes())
        return digest.hexdigest()
    frame = pd.DataFrame({"y": X}) if np.ndim(X) == 1 else to_pandas(X)[0]
    digest.update(repr([(str(n), str(t)) for n, t in frame.dtypes.items()]).encode())
    digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def _digest(value):
    try:
        return joblib.hash(value, hash_name="sha1")
    except Exception as error:
        raise InputError(
            f"cannot be used, as a parameter has no stable hash ({error})",
            argument="cache",
            remedy="pass functions defined in a module in place of lambdas, or leave cache out",
        ) from error

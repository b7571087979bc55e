"""Finished cells of a comparison on disk, so that an interrupted one goes on where it stopped.

One JSON file a cell, data only, named by a hash of all that decides its scores.
"""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import sklearn

from gan_augment import __version__
from gan_augment.containers import to_pandas
from gan_augment.evaluation.results import from_json, to_json
from gan_augment.exceptions import InputError

SCHEMA = "cell/1"


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
    def open(cls, folder, X, y, target, **shared):
        """Return the store for a table; the folder is made if it is not there.

        Parameters
        ----------
        folder : str, Path or None
        X : table or array of images
        y : array-like of shape (n,)
            Learners and scorers see its labels and its type, not the codes of them.
        target : TargetCodec
            Fitted on it.
        **shared : dict
            Whatever else all cells depend on.
        """
        if folder is None:
            return cls(None)
        folder = Path(folder)
        if folder.exists() and not folder.is_dir():
            raise InputError(f"cache={str(folder)!r} is a file: pass a folder.")
        folder.mkdir(parents=True, exist_ok=True)
        kinds = [f"{type(data)} {getattr(data, 'dtype', '')}" for data in (X, y)]
        if target.classes_ is not None:
            kinds += [f"{type(label)} {label!r}" for label in target.classes_.tolist()]
        facts = [data_digest(X), data_digest(target.encode(y)), kinds, _digest(shared)]
        return cls(folder, _digest([*facts, __version__, sklearn.__version__]))

    def key(self, **parts):
        """Return the name of the cell that these parts and the data decide."""
        return "" if self.folder is None else _digest([self.facts, parts])

    def load(self, key):
        """Return the rows of a cell, or None if it is not there or not whole."""
        if self.folder is None:
            return None
        try:
            return from_json(SCHEMA, self.folder / f"{key}.json")["rows"]
        except (OSError, KeyError, ValueError):
            return None

    def save(self, key, rows):
        """Write the rows of a cell, all or nothing."""
        if self.folder is None:
            return
        handle, temporary = tempfile.mkstemp(dir=self.folder, prefix=key, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(to_json(SCHEMA, {"rows": rows}))
            os.replace(temporary, self.folder / f"{key}.json")
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def data_digest(X):
    """Return a hash of a table's cells, types and names, or of an array.

    Parameters
    ----------
    X : table or ndarray

    Returns
    -------
    str

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
            f"cache: a parameter has no stable hash ({error}): pass functions defined in a module "
            "in place of lambdas, or leave cache out."
        ) from error

"""What counts as a copy of a real row, said once: `augment` asks here which new rows to redraw.

No exact copy is no privacy: a row blended from two neighbours copies nobody and still gives both
away (:doc:`/privacy`).
"""

from hashlib import blake2b

import numpy as np
import pandas as pd
from pandas.util import hash_pandas_object

from gan_augment.containers import is_images, to_pandas
from gan_augment.encoding.dtypes import dtype_family, missing_mask, to_numbers
from gan_augment.encoding.numeric import comparable, float_resolution

_MEASURED = ("number", "integer", "datetime", "timedelta")
#: Steps between black and white at which images of floats are compared: those of a file.
GREYS = 255


class RealRows:
    """Real rows, and which new rows equal one that must not be made again.

    Where a column of numbers or dates is continuous, that is, more than half of its values differ,
    no real row may be made again; nor may a whole image. In all other tables fresh rows meet
    earlier ones by chance, so there only rows that occur once are kept from being repeated.

    Parameters
    ----------
    X : table or array of images
        The real rows, at least one.
    unlearnt : iterable of names, default=()
        Columns that tell no rows apart, since new rows get new values: identifiers.
    images : bool, default=False
        Whether the rows of a table are images, a pixel a column.

    Attributes
    ----------
    continuous : bool
        Whether no row at all may be made again.

    Notes
    -----
    Numbers are compared at the decimals that the real column keeps, or as float32 where it keeps
    none; images of floats at 255 steps of their range. The target is no part of the row.

    Examples
    --------
    >>> real = RealRows(np.array([[0.25, 1], [0.5, 1], [0.75, 2]]))
    >>> real.copied(np.array([[0.1 + 0.15, 1], [0.25, 2]])).tolist()
    [True, False]
    >>> RealRows(np.array([[1], [1], [1], [2]])).copied(np.array([[1], [2], [3]])).tolist()
    [False, True, False]
    """

    def __init__(self, X, unlearnt=(), images=False):
        self._images = images or is_images(X)
        self._unlearnt = list(unlearnt)
        rows = self._rows(X)
        if self._images:
            self.continuous = True
            low, high = (float(end) for end in (rows.min(), rows.max()))
            whole = rows.dtype.kind != "f"
            self._scale = None if whole else (low, (high - low or 1.0) / GREYS)
        else:
            self.continuous = any(map(_is_continuous, (column for _, column in rows.items())))
            self._floats = {
                name: _resolution(column)
                for name, column in rows.items()
                if dtype_family(column.dtype) == "number"
            }
        keys, counts = np.unique(self._keys(rows), return_counts=True)
        self._forbidden = keys if self.continuous else keys[counts == 1]

    def copied(self, X_new):
        """Return which new rows equal a real row that must not be made again.

        Parameters
        ----------
        X_new : table or array of images
            In the container of the real rows.

        Returns
        -------
        ndarray of bool of shape (n,)
        """
        return np.isin(self._keys(self._rows(X_new)), self._forbidden)

    def _rows(self, X):
        if is_images(X):
            return X
        frame = X if isinstance(X, pd.DataFrame) else to_pandas(X)[0]
        frame = frame.drop(columns=self._unlearnt)
        return frame.to_numpy() if self._images else frame

    def _keys(self, rows):
        """Return one 64-bit hash a row, equal for equal rows."""
        if self._images:
            return self._image_keys(rows)
        plain = pd.DataFrame(
            {
                place: _as_floats(column, self._floats[name])
                if name in self._floats
                else column.reset_index(drop=True)
                for place, (name, column) in enumerate(rows.items())
            }
        )
        try:
            return hash_pandas_object(plain, index=False).to_numpy()
        except UnicodeEncodeError:
            plain = plain.apply(_as_bytes)
            return hash_pandas_object(plain, index=False).to_numpy()

    def _image_keys(self, rows):
        if self._scale is not None:
            low, step = self._scale
            rows = np.rint((rows - low) / step).astype(np.int64)
        flat = np.ascontiguousarray(rows).reshape(len(rows), -1)
        return np.array([int.from_bytes(blake2b(row, digest_size=8).digest()) for row in flat])


def _is_continuous(column):
    if dtype_family(column.dtype) not in _MEASURED:
        return False
    distinct = column.nunique()
    return distinct > 1 and 2 * distinct > column.notna().sum()


def _resolution(column):
    """Return the resolution of a column of floats, 0 where it has none."""
    values = to_numbers(column)[0].astype(np.float64)
    values = values[np.isfinite(values) & ~missing_mask(column)]
    return float_resolution(values, column.dtype) if len(values) else 0.0


def _as_floats(column, resolution):
    """Return a column in which equal numbers are equal bit for bit, with a fresh index."""
    values, missing = to_numbers(column)[0].astype(np.float64), missing_mask(column)
    with np.errstate(over="ignore"):
        values = comparable(values, resolution)
    return pd.Series(np.where(missing, np.nan, values + 0.0))  # one missing value, one zero


def _as_bytes(column):
    """Text as the bytes that pandas hashes, lone surrogates included; else as it is."""

    def encoded(cell):
        return cell.encode("utf-8", "surrogatepass") if isinstance(cell, str) else cell

    return column.astype(object).map(encoded) if column.dtype.kind == "O" else column

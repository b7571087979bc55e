"""What a copy of a real row is: one definition, for `augment` and for the quality report.

Two rows are equal if all their cells are. Numbers are compared at the decimals that the real
column keeps, or as float32 where it keeps none, so that writing a table to a file and back hides
no copy. A missing cell equals a missing cell. Images are compared pixel by pixel, those of floats
at 255 steps of their range, which are those of a file.

No exact copy is no privacy: a row blended from two neighbours copies nobody and still gives both
away (:doc:`/privacy`).
"""

from hashlib import blake2b

import numpy as np
import pandas as pd
from pandas.util import hash_array, hash_pandas_object
from sklearn.utils import gen_batches

from gan_augment.containers import is_images, to_pandas
from gan_augment.encoding.column import NUMBERS
from gan_augment.encoding.dtypes import dtype_family, missing_mask, to_numbers
from gan_augment.encoding.numeric import comparable, float_resolution

#: Steps between black and white at which images of floats are compared.
GREYS = 255
#: Floats of a column that are rounded and hashed at a time.
CHUNK = 65_536
#: Tells the columns of a row apart: equal cells in other columns are another row.
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


def repeated(keys):
    """Return which rows occur at least twice, given one key a row.

    Examples
    --------
    >>> repeated(np.array([7, 8, 7])).tolist()
    [True, False, True]
    """
    return pd.Series(keys).duplicated(keep=False).to_numpy()


def coded_row_keys(features, rows):
    """Return one key a row as `Coding` returns it, equal for equal rows.

    Examples
    --------
    >>> from gan_augment.metrics.features import Feature
    >>> features = (Feature("a", "number", "number", resolution=0.1),)
    >>> real, made = (coded_row_keys(features, np.array(a)) for a in ([[0.3]], [[0.1 + 0.2]]))
    >>> bool(real == made)
    True
    """
    columns = {}
    for j, feature in enumerate(features):
        rounded = feature.is_number and feature.stored == "number"
        values = rows[:, j]
        columns[j] = _canonical(values, np.isnan(values), feature.resolution if rounded else None)
    return hash_pandas_object(pd.DataFrame(columns), index=False).to_numpy()


def image_keys(images, low=0.0, high=1.0):
    """Return one key an image, equal for images that a file would hold alike.

    `low` and `high` are black and white of images of floats.
    """
    step = (high - low or 1.0) / GREYS

    def key(image):
        if image.dtype.kind not in "iub":
            image = np.rint((image.astype(np.float64) - low) / step)
        cells = np.ascontiguousarray(image, dtype=np.int64)
        return int.from_bytes(blake2b(cells, digest_size=8).digest())

    return np.array([key(image) for image in images], dtype=np.uint64)


class RealRows:
    """Real rows, and which new rows equal one that must not be made again.

    Where a column of numbers or dates is continuous, that is, more than half of its values differ,
    no real row may be made again; nor may a whole image. In all other tables fresh rows meet
    earlier ones by chance, so there only rows that occur once are kept from being repeated.

    Columns in `unlearnt` tell no rows apart, since new rows get new values: identifiers. `images`
    says that the rows of a table are images, a pixel a column. The target is no part of the row.

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
            self._range = float(rows.min()), float(rows.max())
        else:
            self.continuous = any(map(_is_continuous, (column for _, column in rows.items())))
            self._resolutions = {
                name: _resolution(column)
                for name, column in rows.items()
                if dtype_family(column.dtype) == "number"
            }
        keys = self._keys(rows)
        self._forbidden = keys if self.continuous else keys[~repeated(keys)]
        self._forbidden.sort()  # in place, to be searched

    def copied(self, X_new):
        """Return which new rows equal a real row that must not be made again."""
        keys = self._keys(self._rows(X_new))
        if not len(self._forbidden):
            return np.zeros(len(keys), dtype=bool)
        places = np.searchsorted(self._forbidden, keys)
        return self._forbidden.take(places, mode="clip") == keys

    def _rows(self, X):
        if is_images(X):
            return X
        frame = X if isinstance(X, pd.DataFrame) else to_pandas(X)[0]
        if self._unlearnt:
            frame = frame.drop(columns=self._unlearnt)
        return frame.to_numpy() if self._images else frame

    def _keys(self, rows):
        if self._images:
            return image_keys(rows, *self._range)
        keys = np.zeros(len(rows), dtype=np.uint64)
        for name, column in rows.items():
            keys *= _MULTIPLIER  # wraps around; odd, so that no earlier column is lost
            if name in self._resolutions:
                for part in gen_batches(len(rows), CHUNK):
                    floats = _as_floats(column.iloc[part])
                    keys[part] ^= hash_array(_canonical(*floats, self._resolutions[name]))
            else:
                keys ^= _hashed(column)
        return keys


def _hashed(column):
    """Return one number a cell. How pandas hashes an object depends on the others beside it."""
    try:
        return hash_pandas_object(column, index=False).to_numpy()
    except UnicodeEncodeError:
        return hash_pandas_object(_as_bytes(column), index=False).to_numpy()


def _is_continuous(column):
    if dtype_family(column.dtype) not in NUMBERS:
        return False
    distinct = column.nunique()
    return distinct > 1 and 2 * distinct > column.notna().sum()


def _as_floats(column):
    return to_numbers(column)[0].astype(np.float64), missing_mask(column)


def _resolution(column):
    """Return the resolution of a column of floats, 0 where it has none."""
    values, missing = _as_floats(column)
    values = values[np.isfinite(values) & ~missing]
    return float_resolution(values, column.dtype) if len(values) else 0.0


def _canonical(values, missing, resolution):
    """Return floats in which equal numbers are equal bit for bit; None rounds nothing."""
    if resolution is not None:
        with np.errstate(over="ignore"):
            values = comparable(values, resolution)
    return np.where(missing, np.nan, values + 0.0)  # one missing value, one zero


def _as_bytes(column):
    """Return text as the bytes that pandas hashes, lone surrogates included; else as it is."""

    def encoded(cell):
        return cell.encode("utf-8", "surrogatepass") if isinstance(cell, str) else cell

    return column.astype(object).map(encoded) if column.dtype.kind == "O" else column

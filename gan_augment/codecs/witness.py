"""A column that streams past, remembered as a few cells which show all that it held.

The smallest and the largest number, one on each step of the grid that the numbers lie on, every
category, a missing cell if there was one: `infer_column` says the same of these as of the whole
column, so there is one set of rules for columns in memory and for those that never were.
"""

import re

import numpy as np
import pandas as pd

from gan_augment.codecs.column import MAX_CATEGORIES
from gan_augment.codecs.dtypes import (
    dtype_from_text,
    from_numbers,
    missing_mask,
    object_array,
    to_numbers,
)
from gan_augment.codecs.identifiers import are_identifiers
from gan_augment.codecs.inference import (
    check_labels,
    distinct_labels,
    family_of,
    level_facts,
    refuse_identifier,
)
from gan_augment.codecs.resolution import finest, integer_step

#: Each cell is shown so often, so that no column of a witness looks like one of identifiers.
TIMES = 3
#: Integers that are remembered to find out whether any is there twice.
MOST_REMEMBERED = 2**17

_NUMBERS = ("integer", "number", "datetime", "timedelta")
_NEW_IDENTIFIER = re.compile(r"synthetic-([0-9]+)")


class ColumnWitness:
    """What one column held so far.

    Parameters
    ----------
    kind : str, optional
        Its kind, if that was chosen by hand.

    Examples
    --------
    >>> witness = ColumnWitness()
    >>> for piece in ([3.5, 1.0], [2.25, None]):
    ...     witness.add(pd.Series(piece, name="a"))
    >>> witness.series().tolist()
    [1.0, 3.5, 2.25, nan]
    """

    def __init__(self, kind=None):
        self.kind = kind
        self.n_rows = self.n_present = 0
        self.has_missing = False
        self.family = None
        self.cells = None  # a short series, or labels
        self.levels = Levels()
        self.repeats = Repeats()

    def add(self, series):
        """Look at the next piece of the column.

        Raises
        ------
        InputError
            If the column cannot be learnt, as `infer_column` would say of the whole.
        """
        missing = missing_mask(series)
        start, self.n_rows = self.n_rows, self.n_rows + len(series)
        self.has_missing |= bool(missing.any())
        self.name, self.dtype = series.name, series.dtype
        self.levels.add(series)
        if missing.all():
            return
        present = series[~missing] if missing.any() else series
        self.n_present += len(present)
        if self.kind == "ignore":
            self.cells = present.iloc[:1]
            return
        self.family = family_of(series, missing, start)
        if self.kind == "regenerate":
            self._add_identifiers(present)
        elif self.family in _NUMBERS and self.kind != "category":
            self._add_numbers(present)
        else:
            self._add_labels(present)

    def _add_numbers(self, present):
        values, _ = to_numbers(present)
        if self.family == "integer" and self.kind is None:
            self.repeats.add(values)
        ends = _ends(values, self.family, present.dtype)
        if self.cells is not None:
            before, _ = to_numbers(self.cells)
            ends = _ends(_joined(before, ends), self.family, present.dtype)
        array = from_numbers(ends, np.zeros(len(ends), dtype=bool), present.dtype)
        self.cells = pd.Series(array, name=self.name, dtype=present.dtype)

    def _add_labels(self, present):
        self.cells = {**dict.fromkeys(self.cells or ()), **dict.fromkeys(distinct_labels(present))}
        if len(self.cells) > MAX_CATEGORIES:  # more rows would not help
            found, rows = list(self.cells), self.n_present
            check_labels(self.name, found, rows, self.family, self.kind, "rows and more")

    def _add_identifiers(self, present):
        """Keep what decides where new identifiers start."""
        if self.family in _NUMBERS:
            self._add_numbers(present)
            return
        if self.family == "text":
            both = present if self.cells is None else pd.concat([self.cells, present])
            numbers = [_number_of(cell) for cell in both]
            self.cells = both.iloc[[int(np.argmax(numbers))]]
        elif self.cells is None:
            self.cells = present.iloc[:1]

    def series(self):
        """Return the cells, one missing among them if one was seen.

        Raises
        ------
        InputError
            If the values are those of identifiers.
        """
        self._check_identifiers()
        dtype = self.levels.dtype(self.dtype)
        if isinstance(self.cells, dict):
            cells = pd.Series(pd.array(object_array(list(self.cells)), dtype=dtype))
        elif self.cells is None:
            cells = pd.Series([], dtype=dtype)
        else:
            cells = self.cells.astype(dtype)
        if self.has_missing:
            blank = pd.Series(pd.array([None], dtype=dtype))
            cells = pd.concat([cells, blank]) if len(cells) else blank
        return cells.reset_index(drop=True).rename(self.name)

    def _check_identifiers(self):
        if isinstance(self.cells, dict):
            check_labels(self.name, list(self.cells), self.n_present, self.family, self.kind)
        elif self.family == "integer" and self.kind is None and not self.repeats.found:
            values = to_numbers(self.cells)[0]
            low, high = int(values.min()), int(values.max())
            if are_identifiers(self.name, self.n_present, low, high):
                refuse_identifier(self.name, self.n_present, low)


class Levels:
    """All levels of a categorical column whose pieces may have different ones."""

    def __init__(self):
        self.found, self.facts = {}, {}

    def add(self, series):
        if isinstance(series.dtype, pd.CategoricalDtype):
            self.facts = level_facts(series)
            self.found |= dict.fromkeys(self.facts["levels"])

    def dtype(self, dtype):
        """Return the dtype of the whole column, given that of a piece."""
        if not isinstance(dtype, pd.CategoricalDtype):
            return dtype
        held = dtype_from_text(self.facts["levels_dtype"])
        levels = pd.Index(object_array(list(self.found))).astype(held)
        return pd.CategoricalDtype(levels, ordered=self.facts["ordered"])


class Repeats:
    """Whether any of many integers is there twice, in bounded memory.

    Those are remembered whose hash is below a threshold, which is halved when they become many: so
    all occurrences of some integers are seen, whatever their order. Integers of which fewer than
    one in 100,000 has a second occurrence may pass for all distinct.

    Attributes
    ----------
    found : bool

    Examples
    --------
    >>> repeats = Repeats()
    >>> repeats.add(np.arange(10)), repeats.found
    (None, False)
    >>> repeats.add(np.array([3])), repeats.found
    (None, True)
    """

    def __init__(self):
        self.found, self.share = False, 2**64 - 1
        self.seen = np.zeros(0, dtype=np.uint64)

    def add(self, values):
        if self.found:
            return
        values = np.sort(values.astype(np.uint64))
        if (values[1:] == values[:-1]).any():
            self.found, self.seen = True, self.seen[:0]
            return
        seen = np.sort(np.concatenate([self.seen, values[_hash(values) <= np.uint64(self.share)]]))
        if (seen[1:] == seen[:-1]).any():
            self.found, seen = True, seen[:0]
        while len(seen) > MOST_REMEMBERED:
            self.share //= 2
            seen = seen[_hash(seen) <= np.uint64(self.share)]
        self.seen = seen


def _hash(values):
    """Integers as evenly spread ones (Steele et al. 2014, SplitMix)."""
    with np.errstate(over="ignore"):
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _ends(values, family, dtype):
    """The smallest, the largest, and one value more that shows the grid of all."""
    low, high = values.min(), values.max()
    if family == "number":
        more = values[finest(values, dtype)]
    else:  # modulo 2**64 the sum is exact
        step = np.uint64(integer_step(values)) if low != high else np.uint64(0)
        more = (np.array([low]).astype(np.uint64) + step).astype(values.dtype)[0]
    return np.array([low, high, more], dtype=values.dtype)


def _joined(first, second):
    return np.concatenate([first, second]).astype(second.dtype)


def _number_of(cell):
    match = _NEW_IDENTIFIER.fullmatch(cell) if isinstance(cell, str) else None
    return int(match[1]) if match else -1


def witness_frame(series):
    """Return short columns as one frame, the cells of each repeated.

    Parameters
    ----------
    series : list of pandas.Series
        Of any lengths above zero.

    Returns
    -------
    pandas.DataFrame

    Examples
    --------
    >>> witness_frame([pd.Series([1], name="a"), pd.Series([1, 2], name="b")]).shape
    (6, 2)
    """
    n = TIMES * max(map(len, series))
    columns = {s.name: s.take(np.arange(n) % len(s)).reset_index(drop=True) for s in series}
    return pd.DataFrame(columns, copy=False)

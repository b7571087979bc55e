"""Columns and a target that are too many to be held: what they held, as they stream past.

A column is remembered as a few cells that show all it held, so that the rules which infer a column
in memory infer it from these. A target is remembered as its labels and how often each occurred, or
as its range.
"""

import re

import numpy as np
import pandas as pd
from pandas.util import hash_array

from gan_augment.encoding.column import MAX_CATEGORIES, NUMBERS
from gan_augment.encoding.dtypes import (
    distinct_cells,
    dtype_from_text,
    from_numbers,
    missing_mask,
    object_array,
    to_numbers,
)
from gan_augment.encoding.identifiers import are_identifiers
from gan_augment.encoding.inference import (
    check_labels,
    distinct_labels,
    family_of,
    level_facts,
    refuse_identifier,
)
from gan_augment.encoding.numeric import at_distances, finest, integer_step
from gan_augment.encoding.target import (
    LARGEST_SHARE_OF_CLASSES,
    MOST_NUMERIC_CLASSES,
    TargetCodec,
    check_values,
)
from gan_augment.exceptions import InputError

#: Each cell is shown so often, so that no column of a summary looks like one of identifiers.
TIMES = 3
#: Integers that are remembered to find out whether any is there twice.
MOST_REMEMBERED = 2**17

_NEW_IDENTIFIER = re.compile(r"synthetic-([0-9]+)")


class ColumnSummary:
    """A few cells of a column that streams past, which show all that it held so far.

    The `kind` is given if it was chosen by hand.

    Examples
    --------
    >>> summary = ColumnSummary()
    >>> for piece in ([3.5, 1.0], [2.25, None]):
    ...     summary.add(pd.Series(piece, name="a"))
    >>> summary.series().tolist()
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
        """Look at the next piece of the column, and refuse what `infer_column` would refuse."""
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
        elif self.family in NUMBERS and self.kind != "category":
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
            both = np.concatenate([before, ends]).astype(ends.dtype)
            ends = _ends(both, self.family, present.dtype)
        array = from_numbers(ends, np.zeros(len(ends), dtype=bool), present.dtype)
        self.cells = pd.Series(array, name=self.name, dtype=present.dtype)

    def _add_labels(self, present):
        self.cells = {**dict.fromkeys(self.cells or ()), **dict.fromkeys(distinct_labels(present))}
        if len(self.cells) > MAX_CATEGORIES:  # more rows would not help
            found, rows = list(self.cells), self.n_present
            check_labels(self.name, found, rows, self.family, self.kind, "rows and more")

    def _add_identifiers(self, present):
        """Keep what decides where new identifiers start."""
        if self.family in NUMBERS:
            self._add_numbers(present)
            return
        if self.family == "text":
            both = present if self.cells is None else pd.concat([self.cells, present])
            numbers = [_number_of(cell) for cell in both]
            self.cells = both.iloc[[int(np.argmax(numbers))]]
        elif self.cells is None:
            self.cells = present.iloc[:1]

    def series(self):
        """Return the cells, one missing among them if one was seen, or refuse identifiers."""
        self._check_identifiers()
        dtype = self.levels.dtype(self.dtype)
        if isinstance(self.cells, dict):
            held = object_array(list(self.cells))
            if isinstance(dtype, pd.CategoricalDtype):  # pandas 3 would read them as its str first
                codes = dtype.categories.get_indexer(pd.Index(held, dtype=object))
                held = pd.Categorical.from_codes(codes, dtype=dtype)
            cells = pd.Series(pd.array(held, dtype=dtype))
        elif self.cells is None:
            cells = pd.Series([], dtype=dtype)
        else:
            cells = self.cells.astype(dtype)
        if self.has_missing:
            if isinstance(
                dtype, pd.CategoricalDtype
            ):  # concat hashes levels, not all of which can
                places = np.append(np.arange(len(cells)), -1)
                cells = pd.Series(cells.array.take(places, allow_fill=True))
            else:
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
        levels = pd.Index(object_array(list(self.found)), dtype=object).astype(held)
        return pd.CategoricalDtype(levels, ordered=self.facts["ordered"])


class Repeats:
    """Whether any of many integers is there twice, in bounded memory.

    Those are remembered whose hash is below a threshold, which is halved when they become many: so
    all occurrences of some integers are seen, whatever their order. Integers of which fewer than
    one in 100,000 has a second occurrence may pass for all distinct.

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
        seen = np.sort(
            np.concatenate([self.seen, values[hash_array(values) <= np.uint64(self.share)]])
        )
        if (seen[1:] == seen[:-1]).any():
            self.found, seen = True, seen[:0]
        while len(seen) > MOST_REMEMBERED:
            self.share //= 2
            seen = seen[hash_array(seen) <= np.uint64(self.share)]
        self.seen = seen


def _ends(values, family, dtype):
    """The smallest, the largest, and one value more that shows the grid of all."""
    low, high = values.min(), values.max()
    if family == "number":
        more = values[finest(values, dtype)]
    else:
        step = np.uint64(integer_step(values)) if low != high else np.uint64(0)
        more = at_distances(low.item(), np.array([step]))[0]
    return np.array([low, high, more], dtype=values.dtype)


def _number_of(cell):
    match = _NEW_IDENTIFIER.fullmatch(cell) if isinstance(cell, str) else None
    return int(match[1]) if match else -1


def summary_frame(series):
    """Return short columns, of any lengths above zero, as one frame, the cells of each repeated.

    Examples
    --------
    >>> summary_frame([pd.Series([1], name="a"), pd.Series([1, 2], name="b")]).shape
    (6, 2)
    """
    n = TIMES * max(map(len, series))
    columns = {s.name: s.take(np.arange(n) % len(s)).reset_index(drop=True) for s in series}
    return pd.DataFrame(columns, copy=False)


#: More labels than these are no classes; so many distinct numbers are a number.
MOST_LABELS = 10_000


class TargetStream:
    """What a target held so far; its `kind` is that of a `TargetCodec`.

    Examples
    --------
    >>> stream = TargetStream("auto")
    >>> stream.add(pd.Series(["b", "a"], name="y")).tolist()
    [0, 1]
    >>> stream.add(pd.Series(["a", "c"], name="y")).tolist()
    [1, 2]
    >>> target, counts = stream.fitted()
    >>> target.classes_.tolist(), counts.tolist()
    (['a', 'b', 'c'], [2, 1, 1])
    """

    def __init__(self, kind):
        self.kind, self.n_rows, self.whole = kind, 0, True
        self.labels, self.counts = {}, np.zeros(0, dtype=np.int64)
        self.numbers, self.levels = ColumnSummary("number"), Levels()

    def add(self, series):
        """Look at the next piece of the target, and return its codes.

        They are those of the rows' classes, or zeros where the target seems to be a number.
        """
        family, values = check_values(series, self.n_rows)
        self.n_rows += len(series)
        self.name, self.dtype, self.numeric = series.name, series.dtype, values is not None
        self.levels.add(series)
        if self.numeric:
            self.numbers.add(series)
            self.whole &= family == "integer" or bool((values == np.rint(values)).all())
            if self.kind == "number" or not self.whole:
                self.labels = None
        return self._codes(series)

    def _codes(self, series):
        if self.labels is None:
            return np.zeros(len(series), dtype=np.int64)
        for label in distinct_cells(series):
            self.labels.setdefault(label, len(self.labels))
        if len(self.labels) > MOST_LABELS:
            if self.kind == "class" or not self.numeric:
                raise InputError.of(
                    "y",
                    self.name,
                    f"has more than {MOST_LABELS:,} labels in its first {self.n_rows:,} rows, "
                    f"e.g. {series.iloc[0]!r:.60}",
                    "group them, or pass another column",
                )
            self.labels = None
            return self._codes(series)
        known = pd.Index(object_array(list(self.labels)), dtype=object)
        codes = known.get_indexer(pd.Index(series.to_numpy(dtype=object), dtype=object))
        counts = np.bincount(codes, minlength=len(known))
        counts[: len(self.counts)] += self.counts
        self.counts = counts
        return codes.astype(np.int64)

    def fitted(self, settled=lambda series: series):
        """Return what the target is, a fitted `TargetCodec`, and the rows of each class or None.

        `settled` gives a series the dtype that the whole column has.
        """
        kind = self.kind
        if self.numeric and kind == "auto":
            kind = "class" if self._few() else "number"
        if self.numeric and (kind == "number" or not self.whole):
            cells = self.numbers.series()
        else:
            dtype = self.levels.dtype(self.dtype)
            cells = pd.Series(pd.array(object_array(list(self.labels)), dtype=dtype))
        target = TargetCodec(kind).fit(settled(cells.rename(self.name)))
        target.kind = self.kind
        if target.kind_ != "class":
            return target, None
        counts = np.zeros(len(self.counts), dtype=np.int64)
        counts[target.codes_of(list(self.labels))] = self.counts
        return target, counts

    def _few(self):
        """Whether whole numbers are so few that they are classes, by the rule of TargetCodec."""
        if self.labels is None:
            return False
        n = len(self.labels)
        return n <= MOST_NUMERIC_CLASSES or n <= LARGEST_SHARE_OF_CLASSES * self.n_rows

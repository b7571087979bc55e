"""A target that streams past: its labels and how often each occurred, or its range."""

import numpy as np
import pandas as pd

from gan_augment.codecs.dtypes import distinct_cells, object_array
from gan_augment.codecs.target import LARGEST_SHARE_OF_CLASSES, MOST_NUMERIC_CLASSES, TargetCodec
from gan_augment.codecs.target_input import check_values
from gan_augment.codecs.witness import ColumnWitness, Levels
from gan_augment.exceptions import InputError

#: More labels than these are no classes; so many distinct numbers are a number.
MOST_LABELS = 10_000


class TargetStream:
    """What a target held so far.

    Parameters
    ----------
    kind : {"auto", "class", "number"}
        See :class:`gan_augment.codecs.target.TargetCodec`.

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
        self.numbers, self.levels = ColumnWitness("number"), Levels()

    def add(self, series):
        """Look at the next piece of the target.

        Returns
        -------
        ndarray of int64 of shape (n,)
            A code for each row's class, or zeros where the target seems to be a number.

        Raises
        ------
        InputError
            If it is no usable target.
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
                raise InputError(
                    f"y={self.name!r} has more than {MOST_LABELS:,} labels in its first "
                    f"{self.n_rows:,} rows, e.g. {series.iloc[0]!r:.60}: group them, or pass "
                    "another column."
                )
            self.labels = None
            return self._codes(series)
        known = pd.Index(object_array(list(self.labels)))
        codes = known.get_indexer(pd.Index(series.to_numpy(dtype=object), dtype=object))
        counts = np.bincount(codes, minlength=len(known))
        counts[: len(self.counts)] += self.counts
        self.counts = counts
        return codes.astype(np.int64)

    def fitted(self, settled=lambda series: series):
        """Return what the target is, and the rows of each class.

        Parameters
        ----------
        settled : callable
            Gives a series the dtype that the whole column has.

        Returns
        -------
        target : TargetCodec
        counts : ndarray of int64 of shape (n_classes,) or None
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

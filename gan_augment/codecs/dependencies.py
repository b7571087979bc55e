"""Columns that another column determines: a code beside its label, a borough beside its zone.

A generator that draws both by itself gets the pair wrong in some rows, and such a row gives itself
away. Where a column is a function of another in every training row, and rows are many enough that
this is no accident, the column is not learnt but looked up, so that it is right in every row.
"""

import numpy as np
import pandas as pd

from gan_augment.untrusted import checked_array, require

MIN_ROWS = 200
ROWS_PER_LEVEL = 10
QUICK_ROWS = 1000


def find_dependencies(frame, schema, refused=()):
    """Columns that are functions of another: ``{position: position of the column that decides}``.

    Parameters
    ----------
    frame : DataFrame of shape (n, d)
    schema : Schema
    refused : collection of (int, int)
        Pairs of a decided column and its decider that are known to be none.

    Returns
    -------
    dict of int to int
        A deciding column is categorical or boolean, has at least ten rows a level on average and
        is not itself decided by another. Empty below 200 rows.
    """
    if len(frame) < MIN_ROWS:
        return {}
    levels = {}
    for i, column in enumerate(schema.columns):
        if column.kind not in ("constant", "ignore", "regenerate"):
            series = frame.iloc[:, i]
            if column.kind in ("category", "boolean"):
                codes = column.codes(series) + column.has_missing
            else:
                codes = pd.factorize(series, use_na_sentinel=False)[0]
            if 2 <= codes.max() + 1 <= len(frame) / ROWS_PER_LEVEL:
                levels[i] = codes
    deciders = [i for i in levels if schema.columns[i].kind in ("category", "boolean")]
    deciders.sort(key=lambda i: -levels[i].max())  # a finer column decides a coarser one
    found = {}
    for decided in sorted(levels, key=lambda i: levels[i].max()):
        for decider in deciders:
            free = decider not in {decided, *found} and decided not in found.values()
            free = free and (decided, decider) not in refused
            if free and _decides(levels[decider], levels[decided]):
                found[decided] = decider
                break
    return found


def _decides(first, second):
    """Whether ``second`` is a function of ``first``; a look at some rows settles most pairs."""
    if second.max() > first.max():
        return False
    return _is_function(first[:QUICK_ROWS], second[:QUICK_ROWS]) and _is_function(first, second)


def _is_function(first, second):
    value = np.empty(first.max() + 1, dtype=second.dtype)
    value[first] = second
    return bool((value[first] == second).all())


class LookUp:
    """The value of a decided column for each level of its decider."""

    activations = ()

    def __init__(self, column, decider):
        self.column, self.decider = column, decider
        self.met = np.zeros(len(decider.categories) + 1, dtype=bool)

    def fit(self, series, decider_series):
        """Remember the value in one row of every level of the decider."""
        self.add(series, decider_series)
        return self

    def add(self, series, decider_series):
        """Remember the value of levels not met before, in the next piece of the columns.

        Returns
        -------
        bool
            Whether every row agrees with what is remembered.
        """
        levels, (values, missing) = self._levels(decider_series), self._cells(series)
        found, rows = np.unique(levels, return_index=True)
        row_of = np.zeros(len(self.met), dtype=np.int64)
        row_of[found] = rows
        if not self.met.any():
            self.values_, self.missing_ = values[row_of], missing[row_of]
        new = found[~self.met[found]]
        self.values_[new], self.missing_[new] = values[row_of[new]], missing[row_of[new]]
        self.met[found] = True
        same = (self.missing_[levels] == missing) & (missing | (self.values_[levels] == values))
        return bool(same.all())

    def _cells(self, series):
        if self.column.kind in ("category", "boolean"):
            codes = self.column.codes(series)
            return codes, codes < 0
        return self.column.numbers(series)

    @classmethod
    def from_arrays(cls, column, decider, arrays):
        """What a file describes, by the names of its attributes."""
        look_up = cls(column, decider)
        require(decider.kind in ("category", "boolean"), "categories that decide others")
        n_levels = (len(decider.categories) + 1,)
        kinds, low, high = "int64 uint64 float64", None, None
        if column.kind in ("category", "boolean"):
            kinds, low, high = "int64", -1, len(column.categories) - 1
        look_up.values_ = checked_array(arrays, "values_", kinds, n_levels, low=low, high=high)
        look_up.missing_ = checked_array(arrays, "missing_", "bool", n_levels)
        return look_up

    def encode(self, series, rng=None):
        return np.empty((len(series), 0), dtype=np.float32)

    def decode(self, decider_series):
        """The column that belongs to a decoded decider."""
        levels = self._levels(decider_series)
        values, missing = self.values_[levels], self.missing_[levels]
        if self.column.kind in ("category", "boolean"):
            categories = np.empty(len(self.column.categories), dtype=object)
            categories[:] = self.column.categories
            values = categories[np.where(missing, 0, values)]
        return self.column.cast(values, missing if self.column.has_missing else None)

    def _levels(self, decider_series):
        """Level of the decider in each row; missing is a level of its own."""
        codes = self.decider.codes(decider_series)
        return np.where(codes < 0, len(self.decider.categories), codes)

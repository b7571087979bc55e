"""Training rows as relations are looked for in them, and what chance alone would explain."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binom

from gan_augment.encoding.column import LABELS, NUMBERS, UNLEARNT

#: Rows that are looked at first, spread over the table: most pairs of columns end there.
QUICK_ROWS, MORE_ROWS = 1000, 20_000
#: Rows that break a relation, which is kept in new rows all the same: of all rows, and of those
#: that would break it if its columns were independent.
MOST_EXCEPTIONS, MOST_OF_CHANCE = 0.005, 0.05
#: The same of a rule that is not kept, as too many rows break it, and that is said.
MOST_NEAR, MOST_NEAR_OF_CHANCE = 0.05, 0.1
#: Other rows break a rule more than real ones do if so many times their share, and this share, do.
WORSE, LEAST_SHARE = 2, 0.002
#: What holds is a relation if independent columns show it in fewer than one table of so many.
LEAST_LIKELY = 1e-9


class Limits(NamedTuple):
    """Shares of rows that may break a rule: of all, and of those that would by chance."""

    most: float
    of_chance: float


KEPT = Limits(MOST_EXCEPTIONS, MOST_OF_CHANCE)
NEAR = Limits(MOST_NEAR, MOST_NEAR_OF_CHANCE)


class TrainingRows:
    """The rows of a table, each column read once.

    Examples
    --------
    >>> from gan_augment.encoding.schema import Schema
    >>> frame = pd.DataFrame({"a": [0.5, None, 0.5], "k": ["u", "v", "u"]})
    >>> rows = TrainingRows(frame, Schema.infer(frame))
    >>> rows.levels("a").tolist(), rows.n_levels("k")
    ([0, -1, 0], 2)
    """

    def __init__(self, frame, schema):
        self.frame, self.schema = frame, schema
        #: How many rows may break what is looked for.
        self.limits = KEPT
        self.columns = {c.name: c for c in schema.columns if c.kind not in ("constant", *UNLEARNT)}
        self._numbers, self._levels, self._n_levels = {}, {}, {}
        #: Relations of the kinds that were looked for before.
        self.found = []
        #: Which rows are looked at first, and which then.
        self.quick = np.arange(0, len(frame), max(len(frame) // QUICK_ROWS, 1))
        self.more = np.arange(0, len(frame), max(len(frame) // MORE_ROWS, 1))

    def __len__(self):
        return len(self.frame)

    def look_beside(self, found, limits=KEPT):
        """Take what was found before, and how many rows may break what is looked for next."""
        self.found, self.limits = found, limits

    def numbers(self, name):
        """Values of a measured column and where they are missing."""
        if name not in self._numbers:
            self._numbers[name] = self.columns[name].numbers(self.frame[name])
        return self._numbers[name]

    def levels(self, name):
        """The number of each cell's level, in order of size; -1 where it is missing."""
        if name not in self._levels:
            column = self.columns[name]
            if column.kind in LABELS:
                levels = column.codes(self.frame[name])
            else:
                values, missing = self.numbers(name)
                levels = np.full(len(values), -1)
                levels[~missing] = _ranked(values[~missing])
            self._levels[name] = levels.astype(np.int32)
            self._n_levels[name] = int(levels.max()) + 1
        return self._levels[name]

    def n_levels(self, name):
        """Upper bound of the levels of a column."""
        self.levels(name)
        return self._n_levels[name]

    def distinct(self, name):
        """The values of a measured column, in order of size, each once."""
        (values, missing), levels = self.numbers(name), self.levels(name)
        found = np.empty(self.n_levels(name), dtype=values.dtype)
        found[levels[~missing]] = values[~missing]
        return found

    def of_kind(self, *kinds):
        """Names of the learnt columns of these kinds."""
        return [name for name, column in self.columns.items() if column.kind in kinds]

    def measured(self):
        """Names of the columns of numbers, dates and durations."""
        return self.of_kind(*NUMBERS)


def _ranked(values):
    """The place of each of some numbers among them in order of size, equal ones as one."""
    some = values[:: max(len(values) // QUICK_ROWS, 1)]
    if 2 * len(pd.unique(some)) > len(some):  # sorting is the faster way where most differ
        return np.unique(values, return_inverse=True)[1]
    return pd.factorize(values, sort=True)[0]


def is_evident(n_broken, n, chance, least=LEAST_LIKELY, limits=KEPT):
    """Whether n rows of which so few break a relation are evidence that it holds.

    `chance` is the share of rows that would break it if its columns were independent; then no
    more would with a probability below `least`. No more than `limits` may break it.

    Examples
    --------
    >>> is_evident(0, 100, 0.5), is_evident(1, 1000, 0.5), is_evident(0, 1000, 0.001)
    (True, True, False)
    """
    few = n_broken <= limits.most * n and n_broken <= limits.of_chance * chance * n
    return bool(few and binom.logcdf(n_broken, n, chance) < np.log(least))


def is_worse(real, made):
    """Whether a larger share of other rows than of real ones breaks a rule, beyond a few.

    Examples
    --------
    >>> is_worse(0.0, 0.3), is_worse(0.2, 0.3), is_worse(0.0, 0.001)
    (True, False, False)
    """
    return bool(made > max(WORSE * real, LEAST_SHARE))

"""Rows are added: real rows first, synthetic rows after.

`augment` is the one place where rows are added: it asks a fitted generator for exactly the
rows of the plan, redraws copies of real rows and rows that a filter rejects, and appends the rest
to the caller's own table, whose rows it never converts.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from gan_augment.augmentation.data import AugmentedData
from gan_augment.containers import append_rows, n_rows, own_rows, take_rows
from gan_augment.encoding.training_table import TrainingTable
from gan_augment.exceptions import AugmentationWarning, InputError
from gan_augment.generators.base import BaseGenerator, GeneratorLike, as_count
from gan_augment.generators.checks import ForeignCheck, check_count, check_labels, check_pair
from gan_augment.generators.parameters import check_flag
from gan_augment.metrics.copies import RealRows
from gan_augment.process.hushed import warn_caller
from gan_augment.process.progress import Work
from gan_augment.process.randomness import Seed, as_rng, draw_seed

#: What `augment` takes as filters: each returns one truth value per new row.
Filters: TypeAlias = Callable | list[Callable] | None
#: Draws after the first until a plan that copies keep from being met is given up.
ROUNDS = 20
#: Rows drawn for each row asked for, at least so many in all, until one that filters keep from
#: being met is given up; and rows of a batch, which grows with what they turn down.
DRAWS, FEWEST_DRAWS, BATCH = 100, 10_000, 50_000
#: Share of copies among the rows first drawn beyond which a table without a continuous column has
#: so few possible rows that the others are mostly wrong ones (``benchmarks/reliability``).
INEVITABLE = 0.5


def augment(
    generator: GeneratorLike,
    X: Any,
    y: Any,
    plan: dict | int,
    *,
    filters: Filters = None,
    allow_copies: bool = False,
    random_state: Seed = None,
) -> AugmentedData:
    """Append synthetic rows to a table, as an `AugmentedData`.

    The generator is fitted, and its rows are checked: by itself if it is a `BaseGenerator`, else
    against `X` and `y`, which it must have been fitted on. `X` may be a
    :class:`~gan_augment.encoding.training_table.TrainingTable`, rows and target in one. `plan` is
    what `resolve_plan` returns, and is met exactly, whatever is turned down.

    A filter ``f(X_new, y_new, X_real, y_real)`` returns True for each new row to keep. The others
    are redrawn in growing batches, until there are enough or 100 rows have been drawn for each row
    asked for (10,000 if that is more). Copies of real rows (the target apart) are redrawn too,
    without filters up to 20 times, unless allowed: of any row where a column of numbers or dates
    is continuous, that is, more than half of its values differ, and of any image; else of a row
    that occurs once. A table without a continuous column may have hardly any other rows: where
    more than half of what is drawn are copies they are kept, with a warning, and so are those that
    remain. None are looked for where generators copy by design (`BootstrapGenerator`).

    Raises
    ------
    InputError
        If the plan cannot be met without copies of real rows in a table with a continuous
        column, or of images; if a filter turns down so many rows that it cannot be met, or
        returns something other than one truth value per row.
    GeneratorError
        If the generator made rows that cannot be right.

    Warns
    -----
    AugmentationWarning
        If copies of real rows remain in a table without a continuous column.

    Examples
    --------
    >>> from gan_augment.generators.controls import BootstrapGenerator
    >>> X, y = np.array([[0.5], [1.5], [2.5]]), ["a", "a", "b"]
    >>> generator = BootstrapGenerator(random_state=0).fit(X, y)
    >>> augment(generator, X, y, {"a": 0, "b": 2}).y
    ['a', 'a', 'b', 'b', 'b']
    """
    rows = None  # of a table that has been converted
    if isinstance(X, TrainingTable):
        X, y, rows = X.X, X.y, X.rows
    real_rows = n_rows(X)
    rng = as_rng(random_state)
    labels, total = _labels(generator, plan, rng)
    rules = _Rules(filters, allow_copies, generator, X, y, rows)
    if total == 0:
        return AugmentedData(own_rows(X), own_rows(y), np.zeros(real_rows, dtype=bool))

    own = isinstance(generator, BaseGenerator)
    check = None if own else ForeignCheck(generator, X, y, rows)
    X_new, y_new, draws = _kept_rows(generator, total, labels, rules, check, rng)
    rules.report(total)
    n_redrawn = rules.n_redrawn
    del rules, labels  # before all rows are appended
    if draws > 1 and hasattr(generator, "renumber"):
        X_new = generator.renumber(X_new)
    if isinstance(X_new, pd.DataFrame):
        X_new = X_new.copy(deep=False)  # the frame of the generator and of filters is theirs
    y_all = y if y is None else append_rows(y, y_new)
    del y_new
    X_all = append_rows(X, X_new, release=True)
    is_synthetic = np.repeat([False, True], [real_rows, total])
    return AugmentedData(X_all, y_all, is_synthetic, n_redrawn)


def _labels(generator, plan, rng):
    """Return the label of every row to draw (None without classes), and how many there are."""
    if not isinstance(plan, Mapping):
        return None, as_count(plan, "plan")
    counts = [as_count(rows, f"plan[{label!r}]") for label, rows in plan.items()]
    names = list(plan)
    known = getattr(generator, "classes_", None)
    dtype = known.dtype if isinstance(known, np.ndarray) else None
    # Shuffled, so that the first rows of the result are a fair sample of the classes.
    return rng.permutation(np.repeat(np.array(names, dtype=dtype), counts)), sum(counts)


def _kept_rows(generator, total, labels, rules, check, rng):
    """Draw until there are as many rows that are kept as asked for; return them, and how often."""
    X_new, y_new, wanted, draws = None, None, total, 0
    with Work("Drawing", total, "rows") as work:
        while wanted:
            n_drawn = rules.batch(wanted, total)
            if n_drawn == 0:
                rules.refuse(wanted, total)
            asked = labels if labels is None or n_drawn == wanted else np.resize(labels, n_drawn)
            X_drawn, y_drawn = _draw(generator, n_drawn, asked, check, rng)
            kept = np.flatnonzero(rules.keep(X_drawn, y_drawn, wanted))
            filled = kept
            if n_drawn > wanted:  # several were drawn for each row asked for, as labels repeat
                filled, first = np.unique(kept % wanted, return_index=True)
                kept = kept[first]
            if len(filled):
                draws += 1
                X_new, y_new = _extend(X_new, y_new, _take(X_drawn, kept), _take(y_drawn, kept))
            del X_drawn, y_drawn  # before more are drawn, or all rows are appended
            wanted -= len(filled)
            work.advance(len(filled))
            labels = None if labels is None else np.delete(labels, filled)
    return X_new, y_new, draws


def _draw(generator, wanted, labels, check, rng):
    seed = draw_seed(rng) % 2**31  # small enough for any generator's random_state
    maker = type(generator).__name__
    asked = {"n_samples": wanted} if labels is None else {"y": labels}
    X_new, y_new = check_pair(generator.sample(**asked, random_state=seed), maker)
    check_count(X_new, wanted, maker)
    if check:
        check(X_new, y_new, wanted)
    if labels is not None:
        check_labels(y_new, labels, maker)
    return X_new, y_new


def _take(drawn, kept):
    """Return the rows or targets at these positions; all of them are not copied."""
    return drawn if drawn is None or len(kept) == n_rows(drawn) else take_rows(drawn, kept)


def _extend(X_old, y_old, X_more, y_more):
    if X_old is None:
        return X_more, y_more
    return append_rows(X_old, X_more), None if y_old is None else append_rows(y_old, y_more)


def checked_filters(filters: Filters, allow_copies: bool) -> list[Callable]:
    """Return filters as a list, or refuse what `augment` does not take for these arguments.

    Examples
    --------
    >>> checked_filters(None, allow_copies=False)
    []
    """
    listed = list(filters) if isinstance(filters, (list, tuple)) else [filters]
    wrong = [f for f in listed if f is not None and not callable(f)]
    if wrong:
        raise InputError.unknown("filters", wrong[0], "None, a callable or a list of callables")
    for rule in listed:
        if rule is not None and not _takes_four(rule):
            raise InputError(
                f"has {_name(rule)!r}, which does not take four arguments",
                argument="filters",
                remedy="write it as lambda rows, y, real, y_real: ..., or lambda rows, *_: ...",
            )
    check_flag("allow_copies", allow_copies)
    return [f for f in listed if f is not None]


def _takes_four(rule):
    try:
        inspect.signature(rule).bind(None, None, None, None)
    except TypeError:
        return False
    except ValueError:  # nothing is known of what it takes
        pass
    return True


class _Rules:
    """Which rows that were just drawn are kept, by the filters and copies of one call."""

    def __init__(self, filters, allow_copies, generator, X, y, rows=None):
        self.X, self.y, self.n_redrawn, self.n_kept, self.n_last = X, y, 0, 0, 0
        self.filters = checked_filters(filters, allow_copies)
        self.n_batches = self.n_drawn = self.n_taken = self.last_batch = 0
        self.n_passed = [0] * len(self.filters)
        self.is_last = False
        self.real = None
        if not allow_copies and not getattr(generator, "copies_rows", False):
            unlearnt = getattr(generator, "unlearnt_", ())
            real = X if rows is None else rows
            self.real = RealRows(real, unlearnt, getattr(generator, "learns_images", False))

    def batch(self, wanted, total):
        """Return how many rows to draw next for those still wanted, 0 to give up."""
        if self.is_last:
            return 0
        if not self.filters or self.n_batches == 0:
            n, self.is_last = wanted, self.n_batches == ROUNDS
        else:
            needed = wanted * -(-self.n_drawn // (self.n_taken + 1))
            left = max(DRAWS * total, FEWEST_DRAWS) - self.n_drawn
            n = max(min(needed, 4 * self.last_batch, BATCH), wanted)
            n, self.is_last = min(n, max(left, 1)), n >= left
        self.n_batches, self.n_drawn, self.last_batch = self.n_batches + 1, self.n_drawn + n, n
        return n

    def keep(self, X_new, y_new, wanted):
        keep = np.ones(n_rows(X_new), dtype=bool)
        for place, rule in enumerate(self.filters):
            passed = self._ask(rule, X_new, y_new)
            self.n_passed[place] += int(passed.sum())
            keep &= passed
        if self.real is not None:
            keep = self._without_copies(keep, X_new, wanted)
        self.n_taken += int(keep.sum())
        return keep

    def _without_copies(self, keep, X_new, wanted):
        copied = keep & self.real.copied(X_new)
        is_first = self.n_batches == 1
        inevitable = self.is_last or (is_first and copied.mean() > INEVITABLE)
        if inevitable and not self.real.continuous:
            self.n_kept += min(int(copied.sum()), wanted)
            self.real = None if is_first else self.real
            return keep
        self.n_last = int(copied.sum())
        self.n_redrawn += self.n_last
        return keep & ~copied

    def _ask(self, rule, X_new, y_new):
        mask = np.asarray(rule(X_new, y_new, self.X, self.y))
        if mask.dtype != bool or mask.shape != (n_rows(X_new),):
            raise InputError(
                f"has {_name(rule)!r}, which returned {mask.dtype} of shape "
                f"{mask.shape} for {n_rows(X_new)} new rows",
                argument="filters",
                remedy="return one bool per new row",
            )
        return mask

    def refuse(self, missing, total):
        """Say why rows are missing after the last draw."""
        turned_down = sum(self.n_drawn - passed for passed in self.n_passed)
        if turned_down <= self.n_redrawn:
            raise InputError(
                f"{missing} of the {total} rows asked for equal a real row however often they "
                f"are drawn ({self.n_batches - 1} redraws)",
                remedy="ask for fewer rows, use a generator that adds variation, or pass {} to "
                "keep copies of real rows",
                settings=(("allow_copies", True),),
            )
        least = int(np.argmin(self.n_passed))
        copies = f", and {self.n_redrawn:,} equal a real row" * bool(self.n_redrawn)
        raise InputError(
            f"leave {missing:,} of the {total:,} rows asked for missing, as "
            f"{_name(self.filters[least])!r} kept {self.n_passed[least]:,} of "
            f"{self.n_drawn:,} rows that were drawn "
            f"({self.n_passed[least] / self.n_drawn:.2%}{copies})",
            argument="filters",
            remedy="loosen this filter, or ask for fewer rows",
        )

    def report(self, total):
        if self.n_kept:
            warn_caller(
                f"{self.n_kept} of {total} synthetic rows equal a real row that occurs once: no "
                "column is continuous, so there are few other rows to make. Pass "
                "allow_copies=True if copies do not matter.",
                AugmentationWarning,
                stacklevel=3,
            )


def _name(rule):
    """Return the name of a filter; of an object that is called, its type."""
    return getattr(rule, "__name__", type(rule).__name__)

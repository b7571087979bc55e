"""Real rows first, synthetic rows after, and every row knows which it is.

`augment` is the one place where rows are added: it asks a fitted generator for exactly the
rows of the plan, redraws those a filter turns down, and appends the rest to the caller's own
table, whose rows it never converts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from warnings import warn

import numpy as np
import pandas as pd
from pandas.api.types import is_datetime64_any_dtype, is_float_dtype
from pandas.util import hash_pandas_object

from gan_augment.containers import append_rows, is_images, n_rows, take_rows, to_pandas
from gan_augment.exceptions import AugmentationWarning, InputError
from gan_augment.generators.base import BaseGenerator, as_count
from gan_augment.generators.selfcheck import ForeignCheck, check_count, check_labels
from gan_augment.randomness import as_rng, draw_seed

COPY_ROUNDS = 5
FILTER_ROUNDS = 10


@dataclass(frozen=True)
class AugmentedData:
    """A table with synthetic rows after the real ones.

    Parameters
    ----------
    X : DataFrame, ndarray, polars.DataFrame or pyarrow.Table
        The caller's rows, then the synthetic ones, in the caller's container.
    y : array-like or None
        The target of every row, in the caller's container.
    is_synthetic : ndarray of bool
        False for each of the caller's rows, True for each added one.

    Examples
    --------
    >>> data = AugmentedData([[1], [2], [3]], None, np.array([False, False, True]))
    >>> data
    AugmentedData(3 rows, 1 synthetic)
    """

    X: object
    y: object
    is_synthetic: np.ndarray = field(repr=False)

    def __len__(self):
        return len(self.is_synthetic)

    @property
    def n_synthetic(self):
        """Number of synthetic rows."""
        return int(self.is_synthetic.sum())

    @property
    def source(self):
        """For each row the position of the real row it is, or -1 if it is synthetic."""
        return row_source(self.is_synthetic)

    def as_dataset(self, transform=None):
        """Return the rows as a ``torch.utils.data.Dataset``.

        Parameters
        ----------
        transform : callable, optional
            Called with each row's tensor, e.g. ``lambda image: image / 255``.

        Returns
        -------
        AugmentedDataset
            Each entry is a tensor of the row's dtype and its target: the position of its label
            in ``classes``, or the number itself.
        """
        from gan_augment.dataset import AugmentedDataset

        return AugmentedDataset(self.X, self.y, self.is_synthetic, transform)

    def __repr__(self):
        return f"AugmentedData({len(self)} rows, {self.n_synthetic} synthetic)"

    def __iter__(self):
        raise TypeError("AugmentedData is not a tuple: use data.X, data.y and data.is_synthetic.")


def row_source(is_synthetic):
    """Return for each row the position of the real row it is, or -1 if it is synthetic.

    Parameters
    ----------
    is_synthetic : array-like of bool of shape (n,)
        The real rows are in their old order.

    Returns
    -------
    ndarray of int of shape (n,)

    Examples
    --------
    >>> row_source([False, False, True]).tolist()
    [0, 1, -1]
    """
    is_synthetic = np.asarray(is_synthetic, dtype=bool)
    return np.where(is_synthetic, -1, np.cumsum(~is_synthetic) - 1)


def follow_rows(values, source, synthetic):
    """Return one value per row: that of the real row it is, `synthetic` for all others.

    Parameters
    ----------
    values : array-like of shape (n,)
        One number for each real row.
    source : ndarray of int of shape (m,)
        As `row_source` returns it.
    synthetic : float or int
        The value of synthetic rows.

    Returns
    -------
    ndarray of shape (m,)

    Examples
    --------
    >>> follow_rows([0.5, 2.0], np.array([0, 1, -1]), 1.0).tolist()
    [0.5, 2.0, 1.0]
    """
    return np.where(source >= 0, np.asarray(values)[source], synthetic)


def augment(generator, X, y, plan, *, filters="auto", random_state=None):
    """Append synthetic rows to a table.

    Parameters
    ----------
    generator : fitted generator
        Its ``sample`` makes the rows. They are checked: by itself if it is a `BaseGenerator`,
        else against `X` and `y`, which it must have been fitted on.
    X : DataFrame, ndarray, polars.DataFrame or pyarrow.Table
        The real rows, which come first in the result, bit for bit.
    y : array-like or None
        Their target.
    plan : dict or int
        ``{label: rows}`` for class targets, else the number of rows, as `resolve_plan` returns.
        Met exactly, whatever the filters.
    filters : None, "auto", callable or list of callables, default="auto"
        "auto" redraws synthetic rows equal to a real row, where the table has a continuous
        column (numbers with fractions, dates), up to 5 times; copies that remain are kept with
        a warning. Generators that copy by design (`BootstrapGenerator`) are left alone. A
        callable ``f(X_new, y_new, X_real, y_real)`` returns True for each new row to keep; the
        others are redrawn up to 10 times.
    random_state : None, int, Generator or RandomState, optional
        Seed of all draws.

    Returns
    -------
    AugmentedData

    Raises
    ------
    InputError
        If a filter turns down so many rows that the plan cannot be met, or returns something
        other than one truth value per row.
    GeneratorError
        If the generator made rows that cannot be right.

    Warns
    -----
    AugmentationWarning
        If copies of real rows remain.

    Examples
    --------
    >>> from gan_augment.generators.controls import BootstrapGenerator
    >>> X, y = np.array([[0.5], [1.5], [2.5]]), ["a", "a", "b"]
    >>> generator = BootstrapGenerator(random_state=0).fit(X, y)
    >>> augment(generator, X, y, {"a": 0, "b": 2}).y
    ['a', 'a', 'b', 'b', 'b']
    """
    real_rows, draws = n_rows(X), 0
    rng = as_rng(random_state)
    labels, wanted = _labels(generator, plan, rng)
    rules = _Rules(filters, generator, X, y)
    if wanted == 0:
        return AugmentedData(X, y, np.zeros(real_rows, dtype=bool))

    own = isinstance(generator, BaseGenerator)
    check = None if own else ForeignCheck(generator, X, y)
    X_new = y_new = None
    for attempt in range(FILTER_ROUNDS + 1):
        X_drawn, y_drawn = _draw(generator, wanted, labels, check, rng)
        keep = rules.keep(X_drawn, y_drawn, attempt)
        if keep.any():
            draws += 1
            X_new, y_new = _extend(X_new, y_new, take_rows(X_drawn, keep), _take(y_drawn, keep))
        wanted = int((~keep).sum())
        labels = None if labels is None else labels[~keep]
        if wanted == 0:
            break
    if wanted:
        raise InputError(
            f"filters turned down so many rows that {wanted} of the rows asked for are missing "
            f"after {FILTER_ROUNDS} redraws: loosen the filter or ask for fewer rows."
        )
    rules.report()
    if draws > 1 and hasattr(generator, "renumber"):
        X_new = generator.renumber(X_new)
    X_all, y_all = append_rows(X, X_new), y if y is None else append_rows(y, y_new)
    return AugmentedData(X_all, y_all, np.arange(n_rows(X_all)) >= real_rows)


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


def _draw(generator, wanted, labels, check, rng):
    seed = draw_seed(rng) % 2**31  # small enough for any generator's random_state
    if labels is None:
        X_new, y_new = generator.sample(wanted, random_state=seed)
    else:
        X_new, y_new = generator.sample(y=labels, random_state=seed)
    maker = type(generator).__name__
    check_count(X_new, wanted, maker)
    if check:
        check(X_new, y_new, wanted)
    if labels is not None:
        check_labels(y_new, labels, maker)
    return X_new, y_new


def _take(y, keep):
    return None if y is None else take_rows(y, keep)


def _extend(X_old, y_old, X_more, y_more):
    if X_old is None:
        return X_more, y_more
    return append_rows(X_old, X_more), None if y_old is None else append_rows(y_old, y_more)


def checked_filters(filters):
    """Return the filters as a list, or refuse what is none.

    Parameters
    ----------
    filters : None, "auto", callable or list of these

    Returns
    -------
    list

    Examples
    --------
    >>> checked_filters("auto")
    ['auto']
    """
    listed = list(filters) if isinstance(filters, (list, tuple)) else [filters]
    for rule in listed:
        known = rule is None or isinstance(rule, Callable)
        if not known and not (isinstance(rule, str) and rule == "auto"):
            raise InputError(
                f"filters={rule!r} is unknown: pass None, 'auto', a callable or a list of "
                "callables."
            )
    return listed


class _Rules:
    """The filters of one call: which of the rows just drawn may stay."""

    def __init__(self, filters, generator, X, y):
        self.X, self.y, self.copies = X, y, 0
        listed = checked_filters(filters)
        self.callables = [f for f in listed if isinstance(f, Callable)]
        self.real = None
        if "auto" in listed and not getattr(generator, "copies_rows", False):
            self.unlearnt = list(getattr(generator, "unlearnt_", ()))
            # Where all columns are discrete, a good generator meets real rows by chance, so an
            # equal row is no sign of copying there; it does not meet whole images.
            rows = self._learnt(X)
            images = is_images(X) or getattr(generator, "learns_images", False)
            if images or any(_is_continuous(rows[name]) for name in rows.columns):
                self.real = _fingerprints(rows)

    def _learnt(self, X):
        """The columns that tell rows apart: a new identifier makes no row a new one."""
        return X if is_images(X) else to_pandas(X)[0].drop(columns=self.unlearnt)

    def keep(self, X_new, y_new, attempt):
        keep = np.ones(n_rows(X_new), dtype=bool)
        for rule in self.callables:
            keep &= self._ask(rule, X_new, y_new)
        if self.real is not None:
            copied = np.isin(_fingerprints(self._learnt(X_new)), self.real)
            if attempt < COPY_ROUNDS:
                keep &= ~copied
            else:
                self.copies += int((copied & keep).sum())
        return keep

    def _ask(self, rule, X_new, y_new):
        mask = np.asarray(rule(X_new, y_new, self.X, self.y))
        if mask.dtype != bool or mask.shape != (n_rows(X_new),):
            raise InputError(
                f"filters: {getattr(rule, '__name__', rule)!r} returned {mask.dtype} of shape "
                f"{mask.shape} for {n_rows(X_new)} new rows: return one bool per new row."
            )
        return mask

    def report(self):
        if self.copies:
            warn(
                f"{self.copies} synthetic rows equal a real row after {COPY_ROUNDS} redraws and "
                "were kept: the generator may have memorised its training data.",
                AugmentationWarning,
                stacklevel=3,
            )


def _fingerprints(frame):
    """Return one 64-bit hash per row."""
    if isinstance(frame, np.ndarray):
        rows = np.ascontiguousarray(frame).reshape(len(frame), -1)
        return np.array([int.from_bytes(blake2b(row, digest_size=8).digest()) for row in rows])
    try:
        return hash_pandas_object(frame, index=False).to_numpy()
    except UnicodeEncodeError:
        frame = pd.DataFrame({name: _as_bytes(column) for name, column in frame.items()})
        return hash_pandas_object(frame, index=False).to_numpy()


def _as_bytes(column):
    """Text as the bytes that pandas hashes, lone surrogates included; else as it is."""

    def encoded(cell):
        return cell.encode("utf-8", "surrogatepass") if isinstance(cell, str) else cell

    return column.astype(object).map(encoded) if column.dtype.kind == "O" else column


def _is_continuous(column):
    is_date = is_datetime64_any_dtype(column.dtype)
    if not (is_date or is_float_dtype(column.dtype)) or column.nunique() < 2:
        return False  # a constant tells no row from another
    if is_date:
        return True
    values = column.dropna().to_numpy(dtype=np.float64)
    return bool((values != np.floor(values)).any())

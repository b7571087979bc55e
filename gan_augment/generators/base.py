"""The contract of all generators, of tables and of images: ``fit`` and ``sample``.

`BaseGenerator` checks and encodes the request and gives callers back their own kind of table;
`SchemaGenerator` adds new identifiers, and `BaseImageGenerator` what images need.
"""

from __future__ import annotations

import math
import numbers
from abc import ABCMeta, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from gan_augment.containers import n_rows, to_pandas
from gan_augment.containers.columns import takes_any_table
from gan_augment.encoding.column import UNLEARNT
from gan_augment.encoding.image import ImageCodec
from gan_augment.encoding.schema import Schema, chosen_kinds
from gan_augment.encoding.target import TargetCodec
from gan_augment.encoding.training_table import TrainingTable
from gan_augment.exceptions import InputError
from gan_augment.generators.allocation import counts_of_chunk, largest_remainder
from gan_augment.generators.checks import (
    RowCheck,
    check_count,
    check_numbers,
    check_pair,
    check_pixels,
)
from gan_augment.generators.parameters import refuse
from gan_augment.process.progress import Work
from gan_augment.process.randomness import Seed, as_rng
from gan_augment.process.state import one_fit_at_a_time

MIN_ROWS = 2
#: The most rows made at once: a billion numbers fill 8 GB, one column of them.
MAX_ROWS = 10**9


def as_count(value: Any, name: str, *, least: int = 0) -> int:
    """Return `value` as a Python int, or refuse what is no number of rows.

    `name` is the argument it came from, for the message.

    Examples
    --------
    >>> as_count(3, "n_samples")
    3
    """
    is_int = isinstance(value, numbers.Integral) and not isinstance(value, (bool, np.bool_))
    if not is_int or value < 0:
        raise InputError.of(name, value, "is not a number of rows", "pass a non-negative integer")
    if value > MAX_ROWS:
        raise InputError.of(
            name,
            value,
            f"is more than the {MAX_ROWS:,} rows that can be made at once",
            "ask for fewer, several times",
        )
    if value < least:
        raise InputError.of(name, value, "is too small", f"pass at least {least}")
    return int(value)


def _shuffled(counts, rng):
    """Group codes in random order, so many of each; None where there are no groups."""
    if counts is None:
        return None
    return rng.permutation(np.repeat(np.arange(len(counts), dtype=np.int64), counts))


class GeneratorLike(Protocol):
    """What estimators need of a generator; `BaseGenerator` is one way to it."""

    def fit(self, X: Any, y: Any = None) -> Any:
        """Learn rows and their target."""

    def sample(
        self, n_samples: Any = None, *, y: Any = None, random_state: Seed = None
    ) -> tuple[Any, Any]:
        """Return new rows and their target."""


class BaseGenerator(BaseEstimator, metaclass=ABCMeta):
    """Learn the rows of a table and make new ones: the contract of all generators.

    A subclass defines ``__init__`` with keyword parameters, among them ``random_state`` and, if
    it can be told what the target is, ``target``; and the two methods

    ``_fit(frame, target_values, rng)``
        `frame` is a pandas DataFrame, `target_values` int64 class codes, float64 numbers or
        None, `rng` a private ``numpy.random.Generator``.
    ``_sample(n, codes, rng)``
        Returns ``(frame, numbers)``: n >= 1 rows with the columns and dtypes seen in ``_fit``,
        and the float64 target of each row, or None where the target is not a number. `codes`
        is the class wanted for each row (int64), or None without classes.

    What ``_sample`` returns is checked: so many rows, these dtypes, numbers finite and in the
    range seen, no value unseen, none missing where none was. A breach raises `GeneratorError`.

    Attributes
    ----------
    n_features_in_ : int
        Number of columns seen in `fit`.
    feature_names_in_ : ndarray of str
        Column names, if all of them are strings.
    target_ : TargetCodec
        What `y` is: ``target_.kind_`` is "class", "number" or "none".
    container_ : Container
        The caller's kind of table.
    classes_ : ndarray
        Sorted labels, for class targets only.
    class_counts_ : dict
        Training rows per label, for class targets only.
    """

    # True for a control whose rows are real rows, so that no filter redraws its copies for ever.
    copies_rows = False
    # True where numbers beyond the range seen are meant, as those of a fitted density.
    extrapolates = False

    # Columns whose cells are not learnt, such as new identifiers: they make no row a new one.
    unlearnt_: tuple = ()

    def renumber(self, X: Any) -> Any:
        """Return rows of several draws as if drawn at once; new identifiers start anew in each."""
        return X

    @abstractmethod
    def _fit(self, frame, target_values, rng):
        """Learn from a frame and the encoded target."""

    @abstractmethod
    def _sample(self, n, codes, rng):
        """Return n new rows as (frame, numeric target or None)."""

    @one_fit_at_a_time
    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn to make rows like those of `X`.

        Parameters
        ----------
        X : DataFrame, array-like, polars.DataFrame or pyarrow.Table of shape (n, d)
            Training rows, at least two. Estimators pass a
            :class:`~gan_augment.encoding.training_table.TrainingTable`, rows and target in one,
            which is not converted again.
        y : array-like of shape (n,), optional
            Class labels or numbers.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If the table or the target cannot be used; nothing has been trained then.
        """
        self._check_parameters()
        self._forget()
        rows, container = self._open(X)
        if len(rows) < MIN_ROWS:
            raise InputError(
                f"X has {len(rows)} sample(s), n_samples={len(rows)}, but at least {MIN_ROWS} "
                "rows are needed to learn from",
                remedy="pass more rows",
            )
        rng = as_rng(self.random_state)
        kind = getattr(self, "target", "auto")
        if isinstance(X, TrainingTable):
            table = X.with_kind(kind)
            target, values = table.target, table.codes
        else:
            target = TargetCodec(kind)
            values = target.fit_encode(y, X)
        try:
            self._remember(rows, container, target, values)
            with Work(f"Learning {len(rows):,} rows"):
                self._fit(rows, values, rng)
        except BaseException:
            self._forget()  # interrupted or failed: unfitted, never half fitted
            raise
        return self

    def _check_parameters(self):
        """Refuse parameters that cannot be used, before anything is learnt."""

    def _open(self, X):
        """Return the rows to learn from, and what turns new ones into the caller's kind."""
        if isinstance(X, TrainingTable) and X.container is not None:
            return X.rows, X.container
        return to_pandas(X.X if isinstance(X, TrainingTable) else X)  # images are refused

    def _remember(self, rows, container, target, values):
        self.container_ = container
        self.target_ = target
        self.n_features_in_ = math.prod(rows.shape[1:])
        if isinstance(rows, pd.DataFrame):
            self.row_check_ = RowCheck.of(rows, self._label_columns(rows))
        names = getattr(rows, "columns", ())  # images have none
        if len(names) and all(isinstance(name, str) for name in names):
            self.feature_names_in_ = np.asarray(names, dtype=object)
        if target.kind_ == "class":
            self.classes_ = target.classes_
            counts = np.bincount(values, minlength=len(self.classes_))
            self.class_counts_ = dict(zip(self.classes_.tolist(), counts.tolist(), strict=True))

    def _label_columns(self, rows):
        """Columns whose numbers are labels: none between two of them is one."""
        chosen = chosen_kinds(getattr(self, "columns", None), rows)
        return [name for name, kind in chosen.items() if kind == "category"]

    def _forget(self):
        for name in [n for n in vars(self) if n.endswith("_") and not n.startswith("_")]:
            delattr(self, name)

    def sample(
        self,
        n_samples: int | Mapping[Any, int] | None = None,
        *,
        y: Any = None,
        random_state: Seed = None,
    ) -> tuple[Any, Any]:
        """Make new rows.

        Parameters
        ----------
        n_samples : int or dict of {label: rows}, optional
            How many rows, or how many of each class. May be left out if `y` is given.
        y : array-like of labels, optional
            For class targets: the class wanted for each row, kept in this order. If None, the
            classes appear in the shares they had in training, in random order.
        random_state : None, int, Generator or RandomState, optional
            If None, the constructor's `random_state`, so that an int there gives the same rows
            at every call.

        Returns
        -------
        X : same kind of table as was passed to `fit`
        y : same kind of target as was passed to `fit`, or None
            The label or number of each row.

        Raises
        ------
        InputError
            If the request cannot be met, such as an unknown label or a negative number.
        GeneratorError
            If what was made cannot be right: a fault of the generator.
        sklearn.exceptions.NotFittedError
            If `fit` has not been called.
        """
        check_is_fitted(self, "target_")
        rng = as_rng(self.random_state if random_state is None else random_state)
        n, codes, counts = self._request(n_samples, y)
        return self._made(n, _shuffled(counts, rng) if codes is None else codes, rng)

    def sample_iter(
        self,
        n_samples: int | Mapping[Any, int] | None = None,
        *,
        chunk_size: int = 100_000,
        y: Any = None,
        random_state: Seed = None,
    ) -> Iterator[tuple[Any, Any]]:
        """Make new rows a chunk at a time: memory depends on the chunk, not on their number.

        Parameters
        ----------
        n_samples : int or dict of {label: rows}, optional
            How many rows in all, or of each class. May be left out if `y` is given.
        chunk_size : int, default=100_000
            Rows of each chunk; the last one has what is left. Take fewer for images.
        y : array-like of labels, optional
            For class targets: the class wanted for each row, kept in this order. If None, all
            chunks together have as many rows of each class as `sample` would make, and each
            chunk has a random part of them.
        random_state : None, int, Generator or RandomState, optional
            If None, the constructor's `random_state`. The same seed and `chunk_size` give the
            same rows; where one chunk holds all, they are those of `sample`.

        Returns
        -------
        iterator of (X, y)
            Each as `sample` returns it. New identifiers go on from chunk to chunk. No rows are
            one chunk without rows.

        Raises
        ------
        InputError
            If the request cannot be met; raised here, before the first chunk is asked for.
        sklearn.exceptions.NotFittedError
            If `fit` has not been called.

        Examples
        --------
        >>> import numpy as np
        >>> from gan_augment import BootstrapGenerator
        >>> X, y = np.arange(8.0).reshape(4, 2), ["a", "a", "a", "b"]
        >>> generator = BootstrapGenerator(random_state=0).fit(X, y)
        >>> for X_new, y_new in generator.sample_iter(1000, chunk_size=400):
        ...     print(X_new.shape)
        (400, 2)
        (400, 2)
        (200, 2)
        """
        check_is_fitted(self, "target_")
        size = as_count(chunk_size, "chunk_size", least=1)
        rng = as_rng(self.random_state if random_state is None else random_state)
        n, codes, counts = self._request(n_samples, y)
        self._check_identifiers(n)
        return self._chunks(n, codes, counts, size, rng)

    def requested_counts(self, n_samples: int | Mapping[Any, int]) -> np.ndarray | None:
        """Return how many rows of each group a request asks for; None without groups.

        Raises
        ------
        InputError
            If the request cannot be met.
        """
        check_is_fitted(self, "target_")
        n, _, counts = self._request(n_samples, None)
        self._check_identifiers(n)
        return counts

    def iter_chunks(
        self, counts: np.ndarray, size: int, rng: np.random.Generator, *, start: int = 0
    ) -> Iterator[tuple[Any, Any]]:
        """Yield so many rows of each group in chunks; `start` rows were made before them."""
        return self._chunks(int(counts.sum()), None, counts, size, rng, start)

    def _chunks(self, n, codes, left, size, rng, before=0):
        """Yield rows in chunks, as `sample_iter` does; so many were made before them."""
        for start in range(0, max(n, 1), size):
            rows = min(size, n - start)
            part = None if codes is None else codes[start : start + rows]
            if left is not None:
                counts = counts_of_chunk(left, rows, rng)
                left, part = left - counts, _shuffled(counts, rng)
            yield self._made(rows, part, rng, before + start)

    def _made(self, n, codes, rng, start=0):
        """Return n rows and their target as the caller's; `start` rows were made before them."""
        if n == 0:  # the schema of no rows is the schema of any row
            rows, values = self._draw(1, None if codes is None else np.zeros(1, np.int64), rng)
            rows, values = rows[:0], values[:0] if values is not None else None
        else:
            rows, values = self._draw(n, codes, rng)
        if start:
            self._count_on(rows, start)
        kind = self.target_.kind_
        target = {"class": codes, "number": values, "none": None}[kind]
        y_new = None if kind == "none" else self.target_.decode(target)
        return self.container_.restore(rows), y_new

    def _draw(self, n, codes, rng):
        rows, values = check_pair(self._sample(n, codes, rng), type(self).__name__)
        self._check_rows(rows, n)
        if self.target_.kind_ == "number":
            check_numbers(values, n, type(self).__name__)
        if isinstance(rows, pd.DataFrame):
            rows = rows.copy(deep=False)
            rows.index = pd.RangeIndex(len(rows))
        return rows, values

    def _group_sizes(self):
        """Training rows of each group that rows are made for, or None where all are one."""
        return list(self.class_counts_.values()) if self.target_.kind_ == "class" else None

    def _count_on(self, rows, start):
        """Give rows of a later chunk identifiers that no earlier one has, in place."""

    def _check_identifiers(self, n):
        """Refuse more rows than there are new identifiers."""

    def _check_rows(self, rows, n):
        maker, in_range = type(self).__name__, not self.extrapolates
        self.row_check_(rows, n, maker, free=self.unlearnt_, in_range=in_range)

    def _request(self, n_samples, y):
        """Return how many rows, and either the code of each or how many of each group, if any."""
        kind, groups = self.target_.kind_, self._group_sizes()
        if y is not None and kind != "class":
            raise InputError(
                f"y was passed to sample, but this generator was fitted with a {kind} target",
                remedy="pass n_samples only",
            )
        if y is None and n_samples is None:
            raise InputError.of(
                "n_samples", None, "is no request", "pass the number of rows to make"
            )
        if y is None and isinstance(n_samples, Mapping):
            asked = [as_count(rows, f"n_samples[{label!r}]") for label, rows in n_samples.items()]
            counts = np.zeros(0 if groups is None else len(groups), dtype=np.int64)
            np.add.at(counts, self.target_.codes_of(list(n_samples)), asked)
            return sum(asked), None, counts
        if y is None:
            n = as_count(n_samples, "n_samples")
            return n, None, None if groups is None else largest_remainder(n, groups)
        if isinstance(y, (str, bytes)):
            raise InputError.of(
                "y", y, "is one label", f"pass one for each row, e.g. y=[{y!r}] * 10"
            )
        n = n_rows(y)
        if n_samples is not None and as_count(n_samples, "n_samples") != n:
            raise InputError.of(
                "n_samples",
                n_samples,
                f"is not the number of rows that y asks for, {n}",
                "leave it out, or pass one label per row",
            )
        if n == 0:
            return 0, np.zeros(0, dtype=np.int64), None
        return n, np.asarray(self.target_.codes_of(y), dtype=np.int64), None

    def __sklearn_is_fitted__(self):
        return hasattr(self, "target_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        takes_any_table(tags)
        tags.non_deterministic = self.random_state is None
        return tags


class BaseImageGenerator(BaseGenerator):
    """A generator whose rows are images.

    ``_fit(images, groups, rng)`` gets float32 images of shape (n, channels, height, width) in 0
    to 1 and the code of each one's class, all 0 without classes; ``_sample(n, codes, rng)``
    returns such images and None.

    Attributes
    ----------
    container_ : ImageCodec
        Layout, range and dtype of the images seen.
    image_shape_ : tuple of int
        Channels, height and width.
    """

    learns_images = True

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn to make images like those of `X`.

        Parameters
        ----------
        X : array-like of shape (n, h, w), (n, h, w, c), (n, c, h, w) or (n, pixels)
            Training images, at least two.
        y : array-like of shape (n,), optional
            Class labels.

        Returns
        -------
        self
        """
        return super().fit(X, y)

    def _open(self, X):
        X = X.X if isinstance(X, TrainingTable) else X
        if hasattr(X, "columns"):
            raise InputError(
                f"X is a table ({type(X).__name__}), but images are learnt from arrays",
                remedy="pass X.to_numpy(), with image_shape=(height, width) if an image is a row",
            )
        codec = ImageCodec(self.channels, self.image_shape, self.value_range).fit(X)
        return codec.encode(X), codec

    def _remember(self, images, codec, target, values):
        if target.kind_ == "number":
            raise InputError(
                "y holds numbers, but images are made for classes",
                remedy="pass class labels, or no y, or {} if the numbers are labels",
                settings=(("target", "class"),),
            )
        super()._remember(images, codec, target, values)
        self.image_shape_ = codec.shape_
        self.group_counts_ = np.bincount(self._groups(values, len(images)))

    def _check_rows(self, images, n):
        maker = type(self).__name__
        check_count(images, n, maker)
        check_pixels(images, (n, *self.image_shape_), maker)

    def _check_target(self):
        if self.target not in ("auto", "class"):
            refuse("target", self.target, '"auto" or "class", as images are made for classes')

    @staticmethod
    def _groups(values, n):
        """What images are made for: classes, or one group without."""
        return np.zeros(n, dtype=np.int64) if values is None else values

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = False
        tags.input_tags.categorical = False
        tags.input_tags.string = False
        return tags


class SchemaGenerator(BaseGenerator):
    """A generator with a schema, which names the columns that are ignored or numbered anew."""

    @abstractmethod
    def _schema(self) -> Schema:
        """Return what was inferred of each column."""

    @property
    def unlearnt_(self) -> tuple:  # type: ignore[override]  # a subclass may also set it
        """Columns that are ignored or regenerated."""
        columns = self._schema().columns
        return tuple(c.name for c in columns if c.kind in UNLEARNT)

    def renumber(self, X: Any) -> Any:
        if not self._identifiers():
            return X
        frame = to_pandas(X)[0].copy(deep=False)
        self._count_on(frame, 0)
        return self.container_.restore(frame)

    def _count_on(self, rows, start):
        for column in self._identifiers():
            rows[column.name] = column.new_identifiers(len(rows), start).set_axis(rows.index)

    def _check_identifiers(self, n):
        for column in self._identifiers():
            column.new_identifiers(min(n, 1), n - 1)

    def _identifiers(self):
        return [c for c in self._schema().columns if c.kind == "regenerate"]

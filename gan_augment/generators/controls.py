"""The generators a GAN must beat: repeated rows, noise on them, and imbalanced-learn's SMOTE.

All answer the same requests as the GANs, so that a comparison differs in nothing but where
the rows come from.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd

from gan_augment.encoding.schema import Schema
from gan_augment.exceptions import InputError
from gan_augment.generators.base import BaseGenerator, as_count
from gan_augment.generators.parameters import check_flag, is_number, refuse
from gan_augment.process.randomness import draw_seed

_NUMBERS = ("number", "integer")
_LABELS = ("category", "boolean")


class BootstrapGenerator(BaseGenerator):
    """Real rows, drawn with replacement from the class asked for.

    The baseline of every comparison: it adds rows but no information. It takes any table
    that pandas can hold, missing values included.

    Parameters
    ----------
    target : {"auto", "class", "number"}, default="auto"
        What `y` is.
    random_state : None, int, Generator or RandomState
        Seed of the draws.

    Attributes
    ----------
    rows_ : pandas.DataFrame
        The training rows.
    values_ : ndarray or None
        Their encoded target.

    Examples
    --------
    >>> X, y = np.array([[1.0], [2.0], [3.0]]), np.array(["a", "a", "b"])
    >>> BootstrapGenerator(random_state=0).fit(X, y).sample(y=["b", "b"])
    (array([[3.],
           [3.]]), array(['b', 'b'], dtype='<U1'))
    """

    copies_rows = True

    def __init__(
        self,
        *,
        target: Literal["auto", "class", "number"] = "auto",
        random_state: Any = None,
    ) -> None:
        self.target = target
        self.random_state = random_state

    def _fit(self, frame, target_values, rng):
        self.rows_ = frame.copy()
        self.values_ = target_values

    def _sample(self, n, codes, rng):
        if codes is None:
            picked = rng.integers(len(self.rows_), size=n)
        else:
            picked = np.empty(n, dtype=np.int64)
            for code in np.unique(codes):
                members = np.flatnonzero(self.values_ == code)
                picked[codes == code] = rng.choice(members, size=int((codes == code).sum()))
        numbers = self.values_[picked] if self.target_.kind_ == "number" else None
        return self.rows_.iloc[picked], numbers


class JitterGenerator(BootstrapGenerator):
    """Real rows of the class asked for, with normal noise on their numbers.

    The simplest new rows there are. Integers stay whole, and no number leaves the range that was
    seen; categories, dates, missing cells and a numeric target stay those of the real row.

    Parameters
    ----------
    scale : float, default=0.3
        Standard deviation of the noise, as a multiple of each column's own.
    target : {"auto", "class", "number"}, default="auto"
        What `y` is.
    random_state : None, int, Generator or RandomState
        Seed of the draws.

    Attributes
    ----------
    rows_ : pandas.DataFrame
        The training rows.
    values_ : ndarray or None
        Their encoded target.
    numbers_ : list of (Column, float)
        The columns that get noise, and how much.

    Examples
    --------
    >>> X, y = np.array([[0.0], [2.0], [4.0], [6.0]]), ["a", "a", "b", "b"]
    >>> X_new, _ = JitterGenerator(random_state=0).fit(X, y).sample(y=["b"] * 3)
    >>> X_new.round(1).tolist()
    [[6.0], [6.0], [5.6]]
    """

    copies_rows = False

    def __init__(
        self,
        *,
        scale: float = 0.3,
        target: Literal["auto", "class", "number"] = "auto",
        random_state: Any = None,
    ) -> None:
        super().__init__(target=target, random_state=random_state)
        self.scale = scale

    def _fit(self, frame, target_values, rng):
        if not (is_number(self.scale) and self.scale >= 0):
            refuse("scale", self.scale, "a number >= 0")
        super()._fit(frame, target_values, rng)
        columns = [column for column in Schema.infer(frame).columns if column.kind in _NUMBERS]
        if not columns:
            raise InputError(
                "JitterGenerator adds noise to numbers, but no column holds numbers",
                remedy="use another generator",
            )
        self.numbers_ = [(column, self.scale * _spread(frame, column)) for column in columns]

    def _sample(self, n, codes, rng):
        rows, numbers = super()._sample(n, codes, rng)
        rows = rows.set_axis(pd.RangeIndex(n), axis=0)
        moved = {name: rows[name] for name in rows.columns}
        for column, noise in self.numbers_:
            values, missing = column.numbers(rows[column.name])
            shifts = noise * rng.standard_normal(n)
            moved[column.name] = column.cast(_moved(values, shifts, column), missing)
        return pd.DataFrame(moved, columns=rows.columns), numbers


class SMOTEGenerator(BaseGenerator):
    """Interpolate between neighbours of one class, as imbalanced-learn's SMOTE family does.

    Tables of numbers go to ``SMOTE``, tables of numbers and categories to ``SMOTENC``, tables
    of categories to ``SMOTEN``; bool columns count as categories. Numbers are interpolated in
    float64 and rounded back into the range and dtype of their column, so small integer types
    do not wrap around. A class with `k_neighbors` rows or fewer uses all of its other rows.

    Parameters
    ----------
    k_neighbors : int, default=5
        Neighbours each new row may be interpolated with.
    impute : bool, default=False
        Whether missing numbers become the median of their column and other missing cells its
        commonest category, so that new rows have no gaps. Otherwise a gap is refused.
    target : {"auto", "class"}, default="auto"
        What `y` is; numeric targets are refused.
    random_state : None, int, Generator or RandomState
        Seed of the draws.

    Attributes
    ----------
    matrix_ : ndarray of float64 of shape (n, d)
        The training rows as numbers; a category as its position among the categories.
    codes_ : ndarray of int64 of shape (n,)
        The class of each row.
    columns_ : tuple of Column
        What each column of the table is.

    Notes
    -----
    A row interpolated between two real rows lies close to both: rows of this kind are of no
    use for privacy.

    References
    ----------
    N. V. Chawla et al., "SMOTE: Synthetic Minority Over-sampling Technique", JAIR 16, 2002.

    Examples
    --------
    >>> X, y = np.array([[0.0], [1.0], [10.0], [11.0]]), np.array([0, 0, 1, 1])
    >>> X_new, y_new = SMOTEGenerator(random_state=0).fit(X, y).sample(y=[1, 1, 1])
    >>> bool(X_new.min() >= 10 and X_new.max() <= 11)
    True
    """

    def __init__(
        self,
        *,
        k_neighbors: int = 5,
        impute: bool = False,
        target: Literal["auto", "class", "number"] = "auto",
        random_state: Any = None,
    ) -> None:
        self.k_neighbors = k_neighbors
        self.impute = impute
        self.target = target
        self.random_state = random_state

    def _fit(self, frame, target_values, rng):
        as_count(self.k_neighbors, "k_neighbors", least=1)
        check_flag("impute", self.impute)
        self._check_classes()
        self.template_ = frame.iloc[:1].copy()
        self.columns_ = Schema.infer(frame).columns
        self.varying_ = [column for column in self.columns_ if column.kind != "constant"]
        self.codes_ = target_values
        parts = [self._to_numbers(frame[column.name], column) for column in self.varying_]
        self.matrix_ = np.column_stack(parts) if parts else np.zeros((len(frame), 0))

    def _check_classes(self):
        if self.target_.kind_ == "none":
            raise InputError(
                "SMOTEGenerator requires y to be passed, but the target y is None",
                remedy="pass labels",
            )
        if self.target_.kind_ != "class":
            raise InputError(
                "SMOTE needs class labels, but the target holds numbers",
                remedy="use another generator, or {} if they are labels",
                settings=(("target", "class"),),
            )
        if len(self.classes_) < 2:
            only = self.classes_.tolist()[0]
            raise InputError(
                f"SMOTE needs two classes, but y has 1 class ({only!r})",
                remedy="use another generator",
            )

    def _to_numbers(self, series, column):
        if column.has_missing and not self.impute:
            raise InputError(
                "has missing values (NaN), which SMOTE cannot use",
                column=column.name,
                remedy="pass SMOTEGenerator(impute=True), impute them or use another generator",
            )
        if column.kind in _LABELS:
            codes = column.codes(series)
            commonest = np.bincount(codes[codes >= 0]).argmax()
            return np.where(codes < 0, commonest, codes).astype(np.float64)
        if column.kind not in _NUMBERS:
            raise InputError(
                f"is a {column.kind} column, which SMOTE cannot use",
                column=column.name,
                remedy="turn it into a number, drop it or use another generator",
            )
        values, missing = column.numbers(series)
        if column.kind == "integer":
            return _filled(_offsets(values, column), missing)
        values = _filled(values, missing)
        if np.abs(values).max() > 1e150:
            raise InputError(
                "has values beyond 1e150, whose distances overflow",
                column=column.name,
                remedy="rescale it",
            )
        return values

    def _sample(self, n, codes, rng):
        matrix = np.empty((n, self.matrix_.shape[1]))
        for code in np.unique(codes):
            places = np.flatnonzero(codes == code)
            matrix[places] = self._interpolate(int(code), len(places), rng)
        frame = self.template_.iloc[np.zeros(n, dtype=np.int64)]
        frame = frame.set_axis(pd.RangeIndex(n), axis=0)
        columns = {name: frame[name] for name in frame.columns}
        for place, column in enumerate(self.varying_):
            columns[column.name] = self._from_numbers(matrix[:, place], column)
        return pd.DataFrame(columns, columns=frame.columns), None

    def _interpolate(self, code, n, rng):
        if self.matrix_.shape[1] == 0:
            return np.zeros((n, 0))
        size = int((self.codes_ == code).sum())
        if size < 2:
            label = self.classes_.tolist()[code]
            raise InputError(
                f"SMOTE needs two rows to interpolate between, but class {label!r} has 1 sample",
                remedy="ask for no rows of it or use another generator",
            )
        sampler = self._sampler(min(self.k_neighbors, size - 1))
        sampler.set_params(sampling_strategy={code: size + n}, random_state=draw_seed(rng) % 2**31)
        rows, _ = sampler.fit_resample(self.matrix_, self.codes_)
        return np.asarray(rows, dtype=np.float64)[len(self.matrix_) :]

    def _sampler(self, k):
        from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC

        is_label = [column.kind in _LABELS for column in self.varying_]
        if all(is_label):
            return SMOTEN(k_neighbors=k)
        if any(is_label):
            return SMOTENC(categorical_features=is_label, k_neighbors=k)
        return SMOTE(k_neighbors=k)

    def _from_numbers(self, values, column):
        if column.kind in _LABELS:
            return column.from_codes(values.astype(np.int64))
        if column.kind == "integer":
            return column.cast(_whole(values, column))
        return column.cast(np.clip(values, column.minimum, column.maximum))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = bool(self.impute)
        tags.target_tags.required = True
        return tags


def _filled(values, missing):
    """Numbers with the median of the known ones where one is missing."""
    return np.where(missing, np.median(values[~missing]), values)


def _spread(frame, column):
    """The standard deviation of a column's known numbers; their size cannot overflow it."""
    values, missing = column.numbers(frame[column.name])
    known = values[~missing].astype(np.float64)
    size = max(float(np.abs(known).max()), np.finfo(float).tiny)
    return float((known / size).std()) * size


def _moved(values, shifts, column):
    """Numbers with noise, in the range seen, whole where the column is."""
    if column.kind == "integer":
        return _whole(_offsets(values, column) + shifts, column)
    with np.errstate(over="ignore"):
        return np.clip(values + shifts, column.minimum, column.maximum)


def _offsets(values, column):
    """How far integers lie above a column's smallest one, exact beyond 2**53."""
    return np.array([value - column.minimum for value in values.tolist()], dtype=np.float64)


def _whole(offsets, column):
    """The integers at these distances from a column's smallest one, in the range seen."""
    low, high = column.minimum, column.maximum
    steps = np.rint(np.clip(offsets, 0, high - low)).tolist()
    return np.array([min(low + int(step), high) for step in steps], dtype=object)

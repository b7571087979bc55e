"""Any two tables as matrices that can be compared: one coding, learnt from the real rows only.

A `Coding` turns a table into numbers: dates into seconds, categories into codes, missing cells
into NaN. `Scaler` turns coded rows into points between which a distance makes sense.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gan_augment.encoding.column import MAX_CATEGORIES, NUMBERS, UNLEARNT
from gan_augment.encoding.disguises import disguise_error
from gan_augment.encoding.dtypes import missing_mask, object_array, python_scalar, to_numbers
from gan_augment.encoding.identifiers import (
    is_identifier_integers,
    is_identifier_text,
)
from gan_augment.encoding.inference import infer_column
from gan_augment.exceptions import InputError

#: Categories of one column that get a coordinate of their own in distances; the rest share one.
MAX_LEVELS = 30

#: Standard deviations beyond which a number counts as no further away.
FAR = 5.0

#: Numbers are cut here on both sides: squares of larger ones overflow, and trees take float32.
#: A column whose numbers all are larger, or all smaller than its inverse, is scaled first.
LARGEST = 1e30

#: A boosted tree takes at most 255 categories of a column.
MAX_TREE_CODES = 250

_EXACT = 2**53


@dataclass(frozen=True)
class Feature:
    """One column as it is compared.

    `kind` is "number" or "category": dates and durations are numbers, in seconds; booleans and
    constants are categories. `stored` is the kind of the codec's column; `categories` are the
    values of the real rows, at their codes. `origin` is subtracted from every value, so that large
    integers and dates stay exact. `resolution` says which decimals the real values keep, 0.0 where
    there are none; `scale` is what values are multiplied by where they all are too large or too
    small for squares.

    Examples
    --------
    >>> Feature("age", "number", "integer").is_number
    True
    """

    name: object
    kind: str
    stored: str
    categories: tuple = ()
    origin: object = 0
    resolution: float = 0.0
    scale: float = 1.0

    @property
    def is_number(self):
        """Whether the column is compared as a number."""
        return self.kind == "number"


class Coding:
    """Turn tables into float64 matrices, column by column as the real table has them.

    `columns` are kinds as `Schema.infer` takes them; "ignore" and "regenerate" leave a column out.
    Those left out are in `skipped`, with the reason: free text and identifiers have no
    distribution.

    Examples
    --------
    >>> coding = Coding(pd.DataFrame({"a": [1.5, 2.0], "k": ["u", "v"]}))
    >>> coding.code(pd.DataFrame({"k": ["v", "new"], "a": [None, 3.0]}))[0]
    array([[nan,  1.],
           [ 3.,  2.]])
    """

    def __init__(self, frame, columns=None):
        features, self.skipped = [], {}
        for name, series in frame.items():
            kind = (columns or {}).get(name)
            why = _why_skipped(series, kind)
            if why:
                self.skipped[name] = why
            else:
                features.append(_feature(series, kind))
        if not features:
            raise InputError(
                f"has no column to compare, as all of {list(self.skipped)[:5]!r} are free text or "
                "identifiers",
                argument="real",
                remedy="pass {} for those that are labels",
                settings=(("columns", dict.fromkeys(list(self.skipped)[:1], "category")),),
            )
        self.features = tuple(features)
        self._unseen = {}

    def code(self, frame):
        """Return a table as numbers, NaN where missing, and which cells were unreadable.

        Its columns may be in any order. A category unknown to the real rows gets a code beyond
        theirs; unreadable are cells that are no such value at all, as text among numbers.
        """
        values = np.empty((len(frame), len(self.features)))
        unreadable = np.zeros(values.shape, dtype=bool)
        for j, feature in enumerate(self.features):
            series = frame[feature.name]
            if feature.is_number:
                values[:, j], unreadable[:, j] = _code_numbers(series, feature)
            else:
                unseen = self._unseen.setdefault(feature.name, {})
                values[:, j] = _code_categories(series, feature, unseen)
        return values, unreadable

    def index(self, name):
        """Return the position of a column among the features."""
        return next(j for j, feature in enumerate(self.features) if feature.name == name)


def _why_skipped(series, kind):
    if kind in UNLEARNT:
        return f"left out by columns={{{series.name!r}: {kind!r}}}"
    is_text = series.dtype == object or isinstance(
        series.dtype, (pd.StringDtype, pd.CategoricalDtype)
    )
    is_text = is_text or str(series.dtype) == "string[pyarrow]"
    cells = series[~missing_mask(series)]
    if not is_text:
        whole = kind is None and pd.api.types.is_integer_dtype(series.dtype)
        if whole and is_identifier_integers(series.name, to_numbers(cells)[0]):
            return "every number is different, as in an identifier"
        return None
    try:
        distinct = cells.nunique()
    except TypeError:
        return None  # unhashable cells: infer_column says what to do
    if pd.api.types.infer_dtype(cells.astype(object), skipna=False) not in ("string", "bytes"):
        return None
    if distinct > MAX_CATEGORIES:
        return f"{distinct} different texts, more than the {MAX_CATEGORIES} that are compared"
    if kind != "category" and is_identifier_text(distinct, len(cells)):
        return "(nearly) every text is different, as in an identifier"
    texts = pd.unique(cells.astype(object)).tolist()
    is_category = isinstance(series.dtype, pd.CategoricalDtype)
    if kind != "category" and disguise_error(
        series.name, texts, len(cells), numbers=not is_category
    ):
        return "dates or numbers kept as text, whose order is unknown until they are converted"
    return None


def _feature(series, kind):
    column = infer_column(series, kind)
    if column.kind in NUMBERS:
        return Feature(
            column.name,
            "number",
            column.kind,
            origin=_origin(series, column),
            resolution=float(column.resolution) if column.kind == "number" else 1.0,
            scale=_scale(column) if column.kind == "number" else 1.0,
        )
    categories = column.categories
    if column.kind == "constant" and column.value is not None:
        first = series[~missing_mask(series)].iloc[0]
        categories = (python_scalar(first),)
    return Feature(column.name, "category", column.kind, tuple(categories))


def _scale(column):
    """A power of two, which changes no digit, that brings extreme numbers near to 1."""
    largest = max(abs(column.minimum), abs(column.maximum))
    if largest == 0 or 1 / LARGEST <= largest <= LARGEST:
        return 1.0
    return 2.0 ** -min(max(int(np.frexp(largest)[1]), -1000), 1000)


def _origin(series, column):
    if column.kind == "datetime":
        return times(series).min()
    if column.kind == "timedelta":
        return durations(series).min()
    large = column.kind == "integer" and max(abs(column.minimum), abs(column.maximum)) > _EXACT
    return column.minimum if large else 0


def times(series):
    """Return a column of dates as UTC, whatever holds them; NaT for what is none."""
    if isinstance(series.dtype, pd.ArrowDtype):
        import pyarrow as pa

        stored = series.dtype.pyarrow_dtype
        if pa.types.is_timestamp(stored) or pa.types.is_date(stored):
            # Objects would be taken for nanoseconds, which end in 2262.
            cells = pa.array(series).cast(pa.timestamp("us"))
            series = pd.Series(cells.to_pandas().to_numpy(), index=series.index)
        else:
            series = series.astype(object)
    return pd.to_datetime(series, errors="coerce", utc=True)


def durations(series):
    """Return a column of durations, whatever holds them; NaT for what is none."""
    plain = series.astype(object) if isinstance(series.dtype, pd.ArrowDtype) else series
    return pd.to_timedelta(plain, errors="coerce")


def _code_numbers(series, feature):
    missing = missing_mask(series)
    if feature.stored == "datetime":
        values = (times(series) - feature.origin).dt.total_seconds().to_numpy(np.float64)
    elif feature.stored == "timedelta":
        values = (durations(series) - feature.origin).dt.total_seconds().to_numpy(np.float64)
    elif series.dtype.kind in "biuf" and not isinstance(series.dtype, pd.CategoricalDtype):
        values = _less(to_numbers(series)[0], feature.origin)
    else:
        cells = pd.Series(series.to_numpy(dtype=object))
        values = _less(pd.to_numeric(cells, errors="coerce").to_numpy(), feature.origin)
    values = values * feature.scale
    values = np.where(missing | np.isinf(values), np.nan, np.clip(values, -LARGEST, LARGEST))
    return values, np.isnan(values) & ~missing


def _less(values, origin):
    """Subtract exactly, then go to float64."""
    if origin and values.dtype.kind in "iu":
        return (values.astype(object) - origin).astype(np.float64)
    return values.astype(np.float64) - float(origin)


def _code_categories(series, feature, unseen):
    """Return codes; `unseen` maps new values to codes and grows, so tables share them."""
    missing = missing_mask(series)
    found, levels = pd.factorize(series.astype(object).to_numpy(), use_na_sentinel=True)
    known = pd.Index(object_array(feature.categories), dtype=object)
    codes = known.get_indexer(pd.Index(levels, dtype=object)).astype(np.float64)
    texts = {str(value): code for code, value in enumerate(feature.categories)}
    for i in np.flatnonzero(codes < 0):
        # 1 read from a CSV file and "1" are the same label; so are True and "True".
        code = texts.get(str(levels[i]))
        codes[i] = unseen.setdefault(levels[i], len(known) + len(unseen)) if code is None else code
    return np.where(missing | (found < 0), np.nan, np.append(codes, np.nan)[found])


def commonest(codes):
    """Return the distinct codes, the most frequent first."""
    found, counts = np.unique(codes, return_counts=True)
    return found[np.lexsort((found, -counts))]


class Scaler:
    """Coded rows as points: one unit is one standard deviation, or another category.

    Numbers are divided by the standard deviation of the real rows, centred, and cut at `FAR`, so
    that one extreme value cannot outweigh all other columns. A category is a corner of a simplex
    with edge 1; the rarest beyond `MAX_LEVELS` share a corner. A missing number lies at the mean,
    1 away along a coordinate of its own.

    Examples
    --------
    >>> real = np.array([[0.0], [2.0], [4.0], [np.nan]])
    >>> Scaler((Feature("a", "number", "number"),), real).points(real).round(2)
    array([[-1.22,  0.  ],
           [ 0.  ,  0.  ],
           [ 1.22,  0.  ],
           [ 0.  ,  1.  ]])
    """

    def __init__(self, features, real):
        self.features = features
        self._known = []
        for feature, values in zip(features, real.T, strict=True):
            seen = values[~np.isnan(values)]
            if feature.is_number:
                spread = seen.std() if len(seen) else 0.0
                facts = (seen.mean() if len(seen) else 0.0, spread or 1.0)
            else:
                facts = commonest(seen)[:MAX_LEVELS]
            self._known.append(facts)

    def points(self, values):
        """Return coded rows as points, (n, n_coordinates)."""
        blocks = []
        for feature, facts, column in zip(self.features, self._known, values.T, strict=True):
            missing = np.isnan(column)
            if feature.is_number:
                mean, spread = facts
                scaled = np.clip((column - mean) / spread, -FAR, FAR)
                blocks += [np.where(missing, 0.0, scaled)[:, None], missing[:, None] * 1.0]
                continue
            corners = (column[:, None] == facts[None, :]) * np.sqrt(0.5)
            other = ~missing & ~np.isin(column, facts)
            rest = np.column_stack([missing, other]) * np.sqrt(0.5)
            blocks += [corners, rest]
        return np.hstack(blocks)

    def spread(self, j):
        """Return the standard deviation that is the unit of a number."""
        return self._known[j][1]


def tree_matrices(features, *tables):
    """Return coded tables as a boosted tree takes them, and which columns are categories.

    The `MAX_TREE_CODES` categories most frequent over all tables keep a code of their own.

    Examples
    --------
    >>> features = (Feature("k", "category", "category"),)
    >>> tree_matrices(features, np.array([[0.0], [2.0], [2.0]]))[0][0].ravel().tolist()
    [1.0, 0.0, 0.0]
    """
    matrices = [table.copy() for table in tables]
    is_category = np.array([not feature.is_number for feature in features])
    for j in np.flatnonzero(is_category):
        seen = np.concatenate([table[:, j] for table in tables])
        codes = pd.Index(commonest(seen[~np.isnan(seen)]))
        for matrix in matrices:
            known = ~np.isnan(matrix[:, j])
            ranks = codes.get_indexer(matrix[known, j])
            matrix[known, j] = np.minimum(ranks, MAX_TREE_CODES - 1)
    return matrices, is_category

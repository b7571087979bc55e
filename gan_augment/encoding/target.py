"""The target: classes become the condition, numbers one more column, None nothing at all.

The target is described by the same `Column` as a table's columns are, so it comes back in the
caller's container and dtype: a string, a nullable integer or an ordered category alike.
"""

import json
import warnings

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
from sklearn.exceptions import DataConversionWarning

from gan_augment.containers import Container, n_rows, to_pandas
from gan_augment.containers.untrusted import parsed, require
from gan_augment.containers.validation import check_levels, check_supported, read_array
from gan_augment.encoding.column import Column
from gan_augment.encoding.dtypes import (
    distinct_cells,
    dtype_text,
    missing_mask,
    object_array,
    to_numbers,
)
from gan_augment.encoding.inference import family_of, level_facts
from gan_augment.encoding.numeric import (
    at_distances,
    comparable,
    distances_from,
    float_resolution,
    integer_step,
)
from gan_augment.encoding.schema import Schema
from gan_augment.exceptions import Conversion, InputError

#: What a caller may say that a target is.
KINDS = ("auto", "class", "number")
#: What a caller's target may be, as `target_series` names it.
FORMS = ("series", "frame", "list", "array", "polars", "pyarrow", "arrow_array")
#: Integers and whole floats are numbers, not classes, beyond both of these.
MOST_NUMERIC_CLASSES, LARGEST_SHARE_OF_CLASSES = 20, 0.05

#: Labels that say that there is none, if they are rare and the rows not too few to tell.
MARKS_OF_LABELS = frozenset(
    ["?", "??", "", "NA", "N/A", "n/a", "nan", "NaN", "null", "NULL", "#N/A"]
)
LARGEST_SHARE_OF_MARKS, FEWEST_ROWS = 0.05, 10


class TargetCodec:
    """Encode a target as class codes or float64 numbers; decode it as the caller wrote it.

    Parameters
    ----------
    kind : {"auto", "class", "number"}, default="auto"
        "auto": text, booleans and categories are classes, floats with fractions are numbers;
        integers and whole floats are numbers where there are more than 20 distinct values and
        more than 5 % of the rows are distinct.

    Attributes
    ----------
    kind_ : {"none", "class", "number"}
        What the target is.
    classes_ : ndarray of shape (n_classes,) or None
        Sorted, as `numpy.unique` returns them; None for other kinds.
    column_ : Column or None
        Name, dtype and bounds of the target.

    Examples
    --------
    >>> codec = TargetCodec().fit(["no", "yes", "no"])
    >>> codec.kind_, codec.encode(["yes"]), codec.decode([0, 1])
    ('class', array([1]), ['no', 'yes'])
    """

    def __init__(self, kind="auto"):
        self.kind = kind

    def fit(self, y, X=None):
        """Learn what a target is, of `X` row by row, and refuse one that cannot be used.

        A column vector is ravelled, with scikit-learn's DataConversionWarning.
        """
        if self.kind not in KINDS:
            raise InputError.unknown("target", self.kind, "'auto', 'class' or 'number'")
        self._learn(y, X)
        return self

    def fit_encode(self, y, X=None):
        """Learn what the target is and return it encoded; `y` is converted once."""
        series = self._learn(y, X)
        return None if series is None else self._encoded(series)

    def _learn(self, y, X):
        self.kind_, self.classes_, self.column_ = "none", None, None
        self.container_, self.form_ = None, None
        if y is None:
            if self.kind != "auto":
                raise InputError(
                    f"is None, but target={self.kind!r} needs it",
                    argument="y",
                    remedy="pass y, or {}",
                    settings=(("target", "auto"),),
                )
            return None
        series, self.container_, self.form_ = target_series(y, warn=True)
        check_rows(series, y, X)
        family, values = check_values(series)
        self.kind_ = _kind(series, family, values, self.kind)
        if self.kind_ == "number":
            self.column_ = _number_column(series, values)
        else:
            self.column_ = _label_column(series)
            self.classes_ = self._class_array()
        return series

    def _class_array(self):
        labels = self.column_.cast(object_array(self.column_.categories))
        dtype = labels.dtype
        if self.container_.dtype is not None and self.container_.dtype.kind in "US":
            return np.array(labels.tolist())
        if dtype.kind in "iufb" and not isinstance(dtype, pd.CategoricalDtype):
            return labels.to_numpy(dtype=getattr(dtype, "numpy_dtype", dtype))
        if isinstance(dtype, pd.CategoricalDtype) and dtype.categories.dtype.kind in "iufb":
            return np.array(labels.tolist())
        return labels.to_numpy(dtype=object)

    def encode(self, y):
        """Return int64 class codes or float64 numbers; None where there is no target.

        An unknown label and a missing or infinite value are refused.
        """
        if self.kind_ == "none":
            if y is not None:
                raise InputError(
                    "was passed, but there was none at fit",
                    argument="y",
                    remedy="pass y=None",
                )
            return None
        series, _, _ = target_series(y)
        if self.kind_ == "number":
            check_values(series)
        return self._encoded(series)

    def _encoded(self, series):
        if self.kind_ == "class":
            return self._codes(series)
        values = self.column_.numbers(series.rename("y"))[0]
        if self._beyond_float64():
            values = distances_from(self.column_.minimum, values)
        return values.astype(np.float64)

    def _beyond_float64(self):
        """Whether numbers stand for distances from the minimum, as float64 holds no more."""
        column = self.column_
        whole = column.kind == "integer"
        return whole and max(abs(column.minimum), abs(column.maximum)) > 2**53

    def codes_of(self, labels):
        """Return the position of each label in `classes_`, or refuse one that was not seen."""
        if self.kind_ != "class":
            raise InputError(
                f"need a class target, not {self.kind_!r}", argument="labels", value=labels
            )
        return self._codes(target_series(labels)[0])

    def _codes(self, series):
        known = pd.Index(object_array(self.column_.categories), dtype=object)
        codes = known.get_indexer(pd.Index(series.to_numpy(dtype=object), dtype=object))
        if (codes < 0).any():
            some = ", ".join(repr(label) for label in self.column_.categories[:10])
            more = ", ..." if len(known) > 10 else ""
            raise InputError(
                f"holds the label {series.iloc[int(np.argmin(codes))]!r}, which was not seen at "
                "fit",
                argument="y",
                remedy=f"use one of the {len(known)} known labels, {some}{more}",
            )
        return codes.astype(np.int64)

    def decode(self, values):
        """Return codes or numbers as a target in the caller's container and dtype.

        Numbers are clipped to the range seen at fit and rounded to its decimals or whole steps.
        """
        if self.kind_ == "none":
            return None
        values = np.asarray(values)
        if self.kind_ == "class":
            values = values.astype(np.int64, copy=False)
            known = len(self.column_.categories)
            if values.size and (values.min() < 0 or values.max() >= known):
                raise InputError(
                    f"has codes from {values.min()} to {values.max()}",
                    argument="values",
                    remedy=f"pass codes from 0 to {known - 1}",
                )
            labels = self.column_.cast(object_array(self.column_.categories))
            return self._restore(pd.Series(labels.array.take(values), name=labels.name))
        values = values.astype(np.float64)
        if not np.isfinite(values).all():
            raise InputError(
                "has a number that is not finite",
                argument="values",
                remedy="pass finite numbers",
            )
        return self._restore(self.column_.cast(self._on_grid(values)))

    def _on_grid(self, values):
        """Numbers moved into the range seen at fit and onto its decimals or whole steps."""
        column = self.column_
        if column.kind == "number":
            values = np.clip(values, column.minimum, column.maximum)
            if column.resolution:
                values = comparable(values, column.resolution)
            return np.clip(values, column.minimum, column.maximum)
        distances = values if self._beyond_float64() else values - float(column.minimum)
        last = (column.maximum - column.minimum) // column.resolution
        steps = np.rint(distances / column.resolution)
        # float64 cannot tell the last steps of 64 bits apart: the end and beyond give the end
        end = steps >= min(float(last), np.nextafter(2.0**64, 0))
        whole = np.where(end, 0, np.maximum(steps, 0)).astype(np.uint64)
        whole = np.where(end, np.uint64(last), whole)
        return at_distances(column.minimum, whole * np.uint64(column.resolution))

    def examples(self):
        """Return what `decode` takes for all classes, or for the smallest and largest number."""
        if self.kind_ == "class":
            return np.arange(len(self.classes_))
        ends = np.array([self.column_.minimum, self.column_.maximum], dtype=np.float64)
        return ends - float(self.column_.minimum) if self._beyond_float64() else ends

    def _restore(self, series):
        if self.form_ == "series":
            return series
        if self.form_ == "list":
            return series.tolist()
        if self.form_ == "frame" and self.container_.kind == "pandas":
            return series.to_frame()
        frame = series.to_frame(0 if self.container_.kind == "numpy" else "y")
        table = self.container_.restore(frame)
        if self.form_ == "array":
            return table[:, 0]
        if self.form_ == "frame":
            return nw.from_native(table).rename({"y": self.column_.name}).to_native()
        if self.form_ == "polars":
            return table["y"].alias(self.column_.name or "")
        column = table.column(0)
        return column.combine_chunks() if self.form_ == "arrow_array" else column

    def to_json(self):
        """Return the fitted codec as JSON text, data only."""
        fitted = self.column_ is not None
        return json.dumps(
            {
                "kind": self.kind,
                "kind_": self.kind_,
                "column": Schema((self.column_,)).to_json() if fitted else None,
                "container": self.container_.to_json() if fitted else None,
                "form": self.form_,
            }
        )

    @classmethod
    def from_json(cls, text):
        """Return the codec that `to_json` wrote, or refuse what describes none."""
        data = parsed(text)
        codec = cls(data["kind"])
        codec.kind_, codec.form_ = data["kind_"], data["form"]
        codec.column_, codec.container_, codec.classes_ = None, None, None
        require(codec.kind in KINDS, "a known kind of target")
        if codec.kind_ == "none":
            return codec
        (codec.column_,) = Schema.from_json(data["column"]).columns
        codec.container_ = Container.from_json(data["container"])
        require(codec.form_ in FORMS, "a known form of target")
        kinds = {"class": ("category",), "number": ("number", "integer")}[codec.kind_]
        require(codec.column_.kind in kinds, f"a column of a {codec.kind_} target")
        if codec.kind_ == "class":
            codec.classes_ = codec._class_array()
        return codec


# What the target is ---------------------------------------------------------------------------


def _kind(series, family, values, asked):
    """Return "class" or "number", by the rule or as asked."""
    numeric = family in ("integer", "number")
    if asked == "number" and not numeric:
        raise InputError(
            f"holds {family} values, e.g. {series.iloc[0]!r}, which are no numbers",
            argument="y",
            remedy="{}, or pass {}",
            settings=(("conversion", "y.astype(float)"), ("target", "class")),
        )
    if not numeric:
        return "class"
    whole = family == "integer" or (values == np.rint(values)).all()
    if asked == "class" and not whole:
        fraction = values[values != np.rint(values)][0]
        raise InputError(
            f"holds fractions, e.g. {fraction}, which are no classes (Unknown label type: "
            "continuous)",
            argument="y",
            remedy="bin y, {}, or choose {}",
            settings=(
                ("conversion", ".astype(int) or .astype(str)"),
                ("target", "number"),
            ),
        )
    if asked != "auto":
        return asked
    distinct = len(pd.unique(values))
    many = distinct > MOST_NUMERIC_CLASSES and distinct > LARGEST_SHARE_OF_CLASSES * len(values)
    return "number" if many or not whole else "class"


def _label_column(series):
    facts = level_facts(series)
    labels = distinct_cells(series)
    try:
        labels = sorted(labels)
    except TypeError:
        raise InputError.convertible(
            f"holds labels of mixed types, e.g. {labels[:3]!r}", ".astype(str)", argument="y"
        ) from None
    _refuse_marks(series, labels)
    return Column(
        series.name, "category", dtype_text(series.dtype), categories=tuple(labels), **facts
    )


def _refuse_marks(series, labels):
    """Refuse a rare label that stands for a missing one: no rows of it are to be made."""
    if len(series) < FEWEST_ROWS:
        return
    for label in labels:
        if isinstance(label, str) and label.strip() in MARKS_OF_LABELS:
            n = int((series.astype(object) == label).sum())
            if n <= max(1, LARGEST_SHARE_OF_MARKS * len(series)):
                raise InputError(
                    f"has the label {label!r} in {n:,} of {len(series):,} rows, which says that "
                    "they have none",
                    argument="y",
                    remedy="{}",
                    settings=(
                        (
                            "conversion",
                            Conversion(
                                f"X, y = X[y != {label!r}], y[y != {label!r}]",
                                {"--missing": [label], "--drop-unlabeled": []},
                            ),
                        ),
                    ),
                )


def _number_column(series, values):
    is_float = values.dtype.kind == "f"
    step = float_resolution(values, series.dtype) if is_float else integer_step(values)
    return Column(
        series.name,
        "number" if is_float else "integer",
        dtype_text(series.dtype),
        minimum=values.min().item(),
        maximum=values.max().item(),
        resolution=step,
    )


# Targets as callers pass them -----------------------------------------------------------------


def target_series(y, warn=False):
    """Return `y` as a series, the container of its values, and the form the caller gave it."""
    if hasattr(y, "toarray") and hasattr(y, "nnz"):
        raise InputError(
            f"is sparse ({type(y).__name__})",
            argument="y",
            remedy="pass a dense array, y.toarray()",
        )
    if isinstance(y, (str, bytes)) or (np.isscalar(y) and not hasattr(y, "__len__")):
        raise InputError.of("y", y, "is a single value", "pass one value per row, e.g. a list")
    if isinstance(y, np.ma.MaskedArray) and np.ma.is_masked(y):
        raise InputError(
            "is a masked array with masked cells",
            argument="y",
            remedy="drop these rows first",
        )
    is_frame = len(getattr(y, "shape", ())) == 2 and not isinstance(y, np.ndarray)
    whole, y = y, _ravelled(y, warn)
    if isinstance(y, pd.Series):
        check_supported([("y", y.dtype)])
        check_levels([("y", y.dtype)])
        return y, Container("pandas"), "frame" if is_frame else "series"
    if isinstance(y, (list, tuple)):
        return _from_array(_as_array(y)), Container("numpy", np.dtype(object)), "list"
    native = nw.from_native(y, pass_through=True, allow_series=True)
    if isinstance(native, nw.Series) and native.implementation.name in ("POLARS", "PYARROW"):
        frame, container = to_pandas(native.alias("y").to_frame().to_native())
        if is_frame:
            return frame["y"].rename(nw.from_native(whole).columns[0]), container, "frame"
        form = native.implementation.name.lower()
        return frame["y"].rename(native.name or None), container, form
    if type(y).__module__.startswith("pyarrow"):
        import pyarrow as pa

        frame, container = to_pandas(pa.table({"y": y}))
        return frame["y"].rename(None), container, "arrow_array"
    array = _as_array(y)
    return _from_array(array), Container("numpy", array.dtype), "array"


def _ravelled(y, warn):
    """Return a table of one column as that column, warning as scikit-learn does."""
    listed = isinstance(y, (list, tuple)) and bool(y)
    listed = listed and all(isinstance(row, (list, tuple)) and len(row) == 1 for row in y)
    shape = (len(y), 1) if listed else getattr(y, "shape", ())
    if len(shape) != 2 or shape[1] != 1:
        if len(shape) == 2:
            raise _not_one_column(shape)
        return y
    if warn:
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected. Please change the shape "
            "of y to (n_samples,), for example using ravel().",
            DataConversionWarning,
            stacklevel=5,
        )
    if listed:
        return [row[0] for row in y]
    if isinstance(y, pd.DataFrame):
        return y.iloc[:, 0]
    if isinstance(y, np.ndarray):
        return np.asarray(y).ravel()
    native = nw.from_native(y)
    return native[native.columns[0]].to_native()


def _as_array(y):
    array = read_array(y, "y", "its values have different lengths", "pass one value per row")
    if array.dtype.kind in "US" and array.ndim == 1 and not isinstance(y, np.ndarray):
        array = object_array(list(y))  # numpy spells ["a", 1] as two strings, cuts off NULs
    if array.dtype.kind == "V":
        raise InputError(
            f"has dtype {array.dtype}, several values in one row",
            argument="y",
            remedy="pass one of its fields",
        )
    check_supported([("y", array.dtype)])
    if array.ndim != 1:
        raise _not_one_column(array.shape)
    return array


def _from_array(array):
    return pd.Series(array.astype(object) if array.dtype.kind in "UST" else array)


def _not_one_column(shape):
    return InputError(
        f"should be a 1d array, got an array of shape {tuple(shape)} instead (multilabel and "
        "multi-output targets are not supported)",
        argument="y",
        remedy="pass one column",
    )


def check_rows(series, y, X):
    """Refuse a target that does not belong to `X`, row by row."""
    if len(series) == 0:
        raise InputError(
            "is empty, with 0 sample(s)",
            argument="y",
            remedy="pass one value per row of X",
        )
    if X is None:
        return
    if n_rows(X) != len(series):
        lengths = [n_rows(X), len(series)]
        raise InputError(
            f"has {lengths[1]} values for the {lengths[0]} rows of X (Found input variables with "
            f"inconsistent numbers of samples: {lengths})",
            argument="y",
            remedy="pass one value of y per row of X",
        )
    if not isinstance(X, pd.DataFrame) or not isinstance(y, (pd.Series, pd.DataFrame)):
        return
    if X.index.equals(y.index):
        return
    ours, theirs = (pd.util.hash_pandas_object(rows.index, index=False) for rows in (X, y))
    if (np.sort(ours) == np.sort(theirs)).all():
        row = int(np.argmax(X.index != y.index))
        here, there = (rows.index[[row]].tolist()[0] for rows in (X, y))
        raise InputError(
            f"has the index label {there!r} where X has {here!r}, with the same labels in "
            "another order",
            argument="y",
            row=row,
            value=there,
            remedy="align them with y.loc[X.index], or drop one index with "
            ".reset_index(drop=True)",
        )


def check_values(series, start=0):
    """Refuse missing, infinite and unusable values; return the family and the numbers if any.

    The series may be a piece of a target; so many rows are before it.
    """
    missing = missing_mask(series)
    if missing.any():
        raise InputError(
            "has no value (Input y contains NaN)",
            argument="y",
            row=start + int(np.argmax(missing)),
            remedy="drop the rows without a target",
        )
    values = None
    if series.dtype.kind == "f":
        values = to_numbers(series)[0]
        finite = np.isfinite(values)
        if not finite.all():
            row = int(np.argmin(finite))
            raise InputError(
                f"is {values[row]} (Input y contains infinity or a value too large for "
                "dtype('float64'))",
                argument="y",
                row=start + row,
                value=values[row].item(),
                remedy="drop these rows",
            )
    family = family_of(series.rename("y"), missing)
    if family in ("datetime", "timedelta"):
        raise InputError(
            f"has dtype {series.dtype} (Unknown label type: neither classes nor numbers)",
            argument="y",
            remedy="convert it to a number, e.g. days since its minimum",
        )
    if family in ("integer", "number") and values is None:
        values = to_numbers(series.rename("y"))[0]
    return family, values

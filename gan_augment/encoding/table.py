"""A table as numbers and codes: columns side by side, and a regression target beside them."""

import numpy as np
import pandas as pd

from gan_augment.containers.untrusted import require
from gan_augment.containers.validation import check_names
from gan_augment.encoding.codecs import CODECS, CategoryCodec, NumberCodec
from gan_augment.encoding.column import LABELS, MAX_CATEGORIES
from gan_augment.encoding.dtypes import object_array
from gan_augment.encoding.numeric import QuantileScale
from gan_augment.encoding.relations import LaterCodec, LookUp, find_dependencies, find_later
from gan_augment.encoding.rows import SCORE, Block, EncodedRows, Encoding
from gan_augment.encoding.schema import Schema

MANY_COLUMNS = 100


def side_by_side(series):
    """Return columns as one frame, none of them copied unless they are many."""
    frame = pd.DataFrame(dict(enumerate(series)), copy=False)
    # pandas warns of frames of more columns than that, each with an array of its own
    return frame.copy() if len(series) > MANY_COLUMNS else frame


def stacked(parts, n):
    """Rows decoded in parts, of the same columns and dtypes, as one ``(frame, target)``.

    Examples
    --------
    >>> parts = [(pd.DataFrame({"a": [1, 2]}), None), (pd.DataFrame({"a": [3]}), None)]
    >>> stacked(parts, 3)[0]["a"].tolist()
    [1, 2, 3]
    """
    columns, targets = None, []
    for frame, target in parts:
        if len(frame) == n:
            return frame, target
        series = [frame.iloc[:, i] for i in range(frame.shape[1])]
        columns = columns or [_Stack(part, n) for part in series]
        for stack, part in zip(columns, series, strict=True):
            stack.add(part)
        targets.append(target)
    rows = side_by_side([stack.series() for stack in columns]) if columns else None
    rows = pd.DataFrame(index=range(n)) if rows is None else rows
    rows.columns = frame.columns
    return rows, None if target is None else np.concatenate(targets)


class _Stack:
    """One column that grows to ``n`` rows, in the place it will keep where its dtype allows."""

    def __init__(self, first, n):
        self.dtype, self.stop, self.parts, self.values = first.dtype, 0, [], None
        plain = self._plain(first)
        if plain is not None:
            self.values = np.empty(n, dtype=plain.dtype)

    def _plain(self, series):
        if isinstance(self.dtype, pd.CategoricalDtype):
            return series.array.codes
        return series.to_numpy() if isinstance(self.dtype, np.dtype) else None

    def add(self, series):
        if self.values is None:
            self.parts.append(series)
            return
        start, self.stop = self.stop, self.stop + len(series)
        self.values[start : self.stop] = self._plain(series)

    def series(self):
        if self.values is None:
            return pd.concat(self.parts, ignore_index=True)
        if isinstance(self.dtype, pd.CategoricalDtype):
            values = pd.Categorical.from_codes(self.values, dtype=self.dtype)
            return pd.Series(values, copy=False)
        return pd.Series(self.values, copy=False)


def example_rows(schema, n=0):
    """Return n rows or more of a schema's columns and dtypes, in which each of them shows itself.

    Categories are all there, of numbers and dates the smallest, the next on the grid and the
    largest; and a missing cell where some may be missing.

    Examples
    --------
    >>> from gan_augment.encoding.schema import Schema
    >>> frame = pd.DataFrame({"n": [3, 5, 9, 9], "pet": ["cat", None, None, "dog"]})
    >>> example_rows(Schema.infer(frame))["n"].tolist()
    [3, 5, 9, 9]
    """
    columns = [example_cells(column) for column in schema.columns]
    n = max([n, *map(len, columns)])
    frame = pd.DataFrame({i: _padded(cells, n) for i, cells in enumerate(columns)})
    frame.columns = schema.names
    return frame


def example_cells(column):
    """Return a series of what one `Column` may hold."""
    if column.kind == "regenerate":
        return column.new_identifiers(1)
    if column.kind == "ignore":
        return column.cast(np.zeros(1, dtype=np.int64), np.ones(1, dtype=bool))
    if column.kind == "constant":
        nothing = column.value is None
        return column.cast(object_array([0 if nothing else column.value]), np.array([nothing]))
    if column.kind in LABELS:
        values = object_array([*column.categories, column.categories[0]])
    else:
        low, high, step = column.minimum, column.maximum, column.resolution
        values = object_array([low, min(low + step, high) if step else low, high, high])
        if column.kind == "number":
            values = values.astype(np.float64)
    missing = np.zeros(len(values), dtype=bool)
    missing[-1] = column.has_missing
    return column.cast(values, missing)


def _padded(cells, n):
    return cells.iloc[np.minimum(np.arange(n), len(cells) - 1)].reset_index(drop=True)


class TableCodec:
    """Encode a DataFrame as scores and codes, and decode these into valid rows.

    `columns` is the caller's choice of kind for some columns, see :meth:`Schema.infer`.

    Attributes
    ----------
    schema_ : Schema
    dependencies_ : dict of int to int
        Columns that another column determines, by position: looked up, not learnt.
    later_ : dict of int to int
        Dates that never come before another, by position: learnt as the time between.
    encoding_ : Encoding
        How many numbers and codes a row has, and its wide form.
    width_ : int
        Numbers of a row in its wide form.

    Examples
    --------
    >>> frame = pd.DataFrame({"age": [20, 30, 40], "pet": ["cat", "dog", "cat"]})
    >>> codec = TableCodec().fit(frame)
    >>> rows = codec.encode(frame)
    >>> rows.numbers.shape, rows.codes.tolist()
    ((3, 1), [[0], [1], [0]])
    >>> codec.decode(rows)[0].equals(frame)
    True
    """

    def __init__(self, columns=None):
        self.columns = columns

    def fit(self, frame, target=None, schema=None, look_ups=None):
        """Learn the schema and each column's scale, and that of a numeric target if there is one.

        Where the rows are a sample of a larger table, its schema is given, and its decided columns
        as ``{(position, decider): LookUp}``.
        """
        if schema is None:
            self.schema_ = Schema.infer(frame, self.columns)
            self.dependencies_ = find_dependencies(frame, self.schema_)
            self.later_ = find_later(frame, self.schema_, self.dependencies_)
            look_ups = {}
        else:
            self.schema_, self.dependencies_, self.later_ = schema, dict(look_ups.keys()), {}
        self.codecs_ = [
            look_ups.get((i, self.dependencies_.get(i))) or self._codec(frame, i)
            for i in range(frame.shape[1])
        ]
        self.target_scale_ = None if target is None else QuantileScale().fit(target)
        return self._lay_out()

    def _lay_out(self):
        widths = [block for codec in self.codecs_ for block in codec.blocks]
        if self.target_scale_ is not None:
            widths.append((1, SCORE))
        ends = np.cumsum([0] + [width for width, _ in widths]).tolist()
        self.encoding_ = Encoding(
            Block(start, stop, activation)
            for start, stop, (_, activation) in zip(ends[:-1], ends[1:], widths, strict=True)
        )
        self.width_ = ends[-1]
        return self

    def _codec(self, frame, i):
        column = self.schema_.columns[i]
        if i in self.later_:
            j = self.later_[i]
            return LaterCodec.of(
                column, frame.iloc[:, i], self.schema_.columns[j], frame.iloc[:, j]
            )
        if i not in self.dependencies_:
            return CODECS[column.kind](column).fit(frame.iloc[:, i])
        decider = self.dependencies_[i]
        look_up = LookUp(column, self.schema_.columns[decider])
        return look_up.fit(frame.iloc[:, i], frame.iloc[:, decider])

    def encode(self, frame, target=None, rng=None):
        """Encode rows, the numeric target as the last number.

        With `rng`, a value that holds a share of the rows is spread over its interval of scores,
        so that every column of scores is standard normal; without, it sits in the middle.
        """
        rows = self.encoding_.empty(len(frame))
        numbers, codes = iter(rows.numbers.T), iter(rows.codes.T)
        for i, codec in enumerate(self.codecs_):
            if codec.blocks:
                column = next(codes if isinstance(codec, CategoryCodec) else numbers)
                column[:] = codec.encode(self._cells(frame, i), rng)
        if self.target_scale_ is not None:
            next(numbers)[:] = self.target_scale_.encode(target, rng)
        return rows

    def _cells(self, frame, i):
        """What the codec of a column encodes: its cells, or the time since an earlier date."""
        if i not in self.later_:
            return frame.iloc[:, i]
        return self.codecs_[i].since(frame.iloc[:, i], frame.iloc[:, self.later_[i]])

    def decode(self, rows: EncodedRows):
        """Valid rows, as ``(frame, target)``; ``target`` is None when none was fitted."""
        numbers, codes, series = iter(rows.numbers.T), iter(rows.codes.T), []
        for i, codec in enumerate(self.codecs_):
            if i in self.dependencies_:
                series.append(None)
            elif not codec.blocks:
                series.append(codec.decode(len(rows)))
            else:
                is_code = isinstance(codec, CategoryCodec)
                series.append(codec.decode(next(codes if is_code else numbers)))
        for i, decider in self.dependencies_.items():
            series[i] = self.codecs_[i].decode(series[decider])
        for i, j in self.later_.items():
            series[i] = self.codecs_[i].after(series[i], series[j])
        frame = side_by_side(series) if series else pd.DataFrame(index=range(len(rows)))
        frame.columns = self.schema_.names
        target = None
        if self.target_scale_ is not None:
            target = self.target_scale_.decode(next(numbers).astype(np.float64))
        return frame, target

    def arrays(self):
        """What was learnt beside the schema, as named arrays."""
        parts = {str(i): codec for i, codec in enumerate(self.codecs_)}
        if self.target_scale_ is not None:
            parts["target"] = self.target_scale_
        found = {}
        for name, part in parts.items():
            learnt = vars(getattr(part, "scale_", part))
            found |= {
                f"{name}/{k}": np.asarray(v)
                for k, v in learnt.items()
                if k.endswith("_") and isinstance(v, (np.ndarray, float))
            }
        return found

    def later_to_plain(self):
        """Which date follows which, and the times between, as JSON can hold them."""
        return [[i, j, self.codecs_[i].to_plain()] for i, j in self.later_.items()]

    @classmethod
    def from_arrays(cls, schema, dependencies, arrays, later=()):
        """The codec of a schema and what :meth:`arrays` and :meth:`later_to_plain` returned."""
        codec = cls()
        codec.schema_, codec.dependencies_, codec.codecs_ = schema, dependencies, []
        codec.later_ = {i: j for i, j, _ in later}
        check_names(schema.names)
        _check_dependencies(dependencies, len(schema.columns))
        _check_later(codec.later_, dependencies, len(schema.columns))
        between = {i: facts for i, _, facts in later}
        parts = _by_part(arrays)
        for i, column in enumerate(schema.columns):
            own = parts.get(str(i), {})
            if i in dependencies:
                decider = schema.columns[dependencies[i]]
                codec.codecs_.append(LookUp.from_arrays(column, decider, own))
                continue
            if i in between:
                earlier = schema.columns[codec.later_[i]]
                part = LaterCodec.from_plain(column, earlier, between[i])
            else:
                part = CODECS[column.kind](column)
            if isinstance(part, NumberCodec):
                part.scale_ = QuantileScale.from_arrays(own)
            codec.codecs_.append(part)
        own = parts.get("target")
        codec.target_scale_ = None if own is None else QuantileScale.from_arrays(own)
        codec.check()
        return codec._lay_out()

    def check(self):
        """Decode the ends of every column, so that one that cannot be is found out now."""
        decoded = {}
        for i, codec in enumerate(self.codecs_):
            if i not in self.dependencies_:
                n_labels = len(self.schema_.columns[i].categories)
                require(n_labels <= MAX_CATEGORIES, f"{MAX_CATEGORIES} categories at most")
                series = codec.decode(codec.ends())
                if i in {*self.dependencies_.values(), *self.later_, *self.later_.values()}:
                    decoded[i] = series
        for i, j in self.later_.items():
            decoded[i] = self.codecs_[i].after(decoded[i], decoded[j])
        for i, decider in self.dependencies_.items():
            self.codecs_[i].decode(decoded[decider])


def _check_dependencies(dependencies, n):
    for decided, decider in dependencies.items():
        inside = 0 <= decided < n and 0 <= decider < n
        require(inside and decider not in dependencies, "columns decided by learnt ones")


def _check_later(later, dependencies, n):
    for at, (i, j) in enumerate(later.items()):
        inside = 0 <= i < n and 0 <= j < n and not {i, j} & dependencies.keys()
        require(inside and j not in list(later)[at:], "dates after dates decoded before them")


def _by_part(arrays):
    """Arrays named "part/attribute" as {part: {attribute: array}}."""
    parts = {}
    for name, array in arrays.items():
        part, _, attribute = name.partition("/")
        parts.setdefault(part, {})[attribute] = array
    return parts

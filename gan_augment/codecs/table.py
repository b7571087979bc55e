"""A table as one float32 matrix: columns side by side, and a regression target beside them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gan_augment.codecs.columns import CODECS, SCORE, NumberCodec
from gan_augment.codecs.dependencies import LookUp, find_dependencies
from gan_augment.codecs.scales import QuantileScale
from gan_augment.codecs.schema import Schema

MANY_COLUMNS = 100


@dataclass(frozen=True)
class Block:
    """Columns ``start`` to ``stop`` of the matrix, and what the generator does with them."""

    start: int
    stop: int
    activation: str


class TableCodec:
    """Encode a DataFrame as float32 blocks and decode blocks into valid rows.

    Parameters
    ----------
    columns : dict, optional
        The caller's choice of kind for some columns, see :meth:`Schema.infer`.

    Attributes
    ----------
    schema_ : Schema
    dependencies_ : dict of int to int
        Columns that another column determines, by position: looked up, not learnt.
    blocks_ : tuple of Block
        The only description of the matrix's layout.
    width_ : int

    Examples
    --------
    >>> frame = pd.DataFrame({"age": [20, 30, 40], "pet": ["cat", "dog", "cat"]})
    >>> codec = TableCodec().fit(frame)
    >>> codec.encode(frame).shape
    (3, 3)
    >>> codec.decode(codec.encode(frame))[0].equals(frame)
    True
    """

    def __init__(self, columns=None):
        self.columns = columns

    def fit(self, frame, target=None):
        """Learn the schema and each column's scale.

        Parameters
        ----------
        frame : DataFrame of shape (n, d)
        target : float64 ndarray of shape (n,), optional
            A regression target, generated jointly with the columns.
        """
        self.schema_ = Schema.infer(frame, self.columns)
        self.dependencies_ = find_dependencies(frame, self.schema_)
        self.codecs_ = [self._codec(frame, i) for i in range(frame.shape[1])]
        self.target_scale_ = None if target is None else QuantileScale().fit(target)
        return self._lay_out()

    def _lay_out(self):
        stretches = [stretch for codec in self.codecs_ for stretch in codec.activations]
        if self.target_scale_ is not None:
            stretches.append((1, SCORE))
        ends = np.cumsum([0] + [width for width, _ in stretches])
        self.blocks_ = tuple(
            Block(int(start), int(stop), activation)
            for start, stop, (_, activation) in zip(ends[:-1], ends[1:], stretches, strict=True)
        )
        self.width_ = int(ends[-1])
        return self

    def _codec(self, frame, i):
        column = self.schema_.columns[i]
        if i not in self.dependencies_:
            return CODECS[column.kind](column).fit(frame.iloc[:, i])
        decider = self.dependencies_[i]
        look_up = LookUp(column, self.schema_.columns[decider])
        return look_up.fit(frame.iloc[:, i], frame.iloc[:, decider])

    def encode(self, frame, target=None, rng=None):
        """Rows as a float32 matrix of shape (n, width_).

        With ``rng``, a value that holds a share of the rows is spread over its interval of
        scores, so that every score column is standard normal; without, it sits in the middle.
        """
        matrix, start = np.empty((len(frame), self.width_), dtype=np.float32), 0
        for i, codec in enumerate(self.codecs_):
            stop = start + _width(codec)
            matrix[:, start:stop] = codec.encode(frame.iloc[:, i], rng)
            start = stop
        if self.target_scale_ is not None:
            matrix[:, start] = self.target_scale_.encode(target, rng)
        return matrix

    def decode(self, matrix):
        """Valid rows, as ``(frame, target)``; ``target`` is None when none was fitted."""
        series, start = [], 0
        for i, codec in enumerate(self.codecs_):
            stop = start + _width(codec)
            own = matrix[:, start:stop]
            series.append(None if i in self.dependencies_ else codec.decode(own))
            start = stop
        for i, decider in self.dependencies_.items():
            series[i] = self.codecs_[i].decode(series[decider])
        frame = _side_by_side(series) if series else pd.DataFrame(index=range(len(matrix)))
        frame.columns = self.schema_.names
        target = None
        if self.target_scale_ is not None:
            target = self.target_scale_.decode(matrix[:, start].astype(np.float64))
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

    @classmethod
    def from_arrays(cls, schema, dependencies, arrays):
        """The codec of a schema and what :meth:`arrays` returned."""
        codec = cls()
        codec.schema_, codec.dependencies_, codec.codecs_ = schema, dependencies, []
        for i, column in enumerate(schema.columns):
            if i in dependencies:
                part = LookUp(column, schema.columns[dependencies[i]])
            else:
                part = CODECS[column.kind](column)
            if isinstance(part, LookUp):
                _set_arrays(part, f"{i}/", arrays)
            elif isinstance(part, NumberCodec):
                part.scale_ = _set_arrays(QuantileScale(), f"{i}/", arrays)
            codec.codecs_.append(part)
        scale = _set_arrays(QuantileScale(), "target/", arrays)
        codec.target_scale_ = scale if vars(scale) else None
        return codec._lay_out()


def _set_arrays(part, prefix, arrays):
    for name, array in arrays.items():
        if name.startswith(prefix):
            setattr(part, name.removeprefix(prefix), array)
    return part


def _width(codec):
    return sum(width for width, _ in codec.activations)


def _side_by_side(series):
    """Columns as one frame, none of them copied unless they are many."""
    frame = pd.DataFrame(dict(enumerate(series)), copy=False)
    # pandas warns of frames of more columns than that, each with an array of its own
    return frame.copy() if len(series) > MANY_COLUMNS else frame


def stacked(parts, n):
    """Rows decoded in parts, as one ``(frame, target)``.

    Parameters
    ----------
    parts : iterable of (DataFrame, ndarray or None)
        At least one, all with the same columns and dtypes.
    n : int
        Rows of all parts.

    Returns
    -------
    frame : DataFrame
    target : ndarray or None

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
    rows = _side_by_side([stack.series() for stack in columns]) if columns else None
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

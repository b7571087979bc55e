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
        parts = [codec.encode(frame.iloc[:, i], rng) for i, codec in enumerate(self.codecs_)]
        if self.target_scale_ is not None:
            parts.append(self.target_scale_.encode(target, rng)[:, None])
        if not parts:
            return np.empty((len(frame), 0), dtype=np.float32)
        return np.concatenate(parts, axis=1, dtype=np.float32)

    def decode(self, matrix):
        """Valid rows, as ``(frame, target)``; ``target`` is None when none was fitted."""
        series, start = [], 0
        for i, codec in enumerate(self.codecs_):
            stop = start + sum(width for width, _ in codec.activations)
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


def _side_by_side(series):
    """Columns as one frame, none of them copied unless they are many."""
    frame = pd.DataFrame(dict(enumerate(series)), copy=False)
    # pandas warns of frames of more columns than that, each with an array of its own
    return frame.copy() if len(series) > MANY_COLUMNS else frame


def stacked(parts):
    """Rows decoded in parts, as one ``(frame, target)``.

    Columns are put together one by one, and the parts given up as it goes: at no time is there
    more than one column twice.

    Parameters
    ----------
    parts : iterable of (DataFrame, ndarray or None)
        At least one; their frames are emptied.

    Returns
    -------
    frame : DataFrame
    target : ndarray or None

    Examples
    --------
    >>> one = lambda: (pd.DataFrame({"a": [1, 2]}), None)
    >>> stacked([one(), one()])[0]["a"].tolist()
    [1, 2, 1, 2]
    """
    frames, targets = zip(*parts, strict=True)
    target = None if targets[0] is None else np.concatenate(targets)
    if len(frames) == 1 or not len(frames[0].columns):
        rows = pd.RangeIndex(sum(map(len, frames)))
        return (frames[0] if len(frames) == 1 else pd.DataFrame(index=rows)), target
    names = frames[0].columns
    columns = [[frame.iloc[:, i] for i in range(len(names))] for frame in frames]
    del frames, parts
    columns = [
        pd.concat([own.pop(0) for own in columns], ignore_index=True) for _ in range(len(names))
    ]
    frame = _side_by_side(columns)
    frame.columns = names
    return frame, target

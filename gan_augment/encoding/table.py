"""A table as numbers and codes: columns side by side, and a regression target beside them."""

import numpy as np
import pandas as pd

from gan_augment.containers.untrusted import require, under
from gan_augment.containers.validation import check_names
from gan_augment.encoding.codecs import CODECS, CategoryCodec, NumberCodec
from gan_augment.encoding.column import LABELS, MAX_CATEGORIES
from gan_augment.encoding.dtypes import object_array
from gan_augment.encoding.numeric import QuantileScale
from gan_augment.encoding.relations import find
from gan_augment.encoding.relations.evidence import MOST_EXCEPTIONS, TrainingRows
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

    `columns` is the caller's choice of kind for some columns, see :meth:`Schema.infer`;
    `constraints` are the caller's rules between them.

    Attributes
    ----------
    schema_ : Schema
    relations_ : list of Relation
        What holds between columns, in the order in which rows are decoded.
    near_relations_ : list of Relation
        What holds but for too many rows to be kept.
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

    def __init__(self, columns=None, constraints=None):
        self.columns, self.constraints = columns, constraints

    def fit(self, frame, target=None, schema=None, relations=None):
        """Learn the schema and each column's scale, and that of a numeric target if there is one.

        Where the rows are a sample of a larger table, its schema and relations are given: those
        that are kept, and those that are near.
        """
        self.schema_ = Schema.infer(frame, self.columns) if schema is None else schema
        if relations is None:
            rows = TrainingRows(frame, self.schema_)
            kept = find.relations_of(rows, constraints=self.constraints)
            relations = find.find_forms(rows, kept), find.near_relations(rows, kept)
        self.relations_, self.near_relations_ = relations
        self.codecs_ = self._new_codecs()
        for codec, cells in zip(self.codecs_.values(), self._learnt(frame), strict=True):
            codec.fit(cells)
        self.target_scale_ = None if target is None else QuantileScale().fit(target)
        return self._lay_out()

    def _new_codecs(self):
        """Codecs of what is learnt, by name: the place of a column, or of one of a relation.

        What a relation learns stands where the first column does that it restores.
        """
        codecs = {}
        first = {r.restores[0]: i for i, r in enumerate(self.relations_) if r.restores}
        restored = {name for relation in self.relations_ for name in relation.restores}
        for place, column in enumerate(self.schema_.columns):
            if column.name in first:
                at = first[column.name]
                for j, part in enumerate(self.relations_[at].learns):
                    codecs[f"relation{at}.{j}"] = CODECS[part.kind](part)
            elif column.name not in restored:
                codecs[str(place)] = CODECS[column.kind](column)
        return codecs

    def _learnt(self, frame):
        """The columns that the codecs encode."""
        cells = {str(i): frame.iloc[:, i] for i in range(frame.shape[1])}
        for i, relation in enumerate(self.relations_):
            cells |= {f"relation{i}.{j}": c for j, c in enumerate(relation.encode(frame))}
        return [cells[name] for name in self.codecs_]

    def _lay_out(self):
        widths = [block for codec in self.codecs_.values() for block in codec.blocks]
        if self.target_scale_ is not None:
            widths.append((1, SCORE))
        ends = np.cumsum([0] + [width for width, _ in widths]).tolist()
        self.encoding_ = Encoding(
            Block(start, stop, activation)
            for start, stop, (_, activation) in zip(ends[:-1], ends[1:], widths, strict=True)
        )
        self.width_ = ends[-1]
        return self

    def encode(self, frame, target=None, rng=None):
        """Encode rows, the numeric target as the last number.

        With `rng`, a value that holds a share of the rows is spread over its interval of scores,
        so that every column of scores is standard normal; without, it sits in the middle.
        """
        rows = self.encoding_.empty(len(frame))
        numbers, codes = iter(rows.numbers.T), iter(rows.codes.T)
        for codec, cells in zip(self.codecs_.values(), self._learnt(frame), strict=True):
            if codec.blocks:
                column = next(codes if isinstance(codec, CategoryCodec) else numbers)
                column[:] = codec.encode(cells, rng)
        if self.target_scale_ is not None:
            next(numbers)[:] = self.target_scale_.encode(target, rng)
        return rows

    def decode(self, rows: EncodedRows):
        """Valid rows, as ``(frame, target)``; ``target`` is None when none was fitted."""
        numbers, codes, cells = iter(rows.numbers.T), iter(rows.codes.T), {}
        for name, codec in self.codecs_.items():
            if not codec.blocks:
                cells[name] = codec.decode(len(rows))
            else:
                is_code = isinstance(codec, CategoryCodec)
                cells[name] = codec.decode(next(codes if is_code else numbers))
        series = self._restored(cells, len(rows))
        frame = side_by_side(series) if series else pd.DataFrame(index=range(len(rows)))
        frame.columns = self.schema_.names
        target = None
        if self.target_scale_ is not None:
            target = self.target_scale_.decode(next(numbers).astype(np.float64))
        return frame, target

    def _restored(self, cells, n):
        """The columns of the table, of decoded codecs and n rows."""
        names = self.schema_.names
        known = {name: cells[str(i)] for i, name in enumerate(names) if str(i) in cells}
        for i, relation in enumerate(self.relations_):
            learnt = [cells[f"relation{i}.{j}"] for j in range(len(relation.learns))]
            known |= relation.decode(known, learnt, n)
        return [known[name] for name in names]

    def broken(self, frame):
        """Return which decoded rows break a relation that next to all training rows keep."""
        rules = [r for r in self.relations_ if r.exceptions <= MOST_EXCEPTIONS]
        return np.logical_or.reduce(
            [np.zeros(len(frame), dtype=bool), *(r.broken(frame) for r in rules)]
        )

    def scales(self):
        """Return the scale of each encoded column of numbers, the target's last."""
        found = [c.scale_ for c in self.codecs_.values() if isinstance(c, NumberCodec)]
        return found if self.target_scale_ is None else [*found, self.target_scale_]

    def encoded_columns(self, name, needs=True):
        """Return the places, among the encoded columns, of all that a column is decoded from.

        Without `needs`, those of other columns which a relation needs are left out.
        """
        places = {key: i for i, key in enumerate(k for k, c in self.codecs_.items() if c.blocks)}
        own = str(self.schema_.names.index(name))
        if own in self.codecs_:
            return {places[own]} if own in places else set()
        found = set()
        for i, relation in enumerate(self.relations_):
            if name in relation.restores:
                parts = {places.get(f"relation{i}.{j}") for j in range(len(relation.learns))}
                found = (parts - {None}).union(
                    *(self.encoded_columns(other) for other in relation.needs if needs)
                )
        return found

    def may_miss(self):
        """Return which encoded columns have missing cells."""
        return [c.column.has_missing for c in self.codecs_.values() if c.blocks]

    def arrays(self):
        """What was learnt beside the schema and what :meth:`relations_to_plain` returns."""
        parts = dict(self.codecs_)
        if self.target_scale_ is not None:
            parts["target"] = self.target_scale_
        found = {f"relation{k}": v for k, v in find.to_plain(self.relations_)[1].items()}
        found |= {f"near{k}": v for k, v in find.to_plain(self.near_relations_)[1].items()}
        for name, part in parts.items():
            learnt = vars(getattr(part, "scale_", part))
            found |= {
                f"{name}/{k}": np.asarray(v)
                for k, v in learnt.items()
                if k.endswith("_") and isinstance(v, (np.ndarray, float))
            }
        return found

    def relations_to_plain(self):
        """The relations, but for their arrays, as JSON can hold them."""
        return find.to_plain(self.relations_)[0]

    def near_to_plain(self):
        """Those that are not kept, in the same way."""
        return find.to_plain(self.near_relations_)[0]

    @classmethod
    def from_arrays(cls, schema, relations, arrays, near=()):
        """The codec of a schema and what the methods before returned."""
        codec = cls()
        codec.schema_ = schema
        check_names(schema.names)
        codec.relations_ = find.from_plain(relations, under("relation", arrays), schema)
        codec.near_relations_ = find.from_plain(list(near), under("near", arrays), schema)
        codec.codecs_ = codec._new_codecs()
        parts = _by_part(arrays)
        for name, part in codec.codecs_.items():
            if isinstance(part, NumberCodec):
                part.scale_ = QuantileScale.from_arrays(parts.get(name, {}))
        own = parts.get("target")
        codec.target_scale_ = None if own is None else QuantileScale.from_arrays(own)
        codec.check()
        return codec._lay_out()

    def check(self):
        """Decode the ends of every column, so that one that cannot be is found out now."""
        n = 2
        for codec in self.codecs_.values():
            require(
                len(codec.column.categories) <= MAX_CATEGORIES,
                f"{MAX_CATEGORIES} categories at most",
            )
            ends = codec.ends()
            n = max(n, ends if isinstance(ends, int) else len(ends))
        cells = {}
        for name, codec in self.codecs_.items():
            ends = codec.ends()
            cells[name] = codec.decode(n if isinstance(ends, int) else np.resize(ends, n))
        self._restored(cells, n)


def _by_part(arrays):
    """Arrays named "part/attribute" as {part: {attribute: array}}."""
    parts = {}
    for name, array in arrays.items():
        part, _, attribute = name.partition("/")
        parts.setdefault(part, {})[attribute] = array
    return parts

"""A table that is larger than memory, as TabularGAN learns it: one pass, a sample, a stream.

The pass finds the schema, the classes and their counts, of all rows. A sample of the rows stands
for the table wherever rows are looked at closely: the scales of numbers, the prior, the first pool
of training rows. A second pass, over the columns concerned, verifies on all rows the columns that
seem to be decided by others. During training the pool is filled anew from row groups
(`RowStream`).

A table with no more rows than the sample would have is read whole and learnt as any other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from gan_augment.containers import Container, to_pandas
from gan_augment.encoding.relations.base import Relation
from gan_augment.encoding.relations.checked import Checked
from gan_augment.encoding.relations.declared import as_constraint
from gan_augment.encoding.relations.evidence import MOST_NEAR, TrainingRows
from gan_augment.encoding.relations.find import near_relations, relations_of
from gan_augment.encoding.schema import Schema, check_chosen
from gan_augment.encoding.streaming import ColumnSummary, TargetStream, summary_frame
from gan_augment.encoding.table import TableCodec
from gan_augment.encoding.target import TargetCodec
from gan_augment.exceptions import InputError
from gan_augment.io.parquet import ParquetRows
from gan_augment.process.randomness import draw_seed

#: Rows that are kept of a class, where there are so many, and all classes' share of the sample.
CLASS_ROWS, CLASS_SHARE = 1000, 0.25


class Reservoir:
    """Keep some rows of a stream of record batches: a uniform sample, and more of rare classes.

    Examples
    --------
    >>> kept = Reservoir(5, np.random.default_rng(0))
    >>> for _ in range(10):
    ...     kept.add(pa.record_batch({"a": range(100)}), np.zeros(100, dtype=np.int64))
    >>> table, n_uniform = kept.rows()
    >>> table.num_rows, n_uniform
    (5, 5)
    """

    def __init__(self, size, rng):
        self.size, self.rng = size, rng
        self.n_classes, self.parts = 0, []
        self.keys, self.classes = np.zeros(0), np.zeros(0, dtype=np.int64)
        self.limit, self.class_limits = np.inf, np.zeros(0)

    def add(self, batch, classes):
        """Look at the next rows, with a class code each, always 0 where there are no classes."""
        self.n_classes = max(self.n_classes, int(classes.max()) + 1)
        unseen = self.n_classes - len(self.class_limits)
        self.class_limits = np.concatenate([self.class_limits, np.full(unseen, np.inf)])
        keys = self.rng.random(len(classes))
        taken = np.flatnonzero((keys < self.limit) | (keys < self.class_limits[classes]))
        if not len(taken):
            return
        self.parts.append(pa.Table.from_batches([batch.take(pa.array(taken))]))
        self.keys = np.concatenate([self.keys, keys[taken]])
        self.classes = np.concatenate([self.classes, classes[taken]])
        if len(self.keys) > 1.5 * self.size:
            self._prune()

    def _prune(self):
        keys = pd.Series(self.keys)
        rank = keys.rank(method="first").to_numpy() - 1
        within = keys.groupby(self.classes).rank(method="first").to_numpy() - 1
        quota = max(1, min(CLASS_ROWS, int(CLASS_SHARE * self.size / self.n_classes)))
        kept = np.flatnonzero((rank < self.size) | (within < quota))
        if len(self.keys) >= self.size:
            self.limit = np.partition(self.keys, self.size - 1)[self.size - 1]
        full = within == quota - 1
        self.class_limits[self.classes[full]] = self.keys[full]
        table = pa.concat_tables(self.parts).unify_dictionaries()
        self.parts = [table.take(pa.array(kept)).combine_chunks()]
        self.keys, self.classes = self.keys[kept], self.classes[kept]

    def rows(self, by_class=True):
        """Return the sample in random order and the rows of the uniform one, which are the first.

        After them come more rows of rare classes, unless `by_class` is false.
        """
        self._prune()
        order = np.argsort(self.keys, kind="stable")
        n_uniform = min(self.size, len(order))
        order = order if by_class else order[:n_uniform]
        return self.parts[0].take(pa.array(order)), n_uniform


#: Row groups that are read to fill a part of the pool.
GROUPS_AT_ONCE = 2


class RowStream:
    """Draw encoded rows from row groups.

    `edges` separate the groups of a numeric target; `partly` says of which groups the pool does
    not hold all rows.
    """

    def __init__(self, rows, codec, target, edges, partly, rng):
        self.rows, self.codec, self.target, self.edges = rows, codec, target, edges
        self.partly, self.rng, self.order = partly, rng, []

    def draw(self, n):
        """Return about n encoded rows and the group of each."""
        tables, left = [], n
        at_once = -(-n // GROUPS_AT_ONCE)
        for _ in range(len(self.rows.groups)):
            taken = self._some(self._next(), min(at_once, left))
            tables.append(taken)
            left -= taken.num_rows
            if left <= 0:
                break
        frame = self.rows.frame(pa.concat_tables(tables).unify_dictionaries())
        groups, number = np.zeros(len(frame), dtype=np.int64), None
        if self.rows.target is not None:
            values = self.target.encode(frame.pop(self.rows.target))
            if self.target.kind_ == "class":
                groups = values
            else:
                number, groups = values, np.searchsorted(self.edges, values, side="right")
        return self.codec.encode(frame, number, self.rng), groups

    def _next(self):
        """The row group whose turn it is."""
        if not len(self.order):
            self.order = self.rng.permutation(len(self.rows.groups)).tolist()
        return self.order.pop()

    def _some(self, group, n):
        """So many random rows of a row group, or all that it has."""
        size = self.rows.groups[group][2]
        places = np.sort(self.rng.choice(size, min(n, size), replace=False))
        parts, start = [], 0
        for batch in self.rows.group_batches(group):
            stop = start + batch.num_rows
            inside = places[(places >= start) & (places < stop)] - start
            parts.append(pa.Table.from_batches([batch.take(pa.array(inside))]))
            start = stop
        return pa.concat_tables(parts)


#: Rows of the uniform sample: the fewer of these many and these many cells; but never fewer than
#: the last.
HELD_ROWS, HELD_CELLS, FEWEST_ROWS = 100_000, 5_000_000, 2_000


def held_rows(n_columns: int) -> int:
    """Rows of the uniform sample of a table with so many columns.

    Examples
    --------
    >>> held_rows(20), held_rows(1000), held_rows(10_000)
    (100000, 5000, 2000)
    """
    return max(FEWEST_ROWS, min(HELD_ROWS, HELD_CELLS // n_columns))


@dataclass(frozen=True, eq=False)
class LargeTable:
    """What is known of all rows of a table on disk, and a sample of them.

    `shown` are a few rows that show all that the columns hold, `counts` the rows of each class,
    None without. `frame` is the sample, uniform and more rows of rare classes after it, and
    `values` its encoded target. `dropped` are relations of the sample that too many rows break.
    """

    rows: ParquetRows
    shown: pd.DataFrame
    container: Container
    target: TargetCodec
    counts: np.ndarray | None
    codec: TableCodec
    frame: pd.DataFrame
    values: np.ndarray | None
    dropped: list[Relation]

    @classmethod
    def of(
        cls, rows: ParquetRows, columns, chosen: dict, target: str, rng, constraints=None
    ) -> LargeTable:
        """Look at all rows of a table, for `columns` of a `TabularGAN` and what they choose."""
        check_chosen(chosen, rows.names)
        untold = rows.target is None
        stream = TargetCodec(target).fit(None) if untold else TargetStream(target)
        shown, reservoir = _survey(rows, chosen, stream, rng)
        target, counts = (stream, None) if untold else stream.fitted(rows.settled)
        shown, container = to_pandas(shown)
        schema = Schema.infer(shown, chosen)
        table, n_uniform = reservoir.rows(by_class=target.kind_ == "class")
        frame, values = _decoded(rows, target, table)
        sample = TrainingRows(frame.iloc[:n_uniform], schema)
        kept = relations_of(sample, constraints=constraints)
        kept, dropped, near = _verified(rows, kept, near_relations(sample, kept))
        _check_declared(dropped, constraints or ())
        number = values[:n_uniform] if target.kind_ == "number" else None
        codec = TableCodec(columns)
        codec.fit(frame.iloc[:n_uniform], number, schema=schema, relations=(kept, near))
        return cls(rows, shown, container, target, counts, codec, frame, values, dropped)

    def stream(self, groups: np.ndarray, edges: np.ndarray | None, rng) -> RowStream:
        """Return what fills the pool of training rows, of these groups, anew.

        `edges` separate the groups of a numeric target.
        """
        counts, held = self.counts, np.bincount(groups)
        # rows of a class that is there in full would only be replaced by some of them, twice
        partly = np.ones(len(held), dtype=bool) if counts is None else held < counts
        own = np.random.default_rng(draw_seed(rng))
        return RowStream(self.rows, self.codec, self.target, edges, partly, own)


def _survey(rows, chosen, stream, rng):
    """One pass over all rows: what the columns hold, and a sample; the target goes to `stream`."""
    summaries = {name: ColumnSummary(chosen.get(name)) for name in rows.names}
    reservoir = Reservoir(held_rows(len(rows.names)), rng)
    for batch in rows.batches():
        frame = rows.frame(batch)
        for name, summary in summaries.items():
            summary.add(frame[name])
        nothing = np.zeros(len(frame), dtype=np.int64)
        classes = nothing if rows.target is None else stream.add(frame[rows.target])
        reservoir.add(batch, classes)
    shown = [rows.settled(summary.series()) for summary in summaries.values()]
    return summary_frame(shown), reservoir


def _decoded(rows, target, table):
    """A piece as a frame and the encoded target."""
    frame = rows.frame(table)
    if rows.target is None:
        return frame, None
    return frame.drop(columns=rows.target), target.encode(frame[rows.target])


def _check_declared(dropped, constraints):
    """Refuse rules of the caller that too many rows outside the sample break."""
    rules, table = map(as_constraint, constraints), [n for r in dropped for n in r.columns]
    names = {name for rule in rules for name in rule.bound(table)}
    broken = [relation for relation in dropped if set(relation.columns) <= names]
    if broken:
        raise InputError(
            f"has a rule that {broken[0].exceptions:.2%} of the real rows break, "
            f"{broken[0].words()}",
            argument="constraints",
            remedy="mend these rows, or leave the rule out",
        )


def _verified(rows, found, near=()):
    """Relations that hold in all rows of the table as in the sample, others, and near ones."""
    relations = [*found, *near]
    if not relations:
        return [], [], []
    names = [name for name in rows.names if any(name in r.columns for r in relations)]
    broken = np.zeros(len(relations), dtype=np.int64)
    for batch in rows.batches(names):
        frame = rows.frame(batch)
        for i, relation in enumerate(relations):
            relation.extend(frame)
            broken[i] += relation.broken(frame).sum()
    shares = (broken / rows.n_rows).tolist()
    counted = [replace(r, exceptions=share) for r, share in zip(relations, shares, strict=True)]
    of_sample, near = counted[: len(found)], counted[len(found) :]
    kept = [r for r in of_sample if r.exceptions <= r.most_exceptions]
    dropped = [r for r in of_sample if r not in kept]
    near += [r if isinstance(r, Checked) else Checked.of(r) for r in dropped]
    return kept, dropped, [r for r in near if r.exceptions <= MOST_NEAR]

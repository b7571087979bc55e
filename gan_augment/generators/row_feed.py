"""Rows for a game that goes on while the table stays on disk: row groups in random order.

Of each row group that is read some random rows are taken, so that a file whose rows are sorted
feeds no runs of similar ones. All row groups are read once before any is read again.
"""

import numpy as np
import pyarrow as pa

#: Row groups that are read to fill a part of the pool.
GROUPS_AT_ONCE = 2


class RowFeed:
    """Draw encoded rows from row groups.

    Parameters
    ----------
    rows : ParquetRows
    codec : TableCodec
    target : TargetCodec
    edges : ndarray of float64 or None
        Between the groups of a numeric target.
    partly : ndarray of bool of shape (n_groups,)
        Groups of which the pool does not hold all rows.
    rng : numpy.random.Generator
    """

    def __init__(self, rows, codec, target, edges, partly, rng):
        self.rows, self.codec, self.target, self.edges = rows, codec, target, edges
        self.partly, self.rng, self.order = partly, rng, []

    def draw(self, n):
        """Return about n encoded rows and the group of each.

        Returns
        -------
        matrix : ndarray of float32 of shape (m, width)
        groups : ndarray of int64 of shape (m,)
        """
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

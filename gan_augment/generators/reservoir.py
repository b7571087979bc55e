"""A random sample of rows that stream past: uniform, and of rare classes some rows more.

Each row gets a random key; the rows with the smallest keys are a uniform sample of all, and those
with the smallest keys of a class a uniform sample of the class (Vitter 1985, by keys as in
Efraimidis & Spirakis 2006).
"""

import numpy as np
import pyarrow as pa

#: Rows that are kept of a class, where there are so many, and all classes' share of the sample.
CLASS_ROWS, CLASS_SHARE = 1000, 0.25


class Reservoir:
    """Keep some rows of a stream of record batches.

    Parameters
    ----------
    size : int
        Rows of the uniform sample.
    rng : numpy.random.Generator

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
        """Look at the next rows.

        Parameters
        ----------
        batch : pyarrow.RecordBatch of n rows
        classes : ndarray of int64 of shape (n,)
            Codes 0, 1, ...; always 0 where there are no classes.
        """
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
        rank, within = _ranks(self.keys), _ranks_within(self.keys, self.classes)
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
        """Return the sample in random order: first the uniform one, then more of rare classes.

        Parameters
        ----------
        by_class : bool, default=True
            Whether there are to be more of rare classes.

        Returns
        -------
        table : pyarrow.Table
        n_uniform : int
        """
        self._prune()
        order = np.argsort(self.keys, kind="stable")
        n_uniform = min(self.size, len(order))
        order = order if by_class else order[:n_uniform]
        return self.parts[0].take(pa.array(order)), n_uniform


def _ranks(keys):
    ranks = np.empty(len(keys), dtype=np.int64)
    ranks[np.argsort(keys, kind="stable")] = np.arange(len(keys))
    return ranks


def _ranks_within(keys, classes):
    """Rank of each key among those of its class."""
    order = np.lexsort((keys, classes))
    sizes = np.bincount(classes)
    starts = np.cumsum(sizes) - sizes
    ranks = np.empty(len(keys), dtype=np.int64)
    ranks[order] = np.arange(len(keys)) - starts[classes[order]]
    return ranks

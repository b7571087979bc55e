"""Combinations of several columns of which only those that were seen may be in a new row."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from gan_augment.containers.untrusted import checked_array, require
from gan_augment.encoding.column import LABELS, NUMBERS
from gan_augment.encoding.relations.base import Relation, checked_share, named, quoted
from gan_augment.encoding.relations.look_up import as_column, cells_of, checked_cells

#: Combinations that a table may hold.
MOST_TUPLES = 1_000_000


@dataclass(eq=False)
class Tuples(Relation):
    """Columns whose cells are together one of the combinations seen.

    Each is learnt as it is. A new row with another combination keeps its cell in the column of
    most values; the others get those of a training row that has it.

    Parameters
    ----------
    members : tuple
        Names of the columns.
    cells, missing : tuple of ndarray
        For each column the codes or numbers of all combinations, and where they are missing.
    counts : ndarray of int
        Training rows that have each.
    """

    kind = "tuples"

    members: tuple
    cells: tuple
    missing: tuple
    counts: np.ndarray

    @classmethod
    def of(cls, rows, members):
        """Return the combinations that rows have of these columns."""
        read = [cells_of(rows.columns[name], rows.frame[name]) for name in members]
        levels = np.column_stack([rows.levels(name) for name in members])
        _, first, counts = np.unique(levels, axis=0, return_index=True, return_counts=True)
        cells = tuple(values[first] for values, _ in read)
        gaps = tuple(missing[first] for _, missing in read)
        return cls(rows.schema, 0.0, tuple(members), cells, gaps, counts.astype(np.int64))

    @property
    def restores(self):
        return self.members

    @functools.cached_property
    def learns(self):
        return tuple(self.schema[name] for name in self.members)

    @functools.cached_property
    def _known(self):
        """The sorted cells of each column."""
        pairs = zip(self.cells, self.missing, strict=True)
        return [np.unique(cells[~missing]) for cells, missing in pairs]

    def _levels(self, read):
        """Levels of cells of each column side by side: 0 where missing, -1 where unseen."""
        found = []
        for known, (cells, missing) in zip(self._known, read, strict=True):
            at = np.searchsorted(known, cells).clip(max=max(len(known) - 1, 0))
            seen = known[at] == cells if len(known) else np.zeros(len(cells), dtype=bool)
            found.append(np.where(missing, 0, np.where(seen, at + 1, -1)))
        return np.column_stack(found)

    @functools.cached_property
    def _table(self):
        """Levels of the combinations."""
        return self._levels(list(zip(self.cells, self.missing, strict=True)))

    def _is_seen(self, levels):
        both = np.concatenate([self._table, levels])
        _, keys = np.unique(both, axis=0, return_inverse=True)
        keys = keys.ravel()
        return np.isin(keys[len(self._table) :], keys[: len(self._table)])

    def decode(self, known, learnt, n):
        read = [
            cells_of(self.schema[n], cells) for n, cells in zip(self.members, learnt, strict=True)
        ]
        levels = self._levels(read)
        rows = np.flatnonzero(~self._is_seen(levels))
        at = self._drawn(levels[rows], read, rows)
        restored = {}
        for i, name in enumerate(self.members):
            column, (cells, missing) = self.schema[name], read[i]
            cells, missing = cells.copy(), missing.copy()
            cells[rows], missing[rows] = self.cells[i][at], self.missing[i][at]
            restored[name] = as_column(column, cells, missing)
        return restored

    def _drawn(self, levels, read, rows):
        """Places of combinations that keep one cell of rows, drawn as training rows have them."""
        main = int(np.argmax([len(known) for known in self._known]))
        order = np.argsort(self._table[:, main], kind="stable")
        mains = self._table[order, main]
        wanted = levels[:, main]
        unseen = wanted < 0
        if unseen.any():  # a number between those seen
            near = np.searchsorted(self._known[main], read[main][0][rows[unseen]])
            wanted[unseen] = near.clip(max=len(self._known[main]) - 1) + 1
        start = np.searchsorted(mains, wanted, side="left")
        stop = np.searchsorted(mains, wanted, side="right")
        none = start == stop
        start[none], stop[none] = 0, len(mains)
        ends = np.concatenate([[0], np.cumsum(self.counts[order])])
        share = np.random.default_rng(0).random(len(wanted))
        drawn = ends[start] + share * (ends[stop] - ends[start])
        return order[(np.searchsorted(ends, drawn, side="right") - 1).clip(max=len(order) - 1)]

    def broken(self, frame):
        read = [cells_of(self.schema[name], frame[name]) for name in self.members]
        return ~self._is_seen(self._levels(read))

    def extend(self, frame):
        """Learn the combinations that the rows it was found in did not have."""
        wrong = np.flatnonzero(self.broken(frame))
        if not len(wrong):
            return
        read = [cells_of(self.schema[n], frame[n].iloc[wrong]) for n in self.members]
        self.cells = tuple(
            np.concatenate([old, new]) for old, (new, _) in zip(self.cells, read, strict=True)
        )
        self.missing = tuple(
            np.concatenate([old, new]) for old, (_, new) in zip(self.missing, read, strict=True)
        )
        self.counts = np.append(self.counts, np.ones(len(wrong), dtype=np.int64))
        for name in ("_known", "_table"):
            self.__dict__.pop(name, None)

    def words(self):
        return f"{quoted(self.members)} are together as in a real row"

    def _facts(self):
        return {"members": self.places(self.members)}

    def arrays(self):
        found = {"counts": self.counts}
        for i, (cells, missing) in enumerate(zip(self.cells, self.missing, strict=True)):
            found |= {f"cells{i}": cells, f"missing{i}": missing}
        return found

    @classmethod
    def from_plain(cls, facts, arrays, schema):
        """Return the combinations that a file describes."""
        members = named(facts["members"], schema)
        columns = [schema[name] for name in members]
        require(len(columns) > 1, "combinations of columns")
        require(all(c.kind in (*LABELS, *NUMBERS) for c in columns), "columns that are learnt")
        counts = checked_array(arrays, "counts", "int64", (None,), low=1, high=2**40)
        require(0 < len(counts) <= MOST_TUPLES, "combinations, but not too many")
        cells, gaps = [], []
        for i, column in enumerate(columns):
            cells.append(checked_cells(arrays, f"cells{i}", column, counts.shape))
            gaps.append(checked_array(arrays, f"missing{i}", "bool", counts.shape))
            require(column.has_missing or not gaps[-1].any(), "no missing cell where none may be")
            known = cells[-1][~gaps[-1]]
            require(column.kind in NUMBERS or not (known < 0).any(), "known categories")
        return cls(schema, checked_share(facts), members, tuple(cells), tuple(gaps), counts)

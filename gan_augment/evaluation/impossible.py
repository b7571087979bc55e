"""Impossible rows: what holds between the columns of the real rows, and who breaks it."""

import numpy as np
import pandas as pd

from gan_augment.encoding.inference import infer_column
from gan_augment.encoding.relations.evidence import MOST_EXCEPTIONS, TrainingRows, is_worse
from gan_augment.encoding.relations.find import near_relations, relations_of
from gan_augment.encoding.schema import Schema
from gan_augment.exceptions import InputError

#: Real rows among which relations are looked for.
SEARCHED_ROWS = 100_000
#: Relations that a note names.
MOST_NAMED = 3


class RealRelations:
    """Relations found in real rows, of any generator's table.

    Parameters
    ----------
    frame : pandas.DataFrame
        Real rows.
    features : tuple of Feature
        Its columns that are compared.

    Examples
    --------
    >>> from gan_augment.metrics.features import Feature
    >>> n = np.arange(300) % 7
    >>> real = pd.DataFrame({"n": n, "twice": 2 * n, "k": n // 3})
    >>> features = [Feature(name, "number", "integer") for name in real]
    >>> found = RealRelations(real, features)
    >>> len(found.relations) > 0, bool(found.broken(real).any())
    (True, False)
    """

    def __init__(self, frame, features):
        self.stored = {feature.name: feature.stored for feature in features}
        frame = self._read(frame.iloc[:SEARCHED_ROWS])
        columns = {}
        for name, series in frame.items():
            try:
                columns[name] = infer_column(series)
            except InputError:  # of identifiers and the like nothing is asked
                continue
        self.schema = Schema(tuple(columns.values()))
        rows = TrainingRows(frame[list(columns)], self.schema)
        kept = relations_of(rows) if columns else []
        self.relations = [line for r in kept for line in r.each()] + near_relations(rows, kept)

    def _read(self, frame):
        """The columns compared; dates that are text as dates."""
        cells = {}
        for name, stored in self.stored.items():
            series = frame[name].reset_index(drop=True)
            if stored == "datetime" and series.dtype.kind != "M":
                series = pd.to_datetime(series, errors="coerce")
            cells[name] = series
        return pd.concat(cells, axis=1) if cells else frame[[]]

    def _like_real(self, frame):
        """Rows that another tool wrote, in the dtypes of the real ones; odd cells are missing."""
        cells = {}
        for name, series in self._read(frame).items():
            column = self.schema[name] if name in self.schema.names else None
            if column is None or series.dtype == column.pandas_dtype:
                cells[name] = series
            elif column.kind in ("integer", "number"):
                numbers = pd.to_numeric(series.astype(object), errors="coerce")
                numbers = numbers.astype(float).replace([np.inf, -np.inf], np.nan)
                large = numbers.abs() > 2.0**53
                whole = column.kind == "integer"
                cells[name] = numbers.mask(large).round() if whole else numbers
            else:
                cells[name] = series
        return pd.DataFrame(cells)

    def each(self, frame):
        """Return which rows break each relation; none where it cannot be read."""
        frame = self._like_real(frame)
        return [_broken(relation, frame) for relation in self.relations]

    def broken(self, frame):
        """Return which rows break a relation that next to no real row breaks."""
        pairs = zip(self.relations, self.each(frame), strict=True)
        rules = [rows for relation, rows in pairs if relation.exceptions <= MOST_EXCEPTIONS]
        return np.logical_or.reduce([np.zeros(len(frame), dtype=bool), *rules])

    def table(self, real, synthetic):
        """Return every relation, with the shares of rows that break it: the worst first."""
        lines = [
            (relation.words(), float(mine.mean()), float(made.mean()), int(made.sum()))
            for relation, mine, made in zip(
                self.relations, self.each(real), self.each(synthetic), strict=True
            )
        ]
        titles = ["relation", "real_share", "synthetic_share", "rows"]
        table = pd.DataFrame(lines, columns=titles)
        worse = table["real_share"] - table["synthetic_share"]
        return table.iloc[np.argsort(worse.to_numpy(dtype=float), kind="stable")]


def _broken(relation, frame):
    try:
        return relation.broken(frame)
    except InputError:  # cells of another sort are counted by column
        return np.zeros(len(frame), dtype=bool)


def relation_note(table):
    """Return a sentence on the relations that synthetic rows break most, if they do: a list."""
    lines = table[["relation", "real_share", "synthetic_share"]].itertuples(index=False, name=None)
    worse = [line for line in lines if is_worse(*line[1:])]
    if not worse:
        return []
    words, real, made = worse[0]
    text = (
        f"{made:.1%} of the synthetic rows are impossible in one way: {words} in the "
        f"real rows, of which {real:.1%} break that."
    )
    for words, real, made in worse[1:MOST_NAMED]:
        text += f" {made:.1%} break another rule: {words} (real rows: {real:.1%})."
    more = len(worse) - MOST_NAMED
    return [text + (f" {more} more are broken." if more > 0 else "")]

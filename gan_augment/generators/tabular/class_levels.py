"""What never comes with a class, as a text that says another, or a gap: kept apart from it."""

import numpy as np

#: Tables with independent classes in which a category misses one: fewer than one of so many.
LEAST_LIKELY = 1e-3
#: Training rows that have both all the same, of those expected.
MOST_OBSERVED = 0.005
#: Values that whole numbers may have, which are looked at.
MOST_LEVELS = 50


def settle_levels(rows, groups, training, training_groups, n_groups, rng):
    """Replace codes that never come with the class of their row, in place.

    The `training` rows tell which do, where they are enough: a code is replaced by one that comes
    with the class, as often as it does there.

    Examples
    --------
    >>> from gan_augment.encoding.rows import EncodedRows
    >>> classes = np.arange(100) % 2
    >>> numbers = np.zeros((100, 0), dtype=np.float32)
    >>> training = EncodedRows(numbers, (classes * 2).astype(np.uint8)[:, None])
    >>> rows = EncodedRows(numbers[:3], np.array([[0], [0], [2]], dtype=np.uint8))
    >>> settle_levels(rows, np.array([0, 1, 1]), training, classes, 2, np.random.default_rng(0))
    >>> rows.codes.ravel().tolist()
    [0, 2, 2]
    """
    n_columns = rows.codes.shape[1]
    cells = max(n_groups * n_columns, 1)
    for j in range(n_columns):
        counts = _counts(training.codes[:, j], training_groups, n_groups)
        apart = _apart(counts, cells * len(counts))
        if not apart.any():
            continue
        codes = rows.codes[:, j].astype(np.int64)
        wrong = np.flatnonzero(
            (codes < len(counts)) & apart[codes.clip(max=len(counts) - 1), groups]
        )
        weights = np.where(apart, 0, counts)
        for group in np.unique(groups[wrong]):
            at = wrong[groups[wrong] == group]
            share = weights[:, group] / weights[:, group].sum()
            rows.codes[at, j] = rng.choice(len(share), size=len(at), p=share)


def settle_gaps(rows, groups, training, training_groups, n_groups, rng):
    """Fill cells of numbers that no row of the class has missing, and empty those that all have.

    In place, where the `training` rows are enough to tell. A cell is filled from another of `rows`
    of its class, or a training row where all of these are empty.

    Examples
    --------
    >>> from gan_augment.encoding.rows import EncodedRows
    >>> classes = np.arange(100) % 2
    >>> codes = np.zeros((100, 0), dtype=np.uint8)
    >>> training = EncodedRows(np.where(classes, np.nan, 1.0).astype(np.float32)[:, None], codes)
    >>> rows = EncodedRows(np.array([[np.nan], [3.0], [3.0]], dtype=np.float32), codes[:3])
    >>> settle_gaps(rows, np.array([0, 0, 1]), training, classes, 2, np.random.default_rng(0))
    >>> rows.numbers.ravel().tolist()
    [3.0, 3.0, nan]
    """
    gaps = np.isnan(training.numbers)
    columns = np.flatnonzero(gaps.any(0) & ~gaps.all(0))
    for j in columns:
        counts = _counts(gaps[:, j], training_groups, n_groups)
        apart = _apart(counts, 2 * n_groups * len(columns))
        is_gap = np.isnan(rows.numbers[:, j])
        rows.numbers[~is_gap & apart[0, groups], j] = np.nan
        wrong = is_gap & apart[1, groups]
        for group in np.unique(groups[wrong]):
            cells = rows.numbers[(groups == group) & ~is_gap, j]
            if not len(cells):
                cells = training.numbers[(training_groups == group) & ~gaps[:, j], j]
            at = np.flatnonzero(wrong & (groups == group))
            rows.numbers[at, j] = rng.choice(cells, size=len(at))


def _apart(counts, n_looked_at):
    """Which codes (down) never come with a group (across), beyond chance among so many pairs."""
    expected = counts.sum(1, keepdims=True) * counts.sum(0) / counts.sum()
    evident = expected >= -np.log(LEAST_LIKELY / n_looked_at)
    return evident & (counts <= MOST_OBSERVED * expected)


class ClassNumbers:
    """Whole numbers of few values that never come with a class, as a flag that says the class.

    Parameters
    ----------
    frame : pandas.DataFrame
        Training rows, or a sample of them.
    groups : ndarray of int
        The class of each.
    schema : Schema
    n_groups : int

    Examples
    --------
    >>> import pandas as pd
    >>> from gan_augment.encoding.schema import Schema
    >>> frame = pd.DataFrame({"flag": np.arange(100) % 2})
    >>> rules = ClassNumbers(frame, np.arange(100) % 2, Schema.infer(frame), 2)
    >>> rules.broken(frame[:3], np.array([0, 1, 1])).tolist()
    [False, False, True]
    """

    def __init__(self, frame, groups, schema, n_groups):
        self.apart = {
            column: _counts(_levels(column, frame[column.name]), groups, n_groups)
            for column in schema.columns
            if may_tell(column)
        }
        cells = max(sum(counts.size for counts in self.apart.values()), 1)
        for column, counts in self.apart.items():
            # of values that are rarer, those that come with one class, if most values do
            one = (counts > 0).sum(1, keepdims=True) == 1
            told = counts[one[:, 0]].sum() >= (1 - MOST_OBSERVED) * counts.sum()
            apart = _apart(counts, cells)
            self.apart[column] = apart | (one & (counts == 0) if told and apart.any() else False)

    def broken(self, frame, groups):
        """Return which rows have a number that never comes with their class."""
        wrong = np.zeros(len(frame), dtype=bool)
        for column, apart in self.apart.items():
            if apart.any():
                levels = _levels(column, frame[column.name]).clip(max=len(apart) - 1)
                wrong |= apart[levels, groups]
        return wrong


def may_tell(column):
    """Whether a column holds whole numbers of few values."""
    return column.kind == "integer" and column.maximum - column.minimum < MOST_LEVELS


def _levels(column, series):
    """How far each number is above the least; missing cells are a level of their own."""
    values, missing = column.numbers(series)
    top = column.maximum - column.minimum + 1
    return np.where(missing, top, values.astype(np.int64) - column.minimum)


def _counts(codes, groups, n_groups):
    """Rows of each code (down) and group (across)."""
    pairs = codes.astype(np.int64) * n_groups + groups
    n_codes = int(codes.max()) + 1
    return np.bincount(pairs, minlength=n_codes * n_groups).reshape(n_codes, n_groups)

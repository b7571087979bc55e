"""How strongly two columns go together, whatever their kinds, and rows as points in space."""

import numpy as np
import pandas as pd

MAX_LEVELS = 30
LARGEST = 1e30  # squares of larger numbers overflow


def is_number(series):
    """Return whether a column is one of numbers, dates or durations."""
    kind = series.dtype
    if pd.api.types.is_bool_dtype(kind):
        return False
    return (
        pd.api.types.is_numeric_dtype(kind)
        or pd.api.types.is_datetime64_any_dtype(kind)
        or pd.api.types.is_timedelta64_dtype(kind)
    )


def as_floats(series):
    """Return a column as floats: dates in seconds since 1970, durations in seconds, gaps NaN."""
    if pd.api.types.is_datetime64_any_dtype(series):
        naive = series.dt.tz_convert(None) if series.dt.tz is not None else series
        series = naive - pd.Timestamp(0)
    if pd.api.types.is_timedelta64_dtype(series):
        series = series.dt.total_seconds()
    values = pd.to_numeric(series, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(values), np.clip(values, -LARGEST, LARGEST), np.nan)


def associations(frame):
    """Return the strength of each pair of columns, as a square frame.

    Two columns of numbers: Spearman's rank correlation, -1 to 1. A category and anything else:
    0 to 1, the correlation ratio of the ranks, or Cramér's V. Missing numbers take the median
    rank; a missing category is one more level.

    Parameters
    ----------
    frame : DataFrame

    Returns
    -------
    DataFrame

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1, 2, 3, 4], "b": [4, 3, 2, 1], "c": list("xxyy")})
    >>> associations(frame).loc["a"].round(2).tolist()
    [1.0, -1.0, 0.89]
    """
    parts = [
        _standard_ranks(column) if is_number(column) else _levels(column)
        for _, column in frame.items()
    ]
    strengths = np.eye(len(parts))
    for i, one in enumerate(parts):
        for j, other in enumerate(parts[:i]):
            strengths[i, j] = strengths[j, i] = _strength(one, other)
    return pd.DataFrame(strengths, index=frame.columns, columns=frame.columns)


def _standard_ranks(column):
    ranks = column.rank().fillna((len(column) + 1) / 2).to_numpy(dtype=float)
    spread = ranks.std()
    return (ranks - ranks.mean()) / spread if spread > 0 else np.zeros(len(ranks))


def _levels(column):
    """Indicators of the frequent levels and of the rest, shape (n_rows, n_levels)."""
    text = column.astype(object).where(column.notna(), None).map(repr)
    kept = text.value_counts().index[: MAX_LEVELS - 1]
    return pd.get_dummies(text.where(text.isin(kept), "others")).to_numpy(dtype=float)


def _strength(one, other):
    if one.ndim == 1 and other.ndim == 1:
        return float(one @ other / len(one))
    if one.ndim == 1:
        one, other = other, one
    counts = np.maximum(one.sum(axis=0), 1)
    if other.ndim == 1:
        means = one.T @ other / counts
        return float(np.sqrt(min(1.0, (counts @ means**2) / len(other))))
    joint = one.T @ other
    expected = np.outer(counts, np.maximum(other.sum(axis=0), 1)) / len(one)
    fewer = min(joint.shape) - 1
    if fewer == 0:
        return 0.0
    return float(np.sqrt(min(1.0, ((joint - expected) ** 2 / expected).sum() / len(one) / fewer)))


def as_points(real, synthetic):
    """Return both tables as points: numbers standardised by the real rows, levels as indicators.

    Parameters
    ----------
    real, synthetic : DataFrame

    Returns
    -------
    real, synthetic : ndarray of shape (n_rows, n_dimensions)
    """
    parts = ([], [])
    for name in [name for name in real.columns if name in synthetic.columns]:
        columns = real[name], synthetic[name]
        if all(is_number(column) for column in columns):
            for part, values in zip(parts, _standardised(*columns), strict=True):
                part.append(values)
            continue
        texts = [c.astype(object).where(c.notna(), None).map(repr) for c in columns]
        for level in texts[0].value_counts().index[:MAX_LEVELS]:
            for part, text in zip(parts, texts, strict=True):
                part.append(text.eq(level).to_numpy(dtype=float))
    return tuple(np.column_stack(part) for part in parts)


def _standardised(real, synthetic):
    """Both columns in units of the real one's spread, missing and infinite cells at its middle."""
    real, synthetic = as_floats(real), as_floats(synthetic)
    finite = real[np.isfinite(real)]
    middle, spread = 0.0, 1.0
    if len(finite):
        middle = np.median(finite)
        # One wild cell must not make the rest of the column look constant.
        spread = np.clip(finite, *np.quantile(finite, [0.01, 0.99])).std() or 1.0
    both = []
    for values in (real, synthetic):
        filled = np.where(np.isfinite(values), values, middle)
        both.append(np.clip((filled - middle) / spread, -6, 6))
    return both

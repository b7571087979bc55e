"""Two tables made comparable: the same columns, the same coding, the same number of rows.

The size of a sample moves nearly every metric: two real halves of 50 rows look less alike than
two of 5,000. So a figure and its reference are always measured on as many rows.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gan_augment.containers import to_pandas
from gan_augment.encoding.target import TargetCodec, target_series
from gan_augment.exceptions import InputError
from gan_augment.metrics.features import Coding, Scaler

#: Fewer real, synthetic or holdout rows than these cannot be compared.
MIN_ROWS = 10


@dataclass(frozen=True)
class Samples:
    """Coded rows to compare, and the callers' frames they come from.

    Parameters
    ----------
    features : tuple of Feature
    real, synthetic, fresh : ndarray of shape (m, d)
        As many real rows, synthetic rows, and real rows for the reference.
    real_at, synthetic_at, fresh_at : ndarray of int, shape (m,)
        Their positions in the frames; of `fresh` in "holdout", or in "real" without one.
    train, all_fresh : ndarray
        All real rows that `real` and `fresh` were drawn from.
    all_real, all_synthetic : ndarray
    unreadable : ndarray of bool
        Cells of `all_synthetic` that are no value of their column.
    fresh_unreadable : ndarray of bool
        The same of `all_fresh`.
    kind : {"holdout", "split halves"}
        Where `fresh` comes from.
    frames : dict of {str: pandas.DataFrame}
        "real", "synthetic" and perhaps "holdout".
    target : name or None
    target_kind : {"class", "number", None}
    skipped : dict of {name: str}
    """

    features: tuple
    real: np.ndarray
    synthetic: np.ndarray
    fresh: np.ndarray
    real_at: np.ndarray
    synthetic_at: np.ndarray
    fresh_at: np.ndarray
    train: np.ndarray
    all_fresh: np.ndarray
    all_real: np.ndarray
    all_synthetic: np.ndarray
    unreadable: np.ndarray
    fresh_unreadable: np.ndarray
    kind: str
    frames: dict = field(repr=False)
    target: object = None
    target_kind: str | None = None
    skipped: dict = field(default_factory=dict)

    @property
    def n(self):
        """Rows each table is compared on."""
        return len(self.real)

    @property
    def has_holdout(self):
        """Whether the generator did not see the rows of the reference."""
        return self.kind == "holdout"

    @property
    def target_index(self):
        """Position of the target among the features, or None."""
        names = [feature.name for feature in self.features]
        return names.index(self.target) if self.target in names else None

    def scaler(self):
        """Return the scale of distances, learnt from the real rows compared."""
        return Scaler(self.features, self.train)


def draw_samples(real, synthetic, holdout=None, *, target=None, columns=None, max_rows, rng):
    """Return what `quality_report` compares.

    Parameters
    ----------
    real, synthetic, holdout : table
        In any container.
    target : name, pair or triple, optional
        The target's column, or the targets of real, synthetic and holdout rows.
    columns : dict of {name: kind}, optional
    max_rows : int
        Rows of each table that are compared.
    rng : numpy.random.Generator

    Returns
    -------
    Samples

    Raises
    ------
    InputError
        If the tables do not have the same columns, or too few rows.
    """
    frames = _same_columns(real, synthetic, holdout)
    frames, target = _with_target(frames, target)
    for name, frame in frames.items():
        if len(frame) < MIN_ROWS:
            raise InputError(
                f"{name} has {len(frame)} rows: pass at least {MIN_ROWS}, below which no figure "
                "says anything."
            )
    unknown = [name for name in columns or {} if name not in frames["real"].columns]
    if unknown:
        raise InputError(f"columns names {unknown[0]!r}, which is not a column of real.")
    target_kind, chosen = None, dict(columns or {})
    if target is not None:
        target_kind = _target_kind(frames["real"][target], target)
        if target_kind == "class":
            chosen[target] = "category"
    coding = Coding(frames["real"], chosen)
    coded = {name: coding.code(frame) for name, frame in frames.items()}
    if target in coding.skipped:
        raise InputError(f"target={target!r} cannot be predicted: {coding.skipped[target]}.")
    orders = {name: rng.permutation(len(frame)) for name, frame in frames.items()}
    parts = _parts(coded, orders, max_rows)
    return Samples(
        features=coding.features,
        all_real=coded["real"][0],
        all_synthetic=coded["synthetic"][0],
        unreadable=coded["synthetic"][1],
        frames=frames,
        target=target,
        target_kind=target_kind,
        skipped=coding.skipped,
        **parts,
    )


def _parts(coded, orders, max_rows):
    """Return the rows to compare: the same number of real, synthetic and fresh ones."""
    order, made = orders["real"], orders["synthetic"]
    if "holdout" in coded:
        kind, train_at, (fresh, odd) = "holdout", order, coded["holdout"]
        fresh_at = orders["holdout"]
    else:
        kind, half = "split halves", len(order) // 2
        train_at, fresh_at, (fresh, odd) = order[:half], order[half:], coded["real"]
    fresh, odd = fresh[fresh_at], odd[fresh_at]
    n = min(len(train_at), len(fresh), len(made), max_rows)
    train = coded["real"][0][train_at]
    return {
        "kind": kind,
        "train": train,
        "all_fresh": fresh,
        "fresh_unreadable": odd,
        "real": train[:n],
        "fresh": fresh[:n],
        "synthetic": coded["synthetic"][0][made[:n]],
        "real_at": train_at[:n],
        "synthetic_at": made[:n],
        "fresh_at": fresh_at[:n],
    }


def _same_columns(real, synthetic, holdout):
    """Return the tables as frames with the columns of `real` in its order."""
    tables = {"real": real, "synthetic": synthetic, "holdout": holdout}
    read = {}
    for name, table in tables.items():
        if table is not None or name != "holdout":
            try:
                read[name] = to_pandas(table)
            except InputError as error:
                # to_pandas speaks of "X", which the caller here does not have.
                raise type(error)(str(error).replace("X", name, 1)) from None
    ours, container = read["real"]
    frames = {"real": ours}
    for name, (frame, other) in read.items():
        bare = "numpy" in (container.kind, other.kind) and container.kind != other.kind
        if bare and frame.shape[1] == ours.shape[1]:
            frame = frame.set_axis(ours.columns, axis=1)  # an array's columns go by position
        missing = [column for column in ours.columns if column not in frame.columns]
        extra = [column for column in frame.columns if column not in ours.columns]
        if missing or extra:
            lacks = f"lacks {missing[:5]!r}" if missing else ""
            has = f"has {extra[:5]!r} besides" if extra else ""
            raise InputError(
                f"{name} {' and '.join(filter(None, (lacks, has)))}, compared with the columns "
                f"of real: pass tables with the same columns."
            )
        frames[name] = frame[list(ours.columns)]
    return frames


def _with_target(frames, target):
    """Return the frames with the target as a column, and its name."""
    if target is None:
        return frames, None
    if not isinstance(target, (tuple, list)):
        if np.ndim(target) or hasattr(target, "columns"):
            raise InputError(
                f"target is one {type(target).__name__}, but there are {len(frames)} tables: pass "
                f"the name of a column, or one y for each of {', '.join(frames)}, in a tuple."
            )
        if target not in frames["real"].columns:
            raise InputError(
                f"target={target!r} is not a column of real: use one of "
                f"{list(frames['real'].columns)[:10]!r}, or pass the pair (y_real, y_synthetic)."
            )
        return frames, target
    if len(target) != len(frames):
        raise InputError(
            f"target has {len(target)} entries for {len(frames)} tables: pass one y for each of "
            f"{', '.join(frames)}, in this order."
        )
    name = 0 if isinstance(frames["real"].columns[0], (int, np.integer)) else "target"
    while name in frames["real"].columns:
        name = name + 1 if isinstance(name, int) else f"{name}_"
    extended = {}
    for (key, frame), y in zip(frames.items(), target, strict=True):
        series = target_series(y)[0]
        if len(series) != len(frame):
            raise InputError(
                f"target has {len(series)} values for the {len(frame)} rows of {key}: pass one "
                "value per row."
            )
        series = pd.Series(series.array, index=frame.index, name=name)
        extended[key] = pd.concat([frame, series], axis=1)
    return extended, name


def _target_kind(series, name):
    if series.isna().any():
        raise InputError(
            f"target={name!r} is missing at real row {int(np.argmax(series.isna()))}: drop the "
            "rows without a target."
        )
    kind = TargetCodec().fit(series).kind_
    if series.nunique() < 2:
        raise InputError(
            f"target={name!r} has one value, {series.iloc[0]!r}: there is nothing to predict; "
            "leave target out."
        )
    return kind

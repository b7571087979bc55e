"""Augmented rows to look at: as one pandas frame, and as the output of a notebook cell.

What is called `data` here is an `AugmentedData`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from gan_augment.containers import is_images, take_rows, to_pandas
from gan_augment.containers.images import layout_of
from gan_augment.containers.interchange import column_to_pandas
from gan_augment.exceptions import InputError
from gan_augment.report.images import pictures
from gan_augment.report.notebook import MAX_COLUMNS, card
from gan_augment.report.page import Table, Text, Tile
from gan_augment.report.png import strip

#: Rows of each kind and images that are shown, and classes that are listed.
HEAD, IMAGES, MOST_CLASSES = 5, 12, 20
#: A strip of images is about so wide on the screen.
STRIP_WIDTH = 640


def as_frame(
    data: Any,
    target: str | None,
    synthetic: str,
    sample_weight: bool,
    label_proba: bool,
) -> pd.DataFrame:
    """Return all rows as one frame, see `AugmentedData.to_frame`."""
    if is_images(data.X):
        raise InputError(
            "These rows are images, which are no table",
            remedy="use data.X, data.y and data.is_synthetic",
        )
    frame, container = to_pandas(data.X)
    if container.kind == "numpy":
        frame = frame.rename(columns="x{}".format)
    added = {synthetic: data.is_synthetic}
    if data.y is not None:
        values = _values(data.y)
        name = values.name if target is None else target
        added = {"target" if name in (None, "") else name: values.array, **added}
    if sample_weight:
        weights = data.sample_weight
        added["sample_weight"] = np.ones(len(data)) if weights is None else weights
    if label_proba and data.label_proba is not None:
        names = [f"proba_{label}" for label in np.asarray(data.classes).tolist()]
        added |= dict(zip(names, data.label_proba.T, strict=True))
    taken = [name for name in added if name in frame.columns]
    if taken:
        raise InputError(
            "is a column of X already",
            column=taken[0],
            remedy="pass target= or synthetic= with another name, or rename the column",
        )
    return pd.concat([frame, pd.DataFrame(added, index=frame.index)], axis=1)


def _values(y):
    """Return a target of any container as a series, with its name where it has one."""
    if isinstance(y, pd.Series):
        return y
    if isinstance(y, (list, tuple)):
        return pd.Series(y)
    if isinstance(y, np.ndarray):
        return pd.Series(y.ravel())
    native = nw.from_native(y, pass_through=True, allow_series=True)
    if isinstance(native, nw.Series):
        return column_to_pandas(native)
    return to_pandas(y)[0].iloc[:, 0]


def described(data: Any) -> str:
    """Return in a line how many rows there are of what.

    Examples
    --------
    >>> from gan_augment.augmentation.data import AugmentedData
    >>> described(AugmentedData(np.eye(3), [0, 1, 1], np.array([False, False, True])))
    '2 real and 1 synthetic rows, 3 columns, 2 classes'
    """
    shape = np.shape(data.X)[1:]
    unit = "images" if is_images(data.X) else "rows"
    real = len(data) - data.n_synthetic
    parts = [f"{real:,} real and {data.n_synthetic:,} synthetic {unit}"]
    if unit == "images":
        parts.append(" x ".join(map(str, shape)))
    else:
        parts.append(f"{shape[0]} column{'s' * (shape[0] != 1)}")
    if data.y is not None:
        labels = _values(data.y)
        n_classes = labels.nunique()
        parts.append(f"{n_classes} classes" if _are_classes(labels) else "a target of numbers")
    if data.label_proba is not None:
        parts.append("soft labels")
    return ", ".join(parts)


def _are_classes(labels):
    """Whether a target is listed by value: all but many different numbers."""
    numeric = pd.api.types.is_numeric_dtype(labels.dtype) and labels.dtype != bool
    return not numeric or labels.nunique() <= MOST_CLASSES


def shown(data: Any) -> str:
    """Return the rows as HTML: the first real and synthetic ones, and how many of each class."""
    unit = "images" if is_images(data.X) else "rows"
    items: list = _strips(data) if unit == "images" else _heads(data)
    if data.y is not None:
        items.append(_balance(data, unit))
    if data.label_proba is not None:
        items.append(Text(_soft_note(data, unit)))
    return card(f"{described(data)[0].upper()}{described(data)[1:]}.", items)


def _soft_note(data, unit):
    made = data.is_synthetic
    note = (
        f"Labels of synthetic {unit} are soft: label_proba holds the probability of each class, "
        "and y the most likely one. weighted(), drawn() and for_estimator() give what an "
        "estimator can learn from."
    )
    if data.sample_weight is None:
        return note
    share = data.sample_weight[made].sum() / data.sample_weight[~made].sum()
    return f"{note} Together they weigh {share:.3g} times as much as all real ones."


def _heads(data):
    """The first real rows and the first synthetic ones, the target first."""
    tables = []
    for word, mask in (("real", ~data.is_synthetic), ("synthetic", data.is_synthetic)):
        rows = np.flatnonzero(mask)
        if len(rows) == 0:
            continue
        first = rows[:HEAD]
        part = replace(
            data,
            X=take_rows(data.X, first),
            y=None if data.y is None else take_rows(data.y, first),
            is_synthetic=data.is_synthetic[first],
            label_proba=None if data.label_proba is None else data.label_proba[first],
            sample_weight=None,
        )
        rest = f"The first {HEAD} of {len(rows):,} {word} rows." if len(rows) > HEAD else ""
        tables.append(Table(_head(part), f"{word} rows", rest, MAX_COLUMNS))
    return tables


def _head(part):
    frame, container = to_pandas(part.X)
    frame = frame.rename(columns="x{}".format) if container.kind == "numpy" else frame
    frame = frame.reset_index(drop=True)
    if part.y is None:
        return frame
    labels = _values(part.y)
    name = "target" if labels.name in (None, "") else f"{labels.name} (target)"
    told = [str(label) for label in labels]
    if part.label_proba is not None and part.is_synthetic.any():
        told = [
            f"{label} ({most:.2f})"
            for label, most in zip(told, part.label_proba.max(axis=1), strict=True)
        ]
    elif not _are_classes(labels):
        told = labels.to_numpy()
    return pd.concat([pd.Series(told, name=name), frame], axis=1)


def _balance(data, unit):
    """How many rows of each class there are, or what a target of numbers is like."""
    labels, made = _values(data.y).reset_index(drop=True), data.is_synthetic
    if not _are_classes(labels):
        sides = {"real": labels[~made], "synthetic": labels[made]}
        facts = {
            name: side.agg(["count", "mean", "std", "min", "max"]) for name, side in sides.items()
        }
        table = pd.DataFrame(facts).T.rename_axis("rows")
        return Table(table.astype({"count": int}), "the target")
    counts = pd.DataFrame(
        {"real": labels[~made].value_counts(), "synthetic": labels[made].value_counts()}
    )
    counts = counts.fillna(0).astype(int).sort_values("real", ascending=False, kind="stable")
    if data.label_proba is not None:
        soft = pd.Series(data.label_proba[made].sum(axis=0), list(data.classes))
        counts["synthetic, by probability"] = soft.reindex(counts.index).fillna(0.0)
    counts.index = pd.Index(counts.index.map(str), name="class")
    return Table(counts, f"{unit} of each class", "", MOST_CLASSES)


def _strips(data):
    """The first images of each kind, side by side; none where no axis can be one of channels."""
    try:
        layout, _ = layout_of(data.X.shape, "auto", None)
    except InputError:
        return []
    tiles = []
    for word, mask in (("real", ~data.is_synthetic), ("synthetic", data.is_synthetic)):
        rows = np.flatnonzero(mask)[:IMAGES]
        if len(rows):
            picture = strip(pictures(_channels_first(data.X, layout)[rows]))
            scale = max(1.0, min(4.0, STRIP_WIDTH / picture.shape[1]))
            caption = f"the first {len(rows)} {word} images"
            tiles.append(Tile(picture, caption, caption, scale))
    return tiles


def _channels_first(images, layout):
    """Return images of any dtype as floats from 0 to 1, of shape (n, channels, h, w)."""
    images = {
        "grey": lambda: images[:, None],
        "last": lambda: images.transpose(0, 3, 1, 2),
        "first": lambda: images,
    }[layout]()
    if images.dtype == np.uint8:
        return images / 255
    low, high = float(images.min()), float(images.max())
    return (images.astype(float) - low) / (high - low or 1.0)

"""Two tables, or two sets of images, made comparable: coded alike, and as many of each.

The size of a sample moves nearly every metric: two real halves of 50 rows look less alike than
two of 5,000. So a figure and its reference are always measured on as many rows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from gan_augment.containers import to_pandas
from gan_augment.encoding.target import TargetCodec, target_series
from gan_augment.evaluation.balance import Balance, balance_of
from gan_augment.evaluation.catalog import PROMISES, RANKED, TABLES, Reading
from gan_augment.evaluation.explanation import nearest_real, ranked_rows, side_by_side
from gan_augment.exceptions import InputError
from gan_augment.metrics.copies import coded_row_keys
from gan_augment.metrics.diversity import nearest_rows
from gan_augment.metrics.features import Coding, Feature, Scaler
from gan_augment.metrics.pairs import Pairs, compare_pairs

if TYPE_CHECKING:
    from gan_augment.report.page import Page

#: Fewer real, synthetic or holdout rows than these cannot be compared.
MIN_ROWS = 10

#: Real rows among which the neighbours of a synthetic row are looked for.
SEARCHED_ROWS = 20_000


@dataclass(frozen=True)
class Samples(ABC):
    """What is compared, rows or images: as many real, synthetic and fresh real ones.

    `TableSamples` and `ImageSamples` add what differs.

    Parameters
    ----------
    frames : dict of {str: pandas.DataFrame or ndarray}
        The caller's: "real", "synthetic" and perhaps "holdout".
    coded : dict of {str: ndarray}
        The same as numbers.
    orders : dict of {str: ndarray of int}
        All positions of each in random order.
    most : int
        Rows of each that are compared, at most.
    """

    #: What is compared, "rows" or "images", and what they are part of.
    unit: ClassVar[str]
    whole: ClassVar[str]
    #: Figures that are measured on all rows, not on those compared.
    measured_on_all: ClassVar[str]
    #: Every metric in words.
    catalog: ClassVar[dict[str, Reading]]

    frames: dict[str, Any] = field(repr=False)
    coded: dict[str, np.ndarray] = field(repr=False)
    orders: dict[str, np.ndarray] = field(repr=False)
    most: int

    @abstractmethod
    def keys(self, name: str) -> np.ndarray:
        """Return one key a row, equal for rows that are copies of each other."""

    @abstractmethod
    def class_codes(self, name: str) -> np.ndarray | None:
        """Return the class code of every row of one side, or None without classes."""

    @abstractmethod
    def class_name(self, code: float) -> Any:
        """Return the class of a code."""

    @abstractmethod
    def ranked(
        self, name: str, positions: np.ndarray, score: np.ndarray, title: str
    ) -> pd.DataFrame:
        """Return the rows of largest score, with the score under a title."""

    @abstractmethod
    def beside(self, row: int, k: int) -> pd.DataFrame:
        """Return one synthetic row beside its k nearest real rows."""

    @abstractmethod
    def own_notes(self) -> list[str]:
        """Return what is missing or left out."""

    @abstractmethod
    def page(self, report: Any) -> Page:
        """Return the page of a report on these samples."""

    @property
    def has_holdout(self) -> bool:
        """Whether the generator did not see the rows of the reference."""
        return "holdout" in self.coded

    @property
    def kind(self) -> str:
        """Where the reference comes from: "holdout" or "split halves"."""
        return "holdout" if self.has_holdout else "split halves"

    @cached_property
    def balance(self) -> Balance | None:
        """Where the synthetic rows have other class shares than the real ones."""
        codes = {name: self.class_codes(name) for name in self.coded}
        known = {name: found for name, found in codes.items() if found is not None}
        if not known:
            return None
        sides = {
            "real": ("real", self.train_at),
            "synthetic": ("synthetic", self.orders["synthetic"]),
            "fresh": (self.fresh_name, self.all_fresh_at),
        }
        return balance_of(known, sides, self.class_name, most=self.most, least=MIN_ROWS)

    @property
    def within_classes(self) -> dict[str, np.ndarray] | None:
        """Positions of the rows compared, as many of a class on each side; None where all are."""
        return self.balance.at if self.balance else None

    @cached_property
    def n(self) -> int:
        """Rows of each that are compared."""
        if self.within_classes:
            return len(self.within_classes["real"])
        sides = self.train_at, self.all_fresh_at, self.orders["synthetic"]
        return min(*map(len, sides), self.most)

    @property
    def train_at(self) -> np.ndarray:
        """Positions of the real rows that are compared, and of those that could have been."""
        order = self.orders["real"]
        return order if self.has_holdout else order[: len(order) // 2]

    @property
    def all_fresh_at(self) -> np.ndarray:
        """The same of the rows for the reference: of the holdout, or of the other real half."""
        order = self.orders["real"]
        return self.orders["holdout"] if self.has_holdout else order[len(order) // 2 :]

    @property
    def real_at(self) -> np.ndarray:
        """Positions of the real rows compared."""
        return self._compared("real", self.train_at)

    @property
    def synthetic_at(self) -> np.ndarray:
        """Positions of the synthetic rows compared."""
        return self._compared("synthetic", self.orders["synthetic"])

    @property
    def fresh_at(self) -> np.ndarray:
        """Positions of the rows of the reference, in "holdout", or in "real" without one."""
        return self._compared("fresh", self.all_fresh_at)

    def _compared(self, side: str, all_at: np.ndarray) -> np.ndarray:
        return self.within_classes[side] if self.within_classes else all_at[: self.n]

    @cached_property
    def train(self) -> np.ndarray:
        """All real rows that `real` was drawn from, coded."""
        return self.coded["real"][self.train_at]

    @cached_property
    def all_fresh(self) -> np.ndarray:
        """All real rows that `fresh` was drawn from, coded."""
        return self.coded[self.fresh_name][self.all_fresh_at]

    @cached_property
    def real(self) -> np.ndarray:
        """The real rows compared, coded."""
        return self.coded["real"][self.real_at]

    @cached_property
    def synthetic(self) -> np.ndarray:
        """The synthetic rows compared, coded."""
        return self.coded["synthetic"][self.synthetic_at]

    @cached_property
    def fresh(self) -> np.ndarray:
        """The real rows of the reference, coded."""
        return self.coded[self.fresh_name][self.fresh_at]

    @property
    def sides(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The real, synthetic and fresh rows compared, coded."""
        return self.real, self.synthetic, self.fresh

    def labels(self) -> list[np.ndarray] | list[None]:
        """Return the class codes of the rows compared, or three Nones."""
        codes = [self.class_codes(name) for name in ("real", "synthetic", self.fresh_name)]
        if any(found is None for found in codes):
            return [None] * 3
        compared = self.real_at, self.synthetic_at, self.fresh_at
        return [found[at].astype(float) for found, at in zip(codes, compared, strict=True)]

    @property
    def fresh_name(self) -> str:
        """Where the rows of the reference are."""
        return "holdout" if self.has_holdout else "real"

    def settings(self) -> dict[str, Any]:
        """Return what was compared, as the report's settings have it."""
        sets = ("real", "synthetic", "holdout")
        sizes = {name: len(rows) for name, rows in self.coded.items()}
        return {
            **{f"{name}_{self.unit}": sizes.get(name) for name in sets},
            f"{self.unit}_compared": self.n,
            "reference": self.kind,
        }

    def notes(self, measured: Iterable[str], privacy: bool) -> tuple[str, ...]:
        """Return what a reader should know before believing the figures.

        Parameters
        ----------
        measured : iterable of str
            What the groups of metrics have to say.
        privacy : bool
            Whether privacy was measured.
        """
        unit, whole, notes = self.unit, self.whole, []
        if not self.has_holdout:
            notes.append(
                f"There is no holdout: the reference compares two halves of the real {unit}, all "
                "of which the generator may have seen, and no membership attack is possible."
            )
        if self.within_classes:
            notes.append(
                f"As many {unit} of each class are compared on every side, as many as all sides "
                "have: see the table of classes. What follows from the class shares themselves "
                "is not held against the synthetic ones."
            )
        if max(len(self.coded[name]) for name in ("real", "synthetic")) > self.n:
            notes.append(
                f"Figures and references are measured on {self.n:,} {unit} of each {whole}, as "
                f"their number moves both; {self.measured_on_all} on all {unit}."
            )
        return (*notes, *self.own_notes(), *measured, *(PROMISES[unit] if privacy else ()))


@dataclass(frozen=True)
class TableSamples(Samples):
    """Tables to compare, coded as matrices of floats.

    Parameters
    ----------
    features : tuple of Feature
        The columns compared.
    odd : dict of {str: ndarray of bool}
        Cells of each coded table that are no value of their column.
    target : name or None
    target_kind : {"class", "number", None}
    skipped : dict of {name: str}
        Columns that are not compared, and why.
    """

    unit: ClassVar[str] = "rows"
    whole: ClassVar[str] = "table"
    measured_on_all: ClassVar[str] = "violations and exact copies"
    catalog: ClassVar[dict[str, Reading]] = TABLES

    features: tuple[Feature, ...] = ()
    odd: dict[str, np.ndarray] = field(default_factory=dict, repr=False)
    target: Any = None
    target_kind: str | None = None
    skipped: dict[Any, str] = field(default_factory=dict)

    @property
    def target_index(self) -> int | None:
        """Position of the target among the features, or None."""
        names = [feature.name for feature in self.features]
        return names.index(self.target) if self.target in names else None

    @cached_property
    def scaler(self) -> Scaler:
        """The scale of distances, learnt from real rows only."""
        return Scaler(self.features, self.train)

    @cached_property
    def pairs(self) -> Pairs:
        """How pairs of columns go together in the real and in the synthetic rows."""
        return compare_pairs(self.features, self.real, self.synthetic)

    def keys(self, name: str) -> np.ndarray:
        """Return one key a row, equal for rows that are copies of each other."""
        return coded_row_keys(self.features, self.coded[name])

    def class_codes(self, name: str) -> np.ndarray | None:
        """Return the class code of every row of one side, NaN where it is missing."""
        at = self.target_index if self.target_kind == "class" else None
        return None if at is None else self.coded[name][:, at]

    def class_name(self, code: float) -> Any:
        """Return the class of a code."""
        known = self.features[self.target_index or 0].categories
        return known[int(code)] if code < len(known) else "unknown"

    def ranked(
        self, name: str, positions: np.ndarray, score: np.ndarray, title: str
    ) -> pd.DataFrame:
        """Return the rows of largest score, with the score under a title."""
        return ranked_rows(self.frames[name], positions, score, title).head(RANKED)

    def closest(self, at: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
        """Return which of these synthetic rows are nearest to a real row, and to which."""
        searched = rng.permutation(len(self.coded["real"]))[:SEARCHED_ROWS]
        real, made = self.coded["real"][searched], self.coded["synthetic"]
        far = nearest_rows(self.scaler.points(made[at]), self.scaler.points(real), 1)[0][:, 0]
        closest = at[np.argsort(far, kind="stable")[:RANKED]]
        table = nearest_real(self.scaler, self.features, real, made[closest], k=1)
        table = table.drop(columns="rank")
        table["synthetic_row"] = closest[table["synthetic_row"]]
        table["real_row"] = searched[table["real_row"]]
        return table

    def beside(self, row: int, k: int) -> pd.DataFrame:
        """Return one synthetic row beside its k nearest real rows, see `side_by_side`."""
        coded = self.coded["synthetic"], self.coded["real"]
        frames = self.frames["synthetic"], self.frames["real"]
        return side_by_side(self.features, self.scaler, *coded, frames, row, k)

    def settings(self) -> dict[str, Any]:
        """Return what was compared, as the report's settings have it."""
        return {**super().settings(), "columns": len(self.features), "target": self.target}

    def own_notes(self) -> list[str]:
        """Return which columns are not compared."""
        notes = [f"Column {name!r} is not compared: {why}." for name, why in self.skipped.items()]
        if self.target is None:
            notes.append(
                "There is no target: whether models can learn from the rows is not measured, and "
                "rows made with another class balance are not compared within classes."
            )
        return notes

    def page(self, report: Any) -> Page:
        """Return the page of a report on these tables."""
        from gan_augment.report.tables import table_page

        names = [str(feature.name) for feature in self.features]
        strengths = [
            pd.DataFrame(side, index=names, columns=names)
            for side in (self.pairs.real, self.pairs.synthetic)
        ]
        points = [self.scaler.points(rows) for rows in (self.real, self.synthetic)]
        return table_page(report, report.frames, strengths, points)


def draw_tables(real, synthetic, holdout=None, *, target=None, columns=None, max_rows, rng):
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

    Raises
    ------
    InputError
        If the tables do not have the same columns, or too few rows.
    """
    frames = _same_columns(real, synthetic, holdout)
    frames, target = _with_target(frames, target)
    for name, frame in frames.items():
        refuse_few(name, frame, "rows")
    for name in columns or {}:
        if name not in frames["real"].columns:
            raise InputError(
                f"names {name!r}, which is not a column of real",
                argument="columns",
                remedy=f"use {_some(frames['real'])}",
            )
    target_kind, chosen = None, dict(columns or {})
    if target is not None:
        target_kind = _target_kind(frames["real"][target], target)
        if target_kind == "class":
            chosen[target] = "category"
    coding = Coding(frames["real"], chosen)
    coded = {name: coding.code(frame) for name, frame in frames.items()}
    if target in coding.skipped:
        raise InputError(
            f"cannot be predicted: {coding.skipped[target]}", argument="target", value=target
        )
    return TableSamples(
        frames=frames,
        coded={name: values for name, (values, _) in coded.items()},
        orders=random_orders(frames, rng),
        most=max_rows,
        features=coding.features,
        odd={name: odd for name, (_, odd) in coded.items()},
        target=target,
        target_kind=target_kind,
        skipped=coding.skipped,
    )


def random_orders(sides, rng):
    """Return the positions of each side in random order.

    The synthetic side is drawn last, so that one seed takes the same real rows whatever they are
    compared with.

    Parameters
    ----------
    sides : dict of {str: sized}
    rng : numpy.random.Generator
    """
    names = sorted(sides, key=lambda name: name == "synthetic")
    return {name: rng.permutation(len(sides[name])) for name in names}


def refuse_few(name, some, unit):
    """Refuse tables and sets of images that are too small to compare."""
    if len(some) < MIN_ROWS:
        raise InputError(
            f"has {len(some)} {unit}",
            argument=name,
            remedy=f"pass at least {MIN_ROWS}, below which no figure says anything",
        )


def checked_targets(target, sizes, unit):
    """Return the targets of several tables, or labels of sets of images, as series.

    Parameters
    ----------
    target : tuple of arrays
    sizes : dict of {str: int}
        Rows of each table.
    unit : {"rows", "images"}

    Returns
    -------
    list of pandas.Series
    """
    if len(target) != len(sizes):
        raise InputError(
            f"has {len(target)} entries for {len(sizes)} {'tables' if unit == 'rows' else 'sets'}",
            argument="target",
            remedy=f"pass one y for each of {', '.join(sizes)}, in this order",
        )
    columns = [target_series(y)[0] for y in target]
    for (name, size), series in zip(sizes.items(), columns, strict=True):
        if len(series) != size:
            raise InputError(
                f"has {len(series)} values for the {size} {unit} of {name}",
                argument="target",
                remedy=f"pass one value for each of the {unit}",
            )
    return columns


def refuse_one_value(series, **subject):
    """Refuse a target of which nothing can be learnt."""
    if series.nunique() < 2:
        raise InputError(
            f"has one value, {series.iloc[0]!r}, so there is nothing to predict",
            remedy="leave it out",
            **subject,
        )


def _some(frame):
    return f"one of {list(frame.columns)[:10]!r}"


def _same_columns(real, synthetic, holdout):
    """Return the tables as frames with the columns of `real` in its order."""
    tables = {"real": real, "synthetic": synthetic, "holdout": holdout}
    read = {}
    for name, table in tables.items():
        if table is not None or name != "holdout":
            try:
                read[name] = to_pandas(table)
            except InputError as error:
                raise error.about(name) from None
    first, container = read["real"]
    frames = {"real": first}
    for name, (frame, other) in read.items():
        bare = "numpy" in (container.kind, other.kind) and container.kind != other.kind
        if bare and frame.shape[1] == first.shape[1]:
            frame = frame.set_axis(first.columns, axis=1)  # an array's columns go by position
        missing = [column for column in first.columns if column not in frame.columns]
        extra = [column for column in frame.columns if column not in first.columns]
        if missing or extra:
            lacks = f"lacks {missing[:5]!r}" if missing else ""
            has = f"has {extra[:5]!r} besides" if extra else ""
            raise InputError(
                f"{' and '.join(filter(None, (lacks, has)))}, compared with the columns of real",
                argument=name,
                remedy="pass tables with the same columns",
            )
        frames[name] = frame[list(first.columns)]
    return frames


def _with_target(frames, target):
    """Return the frames with the target as a column, and its name."""
    if target is None:
        return frames, None
    if not isinstance(target, (tuple, list)):
        if np.ndim(target) or hasattr(target, "columns"):
            raise InputError(
                f"is one {type(target).__name__}, but there are {len(frames)} tables",
                argument="target",
                remedy="pass the name of a column, or one y for each of "
                f"{', '.join(frames)}, in a tuple",
            )
        if target not in frames["real"].columns:
            raise InputError.of(
                "target",
                target,
                "is not a column of real",
                f"use {_some(frames['real'])}, or pass the pair (y_real, y_synthetic)",
            )
        return frames, target
    series = checked_targets(target, {key: len(frame) for key, frame in frames.items()}, "rows")
    name = 0 if isinstance(frames["real"].columns[0], (int, np.integer)) else "target"
    while name in frames["real"].columns:
        name = name + 1 if isinstance(name, int) else f"{name}_"
    extended = {}
    for (key, frame), y in zip(frames.items(), series, strict=True):
        column = pd.Series(y.array, index=frame.index, name=name)
        extended[key] = pd.concat([frame, column], axis=1)
    return extended, name


def _target_kind(series, name):
    if series.isna().any():
        raise InputError(
            "is missing, and it is the target",
            argument="real",
            column=name,
            row=int(np.argmax(series.isna())),
            remedy="drop the rows without a target",
        )
    kind = TargetCodec().fit(series).kind_
    refuse_one_value(series, argument="target", value=name)
    return kind

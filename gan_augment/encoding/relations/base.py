"""What every relation between columns can do, whatever its kind."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd

from gan_augment.containers.untrusted import is_finite, is_whole, require
from gan_augment.encoding.column import Column
from gan_augment.encoding.relations.evidence import MOST_EXCEPTIONS, TrainingRows
from gan_augment.encoding.schema import Schema
from gan_augment.exceptions import joined


@dataclass(eq=False)
class Relation(ABC):
    """Columns that hold together, in all training rows or nearly all.

    When rows are encoded, the columns it `restores` are left out, and what it `learns` takes
    their place: nothing, one column or several, each encoded by the codec of its kind. When rows
    are decoded, it restores the columns from what was learnt and from the columns it `needs`,
    which are decoded before. So each new row keeps it.

    Parameters
    ----------
    schema : Schema
        The table's columns.
    exceptions : float
        Share of the training rows that break it.

    Attributes
    ----------
    kind : str
        Its name in files.
    restores, needs : tuple
        Names of columns. No two relations of a table restore the same one.
    learns : tuple of Column
        What is learnt in place of the restored columns.
    """

    kind: ClassVar[str]

    schema: Schema
    exceptions: float

    @classmethod
    def find(cls, rows: TrainingRows, restored: frozenset) -> list[Self]:
        """Return those of this kind that hold in the rows, beyond what chance can explain.

        Columns in `restored` are restored by a relation found before: they may be needed only.
        By default there are none, as of a kind that the caller declares.
        """
        return []

    def seen_in(self, frame: pd.DataFrame) -> Self:
        """Return the relation with the share of the rows of a frame that break it."""
        return replace(self, exceptions=float(self.broken(frame).mean()))

    @property
    @abstractmethod
    def restores(self) -> tuple[Any, ...]:
        """Columns that are left out of what is learnt."""

    @property
    def needs(self) -> tuple[Any, ...]:
        """Columns that have to be decoded before."""
        return ()

    @property
    def learns(self) -> tuple[Column, ...]:
        """What is learnt in place of the restored columns."""
        return ()

    @property
    def most_exceptions(self) -> float:
        """Share of the rows of a table that may break it."""
        return MOST_EXCEPTIONS

    @property
    def is_often_coincidence(self) -> bool:
        """Whether columns of no connection often nearly keep one of its kind."""
        return False

    @property
    def columns(self) -> tuple[Any, ...]:
        """All columns that it binds, in the order of the table."""
        bound = {*self.needs, *self.restores}
        return tuple(name for name in self.schema.names if name in bound)

    def encode(self, frame: pd.DataFrame) -> list[pd.Series]:
        """Return rows as the columns that it `learns`; rows that break it as the nearest."""
        return [frame[column.name] for column in self.learns]

    @abstractmethod
    def decode(
        self, known: Mapping[Any, pd.Series], learnt: list[pd.Series], n: int
    ) -> dict[Any, pd.Series]:
        """Return the columns it restores, n rows of `known` columns and what was `learnt`."""

    @abstractmethod
    def broken(self, frame: pd.DataFrame) -> np.ndarray:
        """Return which rows of a frame with its columns break it; missing cells break nothing."""

    def solved(self, name: Any, frame: pd.DataFrame) -> pd.Series | None:
        """Return one of its columns as the others in a frame give it, or None if they do not."""
        return None

    def alone(self) -> Self:
        """Return the relation that restores as few columns as it can."""
        return self

    @property
    def is_listed(self) -> bool:
        """Whether users are told of it: what holds between columns, or was declared."""
        return len(self.columns) > 1

    def each(self) -> list[Self]:
        """Return the relations that it is made of, one for each line that is said."""
        return [self]

    @abstractmethod
    def words(self) -> str:
        """Return what holds, as one line of plain English."""

    def __str__(self) -> str:
        rare = f" (but in {self.exceptions:.2%} of the rows)" if self.exceptions else ""
        return self.words() + rare

    def extend(self, frame: pd.DataFrame) -> None:
        """Learn from more rows of the table what the rows it was found in could not show."""
        return  # most kinds were shown all that there is

    # Files -----------------------------------------------------------------------------------

    def to_plain(self) -> dict[str, Any]:
        """Return what it is, but for its arrays, as JSON can hold it."""
        return {"kind": self.kind, "exceptions": self.exceptions, **self._facts()}

    @abstractmethod
    def _facts(self) -> dict[str, Any]:
        """What makes one of its kind."""

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays that a file holds beside."""
        return {}

    @classmethod
    def from_plain(cls, facts: dict, arrays: Mapping[str, np.ndarray], schema: Schema) -> Self:
        """Return what `to_plain` and `arrays` described, checked."""
        raise NotImplementedError(cls.kind)

    def places(self, names: Iterable[str]) -> list[int]:
        """Positions of columns, which are how a file names them."""
        at = {name: i for i, name in enumerate(self.schema.names)}
        return [at[name] for name in names]


@dataclass(eq=False)
class OneColumn(Relation):
    """A relation that restores one column, which is learnt as it is.

    Parameters
    ----------
    name : str or int
    """

    name: Any

    @property
    def restores(self) -> tuple[Any, ...]:
        return (self.name,)

    @functools.cached_property
    def learns(self) -> tuple[Column, ...]:
        return (self.schema[self.name],)


@dataclass(eq=False)
class Given(OneColumn):
    """A column that others give; it is learnt only where its cells or theirs may be missing."""

    @functools.cached_property
    def learns(self) -> tuple[Column, ...]:
        gaps = any(self.schema[name].has_missing for name in (self.name, *self.needs))
        return (self.schema[self.name],) if gaps else ()

    @abstractmethod
    def given(self, cells: Mapping[Any, pd.Series]) -> tuple[np.ndarray, np.ndarray]:
        """Return the column's numbers as the others give them, and where they give none."""

    def decode(
        self, known: Mapping[Any, pd.Series], learnt: list[pd.Series], n: int
    ) -> dict[Any, pd.Series]:
        column, missing = self.schema[self.name], None
        values, unknown = self.given(known)
        if learnt:
            own, missing = column.numbers(learnt[0])
            values = np.where(unknown, own, values)
        values = values.clip(column.minimum, column.maximum)
        if column.kind != "number":
            values = np.rint(values).astype(np.int64)
        return {self.name: column.cast(values, missing if column.has_missing else None)}


def binding(relations):
    """Return a test of whether one of some relations has all of the columns it is given."""
    together = [{*relation.columns} for relation in relations]
    return lambda names: any({*names} <= columns for columns in together)


def named(places, schema):
    """Return the names of columns that a file gives by their positions."""
    n = len(schema.columns)
    require(isinstance(places, list), "a list of places of columns")
    require(all(is_whole(place, 0, n - 1) for place in places), "places of columns")
    require(len(set(places)) == len(places), "no column twice in a relation")
    return tuple(schema.names[place] for place in places)


def checked_share(facts):
    """Return the share of exceptions that a file tells of a relation."""
    share = facts["exceptions"]
    require(is_finite(share) and 0 <= share <= 1, "a share of exceptions")
    return float(share)


def quoted(names) -> str:
    """Names of columns, as in a sentence.

    Examples
    --------
    >>> quoted(["a", "b", "c"])
    "'a', 'b' and 'c'"
    """
    return joined([repr(name) for name in names])

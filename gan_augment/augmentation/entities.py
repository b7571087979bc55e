"""New entities, as patients with several rows each: what is constant in one stays so."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from gan_augment.containers import append_rows, to_pandas
from gan_augment.encoding.dtypes import missing_mask
from gan_augment.encoding.inference import infer_column
from gan_augment.encoding.target import target_series
from gan_augment.exceptions import InputError
from gan_augment.process.randomness import draw_seed

#: Cells of a column with gaps that say again what is known of their entity, for it to be constant.
LEAST_AGAIN = 10


class Entities:
    """The entities of a table: which rows are theirs, and what is constant in each.

    Parameters
    ----------
    X : DataFrame, polars.DataFrame or pyarrow.Table
    y : array-like or None
    column : str or int
        The column that names the entity of each row.

    Attributes
    ----------
    constant : list
        Names of the columns that are constant in every entity, missing cells too.
    labels : object
        The target of each entity where it is constant in all of them, else None.

    Examples
    --------
    >>> X = pd.DataFrame({"id": [7, 7, 9], "sex": ["f", "f", "m"], "dose": [0.5, 1.5, 2.5]})
    >>> found = Entities(X, None, "id")
    >>> found.constant, found.sizes.tolist(), found.rows.columns.tolist()
    (['sex'], [2, 1], ['sex', 'dose'])
    """

    def __init__(self, X: Any, y: Any, column: Any) -> None:
        frame, self.container = to_pandas(X)
        if not isinstance(column, Hashable):
            raise InputError(
                f"is a {type(column).__name__}, not the name of a column",
                argument="groups",
                remedy="put who each row belongs to into a column of X, and pass its name",
            )
        if column not in frame.columns:
            raise InputError.of(
                "groups",
                column,
                "is no column of the table",
                f"pass one of {frame.columns.tolist()[:8]!r}",
            )
        gaps = missing_mask(frame[column])
        if gaps.any():
            raise InputError(
                f"is missing in {int(gaps.sum())} rows, so that nobody knows whose they are",
                argument="groups",
                column=column,
                remedy="fill it, or leave these rows out",
            )
        self.column, self.frame, self.ids = column, frame, _ids(frame[column])
        self.codes, self.names = pd.factorize(frame[column])
        self.sizes = np.bincount(self.codes)
        if len(self.sizes) < 2 or self.sizes.max() < 2:
            raise InputError(
                f"has {len(self.sizes)} groups in {len(frame)} rows",
                argument="groups",
                column=column,
                remedy="pass the column that several rows of one person have in common",
            )
        self.first = np.unique(self.codes, return_index=True)[1]
        self.rows, self.gaps = frame.drop(columns=column), {}
        for name in self.rows:
            self._fill(name)
        self.constant = [n for n in self.rows.columns if self._is_constant(self.rows[n])]
        target = None if y is None else target_series(y)[0]
        self.y_is_constant = target is not None and self._is_constant(target)
        self.labels = target.iloc[self.first].to_numpy() if self.y_is_constant else None

    def _is_constant(self, series):
        levels = pd.factorize(series, use_na_sentinel=True)[0]
        return bool((levels == levels[self.first][self.codes]).all())

    def _fill(self, name):
        """Fill the gaps of a column that is constant but for them, and remember their share."""
        cells = self.rows[name]
        is_gap = missing_mask(cells)
        known = pd.Series(~is_gap).groupby(self.codes).sum()
        if not is_gap.any() or (known - 1).clip(lower=0).sum() < LEAST_AGAIN:
            return
        filled = cells.groupby(self.codes).transform("first").astype(cells.dtype)
        if self._is_constant(filled) and filled[~is_gap].equals(cells[~is_gap]):
            self.rows[name] = filled
            self.gaps[name] = float(is_gap[~missing_mask(filled)].mean())

    def drawn(self, generator: Any, plan: dict | int, rng: np.random.Generator) -> tuple:
        """Return the rows of new entities, as many as the plan has, and their target.

        One row of each is made freely. The others have its constant cells, and the network
        completes them.
        """
        labels, n = None, plan
        if isinstance(plan, dict):
            labels = np.repeat(np.array(list(plan)), list(plan.values()))
            labels, n = rng.permutation(labels), len(labels)
        sizes = rng.choice(self.sizes, n)
        whose = np.repeat(np.arange(n), sizes)
        asked = {"n_samples": n} if labels is None else {"y": labels}
        X_first, y_first = generator.sample(**asked, random_state=_seed(rng))
        first, y_rows = to_pandas(X_first)[0], None
        if y_first is not None:
            y_rows = np.asarray(y_first)[whose]
            if not self.y_is_constant:  # each row has a class of its own
                y_rows = np.asarray(generator.sample(len(whose), random_state=_seed(rng))[1])
        rows = first.iloc[whose].reset_index(drop=True)
        is_first = np.append(True, whose[1:] != whose[:-1])
        made = generator.vary(rows, y_rows, keep=self.constant, random_state=_seed(rng))
        made = made.reset_index(drop=True)
        if self.y_is_constant or y_first is None:
            made[is_first] = rows[is_first]
        for name, share in self.gaps.items():
            made[name] = made[name].mask(rng.random(len(made)) < share)
        return self._named(made, whose), y_rows

    def _named(self, made, whose):
        """Rows with the names of new entities, none of which a real one has."""
        new = infer_column(self.ids, "regenerate").new_identifiers(int(whose.max()) + 1)
        made.insert(
            self.frame.columns.get_loc(self.column), self.column, new.iloc[whose].to_numpy()
        )
        return made.astype({self.column: self.frame[self.column].dtype})

    def appended(self, X: Any, y: Any, made: pd.DataFrame, y_made: Any) -> tuple:
        """Return the real rows and the new ones after them, and their target."""
        X_all = append_rows(X, self.container.restore(made))
        if y is None:
            return X_all, None
        like = pd.Series(y_made, dtype=target_series(y)[0].dtype)
        return X_all, append_rows(y, like if isinstance(y, pd.Series) else like.to_numpy())


def _ids(cells):
    """Names of entities as text or integers, of which there are always new ones."""
    if pd.api.types.is_float_dtype(cells.dtype) and (cells % 1 == 0).all():
        cells = cells.astype("int64")
    if isinstance(cells.dtype, pd.CategoricalDtype) or cells.dtype.kind in "fcmMb":
        raise InputError(
            f"has dtype {cells.dtype}, of which there are no new names",
            argument="groups",
            column=cells.name,
            remedy="convert it with .astype(str)",
        )
    return cells


def _seed(rng):
    return draw_seed(rng) % 2**31

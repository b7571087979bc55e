"""Rows around what is fixed: those that meet conditions, and those of the caller with gaps."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Self
from warnings import warn

import numpy as np
import pandas as pd
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted

from gan_augment.containers import to_pandas
from gan_augment.containers.columns import check_columns
from gan_augment.encoding.dtypes import missing_mask
from gan_augment.encoding.rows import EncodedRows
from gan_augment.encoding.schema import Schema
from gan_augment.encoding.table import stacked
from gan_augment.encoding.training_table import TrainingTable
from gan_augment.exceptions import AugmentationWarning, GeneratorError, InputError
from gan_augment.generators.base import SchemaGenerator
from gan_augment.generators.tabular.conditions import Conditions
from gan_augment.process.randomness import Seed, as_rng

#: Times that rows whose filled cells break a relation are completed anew.
ATTEMPTS = 5
#: Free rows drawn for each that meets conditions, at most, as the training rows have it. Batches
#: of them, each larger than the rows that are left need, and rows decoded at a time.
MOST_DRAWN, BATCHES, MARGIN, DECODED = 40, 4, 1.1, 20_000


class AroundMixin(SchemaGenerator):
    """What a TabularGAN makes around fixed cells, with the network that completes rows."""

    _wanted: Wanted | None = None

    def sample(
        self,
        n_samples: int | Mapping[Any, int] | None = None,
        *,
        y: Any = None,
        where: Mapping[Any, Any] | None = None,
        random_state: Seed = None,
    ) -> tuple[Any, Any]:
        """Make new rows.

        Parameters
        ----------
        n_samples : int or dict of {label: rows}, optional
            How many rows, or how many of each class. May be left out if `y` is given.
        y : array-like of labels, optional
            For class targets: the class wanted for each row, kept in this order. If None, the
            classes appear in the shares they had in training, in random order.
        where : dict of {column: condition}, optional
            What each row is to meet: a range as a tuple, ``{"age": (60, 80)}``, of which an end
            may be None; a value; or a list of values. Where one real row in 40 or more meets
            the conditions, free rows are drawn and those kept that do. Else these cells are
            drawn from real rows that meet them, of the class where it has some, and the network
            completes the rest around them. Without `y`, the classes have the shares they have
            in real rows that meet the conditions.
        random_state : None, int, Generator or RandomState, optional
            If None, the constructor's `random_state`, so that an int there gives the same rows
            at every call.

        Returns
        -------
        X : same kind of table as was passed to `fit`
        y : same kind of target as was passed to `fit`, or None
            The label or number of each row.

        Raises
        ------
        InputError
            If the request cannot be met, such as an unknown label or a negative number, a column
            or level that is not there, or a range beyond what was seen.
        GeneratorError
            If what was made cannot be right: a fault of the generator.
        sklearn.exceptions.NotFittedError
            If `fit` has not been called.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from gan_augment import TabularGAN
        >>> X, y = load_iris(return_X_y=True, as_frame=True)
        >>> gan = TabularGAN(n_steps=20, random_state=0).fit(X, y)
        >>> X_new, _ = gan.sample(50, where={"petal length (cm)": (None, 1.5)})
        >>> bool(X_new["petal length (cm)"].max() <= 1.5)
        True
        """
        made = self if where is None else self.under(where)
        return super(AroundMixin, made).sample(n_samples, y=y, random_state=random_state)

    def sample_iter(
        self,
        n_samples: int | Mapping[Any, int] | None = None,
        *,
        chunk_size: int = 100_000,
        y: Any = None,
        where: Mapping[Any, Any] | None = None,
        random_state: Seed = None,
    ) -> Iterator[tuple[Any, Any]]:
        """Make new rows a chunk at a time: memory depends on the chunk, not on their number.

        Parameters
        ----------
        n_samples : int or dict of {label: rows}, optional
            How many rows in all, or of each class. May be left out if `y` is given.
        chunk_size : int, default=100_000
            Rows of each chunk; the last one has what is left.
        y : array-like of labels, optional
            For class targets: the class wanted for each row, kept in this order.
        where : dict of {column: condition}, optional
            What each row is to meet, as in `sample`.
        random_state : None, int, Generator or RandomState, optional
            If None, the constructor's `random_state`. The same seed and `chunk_size` give the
            same rows; where one chunk holds all, they are those of `sample`.

        Returns
        -------
        iterator of (X, y)
            Each as `sample` returns it. New identifiers go on from chunk to chunk. No rows are
            one chunk without rows.
        """
        made = self if where is None else self.under(where)
        return super(AroundMixin, made).sample_iter(
            n_samples, chunk_size=chunk_size, y=y, random_state=random_state
        )

    def complete(self, X: Any, y: Any = None, *, random_state: Seed = None) -> Any:
        """Fill the missing cells of rows; all other cells stay as they are.

        The network draws what is missing given what is there, so that another seed gives other
        values: they vary as real ones do, and are no best guesses.

        Parameters
        ----------
        X : DataFrame, array-like, polars.DataFrame or pyarrow.Table of shape (n, d)
            Rows with the columns seen in `fit`.
        y : array-like of shape (n,), optional
            Their labels or numbers. Without, a class is drawn for each row in the shares seen.
        random_state : None, int, Generator or RandomState, optional
            If None, the constructor's `random_state`.

        Returns
        -------
        same kind of table as `X`

        Raises
        ------
        InputError
            If `X` has other columns or cells that cannot be read, or no network was trained.

        Warns
        -----
        AugmentationWarning
            If filled rows break what holds between columns.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.datasets import load_iris
        >>> from gan_augment import TabularGAN
        >>> X, y = load_iris(return_X_y=True, as_frame=True)
        >>> gan = TabularGAN(n_steps=20, random_state=0).fit(X, y)
        >>> X.iloc[0, 0] = np.nan
        >>> int(gan.complete(X, y).isna().sum().sum())
        0
        """
        return self._drawn_anew(
            "complete", X, y, lambda _, cells: missing_mask(cells), random_state
        )

    def vary(self, X: Any, y: Any = None, *, keep: Any, random_state: Seed = None) -> Any:
        """Make rows that share cells with others: some columns are kept, the rest drawn anew.

        Parameters
        ----------
        X : DataFrame, array-like, polars.DataFrame or pyarrow.Table of shape (n, d)
            Rows with the columns seen in `fit`.
        y : array-like of shape (n,), optional
            The label or number of each new row. Without, a class is drawn in the shares seen.
        keep : list of str or int
            Columns whose cells stay as they are.
        random_state : None, int, Generator or RandomState, optional
            If None, the constructor's `random_state`.

        Returns
        -------
        same kind of table as `X`

        Raises
        ------
        InputError
            If `X` has other columns or cells that cannot be read, or no network was trained.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from gan_augment import TabularGAN
        >>> X, y = load_iris(return_X_y=True, as_frame=True)
        >>> gan = TabularGAN(n_steps=20, random_state=0).fit(X, y)
        >>> new = gan.vary(X, y, keep=["sepal length (cm)"])
        >>> [bool(new[name].equals(X[name])) for name in X.columns[:2]]
        [True, False]
        """
        return self._drawn_anew(
            "Keeping cells",
            X,
            y,
            lambda name, cells: np.full(len(cells), name not in keep),
            random_state,
        )

    def _drawn_anew(self, asker, X, y, is_gap, random_state):
        """Draw the cells of rows for which `is_gap(name, column)` is true; others stay."""
        check_is_fitted(self, "target_")
        self._check_completes(asker)
        check_columns(self, X)
        frame, container = to_pandas(X)
        rng = as_rng(self.random_state if random_state is None else random_state)
        numbers, groups = self._told(y, len(frame), rng)
        columns = enumerate(frame.items())
        gaps = pd.DataFrame({i: is_gap(name, cells) for i, (name, cells) in columns})
        rows = frame.set_axis(self._schema().names, axis=1)
        filled = self._filled(rows, gaps, groups, numbers, rng)
        return container.restore(filled.set_axis(frame.columns, axis=1))

    def _told(self, y, n, rng):
        """The numeric target of rows, if it is known, and the group of each row."""
        kind, sizes = self.target_.kind_, self.group_counts_
        if y is None or kind == "none":
            return None, rng.choice(len(sizes), n, p=sizes / sizes.sum())
        if kind == "class":
            return None, np.asarray(self.target_.codes_of(y), dtype=np.int64)
        values, prior = self.target_.encode(y), self.prior_
        scores = self.codec_.target_scale_.encode(values)
        lowest = [prior.rows_.numbers[members, -1].min() for members in prior.members_]
        return values, np.searchsorted(lowest[1:], scores, side="right")

    def under(self, where: Mapping[Any, Any]) -> Self:
        """Return a view of this generator whose rows all meet conditions.

        Parameters
        ----------
        where : dict of {column: condition}
            As in :meth:`sample`.

        Returns
        -------
        TabularGAN
            It shares all that was learnt.
        """
        check_is_fitted(self, "target_")
        conditions = Conditions(where, self._schema())
        self._check_completes("where")
        made = copy.copy(self)
        made._wanted = Wanted(made, conditions)
        return made

    def _rows_under(self, groups, rng):
        """Decoded rows of the groups asked for that meet conditions.

        Free rows are drawn and those kept that do, where these are not too few. The others are
        completed around cells that do.
        """
        left, parts, places = np.arange(len(groups)), [], []
        if self._wanted.is_common(groups):
            for part, place in self._chosen(groups, rng):
                parts.append(part)
                places.append(place)
            left = np.setdiff1d(left, np.concatenate(places))
        for some in gen_batches(len(left), DECODED) if len(left) else ():
            parts.append(self._possible_rows(groups[left[some]], rng, None, self._wanted))
            places.append(left[some])
        rows, numbers = stacked(parts, len(groups))
        order = np.argsort(np.concatenate(places))
        rows = rows.take(order).reset_index(drop=True)
        self._count_on(rows, 0)
        self._wanted.check(rows, rng)
        return rows, None if numbers is None else numbers[order]

    def _chosen(self, groups, rng):
        """Yield free rows that meet conditions, and for which of `groups` each is."""
        told, left = self._class_numbers(), np.arange(len(groups))
        for _ in range(BATCHES):
            times = MARGIN / self._wanted.shares[groups[left]]
            drawn = rng.permutation(np.repeat(groups[left], np.ceil(times).astype(int)))
            for some in gen_batches(len(drawn), DECODED):
                frame, numbers = self._possible_rows(drawn[some], rng, told)
                met = np.flatnonzero(self._wanted.conditions.meets(frame))
                rows, wanted = _of_equal_groups(drawn[some][met], groups[left])
                rows = met[rows]
                part = frame.take(rows).reset_index(drop=True)
                yield (part, None if numbers is None else numbers[rows]), left[wanted]
                left = np.delete(left, wanted)
                if not len(left):
                    return

    def check_where(self, where: Mapping[Any, Any], X: Any) -> None:
        """Refuse, before training, conditions that rows like these cannot meet.

        Parameters
        ----------
        where : dict of {column: condition}
            As in :meth:`sample`.
        X : DataFrame, array-like, polars.DataFrame or pyarrow.Table of shape (n, d)
            Training rows.

        Raises
        ------
        InputError
            If no network is to be trained, a column or level is not there, or a range lies beyond
            the rows.
        """
        rows = X.rows if isinstance(X, TrainingTable) else to_pandas(X)[0]
        Conditions(where, Schema.infer(rows, self.columns))
        only_others = isinstance(self.mixture, dict) and not self.mixture.get("gan")
        if only_others or self.n_steps == 0 or self.locality == 1:
            raise _no_network("where", "is to be")

    def _check_completes(self, argument):
        if self.module_ is None or self.locality_ >= 1:
            raise _no_network(argument, "was")

    def _filled(self, frame, gaps, groups, numbers, rng):
        """The frame with its gaps filled; `gaps` are true where a cell is missing."""
        codec, filled = self.codec_, frame.copy()
        kinds = [column.kind for column in self._schema().columns]
        gaps.loc[:, [kind in ("ignore", "regenerate") for kind in kinds]] = False
        left = np.flatnonzero(gaps.any(axis=1))
        for _ in range(ATTEMPTS):
            if not len(left):
                break
            part, holes, group = filled.iloc[left].copy(), gaps.iloc[left], groups[left]
            number = None if numbers is None else numbers[left]
            made = self._completed(part, holes, group, number, rng)
            for i, name in enumerate(frame.columns):
                rows = np.flatnonzero(holes[i])
                if len(rows):
                    cells = made[name].iloc[rows]
                    filled.iloc[left[rows], i] = cells.astype(frame[name].dtype).to_numpy()
            self._solve(filled, gaps, left)
            broken = np.zeros(len(left), dtype=bool)
            for relation in codec.relations_:
                broken |= relation.broken(filled.iloc[left].reset_index(drop=True))
            left = left[broken]
        self._say_what_breaks(filled, left)
        return filled

    def _say_what_breaks(self, filled, left):
        """Warn of filled rows that still break a relation, and name the first."""
        for relation in self.codec_.relations_:
            broken = relation.broken(filled.iloc[left].reset_index(drop=True))
            if broken.any():
                warn(
                    f"{len(left)} rows were filled and break what holds between columns, "
                    f"{int(broken.sum())} of them this: {relation.words()}. Cells that were there "
                    "may contradict it.",
                    AugmentationWarning,
                    stacklevel=4,
                )
                return

    def _solve(self, filled, gaps, left):
        """Compute the one filled cell of a relation that the others, all known, decide."""
        for relation in self.codec_.relations_:
            places = [filled.columns.get_loc(name) for name in relation.columns]
            wrong = relation.broken(filled.iloc[left].reset_index(drop=True))
            rows = left[wrong & (gaps.iloc[left, places].sum(axis=1).to_numpy() == 1)]
            for place in places:
                own, name = rows[gaps.iloc[rows, place].to_numpy()], filled.columns[place]
                cells = relation.solved(name, filled.iloc[own].reset_index(drop=True))
                if len(own) and cells is not None:
                    filled.iloc[own, place] = cells.astype(filled[name].dtype).to_numpy()

    def _completed(self, part, holes, groups, number, rng):
        """Rows decoded around all cells that are no holes; these hold some value meanwhile."""
        from gan_augment.generators.tabular.adversarial import generated_rows

        codec = self.codec_
        stand_ins = codec.decode(self.prior_.real(groups, rng))[0].set_axis(part.index)
        for i, name in enumerate(part.columns):
            hole = holes[i].to_numpy()
            part[name] = part[name].astype(object).where(~hole, stand_ins[name].astype(object))
            part[name] = part[name].astype(stand_ins[name].dtype)
        known = number is not None
        start = codec.encode(part, number if known else _any_number(codec, len(part)), None)
        keep = np.ones((len(part), codec.encoding_.n_columns), dtype=bool)
        for i, name in enumerate(part.columns):
            for place in codec.encoded_columns(name, needs=False):
                keep[holes[i].to_numpy(), place] = False
        if codec.target_scale_ is not None:
            keep[:, -1] = known
        made = generated_rows(
            self.module_,
            start,
            keep,
            groups,
            n_groups=len(self.group_counts_),
            rounds=self._rounds(),
            rng=rng,
            whole=np.flatnonzero(codec.may_miss()).tolist(),
        )
        return codec.decode(made)[0]


def _no_network(argument, verb):
    return InputError(
        f"{argument} needs a network that completes rows, and none {verb} trained",
        remedy="fit with n_steps above 0, locality below 1 and a mixture with 'gan'",
    )


def _of_equal_groups(found, wanted):
    """Positions of the first in each that have the same group, as many as both have."""
    pairs = []
    for group in np.unique(found):
        pair = [np.flatnonzero(side == group) for side in (found, wanted)]
        pairs.append([side[: min(map(len, pair))] for side in pair])
    empty = np.zeros(0, dtype=np.int64)
    return [np.concatenate([empty, *sides]) for sides in zip(*pairs, strict=True)] or [empty] * 2


class Wanted:
    """Conditions, and the real rows whose cells meet them."""

    def __init__(self, gan: Any, conditions: Conditions) -> None:
        codec, prior = gan.codec_, gan.prior_
        self.conditions, self.prior, self.codec = conditions, prior, codec
        self.groups, self.group_counts = prior.groups_, gan.group_counts_
        self.columns = gan.module_.layout.columns
        frame, _ = codec.decode(prior.rows_)
        self.places = {name: codec.encoded_columns(name) for name in conditions.parts}
        met = {name: part.meets(frame[name]) for name, part in conditions.parts.items()}
        self.together = (
            np.logical_and.reduce(list(met.values())) if met else np.ones(len(frame), bool)
        )
        self.met = met
        sizes = np.bincount(self.groups, minlength=len(self.group_counts))
        meeting = np.bincount(self.groups[self.together], minlength=len(sizes))
        #: The share of each group's rows that meet all conditions.
        self.shares = meeting / np.maximum(sizes, 1)
        if not self.together.any():
            self._check_apart()

    def _check_apart(self):
        """Refuse what no real row meets, where columns cannot be drawn one by one."""
        taken = [place for places in self.places.values() for place in places]
        for name in self.met:
            alone = str(self.codec.schema_.names.index(name)) in self.codec.codecs_
            if not alone or (
                not self.met[name].any() and not self.conditions.parts[name].in_range
            ):
                taken.append(taken[0])
        if len(set(taken)) < len(taken):
            raise InputError.of(
                "where",
                tuple(self.met),
                "is met by no row seen at fit, and other columns decide these",
                "ask for less, or for what was seen together",
            )

    @property
    def fixed(self) -> list[int]:
        """Places of the encoded columns that are fixed."""
        return sorted(set().union(*self.places.values()))

    def group_sizes(self) -> np.ndarray:
        """Return training rows of each group that meet the conditions; all where none does."""
        if not self.together.any():
            return self.group_counts
        return self.group_counts * self.shares

    def is_common(self, groups: np.ndarray) -> bool:
        """Whether so few free rows of these groups are to be drawn that those that do are kept."""
        shares = self.shares[groups]
        return bool(shares.all()) and float((1 / shares).mean()) <= MOST_DRAWN

    def start(self, groups: np.ndarray, rng: np.random.Generator) -> EncodedRows:
        """Return encoded rows whose fixed columns meet the conditions, of these groups."""
        if self.together.any():
            return self.prior.rows_.take(self._drawn(self.together, groups, rng))
        rows = self.prior.real(groups, rng)
        for name, met in self.met.items():
            (place,) = self.places[name]
            column = self.columns[place]
            mine, kind = rows.numbers, "numbers"
            if column.levels is not None:
                mine, kind = rows.codes, "codes"
            if met.any():
                drawn = self._drawn(met, groups, rng)
                mine[:, column.place] = getattr(self.prior.rows_, kind)[drawn, column.place]
            else:
                codec = self.codec.codecs_[str(self.codec.schema_.names.index(name))]
                cells = self.conditions.parts[name].drawn(len(groups), rng)
                mine[:, column.place] = codec.encode(cells)
        return rows

    def _drawn(self, met, groups, rng):
        """A row that meets something for each group, of that group where it has one."""
        anyone, found = np.flatnonzero(met), np.empty(len(groups), dtype=np.int64)
        for group in np.unique(groups):
            at = np.flatnonzero(groups == group)
            own = anyone[self.prior.groups_[anyone] == group]
            found[at] = rng.choice(own if len(own) else anyone, len(at))
        return found

    def check(self, frame: pd.DataFrame, rng: np.random.Generator) -> None:
        """Put numbers that encoding has moved over an end back, in place; and look at all rows."""
        for name, part in self.conditions.parts.items():
            wrong = ~part.meets(frame[name])
            if wrong.any() and not self.met[name].any():
                frame.loc[wrong, name] = part.drawn(int(wrong.sum()), rng).to_numpy()
                wrong = ~part.meets(frame[name])
            if wrong.any():
                raise GeneratorError(
                    f"TabularGAN made {wrong.sum()} rows that do not meet the condition on "
                    f"{name!r}; this is a fault of the generator"
                )


def _any_number(codec, n):
    return None if codec.target_scale_ is None else np.full(n, codec.target_scale_.values_[0])

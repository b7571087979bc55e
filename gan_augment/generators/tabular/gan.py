"""TabularGAN: a generative adversarial network for tables, small ones first.

How it learns: :meth:`TabularGAN._learn` and ``_train`` below, the batches and auxiliary losses in
:mod:`gan_augment.generators.tabular.adversarial`, the rows it starts from in
:mod:`gan_augment.generators.tabular.prior`, the steps in :mod:`gan_augment.training.loop`.
"""

from __future__ import annotations

import math
from os import PathLike
from types import NoneType
from typing import Any

import numpy as np
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted

from gan_augment.containers import is_on_disk
from gan_augment.encoding.relations.base import Relation
from gan_augment.encoding.schema import chosen_kinds, is_metadata
from gan_augment.encoding.table import TableCodec, example_rows, stacked
from gan_augment.exceptions import AugmentationWarning, InputError
from gan_augment.generators.parameters import (
    check_choice,
    check_mixture,
    check_rounds,
    check_run,
    check_training,
    refuse,
)
from gan_augment.generators.tabular.around import AroundMixin
from gan_augment.generators.tabular.class_levels import (
    ClassNumbers,
    may_tell,
    settle_gaps,
    settle_levels,
)
from gan_augment.generators.tabular.prior import StructuredPrior
from gan_augment.generators.tabular.saving import SaveTabularGANMixin
from gan_augment.process.callbacks import CallbackSupportMixin, progress_bar, with_callbacks
from gan_augment.process.hushed import warn_caller
from gan_augment.process.progress import Work
from gan_augment.process.randomness import Seed, as_rng
from gan_augment.process.state import one_fit_at_a_time, torch_defaults
from gan_augment.training.config import TrainingConfig
from gan_augment.training.processes import current_processes

INGREDIENTS = ("interpolate", "covariance", "borrow", "gan")
#: Where the smallest class has so many rows, the network makes all.
ALONE_ROWS = 1000
#: Locality of the network where other ingredients stay near real rows.
BESIDE = 0.3
MAX_STEPS, MIN_STEPS, STEPS_PER_ROW = 2000, 300, 0.6
TARGET_BINS = 10
#: Rows sampled at a time, and the most starting rows that training draws from.
SAMPLE_CHUNK, START_ROWS = 20_000, 20_000
#: Times that rows which break a relation are drawn again.
REDRAWS = 10
#: The most and the fewest intervals of a number, rows of each, and those of all numbers together.
MAX_INTERVALS, FEWEST_INTERVALS, INTERVAL_ROWS, ALL_INTERVALS = 50, 8, 10, 250
#: Rules that are not kept, of which a warning names so many.
NAMED = 2
#: Rounds in which hidden columns are completed.
AUTO_ROUNDS = 32


class TabularGAN(CallbackSupportMixin, SaveTabularGANMixin, AroundMixin):
    """Generative adversarial network for a table, conditional on the class.

    Rows come from four ingredients. Three need no training and stand on real rows of the class:
    interpolated neighbours, the class mean with noise of the covariance that all classes share,
    and variation borrowed across classes. The fourth is a network which learns, against a critic,
    to complete rows of which part is kept. With few rows the first three make nearly all of the
    result, with many the network makes all of it. See :doc:`/how_it_works`.

    Parameters
    ----------
    mixture : "auto" or dict of {ingredient: weight}, default="auto"
        Shares of the rows from "interpolate", "covariance", "borrow" and "gan"; those left out
        get none. "auto" gives "gan" a share that grows with the rows of the smallest class,
        a hundredth at 100 rows and all from 1,000, and the others equal parts of the rest; with
        a `locality` of your own, the network makes all rows. It is read when rows are drawn, so a
        fitted generator can be set to another mixture.
    locality : "auto" or float in [0, 1], default="auto"
        Share of a starting row's columns that the network keeps. At 0 it makes whole rows and
        stands on no real one; at 1 rows made of the first three ingredients are only moved a
        little. "auto" is 0.3 below 2,000 rows and 0 from there. Locality is also a matter of
        privacy: rows made with high locality are close to real ones.
    rounds : "auto" or int, default="auto"
        Rounds in which the network completes a row: in each it draws an equal part of the columns
        that are hidden, given all that are known by then. "auto" is one for each column, 32 at
        most; fewer are faster and easier to tell from real rows. It is read when rows are drawn.
    columns : dict of {name: kind} or sdv.metadata.Metadata, optional
        Kinds chosen by hand, for instance ``{"customer_id": "regenerate", "zip": "category"}``;
        see :class:`gan_augment.encoding.schema.Schema`.
    constraints : list, optional
        Rules that every new row keeps, beside those that are found: :class:`Inequality`,
        :class:`Range`, :class:`FixedCombinations`, :class:`OneHotEncoding`,
        :class:`FixedIncrements`, :class:`Sum` and :class:`Formula`, or SDV's dicts. One that
        training rows break is refused, unless it is declared with ``allow_exceptions=True``. A
        model file holds them as `relations_`.
    target : {"auto", "class", "number"}, default="auto"
        Whether ``y`` holds classes, which rows are generated for, or numbers, which are generated
        with the row.
    loss : object, optional
        Adversarial loss, see :mod:`gan_augment.nn.losses`. Default: ``RelativisticLoss()``, and
        ``DualCriticsLoss()`` for two critics.
    n_critics : {1, 2}, default=1
        2 trains against two critics with opposite aims.
    n_steps : "auto" or int, default="auto"
        Training steps; "auto" is 20 times the square root of the row count, at least 0.6 steps a
        row, from 300 to 2,000.
        0 trains nothing: the first three ingredients alone, the control for what training adds.
    time_budget : float, optional
        Seconds of training after which it stops with what it has.
    checkpoint : str or Path, optional
        File in which training keeps its state every ``config.check_every`` steps. A fit of the
        same data, parameters and seed that was killed goes on from there, to the same bytes; the
        file of another one is refused. It holds networks, no rows, and stays when training has
        ended: remove it then. Needs a `random_state`.
    config : TrainingConfig, optional
        Network sizes, learning rate and the like.
    device : {"auto", "cpu", "cuda"}, default="auto"
        "auto" takes a GPU when torch sees one.
    random_state : None, int, Generator or RandomState
        Same seed, data and versions on the same kind of machine give the same bytes.
    verbose : int, default=0
        1 prints the relations that are kept, and shows a progress bar, through scikit-learn's
        callbacks.

    Attributes
    ----------
    codec_ : TableCodec
        Its ``schema_`` tells what was inferred of each column.
    relations_ : list of Relation
        What holds between columns in the training rows, and so in every new row: ``print`` says
        each in words. See :doc:`/relations`.
    near_relations_ : list of Relation
        Rules that too many training rows break to be kept, up to 5 %. ``exceptions`` is the share,
        ``broken(X)`` says which rows.
    history_ : dict of lists
        Losses and monitors at every check: ``step``, ``critic_loss``, ``generator_loss``,
        ``score_gap``, ``learning_rate``, ``seconds``.
    locality_, n_steps_, n_restarts_ : float, int, int
        What was used and done.

    Raises
    ------
    InputError
        By ``fit``, before training, if the table, target or a parameter cannot be used.
    TrainingDivergedError
        By ``fit``, if training collapses and three restarts do not help.

    Notes
    -----
    A class with a single row is jittered: its rows are made from the pooled within-class
    variation of the other classes, inside the bounds of the whole column.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> gan = TabularGAN(n_steps=20, random_state=0).fit(X, y)
    >>> X_new, y_new = gan.sample(y=[0, 2, 2])
    >>> X_new.shape, y_new.tolist()
    ((3, 4), [0, 2, 2])
    """

    def __init__(
        self,
        *,
        mixture: str | dict[str, float] = "auto",
        locality: str | float = "auto",
        rounds: str | int = "auto",
        columns: Any = None,
        constraints: Any = None,
        target: str = "auto",
        loss: Any = None,
        n_critics: int = 1,
        n_steps: str | int = "auto",
        time_budget: float | None = None,
        checkpoint: str | PathLike | None = None,
        config: TrainingConfig | None = None,
        device: str = "auto",
        random_state: Seed = None,
        verbose: int = 0,
    ) -> None:
        self.mixture = mixture
        self.locality = locality
        self.rounds = rounds
        self.columns = columns
        self.constraints = constraints
        self.target = target
        self.loss = loss
        self.n_critics = n_critics
        self.n_steps = n_steps
        self.time_budget = time_budget
        self.checkpoint = checkpoint
        self.config = config
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    @one_fit_at_a_time
    @with_callbacks
    def fit(self, X: Any, y: Any = None) -> TabularGAN:
        """Learn the table's columns, then train.

        Parameters
        ----------
        X : DataFrame, array-like, polars.DataFrame or pyarrow.Table of shape (n, d)
            Training rows, at least two. Or a table on disk, which may be larger than memory: the
            path of a Parquet file or of a folder of them, or a pyarrow data set; see
            :doc:`/large_data`.
        y : array-like of shape (n,) or str, optional
            Class labels or numbers; for a table on disk the name of their column.

        Returns
        -------
        self
        """
        check_run(self)
        with progress_bar(self, self.verbose and current_processes().is_first):
            if is_on_disk(X):
                return self._fit_on_disk(X, y)
            return super().fit(X, y)

    def _fit_on_disk(self, X, y):
        from gan_augment.generators.tabular.on_disk import LargeTable, held_rows
        from gan_augment.io.parquet import ParquetRows

        self._check_parameters()
        self._forget()
        rows = ParquetRows(X, y)
        chosen = chosen_kinds(self.columns, rows.empty)
        rows.nullable.update(name for name, kind in chosen.items() if kind == "ignore")
        if rows.n_rows <= held_rows(len(rows.names)):
            return super().fit(*rows.read())
        rng = as_rng(self.random_state)
        large = LargeTable.of(rows, self.columns, chosen, self.target, rng, self.constraints)
        try:
            self._remember(large.shown, large.container, large.target, np.zeros(0, dtype=np.int64))
            if large.counts is not None:
                labels = large.target.classes_.tolist()
                self.class_counts_ = dict(zip(labels, large.counts.tolist(), strict=True))
            with Work(f"Learning {rows.n_rows:,} rows"):
                self._learn(large.frame, large.values, rng, large)
        except BaseException:
            self._forget()  # interrupted or failed: unfitted, never half fitted
            raise
        return self

    def _fit(self, frame, target_values, rng):
        self._learn(frame, target_values, rng)

    def _learn(self, frame, target_values, rng, large=None):
        """Learn from rows, which are a sample if they come with a `LargeTable`."""
        n, kind = len(frame) if large is None else large.rows.n_rows, self.target_.kind_
        local, steps = self.locality, self.n_steps
        self.locality_ = automatic_locality(n) if local == "auto" else float(local)
        self.n_steps_ = _automatic_steps(n) if steps == "auto" else int(steps)
        self.n_rows_ = n
        if isinstance(self.mixture, dict) and not self.mixture.get("gan"):
            self.n_steps_ = 0  # no row is to come from the network
        number = target_values if kind == "number" else None
        if large is None:
            self.codec_ = TableCodec(self.columns, self.constraints).fit(frame, number)
        else:
            self.codec_ = large.codec
        if self.verbose and current_processes().is_first:
            for relation in self.relations_:
                print(f"kept in new rows: {relation}")
            for relation in [] if large is None else large.dropped:
                print(f"seen in a sample only, and not kept: {relation}")
            for relation in self.near_relations_:
                print(f"not kept, too many rows break it: {relation}")
        self._warn_of_near()
        edges = None if number is None else group_edges(number)
        groups = _groups(target_values, edges, len(frame))
        self.group_counts_ = np.bincount(groups)
        if large is not None and large.counts is not None:
            self.group_counts_ = large.counts
        if self.group_counts_.max() < 2:
            raise InputError(
                f"has {n} classes in {n} rows, so nothing varies within a class",
                argument="y",
                remedy="pass at least two rows of one class",
            )
        rows = self.codec_.encode(frame, number, rng)
        self.prior_ = StructuredPrior(self.codec_.encoding_).fit(rows, groups, rng)
        stream = None if large is None else large.stream(groups, edges, rng)
        self.module_, self.history_, self.n_restarts_ = None, {}, 0
        if self.n_steps_ and self.codec_.width_:
            self.module_, history = self._train(rows, groups, rng, stream)
            self.history_, self.n_restarts_ = history.records, history.restarts

    def _train(self, rows, groups, rng, stream=None):
        """Train a generator on encoded rows; return it and the history.

        With a `RowStream` the rows are the first pool, and no more than a sample.
        """
        # Only now, as it imports torch: what cannot be learnt is refused within a second.
        import torch

        from gan_augment.generators.adversarial import default_loss, train_adversarially
        from gan_augment.generators.tabular import adversarial
        from gan_augment.nn.completion import Choices
        from gan_augment.training.devices import device_named, private_generator

        config, device = self.config or TrainingConfig(), device_named(self.device)
        n, n_groups = self.n_rows_, len(self.group_counts_)
        sizes = {"n_groups": n_groups, "config": config}
        seeds = private_generator(rng)
        with torch_defaults():
            layout = Choices(self.codec_.encoding_.blocks, self._edges())
            generator = adversarial.new_generator(
                layout, seeds, n_rows=n, locality=self.locality_, **sizes
            ).to(device)
            critics = [
                adversarial.new_critic(layout, seeds, **sizes).to(device)
                for _ in range(self.n_critics)
            ]
            starts = rng.choice(n_groups, size=min(max(4 * n, 2000), START_ROWS))
            prior = adversarial.as_tensors(self.prior_.sample(starts, rng), device)
            draws = private_generator(rng, device)
            new_task, more = adversarial.RowTask, {}
            if stream is not None:
                new_task = adversarial.StreamedRowTask
                more = {"stream": stream, "counts": self.group_counts_}
            task = new_task(
                generator.layout,
                adversarial.as_tensors(rows, device),
                torch.as_tensor(groups, device=device),
                prior,
                torch.as_tensor(starts, device=device),
                n_classes=n_groups,
                locality=self.locality_,
                config=config,
                rng=draws,
                **more,
            )
            if self.locality_ < 1:
                generator.start_from(task.some_rows())
            loss = self.loss or default_loss(self.n_critics)
            return train_adversarially(self, task, generator, critics, loss, config, draws)

    @property
    def relations_(self) -> list[Relation]:
        """What holds between columns, in the order in which rows are decoded."""
        check_is_fitted(self)
        return [
            line
            for relation in self.codec_.relations_
            if relation.is_listed
            for line in relation.each()
        ]

    @property
    def near_relations_(self) -> list[Relation]:
        """Rules that too many training rows break to be kept in new ones."""
        check_is_fitted(self)
        return list(self.codec_.near_relations_)

    def _warn_of_near(self):
        """Say once what is not kept, and name the first few."""
        near = [r for r in self.near_relations_ if not r.is_often_coincidence]
        if near:
            named = "; ".join(f"{r.words()} ({r.exceptions:.1%} break it)" for r in near[:NAMED])
            more = f"; and {len(near) - NAMED} more" if len(near) > NAMED else ""
            warn_caller(
                f"Not kept in new rows, as too many real rows break it: {named}{more}. If these "
                "are mistakes, mend them, or declare the rule with its exceptions.",
                AugmentationWarning,
                stacklevel=2,
            )

    def shares(self) -> np.ndarray:
        """Return the share of rows from each of `INGREDIENTS`, for each class, as it is now.

        Returns
        -------
        ndarray of float64 of shape (n_classes, 4)
            One row without classes, one for each quantile bin of a numeric target.
        """
        n_groups = len(self.group_counts_)
        if isinstance(self.mixture, dict):
            mixture = [float(self.mixture.get(name, 0)) for name in INGREDIENTS]
            weights = np.tile(mixture, (n_groups, 1))
        elif isinstance(self.locality, str):
            by_class = self.target_.kind_ == "class"
            sizes = self.group_counts_ if by_class else np.full(n_groups, self.n_rows_ / 2)
            weights = automatic_mixture(sizes)
        else:
            weights = np.tile([0.0, 0, 0, 1], (n_groups, 1))
        if self.module_ is None:  # nothing was trained, or there was nothing to learn
            chosen = isinstance(self.mixture, dict)
            if chosen and not weights[0, :3].any() and self.codec_.width_:
                refuse("mixture", self.mixture, "other ingredients too, or fit with n_steps > 0")
            weights[:, 3] = 0
            weights[weights.sum(1) == 0, :3] = 1
        return weights / weights.sum(1, keepdims=True)

    def _sample(self, n, codes, rng):
        self._check_parameters()  # they may have been set after fit
        if self._wanted is not None:
            return self._rows_under(codes, rng)
        told = self._class_numbers()
        parts = (
            self._possible_rows(codes[part], rng, told) for part in gen_batches(n, SAMPLE_CHUNK)
        )
        rows, numbers = stacked(parts, n)
        if n > SAMPLE_CHUNK:
            self._count_on(rows, 0)  # each part has counted its own
        return rows, numbers

    def _class_numbers(self):
        """What keeps whole numbers from classes, of a sample of the training rows; or None."""
        telling = any(map(may_tell, self.codec_.schema_.columns))
        if self.target_.kind_ != "class" or not telling:
            return None
        rows, groups = self.prior_.rows_, self.prior_.groups_
        some = np.arange(0, len(groups), max(len(groups) // SAMPLE_CHUNK, 1))
        frame = self.codec_.decode(rows.take(some))[0]
        sizes = len(self.group_counts_)
        return ClassNumbers(frame, groups[some], self.codec_.schema_, sizes)

    def _possible_rows(self, groups, rng, told, wanted=None):
        """Decoded rows of the groups asked for, completed around what is `wanted`.

        The few that break a relation, as where a bound has cut a product, are drawn again.
        """
        frame, numbers = self.codec_.decode(self._encoded_rows(groups, rng, wanted))
        wrong = np.flatnonzero(self._is_wrong(frame, groups, told))
        for _ in range(REDRAWS):
            if not len(wrong):
                break
            again = self.codec_.decode(self._encoded_rows(groups[wrong], rng, wanted))
            places = np.arange(len(frame))
            places[wrong] = len(frame) + np.arange(len(wrong))
            both, more = stacked([(frame, numbers), again], len(frame) + len(wrong))
            frame = both.take(places).reset_index(drop=True)
            self._count_on(frame, 0)
            numbers = None if more is None else more[places]
            wrong = wrong[self._is_wrong(again[0], groups[wrong], told)]
        return frame, numbers

    def _is_wrong(self, frame, groups, told):
        wrong = self.codec_.broken(frame)
        return wrong if told is None else wrong | told.broken(frame, groups)

    def _encoded_rows(self, groups, rng, wanted=None):
        """Encoded rows of the groups asked for."""
        *weights, share = self.shares()[0]  # the same for all groups
        if wanted is not None:
            share = 1.0  # only the network makes rows around what is fixed
        generated = rng.random(len(groups)) < share
        rows = self.codec_.encoding_.empty(len(groups))
        if not generated.all():
            rows.put(~generated, self.prior_.sample(groups[~generated], rng, weights))
        if generated.any():
            rows.put(generated, self._generated(groups[generated], rng, wanted))
        if self.target_.kind_ == "class" and wanted is None:
            real = self.prior_.rows_, self.prior_.groups_
            for settle in (settle_levels, settle_gaps):
                settle(rows, groups, *real, len(self.group_counts_), rng)
        return rows

    def _edges(self):
        """Scores between which the network chooses, for each column of numbers."""
        scales = self.codec_.scales()
        most = min(
            MAX_INTERVALS, ALL_INTERVALS // max(len(scales), 1), self.n_rows_ // INTERVAL_ROWS
        )
        most = max(most, FEWEST_INTERVALS)
        return [scale.edges(most) for scale in scales]

    def _generated(self, groups, rng, wanted=None):
        """Rows that the network makes of starting rows, of which part is kept."""
        from gan_augment.generators.tabular.adversarial import generated_rows

        locality, n, n_columns = self.locality_, len(groups), self.codec_.encoding_.n_columns
        anchored = rng.random(n) < min(1.0, 2 * (1 - locality))
        start = self.codec_.encoding_.empty(n)
        start.put(anchored, self.prior_.real(groups[anchored], rng))
        start.put(~anchored, self.prior_.sample(groups[~anchored], rng))
        keep = rng.random((n, n_columns)) < locality
        if n_columns:
            keep[anchored, rng.integers(n_columns, size=anchored.sum())] = False
        if wanted is not None:
            start = wanted.start(groups, rng)
            keep[:, wanted.fixed] = True
        n_groups = len(self.group_counts_)
        return generated_rows(
            self.module_, start, keep, groups, n_groups=n_groups, rounds=self._rounds(), rng=rng
        )

    def _rounds(self):
        return AUTO_ROUNDS if self.rounds == "auto" else self.rounds

    def _group_sizes(self):
        return self.group_counts_ if self._wanted is None else self._wanted.group_sizes()

    def examples(self) -> tuple[Any, Any]:
        """Return a few rows that show all that the columns and the target may hold.

        They are made up, column by column, of the categories, bounds and steps of each: not to be
        learnt from, but to settle how the rows of `sample_iter` are written.

        Returns
        -------
        X, y
            In the containers passed to `fit`; `y` is None if there was none.
        """
        check_is_fitted(self)
        target = self.target_
        cells = None if target.column_ is None else target.examples()
        n = 0 if cells is None else len(cells)
        frame = example_rows(self.codec_.schema_, n)
        if cells is not None:
            cells = np.resize(cells, len(frame))
        return self.container_.restore(frame), target.decode(cells)

    def sampling_settings(self) -> dict[str, dict[str, Any]]:
        """Return mixtures the closed loop may try on a fitted generator, by name.

        Returns
        -------
        dict of {str: dict}
            Parameters that are read when rows are drawn; none where mixture or locality has
            been chosen already.
        """
        if not isinstance(self.mixture, str) or not isinstance(self.locality, str):
            return {}
        return {
            "wide": {"mixture": {"covariance": 1}},
            "near": {"mixture": {"interpolate": 1, "borrow": 1}},
            "gan": {"mixture": {"gan": 1}},
        }

    def settings_for_labels(self) -> dict[str, Any]:
        """Return with which parameters rows are made that a labeler labels.

        The network is not trained: under a labeler its rows are no better than those of the prior
        (``docs/research.md``).

        Returns
        -------
        dict
            Empty where mixture, locality or steps have been chosen already.
        """
        chosen = (self.mixture, self.locality, self.n_steps) != ("auto",) * 3
        return {} if chosen else {"n_steps": 0}

    def _schema(self):
        return self.codec_.schema_

    def _check_parameters(self):
        check_mixture(self.mixture, INGREDIENTS)
        check_training(self)
        check_rounds(self.rounds)
        check_choice("target", self.target, ("auto", "class", "number"))
        if not isinstance(self.columns, (dict, NoneType)) and not is_metadata(self.columns):
            refuse("columns", self.columns, "None, a dict of {column name: kind} or SDV metadata")


def automatic_mixture(sizes):
    """Return the weights of `INGREDIENTS` for classes of so many rows, one row a class.

    The share of GAN rows grows with the square of the smallest class: a hundredth if that has 100
    rows, a quarter at 500, all at 1,000. On few rows it was measured to add nothing
    (``docs/research.md``). It is the same for all classes: rows made in another way could be told
    apart, and a learner would take what tells them apart for what tells the classes apart.

    Examples
    --------
    >>> automatic_mixture([500, 3000]).round(2).tolist()
    [[0.25, 0.25, 0.25, 0.25], [0.25, 0.25, 0.25, 0.25]]
    >>> automatic_mixture([1000, 3000]).tolist()
    [[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 0.0, 1.0]]
    """
    share = min(np.min(sizes) / ALONE_ROWS, 1) ** 2
    return np.tile([(1 - share) / 3] * 3 + [share], (len(sizes), 1))


def automatic_locality(n):
    """Return the locality of the network for a table of n rows.

    Beside rows that stand on real ones it keeps some columns of a real row; where it makes all
    rows, it makes them from nothing, which was measured to be harder to tell from real rows and to
    attack (``docs/research.md``).

    Examples
    --------
    >>> automatic_locality(300), automatic_locality(5000)
    (0.3, 0.0)
    """
    return BESIDE if n < 2 * ALONE_ROWS else 0.0


def _automatic_steps(n):
    # by rows: from 1,100 on, so that each is seen some 150 times until there are 3,300
    return int(min(max(20 * math.sqrt(n), STEPS_PER_ROW * n, MIN_STEPS), MAX_STEPS))


def group_edges(numbers):
    """Return what separates the groups of a numeric target: quantile bins, none of them empty.

    Examples
    --------
    >>> group_edges(np.arange(40.0)).tolist()
    [9.75, 19.5, 29.25]
    """
    n_bins = min(TARGET_BINS, max(len(numbers) // 10, 1))
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, n_bins + 1)[1:-1]))
    bins = np.unique(np.searchsorted(edges, numbers, side="right"))
    return edges[bins[1:] - 1]


def _groups(target_values, edges, n):
    """What rows are made for: classes, quantile bins of a numeric target, or one group."""
    if target_values is None:
        return np.zeros(n, dtype=np.int64)
    if edges is None:
        return target_values
    return np.searchsorted(edges, target_values, side="right").astype(np.int64)

"""The experiment: estimators on the same folds, with the training rows of every candidate.

`compare_augmentations`, the closed loop and the benchmarks ask what each estimator reaches in
each fold with the rows of each candidate. In a fold a generator is fitted once, on the training
rows alone. Its candidates draw from shared pools of rows, of which smaller amounts are prefixes,
and an estimator has the same seed for all of them, so that two scores differ only in what their
candidates differ in. Scores are measured on real test rows.

What else a candidate may change belongs here too: its training rows and their weights are made in
`_FoldRows.take`, and estimators are prepared and fitted in `_FoldRows.fit`. Where it changes the
shares of the classes, probabilities are taken back to the real ones before they are scored.
"""

from __future__ import annotations

import math
import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.parallel import delayed
from threadpoolctl import threadpool_limits

from gan_augment.augmentation.averaged import (
    AveragedClassifiers,
    AveragedRegressors,
    can_be_averaged,
)
from gan_augment.augmentation.data import AugmentedData
from gan_augment.augmentation.maker import Maker
from gan_augment.augmentation.plan import keeps_labels, resolve_plan, split_amount
from gan_augment.augmentation.resampled import learner_and_rows
from gan_augment.augmentation.shares import has_own_shares, share_factors
from gan_augment.containers import take_rows
from gan_augment.containers.weights import weights_of_all
from gan_augment.exceptions import InputError, error_text
from gan_augment.process.hushed import hushed
from gan_augment.process.progress import Work
from gan_augment.process.workers import as_finished, ends_with_parent
from gan_augment.selection.adjustments import adjusted, tuned_around
from gan_augment.selection.calibration import Bins, calibration_bins
from gan_augment.selection.candidates import Candidate
from gan_augment.selection.scoring import (
    Failure,
    Fit,
    Predictions,
    Reason,
    fit_model,
    nested,
    scores_of,
    seeded,
    weighing,
)
from gan_augment.selection.splits import Fold, stable_seed
from gan_augment.selection.store import NO_STORE, CellStore

#: Trees on fewer rows wait for each other longer than they compute on several threads of OpenMP,
#: and on a busy machine a hundred times as long. The limit holds for the calling thread alone.
FEW_ROWS = 10_000


@dataclass(frozen=True)
class Cell:
    """What one estimator reached with one candidate in one fold, by one scorer.

    Parameters
    ----------
    candidate : Hashable
        Its name in the experiment.
    estimator, scorer : str
    fold : int
    train_size : float
        See `Fold`.
    n_train : int
        Real training rows.
    test_to_train : float
    n_synthetic : int
        Rows added.
    score : float
        NaN where there is none.
    augment_seconds : float
        Fitting the generator and making the rows, shared by all estimators.
    fit_seconds, score_seconds : float
        Of the estimator; NaN where nothing was fitted.
    reason : {"", "failed", "does not apply", "undefined"}
        Why there is no score.
    error : str
        The text of what failed or does not apply.
    group : str, default=""
        The subgroup of the test rows it is about; "" for all of them.
    n_test : int
        Test rows that were scored.
    calibration : tuple of (bin, rows, predicted, observed)
        Of all test rows, with the first scorer, see `calibration_bins`.
    """

    candidate: Hashable
    estimator: str
    scorer: str
    fold: int
    train_size: float
    n_train: int
    test_to_train: float
    n_synthetic: int = 0
    score: float = math.nan
    augment_seconds: float = math.nan
    fit_seconds: float = math.nan
    score_seconds: float = math.nan
    reason: Reason = ""
    error: str = ""
    group: str = ""
    n_test: int = 0
    calibration: Bins = ()


def cells_frame(cells: Sequence[Cell]) -> pd.DataFrame:
    """Return cells as a table, one row each."""
    return pd.DataFrame([asdict(cell) for cell in cells], columns=[f.name for f in fields(Cell)])


@dataclass(frozen=True, eq=False)
class TrainingRows:
    """What estimators learn from in one fold: rows, their weights, and the time to make them."""

    data: AugmentedData
    sample_weight: np.ndarray | None
    seconds: float


@dataclass(frozen=True, eq=False)
class Experiment:
    """A table, the estimators that learn it, and what may make rows for them.

    Parameters
    ----------
    estimators : dict of str to estimator
        Cloned, and seeded where they have no seed of their own.
    X, y : table and target
        All rows.
    makers : dict of str to Maker
        What makes rows, by the name that candidates call it. The name is part of its seed; ""
        is one without a name.
    scorers : dict of str to (str or callable)
        scikit-learn scorers.
    labels : ndarray, optional
        Class labels of the rows; None for a numeric target.
    weights : ndarray, optional
        Sample weights of the rows.
    store : CellStore, optional
        Where finished cells are kept. Default: nowhere.
    correct_shares : bool, default=True
        Whether probabilities refer to the class shares of the real training rows, where a
        candidate has changed these. An estimator that weighs classes itself is left alone.
    subgroups : dict of str to ndarray of bool, optional
        Rows on which scores are measured once more, among the test rows, by name.
    calibration : bool, default=False
        Whether cells say how true the probabilities are.
    groups : ndarray, optional
        The group of each row, which the inner folds of a tuned threshold keep together too.
    hushed : bool, default=False
        Whether not even the first fold warns of what is known of the rows, as who asks will.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from gan_augment import BootstrapGenerator
    >>> from gan_augment.augmentation.maker import Maker
    >>> from gan_augment.selection.candidates import NONE
    >>> from gan_augment.selection.splits import make_folds
    >>> X, y = load_iris(return_X_y=True)
    >>> experiment = Experiment(
    ...     {"NB": GaussianNB()}, X, y, {"": Maker(BootstrapGenerator())}, {"acc": "accuracy"}, y
    ... )
    >>> cells = experiment.run({"none": NONE, "twice": Candidate(1.0)}, make_folds(y, cv=5))
    >>> cells_frame(cells).groupby("candidate")["score"].mean().round(2).to_dict()
    {'none': 0.95, 'twice': 0.95}
    """

    estimators: Mapping[str, BaseEstimator]
    X: Any = field(repr=False)
    y: Any = field(repr=False)
    makers: Mapping[str, Maker]
    scorers: Mapping[str, Any]
    labels: np.ndarray | None = field(default=None, repr=False)
    weights: np.ndarray | None = field(default=None, repr=False)
    store: CellStore = NO_STORE
    correct_shares: bool = True
    subgroups: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False)
    calibration: bool = False
    groups: np.ndarray | None = field(default=None, repr=False)
    hushed: bool = False

    def run(
        self,
        candidates: Mapping[Hashable, Candidate],
        folds: Sequence[Fold],
        *,
        n_jobs: int | None = None,
    ) -> list[Cell]:
        """Return the cells of every fold, candidate, estimator and scorer, in this order.

        Parameters
        ----------
        candidates : dict of Hashable to Candidate
            By the names they have in the cells; those of one augmenter after one another.
        folds : list of Fold
        n_jobs : int, optional
            Generators at a time, through joblib and the backend it is set to.

        Returns
        -------
        list of Cell
            A failure is a cell with its reason and error text.
        """
        groups = self._groups(candidates)
        wanted = [(fold, group) for fold in folds for group in groups]
        # what takes long before the rest of an earlier fold: none is left alone with it at the end
        late = [place // len(groups) + 1.5 * _is_quick(w[1]) for place, w in enumerate(wanted)]
        order = sorted(range(len(wanted)), key=late.__getitem__)
        tasks = [delayed(ends_with_parent(_run_fold))(self, *wanted[place]) for place in order]
        parts: dict[int, list[Cell]] = {}
        with Work("Comparing", len(tasks), "fits of all models") as work:
            for place, part in zip(order, as_finished(tasks, n_jobs), strict=True):
                parts[place] = part
                work.advance()
        return [cell for place in range(len(wanted)) for cell in parts[place]]

    def _groups(self, candidates):
        """Candidates that are scored together: of one augmenter, or all that share a labeler."""
        by_augmenter: dict[str | None, dict[Hashable, Candidate]] = {}
        for name, candidate in candidates.items():
            by_augmenter.setdefault(candidate.augmenter, {})[name] = candidate
        together: dict[Any, list[dict[Hashable, Candidate]]] = {}
        for augmenter, group in by_augmenter.items():
            labeler = getattr(self.makers.get(augmenter), "labeler", None)
            key = ("rows of", augmenter) if labeler is None else ("labeler", repr(labeler))
            together.setdefault(key, []).append(group)
        return list(together.values())

    def plan(self, candidate: Candidate, rows: np.ndarray) -> int | dict:
        """Return the rows that a candidate adds to these training rows."""
        labels = None if self.labels is None else self.labels[rows]
        balance = candidate.class_balance or "equal"
        return resolve_plan(candidate.n_samples, balance, labels, len(rows))

    def rare_class(self) -> Any:
        """Return the label with the fewest rows; of equal ones the last."""
        labels, counts = np.unique(self.labels, return_counts=True)
        return labels[::-1][counts[::-1].argmin()]


def _is_quick(groups):
    """Whether no generator is fitted that may take its time."""
    return all(c.control or c.augmenter is None for group in groups for c in group.values())


def _run_fold(experiment, fold, groups):
    """The cells of the candidates of some augmenters in one fold; they have one labeler."""
    labeler, few = _Once(), len(fold.train) < FEW_ROWS
    sources = (_FoldRows(experiment, fold, candidates, labeler) for candidates in groups)
    with threadpool_limits(1 if few else None, user_api="openmp"):
        return [
            cell
            for source in sources
            for name in source.candidates
            for estimator in experiment.estimators
            for cell in _kept_or_scored(experiment, source, name, estimator)
        ]


def _kept_or_scored(experiment, source, name, estimator):
    """The cells of one candidate and estimator, from the store if they are there."""
    key = experiment.store.key(
        estimator=(estimator, experiment.estimators[estimator]),
        fold=vars(source.fold),
        weights=experiment.weights,
        options=(
            experiment.correct_shares,
            experiment.calibration,
            dict(experiment.subgroups),
            experiment.groups,
        ),
        **source.facts(name),
    )
    kept = experiment.store.load(key)
    if kept is not None:
        return [_cell(name, row) for row in kept]
    cells = _scored(experiment, source, name, estimator)
    if not any(cell.error for cell in cells):
        rows = [{k: v for k, v in vars(cell).items() if k != "candidate"} for cell in cells]
        experiment.store.save(key, rows)
    return cells


def _cell(name, row):
    """A cell from what the store has kept, in which tuples have become lists."""
    bins = tuple(map(tuple, row["calibration"]))
    return Cell(candidate=name, **{**row, "calibration": bins})


def _scored(experiment, source, name, estimator):
    """The cells of one candidate and estimator: all test rows first, then the subgroups."""
    fold, rows = source.fold, source.take(name)
    shared = {
        "candidate": name,
        "estimator": estimator,
        "fold": fold.number,
        "train_size": fold.train_size,
        "n_train": len(fold.train),
        "test_to_train": fold.test_to_train,
    }
    found = rows if isinstance(rows, Failure) else source.fit(name, estimator)
    if isinstance(rows, TrainingRows):
        shared |= {"n_synthetic": rows.data.n_synthetic, "augment_seconds": rows.seconds}
    if isinstance(found, Failure):
        shared |= vars(found)
        return [Cell(scorer=scorer, **shared) for scorer in experiment.scorers]
    started = time.perf_counter()
    answers, cells = found.model, []
    for group, part in {"": None, **experiment.subgroups}.items():
        kept = np.arange(len(fold.test)) if part is None else np.flatnonzero(part[fold.test])
        if not len(kept):
            continue
        model = answers if part is None else answers.part(kept)
        y = source.y_test if part is None else take_rows(source.y_test, kept)
        scores = scores_of(model, model.X, y, experiment.scorers)
        spent = {"fit_seconds": found.seconds, "score_seconds": time.perf_counter() - started}
        for scorer, (score, why) in scores.items():
            told = {} if why is None else vars(why)
            if group and told:  # such as a ranking of the rows of one class
                told = vars(Failure("undefined", ""))
            where = {"group": group, "n_test": len(kept), "scorer": scorer, "score": score}
            cells.append(Cell(**shared, **spent, **where, **told))
    if experiment.calibration and experiment.labels is not None:
        cells[0] = replace(cells[0], calibration=_bins(experiment, source, answers))
    return cells


def _bins(experiment, source, answers):
    """How true the probabilities of a model are; nothing where it has none."""
    try:
        probabilities = answers.predict_proba(source.X_test)
        labels = experiment.labels[source.fold.test]
        return calibration_bins(probabilities, labels, answers.classes_, experiment.rare_class())
    except Exception:  # there are none, or the scorers have told why they fail
        return ()


def _failure(error, *, is_control):
    """An error as a `Failure`: what refuses a control was not asked for, so no advice helps."""
    if is_control and isinstance(error, InputError):
        return Failure("does not apply", error.reason)
    return Failure("failed", error_text(error))


class _Once:
    """A fit that is made at the first call; an error is raised at every call."""

    def __init__(self):
        self.answer, self.seconds = None, 0.0

    def __call__(self, make):
        if self.answer is None:
            started = time.perf_counter()
            try:
                self.answer = make()
            except Exception as error:
                self.answer = error
            self.seconds = time.perf_counter() - started
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class _FoldRows:
    """The rows of one fold and the fits on them.

    A generator is fitted once, there is a pool of rows for each setting, and a fit that two
    candidates need is made once.
    """

    def __init__(self, experiment, fold, candidates, labeler):
        self.experiment, self.fold, self.candidates = experiment, fold, candidates
        self.X, self.y = (take_rows(rows, fold.train) for rows in (experiment.X, experiment.y))
        self.X_test, self.y_test = (take_rows(r, fold.test) for r in (experiment.X, experiment.y))
        self.augmenter = next(iter(candidates.values())).augmenter
        seed = stable_seed(fold.seed, self.augmenter) if self.augmenter else fold.seed
        self.rng = np.random.default_rng(seed)
        self.plans = {name: self._plan(candidate) for name, candidate in candidates.items()}
        self.keys = {name: self._pool_key(candidate) for name, candidate in candidates.items()}
        self.generator, self.labeler, self.usual = _Once(), labeler, {}
        self.pools, self.taken, self.plain = {}, (None, None), {}

    def facts(self, name):
        """What decides the rows of a candidate, beside the fold."""
        candidate = self.candidates[name]
        maker = self.experiment.makers.get(self.augmenter)
        plans = self.plans[name], self._pool_plan(name)
        return {"candidate": candidate, "maker": maker, "plans": plans}

    def take(self, name):
        """Return the `TrainingRows` of a candidate, or a `Failure`."""
        if self.taken[0] != name:
            self.taken = name, self._take(name)
        return self.taken[1]

    def _take(self, name):
        candidate, plan = self.candidates[name], self.plans[name]
        if self.augmenter is None or candidate.adjustment == "committee":
            return self._real_rows(candidate)
        if isinstance(plan, Failure):
            return plan
        key = self.keys[name]
        if key not in self.pools:
            self.pools[key] = self._pool(candidate, self._pool_plan(name))
        pool = self.pools[key]
        if isinstance(pool, Failure):
            return pool
        try:
            data = weighing(nested(pool.data, plan), candidate.total_weight)
            return self._weighted(data, candidate, pool.seconds)
        except Exception as error:
            return Failure("failed", error_text(error))

    def _real_rows(self, candidate):
        """The training rows with none added, as a candidate weighs them."""
        none = np.zeros(len(self.fold.train), dtype=bool)
        return self._weighted(AugmentedData(self.X, self.y, none), candidate, 0.0)

    def fit(self, name, estimator):
        """Return the `Fit` of an estimator on the rows of a candidate, or a `Failure`.

        Its model is `Predictions` of the test rows.
        """
        candidate, rows = self.candidates[name], self.take(name)
        if candidate.adjustment == "committee":
            return self._committee()
        labels, model = self.experiment.labels, self.experiment.estimators[estimator]
        try:
            # the same seed for every candidate, so that they are compared with equal luck
            model = seeded(model, stable_seed(self.fold.seed, "estimator", estimator))
            n_classes = None if labels is None else len(np.unique(labels[self.fold.train]))
            changed = adjusted(model, candidate.adjustment, n_classes)
        except Exception as error:
            return _failure(error, is_control=bool(candidate.adjustment))
        if self.augmenter is None and candidate.adjustment == "tuned threshold":
            return self._tuned(model, estimator, rows)
        if self.augmenter is None and not candidate.adjustment:
            return self._plain(model, estimator, rows)
        changed, rows = self._in_form(changed, rows, candidate)
        found = fit_model(changed, rows.data, rows.sample_weight)
        if isinstance(found, Failure):
            return found
        factors = self._factors(found.model, estimator, rows, candidate)
        if candidate.averaged and can_be_averaged(model, found.model, classes=labels is not None):
            return self._averaged(found, factors, model, candidate)
        return Fit(Predictions(found.model, self.X_test, factors), found.seconds)

    def _averaged(self, soft, factors, model, candidate):
        """The mean of a fit and one on the real rows alone."""
        rows = self._real_rows(candidate)
        plain = fit_model(clone(model), rows.data, rows.sample_weight)
        if isinstance(plain, Failure):
            return plain
        pair: Any = AveragedRegressors(soft.model, plain.model)
        if self.experiment.labels is not None:
            pair = AveragedClassifiers(soft.model, plain.model, factors)
        return Fit(Predictions(pair, self.X_test), soft.seconds + plain.seconds)

    def _in_form(self, estimator, rows, candidate):
        """What learns rows with soft labels, and these as it takes them; others as they are."""
        if rows.data.sample_weight is None:
            return estimator, rows
        estimator, data = learner_and_rows(estimator, rows.data)
        return estimator, self._weighted(data, candidate, rows.seconds)

    def _plain(self, model, estimator, rows):
        """The estimator on the real rows alone, fitted once."""
        if estimator not in self.plain:
            found = fit_model(model, rows.data, rows.sample_weight)
            if isinstance(found, Fit):
                found = Fit(Predictions(found.model, self.X_test), found.seconds)
            if not any(c.adjustment == "tuned threshold" for c in self.candidates.values()):
                return found
            self.plain[estimator] = found
        return self.plain[estimator]

    def _tuned(self, model, estimator, rows):
        """The fit without rows once more, with a threshold found on inner folds."""
        plain = self._plain(model, estimator, rows)
        if isinstance(plain, Failure):
            return plain
        started = time.perf_counter()
        try:
            groups = self.experiment.groups
            groups = None if groups is None else groups[self.fold.train]
            tuned = tuned_around(plain.model, model, self.X, self.y, rows.sample_weight, groups)
        except Exception as error:
            return _failure(error, is_control=True)
        seconds = plain.seconds + time.perf_counter() - started
        return Fit(Predictions(tuned, self.X_test), seconds)

    def _factors(self, model, estimator, rows, candidate):
        """What takes probabilities back to the real class shares; None where they are these."""
        asked, classes = self.experiment, getattr(model, "classes_", None)
        balanced = candidate.adjustment == "class weights"
        if not asked.correct_shares or asked.labels is None or classes is None:
            return None
        if not (rows.data.n_synthetic or balanced) or has_own_shares(asked.estimators[estimator]):
            return None
        real = None if asked.weights is None else asked.weights[self.fold.train]
        weights = rows.sample_weight
        if balanced:
            by_class = compute_sample_weight("balanced", np.asarray(rows.data.y))
            weights = by_class if weights is None else weights * by_class
        return share_factors(self.y, rows.data.y, real, weights, classes)

    def _weighted(self, data, candidate, seconds):
        """Rows with the weights a candidate gives to the synthetic ones."""
        real = self.experiment.weights
        real = None if real is None else real[self.fold.train]
        size, factor = (len(self.fold.train), data.n_synthetic), candidate.synthetic_weight
        if data.sample_weight is not None:
            factor = factor * data.sample_weight[data.is_synthetic]
        weights = weights_of_all(real, *size, factor)
        return TrainingRows(data, weights, seconds)

    def _pool(self, candidate, plan):
        """The rows that all candidates of one setting and balance draw from, or a `Failure`."""
        started = time.perf_counter()
        try:
            with hushed(self.experiment.hushed or self.fold.number > 0):
                data = self._made(candidate, plan)
        except Exception as error:
            return _failure(error, is_control=candidate.control)
        seconds = time.perf_counter() - started
        if self.pools:  # the first one has fitted the generator
            seconds += self.generator.seconds
        return TrainingRows(data, None, seconds)

    def _made(self, candidate, plan):
        maker = self.experiment.makers[self.augmenter]
        generator = self.generator(self._fit_generator)
        changes = {**self.usual, **candidate.parameters}
        if changes:
            generator.set_params(**changes)
        rng = self.rng
        if candidate.setting is not None:
            own = stable_seed(self.fold.seed, candidate.setting, candidate.class_balance)
            rng = np.random.default_rng(own)
        amount, where = split_amount(candidate.n_samples)
        maker = replace(maker, where=where, keep_labels=keeps_labels(amount))
        labeler = None
        if candidate.labels == "own":
            maker = replace(maker, labeler=None)
        elif maker.labeler is not None:
            labeler = self.labeler(self._fit_labeler)
        return maker.add(generator, self.X, self.y, plan, rng, labeler)

    def _fit_labeler(self):
        """The maker's labeler, fitted."""
        rng = np.random.default_rng(stable_seed(self.fold.seed, "labeler"))
        real = self.experiment.weights
        real = None if real is None else real[self.fold.train]
        maker = self.experiment.makers[self.augmenter]
        return maker.fit_labeler(self.X, self.y, rng, real)

    def _committee(self):
        """The labeler's own answers, as if it were the estimator."""
        try:
            labeler = self.labeler(self._fit_labeler)
        except Exception as error:
            return Failure("failed", error_text(error))
        return Fit(Predictions(labeler, self.X_test), self.labeler.seconds)

    def _fit_generator(self):
        """The maker's generator, fitted; its parameters that candidates change are remembered."""
        maker, shared = self.experiment.makers[self.augmenter], self._shared_parameters()
        if shared:
            maker = replace(maker, generator=clone(maker.generator).set_params(**shared))
        generator = maker.fit(self.X, self.y, self.rng)
        changed = {name for c in self.candidates.values() for name in c.parameters}
        self.usual = {name: generator.get_params()[name] for name in changed}
        return generator

    def _shared_parameters(self):
        """What all candidates change of the generator, which may be read when it is fitted."""
        first, *others = [
            c.parameters for c in self.candidates.values() if c.adjustment != "committee"
        ] or [{}]
        missing = object()
        return {
            name: value
            for name, value in first.items()
            if all(other.get(name, missing) == value for other in others)
        }

    def _plan(self, candidate):
        """The rows a candidate adds, per class where there are classes, or a `Failure`."""
        try:
            return self.experiment.plan(candidate, self.fold.train)
        except InputError as error:  # such as a class that this fold has no rows of
            return Failure("failed", error_text(error))

    def _pool_key(self, candidate):
        """What candidates have in common whose rows come from the same pool."""
        maker = self.experiment.makers.get(self.augmenter)
        judged = getattr(maker, "labeler", None) is not None
        kept = judged and keeps_labels(candidate.n_samples)
        where = repr(split_amount(candidate.n_samples)[1])
        return candidate.setting, candidate.class_balance, candidate.labels, kept, where

    def _pool_plan(self, name):
        """The smallest plan that contains those of all candidates that share a pool with one."""
        shares = [self.plans[other] for other, key in self.keys.items() if key == self.keys[name]]
        plans = [plan for plan in shares if not isinstance(plan, Failure)] or [0]
        if not isinstance(plans[0], Mapping):
            return max(plans)
        return {label: max(plan[label] for plan in plans) for label in plans[0]}

"""Scores of candidates on inner folds: one generator a fold, one pool of rows a setting.

Every candidate of a fold draws a prefix of a shared pool and is scored by the same learners with
the same seeds, on real rows that neither has seen, so that what differs between two scores is the
candidate. Candidates that cannot win any more are left out of later folds.
"""

import time
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pandas as pd
from sklearn.utils.parallel import Parallel, delayed

from gan_augment.augmentation.augment import AugmentedData
from gan_augment.augmentation.maker import Maker
from gan_augment.augmentation.plan import resolve_plan
from gan_augment.containers import take_rows
from gan_augment.containers.weights import weights_of_all
from gan_augment.exceptions import error_text
from gan_augment.selection.candidates import NONE
from gan_augment.selection.scoring import nested, score_fold
from gan_augment.selection.splits import stable_seed
from gan_augment.selection.statistics import corrected_interval

#: Corrected standard errors by which a candidate must be behind to be left out early.
BEHIND = 2.0
COLUMNS = ["candidate", "model", "fold", "score", "seconds", "test_to_train", "error"]


@dataclass(frozen=True)
class Question:
    """What a search is about.

    Parameters
    ----------
    models : dict of str to estimator
        A candidate is judged by the mean over these.
    X, y : table and target
    labels : ndarray or None
        Class labels of the rows, None for a numeric target.
    maker : Maker
        The unfitted generator.
    scorer : str or callable
    weights : ndarray or None
        Sample weights of the rows.
    """

    models: dict
    X: object = field(repr=False)
    y: object = field(repr=False)
    labels: np.ndarray | None
    maker: Maker
    scorer: object
    weights: np.ndarray | None = None

    def plan(self, candidate, rows):
        """Return the rows a candidate adds to these training rows."""
        labels = None if self.labels is None else self.labels[rows]
        balance = candidate.class_balance or "equal"
        return resolve_plan(candidate.n_samples, balance, labels, len(rows))


def run_search(question, candidates, folds, *, n_jobs=None, max_time=None):
    """Return the score of every candidate in every fold it was tried in.

    Parameters
    ----------
    question : Question
    candidates : list of Candidate
        The first adds nothing, the second is the default way; both are tried in all folds.
    folds : list of Fold
    n_jobs : int, optional
        Folds at a time, through joblib and the backend it is set to.
    max_time : float, optional
        Seconds after which no further round of folds starts.

    Returns
    -------
    DataFrame
        One row for each candidate (its place in the list), model and fold, with ``score,
        seconds, test_to_train`` and ``error``, the text of what failed, else "".
    """
    started, rows = time.monotonic(), []
    alive = list(range(len(candidates)))
    for batch in _rounds(folds):
        tried = [(i, candidates[i]) for i in alive]
        tasks = (delayed(_fold_rows)(question, tried, fold) for fold in batch)
        rows += chain.from_iterable(Parallel(n_jobs=n_jobs)(tasks))
        frame = pd.DataFrame(rows, columns=COLUMNS)
        alive = _still_alive(frame, alive)
        if max_time is not None and time.monotonic() - started > max_time:
            break
    return frame


def _rounds(folds):
    """Folds in three rounds, between which candidates may be left out."""
    first = max(3, len(folds) // 3)
    return [part for part in (folds[:first], folds[first : 2 * first], folds[2 * first :]) if part]


def fold_means(frame):
    """Return the mean score over models: folds down, candidates across."""
    return frame.groupby(["fold", "candidate"])["score"].mean().unstack("candidate")


def _still_alive(frame, alive):
    """The candidates that may still win; none and the default way stay whatever happens."""
    means, ratio = fold_means(frame), frame["test_to_train"].mean()
    if means[alive].isna().all().all():
        return alive
    leader = means[alive].mean().idxmax()
    behind = {i: corrected_interval(means[leader] - means[i], ratio) for i in alive}
    return [i for i in alive if i < 2 or not behind[i].mean > BEHIND * behind[i].scale]


def _fold_rows(question, tried, fold):
    """Score candidates in one fold; what fails is a row with its error text."""
    pools, rows = _Pools(question, [candidate for _, candidate in tried], fold), []
    X_test, y_test = (take_rows(values, fold.test) for values in (question.X, question.y))
    for i, candidate in tried:
        started, data, error = time.perf_counter(), None, ""
        try:
            data = pools.take(candidate)
        except Exception as failure:
            error = error_text(failure)
        weights = None
        if data is not None:
            real = None if question.weights is None else question.weights[fold.train]
            size = len(fold.train), data.n_synthetic
            weights = weights_of_all(real, *size, candidate.synthetic_weight)
        for name, model in question.models.items():
            value, text = np.nan, error
            if data is not None:
                found = score_fold(
                    model,
                    data,
                    X_test,
                    y_test,
                    {"score": question.scorer},
                    seed=stable_seed(fold.seed, "estimator", name),
                    sample_weight=weights,
                )
                value, text = found.scores["score"], found.errors.get("score", "")
            spent = time.perf_counter() - started
            rows.append((i, name, fold.number, value, spent, fold.test_to_train, text))
            started = time.perf_counter()
    return rows


class _Pools:
    """The synthetic rows of one fold: a generator fitted once, a pool for each of its settings."""

    def __init__(self, question, candidates, fold):
        self.question, self.fold, self.pools = question, fold, {}
        self.rng = np.random.default_rng(fold.seed)
        self.X, self.y = (take_rows(values, fold.train) for values in (question.X, question.y))
        self.plain = AugmentedData(self.X, self.y, np.zeros(len(fold.train), dtype=bool))
        self.plans = {c: question.plan(c, fold.train) for c in candidates}
        self.generator = None

    def take(self, candidate):
        """Return the training rows with those of a candidate after them."""
        if candidate == NONE:
            return self.plain
        key = candidate.setting, candidate.class_balance
        if key not in self.pools:
            self.pools[key] = self._pool(candidate, key)
        return nested(self.pools[key], self.plans[candidate])

    def _pool(self, candidate, key):
        maker = self.question.maker
        if self.generator is None:
            self.generator = maker.fit(self.X, self.y, self.rng)
            self.usual = {n: self.generator.get_params()[n] for n in self._changed()}
        self.generator.set_params(**{**self.usual, **candidate.parameters})
        alike = [c for c in self.plans if (c.setting, c.class_balance) == key]
        plan = _union([self.plans[c] for c in alike])
        rng = np.random.default_rng(stable_seed(self.fold.seed, *key))
        return maker.add(self.generator, self.X, self.y, plan, rng)

    def _changed(self):
        return {name for candidate in self.plans for name in candidate.parameters}


def _union(plans):
    """The least plan of which all these are parts."""
    if not isinstance(plans[0], dict):
        return max(plans)
    return {label: max(plan[label] for plan in plans) for label in plans[0]}

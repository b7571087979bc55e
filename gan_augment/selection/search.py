"""The closed loop from a table to a choice: candidates, inner folds, scores, decision."""

from __future__ import annotations

import numbers
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.metrics import accuracy_score, balanced_accuracy_score, check_scoring

from gan_augment.augmentation.maker import Maker
from gan_augment.containers import is_images, n_rows
from gan_augment.containers.weights import weight_name
from gan_augment.encoding.target import TargetCodec
from gan_augment.exceptions import InputError
from gan_augment.report.display import Display
from gan_augment.selection.candidates import NONE, Candidate, default_candidates
from gan_augment.selection.decision import Decision, decide, fold_means
from gan_augment.selection.experiment import Experiment, cells_frame
from gan_augment.selection.splits import Fold, deal_folds, make_folds
from gan_augment.selection.statistics import corrected_interval

#: Fewer rows than these cannot be split into training and test rows that say anything.
MIN_ROWS = 10
#: Classes are about equally large if none has more than so many times its share of the rows.
MOST_OF_A_CLASS = 1.3
#: Corrected standard errors by which a candidate must be behind to be left out early.
BEHIND = 2.0


@dataclass(frozen=True, eq=False)
class AugmentationSearch:
    """What was tried, and what was chosen.

    Parameters
    ----------
    candidates : list of Candidate
    scores : DataFrame
        A row for each candidate (its place in the list), estimator and fold, see `Cell`.
    decision : Decision
    best_score : float or None
        A perfect score, where an expectation holds for the scorer; None where folds decide alone.
    """

    candidates: list[Candidate]
    scores: pd.DataFrame = field(repr=False)
    decision: Decision
    best_score: float | None = None

    @property
    def results(self) -> pd.DataFrame:
        """One row for each candidate, see `Decision`."""
        return self.decision.table

    def plot(self) -> Display:
        """Draw what each candidate changed, by the folds and by what is to be expected.

        Returns
        -------
        Display
            With ``figure_`` and ``ax_``.
        """
        from gan_augment.report.search import search_plot

        figure = search_plot(self.results, self.decision.chosen)
        return Display(figure, figure.axes[0])

    @property
    def chosen(self) -> Candidate:
        """The candidate chosen; `NONE` adds nothing."""
        return self.candidates[self.decision.chosen]


def search_augmentation(
    estimators: Mapping[str, BaseEstimator],
    X: Any,
    y: Any,
    maker: Maker,
    *,
    scoring: Any = None,
    cv: Any = 5,
    weights: np.ndarray | None = None,
    factor: float | None = None,
    n_jobs: int | None = None,
    max_time: float | None = None,
    seed: int = 0,
) -> AugmentationSearch:
    """Find out on inner folds whether, and how, added rows help these estimators.

    Parameters
    ----------
    estimators : dict of str to estimator
        Candidates are judged by the mean over these.
    X, y : table and target
    maker : Maker
        The unfitted generator.
    scoring : str or callable, optional
        A scikit-learn scorer; default: the estimators' own score.
    cv : int, splitter or iterable, default=5
        An int is repeated while rows are few, see `deal_folds`.
    weights : ndarray, optional
        Sample weights of the rows.
    factor : float, optional
        Weight of a synthetic row; None tries more than 1, where the estimators take weights.
    n_jobs : int, optional
        Folds at a time, through joblib.
    max_time : float, optional
        Seconds after which no further round of folds starts.
    seed : int, default=0

    Returns
    -------
    AugmentationSearch

    Raises
    ------
    InputError
        If `cv` cannot split the rows, or the scorer is unknown.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from gan_augment import BootstrapGenerator
    >>> X, y = load_iris(return_X_y=True)
    >>> found = search_augmentation({"NB": GaussianNB()}, X, y, Maker(BootstrapGenerator()))
    >>> print(found.chosen)
    none
    """
    target = TargetCodec(kind=getattr(maker.generator, "target", "auto")).fit(y, X)
    codes, classes, size = target.encode(y), target.kind_ == "class", n_rows(X)
    _check_time(max_time)
    scorers = [check_scoring(estimator, scoring=scoring) for estimator in estimators.values()]
    # what to expect was measured on tables
    best = None if is_images(X) else _perfect(scoring, scorers, codes, classes)
    if size < MIN_ROWS:
        return _too_few(size)
    weighted = factor is None and _take_weights(estimators)
    candidates = default_candidates(maker.generator, size, classes, weighted)
    if factor is not None:
        candidates = [NONE, *(replace(c, synthetic_weight=factor) for c in candidates[1:])]
    labels = target.classes_[codes] if classes else None
    experiment = Experiment(
        estimators, X, y, {"": maker}, {"score": scoring}, labels=labels, weights=weights
    )
    if isinstance(cv, numbers.Integral) and not isinstance(cv, bool):
        folds = deal_folds(codes, int(cv), classes=classes, seed=seed)
    else:
        folds = make_folds(codes, cv=cv, classes=classes, seed=seed)
    scores = run_search(experiment, candidates, folds, n_jobs=n_jobs, max_time=max_time)
    decision = decide(scores, candidates, size, best)
    return AugmentationSearch(candidates, scores, decision, best)


def run_search(
    experiment: Experiment,
    candidates: Sequence[Candidate],
    folds: Sequence[Fold],
    *,
    n_jobs: int | None = None,
    max_time: float | None = None,
) -> pd.DataFrame:
    """Return the score of every candidate in every fold it was tried in.

    Candidates that cannot win any more are left out of later folds.

    Parameters
    ----------
    experiment : Experiment
        Of one scorer.
    candidates : list of Candidate
        The first adds nothing, the second is the default way; both are tried in all folds.
    folds : list of Fold
    n_jobs : int, optional
        Folds at a time, through joblib.
    max_time : float, optional
        Seconds after which no further round of folds starts.

    Returns
    -------
    DataFrame
        One row for each candidate (its place in the list), estimator and fold, see `Cell`.
    """
    started, cells, alive = time.monotonic(), [], range(len(candidates))
    for batch in _rounds(folds):
        cells += experiment.run({i: candidates[i] for i in alive}, batch, n_jobs=n_jobs)
        frame = cells_frame(cells)
        alive = _still_alive(frame, alive)
        if max_time is not None and time.monotonic() - started > max_time:
            break
    return frame


def _rounds(folds):
    """Folds in three rounds, between which candidates may be left out."""
    first = max(3, len(folds) // 3)
    return [part for part in (folds[:first], folds[first : 2 * first], folds[2 * first :]) if part]


def _still_alive(frame, alive):
    """The candidates that may still win; none and the default way stay whatever happens."""
    means, ratio = fold_means(frame)[list(alive)], frame["test_to_train"].mean()
    if means.isna().all().all():
        return alive
    leader = means.mean().idxmax()
    behind = {i: corrected_interval(means[leader] - means[i], ratio) for i in alive}
    return [i for i in alive if i < 2 or not behind[i].mean > BEHIND * behind[i].scale]


def _check_time(max_time):
    is_number = isinstance(max_time, numbers.Real) and not isinstance(max_time, bool)
    if max_time is not None and not (is_number and max_time > 0):
        raise InputError(
            "is no time", argument="max_time", value=max_time, remedy="pass None or seconds > 0"
        )


def _too_few(size):
    table = pd.DataFrame({"candidate": [str(NONE)], "n_samples": [0]})
    text = (
        f"Nothing is added: {size} rows are too few to measure on inner folds whether it would "
        f"help; {MIN_ROWS} are needed. Pass n_samples as a number to add rows all the same."
    )
    return AugmentationSearch([NONE], pd.DataFrame(), Decision(0, text, table))


def _take_weights(estimators):
    try:
        return all(weight_name(estimator) for estimator in estimators.values())
    except InputError:
        return False


def _perfect(scoring, scorers, codes, classes):
    """A perfect score, where an expectation holds; else None.

    It was measured for balanced accuracy, which accuracy is where classes are about equal.
    """
    if not classes:
        return None
    measured = {None if scoring is None else getattr(s, "_score_func", s) for s in scorers}
    if measured == {balanced_accuracy_score}:
        return 1.0
    shares = np.bincount(codes) / len(codes)
    level = shares[shares > 0].max() <= MOST_OF_A_CLASS / (shares > 0).sum()
    return 1.0 if level and measured <= {None, accuracy_score} else None

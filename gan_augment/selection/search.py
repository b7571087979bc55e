"""The closed loop from a table to a choice: candidates, inner folds, scores, decision."""

from __future__ import annotations

import numbers
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from gan_augment.augmentation.maker import Maker
from gan_augment.containers import is_images, n_rows
from gan_augment.containers.weights import takes_weights
from gan_augment.encoding.target import TargetCodec
from gan_augment.exceptions import InputError
from gan_augment.report.display import Display
from gan_augment.selection.candidates import (
    NONE,
    Candidate,
    default_candidates,
    labeled_candidates,
)
from gan_augment.selection.controls import control_makers, free_controls
from gan_augment.selection.decision import Decision, Measured, decide, labeled
from gan_augment.selection.experiment import Experiment, cells_frame
from gan_augment.selection.scorers import primary_names, resolve_scorers
from gan_augment.selection.splits import Fold, deal_folds, group_codes, make_folds

#: Fewer rows than these cannot be split into training and test rows that say anything.
MIN_ROWS = 10
#: Up to so many rows inner folds are dealt out twice where a labeler's rows are tried; the folds
#: then only have to speak against them.
FEW_ROWS = 60
#: Between rounds: the probability of a gain below which a way is left out, and the corrected
#: standard errors by which a candidate is far behind another.
HOPEFUL, BEHIND = 0.75, 2.0
#: The probability of a gain by soft labels from which no more folds are asked.
CLEAR = 0.8


@dataclass(frozen=True, eq=False)
class AugmentationSearch:
    """What was tried, and what was chosen.

    Parameters
    ----------
    candidates : list of Candidate
    scores : DataFrame
        A row for each candidate (its place in the list), estimator, fold and score, see `Cell`.
    decision : Decision
    primary : tuple of str
        The scores that the decision stands on.
    """

    candidates: list[Candidate]
    scores: pd.DataFrame = field(repr=False)
    decision: Decision
    primary: tuple[str, ...] = ()

    @property
    def results(self) -> pd.DataFrame:
        """One row for each score and candidate, see `Decision`."""
        return self.decision.table

    def plot(self) -> Display:
        """Draw what each candidate changed of each score.

        Returns
        -------
        Display
            With ``figure_`` and ``ax_``.
        """
        from gan_augment.report.search import search_plot

        figure = search_plot(self.results, str(self.chosen))
        return Display(figure, figure.axes[0] if len(figure.axes) == 1 else figure.axes)

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
    pos_label: Any = None,
    cv: Any = 5,
    groups: Any = None,
    weights: np.ndarray | None = None,
    factor: float | None = None,
    correct_shares: bool = True,
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
        The unfitted generator; with a labeler, rows with its soft labels are tried first.
    scoring : str, callable, list or dict, optional
        See `resolve_scorers`. The decision stands on the first; by default on the area under the
        ROC curve and log loss together, for numbers on R2.
    pos_label : object, optional
        The class that scores of one class are about. Default: the rarer of two.
    cv : int, splitter or iterable, default=5
        An int is repeated while rows are few, see `deal_folds`.
    groups : array-like of shape (n,), optional
        Rows of one group are never split between training and test rows.
    weights : ndarray, optional
        Sample weights of the rows.
    factor : float, optional
        Weight of a synthetic row; None tries more than 1, where the estimators take weights.
    correct_shares : bool, default=True
        Whether probabilities refer to the class shares of the real rows, see `Experiment`.
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
        If `cv` cannot split the rows, or a scorer is unknown or cannot work.

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
    labels = target.classes_[codes] if classes else None
    scorers = resolve_scorers(scoring, estimators, labels, pos_label)
    primary = primary_names(scoring, scorers)
    if scoring is None:
        scorers = {name: scorers[name] for name in primary}
    if size < MIN_ROWS:
        return _too_few(size)
    sizes = np.bincount(codes)[np.unique(codes)].tolist() if classes else [size]
    candidates = _candidates(maker, estimators, sizes, classes, factor)
    candidates += free_controls(candidates[1], classes, primary)
    if maker.labeler is not None:
        candidates.append(replace(NONE, augmenter="", control=True, adjustment="committee"))
    makers = {"": maker, **control_makers(target.kind_, flat=is_images(X))}
    experiment = Experiment(
        estimators,
        X,
        y,
        makers,
        scorers,
        labels=labels,
        weights=weights,
        correct_shares=correct_shares,
        groups=None if groups is None else group_codes(groups, size),
    )
    if isinstance(cv, numbers.Integral) and not isinstance(cv, bool):
        repeats = None if maker.labeler is None else 2 if size <= FEW_ROWS else 1
        folds = deal_folds(
            codes, int(cv), classes=classes, seed=seed, groups=groups, repeats=repeats
        )
    else:
        folds = make_folds(codes, cv=cv, classes=classes, seed=seed, groups=groups)
    scores = run_search(experiment, candidates, folds, primary, n_jobs=n_jobs, max_time=max_time)
    return AugmentationSearch(candidates, scores, decide(scores, candidates, primary), primary)


def _candidates(maker, estimators, sizes, classes, factor):
    """None and the ways of adding rows; all synthetic rows weigh the factor if there is one."""
    weighted = factor is None and all(map(takes_weights, estimators.values()))
    if maker.labeler is None:
        candidates = default_candidates(maker.generator, sum(sizes), classes, weighted)
    else:
        candidates = labeled_candidates(maker.generator, sizes, classes)
    if factor is None:
        return candidates
    return [NONE, *(replace(way, synthetic_weight=factor) for way in candidates[1:])]


def run_search(
    experiment: Experiment,
    candidates: Sequence[Candidate],
    folds: Sequence[Fold],
    primary: Iterable[str],
    *,
    n_jobs: int | None = None,
    max_time: float | None = None,
) -> pd.DataFrame:
    """Return the scores of every candidate in every fold it was tried in.

    Candidates that cannot win any more are left out of later folds; when no way of adding rows
    can, the search ends.

    Parameters
    ----------
    experiment : Experiment
    candidates : list of Candidate
        The first adds nothing.
    folds : list of Fold
    primary : iterable of str
        The scores that decide.
    n_jobs : int, optional
        Folds at a time, through joblib.
    max_time : float, optional
        Seconds after which no further round of folds starts.

    Returns
    -------
    DataFrame
        One row for each candidate (its place in the list), estimator, fold and score, see `Cell`.
    """
    started, cells, alive = time.monotonic(), [], list(range(len(candidates)))
    for batch in _rounds(folds):
        cells += experiment.run({i: candidates[i] for i in alive}, batch, n_jobs=n_jobs)
        frame = cells_frame(cells)
        measured = Measured(frame, candidates, primary)
        alive = [] if _settled(measured) else _still_alive(measured, alive)
        if not alive or (max_time is not None and time.monotonic() - started > max_time):
            break
    return frame


def _rounds(folds):
    """Folds in three rounds, between which candidates may be left out."""
    first = max(3, len(folds) // 3)
    return [part for part in (folds[:first], folds[first : 2 * first], folds[2 * first :]) if part]


def _settled(measured):
    """Whether soft labels hold so clearly that more folds would not change it."""
    whole = measured.whole()
    soft = labeled(measured.candidates, whole)
    best = [way for way in soft if measured.p_beats(way, 0) >= CLEAR]
    return any(measured.holds(way, measured.rivals(whole)) for way in best)


def _still_alive(measured, alive):
    """Which candidates are worth more folds: none are, where no way can still be chosen."""
    if not measured.means:
        return alive  # no score is defined in these folds
    whole = set(measured.whole())
    rivals = measured.rivals(whole)
    left = []
    for i in sorted(whole.intersection(alive)):
        against = [rival for rival in rivals if rival != i]
        control = measured.candidates[i].control
        if i == 0 or all(_may_beat(measured, i, rival, control) for rival in against):
            left.append(i)
    return left if any(i and not measured.candidates[i].control for i in left) else []


def _may_beat(measured, i, rival, control):
    """Whether one may still be chosen beside a rival.

    A way of adding rows has hope in a score and is far behind in none. A control, and rows with
    soft labels beside a control, are not far behind in all.
    """
    soft = measured.candidates[i].labels == "labeler"
    gains = [measured.gain(name, i, rival) for name in measured.means]
    far = [gain.mean < -BEHIND * gain.scale for gain in gains]
    if control or (soft and rival):
        return not all(far)
    hopes = [measured.p_gain(name, i, rival) for name in measured.means]
    return not any(far) and (soft or max(hopes) >= HOPEFUL)


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

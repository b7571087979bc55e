"""The closed loop from a table to a choice: candidates, inner folds, scores, decision."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from joblib import effective_n_jobs
from sklearn.base import BaseEstimator

from gan_augment.augmentation.committee import some_rows
from gan_augment.augmentation.maker import Maker
from gan_augment.augmentation.members import MOST_ROWS
from gan_augment.containers import is_images, n_rows
from gan_augment.containers.plain import as_columns, from_columns
from gan_augment.containers.weights import takes_weights
from gan_augment.encoding.target import TargetCodec
from gan_augment.exceptions import InputError
from gan_augment.generators.parameters import is_number, is_whole_number, refuse
from gan_augment.process.progress import Work
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
from gan_augment.selection.splits import (
    Fold,
    deal_folds,
    group_codes,
    make_folds,
    stable_seed,
)
from gan_augment.selection.ways import named_ways, with_target

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
#: Seconds after which a search ends where nothing else is said, and the folds it measures even so.
MAX_TIME, FEWEST_FOLDS = 60.0, 2
#: Training rows of a fold from which on one fold tells a loss from a gain.
MANY_ROWS = 4_000


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
    generator : generator, optional
        Unfitted: what makes the rows of the way chosen, where it is not the augmenter's own.
    """

    candidates: list[Candidate]
    scores: pd.DataFrame = field(repr=False)
    decision: Decision
    primary: tuple[str, ...] = ()
    generator: Any = None

    @property
    def results(self) -> pd.DataFrame:
        """One row for each score and candidate, see `Decision`."""
        return self.decision.table

    def plot(self, scorer: str | None = None, *, ax: Any = None) -> Display:
        """Draw what each candidate changed of each score.

        Parameters
        ----------
        scorer : str, optional
            Draw this score only.
        ax : matplotlib.axes.Axes or array of Axes, optional
            What to draw on, one for each score. Default: a new figure, which pyplot does not know;
            ``plot().savefig("search.png")`` writes it.

        Returns
        -------
        Display
            With ``figure_`` and ``ax_``, an array of axes where there are several.

        Raises
        ------
        InputError
            If nothing was measured, the score was not, or `ax` is too few.
        """
        from gan_augment.report.search import search_plot

        table = self.results
        if self.scores.empty:
            raise InputError(
                "has nothing to draw",
                argument="search",
                remedy="pass more rows: so few are not measured",
            )
        known = table["scorer"].unique().tolist()
        if scorer is not None and scorer not in known:
            raise InputError.of("scorer", scorer, "was not scored", f"pass one of {known}")
        drawn = table if scorer is None else table[table["scorer"] == scorer]
        return Display.of(search_plot(drawn, str(self.chosen), ax), ax)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the decision, the changes, and the table."""
        from gan_augment.report.cards import search_card

        return search_card(self)

    def __getstate__(self) -> dict[str, Any]:
        # Plain values, which skops keeps too.
        return {**vars(self), "scores": as_columns(self.scores)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, scores=from_columns(state["scores"]))

    @property
    def parameters(self) -> dict[str, Any]:
        """What to set of the generator; where nothing is added, as the first way was tried."""
        tried = next((way for way in self.candidates[1:] if not way.control), NONE)
        return dict((self.chosen if self.decision.chosen else tried).parameters)

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
    averaged: bool = False,
    ways: Iterable[Mapping[str, Any]] | None = None,
    n_jobs: int | None = None,
    max_time: float | None = MAX_TIME,
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
    averaged : bool, default=False
        Whether an estimator with soft labels is tried as the mean with one of the real rows alone.
    ways : iterable of dict, optional
        What is tried in place of the usual ways, see `named_ways`.
    n_jobs : int, optional
        Folds at a time, through joblib.
    max_time : float or None, default=60
        Seconds after which no further fold is measured, two at least; None for no bound.
    seed : int, default=0

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
    check_time(max_time)
    labels = target.classes_[codes] if classes else None
    scorers = resolve_scorers(scoring, estimators, labels, pos_label)
    primary = primary_names(scoring, scorers)
    if scoring is None:
        scorers = {name: scorers[name] for name in primary}
    if size < MIN_ROWS:
        return _too_few(size)
    makers = {"": maker}
    if ways is None:
        candidates = _candidates(maker, estimators, size, classes, factor)
    else:
        candidates, makers = named_ways(ways, maker, labels, size)
        makers = {name: with_target(made, target.kind_) for name, made in makers.items()}
    if ways is None and size > MOST_ROWS and maker.labeler == "committee":
        # it would learn from fewer rows than the estimator, and know less
        maker = replace(maker, labeler=None)
        makers[""], candidates = maker, [way for way in candidates if way.labels != "labeler"]
    controls = free_controls(candidates[1], classes, primary)
    if averaged:
        candidates = [replace(way, averaged=way.labels == "labeler") for way in candidates]
    candidates += controls
    if maker.labeler is not None:
        candidates.append(replace(NONE, augmenter="", control=True, adjustment="committee"))
    makers |= control_makers(target.kind_, flat=is_images(X))
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
        hushed=True,
    )
    if is_whole_number(cv):
        repeats = None if maker.labeler is None else 2 if size <= FEW_ROWS else 1
        folds = deal_folds(
            codes, int(cv), classes=classes, seed=seed, groups=groups, repeats=repeats
        )
    else:
        folds = make_folds(codes, cv=cv, classes=classes, seed=seed, groups=groups)
    if size > MOST_ROWS:
        folds = [_thinned(fold, codes, classes) for fold in folds]
    scores, stopped = run_search(
        experiment, candidates, folds, primary, n_jobs=n_jobs, max_time=max_time
    )
    decision = decide(scores, candidates, primary)
    if stopped:
        done = scores["fold"].nunique()
        told = f" Stopped after {max_time:g} s (max_time): {done} of {len(folds)} folds measured."
        decision = replace(decision, text=decision.text + told)
    source = candidates[decision.chosen].augmenter
    generator = makers[source].generator if source else None
    return AugmentationSearch(candidates, scores, decision, primary, generator)


def _thinned(fold, codes, classes):
    """A fold of a large table with as many rows as tell enough."""
    rng = np.random.default_rng(stable_seed(fold.seed, "some rows"))
    parts = {}
    for name, most in (("train", MOST_ROWS * 4 // 5), ("test", MOST_ROWS // 5)):
        rows = getattr(fold, name)
        own = codes[rows].astype(int) if classes else len(rows)
        parts[name] = rows[some_rows(own, most, rng)]
    return replace(fold, **parts)


def _candidates(maker, estimators, size, classes, factor):
    """None and the ways of adding rows; all synthetic rows weigh the factor if there is one."""
    weighted = factor is None and all(map(takes_weights, estimators.values()))
    if maker.labeler is None:
        candidates = default_candidates(maker.generator, size, classes, weighted)
    else:
        candidates = labeled_candidates(maker.generator, size, classes)
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
) -> tuple[pd.DataFrame, bool]:
    """Return the scores of every candidate in every fold it was tried in.

    Candidates that cannot win any more are left out of later folds; when no way of adding rows
    can, the search ends. Where rows are many it ends after the first fold, in which no control is
    tried, if every way is lower in all scores.

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
        Seconds after which no further fold is measured, two at least.

    Returns
    -------
    DataFrame
        One row for each candidate (its place in the list), estimator, fold and score, see `Cell`.
    bool
        Whether it was the time that ended it.
    """
    started, cells, alive = time.monotonic(), [], list(range(len(candidates)))

    def measure(places, some):
        cells.extend(experiment.run({i: candidates[i] for i in places}, some, n_jobs=n_jobs))
        return Measured(cells_frame(cells), candidates, primary)

    with Work("Closed loop", len(folds), "inner folds") as work:
        n_done, many = 0, len(folds[0].train) >= MANY_ROWS
        if many:
            first = [i for i in alive if not (candidates[i].control and candidates[i].augmenter)]
            if _all_lower(measure(first, folds[:1])):
                return cells_frame(cells), False
            n_done = 1
            measure([i for i in alive if i not in first], folds[:1])
        for last, batch in _batches(folds, n_done, n_jobs):
            late = max_time is not None and time.monotonic() - started > max_time
            if late and n_done >= FEWEST_FOLDS:
                return cells_frame(cells), True
            work.advance(n_done - work.done)
            measured = measure(alive, batch)
            n_done += len(batch)
            if last:
                alive = [] if _settled(measured) else _still_alive(measured, alive)
            if not alive:
                break
    return cells_frame(cells), False


def _batches(folds, n_done, n_jobs):
    """Folds that are measured at a time, and whether they end a round.

    There are three rounds, between which candidates may be left out.
    """
    size, n = effective_n_jobs(n_jobs), len(folds)
    first = max(3, n // 3)
    while n_done < n:
        end = min(n_done + size, next((e for e in (first, 2 * first) if e > n_done), n), n)
        yield end in (first, 2 * first, n), folds[n_done:end]
        n_done = end


def _all_lower(measured):
    """Whether every way of adding rows is lower than none in all scores."""
    ways = [i for i in measured.whole() if i and not measured.candidates[i].control]
    return bool(ways) and all(
        measured.gain(name, way).mean < 0 for way in ways for name in measured.means
    )


def _settled(measured):
    """Whether soft labels hold so clearly that more folds would not change it."""
    whole = measured.whole()
    soft = labeled(measured.candidates, whole)
    best = [way for way in soft if measured.p_beats(way, 0) >= CLEAR]
    return any(map(measured.holds, best))


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

    A way of adding rows has hope in a score and is far behind in none. A control is not far
    behind in all. Rows with soft labels need not be better than a control.
    """
    soft = measured.candidates[i].labels == "labeler"
    if soft and rival:
        return True
    gains = [measured.gain(name, i, rival) for name in measured.means]
    far = [gain.mean < -BEHIND * gain.scale for gain in gains]
    if control:
        return not all(far)
    hopes = [measured.p_gain(name, i, rival) for name in measured.means]
    return not any(far) and (soft or max(hopes) >= HOPEFUL)


def check_time(max_time: float | None) -> None:
    """Refuse a bound of time that is none."""
    if max_time is not None and not (is_number(max_time) and max_time > 0):
        refuse("max_time", max_time, "None or a number of seconds > 0")


def _too_few(size):
    table = pd.DataFrame({"candidate": [str(NONE)], "n_samples": [0]})
    text = (
        f"Nothing is added: {size} rows are too few to measure on inner folds whether it would "
        f"help; {MIN_ROWS} are needed. Pass n_samples as a number to add rows all the same."
    )
    return AugmentationSearch([NONE], pd.DataFrame(), Decision(0, text, table))

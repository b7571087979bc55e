"""The closed loop from a table to a choice: candidates, inner folds, scores, decision."""

import numbers
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, balanced_accuracy_score, check_scoring

from gan_augment.containers import is_images, n_rows
from gan_augment.containers.weights import weight_name
from gan_augment.encoding.target import TargetCodec
from gan_augment.exceptions import InputError
from gan_augment.report.display import Display
from gan_augment.selection.candidates import NONE, default_candidates
from gan_augment.selection.decision import Decision, decide
from gan_augment.selection.search import Question, run_search
from gan_augment.selection.splits import Fold, make_folds, stable_seed

#: Fewer rows than these cannot be split into training and test rows that say anything.
MIN_ROWS = 10
#: Classes are about equally large if none has more than so many times its share of the rows.
MOST_OF_A_CLASS = 1.3


@dataclass(frozen=True)
class AugmentationSearch:
    """What was tried, and what was chosen.

    Parameters
    ----------
    candidates : list of Candidate
    scores : DataFrame
        A row for each candidate, model and fold.
    decision : Decision
    best_score : float or None
        A perfect score, where an expectation holds for the scorer; None where folds decide alone.
    """

    candidates: list
    scores: pd.DataFrame = field(repr=False)
    decision: Decision
    best_score: float | None = None

    @property
    def results(self):
        """One row for each candidate, see `Decision`."""
        return self.decision.table

    def plot(self):
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
    def chosen(self):
        """The candidate chosen; `NONE` adds nothing."""
        return self.candidates[self.decision.chosen]


def search_augmentation(
    models,
    X,
    y,
    maker,
    *,
    scoring=None,
    cv=5,
    weights=None,
    factor=None,
    n_jobs=None,
    max_time=None,
    seed=0,
):
    """Find out on inner folds whether, and how, added rows help these models.

    Parameters
    ----------
    models : dict of str to estimator
        Candidates are judged by the mean over these.
    X, y : table and target
    maker : Maker
        The unfitted generator.
    scoring : str or callable, optional
        A scikit-learn scorer; default: the models' own score.
    cv : int, splitter or iterable, default=5
        An int is repeated while rows are few: three times up to 100 rows, twice up to 500.
    weights : ndarray, optional
        Sample weights of the rows.
    factor : float, optional
        Weight of a synthetic row; None tries more than 1, where the models take weights.
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
    >>> from gan_augment.augmentation.maker import Maker
    >>> X, y = load_iris(return_X_y=True)
    >>> found = search_augmentation({"NB": GaussianNB()}, X, y, Maker(BootstrapGenerator()))
    >>> print(found.chosen)
    none
    """
    target = TargetCodec(kind=maker.generator.get_params().get("target", "auto")).fit(y, X)
    codes, classes, size = target.encode(y), target.kind_ == "class", n_rows(X)
    _check_time(max_time)
    scorers = [check_scoring(model, scoring=scoring) for model in models.values()]
    # what to expect was measured on tables
    best = None if is_images(X) else _perfect(scoring, scorers, codes, classes)
    if size < MIN_ROWS:
        return _too_few(size)
    weighted = factor is None and _take_weights(models)
    candidates = default_candidates(maker.generator, size, classes, weighted)
    if factor is not None:
        candidates = [NONE, *(replace(c, synthetic_weight=factor) for c in candidates[1:])]
    question = Question(
        models, X, y, target.classes_[codes] if classes else None, maker, scoring, weights
    )
    folds = _folds(codes, cv, classes, seed)
    scores = run_search(question, candidates, folds, n_jobs=n_jobs, max_time=max_time)
    decision = decide(scores, candidates, size, best)
    return AugmentationSearch(candidates, scores, decision, best)


def _check_time(max_time):
    is_number = isinstance(max_time, numbers.Real) and not isinstance(max_time, bool)
    if max_time is not None and not (is_number and max_time > 0):
        raise InputError(f"max_time={max_time!r} is no time: pass None or positive seconds.")


def _too_few(size):
    table = pd.DataFrame({"candidate": [str(NONE)], "n_samples": [0]})
    text = (
        f"Nothing is added: {size} rows are too few to measure on inner folds whether it would "
        f"help; {MIN_ROWS} are needed. Pass n_samples as a number to add rows all the same."
    )
    return AugmentationSearch([NONE], pd.DataFrame(), Decision(0, text, table))


def _take_weights(models):
    try:
        return all(weight_name(model) for model in models.values())
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


def _folds(codes, cv, classes, seed):
    """Folds of the caller's making, or dealt out class by class, several times while rows are few.

    Dealing puts rows of a rare class into as many folds as there are rows, where scikit-learn's
    stratified folds would warn or refuse.
    """
    if not isinstance(cv, numbers.Integral) or isinstance(cv, bool):
        return make_folds(codes, cv=cv, classes=classes, seed=seed)
    if not 2 <= cv <= len(codes):
        raise InputError(f"cv={cv!r} makes no folds: pass an integer from 2 to {len(codes)}.")
    repeats = 3 if len(codes) <= 100 else 2 if len(codes) <= 500 else 1
    rng, folds = np.random.default_rng(stable_seed(seed, "inner folds")), []
    for _ in range(repeats):
        at = np.empty(len(codes), dtype=int)
        for rows in _alike(codes, classes):
            at[rng.permutation(rows)] = (np.arange(len(rows)) + rng.integers(cv)) % cv
        for number in range(int(cv)):
            train, test = np.flatnonzero(at != number), np.flatnonzero(at == number)
            if len(test) and len(train):
                own = stable_seed(seed, "inner fold", len(folds))
                folds.append(Fold(len(folds), train, test, own, len(test) / len(train)))
    return folds


def _alike(codes, classes):
    """Rows that are dealt out together: those of a class, or all of them."""
    if not classes:
        return [np.arange(len(codes))]
    return [np.flatnonzero(codes == code) for code in np.unique(codes)]

"""Fold-safe scoring: synthetic rows are made from training rows and meet no test row.

Everything that asks "does it help?" stands on this file. It knows scikit-learn and a callable
``make_augmented(X_train, y_train, rng) -> AugmentedData``, and neither generators nor reports.
The callable is asked once a fold; its rows are shared by all learners, and smaller amounts are
prefixes of larger ones, so that what differs between two scores is what the row says differs.
"""

import copy
import hashlib
import json
import math
import numbers
import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sklearn.base import clone
from sklearn.metrics import check_scoring
from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold, check_cv

from gan_augment.augment import AugmentedData
from gan_augment.containers import take_rows
from gan_augment.exceptions import InputError
from gan_augment.weights import weight_name


@dataclass(frozen=True)
class Fold:
    """One split into training and test rows, and the seed of all that is random in it.

    Parameters
    ----------
    number : int
        0, 1, ... in the order of the splitter.
    train, test : ndarray of int
        Positions of rows.
    seed : int
        Of generators and learners.
    test_to_train : float
        Test rows for each row that was available for training, before `train` was thinned; what
        corrected statistics need.
    """

    number: int
    train: np.ndarray
    test: np.ndarray
    seed: int
    test_to_train: float


def stable_seed(*parts):
    """Return a seed that depends on the parts alone: not on order of work, not on the process.

    Parameters
    ----------
    *parts : int, float, str or None

    Returns
    -------
    int
        From 0 to 2**31 - 1.

    Examples
    --------
    >>> stable_seed(0, "fold", 1) == stable_seed(0, "fold", 1) != stable_seed(0, "fold", 2)
    True
    """
    digest = hashlib.sha256(json.dumps(parts).encode()).digest()
    return int.from_bytes(digest[:4], "big") % 2**31


def make_folds(codes, *, cv=None, classes=True, train_size=None, seed=0):
    """Return the splits of a table, the same for everyone who passes the same arguments.

    Parameters
    ----------
    codes : ndarray of shape (n,)
        Class codes, or the numbers of a regression target.
    cv : None, int, splitter or iterable of (train, test), optional
        None: five folds, twice, shuffled and stratified by class. An int: that many folds,
        once, likewise. An iterable serves groups and time: ``list(GroupKFold().split(X, y,
        groups))``.
    classes : bool, default=True
        Whether the target has classes to stratify by.
    train_size : None, int or float, optional
        Thin each training set to this many rows, or this share of it. Smaller sets are part of
        larger ones, and keep the shares of the classes, with at least one row of each.
    seed : int, default=0
        Of shuffling and of the folds' own seeds.

    Returns
    -------
    list of Fold

    Raises
    ------
    InputError
        If the rows cannot be split so, or a fold has fewer training rows than `train_size`.

    Examples
    --------
    >>> folds = make_folds(np.array([0, 1] * 10), cv=5)
    >>> len(folds), len(folds[0].train), folds[0].test_to_train
    (5, 16, 0.25)
    """
    folds = []
    for number, (train, test) in enumerate(draw_splits(codes, cv, classes=classes, seed=seed)):
        own = stable_seed(seed, "fold", number)
        kept = _thinned(train, codes, train_size, classes, own)
        folds.append(Fold(number, kept, test, own, len(test) / len(train)))
    return folds


def draw_splits(codes, cv=None, *, classes=True, seed=0):
    """Return the positions of training and test rows of each fold, drawn once.

    Folds that are to share splits, as several training sizes do, are made from one such list.
    An unseeded splitter is copied and seeded.

    Parameters
    ----------
    codes, cv, classes, seed
        As for `make_folds`.

    Returns
    -------
    list of (ndarray of int, ndarray of int)

    Examples
    --------
    >>> [test.tolist() for _, test in draw_splits(np.arange(4.0), cv=2, classes=False)]
    [[2, 3], [0, 1]]
    """
    n = len(codes)
    try:
        drawn = _splitter(cv, codes, classes, seed).split(np.zeros((n, 1)), codes)
        splits = [tuple(_positions(rows, n) for rows in pair) for pair in drawn]
    except Exception as error:  # scikit-learn's splitters speak of n_splits and of groups
        raise InputError(
            f"cv={cv!r:.60} cannot split {n} rows ({error_text(error).rstrip('.')}): pass an "
            "integer from 2 to the rows of the smallest class, or a list of splits as "
            "list(GroupKFold().split(X, y, groups)) makes it."
        ) from error
    if not splits:
        raise InputError("cv has no folds: pass a list, as an iterator is used up after one use.")
    for number, (train, test) in enumerate(splits):
        if not len(train) or not len(test):
            raise InputError(f"cv: fold {number} has no training or no test rows.")
    return splits


def _splitter(cv, codes, classes, seed):
    if cv is None or isinstance(cv, numbers.Integral) and not isinstance(cv, bool):
        kind = RepeatedStratifiedKFold if classes else RepeatedKFold
        n_splits, n_repeats = (5, 2) if cv is None else (int(cv), 1)
        return kind(n_splits=n_splits, n_repeats=n_repeats, random_state=stable_seed(seed, "cv"))
    if hasattr(cv, "split"):
        cv = copy.deepcopy(cv)  # a RandomState inside it is the caller's
        if getattr(cv, "random_state", 0) is None:
            cv.random_state = stable_seed(seed, "cv")
    return check_cv(cv, codes, classifier=classes)


def _positions(rows, n):
    rows = np.asarray(rows)
    return np.flatnonzero(rows) if rows.dtype == bool and len(rows) == n else rows.astype(np.int64)


def _thinned(train, codes, train_size, classes, seed):
    """Return the first rows of an order in which every prefix keeps the shares of the classes."""
    if train_size is None:
        return train
    size = _as_rows(train_size, len(train))
    rng = np.random.default_rng(seed)
    rank = rng.random(len(train))
    if classes:
        labels = np.asarray(codes)[train]
        for code in np.unique(labels):
            members = np.flatnonzero(labels == code)
            order = rng.permutation(len(members))
            rank[members] = (order + rank[members]) / len(members)
            rank[members[order == 0]] -= 1.0  # one row of each class comes before all others
    return np.sort(train[np.argsort(rank, kind="stable")[:size]])


def _as_rows(train_size, available):
    is_number = isinstance(train_size, numbers.Real) and not isinstance(train_size, bool)
    if not (is_number and 0 < train_size < math.inf):
        raise InputError(
            f"train_sizes contains {train_size!r}: pass whole numbers of rows, or shares of the "
            "training rows between 0 and 1."
        )
    whole = isinstance(train_size, numbers.Integral)
    if whole and train_size == 1:
        raise InputError("train_sizes contains 1: pass at least 2 rows, or 1.0 for all of them.")
    size = int(train_size) if whole else round(float(train_size) * available)
    if size > available:
        raise InputError(
            f"train_sizes contains {train_size!r}, but a fold has {available} training rows: "
            "pass at most that."
        )
    return max(size, 2)


def nested(pool, plan):
    """Return the real rows with the first synthetic rows a plan asks for.

    Parameters
    ----------
    pool : AugmentedData
        With at least as many synthetic rows as the plan has.
    plan : int or dict of label to int
        Rows to keep, for each class where it is a dict.

    Returns
    -------
    AugmentedData
        Rows stay in the order of the pool, so a smaller amount is part of every larger one.

    Raises
    ------
    InputError
        If the pool has too few rows.

    Examples
    --------
    >>> made = np.array([False, True, True, True])
    >>> pool = AugmentedData(np.arange(4)[:, None], np.array(["a", "a", "b", "a"]), made)
    >>> nested(pool, {"a": 1, "b": 1}).X.ravel().tolist()
    [0, 1, 2]
    """
    places = np.flatnonzero(pool.is_synthetic)
    if isinstance(plan, Mapping):
        labels = np.asarray(take_rows(pool.y, places))
        parts = [(places[labels == label], rows) for label, rows in plan.items()]
    else:
        parts = [(places, plan)]
    short = [rows - len(found) for found, rows in parts if len(found) < rows]
    if short:
        raise InputError(
            f"The augmenter made {sum(short)} rows fewer than planned: it must meet its plan."
        )
    wanted = [found[:rows] for found, rows in parts]
    if sum(map(len, wanted)) == len(places):
        return pool
    kept = np.sort(np.concatenate([np.flatnonzero(~pool.is_synthetic), *wanted]))
    y = None if pool.y is None else take_rows(pool.y, kept)
    return AugmentedData(take_rows(pool.X, kept), y, pool.is_synthetic[kept])


def augmented_folds(make_augmented, X, y, folds):
    """Yield each fold with its training rows and synthetic ones after them.

    Parameters
    ----------
    make_augmented : callable
        ``make_augmented(X_train, y_train, rng) -> AugmentedData``. It sees no test row.
    X, y : table and target
        All rows.
    folds : iterable of Fold

    Yields
    ------
    fold : Fold
    data : AugmentedData
    seconds : float
        What `make_augmented` took.

    Examples
    --------
    >>> def unchanged(X, y, rng):
    ...     return AugmentedData(X, y, np.zeros(len(X), dtype=bool))
    >>> X, y = np.arange(10.0)[:, None], np.array([0, 1] * 5)
    >>> [len(data) for _, data, _ in augmented_folds(unchanged, X, y, make_folds(y, cv=5))]
    [8, 8, 8, 8, 8]
    """
    for fold in folds:
        start = time.perf_counter()
        rng = np.random.default_rng(fold.seed)
        data = make_augmented(take_rows(X, fold.train), take_rows(y, fold.train), rng)
        if not isinstance(data, AugmentedData) or (~data.is_synthetic).sum() != len(fold.train):
            raise InputError(
                "make_augmented must return AugmentedData with all training rows in it, in their "
                "old order."
            )
        yield fold, data, time.perf_counter() - start


def seeded(estimator, seed):
    """Return an unfitted copy in which every ``random_state`` left at None has a seed.

    Parameters
    ----------
    estimator : estimator
        Seeds already set are left alone.
    seed : int

    Returns
    -------
    estimator

    Examples
    --------
    >>> from sklearn.ensemble import RandomForestClassifier
    >>> seeded(RandomForestClassifier(), 7).random_state == stable_seed(7, "random_state")
    True
    """
    estimator = clone(estimator)
    params = estimator.get_params(deep=True)
    names = [n for n in params if n == "random_state" or n.endswith("__random_state")]
    seeds = {name: stable_seed(seed, name) for name in names if params[name] is None}
    return estimator.set_params(**seeds) if seeds else estimator


@dataclass(frozen=True)
class Score:
    """What one learner reached in one fold.

    Parameters
    ----------
    scores : dict of str to float
        By scorer; NaN where it failed or is undefined in this fold.
    errors : dict of str to str
        By scorer, the error text of those that failed; every scorer if the fit failed.
    fit_seconds, score_seconds : float
        Wall time.
    """

    scores: dict
    errors: dict
    fit_seconds: float
    score_seconds: float


def score_fold(estimator, data, X_test, y_test, scorers, *, seed=0, sample_weight=None):
    """Fit a learner on real and synthetic rows and score it on real ones.

    Parameters
    ----------
    estimator : estimator
        Cloned, and seeded where it has no seed of its own.
    data : AugmentedData
        Training rows.
    X_test, y_test : table and target
        Real rows of the test fold.
    scorers : dict of str to (str or callable)
        scikit-learn scorers, by name.
    seed : int, default=0
        Of the learner; pass the same for every amount, so that scores are paired.
    sample_weight : ndarray of shape (n,), optional
        Weights of the training rows, synthetic ones included.

    Returns
    -------
    Score
        A failure is part of the result; nothing is raised but what stops the program.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> X, y = np.zeros((4, 1)), np.array([0, 0, 0, 1])
    >>> data = AugmentedData(X, y, np.zeros(4, dtype=bool))
    >>> score_fold(DummyClassifier(), data, X, y, {"accuracy": "accuracy"}).scores
    {'accuracy': 0.75}
    """
    start = time.perf_counter()
    try:
        model = seeded(estimator, seed)
        weights = {} if sample_weight is None else {weight_name(model): sample_weight}
        model.fit(data.X, data.y, **weights)
    except Exception as error:
        text = error_text(error)
        spent = time.perf_counter() - start
        return Score(dict.fromkeys(scorers, math.nan), dict.fromkeys(scorers, text), spent, 0.0)
    fitted = time.perf_counter()
    scores, errors = dict.fromkeys(scorers, math.nan), {}
    for name, value in _scored(model, X_test, y_test, scorers).items():
        if isinstance(value, numbers.Real):
            scores[name] = float(value)
        elif isinstance(value, str):
            errors[name] = value.strip().splitlines()[-1]
        else:
            errors[name] = f"TypeError: the scorer returned {type(value).__name__}, not a number."
    return Score(scores, errors, fitted - start, time.perf_counter() - fitted)


def _scored(model, X_test, y_test, scorers):
    """Return the answer of each scorer, or the text of what went wrong."""
    try:
        # One scorer of all names shares the predictions; what fails comes back as a traceback.
        return check_scoring(model, scoring=scorers, raise_exc=False)(model, X_test, y_test)
    except Exception as error:
        if len(scorers) == 1:
            return dict.fromkeys(scorers, error_text(error))
    # A model without predict_proba stops them all at once: ask one by one who can.
    alone = [_scored(model, X_test, y_test, {name: scorers[name]}) for name in scorers]
    return {name: value for found in alone for name, value in found.items()}


def error_text(error):
    """Return an error as one line: its kind, unless it is our own, and what it says."""
    line = (str(error).strip().splitlines() or [""])[0]
    return line if isinstance(error, InputError) else f"{type(error).__name__}: {line}"

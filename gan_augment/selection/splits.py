"""Splits into training and test rows, and the seed of all that is random in each."""

import copy
import hashlib
import json
import math
import numbers
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold, check_cv

from gan_augment.exceptions import InputError, error_text


@dataclass(frozen=True, eq=False)  # arrays have no single answer to ==
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
    if cv is None or (isinstance(cv, numbers.Integral) and not isinstance(cv, bool)):
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

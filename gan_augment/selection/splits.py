"""Splits into training and test rows, and the seed of all that is random in each."""

from __future__ import annotations

import copy
import hashlib
import json
import math
import numbers
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.model_selection import (
    GroupKFold,
    RepeatedKFold,
    RepeatedStratifiedKFold,
    StratifiedGroupKFold,
    check_cv,
)

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
        corrected statistics need. 0 where no two folds share a row, as they are independent.
    train_size : float, default=1.0
        The rows `train` was thinned to, as they were asked for; 1.0 for all of them.
    """

    number: int
    train: np.ndarray
    test: np.ndarray
    seed: int
    test_to_train: float
    train_size: float = 1.0


def stable_seed(*parts: int | float | str | None) -> int:
    """Return a seed that depends on the parts alone, not on the order of work or the process.

    Examples
    --------
    >>> stable_seed(0, "fold", 1) == stable_seed(0, "fold", 1) != stable_seed(0, "fold", 2)
    True
    """
    digest = hashlib.sha256(json.dumps(parts).encode()).digest()
    return int.from_bytes(digest[:4], "big") % 2**31


def make_folds(
    codes: np.ndarray,
    *,
    cv: object = None,
    classes: bool = True,
    groups: ArrayLike | None = None,
    train_size: int | float | None = None,
    seed: int = 0,
) -> list[Fold]:
    """Return the splits of a table, the same for everyone who passes the same arguments.

    Parameters
    ----------
    codes : ndarray of shape (n,)
        Class codes, or the numbers of a regression target.
    cv : None, int, splitter or iterable of (train, test), optional
        None: five folds, twice, shuffled and stratified by class. An int: that many folds,
        once, likewise. A list of splits serves time: ``list(TimeSeriesSplit().split(X))``.
    classes : bool, default=True
        Whether the target has classes to stratify by.
    groups : array-like of shape (n,), optional
        The group of each row. All rows of a group are in training or all in test; a splitter
        gets them as they are.
    train_size : None, int or float, optional
        Thin each training set to this many rows, or this share of it. Smaller sets are part of
        larger ones, and keep the shares of the classes, with at least one row of each.
    seed : int, default=0
        Of shuffling and of the folds' own seeds.

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
    splits, folds = draw_splits(codes, cv, classes=classes, groups=groups, seed=seed), []
    independent = _share_no_row(splits)
    for number, (train, test) in enumerate(splits):
        own = stable_seed(seed, "fold", number)
        kept = _thinned(train, codes, train_size, classes, own)
        ratio = 0.0 if independent else len(test) / len(train)
        size = 1.0 if train_size is None else float(train_size)
        folds.append(Fold(number, kept, test, own, ratio, size))
    return folds


def deal_folds(
    codes: np.ndarray,
    cv: int,
    *,
    classes: bool = True,
    groups: ArrayLike | None = None,
    seed: int = 0,
    repeats: int | None = None,
) -> list[Fold]:
    """Return folds whose rows are dealt out class by class, several times while rows are few.

    A rare class gets into as many folds as it has rows, where scikit-learn's stratified folds
    would warn or refuse.

    Parameters
    ----------
    codes, classes, groups, seed
        As for `make_folds`. Groups are dealt by their commonest class, the largest first.
    cv : int
        Folds each time. No more than there are groups.
    repeats : int, optional
        How often. Default: three times up to 100 rows, twice up to 500, once beyond.

    Raises
    ------
    InputError
        If `cv` is not between 2 and the number of rows, or there is one group only.

    Examples
    --------
    >>> folds = deal_folds(np.array([0] * 18 + [1] * 2), cv=5)
    >>> len(folds), sorted({len(fold.test) for fold in folds})
    (15, [3, 4, 5])
    """
    if not 2 <= cv <= len(codes):
        raise InputError.of("cv", cv, "makes no folds", f"pass an integer from 2 to {len(codes)}")
    if repeats is None:
        repeats = 3 if len(codes) <= 100 else 2 if len(codes) <= 500 else 1
    rng = np.random.default_rng(stable_seed(seed, "inner folds"))
    members, sizes = np.arange(len(codes)), np.ones(len(codes), dtype=int)
    if groups is not None:
        members, codes, sizes = _grouped(group_codes(groups, len(codes)), codes, classes)
        cv = min(cv, len(codes))
    folds: list[Fold] = []
    for _ in range(repeats):
        at, dealt = np.empty(len(codes), dtype=int), 0
        for together in _dealt_together(codes, classes):
            first, order = rng.integers(cv), rng.permutation(together)
            order = order[np.argsort(-sizes[order], kind="stable")]
            # few groups leave no fold empty if one class goes on where the last one ended
            first = first if groups is None else dealt
            at[order] = (np.arange(len(order)) + first) % cv
            dealt += len(order)
        for number in range(int(cv)):
            tested = at[members] == number
            train, test = np.flatnonzero(~tested), np.flatnonzero(tested)
            if len(test) and len(train):
                own = stable_seed(seed, "inner fold", len(folds))
                folds.append(Fold(len(folds), train, test, own, len(test) / len(train)))
    return folds


def _grouped(members, codes, classes):
    """The group of each row; of each group its commonest class, or 0, and its rows."""
    sizes = np.bincount(members)
    if not classes:
        return members, np.zeros(len(sizes)), sizes
    kinds, of_row = np.unique(codes, return_inverse=True)
    counts = np.zeros((len(sizes), len(kinds)), dtype=int)
    np.add.at(counts, (members, of_row), 1)
    return members, kinds[counts.argmax(axis=1)], sizes


def group_codes(groups: ArrayLike, n: int) -> np.ndarray:
    """Return the groups of `n` rows as 0, 1, ...

    Parameters
    ----------
    groups : array-like of shape (n,)
        Labels of any kind.
    n : int

    Returns
    -------
    ndarray of int of shape (n,)

    Raises
    ------
    InputError
        If there is no group for each row, or only one group.

    Examples
    --------
    >>> group_codes(["b", "a", "b"], 3).tolist()
    [0, 1, 0]
    """
    values = pd.Series(np.asarray(groups).tolist() if np.ndim(groups) == 1 else [], dtype=object)
    if len(values) != n:
        raise InputError(
            f"has shape {np.shape(groups)}, expected ({n},)",
            argument="groups",
            remedy="pass one group for each row of X",
        )
    codes = pd.factorize(values)[0]
    if (codes < 0).any():
        raise InputError(
            "is missing",
            argument="groups",
            row=int(np.argmin(codes)),
            remedy="give each row a group, if need be one of its own",
        )
    if codes.max(initial=0) == 0:
        raise InputError(
            "holds one group only, which cannot be in training and test rows",
            argument="groups",
            remedy="leave it out, or pass at least two groups",
        )
    return codes


def _dealt_together(codes, classes):
    """What is dealt out together: the rows or groups of a class, or all of them."""
    if not classes:
        return [np.arange(len(codes))]
    return [np.flatnonzero(codes == code) for code in np.unique(codes)]


def _share_no_row(splits):
    rows = np.concatenate([rows for split in splits for rows in split])
    return len(splits) > 1 and len(np.unique(rows)) == len(rows)


def draw_splits(
    codes: np.ndarray,
    cv: object = None,
    *,
    classes: bool = True,
    groups: ArrayLike | None = None,
    seed: int = 0,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the positions of training and test rows of each fold, drawn once.

    Folds that are to share splits, as several training sizes do, are made from one such list.
    An unseeded splitter is copied and seeded.

    Parameters
    ----------
    codes, cv, classes, groups, seed
        As for `make_folds`.

    Examples
    --------
    >>> [test.tolist() for _, test in draw_splits(np.arange(4.0), cv=2, classes=False)]
    [[2, 3], [0, 1]]
    """
    n = len(codes)
    members = None if groups is None else group_codes(groups, n)
    labels = groups if hasattr(cv, "split") else members  # the caller's splitter, their labels
    try:
        drawn = [
            pair
            for splitter in _splitters(cv, codes, classes, members, seed)
            for pair in splitter.split(np.zeros((n, 1)), codes, labels)
        ]
        splits = [tuple(_positions(rows, n) for rows in pair) for pair in drawn]
    except Exception as error:  # scikit-learn's splitters speak of n_splits and of groups
        reason = error_text(error).rstrip(".")
        raise InputError.of(
            "cv",
            cv,
            f"cannot split {n} rows ({reason})",
            "pass an integer from 2 to the rows of the smallest class, or to the number "
            "of groups, or a list of splits; a splitter of groups needs groups= too",
        ) from error
    _check_splits(splits, members)
    return splits


def _check_splits(splits, members):
    if not splits:
        raise InputError(
            "has no folds",
            argument="cv",
            remedy="pass a list, as an iterator is used up after one use",
        )
    for number, (train, test) in enumerate(splits):
        if not len(train) or not len(test):
            raise InputError(
                f"has no training rows or no test rows in fold {number}", argument="cv"
            )
        if members is not None and np.isin(members[test], members[train]).any():
            raise InputError(
                f"puts rows of one group into training and test in fold {number}",
                argument="cv",
                remedy="pass a splitter that keeps groups together, e.g. GroupKFold(), or leave "
                "it out",
            )


def _splitters(cv, codes, classes, members, seed):
    """The splitters whose folds come after one another."""
    if cv is None or (isinstance(cv, numbers.Integral) and not isinstance(cv, bool)):
        n_splits, n_repeats = (5, 2) if cv is None else (int(cv), 1)
        own = stable_seed(seed, "cv")
        if members is None:
            kind = RepeatedStratifiedKFold if classes else RepeatedKFold
            return [kind(n_splits=n_splits, n_repeats=n_repeats, random_state=own)]
        kind = StratifiedGroupKFold if classes else GroupKFold
        n_splits = n_splits if cv is not None else min(n_splits, int(members.max()) + 1)
        return [kind(n_splits, shuffle=True, random_state=own + i) for i in range(n_repeats)]
    if hasattr(cv, "split"):
        cv = copy.deepcopy(cv)  # a RandomState inside it is the caller's
        if getattr(cv, "random_state", 0) is None:
            cv.random_state = stable_seed(seed, "cv")
    return [check_cv(cv, codes, classifier=classes)]


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
            f"contains {train_size!r}",
            argument="train_sizes",
            remedy="pass whole numbers of rows, or shares of the training rows between 0 and 1",
        )
    whole = isinstance(train_size, numbers.Integral)
    if whole and train_size == 1:
        raise InputError(
            "contains 1",
            argument="train_sizes",
            remedy="pass at least 2 rows, or 1.0 for all of them",
        )
    size = int(train_size) if whole else round(float(train_size) * available)
    if size > available:
        raise InputError(
            f"contains {train_size!r}, but a fold has {available} training rows",
            argument="train_sizes",
            remedy="pass at most that",
        )
    return max(size, 2)

"""Folds that share no row, neither to learn from nor to test on: their scores are independent."""

from __future__ import annotations

import numpy as np

from gan_augment.exceptions import InputError


def disjoint_folds(
    y: np.ndarray, per_class: int, n_folds: int, rng: np.random.Generator
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return folds that share no row, each with `per_class` training rows of each class.

    Examples
    --------
    >>> folds = disjoint_folds(np.repeat([0, 1], 10), 2, 2, np.random.default_rng(0))
    >>> [(len(train), len(test)) for train, test in folds]
    [(4, 6), (4, 6)]
    """
    train, test = [[] for _ in range(n_folds)], [[] for _ in range(n_folds)]
    for label in np.unique(y):
        members = rng.permutation(np.flatnonzero(y == label))
        if len(members) < n_folds * (per_class + 1):
            raise InputError.of(
                "per_class",
                per_class,
                f"leaves no test rows of {label} in {n_folds} folds",
                "pass fewer",
            )
        for fold in range(n_folds):
            train[fold].append(members[fold * per_class :][:per_class])
            test[fold].append(members[n_folds * per_class + fold :: n_folds])
    return [
        (np.sort(np.concatenate(a)), np.sort(np.concatenate(b)))
        for a, b in zip(train, test, strict=True)
    ]

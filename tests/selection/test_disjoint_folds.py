"""Folds that share no row: exact sizes, equal classes, and a refusal."""

import numpy as np
import pytest

from gan_augment.exceptions import InputError
from gan_augment.selection.disjoint_folds import disjoint_folds


def test_folds_share_no_row_and_have_the_classes_evenly():
    y = np.repeat([0, 1, 2], [30, 40, 50])
    folds = disjoint_folds(y, 4, 5, np.random.default_rng(0))
    rows = np.concatenate([part for fold in folds for part in fold])
    assert len(rows) == len(set(rows.tolist())) == len(y)
    assert all(np.bincount(y[train]).tolist() == [4, 4, 4] for train, _ in folds)
    with pytest.raises(InputError, match="leaves no test rows of 0"):
        disjoint_folds(y, 6, 5, np.random.default_rng(0))

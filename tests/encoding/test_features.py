"""Features for learners: bins of rows."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.ensemble import HistGradientBoostingClassifier

from gan_augment.encoding.features import QuantileBins
from gan_augment.selection.learners import learners_for

COLUMNS = arrays(np.float64, st.tuples(st.integers(2, 60), st.just(2)), elements=st.floats(-9, 9))


@example(np.array([[1.0, 0.0], [np.nextafter(1.0, 2.0), 5e-324]]), 2)  # with no number between
@example(np.array([[1.0, -1.0], [np.nextafter(1.0, 0.0), np.nextafter(-1.0, 0.0)]]), 2)
@given(COLUMNS, st.integers(2, 20))
def test_bins_keep_the_order_of_numbers_and_are_few(X, n_bins):
    bins = QuantileBins(n_bins).fit_transform(X)
    for column, found in zip(X.T, bins.T, strict=True):
        assert (np.diff(found[np.argsort(column, kind="stable")]) >= 0).all()
        assert len(np.unique(found)) <= n_bins
        if len(np.unique(column)) <= n_bins:  # as many bins as numbers
            assert len(np.unique(found)) == len(np.unique(column))


def test_trees_of_bins_are_those_of_numbers():
    """Where each number has a bin, a histogram of places splits rows as one of numbers does."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 30, size=(200, 3)).astype(float)
    y = (X[:, 0] + rng.normal(scale=9, size=200) > 15).astype(int)
    tree = HistGradientBoostingClassifier(max_iter=5)
    places = QuantileBins(63).fit(X)
    mine = tree.fit(places.transform(X), y).predict_proba(places.transform(X))
    assert mine == pytest.approx(tree.fit(X, y).predict_proba(X))


def test_bins_hold_about_as_many_rows_each():
    X = np.random.default_rng(0).normal(size=(1000, 1)) ** 3
    counts = np.bincount(QuantileBins(10).fit_transform(X).astype(int).ravel())
    assert counts.tolist() == [100] * 10


def test_boosted_trees_are_told_bins():
    steps = learners_for(pd.DataFrame({"x": [1.0, 2.0]}), ["gb", "rf"], "class")
    assert isinstance(steps["boosted trees"][-2], QuantileBins)
    assert not any(isinstance(step, QuantileBins) for _, step in steps["random forest"].steps)

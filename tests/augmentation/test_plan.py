"""How many rows of which class: every spelling of n_samples, as numbers."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gan_augment.augmentation.plan import resolve_plan
from gan_augment.exceptions import InputError

Y = ["a"] * 6 + ["b"] * 3 + ["c"]


@pytest.mark.parametrize(
    ("n_samples", "class_balance", "plan"),
    [
        (0, "equal", {"a": 0, "b": 0, "c": 0}),
        (0.0, "proportional", {"a": 0, "b": 0, "c": 0}),
        (1.0, "proportional", {"a": 6, "b": 3, "c": 1}),
        (1.0, "equal", {"a": 3, "b": 3, "c": 4}),  # the row left over goes to the smallest
        (2, "equal", {"a": 0, "b": 1, "c": 1}),
        (1, "equal", {"a": 0, "b": 0, "c": 1}),
        (1, "proportional", {"a": 1, "b": 0, "c": 0}),
        (np.float32(0.5), "proportional", {"a": 3, "b": 1, "c": 1}),
        (np.int64(3), "equal", {"a": 1, "b": 1, "c": 1}),
        (2.5, "equal", {"a": 8, "b": 8, "c": 9}),
        ("fill", "equal", {"a": 0, "b": 3, "c": 5}),
        ("fill", "proportional", {"a": 0, "b": 3, "c": 5}),
        ({"b": 4}, "equal", {"a": 0, "b": 4, "c": 0}),
        ({}, "equal", {"a": 0, "b": 0, "c": 0}),
        ({"a": np.int64(2), "c": 1}, "equal", {"a": 2, "b": 0, "c": 1}),
        ({"where": {"x": 1}, "rows": 4}, "proportional", {"a": 2, "b": 1, "c": 1}),
        ({"where": {"x": 1}, "rows": {"b": 4}}, "equal", {"a": 0, "b": 4, "c": 0}),
        ({"where": {"x": 1}, "rows": "fill"}, "equal", {"a": 0, "b": 3, "c": 5}),
        ({"where": {}}, "proportional", {"a": 6, "b": 3, "c": 1}),
    ],
)
def test_plans_of_classes(n_samples, class_balance, plan):
    assert resolve_plan(n_samples, class_balance, Y, len(Y)) == plan


@pytest.mark.parametrize(
    ("n_samples", "rows"), [(0, 0), (7, 7), (1.0, 10), (0.25, 3), (0.24, 2), (1e-9, 0)]
)
def test_plans_without_classes(n_samples, rows):
    assert resolve_plan(n_samples, "equal", None, 10) == rows


@pytest.mark.parametrize(
    "y",
    [
        pd.Series(Y),
        pd.Series(Y, dtype="category"),
        pd.Series(Y, dtype="string"),
        np.array(Y, dtype=object),
        pl.Series(Y),
    ],
)
def test_any_container_of_labels(y):
    assert resolve_plan("fill", "equal", y, 10) == {"a": 0, "b": 3, "c": 5}


def test_labels_keep_their_type():
    assert resolve_plan("fill", "equal", [True, True, False], 3) == {False: 1, True: 0}
    (label, *_) = resolve_plan(1, "equal", np.array([3, 5]), 2)
    assert type(label) is int


def test_no_row_is_lost_to_rounding(rng):
    for _ in range(100):
        y = rng.integers(0, rng.integers(1, 9), 50)
        total = int(rng.integers(0, 400))
        for balance in ("equal", "proportional"):
            plan = resolve_plan(total, balance, y, 50)
            assert sum(plan.values()) == total
            assert set(plan) == set(y.tolist())


@pytest.mark.parametrize(
    ("n_samples", "message"),
    [
        (-1, "n_samples=-1 is negative"),
        (-0.5, "n_samples=-0.5 is negative"),
        (float("nan"), "n_samples=nan"),
        (float("inf"), "n_samples=inf"),
        (True, "n_samples=True"),
        (None, "n_samples=None"),
        ([1, 2], "n_samples="),
        ("all", "n_samples='all' is unknown"),
        ("auto", "n_samples='auto' lets inner folds choose"),
        ({"z": 1}, "class 'z'.*'a', 'b', 'c'"),
        ({"a": -1}, r"n_samples\['a'\]=-1"),
        ({"a": 1.5}, r"n_samples\['a'\]=1.5"),
        ({"a": True}, r"n_samples\['a'\]=True"),
    ],
)
def test_refused_amounts(n_samples, message):
    with pytest.raises(InputError, match=message):
        resolve_plan(n_samples, "equal", Y, len(Y))


@pytest.mark.parametrize("n_samples", ["fill", {"a": 1}])
def test_classes_are_needed(n_samples):
    with pytest.raises(InputError, match="no classes"):
        resolve_plan(n_samples, "equal", None, 10)


@pytest.mark.parametrize("class_balance", ["even", None, 1, np.array([1, 2])])
def test_refused_balances(class_balance):
    with pytest.raises(InputError, match="class_balance="):
        resolve_plan(1.0, class_balance, Y, len(Y))

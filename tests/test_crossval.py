"""The keystone: what a fold holds, what its synthetic rows may see, and how a failure looks."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer
from sklearn.model_selection import GroupKFold, KFold, cross_val_score
from sklearn.pipeline import make_pipeline

from gan_augment.augment import AugmentedData
from gan_augment.crossval import (
    augmented_folds,
    make_folds,
    nested,
    score_fold,
    seeded,
    stable_seed,
)
from gan_augment.exceptions import InputError

CODES = np.repeat([0, 1, 2], [60, 30, 10])


def unchanged(X, y, rng):
    return AugmentedData(X, y, np.zeros(len(X), dtype=bool))


def test_the_default_is_five_stratified_folds_twice():
    folds = make_folds(CODES, seed=3)
    assert [fold.number for fold in folds] == list(range(10))
    for repeat in (folds[:5], folds[5:]):
        tested = np.sort(np.concatenate([fold.test for fold in repeat]))
        np.testing.assert_array_equal(tested, np.arange(100))
    for fold in folds:
        assert not np.intersect1d(fold.train, fold.test).size
        assert np.bincount(CODES[fold.test]).tolist() == [12, 6, 2]
        assert fold.test_to_train == 20 / 80
    assert len({fold.seed for fold in folds}) == 10


def test_numbers_are_split_without_strata_and_an_int_is_one_repeat(rng):
    assert len(make_folds(rng.normal(size=50), classes=False)) == 10
    assert len(make_folds(CODES, cv=3)) == 3


def test_the_same_seed_gives_the_same_folds():
    first, second, other = (make_folds(CODES, seed=seed) for seed in (1, 1, 2))
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a.train, b.train)
        assert a.seed == b.seed
    assert any(not np.array_equal(a.test, b.test) for a, b in zip(first, other, strict=True))


def test_splitters_and_lists_of_splits_are_taken_as_they_are():
    expected = [test.tolist() for _, test in KFold(4).split(CODES)]
    assert [fold.test.tolist() for fold in make_folds(CODES, cv=KFold(4))] == expected
    groups = np.arange(100) // 10
    for fold in make_folds(CODES, cv=list(GroupKFold(5).split(CODES, groups=groups))):
        assert not set(groups[fold.train]) & set(groups[fold.test])
    masks = [(np.arange(100) >= 20, np.arange(100) < 20)]
    assert make_folds(CODES, cv=masks)[0].test.tolist() == list(range(20))


def test_training_sets_are_thinned_in_nested_steps_that_keep_all_classes():
    sizes = [6, 20, 0.5, 80]
    splits = [make_folds(CODES, train_size=size, seed=5) for size in sizes]
    for folds in zip(*splits, strict=True):
        assert [len(fold.train) for fold in folds] == [6, 20, 40, 80]
        for small, large in zip(folds, folds[1:], strict=False):
            assert set(small.train) <= set(large.train)
            np.testing.assert_array_equal(small.test, large.test)
        assert all(len(np.unique(CODES[fold.train])) == 3 for fold in folds)
        shares = np.bincount(CODES[folds[2].train])
        assert np.abs(shares - [24, 12, 4]).max() <= 1
        assert all(fold.test_to_train == 0.25 for fold in folds)


@pytest.mark.parametrize("size", [0, -5, 81, True, "half", float("nan")])
def test_impossible_training_sizes_are_refused(size):
    with pytest.raises(InputError, match="train_sizes contains"):
        make_folds(CODES, train_size=size)


@pytest.mark.parametrize("cv", [1, 0, [(np.arange(5), np.arange(0))]])
def test_impossible_folds_are_refused(cv):
    with pytest.raises(InputError, match="cv"):
        make_folds(CODES, cv=cv)


@pytest.mark.parametrize("container", ["numpy", "pandas", "polars"])
def test_the_maker_sees_the_training_rows_alone_and_its_own_seed(container):
    X, y, seen = np.arange(100.0)[:, None], CODES, []
    X = {"numpy": X, "pandas": pd.DataFrame(X), "polars": pl.DataFrame({"a": X[:, 0]})}[container]

    def spy(X_train, y_train, rng):
        assert type(X_train) is type(X)
        seen.append((np.asarray(X_train)[:, 0].astype(int), y_train, rng.random()))
        return unchanged(X_train, y_train, rng)

    folds = make_folds(CODES)
    assert len(list(augmented_folds(spy, X, y, folds))) == 10
    for fold, (rows, labels, _) in zip(folds, seen, strict=True):
        np.testing.assert_array_equal(rows, fold.train)
        np.testing.assert_array_equal(labels, CODES[fold.train])
    draws = [draw for _, _, draw in seen]
    assert len(set(draws)) == 10
    list(augmented_folds(spy, X, y, folds[3:4]))  # alone, the fold draws what it drew among ten
    assert seen[-1][2] == draws[3]


@pytest.mark.parametrize("made", [None, AugmentedData(np.zeros((3, 1)), None, np.zeros(3, bool))])
def test_a_maker_must_return_all_training_rows(made):
    with pytest.raises(InputError, match="AugmentedData"):
        next(augmented_folds(lambda X, y, rng: made, CODES[:, None], CODES, make_folds(CODES)))


@pytest.mark.parametrize("kind", ["numpy", "pandas", "categorical", "list", "polars"])
def test_amounts_are_nested_and_meet_their_plan(kind):
    labels = ["a", "b", "a"] + ["a", "b", "b", "a", "a", "b"]
    y = {
        "numpy": np.array,
        "pandas": pd.Series,
        "categorical": pd.Categorical,
        "list": list,
        "polars": pl.Series,
    }[kind](labels)
    y = pd.Series(y) if kind == "categorical" else y
    pool = AugmentedData(pd.DataFrame({"x": range(9)}), y, np.arange(9) >= 3)
    small, large = (nested(pool, {"a": 1, "b": n}) for n in (0, 2))
    assert small.X["x"].tolist() == [0, 1, 2, 3]
    assert large.X["x"].tolist() == [0, 1, 2, 3, 4, 5]
    assert list(large.y) == labels[:6] and large.n_synthetic == 3
    assert nested(pool, {"a": 3, "b": 3}) is pool
    assert nested(pool, 2).X["x"].tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(InputError, match="2 rows fewer"):
        nested(pool, {"a": 5, "b": 1})


def test_scores_without_synthetic_rows_are_those_of_scikit_learn():
    X, y = load_iris(return_X_y=True)
    model = LogisticRegression(max_iter=500)
    folds = make_folds(y, cv=5)
    scorers = {"accuracy": "accuracy", "auc": "roc_auc_ovr"}
    found = [
        score_fold(model, data, X[fold.test], y[fold.test], scorers)
        for fold, data, _ in augmented_folds(unchanged, X, y, folds)
    ]
    splits = [(fold.train, fold.test) for fold in folds]
    for name, scorer in scorers.items():
        expected = cross_val_score(model, X, y, cv=splits, scoring=scorer)
        np.testing.assert_allclose([score.scores[name] for score in found], expected)
    assert all(score.errors == {} and score.fit_seconds > 0 for score in found)


class Fragile(ClassifierMixin, BaseEstimator):
    """Fails where it is told to."""

    def __init__(self, where=None):
        self.where = where

    def fit(self, X, y):
        if self.where == "fit":
            raise ValueError("cannot fit\nmore lines")
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        if self.where == "predict":
            raise RuntimeError("cannot predict")
        return np.full(len(X), self.classes_[0])


@pytest.mark.parametrize(
    ("where", "scorers", "failing", "text"),
    [
        ("fit", {"a": "accuracy", "b": "f1_macro"}, ["a", "b"], "ValueError: cannot fit"),
        ("predict", {"a": "accuracy"}, ["a"], "RuntimeError: cannot predict"),
        (None, {"a": "accuracy", "auc": "roc_auc"}, ["auc"], "has none of the following"),
        (None, {"a": "accuracy", "odd": lambda *_: "high"}, ["odd"], "high"),
        (None, {"a": "accuracy", "odd": lambda *_: None}, ["odd"], "not a number"),
    ],
)
def test_a_failure_is_part_of_the_result(where, scorers, failing, text):
    X, y = np.zeros((10, 1)), np.repeat([0, 1], 5)
    score = score_fold(Fragile(where), unchanged(X, y, None), X, y, scorers)
    assert list(score.errors) == failing
    assert all(text in error for error in score.errors.values())
    assert np.isnan([score.scores[name] for name in failing]).all()
    assert all(score.scores[name] == 0.5 for name in scorers if name not in failing)


def test_an_undefined_score_is_no_failure():
    X, y = np.zeros((4, 1)), np.array([0, 0, 0, 0])
    undefined = make_scorer(lambda y_true, y_pred: float("nan"))
    score = score_fold(Fragile(), unchanged(X, y, None), X, y, {"recall": undefined})
    assert np.isnan(score.scores["recall"]) and not score.errors


def test_seeds_left_open_are_set_and_others_left_alone():
    model = make_pipeline(RandomForestClassifier(), RandomForestClassifier(random_state=3))
    model.steps[0] = ("first", model.steps[0][1])
    set_up = seeded(model, 7)
    assert set_up.named_steps["first"].random_state == stable_seed(7, "first__random_state")
    assert set_up.steps[1][1].random_state == 3
    assert model.named_steps["first"].random_state is None

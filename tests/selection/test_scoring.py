"""One estimator in one fold: smaller amounts are prefixes, and a failure is part of the result."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from gan_augment.augmentation.augment import AugmentedData
from gan_augment.exceptions import InputError
from gan_augment.selection.scoring import (
    Failure,
    Predictions,
    fit_model,
    nested,
    scores_of,
    seeded,
)
from gan_augment.selection.splits import make_folds, stable_seed


def scored(model, X, y, scorers, train=slice(None), test=slice(None)):
    """The scores and the errors of a model, by scorer."""
    found = fit_model(model, unchanged(X[train], y[train]))
    if isinstance(found, Failure):
        return {}, dict.fromkeys(scorers, found.error)
    scores = scores_of(Predictions(found.model, X[test]), X[test], y[test], scorers)
    errors = {name: why.error for name, (_, why) in scores.items() if why and why.error}
    return {name: score for name, (score, _) in scores.items()}, errors


def unchanged(X, y):
    return AugmentedData(X, y, np.zeros(len(X), dtype=bool))


@pytest.mark.parametrize("kind", ["numpy", "pandas", "categorical", "list", "polars"])
def test_amounts_are_nested_and_meet_their_plan(kind):
    labels = ["a", "b", "a", "a", "b", "b", "a", "a", "b"]
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
    scorers = {"accuracy": "accuracy", "auc": "roc_auc_ovr", "loss": "neg_log_loss"}
    found = [scored(model, X, y, scorers, fold.train, fold.test) for fold in folds]
    splits = [(fold.train, fold.test) for fold in folds]
    for name, scorer in scorers.items():
        expected = cross_val_score(model, X, y, cv=splits, scoring=scorer)
        np.testing.assert_allclose([scores[name] for scores, _ in found], expected)
    assert all(errors == {} for _, errors in found)


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
    scores, errors = scored(Fragile(where), X, y, scorers)
    assert list(errors) == failing
    assert all(text in error for error in errors.values())
    assert np.isnan([scores.get(name, np.nan) for name in failing]).all()
    assert all(scores[name] == 0.5 for name in scorers if name not in failing)


def test_an_undefined_score_is_no_failure():
    X, y = np.zeros((4, 1)), np.array([0, 0, 0, 0])
    undefined = make_scorer(lambda y_true, y_pred: float("nan"))
    model = fit_model(Fragile(), unchanged(X, y)).model
    score, why = scores_of(model, X, y, {"recall": undefined})["recall"]
    assert np.isnan(score) and why == Failure("undefined", "")


class Asked(LogisticRegression):
    """Counts how often it is asked for probabilities."""

    count = 0

    def predict_proba(self, X):
        Asked.count += 1
        return super().predict_proba(X)


def test_a_model_is_asked_once_for_all_scorers_and_for_parts_of_the_test_rows(rng):
    X, y = rng.normal(size=(60, 2)), np.arange(60) % 3
    known, model = Predictions(Asked().fit(X, y), X), LogisticRegression().fit(X, y)
    scorers = {"loss": "neg_log_loss", "auc": "roc_auc_ovr"}
    Asked.count = 0
    scores_of(known, X, y, scorers)
    rows = np.arange(0, 60, 2)
    part = known.part(rows)
    found = scores_of(part, part.X, y[rows], scorers)
    assert Asked.count == 1
    expected = scores_of(model, X[rows], y[rows], scorers)
    assert found == {name: (pytest.approx(score), None) for name, (score, _) in expected.items()}


def test_probabilities_are_multiplied_and_nothing_else(rng):
    X, y = rng.normal(size=(60, 2)), np.repeat(["a", "b", "b"], 20)
    model = LogisticRegression().fit(X, y)
    known = Predictions(model, X, factors=np.array([3.0, 0.5]))
    odds = model.predict_proba(X) * [3, 0.5]
    for rows in (X, X[:7]):  # test rows and others
        expected = odds[: len(rows)] / odds[: len(rows)].sum(axis=1, keepdims=True)
        np.testing.assert_allclose(known.predict_proba(rows), expected)
        assert (known.predict(rows) == model.predict(rows)).all()
        assert (known.decision_function(rows) == model.decision_function(rows)).all()
    assert known.C == 1 and not hasattr(Predictions(KMeans().fit(X), X), "predict_proba")


def test_seeds_left_open_are_set_and_others_left_alone():
    model = make_pipeline(RandomForestClassifier(), RandomForestClassifier(random_state=3))
    model.steps[0] = ("first", model.steps[0][1])
    set_up = seeded(model, 7)
    assert set_up.named_steps["first"].random_state == stable_seed(7, "first__random_state")
    assert set_up.steps[1][1].random_state == 3
    assert model.named_steps["first"].random_state is None


def test_the_first_steps_of_a_pipeline_see_the_test_rows_once_for_all_scores():
    X, y = load_iris(return_X_y=True)
    seen = []

    def scaled(rows):
        seen.append(len(rows))
        return rows / 10

    model = make_pipeline(FunctionTransformer(scaled), LogisticRegression()).fit(X, y)
    seen.clear()
    test, scorers = X[::2], {"accuracy": "accuracy", "loss": "neg_log_loss"}
    found = scores_of(Predictions(model, test), test, y[::2], scorers)
    assert seen == [75]
    assert found == scores_of(model, test, y[::2], scorers)

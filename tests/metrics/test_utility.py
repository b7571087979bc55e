"""Utility: known tasks, models that learnt nothing, classes that are not there."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import r2_score, roc_auc_score

from gan_augment.metrics.features import Feature
from gan_augment.metrics.uncertainty import auc
from gan_augment.metrics.utility import (
    LEARNERS,
    Task,
    importance_agreement,
    panel_scores,
    score,
)

X0, X1 = Feature("a", "number", "number"), Feature("b", "number", "number")
CLASS = Feature("y", "category", "category", categories=("no", "yes"))
NUMBER = Feature("y", "number", "number")


def rows(rng, n, kind="class", lean=(2.0, 0.0)):
    X = rng.normal(size=(n, 2))
    y = X @ lean + 0.5 * rng.normal(size=n)
    return np.column_stack([X, y > 0 if kind == "class" else y]).astype(float)


def task(real, kind="class"):
    return Task((X0, X1, CLASS if kind == "class" else NUMBER), 2, kind, real)


def test_the_area_is_scikit_learns(rng):
    truth, scores = rng.random(100) < 0.4, rng.random(100).round(1)
    expected = roc_auc_score(truth, scores)
    assert auc(scores[~truth], scores[truth]).value == pytest.approx(expected)


def test_scores_are_scikit_learns(rng):
    X, X_test = rng.normal(size=(2, 90, 2))
    y, y_test = (np.digitize(part[:, 0], [-0.5, 0.5]) for part in (X, X_test))
    model = LogisticRegression().fit(X, y)
    expected = roc_auc_score(y_test, model.predict_proba(X_test), multi_class="ovr")
    assert score("class", model, X_test, y_test).value == pytest.approx(expected)
    linear = Ridge().fit(X, y)
    expected = r2_score(y_test, linear.predict(X_test))
    assert score("number", linear, X_test, y_test).value == pytest.approx(expected)


@pytest.mark.parametrize("kind", ["class", "number"])
def test_fresh_rows_teach_as_much_and_contradicting_ones_nothing(rng, kind):
    real, fresh, test = (rows(rng, 200, kind) for _ in range(3))
    against = np.column_stack([-fresh[:, :2], fresh[:, 2]])
    good = panel_scores(task(real, kind), real, fresh, test, rng)
    bad = panel_scores(task(real, kind), real, against, test, rng)
    assert set(good["tstr"]) == set(LEARNERS)
    for name in LEARNERS:
        assert abs(good["tstr"][name].value - good["trtr"][name].value) < 0.08
        assert bad["tstr"][name].value < (0.2 if kind == "class" else -0.5)
        assert bad["trts"][name].value < (0.2 if kind == "class" else -0.5)
        assert bad["trtr"][name].value > 0.8


def test_a_class_missing_from_the_synthetic_rows_scores_as_a_guess(rng):
    real, test = rows(rng, 100), rows(rng, 100)
    one_class = real[real[:, 2] == 1]
    found = panel_scores(task(real), real, one_class, test, rng)
    assert [e.value for e in found["tstr"].values()] == [0.5] * 3
    assert all(np.isnan(e.value) for e in found["trts"].values())


def test_missing_cells_and_targets_are_no_obstacle(rng):
    real, made, test = (rows(rng, 120) for _ in range(3))
    made[::7, 0], made[3, 2] = np.nan, np.nan
    found = panel_scores(task(real), real, made, test, rng)
    assert min(e.value for e in found["tstr"].values()) > 0.85


@pytest.mark.parametrize("kind", ["class", "number"])
def test_models_that_lean_on_other_columns_disagree(rng, kind):
    real, fresh, test = (rows(rng, 240, kind) for _ in range(3))
    other = rows(rng, 240, kind, lean=(0.0, 2.0))
    same, reference, importances = importance_agreement(task(real, kind), real, fresh, test, rng)
    apart, _, _ = importance_agreement(task(real, kind), real, other, test, rng)
    assert same.value > 0.95 and reference.value > 0.95
    assert apart.value < 0.5
    assert importances.shape == (2, 2) and importances[0, 0] > 5 * importances[0, 1]


def test_a_model_with_nothing_to_lean_on_agrees_with_none(rng):
    real, test = rows(rng, 60), rows(rng, 60)
    one_class = real.copy()
    one_class[:, 2] = 1
    found, reference, _ = importance_agreement(task(real), real, one_class, test, rng)
    assert found.value == 0 and reference.value > 0.5

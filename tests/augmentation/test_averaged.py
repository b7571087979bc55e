"""The mean of two models: answers are means, and what one of them lacks is missing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from gan_augment.augmentation.averaged import (
    AveragedClassifiers,
    AveragedRegressors,
    can_be_averaged,
)
from gan_augment.augmentation.shares import corrected
from gan_augment.exceptions import InputError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = np.array(["a", "b", "c"])[np.argmax(X + RNG.normal(size=X.shape), axis=1)]
LINEAR, BAYES = LogisticRegression().fit(X, Y), GaussianNB().fit(X, Y)


class CorrectedModel:
    """A model whose probabilities are taken to other shares."""

    def __init__(self, model, factors):
        self.model, self.factors = model, factors

    def predict_proba(self, X):
        return corrected(self.model.predict_proba(X), self.factors)


@given(st.lists(st.floats(0.1, 10), min_size=3, max_size=3))
def test_the_first_is_corrected_before_the_mean_is_taken(factors):
    found = AveragedClassifiers(LINEAR, BAYES, np.array(factors)).predict_proba(X)
    first = LINEAR.predict_proba(X) * factors
    first /= first.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(2 * found - first, BAYES.predict_proba(X), atol=1e-12)
    np.testing.assert_allclose(found.sum(axis=1), 1)


@given(st.lists(st.floats(0.1, 10), min_size=3, max_size=3))
def test_classes_that_are_named_are_as_common_as_the_first_learnt_them(factors):
    factors = np.array(factors)
    pair = AveragedClassifiers(LINEAR, BAYES, factors)
    named = (pair.predict_proba(X) / factors).argmax(axis=1)
    assert pair.predict(X).tolist() == pair.classes_[named].tolist()
    assert pair.decision_function(X).argmax(axis=1).tolist() == named.tolist()
    # twice the same model names what it names itself, whatever the shares
    same = AveragedClassifiers(LINEAR, CorrectedModel(LINEAR, factors), factors)
    assert same.predict(X).tolist() == LINEAR.predict(X).tolist()
    assert pair.score(X, Y) == np.mean(pair.predict(X) == Y)


def test_decision_values_of_two_classes_are_positive_where_the_second_is_named():
    two = Y == "a"
    pair = AveragedClassifiers(LogisticRegression().fit(X, two), GaussianNB().fit(X, two))
    assert ((pair.decision_function(X) > 0) == pair.predict(X)).all()
    order = np.argsort(pair.decision_function(X))
    assert (np.diff(pair.predict_proba(X)[order, 1]) >= 0).all()


def test_a_class_that_is_ruled_out_has_a_finite_decision_value():
    sure = DecisionTreeClassifier().fit(X, Y)
    sure.decision_function = None  # it has one
    assert np.isfinite(AveragedClassifiers(sure, sure).decision_function(X)).all()


def test_what_cannot_be_averaged():
    assert can_be_averaged(LINEAR, BAYES)
    assert not can_be_averaged(LINEAR, LinearSVC())
    assert not hasattr(AveragedClassifiers(BAYES, LINEAR), "decision_function")
    assert not can_be_averaged(LinearSVC()) and can_be_averaged(Ridge(), classes=False)


@given(st.lists(st.floats(-10, 10), min_size=60, max_size=60))
def test_the_mean_of_two_regressors_errs_at_most_as_much_as_they_do_on_average(y):
    """Squares are convex, so this holds for every target, and says that it is the mean."""
    y = np.array(y)
    models = Ridge().fit(X, X[:, 0]), DecisionTreeRegressor(max_depth=2).fit(X, X[:, 1])
    mean = AveragedRegressors(*models).predict(X)
    own = np.mean([(model.predict(X) - y) ** 2 for model in models], axis=0)
    gap = (models[0].predict(X) - models[1].predict(X)) ** 2 / 4
    np.testing.assert_allclose(own - (mean - y) ** 2, gap, atol=1e-9)


def test_a_standard_deviation_has_no_mean():
    model = GaussianProcessRegressor().fit(X[:5], X[:5, 0])
    with pytest.raises(InputError, match="return_std"):
        AveragedRegressors(model, model).predict(X, return_std=True)

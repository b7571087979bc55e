"""The mean of two models: probabilities are means, and what one of them lacks is missing."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import LinearSVC

from gan_augment.augmentation.averaged import AveragedModels

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = np.array(["a", "b", "c"])[np.argmax(X + RNG.normal(size=X.shape), axis=1)]
LINEAR, BAYES = LogisticRegression().fit(X, Y), GaussianNB().fit(X, Y)


@given(st.lists(st.floats(0.1, 10), min_size=3, max_size=3))
def test_the_first_is_corrected_before_the_mean_is_taken(factors):
    found = AveragedModels(LINEAR, BAYES, np.array(factors)).predict_proba(X)
    first = LINEAR.predict_proba(X) * factors
    first /= first.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(2 * found - first, BAYES.predict_proba(X), atol=1e-12)
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_classes_and_decision_values_are_the_first_ones():
    svm = LinearSVC().fit(X, Y)
    pair = AveragedModels(svm, LINEAR)
    assert pair.predict(X).tolist() == svm.predict(X).tolist()
    assert pair.classes_.tolist() == ["a", "b", "c"]
    assert pair.decision_function(X).tolist() == svm.decision_function(X).tolist()
    assert not hasattr(pair, "predict_proba")  # the first has none
    assert not hasattr(AveragedModels(BAYES, LINEAR), "decision_function")

"""Class weights and tuned thresholds: what scikit-learn does by other means, and refusals."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_iris, make_classification
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import TunedThresholdClassifierCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.class_weight import compute_sample_weight

from gan_augment.exceptions import InputError
from gan_augment.selection.adjustments import (
    adjusted,
    best_threshold,
    tuned_around,
    tuning_folds,
)


@pytest.fixture(scope="module")
def rare():
    return make_classification(300, weights=[0.85], flip_y=0.1, class_sep=0.6, random_state=0)


def tuned_on(estimator, X, y):
    """A copy of an estimator, fitted, with a tuned threshold."""
    fitted = adjusted(estimator, "tuned threshold", len(np.unique(y))).fit(X, y)
    return tuned_around(fitted, estimator, X, y)


def test_class_weights_of_an_estimator_that_has_them_and_of_one_that_takes_sample_weights(rare):
    X, y = rare
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    balanced = adjusted(pipeline, "class weights", 2)
    assert balanced.get_params()["logisticregression__class_weight"] == "balanced"
    assert pipeline.get_params()["logisticregression__class_weight"] is None

    boosted = make_pipeline(StandardScaler(), GradientBoostingClassifier(random_state=0))
    found = adjusted(boosted, "class weights", 2).fit(X, y)
    weights = compute_sample_weight("balanced", y)
    expected = boosted.fit(X, y, gradientboostingclassifier__sample_weight=weights)
    np.testing.assert_array_equal(found.predict_proba(X), expected.predict_proba(X))
    np.testing.assert_array_equal(found.predict(X), expected.predict(X))


def test_class_weights_are_multiplied_by_sample_weights(rare):
    X, y = rare
    own = np.random.default_rng(0).uniform(0.5, 2, len(y))
    found = adjusted(GaussianNB(), "class weights", 2).fit(X, y, sample_weight=own)
    expected = GaussianNB().fit(X, y, own * compute_sample_weight("balanced", y))
    np.testing.assert_array_equal(found.predict_proba(X), expected.predict_proba(X))


@pytest.mark.parametrize(
    ("estimator", "kind"),
    [
        (LogisticRegression(), "numbers"),
        (LogisticRegression(), "words"),
        (make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=3)), "words"),
        (KNeighborsClassifier(), "numbers"),
        (LinearSVC(random_state=0), "words"),
    ],
)
def test_the_threshold_is_that_of_scikit_learn(rare, estimator, kind):
    X, y = rare
    y = y if kind == "numbers" else pd.Series(np.where(y, "yes", "no"), index=range(7, 307))
    oracle = TunedThresholdClassifierCV(
        estimator, scoring="balanced_accuracy", cv=tuning_folds()
    ).fit(X, y)
    assert best_threshold(estimator, X, y) == oracle.best_threshold_
    tuned = tuned_on(estimator, X, y)
    assert (tuned.predict(X) == oracle.predict(X)).all()


def test_several_classes_are_predicted_by_probability_over_share():
    X, y = load_iris(return_X_y=True)
    X, y = X[30:], y[30:]  # 20, 50, 50
    names = np.array(["u", "v", "w"])[y]
    plain = GaussianNB().fit(X, names)
    tuned = tuned_on(GaussianNB(), X, names)
    over = plain.predict_proba(X) / (np.array([20, 50, 50]) / 120)
    assert (tuned.predict(X) == plain.classes_[over.argmax(axis=1)]).all()
    np.testing.assert_array_equal(tuned.predict_proba(X), plain.predict_proba(X))


def test_a_threshold_is_found_on_rows_of_other_groups():
    rng = np.random.default_rng(0)
    members = np.repeat(np.arange(30), 4)
    y = np.repeat(rng.random(30) < 0.5, 4).astype(int)
    X = np.column_stack([members, rng.normal(size=120)])  # a tree knows each group by its number
    train, test = zip(
        *tuning_folds(grouped=True).split(X, y, members),
        strict=True,
    )
    for kept, left in zip(train, test, strict=True):
        assert not set(members[kept]) & set(members[left])
    seen = []

    class Spy(DecisionTreeClassifier):
        def fit(self, X, y):
            seen.append(set(X[:, 0].astype(int)))
            return super().fit(X, y)

    best_threshold(Spy(random_state=0), X, y, groups=members)
    assert seen == [set(members[kept]) for kept in train]
    with pytest.raises(InputError, match="needs 3 training groups of each class, and one has 1"):
        best_threshold(Spy(), X, y, groups=y)


def test_a_tuned_threshold_finds_a_rare_class(rare):
    X, y = rare
    plain = LogisticRegression().fit(X, y)
    tuned = tuned_on(LogisticRegression(), X, y)
    reached = [balanced_accuracy_score(y, model.predict(X)) for model in (plain, tuned)]
    assert reached[1] > reached[0] + 0.05


def test_nothing_changed_is_a_copy():
    model = LogisticRegression(C=3)
    copy = adjusted(model, "", None)
    assert copy is not model and copy.get_params() == model.get_params()


class Silent(ClassifierMixin, BaseEstimator):
    """Knows classes, and no probability."""

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.zeros(len(X))


@pytest.mark.parametrize(
    ("estimator", "adjustment", "n_classes", "text"),
    [
        (LogisticRegression(), "class weights", None, "target is a number"),
        (LogisticRegression(), "tuned threshold", None, "target is a number"),
        (KNeighborsClassifier(), "class weights", 2, "takes no sample_weight"),
        (LogisticRegression(class_weight={0: 1}), "class weights", 2, "weighs its classes alr"),
        (Silent(), "tuned threshold", 2, "no predict_proba and no decision_function"),
        (LinearSVC(), "tuned threshold", 3, "LinearSVC has no predict_proba"),
    ],
)
def test_what_does_not_apply_is_refused(estimator, adjustment, n_classes, text):
    with pytest.raises(InputError, match=text):
        adjusted(estimator, adjustment, n_classes)


@pytest.mark.parametrize(
    ("estimator", "y", "text"),
    [
        (LogisticRegression(), [0] * 8 + [1] * 2, "3 training rows of each class, and one has 2"),
        (DummyClassifier(), [0] * 5 + [1] * 5, "all rows the same probability"),
    ],
)
def test_rows_without_a_threshold_are_refused(estimator, y, text):
    with pytest.raises(InputError, match=text):
        best_threshold(estimator, np.arange(10.0)[:, None], y)

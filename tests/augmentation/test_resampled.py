"""Soft labels for classifiers without weights: draws in proportion, answers averaged."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gan_augment import AugmentedClassifier, AugmentedData, GANAugmenter, TabularGAN
from gan_augment.augmentation.resampled import ResampledClassifier, draws, learner_and_rows

WEIGHTS = arrays(float, st.integers(1, 30), elements=st.floats(0, 5, width=32)).filter(np.any)


@pytest.fixture
def soft(rng):
    """Two real rows and two hundred synthetic ones, of which nine in ten may be of class b."""
    proba = np.vstack([np.eye(2), np.tile([0.1, 0.9], (200, 1))])
    return AugmentedData(
        np.concatenate([[[0.0], [1.0]], rng.normal(size=(200, 1))]),
        np.array(["a", "b"])[proba.argmax(axis=1)],
        np.arange(202) >= 2,
        label_proba=proba,
        classes=np.array(["a", "b"]),
        sample_weight=np.ones(202),
    )


@given(WEIGHTS)
def test_over_many_draws_rows_are_there_in_proportion_to_their_weights(weights):
    n_draws, codes = 400, np.zeros(len(weights), dtype=int)
    times = np.zeros(len(weights))
    for rows in draws(weights, codes, n_draws):
        np.add.at(times, rows, 1)
    extra = 0.01 + (weights == weights.max())  # what makes sure that a class is there
    assert (np.abs(times / n_draws - weights / weights.max()) <= extra).all()
    assert not times[(weights == 0)].any()


@given(WEIGHTS, st.data())
def test_each_draw_has_each_class_that_weighs(weights, data):
    codes = data.draw(arrays(int, len(weights), elements=st.integers(0, 3)))
    weights = np.maximum(weights, 1e-6)
    for rows in draws(weights, codes, 3):
        assert set(codes[rows]) == set(codes)


def test_probabilities_are_those_of_the_labels(soft):
    form = soft.weighted()
    model = ResampledClassifier(KNeighborsClassifier(202)).set_params(estimator__n_neighbors=150)
    model.fit(form.X, form.y, sample_weight=form.sample_weight)
    assert model.predict_proba(form.X)[:, 1] == pytest.approx(0.9, abs=0.03)
    assert set(model.predict(form.X)) == {"b"}
    assert np.exp(model.predict_log_proba(form.X)) == pytest.approx(model.predict_proba(form.X))


def test_equal_weights_are_no_weights():
    X, y = np.arange(12.0)[:, None], np.arange(12) % 3
    plain = LinearDiscriminantAnalysis().fit(X, y)
    model = ResampledClassifier(LinearDiscriminantAnalysis(), 2).fit(X, y)
    assert model.predict_proba(X) == pytest.approx(plain.predict_proba(X))
    assert model.decision_function(X) == pytest.approx(plain.decision_function(X))


def test_without_probabilities_the_copies_vote():
    X, y = np.arange(8.0)[:, None], np.repeat(["a", "b"], 4)
    model = ResampledClassifier(NearestCentroid(), 3)
    model.fit(X, y)
    assert model.predict(X).tolist() == y.tolist()
    assert not hasattr(ResampledClassifier(make_pipeline(NoProbabilities())), "predict_proba")


class NoProbabilities(NearestCentroid):
    predict_proba = property()


def test_only_what_takes_no_weights_is_wrapped(soft):
    hard = AugmentedData(soft.X, soft.y, soft.is_synthetic)
    neighbours = make_pipeline(StandardScaler(), KNeighborsClassifier())
    assert learner_and_rows(neighbours, hard) == (neighbours, hard)
    linear = LogisticRegression()
    assert learner_and_rows(linear, soft)[0] is linear
    assert isinstance(learner_and_rows(neighbours, soft)[0], ResampledClassifier)


@pytest.mark.parametrize("weight", [0.5, 60.0])
def test_few_rows_of_great_weight_do_not_crowd_out_the_real_ones(soft, weight):
    weights = np.where(soft.is_synthetic, weight, 1.0)
    rows = learner_and_rows(KNeighborsClassifier(), replace(soft, sample_weight=weights))[1]
    assert rows.sample_weight[rows.is_synthetic].sum() == pytest.approx(200 * min(weight, 4.0))
    assert (rows.sample_weight[~rows.is_synthetic] == 1).all()


def test_neighbours_of_soft_labels_know_more_than_six_probabilities(rng):
    X = rng.normal(size=(60, 2))
    y = np.where(X[:, 0] + rng.normal(size=60) > 0, "yes", "no")
    adder = GANAugmenter(TabularGAN(n_steps=0), n_samples=3.0)
    model = AugmentedClassifier(KNeighborsClassifier(), adder, n_samples=3.0, random_state=0)
    model.fit(X, y)
    assert isinstance(model.estimator_, ResampledClassifier)
    assert len(np.unique(model.predict_proba(X)[:, 0])) > 6
    assert model.predict(X[:3]).tolist() == model.estimator_.predict(X[:3]).tolist()

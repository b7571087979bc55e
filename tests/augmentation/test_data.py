"""Augmented rows: which is which, and the two forms of soft labels."""

import dataclasses

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from gan_augment.augmentation.data import AugmentedData, follow_rows, row_source
from gan_augment.exceptions import InputError

CLASSES = np.array(["a", "b", "c"])


def soft(n_real=6, n_new=20, seed=0, total=5.0):
    """Real rows of three classes, and synthetic ones with random probabilities."""
    rng = np.random.default_rng(seed)
    codes = np.arange(n_real) % 3
    told = rng.dirichlet(np.ones(3), size=n_new)
    proba = np.concatenate([np.eye(3)[codes], told])
    made = np.arange(n_real + n_new) >= n_real
    weight = np.where(made, total * n_real / n_new, 1.0)
    X = rng.normal(size=(n_real + n_new, 2))
    y = CLASSES[proba.argmax(axis=1)]
    return AugmentedData(X, y, made, 0, proba, CLASSES, weight)


def test_augmented_data_is_a_value():
    data = AugmentedData(np.zeros((3, 1)), None, np.array([False, False, True]))
    assert repr(data) == "AugmentedData(2 real and 1 synthetic rows, 1 column)"
    assert data.source.tolist() == [0, 1, -1]
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.X = None
    with pytest.raises(TypeError, match="data.X"):
        _X, _y = data


def test_values_follow_their_rows():
    source = row_source([False, True, False, True])
    assert source.tolist() == [0, -1, 1, -1]
    assert follow_rows([2.0, 3.0], source, 1.0).tolist() == [2.0, 1.0, 3.0, 1.0]


@given(st.integers(0, 2**16), st.integers(1, 30), st.floats(0.1, 20))
def test_weights_of_a_class_are_its_probabilities_added_up(seed, n_new, total):
    data = soft(n_new=n_new, seed=seed, total=total)
    form = data.weighted(min_probability=0.0)
    weights = [form.sample_weight[form.y == label].sum() for label in CLASSES]
    assert weights == pytest.approx(data.sample_weight @ data.label_proba)


@given(st.integers(0, 2**16), st.floats(0, 0.5))
def test_weights_of_a_row_add_up_to_its_own(seed, least):
    data = soft(seed=seed)
    form = data.weighted(least)
    origin = {row.tobytes(): place for place, row in enumerate(data.X)}
    places = [origin[row.tobytes()] for row in form.X]
    assert np.bincount(places, form.sample_weight) == pytest.approx(data.sample_weight)
    shares = form.sample_weight / data.sample_weight[places]
    assert (shares >= min(least, 1 / 3) - 1e-12).all()


def halfway(data):
    """Soft labels of the synthetic rows with class shares between theirs and the real ones."""
    soft = data.label_proba[data.is_synthetic]
    real = data.label_proba[~data.is_synthetic].mean(axis=0)
    moved = soft * np.sqrt(real / soft.mean(axis=0))
    return moved / moved.sum(axis=1, keepdims=True)


@given(st.integers(0, 2**16), st.integers(1, 12))
def test_draws_are_in_the_proportions_of_the_probabilities(seed, copies):
    data = soft(seed=seed)
    form = data.drawn(copies)
    drawn = form.y[form.is_synthetic].reshape(-1, copies)
    shares = (drawn[:, :, None] == CLASSES).mean(axis=1)
    assert np.abs(shares - halfway(data)).max() < 1 / copies + 1e-9


def test_draws_of_many_rows_have_no_bias():
    data = soft(n_new=2000)
    form = data.drawn(1)
    shares = (form.y[form.is_synthetic, None] == CLASSES).mean(axis=0)
    assert shares == pytest.approx(halfway(data).mean(axis=0), abs=0.02)


def test_a_learner_sees_weights_as_repeated_rows():
    """With probabilities of tenths, a weight of .3 is three rows of ten."""
    rng = np.random.default_rng(0)
    told = rng.multinomial(10, [0.5, 0.3, 0.2], size=40) / 10
    data = soft(n_new=40, total=40 / 6)  # so that a synthetic row weighs 1
    proba = np.concatenate([data.label_proba[:6], told])
    data = dataclasses.replace(data, label_proba=proba)
    form, once = data.weighted(0.0), data.weighted(0.0).sample_weight
    assert once.sum() == pytest.approx(46)
    often = np.rint(10 * once).astype(int)
    X, y = np.repeat(form.X, often, axis=0), np.repeat(form.y, often)
    for learner, scale in ((LogisticRegression(C=1.0), 10.0), (DecisionTreeClassifier(), 1.0)):
        weighed = learner.fit(form.X, form.y, once).predict_proba(form.X)
        if scale != 1:
            learner.set_params(C=1.0 / scale)  # ten times the rows, ten times the penalty
        repeated = learner.fit(X, y).predict_proba(form.X)
        assert weighed == pytest.approx(repeated, abs=1e-3)


@pytest.mark.parametrize("form", ["weighted", "drawn"])
@pytest.mark.parametrize("container", [np.asarray, pd.Series, pl.Series, list, pd.Categorical])
def test_forms_keep_the_callers_containers_and_rows(form, container):
    data = soft()
    y = container(data.y)
    y = pd.Series(y) if isinstance(y, pd.Categorical) else y
    X = pd.DataFrame(data.X, columns=["u", "v"])
    found = getattr(dataclasses.replace(data, X=X, y=y), form)()
    assert type(found.y) is type(y) and getattr(found.y, "dtype", 0) == getattr(y, "dtype", 0)
    pd.testing.assert_frame_equal(found.X.iloc[:6], X.iloc[:6])
    assert list(found.y)[:6] == list(y)[:6]
    assert found.label_proba is None and len(found.X) == len(found) == len(list(found.y))
    assert found.X.index.is_unique


def test_an_estimator_gets_the_form_that_it_takes():
    data = soft()
    weighted = data.for_estimator(make_pipeline(StandardScaler(), LogisticRegression()))
    assert weighted.sample_weight[weighted.is_synthetic].sum() == pytest.approx(30)
    drawn = data.for_estimator(KNeighborsClassifier())
    assert drawn.sample_weight is None and drawn.n_synthetic == 100


def test_hard_labels_have_one_form():
    data = AugmentedData(np.eye(3), CLASSES, np.array([False, False, True]))
    assert data.weighted() is data.drawn() is data
    assert data.for_estimator(LogisticRegression()) is data


def test_a_part_of_the_rows_weighs_as_much():
    data = soft()
    part = data.part(np.arange(10))
    assert part.n_synthetic == 4 and part.label_proba.shape == (10, 3)
    assert part.sample_weight[part.is_synthetic].sum() == pytest.approx(30)
    assert part.sample_weight[:6].tolist() == [1.0] * 6


def test_a_dataset_has_probabilities_and_weights():
    data = soft()
    dataset = data.as_dataset()
    row, target, weight = dataset[10]
    assert row.numpy() == pytest.approx(data.X[10])
    assert target.numpy() == pytest.approx(data.label_proba[10])
    assert weight.item() == pytest.approx(1.5) and dataset.classes.tolist() == ["a", "b", "c"]


def test_augmented_data_compare_by_identity(blobs):
    data, other = (AugmentedData(*blobs, np.zeros(60, dtype=bool)) for _ in range(2))
    assert data == data and data != other and len({data, other}) == 2


@pytest.mark.parametrize("bound", [-0.1, 1.5, float("nan"), "a", None])
def test_a_bound_that_is_no_probability_is_refused(bound):
    with pytest.raises(InputError) as refusal:
        soft().weighted(bound)
    assert refusal.value.argument == "min_probability"


@pytest.mark.parametrize("copies", [0, -1, 1.5, True, "a", None])
def test_copies_that_are_no_count_are_refused(copies):
    with pytest.raises(InputError) as refusal:
        soft().drawn(copies)
    assert refusal.value.argument == "copies"

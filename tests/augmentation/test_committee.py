"""The committees: any table, any classes, and what their out-of-fold answers say."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.datasets import load_digits, make_classification
from sklearn.metrics import log_loss
from sklearn.utils.estimator_checks import parametrize_with_checks

from gan_augment.augmentation import committee, members
from gan_augment.augmentation.committee import (
    CommitteeClassifier,
    CommitteeRegressor,
    dealt_folds,
    some_rows,
)
from gan_augment.exceptions import InputError

WEIGHTS = "check_sample_weight_equivalence_on_dense_data"  # folds and forests are of rows


@parametrize_with_checks([CommitteeClassifier(random_state=0), CommitteeRegressor(random_state=0)])
def test_sklearn_checks(estimator, check):
    if getattr(check, "func", check).__name__ == WEIGHTS:
        with pytest.raises(AssertionError, match="removed or repeated"):
            check(estimator)
        return
    check(estimator)


def mixed(n, seed=0):
    """A table with a number, a text, a date and gaps, and classes that depend on the first two."""
    rng = np.random.default_rng(seed)
    size, colour = rng.normal(size=n), rng.choice(["red", "blue"], size=n)
    y = np.where(size + (colour == "red") > 0.5, "big", "small")
    X = pd.DataFrame({"size": size, "colour": colour})
    X["when"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(100, size=n), "D")
    return X.mask(rng.random(X.shape) < 0.05), y


def test_a_table_of_text_dates_and_gaps():
    X, y = mixed(200)
    model = CommitteeClassifier(random_state=0).fit(X[:150], y[:150])
    assert model.score(X[150:], y[150:]) > 0.8
    assert model.classes_.tolist() == ["big", "small"]


def test_every_container_gets_the_same_answers():
    import polars as pl

    X, y = mixed(60)
    X = X[["size", "colour"]]
    answers = [
        CommitteeClassifier(random_state=0).fit(rows, y).predict_proba(rows)
        for rows in (X, pl.from_pandas(X))
    ]
    assert answers[0] == pytest.approx(answers[1])


@pytest.mark.parametrize("container", ["pandas", "polars"])
def test_what_steps_hand_on_does_not_matter(container):
    X, y = make_classification(60, random_state=0)
    frame = pd.DataFrame(X).add_prefix("c")
    model = CommitteeClassifier(random_state=0)
    usual = model.fit(frame, y).predict_proba(frame)
    with config_context(transform_output=container):
        np.testing.assert_array_equal(model.fit(frame, y).predict_proba(frame), usual)


def test_integer_names_are_names_not_positions():
    X, y = mixed(60)
    named = X.set_axis([7, 0, 3], axis=1)
    answers = [CommitteeClassifier(random_state=0).fit(r, y).predict_proba(r) for r in (X, named)]
    assert np.array_equal(*answers)


def test_images_are_seen_through_their_components():
    X, y = load_digits(return_X_y=True)
    images, y = X[:200].reshape(-1, 8, 8), y[:200]
    model = CommitteeClassifier(random_state=0).fit(images[:150], y[:150])
    assert model.score(images[150:], y[150:]) > 0.6
    assert model.features_.transform(images).shape == (200, 60)


def test_a_class_of_one_row_has_a_probability():
    X, y = mixed(40)
    y[0] = "rare"
    model = CommitteeClassifier(random_state=0).fit(X, y)
    proba = model.predict_proba(X)
    assert proba.shape == (40, 3)
    assert np.isnan(model.out_of_fold_proba_[0]).all()
    assert np.isfinite(model.out_of_fold_proba_[1:]).all()
    rare = model.classes_.tolist().index("rare")
    assert proba[0, rare] > proba[1:, rare].max() * 0.5


@pytest.mark.parametrize(
    "y", [["a", "b"], ["a", "b", "c"], ["a", "a", "b"], ["a"] * 5 + ["b"], ["a"] * 3]
)
def test_the_fewest_rows(y):
    X = np.arange(len(y) * 2.0).reshape(-1, 2)
    proba = CommitteeClassifier(random_state=0).fit(X, y).predict_proba(X)
    assert proba.shape == (len(y), len(set(y)))
    assert proba.sum(axis=1) == pytest.approx(np.ones(len(y)))


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_fewest_numbers(n):
    X, y = np.arange(n * 2.0).reshape(-1, 2), np.arange(n) + 0.5
    model = CommitteeRegressor(random_state=0).fit(X, y)
    assert np.isfinite(model.predict(X)).all()
    assert len(model.residuals_) == n


def test_out_of_fold_answers_are_no_better_than_new_rows_are():
    """In labels that nothing predicts, members that saw a row know it; the others do not."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(300, 3)), rng.integers(2, size=300)
    model = CommitteeClassifier(random_state=0).fit(X, y)
    seen, unseen = model.predict_proba(X), model.out_of_fold_proba_
    assert log_loss(y, seen) < log_loss(y, unseen)
    assert log_loss(y, unseen) == pytest.approx(np.log(2), abs=0.03)


def test_residuals_have_the_spread_of_the_noise():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 2))
    y = X @ [1.0, 2.0] + rng.normal(scale=0.5, size=400)
    model = CommitteeRegressor(random_state=0).fit(X, y)
    assert model.residuals_.std() == pytest.approx(0.5, rel=0.15)


def test_rows_of_weight_zero_are_not_seen():
    X, y = mixed(80)
    weights = np.ones(80)
    weights[60:] = 0
    liar = y.copy()
    liar[60:] = "small"
    told, kept = (
        CommitteeClassifier(random_state=0).fit(X, labels, weights).predict_proba(X)
        for labels in (liar, y)
    )
    assert np.array_equal(told, kept)


def test_equal_weights_change_nothing():
    X, y = mixed(60)
    plain = CommitteeClassifier(random_state=0).fit(X, y).predict_proba(X)
    assert CommitteeClassifier(random_state=0).fit(X, y, np.full(60, 3.0)).predict_proba(
        X
    ) == pytest.approx(plain)


def test_a_slow_member_learns_from_some_rows_of_all_classes(monkeypatch):
    monkeypatch.setattr(committee, "MOST_ROWS", 90)
    X, y = make_classification(150, 4, weights=[0.97], flip_y=0, random_state=0)
    model = CommitteeClassifier(random_state=0).fit(X, y)
    assert np.isfinite(model.out_of_fold_proba_[:, 0]).sum() == 90
    assert all(m.classes_.tolist() == [0, 1] for m in model.members_["kernel"])


def test_no_member_warns_of_a_fit_cut_short():
    X, y = mixed(100)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        CommitteeClassifier(random_state=0).fit(X, y)
        CommitteeRegressor(random_state=0).fit(X, np.arange(100.0))


def test_a_network_has_steps_enough_for_labels_that_are_noise():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 5)), rng.integers(3, size=40)
    network = members.classifiers(4, 40)["network"].estimator
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert 1000 < network.fit(X, y).n_iter_ < members.NETWORK_STEPS


@pytest.mark.parametrize("committee_class", [CommitteeClassifier, CommitteeRegressor])
def test_no_member_draws_from_the_global_generator(committee_class):
    before = np.random.get_state()[1].tolist(), np.random.get_state()[2]
    X, y = mixed(60)
    committee_class(random_state=0).fit(
        X, y if committee_class is CommitteeClassifier else X.index
    )
    assert before == (np.random.get_state()[1].tolist(), np.random.get_state()[2])


def test_a_target_is_needed():
    with pytest.raises(InputError, match="requires y"):
        CommitteeClassifier().fit(np.eye(3), None)


@pytest.mark.parametrize("scales", [(1e300, 1), (1, 1e300)])
def test_numbers_whose_squares_overflow_are_refused(rng, scales):
    X, y = rng.normal(size=(20, 2)) * scales[0], rng.normal(size=20) * scales[1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError, match="overflow") as refusal:
            CommitteeRegressor(random_state=0).fit(X, y)
    assert refusal.value.argument == ("X" if scales[1] == 1 else "y")


def test_some_rows_keep_every_class():
    codes = np.repeat(np.arange(5), [500, 1, 2, 100, 50])
    kept = some_rows(codes, 20, np.random.default_rng(0))
    assert len(kept) == 20 and set(codes[kept]) == set(range(5))
    assert (np.diff(kept) > 0).all()


def test_folds_of_a_class_differ_by_one_row_at_most():
    codes = np.repeat(np.arange(4), [23, 2, 1, 40])
    folds = dealt_folds(codes, 5, np.random.default_rng(0))
    counts = [np.bincount(folds[codes == c], minlength=5) for c in (0, 1, 3)]
    assert all(np.ptp(count) <= 1 for count in counts)
    assert (folds[codes == 2] == -1).all()

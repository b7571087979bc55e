"""Probabilities refer to the real shares again: Bayes' rule, by hand and on simulated rows."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gan_augment.augmentation.shares import class_shares, corrected, has_own_shares, share_factors


def test_bayes_rule_by_hand():
    # 90 % to 10 % in truth, learnt half and half: odds of 1 are odds of 9 in truth
    factors = share_factors([0] * 9 + [1], [0] * 9 + [1] * 9, None, None, np.array([0, 1]))
    np.testing.assert_allclose(factors, [0.9 / 0.5, 0.1 / 0.5])
    np.testing.assert_allclose(corrected([[0.5, 0.5]], factors), [[0.9, 0.1]])


def test_weights_count_as_rows():
    labels, classes = np.array(list("aab")), np.array(["a", "b"])
    repeated = share_factors(np.repeat(labels, [1, 2, 3]), list("ab"), None, None, classes)
    weighted = share_factors(labels, list("ab"), np.array([1.0, 2, 3]), np.ones(2), classes)
    np.testing.assert_allclose(repeated, weighted)


def test_classes_that_were_not_learnt_or_are_not_real():
    classes = np.array(["a", "b", "c"])
    assert share_factors(list("abb"), list("bc"), None, None, classes).tolist() == [1, 4 / 3, 0]
    assert class_shares(list("ab"), None, classes).tolist() == [0.5, 0.5, 0]
    kept = corrected(np.array([[0.0, 0.0, 1.0]]), np.array([1.0, 2.0, 0.0]))
    assert kept.tolist() == [[0, 0, 1]]  # nothing else is known of such a row


def test_a_model_of_balanced_rows_gets_the_log_loss_of_one_of_the_real_rows(rng):
    """Naive Bayes learns the same densities from both, and shares that differ."""
    y = (rng.random(4000) < 0.1).astype(int)
    X = rng.normal(size=(4000, 2)) + y[:, None]
    train, test = slice(0, 2000), slice(2000, 4000)
    rare = np.flatnonzero(y[train] == 1)
    more = np.concatenate([np.arange(2000), np.tile(rare, 8)])
    plain, balanced = (
        GaussianNB().fit(X[rows], y[rows]).predict_proba(X[test])
        for rows in (np.arange(2000), more)
    )
    factors = share_factors(y[train], y[more], None, None, np.array([0, 1]))
    assert log_loss(y[test], balanced) > log_loss(y[test], plain) + 0.1
    np.testing.assert_allclose(corrected(balanced, factors), plain, atol=1e-6)


@pytest.mark.parametrize(
    ("estimator", "own"),
    [
        (LogisticRegression(), False),
        (LogisticRegression(class_weight={0: 1, 1: 5}), True),
        (GaussianNB(priors=[0.5, 0.5]), True),
        (GaussianNB(priors=np.array([0.5, 0.5])), True),
        (make_pipeline(StandardScaler(), RandomForestClassifier()), False),
        (make_pipeline(StandardScaler(), RandomForestClassifier(class_weight="balanced")), True),
    ],
)
def test_an_estimator_that_weighs_classes_itself_is_known(estimator, own):
    assert has_own_shares(estimator) == own

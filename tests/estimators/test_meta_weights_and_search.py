"""What the meta-estimators share: weights of rows, and the closed loop."""

import numpy as np
import pytest
from sklearn import config_context, pipeline
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold, PredefinedSplit, StratifiedKFold, cross_validate
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from spies import FITS, Counting, Marked, Recorder, augmenter, classifier

from gan_augment.estimators.meta import AugmentedClassifier, AugmentedRegressor
from gan_augment.estimators.transformer import GANAugmenter
from gan_augment.exceptions import InputError
from gan_augment.generators.controls import BootstrapGenerator

# weights --------------------------------------------------------------------------------------


def test_no_weights_unless_needed(blobs):
    assert classifier(Recorder()).fit(*blobs).estimator_.weight_ is None


def test_synthetic_weight(blobs):
    model = classifier(Recorder(), synthetic_weight=0.25, n_samples=10).fit(*blobs)
    np.testing.assert_array_equal(model.estimator_.weight_, np.r_[np.ones(60), np.full(10, 0.25)])
    weight = np.linspace(1, 3, 60)
    model.fit(*blobs, sample_weight=weight)
    np.testing.assert_allclose(model.estimator_.weight_, np.r_[weight, np.full(10, 0.5)])


def test_weights_reach_the_last_step_of_a_pipeline(blobs):
    inner = pipeline.make_pipeline(StandardScaler(), Recorder())
    model = classifier(inner, synthetic_weight=0.5, n_samples=2).fit(*blobs)
    assert model.estimator_[-1].weight_[-3:].tolist() == [1.0, 0.5, 0.5]


@pytest.mark.parametrize(
    "inner",
    [
        KNeighborsClassifier(),
        pipeline.make_pipeline(StandardScaler(), KNeighborsClassifier()),
    ],
)
def test_weights_an_estimator_cannot_take(blobs, inner):
    FITS.clear()
    model = AugmentedClassifier(inner, GANAugmenter(Counting()), synthetic_weight=0.5)
    with pytest.raises(InputError, match="takes no sample_weight"):
        model.fit(*blobs)
    with pytest.raises(InputError, match="takes no sample_weight"):
        model.set_params(synthetic_weight=1.0).fit(*blobs, sample_weight=np.ones(60))
    assert FITS == []


def test_rows_of_weight_zero_are_hidden_from_the_generator(blobs):
    X, y = blobs
    X = np.column_stack([np.arange(60.0), X])
    weight = np.where(np.arange(60) % 3 == 0, 0.0, 2.0)
    model = AugmentedClassifier(Recorder(), GANAugmenter(Marked()), n_samples=200, labeler=None)
    model.fit(X, y, sample_weight=weight)
    inner = model.estimator_
    np.testing.assert_array_equal(inner.X_[:60], X)
    sources = np.floor(inner.X_[60:, 0]).astype(int)
    assert len(sources) == 200 and (weight[sources] > 0).all()
    np.testing.assert_array_equal(inner.weight_[:60], weight)
    np.testing.assert_array_equal(inner.weight_[60:], 2.0)  # as if the hidden rows were not there


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.ones(59), "shape \\(59,\\)"),
        (np.ones((60, 2)), "1D array"),
        (np.zeros(60), "non-zero"),
        (np.full(60, np.nan), "NaN"),
        (np.r_[np.ones(7), -0.5, np.ones(52)], "row 7 is -0.5.*non-negative"),
    ],
)
def test_bad_weights(blobs, weight, message):
    with pytest.raises(InputError, match=message):
        classifier().fit(*blobs, sample_weight=weight)


# the closed loop -------------------------------------------------------------------------------


class Flipped(BootstrapGenerator):
    """Real rows under the label of another class."""

    def _sample(self, n, codes, rng):
        return super()._sample(n, (codes + 1) % len(self.classes_), rng)


def test_auto_is_the_default_and_says_what_it_chose(blobs):
    model = AugmentedClassifier(
        LogisticRegression(), augmenter(), scoring="balanced_accuracy", random_state=0
    ).fit(*blobs)
    results = model.search_results_
    assert model.n_samples == "auto" and isinstance(model.decision_, str)
    assert set(results["scorer"]) == {"balanced_accuracy"}
    chosen = results.loc[results["n_samples"] == model.n_samples_]
    assert len(chosen) and results["n_samples"].iloc[0] == 0
    assert model.augmenter_.n_samples == model.n_samples_


def test_auto_leaves_a_table_alone_that_rows_would_harm(blobs):
    X, y = blobs
    model = AugmentedClassifier(
        KNeighborsClassifier(), GANAugmenter(Flipped()), random_state=0
    ).fit(X, y)
    plain = KNeighborsClassifier().fit(X, y)
    assert model.n_samples_ == 0 and model.decision_.startswith("Nothing is added")
    np.testing.assert_array_equal(model.predict_proba(X), plain.predict_proba(X))


def test_auto_sees_no_test_row_and_the_same_seed_chooses_the_same():
    rng = np.random.default_rng(0)
    X, y = np.arange(60.0).reshape(60, 1), rng.integers(2, size=60)
    FITS.clear()
    model = AugmentedClassifier(
        LogisticRegression(), GANAugmenter(Counting()), cv=2, random_state=0
    )
    scores = cross_validate(model, X, y, cv=StratifiedKFold(2))["test_score"]
    assert max(FITS) <= 30
    again = cross_validate(model, X, y, cv=StratifiedKFold(2))["test_score"]
    np.testing.assert_array_equal(scores, again)


def test_auto_with_weights_hides_rows_of_weight_nought(blobs):
    X, y = blobs
    weights = np.ones(len(X))
    weights[:10] = 0
    FITS.clear()
    model = AugmentedClassifier(
        LogisticRegression(), GANAugmenter(Counting()), cv=2, synthetic_weight=0.5, random_state=0
    ).fit(X, y, sample_weight=weights)
    assert max(FITS) == len(X) - 10
    assert set(model.search_results_["synthetic_weight"]) <= {0.5, 1.0}


class Rows(BaseEstimator, ClassifierMixin):
    """Remembers the real rows of each fit, whose first column is their number."""

    def fit(self, X, y, sample_weight=None):
        self.classes_ = np.unique(y)
        SEEN.append(frozenset(X[X[:, 0] % 1 == 0, 0].astype(int).tolist()))
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


SEEN = []


@pytest.mark.parametrize("kind", ["positions", "masks", "splitter"])
def test_folds_of_the_caller_are_about_all_rows_also_where_some_weigh_nothing(kind):
    X = np.column_stack([np.arange(40.0), np.random.default_rng(0).normal(size=40)])
    y = np.arange(40) % 2
    weights = np.r_[np.zeros(10), np.ones(30)]
    test = np.where(np.arange(40) < 30, 0, 1)
    cv = {
        "positions": [(np.arange(30), np.arange(30, 40)), (np.arange(30, 40), np.arange(30))],
        "masks": [(test == 0, test == 1), (test == 1, test == 0)],
        "splitter": PredefinedSplit(1 - test),
    }[kind]
    SEEN.clear()
    model = AugmentedClassifier(Rows(), GANAugmenter(Marked()), cv=cv, random_state=0)
    model.fit(X, y, sample_weight=weights)
    assert set(SEEN[:-1]) == {frozenset(range(10, 30)), frozenset(range(30, 40))}
    assert SEEN[-1] == frozenset(range(40))


def test_folds_without_rows_of_positive_weight_are_left_out(blobs):
    X, y = blobs
    weights = np.r_[np.zeros(20), np.ones(40)]
    folds = [(np.arange(20, 60), np.arange(20))]
    model = AugmentedClassifier(LogisticRegression(), augmenter(), cv=folds, random_state=0)
    with pytest.raises(InputError, match="cv has no fold with"):
        model.fit(X, y, sample_weight=weights)
    more = [*folds, (np.arange(0, 60, 2), np.arange(1, 60, 2))]
    found = model.set_params(cv=more).fit(X, y, sample_weight=weights).search_.scores
    assert found["fold"].nunique() == 1


class Met(BaseEstimator, ClassifierMixin):
    """Remembers the second column of what it learnt and of what it predicted."""

    both = []

    def fit(self, X, y, sample_weight=None):
        self.classes_, self.learnt_ = np.unique(y), X[:, 1]
        return self

    def predict(self, X):
        Met.both.append((self.learnt_, X[:, 1]))
        return np.full(len(X), self.classes_[0])


@pytest.mark.parametrize(
    ("cv", "routing", "weighted", "labeler"),
    [
        (3, True, True, "auto"),
        (None, False, True, None),
        (GroupKFold(3), False, True, None),
        (GroupKFold(3), True, False, None),
        (2, False, False, None),
    ],
)
def test_groups_stay_together_in_inner_folds_and_in_a_cross_validation_around(
    cv, routing, weighted, labeler
):
    rng = np.random.default_rng(0)
    groups, values = np.repeat(np.arange(12), 5), rng.random(60)
    X, y = np.column_stack([np.arange(60.0), values]), rng.permutation(np.repeat([0, 1], 30))
    group_of = dict(zip(values, groups, strict=True))
    Met.both.clear()
    with config_context(enable_metadata_routing=routing):
        inner = Met()
        params = {"groups": groups}
        if weighted:
            if routing:
                inner.set_fit_request(sample_weight=True).set_score_request(sample_weight=False)
            params["sample_weight"] = np.where(np.arange(60) % 5, 1.0, 0.0)
        model = AugmentedClassifier(
            inner, GANAugmenter(Marked()), cv=cv, labeler=labeler, random_state=0
        )
        if routing:
            cross_validate(model, X, y, params=params, cv=GroupKFold(2), error_score="raise")
        else:
            cross_validate(
                model, X, y, params=params, groups=groups, cv=GroupKFold(2), error_score="raise"
            )
    assert len(Met.both) > 20
    for learnt, predicted in Met.both:
        known = {group_of[value] for value in learnt if value in group_of}  # not of rows made up
        assert known and not known & {group_of[value] for value in predicted}


@pytest.mark.parametrize(
    ("groups", "message"),
    [(np.arange(59), r"groups has shape \(59,\)"), (np.zeros(60), "holds one group only")],
)
def test_groups_that_cannot_be_are_refused_before_training(blobs, groups, message):
    FITS.clear()
    model = AugmentedClassifier(LogisticRegression(), GANAugmenter(Counting()), random_state=0)
    with pytest.raises(InputError, match=message):
        model.fit(*blobs, groups=groups)
    assert FITS == []


def test_a_score_of_one_class_knows_which_whatever_its_name(blobs):
    X, y = blobs
    y = np.where(y + X[:, 1] > 1.2, "Yes", "No")
    assert np.mean(y == "Yes") < 0.4
    model = AugmentedClassifier(
        LogisticRegression(), augmenter(), cv=3, scoring="f1", random_state=0
    )
    rare = model.fit(X, y).search_results_["score"][0]
    often = model.set_params(pos_label="No").fit(X, y).search_results_["score"][0]
    assert np.isfinite(rare) and rare < often and model.decision_.count("f1 changed by") >= 1


def test_auto_needs_an_augmenter_with_a_generator(blobs):
    class Adder(BaseEstimator):
        def augment(self, X, y):
            raise AssertionError("not reached")

    Adder.__init__ = lambda self, n_samples=None: setattr(self, "n_samples", n_samples)
    with pytest.raises(InputError, match="no generator to search with"):
        AugmentedClassifier(LogisticRegression(), Adder()).fit(*blobs)


def test_a_refit_without_auto_forgets_the_search(blobs):
    model = AugmentedClassifier(LogisticRegression(), augmenter(), cv=2, random_state=0)
    assert hasattr(model.fit(*blobs), "search_")
    model.set_params(n_samples=3, labeler=None).fit(*blobs)
    assert not hasattr(model, "search_") and model.n_samples_ == 3


def test_auto_for_numbers(sloped):
    model = AugmentedRegressor(Ridge(), augmenter(), cv=3, random_state=0).fit(*sloped)
    assert "classes" not in model.search_results_["candidate"].str.cat()

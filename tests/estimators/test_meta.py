"""The meta-estimators: inside every stock tool, synthetic rows stay in the training folds."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn import config_context, pipeline
from sklearn.base import BaseEstimator, clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, StackingClassifier
from sklearn.exceptions import NotFittedError, UnsetMetadataPassedError
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    StratifiedKFold,
    cross_val_predict,
    cross_validate,
    learning_curve,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils import get_tags
from spies import FITS, Counting, Marked, Recorder, augmenter, classifier

from gan_augment.estimators.meta import AugmentedClassifier, AugmentedRegressor
from gan_augment.estimators.transformer import GANAugmenter
from gan_augment.exceptions import InputError
from gan_augment.generators.controls import BootstrapGenerator


@pytest.mark.parametrize(
    ("n_samples", "counts"),
    [(0, [45, 15]), (1.0, [75, 45]), (10, [50, 20]), ("fill", [45, 45]), ({1: 5}, [45, 20])],
)
def test_amounts(blobs, n_samples, counts):
    model = classifier(Recorder(), n_samples=n_samples).fit(*blobs)
    assert np.bincount(model.estimator_.y_).tolist() == counts
    np.testing.assert_array_equal(model.estimator_.X_[:60], blobs[0])


def test_none_leaves_the_augmenters_own_amount(blobs):
    inner = augmenter(n_samples=7)
    model = AugmentedClassifier(Recorder(), inner, n_samples=None, labeler=None).fit(*blobs)
    assert len(model.estimator_.X_) == 67
    model.set_params(n_samples=3).fit(*blobs)
    assert len(model.estimator_.X_) == 63
    assert model.augmenter.n_samples == 7  # the caller's own is cloned, never changed


def test_delegates_to_the_estimator(blobs):
    X, y = blobs
    model = classifier(correct_class_shares=False).fit(X, y)
    inner = model.estimator_
    for name in ("predict", "predict_proba", "predict_log_proba", "decision_function"):
        np.testing.assert_array_equal(getattr(model, name)(X), getattr(inner, name)(X))
    assert model.score(X, y) == inner.score(X, y)
    weight = np.linspace(0, 1, 60)
    assert model.score(X, y, sample_weight=weight) == inner.score(X, y, sample_weight=weight)
    assert model.classes_.tolist() == [0, 1]
    assert model.n_features_in_ == 3 and not hasattr(model, "feature_names_in_")
    assert not hasattr(model.augmenter_, "generator_")


def test_probabilities_refer_to_the_shares_of_the_real_rows(blobs):
    X, y = blobs
    weight = np.where(y == 1, 3.0, 1.0)
    for weights in (None, weight):
        model = classifier(n_samples="fill").fit(X, y, sample_weight=weights)
        inner, real = model.estimator_, np.bincount(y, weights) / (60 if weights is None else 90)
        learnt = real if weights is None else np.array([45, 45 + 30 * 1.5]) / 135
        learnt = np.array([0.5, 0.5]) if weights is None else learnt
        products = inner.predict_proba(X) * real / learnt
        wanted = products / products.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(model.predict_proba(X), wanted)
        np.testing.assert_allclose(model.predict_log_proba(X), np.log(wanted))
        for name in ("predict", "decision_function"):
            np.testing.assert_array_equal(getattr(model, name)(X), getattr(inner, name)(X))
        assert model.score(X, y) == inner.score(X, y)


@pytest.mark.parametrize(
    ("inner", "options"),
    [
        (LogisticRegression(), {"correct_class_shares": False}),
        (LogisticRegression(class_weight="balanced"), {}),
        (LogisticRegression(), {"n_samples": 0}),
        (LogisticRegression(), {"augmenter__class_balance": "proportional", "n_samples": 60}),
    ],
)
def test_probabilities_are_the_estimators_own_where_no_share_is_changed(blobs, inner, options):
    X, y = blobs
    model = classifier(inner).set_params(**options).fit(X, y)
    assert model.share_factors_ is None
    np.testing.assert_array_equal(model.predict_proba(X), model.estimator_.predict_proba(X))


def test_frequent_classes_stay_frequent_in_the_probabilities_of_new_rows(rng):
    y = (rng.random(4000) < 0.1).astype(int)
    X = rng.normal(size=(4000, 2)) + y[:, None]
    model = classifier(n_samples="fill").fit(X[:1000], y[:1000])
    new = X[1000:]
    assert abs(model.predict_proba(new)[:, 1].mean() - 0.1) < 0.02
    assert model.estimator_.predict_proba(new)[:, 1].mean() > 0.25


class NoScore(BaseEstimator):
    """An estimator without score."""

    def fit(self, X, y):
        return self


def test_has_what_the_estimator_has():
    svc = classifier(LinearSVC())
    assert hasattr(svc, "score") and not hasattr(classifier(NoScore()), "score")
    assert not hasattr(AugmentedRegressor(NoScore(), augmenter()), "score")
    assert hasattr(svc, "decision_function") and not hasattr(svc, "predict_proba")
    with pytest.raises(AttributeError, match="predict_proba"):
        svc.predict_proba([[0.0]])
    with pytest.raises(NotFittedError):
        svc.predict([[0.0]])
    assert not hasattr(svc, "classes_")
    regressor = AugmentedRegressor(Ridge(), augmenter())
    assert not hasattr(regressor, "predict_proba")
    assert is_classifier(svc) and is_regressor(regressor)


def test_tags_follow_the_estimator():
    assert get_tags(classifier(HistGradientBoostingClassifier())).input_tags.allow_nan
    assert not get_tags(classifier()).input_tags.allow_nan
    assert not get_tags(classifier()).input_tags.sparse


def test_regressor(sloped):
    X, y = sloped
    model = AugmentedRegressor(
        Ridge(alpha=1e-3), augmenter(), keep_generator=True, random_state=0
    ).fit(X, y)
    assert model.score(X, y) > 0.99
    assert model.augmenter_.generator_.target == "number"
    std = AugmentedRegressor(
        LinearRegression(), augmenter(), n_samples=30, labeler=None, keep_generator=True
    ).fit(X, y)
    assert len(std.augmenter_.y_augmented_) == 90


def test_regressor_takes_few_integers_as_numbers(rng):
    X, y = rng.normal(size=(40, 2)), rng.integers(0, 3, 40)
    keeps = {"keep_generator": True, "random_state": 0, "n_samples": 1.0, "labeler": None}
    model = AugmentedRegressor(Ridge(), augmenter(), **keeps).fit(X, y)
    assert model.augmenter_.generator_.target_.kind_ == "number"
    many = AugmentedClassifier(KNeighborsClassifier(1), augmenter(), **keeps)
    many.fit(np.repeat(X, 2, axis=0), np.repeat(np.arange(40), 2))
    assert many.augmenter_.generator_.target_.kind_ == "class"


def test_frames_and_strings(mixed_frame, mixed_labels):
    columns = ColumnTransformer(
        [("n", StandardScaler(), ["age"]), ("c", OneHotEncoder(), ["city", "size"])]
    )
    inner = pipeline.make_pipeline(columns, LogisticRegression())
    model = classifier(inner, n_samples="fill").fit(mixed_frame, mixed_labels)
    assert model.feature_names_in_.tolist() == list(mixed_frame.columns)
    assert model.score(mixed_frame, mixed_labels) > 0.9
    assert set(model.predict(mixed_frame)) == {"churn", "stay"}


def test_polars(blobs):
    X, y = pl.DataFrame(blobs[0], schema=["a", "b", "c"]), pl.Series("t", blobs[1])
    assert classifier().fit(X, y).predict(X).shape == (60,)


# refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n_samples": "some"}, "n_samples='some' is unknown"),
        ({"n_samples": "auto", "cv": 1}, "cv=1 makes no folds"),
        ({"n_samples": "auto", "max_time": 0}, "max_time=0 cannot be used"),
        ({"n_samples": -1}, "n_samples=-1"),
        ({"synthetic_weight": -1}, "synthetic_weight=-1"),
        ({"synthetic_weight": "x"}, "synthetic_weight='x'"),
        ({"n_samples": "auto", "scoring": "r2"}, "scoring='r2' is a score of numbers"),
        ({"n_samples": "auto", "scoring": "f2"}, "scoring='f2' is unknown"),
        ({"n_samples": "auto", "scoring": "f1", "pos_label": "b"}, "pos_label='b' is no class"),
        ({"augmenter": BootstrapGenerator()}, "augmenter=.*GANAugmenter"),
        ({"augmenter": GANAugmenter}, "augmenter="),
    ],
)
def test_bad_parameters(blobs, params, message):
    with pytest.raises(InputError, match=message):
        classifier().set_params(**params).fit(*blobs)


def test_wrong_targets(sloped, blobs):
    with pytest.raises(ValueError, match="Unknown label type"):
        classifier().fit(*sloped)
    with pytest.raises(ValueError, match="requires y"):
        classifier().fit(blobs[0], None)
    with pytest.raises(InputError):
        AugmentedRegressor(Ridge(), augmenter()).fit(blobs[0], np.where(blobs[1], "a", "b"))
    with pytest.raises(InputError, match="no classes"):
        AugmentedRegressor(Ridge(), augmenter(), n_samples="fill").fit(*sloped)


# seeds, memory, copies ------------------------------------------------------------------------


def test_seeds(blobs):
    X, y = blobs
    one, two, other = (
        classifier(random_state=seed).fit(X, y).decision_function(X) for seed in (1, 1, 2)
    )
    assert one.tobytes() == two.tobytes() and one.tobytes() != other.tobytes()
    own = [
        AugmentedClassifier(
            LogisticRegression(), augmenter(random_state=5), n_samples=1.0, labeler=None
        ).fit(X, y)
        for _ in range(2)
    ]
    np.testing.assert_array_equal(own[0].estimator_.coef_, own[1].estimator_.coef_)


def test_memory_trains_the_generator_once_per_fold(blobs, tmp_path):
    for memory, fits in ((None, 16), (str(tmp_path), 4)):
        FITS.clear()
        model = AugmentedClassifier(
            LogisticRegression(),
            GANAugmenter(Counting()),
            n_samples=1.0,
            labeler=None,
            memory=memory,
            keep_generator=True,
            random_state=0,
        )
        search = GridSearchCV(model, {"estimator__C": [0.01, 0.1, 1, 10, 100]}, cv=3).fit(*blobs)
        assert len(FITS) == fits
        assert hasattr(search.best_estimator_.augmenter_, "generator_")


def test_clone_pickle_repr(blobs):
    model = classifier(n_samples=5).fit(*blobs)
    assert not hasattr(clone(model), "estimator_")
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(blobs[0]), model.predict(blobs[0]))
    assert "LogisticRegression" in model._repr_html_()
    assert "augmenter__generator__random_state" in model.get_params()


# inside scikit-learn's tools ------------------------------------------------------------------


def test_no_synthetic_row_is_ever_predicted_and_no_test_row_taught_the_generator(rng):
    X = np.column_stack([np.arange(80.0), rng.normal(size=80)])
    y = np.tile([0, 0, 0, 1], 20)
    model = AugmentedClassifier(Recorder(), GANAugmenter(Marked()), n_samples=1.0, labeler=None)
    Recorder.predicted.clear()
    grid = GridSearchCV(model, {"n_samples": [0.5, 1.0, "fill"]}, cv=4, error_score="raise")
    cross_validate(grid, X, y, cv=StratifiedKFold(4), error_score="raise")
    assert len(Recorder.predicted) == 4 * (3 * 4 + 1)
    for rows, trained in Recorder.predicted:
        synthetic = trained % 1 != 0
        assert (rows % 1 == 0).all() and synthetic.any()
        assert not set(rows) & set(trained)
        assert not set(rows) & set(np.floor(trained[synthetic]))


def test_grids(blobs):
    grid = {"n_samples": [0, 1.0, "fill", {1: 30}], "estimator__C": [0.1, 1]}
    search = GridSearchCV(classifier(), grid, cv=3, error_score="raise").fit(*blobs)
    assert len(search.cv_results_["params"]) == 8
    assert search.best_score_ > 0.7
    nested = GridSearchCV(
        classifier(), {"augmenter__class_balance": ["equal", "proportional"]}, cv=3
    )
    assert nested.fit(*blobs).predict(blobs[0]).shape == (60,)


def test_two_processes_give_the_same_as_one(blobs):
    one, two = (cross_validate(classifier(), *blobs, cv=4, n_jobs=n)["test_score"] for n in (1, 2))
    np.testing.assert_array_equal(one, two)


def test_other_tools(blobs):
    X, y = blobs
    assert cross_val_predict(classifier(), X, y, cv=3, method="predict_proba").shape == (60, 2)
    _, _, test = learning_curve(
        classifier(), X, y, cv=3, train_sizes=[0.6, 1.0], shuffle=True, random_state=0,
        error_score="raise",
    )  # fmt: skip
    assert np.isfinite(test).all()
    calibrated = CalibratedClassifierCV(classifier(), cv=3).fit(X, y)
    np.testing.assert_allclose(calibrated.predict_proba(X).sum(axis=1), 1)
    stack = StackingClassifier([("a", classifier()), ("b", KNeighborsClassifier())], cv=3)
    assert stack.fit(X, y).score(X, y) > 0.7
    importance = permutation_importance(classifier().fit(X, y), X, y, random_state=0)
    assert importance.importances_mean.shape == (3,)
    last = pipeline.make_pipeline(StandardScaler(), classifier()).fit(X, y)
    assert last.predict(X).shape == (60,)


def test_behind_a_column_transformer(mixed_frame, mixed_labels):
    columns = ColumnTransformer(
        [("n", StandardScaler(), ["age"]), ("c", OneHotEncoder(sparse_output=False), ["city"])]
    )
    pipe = pipeline.make_pipeline(columns, classifier())
    scores = cross_validate(pipe, mixed_frame, mixed_labels, cv=3, error_score="raise")
    assert scores["test_score"].min() > 0.6


def test_transformed_target(sloped):
    X, y = sloped
    model = TransformedTargetRegressor(
        AugmentedRegressor(Ridge(), augmenter(), random_state=0),
        func=np.arcsinh,
        inverse_func=np.sinh,
    )
    assert np.isfinite(model.fit(X, y).predict(X)).all()


def test_metadata_routing(blobs):
    weight = np.linspace(0.5, 2, 60)
    with config_context(enable_metadata_routing=True):
        inner = LogisticRegression().set_fit_request(sample_weight=True)
        inner.set_score_request(sample_weight=False)
        model = classifier(inner, synthetic_weight=0.5)
        scores = cross_validate(
            model, *blobs, params={"sample_weight": weight}, cv=3, error_score="raise"
        )
        inner = pipeline.make_pipeline(
            StandardScaler().set_fit_request(sample_weight=False),
            Recorder().set_fit_request(sample_weight=True),
        )
        fitted = classifier(inner, n_samples=1).fit(*blobs, sample_weight=weight)
    assert len(scores["test_score"]) == 3
    np.testing.assert_allclose(fitted.estimator_[-1].weight_, np.r_[weight, weight.mean()])


def test_metadata_follow_the_requests_of_estimator_and_splitter(blobs):
    weight, groups = np.linspace(0.5, 2, 60), np.arange(60) % 6
    with config_context(enable_metadata_routing=True):
        with pytest.raises(UnsetMetadataPassedError, match="LogisticRegression.fit"):
            classifier().fit(*blobs, sample_weight=weight)
        recorder = Recorder().set_fit_request(sample_weight="mine", extra=True)
        model = classifier(recorder, n_samples=0).fit(*blobs, mine=weight, extra=groups)
        np.testing.assert_array_equal(model.estimator_.weight_, weight)
        np.testing.assert_array_equal(model.estimator_.extra_, groups)
        grouped = classifier(n_samples="auto", cv=GroupKFold(3)).fit(*blobs, groups=groups)
        assert grouped.search_.scores["fold"].nunique() == 3


@pytest.mark.parametrize("weight", [None, np.r_[0.0, np.ones(59)]])
def test_a_splitter_of_the_inner_folds_sees_the_labels_of_the_caller(blobs, weight):
    seen = []

    class Spy(GroupKFold):
        def split(self, X, y=None, groups=None):
            seen.append(groups)
            return super().split(X, y, groups)

    visits = np.array(["Ada", "Bob", "Cyd"])[np.arange(60) % 3]
    model = classifier(n_samples="auto", cv=Spy(3)).fit(*blobs, weight, groups=visits)
    assert model.search_.scores["fold"].nunique() == 3
    assert len(seen) == 1 and seen[0] is visits


def test_values_of_rows_that_synthetic_rows_do_not_have_are_refused_before_training(blobs):
    FITS.clear()
    with config_context(enable_metadata_routing=True):
        recorder = Recorder().set_fit_request(extra=True)
        model = AugmentedClassifier(recorder, GANAugmenter(Counting()), n_samples=1, labeler=None)
        with pytest.raises(InputError, match="extra has one value for each row.*n_samples=0"):
            model.fit(*blobs, extra=np.arange(60))
        assert FITS == []
        assert model.fit(*blobs, extra="one for all").estimator_.extra_ == "one for all"
    with pytest.raises(InputError, match="extra is passed on.*enable_metadata_routing"):
        model.fit(*blobs, extra="x")


def test_callbacks_reach_the_augmenter_and_the_estimator(blobs):
    class Log:
        max_propagation_depth = None
        begun, ended = [], []

        def setup(self, estimator, context):
            pass

        def teardown(self, estimator, context):
            pass

        def on_fit_task_begin(self, estimator, context, **_):
            self.begun.append((context.estimator_name, context.task_name))

        def on_fit_task_end(self, estimator, context, **_):
            self.ended.append((context.estimator_name, context.task_name))

    with pytest.warns(UserWarning, match="BootstrapGenerator does not support callbacks"):
        classifier().set_callbacks(Log()).fit(*blobs)
    fits = [name for name, task in Log.begun if task == "fit"]
    assert fits == ["AugmentedClassifier", "GANAugmenter", "LogisticRegression"]
    assert sorted(Log.begun) == sorted(Log.ended)


def test_index_of_frames_does_not_matter(blobs):
    X, y = blobs
    frame = pd.DataFrame(X, columns=list("abc"), index=np.arange(60)[::-1] * 3)
    series = pd.Series(y, index=frame.index)
    np.testing.assert_array_equal(
        classifier().fit(frame, series).predict(frame), classifier().fit(X, y).predict(X)
    )

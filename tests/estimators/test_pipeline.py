"""Pipeline: y grows together with X in fit; predicting meets real rows only."""

import pickle

import imblearn.pipeline
import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE
from imblearn.under_sampling import RandomUnderSampler
from sklearn import pipeline
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.ensemble import StackingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    StratifiedKFold,
    cross_validate,
    learning_curve,
)
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.utils import get_tags
from spies import FITS, Counting, Recorder
from spies import seeded_augmenter as augmenter

from gan_augment.containers import SparseInputError
from gan_augment.estimators.pipeline import Pipeline, make_pipeline
from gan_augment.estimators.sampler import GANOverSampler
from gan_augment.estimators.transformer import GANAugmenter
from gan_augment.exceptions import InputError
from gan_augment.generators.controls import BootstrapGenerator


def test_y_grows_with_x_and_predicting_adds_nothing(blobs):
    X, y = blobs
    pipe = make_pipeline(StandardScaler(), augmenter(n_samples="fill"), Recorder()).fit(X, y)
    recorder = pipe[-1]
    assert recorder.X_.shape == (90, 3) and np.bincount(recorder.y_).tolist() == [45, 45]
    np.testing.assert_allclose(recorder.X_[:60], StandardScaler().fit_transform(X))
    assert pipe.predict(X[:7]).shape == (7,)


def test_equals_the_steps_by_hand(blobs):
    X, y = blobs
    pipe = make_pipeline(StandardScaler(), augmenter(), LogisticRegression()).fit(X, y)
    Xt = StandardScaler().fit_transform(X)
    data = augmenter().augment(Xt, y)
    by_hand = LogisticRegression().fit(data.X, data.y)
    np.testing.assert_array_equal(pipe.predict_proba(X), by_hand.predict_proba(Xt))
    assert pipe.score(X, y) == by_hand.score(Xt, y)
    np.testing.assert_array_equal(pipe.decision_function(X), by_hand.decision_function(Xt))
    np.testing.assert_array_equal(pipe.predict_log_proba(X), by_hand.predict_log_proba(Xt))


def test_without_row_adding_steps_it_is_scikit_learns(blobs):
    ours = make_pipeline(StandardScaler(), LogisticRegression()).fit(*blobs)
    stock = pipeline.make_pipeline(StandardScaler(), LogisticRegression()).fit(*blobs)
    np.testing.assert_array_equal(ours.predict_proba(blobs[0]), stock.predict_proba(blobs[0]))
    assert isinstance(ours, pipeline.Pipeline)


def test_two_adders_and_a_transformer_behind(blobs):
    X, y = blobs
    pipe = make_pipeline(
        augmenter(n_samples="fill"), MinMaxScaler(), augmenter(n_samples=10), Recorder()
    ).fit(X, y)
    assert pipe[-1].X_.shape == (100, 3)
    assert abs(pipe[-1].X_.min()) < 1e-12 and abs(pipe[-1].X_.max() - 1) < 1e-12
    assert pipe.predict(X).shape == (60,)


def test_regression(sloped):
    X, y = sloped
    pipe = make_pipeline(StandardScaler(), augmenter(), Ridge()).fit(X, y)
    assert pipe.score(X, y) > 0.95


@pytest.mark.parametrize("off", ["passthrough", None])
def test_steps_can_be_switched_off(blobs, off):
    X, y = blobs
    pipe = make_pipeline(StandardScaler(), augmenter(), Recorder())
    pipe.set_params(ganaugmenter=off).fit(X, y)
    assert len(pipe[-1].X_) == 60
    pipe.set_params(ganaugmenter=augmenter(), standardscaler=off).fit(X, y)
    assert len(pipe[-1].X_) == 120
    np.testing.assert_array_equal(pipe[-1].X_[:60], X)
    pipe.set_params(recorder=off).fit(X, y)
    assert pipe.fit_transform(X, y).shape == (120, 3)
    assert pipe.transform(X).shape == (60, 3)


def test_fit_transform_keeps_the_rows_and_transform_does_not(blobs):
    X, y = blobs
    pipe = make_pipeline(augmenter(), StandardScaler())
    assert pipe.fit_transform(X, y).shape == (120, 3)
    assert pipe.transform(X).shape == (60, 3)
    np.testing.assert_allclose(pipe.inverse_transform(pipe.transform(X)), X)
    ending = make_pipeline(StandardScaler(), augmenter(), augmenter(n_samples=1))
    assert ending.fit_transform(X, y).shape == (121, 3)


def test_fit_predict_answers_for_real_rows_only(blobs):
    X, _ = blobs
    pipe = make_pipeline(augmenter(n_samples=30), KMeans(2, n_init=1, random_state=0))
    labels = pipe.fit_predict(X)
    assert len(pipe[-1].labels_) == 90
    np.testing.assert_array_equal(labels, pipe.predict(X))


def test_methods_exist_as_the_last_step_has_them():
    pipe = make_pipeline(augmenter(), Ridge())
    assert hasattr(pipe, "predict") and hasattr(pipe, "score")
    for name in ("predict_proba", "decision_function", "transform", "fit_predict"):
        assert not hasattr(pipe, name), name
    with pytest.raises(AttributeError, match="predict_proba"):
        _ = pipe.predict_proba
    with pytest.raises(NotFittedError):
        pipe.predict([[1.0]])


# samplers of imbalanced-learn -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("sampler", "rows"),
    [
        (SMOTE(random_state=0), 90),
        (RandomUnderSampler(random_state=0), 30),
        (GANOverSampler(BootstrapGenerator(), random_state=0), 90),
    ],
)
def test_samplers_are_skipped_when_predicting(blobs, sampler, rows):
    X, y = blobs
    pipe = make_pipeline(StandardScaler(), sampler, LogisticRegression(), memory=None).fit(X, y)
    assert pipe.predict(X).shape == (60,)
    assert pipe.predict_proba(X).shape == (60, 2)
    assert 0.5 < pipe.score(X, y) <= 1
    assert pipe.decision_function(X[:3]).shape == (3,)
    recording = make_pipeline(sampler, Recorder()).fit(X, y)
    assert len(recording[-1].X_) == rows
    assert pipe.get_feature_names_out is not None


def test_samplers_and_transform(blobs):
    X, y = blobs
    pipe = make_pipeline(SMOTE(random_state=0), StandardScaler())
    assert pipe.fit_transform(X, y).shape == (90, 3)
    assert pipe.transform(X).shape == (60, 3)
    assert pipe.get_feature_names_out().tolist() == ["x0", "x1", "x2"]


# structure ------------------------------------------------------------------------------------


def test_slices_names_params_clone_repr(blobs):
    pipe = Pipeline([("s", StandardScaler()), ("gan", augmenter()), ("lr", LogisticRegression())])
    assert len(pipe) == 3 and pipe["gan"] is pipe[1] is pipe.named_steps.gan
    head = pipe[:2]
    assert isinstance(head, Pipeline) and head.fit_transform(*blobs).shape == (120, 3)
    pipe.set_params(gan__n_samples=4, lr__C=3.0, gan__generator__random_state=1)
    assert pipe.get_params()["gan__n_samples"] == 4
    fitted = clone(pipe).fit(*blobs)
    assert fitted[-1].C == 3.0 and not hasattr(pipe[-1], "coef_")
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict(blobs[0]), fitted.predict(blobs[0]))
    html = fitted._repr_html_()
    assert "GANAugmenter" in html and "BootstrapGenerator" in html
    assert fitted.n_features_in_ == 3
    assert fitted.classes_.tolist() == [0, 1]


def test_steps_are_fitted_in_place_without_memory(blobs):
    step = augmenter()
    pipe = make_pipeline(step, Recorder()).fit(*blobs)
    assert hasattr(step, "generator_") and not hasattr(pipe[0], "generator_")
    pipe = make_pipeline(step, Recorder(), keep_generator=True).fit(*blobs)
    assert pipe[0] is step and hasattr(step, "generator_")


def test_set_output(blobs):
    X, y = blobs
    pipe = make_pipeline(StandardScaler(), augmenter(), Recorder()).set_output(transform="pandas")
    pipe.fit(X, y)
    assert isinstance(pipe[-1].X_, pd.DataFrame)
    assert list(pipe[-1].X_.columns) == ["x0", "x1", "x2"]
    assert pipe[:-1].get_feature_names_out().tolist() == ["x0", "x1", "x2"]
    first = make_pipeline(augmenter(), Recorder()).set_output(transform="pandas").fit(X, y)
    assert isinstance(first[-1].X_, pd.DataFrame) and len(first[-1].X_) == 120


def test_verbose_numbers_the_steps(blobs, capsys):
    make_pipeline(StandardScaler(), augmenter(), Recorder(), verbose=True).fit(*blobs)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("(")[1].split(",")[0] for line in lines] == [
        "step 1 of 3) Processing standardscaler",
        "step 2 of 3) Processing ganaugmenter",
        "step 3 of 3) Processing recorder",
    ]
    assert {len(line) for line in lines} == {70}


@pytest.mark.parametrize(
    ("steps", "error", "message"),
    [
        ([("a", augmenter()), ("a", Ridge())], InputError, "'a'.*not unique"),
        ([("a__b", augmenter()), ("c", Ridge())], InputError, "'a__b'"),
        ([("steps", augmenter()), ("c", Ridge())], InputError, "'steps'.*parameter"),
        ([("a", augmenter()), ("b", KFold()), ("c", Ridge())], TypeError, "step 'b' \\(KFold"),
        ([("a", augmenter()), ("b", Ridge()), ("c", Ridge())], TypeError, "step 'b' \\(Ridge"),
        ([("a", augmenter()), ("c", KFold())], TypeError, "step 'c' \\(KFold"),
    ],
)
def test_wrong_steps(sloped, steps, error, message):
    with pytest.raises(error, match=message):
        Pipeline(steps).fit(*sloped)


@pytest.mark.parametrize(
    "steps",
    [
        (StandardScaler(), augmenter()),
        (augmenter(), StandardScaler()),
        (StandardScaler(), SMOTE(random_state=0)),
        (augmenter(n_samples=15), GANOverSampler(BootstrapGenerator(), random_state=0)),
        (augmenter(), "passthrough"),
    ],
)
def test_a_nested_pipeline_adds_rows_as_its_steps_do_in_a_row(blobs, steps):
    X, y = blobs
    flat = make_pipeline(*steps, Recorder()).fit(X, y)
    nested = make_pipeline(make_pipeline(*steps), Recorder()).fit(X, y)
    np.testing.assert_array_equal(nested[-1].X_, flat[-1].X_)
    np.testing.assert_array_equal(nested[-1].y_, flat[-1].y_)
    assert nested.predict(X).shape == (60,)
    np.testing.assert_array_equal(nested[:-1].transform(X), flat[:-1].transform(X))


def test_weights_follow_the_rows_of_a_nested_pipeline(blobs):
    weight = np.linspace(0.5, 2, 60)
    pipe = make_pipeline(make_pipeline(augmenter(n_samples=3), StandardScaler()), Recorder())
    pipe.fit(*blobs, recorder__sample_weight=weight)
    np.testing.assert_allclose(pipe[-1].weight_, np.r_[weight, [weight.mean()] * 3])
    assert pipe[0].sample_indices_.tolist() == [*range(60), -1, -1, -1]


def test_a_nested_pipeline_is_told_what_the_target_is(rng):
    X, y = rng.normal(size=(60, 2)), rng.poisson(0.6, size=60)  # by its look classes
    inner = make_pipeline(StandardScaler(), augmenter(), keep_generator=True)
    pipe = make_pipeline(inner, Ridge()).fit(X, y)
    assert pipe[0][-1].generator_.target_.kind_ == "number"


def test_fit_resample_is_there_where_rows_are_added_and_nothing_predicts(blobs):
    X, y = blobs
    pipe = make_pipeline(StandardScaler(), GANOverSampler(BootstrapGenerator(), random_state=0))
    X_more, y_more = pipe.fit_resample(X, y)
    assert X_more.shape == (90, 3) and np.bincount(y_more).tolist() == [45, 45]
    np.testing.assert_array_equal(pipe.fit_transform(X, y), X_more)
    np.testing.assert_array_equal(pipe.transform(X), StandardScaler().fit_transform(X))
    assert not hasattr(make_pipeline(augmenter(), Ridge()), "fit_resample")
    assert not hasattr(make_pipeline(StandardScaler()), "fit_resample")


def test_a_class_as_a_step_is_named(blobs):
    for steps in ([GANAugmenter, Ridge()], [StandardScaler, augmenter(), Ridge()]):
        named = [(f"s{place}", step) for place, step in enumerate(steps)]
        with pytest.raises(TypeError, match="Expected an estimator instance.*'s0'"):
            Pipeline(named).fit(*blobs)


@pytest.mark.parametrize("name", ["predict_proba", "fit_predict", "score_samples"])
def test_a_missing_method_gives_the_steps_own_reason(name):
    pipe = make_pipeline(augmenter(), Ridge())
    with pytest.raises(AttributeError, match=f"'Pipeline' has no attribute '{name}'") as caught:
        getattr(pipe, name)
    assert "'Ridge' object has no attribute" in str(caught.value.__cause__)


def test_the_tags_promise_no_target_of_several_columns():
    assert get_tags(make_pipeline(StandardScaler(), Ridge())).target_tags.multi_output
    assert not get_tags(make_pipeline(augmenter(), Ridge())).target_tags.multi_output


def test_a_sparse_table_on_its_way_is_refused_with_what_helps_in_a_pipeline(
    mixed_frame, mixed_labels
):
    columns = ColumnTransformer([("c", OneHotEncoder(), ["city"])], sparse_threshold=1.0)
    pipe = make_pipeline(columns, augmenter(), LogisticRegression())
    with pytest.raises(SparseInputError, match="sparse_output=False.*sparse_threshold=0.*first"):
        pipe.fit(mixed_frame, mixed_labels)


def test_rows_added_inside_a_nested_pipeline_of_this_package_are_refused_in_a_stock_one(blobs):
    nested = make_pipeline(augmenter(), StandardScaler())
    for inner in (nested, make_pipeline(StandardScaler(), SMOTE(random_state=0))):
        with pytest.raises(InputError, match="inner Pipeline adds rows") as refused:
            pipeline.make_pipeline(inner, LogisticRegression()).fit(*blobs)
        assert "'pipeline', 'logisticregression'" in refused.value.remedy


@pytest.mark.parametrize("memory", [False, True])
@pytest.mark.parametrize("library", [pipeline, imblearn.pipeline])
@pytest.mark.parametrize("steps", [(StandardScaler(), "add"), ("add", StandardScaler()), ("add",)])
def test_another_librarys_pipeline_as_a_step_adds_rows_too(
    blobs, tmp_path, library, memory, steps
):
    X, y = blobs
    steps = [augmenter() if step == "add" else clone(step) for step in steps]
    flat = make_pipeline(*map(clone, steps), Recorder()).fit(X, y)
    inner = library.make_pipeline(*steps, memory=str(tmp_path) if memory else None)
    nested = make_pipeline(inner, Recorder())
    weight = np.linspace(0.5, 2, 60)
    nested.fit(X, y, recorder__sample_weight=weight)
    np.testing.assert_array_equal(nested[-1].X_, flat[-1].X_)
    np.testing.assert_array_equal(nested[-1].y_, flat[-1].y_)
    np.testing.assert_allclose(nested[-1].weight_, np.r_[weight, [weight.mean()] * 60])
    np.testing.assert_array_equal(nested[:-1].transform(X), flat[:-1].transform(X))
    assert type(nested[0]) is type(inner) and nested.predict(X).shape == (60,)


def test_a_samplers_pipeline_of_another_library_transforms_rows_to_predict_on(blobs):
    X, y = blobs
    inner = imblearn.pipeline.make_pipeline(StandardScaler(), RandomUnderSampler(random_state=0))
    model = make_pipeline(inner, Recorder()).fit(X, y)
    np.testing.assert_allclose(model[:-1].transform(X), StandardScaler().fit_transform(X))
    assert model.score(X, y) == model[-1].score(StandardScaler().fit_transform(X), y)


def test_a_pipeline_of_ours_inside_a_stock_one_inside_ours_adds_rows(blobs):
    X, y = blobs
    flat = make_pipeline(StandardScaler(), augmenter(), Recorder()).fit(X, y)
    inner = pipeline.make_pipeline(make_pipeline(StandardScaler(), augmenter()))
    nested = make_pipeline(inner, Recorder()).fit(X, y)
    np.testing.assert_array_equal(nested[-1].X_, flat[-1].X_)
    np.testing.assert_array_equal(nested[-1].y_, flat[-1].y_)
    np.testing.assert_array_equal(nested[:-1].transform(X), flat[:-1].transform(X))


def test_a_stock_pipeline_that_predicts_is_named_by_its_steps(blobs):
    inner = pipeline.make_pipeline(augmenter(), LogisticRegression())
    with pytest.raises(InputError, match="scikit-learn Pipeline") as refused:
        make_pipeline(StandardScaler(), inner).fit(*blobs)
    assert "of 'ganaugmenter', 'logisticregression' with" in refused.value.remedy


@pytest.mark.parametrize("outer", [pipeline.make_pipeline, make_pipeline])
@pytest.mark.parametrize("kind", ["ColumnTransformer", "FeatureUnion"])
def test_a_branch_that_adds_rows_is_refused(blobs, outer, kind):
    scaled = pipeline.make_pipeline(StandardScaler(), augmenter())
    for branches in ([augmenter(), StandardScaler()], [scaled, augmenter()]):
        if kind == "FeatureUnion":
            joined = pipeline.make_union(*branches)
        else:
            joined = make_column_transformer((branches[0], [0]), (branches[1], [1, 2]))
        with pytest.raises(InputError, match=f"branch of a {kind}.*gan_augment.make_pipeline"):
            outer(joined, LogisticRegression()).fit(*blobs)
        with pytest.raises(InputError, match=f"branch of a {kind}"):
            joined.fit_transform(*blobs)


# memory ---------------------------------------------------------------------------------------


def test_a_grid_over_the_last_step_fits_the_generator_once_per_fold(blobs, tmp_path):
    X, y = blobs
    grid = {"logisticregression__C": [0.01, 0.1, 1, 10, 100]}
    for memory, fits in ((None, 16), (str(tmp_path), 4)):
        FITS.clear()
        pipe = make_pipeline(
            StandardScaler(), GANAugmenter(Counting(), random_state=0), LogisticRegression(),
            memory=memory, keep_generator=True,
        )  # fmt: skip
        search = GridSearchCV(pipe, grid, cv=3).fit(X, y)
        assert len(FITS) == fits
        assert hasattr(search.best_estimator_[1], "generator_")
        assert search.predict(X).shape == (60,)


def test_memory_leaves_the_given_steps_unfitted(blobs, tmp_path):
    step = augmenter()
    pipe = make_pipeline(step, SMOTE(random_state=0), Recorder(), memory=str(tmp_path))
    first = pipe.fit(*blobs)[-1].X_
    assert not hasattr(step, "n_features_in_") and hasattr(pipe[0], "n_features_in_")
    np.testing.assert_array_equal(clone(pipe).fit(*blobs)[-1].X_, first)


# inside scikit-learn's tools ------------------------------------------------------------------


def test_grid_over_amounts_and_steps(blobs):
    grid = {"ganaugmenter": ["passthrough", augmenter(n_samples=0.5), augmenter(n_samples="fill")]}
    pipe = make_pipeline(StandardScaler(), augmenter(), LogisticRegression())
    search = GridSearchCV(pipe, grid, cv=3, n_jobs=2, error_score="raise").fit(*blobs)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    amounts = GridSearchCV(pipe, {"ganaugmenter__n_samples": [0, 1.0, 20]}, cv=3).fit(*blobs)
    assert amounts.best_params_["ganaugmenter__n_samples"] in (0, 1.0, 20)


def test_other_tools(blobs):
    X, y = blobs
    pipe = make_pipeline(StandardScaler(), augmenter(), LogisticRegression())
    _, _, test = learning_curve(
        pipe, X, y, cv=StratifiedKFold(3), train_sizes=[0.6, 1.0], shuffle=True, random_state=0,
        error_score="raise",
    )  # fmt: skip
    assert np.isfinite(test).all()
    importance = permutation_importance(pipe.fit(X, y), X, y, n_repeats=2, random_state=0)
    assert importance.importances.shape == (3, 2)
    stack = StackingClassifier([("a", pipe), ("b", LogisticRegression())], cv=3).fit(X, y)
    assert stack.predict(X).shape == (60,)


def test_behind_a_column_transformer(mixed_frame, mixed_labels):
    columns = ColumnTransformer(
        [("n", StandardScaler(), ["age"]), ("c", OneHotEncoder(sparse_output=False), ["city"])]
    )
    pipe = make_pipeline(columns, augmenter(), LogisticRegression())
    scores = cross_validate(pipe, mixed_frame, mixed_labels, cv=3, error_score="raise")
    assert scores["test_score"].min() > 0.6


def test_no_synthetic_row_is_ever_scored(rng):
    # Column 0 is a row number. Noise on it makes every synthetic row recognisable.
    class Marked(BootstrapGenerator):
        copies_rows = extrapolates = True

        def _sample(self, n, codes, rng):
            frame, numbers = super()._sample(n, codes, rng)
            frame = frame.copy()
            frame[0] += 0.5
            return frame, numbers

    X = np.column_stack([np.arange(80.0), rng.normal(size=80)])
    y = np.tile([0, 0, 0, 1], 20)
    met, folds = [], []

    def record(estimator, X_scored, y_scored):
        trained = estimator[-1].X_[:, 0]
        synthetic = trained % 1 != 0
        folds.append((synthetic.sum(), set(np.floor(trained[synthetic])), set(trained)))
        met.append((X_scored[:, 0], y_scored))
        return 0.0

    pipe = make_pipeline(GANAugmenter(Marked(), random_state=0), Recorder())
    cross_validate(pipe, X, y, cv=4, scoring=record, error_score="raise")
    assert len(met) == 4
    assert sorted(np.concatenate([rows for rows, _ in met])) == list(range(80))
    for (rows, labels), (count, sources, trained) in zip(met, folds, strict=True):
        assert (rows % 1 == 0).all() and count == 60
        assert (labels == y[rows.astype(int)]).all()
        assert not set(rows) & sources  # no held-out row taught the generator
        assert not set(rows) & trained


def test_scorers_with_probabilities(blobs):
    pipe = make_pipeline(augmenter(), LogisticRegression())
    scores = cross_validate(
        pipe, *blobs, scoring=["roc_auc", "neg_log_loss"], cv=3, error_score="raise"
    )
    assert scores["test_roc_auc"].min() > 0.5
    assert make_scorer(lambda y, p: 0.5)(pipe.fit(*blobs), *blobs) == 0.5


def test_callbacks_reach_every_step(blobs):
    log = _Log()
    inner = pipeline.make_pipeline(LogisticRegression())
    pipe = make_pipeline(StandardScaler(), augmenter(), inner).set_callbacks(log)
    with pytest.warns(UserWarning, match="does not support callbacks"):
        pipe.fit(*blobs)
    fits = [name for name, task in log.begun if task == "fit"]
    assert fits == [
        "Pipeline", "StandardScaler", "GANAugmenter", "Pipeline", "LogisticRegression",
    ]  # fmt: skip
    assert ("GANAugmenter", "fit-generator") in log.begun
    assert sorted(log.begun) == sorted(log.ended)
    assert (log.set_up, log.torn_down) == (1, 1)


class _Log:
    max_propagation_depth = None

    def __init__(self):
        self.begun, self.ended, self.set_up, self.torn_down = [], [], 0, 0

    def setup(self, estimator, context):
        self.set_up += 1

    def teardown(self, estimator, context):
        self.torn_down += 1

    def on_fit_task_begin(self, estimator, context, **_):
        self.begun.append((context.estimator_name, context.task_name))

    def on_fit_task_end(self, estimator, context, **_):
        self.ended.append((context.estimator_name, context.task_name))


def test_the_last_step_says_what_the_target_is(rng):
    labels = np.sort(rng.choice(1000, 30, replace=False))
    X, y = rng.normal(size=(90, 3)), np.tile(labels, 3)  # by its look a number
    counts = rng.poisson(0.6, size=90)  # by its look classes
    forest = make_pipeline(augmenter(), Recorder()).fit(X, y)
    assert np.isin(forest[-1].y_, labels).all()
    ridge = make_pipeline(augmenter(n_samples=2000), Ridge(), keep_generator=True).fit(X, counts)
    assert ridge[0].generator_.target_.kind_ == "number"
    chosen = GANAugmenter(BootstrapGenerator(target="number"), random_state=0)
    for step, last in ((chosen, Recorder()), (augmenter(), None)):
        pipe = make_pipeline(step, last, keep_generator=True).fit(X, y)
        assert pipe[0].generator_.target_.kind_ == "number"
    assert augmenter().get_params()["generator__target"] == "auto"

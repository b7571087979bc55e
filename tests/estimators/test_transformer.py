"""GANAugmenter: adds rows in fit_transform, leaves rows alone in transform."""

import gc
import pickle
import warnings
import weakref

import numpy as np
import pandas as pd
import polars as pl
import pytest
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import make_pipeline as imblearn_pipeline
from sklearn import config_context
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from gan_augment.augmentation.augment import AugmentedData
from gan_augment.estimators.transformer import GANAugmenter, seeded_clone
from gan_augment.exceptions import InputError
from gan_augment.generators.controls import BootstrapGenerator


def augmenter(**params):
    params = {"random_state": 0, **params}
    return GANAugmenter(BootstrapGenerator(), **params)


def test_fit_transform_appends_and_transform_does_not(mixed_frame, mixed_labels):
    step = augmenter(n_samples=0.5)
    X_new = step.fit_transform(mixed_frame, mixed_labels)
    assert len(X_new) == 180
    pd.testing.assert_frame_equal(X_new.iloc[:120], mixed_frame)
    assert step.is_synthetic_.sum() == 60
    assert step.y_augmented_.iloc[120:].value_counts().to_dict() == {"churn": 30, "stay": 30}
    pd.testing.assert_frame_equal(step.transform(mixed_frame[:7]), mixed_frame[:7])
    pd.testing.assert_frame_equal(step.inverse_transform(mixed_frame[:7]), mixed_frame[:7])


def test_augment_returns_rows_with_their_origin(blobs):
    X, y = blobs
    data = augmenter(n_samples="fill").augment(X, y)
    assert isinstance(data, AugmentedData)
    assert np.bincount(data.y).tolist() == [45, 45]
    assert data.n_synthetic == 30
    np.testing.assert_array_equal(data.X[:60], X)


def test_rows_are_freed_once_nobody_holds_them(mixed_frame, mixed_labels):
    gc.disable()  # which would free them some time later
    try:
        augmenter = GANAugmenter(BootstrapGenerator(), n_samples=9, random_state=0)
        held = weakref.ref(augmenter.fit_transform(mixed_frame, mixed_labels))
        assert held() is None
    finally:
        gc.enable()


def test_fit_adds_nothing(blobs):
    step = augmenter().fit(*blobs)
    assert hasattr(step, "generator_")
    assert not hasattr(step, "y_augmented_")
    assert step.generator.get_params()["random_state"] is None  # the caller's own is untouched


def test_sample_without_real_rows(blobs):
    X, y = blobs
    step = augmenter().fit(X, y)
    X_new, y_new = step.sample(6)
    assert X_new.shape == (6, 3) and y_new.shape == (6,)
    assert step.sample(y=[1, 0, 1])[1].tolist() == [1, 0, 1]
    np.testing.assert_array_equal(step.sample(6)[0], X_new)
    assert not np.array_equal(step.sample(6, random_state=8)[0], X_new)


def test_numeric_target_and_none(sloped):
    X, y = sloped
    step = augmenter(n_samples=30)
    assert step.fit_transform(X, y).shape == (90, 3)
    assert step.y_augmented_.shape == (90,)
    assert step.fit_transform(X).shape == (90, 3)
    assert step.y_augmented_ is None


@pytest.mark.parametrize("kind", ["list", "polars", "column vector"])
def test_other_containers(blobs, kind):
    X, y = blobs
    if kind == "list":
        X_new = augmenter().fit_transform(X.tolist(), y.tolist())
        assert isinstance(X_new, np.ndarray) and X_new.shape == (120, 3)
        np.testing.assert_array_equal(X_new[:60], X)
    elif kind == "polars":
        table = pl.DataFrame(X, schema=["a", "b", "c"])
        step = augmenter()
        X_new = step.fit_transform(table, pl.Series("t", y))
        assert isinstance(X_new, pl.DataFrame) and X_new[:60].equals(table)
        assert step.transform(table[:2]).equals(table[:2])
    else:
        with pytest.warns(DataConversionWarning):
            assert augmenter().augment(X, y[:, None]).y.shape == (120,)


def test_same_seed_same_bytes(blobs):
    X, y = blobs
    results = [augmenter(random_state=seed).fit_transform(X, y) for seed in (5, 5, 6)]
    assert results[0].tobytes() == results[1].tobytes()
    assert results[0].tobytes() != results[2].tobytes()
    free = [augmenter(random_state=None).fit_transform(X, y) for _ in range(2)]
    assert free[0].tobytes() != free[1].tobytes()


def test_a_seed_on_the_generator_is_respected_without_one_here():
    rng = np.random.default_rng(0)
    generator = BootstrapGenerator(random_state=77)
    assert seeded_clone(generator, None, rng).random_state == 77
    assert seeded_clone(generator, 0, rng).random_state != 77
    assert generator.random_state == 77


def test_default_generator_is_tabular_gan():
    from gan_augment.generators.tabular.gan import TabularGAN

    assert isinstance(seeded_clone(None, 0, np.random.default_rng(0)), TabularGAN)
    assert GANAugmenter().generator is None


def test_transform_checks_columns(blobs):
    X, y = blobs
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    step = augmenter().fit(frame, y)
    assert step.n_features_in_ == 3
    assert step.feature_names_in_.tolist() == ["a", "b", "c"]
    assert step.get_feature_names_out().tolist() == ["a", "b", "c"]
    with pytest.raises(ValueError, match="feature names"):
        step.transform(frame[["b", "a", "c"]])
    with pytest.raises(ValueError, match="X has 2 features"):
        augmenter().fit(X, y).transform(X[:, :2])
    with pytest.raises(NotFittedError):
        augmenter().transform(X)
    with pytest.raises(NotFittedError):
        augmenter().sample(1)


def test_transform_hands_back_the_callers_cells(mixed_frame, mixed_labels):
    step = augmenter().fit(mixed_frame, mixed_labels)
    X_same = step.transform(mixed_frame)
    assert X_same is not mixed_frame  # set_output renames columns in place
    assert np.shares_memory(X_same["age"].to_numpy(), mixed_frame["age"].to_numpy())


@pytest.mark.parametrize("container", ["numpy", "pandas", "polars", "int names"])
@pytest.mark.parametrize("output", ["pandas", "polars", "default"])
def test_set_output(blobs, container, output):
    X, y = blobs
    table = {
        "numpy": X,
        "pandas": pd.DataFrame(X, columns=["a", "b", "c"], index=np.arange(60) + 7),
        "polars": pl.DataFrame(X, schema=["a", "b", "c"]),
        "int names": pd.DataFrame(X),
    }[container]
    names = list(getattr(table, "columns", []))
    step = augmenter().set_output(transform=output)
    grown, same = step.fit_transform(table, y), step.transform(table)
    expected = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "default": type(table)}[output]
    assert type(grown) is type(same) is expected
    assert grown.shape == (120, 3) and same.shape == (60, 3)
    if output != "default":
        out = ["a", "b", "c"] if container in ("pandas", "polars") else ["x0", "x1", "x2"]
        assert list(grown.columns) == list(same.columns) == out
    assert list(getattr(table, "columns", [])) == names  # the caller's own is not renamed
    np.testing.assert_array_equal(np.asarray(grown)[:60], X)


def test_set_output_keeps_dtypes_and_index(mixed_frame, mixed_labels):
    with config_context(transform_output="pandas"):
        X_new = augmenter().fit_transform(mixed_frame, mixed_labels)
    assert (X_new.dtypes == mixed_frame.dtypes).all()
    assert X_new.index[:120].equals(mixed_frame.index) and X_new.index.is_unique


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n_samples": -1}, "n_samples=-1"),
        ({"n_samples": "some"}, "n_samples='some' is unknown"),
        ({"n_samples": {"z": 3}}, "'z'"),
        ({"class_balance": "even"}, "class_balance='even'"),
        ({"random_state": "abc"}, "random_state='abc'"),
    ],
)
@pytest.mark.parametrize("method", ["fit", "fit_transform", "augment"])
def test_bad_parameters_are_refused_before_training(blobs, params, message, method):
    class Untrained(BootstrapGenerator):
        def fit(self, X, y=None):
            raise AssertionError("trained")

    step = GANAugmenter(Untrained(), **params)
    with pytest.raises(InputError, match=message):
        getattr(step, method)(*blobs)


@pytest.mark.parametrize("generator", [BootstrapGenerator, "ctgan", StandardScaler()])
def test_what_is_no_generator(blobs, generator):
    with pytest.raises(InputError, match="generator=.*is not a generator"):
        GANAugmenter(generator).fit(*blobs)


@pytest.mark.parametrize("n_samples", ["fill", {0: 1}])
def test_amounts_by_class_need_classes(sloped, n_samples):
    with pytest.raises(InputError, match="no classes"):
        augmenter(n_samples=n_samples).fit(*sloped)


def test_verbose_tells_how_many_rows_were_added(blobs, capsys):
    augmenter().fit_transform(*blobs)
    assert capsys.readouterr().out == ""
    augmenter(verbose=1).fit_transform(*blobs)
    out = capsys.readouterr().out
    assert "60 rows added to 60" in out.splitlines()[-1]


def test_clone_and_pickle(blobs):
    step = augmenter(n_samples=0.5).fit(*blobs)
    copy = clone(step)
    assert not hasattr(copy, "generator_") and copy.n_samples == 0.5
    again = pickle.loads(pickle.dumps(step))
    np.testing.assert_array_equal(again.sample(9)[0], step.sample(9)[0])
    assert "generator__random_state" in step.get_params()
    assert "GANAugmenter" in step._repr_html_()


def test_tags():
    from sklearn.utils import get_tags

    tags = get_tags(augmenter())
    assert tags.input_tags.allow_nan and tags.input_tags.categorical and tags.input_tags.string
    assert not tags.non_deterministic
    assert get_tags(augmenter(random_state=None)).non_deterministic


# inside scikit-learn's own tools --------------------------------------------------------------


@pytest.mark.parametrize("memory", [False, True])
@pytest.mark.parametrize("method", ["fit", "fit_transform"])
def test_mid_step_with_y_names_the_cures(blobs, tmp_path, memory, method):
    pipe = Pipeline(
        [("scale", StandardScaler()), ("gan", augmenter()), ("last", StandardScaler())],
        memory=str(tmp_path) if memory else None,
    )
    with pytest.raises(InputError, match="gan_augment.make_pipeline.*AugmentedClassifier"):
        getattr(pipe, method)(*blobs)


def test_mid_step_in_front_of_a_classifier(blobs):
    pipe = make_pipeline(augmenter(), LogisticRegression())
    with pytest.raises(InputError, match=r"gan_augment\.make_pipeline"):
        pipe.fit(*blobs)
    assert not hasattr(pipe[0], "_parent_callback_ctx")


@pytest.mark.parametrize("memory", [False, True])
def test_mid_step_of_imbalanced_learn_names_the_sampler(blobs, tmp_path, memory):
    place = str(tmp_path) if memory else None
    for steps in ([augmenter()], [SMOTE(), augmenter()], [augmenter(), StandardScaler()]):
        pipe = imblearn_pipeline(*steps, LogisticRegression(), memory=place)
        with pytest.raises(InputError, match=r"GANOverSampler there, or .*make_pipeline"):
            pipe.fit(*blobs)


def test_rows_may_be_added_inside_a_step_that_answers_for_as_many(blobs):
    class Inside(StandardScaler):
        def fit(self, X, y=None):
            return super().fit(augmenter().fit_transform(X, y))

    pipe = make_pipeline(Inside(), LogisticRegression()).fit(*blobs)
    assert pipe[0].n_samples_seen_ == 120 and pipe.predict(blobs[0]).shape == (60,)


def test_mid_step_that_adds_nothing_works(blobs):
    pipe = make_pipeline(augmenter(n_samples=0), LogisticRegression()).fit(*blobs)
    assert pipe.predict(blobs[0]).shape == (60,)
    assert make_pipeline(augmenter(n_samples={}), LogisticRegression()).fit(*blobs)


def test_mid_step_without_y_works(blobs):
    X, _ = blobs
    pipe = make_pipeline(StandardScaler(), augmenter(), KMeans(2, n_init=1, random_state=0))
    assert pipe.fit(X).predict(X).shape == (60,)
    assert len(pipe[-1].labels_) == 120


def test_last_step_works_with_y(blobs):
    pipe = make_pipeline(StandardScaler(), augmenter())
    assert pipe.fit_transform(*blobs).shape == (120, 3)
    assert pipe.transform(blobs[0]).shape == (60, 3)
    assert len(pipe[-1].y_augmented_) == 120
    assert make_pipeline(augmenter()).fit_transform(*blobs).shape == (120, 3)


def test_behind_a_column_transformer(mixed_frame, mixed_labels):
    columns = ColumnTransformer(
        [("n", StandardScaler(), ["age"]), ("c", OneHotEncoder(sparse_output=False), ["city"])]
    )
    pipe = make_pipeline(columns, augmenter())
    assert pipe.fit_transform(mixed_frame, mixed_labels).shape == (240, 5)


def test_no_warning_on_the_way(blobs):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        augmenter().fit_transform(*blobs)


def test_callbacks_reach_a_generator_that_takes_them(blobs):
    from sklearn.callback import CallbackSupportMixin, with_callbacks

    class Talking(CallbackSupportMixin, BootstrapGenerator):
        @with_callbacks
        def fit(self, X, y=None):
            context = self._init_callback_context(max_subtasks=2)
            context.call_on_fit_task_begin(estimator=self, X=X, y=y)
            for step in range(2):
                task = context.subcontext(task_name=f"round {step}")
                task.call_on_fit_task_begin(estimator=self)
                task.call_on_fit_task_end(estimator=self)
            super().fit(X, y)
            context.call_on_fit_task_end(estimator=self, X=X, y=y)
            return self

    log = Log()
    GANAugmenter(Talking(), random_state=0).set_callbacks(log).fit_transform(*blobs)
    assert log.begun == log.ended
    assert ("Talking", "round 1") in log.begun
    assert log.set_up == log.torn_down == 1


class Log:
    """A callback that writes down the tasks it sees."""

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
        self.ended.sort(key=self.begun.index)


def test_auto_asks_a_panel_and_says_what_it_chose(mixed_frame, mixed_labels):
    auto = GANAugmenter(BootstrapGenerator(), n_samples="auto", random_state=0)
    data = auto.augment(mixed_frame, mixed_labels)
    ways = auto.search_results_.query("not is_control")
    assert ways["error"].eq("").all() and set(ways["scorer"]) == {"roc_auc", "neg_log_loss"}
    assert data.n_synthetic == 0 or "Rows are added" in auto.decision_
    again = clone(auto)
    assert again.augment(mixed_frame, mixed_labels).n_synthetic == data.n_synthetic
    assert again.decision_ == auto.decision_
    assert not hasattr(auto.set_params(n_samples=2).fit(mixed_frame, mixed_labels), "decision_")
    only_fitted = auto.set_params(n_samples="auto").fit(mixed_frame, mixed_labels)
    assert hasattr(only_fitted, "generator_") and not hasattr(only_fitted, "decision_")


def test_auto_without_a_target_is_refused(mixed_frame):
    with pytest.raises(InputError, match="n_samples='auto'.*y is None"):
        GANAugmenter(BootstrapGenerator(), n_samples="auto").augment(mixed_frame)


@pytest.mark.parametrize("method", ["sample", "sample_iter"])
def test_labels_are_passed_by_name_as_to_generators(blobs, method):
    fitted = augmenter().fit(*blobs)
    for model in (fitted, fitted.generator_):
        with pytest.raises(TypeError, match="positional"):
            getattr(model, method)(2, *[10] * (method == "sample_iter"), [0, 1])
    assert fitted.sample(y=[0, 1])[1].tolist() == [0, 1]

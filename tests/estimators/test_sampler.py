"""GANOverSampler speaks imbalanced-learn's vocabulary, and agrees with it word for word."""

import pickle
import subprocess
import sys
from inspect import signature

import numpy as np
import pandas as pd
import pytest
from imblearn import FunctionSampler
from imblearn.ensemble import BalancedBaggingClassifier
from imblearn.over_sampling import RandomOverSampler
from imblearn.pipeline import Pipeline as ImbPipeline
from imblearn.pipeline import make_pipeline as make_imb_pipeline
from imblearn.under_sampling import EditedNearestNeighbours
from imblearn.utils import check_sampling_strategy
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils import get_tags

from gan_augment.estimators.sampler import GANOverSampler, resolve_strategy
from gan_augment.exceptions import InputError
from gan_augment.generators.controls import BootstrapGenerator

THREE = np.repeat(["a", "b", "c"], [20, 12, 5])
TWO = np.repeat([0, 1], [30, 10])


def sampler(**params):
    return GANOverSampler(BootstrapGenerator(), **{"random_state": 0, **params})


@pytest.mark.parametrize(
    ("y", "strategy"),
    [
        *[(THREE, word) for word in ("auto", "minority", "not minority", "not majority", "all")],
        *[(TWO, word) for word in ("auto", "minority", "not minority", "not majority", "all")],
        (THREE, {"b": 15, "c": 5}),
        (THREE, {}),
        (THREE, lambda y: {"c": int((y == "a").sum())}),
        (TWO, 0.5),
        (TWO, 1.0),
        (TWO, 0.77),
        (np.repeat(["x", "y"], 10), "auto"),
    ],
)
def test_agrees_with_imbalanced_learn(y, strategy):
    oracle = check_sampling_strategy(strategy, y, "over-sampling")
    assert resolve_strategy(strategy, y) == {
        label.item() if isinstance(label, np.generic) else label: n for label, n in oracle.items()
    }
    X = np.arange(len(y), dtype=float)[:, None]
    fitted = sampler(sampling_strategy=strategy)
    _, y_new = fitted.fit_resample(X, y)
    counts = dict(zip(*np.unique(y_new, return_counts=True), strict=True))
    _, y_imb = RandomOverSampler(sampling_strategy=strategy).fit_resample(X, y)
    assert counts == dict(zip(*np.unique(y_imb, return_counts=True), strict=True))
    assert fitted.sampling_strategy_ == resolve_strategy(strategy, y)


@pytest.mark.parametrize(
    ("y", "strategy", "message"),
    [
        (THREE, "majority", "sampling_strategy='majority'"),
        (THREE, 0.5, "two classes, but y has 3"),
        (TWO, 0.2, "larger ratio"),
        (TWO, 1.5, "at most 1"),
        (TWO, -0.5, "at most 1"),
        (TWO, float("nan"), "at most 1"),
        (TWO, True, "sampling_strategy=True"),
        (TWO, None, "sampling_strategy=None"),
        (TWO, [1], "sampling_strategy="),
        (THREE, {"z": 5}, "class 'z'"),
        (THREE, {"b": 3}, "cannot remove rows"),
        (THREE, {"b": -3}, "sampling_strategy\\['b'\\]=-3"),
        (THREE, {"b": 15.5}, "sampling_strategy\\['b'\\]=15.5"),
        (THREE, lambda y: 5, "returned 5"),
    ],
)
def test_refused_strategies(y, strategy, message):
    with pytest.raises(InputError, match=message):
        sampler(sampling_strategy=strategy).fit_resample(np.ones((len(y), 1)), y)


def test_real_rows_come_first(mixed_frame, mixed_labels):
    step = sampler()
    X_new, y_new = step.fit_resample(mixed_frame, mixed_labels)
    pd.testing.assert_frame_equal(X_new.iloc[:120], mixed_frame)
    assert (X_new.dtypes == mixed_frame.dtypes).all()
    assert y_new.name == "status" and y_new.value_counts().nunique() == 1
    assert step.is_synthetic_.tolist() == [False] * 120 + [True] * 60
    assert step.n_features_in_ == mixed_frame.shape[1]
    assert step.feature_names_in_.tolist() == list(mixed_frame.columns)


def test_integer_labels_are_classes_however_many(rng):
    y = np.r_[np.repeat(np.arange(30), 2), [0, 0]]
    X_new, y_new = sampler().fit_resample(rng.normal(size=(62, 2)), y)
    assert set(np.bincount(y_new)) == {4} and len(X_new) == 120


def test_needs_labels(sloped, blobs):
    with pytest.raises(ValueError, match="Unknown label type"):
        sampler().fit_resample(*sloped)
    with pytest.raises(ValueError, match="requires y to be passed"):
        sampler().fit_resample(blobs[0], None)


def test_seeds_clone_pickle(blobs):
    results = [sampler(random_state=seed).fit_resample(*blobs)[0] for seed in (1, 1, 2)]
    assert results[0].tobytes() == results[1].tobytes() != results[2].tobytes()
    step = sampler()
    step.fit_resample(*blobs)
    assert not hasattr(clone(step), "generator_")
    assert pickle.loads(pickle.dumps(step)).sampling_strategy_ == {1: 30}
    assert "BootstrapGenerator" in step._repr_html_()


def test_default_generator_is_left_none():
    assert GANOverSampler().generator is None


def test_it_cannot_transform():
    # imbalanced-learn refuses a step that can both transform and resample.
    assert not hasattr(sampler(), "transform") and not hasattr(sampler(), "fit_transform")


def test_imbalanced_learns_pipeline(blobs):
    X, y = blobs
    pipe = make_imb_pipeline(StandardScaler(), sampler(), LogisticRegression()).fit(X, y)
    assert pipe.predict(X).shape == (60,)
    Xt = StandardScaler().fit_transform(X)
    by_hand = LogisticRegression().fit(*sampler().fit_resample(Xt, y))
    np.testing.assert_array_equal(pipe.predict_proba(X), by_hand.predict_proba(Xt))


def test_imbalanced_learns_pipeline_in_a_grid(blobs, tmp_path):
    pipe = ImbPipeline([("gan", sampler()), ("lr", LogisticRegression())], memory=str(tmp_path))
    grid = {"gan__sampling_strategy": ["auto", 0.8], "lr__C": [0.1, 1.0]}
    search = GridSearchCV(pipe, grid, cv=3, error_score="raise").fit(*blobs)
    assert search.best_score_ > 0.6


def test_behind_a_column_transformer(mixed_frame, mixed_labels):
    columns = ColumnTransformer(
        [("n", StandardScaler(), ["age"]), ("c", OneHotEncoder(sparse_output=False), ["city"])]
    )
    pipe = make_imb_pipeline(columns, sampler(), LogisticRegression())
    scores = cross_validate(pipe, mixed_frame, mixed_labels, cv=3, error_score="raise")
    assert scores["test_score"].min() > 0.6


def test_imbalanced_learn_is_never_imported():
    code = (
        "import sys, numpy as np; from gan_augment.estimators.sampler import GANOverSampler;"
        "from gan_augment.generators.controls import BootstrapGenerator as B;"
        "GANOverSampler(B()).fit_resample(np.eye(5), [0, 0, 0, 1, 1]);"
        "assert 'imblearn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_imbalanced_learns_bagging_takes_it(blobs):
    model = BalancedBaggingClassifier(sampler=sampler(), n_estimators=2, random_state=0)
    assert model.fit(*blobs).score(*blobs) > 0.6


def test_the_tags_that_imbalanced_learn_asks_for():
    tags = get_tags(sampler())
    assert tags.input_tags.dataframe and tags.input_tags.allow_nan
    assert tags.target_tags.required and not tags.sampler_tags.sample_indices


def test_lists_come_back_as_lists(blobs):
    X, y = blobs
    X_more, y_more = sampler().fit_resample(X.tolist(), y.tolist())
    assert type(X_more) is type(y_more) is type(X_more[0]) is list
    np.testing.assert_array_equal(X_more, sampler().fit_resample(X, y)[0])


# habits of imbalanced-learn's users --------------------------------------------------------------


def parameters_of_over_samplers():
    """The names that imbalanced-learn's over-samplers take and this one does not."""
    import imblearn.over_sampling

    kinds = (getattr(imblearn.over_sampling, name) for name in imblearn.over_sampling.__all__)
    names = {name for kind in kinds for name in signature(kind).parameters}
    return sorted(names - set(signature(GANOverSampler).parameters))


@pytest.mark.parametrize("name", [*parameters_of_over_samplers(), "n_steps", "ratio"])
def test_parameters_of_other_samplers_are_refused_with_a_cure(name):
    with pytest.raises(InputError, match=f"{name} is no parameter of GANOverSampler: ") as made:
        GANOverSampler(**{name: 5})
    with pytest.raises(InputError, match=f"{name} is no parameter of GANOverSampler: "):
        sampler().set_params(**{name: 5})
    assert isinstance(made.value, TypeError)
    assert not made.value.remedy.startswith("pass some of")


def test_a_misspelt_parameter_is_told_the_others():
    with pytest.raises(TypeError, match="pass some of .*sampling_strategy"):
        GANOverSampler(strategy="auto")
    with pytest.raises(ValueError, match="Invalid parameter 'strategy'"):
        sampler().set_params(strategy="auto")
    known = sampler().set_params(sampling_strategy="all", generator__target="class").get_params()
    assert known["sampling_strategy"] == "all" and "others" not in known


@pytest.mark.parametrize("strategy", ["minority", 0.5, {"b": 20}])
def test_a_strategy_in_the_place_of_the_generator(strategy):
    with pytest.raises(InputError, match="pass sampling_strategy=") as told:
        GANOverSampler(strategy).fit_resample(np.eye(37), THREE)
    assert told.value.value == strategy


def test_a_column_for_each_class_comes_back_as_such(rng):
    X, codes = rng.normal(size=(37, 2)), np.repeat([0, 2, 1], [20, 12, 5])
    y = np.eye(3, dtype=int)[codes]
    _, y_new = sampler().fit_resample(X, y)
    _, y_imb = RandomOverSampler(random_state=0).fit_resample(X, y)
    assert y_new.dtype == y.dtype and (y_new.sum(axis=1) == 1).all()
    np.testing.assert_array_equal(y_new.sum(axis=0), y_imb.sum(axis=0))
    np.testing.assert_array_equal(y_new[:37], y)
    with pytest.raises(InputError, match="1d array"):
        sampler().fit_resample(X, np.ones((37, 3), dtype=int))


@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csc_array, sparse.coo_array])
def test_sparse_rows_are_refused_with_a_cure(kind):
    with pytest.raises(InputError, match="is sparse.*toarray.*sparse_output=False"):
        sampler().fit_resample(kind(np.eye(37)), THREE)


@pytest.mark.parametrize("name", ["sample_indices_", "fit_sample", "nn_k_"])
def test_attributes_of_other_samplers_say_what_to_use(name, blobs):
    fitted = sampler()
    fitted.fit_resample(*blobs)
    with pytest.raises(AttributeError, match=f"GANOverSampler has no {name}: "):
        getattr(fitted, name)
    assert not hasattr(fitted, name)
    real = np.flatnonzero(~fitted.is_synthetic_)
    assert real.tolist() == list(range(60))


def test_in_front_of_a_cleaning_sampler_and_in_a_function(blobs):
    model = make_imb_pipeline(sampler(), EditedNearestNeighbours(), LogisticRegression())
    assert model.fit(*blobs).score(*blobs) > 0.5
    function = FunctionSampler(func=lambda X, y: sampler().fit_resample(X, y))
    _, y_new = function.fit_resample(*blobs)
    assert len(set(np.bincount(y_new))) == 1

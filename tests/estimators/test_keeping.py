"""A fitted model holds no training rows and predicts without torch, unless asked to keep more."""

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from imblearn.pipeline import make_pipeline as imblearn_pipeline
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline as stock_pipeline
from sklearn.preprocessing import StandardScaler

from gan_augment import (
    AugmentedClassifier,
    AugmentedRegressor,
    BootstrapGenerator,
    GANAugmenter,
    GANOverSampler,
    TabularGAN,
    make_pipeline,
)
from gan_augment.exceptions import InputError
from gan_augment.training.config import TrainingConfig

MARK = 987654.25  # a cell of the training rows, which is looked for in the pickles
FORGETFUL = "not kept.*keep_generator=True"

ALONE = """
import pickle, sys
# the file that the test has just written
models, X = pickle.load(open(sys.argv[1], "rb"))
pickle.dump([model.predict_proba(X) for model in models], open(sys.argv[2], "wb"))
print(sorted({"torch", "sdv", "gan_augment.nn.table"} & set(sys.modules)))
"""


def trained(**given):
    config = TrainingConfig(hidden_dim=8, latent_dim=2, batch_size=16)
    generator = TabularGAN(n_steps=2, config=config, mixture={"gan": 1}, random_state=0)
    return GANAugmenter(generator, n_samples=20, random_state=0, **given)


def table():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(60, 3)), columns=["a", "b", "c"])
    X.iloc[7, 1] = MARK
    return X, np.repeat([0, 1], [40, 20])


def models(**given):
    """Every way to a fitted model that added rows on the way."""
    scaler, line = StandardScaler(), LogisticRegression()
    inner = make_pipeline(scaler, trained(), **given)
    sampler = GANOverSampler(trained().generator, random_state=0, **given)
    return {
        "classifier": AugmentedClassifier(line, trained(), n_samples=20, **given),
        "labels": AugmentedClassifier(line, trained(labeler="committee"), n_samples=5, **given),
        "regressor": AugmentedRegressor(LinearRegression(), trained(), n_samples=20, **given),
        "pipeline": make_pipeline(scaler, trained(), line, **given),
        "nested": make_pipeline(inner, line, **given),
        "stock inside": make_pipeline(stock_pipeline(scaler, trained()), line, **given),
        "sampler": make_pipeline(scaler, sampler, line, **given),
        "imbalanced-learn": imblearn_pipeline(scaler, sampler, line),
    }


@pytest.mark.parametrize("name", models())
def test_no_training_row_is_in_the_pickle_unless_asked_for(name):
    X, y = table()
    light = pickle.dumps(models()[name].fit(X, y))
    full = pickle.dumps(models(keep_generator=True)[name].fit(X, y))
    assert b"torch" in full and b"torch" not in light
    assert len(light) < len(full)
    if name in ("classifier", "regressor"):  # elsewhere a scaler has changed it
        cell = np.float64(MARK).tobytes()
        assert cell in full and cell not in light


def test_a_fresh_process_predicts_without_torch(tmp_path):
    X, y = table()
    fitted = [models()[name].fit(X, y) for name in ("classifier", "nested", "imbalanced-learn")]
    (tmp_path / "in").write_bytes(pickle.dumps((fitted, X)))
    command = [sys.executable, "-c", ALONE, str(tmp_path / "in"), str(tmp_path / "out")]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
    found = pickle.loads((tmp_path / "out").read_bytes())
    np.testing.assert_array_equal(found, [model.predict_proba(X) for model in fitted])


def test_what_takes_the_generator_says_that_it_was_not_kept():
    X, y = table()
    light = AugmentedClassifier(LogisticRegression(), trained(), n_samples=20).fit(X, y).augmenter_
    for needs in (
        lambda: light.sample(3),
        lambda: light.sample_iter(3),
        lambda: light.complete(X),
        lambda: light.save("nowhere"),
    ):
        with pytest.raises(InputError, match=FORGETFUL):
            needs()
    sampler = GANOverSampler(BootstrapGenerator())
    with pytest.raises(AttributeError, match="object has no attribute 'generator_'"):
        sampler.generator_  # noqa: B018
    sampler.fit_resample(X, y)
    for part in (light, sampler):
        with pytest.raises(AttributeError, match=FORGETFUL):
            part.generator_  # noqa: B018
        with pytest.raises(AttributeError, match="object has no attribute 'generators'"):
            part.generators  # noqa: B018


def test_what_was_kept_samples():
    X, y = table()
    model = AugmentedClassifier(
        LogisticRegression(), trained(), n_samples=20, keep_generator=True
    ).fit(X, y)
    assert len(model.augmenter_.sample(4)[0]) == 4
    pipe = make_pipeline(trained(), LogisticRegression(), keep_generator=True).fit(X, y)
    assert len(pipe[0].sample(4)[0]) == 4
    sampler = GANOverSampler(BootstrapGenerator(), keep_generator=True, random_state=0)
    sampler.fit_resample(X, y)
    assert len(sampler.generator_.sample(4)[0]) == 4
    sampler.set_params(keep_generator=False).fit_resample(X, y)
    assert not hasattr(sampler, "generator_")


def test_an_augmenter_without_its_generator_transforms_and_is_fitted_anew():
    X, y = table()
    whole = trained()
    with pytest.raises(NotFittedError):
        whole.without_generator()
    first = whole.augment(X, y)
    light = pickle.loads(pickle.dumps(whole.without_generator()))
    assert len(whole.sample(3)[0]) == 3  # the copy takes nothing from it
    pd.testing.assert_frame_equal(light.transform(X), X)
    with pytest.raises(ValueError, match="feature"):
        light.transform(X[["a"]])
    pd.testing.assert_frame_equal(light.augment(X, y).X, first.X)
    assert len(light.sample(3)[0]) == 3
    assert not hasattr(clone(whole.without_generator()), "n_features_in_")


def test_a_generator_that_was_fitted_before_is_not_carried_along():
    X, y = table()
    augmenter = GANAugmenter(BootstrapGenerator().fit(X, y), n_samples=5, random_state=0)
    light = augmenter.fit(X, y).without_generator()
    assert hasattr(augmenter.generator, "target_") and not hasattr(light.generator, "target_")


def test_fitting_a_light_pipeline_again_gives_the_same():
    X, y = table()
    pipe = make_pipeline(StandardScaler(), trained(), LogisticRegression()).fit(X, y)
    first = pipe.predict_proba(X)
    np.testing.assert_array_equal(pipe.fit(X, y).predict_proba(X), first)


@pytest.mark.parametrize("make", [make_pipeline, AugmentedClassifier])
def test_keep_generator_is_true_or_false(make):
    X, y = table()
    parts = (trained(), LogisticRegression())
    parts = parts if make is make_pipeline else parts[::-1]
    with pytest.raises(InputError, match="pass True or False"):
        make(*parts, keep_generator="yes").fit(X, y)

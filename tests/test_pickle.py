"""Pickle and joblib keep working, for clone, for grids in processes and for joblib's cache."""

import io
import pickle

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression

from gan_augment import (
    AugmentedClassifier,
    BootstrapGenerator,
    GANAugmenter,
    GANOverSampler,
    ImageGAN,
    ImageTransformGenerator,
    JitterGenerator,
    SMOTEGenerator,
    TabularGAN,
)
from gan_augment.training.config import TrainingConfig

CONFIG = TrainingConfig(hidden_dim=8, latent_dim=2, batch_size=16)
TABLES = {
    "TabularGAN": TabularGAN(n_steps=4, config=CONFIG, mixture={"gan": 1}, random_state=0),
    "SMOTEGenerator": SMOTEGenerator(random_state=0),
    "JitterGenerator": JitterGenerator(random_state=0),
    "BootstrapGenerator": BootstrapGenerator(random_state=0),
    "GANAugmenter": GANAugmenter(TabularGAN(n_steps=4, config=CONFIG), random_state=0),
}
IMAGES = {
    "ImageGAN": ImageGAN(n_steps=2, mixture={"gan": 1, "morph": 1}, random_state=0),
    "ImageTransformGenerator": ImageTransformGenerator(random_state=0),
}


def through_pickle(estimator):
    return pickle.loads(pickle.dumps(estimator))


def through_joblib(estimator):
    stream = io.BytesIO()
    joblib.dump(estimator, stream)
    stream.seek(0)
    return joblib.load(stream)


def images():
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (12, 8, 8)).astype("uint8"), np.repeat([0, 1], 6)


WAYS = pytest.mark.parametrize("way", [through_pickle, through_joblib])


@WAYS
@pytest.mark.parametrize("name", [*TABLES, *IMAGES])
def test_generators_draw_the_same_afterwards(name, way, blobs):
    unfitted = (TABLES | IMAGES)[name]
    X, y = blobs if name in TABLES else images()
    fitted = clone(unfitted).fit(X, y)
    again = way(fitted)
    for seed in (None, 3):
        (X_one, y_one), (X_two, y_two) = (g.sample(9, random_state=seed) for g in (fitted, again))
        np.testing.assert_array_equal(X_one, X_two)
        np.testing.assert_array_equal(y_one, y_two)
    copy = way(unfitted)
    with pytest.raises(NotFittedError):
        copy.sample(1)
    np.testing.assert_array_equal(copy.fit(X, y).sample(9)[0], fitted.sample(9)[0])
    with pytest.raises(NotFittedError):
        clone(again).sample(1)
    np.testing.assert_array_equal(clone(again).fit(X, y).sample(9)[0], fitted.sample(9)[0])


@WAYS
def test_an_augmented_classifier_predicts_the_same_afterwards(way, blobs):
    X, y = blobs
    unfitted = AugmentedClassifier(
        LogisticRegression(),
        GANAugmenter(SMOTEGenerator()),
        n_samples=0.5,
        labeler=None,
        random_state=0,
    )
    fitted = clone(unfitted).fit(X, y)
    expected = fitted.predict_proba(X)
    np.testing.assert_array_equal(way(fitted).predict_proba(X), expected)
    np.testing.assert_array_equal(way(unfitted).fit(X, y).predict_proba(X), expected)
    np.testing.assert_array_equal(clone(way(fitted)).fit(X, y).predict_proba(X), expected)


@WAYS
def test_an_over_sampler_adds_the_same_rows_afterwards(way, blobs):
    sampler = GANOverSampler(BootstrapGenerator(), random_state=0)
    expected = sampler.fit_resample(*blobs)
    for again in (way(sampler), clone(way(sampler))):
        for one, two in zip(expected, again.fit_resample(*blobs), strict=True):
            np.testing.assert_array_equal(one, two)

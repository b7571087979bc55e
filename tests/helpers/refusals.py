"""Small data to be spoilt, and what a refusal is: one sentence that names what is wrong."""

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor

from gan_augment import (
    GANAugmenter,
    TabularGAN,
)
from gan_augment.exceptions import InputError

N = 60
rng = np.random.default_rng(0)
X = pd.DataFrame(
    {"a": rng.normal(size=N), "b": 10 * rng.normal(size=N), "k": rng.choice(list("uvw"), N)}
)
Y = pd.Series((np.arange(N) % 4 == 0).astype(int), name="y")
T = (X["a"] * 2).rename("t")
IMAGES = rng.integers(0, 256, (20, 8, 8)).astype("uint8")
KINDS = np.arange(20) % 2
CLASSIFIER, REGRESSOR = DummyClassifier(), DummyRegressor()


def refused(call, says):
    with pytest.raises(InputError, match=says) as refusal:
        call()
    assert "\n" not in str(refusal.value)


def gan(**given):
    return TabularGAN(**{"n_steps": 5, "random_state": 0} | given)


def adder(**given):
    return GANAugmenter(gan(), **given)


def with_pixel(value):
    images = IMAGES / 255
    images[3, 2, 1] = value
    return images

"""A table passed in is converted once and its target encoded once, whoever asks."""

import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from gan_augment import (
    AugmentedClassifier,
    AugmentedRegressor,
    BootstrapGenerator,
    GANAugmenter,
    GANOverSampler,
    TabularGAN,
    make_pipeline,
)
from gan_augment.containers import n_rows, to_pandas
from gan_augment.encoding.target import TargetCodec, target_series

ROWS = 60
TABLES = {
    "pandas": lambda X: pd.DataFrame(X, columns=["a", "b", "c"]),
    "polars": lambda X: pl.DataFrame(X, schema=["a", "b", "c"]),
    "pyarrow": lambda X: pa.table({name: X[:, i] for i, name in enumerate("abc")}),
    "array": lambda X: X,
}
GENERATORS = {
    "bootstrap": BootstrapGenerator,
    "gan": lambda: TabularGAN(n_steps=2),
}


@pytest.fixture
def conversions(monkeypatch):
    """Counts, by name, of what happens to tables and targets of as many rows as are passed in."""
    counts = dict.fromkeys(["to_pandas", "target_series", "fit"], 0)

    def counted(original):
        def wrapper(rows, *args, **kwargs):
            counts[original.__name__] += n_rows(rows) == ROWS
            return original(rows, *args, **kwargs)

        return wrapper

    for original in (to_pandas, target_series):
        for name, module in list(sys.modules.items()):
            held = vars(module).get(original.__name__) if name.startswith("gan_augment") else None
            if held is original:
                monkeypatch.setattr(module, original.__name__, counted(original))
    learn = TargetCodec._learn

    def learn_counted(codec, y, X):
        counts["fit"] += 1
        return learn(codec, y, X)

    monkeypatch.setattr(TargetCodec, "_learn", learn_counted)
    return counts


def estimators(generator):
    adder = GANAugmenter(generator, n_samples=13, random_state=0)
    return {
        "augmenter": lambda X, y: adder.fit_transform(X, y),
        "augmenter, no rows": lambda X, y: adder.fit(X, y),
        "augment": lambda X, y: adder.augment(X, y),
        "sampler": lambda X, y: GANOverSampler(generator, random_state=0).fit_resample(X, y),
        "classifier": lambda X, y: AugmentedClassifier(
            LogisticRegression(), adder, n_samples=7, labeler=None
        ).fit(X, y),
        "pipeline": lambda X, y: make_pipeline(adder, LogisticRegression()).fit(X, y),
    }


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize("way", estimators(None))
def test_one_conversion_each(blobs, conversions, kind, generator, way):
    X, y = blobs
    estimators(GENERATORS[generator]())[way](TABLES[kind](X), y)
    assert conversions == {"to_pandas": 1, "target_series": 1, "fit": 1}


@pytest.mark.parametrize("kind", TABLES)
def test_one_conversion_for_numbers(sloped, conversions, kind):
    X, y = sloped
    adder = GANAugmenter(BootstrapGenerator(), random_state=0)
    AugmentedRegressor(Ridge(), adder, n_samples=7, labeler=None).fit(TABLES[kind](X), y)
    assert conversions == {"to_pandas": 1, "target_series": 1, "fit": 1}


@pytest.mark.parametrize("kind", TABLES)
def test_a_generator_alone_converts_once(blobs, conversions, kind):
    X, y = blobs
    BootstrapGenerator(random_state=0).fit(TABLES[kind](X), y)
    assert conversions == {"to_pandas": 1, "target_series": 1, "fit": 1}


def test_a_generator_of_others_gets_rows_and_target_as_they_are(blobs):
    class Foreign:
        def fit(self, X, y=None):
            self.met = X, y
            self.rows = np.asarray(X)
            return self

        def get_params(self, deep=True):
            return {}

        def sample(self, n_samples=None, *, y=None, random_state=None):
            labels = np.asarray(y)
            first = {label: np.argmax(self.met[1] == label) for label in (0, 1)}
            return self.rows[[first[label] for label in labels]] * 0.999, labels

    X, y = blobs
    data = GANAugmenter(Foreign(), n_samples=5, random_state=0).augment(X, y)
    assert data.n_synthetic == 5

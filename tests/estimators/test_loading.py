"""An augmenter saved and loaded is the same augmenter around the same generator."""

import os

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from gan_augment import BootstrapGenerator, GANAugmenter, ImageGAN, TabularGAN, load
from gan_augment.exceptions import InputError, ModelFileError
from gan_augment.io.serialization import read_bundle, write_bundle
from gan_augment.training.config import TrainingConfig


def small_gan(**parameters):
    config = TrainingConfig(hidden_dim=8, latent_dim=2, batch_size=16)
    return TabularGAN(**{"n_steps": 3, "config": config, **parameters})


def reload(augmenter, folder):
    augmenter.save(folder / "augmenter.gan")
    return load(folder / "augmenter.gan")


def own_parameters(augmenter):
    found = augmenter.get_params(deep=False)
    found.pop("generator")
    return found


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"n_samples": 7, "class_balance": "proportional", "allow_copies": True, "verbose": 1},
        {"n_samples": {np.int64(0): 3, 1: np.int64(2)}, "random_state": np.int64(5)},
        {"n_samples": "fill"},
        {"n_samples": np.float64(0.25)},
    ],
    ids=str,
)
def test_rows_and_parameters_return(tmp_path, blobs, parameters):
    X, y = blobs
    first = GANAugmenter(small_gan(), **{"random_state": 0, **parameters}).fit(X, y)
    again = reload(first, tmp_path)
    assert own_parameters(again) == own_parameters(first)
    for one, two in zip(first.sample(8), again.sample(8), strict=True):
        np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(again.transform(X), X)
    with pytest.raises(NotFittedError):
        again.generator.sample(1)
    for one, two in zip(_added(first, X, y), _added(again, X, y), strict=True):
        np.testing.assert_array_equal(one, two)


def _added(augmenter, X, y):
    data = augmenter.augment(X, y)
    return data.X, data.y, data.is_synthetic


def test_no_generator_stays_no_generator(tmp_path, blobs):
    first = GANAugmenter(random_state=0)
    first.fit(*blobs)
    assert reload(first, tmp_path).generator is None


def test_names_of_columns_are_checked_as_before(tmp_path, blobs):
    X = pd.DataFrame(blobs[0], columns=["a", "b", "c"])
    again = reload(GANAugmenter(small_gan(), random_state=0).fit(X, blobs[1]), tmp_path)
    assert again.feature_names_in_.tolist() == ["a", "b", "c"]
    assert again.n_features_in_ == 3
    with pytest.raises(ValueError, match="feature names"):
        again.transform(X.rename(columns={"a": "z"}))


def test_images_keep_their_shape(tmp_path):
    rng = np.random.default_rng(0)
    X, y = rng.integers(0, 256, (12, 8, 8)).astype("uint8"), np.repeat([0, 1], 6)
    again = reload(GANAugmenter(ImageGAN(n_steps=0), random_state=0).fit(X, y), tmp_path)
    np.testing.assert_array_equal(again.transform(X), X)
    with pytest.raises(InputError, match="fitted on images of shape"):
        again.transform(X[:, :7])


def test_what_is_no_data_is_refused_and_nothing_is_written(tmp_path, blobs):
    fitted = GANAugmenter(small_gan(), filters=[lambda X, *_: X[:, 0] > 0]).fit(*blobs)
    with pytest.raises(InputError, match="filters=.* is no data.*set_params"):
        fitted.save(tmp_path / "m")
    fitted = GANAugmenter(BootstrapGenerator()).fit(*blobs)
    with pytest.raises(InputError, match="BootstrapGenerator, which cannot be saved"):
        fitted.save(tmp_path / "m")
    with pytest.raises(NotFittedError):
        GANAugmenter(small_gan()).save(tmp_path / "m")
    assert os.listdir(tmp_path) == []


def test_a_header_without_a_part_is_refused(tmp_path, blobs):
    GANAugmenter(small_gan(), random_state=0).fit(*blobs).save(tmp_path / "whole")
    header, arrays = read_bundle(tmp_path / "whole")
    for name in set(header) - {"format"}:
        write_bundle(tmp_path / "m", {k: v for k, v in header.items() if k != name}, arrays)
        with pytest.raises(ModelFileError, match="m does not describe"):
            load(tmp_path / "m")


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("n_samples", "many"),
        ("n_samples", -4),
        ("n_samples", {"a": 5}),
        ("class_balance", "even"),
        ("soft_label_weight", -3),
        ("max_time", -1),
        ("labeler", "jury"),
        ("verbose", "loud"),
    ],
)
def test_what_could_not_be_read_is_not_written(tmp_path, blobs, parameter, value):
    path = tmp_path / "model"
    augmenter = GANAugmenter(TabularGAN(n_steps=0), n_samples=4, random_state=0).fit(*blobs)
    augmenter.set_params(**{parameter: value})
    with pytest.raises(InputError) as refusal:
        augmenter.save(path)
    assert refusal.value.argument == parameter and not path.exists()


@pytest.mark.parametrize("columns", [3, {"none": "number"}, {0: "colour"}])
def test_kinds_that_cannot_be_read_are_not_written(tmp_path, blobs, columns):
    gan = TabularGAN(n_steps=0, random_state=0).fit(*blobs).set_params(columns=columns)
    with pytest.raises(InputError) as refusal:
        gan.save(tmp_path / "model")
    assert refusal.value.argument == "columns"

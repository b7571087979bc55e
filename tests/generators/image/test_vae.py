"""ImageVAE beyond the contract, which test_images.py holds it to: what it learns, and its file."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

from gan_augment import ImageGAN, ImageVAE, load
from gan_augment.exceptions import InputError, ModelFileError, TrainingDivergedError
from gan_augment.generators.image.vae import VAE_CONFIG
from gan_augment.io.serialization import read_bundle, write_bundle
from gan_augment.process import progress
from gan_augment.training.config import TrainingConfig


@pytest.fixture(scope="module")
def digits():
    data = load_digits()
    keep = data.target < 3
    return data.images[keep], data.target[keep]


@pytest.fixture(scope="module")
def vae(digits):
    return ImageVAE(n_steps=150, random_state=0).fit(*digits)


def test_images_look_like_their_class_and_vary(vae, digits):
    X, y = digits
    X_new, y_new = vae.sample({0: 60, 1: 60, 2: 60})
    nearest = KNeighborsClassifier(3).fit(X.reshape(len(X), -1), y)
    assert nearest.score(X_new.reshape(len(X_new), -1), y_new) > 0.9
    for label in range(3):
        ratio = X_new[y_new == label].std(0).mean() / X[y == label].std(0).mean()
        assert 0.5 < ratio < 1.3
    assert len(np.unique(X_new, axis=0)) == len(X_new)


def test_the_bound_rises_and_the_history_tells_its_parts(vae):
    history = vae.history_
    assert set(history) == {"step", "loss", "kl", "error", "seconds"}
    assert history["step"] == [50, 100, 150]
    assert history["loss"][-1] < history["loss"][0] and min(history["kl"]) > 0
    # the part of the pixels is a function of their error alone: 64 / 2 * log of its square
    pixels = np.array(history["loss"]) - history["kl"]
    assert pixels == pytest.approx(64 * np.log(history["error"]), abs=0.01)


def test_codes_of_new_images_have_the_moments_of_those_of_real_ones(vae, digits):
    assert vae.code_means_.shape == (3, VAE_CONFIG.latent_dim)
    covariance = vae.code_root_ @ vae.code_root_.T
    assert np.linalg.eigvalsh(covariance).min() > 0
    # codes of training are drawn towards a standard normal distribution
    assert np.trace(covariance) / len(covariance) < 2


def test_a_file_gives_the_same_images(vae, tmp_path):
    vae.save(tmp_path / "vae")
    again = load(tmp_path / "vae")
    np.testing.assert_array_equal(again.sample(9)[0], vae.sample(9)[0])
    assert again.get_params() == vae.get_params()
    assert again.history_ == {k: v for k, v in vae.history_.items() if k != "seconds"}


@pytest.mark.parametrize(
    ("generator", "says"),
    [
        (ImageVAE(n_steps=3), "Training: 3 of 3 steps"),
        (ImageGAN(n_steps=0), "Finding flows between images: 120 of 120 steps"),
    ],
)
def test_it_says_how_far_it_is(rng, caplog, monkeypatch, generator, says):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN", 0)
    monkeypatch.setattr(progress, "SHARE_BETWEEN", 0)
    caplog.set_level("INFO", "gan_augment")
    generator.fit(rng.random((12, 8, 8)))
    assert any(says in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("dtype", ["float64", "uint16"])
def test_a_file_gives_the_same_few_images_of_many_levels(rng, tmp_path, dtype):
    X = (rng.random((20, 8, 8)) * (1 if dtype == "float64" else 65535)).astype(dtype)
    made = ImageVAE(n_steps=2, random_state=0).fit(X)
    made.save(tmp_path / "vae")
    again = load(tmp_path / "vae")
    for n in (1, 3, 7):
        np.testing.assert_array_equal(again.sample(n)[0], made.sample(n)[0])


@pytest.mark.parametrize(
    "damage",
    [
        lambda header, arrays: arrays.update(code_root=arrays["code_root"][:2]),
        lambda header, arrays: arrays.update(code_means=arrays["code_means"] * np.nan),
        lambda header, arrays: arrays.pop("code_means"),
        lambda header, arrays: header.update(trained=False),
        lambda header, arrays: arrays.pop("module/code.weight"),
        lambda header, arrays: arrays.update(more=np.zeros(3)),
        lambda header, arrays: header["parameters"].update(n_steps=0),
    ],
)
def test_a_file_that_does_not_fit_itself_is_refused(vae, tmp_path, damage):
    vae.save(tmp_path / "vae")
    header, arrays = read_bundle(tmp_path / "vae")
    damage(header, arrays)
    write_bundle(tmp_path / "worse", header, arrays)
    with pytest.raises(ModelFileError):
        load(tmp_path / "worse")


def test_without_classes_and_with_one_image_of_a_class(digits):
    X, y = digits
    images, labels = ImageVAE(n_steps=5, random_state=0).fit(X[:20]).sample(4)
    assert images.shape == (4, 8, 8) and labels is None
    keep = np.r_[np.flatnonzero(y == 0)[:20], np.flatnonzero(y == 1)[:1]]
    images, _ = ImageVAE(n_steps=5, random_state=0).fit(X[keep], y[keep]).sample({1: 3})
    assert np.isfinite(images).all()


def test_odd_sides_and_colours():
    X = np.random.default_rng(0).integers(0, 256, (12, 17, 13, 3), dtype=np.uint8)
    images, _ = ImageVAE(n_steps=3, random_state=0).fit(X).sample(5)
    assert images.shape == (5, 17, 13, 3) and images.dtype == np.uint8


def test_a_time_budget_ends_it_early(digits):
    vae = ImageVAE(n_steps=10**6, time_budget=0.2, random_state=0).fit(*digits)
    assert vae.history_["step"][-1] < 10**5 and vae.history_["seconds"][-1] < 5


def test_divergence_raises_and_leaves_it_unfitted(digits):
    config = TrainingConfig(learning_rate=1e6, batch_size=16)
    vae = ImageVAE(n_steps=200, config=config, random_state=0)
    with np.errstate(all="ignore"), pytest.raises(TrainingDivergedError, match="learning_rate"):
        vae.fit(*digits)
    assert not hasattr(vae, "module_")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_steps": 0}, "at least 1"),
        ({"n_steps": "many"}, "n_steps='many'"),
        ({"target": "number"}, "target='number'"),
        ({"time_budget": -1}, "time_budget=-1"),
        ({"device": "tpu"}, "device='tpu'"),
        ({"config": {}}, "config="),
    ],
)
def test_what_cannot_be_is_refused(digits, parameters, message):
    with pytest.raises(InputError, match=message):
        ImageVAE(**parameters).fit(*digits)


def test_numbers_to_predict_are_refused(digits):
    X, _y = digits
    with pytest.raises(InputError, match="images are made for classes"):
        ImageVAE(n_steps=3).fit(X, np.linspace(0, 1, len(X)))

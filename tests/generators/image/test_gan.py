"""ImageGAN and ImageTransformGenerator: the contract of generators, on images."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError

import gan_augment
from gan_augment import GANAugmenter, ImageGAN, ImageTransformGenerator, ImageVAE
from gan_augment.exceptions import InputError, TrainingDivergedError
from gan_augment.generators.image.adversarial import IMAGE_CONFIG, ImageTask
from gan_augment.generators.image.patches import PATCH_CONFIG
from gan_augment.generators.image.prior import ImagePrior
from gan_augment.nn.losses import DualCriticsLoss, RelativisticLoss

GENERATORS = {
    "prior": ImageGAN(n_steps=0, random_state=0),
    "gan": ImageGAN(n_steps=8, mixture={"gan": 1}, random_state=0),
    "free": ImageGAN(n_steps=8, locality=0.0, random_state=0),
    "mixed": ImageGAN(
        n_steps=8, mixture={"interpolate": 1, "classic": 1, "morph": 1, "gan": 1}, random_state=0
    ),
    "classic": ImageTransformGenerator(flip=True, random_state=0),
    "vae": ImageVAE(n_steps=8, random_state=0),
}
ANY = pytest.mark.parametrize("generator", list(GENERATORS.values()), ids=list(GENERATORS))


def digits(n=60, dtype="uint8"):
    X, y = load_digits(return_X_y=True)
    keep = np.flatnonzero(y < 3)[:n]
    return (X[keep].reshape(-1, 8, 8) * 15).astype(dtype), y[keep]


@ANY
def test_the_contract(generator):
    X, y = digits()
    before = X.copy()
    made = clone(generator).fit(X, y)
    for n in (0, 1, 70):
        X_new, y_new = made.sample(n)
        assert X_new.shape == (n, 8, 8) and X_new.dtype == X.dtype and len(y_new) == n
    wanted = np.array([2, 0, 0, 1, 2])
    X_new, y_new = made.sample(y=wanted)
    np.testing.assert_array_equal(y_new, wanted)
    again = clone(generator).fit(X, y).sample(y=wanted)[0]
    np.testing.assert_array_equal(X_new, again)  # same seed, same bytes
    assert (made.sample(30, random_state=1)[0] != made.sample(30, random_state=2)[0]).any()
    np.testing.assert_array_equal(X, before)
    with pytest.raises(InputError, match="label"):
        made.sample(y=[7])
    with pytest.raises(NotFittedError):
        clone(generator).sample(1)


@ANY
@pytest.mark.parametrize("layout", ["last", "first", "flat", "grey floats"])
def test_layouts_ranges_and_dtypes_come_back(generator, layout):
    X, y = digits(30)
    generator = clone(generator)
    if layout == "last":
        X = np.repeat(X[..., None], 3, axis=3)
    elif layout == "first":
        X = np.repeat(X[:, None], 3, axis=1)
    elif layout == "flat":
        X, generator = X.reshape(len(X), -1), generator.set_params(image_shape=(8, 8))
    else:
        X = X.astype("float32") / 127.5 - 1
    data = GANAugmenter(generator, n_samples=10, random_state=0).augment(X, y)
    np.testing.assert_array_equal(data.X[:30], X)
    assert data.X.shape == (40, *X.shape[1:]) and data.X.dtype == X.dtype
    assert data.X.min() >= X.min() and data.X.max() <= max(255, X.max())


@ANY
def test_any_labels_and_none(generator):
    X, y = digits(30)
    names = pd.Series(np.array(["zero", "one", "two"])[y])
    X_new, y_new = clone(generator).fit(X, names).sample(y=["two", "zero"])
    assert isinstance(y_new, pd.Series) and y_new.tolist() == ["two", "zero"]
    X_new, y_new = clone(generator).fit(X).sample(5)
    assert X_new.shape == (5, 8, 8) and y_new is None


@ANY
def test_a_class_of_one_image_gets_others(generator):
    X, y = digits(30)
    y = np.where(np.arange(30) == 4, 9, y)
    made, _ = clone(generator).fit(X, y).sample(y=[9] * 12)
    assert len(np.unique(made.reshape(12, -1), axis=0)) > 3


@ANY
def test_numbers_to_predict_are_refused(generator):
    X, y = digits(30)
    with pytest.raises(InputError, match="class labels"):
        clone(generator).fit(X, y + np.random.default_rng(0).random(30))


def test_free_images_need_no_flows_and_morphs_find_them_later(monkeypatch):
    X, y = digits(30)
    usual = ImageGAN(n_steps=0, mixture={"morph": 1}, random_state=0).fit(X, y)
    with monkeypatch.context() as without:
        without.delattr("gan_augment.generators.image.prior.register")
        free = ImageGAN(n_steps=2, locality=0.0, random_state=0).fit(X, y)
        assert free.sample(5)[0].shape == (5, 8, 8)
    morphs = free.set_params(mixture={"morph": 1}).sample(5, random_state=1)[0]
    np.testing.assert_array_equal(morphs, usual.sample(5, random_state=1)[0])


#: A network that completes patches, quick to train.
NARROW = replace(PATCH_CONFIG, hidden_dim=32)


@pytest.fixture
def few_are_many(monkeypatch):
    """Let few images be as many as those whose free images are completed patch by patch."""
    monkeypatch.setattr("gan_augment.generators.image.gan.ALONE_IMAGES", 5)


def test_many_free_images_take_fewer_steps_and_a_wide_network(few_are_many, monkeypatch):
    X, y = digits(30)
    for name, value in {"MANY_STEPS": 3, "MANY_FREE_STEPS": 2}.items():
        monkeypatch.setattr(f"gan_augment.generators.image.gan.{name}", value)
    loss = RelativisticLoss()
    asked = {"patches": {}, "a critic": {"loss": loss}, "two": {"n_critics": 2}}
    free = {
        name: ImageGAN(locality=0, random_state=0, **parameters).fit(X, y)
        for name, parameters in asked.items()
    }
    half = ImageGAN(locality=0.5, random_state=0).fit(X, y)
    assert [fit.completes_ for fit in (*free.values(), half)] == [True, False, False, False]
    assert [fit.n_steps_ for fit in (*free.values(), half)] == [2, 2, 2, 3]
    rate = {name: fit.history_["learning_rate"][-1] for name, fit in free.items()}
    assert rate["patches"] == rate["a critic"] == 4 * half.history_["learning_rate"][-1]


@pytest.mark.parametrize("layout", ["grey", "colour", "odd", "floats"])
def test_images_of_completed_patches_keep_the_contract(few_are_many, tmp_path, layout):
    X, y = digits(60)
    if layout == "colour":
        X = np.stack([X, X.transpose(0, 2, 1), 255 - X], axis=3)
    elif layout == "odd":
        X = np.pad(X, ((0, 0), (1, 2), (0, 1)))
    elif layout == "floats":
        X = X.astype("float32") / 127.5 - 1
    names = np.array(["zero", "one", "two"])[y]
    gan = ImageGAN(locality=0, n_steps=3, config=NARROW, random_state=0)
    wanted = ["two", "zero", "zero", "one"] * 3
    made, labels = gan.fit(X, names).sample(y=wanted)
    assert made.shape == (12, *X.shape[1:]) and made.dtype == X.dtype
    assert labels.tolist() == wanted
    assert X.min() - 1e-6 <= made.min() and made.max() <= X.max() + 1e-6
    assert len(np.unique(made.reshape(12, -1), axis=0)) == 12
    np.testing.assert_array_equal(made, clone(gan).fit(X, names).sample(y=wanted)[0])
    gan.save(tmp_path / "gan.model")
    again = gan_augment.load(tmp_path / "gan.model")
    np.testing.assert_array_equal(made, again.sample(y=wanted)[0])
    assert gan.sample(0)[0].shape == (0, *X.shape[1:])


def test_completed_patches_agree_with_each_other_and_with_the_class(few_are_many):
    """Each class has two patterns: whole ones are made, in equal parts, and no mixture of two."""
    rng = np.random.default_rng(0)
    patterns = rng.random((4, 8, 8)).round(1)
    kind = rng.integers(4, size=400)
    gan = ImageGAN(locality=0, n_steps=200, config=NARROW, random_state=0)
    made, label = gan.fit(patterns[kind], kind // 2).sample(400)
    apart = np.abs(made[:, None] - patterns).max((2, 3))
    found = apart.argmin(1)
    assert (apart.min(1) < 1e-6).mean() > 0.97
    assert (found // 2 == label).mean() > 0.99
    assert abs(np.mean(found % 2) - np.mean(kind % 2)) < 0.12  # over 4 standard errors


def test_more_rounds_make_patches_agree(few_are_many):
    rng = np.random.default_rng(0)
    X = np.repeat(rng.random((2, 8, 8)), 100, axis=0)
    gan = ImageGAN(locality=0, n_steps=60, config=NARROW, random_state=0).fit(X)
    wrong = {}
    for rounds in (1, 16):
        made = gan.set_params(rounds=rounds).sample(200)[0]
        wrong[rounds] = (np.abs(made[:, None] - X[[0, 100]]).max((2, 3)).min(1) > 1e-6).mean()
    assert wrong[16] < 0.05 < wrong[1]
    with pytest.raises(InputError, match="rounds"):
        gan.set_params(rounds=0).sample(2)


def test_morphs_look_like_their_class_and_copy_nothing():
    X, y = digits(120, "float64")
    test, wanted = X[60:], y[60:]
    made, labels = (
        ImageGAN(mixture={"morph": 1}, random_state=0)
        .fit(X[:60], y[:60])
        .sample(y=np.resize(y, 300))
    )
    from sklearn.neighbors import KNeighborsClassifier

    model = KNeighborsClassifier(3).fit(made.reshape(300, -1), labels)
    assert model.score(test.reshape(len(test), -1), wanted) > 0.95
    real = {image.tobytes() for image in X[:60]}
    assert (
        np.mean([image.tobytes() in real for image in made]) < 0.02
    )  # close to one end of a blend
    spread = [
        made[labels == c].std(0).mean() / X[:60][y[:60] == c].std(0).mean() for c in range(3)
    ]
    assert all(0.7 < ratio < 1.3 for ratio in spread)


def test_a_blend_lies_between_two_images_of_a_class():
    dark, bright = np.zeros((2, 1, 8, 8), "float32"), np.ones((2, 1, 8, 8), "float32")
    images, groups = np.concatenate([dark, bright]), np.array([0, 1, 0, 1])
    prior = ImagePrior().fit(images, groups, np.random.default_rng(0))
    made = prior.sample(np.array([0] * 50), np.random.default_rng(1), (1, 0))
    flat = made.reshape(50, -1)
    assert (flat == flat[:, :1]).all() and 0 < flat.min() < 0.3 and 0.7 < flat.max() < 1


def test_images_between_groups_say_how_much_of_each_they_are():
    dark, light = np.zeros((4, 1, 8, 8), np.float32), np.ones((3, 1, 8, 8), np.float32)
    rng, groups = np.random.default_rng(0), np.array([1] * 4 + [0] * 3)
    prior = ImagePrior().fit(np.concatenate([dark, light]), groups, rng)
    made, shares = prior.between(50, rng, shift=1)  # neither flows nor shifts change these images
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(made, np.broadcast_to(shares[:, :1, None, None], made.shape), 1e-4)
    assert 0.3 < shares[:, 0].mean() < 0.7 and shares[:, 0].std() > 0.2


def test_images_between_classes_are_of_all_pairs_and_of_the_layout(tmp_path):
    X, y = digits(15)
    gan = ImageGAN(n_steps=0, random_state=0).fit(X, y)
    X_new, label_proba = gan.sample_between(30)
    assert X_new.shape == (30, 8, 8) and X_new.dtype == X.dtype
    assert ((label_proba > 0).sum(axis=1) == 2).all()
    assert len(np.unique(label_proba > 0, axis=0)) == 3  # 0 and 1, 0 and 2, 1 and 2
    gan.save(tmp_path / "gan.model")
    again = gan_augment.load(tmp_path / "gan.model").sample_between(30, random_state=0)
    for one, other in zip((X_new, label_proba), again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert gan.sample_between(0)[0].shape == (0, 8, 8)
    for labels in (None, np.zeros(15, dtype=int)):
        with pytest.raises(InputError, match="one class"):
            ImageGAN(n_steps=0).fit(X, labels).sample_between(1)


def test_shares_follow_the_smallest_class_and_the_mixture():
    X, y = digits(60)
    gan = ImageGAN(n_steps=3, random_state=0).fit(X, y)
    smallest = np.bincount(y).min()
    share = smallest**2 / 1e6
    assert gan.shares() == pytest.approx([0, 1 - share, 0, share])
    assert gan.set_params(mixture={"classic": 1}).shares().tolist() == [0, 0, 1, 0]
    assert set(gan.set_params(mixture="auto").sampling_settings()) == {"mixed", "classic"}
    alone = ImageGAN(n_steps=0, random_state=0).fit(X, y)
    assert alone.shares().tolist() == [0, 1, 0, 0] and alone.history_ == {}
    with pytest.raises(InputError, match="n_steps > 0"):
        alone.set_params(mixture={"gan": 1}).sample(2)


def test_no_network_is_trained_that_would_make_less_than_a_hundredth():
    X, y = digits(60)
    gan = ImageGAN(random_state=0).fit(X, y)
    assert gan.n_steps_ == 0 and gan.shares().tolist() == [0, 1, 0, 0]
    asked = ImageGAN(mixture={"morph": 999, "gan": 1}, time_budget=0.1, random_state=0)
    assert asked.fit(X, y).n_steps_ == 400
    many = ImageGAN(time_budget=0.1, random_state=0).fit(np.tile(X[:30], (7, 1, 1)), [0, 1] * 105)
    assert many.n_steps_ == 400 and many.shares()[3] == pytest.approx(105**2 / 1e6)


def test_training_keeps_a_history_and_a_budget():
    X, y = digits()
    gan = ImageGAN(n_steps=100_000, time_budget=1.0, n_critics=2, random_state=0).fit(X, y)
    steps = gan.history_["step"]
    assert 0 < steps[-1] < 100_000 and len(steps) == len(gan.history_["critic_loss"])
    explicit = ImageGAN(loss=DualCriticsLoss(), n_critics=2, n_steps=2, random_state=0)
    assert explicit.fit(X, y).history_["step"] == [2]


def test_absurd_training_raises_and_leaves_nothing_fitted():
    X, y = digits()
    config = type(IMAGE_CONFIG)(batch_size=16, hidden_dim=4, learning_rate=1e6, max_restarts=0)
    gan = ImageGAN(config=config, n_steps=60, random_state=0)
    with pytest.raises(TrainingDivergedError):
        gan.fit(X, y)
    with pytest.raises(NotFittedError):
        gan.sample(1)


def test_a_saved_generator_draws_the_same_images(tmp_path):
    X, y = digits()
    gan = ImageGAN(n_steps=5, mixture={"gan": 1, "morph": 1}, random_state=3).fit(X, y)
    gan.save(tmp_path / "model")
    again = gan_augment.load(tmp_path / "model")
    np.testing.assert_array_equal(gan.sample(20)[0], again.sample(20)[0])
    assert again.get_params() == gan.get_params()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mixture", {"covariance": 1}),
        ("mixture", "all"),
        ("locality", 2),
        ("rounds", 0),
        ("n_steps", -1),
        ("n_critics", 3),
        ("shift", -1),
        ("shift", 0.5),
        ("flip", "yes"),
        ("target", "number"),
        ("device", "tpu"),
        ("time_budget", 0),
        ("channels", "middle"),
        ("value_range", (1, 0)),
    ],
)
def test_parameters_are_checked_before_training(name, value):
    with pytest.raises(InputError, match=name):
        ImageGAN(**{name: value}).fit(*digits(20))


@pytest.mark.parametrize(
    ("name", "value"), [("shift", 2), ("rotation", -1), ("brightness", "a"), ("flip", 1)]
)
def test_movements_are_checked(name, value):
    with pytest.raises(InputError, match=name):
        ImageTransformGenerator(**{name: value}).fit(*digits(20))


def test_classic_without_movement_is_a_copy_and_with_a_shift_a_shifted_one():
    X, y = digits(30)
    still = ImageTransformGenerator(shift=0, rotation=0, brightness=0, random_state=0).fit(X, y)
    real = {image.tobytes() for image in X}
    assert all(image.tobytes() in real for image in still.sample(20)[0])
    shifted = (
        ImageTransformGenerator(rotation=0, brightness=0, random_state=0).fit(X, y).sample(40)[0]
    )
    padded = np.pad(X, ((0, 0), (1, 1), (1, 1)), mode="edge")
    moved = {padded[:, r : r + 8, c : c + 8][i].tobytes() for r in range(3) for c in range(3)
             for i in range(30)}  # fmt: skip
    assert all(image.tobytes() in moved for image in shifted)


def test_images_that_are_the_same_within_each_class_are_learnt():
    X = np.repeat(np.random.default_rng(0).integers(0, 255, (2, 8, 8), dtype=np.uint8), 10, axis=0)
    gan = ImageGAN(mixture={"gan": 1}, n_steps=8, random_state=0).fit(X, np.repeat([0, 1], 10))
    assert gan.history_ == {}  # nothing varies, so there is nothing to train
    np.testing.assert_array_equal(gan.sample(y=[0, 1])[0], X[[0, 10]])


@pytest.mark.parametrize("n_classes", [33, 250])
def test_many_classes_are_no_collapse(n_classes):
    rng = np.random.default_rng(0)
    centres = rng.random((n_classes, 8, 8))
    X = np.clip(np.repeat(centres, 2, axis=0) + rng.normal(0, 0.2, (2 * n_classes, 8, 8)), 0, 1)
    config = replace(IMAGE_CONFIG, check_every=3, max_restarts=0)
    gan = ImageGAN(mixture={"gan": 1}, n_steps=6, config=config, random_state=0)
    gan.fit(X, [f"class {i}" for i in np.repeat(np.arange(n_classes), 2)])
    assert gan.history_["step"] == [3, 6] and gan.n_restarts_ == 0


def test_a_collapse_is_found_among_many_classes():
    rng, n_classes = torch.Generator().manual_seed(0), 60
    groups = torch.arange(3 * n_classes) % n_classes
    images = torch.rand(len(groups), 1, 8, 8, generator=rng)
    settings = {"n_groups": n_classes, "locality": 1.0, "batch_size": 8, "rng": rng}
    task = ImageTask(images, groups, images, groups, **settings)
    same, other = ConstantNetwork(), StartNetwork()
    assert "vary 0.00 times as much" in task.find_collapse(same)
    assert task.find_collapse(other) is None


class ConstantNetwork(torch.nn.Module):
    latent_dim = 2

    def forward(self, start, free, condition, noise):
        return torch.zeros_like(start)


class StartNetwork(ConstantNetwork):
    def forward(self, start, free, condition, noise):
        return start


@pytest.mark.parametrize(
    ("name", "value"), [("locality", 7), ("flip", "yes"), ("mixture", "all"), ("shift", -1)]
)
def test_parameters_set_after_fit_are_checked_before_drawing_and_saving(name, value, tmp_path):
    gan = ImageGAN(n_steps=0, random_state=0).fit(*digits(20)).set_params(**{name: value})
    with pytest.raises(InputError, match=name):
        gan.sample(2)
    with pytest.raises(InputError, match=name):
        gan.save(tmp_path / "model")
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("generator", [ImageGAN(n_steps=0), ImageVAE(n_steps=1)])
@pytest.mark.parametrize(
    ("name", "value"), [("channels", "top"), ("image_shape", (0, 8)), ("value_range", (1, 0))]
)
def test_layouts_set_after_fit_are_checked_before_saving(generator, name, value, tmp_path):
    made = clone(generator).fit(*digits(20)).set_params(**{name: value})
    with pytest.raises(InputError, match=name):
        made.save(tmp_path / "model")


def test_a_layout_of_numpy_numbers_is_saved(tmp_path):
    X, y = digits(20)
    sizes = {"image_shape": (np.int64(8), np.int64(8)), "value_range": np.array([0.0, 255.0])}
    gan = ImageGAN(n_steps=0, random_state=0, **sizes).fit(X.reshape(20, -1), y)
    gan.save(tmp_path / "model")
    again = gan_augment.load(tmp_path / "model")
    assert again.image_shape == (8, 8) and again.value_range == (0.0, 255.0)
    np.testing.assert_array_equal(gan.sample(4)[0], again.sample(4)[0])

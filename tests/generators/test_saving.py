"""What a file may say of a fitted generator, bound by bound: inside loads, outside does not."""

import copy
import math

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_wine

from gan_augment import ImageGAN, TabularGAN, load
from gan_augment.exceptions import InputError, ModelFileError
from gan_augment.generators.saving import plain, plain_seed, under, write_model
from gan_augment.io.serialization import read_bundle, write_bundle
from gan_augment.training.config import TrainingConfig

SMALL = TrainingConfig(hidden_dim=8, latent_dim=4, batch_size=16, check_every=5)


def tables(kind):
    X, y = load_wine(return_X_y=True)
    target = {"classes": y, "numbers": X[:, 0].round(3), "none": None}[kind]
    return TabularGAN(n_steps=5, config=SMALL, random_state=0).fit(X[:, 1:4], target)


def pictures():
    X, y = load_digits(return_X_y=True)
    gan = ImageGAN(n_steps=5, config=SMALL, mixture={"gan": 1}, random_state=0)
    return gan.fit(X[:60].reshape(-1, 8, 8), y[:60] % 2)


@pytest.fixture(scope="module")
def written():
    """{name: (header, arrays)} of sound generators."""
    made = {kind: tables(kind) for kind in ("classes", "numbers", "none")}
    made["prior"] = TabularGAN(n_steps=0, random_state=0).fit(*load_wine(return_X_y=True))
    made["images"] = pictures()
    return {name: gan.as_data() for name, gan in made.items()}


@pytest.fixture
def loaded(written, tmp_path):
    """Return ``loaded(name, change)``: what a file changed so loads as."""

    def loaded(name, change):
        header, arrays = copy.deepcopy(written[name])
        change(header, arrays)
        write_bundle(tmp_path / "m", header, arrays)
        return load(tmp_path / "m")

    return loaded


def fitted(name, value):
    def change(header, arrays):
        header["fitted"][name] = value

    return change


@pytest.mark.parametrize(
    ("model", "name", "value"),
    [
        ("classes", "locality_", 0),
        ("classes", "n_steps_", 0),
        ("classes", "n_restarts_", 3),
        ("prior", "n_rows_", 2),  # a network's intervals depend on the rows
        ("images", "shift_", 0),
    ],
)
def test_inside_the_bounds(loaded, model, name, value):
    assert getattr(loaded(model, fitted(name, value)), name) == value


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("locality_", [-0.01, 1.01, 2, math.inf, "0.5", None, True]),
        ("n_steps_", [-1, 1.5, "5", None, True]),
        ("n_restarts_", [-1, 0.5, None]),
        ("n_rows_", [1, 0, 2.5, None]),
        ("n_features_in_", [0, -1, 3.0, None]),
    ],
)
def test_outside(loaded, name, values):
    for value in values:
        if isinstance(value, float) and not math.isfinite(value):
            continue  # no JSON of ours has it
        with pytest.raises(ModelFileError, match=name):
            loaded("classes", fitted(name, value))


def test_no_feature_at_all_is_not_one(loaded):
    with pytest.raises(ModelFileError, match="n_features_in_"):
        loaded("prior", fitted("n_features_in_", 0))


@pytest.mark.parametrize(
    ("name", "values"), [("shift_", [-1, 0.5, None]), ("completes_", [0, None, "no"])]
)
def test_outside_of_images(loaded, name, values):
    for value in values:
        with pytest.raises(ModelFileError, match=name):
            loaded("images", fitted(name, value))


def test_a_network_is_not_taken_for_one_that_completes_patches(loaded):
    with pytest.raises(ModelFileError, match="weights of its network"):
        loaded("images", fitted("completes_", True))


# counts and classes -----------------------------------------------------------------------------


def counts(values):
    def change(header, arrays):
        arrays["group_counts"] = np.array(values, dtype=np.int64)

    return change


def test_a_class_of_one_row_and_very_large_ones_are_counts(loaded):
    most = 2**53 // 3
    assert loaded("classes", counts([1, 2, most])).class_counts_ == {0: 1, 1: 2, 2: most}


@pytest.mark.parametrize(
    "values", [[0, 1, 1], [-1, 1, 1], [1, 1, 2**53 // 3 + 1], [5, 5], [5] * 4]
)
def test_counts_that_no_classes_have(loaded, values):
    with pytest.raises(ModelFileError):
        loaded("classes", counts(values))


@pytest.mark.parametrize("values", [[5, 5], []])
def test_rows_without_a_target_are_one_group(loaded, values):
    with pytest.raises(ModelFileError):
        loaded("none", counts(values))


# the network, and arrays -------------------------------------------------------------------------


def test_trained_is_said_of_those_that_have_weights(loaded):
    for model, told in [("classes", False), ("prior", True), ("classes", 1), ("prior", None)]:
        with pytest.raises(ModelFileError, match="trained"):
            loaded(model, lambda header, arrays, told=told: header.update(trained=told))


@pytest.mark.parametrize("model", ["classes", "numbers", "prior", "images"])
def test_an_array_more_or_less_is_refused(loaded, written, model):
    with pytest.raises(ModelFileError):
        loaded(model, lambda header, arrays: arrays.update(more=np.zeros(2)))
    for name in written[model][1]:
        if name.startswith("history/"):
            continue  # what was recorded is for reading alone
        with pytest.raises(ModelFileError):
            loaded(model, lambda header, arrays, name=name: arrays.pop(name))
            pytest.fail(f"loads without {name}")


@pytest.mark.parametrize("model", ["classes", "images"])
def test_weights_that_give_no_numbers_are_refused(loaded, model):
    def change(header, arrays):
        for name in under("module/", arrays):
            if name.endswith("bias"):
                arrays[f"module/{name}"] = np.full_like(arrays[f"module/{name}"], np.nan)

    with pytest.raises(ModelFileError):
        loaded(model, change)


# what is written --------------------------------------------------------------------------------


def test_a_file_read_again_is_what_was_described(written, tmp_path):
    for name, (header, arrays) in written.items():
        write_model(tmp_path / name, header, arrays)
        again, same = read_bundle(tmp_path / name)
        assert {key: again[key] for key in header} == header
        assert set(same) == set(arrays)


@pytest.mark.parametrize("value", [math.nan, math.inf, len, {1, 2}])
def test_what_is_no_json_is_refused_before_anything_is_written(tmp_path, value):
    with pytest.raises(InputError, match="cannot be written as data"):
        write_model(tmp_path / "m", {"class": value}, {})
    assert not list(tmp_path.iterdir())


def test_seeds_and_scalars_become_plain():
    assert plain_seed(np.int64(3)) == 3 and type(plain_seed(np.int64(3))) is int
    assert plain_seed(None) is None and plain_seed(np.random.default_rng(0)) is None
    assert plain({"a": {"b": np.float32(0.5)}}) == {"a": {"b": 0.5}}
    assert type(plain(np.int8(1))) is int
    assert under("a/", {"a/b": 1, "ab": 2, "c/a/d": 3}) == {"b": 1}

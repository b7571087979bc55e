"""A generator saved and loaded is the same generator: the same samples, types and parameters."""

import json
import os
import subprocess
import sys
import warnings
import zipfile

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from gan_augment import TabularGAN, load
from gan_augment.exceptions import InputError, ModelFileError
from gan_augment.io.serialization import read_bundle, write_bundle
from gan_augment.training.config import TrainingConfig

SMALL = TrainingConfig(hidden_dim=16, latent_dim=4, batch_size=32, check_every=5)


def gan(**parameters):
    return TabularGAN(**{"n_steps": 8, "config": SMALL, "random_state": 0, **parameters})


def reload(generator, folder):
    generator.save(folder / "model.gan")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return load(folder / "model.gan")


def assert_same_samples(one, two, **request):
    """The same rows and targets, of the same types, for any seed."""
    for seed in (None, 5):
        (X, y), (same_X, same_y) = (g.sample(**request, random_state=seed) for g in (one, two))
        for made, same in ((X, same_X), (y, same_y)):
            assert type(same) is type(made)
            if isinstance(made, pd.DataFrame):
                pd.testing.assert_frame_equal(made, same, check_exact=True)
            elif isinstance(made, pd.Series):
                pd.testing.assert_series_equal(made, same, check_exact=True)
            elif isinstance(made, (pl.DataFrame, pl.Series)):
                assert made.equals(same)
                assert str(made.dtype if isinstance(made, pl.Series) else made.schema) == str(
                    same.dtype if isinstance(same, pl.Series) else same.schema
                )
            elif isinstance(made, list):
                assert made == same
            elif made is not None:
                assert made.dtype == same.dtype
                np.testing.assert_array_equal(made, same)


TARGETS = {
    "none": lambda X: None,
    "text": lambda X: np.where(X[:, 0] > 0, "yes", "no"),
    "int": lambda X: np.where(X[:, 0] > 0, -3, 2**40),
    "bool": lambda X: X[:, 0] > 0,
    "series": lambda X: pd.Series(np.where(X[:, 0] > 0, "a", "b"), name="t", dtype="category"),
    "number": lambda X: X @ [1.0, 2.0, 3.0],
    "cents": lambda X: pd.Series((X @ [1.0, 2.0, 3.0]).round(2), name="price"),
    "list": lambda X: (X[:, 0] > 0).astype(int).tolist(),
}


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("locality", [1.0, 0.5])
def test_samples_are_the_same_for_every_sort_of_target(tmp_path, rng, name, locality):
    X = rng.normal(size=(60, 3))
    y = TARGETS[name](X)
    first = gan(locality=locality).fit(X, y)
    again = reload(first, tmp_path)
    assert_same_samples(first, again, n_samples=40)
    if first.target_.kind_ == "class":
        assert_same_samples(first, again, y=first.classes_[[1, 0, 0, 1]])
        np.testing.assert_array_equal(again.classes_, first.classes_)
        assert again.classes_.dtype == first.classes_.dtype
        assert again.class_counts_ == first.class_counts_


def test_samples_are_the_same_for_a_frame_of_all_kinds(tmp_path, mixed_frame, mixed_labels):
    first = gan(locality=0.7).fit(mixed_frame, mixed_labels)
    again = reload(first, tmp_path)
    assert_same_samples(first, again, n_samples=80)
    assert again.codec_.schema_ == first.codec_.schema_
    assert again.codec_.encoding_.blocks == first.codec_.encoding_.blocks
    assert again.feature_names_in_.tolist() == list(mixed_frame.columns)
    pd.testing.assert_series_equal(again.sample(5)[0].dtypes, mixed_frame.dtypes)


def test_samples_are_the_same_for_polars(tmp_path, mixed_frame, mixed_labels):
    X = pl.from_pandas(mixed_frame.drop(columns=["size"]))
    first = gan().fit(X, pl.Series("status", mixed_labels.tolist()))
    assert_same_samples(first, reload(first, tmp_path), n_samples=30)


def test_looked_up_columns_are_looked_up_again(tmp_path, rng):
    zone = rng.integers(0, 6, 250)
    frame = pd.DataFrame(
        {"zone": zone.astype(str), "borough": (zone // 2).astype(str), "fee": 0.5}
    )
    frame["fee"] = np.where(zone == 4, np.nan, zone * 1.5)
    first = gan().fit(frame)
    again = reload(first, tmp_path)
    assert list(map(str, again.relations_)) == list(map(str, first.relations_)) != []
    assert_same_samples(first, again, n_samples=100)


@pytest.mark.parametrize(
    "X",
    [
        pd.DataFrame({"a": ["x", "y"] * 20, "b": ["u", "v", "w", "u"] * 10}),
        pd.DataFrame({"a": [1.5] * 20, "b": ["u"] * 20}),
        np.tile([[1, 2], [3, 5]], (10, 1)).astype("uint8"),
    ],
    ids=["no numbers", "constants", "uint8 array"],
)
def test_tables_without_some_sort_of_block(tmp_path, X):
    first = gan().fit(X)
    assert_same_samples(first, reload(first, tmp_path), n_samples=20)


def without_seconds(generator):
    """The history without the time that it took, which no file holds."""
    return {name: values for name, values in generator.history_.items() if name != "seconds"}


@pytest.mark.parametrize(("n_critics", "n_steps"), [(2, 8), (1, 0)])
def test_two_critics_and_the_prior_alone(tmp_path, blobs, n_critics, n_steps):
    first = gan(n_critics=n_critics, n_steps=n_steps).fit(*blobs)
    assert_same_samples(first, reload(first, tmp_path), n_samples=20)


def test_a_loaded_generator_is_saved_as_the_same_file(tmp_path, blobs):
    first = gan(locality=0.5).fit(*blobs)
    again = reload(first, tmp_path)
    again.save(tmp_path / "second.gan")
    assert (tmp_path / "second.gan").read_bytes() == (tmp_path / "model.gan").read_bytes()
    assert_same_samples(first, load(tmp_path / "second.gan"), n_samples=20)


def test_what_was_learnt_about_training_returns(tmp_path, blobs):
    first = gan(n_steps=12).fit(*blobs)
    again = reload(first, tmp_path)
    assert again.history_ == without_seconds(first)
    for name in ("locality_", "n_steps_", "n_restarts_", "n_features_in_"):
        assert getattr(again, name) == getattr(first, name)


def test_a_history_with_a_loss_that_was_not_finite_can_be_saved(tmp_path, blobs):
    first = gan(n_steps=12).fit(*blobs)
    first.history_["critic_loss"][1] = float("nan")  # as after a restart
    first.history_["generator_loss"][0] = float("inf")
    again = reload(first, tmp_path)
    np.testing.assert_equal(again.history_, without_seconds(first))


def test_the_same_seed_gives_the_same_file(tmp_path, blobs):
    for name in ("one", "two"):
        gan(n_steps=12).fit(*blobs).save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


FIT_AND_SAVE = """
import sys
import pandas as pd
from gan_augment import TabularGAN

X = pd.DataFrame({"word": list("abcabd") * 5, "x": [i * 7 % 11 / 3 for i in range(30)]})
y = ["late", "soon", "late"] * 10
TabularGAN(n_steps=0, random_state=0).fit(X, y).save(sys.argv[1])
"""


def test_hashes_assertions_and_threads_change_no_byte_of_a_file(tmp_path, monkeypatch):
    words = [sys.executable, "-O", "-c", FIT_AND_SAVE, str(tmp_path / "one")]
    settings = {"PYTHONHASHSEED": "2", "OMP_NUM_THREADS": "2"}
    subprocess.run(words, check=True, env=os.environ | settings)
    monkeypatch.setattr(sys, "argv", ["-c", str(tmp_path / "two")])
    exec(FIT_AND_SAVE, {})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


# parameters -----------------------------------------------------------------------------------

PARAMETERS = {
    "columns by name": {"columns": {"a": "category"}},
    "columns by number": {"columns": {1: "category"}},
    "mixture": {"mixture": {"borrow": 2, "gan": np.float64(1)}},
    "numpy": {"n_steps": np.int64(5), "random_state": np.int64(3), "locality": np.float64(0.5)},
    "numpy config": {"config": TrainingConfig(hidden_dim=np.int64(16), latent_dim=4)},
    "time": {"time_budget": 60.0, "device": "cpu", "target": "class"},
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_return_and_a_loaded_generator_can_be_fitted_again(tmp_path, rng, name):
    X = np.column_stack([rng.normal(size=40), rng.integers(0, 3, 40)])
    if name == "columns by name":
        X = pd.DataFrame(X, columns=["b", "a"]).astype({"a": int})
    y = rng.integers(0, 2, 40)
    first = gan(**PARAMETERS[name]).fit(X, y)
    again = reload(first, tmp_path)
    assert again.get_params() == first.get_params()
    assert_same_samples(first, again, n_samples=10)
    assert_same_samples(clone(again).fit(X, y), first, n_samples=10)


def test_a_random_state_that_is_no_number_is_not_kept(tmp_path, blobs):
    first = gan(random_state=np.random.default_rng(0)).fit(*blobs)
    again = reload(first, tmp_path)
    assert again.random_state is None
    first_X, _ = first.sample(9, random_state=1)
    np.testing.assert_array_equal(first_X, again.sample(9, random_state=1)[0])


class OnDevice:
    """A tensor of a device: numpy sees none of it before it is on the CPU."""

    def __init__(self, tensor):
        self.tensor = tensor

    def numpy(self):
        raise TypeError("can't convert cuda:0 device type tensor to numpy")

    def cpu(self):
        return self.tensor


class ModuleOnDevice:
    def __init__(self, module):
        self.module = module

    def state_dict(self):
        return {name: OnDevice(t) for name, t in self.module.state_dict().items()}


def test_weights_on_a_device_are_written_as_plain_arrays(tmp_path, blobs):
    first = gan(device="cpu").fit(*blobs)
    first.save(tmp_path / "cpu")
    first.module_ = ModuleOnDevice(first.module_)
    first.save(tmp_path / "device")
    assert (tmp_path / "device").read_bytes() == (tmp_path / "cpu").read_bytes()
    assert {p.device.type for p in load(tmp_path / "device").module_.parameters()} == {"cpu"}


def test_a_generator_made_for_a_gpu_draws_without_one(tmp_path, blobs):
    first = gan().fit(*blobs).set_params(device="cuda")
    again = reload(first, tmp_path)
    assert again.device == "cuda"  # asked for again when it is fitted again
    assert_same_samples(first, again, n_samples=10)


# refusals -------------------------------------------------------------------------------------


def test_an_unfitted_generator_is_not_saved(tmp_path):
    with pytest.raises(NotFittedError):
        gan().save(tmp_path / "m")
    assert os.listdir(tmp_path) == []


def test_a_parameter_that_is_no_data_is_refused_and_nothing_written(tmp_path, blobs):
    first = gan().fit(*blobs)
    first.time_budget = object()
    with pytest.raises(InputError, match="time_budget=.* cannot be used"):
        first.save(tmp_path / "m")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("name", "value"), [("locality", 7), ("mixture", "all"), ("rounds", 0)])
def test_what_was_set_after_fit_is_checked_before_drawing_and_saving(tmp_path, blobs, name, value):
    first = gan().fit(*blobs).set_params(**{name: value})
    with pytest.raises(InputError, match=f"{name}="):
        first.sample(2)
    with pytest.raises(InputError, match=f"{name}="):
        first.save(tmp_path / "m")
    assert os.listdir(tmp_path) == []


def test_a_failed_save_leaves_the_old_model(tmp_path, blobs, monkeypatch):
    first = gan().fit(*blobs)
    first.save(tmp_path / "m")
    other = gan(random_state=1).fit(*blobs)
    monkeypatch.setattr("gan_augment.io.serialization.os.fsync", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        other.save(tmp_path / "m")
    assert_same_samples(first, load(tmp_path / "m"), n_samples=5)
    assert os.listdir(tmp_path) == ["m"]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """(header, arrays) of a small model."""
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("bundle") / "m"
    gan().fit(rng.normal(size=(30, 2)), rng.integers(0, 2, 30)).save(path)
    return read_bundle(path)


def test_damaged_files_are_refused(tmp_path, bundle, rng):
    path = tmp_path / "m"
    write_bundle(path, *bundle)
    assert load(path).sample(3)[0].shape == (3, 2)
    whole = path.read_bytes()
    for at in rng.integers(0, len(whole), 20):
        path.write_bytes(whole[:at])
        with pytest.raises(ModelFileError):
            load(path)
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(ModelFileError):
            load(path)


def test_files_of_another_sort_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as file:
        file.writestr("data.pkl", b"cos\nsystem\n(S'echo'\ntR.")
    with pytest.raises(ModelFileError, match="m.zip"):
        load(tmp_path / "m.zip")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "nothing")


def test_a_header_without_a_part_is_refused(tmp_path, bundle):
    header, arrays = bundle
    for name in set(header) - {"format"}:
        write_bundle(tmp_path / "m", {k: v for k, v in header.items() if k != name}, arrays)
        with pytest.raises(ModelFileError, match="m"):
            load(tmp_path / "m")


def test_a_file_without_an_array_it_needs_is_refused(tmp_path, bundle):
    header, arrays = bundle
    for name in ("group_counts", "prior/numbers", "module/free.weight"):
        write_bundle(tmp_path / "m", header, {k: v for k, v in arrays.items() if k != name})
        with pytest.raises(ModelFileError, match="m"):
            load(tmp_path / "m")


@pytest.mark.parametrize(
    "change",
    [
        {"class": "SomethingNewer"},
        {"schema": "{}"},
        {"schema": "["},
        {"parameters": {}},
        {"config": {"hidden_dim": 8, "unheard_of": 1}},
        {"target": json.dumps({"kind_": "odd"})},
        {"container": None},
    ],
    ids=str,
)
def test_a_header_that_does_not_fit_is_refused(tmp_path, bundle, change):
    header, arrays = bundle
    write_bundle(tmp_path / "m", header | change, arrays)
    with pytest.raises(ModelFileError, match="m"):
        load(tmp_path / "m")


def test_a_newer_format_is_refused(tmp_path, bundle):
    header, arrays = bundle
    write_bundle(tmp_path / "m", header | {"format": 2}, arrays)
    with pytest.raises(ModelFileError, match="update gan_augment"):
        load(tmp_path / "m")


def test_a_saved_file_holds_no_python_objects(tmp_path, bundle):
    header, arrays = bundle
    assert json.loads(json.dumps(header)) == header
    assert all(array.dtype.kind in "biuf" for array in arrays.values())

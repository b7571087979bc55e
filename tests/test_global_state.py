"""What belongs to the whole process is as before after every public verb, failed ones included."""

import csv
import decimal
import gc
import importlib
import json
import locale
import logging
import os
import pkgutil
import random
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import imblearn.over_sampling  # noqa: F401  what a verb imports first is not the verb's doing
import matplotlib.figure
import numpy as np
import pandas as pd
import PIL.Image
import PIL.ImageFile
import pytest
import sklearn
import threadpoolctl
import torch
from process_state import changed, in_a_new_thread, snapshot, state_is_kept
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.preprocessing import StandardScaler
from typer.testing import CliRunner

import gan_augment
from gan_augment.cli.app import app
from gan_augment.exceptions import TrainingDivergedError
from gan_augment.nn.losses import RelativisticLoss
from gan_augment.training.config import TrainingConfig

# --- the instrument: it sees every kind of leak -----------------------------------------------

LEAKS = {
    "numpy.random": np.random.random,
    "random": random.random,
    "torch random": lambda: torch.rand(1),
    "torch threads": lambda: torch.set_num_threads(torch.get_num_threads() + 1),
    "torch threads of new threads": lambda: in_a_new_thread(lambda: torch.set_num_threads(7)),
    "torch dtype": lambda: torch.set_default_dtype(torch.float64),
    "torch grad mode": lambda: torch.set_grad_enabled(False),
    "torch determinism": lambda: torch.use_deterministic_algorithms(True),
    "torch anomaly mode": lambda: torch.autograd.set_detect_anomaly(True),
    "torch precision": lambda: torch.set_float32_matmul_precision("medium"),
    "torch cudnn": lambda: setattr(torch.backends.cudnn, "benchmark", True),
    "torch device": lambda: torch.set_default_device("meta"),
    "warnings": lambda: warnings.simplefilter("ignore"),
    "signals": lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN),
    "environment": lambda: os.environ.update(OMP_NUM_THREADS="17"),
    "folder": lambda: os.chdir(os.sep),
    "locale": lambda: locale.setlocale(locale.LC_NUMERIC, "C.UTF-8"),
    "sys.path": lambda: sys.path.insert(0, "somewhere"),
    "sys streams": lambda: setattr(sys, "stdin", None),
    "sys hooks": lambda: setattr(sys, "excepthook", print),
    "recursion limit": lambda: sys.setrecursionlimit(sys.getrecursionlimit() + 1),
    "garbage collector": gc.disable,
    "decimal": lambda: setattr(decimal.getcontext(), "prec", 5),
    "csv": lambda: csv.field_size_limit(2**20),
    "logging": lambda: logging.getLogger("another").setLevel(logging.DEBUG),
    "logging disabled": lambda: logging.disable(logging.INFO),
    "numpy errors": lambda: np.seterr(all="ignore"),
    "numpy printing": lambda: np.set_printoptions(precision=2),
    "pandas options": lambda: pd.set_option("display.max_rows", 7),
    "matplotlib": lambda: matplotlib.rcParams.update({"font.size": 3.0}),
    "sklearn": lambda: sklearn.set_config(assume_finite=True),
    "Pillow": lambda: setattr(PIL.Image, "MAX_IMAGE_PIXELS", None),
    "thread pools": lambda: threadpoolctl.threadpool_limits(5),
}


def look_at_first_times_and_leaks():
    """In a process of its own, which nothing has to be put back in; prints one JSON value."""
    logging.getLogger("another")
    X, y = np.random.default_rng(0).normal(size=(20, 3)), np.repeat([0, 1], 10)
    found, before = {}, snapshot()
    for module in pkgutil.walk_packages(gan_augment.__path__, "gan_augment."):
        importlib.import_module(module.name)
    found["import"] = changed(before, snapshot())
    gan_augment.TabularGAN(n_steps=1, random_state=0).fit(X, y).sample(3)
    found["fit"] = changed(before, snapshot())
    for name, leak in LEAKS.items():
        before = snapshot()
        leak()
        found[name] = changed(before, snapshot())
    print(json.dumps(found))


def test_every_leak_is_seen_and_neither_import_nor_the_first_fit_is_one():
    paths = [str(Path(__file__).parent / "helpers"), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, __file__],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {name: found.pop(name) for name in ("import", "fit")} == {"import": [], "fit": []}
    assert {name: name in names for name, names in found.items()} == dict.fromkeys(LEAKS, True)
    assert set(LEAKS) == set(snapshot()) - {"torch interop threads"}  # which torch sets once only


def test_a_leak_before_an_exception_is_reported(monkeypatch):
    with pytest.raises(AssertionError, match="changed: environment$"), state_is_kept():
        monkeypatch.setenv("GAN_AUGMENT_TEST", "1")
        raise ValueError


# --- the verbs --------------------------------------------------------------------------------


@pytest.fixture(params=[0, None], ids=["seeded", "unseeded"])
def seed(request):
    return request.param


@pytest.fixture
def table(mixed_frame, mixed_labels):
    return mixed_frame.drop(columns=["country"]), mixed_labels


@pytest.fixture
def images(rng):
    y = np.repeat([0, 1], [12, 8])
    return (rng.integers(0, 200, (20, 8, 8)) + 50 * y[:, None, None]).astype(np.uint8), y


TABLES = {
    "TabularGAN": {"n_steps": 3, "mixture": {"gan": 1, "borrow": 1, "covariance": 1}},
    "SMOTEGenerator": {},
    "BootstrapGenerator": {},
}
IMAGES = {
    "ImageGAN": {"n_steps": 3, "mixture": {"gan": 1, "morph": 1}},
    "ImageTransformGenerator": {},
}
IMAGES["ImageVAE"] = {"n_steps": 3}


def made(name, seed):
    return getattr(gan_augment, name)(**(TABLES | IMAGES)[name], random_state=seed)


@pytest.mark.parametrize("name", [*TABLES, *IMAGES])
def test_generators(name, seed, blobs, table, images, tmp_path):
    X, y = images if name in IMAGES else table if name == "TabularGAN" else blobs
    with state_is_kept():
        generator = made(name, seed).fit(X, y)
        generator.sample(10)
        generator.sample(y=y[:2], random_state=seed)
        if hasattr(generator, "save"):
            generator.save(tmp_path / "model")
            gan_augment.load(tmp_path / "model").sample(3, random_state=seed)


def test_estimators(seed, table, blobs, images):
    gan, classic = made("TabularGAN", seed), made("ImageTransformGenerator", seed)
    filling = gan_augment.GANAugmenter(gan, n_samples="fill", random_state=seed)
    adding = gan_augment.GANAugmenter(gan, random_state=seed)
    linear, auto = LogisticRegression(max_iter=1000), {"cv": 2, "random_state": seed}
    with state_is_kept():
        filling.augment(*table)
        filling.fit(*table).transform(table[0])
        filling.sample(3)
        adding.fit_transform(table[0])
        gan_augment.GANOverSampler(gan, random_state=seed).fit_resample(*table)
        gan_augment.make_pipeline(StandardScaler(), adding, linear).fit(*blobs).score(*blobs)
        gan_augment.AugmentedClassifier(linear, adding, **auto).fit(*blobs).search_.plot()
        regressor = gan_augment.AugmentedRegressor(LinearRegression(), adding, n_samples=0.5)
        regressor.fit(blobs[0], blobs[0][:, 0]).predict(blobs[0])
        gan_augment.GANAugmenter(classic).augment(*images).as_dataset()[0]


def test_comparison(seed, blobs, tmp_path):
    augmenters = {"GAN": made("TabularGAN", seed)}
    with state_is_kept():
        compared = gan_augment.compare_augmentations(
            LogisticRegression(), *blobs, augmenters=augmenters, cv=2, random_state=seed
        )
        shown(compared, tmp_path)


def test_quality(seed, table, tmp_path):
    X, y = table
    new, labels = made("BootstrapGenerator", seed).fit(X, y).sample(60)
    with state_is_kept():
        report = gan_augment.quality_report(X, new, target=(y, labels), random_state=seed)
        shown(report, tmp_path)


@pytest.mark.sdv
def test_quality_with_the_score_of_sdmetrics(table, tmp_path):
    X, y = table
    new, labels = made("BootstrapGenerator", None).fit(X, y).sample(60)
    with state_is_kept():
        shown(gan_augment.quality_report(X, new, target=(y, labels), sdmetrics=True), tmp_path)


def test_quality_of_images(images, tmp_path):
    new, labels = made("ImageTransformGenerator", None).fit(*images).sample(20)
    with state_is_kept():
        report = gan_augment.quality_report(images[0], new, target=(images[1], labels))
        shown(report, tmp_path)


def shown(result, folder):
    result.plot()
    result.to_frame()
    result.to_json(folder / "result.json")
    result.to_html(folder / "result.html")
    repr(result)


def test_command_line(blobs, tmp_path, short_training):
    X, y = blobs
    frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(y=np.where(y, "yes", "no"))
    source, out, model = (tmp_path / name for name in ("in.csv", "out.csv", "model"))
    frame.to_csv(source, index=False)
    to, target = ("--out", out), ("--target", "y")
    calls = [
        (0, "augment", source, *to, *target, "--model", model),
        (0, "augment", source, *to, *target, "--generator", "smote", "--overwrite", "--quiet"),
        (0, "sample", model, "-n", 20, *to, "--overwrite", "--seed", 1),
        (0, "compare", source, *target, "--quick", "--learners", "lr", "--quiet"),
        (0, "check", source, out, *target, "--report", tmp_path / "page.html"),
        (2, "augment", source, *to, *target),  # the file is there
        (2, "check", source, tmp_path / "nowhere.csv", *target),
    ]
    for status, *words in calls:
        with state_is_kept():
            result = CliRunner().invoke(app, [str(word) for word in words])
        assert result.exit_code == status, result.output


# --- interrupted in the middle ----------------------------------------------------------------


MORE_STEPS = 45  # TabularGAN's network is against its critics in the 1st, 21st and 41st


class Failing(RelativisticLoss):
    """Raises an error in its third step."""

    def __init__(self, error):
        super().__init__()
        self.error, self.steps = error, 0

    def generator(self, real_scores, fake_scores):
        self.steps += 1
        if self.steps == 3:
            raise self.error
        return super().generator(real_scores, fake_scores)


class Refusing:
    """A callback that raises at the end of the first task of a fit."""

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context, **_):
        pass

    def on_fit_task_end(self, estimator, context, **_):
        raise OverflowError("the callback")


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("name", ["TabularGAN", "ImageGAN"])
def test_training_that_fails(name, error, blobs, images):
    X, y = images if name == "ImageGAN" else blobs
    broken = made(name, 0).set_params(n_steps=MORE_STEPS, loss=Failing(error("in step 3")))
    with state_is_kept(), pytest.raises(error, match="in step 3"):
        broken.fit(X, y)
    with pytest.raises(NotFittedError):
        broken.sample(1)


def test_estimators_around_training_that_fails(blobs):
    loss = Failing(KeyboardInterrupt("in step 3"))
    broken = made("TabularGAN", 0).set_params(n_steps=MORE_STEPS, loss=loss)
    adding = gan_augment.GANAugmenter(broken, random_state=0)
    linear = LogisticRegression()
    calls = [
        lambda: adding.augment(*blobs),
        lambda: gan_augment.AugmentedClassifier(linear, adding, cv=2).fit(*blobs),
        lambda: gan_augment.make_pipeline(adding, linear).fit(*blobs),
        lambda: gan_augment.compare_augmentations(
            linear, *blobs, augmenters={"GAN": broken}, cv=2
        ),
    ]
    for call in calls:
        with state_is_kept(), pytest.raises(KeyboardInterrupt):
            call()


def test_callback_and_divergence_and_learner_that_fail(blobs):
    X, y = blobs
    wild = TrainingConfig(learning_rate=1e30)
    gan = made("TabularGAN", 0).set_params(n_steps=20, config=wild)
    with state_is_kept(), pytest.raises(TrainingDivergedError):
        gan.fit(X, y)
    gan = made("TabularGAN", 0)
    with state_is_kept(), pytest.raises(OverflowError, match="the callback"):
        gan.set_callbacks(Refusing()).fit(X, y)
    learner = LogisticRegression(C="much")
    with state_is_kept(), pytest.raises(ValueError, match="'C' parameter"):
        gan_augment.AugmentedClassifier(learner, n_samples=0.5, random_state=0).fit(X, y)


@pytest.mark.sdv
def test_a_score_of_others_that_fails(blobs, monkeypatch):
    def draw_and_fail(*_):
        np.random.random()
        raise OverflowError("not ours")

    monkeypatch.setattr("gan_augment.evaluation.peer_score._score", draw_and_fail)
    with state_is_kept(), pytest.raises(OverflowError, match="not ours"):
        gan_augment.quality_report(blobs[0], blobs[0][::-1] + 0.1, sdmetrics=True, privacy=False)


if __name__ == "__main__":
    look_at_first_times_and_leaks()

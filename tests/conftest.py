"""Small tables that many tests share, and the rules for tests that need something more.

Tests marked ``real_data`` read the folder named by the environment variable
``GAN_AUGMENT_DATA``: CSV files and a ``manifest.json`` listing, for each, its ``name``,
``file`` and ``target``. Tests marked ``sdv``, and examples of docstrings that use it, need
the extra of that name. Where these are missing the tests are deselected, so that a summary
without them says so in its count and nothing looks tested that was not.
"""

import importlib.util
import itertools
import json
import os
import zlib
from pathlib import Path

# Two processes share the cores: threads of OpenMP would wait for each other in busy loops.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import committees
import measures
import numpy as np
import pandas as pd
import pytest
from commands import CSV
from hypothesis import settings

from gan_augment.augmentation import committee
from gan_augment.process import randomness

REAL_DATA = "GAN_AUGMENT_DATA"

# Every commit tries the same few examples, every night looks for new ones: ``nox -s nightly``.
settings.register_profile("commit", max_examples=30, deadline=None, derandomize=True)
settings.register_profile("nightly", max_examples=300, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "commit"))


def pytest_collection_modifyitems(config, items):
    missing = set()
    if not os.environ.get(REAL_DATA):
        missing.add("real_data")
    if importlib.util.find_spec("sdv") is None:
        missing.add("sdv")
    left_out = [item for item in items if missing & needs(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_runtest_setup(item):
    """Give a test the same entropy in every run, also where it passes no seed."""
    start, draws = zlib.crc32(item.nodeid.encode()), itertools.count()
    np.random.seed(start)
    randomness._entropy = lambda: np.random.SeedSequence([start, next(draws)])


def needs(item):
    """Names of the marks of a test; an example of a docstring that uses SDV has its mark."""
    marks = {mark.name for mark in item.iter_markers()}
    if isinstance(item, pytest.DoctestItem):
        code = " ".join(example.source for example in item.dtest.examples)
        marks |= {"sdv"} if "SDV" in code or "sdv" in code else set()
    return marks


@pytest.fixture(scope="session")
def load_real():
    """Return ``load_real(name) -> (X, y, manifest entry)`` for tests marked real_data."""
    folder = Path(os.environ[REAL_DATA])
    entries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest = {entry["name"]: entry for entry in entries}

    def load(name):
        frame = pd.read_csv(folder / manifest[name]["file"])
        target = frame.pop(manifest[name]["target"])
        return frame, target, manifest[name] | {"path": folder / manifest[name]["file"]}

    return load


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def mixed_frame():
    """120 rows with a column of every common kind and missing cells in four of them."""
    rng = np.random.default_rng(20)
    n = 120
    frame = pd.DataFrame(
        {
            "income": np.round(rng.lognormal(10, 0.5, n), 2),
            "age": rng.integers(18, 90, n),
            "visits": pd.array(rng.poisson(3, n), dtype="Int64"),
            "member": rng.random(n) < 0.3,
            "city": rng.choice(["Bonn", "Graz", "Oslo"], n, p=[0.6, 0.3, 0.1]),
            "size": pd.Categorical(
                rng.choice(["S", "M", "L"], n), categories=["S", "M", "L", "XL"], ordered=True
            ),
            "joined": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D"),
            "country": "NO",
        }
    )
    frame.loc[frame.index[::10], "income"] = np.nan
    frame.loc[frame.index[3::15], "visits"] = pd.NA
    frame.loc[frame.index[5::12], "city"] = np.nan
    frame.loc[frame.index[7::20], "joined"] = pd.NaT
    return frame


@pytest.fixture
def mixed_labels(mixed_frame):
    """Two classes, 90 to 30, that depend on age and city."""
    score = mixed_frame["age"] + 20 * (mixed_frame["city"] == "Oslo")
    labels = np.where(score.rank(method="first") > 90, "churn", "stay")
    return pd.Series(labels, index=mixed_frame.index, name="status")


@pytest.fixture
def blobs():
    """(X, y) with 60 rows, 3 float columns and two classes, 45 to 15."""
    rng = np.random.default_rng(7)
    y = np.repeat([0, 1], [45, 15])
    X = rng.normal(size=(60, 3)) + 1.5 * y[:, None]
    return X, y


@pytest.fixture
def sloped():
    """(X, y) with 60 rows, 3 float columns and a continuous target."""
    rng = np.random.default_rng(8)
    X = rng.normal(size=(60, 3))
    return X, X @ [2.0, -1.0, 0.5] + 0.1 * rng.normal(size=60)


@pytest.fixture
def table(tmp_path):
    """The path of a CSV file with columns of every text style, and the target churn."""
    path = tmp_path / "in.csv"
    path.write_text(CSV)
    return path


@pytest.fixture
def short_training(monkeypatch):
    """GANs train five steps unless they are told how many."""
    monkeypatch.setattr("gan_augment.generators.tabular.gan._automatic_steps", lambda n: 5)
    for name in ("STEPS", "MANY_STEPS"):
        monkeypatch.setattr(f"gan_augment.generators.image.gan.{name}", 5)


@pytest.fixture(scope="module", autouse=True)
def small_models():
    """Committees, measures and learners have a few trees, unless a test asks for whole ones."""
    with pytest.MonkeyPatch.context() as patch:
        committees.shrink(patch)
        measures.shrink(patch)
        yield


@pytest.fixture
def whole_committees(monkeypatch):
    """Committees as users get them: for tests of how good they are."""
    for name, function in committees.WHOLE.items():
        monkeypatch.setattr(committee, name, function)


@pytest.fixture
def whole_measures(monkeypatch):
    """Measures of quality as users get them: for tests of how sharp they are."""
    for place, value in measures.WHOLE.items():
        monkeypatch.setattr(*place, value)

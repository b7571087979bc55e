"""What becomes of model files: the corpus and the failures of ``benchmarks/reliability``.

There every file has a process of its own and all figures are measured; here one process loads all.
"""

import importlib.util
import os
import sys
from pathlib import Path

import numpy as np
import polars  # noqa: F401 - first imported here, lest the hook hear it of a file
import pytest

from gan_augment import load
from gan_augment.exceptions import ModelFileError
from gan_augment.io.serialization import read_bundle

FOLDER = Path(__file__).parents[1] / "benchmarks" / "reliability"

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")


@pytest.fixture(scope="module")
def bench():
    """The module ``files.py`` and its neighbours."""
    sys.path.insert(0, str(FOLDER))
    try:
        spec = importlib.util.spec_from_file_location("reliability_files", FOLDER / "files.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(FOLDER))
    return module


@pytest.fixture(scope="module")
def models(bench, tmp_path_factory):
    """{kind: path} of a healthy model of each kind."""
    return bench.healthy_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def corpus(bench, models):
    """{name: function that makes the file}."""
    return bench.corpus(models)


def test_the_models_before_they_were_changed_are_healthy(models):
    for path in models.values():
        load(path).sample(3)


def test_every_hostile_file_is_refused_and_nothing_is_run(bench, corpus, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert len(corpus) >= 40

    paths = {}
    for number, (name, make) in enumerate(corpus.items()):
        paths[tmp_path / f"hostile {number}"] = name
        make(tmp_path / f"hostile {number}")

    def load_all(*paths_):
        wrong = []
        for path in paths_:
            try:
                load(path)
                wrong.append(f"{paths[path]} was loaded")
            except Exception as error:
                if not isinstance(error, ModelFileError) or str(path) not in str(error):
                    wrong.append(f"{paths[path]}: {error!r}")
        if wrong:
            raise AssertionError("; ".join(wrong))

    said = bench.in_a_process(lambda: bench.listened(load_all, *paths))
    outcome, heard = said.split("|")[:2]
    assert (outcome, heard) == ("loaded", ""), said
    assert not (tmp_path / bench._hostile.TRACE).exists()


def test_the_hook_hears_what_pickle_would_run(bench, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = bench.pickled(tmp_path)
    heard = bench.in_a_process(lambda: bench.listened(bench.unpickled, path))
    assert "pickle.find_class" in heard
    assert (tmp_path / bench._hostile.TRACE).exists()


@pytest.mark.parametrize("number", range(5))
def test_damage_of_every_kind_is_noticed(bench, models, tmp_path, number):
    rng, kind = np.random.default_rng(number), bench.DAMAGE[number]
    for path in models.values():
        content = path.read_bytes()
        for _ in range(15):
            (tmp_path / "m").write_bytes(bench.damaged(content, kind, rng))
            with pytest.raises(ModelFileError):
                load(tmp_path / "m")


def test_a_save_that_is_killed_leaves_the_old_model_or_the_new_one(bench, tmp_path):
    ((_, counts, _, met),) = bench.kills(tmp_path, quick=True)
    assert met, counts


def test_a_save_that_fails_leaves_the_old_model_and_nothing_else(bench, tmp_path):
    tmp_path.chmod(0o755)
    for what, said, goal, met in bench.disks(tmp_path, mount=False):
        if what == "folder is read-only" and os.getuid() == 0:
            continue  # root writes there all the same
        assert met, (what, said, goal)


def test_arrays_of_a_model_are_what_it_would_write_itself(models):
    for path in models.values():
        _header, arrays = read_bundle(path)
        again = load(path)
        described = getattr(again, "generator_", again).as_data()[1]
        assert described.keys() == arrays.keys()
        for name, array in arrays.items():
            np.testing.assert_array_equal(described[name], array)

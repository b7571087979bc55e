"""Partitions: the same rows whoever makes them, exact in sum, and gone on with after a stop."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from commands import run

from gan_augment import BootstrapGenerator, GANAugmenter, TabularGAN, sample_to_parquet
from gan_augment.exceptions import InputError
from gan_augment.generators.to_parquet import PLAN, _as_seed


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"x": rng.normal(size=90), "k": pd.Categorical(rng.choice(["u", "v"], 90))}
    )
    frame["n"] = pd.array([None, *rng.integers(0, 9, 89)], dtype="Int64")
    return frame.assign(code=[f"id-{i}" for i in range(90)], y=["a"] * 60 + ["b"] * 27 + ["c"] * 3)


@pytest.fixture(scope="module")
def gan(frame):
    gan = TabularGAN(n_steps=0, columns={"code": "regenerate"}, random_state=0)
    return gan.fit(frame.drop(columns="y"), frame["y"])


def read(folder):
    return pd.read_parquet(folder)


def content(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_partitions_together_are_what_was_asked_for(gan, frame, tmp_path):
    paths = sample_to_parquet(gan, 1000, tmp_path / "p", rows_per_partition=300, random_state=0)
    assert [pq.read_metadata(path).num_rows for path in paths] == [300, 300, 300, 100]
    rows = read(tmp_path / "p")
    assert rows.dtypes.drop("k").equals(frame.dtypes.drop("k"))
    assert rows["y"].value_counts().to_dict() == {"a": 667, "b": 300, "c": 33}
    assert rows["code"].tolist() == [f"synthetic-{i}" for i in range(1, 1001)]
    by_part = [pd.read_parquet(path)["y"].value_counts()["a"] for path in paths]
    assert len(set(by_part[:3])) > 1  # a random part of the whole, not the same shares in each
    firsts = {pd.read_parquet(path)["x"].iloc[0] for path in paths}
    assert len(firsts) == 4


def test_a_number_of_each_class(gan, tmp_path):
    sample_to_parquet(gan, {"c": 50, "a": 1}, tmp_path, rows_per_partition=20, random_state=0)
    assert read(tmp_path)["y"].value_counts().to_dict() == {"c": 50, "a": 1}


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_workers_of_any_kind_make_the_same_files(gan, tmp_path, backend):
    options = {"rows_per_partition": 100, "random_state": 7}
    sample_to_parquet(gan, 500, tmp_path / "one", **options)
    with joblib.parallel_config(backend, n_jobs=2):
        sample_to_parquet(gan, 500, tmp_path / "two", **options)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_a_run_that_was_stopped_is_completed(gan, tmp_path, monkeypatch):
    options = {"rows_per_partition": 100, "random_state": 3}
    sample_to_parquet(gan, 500, tmp_path / "whole", **options)
    chunks = TabularGAN.iter_chunks

    def stopped(self, counts, size, rng, *, start):
        yield from chunks(self, counts, size, rng, start=start)
        if start == 200:
            raise KeyboardInterrupt

    folder = tmp_path / "p"
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(TabularGAN, "iter_chunks", stopped)
        sample_to_parquet(gan, 500, folder, **options)
    assert sorted(content(folder)) == [PLAN, "part-00000.parquet", "part-00001.parquet"]
    stamp = (folder / "part-00000.parquet").stat().st_mtime_ns
    (folder / ".part-00002.parquet.abcd.part").write_bytes(b"of a worker that was killed")
    (folder / "part-00003.parquet").write_bytes(b"cut off")
    sample_to_parquet(gan, 500, folder, rows_per_partition=100)  # the seed is the folder's
    assert content(folder) == content(tmp_path / "whole")
    assert (folder / "part-00000.parquet").stat().st_mtime_ns == stamp


def test_the_files_of_a_run_at_the_same_time_are_left(gan, tmp_path, monkeypatch):
    options = {"rows_per_partition": 100, "random_state": 3}
    chunks, begun, go_on = TabularGAN.iter_chunks, threading.Event(), threading.Event()

    def waiting(self, counts, size, rng, *, start):
        yield from chunks(self, counts, size, rng, start=start)
        if not begun.is_set():  # the first partition of the first run, whose rows are written
            begun.set()
            assert go_on.wait(20)

    monkeypatch.setattr(TabularGAN, "iter_chunks", waiting)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(sample_to_parquet, gan, 300, tmp_path / "p", **options)
        assert begun.wait(20)
        try:
            sample_to_parquet(gan, 300, tmp_path / "p", **options)
        finally:
            go_on.set()
        first.result(20)
    sample_to_parquet(gan, 300, tmp_path / "alone", **options)
    assert content(tmp_path / "p") == content(tmp_path / "alone")


def test_another_request_into_the_same_folder_is_refused(gan, frame, tmp_path):
    options = {"rows_per_partition": 100, "random_state": 3}
    sample_to_parquet(gan, 200, tmp_path / "p", **options)
    before = content(tmp_path / "p")

    def refused(message, model=gan, n=200, folder=tmp_path / "p", **changed):
        with pytest.raises(InputError, match=message):
            sample_to_parquet(model, n, folder, **options | changed)

    refused("rows differ", n=201)
    refused("rows_per_partition differ", rows_per_partition=50)
    refused("random_state differ", random_state=4)
    other = TabularGAN(n_steps=0, columns={"code": "ignore"}, random_state=0)
    refused("model differ", model=other.fit(frame.drop(columns="y"), frame["y"]))
    assert content(tmp_path / "p") == before
    (tmp_path / "q").mkdir()
    (tmp_path / "q" / "mine.txt").write_text("")
    refused("has files already", folder=tmp_path / "q")
    (tmp_path / "p" / PLAN).write_text("[1]")
    refused("is damaged", folder=tmp_path / "p")
    refused("asks for no rows", n=0)
    refused("rows_per_partition=0", rows_per_partition=0)
    refused("cannot be used as a seed", folder=tmp_path / "r", random_state="1")
    boot = BootstrapGenerator().fit(frame[["x"]])
    refused("is a BootstrapGenerator", model=boot)


def test_seeds_of_every_kind_are_numbers_in_the_plan(gan, tmp_path):
    for k, seed in enumerate([None, 5, np.int64(5), np.random.default_rng(0),
                              np.random.RandomState(0), np.random.SeedSequence(9)]):  # fmt: skip
        sample_to_parquet(gan, 3, tmp_path / str(k), random_state=seed)
        found = json.loads((tmp_path / str(k) / PLAN).read_text())["seed"]
        assert isinstance(found, int) and _as_seed(found) == found


def test_an_augmenter_lends_its_generator(frame, tmp_path):
    augmenter = GANAugmenter(TabularGAN(n_steps=0), n_samples=5, random_state=0)
    augmenter.fit(frame[["x", "k"]], frame["y"])
    sample_to_parquet(augmenter, 20, tmp_path / "a", random_state=0)
    sample_to_parquet(augmenter.generator_, 20, tmp_path / "b", random_state=0)
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_the_command_fills_a_folder(gan, tmp_path):
    gan.save(tmp_path / "m")
    words = ("sample", tmp_path / "m", "-n", 50, "--rows-per-file", 20, "--seed", 1)
    said = run(*words, "--out", tmp_path / "rows", "--label", "b").output
    assert "50 rows are in 3 files" in said.replace("\n", " ")
    assert set(read(tmp_path / "rows")["y"]) == {"b"}
    sample_to_parquet(gan, {"b": 50}, tmp_path / "same", rows_per_partition=20, random_state=1)
    assert content(tmp_path / "same") == content(tmp_path / "rows")
    assert (
        "holds the partitions of another"
        in run(*words, "--out", tmp_path / "rows", status=2).stderr
    )
    assert (
        "--overwrite does not go"
        in run(*words, "--out", tmp_path / "q", "--overwrite", status=2).stderr
    )
    (tmp_path / "file").write_text("mine")
    assert "is a file" in run(*words, "--out", tmp_path / "file", status=2).stderr
    assert "is also MODEL" in run(*words, "--out", tmp_path / "m", status=2).stderr

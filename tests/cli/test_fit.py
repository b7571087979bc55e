"""`gan-augment fit`: a table in, a model out."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from commands import run

from gan_augment import TabularGAN, load


@pytest.fixture
def rows(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=60).round(2), "k": rng.choice(["u", "v"], 60)})
    return frame.assign(y=np.where(frame["a"] > 0, "yes", "no"))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_fit_saves_what_the_library_would_fit(rows, tmp_path, suffix):
    path, out = tmp_path / f"rows{suffix}", tmp_path / "gan.model"
    rows.to_csv(path, index=False) if suffix == ".csv" else rows.to_parquet(path)
    said = run("fit", path, "--target", "y", "--out", out, "--steps", 5, "--seed", 3).output
    assert "Learnt 60 rows" in said and "2 classes" in said
    if suffix == ".csv":  # text of CSV files is dtype object, also where pandas has str
        rows = rows.astype({"k": object, "y": object})
    wanted = TabularGAN(n_steps=5, random_state=3).fit(rows[["a", "k"]], rows["y"])
    found = load(out)
    pd.testing.assert_frame_equal(found.sample(20)[0], wanted.sample(20)[0])
    assert found.n_steps_ == 5
    run("sample", out, "--rows", 4, "--out", tmp_path / "new.csv")
    assert list(pd.read_csv(tmp_path / "new.csv").columns) == ["a", "k", "y"]


def test_a_folder_of_parquet_files_is_one_table(rows, tmp_path):
    (tmp_path / "rows").mkdir()
    rows[:40].to_parquet(tmp_path / "rows" / "a.parquet")
    rows[40:].to_parquet(tmp_path / "rows" / "b.parquet")
    words = ("--target", "y", "--steps", 0, "--kind", "a=number", "--out", tmp_path / "m")
    assert "Learnt 60 rows" in run("fit", tmp_path / "rows", *words).output
    (tmp_path / "rows" / "c.parquet").write_text("none")
    wrong = run("fit", tmp_path / "rows", *words, "--overwrite", status=2)
    assert "cannot be read as Parquet" in wrong.stderr


def test_a_checkpoint_is_kept_and_gone_on_from(rows, tmp_path):
    rows.to_csv(tmp_path / "rows.csv", index=False)
    words = ("fit", tmp_path / "rows.csv", "--target", "y", "--steps", 5, "--seed", 0, "--quiet")
    state = tmp_path / "state"
    run(*words, "--out", tmp_path / "one", "--checkpoint", state)
    assert state.exists()
    run(*words, "--out", tmp_path / "two", "--checkpoint", state)
    pd.testing.assert_frame_equal(
        load(tmp_path / "one").sample(9)[0], load(tmp_path / "two").sample(9)[0]
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--target", "z"], "--target 'z' is not a column"),
        (["--target", "y", "--ignore", "y"], "--ignore 'y' is the target"),
        (["--checkpoint", "state"], "pass --seed too"),
        (["--kind", "a"], "names no kind"),
        (["--kind", "z=category"], "--kind 'z' is not a column of"),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_mistakes_are_one_sentence(rows, tmp_path, words, message, suffix):
    path = tmp_path / f"rows{suffix}"
    rows.to_csv(path, index=False) if suffix == ".csv" else rows.to_parquet(path)
    wrong = run("fit", path, "--out", tmp_path / "m", *words, status=2)
    assert message in wrong.stderr
    assert not (tmp_path / "m").exists()


def test_one_name_is_not_given_to_two_files(rows, tmp_path):
    rows.to_csv(tmp_path / "rows.csv", index=False)
    path = tmp_path / "rows.csv"
    assert "also the table" in run("fit", path, "--out", path, "--overwrite", status=2).stderr
    assert "exists" in run("fit", path, "--out", path, status=2).stderr


def test_the_package_runs_as_a_module():
    said = subprocess.run(
        [sys.executable, "-m", "gan_augment", "fit", "--help"], capture_output=True, text=True
    )
    assert said.returncode == 0 and "gan-augment fit" in said.stdout

"""The commands on images, from outside."""

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits
from typer.testing import CliRunner

from gan_augment.cli import app
from gan_augment.image_files import read_images


def run(*words, status=0):
    """Run the command; ``status`` is what it must exit with."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == status, result.output + repr(result.exception)
    return result


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two folders of sixty digits of three classes each."""
    home, digits = tmp_path_factory.mktemp("digits"), load_digits()
    rows = np.flatnonzero(digits.target < 3)
    for name, part in (("real", rows[:60]), ("later", rows[60:120])):
        for i in part:
            place = home / name / f"digit {digits.target[i]}"
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray((digits.images[i] * 15).astype(np.uint8)).save(place / f"{i}.png")
    return home


def test_augment_writes_classes_in_folders_and_says_so(folders, tmp_path):
    words = ("augment", folders / "real", "--out", tmp_path / "out", "--rows", "30")
    said = run(*words, "--generator", "classic", "--seed", 1).output
    assert "digit 2" in said and "30" in said
    assert len(read_images(tmp_path / "out").images) == 90
    run(*words, "--generator", "classic", status=2)  # it is there now
    run(*words, "--generator", "classic", "--overwrite", "--quiet")


def test_a_model_is_saved_and_sampled(folders, tmp_path):
    model = tmp_path / "digits.model"
    run(
        "augment", folders / "real", "--out", tmp_path / "all.npz", "--rows", "0", "--model", model
    )
    run("sample", model, "-n", 6, "--out", tmp_path / "new", "--label", "digit 1", "--seed", 0)
    assert read_images(tmp_path / "new").labels.tolist() == ["digit 1"] * 6
    run("sample", model, "-n", 6, "--out", tmp_path / "new", status=2)
    run("sample", model, "-n", 6, "--out", tmp_path / "x.npz", "--raw", status=2)


@pytest.mark.parametrize(
    "words",
    [
        ("--target", "x"),
        ("--kind", "a=category"),
        ("--mark", "new"),
        ("--raw",),
        ("--generator", "smote"),
        ("--generator", "classic", "--locality", "0.5"),
        ("--generator", "classic", "--model", "m"),
    ],
)
def test_options_of_tables_are_refused_before_anything_is_read(folders, tmp_path, words):
    result = run("augment", folders / "real", "--out", tmp_path / "out", *words, status=2)
    assert "drop" in result.output or "choose" in result.output
    assert not (tmp_path / "out").exists()


def test_options_of_images_are_refused_for_tables(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3,4\n")
    for words in (("--flip",), ("--generator", "classic")):
        run("augment", tmp_path / "t.csv", "--out", tmp_path / "o.csv", *words, status=2)


def test_compare_and_check_read_folders(folders, tmp_path):
    page = tmp_path / "help.html"
    said = run("compare", folders / "real", "--quick", "--report", page, "--rows", "0.5").output
    assert page.stat().st_size > 1000 and "ImageGAN" in said
    run("compare", folders / "real", "--target", "x", status=2)
    out = tmp_path / "check.html"
    run(
        "check", folders / "real", folders / "later", "--report", out, "--require", "c2st<=0.9"
    )  # fresh digits are as good as it gets
    assert out.stat().st_size > 1000
    run("check", folders / "real", folders / "later", "--require", "c2st<=0.01", status=1)

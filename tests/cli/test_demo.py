"""The demonstration: folds of digits that share no image, shades, and the answer."""

import re

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from gan_augment.cli import demo as cli_demo
from gan_augment.cli.app import app
from gan_augment.exceptions import InputError
from gan_augment.generators.image.gan import ImageGAN
from gan_augment.generators.image.transforms import ImageTransformGenerator


def run(*words, status=0):
    result = CliRunner().invoke(app, ["demo", "--images", *map(str, words)])
    assert result.exit_code == status, result.output + repr(result.exception)
    return result


@pytest.fixture
def small(monkeypatch):
    """Two folds, one fast learner and no training, in this process."""
    whole = cli_demo.compare_digits

    def compare(maker, per_class, **given):
        given |= {"n_folds": 2, "learners": ("knn",), "n_jobs": 1}
        return whole(maker, per_class, **given)

    monkeypatch.setattr(cli_demo, "compare_digits", compare)
    monkeypatch.setattr(
        "gan_augment.generators.image.gan.ImageGAN", lambda **given: ImageGAN(n_steps=0, **given)
    )


def test_demo_prints_what_it_measured():
    words = ["demo", "--generator", "bootstrap", "--rows", "60"]
    said = " ".join(CliRunner().invoke(app, words).output.split())
    for word in ("none", "SMOTE", "duplicates", "95 % interval", "random forest", "60 rows (38"):
        assert word in said
    assert re.search(r"(Do not a|A)ugment", said) and "GAN" not in said


def test_the_demo_shows_digits_and_what_it_measured(small, tmp_path):
    said = run("--rows", 50, "--out", tmp_path / "grid.png").output
    for word in ("Real digits", "Synthetic digits", "ImageGAN", "SMOTE", "classic"):
        assert word in said
    assert "95 % interval" in said and re.search(r"(Do not a|A)ugment", said) and "█" in said
    with Image.open(tmp_path / "grid.png") as grid:
        assert grid.width > 300
    assert "exists" in run("--out", tmp_path / "grid.png", status=2).stderr
    assert run("--rows", 50, "--quiet").output == ""


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--rows", 300], "--rows 300 leaves too few digits to test on: pass at most 200"),
        (["--generator", "smote"], "--images compares all generators"),
        (["--out", "grid.jpg"], "is no .png file"),
        (["--generator", "classic"], "classic"),
    ],
)
def test_mistakes_end_in_one_sentence(words, sentence):
    assert sentence in run(*words, status=2).stderr


def test_tables_draw_no_digits(tmp_path):
    words = ["demo", "--out", str(tmp_path / "x.png")]
    assert "add --images" in CliRunner().invoke(app, words).stderr


def test_folds_share_no_image_and_have_the_classes_evenly():
    y = np.repeat([0, 1, 2], [30, 40, 50])
    folds = cli_demo.disjoint_folds(y, 4, 5, np.random.default_rng(0))
    rows = np.concatenate([part for fold in folds for part in fold])
    assert len(rows) == len(set(rows.tolist())) == len(y)
    assert all(np.bincount(y[train]).tolist() == [4, 4, 4] for train, _ in folds)
    with pytest.raises(InputError, match="leaves no test images of 0"):
        cli_demo.disjoint_folds(y, 6, 5, np.random.default_rng(0))


@pytest.mark.parametrize("words", [[], ["--images"]])
def test_no_generator_is_offered_that_is_always_refused(words):
    said = CliRunner().invoke(app, ["demo", "--help"]).output
    assert "bootstrap" in said and "classic" not in said


def test_the_same_seed_gives_the_same_scores_of_independent_folds():
    results = [
        cli_demo.compare_digits(
            ImageTransformGenerator(), 4, n_folds=2, learners=("knn",), random_state=seed
        ).to_frame()
        for seed in (1, 1, 2)
    ]
    scores = [frame["score"] for frame in results]
    assert scores[0].equals(scores[1]) and not scores[0].equals(scores[2])
    assert results[0]["augmenter"].unique().tolist()[0] == "none"
    assert (results[0]["test_to_train"] == 0).all()

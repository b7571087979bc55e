"""The demonstration: several sizes of one table, digits in shades, and the answer."""

import re
from functools import partial

import pytest
from PIL import Image
from typer.testing import CliRunner

from gan_augment.cli import demo_images, demo_table
from gan_augment.cli.app import app
from gan_augment.generators.controls import BootstrapGenerator
from gan_augment.generators.image.gan import ImageGAN
from gan_augment.generators.image.transforms import ImageTransformGenerator


def run(*words, status=0):
    result = CliRunner().invoke(app, ["demo", "--images", *map(str, words)])
    assert result.exit_code == status, result.output + repr(result.exception)
    return result


@pytest.fixture
def small(monkeypatch):
    """Two folds, one fast learner and no training, in this process."""
    whole = demo_images.compare_digits

    def compare(maker, per_class, **given):
        given |= {"n_folds": 2, "learners": ("knn",), "n_jobs": 1}
        return whole(maker, per_class, **given)

    monkeypatch.setattr(demo_images, "compare_digits", compare)
    quick = partial(ImageGAN, n_steps=0)
    monkeypatch.setattr("gan_augment.generators.image.gan.ImageGAN", quick)


@pytest.fixture
def short(monkeypatch):
    """One size beside all of 400 rows, two folds, and rows that cost nothing, measured once."""
    whole, found = demo_table.compare_sizes, []

    def compare(augmenters, X=None, y=None, n_folds=None, **given):
        if not found:
            assert augmenters["GAN, soft labels"].labeler == "committee"
            assert augmenters["GAN, soft labels"].generator.n_steps == 0
            copies, folds = dict.fromkeys(augmenters, BootstrapGenerator()), {20: 2, None: 2}
            found.append(whole(copies, X[:400], y[:400], folds, **given | {"n_jobs": 1}))
        return found[0]

    monkeypatch.setattr(demo_table, "compare_sizes", compare)


def test_the_demo_shows_few_and_all_rows_beside_the_controls(short):
    done = CliRunner().invoke(app, ["demo"])
    assert done.exit_code == 0, done.output
    for word in (
        "none",
        "SMOTE",
        "duplicates",
        "GAN, soft labels",
        "20 rows",
        "200 rows",
        "ROC AUC",
    ):
        assert word in done.output
    said = " ".join(done.output.split())
    for size, result in demo_table.compare_sizes(None).items():
        assert f"{size} rows: {result.answer}" in said
    assert CliRunner().invoke(app, ["demo", "--quiet"]).output == ""


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
        (["--out", "grid.jpg"], "is no .png file"),
    ],
)
def test_mistakes_end_in_one_sentence(words, sentence):
    assert sentence in run(*words, status=2).stderr


@pytest.mark.parametrize("words", [("--out", "x.png"), ("--rows", "50")])
def test_what_is_about_images_is_refused_for_a_table(words):
    done = CliRunner().invoke(app, ["demo", *words])
    assert done.exit_code == 2 and "add --images" in done.stderr


def test_the_same_seed_gives_the_same_scores_of_independent_folds():
    results = [
        demo_images.compare_digits(
            ImageTransformGenerator(), 4, n_folds=2, learners=("knn",), random_state=seed
        ).to_frame()
        for seed in (1, 1, 2)
    ]
    scores = [frame["score"] for frame in results]
    assert scores[0].equals(scores[1]) and not scores[0].equals(scores[2])
    assert results[0]["augmenter"].unique().tolist()[0] == "none"
    assert (results[0]["test_to_train"] == 0).all()

"""The demonstration: several sizes of one table, digits in shades, and the answer."""

import re
from types import SimpleNamespace

import pandas as pd
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
    monkeypatch.setattr(
        "gan_augment.generators.image.gan.ImageGAN", lambda **given: ImageGAN(n_steps=0, **given)
    )


@pytest.fixture
def short(monkeypatch):
    """One size beside all of 400 rows, two folds, and rows that cost nothing, measured once."""
    whole, found = demo_table.compare_sizes, []

    def compare(augmenters, X, y, n_folds, **given):
        assert augmenters["GAN, soft labels"].labeler == "committee"
        assert augmenters["GAN, soft labels"].generator.n_steps == 0
        if not found:
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
    # the generator repeats real rows, as a control does
    said = " ".join(done.output.split())
    answer = said.partition("Added rows help here with ")[2]
    assert answer.startswith("no number of rows") or "for nothing" in answer or "seem" in said
    assert CliRunner().invoke(app, ["demo", "--quiet"]).output == ""


def result(advice, gan, control):
    """A comparison in which none scores 0.5, a control and the GAN what is given."""
    scores = {"none": 0.5, "SMOTE": control, "GAN": 0.1, "GAN, soft labels": gan}
    rows = [
        {"scorer": scorer, "augmenter": name, "score": score}
        for scorer in demo_table.TITLES
        for name, score in scores.items()
    ]
    return SimpleNamespace(advice=advice, summary=lambda: pd.DataFrame(rows))


def test_the_last_line_says_when_rows_help_beside_the_best_control():
    beyond, worse = result("augment", 0.7, 0.6), result("do not augment", 0.4, 0.3)
    said = demo_table.when_rows_help({20: beyond, 1000: worse})
    gains = "ROC AUC +0.100 over SMOTE, negative log loss +0.100 over SMOTE"
    assert said == f"Added rows help here with 20 rows ({gains}); with 1,000 rows leave them out."
    matched = result("use a control", 0.6, 0.7)
    said = demo_table.when_rows_help({20: matched, 50: matched})
    assert said.endswith("with 20 and 50 rows, where SMOTE does as well for nothing.")
    ahead = demo_table.when_rows_help({20: result("use a control", 0.7, 0.6)})
    assert ahead.endswith(
        "20 rows, where it is not sure that they do better than SMOTE, for nothing."
    )
    unsure = result("do not augment", 0.6, 0.5)
    said = demo_table.when_rows_help({20: unsure, 50: unsure, 1000: worse})
    assert said.startswith("With 20 and 50 rows they seem to help, but so few folds are not sure")
    assert said.endswith("; with 1,000 rows leave them out.")
    assert "no number of rows" in demo_table.when_rows_help({20: worse, 50: worse})


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

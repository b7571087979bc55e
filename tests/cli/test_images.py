"""The command line on images: folders and ``.npz`` files in and out, measured, refused."""

import functools
import json
import os
from dataclasses import make_dataclass

import numpy as np
import pandas as pd
import pytest
from commands import run
from sklearn.datasets import load_digits

from gan_augment.evaluation import quality
from gan_augment.io.image_folders import write_images
from gan_augment.io.images import ImageSet, read_images
from gan_augment.selection.controls import CONTROLS


def write_digits(folder, counts, start=0, word="real"):
    """So many digits of each kind as a folder of PNG files."""
    data = load_digits()
    X = (data.images * 15).astype(np.uint8)
    picked = [np.flatnonzero(data.target == d)[start:][:n] for d, n in counts.items()]
    at = np.concatenate(picked)
    write_images(folder, ImageSet(X[at], np.array([f"digit {d}" for d in data.target[at]])))
    for path in folder.glob("*/*") if word == "real" else ():
        path.rename(path.with_name(path.name.replace("synthetic", "photo")))
    return folder


@pytest.fixture
def digits(tmp_path):
    return write_digits(tmp_path / "in", {0: 8, 1: 12})


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def augment(source, out, *words, status=0):
    return run("augment", source, "--out", out, "--generator", "classic", *words, status=status)


def test_real_files_stay_and_synthetic_ones_come_beside_them(digits, tmp_path):
    before = files(digits)
    said = augment(digits, tmp_path / "out", "--balance", "fill", "--seed", 1).output
    after = files(tmp_path / "out")
    assert files(digits) == before
    assert {name: after[name] for name in before} == before
    assert sorted(set(after) - set(before)) == [
        f"digit 0/synthetic-0000{number}.png" for number in (1, 2, 3, 4)
    ]
    assert "digit 0" in said and "images" in said and "8 x 8 pixels, grey" in said
    augment(digits, tmp_path / "again", "--balance", "fill", "--seed", 1, "--quiet")
    assert files(tmp_path / "again") == after


@pytest.mark.parametrize("shape", [(10, 3, 8, 9), (10, 8, 9, 3)])
def test_the_size_is_said_whatever_the_layout(tmp_path, rng, shape):
    np.savez(tmp_path / "in.npz", images=rng.integers(0, 256, shape, dtype="uint8"))
    words = ("augment", tmp_path / "in.npz", "--out", tmp_path / "out.npz", "--rows", 1)
    assert "9 x 8 pixels, 3 channels" in run(*words, "--generator", "bootstrap").output


@pytest.mark.parametrize("generator", ["gan", "classic", "smote", "bootstrap"])
def test_all_generators_make_images(digits, tmp_path, generator):
    words = ("--rows", 4, "--seed", 0, "--quiet", "--generator", generator)
    assert run("augment", digits, "--out", tmp_path / "out", *words).output == ""
    found = read_images(tmp_path / "out")
    assert found.images.shape == (24, 8, 8) and found.images.dtype == np.uint8
    new = [path.parent.name for path in found.files if path.name.startswith("synthetic-")]
    assert new == ["digit 0"] * 2 + ["digit 1"] * 2


def test_a_model_is_saved_and_sampled(digits, tmp_path):
    model = tmp_path / "gan.model"
    said = run("augment", digits, "--out", tmp_path / "out", "--model", model, "--flip").output
    assert "The fitted generator is in" in said
    said = run("sample", model, "-n", 3, "--label", "digit 1", "--out", tmp_path / "new").output
    assert "3 images are in" in said
    assert list(files(tmp_path / "new")) == [
        f"digit 1/synthetic-0000{number}.png" for number in (1, 2, 3)
    ]
    run("sample", model, "-n", 5, "--out", tmp_path / "new.npz", "--seed", 0, "--quiet")
    found = read_images(tmp_path / "new.npz")
    assert found.images.shape == (5, 8, 8) and set(found.labels) == {"digit 0", "digit 1"}
    for words, sentence in (
        (("--out", tmp_path / "rows.csv"), "is a table: name a folder or a .npz"),
        (("--out", tmp_path / "new"), "exists: choose another name or add --overwrite"),
        (("--out", tmp_path / "x", "--raw"), "--raw is for tables"),
        (("--out", tmp_path / "x", "--label", "2"), "'2' is not a class of this model"),
    ):
        assert sentence in run("sample", model, "-n", 3, *words, status=2).stderr
    run("sample", model, "-n", 1, "--out", tmp_path / "new", "--overwrite")
    assert len(files(tmp_path / "new")) == 1


def test_files_of_arrays_keep_their_dtype_and_may_be_marked(tmp_path):
    data = load_digits()
    source, out = tmp_path / "in.npz", tmp_path / "out.npz"
    np.savez(source, images=data.images[:40], labels=data.target[:40])
    augment(source, out, "--rows", 10, "--mark", "made", "--seed", 0)
    with np.load(out) as arrays:
        assert arrays["images"].dtype == np.float64 and arrays["labels"].dtype == np.int64
        assert np.array_equal(arrays["images"][:40], data.images[:40])
        assert arrays["made"].tolist() == [False] * 40 + [True] * 10
        assert sorted(arrays["labels"][40:]) == list(range(10))
    result = augment(source, tmp_path / "out", status=2)
    assert "The images are float64, which PNG files do not hold" in result.stderr
    np.savez(source, images=data.images[:40])
    augment(source, out, "--rows", 10, "--overwrite", "--quiet")
    assert read_images(out).labels is None and len(read_images(out).images) == 50
    result = augment(source, out, "--overwrite", "--balance", "fill", status=2)
    assert "no classes" in result.stderr


def test_labels_of_a_stranger_write_nowhere_else(tmp_path):
    X = np.zeros((4, 8, 8), dtype=np.uint8)
    np.savez(tmp_path / "in.npz", images=X, labels=["a", "a", "../x", "../x"])
    result = augment(tmp_path / "in.npz", tmp_path / "out", status=2)
    assert "The label '../x' is no name of a folder" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.npz"]


def test_inner_folds_choose_the_number_of_images(tmp_path):
    digits = write_digits(tmp_path / "in", {0: 12, 1: 12})
    said = augment(digits, tmp_path / "out", "--rows", "auto", "--seed", 0).output
    assert "inner" in said and (tmp_path / "out").is_dir()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--target", "y"], "--target is for tables, but"),
        (["--task", "class"], "--task is for tables"),
        (["--kind", "a=category"], "--kind is for tables"),
        (["--ignore", "a"], "--ignore is for tables"),
        (["--regenerate", "a"], "--regenerate is for tables"),
        (["--raw"], "--raw is for tables"),
        (["--mark", "made"], "--mark 'made' is for .npz files"),
        (["--rows", "many"], "--rows 'many' is not a number"),
        (["--rows", "-1"], "-1"),
        (["--locality", "0.5"], "--locality works with --generator gan"),
        (["--generator", "ctgan"], "--generator ctgan makes tables"),
        (["--generator", "smote", "--flip"], "--flip works with --generator gan or classic"),
        (["--model", "m.model"], "--model saves a GAN"),
        (["--balance", "fill", "--rows", "9"], "drop --rows 9"),
    ],
)
def test_mistakes_end_in_one_sentence_and_status_2(digits, tmp_path, words, sentence):
    result = augment(digits, tmp_path / "out", *words, status=2)
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1 and result.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_places_are_checked_before_training(digits, tmp_path, monkeypatch):
    monkeypatch.setattr("gan_augment.io.images.read_images", lambda _: pytest.fail("read"))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.docx").write_text("mine")
    for out, sentence in {
        "full": "exists: choose another name or add --overwrite",
        "in": "are one folder",
        "in/more": "are one folder, or one is in the other",
        "out.csv": "is a table: name a folder or a .npz file for images",
        "no/out": "no does not exist: create this folder first",
    }.items():
        assert sentence in augment(digits, tmp_path / out, status=2).stderr
    result = augment(digits, tmp_path / "full", "--overwrite", status=2)
    assert "thesis.docx is no image of a class" in result.stderr


def test_a_full_disk_leaves_what_was_there(digits, tmp_path, monkeypatch):
    augment(digits, tmp_path / "out", "--rows", 2)
    before = files(tmp_path / "out")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    result = augment(digits, tmp_path / "out", "--overwrite", status=2)
    assert f"{tmp_path / 'out'}: No space left on device." in result.stderr
    assert files(tmp_path / "out") == before
    assert sorted(os.listdir(tmp_path)) == ["in", "out"]


def test_images_that_cannot_be_learnt_are_refused(digits, tmp_path):
    (digits / "digit 0" / "broken.png").write_bytes(b"GIF")
    assert "broken.png cannot be read" in augment(digits, tmp_path / "out", status=2).stderr
    big = ImageSet(np.zeros((4, 70, 70), dtype=np.uint8), np.array(list("aabb")))
    write_images(tmp_path / "big", big)
    for path in (tmp_path / "big").glob("*/*"):
        path.rename(path.with_name(path.name.replace("synthetic", "real")))
    assert "70 x 70 pixels: resize" in augment(tmp_path / "big", tmp_path / "out", status=2).stderr


def test_one_class_can_be_augmented_but_not_compared(tmp_path):
    one = write_digits(tmp_path / "in", {3: 6})
    augment(one, tmp_path / "out", "--rows", 2)
    assert len(files(tmp_path / "out")) == 8
    assert "has one class, 'digit 3'" in run("compare", one, status=2).stderr
    result = run("augment", one, "--out", tmp_path / "x", "--generator", "smote", status=2)
    assert "SMOTE needs two classes" in result.stderr


def test_tables_know_nothing_of_images(tmp_path):
    table = tmp_path / "in.csv"
    table.write_text("x,y\n1.5,a\n2.5,b\n3.5,a\n4.5,b\n")
    words = ("augment", table, "--target", "y", "--out", tmp_path / "out.csv")
    assert "--flip mirrors images" in run(*words, "--flip", status=2).stderr
    assert "classic makes images" in run(*words, "--generator", "classic", status=2).stderr
    assert "--flip mirrors images" in run("compare", table, "--flip", status=2).stderr
    assert "--target is missing" in run("compare", table, status=2).stderr
    assert "no does not exist" in run("augment", tmp_path / "no", *words[2:], status=2).stderr


def test_compare_measures_learners_of_images(digits, tmp_path):
    page, data = tmp_path / "r.html", tmp_path / "r.json"
    words = ("compare", digits, "--quick", "--learners", "knn", "--max-rows", 20)
    said = run(*words, "--report", page, "--json", data).output
    assert "nearest neighbours" in said and "classic" in said and "gan" in said
    content = json.loads(data.read_text())
    at = content["frame"]["columns"].index("augmenter")
    names = {row[at] for row in content["frame"]["rows"]}
    assert names == {"none", *CONTROLS, "classic", "gan"}
    reason = content["frame"]["columns"].index("reason")
    assert {row[reason] for row in content["frame"]["rows"]} <= {"", "does not apply"}
    assert "<html" in page.read_text(encoding="utf-8")


def test_compare_thins_many_images(tmp_path, monkeypatch):
    asked = {}

    def fake(learners, X, y, **options):
        asked.update(options, learners=list(learners), X=X, y=y)
        raise MemoryError  # far enough

    monkeypatch.setattr("gan_augment.evaluation.downstream.compare_augmentations", fake)
    digits = write_digits(tmp_path / "in", {0: 20, 1: 40})
    run("compare", digits, "--max-rows", 30, "--flip", status=70)
    assert asked["X"].shape == (30, 8, 8)
    assert pd.Series(asked["y"]).value_counts().to_dict() == {"digit 0": 10, "digit 1": 20}
    assert asked["learners"] == ["linear model", "random forest", "nearest neighbours"]
    assert list(asked["augmenters"]) == ["classic", "gan"]
    assert all(maker.flip for maker in asked["augmenters"].values())


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--target", "y"], "--target is for tables"),
        (["--ignore", "y"], "--ignore is for tables"),
        (["--learners", "magic"], "'magic' is unknown"),
    ],
)
def test_compare_says_in_one_sentence_what_is_wrong(digits, words, sentence):
    assert sentence in run("compare", digits, "--quick", *words, status=2).stderr


def test_compare_needs_labels_and_two_images_of_each(digits, tmp_path):
    np.savez(tmp_path / "x.npz", images=np.zeros((4, 8, 8), dtype=np.uint8))
    assert "has no labels to predict" in run("compare", tmp_path / "x.npz", status=2).stderr
    for path in sorted((digits / "digit 0").iterdir())[1:]:
        path.unlink()
    assert "one image of the class 'digit 0'" in run("compare", digits, status=2).stderr


@pytest.fixture
def measured(monkeypatch):
    """What the report was asked, in place of a report."""
    asked = {}

    def fake(real, synthetic, **options):
        asked.update(options, real=real, synthetic=synthetic)
        frame = pd.DataFrame(
            {"group": ["fidelity"], "name": ["c2st"], "by": [None], "value": [0.5], "low": [0.4]}
            | {"high": [0.6], "reference": [0.5], "verdict": ["good"]}
        )
        names = "to_frame notes verdict meets to_html to_json samples".split()
        return make_dataclass("Report", names)(
            samples=make_dataclass("Samples", ["files"])({}),
            to_frame=lambda: frame,
            notes=(),
            verdict="Good.",
            meets=lambda texts: [f"{text} fails" for text in texts],
            to_html=lambda path: path.write_text("page"),
            to_json=lambda path: path.write_text("{}"),
        )

    monkeypatch.setattr(quality, "quality_report", fake)
    return asked


def test_check_hands_over_images_and_labels(digits, tmp_path, measured):
    augment(digits, tmp_path / "out", "--rows", 4)
    fresh = write_digits(tmp_path / "fresh", {0: 3, 1: 2}, start=20)
    page = tmp_path / "q.html"
    words = ("check", digits, tmp_path / "out", "--report", page, "--seed", 3)
    said = run(*words, "--holdout", fresh).output
    assert [measured[name].shape for name in ("real", "synthetic", "holdout")] == [
        (20, 8, 8),
        (4, 8, 8),
        (5, 8, 8),
    ]
    assert [len(labels) for labels in measured["target"]] == [20, 4, 5]
    assert measured["target"][1].tolist() == ["digit 0"] * 2 + ["digit 1"] * 2
    assert measured["random_state"] == 3 and measured["privacy"] is True
    assert "24 images" in " ".join(said.split()) and "the 4 named" in " ".join(said.split())
    assert page.read_text() == "page"
    failed = run(*words, "--overwrite", "--require", "tstr>=0.9", status=1)
    assert "tstr>=0.9 fails" in failed.stderr and measured["holdout"] is None


def test_check_measures_without_labels_or_with_one_class(digits, tmp_path, measured):
    np.savez(tmp_path / "x.npz", images=np.zeros((4, 8, 8), dtype=np.uint8))
    run("check", digits, tmp_path / "x.npz")
    assert measured["target"] is None
    one = write_digits(tmp_path / "one", {3: 6})
    run("check", one, one)
    assert measured["target"] is None


def test_integers_are_labels_in_check(tmp_path, measured):
    np.savez(tmp_path / "x.npz", images=np.zeros((4, 8, 8), np.uint8), labels=[0, 1, 2, 3])
    run("check", tmp_path / "x.npz", tmp_path / "x.npz")
    assert measured["target"][0].tolist() == ["0", "1", "2", "3"]


def test_check_says_in_one_sentence_what_is_wrong(digits, tmp_path, measured):
    np.savez(tmp_path / "x.npz", images=np.zeros((4, 8, 8, 3), dtype=np.uint8))
    (tmp_path / "t.csv").write_text("x\n1\n")
    for words, sentence in (
        ((digits, tmp_path / "x.npz"), "has images of shape (8, 8, 3), but those of"),
        ((digits, tmp_path / "t.csv"), "is a table, but"),
        ((digits, tmp_path / "absent"), "does not exist"),
        ((digits, digits, "--target", "y"), "--target is for tables"),
        ((digits, digits, "--ignore", "y"), "--ignore is for tables"),
        ((digits, digits, "--sdmetrics"), "--sdmetrics is for tables"),
        ((digits, digits, "--require", "membership<=0.6"), "with --holdout"),
        ((digits, digits, "--require", "ks<=0.6"), "names no metric of images: use one of"),
        ((digits, digits, "--no-privacy", "--require", "near_copies<=0.1"), "drop --no-privacy"),
    ):
        assert sentence in run("check", *words, status=2).stderr
    assert not measured


def test_a_table_does_not_know_the_figures_of_images(tmp_path):
    pd.DataFrame({"x": range(20)}).to_csv(tmp_path / "t.csv")
    words = ("check", tmp_path / "t.csv", tmp_path / "t.csv", "--require", "fid<=1")
    assert "'fid' names no metric of tables: use one of c2st" in run(*words, status=2).stderr


@pytest.mark.parametrize("name", ["fid", "kid", "near_copies", "data_copying", "fid_learnt"])
def test_the_figures_of_images_can_be_required(digits, measured, name):
    run("check", digits, digits, "--require", f"{name}<=1", status=1)  # the fake meets none
    assert measured


def test_a_vae_is_saved_and_drawn_from(digits, tmp_path, monkeypatch):
    from gan_augment.generators.image.vae import ImageVAE

    brief = functools.partial(ImageVAE, n_steps=2)
    brief.from_data = ImageVAE.from_data
    monkeypatch.setattr("gan_augment.generators.image.vae.ImageVAE", brief)
    model = tmp_path / "vae.model"
    augment(digits, tmp_path / "out", "--generator", "vae", "--model", model, "--rows", 4)
    run("sample", model, "-n", 3, "--out", tmp_path / "new.npz")
    assert np.load(tmp_path / "new.npz")["images"].shape == (3, 8, 8)

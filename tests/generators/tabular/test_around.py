"""Rows that meet conditions, and rows of the caller whose gaps are filled."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.stats import ks_2samp

from gan_augment import GANAugmenter, TabularGAN
from gan_augment.exceptions import AugmentationWarning, InputError
from gan_augment.generators.tabular import around


def table(n=240, seed=0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 81, n),
            "income": rng.lognormal(3, 1, n).round(2),
            "sex": rng.choice(["F", "M"], n),
            "city": rng.choice(["Bonn", "Oslo", "Rome"], n),
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D"),
        }
    )
    frame.loc[rng.random(n) < 0.2, "income"] = np.nan
    return frame, np.where(frame["sex"] == "F", "a", "b")


@pytest.fixture(scope="module")
def gan():
    return TabularGAN(n_steps=10, random_state=0).fit(*table())


def test_all_rows_meet_what_is_asked_and_each_class_gets_its_rows(gan):
    where = {
        "age": (60, None),
        "city": ["Oslo", "Rome"],
        "since": ("2020-03-01", pd.Timestamp("2022-01-01")),
    }
    X, y = gan.sample(y=["a"] * 30 + ["b"] * 70, where=where)
    assert y.tolist() == ["a"] * 30 + ["b"] * 70
    assert X["age"].between(60, 80).all() and set(X["city"]) == {"Oslo", "Rome"}
    assert X["since"].between("2020-03-01", "2022-01-01").all()
    assert set(gan.sample(200)[0]["city"]) == {
        "Bonn",
        "Oslo",
        "Rome",
    }  # the generator is as before


def test_rows_under_a_common_condition_are_as_free_rows_that_meet_it(gan):
    X, y = gan.sample(4000, where={"age": (50, None), "city": ["Oslo", "Rome"]})
    free, y_free = gan.sample(16_000, random_state=1)
    met = free["age"].ge(50) & free["city"].ne("Bonn")
    free, y_free = free[met], y_free[met]
    assert ks_2samp(X["age"], free["age"]).pvalue > 1e-3
    assert ks_2samp(X["income"].fillna(-1), free["income"].fillna(-1)).pvalue > 1e-3
    assert ks_2samp(X["since"].astype("int64"), free["since"].astype("int64")).pvalue > 1e-3
    for label in "ab":
        shares = (
            rows[is_label == label]["city"].eq("Oslo")
            for rows, is_label in ((X, y), (free, y_free))
        )
        first, second = shares
        assert abs(first.mean() - second.mean()) < 4 * np.sqrt(
            0.25 / len(first) + 0.25 / len(second)
        )


def test_a_class_that_hardly_meets_a_condition_gets_its_rows(rng):
    label = np.repeat(["common", "rare"], [300, 100])
    frame = pd.DataFrame({"a": rng.random(400), "k": np.where(label == "rare", "x", "y")})
    frame.loc[:9, "k"] = "x"
    gan = TabularGAN(n_steps=2, random_state=0).fit(frame, label)
    X, y = gan.sample({"common": 70, "rare": 50}, where={"k": "x"})
    assert (y == "common").sum() == 70 and len(X) == 120 and set(X["k"]) == {"x"}


def test_fixed_cells_of_rare_rows_are_those_of_real_rows(gan, monkeypatch):
    monkeypatch.setattr(around, "MOST_DRAWN", 1)
    X, _ = gan.sample(3000, where={"age": (70, 75), "sex": "F"})
    real = table()[0].query("sex == 'F' and 70 <= age <= 75")["age"]
    assert set(X["age"]) == set(real)
    np.testing.assert_allclose(
        X["age"].value_counts(normalize=True).sort_index(),
        real.value_counts(normalize=True).sort_index(),
        atol=0.05,
    )


def test_a_range_where_no_row_was_seen_is_met_by_numbers_inside():
    frame = pd.DataFrame({"a": [0.0] * 30 + [10.0] * 30, "k": list("xyz") * 20})
    gan = TabularGAN(n_steps=2, random_state=0).fit(frame)
    X, _ = gan.sample(50, where={"a": (4.0, 6.0), "k": "x"})
    assert X["a"].between(4, 6).all() and set(X["k"]) == {"x"}


def test_chunks_meet_conditions_and_a_single_one_is_that_of_sample(gan):
    where = {"sex": "M"}
    chunks = list(gan.sample_iter(50, chunk_size=20, where=where, random_state=3))
    assert [len(X) for X, _ in chunks] == [20, 20, 10]
    assert all(set(X["sex"]) == {"M"} for X, _ in chunks)
    ((whole, _),) = gan.sample_iter(50, where=where, random_state=3)
    pd.testing.assert_frame_equal(whole, gan.sample(50, where=where, random_state=3)[0])


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"agee": 3}, "'agee', which is no column"),
        ({"age": (90, 95)}, "beyond 18 to 80"),
        ({"age": (50, 20)}, "empty range"),
        ({"age": "old"}, "no integer"),
        ({"age": (1, 2, 3)}, "pass a range"),
        ({"age": np.nan}, "missing"),
        ({"sex": "X"}, "'X', which was not seen"),
        ({"sex": []}, "no level"),
        ({"age": []}, "no number"),
        (["age"], "no dict"),
    ],
)
def test_what_cannot_be_met_is_refused_before_a_row_is_drawn(gan, where, words):
    with pytest.raises(InputError, match=words):
        gan.sample(5, where=where)
    with pytest.raises(InputError, match=words):
        gan.sample_iter(5, where=where)


@pytest.mark.parametrize("parameters", [{"n_steps": 0}, {"n_steps": 2, "locality": 1}])
def test_without_a_network_that_completes_rows_nothing_is_asked(parameters):
    gan = TabularGAN(random_state=0, **parameters).fit(*table(60))
    with pytest.raises(InputError, match="where needs a network"):
        gan.sample(3, where={"sex": "F"})
    with pytest.raises(InputError, match="complete needs a network"):
        gan.complete(table(60)[0])


@pytest.mark.parametrize("labelled", [True, False])
def test_missing_cells_are_filled_and_all_others_stay_bit_for_bit(gan, labelled):
    frame, y = table(80, seed=1)
    frame["age"] = frame["age"].clip(18, 80)
    gaps = np.random.default_rng(0).random(frame.shape) < 0.3
    holed = frame.mask(gaps)
    before = holed.copy()
    filled = gan.complete(holed, y if labelled else None)
    assert not filled.isna().any(axis=None)
    pd.testing.assert_frame_equal(holed, before)
    pd.testing.assert_frame_equal(filled.where(holed.notna()), holed)
    pd.testing.assert_frame_equal(filled, gan.complete(holed, y if labelled else None))
    assert filled["age"].between(18, 80).all() and set(filled["city"]) <= {"Bonn", "Oslo", "Rome"}


def test_a_gap_in_a_sum_is_what_its_other_columns_leave(rng):
    net, tax = rng.integers(1, 900, 80), rng.integers(1, 90, 80)
    frame = pd.DataFrame({"net": net, "tax": tax, "gross": net + tax})
    gan = TabularGAN(n_steps=2, random_state=0).fit(frame)
    for name in frame:
        filled = gan.complete(frame.assign(**{name: np.nan}))
        assert filled[name].tolist() == frame[name].tolist()


def test_filled_rows_whose_own_cells_contradict_a_relation_are_told_of(rng):
    net, tax = rng.integers(1, 900, 80), rng.integers(1, 90, 80)
    frame = pd.DataFrame({"net": net, "tax": tax, "gross": net + tax, "age": rng.random(80)})
    gan = TabularGAN(n_steps=2, random_state=0).fit(frame)
    holed = frame.assign(age=np.nan)
    holed.loc[3, "gross"] += 1
    with pytest.warns(AugmentationWarning, match="1 of them this"):
        filled = gan.complete(holed)
    assert filled["gross"].tolist() == holed["gross"].tolist() and filled["age"].notna().all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gan.complete(frame.assign(age=np.nan))


def test_rows_without_gaps_come_back_as_they_are_in_their_container(gan):
    frame, y = table(30)
    frame["income"] = frame["income"].fillna(20.0)
    pd.testing.assert_frame_equal(gan.complete(frame, y), frame)
    polars = pl.DataFrame({"a": [1.0, 2.0, None, 4.0] * 9, "b": ["x", "y", None] * 12})
    filled = TabularGAN(n_steps=2, random_state=0).fit(polars).complete(polars)
    assert isinstance(filled, pl.DataFrame) and filled.null_count().sum_horizontal().item() == 0
    array = np.random.default_rng(0).normal(size=(40, 3))
    gan = TabularGAN(n_steps=2, random_state=0).fit(array)
    array[3, 1] = np.nan
    filled = gan.complete(array)
    assert np.isfinite(filled).all() and (filled == array).sum() == array.size - 1


def test_a_known_numeric_target_is_told(rng):
    y = rng.normal(size=300)
    frame = pd.DataFrame({"x": np.where(y > 0, "high", "low"), "z": rng.normal(size=300)})
    gan = TabularGAN(n_steps=150, random_state=0).fit(frame, y)
    filled = gan.complete(frame.assign(x=None), y)
    assert (filled["x"] == frame["x"]).mean() > 0.85


def test_an_augmenter_asks_its_generator(gan):
    frame, y = table(60)
    augmenter = GANAugmenter(TabularGAN(n_steps=2, random_state=0), random_state=0).fit(frame, y)
    X, _ = augmenter.sample(20, where={"city": "Rome"})
    assert set(X["city"]) == {"Rome"}
    assert not augmenter.complete(frame, y).isna().any(axis=None)


def test_rounds_are_read_when_rows_are_drawn(rng):
    one = rng.integers(0, 3, 400)
    other = np.where(rng.random(400) < 0.1, rng.integers(0, 3, 400), one)
    frame = pd.DataFrame({"one": one, "other": other}).astype(str)
    gan = TabularGAN(locality=0, n_steps=100, random_state=0).fit(frame)

    def agreement(rounds):
        X, _ = gan.set_params(rounds=rounds).sample(2000)
        return (X["one"] == X["other"]).mean()

    assert abs(agreement(1) - 1 / 3) < 0.05
    assert abs(agreement("auto") - (one == other).mean()) < 0.08
    with pytest.raises(InputError, match="rounds"):
        gan.set_params(rounds=0).sample(5)

"""Columns that others give up to rounding are found, whatever the factors, and computed."""

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_augment import TabularGAN, load
from gan_augment.encoding.relations.equations import simplest
from gan_augment.encoding.relations.find import find_relations
from gan_augment.encoding.relations.formula import Computed
from gan_augment.encoding.schema import Schema
from gan_augment.encoding.table import TableCodec


def parts(rng, n):
    start = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 300, n), "D")
    return pd.DataFrame(
        {
            "count": rng.integers(1, 20, n),
            "price": rng.gamma(3, 9, n).round(2) + 1,
            "off": rng.choice([0.0, 0.1, 0.25], n),
            "height": rng.normal(1.7, 0.1, n).round(2),
            "weight": rng.normal(70, 12, n).round(1),
            "start": start,
            "end": start + pd.to_timedelta(rng.integers(0, 50 * 24, n), "h"),
        }
    )


# each target as the rows have it, how many decimals it has, and what it is made of
EQUATIONS = {
    "amount": (lambda f: f["count"] * f["price"], 2, ["count", "price"]),
    "tax": (lambda f: 0.19 * f["price"], 2, ["price"]),
    "net": (lambda f: f["price"] * (1 - f["off"]), 2, ["price", "off"]),
    "bmi": (lambda f: f["weight"] / f["height"] ** 2, 1, ["weight", "height"]),
    "pounds": (lambda f: 2.20462 * f["weight"], 1, ["weight"]),
    "degrees": (lambda f: 32 + 9 / 5 * f["weight"], 2, ["weight"]),
    "points": (lambda f: 3 * f["count"] + f["weight"], 1, ["count", "weight"]),
    "mean": (
        lambda f: (f["count"] + f["price"] + f["weight"]) / 3,
        2,
        ["count", "price", "weight"],
    ),
    "hours": (lambda f: (f["end"] - f["start"]).dt.total_seconds() / 3600, 1, ["start", "end"]),
    "days": (lambda f: (f["end"] - f["start"]).dt.days, 0, ["start", "end"]),
    # from a day that all rows share
    "epoch": (lambda f: (f["end"] - pd.Timestamp(0)).dt.total_seconds(), 0, ["end"]),
    "serial": (lambda f: (f["end"] - pd.Timestamp("1899-12-30")) / pd.Timedelta("1D"), 4, ["end"]),
    "since": (lambda f: (f["end"] - pd.Timestamp("2025-06-30 08:30")).dt.days, 0, ["end"]),
    "ago": (lambda f: (pd.Timestamp("2027-01-01 12:00") - f["end"]).dt.days, 0, ["end"]),
}


def table(name, n, seed=0):
    make, decimals, used = EQUATIONS[name]
    frame = parts(np.random.default_rng(seed), n)[used]
    return frame.assign(**{name: make(frame).round(decimals)})


def off(name, frame):
    """By how much new rows are off, in units of the last decimal, but at the ends seen."""
    make, decimals, _ = EQUATIONS[name]
    return (frame[name] - make(frame)).abs() * 10.0**decimals


@pytest.mark.parametrize("n", [60, 400])
@pytest.mark.parametrize("name", EQUATIONS)
def test_new_rows_meet_the_equation(name, n):
    frame = table(name, n)
    gan = TabularGAN(n_steps=0, random_state=0).fit(frame)
    assert [r.kind for r in gan.relations_ if name in r.columns] == ["formula"]
    assert (off(name, gan.sample(300)[0]) <= 0.51).mean() > 0.99
    assert not any(relation.broken(frame).any() for relation in gan.relations_)


def test_missing_cells_stay_missing_and_a_model_file_holds_it(tmp_path):
    frame = table("amount", 300).astype({"count": float})
    frame.loc[::9, "amount"], frame.loc[1::8, "count"] = np.nan, np.nan
    gan = TabularGAN(n_steps=0, random_state=0).fit(frame)
    gan.save(tmp_path / "model")
    made = load(tmp_path / "model").sample(300)[0]
    pd.testing.assert_frame_equal(made, gan.sample(300)[0])
    assert 0.05 < made["amount"].isna().mean() < 0.2 and 0.05 < made["count"].isna().mean() < 0.2
    assert (off("amount", made).dropna() <= 0.51).all()


def test_whole_years_of_months_are_not_rounded_up(rng):
    frame = pd.DataFrame({"months": rng.integers(0, 900, 500)})
    frame["years"] = frame["months"] // 12
    codec = TableCodec().fit(frame)
    made = codec.decode(encoded_noise(codec, 500, rng))[0]
    assert (made["years"] == made["months"] // 12).all()


def test_a_duration_is_what_lies_between_two_dates():
    frame = parts(np.random.default_rng(0), 200)[["start", "end"]].astype("datetime64[s]")
    frame["took"] = frame["end"] - frame["start"]
    codec = TableCodec().fit(frame)
    made = codec.decode(encoded_noise(codec, 300, np.random.default_rng(0)))[0]
    assert (made["took"] == made["end"] - made["start"]).mean() > 0.98


@settings(deadline=None, max_examples=6)
@given(st.integers(0, 2**32), st.sampled_from([0.19, 7.0, 1.8, -2.5]), st.floats(-50, 50))
def test_any_sum_with_factors_comes_back(seed, factor, constant):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"a": rng.gamma(3, 9, 200).round(2), "b": rng.normal(0, 30, 200).round(1)}
    )
    frame["t"] = (factor * frame["a"] + 1.5 * frame["b"] + round(constant, 1)).round(3)
    relations = find_relations(frame, Schema.infer(frame))
    assert [set(relation.columns) for relation in relations] == [{"a", "b", "t"}]
    assert not relations[0].broken(frame).any()


@pytest.mark.parametrize("name", EQUATIONS)
def test_shuffled_columns_meet_none(name):
    frame, rng = table(name, 200), np.random.default_rng(0)
    mixed = frame.apply(lambda column: column.iloc[rng.permutation(len(column))].array)
    assert find_relations(mixed, Schema.infer(mixed), [Computed]) == []


def test_odd_names_and_columns_that_hardly_vary_are_no_trouble():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.gamma(2, 2, (200, 3)).round(2), columns=[0, "class", "\ufb01x"])
    frame["sum of all"] = (frame[0] * 3 + frame["class"] + frame["\ufb01x"]).round(2)
    frame["`"], frame["n" * 900], frame["rare"] = rng.normal(size=(3, 200))
    frame["rare"] = np.where(rng.random(200) < 0.01, 7, 0)
    frame.loc[[0, 1], "rare"] = 1, 2
    (relation,) = find_relations(frame, Schema.infer(frame))
    assert relation.columns == (0, "class", "\ufb01x", "sum of all")
    assert not relation.broken(frame).any()


@given(st.floats(-1e6, 1e6), st.floats(1e-9, 10))
def test_the_shortest_number_lies_in_the_range(low, width):
    above, _, below = simplest(low, low + width).partition(" / ")
    number = float(above) / float(below or 1)
    assert low - 1e-9 * abs(low) <= number <= low + width + 1e-9 * abs(low)


def test_a_tax_follows_its_net_price_where_their_sum_is_there_too(rng):
    net = rng.lognormal(4, 1, 500).round(2)
    frame = pd.DataFrame({"net": net, "tax": (net * 0.19).round(2)})
    frame["gross"] = (frame["net"] + frame["tax"]).round(2)
    found = find_relations(frame, Schema.infer(frame))
    assert {*map(str, found)} == {"'gross' is 'net' + 'tax'", "'tax' is 0.19 * net"}

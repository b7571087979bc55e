"""What the caller declares is checked against real rows, and kept in new ones."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_augment import (
    FixedCombinations,
    FixedIncrements,
    Formula,
    Inequality,
    OneHotEncoding,
    Range,
    Sum,
    TabularGAN,
    load,
)
from gan_augment.encoding.relations.declared import as_constraint
from gan_augment.encoding.table import TableCodec
from gan_augment.exceptions import InputError


def bars(rng, n=60):
    low = rng.gamma(3, 3, n).round(2)
    high = (low + rng.gamma(2, 1, n)).round(2)
    close = (low + (high - low) * rng.random(n)).round(2)
    frame = pd.DataFrame({"high": high, "low": low, "close": close, "n": rng.integers(1, 9, n)})
    frame["worth"] = (frame["close"] * frame["n"] * 2 + 1).round(2)
    frame["city"] = rng.choice(["Oslo", "Bonn", "Bergen"], n)
    frame["land"] = frame["city"].map({"Oslo": "N", "Bergen": "N", "Bonn": "D"})
    frame["step"] = rng.integers(4, 20, n) * 0.25
    red = rng.random(n) < 0.5
    frame["red"], frame["blue"] = red * 1, ~red * 1
    frame["a"] = rng.integers(0, 101, n) / 100
    frame["b"] = (1 - frame["a"]).round(2)
    return frame


def holds(frame, tolerance=0.006):
    """Shares of rows in which each rule holds."""
    worth = frame["close"] * frame["n"] * 2 + 1
    pairs = {("Oslo", "N"), ("Bergen", "N"), ("Bonn", "D")}
    at_end = frame["worth"].isin([frame["worth"].min(), frame["worth"].max()])
    return {
        "Inequality": (frame["low"] <= frame["high"]).mean(),
        "Range": ((frame["low"] <= frame["close"]) & (frame["close"] <= frame["high"])).mean(),
        "Formula": (((frame["worth"] - worth).abs() <= tolerance) | at_end).mean(),
        "FixedCombinations": frame[["city", "land"]].apply(tuple, axis=1).isin(pairs).mean(),
        "FixedIncrements": (frame["step"] % 0.25 == 0).mean(),
        "OneHotEncoding": (frame["red"] + frame["blue"] == 1).mean(),
        "Sum": ((frame["a"] + frame["b"] - 1).abs() < 1e-9).mean(),
    }


RULES = [
    Inequality("low", "high"),
    Range("low", "close", "high"),
    Formula("worth", "close * n * 2 + 1"),
    FixedCombinations(["city", "land"]),
    FixedIncrements("step", 0.25),
    OneHotEncoding(["red", "blue"]),
    Sum(["a", "b"], 1),
]


def made_of(frame, rules, n=500):
    codec = TableCodec(constraints=rules).fit(frame)
    back = codec.decode(codec.encode(frame))[0]
    pd.testing.assert_frame_equal(back, frame, atol=0.011)
    return codec, codec.decode(encoded_noise(codec, n, np.random.default_rng(0)))[0]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
def test_each_rule_is_kept_with_too_few_rows_to_find_it(rng, rule):
    codec, made = made_of(bars(rng, 15), [rule])
    assert holds(made)[type(rule).__name__] == 1
    for relation in codec.relations_:
        assert not relation.broken(made).any() or relation.kind == "formula"


def test_all_rules_together_are_kept_and_saved(rng, tmp_path):
    gan = TabularGAN(constraints=RULES, n_steps=0, random_state=0).fit(bars(rng))
    assert set(holds(gan.sample(300)[0]).values()) == {1}
    gan.save(tmp_path / "gan.zip")
    again = load(tmp_path / "gan.zip")
    assert list(map(str, again.relations_)) == list(map(str, gan.relations_))
    pd.testing.assert_frame_equal(
        again.sample(50, random_state=1)[0], gan.sample(50, random_state=1)[0]
    )


BROKEN = [
    (Inequality("high", "low"), "is broken by"),
    (Inequality("low", "high", strict=True), None),
    (Range(0, "close", 1.5), r"is broken by \d+ of 60 real rows, the first"),
    (Range(0, "close", None), None),
    (Range("close", "low", "high"), "is broken by"),
    (Formula("worth", "close * n"), "is broken by"),
    (Formula("worth", "close ** n"), "cannot be read"),
    (Formula("worth", "open('x')"), "cannot be read"),
    (Formula("worth", "worth + n"), "from itself"),
    (Formula("worth", "city + n"), "holds no numbers"),
    (FixedCombinations(["city"]), "two columns"),
    (FixedIncrements("step", 0.5), r"is broken by \d+ of 60 real rows, the first"),
    (FixedIncrements("step", 0), "above 0"),
    (FixedIncrements("step", float("nan")), "above 0"),
    (Range(pd.Timestamp("2020"), "close", None), "neither a number, a date nor"),
    (Range(float("nan"), "close", None), "neither a number, a date nor"),
    (Formula("worth", "close / 0"), "gives no number in 60 of 60"),
    (OneHotEncoding(["red", "n"]), "two values"),
    (Sum(["a", "b"], 2), "is broken by"),
    (Sum(["a", "nowhere"], 2), "not a column"),
    (Inequality("city", "low"), "no numbers"),
    ("low < high", "unknown"),
]


@pytest.mark.parametrize(("rule", "problem"), BROKEN)
def test_what_real_rows_break_is_refused_with_their_number(rng, rule, problem):
    codec = TableCodec(constraints=[rule])
    if problem is None:
        codec.fit(bars(rng))
        return
    with pytest.raises(InputError, match=problem) as caught:
        codec.fit(bars(rng))
    assert caught.value.argument in ("constraints", "formula")


@pytest.mark.parametrize("rules", [Inequality("low", "high"), "low < high", {"a": 1}, 3])
def test_what_is_no_list_of_rules_is_refused(rng, rules):
    with pytest.raises(InputError) as refusal:
        TableCodec(constraints=rules).fit(bars(rng))
    assert refusal.value.argument == "constraints"


def test_exceptions_may_be_allowed(rng):
    frame = bars(rng, 100)
    frame.loc[7, "low"] = frame.loc[7, "high"] + 1
    frame.loc[8, "b"] = 0.99 if frame.loc[8, "a"] > 0.5 else 0.0
    for rule in (Inequality("low", "high"), Sum(["a", "b"], 1)):
        with pytest.raises(InputError, match="broken by 1 of 100 real rows, the first"):
            TableCodec(constraints=[rule]).fit(frame)
    rules = [Inequality("low", "high", allow_exceptions=True), Sum(["a", "b"], 1, True)]
    codec = TableCodec(constraints=rules).fit(frame)
    made = codec.decode(encoded_noise(codec, 500, np.random.default_rng(0)))[0]
    assert holds(made)["Inequality"] == holds(made)["Sum"] == 1
    assert sorted(r.exceptions for r in codec.relations_)[-2:] == [0.01, 0.01]


def test_dicts_of_sdv_are_read(rng):
    order = {"low_column_name": "low", "high_column_name": "high"}
    rules = [
        {"constraint_class": "Inequality", "constraint_parameters": order},
        {"constraint_class": "FixedCombinations",
         "constraint_parameters": {"column_names": ["city", "land"]}},
    ]  # fmt: skip
    assert holds(made_of(bars(rng, 15), rules)[1])["Inequality"] == 1
    rules[0]["constraint_parameters"] = {"low_column_name": "low"}
    with pytest.raises(InputError, match="high_column_name"):
        TableCodec(constraints=rules).fit(bars(rng))


SDV = [
    ("Positive", {"column_name": "close"}, Range(0, "close", None)),
    ("Negative", {"column_name": "n", "strict_boundaries": True}, Range(None, "n", 0, True)),
    (
        "ScalarInequality",
        {"column_name": "n", "relation": "<", "value": 9},
        Range(None, "n", 9, True),
    ),
    ("ScalarRange", {"column_name": "n", "low_value": 1, "high_value": 9}, Range(1, "n", 9)),
    ("FixedIncrements", {"column_name": "n", "increment_value": 5}, FixedIncrements("n", 5)),
    ("OneHotEncoding", {"column_names": ["red", "blue"]}, OneHotEncoding(["red", "blue"])),
]


@pytest.mark.parametrize(("kind", "given", "rule"), SDV)
def test_each_rule_of_sdv_is_one_of_ours(kind, given, rule):
    described = {"constraint_class": kind, "table_name": "t", "constraint_parameters": given}
    assert as_constraint(described) == rule
    assert as_constraint({"constraint": f"sdv.constraints.tabular.{kind}", **given}) == rule


def test_objects_of_sdv_are_read():
    cag = pytest.importorskip("sdv.cag")
    assert as_constraint(cag.Inequality("a", "b")) == Inequality("a", "b")
    assert as_constraint(cag.Range("a", "b", "c")) == Range("a", "b", "c", strict=True)
    assert as_constraint(cag.FixedCombinations(["a", "b"])) == FixedCombinations(["a", "b"])
    assert as_constraint(cag.FixedIncrements("a", 5)) == FixedIncrements("a", 5)


def test_ends_and_steps_that_real_rows_break_hold_in_new_ones(rng, tmp_path):
    day = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 400, 300), "D")
    frame = pd.DataFrame({"day": day, "age": rng.integers(0, 99, 300), "x": rng.normal(size=300)})
    frame["size"] = (rng.integers(1, 40, 300) / 4 + (rng.random(300) < 0.1) * 0.01).round(2)
    frame["day"], frame["size"] = (frame[n].mask(rng.random(300) < 0.1) for n in ("day", "size"))
    rules = [
        Range("2026-02-01", "day", pd.Timestamp("2026-12-31")),
        Range(18, "age", None, strict=True),
        FixedIncrements("size", 0.25),
    ]
    for rule in rules:
        with pytest.raises(InputError, match="of 300 real rows, the first of them row"):
            TableCodec(constraints=[rule]).fit(frame)
    rules = [replace(rule, allow_exceptions=True) for rule in rules]
    gan = TabularGAN(constraints=rules, n_steps=0, random_state=0).fit(frame)
    gan.save(tmp_path / "a.model")
    told = [
        "'day' is from 2026-02-01 00:00:00 to 2026-12-31 00:00:00",
        "'age' is from 19 to 98",
        "'size' is a multiple of 0.25",
    ]
    for fitted in (gan, load(tmp_path / "a.model")):
        assert [relation.words() for relation in fitted.relations_] == told
        new = fitted.sample(500)[0]
        assert new["day"].dropna().between("2026-02-01", "2026-12-31").all()
        assert new["age"].between(19, 98).all() and (new["size"].dropna() % 0.25 == 0).all()
        assert new["day"].isna().any() and new["size"].isna().any()


def test_integers_name_columns_where_there_are_some():
    rng = np.random.default_rng(0)
    parts = rng.gamma(2, 5, (200, 2)).round(2)
    X = np.column_stack([parts, parts.sum(axis=1), parts.sum(axis=1) * 2]).round(2)
    rules = [Sum([0, 1], 2), Formula(3, "2 * `2`"), Range(1, 2, 3)]
    gan = TabularGAN(constraints=rules, n_steps=0, random_state=0).fit(X)
    new = gan.sample(300)[0]
    np.testing.assert_allclose(new[:, 0] + new[:, 1], new[:, 2], atol=0.006)
    np.testing.assert_allclose(2 * new[:, 2], new[:, 3], atol=0.006)
    with pytest.raises(InputError, match="is broken by 200 of 200 real rows"):
        TabularGAN(constraints=[Sum([0, 1], 2.0)]).fit(X)


def test_a_range_may_have_a_column_at_one_end_and_dates_may_be_in_formulas(rng):
    start = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 9000, 300), "min")
    minutes = rng.integers(1, 90, 300)
    frame = pd.DataFrame({"start": start, "end": start + pd.to_timedelta(minutes, "min")})
    frame["minutes"] = minutes
    rules = [Range("start", "end", "2026-03-01"), Formula("minutes", "(end - start) / 60")]
    new = TabularGAN(constraints=rules, n_steps=0, random_state=0).fit(frame).sample(300)[0]
    assert (new["end"] >= new["start"]).all() and (new["end"] < "2026-03-01").all()
    spent = (new["end"] - new["start"]).dt.total_seconds() / 60
    assert (new["minutes"] == spent.clip(minutes.min(), minutes.max())).all()
    rules[0] = Range("start", "end", "2026-01-02")
    with pytest.raises(InputError, match="of 300 real rows"):
        TabularGAN(constraints=rules).fit(frame)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 2**32), st.integers(1, 4), st.sampled_from([0, 0.1]))
def test_any_combinations_are_kept(seed, width, missing):
    rng = np.random.default_rng(seed)
    some = rng.integers(0, 4, (12, width + 1))
    frame = pd.DataFrame(some[rng.integers(0, 12, 80)]).add_prefix("c")
    frame["c0"] = frame["c0"].map("abcd".__getitem__).mask(rng.random(80) < missing)
    _, made = made_of(frame.assign(x=rng.normal(size=80)), [FixedCombinations(list(frame))])
    seen = set(map(tuple, frame.astype(str).to_numpy()))
    assert set(map(tuple, made[frame.columns].astype(str).to_numpy())) <= seen

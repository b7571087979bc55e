"""Columns that another column decides are found, and are right in every decoded row."""

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_augment.encoding.relations.find import find_relations
from gan_augment.encoding.relations.look_up import LookUp
from gan_augment.encoding.schema import Schema
from gan_augment.encoding.table import TableCodec
from gan_augment.exceptions import InputError

BOROUGHS = {"Soho": "A", "Harlem": "A", "Astoria": "B", "Flushing": "B", "Tottenville": "C"}


def towns(rng, n=300):
    zone = rng.choice(list(BOROUGHS), n)
    return pd.DataFrame(
        {"borough": pd.Series(zone).map(BOROUGHS), "zone": zone, "fare": rng.normal(size=n)}
    )


def relations(frame, **kinds):
    return find_relations(frame, Schema.infer(frame, kinds), [LookUp])


def found(frame, **kinds):
    """What decides each decided column, by name."""
    return {
        part.column.name: relation.decider
        for relation in relations(frame, **kinds)
        for part in relation.decided
    }


def decoded(frame, rng, n=2000):
    codec = TableCodec().fit(frame)
    return codec.decode(encoded_noise(codec, n, rng))[0]


def pairs(frame, *names):
    return set(
        frame[list(names)].astype(object).where(frame.notna(), "missing").agg(tuple, axis=1)
    )


def test_the_finer_column_decides_the_coarser(rng):
    assert found(towns(rng)) == {"borough": "zone"}


def test_of_two_names_for_the_same_thing_one_is_learnt(rng):
    frame = towns(rng).drop(columns="borough")
    frame["code"] = frame["zone"].map({zone: i for i, zone in enumerate(BOROUGHS)})
    assert found(frame) == {"code": "zone"}
    frame["code"] = frame["code"].astype(str)
    assert len(found(frame)) == 1
    assert pairs(decoded(frame, rng), "zone", "code") == pairs(frame, "zone", "code")


def test_in_a_chain_the_finest_decides_all(rng):
    frame = towns(rng)
    frame["coast"] = frame["borough"] == "A"
    assert found(frame) == {"borough": "zone", "coast": "zone"}
    made = decoded(frame, rng)
    assert pairs(made, "zone", "borough", "coast") == pairs(frame, "zone", "borough", "coast")


def test_every_decided_column_hangs_on_one_that_is_learnt(rng):
    frame = towns(rng)
    frame["copy"], frame["again"] = frame["zone"].str.upper(), frame["zone"].str.lower()
    decided = found(frame)
    assert len(decided) == 3
    assert not set(decided) & set(decided.values())


def test_numbers_decide_and_are_decided(rng):
    frame = towns(rng).drop(columns="borough")
    frame["fare"] = frame["zone"].map(len) * 2.5
    assert found(frame) == {"fare": "zone"}
    frame = pd.DataFrame({"month": rng.integers(1, 13, 300), "x": rng.normal(size=300)})
    frame["quarter"] = (frame["month"] + 2) // 3
    assert found(frame) == {"quarter": "month"}
    frame["month"] /= 4
    assert found(frame) == {"quarter": "month"}


def test_numbers_that_decide_are_those_seen(rng):
    zone = rng.choice([3, 8, 40, 41, 200], 400)
    frame = pd.DataFrame({"zone": zone, "borough": np.where(zone % 2, "odd", "even")})
    frame["x"] = zone + rng.normal(size=400)
    made = decoded(frame, rng)
    assert pairs(made, "zone", "borough") == pairs(frame, "zone", "borough")
    assert made["zone"].dtype == frame["zone"].dtype


def test_cells_missing_at_random_change_no_pair(rng):
    frame = towns(rng, 600)
    real = pairs(frame, "zone", "borough")
    frame.loc[::50, "zone"] = None
    frame.loc[5, "borough"] = None
    (relation,) = relations(frame)
    assert relation.exceptions == 0 and relation.decided[0].is_learnt
    made = decoded(frame, rng)
    known = made.dropna(subset=["zone", "borough"])
    assert pairs(known, "zone", "borough") == real
    assert made.loc[made["zone"].isna(), "borough"].nunique() == 3
    assert not relation.broken(made).any()


def test_months_of_another_table_that_break_it_are_named(rng):
    frame = pd.DataFrame({"month": rng.integers(1, 13, 300)})
    frame["quarter"] = (frame["month"] + 2) // 3
    (relation,) = relations(frame)
    other = frame.head(4).assign(month=[1, 2, 4, 99], quarter=[1, 2, 2, 3])
    assert relation.broken(other).tolist() == [False, True, False, False]
    assert str(relation) == "'month' decides 'quarter'"


@pytest.mark.parametrize("seed", range(20))
def test_independent_columns_are_never_taken_for_dependent(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 20, size=6)
    frame = pd.DataFrame(
        {f"c{i}": rng.integers(0, k, 250).astype(str) for i, k in enumerate(sizes)}
    )
    frame["rare"] = np.arange(250) == rng.integers(250)
    assert found(frame) == {}


def test_a_rare_exception_is_said_and_not_made_again(rng):
    frame = towns(rng, 5000)
    real = pairs(frame, "zone", "borough")
    frame.loc[4321, "borough"] = "B" if frame.loc[4321, "borough"] == "A" else "A"
    (relation,) = relations(frame)
    assert relation.exceptions == 1 / 5000
    assert str(relation) == "'zone' decides 'borough' (but in 0.02% of the rows)"
    assert pairs(decoded(frame, rng), "zone", "borough") == real


def test_exceptions_that_are_not_rare_are_learnt(rng):
    frame = towns(rng, 1000)
    frame.loc[:9, "borough"] = rng.permutation(frame["borough"])[:10]
    assert found(frame) == {}


def test_too_few_rows_prove_nothing(rng):
    assert found(towns(rng, 15)) == {}
    assert found(towns(rng, 60)) == {"borough": "zone"}


def test_text_decides_with_few_rows_a_level_and_numbers_do_not(rng):
    frame = pd.DataFrame({"key": np.arange(300) // 3})
    frame["side"] = (rng.random(100) < 0.5)[frame["key"]]
    assert found(frame) == {}
    assert found(frame.assign(key=frame["key"].astype(str))) == {"side": "key"}


def test_columns_that_are_not_learnt_take_no_part(rng):
    frame = towns(rng).assign(one="x", left=lambda frame: frame["zone"])
    assert found(frame, left="ignore") == {"borough": "zone"}


KINDS = {
    "text": lambda n: BOROUGHS["Soho"] * (n + 1),
    "string": lambda n: f"s{n}",
    "Int64": lambda n: 2**60 + n,
    "float32": lambda n: n / 10,
    "boolean": lambda n: n % 2 == 0,
    "datetime": lambda n: pd.Timestamp("2020-02-29") + pd.Timedelta(n, "D"),
    "category": lambda n: f"level {n}",
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_decided_column_is_right_in_every_row_with_missing_as_a_level(rng, kind):
    frame = towns(rng, 400)[["zone"]]
    names = list(BOROUGHS)
    table = {zone: KINDS[kind](i // 2) for i, zone in enumerate(names)}
    cells = frame["zone"].map({**table, names[1]: None})
    dtype = {"text": object, "datetime": "datetime64[ns]"}.get(kind, kind)
    frame["it"] = pd.Series(cells.tolist(), dtype=dtype)
    frame.loc[frame["zone"] == names[2], "zone"] = None  # a missing decider decides too
    assert not relations(frame)[0].learns
    assert found(frame) == {"it": "zone"}
    made = decoded(frame, rng)
    assert made["it"].dtype == frame["it"].dtype
    assert pairs(made, "zone", "it") == pairs(frame, "zone", "it")


def test_a_decided_column_takes_no_width_and_returns_exactly(rng):
    frame = towns(rng)
    codec = TableCodec().fit(frame)
    assert codec.width_ == len(BOROUGHS) + 1
    pd.testing.assert_frame_equal(codec.decode(codec.encode(frame))[0], frame)


def test_words_that_differ_behind_a_nul_are_two_levels(rng):
    word = np.array([["a", "a\x00", "b"][i] for i in rng.integers(0, 3, 300)], dtype=object)
    frame = pd.DataFrame({"word": word, "code": [len(w) for w in word], "x": rng.normal(size=300)})
    assert found(frame) == {"code": "word"}
    assert set(decoded(frame, rng)["word"]) == {"a", "a\x00", "b"}


PARTS = {
    "weekday": lambda dates: dates.dt.day_name(),
    "month": lambda dates: dates.dt.month,
    "hour": lambda dates: dates.dt.hour.map(lambda hour: "day" if 6 <= hour < 22 else "night"),
    "quarter": lambda dates: (dates.dt.quarter / 2).astype("float32"),
    "year and month": lambda dates: dates.dt.strftime("%y-%m"),
}


@pytest.mark.parametrize("zone", [None, "Asia/Tokyo"])
@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_a_date_decides(rng, part, zone):
    date = pd.Timestamp("2023-03-01") + pd.to_timedelta(rng.integers(0, 6 * 10**7, 500), "s")
    frame = pd.DataFrame({"date": date.tz_localize(zone), "x": rng.normal(size=500)})
    frame["part"] = PARTS[part](frame["date"])
    codec = TableCodec().fit(frame)
    (relation,) = codec.relations_
    assert str(relation) == f"the {part} of 'date' decides 'part'"
    made = codec.decode(encoded_noise(codec, 500, rng))[0]
    assert (made["part"] == PARTS[part](made["date"])).all()
    assert not set(made["date"]) <= set(frame["date"])
    again = TableCodec.from_arrays(codec.schema_, codec.relations_to_plain(), codec.arrays())
    rows = encoded_noise(codec, 50, rng)
    pd.testing.assert_frame_equal(again.decode(rows)[0], codec.decode(rows)[0])
    wrong = made.assign(part=made["part"].sample(frac=1, random_state=0).to_numpy())
    assert relation.broken(wrong).mean() > 0.3 and not relation.broken(made).any()


LOOK_UP = {"decider": [1], "decided": [0], "learnt": [False], "moves": False, "exceptions": 0.0}


@pytest.mark.parametrize(
    "change",
    [
        {"decider": [0]}, {"decider": [2]}, {"decider": []}, {"decided": []}, {"learnt": []},
        {"learnt": [0]}, {"moves": True}, {"decided": [7]}, {"exceptions": -1},
        {"kind": "date part", "part": "month"},
    ],
)  # fmt: skip
def test_what_no_fit_learns_is_refused(rng, change):
    codec = TableCodec().fit(towns(rng))
    (facts,) = codec.relations_to_plain()
    assert facts == LOOK_UP | {"kind": "look-up"}
    with pytest.raises(InputError):
        TableCodec.from_arrays(codec.schema_, [facts | change], codec.arrays())


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("levels", lambda a: a[::-1]), ("levels", lambda a: a + 9), ("levels", lambda a: a[:0]),
        ("values0", lambda a: a + 9), ("values0", lambda a: a[:-1]), ("values0", lambda a: a - 9),
        ("missing0", lambda a: ~a), ("missing0", lambda a: a.astype("int64")),
    ],
)  # fmt: skip
def test_tables_that_no_fit_learns_are_refused(rng, name, change):
    codec = TableCodec().fit(towns(rng))
    arrays = codec.arrays()
    arrays[f"relation0/{name}"] = change(arrays[f"relation0/{name}"])
    with pytest.raises(InputError):
        TableCodec.from_arrays(codec.schema_, codec.relations_to_plain(), arrays)


@settings(deadline=None, max_examples=15)
@given(
    st.integers(0, 2**32),
    st.integers(3, 25),
    st.integers(2, 6),
    st.sampled_from(["text", "integers", "floats", "dates", "categories"]),
    st.sampled_from([0, 0.02, 0.2]),
)
def test_whatever_decides_is_found_and_decides(seed, n_levels, n_values, kind, missing):
    rng = np.random.default_rng(seed)
    level = rng.integers(0, n_levels, 800)
    value = np.concatenate([np.arange(n_values), rng.integers(0, n_values, n_levels)])[level]
    name = pd.Series(level)
    name = {
        "text": lambda: "level " + name.astype(str),
        "integers": lambda: (name * 37 + 5).astype("Int64"),
        "floats": lambda: name / 4,
        "dates": lambda: pd.Timestamp("2024-02-01") + pd.to_timedelta(name * 11, "D"),
        "categories": lambda: name.astype("category"),
    }[kind]()
    frame = pd.DataFrame({"value": "v" + pd.Series(value).astype(str), "x": rng.normal(size=800)})
    frame["by"] = name.mask(rng.random(800) < missing)
    if frame["value"].value_counts().iloc[1:].sum() < 60:
        return  # too little varies to be told from chance
    assert found(frame) in ({"value": "by"}, {"by": "value"})
    real = pairs(frame.dropna(), "value", "by")
    made = decoded(frame, rng, 400)
    assert pairs(made.dropna(), "value", "by") <= real
    assert made["by"].isna().any() == frame["by"].isna().any()


def test_levels_of_one_row_are_no_evidence(rng):
    total = rng.gamma(3, 5, 3000).round(1)
    counts = pd.Series(total).groupby(total).transform("size")
    tax = np.where((counts == 1) & (rng.random(3000) < 0.9), 0.0, 0.5)
    frame = pd.DataFrame({"total": total, "tax": tax})
    assert 10 < (tax == 0).sum() < 200 and found(frame) == {}


def test_of_two_deciders_the_one_without_exceptions_is_named(rng):
    age = rng.integers(16, 90, 1500)
    frame = pd.DataFrame({"born": 2026 - age - (rng.random(1500) < 0.02), "age": age})
    frame["senior"] = (age >= 65).astype(int)
    assert found(frame)["senior"] == "age"


@settings(deadline=None, max_examples=15)
@given(
    st.integers(0, 2**32),
    st.sampled_from(["yyyymmdd", "ddmmyyyy", "yyyymm", "yyyymmddhhmm"]),
    st.sampled_from(["month", "year", "quarter"]),
)
def test_parts_of_numbers_that_spell_dates_are_right_in_every_row(seed, layout, part):
    rng = np.random.default_rng(seed)
    days = pd.Timestamp("2021-01-01") + pd.to_timedelta(rng.integers(0, 1400 * 24, 600), "h")
    spelled = {"yyyymmdd": "%Y%m%d", "ddmmyyyy": "%d%m%Y", "yyyymm": "%Y%m"}
    text = spelled.get(layout, "%Y%m%d%H%M")
    code = days.strftime(text).astype("int64")
    frame = pd.DataFrame({"code": code, "part": getattr(days, part), "x": rng.normal(size=600)})
    codec = TableCodec().fit(frame)
    again = TableCodec.from_arrays(codec.schema_, codec.relations_to_plain(), codec.arrays())
    made = again.decode(encoded_noise(codec, 500, rng))[0]
    dates = pd.to_datetime(made["code"].astype(str).str.zfill(len(layout)), format=text)
    assert (made["part"] == getattr(dates.dt, part)).all()


@pytest.mark.parametrize("unit", ["D", "h", "MS"])
@pytest.mark.parametrize("dtype", ["datetime64[ns]", "datetime64[s]"])
def test_a_date_that_is_another_cut_off_stays_so(rng, unit, dtype):
    def cut_off(times):
        starts = times.dt.to_period("M").dt.to_timestamp() if unit == "MS" else None
        return times.dt.floor(unit) if starts is None else starts

    times = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 10**7, 500), "s")
    frame = pd.DataFrame({"time": pd.Series(times).astype("datetime64[ns]")})
    frame["cut"] = cut_off(frame["time"]).astype(dtype)
    frame.loc[::50, "cut"] = pd.NaT
    codec = TableCodec().fit(frame)
    assert [relation.kind for relation in codec.relations_] == ["date part"]
    made = codec.decode(encoded_noise(codec, 500, rng))[0].dropna()
    assert (made["cut"] == cut_off(made["time"])).all()

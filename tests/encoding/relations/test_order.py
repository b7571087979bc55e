"""Dates that follow others: the time between is learnt, and the order holds in every row."""

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gan_augment import TabularGAN, load, quality_report
from gan_augment.encoding.relations.find import find_relations
from gan_augment.encoding.relations.order import Order
from gan_augment.encoding.schema import Schema
from gan_augment.encoding.table import TableCodec
from gan_augment.exceptions import InputError


def trips(n, seed=0, unit="s"):
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 10**7, n), "s")
    taken = pd.to_timedelta(rng.exponential(900, n).round(), "s")
    frame = pd.DataFrame({"off": start + taken, "up": start, "fare": 0.0})
    frame["fare"] = taken / pd.Timedelta("1min") + rng.gamma(3, 0.5, n)
    return frame.astype({"off": f"datetime64[{unit}]", "up": f"datetime64[{unit}]"})


def orders(frame):
    return find_relations(frame, Schema.infer(frame), [Order])


def pairs(frame):
    return sorted(pair for relation in orders(frame) for pair in relation.pairs)


def made_of(frame, n=500, seed=0):
    codec = TableCodec().fit(frame)
    return codec, codec.decode(encoded_noise(codec, n, np.random.default_rng(seed)))[0]


def test_a_date_that_follows_another_is_found_in_whatever_column_it_stands():
    frame = trips(60)
    assert pairs(frame) == [("up", "off")]
    assert pairs(frame[["up", "fare", "off"]]) == [("up", "off")]
    assert str(*orders(frame)) == "'off' is never before 'up'"


def test_a_chain_is_one_relation_of_the_pairs_that_imply_the_others():
    frame = trips(90)
    frame["paid"] = frame["off"] + pd.Timedelta("1h")
    frame["asked"] = frame["up"] - pd.to_timedelta(np.arange(90), "min")
    assert pairs(frame) == [("asked", "up"), ("off", "paid"), ("up", "off")]
    assert len(orders(frame)) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda frame: frame.head(15),
        lambda frame: frame.assign(off=frame["off"].where(frame.index != 7, frame["up"].min())),
        # always later, but no nearer to its own row's date than to any other's
        lambda frame: frame.assign(
            off=frame["off"].sample(frac=1, random_state=0).to_numpy()
        ).assign(up=lambda f: f["up"] - pd.Timedelta("999D")),
        lambda frame: frame.assign(off=frame["off"].sample(frac=1, random_state=0).to_numpy()),
    ],
)
def test_what_is_no_such_pair_is_learnt_as_it_is(spoil):
    assert pairs(spoil(trips(60))) == []


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_table_is_encoded_and_decoded_exactly(unit):
    frame = trips(80, unit=unit)
    codec = TableCodec().fit(frame)
    assert codec.width_ == 3
    decoded, _ = codec.decode(codec.encode(frame))
    pd.testing.assert_frame_equal(decoded, frame, rtol=1e-6)


MIXED = {
    "units": lambda f: f.assign(off=f["off"].astype("datetime64[ns]")),
    "zones": lambda f: f.assign(
        up=f["up"].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"),
        off=f["off"].dt.tz_localize("UTC").dt.tz_convert("America/New_York"),
    ),
    "missing": lambda f: f.assign(
        up=f["up"].where(np.arange(len(f)) % 9 > 0), off=f["off"].where(np.arange(len(f)) % 7 > 0)
    ),
    "days": lambda f: f.assign(up=f["up"].dt.floor("D")),
    "integers": lambda f: f.assign(
        up=f["up"].astype("int64"), off=f["off"].astype("int64").astype("Int64")
    ),
    "floats": lambda f: f.assign(
        up=f["up"].astype("int64") / 3600, off=(f["off"].astype("int64") / 3600).round(2) + 0.01
    ),
    "small floats": lambda f: f.assign(
        up=(f["up"].astype("int64") % 9999 / 7).astype("float32"),
        off=f["up"].astype("int64") % 9999 / 7 + 0.125 + f["fare"],
    ),
    "decimals": lambda f: f.assign(
        up=(f["up"].astype("int64") % 999) / 10, off=(f["up"].astype("int64") % 999) / 10 + 0.25
    ),
    "an exception": lambda f: f.assign(up=f["up"].where(f.index != 5, f["off"].max())),
    "a copy": lambda f: f.assign(off=f["up"]),
    "durations": lambda f: f.assign(
        up=f["up"] - f["up"].min(), off=(f["off"] - f["up"].min()).astype("timedelta64[ms]")
    ),
}


@pytest.mark.parametrize("how", MIXED)
def test_the_order_holds_whatever_the_columns_are(how):
    frame = MIXED[how](trips(400))
    frame["fare"] = np.random.default_rng(1).normal(size=400)
    (relation,) = orders(frame)
    assert relation.exceptions == (1 / 400 if how == "an exception" else 0)
    codec, made = made_of(frame)
    assert made.dtypes.equals(frame.dtypes)
    assert not relation.broken(made).any()
    for name in ("up", "off"):
        assert made[name].min() >= frame[name].min() and made[name].max() <= frame[name].max()
        assert made[name].isna().any() == frame[name].isna().any()
    good = ~relation.broken(frame)
    again = codec.decode(codec.encode(frame))[0]
    pd.testing.assert_frame_equal(again[good], frame[good], rtol=1e-6)


def bars(rng, n):
    """Low, open, close, high: a chain with two ways, in which nothing needs to be missing."""
    ends = np.sort(rng.normal(50, 9, (n, 4)).round(2), axis=1)
    swap = rng.random(n) < 0.5
    ends[swap, 1:3] = ends[swap, 2:0:-1]
    return pd.DataFrame(ends, columns=["low", "open", "close", "high"])


def test_a_diamond_keeps_all_its_sides(rng):
    frame = bars(rng, 300)
    assert pairs(frame) == [
        ("close", "high"), ("low", "close"), ("low", "open"), ("open", "high"),
    ]  # fmt: skip
    for name in frame:
        frame.loc[rng.random(300) < 0.1, name] = np.nan
    relation, *more = orders(frame)
    _, made = made_of(frame)
    assert not more and not relation.broken(made).any()
    assert made.notna().all(axis=1).any()


def test_the_upper_end_of_two_columns_is_above_both(rng):
    frame = pd.DataFrame({"a": rng.normal(size=200), "b": rng.normal(size=200)})
    frame["most"] = frame.max(axis=1) + rng.exponential(0.1, 200)
    assert pairs(frame) == [("a", "most"), ("b", "most")]
    made = made_of(frame)[1]
    assert (made["most"] >= made[["a", "b"]].max(axis=1)).all()
    assert np.corrcoef(made["a"], made["b"])[0, 1] < 0.2  # none is measured from the other


@pytest.mark.parametrize("name", ["min", "max"])
def test_the_least_and_the_largest_of_others_stay_so(rng, name):
    frame = pd.DataFrame(rng.integers(0, 99, (300, 3)), columns=list("abc"))
    frame = pd.Timestamp("2024-01-01") + frame * pd.Timedelta("1D")
    frame["end"] = frame.agg(name, axis=1)
    made = made_of(frame)[1]
    wanted = made[["a", "b", "c"]].agg(name, axis=1)  # in the range that was seen
    assert (made["end"] == wanted.clip(frame["end"].min(), frame["end"].max())).all()


def test_an_order_after_a_column_that_another_decides(rng):
    zone = rng.integers(0, 9, 400)
    opened = pd.Timestamp("2020-01-01") + pd.to_timedelta(zone * 40, "D")
    frame = pd.DataFrame({"zone": zone.astype(str), "opened": opened})
    frame["visit"] = frame["opened"] + pd.to_timedelta(rng.integers(0, 300, 400), "D")
    codec, made = made_of(frame)
    assert [relation.kind for relation in codec.relations_] == ["look-up", "order"]
    assert not any(relation.broken(made).any() for relation in codec.relations_)


@example(0, [(1, 2), (2, 3)], 1, 0.4)  # where the third is missing, the second may be larger
@example(1, [(1, 4), (2, 4), (3, 4)], 1, 0.4)  # of which one alone is the base
@settings(deadline=None)
@given(
    st.integers(0, 2**32),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=6),
    st.sampled_from([1, 3, 0.25, 1e-9]),
    st.sampled_from([0, 0.05, 0.4]),
)
def test_whatever_pairs_are_in_order_stay_in_order(seed, pairs, grid, missing):
    rng = np.random.default_rng(seed)
    values = rng.normal(scale=30, size=(250, 5))
    for lower, upper in [pair for pair in pairs if pair[0] < pair[1]] * 5:
        values[:, upper] = np.maximum(values[:, upper], values[:, lower] + 1)
    values = np.ceil(values / grid) * grid
    values[rng.random(values.shape) < missing] = np.nan
    frame = pd.DataFrame(values, columns=list("abcde"))
    found = orders(frame)
    held = {(a, b) for a in frame for b in frame if a < b and not (frame[a] > frame[b]).any()}
    assert {pair for relation in found for pair in relation.pairs} <= held
    made = made_of(frame, seed=seed)[1]
    assert not any(relation.broken(made).any() for relation in found)
    assert ((made >= frame.min()) | made.isna()).all(axis=None)
    assert ((made <= frame.max()) | made.isna()).all(axis=None)
    followers = [follower.name for relation in found for follower in relation.followers]
    assert (
        made[followers].isna().mean() < np.where(frame[followers].isna().any(), 0.2, 1e-9)
    ).all()


def test_new_trips_take_as_long_as_real_ones_and_a_file_keeps_that(tmp_path):
    frame = trips(300)
    gan = TabularGAN(n_steps=20, random_state=0).fit(frame)
    made, _ = gan.sample(2000)
    minutes = [(f["off"] - f["up"]).dt.total_seconds() / 60 for f in (frame, made)]
    assert minutes[1].min() >= 0
    assert abs(minutes[0].mean() - minutes[1].mean()) < 3
    assert abs(minutes[1] - made["fare"]).mean() < 12  # and belong to what they cost
    gan.save(tmp_path / "m")
    same, _ = load(tmp_path / "m").sample(50, random_state=1)
    pd.testing.assert_frame_equal(same, gan.sample(50, random_state=1)[0])


@pytest.mark.parametrize(
    "change",
    [
        {"base": [0]}, {"base": [2]}, {"base": [3]}, {"base": []}, {"owns_base": 1},
        {"followers": []}, {"followers": [[0, 2, [], 0, 9, 1]]},
        {"followers": [[0, 1, [1], 0, 9, 1]]}, {"followers": [[0, 1, [], -1, 9, 1]]},
        {"followers": [[0, 1, [], 9, 0, 1]]}, {"followers": [[0, 1, [], 0, 2**63, 1]]},
        {"followers": [[0, 1, [], 0, 9]]}, {"followers": [[0, 1, [], 0.0, 9.0, 0.0]]},
        {"pairs": [[0, 0]]}, {"pairs": [[0, 2]]}, {"pairs": [[0]]}, {"exceptions": 2},
    ],
)  # fmt: skip
def test_what_no_fit_learns_is_refused(change):
    codec = TableCodec().fit(trips(60))
    (facts,) = codec.relations_to_plain()
    TableCodec.from_arrays(codec.schema_, [facts], codec.arrays())
    with pytest.raises(InputError):
        TableCodec.from_arrays(codec.schema_, [facts | change], codec.arrays())


def test_a_report_counts_dates_in_the_wrong_order():
    real, fresh = trips(400), trips(400, seed=1)
    wrong = fresh.copy()
    wrong.loc[:99, ["off", "up"]] = fresh.loc[:99, ["up", "off"]].to_numpy()
    good, bad = (
        quality_report(real, made, privacy=False, random_state=0) for made in (fresh, wrong)
    )
    assert bad.metric("violations").value - good.metric("violations").value == pytest.approx(
        0.25, abs=0.01
    )
    worst = bad.tables["relations"].iloc[0]
    assert worst["relation"] == "'off' is never before 'up'" and worst["synthetic_share"] == 0.25


def test_decimals_and_floats_of_all_digits_are_compared(rng):
    low = rng.normal(10, 3, 500).round(1)
    frame = pd.DataFrame({"low": low, "high": low + rng.exponential(2, 500)})
    codec = TableCodec().fit(frame)
    assert [str(relation) for relation in codec.relations_] == ["'high' is never below 'low'"]
    made = codec.decode(encoded_noise(codec, 500, rng))[0]
    assert (made["low"] <= made["high"]).all()


def test_times_of_the_day_as_numbers_stay_times(rng):
    start = rng.integers(0, 1300, 400)
    stop = start + rng.integers(0, 130, 400)
    frame = pd.DataFrame({"from": start, "to": stop})
    codec = TableCodec().fit(frame // 60 * 100 + frame % 60)
    made = codec.decode(encoded_noise(codec, 500, rng))[0]
    assert (made % 100 < 60).all().all()
    assert any("'to' is never below 'from'" in str(relation) for relation in codec.relations_)

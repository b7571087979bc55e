"""Dates that follow others: the time between is learnt, and the order holds in every row."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_augment import TabularGAN, load, quality_report
from gan_augment.encoding.relations import LaterCodec, find_later
from gan_augment.encoding.schema import Schema
from gan_augment.encoding.table import TableCodec
from gan_augment.exceptions import InputError


def trips(n, seed=0, unit="s"):
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 10**7, n), "s")
    taken = pd.to_timedelta(rng.exponential(900, n).round(), "s")
    frame = pd.DataFrame({"off": start + taken, "up": start, "fare": taken / pd.Timedelta("1min")})
    return frame.astype({"off": f"datetime64[{unit}]", "up": f"datetime64[{unit}]"})


def later(frame, decided=()):
    return find_later(frame, Schema.infer(frame), decided)


def test_a_date_that_follows_another_is_found_in_whatever_column_it_stands():
    frame = trips(60)
    assert later(frame) == {0: 1}
    assert later(frame[["up", "fare", "off"]]) == {2: 0}
    assert later(frame, decided={1}) == {}


def test_each_date_follows_the_nearest_one_before_it():
    frame = trips(60)
    frame["paid"] = frame["off"] + pd.Timedelta("1h")
    frame["asked"] = frame["up"] - pd.to_timedelta(np.arange(60), "min")
    order = later(frame.astype({"paid": frame["off"].dtype, "asked": frame["off"].dtype}))
    assert order == {1: 4, 0: 1, 3: 0}
    assert list(order) == [1, 0, 3]  # each after what it follows


@pytest.mark.parametrize(
    "spoil",
    [
        lambda frame: frame.head(19),
        lambda frame: frame.assign(off=frame["off"].where(frame.index != 7, frame["up"].min())),
        lambda frame: frame.assign(off=frame["off"].where(frame.index != 7)),
        lambda frame: frame.assign(off=frame["off"].dt.tz_localize("UTC")),
        lambda frame: frame.assign(off=frame["off"].astype("datetime64[ms]")),
        lambda frame: frame.assign(off=frame["up"]),
        # always later, but no nearer to its own row's date than to any other's
        lambda frame: frame.assign(
            off=frame["off"].sample(frac=1, random_state=0).to_numpy()
        ).assign(up=lambda f: f["up"] - pd.Timedelta("999D")),
    ],
)
def test_what_is_no_such_pair_is_learnt_as_it_is(spoil):
    assert later(spoil(trips(60))) == {}


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_table_is_encoded_and_decoded_exactly(unit):
    frame = trips(80, unit=unit)
    codec = TableCodec().fit(frame)
    assert codec.later_ == {0: 1} and codec.width_ == 3
    decoded, _ = codec.decode(codec.encode(frame))
    pd.testing.assert_frame_equal(decoded, frame, rtol=1e-6)


@settings(deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(1, 5))
def test_whatever_is_decoded_keeps_order_range_and_grid(seed, grid, gap_grid):
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 50, 30) * grid
    frame = pd.DataFrame({"up": start, "off": start + rng.integers(0, 9, 30) * gap_grid})
    frame = frame.apply(lambda ticks: pd.to_datetime(ticks, unit="s"))
    up, off = Schema.infer(frame).columns
    if "datetime" not in (up.kind, off.kind) or up.kind != off.kind:
        return
    codec = LaterCodec.of(off, frame["off"], up, frame["up"])
    early = up.cast(rng.choice(up.numbers(frame["up"])[0], 200))
    gaps = codec.decode(rng.normal(0, 3, 200).astype(np.float32))
    made = codec.after(gaps, early)
    assert (made >= early).all() and made.between(frame["off"].min(), frame["off"].max()).all()
    places = (made - frame["off"].min()).dt.total_seconds()
    assert (places % off.resolution == 0).all() or off.dtype != "datetime64[s]"


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
    "entry",
    [[0, 0, [0, 9, 1]], [0, 2, [0, 9, 1]], [0, 3, [0, 9, 1]], [0, -1, [0, 9, 1]],
     [0, 1, [-1, 9, 1]], [0, 1, [9, 0, 1]], [0, 1, [0, 2**63, 1]], [0, 1, [0, 9]],
     [1, 0, [0, 9, 1]]],
)  # fmt: skip
def test_what_no_fit_learns_is_refused(entry):
    codec = TableCodec().fit(trips(60))
    with pytest.raises(InputError):
        TableCodec.from_arrays(codec.schema_, {}, codec.arrays(), [entry])


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
    assert "dates in the wrong order" in bad.tables["violations"].to_string()

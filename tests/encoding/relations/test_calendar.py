"""Year, month and day in columns of their own are a date in every new row."""

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise

from gan_augment.encoding.relations.find import find_relations
from gan_augment.encoding.schema import Schema
from gan_augment.encoding.table import TableCodec


def dated(n=1500, seed=0):
    rng = np.random.default_rng(seed)
    days = pd.Timestamp("2019-01-01") + pd.to_timedelta(rng.integers(0, 1500, n), "D")
    parts = {name: getattr(days, name) for name in ("year", "month", "day")}
    return pd.DataFrame({**parts, "x": rng.normal(size=n)}).astype(dict.fromkeys(parts, "int64"))


def made_of(frame):
    codec = TableCodec().fit(frame)
    pd.testing.assert_frame_equal(codec.decode(codec.encode(frame))[0], frame)
    return codec, codec.decode(encoded_noise(codec, 4000, np.random.default_rng(0)))[0]


def is_date(made):
    parts = made[["year", "month", "day"]].dropna().astype("int64")
    return pd.to_datetime(parts, errors="coerce").notna()


@pytest.mark.parametrize("dtype", ["int64", "float64", "Int64"])
@pytest.mark.parametrize("missing", [False, True])
def test_new_rows_have_days_that_their_month_has(rng, dtype, missing):
    frame = dated().astype(dict.fromkeys(("year", "month", "day"), dtype))
    if missing and dtype != "int64":
        for name in ("year", "month", "day"):
            frame[name] = frame[name].mask(rng.random(len(frame)) < 0.03)
    codec, made = made_of(frame)
    assert [str(relation) for relation in codec.relations_] == [
        "'year', 'month' and 'day' are a date"
    ]
    assert is_date(made).all() and made["day"].max() == 31
    wrong = made.assign(day=made["day"].where(made["month"] != 2, 30))
    assert codec.relations_[0].broken(wrong).mean() > 0.05


def test_days_and_months_without_a_year(rng):
    codec, made = made_of(dated().drop(columns="year"))
    assert [str(relation) for relation in codec.relations_] == ["'month' and 'day' are a date"]
    assert is_date(made.assign(year=2020)).all()


def test_independent_numbers_of_months_and_days_are_no_dates(rng):
    for seed in range(20):
        frame = dated(seed=seed)
        frame["day"] = np.random.default_rng(seed).permutation(frame["day"])
        assert find_relations(frame, Schema.infer(frame)) == []
    frame = dated()
    frame["day"] = frame["day"].clip(upper=28)
    assert find_relations(frame, Schema.infer(frame)) == []

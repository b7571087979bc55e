"""An age beside a date of birth is the whole years until a day, or until another date."""

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise

from gan_augment.encoding.relations.find import find_relations
from gan_augment.encoding.schema import Schema
from gan_augment.encoding.table import TableCodec


def years_between(born, until):
    birthday_is_over = (until.dt.month * 100 + until.dt.day) >= born.dt.month * 100 + born.dt.day
    return until.dt.year - born.dt.year - (~birthday_is_over).astype(int)


def people(n=400, seed=0):
    rng = np.random.default_rng(seed)
    born = pd.Series(pd.Timestamp("1940-01-01") + pd.to_timedelta(rng.integers(0, 25_000, n), "D"))
    visit = pd.Series(pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 2000, n), "D"))
    return pd.DataFrame({"born": born, "visit": visit, "x": rng.normal(size=n)})


def made_of(frame, n=3000):
    codec = TableCodec().fit(frame)
    pd.testing.assert_frame_equal(codec.decode(codec.encode(frame))[0], frame)
    return codec, codec.decode(encoded_noise(codec, n, np.random.default_rng(0)))[0]


@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_an_age_on_a_day_that_all_rows_share(rng, missing):
    frame, day = people(), pd.Timestamp("2026-06-30")
    frame["age"] = years_between(frame["born"], pd.Series(day, index=frame.index)).astype(float)
    for name in ("age", "born"):
        frame[name] = frame[name].mask(rng.random(400) < missing)
    codec, made = made_of(frame)
    (relation,) = codec.relations_
    assert str(relation).startswith("'age' is the whole years from 'born' to 2026-0")
    assert not relation.broken(made).any() and relation.broken(made.assign(age=3.0)).any()
    known = made.dropna()
    true = years_between(known["born"], pd.Series(day, index=known.index))
    assert (known["age"] != true).mean() < 0.02
    assert abs(made["age"].isna().mean() - frame["age"].isna().mean()) < 0.06


@pytest.mark.parametrize("unit", ["ns", "s"])
def test_an_age_on_another_date(unit):
    frame = people().astype({"born": f"datetime64[{unit}]"})
    frame["age"] = years_between(frame["born"], frame["visit"])
    codec, made = made_of(frame)
    assert "'age' is the whole years from 'born' to 'visit'" in map(str, codec.relations_)
    inside = years_between(made["born"], made["visit"]).between(
        frame["age"].min(), frame["age"].max()
    )
    wrong = made["age"] != years_between(made["born"], made["visit"])
    assert not wrong[inside].any() and inside.mean() > 0.95


def test_numbers_that_are_no_ages_are_none(rng):
    frame = people()
    frame["age"] = rng.integers(20, 80, 400)
    frame["about"] = 2026 - frame["born"].dt.year + rng.integers(-2, 3, 400)
    found = find_relations(frame, Schema.infer(frame))
    assert not [relation for relation in found if relation.kind == "whole years"]

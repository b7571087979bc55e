"""Numbers that spell dates stay dates, multiples of a step stay multiples; neither is listed."""

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_augment import TabularGAN
from gan_augment.encoding.relations.date_codes import LAYOUTS, codes_of, spelled
from gan_augment.encoding.relations.find import find_relations
from gan_augment.encoding.table import TableCodec
from gan_augment.exceptions import InputError

FORMATS = {
    "yyyymmdd": "%Y%m%d",
    "ddmmyyyy": "%d%m%Y",
    "mmddyyyy": "%m%d%Y",
    "yyyymm": "%Y%m",
    "yymmdd": "%y%m%d",
    "ddmmyy": "%d%m%y",
    "yyyymmddhhmm": "%Y%m%d%H%M",
    "yyyymmddhhmmss": "%Y%m%d%H%M%S",
    "hhmm": "%H%M",
    "hhmmss": "%H%M%S",
}


def coded(layout, seed=0, n=300):
    rng = np.random.default_rng(seed)
    days = pd.Timestamp("2019-01-01") + pd.to_timedelta(rng.integers(0, 1500 * 86_400, n), "s")
    return pd.DataFrame({"t": days.strftime(FORMATS[layout]).astype("int64")})


def made_of(frame, n=1000):
    codec = TableCodec().fit(frame)
    pd.testing.assert_frame_equal(codec.decode(codec.encode(frame))[0], frame)
    return codec, codec.decode(encoded_noise(codec, n, np.random.default_rng(0)))[0]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_new_numbers_spell_dates_and_times(layout):
    frame = coded(layout)
    codec, made = made_of(frame)
    (relation,) = codec.relations_
    assert relation.layout == layout and not relation.broken(made).any()
    text = made["t"].astype(str).str.zfill(len(layout))
    assert pd.to_datetime(text, format=FORMATS[layout]).notna().all()
    assert relation.broken(pd.DataFrame({"t": [2460, 99999999, 20261301]})).all()
    assert find_relations(frame, codec.schema_) == []


@settings(deadline=None, max_examples=50)
@given(st.dates(pd.Timestamp("1900-01-01").date(), pd.Timestamp("2100-12-31").date()))
def test_any_date_is_read_and_written(date):
    for layout, text in FORMATS.items():
        if "yyyy" not in layout:
            continue
        code = int(date.strftime(text))
        counts, valid = spelled(np.array([code]), layout)
        assert valid.all() and codes_of(counts, layout).tolist() == [code]


def test_missing_codes_stay_missing_and_plain_numbers_are_none(rng):
    frame = coded("yyyymmdd").astype("Int64")
    frame["t"] = frame["t"].mask(rng.random(300) < 0.1)
    codec, made = made_of(frame)
    assert made["t"].isna().any() and not codec.relations_[0].broken(made).any()
    for values in (rng.integers(0, 2400, 300), rng.integers(20190101, 20230101, 300)):
        assert TableCodec().fit(pd.DataFrame({"t": values})).relations_ == []


@pytest.mark.parametrize("odd", [0, 99999999, 20190230])
def test_a_few_numbers_that_spell_nothing_are_not_made(odd):
    frame = coded("yyyymmdd")
    frame.loc[7, "t"] = odd
    codec = TableCodec().fit(frame.astype(float))
    (relation,) = codec.relations_
    made = codec.decode(encoded_noise(codec, 500, np.random.default_rng(0)))[0]
    assert relation.exceptions == 1 / 300 and not relation.broken(made).any()


@pytest.mark.parametrize("layout", ["ddmmyyyy", "mmddyyyy", "ddmmyy"])
def test_codes_of_few_rows_stay_in_the_range_seen(layout):
    frame = coded(layout, n=40)
    made = TabularGAN(n_steps=0, random_state=0).fit(frame).sample(300)[0]
    assert made["t"].between(frame["t"].min(), frame["t"].max()).all()
    text = made["t"].astype(str).str.zfill(len(layout))
    assert pd.to_datetime(text, format=FORMATS[layout]).notna().all()


def test_floats_keep_their_step(rng):
    frame = pd.DataFrame({"price": rng.integers(3, 90, 300) * 0.125, "x": rng.normal(size=300)})
    codec, made = made_of(frame)
    (relation,) = codec.relations_
    assert str(relation) == "'price' is a multiple of 0.125"
    assert (made["price"] % 0.125 == 0).all() and not relation.broken(made).any()
    assert relation.broken(made + 0.01).all()
    gan = TabularGAN(n_steps=0, random_state=0).fit(frame)
    assert gan.relations_ == [] and (gan.sample(50)[0]["price"] % 0.125 == 0).all()


@pytest.mark.parametrize(
    "change", [{"column": []}, {"layout": "x"}, {"ends": [1, 0]}, {"kind": "steps", "step": 2}]
)
def test_what_no_fit_learns_is_refused(change):
    codec = TableCodec().fit(coded("yyyymmdd"))
    (facts,) = codec.relations_to_plain()
    with pytest.raises(InputError):
        TableCodec.from_arrays(codec.schema_, [facts | change], codec.arrays())

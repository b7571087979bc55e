"""The relations of a table together: in an order that can be decoded, and none by chance."""

import json

import numpy as np
import pandas as pd
import pytest
from encoded import encoded_noise

from gan_augment import TabularGAN
from gan_augment.encoding.relations.evidence import TrainingRows
from gan_augment.encoding.relations.find import find_relations, near_relations, relations_of
from gan_augment.encoding.schema import Schema
from gan_augment.encoding.table import TableCodec
from gan_augment.generators.tabular.on_disk import _verified
from gan_augment.io.parquet import ParquetRows


def rides(n, seed=0):
    """A table with every kind of relation, missing cells and numbers that are free."""
    rng = np.random.default_rng(seed)
    zone = rng.integers(1, 30, n)
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 10**7, n), "s")
    frame = pd.DataFrame({"end": start, "zone": zone, "borough": zone // 8 * 2.5, "start": start})
    frame["end"] += pd.to_timedelta(rng.integers(60, 3600, n), "s")
    frame["weekday"] = frame["start"].dt.day_name()
    frame["paid"] = frame["end"].astype("datetime64[ms]") + pd.to_timedelta(
        rng.integers(0, 9, n), "s"
    )
    frame["x"] = rng.normal(size=n)
    frame.loc[::20, "end"] = pd.NaT
    frame.loc[1::40, "zone"] = np.nan
    how = rng.integers(0, 3, n)
    hot = pd.get_dummies(pd.Series(["cash", "card", "none"])[how], prefix="paid")
    return frame.assign(fee=how % 2 * 1.5).join(hot.reset_index(drop=True))


def test_all_kinds_of_one_table_are_kept_together(rng):
    frame = rides(600)
    codec = TableCodec().fit(frame)
    assert {str(relation) for relation in codec.relations_} == {
        "exactly one of 'paid_card', 'paid_cash' and 'paid_none' is on",
        "which of 'paid_card', 'paid_cash' and 'paid_none' is on decides 'fee'",
        "the weekday of 'start' decides 'weekday'",
        "'zone' decides 'borough'",
        "'paid' is never before 'end', 'end' is never before 'start'",
    }
    made = codec.decode(encoded_noise(codec, 800, rng))[0]
    facts = json.loads(json.dumps(codec.relations_to_plain()))
    again = TableCodec.from_arrays(codec.schema_, facts, codec.arrays())
    rows = encoded_noise(codec, 50, rng)
    pd.testing.assert_frame_equal(again.decode(rows)[0], codec.decode(rows)[0])
    assert made.dtypes.equals(frame.dtypes)
    for relation in codec.relations_:
        assert not relation.broken(made).any() and relation.exceptions == 0
    assert made["end"].isna().any() and made["zone"].isna().any()
    back = codec.decode(codec.encode(frame))[0]
    pd.testing.assert_frame_equal(back, frame)


def test_a_table_on_disk_keeps_its_relations_and_says_them(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("gan_augment.generators.tabular.on_disk.HELD_ROWS", 2000)
    rides(6000).to_parquet(tmp_path / "rows.parquet", row_group_size=1000)
    gan = TabularGAN(n_steps=0, random_state=0, verbose=1).fit(tmp_path / "rows.parquet")
    told = [line for line in capsys.readouterr().out.splitlines() if ": " in line]
    assert told == [f"kept in new rows: {relation}" for relation in gan.relations_]
    kinds = {relation.kind for relation in gan.relations_}
    assert {"one-hot", "block look-up", "date part", "look-up", "order"} <= kinds
    new = gan.sample(2000)[0]
    assert not any(relation.broken(new).any() for relation in gan.relations_)


def test_what_more_rows_on_disk_break_than_the_sample_is_dropped(tmp_path):
    frame = rides(3000)
    sample = frame.head(2000).copy()
    frame.loc[2000:, "weekday"] = "Monday"
    frame.loc[2999, "end"] = frame.loc[2999, "start"] - pd.Timedelta("1D")
    frame.to_parquet(tmp_path / "rows.parquet", row_group_size=700)
    rows = ParquetRows(tmp_path / "rows.parquet", None)
    kept, dropped, near = _verified(rows, find_relations(sample, Schema.infer(frame)))
    (weekday,) = dropped
    assert weekday.words() == "the weekday of 'start' decides 'weekday'"
    assert weekday.exceptions == (frame["weekday"] != frame["start"].dt.day_name()).mean()
    shares = {relation.kind: relation.exceptions for relation in kept}
    assert shares["order"] == 1 / 3000 and shares["look-up"] == 0
    assert near == []  # a third of the rows is no rule any more
    frame["weekday"] = frame["start"].dt.day_name()
    frame.loc[2900:, "weekday"] = "Monday"
    frame.to_parquet(tmp_path / "more.parquet")
    rows = ParquetRows(tmp_path / "more.parquet", None)
    _, dropped, near = _verified(rows, find_relations(sample, Schema.infer(frame)))
    (dropped,), (near,) = dropped, near
    assert (near.words(), near.exceptions) == (dropped.words(), dropped.exceptions)
    assert 0.02 < near.exceptions < 0.05 and near.restores == ()


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["adult", "titanic", "steel_plates"])
def test_nothing_is_found_in_shuffled_columns(load_real, name):
    frame = load_real(name)[0]
    for seed in range(3):
        rng = np.random.default_rng(seed)
        mixed = frame.apply(lambda cells, rng=rng: cells.iloc[rng.permutation(len(cells))].array)
        rows = TrainingRows(mixed, Schema.infer(mixed))
        assert relations_of(rows) == [] == near_relations(rows, [])

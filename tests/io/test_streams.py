"""Many rows to one file: the chunks fit each other, and the file appears whole or not at all."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from gan_augment import TabularGAN
from gan_augment.cli.sample import write_rows
from gan_augment.generators.base import BaseGenerator
from gan_augment.io.tables import write_frame, write_frames


@pytest.fixture
def awkward(mixed_frame):
    """Columns of which a few rows may look like columns of another type."""
    n = len(mixed_frame)
    hours = np.where(np.arange(n) % 40 == 0, 10, 0)
    first = pd.Timestamp("2020-01-01")
    return mixed_frame.assign(
        word=np.where(np.arange(n) % 30 == 0, "rare", None),
        big=pd.array([2**62 + i % 9 if i % 7 else None for i in range(n)], dtype="Int64"),
        flag=np.where(np.arange(n) % 25 == 0, True, None),
        when=first + pd.to_timedelta(np.arange(n) * 24 + hours, "h"),
        zoned=(first + pd.to_timedelta(np.arange(n), "D")).tz_localize("Europe/Oslo"),
        lasted=pd.to_timedelta(24 * np.arange(n) + hours, "h"),
        empty=pd.Series([None] * n, dtype=object),
        number=[f"n{i}" for i in range(n)],
    )


@pytest.fixture
def small_chunks(monkeypatch):
    """Chunks of 7 rows, whatever is asked for."""
    whole = BaseGenerator.sample_iter

    def sample_iter(self, n, *, random_state=None, **asked):
        return whole(self, n, **{**asked, "chunk_size": 7}, random_state=random_state)

    monkeypatch.setattr(BaseGenerator, "sample_iter", sample_iter)
    return whole


def fitted(frame, y):
    gan = TabularGAN(columns={"number": "regenerate"}, n_steps=0, random_state=0)
    return gan.fit(frame, y)


def sampled(gan, n, out, **options):
    defaults = {"seed": 3, "overwrite": True}
    write_rows(gan, n, out, **defaults | options)
    return out


def chunks_as_one(gan, n):
    """The frame that the chunks make when they are put together in memory."""
    parts = list(gan.sample_iter(n, random_state=3))
    return pd.concat([X.assign(status=y) for X, y in parts], ignore_index=True)


def test_parquet_reads_back_as_if_written_at_once(tmp_path, awkward, mixed_labels, small_chunks):
    gan = fitted(awkward, mixed_labels)
    back = pd.read_parquet(sampled(gan, 40, tmp_path / "x.parquet"))
    whole = chunks_as_one(gan, 40)
    write_frame(whole, tmp_path / "whole.parquet")
    pd.testing.assert_frame_equal(back, pd.read_parquet(tmp_path / "whole.parquet"))
    assert back.dtypes.drop("empty").equals(whole.dtypes.drop("empty"))
    assert pq.ParquetFile(tmp_path / "x.parquet").num_row_groups == 6
    assert back["number"].is_unique and not back["number"].isin(awkward["number"]).any()


def test_a_column_that_is_empty_in_the_first_chunk_has_its_type_all_the_same(tmp_path):
    frames = [pd.DataFrame({"t": [None, None]}), pd.DataFrame({"t": ["a", None]})]
    out = tmp_path / "x.parquet"
    write_frames(frames, out, examples=pd.DataFrame({"t": ["a", None]}))
    assert pq.read_table(out)["t"].to_pylist() == [None, None, "a", None]
    assert str(pq.read_schema(out).field("t").type) in ("string", "large_string")


@pytest.mark.parametrize("kind", ["polars", "pyarrow", "numpy"])
def test_other_containers_are_written_too(tmp_path, mixed_frame, small_chunks, kind):
    table = pl.from_pandas(mixed_frame.drop(columns=["joined"]))
    table = table.with_columns(pl.col("income").fill_nan(None))
    X = {"polars": table, "pyarrow": table.to_arrow(), "numpy": np.eye(12, 3)}[kind]
    gan = TabularGAN(n_steps=0, random_state=0).fit(X)
    back = pd.read_parquet(sampled(gan, 60, tmp_path / "x.parquet"))
    assert back.shape == (60, X.shape[1])
    if kind != "numpy":
        dtypes = back.dtypes.astype(str)
        assert dtypes[["income", "visits", "size"]].tolist() == ["Float64", "Int64", "category"]
        assert set(back["size"].cat.categories) >= {"S", "M", "L"}
    assert back.columns.tolist() == (list("012") if kind == "numpy" else table.columns)


def test_csv_has_one_header_and_one_layout_of_dates(tmp_path, awkward, mixed_labels, small_chunks):
    gan = fitted(awkward, mixed_labels)
    text = sampled(gan, 40, tmp_path / "x.csv").read_text()
    write_frame(chunks_as_one(gan, 40), tmp_path / "whole.csv")
    back, whole = (pd.read_csv(tmp_path / name) for name in ("x.csv", "whole.csv"))
    pd.testing.assert_frame_equal(back, whole)
    assert text.count("income") == 1 and len(text.splitlines()) == 41
    assert back["when"].str.fullmatch(r"\d{4}-\d\d-\d\d \d\d:00:00").all()
    assert back["zoned"].str.fullmatch(r"\d{4}-\d\d-\d\d \d\d:00:00\+0[12]:00").all()


def test_dates_keep_their_layout_in_a_chunk_of_midnights(tmp_path):
    days = pd.Series(pd.to_datetime(["2024-01-01", "2024-01-02", None]))
    examples = pd.DataFrame({"d": pd.to_datetime(["2024-01-01 00:00", "2024-01-01 10:00"])})
    write_frames([days.to_frame("d")] * 2, tmp_path / "x.csv", examples=examples)
    lines = ["2024-01-01 00:00:00", "2024-01-02 00:00:00", '""']
    assert (tmp_path / "x.csv").read_text().splitlines() == ["d", *lines, *lines]


def test_one_class_may_be_asked_for(tmp_path, mixed_frame, mixed_labels, small_chunks):
    gan = TabularGAN(n_steps=0, random_state=0).fit(mixed_frame, mixed_labels)
    back = pd.read_parquet(sampled(gan, {"stay": 30}, tmp_path / "x.parquet"))
    assert back["status"].tolist() == ["stay"] * 30


def test_numbers_to_predict_are_the_last_column(tmp_path, sloped, small_chunks):
    X, y = sloped
    gan = TabularGAN(n_steps=0, random_state=0).fit(pd.DataFrame(X, columns=list("abc")), y)
    back = pd.read_csv(sampled(gan, 20, tmp_path / "x.csv"))
    assert list(back) == ["a", "b", "c", "target"] and back["target"].between(-9, 9).all()


def test_the_same_seed_gives_the_same_file(tmp_path, mixed_frame, small_chunks):
    gan = TabularGAN(n_steps=0, random_state=0).fit(mixed_frame)
    for suffix in ("csv", "parquet"):
        a, b, c = (
            sampled(gan, 30, tmp_path / f"{name}.{suffix}", seed=seed).read_bytes()
            for name, seed in (("a", 1), ("b", 1), ("c", 2))
        )
        assert a == b != c


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path, suffix, error):
    frame, path = pd.DataFrame({"a": [1, 2]}), tmp_path / f"out{suffix}"
    write_frame(frame, path)
    before = path.read_bytes()

    def frames():
        yield frame
        raise error

    for _ in range(2):
        with pytest.raises(error if isinstance(error, type) else type(error)):
            write_frames(frames(), path, examples=frame)
        assert [p.name for p in tmp_path.iterdir()] == path.exists() * [path.name]
        if path.exists():
            assert path.read_bytes() == before
            path.unlink()

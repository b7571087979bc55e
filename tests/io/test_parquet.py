"""A table on disk, read in pieces, is the table that pandas would read."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from gan_augment.containers import is_on_disk
from gan_augment.exceptions import InputError
from gan_augment.io.parquet import NULLABLE, ParquetRows


@pytest.fixture
def frame():
    n, rng = 60, np.random.default_rng(0)
    return pd.DataFrame(
        {
            "small": rng.integers(0, 9, n).astype("int8"),
            "gaps": pd.array([None, *rng.integers(0, 9, n - 1)], dtype="Int64"),
            "ratio": np.where(rng.random(n) < 0.2, np.nan, rng.random(n)).astype("float32"),
            "flag": rng.random(n) < 0.5,
            "maybe": pd.array([None, *(rng.random(n - 1) < 0.5)], dtype="boolean"),
            "text": rng.choice(["a", "b", None], n),
            "words": pd.array(rng.choice(["a", "b"], n), dtype="string[pyarrow]"),
            "kind": pd.Categorical(rng.choice(["u", "v"], n), ["w", "v", "u"], ordered=True),
            "when": pd.date_range("2024", periods=n, freq="h", tz="Europe/Berlin"),
            "length": pd.to_timedelta(rng.integers(0, 9, n), unit="s"),
        }
    )


def test_all_pieces_are_what_pandas_reads(frame, tmp_path):
    frame.to_parquet(tmp_path / "a.parquet", row_group_size=7)
    rows = ParquetRows(tmp_path / "a.parquet")
    wanted = pd.read_parquet(tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(rows.read()[0], wanted)
    pieces = [rows.frame(batch) for batch in rows.batches()]
    assert len(pieces) == 9 and rows.n_rows == 60
    whole = pd.concat(pieces, ignore_index=True)
    assert str(whole["small"].dtype) == "Int8" and str(whole["flag"].dtype) == "boolean"
    settled = pd.DataFrame({name: rows.settled(whole[name]) for name in whole})
    pd.testing.assert_frame_equal(settled, wanted)
    group = pd.concat([rows.frame(batch) for batch in rows.group_batches(3)])
    assert group["small"].tolist() == frame["small"].iloc[21:28].tolist()


def test_a_target_a_stored_index_and_other_orders(frame, tmp_path):
    frame.index = pd.Index(np.arange(60) * 3, name="row")
    frame.to_parquet(tmp_path / "a.parquet")
    rows = ParquetRows(str(tmp_path / "a.parquet"), "flag")
    X, y = rows.read()
    assert "row" not in rows.names and "flag" not in rows.names
    wanted = pd.read_parquet(tmp_path / "a.parquet").reset_index(drop=True)
    pd.testing.assert_series_equal(y, wanted["flag"])
    pd.testing.assert_frame_equal(X, wanted.drop(columns="flag"))


def test_a_folder_with_folders_of_one_value_has_a_column_of_them(frame, tmp_path):
    for value, part in frame.groupby("small"):
        (tmp_path / f"small={value}").mkdir()
        part.drop(columns="small").to_parquet(tmp_path / f"small={value}" / "part.parquet")
    (tmp_path / "_plan.json").write_text("{}")
    pd.testing.assert_frame_equal(
        ParquetRows(tmp_path).read()[0], pd.read_parquet(tmp_path).reset_index(drop=True)
    )


def test_whole_numbers_with_gaps_keep_their_digits(tmp_path):
    big = 2**60 + 1
    pq.write_table(pa.table({"n": pa.array([big, None, 3])}), tmp_path / "a.parquet")
    found = ParquetRows(tmp_path / "a.parquet").read()[0]["n"]
    assert str(found.dtype) == "Int64" and found[0] == big


def test_levels_of_row_groups_are_joined(tmp_path):
    parts = [pa.Table.from_pandas(pd.DataFrame({"k": pd.Categorical(list(text))}))
             for text in ("ba", "ca")]  # fmt: skip
    pq.write_table(pa.concat_tables(parts), tmp_path / "a.parquet", row_group_size=2)
    wanted = pd.read_parquet(tmp_path / "a.parquet")["k"]
    found = ParquetRows(tmp_path / "a.parquet").read()[0]["k"]
    assert found.tolist() == wanted.tolist() == list("baca")
    assert list(found.cat.categories) == list(wanted.cat.categories)


def test_a_column_may_be_nullable_without_gaps(frame, tmp_path):
    frame.to_parquet(tmp_path / "a.parquet")
    rows = ParquetRows(tmp_path / "a.parquet", nullable=["small"])
    assert str(rows.read()[0]["small"].dtype) == "Int8"


def test_a_data_set_is_read_too(frame, tmp_path):
    frame.to_parquet(tmp_path / "a.parquet")
    dataset = ds.dataset([tmp_path / "a.parquet", tmp_path / "a.parquet"])
    assert is_on_disk(dataset) and is_on_disk(tmp_path) and not is_on_disk(frame)
    assert not is_on_disk(pa.table({"a": [1]}))
    assert ParquetRows(dataset).n_rows == 120


@pytest.mark.parametrize("kind", sorted(map(str, NULLABLE)))
def test_every_whole_number_type_is_nullable(kind, tmp_path):
    table = pa.table({"n": pa.array([1, 0, None]).cast(pa.type_for_alias(kind))})
    pq.write_table(table, tmp_path / "a.parquet")
    found = ParquetRows(tmp_path / "a.parquet").read()[0]["n"]
    assert found.isna().tolist() == [False, False, True]


def refused(message, *arguments):
    with pytest.raises(InputError, match=message):
        ParquetRows(*arguments)


def test_what_is_no_table_on_disk_is_refused(frame, tmp_path):
    path = tmp_path / "a.parquet"
    frame.to_parquet(path)
    refused("does not exist", tmp_path / "b.parquet")
    refused("does not exist", "a\0b")
    refused("pass the name of its target column", path, frame["flag"])
    refused(r"y='no' is not a column of .*a\.parquet: it has 'small'", path, "no")
    frame[["flag"]].to_parquet(tmp_path / "one.parquet")
    refused("no column beside the target", tmp_path / "one.parquet", "flag")
    frame.iloc[:0].to_parquet(tmp_path / "none.parquet")
    refused("none.parquet has no rows", tmp_path / "none.parquet")
    (tmp_path / "text.parquet").write_text("no parquet")
    refused("cannot be read as Parquet", tmp_path / "text.parquet")
    (tmp_path / "empty").mkdir()
    refused("no column|no rows", tmp_path / "empty")
    refused("was filtered", ds.dataset(path).filter(ds.field("small") > 3))
    frame.to_csv(tmp_path / "a.csv")
    refused("one of Parquet files", ds.dataset(tmp_path / "a.csv", format="csv"))
    refused("one of Parquet files", ds.dataset(pa.table({"a": [1]})))


def test_a_damaged_row_group_is_said_in_one_sentence(tmp_path):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"a": np.random.default_rng(0).random(5000)}).to_parquet(path)
    content = bytearray(path.read_bytes())
    content[4:60] = b"\xff" * 56  # the header of the first page
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        list(ParquetRows(path).batches())


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (["a", "b", "c"], "2.parquet has the column 'c', which no other"),
        (["a"], "2.parquet lacks the column 'b'"),
    ],
)
def test_files_with_other_columns_are_refused(tmp_path, columns, message):
    pd.DataFrame({"a": [1], "b": [2]}).to_parquet(tmp_path / "1.parquet")
    pd.DataFrame({"b": [1], "a": [2]}).to_parquet(tmp_path / "1b.parquet")  # another order
    assert ParquetRows(tmp_path).n_rows == 2
    pd.DataFrame({name: [1] for name in columns}).to_parquet(tmp_path / "2.parquet")
    refused(message, tmp_path)


@pytest.mark.parametrize(
    ("first", "second", "fits"),
    [
        (["a", "b"], [1, 2], False),
        ([1, 2], ["a", "b"], False),
        ([1, 2], [0.5, 1.0], False),
        ([0.5, 1.0], [1, 2], True),
        (["a", "b"], pd.Categorical(["a", "c"]), True),
        (pd.Categorical(["a", "c"]), ["a", "b"], True),
        (pd.date_range("2024", periods=2), pd.date_range("2024", periods=2, tz="UTC"), False),
        ([True, False], [0, 1], False),
        ([1, 2], pd.array([3, 4], dtype="int8"), True),
    ],
)
def test_files_with_other_types_are_refused_unless_values_stay(tmp_path, first, second, fits):
    for name, values in (("1", first), ("2", second)):
        pd.DataFrame({"a": values, "b": [1, 2]}).to_parquet(tmp_path / f"{name}.parquet")
    if fits:
        given = [*first, *second]
        assert ParquetRows(tmp_path).read()[0]["a"].tolist() == given
    else:
        with pytest.raises(InputError, match="'a', where other files") as refusal:
            ParquetRows(tmp_path)
        assert refusal.value.value.endswith("2.parquet")


def test_a_lone_file_has_no_columns_of_the_folders_it_lies_in(tmp_path):
    (tmp_path / "run=3").mkdir()
    pd.DataFrame({"a": [1, 2]}).to_parquet(tmp_path / "run=3" / "x.parquet")
    assert ParquetRows(tmp_path / "run=3" / "x.parquet").names == ["a"]
    assert ParquetRows(tmp_path).names == ["a", "run"]


def test_metadata_that_do_not_fit_the_file_are_not_believed(tmp_path):
    frame = pd.DataFrame({"a": [1, 2]}, index=pd.Index([5, 7], name="key"))
    whole = pa.Table.from_pandas(frame)
    for junk in (b"{", b"[]", b'{"index_columns": 3}', b'{"index_columns": 3, "columns": 4}'):
        table = whole.replace_schema_metadata({"pandas": junk})
        pq.write_table(table, tmp_path / "a.parquet")
        assert ParquetRows(tmp_path / "a.parquet").names == ["a", "key"]
    pq.write_table(whole.drop_columns("key"), tmp_path / "a.parquet")
    rows = ParquetRows(tmp_path / "a.parquet")
    assert (rows.names, rows.index_names) == (["a"], [])
    assert rows.read()[0]["a"].tolist() == [1, 2]


@pytest.mark.parametrize("columns", [[3, 4], pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")])])
def test_names_of_columns_are_the_text_in_the_file(tmp_path, columns):
    pd.DataFrame([[1, 2], [3, 4]], columns=columns).to_parquet(tmp_path / "a.parquet")
    rows = ParquetRows(tmp_path / "a.parquet")
    assert list(rows.read()[0].columns) == rows.names == list(map(str, columns))


def test_a_partition_without_a_value_is_refused_by_its_file(tmp_path):
    for name in ("k=a", "k=__HIVE_DEFAULT_PARTITION__"):
        (tmp_path / name).mkdir()
        pd.DataFrame({"x": [1.5, 2.5]}).to_parquet(tmp_path / name / "rows.parquet")
    with pytest.raises(InputError, match="__HIVE_DEFAULT.*that a column is missing: write that"):
        ParquetRows(tmp_path)

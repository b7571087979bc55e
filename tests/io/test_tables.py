"""Parquet keeps its schema, formats can be crossed, and files appear whole or not at all."""

import csv
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gan_augment.exceptions import InputError
from gan_augment.io import tables as tabular_files
from gan_augment.io.csv import Reading
from gan_augment.io.tables import file_kind, read_table, write_frame


@pytest.fixture
def parquet(tmp_path, mixed_frame):
    mixed_frame["city"] = mixed_frame["city"].where(mixed_frame["city"].notna(), None)
    path = tmp_path / "mixed.parquet"
    mixed_frame.to_parquet(path)
    return path


def test_parquet_keeps_schema_and_rows(tmp_path, parquet):
    table = read_table(parquet)
    out = tmp_path / "out.parquet"
    table.write(out, table.frame.iloc[:7])
    before, after = pq.read_table(parquet), pq.read_table(out)
    assert after.schema.equals(before.schema)
    described = [schema.pandas_metadata for schema in (before.schema, after.schema)]
    (index,) = described[0]["index_columns"]
    index["stop"] += 7  # of its rows more; nothing else has changed
    assert described[0] == described[1]
    assert after.slice(0, before.num_rows).equals(before)
    assert after.slice(before.num_rows).equals(before.slice(0, 7))


def test_pandas_reads_back_the_same_dtypes(tmp_path, parquet, mixed_frame):
    table = read_table(parquet)
    pd.testing.assert_frame_equal(table.frame, mixed_frame)
    table.write(tmp_path / "out.parquet", table.frame, mark="new")
    back = pd.read_parquet(tmp_path / "out.parquet")
    assert back.pop("new").tolist() == [False] * 120 + [True] * 120
    pd.testing.assert_frame_equal(back[:120], mixed_frame)
    pd.testing.assert_frame_equal(back[120:].reset_index(drop=True), mixed_frame)


def test_arrow_types_that_pandas_did_not_write(tmp_path):
    frame = pl.DataFrame(
        {
            "i": pl.Series([1, None, 2**62 + 1], dtype=pl.Int64),
            "u": pl.Series([1, 2, 255], dtype=pl.UInt8),
            "b": pl.Series([True, None, False]),
            "c": pl.Series(["x", "y", None], dtype=pl.Categorical),
            "d": pl.Series(["2024-01-01", None, "2024-03-01"]).str.to_date(),
            "t": pl.Series([1, 2, 3]).cast(pl.Datetime("us", "Europe/Oslo")),
            "f": pl.Series([1.5, float("nan"), 2.5], dtype=pl.Float32),
        }
    )
    frame.write_parquet(tmp_path / "in.parquet")
    table = read_table(tmp_path / "in.parquet")
    assert table.frame.dtypes.astype(str).to_dict() == {
        "i": "Int64",
        "u": "uint8",
        "b": "boolean",
        "c": "category",
        "d": "datetime64[ms]",
        "t": "datetime64[us, Europe/Oslo]",
        "f": "float32",
    }
    table.write(tmp_path / "out.parquet", table.frame)
    before, after = (pq.read_table(tmp_path / name) for name in ("in.parquet", "out.parquet"))
    assert after.schema.equals(before.schema)
    for name in ("i", "u", "b", "c", "d", "t"):
        assert after[name].to_pylist() == 2 * before[name].to_pylist()
    assert str(after["f"].to_pylist()) == str(2 * before["f"].to_pylist())


@pytest.mark.parametrize("index", [[10, 5, 7], ["r1", "r2", "r3"]])
def test_a_stored_index_is_not_learnt_but_continued(tmp_path, index):
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0]}, index=index)
    frame.to_parquet(tmp_path / "in.parquet")
    table = read_table(tmp_path / "in.parquet")
    assert list(table.frame) == ["a"]
    table.write(tmp_path / "out.parquet", table.frame.iloc[:2])
    back = pd.read_parquet(tmp_path / "out.parquet")
    assert back.index[:3].tolist() == index
    assert back["a"].tolist() == [1.0, 2.0, 3.0, 1.0, 2.0]
    if index[0] == 10:
        assert back.index[3:].tolist() == [11, 12]
    else:
        assert back.index[3:].isna().all()


@pytest.mark.parametrize("rows", [(5, 125, 2), (0, 3, 1), (9, 0, -3)])
def test_a_range_goes_on_in_its_steps(tmp_path, rows):
    index = pd.RangeIndex(*rows, name="n")
    frame = pd.DataFrame({"a": np.arange(float(len(index)))}, index=index)
    frame.to_parquet(tmp_path / "in.parquet")
    new = pd.DataFrame({"a": [7.0, 8.0]})
    read_table(tmp_path / "in.parquet").write(tmp_path / "out.parquet", new)
    whole = pd.read_parquet(tmp_path / "out.parquet")
    start, _, step = rows
    assert whole.index.equals(pd.RangeIndex(start, start + step * len(whole), step))
    assert whole.index.name == "n" and whole["a"].tolist()[-2:] == [7, 8]


@pytest.mark.parametrize("dtype", ["int8", "Int8", "int64", "uint64"])
def test_an_index_that_ends_at_its_largest_value_is_missing_in_new_rows(tmp_path, dtype):
    last = np.iinfo(dtype.lower()).max
    index = pd.Index([last - 2, last - 1], dtype=dtype)
    pd.DataFrame({"a": [1.0, 2.0]}, index=index).to_parquet(tmp_path / "in.parquet")
    table = read_table(tmp_path / "in.parquet")
    for n, numbers in ((1, [last]), (2, [None, None])):
        table.write(tmp_path / "out.parquet", table.frame.iloc[:n])
        out = pq.read_table(tmp_path / "out.parquet")
        assert out["__index_level_0__"].to_pylist() == [last - 2, last - 1, *numbers]


def test_a_column_declared_not_null_may_be_empty_in_new_rows(tmp_path):
    fields = [pa.field(name, pa.string(), nullable=False) for name in "ab"]
    before = pa.table({"a": ["x", "y"], "b": ["p", "q"]}, schema=pa.schema(fields))
    pq.write_table(before, tmp_path / "in.parquet")
    table = read_table(tmp_path / "in.parquet")
    table.write(tmp_path / "out.parquet", pd.DataFrame({"a": ["x"], "b": [None]}), mark="new")
    after = pq.read_table(tmp_path / "out.parquet")
    assert [after.schema.field(name).nullable for name in "ab"] == [False, True]
    assert after["b"].to_pylist() == ["p", "q", None]


def test_the_nameless_counter_of_to_csv_is_continued(tmp_path):
    frame = pd.DataFrame({"a": [0.5, 1.5, 2.5]})
    frame.to_csv(tmp_path / "in.csv")
    table = read_table(tmp_path / "in.csv")
    assert list(table.frame) == ["a"]
    table.write(tmp_path / "out.csv", table.frame.iloc[[1]])
    assert (tmp_path / "out.csv").read_text() == ",a\n0,0.5\n1,1.5\n2,2.5\n3,1.5\n"
    table.write(tmp_path / "out.parquet", table.frame.iloc[[1]])
    assert pd.read_parquet(tmp_path / "out.parquet").shape == (4, 2)


def test_csv_to_parquet_and_back(tmp_path):
    (tmp_path / "in.csv").write_text("n,when,flag,word\n1,2024-01-01,True,=x+1\n,2024-01-02,,b\n")
    table = read_table(tmp_path / "in.csv")
    assert table.notes == ("Column 'when' was read as dates: all its cells are ISO 8601.",)
    assert table.write(tmp_path / "mid.parquet", table.frame.iloc[[0]], mark="m") == 0
    mid = pd.read_parquet(tmp_path / "mid.parquet")
    expected = pd.DataFrame(  # dates and text as this version of pandas holds them
        {
            "n": pd.array([1], dtype="Int64"),
            "when": pd.to_datetime(["2024-01-01"]),
            "flag": pd.array([True], dtype="boolean"),
            "word": ["=x+1"],
            "m": [False],
        }
    )
    pd.testing.assert_series_equal(mid.dtypes, expected.dtypes)
    assert mid["word"].tolist() == ["=x+1", "b", "=x+1"]

    again = read_table(tmp_path / "mid.parquet")
    assert again.write(tmp_path / "out.csv", again.frame.iloc[:0]) == 2
    assert (tmp_path / "out.csv").read_text() == (
        "n,when,flag,word,m\n1,2024-01-01,True,'=x+1,False\n,2024-01-02,,b,False\n"
        "1,2024-01-01,True,'=x+1,True\n"
    )
    assert again.write(tmp_path / "raw.csv", again.frame.iloc[:0], raw=True) == 0


def test_text_with_any_line_end_is_one_cell_of_a_new_file(tmp_path):
    frame = pd.DataFrame({"t": ["a\rb", "a\nb", "a\r\nb", "plain"], "x": [1.5, 2.0, np.nan, 4]})
    write_frame(frame, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == (
        b't,x\n"a\rb",1.5\n"a\nb",2.0\n"a\r\nb",\nplain,4.0\n'
    )
    assert read_table(tmp_path / "t.csv").frame["t"].tolist() == frame["t"].tolist()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0"])
@pytest.mark.parametrize("dtype", ["object", "category", "string", "string[pyarrow]"])
def test_no_text_of_a_new_csv_file_is_a_formula(tmp_path, start, dtype):
    text = f"{start}SUM(A1)"
    frame = pd.DataFrame({text: pd.Series([text, "plain"], dtype=dtype), "n": [-1.5, 2.0]})
    assert write_frame(frame, tmp_path / "t.csv") == 2
    with open(tmp_path / "t.csv", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [[f"'{text}", "n"], [f"'{text}", "-1.5"], ["plain", "2.0"]]
    assert write_frame(frame, tmp_path / "t.csv", raw=True) == 0
    with open(tmp_path / "t.csv", newline="") as file:
        assert next(csv.reader(file)) == [text, "n"]


def test_tsv_is_tab_separated(tmp_path):
    write_frame(pd.DataFrame({"a": [1], "b": ["x,y"]}), tmp_path / "t.tsv")
    assert (tmp_path / "t.tsv").read_text() == "a\tb\n1\tx,y\n"
    assert read_table(tmp_path / "t.tsv").frame["b"].tolist() == ["x,y"]
    (tmp_path / "t.csv").write_text("a,b\n1,x\n")
    table = read_table(tmp_path / "t.csv")
    table.write(tmp_path / "t.tsv", table.frame)
    assert (tmp_path / "t.tsv").read_text() == "a\tb\n1\tx\n1\tx\n"


def test_unknown_suffix_and_broken_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="unknown suffix '.ods': save it as .csv"):
        file_kind("table.ods")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 but no more")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        read_table(tmp_path / "broken.parquet")
    pq.write_table(pa.table({"a": pa.array([], pa.int64())}), tmp_path / "empty.parquet")
    with pytest.raises(InputError, match="no rows"):
        read_table(tmp_path / "empty.parquet")
    pq.write_table(pa.table([[1], [2]], names=["a", "a"]), tmp_path / "twice.parquet")
    with pytest.raises(InputError, match="twice.parquet has more than one column named 'a': ren"):
        read_table(tmp_path / "twice.parquet")


def test_a_mark_that_is_a_column_is_refused(tmp_path, parquet):
    table = read_table(parquet)
    with pytest.raises(InputError, match="mark='age' is already a column"):
        table.write(tmp_path / "out.parquet", table.frame, mark="age")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "out.parquet"
    write_frame(pd.DataFrame({"a": [1]}), path)
    before = path.read_bytes()

    def full_disk(table, where):
        raise OSError(28, "No space left on device", str(where))

    monkeypatch.setattr(tabular_files.pq, "write_table", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_frame(pd.DataFrame({"a": [2]}), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["out.parquet"]


def test_new_files_are_readable_as_any_file(tmp_path):
    (tmp_path / "plain").write_text("")
    write_frame(pd.DataFrame({"a": [1]}), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["titanic", "taxis", "telco_churn", "insurance"])
def test_real_tables_come_back_as_the_same_text(load_real, name, tmp_path):
    X, y, entry = load_real(name)
    path = entry["path"]
    table = read_table(path)
    assert len(table.frame) == len(X)
    table.write(tmp_path / "out.csv", table.frame.iloc[:50])
    out = (tmp_path / "out.csv").read_bytes()
    assert out.startswith(path.read_bytes())
    assert np.array_equal(table.frame[entry["target"]].isna(), y.isna())


def test_workbooks_are_read_and_written(tmp_path):
    pytest.importorskip("openpyxl")
    frame = pd.DataFrame(
        {"a": [1.5, 2.0], "k": ["u", None], "d": pd.date_range("2020", periods=2)}
    )
    write_frame(frame, tmp_path / "in.xlsx")
    table = read_table(tmp_path / "in.xlsx")
    table.write(tmp_path / "out.xlsx", table.frame.iloc[:1], "made")
    back = read_table(tmp_path / "out.xlsx").frame
    assert back["made"].tolist() == [False, False, True] and back["a"].tolist() == [1.5, 2.0, 1.5]
    (tmp_path / "bad.xlsx").write_bytes(b"PK")
    with pytest.raises(InputError, match="cannot be read as a workbook"):
        read_table(tmp_path / "bad.xlsx")


def test_workbooks_without_their_reader_are_refused_with_what_helps(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    (tmp_path / "in.xlsx").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"needs openpyxl: pip install openpyxl"):
        read_table(tmp_path / "in.xlsx")


def test_what_holds_types_of_its_own_is_not_told_how_to_be_read(tmp_path):
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "in.parquet")
    assert len(read_table(tmp_path / "in.parquet", Reading()).frame) == 1
    with pytest.raises(InputError, match="holds types of its own"):
        read_table(tmp_path / "in.parquet", Reading(missing=("?",)))

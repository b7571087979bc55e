"""Real rows keep their text; typing follows the written rules; new rows keep the style."""

import csv
import gzip
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_augment.exceptions import InputError
from gan_augment.io.csv import Reading, escape_formula, read_csv_text
from gan_augment.io.tables import read_table


def read(tmp_path, content, name="table.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_csv_text(path)


AWKWARD = (
    'id;text;x\r\n1;"a; ""b""\r\nc";1.50\r\n\r\n2; padded ;NA\r\n3;=1+1;007.10'  # no end of line
)


def test_real_rows_are_copied_as_text(tmp_path):
    table = read(tmp_path, AWKWARD)
    assert table.frame.shape == (3, 3)
    assert table.frame["text"].tolist() == ['a; "b"\r\nc', " padded ", "=1+1"]
    new = table.frame.iloc[[0]]
    text, _ = table.with_rows(new)
    assert text == AWKWARD + '\r\n1;"a; ""b""\r\nc";1.50\r\n'


def test_a_mark_is_added_to_every_record(tmp_path):
    table = read(tmp_path, AWKWARD)
    text, _ = table.with_rows(table.frame.iloc[[1]], mark="is;new")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    assert [row[-1] for row in rows] == ["is;new", "False", "False", "False", "True"]
    assert {len(row) for row in rows} == {4}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_cells_and_marks_with_any_line_end_stay_one_cell(tmp_path, newline):
    odd = ["a\rb", "a\nb", "a\r\nb"]
    table = read(tmp_path, newline.join(["t,y", *(f'"{cell}",1' for cell in odd), ""]))
    assert table.newline == newline and table.frame["t"].tolist() == odd
    text, _ = table.with_rows(table.frame, mark="is\nnew")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [row[0] for row in rows] == ["t", *odd, *odd]
    assert rows[0][-1] == "is\nnew"


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_stays_and_names_no_column(tmp_path, start):
    table = read(tmp_path, start + b"a,b\n1,2\n")
    assert table.header == ("a", "b")
    for mark in (None, "new"):
        text, _ = table.with_rows(table.frame, mark)
        assert text.encode().startswith(start + b"a,b")


@pytest.mark.parametrize(
    ("delimiter", "name"), [(",", "a"), (";", "a,b"), ("\t", "a"), ("|", "a")]
)
def test_the_delimiter_is_found_in_the_header(tmp_path, delimiter, name):
    header = delimiter.join([f'"{name}"', "y", "z"])
    table = read(tmp_path, f"{header}\n{delimiter.join('123')}\n")
    assert table.header == (name, "y", "z")


def test_a_file_with_one_column_is_read(tmp_path):
    table = read(tmp_path, "x\n1\n\n3\n")
    assert table.frame["x"].tolist() == [1, pd.NA, 3]
    assert table.with_rows(table.frame.iloc[[1]])[0] == 'x\n1\n\n3\n""\n'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has no header line"),
        (b"\n\n", "has no header line"),
        (b"a,b\n", "has a header but no rows"),
        (b"a,b\n1,2\n1,2,3\n", r"Line 3 of .* has 3 cells but the header names 2"),
        (b"a,b\n1,2\n1\n", r"Line 3 of .* has 1 cell but"),
        (b'a,b\n1,"2\n', "cannot be read as CSV"),
        (b"a,b\n1,\x01\xe9\n", "is no file of text"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(tmp_path, content, message):
    with pytest.raises(InputError, match=message):
        read(tmp_path, content)


def test_only_new_text_cells_are_escaped(tmp_path):
    content = "t,x\n=1+1,-3\nok,-4\n"
    table = read(tmp_path, content)
    new = pd.DataFrame({"t": ["=1+1", "-"], "x": [-3, -4]})
    assert table.with_rows(new) == (content + "'=1+1,-3\n-,-4\n", 1)
    assert table.with_rows(new, raw=True) == (content + "=1+1,-3\n-,-4\n", 0)


@pytest.mark.parametrize("sign", "=+-@\uff1d\uff0b\uff0d\uff20")
@pytest.mark.parametrize("before", ["", "Bonn;", "Bonn|", 'Bonn;"', "Bonn\t"])
def test_a_formula_is_escaped_whatever_splits_the_file(sign, before):
    assert escape_formula(f"{before}{sign}A1") == f"{before}'{sign}A1"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.text("ab,;\"'\n\r\t =0", max_size=6), st.floats(-1e9, 1e9)), min_size=1)
)
def test_any_table_survives_as_text(tmp_path_factory, rows):
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerows([("text", "number"), *[(text, repr(number)) for text, number in rows]])
    table = read(tmp_path_factory.mktemp("any"), buffer.getvalue())
    assert np.array_equal(table.frame["number"], [number for _, number in rows])
    text, _ = table.with_rows(table.frame, raw=True)
    assert text.startswith(buffer.getvalue())
    cells = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert len(cells) == 2 * len(rows)


def test_a_cell_may_be_as_long_as_it_is(tmp_path):
    limit = csv.field_size_limit()
    table = read(tmp_path, f"a,b\n1,{'x' * (3 * limit)}\n2,y\n")
    assert table.frame["b"].str.len().tolist() == [3 * limit, 1]
    assert csv.field_size_limit() == limit


def test_all_rows_of_another_length_are_named(tmp_path):
    with pytest.raises(InputError, match=r"Line 3 of .* so it is with lines 5, 6"):
        read(tmp_path, "a,b\n1,2\n1\n3,4\n1,2,3\n7\n")


TEXT = "name,x\nMüller,1\nJosé,2\n"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16-le", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".data"])
def test_files_in_any_encoding_come_back_as_they_were(tmp_path, encoding, suffix):
    text = ("\ufeff" if "16" in encoding else "") + TEXT
    content = (text + "\x81,3\n" * (encoding == "latin-1")).encode(encoding)
    path, out = tmp_path / f"in{suffix}", tmp_path / f"out{suffix}"
    packed = suffix.endswith("gz")
    path.write_bytes(gzip.compress(content) if packed else content)
    table = read_table(path)
    assert table.frame["name"].tolist()[:2] == ["Müller", "José"]
    assert table.source.encoding == encoding
    assert bool(table.notes) == (encoding != "utf-8")
    table.write(out, table.frame.iloc[:1])
    written = gzip.decompress(out.read_bytes()) if packed else out.read_bytes()
    assert written == content + "Müller,1\n".encode(encoding)


def test_an_encoding_may_be_named(tmp_path):
    path = tmp_path / "in.csv"
    path.write_bytes("name,x\nПривет,1\n".encode("koi8-r"))
    assert read_table(path, Reading(encoding="koi8-r")).frame["name"].tolist() == ["Привет"]
    with pytest.raises(InputError, match="is not written in utf-8"):
        read_table(path, Reading(encoding="utf-8"))
    for wrong in ("klingon", "base64"):
        with pytest.raises(InputError, match=f"encoding='{wrong}' is unknown"):
            read_table(path, Reading(encoding=wrong))


IRIS = "".join(
    f"{5 + i % 9 / 10},{i % 3},{'setosa' if i % 2 else 'virginica'}\n" for i in range(30)
)
LETTERS = "".join(f"{'pe'[i % 2]},{'xys'[i % 3]}\n" for i in range(30))


@pytest.mark.parametrize("rows", [IRIS, LETTERS])
def test_a_file_without_a_header_is_recognised_and_read(tmp_path, rows):
    path, out = tmp_path / "in.data", tmp_path / "out.data"
    path.write_text(rows)
    with pytest.raises(InputError, match="first row that looks like the others") as refused:
        read_table(path)
    assert [name for name, _ in refused.value.settings] == ["no_header", "header"]
    table = read_table(path, Reading(header=False))
    width = rows.split("\n")[0].count(",") + 1
    assert table.frame.shape == (30, width) and table.row_name(0) == "line 1"
    assert list(table.frame) == [f"c{i}" for i in range(1, width + 1)]
    table.write(out, table.frame.iloc[:2])
    assert out.read_text() == rows + "".join(line + "\n" for line in rows.split("\n")[:2])
    table.write(out, table.frame.iloc[:1], "made")
    marked = out.read_text().splitlines()
    assert marked[0].endswith(",False") and marked[-1].endswith(",True") and len(marked) == 31
    assert len(read_table(path, Reading(header=True)).frame) == 29


def test_numbers_as_names_of_columns_are_a_header(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("land,2019,2020\n" + "".join(f"l{i},{i}.5,{i}\n" for i in range(20)))
    assert read_table(path).frame.shape == (20, 3)


def test_cells_between_blanks_are_refused_with_what_helps(tmp_path):
    path = tmp_path / "in.data"
    path.write_text("18.0   8   307.0\n15.0   8   350.0\n18.0   8   318.0\n")
    with pytest.raises(InputError, match="separates its cells by blanks: put commas"):
        read_table(path)


def test_words_for_missing_cells_layouts_and_words_that_stay(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("hp,day,when\n130,01/02/2020,01.02.2020\n?,03/04/2020,17.08.2020\n")
    reading = Reading(missing=("?",), dates={"day": "%d/%m/%Y"}, words=("when",))
    table = read_table(path, reading)
    assert str(table.frame["hp"].dtype) == "Int64" and table.frame["hp"].isna().tolist() == [0, 1]
    assert table.frame["day"].dt.month.tolist() == [2, 4]
    assert table.frame["when"].tolist() == ["01.02.2020", "17.08.2020"]
    table.write(tmp_path / "out.csv", table.frame)
    assert (tmp_path / "out.csv").read_text().splitlines()[3:] == path.read_text().splitlines()[1:]
    with pytest.raises(InputError, match=r"no layout of '01\.02\.2020'"):
        read_table(path, Reading(dates={"when": "%Y"}))
    with pytest.raises(InputError, match="is no column"):
        read_table(path, Reading(dates={"then": "%Y"}))


def test_the_name_of_a_mark_is_no_formula(tmp_path):
    table = read(tmp_path, "a,b\n1,2\n")
    assert table.with_rows(table.frame, mark="=1+1")[0].startswith("a,b,'=1+1\n")
    assert table.with_rows(table.frame, mark="=1+1", raw=True)[0].startswith("a,b,=1+1\n")


def test_rows_are_found_by_their_line(tmp_path):
    assert read(tmp_path, AWKWARD).lines == (2, 5, 6)

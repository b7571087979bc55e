"""Files from the real world: what is no row is left out and kept, what is wrong has a cure."""

import csv
import gzip
import subprocess
import sys
import zipfile

import pandas as pd
import pytest

from gan_augment.exceptions import InputError
from gan_augment.io import csv_records
from gan_augment.io.csv import Reading
from gan_augment.io.tables import read_table

ROWS = "a;b\n1;x\n2;y\n3;x\n4;y\n"


def read(folder, content, reading=None, name="in.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, reading)


def refusal(folder, content, reading=None, name="in.csv"):
    with pytest.raises(InputError) as refused:
        read(folder, content, reading, name)
    return refused.value


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("\n\n", 3),
        ("\ufeff\n", 2),
        ("Sales report 2024\n\n", 3),
        ("Sales report;\n;\n", 3),
        ("# made by hand, in 2024\n# for us\n", 3),
        ("sep=;\n", 2),
    ],
)
@pytest.mark.parametrize("mark", [None, "new"])
def test_what_stands_before_the_header_is_kept_and_no_row(tmp_path, before, line, mark):
    table = read(tmp_path, before + ROWS)
    assert table.frame.to_dict("list") == {"a": [1, 2, 3, 4], "b": list("xyxy")}
    assert table.row_name(0) == f"line {line + 1}"
    table.write(tmp_path / "out.csv", table.frame.iloc[:1], mark)
    text = (tmp_path / "out.csv").read_text()
    if mark is None:
        assert text == before + ROWS + "1;x\n"
    else:
        assert text.startswith(before + "a;b;new\n1;x;False\n") and text.endswith("1;x;True\n")


@pytest.mark.parametrize(
    "rows", ["#id,v\n1,2\n3,4\n", "text\nhello, world\nfoo\n", ",a\n0,2.5\n1,3.5\n"]
)
def test_a_header_is_no_title(tmp_path, rows):
    assert read(tmp_path, rows, Reading(drop_ragged=True)).source.header[0] in (
        "#id",
        "text",
        "Unnamed: 0",
    )


def test_rows_of_empty_cells_and_the_header_once_more_are_no_rows(tmp_path):
    table = read(tmp_path, "a,b\n1,x\n,\na,b\n2,y\n , \n\n")
    assert table.frame.to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}
    assert [table.row_name(i) for i in (0, 1)] == ["line 2", "line 5"]
    assert table.notes == (
        "2 rows of empty cells were left out.",
        "The header is repeated on line 4: left out.",
    )
    headless = read(tmp_path, "1,x\n2,y\n1,x\n", Reading(header=False))
    assert len(headless.frame) == 3


def test_columns_of_one_name_and_names_between_blanks_get_names_of_their_own(tmp_path):
    table = read(tmp_path, "a, b,a,a.1,\n1,2,3,4,5\n6,7,8,9,0\n")
    assert list(table.frame) == ["a", "b", "a.2", "a.1", "Unnamed: 4"]
    assert table.notes == ("Another column named 'a' is called 'a.2' here.",)
    table.write(tmp_path / "out.csv", table.frame.iloc[:1])
    assert (tmp_path / "out.csv").read_text() == ("a, b,a,a.1,\n1,2,3,4,5\n6,7,8,9,0\n1,2,3,4,5\n")


def test_one_cell_more_in_every_row_is_named(tmp_path):
    assert list(read(tmp_path, "a,b\n1,x,\n2,y,\n").frame) == ["a", "b", "Unnamed: 2"]
    assert list(read(tmp_path, "a,b\nr1,1,x\nr2,2,y\n").frame) == ["Unnamed: 0", "a", "b"]


def test_a_few_lines_of_another_width_can_be_left_out(tmp_path):
    text = "a,b\n" + "1,x\n" * 20 + "Source: office\n"
    error = refusal(tmp_path, text)
    assert error.settings == (("drop_ragged", True),)
    table = read(tmp_path, text, Reading(drop_ragged=True))
    assert len(table.frame) == 20 and table.notes == ("Lines of another width were left out: 22.",)
    assert refusal(tmp_path, "a,b\n1,x\n1\n2\n3,y\n").settings == ()  # too many


COUNTED = "11,2,low,high\n" + "1.5,20,0\n2.5,30,1\n" * 5 + "3.5,10,1\n"


@pytest.mark.parametrize("first", ["11,2,low,high", "11,2,low", "11,2"])
@pytest.mark.parametrize("header", [None, False])
def test_a_line_that_counts_rows_and_features_is_no_header(tmp_path, first, header):
    text = COUNTED.replace("11,2,low,high", first)
    error = refusal(tmp_path, text, Reading(header=header))
    assert error.settings == (("skip_lines", 1), ("no_header", True))
    table = read(tmp_path, text, Reading(header=False, skip_lines=1))
    assert table.frame.shape == (11, 3) and list(table.frame) == ["c1", "c2", "c3"]
    assert table.row_name(0) == "line 2"
    table.write(tmp_path / "out.csv", table.frame.iloc[:1], "new")
    assert (tmp_path / "out.csv").read_text().startswith(first + "\n1.5,20,0,False\n")


def test_a_header_of_numbers_is_one_where_it_counts_nothing(tmp_path):
    assert list(read(tmp_path, "2021,2022\n5,6\n7,8\n").frame) == ["2021", "2022"]
    counted = read(tmp_path, COUNTED.replace(",high", ""), Reading(header=True))
    assert list(counted.frame) == ["11", "2", "low"]


def test_a_first_line_of_another_width_than_all_others_can_be_skipped(tmp_path):
    text = "Sales, 2024\n" + "1,x,2\n2,y,3\n" * 4
    error = refusal(tmp_path, text, Reading(header=True))
    assert error.settings == (("skip_lines", 1), ("no_header", True))
    assert read(tmp_path, text, Reading(header=False, skip_lines=1)).frame.shape == (8, 3)
    assert refusal(tmp_path, text, Reading(skip_lines=99)).settings == ()


def test_blanks_before_quotes_are_read(tmp_path):
    table = read(tmp_path, 'a, b\n1, "x, y"\n2, "z"\n')
    assert table.frame["b"].tolist() == ["x, y", "z"]


@pytest.mark.parametrize(
    ("content", "cure"),
    [
        ('a,b\n1,"say \\"hi\\" x"\n2,"y"\n', ["sed", 's/\\\\"/""/g', "in.csv"]),
        ("a,b\n1,'x, y'\n2,'z, w'\n", ["tr", "'", '"']),
    ],
)
def test_other_ways_to_quote_have_a_cure_that_works(tmp_path, content, cure):
    said = refusal(tmp_path, content).remedy
    command = said[said.index(f"{cure[0]} ") :]
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    assert len(read_table(tmp_path / "rows.csv").frame) == 2


@pytest.mark.parametrize(("name", "sign"), [("in.csv", ";"), ("in.csv", "\t"), ("my $x.csv", ";")])
def test_lines_that_end_early_are_filled_up_by_the_cure(tmp_path, name, sign):
    text = "a;b;c\n1;2\n3;4;5\n6\n".replace(";", sign)
    said = refusal(tmp_path, text, name=name).remedy
    command = said.partition("as by python ")[2]
    subprocess.run(f"{sys.executable} {command}", shell=True, cwd=tmp_path, check=True)
    found = read_table(tmp_path / "rows.csv").frame
    assert found["a"].tolist() == [1, 3, 6] and found["c"].count() == 1


@pytest.mark.parametrize("name", ["in put.data", "in.csv.gz"])
def test_cells_between_blanks_have_a_cure_for_compressed_files_and_names_with_blanks(
    tmp_path, name
):
    content = b" x  y z\n 1 2 3\n10  20 30 \n"
    content = gzip.compress(content) if name.endswith(".gz") else content
    said = refusal(tmp_path, content, name=name).remedy
    subprocess.run(said.partition("as by ")[2], shell=True, cwd=tmp_path, check=True)
    assert read_table(tmp_path / "rows.csv").frame.to_dict("list") == {
        "x": [1, 10], "y": [2, 20], "z": [3, 30],
    }  # fmt: skip


def test_json_has_a_cure_and_a_web_page_is_named(tmp_path):
    error = refusal(tmp_path, '[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]')
    assert "holds JSON" in error.problem and "pd.read_json('in.csv')" in error.remedy
    assert "web page" in refusal(tmp_path, "<!DOCTYPE html><html>sign in</html>").problem


def test_a_quote_that_is_not_closed_ends_soon(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_records, "LONGEST_CELL", 1000)
    before = csv.field_size_limit()
    error = refusal(tmp_path, 'a,b\n1,"x\n' + "2,y\n" * 1000)
    assert "Line 2 of" in error.problem and "1,000 characters" in error.problem
    assert csv.field_size_limit() == before


def test_files_of_other_kinds_are_known_by_what_they_hold(tmp_path):
    packed = read(tmp_path, gzip.compress(ROWS.encode()))
    assert len(packed.frame) == 4
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("rows.csv", ROWS)
    content = (tmp_path / "z.zip").read_bytes()
    assert "unzip -p" in refusal(tmp_path, content).remedy
    assert "unzip -p z.zip" in refusal(tmp_path, content, name="z.zip").remedy
    assert ".xlsx" in refusal(tmp_path, content.replace(b"rows.csv", b"xl/a.xml")).remedy
    assert len(read(tmp_path, ROWS, name="in.txt").frame) == 4


NAMES = {
    "shift_jis": "都市,人口\n" + "東京,1\n大阪,2\n" * 4,
    "gb18030": "城市,人口\n" + "北京,1\n上海,2\n" * 4,
    "cp1251": "город,число\n" + "Москва,1\nТула,2\n" * 4,
}


@pytest.mark.parametrize("encoding", NAMES)
def test_an_encoding_that_cannot_be_told_is_asked_for(tmp_path, encoding):
    content = NAMES[encoding].encode(encoding)
    error = refusal(tmp_path, content)
    assert error.settings[0][0] == "encoding" and encoding in error.remedy
    table = read(tmp_path, content, Reading(encoding=encoding))
    assert list(table.frame) == NAMES[encoding].split("\n")[0].split(",")


@pytest.mark.parametrize("encoding", ["utf-32", "utf-16", "cp1252", "latin-1", "utf-8-sig"])
def test_western_text_is_read_as_it_is(tmp_path, encoding):
    text = "stadt,größe\n" + "Köln,1\nZürich,2\nGenève,3\n" * 5
    table = read(tmp_path, text.encode(encoding))
    assert list(table.frame) == ["stadt", "größe"]
    assert table.frame["stadt"].tolist()[:3] == ["Köln", "Zürich", "Genève"]


def test_utf_8_with_a_wrong_byte_is_named_and_mended(tmp_path):
    content = ("city,n\n" + "Köln,1\nBonn,2\n" * 5).encode().replace("Kö".encode(), b"K\xf6", 1)
    error = refusal(tmp_path, content)
    assert "not on line 2" in error.problem and error.settings == (("encoding", "cp1252"),)
    command = error.remedy[error.remedy.index("iconv") :].partition(";")[0]
    subprocess.run(command, shell=True, cwd=tmp_path, check=False)  # iconv tells what it drops
    assert pd.read_csv(tmp_path / "rows.csv")["city"].tolist()[:3] == ["Kln", "Bonn", "Köln"]

"""Real rows keep their text; typing follows the written rules; new rows keep the style."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_augment.exceptions import InputError
from gan_augment.io.csv import read_csv_text


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
        (b"\n1,2\n", "has no header line"),
        (b"a,b\n", "has a header but no rows"),
        (b"a,b\n1,2\n1,2,3\n", r"Line 3 of .* has 3 cells but the header names 2"),
        (b"a,b\n1,2\n1\n", r"Line 3 of .* has 1 cells"),
        (b"a,a\n1,2\n", "more than one column named 'a'"),
        (b'a,b\n1,"2\n', "cannot be read as CSV"),
        (b"a,b\n1,\xe9\n", "is not UTF-8 text"),
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


def test_a_cell_that_the_csv_module_does_not_read_is_refused_with_its_cause(tmp_path):
    limit = csv.field_size_limit()
    assert read(tmp_path, f"a,b\n1,{'x' * limit}\n2,y\n").frame.shape == (2, 2)
    with pytest.raises(InputError, match=r"Line 3 of .*shorten cells of more than 131,072"):
        read(tmp_path, f"a,b\n1,2\n2,{'x' * (limit + 1)}\n")
    assert csv.field_size_limit() == limit


def test_the_name_of_a_mark_is_no_formula(tmp_path):
    table = read(tmp_path, "a,b\n1,2\n")
    assert table.with_rows(table.frame, mark="=1+1")[0].startswith("a,b,'=1+1\n")
    assert table.with_rows(table.frame, mark="=1+1", raw=True)[0].startswith("a,b,=1+1\n")


def test_rows_are_found_by_their_line(tmp_path):
    assert read(tmp_path, AWKWARD).lines == (2, 5, 6)

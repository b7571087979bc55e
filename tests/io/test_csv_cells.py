"""A column of text is typed by written rules, and written back in the same style."""

import pandas as pd
import pytest

from gan_augment.io.csv import escape_formula, type_column, typing_notes

#: What this version of pandas counts in where a date is read: ns before pandas 3, then us.
UNIT = pd.to_datetime(["2024-01-31"]).unit


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        (["1", "-2", "0"], "int64"),
        (["1", "", "3"], "Int64"),
        (["18446744073709551615", "0"], "uint64"),
        (["9007199254740993", "NA"], "Int64"),
        (["1.5", "2"], "float64"),
        (["1e-3", "NaN"], "float64"),
        (["", "NA"], "float64"),
        ([" 39", " 50"], "int64"),
        (["True", "False"], "bool"),
        (["TRUE", "", "FALSE"], "boolean"),
        (["yes", "no"], "object"),
        (["007", "012"], "object"),
        (["1180591620717411303424", "1180591620717411303425"], "object"),
        (["-1", "18446744073709551615"], "object"),
        (["1" * 5000, "2"], "object"),
        (["1180591620717411303424", "1.5"], "float64"),
        (["\u0661", "\u0662.\u0665"], "object"),
        (["\u0661\u0669\u0669\u0669-01-01"], "object"),
        (["0.5", "007"], "object"),
        (["true", "TRUE", "false"], "object"),
        (["2024-01-31", "2024-02-01"], f"datetime64[{UNIT}]"),
        (["2024-01-31 10:00", ""], f"datetime64[{UNIT}]"),
        (["2024-01-31T10:00:00.250Z"], f"datetime64[{UNIT}, UTC]"),
        (["2024-01-31", "2024-02-01 10:00"], "object"),
        (["2024-13-01", "2024-02-01"], "object"),
        (["31.01.2024"], f"datetime64[{UNIT}]"),
        (["01.02.2024"], f"datetime64[{UNIT}]"),
        (["01/02/2024"], "object"),
        (["$1,234.50", "$7.00"], "float64"),
        (["12%", "7%"], "int64"),
        (["3 doors", "5 doors"], "object"),
    ],
)
def test_a_column_is_typed_by_what_all_its_cells_look_like(cells, dtype):
    typed, _ = type_column(pd.Series(cells, dtype=object))
    assert str(typed.dtype) == dtype
    assert len(typed) == len(cells)


@pytest.mark.parametrize(
    "cells",
    [
        ["1.50", "NA", "12.25"],
        ["1", "2.5", "3.25"],
        ["0", "-3", "n/a"],
        ["9007199254740993", "-9007199254740995", ""],
        ["1e-05", "2.5e+20"],
        ["FALSE", "TRUE", "null"],
        ["2024-01-31 10:00:05", "None", "1999-12-31 23:59:59"],
        ["2024-01-31T10:00:00.250Z", "2024-01-31T10:00:00.001Z"],
        ["2024-01-31T10:00+02:00"],
        ["2024-01-31", "<NA>"],
        ["a b", "ü", ""],
        ["$1,234.50", "-$7.25", "NA"],
        ["1.234,50 €", "7,00 €"],
        ["12%", "100%", "-5%"],
        ["(1,250)", "300", "42,000"],
        ["1 234", "12 345 678"],
        ["17.08.2018", "01.12.2020", ""],
        ["8/17/2018", "12/1/2020"],
        ["17-Aug-2018", "01-Dec-2020"],
        ["Aug 17, 2018", "Dec 1, 2020"],
        ["08/17/2018 05:30 PM", "12/01/2020 11:05 AM"],
    ],
)
def test_typed_values_are_written_back_as_the_same_text(cells):
    typed, style = type_column(pd.Series(cells, dtype=object))
    assert [style.write(value) for value in typed] == cells


def test_a_long_number_makes_no_other_longer():
    style = type_column(pd.Series(["0.1234567890123456789", "2", "0.50"]))[1]
    assert [style.write(value) for value in (0.2, 0.5, 7.0)] == ["0.2", "0.5", "7"]


def test_new_numbers_get_no_more_decimals_than_the_column_has():
    _, style = type_column(pd.Series(["1", "2.5", "3.25"], dtype=object))
    assert [style.write(v) for v in (1 / 3, 2.0, 0.1, -0.0001)] == ["0.33", "2", "0.1", "0"]
    _, prices = type_column(pd.Series(["1.50", "12.25"], dtype=object))
    assert [prices.write(v) for v in (3.0, 2.5, 1e3)] == ["3.00", "2.50", "1000.00"]


def test_the_most_frequent_word_for_missing_is_used():
    _, style = type_column(pd.Series(["NA", "", "NA", "4"], dtype=object))
    assert style.write(pd.NA) == "NA"


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        (["1,5", "-2,25", "3"], "float64"),
        (["0,5", "", "10,25"], "float64"),
        (["1,5", "2.5"], "object"),
        (["007,5", "1,5"], "object"),
        (["1,5,3", "2,5"], "object"),
    ],
)
def test_a_comma_stands_before_decimals_where_it_does_not_separate_cells(cells, dtype):
    typed, style = type_column(pd.Series(cells, dtype=object), ";")
    assert str(typed.dtype) == dtype
    assert [style.write(value) for value in typed] == cells
    assert type_column(pd.Series(cells, dtype=object), ",")[0].dtype == object


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["10%", "2.5%"], "read as numbers written as '1234%'"),
        (["1,000", "12,500.75"], "read as numbers written as '1,234'"),
        (["$3", "$4.50"], "read as numbers written as '$1234'"),
        ([*map(str, range(60, 90)), "?"], "look like numbers"),
        (["2024-01-01T10:00+01:00", "2024-07-01T10:00+02:00"], "look like dates"),
        (["2024-01-01", "2024-02-01"], "read as dates"),
        (["25/03/2019", "1/12/2020"], "look like dates"),
        (["25.03.2019 10:00", "26.03.2019 11:00"], "read as dates written as %d.%m.%Y %H:%M"),
        (["01/02/2019", "03/04/2019"], "look like dates"),
        (["1.2.3", "1.2.4"], None),
        (["red", "10%"], None),
        (["007", "008"], None),
        (["1.5", "2"], None),
    ],
)
def test_a_note_tells_of_text_that_looks_like_more(cells, said):
    notes = typing_notes("x", *type_column(pd.Series(cells, dtype=object)))
    assert (said in notes[0] and "'x'" in notes[0]) if said else notes == []


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
)
def test_text_that_a_spreadsheet_would_run_is_escaped(start):
    assert escape_formula(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("text", ["", "+", "-", "=", "-1", "+4.5e-3", "a=b", "'=1", "-inf"])
def test_other_text_is_left_alone(text):
    assert escape_formula(text) == text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a,@x|-cmd", "a,'@x|'-cmd"),
        ('a;"=1+1', "a;\"'=1+1"),
        ("a\n=1", "a\n'=1"),
        ("1;-2;+", "1;-2;+"),
        ("a=b; =c", "a=b; =c"),
    ],
)
def test_a_formula_after_any_delimiter_is_escaped(text, escaped):
    assert escape_formula(text) == escaped

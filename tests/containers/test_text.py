"""Text that is dates or numbers is known by its form, whatever the form; words are not."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gan_augment.containers.text import (
    DateForm,
    date_form,
    number_form,
    total_row,
    write_date,
)

LAYOUTS = [
    *("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%m/%d/%Y", "%d-%b-%Y", "%b %d, %Y", "%Y%m%d"),
    *("%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%d %B %Y", "%d.%m.%y", "%Y-%m-%dT%H:%M:%S"),
    *("%Y/%m/%d %H:%M:%S", "%B %d, %Y", "%A, %B %d, %Y", "%d-%b-%y", "%Y-%m-%d %H:%M:%S.%f"),
]
MOMENTS = st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2060, 1, 1))


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=15, deadline=None)
@given(st.lists(MOMENTS, min_size=40, max_size=60, unique_by=lambda moment: moment.date()))
def test_dates_are_known_in_any_layout(layout, moments):
    days = [dt.datetime(2024, 3, 14, 15, 26, 53, 500000), dt.datetime(2024, 9, 27), *moments]
    texts = [day.strftime(layout) for day in days]
    form = date_form(texts)
    assert layout in form.layouts and form.odd == ()
    for chosen in form.layouts:
        read = pd.to_datetime(pd.Series(texts), format=chosen)
        assert [write_date(moment, chosen) for moment in read] == texts


def test_an_odd_cell_among_dates_is_named():
    days = pd.date_range("2020-01-01", periods=200).strftime("%d.%m.%Y").tolist()
    assert date_form([*days, "unknown"]) == DateForm(("%d.%m.%Y",), ("unknown",))
    assert date_form([*days, "31.02.2020"]).odd == ("31.02.2020",)


def test_nothing_tells_the_day_from_the_month_where_none_is_above_twelve():
    texts = [f"{1 + i % 12:02}/{1 + i // 12:02}/2020" for i in range(144)]
    assert date_form(texts).layouts == ("%d/%m/%Y", "%m/%d/%Y")
    assert date_form([*texts, "13/01/2020"]).layouts == ("%d/%m/%Y",)


def test_dates_in_several_layouts_are_dates():
    assert date_form(["2018-01-02", "03.04.2018", "Jan 3, 2019", "5/6/2011"]) == DateForm(
        (), day_first=True
    )


@pytest.mark.parametrize(
    "texts",
    [
        ["red", "blue"],
        [f"item {i}" for i in range(99)],
        [str(i) for i in range(300)],
        ["12:30", "13:15"],
        ["1.2.3", "1.10.4"],
        [f"{i:08}" for i in range(30_000_000, 30_000_060)],  # years 3000
        ["2018-13-01", "2018-14-02"],
        [],
    ],
)
def test_what_is_no_date(texts):
    assert date_form(texts) is None


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["$1,234.50", "$7", "-$3.25"], [1234.5, 7, -3.25]),
        (["1.234,5", "2,5", "3"], [1234.5, 2.5, 3]),
        (["12%", "3.5%"], [12, 3.5]),
        (["5 €", "1.200,50 €"], [5, 1200.5]),
        (["EUR 5", "EUR 1.5"], [5, 1.5]),
        (["(1,200)", "300"], [-1200, 300]),
        (["1 234", "56"], [1234, 56]),
        (["1\u202f234,5", "56"], [1234.5, 56]),
        (["1'234.5", "56"], [1234.5, 56]),
        (["12 kg", "3 kg"], [12, 3]),
        (["1e5", "-2.5E-3", ".5", "7."], [1e5, -2.5e-3, 0.5, 7]),
    ],
)
def test_numbers_are_read_as_they_are_written(texts, numbers):
    form = number_form(texts)
    assert form.odd == () and [form.read(text) for text in texts] == numbers


@given(st.lists(st.integers(-(10**9), 10**9), min_size=40, max_size=60, unique=True))
@settings(max_examples=30, deadline=None)
def test_numbers_with_thousands_come_back(cents):
    values = [1_234_567.89, *(cent / 100 for cent in cents)]
    for texts in (
        [f"{value:,.2f}" for value in values],
        [
            f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")
            for value in values
        ],
    ):
        form = number_form(texts)
        assert form.odd == () and [form.read(text) for text in texts] == values


def test_odd_cells_among_numbers_are_named_and_few():
    texts = [str(i) for i in range(100)]
    assert number_form([*texts, "?", "n/a"]).odd == ("?", "n/a")
    assert number_form([*texts, *(f"word {i}" for i in range(20))]) is None


@pytest.mark.parametrize(
    "texts",
    [
        ["red", "blue"],
        ["007", "118"],
        ["1st", "2nd"],
        ["A12", "B13"],
        ["12:30", "13:15"],
        ["1.2.3", "4.5.6"],
        ["555-1234", "555-9876"],
        ["5 kg", "3 lb"],
        [str(10**18 + i) for i in range(20)],
        ["?", "-", "."],
        [],
    ],
)
def test_what_is_no_number(texts):
    assert number_form(texts) is None


def test_a_row_of_totals_has_to_be_a_sum():
    frame = pd.DataFrame({"k": ["a", "b", "Total"], "x": [1.5, 2, 3.5], "y": [3, 4, 9]})
    assert total_row(frame) == ("k", 2)
    assert total_row(frame.assign(x=[1.5, 2, 4])) is None
    assert total_row(frame.assign(k=["a", "b", "c"])) is None
    assert total_row(frame[["k"]]) is None


@pytest.mark.parametrize("dtype", ["category", "string", object])
def test_a_row_of_totals_is_found_in_every_kind_of_text(dtype):
    frame = pd.DataFrame({"when": pd.to_datetime(["2024-01-31"] * 4), "x": [1, 2, 4, 7]})
    frame["k"] = pd.Series(["a", None, "b", "Grand total"], dtype=dtype)
    assert total_row(frame) == ("k", 3)
    assert total_row(frame.assign(k=pd.Series([None] * 4, dtype=dtype))) is None

"""Columns that hide what they are are refused at once, odd cells named, with code that cures."""

import pickle

import numpy as np
import pandas as pd
import pytest

from gan_augment.encoding.schema import Schema
from gan_augment.exceptions import ColumnErrors, InputError

N = 240
RNG = np.random.default_rng(0)
DAYS = pd.date_range("2020-01-01", periods=N)
MOMENTS = DAYS + (DAYS - DAYS[0]) / 99


def cells(form, values):
    return pd.Series([form.format(value) for value in values])


GERMAN = "Jan. Feb. März April Mai Juni Juli Aug. Sept. Okt. Nov. Dez."
FRENCH = "janv. févr. mars avril mai juin juillet août sept. oct. nov. déc."
ENDS = {1: "st", 21: "st", 31: "st", 2: "nd", 22: "nd", 3: "rd", 23: "rd"}
HIDDEN = {
    "dates": (pd.Series(DAYS.strftime("%d.%m.%Y")), "datetime", "as text, e.g. '01.01.2020'"),
    "moments": (pd.Series(DAYS.strftime("%b %d, %Y %H:%M")), "datetime", "dates as text"),
    "odd_date": (
        pd.Series([*DAYS.strftime("%Y/%m/%d")[1:], "none"]), "datetime", "'none' in 1 of 240 cells"
    ),
    "clock": (pd.Series(MOMENTS.strftime("%H:%M")), "datetime", "dates as text"),
    "half_days": (pd.Series(MOMENTS.strftime("%I:%M:%S %p")), "datetime", "dates as text"),
    "weekdays": (pd.Series(DAYS.strftime("%A, %d %B %Y")), "datetime", "dates as text"),
    "durations": (pd.Series(DAYS - DAYS[9]).astype(str), "timedelta", "durations as text"),
    "question": (
        cells("{}", RNG.integers(60, 200, N)).where(np.arange(N) % 60 > 0, "?"), "number",
        r"has '\?' in 4 of 240 cells, and numbers in all others",
    ),
    "dashes": (
        cells("{:.2f}", RNG.normal(size=N)).where(np.arange(N) != 7, "-"), "number",
        "has '-' in 1 of 240 cells",
    ),
    "money": (cells("${:,.2f}", RNG.normal(9e3, 1e3, N)), "number", "numbers as text"),
    "percent": (cells("{}%", RNG.integers(0, 99, N)), "integer", "numbers as text"),
    "thousands": (cells("{:,}", RNG.integers(0, 10**6, N)), "integer", "numbers as text"),
    "unit": (cells("{} kg", RNG.integers(0, 99, N)), "integer", "numbers as text"),
    "plain": (cells("{:.3f}", RNG.normal(size=N)), "number", "numbers as text"),
    "comma": (
        cells("{:.2f}", RNG.normal(size=N)).str.replace(".", ","), "number", "numbers as text"
    ),
    "accounts": (
        cells("{}", RNG.integers(1, 999, N)).where(np.arange(N) % 3 > 0, "(1,250)"), "integer",
        "numbers as text",
    ),
    "german": (
        pd.Series([f"{d.day}. {GERMAN.split()[d.month - 1]} {d.year}" for d in DAYS]), "datetime",
        "dates as text",
    ),
    "french": (
        pd.Series([f"{d.day:02} {FRENCH.split()[d.month - 1]} {d.year}" for d in DAYS]),
        "datetime", "dates as text",
    ),
    "ordinals": (
        pd.Series([f"{d:%B} {d.day}{ENDS.get(d.day, 'th')}, {d.year}" for d in DAYS]), "datetime",
        "dates as text",
    ),
    "scales": (
        pd.Series([f"{v:.1f}K" if v < 1000 else f"{v / 1000:.1f}M" for v in range(700, 1900, 5)]),
        "number", "numbers as text",
    ),
    "bounds": (
        pd.Series([f"< {i % 7}" if i % 9 else str(i % 90) for i in range(N)]), "integer",
        "numbers as text",
    ),
    "about": (cells("~{}", RNG.integers(5, 99, N)), "integer", "numbers as text"),
    "minus": (
        cells("{:.1f}", RNG.normal(size=N)).str.replace("-", "\u2212"), "number", "numbers as text"
    ),
    "minus_behind": (
        cells("{:.1f}", RNG.normal(size=N)).replace({r"^-(.*)": r"\1-"}, regex=True), "number",
        "numbers as text",
    ),
    "notes": (
        cells("{:.1f}", RNG.normal(size=N)) + np.where(np.arange(N) % 9, "", " *"), "number",
        "numbers as text",
    ),
    "offsets": (
        pd.Series([f"{m:%Y-%m-%d %H:%M}+0{1 + (3 < m.month < 11)}:00" for m in MOMENTS]),
        "datetime", "dates as text",
    ),
    "spans": (
        pd.Series([f"{k // 60}h {k % 60}m" for k in range(40, 40 + N)]), "timedelta",
        "durations as text",
    ),
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["object", "string"])
@pytest.mark.parametrize("case", HIDDEN)
def test_the_code_in_the_refusal_cures_it(case, dtype):
    series, kind, says = HIDDEN[case]
    X = pd.DataFrame({"it's": series.astype(dtype), "other": np.arange(N) / 7})
    with pytest.raises(InputError, match=says) as refused:
        Schema.infer(X)
    assert refused.value.column == "it's"
    code = refused.value.settings[0][1]
    exec(code, {"pd": pd, "X": X})  # what a reader would paste
    allowed = ("number", "integer") if kind == "number" else (kind,)
    assert Schema.infer(X)["it's"].kind in allowed
    assert X["it's"].isna().sum() == series.isin(["?", "-", "none"]).sum()


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([m.time() for m in MOMENTS], "timedelta"),
        ([m.date() for m in MOMENTS], "datetime"),
        ([pd.Period(m, "M") for m in MOMENTS], "datetime"),
        (
            [
                m.floor("s").tz_localize(("UTC", "Asia/Tokyo")[m.day % 2]).to_pydatetime()
                for m in MOMENTS
            ],
            "datetime",
        ),
    ],
)
def test_the_code_in_the_refusal_cures_objects(cells, kind):
    X = pd.DataFrame({"when": pd.Series(cells, dtype=object), "other": np.arange(N) / 7})
    with pytest.raises(InputError) as refused:
        Schema.infer(X)
    X["when"] = eval(refused.value.settings[0][1], {"pd": pd, "X": X})
    assert Schema.infer(X)["when"].kind == kind and X["when"].notna().all()


@pytest.mark.parametrize(
    "texts",
    [
        [f"zone {i}" for i in range(60)],
        [f"{i:05}" for i in range(60)],
        [f"{i} doors" for i in range(9)],
        [str(10115 + i) for i in range(80)],
        ["1-2", "3-4", "5+"],
    ],
)
def test_words_codes_and_a_few_numbers_stay_categories(texts):
    assert Schema.infer(pd.DataFrame({"a": texts * 4}))["a"].kind == "category"


def test_categories_stay_what_their_owner_made_of_them():
    X = pd.DataFrame({"size": [f"{i / 4} kg" for i in range(80)] * 3})
    with pytest.raises(InputError, match="'category'"):
        Schema.infer(X)
    assert Schema.infer(X, {"size": "category"})["size"].kind == "category"
    assert Schema.infer(X.astype("category"))["size"].kind == "category"


def test_all_columns_are_named_at_once_with_one_cure():
    X = pd.DataFrame({name: HIDDEN[name][0] for name in ("question", "money", "dates")})
    X["id"] = [f"c{i}" for i in range(N)]
    X["ref"] = [f"r{i}" for i in range(N)]
    X["fine"] = np.arange(N) / 7
    with pytest.raises(ColumnErrors, match="5 columns cannot be learnt") as refused:
        Schema.infer(X)
    assert [error.column for error in refused.value.errors] == list(X.columns[:5])
    together = str(refused.value).splitlines()[-1].removeprefix("All together: ")
    code, _, columns = together.rpartition("; columns=")
    exec(code, {"pd": pd, "X": X})
    kinds = [column.kind for column in Schema.infer(X, eval(columns)).columns]
    assert kinds == ["number", "number", "datetime", "ignore", "ignore", "number"]
    assert str(refused.value.about("synthetic")).count(" of synthetic ") == 5
    assert str(pickle.loads(pickle.dumps(refused.value))) == str(refused.value)


def test_a_row_of_totals_is_refused_by_its_place():
    X = pd.DataFrame({"region": ["n", "s", "n", "s", "Total"], "sold": [3, 4, 5, 6, 18]})
    with pytest.raises(InputError, match="'region', row 4 says 'Total'.*sum of the others"):
        Schema.infer(X)
    assert Schema.infer(X.iloc[:4])["region"].kind == "category"


def test_of_two_layouts_the_day_stands_where_it_stands():
    text = pd.Series(DAYS.strftime("%d/%m/%Y")).where(
        np.arange(N) % 2 > 0, DAYS.strftime("%Y-%m-%d")
    )
    X = pd.DataFrame({"day": text.where(np.arange(N) > 0), "other": np.arange(N) / 7})
    with pytest.raises(InputError, match="in several layouts") as refused:
        Schema.infer(X)
    exec(refused.value.settings[0][1], {"pd": pd, "X": X})
    assert pd.isna(X["day"][0]) and (X["day"] == DAYS)[1:].all()


def test_few_scores_and_ratios_are_words():
    X = pd.DataFrame({"ratio": np.resize(["4:30", "16:10", "3:20"], N), "x": np.arange(N) / 7})
    assert Schema.infer(X)["ratio"].kind == "category"


def test_cells_of_several_types_are_no_ranges():
    X = pd.DataFrame({"code": [f"{a % 30}-{a % 30 + 9}" for a in range(N)], "x": np.arange(N) / 7})
    X["code"] = X["code"].astype(object)
    X.at[3, "code"] = 7
    with pytest.raises(InputError, match="mixed or unknown cells"):
        Schema.infer(X)
    cells = pd.Series([f"{a % 30}-{a % 30 + 9}".encode() for a in range(N)], dtype=object)
    assert Schema.infer(pd.DataFrame({"code": cells}))["code"].kind == "category"


def test_ranges_are_split_by_the_code_in_the_refusal():
    low = np.arange(N) % 40
    X = pd.DataFrame({"age": [f"{a}-{a + 9}" for a in low], "x": np.arange(N) / 7})
    with pytest.raises(InputError, match="holds ranges, e.g. '0-9'") as refused:
        Schema.infer(X)
    exec(dict(refused.value.settings)["conversion"], {"X": X, "pd": pd})
    assert list(X) == ["x", "age from", "age to"] and (X["age to"] - X["age from"] == 9).all()
    kept = pd.DataFrame({"age": [f"{a}-{a + 9}" for a in low // 10 * 10], "x": np.arange(N) / 7})
    assert Schema.infer(kept).columns[0].kind == "category"


@pytest.mark.parametrize(
    "texts", ["{1}-{0}", "{0}A {1}B", "{0}/{1}", "M{0} K{1}", "{0}. Mai", "no. {0} of {1}"]
)
def test_codes_with_numbers_in_them_stay_words(texts):
    cells = [texts.format(a % 8, 3 + a % 5) for a in range(N)]
    X = pd.DataFrame({"code": cells, "x": np.arange(N) / 7})
    assert Schema.infer(X).columns[0].kind == "category"

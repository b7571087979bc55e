"""What no column can be learnt from is refused with the cure."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from cells import DAYS, IDS, objects
from dateutil.tz import gettz

from gan_augment.encoding.inference import infer_column
from gan_augment.encoding.schema import Schema
from gan_augment.exceptions import InputError

MIXED = pd.Series([1, "a"], dtype="category")
REFUSED = {
    "inf": (pd.Series([1.0, np.inf]), None, r"'a', row 1 contains inf .*: replace it"),
    "minus_inf": (pd.Series([-np.inf], dtype="float16"), None, r"'a', row 0 contains -inf"),
    "object_inf": (objects(1.0, float("inf")), None, r"'a', row 1 contains inf.*replace"),
    "complex": (pd.Series([1j]), None, r"'a' has dtype complex128 \(Complex data.*: split"),
    "object_complex": (objects(1j, 2j), None, r"'a'.*1j.*Complex data not supported.*: split"),
    "mixed": (objects(1, "a", 2.5, "b"), None, r"'a' holds mixed.*int.*str.*1 and 'a'.*astype"),
    "text_and_bytes": (objects("x", b"y"), None, r"'a' holds mixed.*'x' and b'y'.*astype\(str\)"),
    "bool_and_int": (objects(True, 5), None, r"'a' holds mixed.*True and 5.*convert"),
    "lists": (objects([1], [2]), None, r"'a' holds cells of type list, e\.g\. \[1\].*split"),
    "dict": (objects(1.0, {"b": 1}), None, r"'a' holds cells of type dict.*string or a number"),
    "decimal": (objects(Decimal("1.5")), None, r"'a' holds Decimal.*1\.5.*astype\(float\)"),
    "dates": (objects(dt.date(2024, 1, 1)), None, r"'a' holds date.*2024.*pd\.to_datetime\(X\['a"),
    "moments": (objects(pd.Timestamp("2024")), None, r"'a' holds datetime.*pd\.to_datetime"),
    "spans": (objects(dt.timedelta(1)), None, r"'a' holds timedelta.*pd\.to_timedelta"),
    "huge_objects": (objects(10**30, 1), None, r"'a' holds integers.*64 bits.*10000.*astype"),
    "period": (
        pd.Series(pd.period_range("2024", periods=2)), None, r"'a' has dtype period.*to_timestamp"
    ),
    "interval": (
        pd.Series(pd.interval_range(0, 2)), None, r"'a' has dtype interval.*astype\(str\)"
    ),
    "sparse": (
        pd.Series(pd.arrays.SparseArray([0, 1])), None, r"'a' has dtype Sparse.*sparse\.to_dense"
    ),
    "longdouble": (
        pd.Series(np.ones(2, "longdouble")), None, r"'a' has dtype float128.*astype\(float\)"
    ),
    "interval_levels": (
        pd.Series(pd.cut([1, 2, 3], 2)), None, r"'a' is categorical.*interval.*astype\(str\)"
    ),
    "mixed_levels": (MIXED, None, r"'a' is categorical with levels of type mixed.*1.*astype"),
    "arrow_date": (
        pd.Series([dt.date(2024, 1, 1)], dtype=pd.ArrowDtype(pa.date32())), None,
        r"'a' has dtype date32.*astype\('datetime64\[s\]'\)",
    ),
    "nameless_zone": (
        pd.Series(DAYS.tz_localize(gettz("Europe/London"))), None, r"'a' has dtype .*tz_convert"
    ),
    "arrow_dictionary": (
        pd.Series(["x", "y"], dtype=pd.ArrowDtype(pa.dictionary(pa.int8(), pa.string()))), None,
        r"'a' has dtype dictionary.*astype\('category'\)",
    ),
    "identifier": (IDS, None, r"'a' has 30 distinct values in 30 rows.*'id-0'.*'ignore'.*'regen"),
    "too_many": (
        pd.Series([f"v{i}" for i in range(501)] * 2), None, r"'a' has 501 .*1002 rows.*'ignore'"
    ),
    "too_many_anyway": (
        pd.Series([f"{i}" for i in range(501)]), "category", r"'a' has 501 distinct.*'ignore'"
    ),
    "too_many_numbers": (pd.Series(range(501)), "category", r"'a' has 501.*learnt as numbers"),
    "ignore_int": (pd.Series([1, 2]), "ignore", r"'a': 'ignore'.*int64 cannot hold.*convert"),
    "regenerate_float": (pd.Series([0.5]), "regenerate", r"'a': 'regenerate'.*float64.*convert"),
    "regenerate_bytes": (objects(b"a"), "regenerate", r"'a': 'regenerate'.*convert"),
    "label_dates": (pd.Series(DAYS), "category", r"'a': 'category'.*datetime64.*astype\(str\)"),
    "wrong_kind": (objects("x", "y"), "number", r"'a': 'number'.* is 'category'.*leave it out"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_learnt_is_refused_with_the_cure(case):
    series, kind, message = REFUSED[case]
    with pytest.raises(InputError, match=message):
        Schema.infer(series.to_frame("a"), columns={"a": kind} if kind else None)


def test_a_cell_of_no_known_type_is_a_type_error_too():
    with pytest.raises(TypeError, match="argument must be .* string.* number"):
        infer_column(objects(1.0, {"foo": "bar"}))


def test_choices_must_name_a_column_and_a_kind():
    frame = pd.DataFrame({"a": [1, 2]})
    with pytest.raises(InputError, match=r"columns names 'b'.*use one of \['a'\]"):
        Schema.infer(frame, columns={"b": "ignore"})
    with pytest.raises(InputError, match=r"\{'a': 'integral'\}.*choose one of number, integer"):
        Schema.infer(frame, columns={"a": "integral"})


def test_a_category_never_seen_is_refused_by_name():
    for dtype in ("object", "category", "string"):
        column = infer_column(pd.Series(["u", "v"], name="k", dtype=dtype))
        with pytest.raises(InputError, match=r"'k' holds 'NEVER'.*not seen.*use one of 'u', 'v'"):
            column.codes(pd.Series(["u", "NEVER", None], dtype=dtype))


def test_nothing_wraps_around():
    column = infer_column(pd.Series([1, 2], name="a", dtype="int8"))
    for value in (128, -129, 2**63 - 1):
        with pytest.raises(InputError, match=rf"'a' has dtype int8.*{value} does not fit"):
            column.cast(np.array([0, value]))
    with pytest.raises(InputError, match="'a' has dtype float16.*70000"):
        infer_column(pd.Series([1, 2.5], name="a", dtype="float16")).cast(np.array([7e4]))
    with pytest.raises(InputError, match="'a' has dtype int8.*missing.*nullable"):
        column.cast(np.array([0, 1]), np.array([True, False]))
    with pytest.raises(InputError, match="'new' is not among its levels"):
        infer_column(pd.Series(["x", "y"], dtype="category")).cast(np.array(["new"], dtype=object))


def test_another_sort_of_column_is_refused():
    number = infer_column(pd.Series([0.5, 1.25], name="a"))
    with pytest.raises(InputError, match="'a' had dtype float64 at fit and now has datetime64"):
        number.numbers(pd.Series(DAYS))
    moment = infer_column(pd.Series(DAYS, name="a"))
    with pytest.raises(InputError, match="'a' had dtype datetime64.*now has .*London.*convert"):
        moment.numbers(pd.Series(DAYS.tz_localize("Europe/London")))
    whole = infer_column(pd.Series([1, 2], name="a"))
    assert whole.numbers(pd.Series([1.0, np.nan]))[0].tolist() == [1, 0]
    with pytest.raises(InputError, match="'a' held integers at fit and now holds 1.5"):
        whole.numbers(pd.Series([1.0, 1.5]))

"""What a file says is checked: what fits passes unchanged, everything else is refused."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_augment.containers.untrusted import checked_array, is_finite, is_whole, parsed, require
from gan_augment.exceptions import InputError

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)  # fmt: skip


@given(PLAIN)
def test_plain_values_are_parsed_as_by_json(value):
    text = json.dumps(value)
    assert parsed(text) == json.loads(text) == value


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 1}',
        '[{"b": {"a": 1, "a": 2}}]',
        "NaN",
        "[Infinity]",
        "-Infinity",
        None,
        3,
        {},
    ],
)
def test_what_json_would_let_pass_is_refused(text):
    with pytest.raises(InputError, match="Saved data must have"):
        parsed(text)


def test_require_says_what_it_wants():
    require(True, "anything")
    with pytest.raises(InputError, match="must have a reason"):
        require(False, "a reason")


@pytest.mark.parametrize("value", [0, 1, 2**63 - 1])
def test_whole_numbers(value):
    assert is_whole(value)


@pytest.mark.parametrize("value", [-1, 2**63, True, 1.0, "1", None, np.int64(1), [1]])
def test_no_whole_numbers(value):
    assert not is_whole(value)


def test_bounds_of_whole_numbers_are_inside():
    assert is_whole(-2, -2, 5) and is_whole(5, -2, 5)
    assert not is_whole(-3, -2, 5) and not is_whole(6, -2, 5)


def test_finite_numbers():
    assert is_finite(1) and is_finite(-0.5)
    for value in (True, float("nan"), float("inf"), "1", None, np.float64(1)):
        assert not is_finite(value)


A = {
    "ints": np.array([[1, 2], [3, 4]]),
    "floats": np.array([0.0, 1.0]),
    "gap": np.array([np.nan, 2.0]),
    "inf": np.array([np.inf, np.nan]),
    "none": np.empty((0, 3)),
}


@pytest.mark.parametrize(
    ("name", "kinds", "shape", "more"),
    [
        ("ints", "int64", (2, 2), {}),
        ("ints", "float64 int64", (None, 2), {"low": 1, "high": 4}),
        ("floats", "float64", (None,), {"low": 0, "high": 1}),
        ("gap", "float64", (2,), {"gaps": True, "high": 2}),
        ("inf", "float64", (2,), {"gaps": None}),
        ("none", "float64", (None, 3), {"low": 5, "high": 4}),
    ],
)
def test_arrays_that_fit_are_returned(name, kinds, shape, more):
    assert checked_array(A, name, kinds, shape, **more) is A[name]


@pytest.mark.parametrize(
    ("name", "kinds", "shape", "more", "why"),
    [
        ("missing", "int64", (2, 2), {}, "an array 'missing'"),
        ("ints", "int32 float64", (2, 2), {}, "int32 float64 in 'ints', not int64"),
        ("ints", "int64", (2,), {}, r"shape \(2,\) in 'ints', not \(2, 2\)"),
        ("ints", "int64", (2, 3), {}, "shape"),
        ("ints", "int64", (2, 2, None), {}, "shape"),
        ("ints", "int64", (2, 2), {"low": 2}, "nothing below 2 in 'ints'"),
        ("ints", "int64", (2, 2), {"high": 3}, "nothing above 3 in 'ints'"),
        ("gap", "float64", (2,), {}, "finite numbers in 'gap'"),
        ("gap", "float64", (2,), {"gaps": True, "low": 3}, "nothing below 3"),
        ("inf", "float64", (2,), {"gaps": True}, "no infinity in 'inf'"),
        ("inf", "float64", (2,), {}, "finite"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(name, kinds, shape, more, why):
    with pytest.raises(InputError, match=why):
        checked_array(A, name, kinds, shape, **more)

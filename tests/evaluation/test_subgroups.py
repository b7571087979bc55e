"""Subgroups: every row in one part of a column, names that say which, refusals."""

import numpy as np
import pandas as pd
import pytest

from gan_augment.evaluation.subgroups import named_subgroups
from gan_augment.exceptions import InputError


@pytest.fixture
def frame(rng):
    return pd.DataFrame(
        {
            "age": rng.integers(18, 90, 200),
            "income": np.where(rng.random(200) < 0.1, np.nan, rng.lognormal(size=200)),
            "member": rng.random(200) < 0.3,
            "floors": rng.integers(1, 4, 200),
            "town": pd.Categorical([f"town {i % 30}" for i in range(200)]),
            "when": pd.date_range("2020", periods=200),
        }
    )


@pytest.mark.parametrize(
    ("column", "count"),
    [("age", 4), ("income", 5), ("member", 2), ("floors", 3), ("town", 12), ("when", 4)],
)
def test_every_row_is_in_one_subgroup_of_a_column(frame, column, count):
    found = named_subgroups(column, frame, None)
    assert len(found) == count
    np.testing.assert_array_equal(np.sum(list(found.values()), axis=0), 1)


def test_names_say_what_is_in_a_subgroup(frame):
    found = named_subgroups({"age": 2, "member": 4, "floors": 4}, frame, None)
    low, high, *others = found
    assert others == ["member = False", "member = True", "floors = 1", "floors = 2", "floors = 3"]
    for name in (low, high):
        values = frame["age"][found[name]]
        assert name == f"age {values.min()} to {values.max()}"
    assert list(named_subgroups("town", frame, None))[-1] == "town = another"
    gaps = named_subgroups("income", frame, None)["income is missing"]
    np.testing.assert_array_equal(gaps, frame["income"].isna())


def test_classes_arrays_and_images():
    labels = np.array(["no", "yes", "no"])
    assert list(named_subgroups("class", np.zeros((3, 2)), labels)) == [
        "class = no",
        "class = yes",
    ]
    assert list(named_subgroups([1], np.array([[0, 5], [0, 6], [0, 5]]), None)) == [
        "1 = 5",
        "1 = 6",
    ]
    images = np.zeros((3, 4, 4, 1), dtype=np.uint8)
    assert named_subgroups("class", images, labels)["class = yes"].tolist() == [False, True, False]
    assert named_subgroups(None, images, labels) == {}


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("nothing", "subgroups='nothing' is no column of X"),
        ("class", "subgroups='class' is no column of X"),
        ({"age": 1}, "subgroups=1 cannot be used: pass 2 or more bins"),
        ({"age": "many"}, "pass 2 or more bins"),
    ],
)
def test_what_makes_no_subgroups_is_refused(frame, asked, text):
    with pytest.raises(InputError, match=text):
        named_subgroups(asked, frame, None)

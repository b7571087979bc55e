"""Augmented rows as one frame, in a line, and as a card of a notebook."""

import re

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from gan_augment.augmentation.data import AugmentedData
from gan_augment.exceptions import InputError

CLASSES = np.array(["a", "b", "c"])
MADE = np.array([False, False, True])


def soft(n_real=6, n_new=20, total=5.0):
    """Real rows of three classes, and synthetic ones with random probabilities."""
    rng = np.random.default_rng(0)
    told = rng.dirichlet(np.ones(3), size=n_new)
    proba = np.concatenate([np.eye(3)[np.arange(n_real) % 3], told])
    made = np.arange(n_real + n_new) >= n_real
    weight = np.where(made, total * n_real / n_new, 1.0)
    X, y = rng.normal(size=(n_real + n_new, 2)), CLASSES[proba.argmax(axis=1)]
    return AugmentedData(X, y, made, 0, proba, CLASSES, weight)


def frame():
    return pd.DataFrame({"age": [1, 2, 3], "city": pd.Categorical(["a", "b", "a"])}, [7, 7, 9])


def test_a_frame_keeps_columns_types_and_index():
    y = pd.Series(["no", "yes", "no"], [7, 7, 9], name="churn")
    found = AugmentedData(frame(), y, MADE).to_frame()
    assert found.columns.tolist() == ["age", "city", "churn", "is_synthetic"]
    pd.testing.assert_frame_equal(found[["age", "city"]], frame())
    pd.testing.assert_series_equal(found["churn"], y)
    assert found["is_synthetic"].tolist() == MADE.tolist()


@pytest.mark.parametrize(
    ("y", "name"),
    [
        (np.array([1.0, 2.0, 3.0]), "target"),
        ([1.0, 2.0, 3.0], "target"),
        (pl.Series("worth", [1.0, 2.0, 3.0]), "worth"),
        (pd.DataFrame({"worth": [1.0, 2.0, 3.0]}), "worth"),
        (pa.chunked_array([[1.0, 2.0, 3.0]]), "target"),
    ],
)
def test_every_container_becomes_the_same_frame(y, name):
    plain = frame().astype({"city": str}).reset_index(drop=True)
    for X in (plain, pl.from_pandas(plain), pa.Table.from_pandas(plain)):
        found = AugmentedData(X, y, MADE).to_frame()
        assert found.columns.tolist() == ["age", "city", name, "is_synthetic"]
        assert found["age"].tolist() == [1, 2, 3] and found[name].tolist() == [1.0, 2.0, 3.0]
    array = AugmentedData(np.eye(3), y, MADE).to_frame(target="t", synthetic="new")
    assert array.columns.tolist() == ["x0", "x1", "x2", "t", "new"]


def test_weights_and_probabilities_on_request():
    data = soft()
    plain, full = data.to_frame(), data.to_frame(sample_weight=True, label_proba=True)
    names = ["proba_a", "proba_b", "proba_c"]
    assert full.columns.tolist() == [*plain.columns, "sample_weight", *names]
    np.testing.assert_array_equal(full[names], data.label_proba)
    np.testing.assert_array_equal(full["sample_weight"], data.sample_weight)
    hard = AugmentedData(np.eye(3), None, MADE).to_frame(sample_weight=True, label_proba=True)
    assert hard["sample_weight"].tolist() == [1, 1, 1] and "target" not in hard


def test_what_no_frame_can_hold_is_refused():
    taken = AugmentedData(frame(), pd.Series([1, 2, 3], name="age"), MADE)
    with pytest.raises(InputError, match="Column 'age' is a column of X already.*target="):
        taken.to_frame()
    assert taken.to_frame(target="years")["years"].tolist() == [1, 2, 3]
    with pytest.raises(InputError, match="images"):
        AugmentedData(np.zeros((3, 4, 4)), None, MADE).to_frame()


@pytest.mark.parametrize(
    ("X", "y", "line"),
    [
        (np.eye(3), None, "2 real and 1 synthetic rows, 3 columns"),
        (frame(), list("aab"), "2 real and 1 synthetic rows, 2 columns, 2 classes"),
        (np.zeros((3, 4, 5)), [0, 1, 1], "2 real and 1 synthetic images, 4 x 5, 2 classes"),
    ],
)
def test_a_line(X, y, line):
    assert repr(AugmentedData(X, y, MADE)) == f"AugmentedData({line})"
    assert "soft labels" in repr(soft())
    numbers = AugmentedData(np.zeros((30, 1)), np.arange(30) / 7, np.arange(30) > 20)
    assert "a target of numbers" in repr(numbers)


def rows_of(html):
    """The cells of each table row, in order."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html, re.DOTALL)
    return [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in rows]


def test_a_notebook_shows_rows_of_both_kinds_and_the_classes():
    data = soft(n_real=9, n_new=20)
    html = data._repr_html_()
    rows = rows_of(html)
    first = rows[1:6]
    assert [row[0] for row in first] == data.y[:5].tolist()
    most = data.label_proba[9:14].max(axis=1)
    assert [row[0] for row in rows[7:12]] == [
        f"{label} ({p:.2f})" for label, p in zip(data.y[9:14], most, strict=True)
    ]
    counts = {row[0]: [float(cell) for cell in row[1:]] for row in rows[13:]}
    for place, label in enumerate("abc"):
        made = data.label_proba[9:]
        hard = (data.y[9:] == label).sum()
        assert counts[label] == [3, hard, pytest.approx(made[:, place].sum(), abs=0.05)]
    assert "soft" in html and "weigh 5 times as much" in html


def test_a_notebook_shows_numbers_images_and_tables_without_a_target():
    numbers = AugmentedData(np.zeros((30, 1)), np.arange(30) / 7, np.arange(30) > 20)
    rows = rows_of(numbers._repr_html_())
    assert rows[-3] == ["rows", "count", "mean", "std", "min", "max"]
    assert rows[-2][:3] == ["real", "21", f"{np.mean(np.arange(21) / 7):.3f}"]
    images = AugmentedData(np.arange(3 * 16, dtype="uint8").reshape(3, 4, 4), [0, 1, 1], MADE)
    assert images._repr_html_().count("<img") == 2
    none = AugmentedData(frame(), None, np.zeros(3, dtype=bool))._repr_html_()
    assert none.count("<table") == 1

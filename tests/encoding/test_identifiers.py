"""Columns that name rows are refused with their choices, and columns that only look so are not."""

import numpy as np
import pandas as pd
import pytest

from gan_augment.encoding.inference import infer_column
from gan_augment.exceptions import InputError


def texts(n, repeated=0):
    """n texts, of which the last ``repeated`` say again what came before."""
    return pd.Series(
        [f"m{i}@x.org" for i in [*range(n - repeated), *range(repeated)]], name="mail"
    )


@pytest.mark.parametrize(("n", "repeated"), [(10, 0), (50, 4), (300, 1), (300, 29)])
def test_text_that_hardly_repeats_is_an_identifier(n, repeated):
    with pytest.raises(InputError, match=r"'mail' has .* like an identifier.*'regenerate'"):
        infer_column(texts(n, repeated))


@pytest.mark.parametrize(("n", "repeated"), [(9, 0), (40, 1), (50, 5), (300, 31)])
def test_text_that_repeats_is_a_category(n, repeated):
    assert infer_column(texts(n, repeated)).kind == "category"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("row", np.arange(10)),
        ("number", np.random.default_rng(0).permutation(np.arange(10_000, 10_300))),
        ("number", np.sort(np.random.default_rng(0).choice(500, 300, replace=False))),
        ("customer_id", np.arange(0, 10**9, 10**6)),
        ("customerId", np.arange(0, 10**9, 10**6)),
        ("ID", np.arange(0, 10**9, 10**6)),
        ("user id", np.arange(0, 10**9, 10**6, dtype="uint64")),
    ],
)
def test_integers_that_count_or_name_rows_are_identifiers(name, values):
    series = pd.Series(values, name=name)
    with pytest.raises(InputError, match=f"'{name}' has .* like an identifier.*'integer'"):
        infer_column(series)
    assert infer_column(series, "integer").kind == "integer"
    assert infer_column(series, "regenerate").kind == "regenerate"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("income", np.arange(0, 10**9, 10**6)),
        ("age", np.array([20, 31, 25, 44, 38, 52, 61, 29, 33, 47])),
        ("humid", np.arange(0, 10**9, 10**6)),
        ("customer_id", np.repeat(np.arange(50), 2)),
        ("row", np.arange(9)),
        (0, np.arange(300)),
    ],
)
def test_other_distinct_integers_are_learnt(name, values):
    assert infer_column(pd.Series(values, name=name)).kind == "integer"


def test_many_dates_as_text_are_refused_and_few_are_categories():
    days = pd.date_range("2024-01-01", periods=100).strftime("%Y-%m-%d").tolist()
    with pytest.raises(InputError, match=r"'when' holds dates as text.*pd.to_datetime"):
        infer_column(pd.Series(days * 4, name="when"))
    assert infer_column(pd.Series(days[:49] * 4, name="when")).kind == "category"

"""A table opened once: what is converted, what stays the caller's own."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.exceptions import DataConversionWarning

from gan_augment.encoding.training_table import TrainingTable
from gan_augment.exceptions import InputError


def test_rows_stay_the_callers_own_beside_the_converted_ones():
    X, y = pl.DataFrame({"a": [1, 2, 3], "k": ["u", "v", "u"]}), pl.Series("t", ["p", "q", "p"])
    table = TrainingTable.of(X, y)
    assert table.X is X and table.y is y and len(table) == 3
    assert isinstance(table.rows, pd.DataFrame) and table.rows["k"].tolist() == ["u", "v", "u"]
    assert table.target.kind_ == "class" and table.codes.tolist() == [0, 1, 0]
    assert table.labels.tolist() == ["p", "q", "p"]
    assert table.container.restore(table.rows).equals(X)


def test_an_open_table_is_not_opened_again():
    table = TrainingTable.of(np.eye(3), [0, 1, 0])
    assert TrainingTable.of(table) is table and table.with_kind("auto") is table


def test_a_target_taken_in_another_way_leaves_the_rows_alone():
    table = TrainingTable.of(np.eye(3), [0, 1, 0])
    told = table.with_kind("number")
    assert told.rows is table.rows and told.labels is None
    assert told.codes.dtype == np.float64 and told.target.kind_ == "number"


def test_lists_become_arrays_and_column_vectors_one_dimension():
    with pytest.warns(DataConversionWarning):
        table = TrainingTable.of([[1.5], [2.5]], np.array([[0], [1]]))
    assert isinstance(table.X, np.ndarray) and table.y.shape == (2,)


def test_images_are_not_converted():
    images = np.zeros((4, 8, 8), dtype="uint8")
    table = TrainingTable.of(images, [0, 1, 0, 1])
    assert table.rows is images and table.container is None and len(table) == 4


def test_without_a_target():
    table = TrainingTable.of(np.eye(2))
    assert table.codes is None and table.labels is None and table.target.kind_ == "none"
    with pytest.raises(InputError, match="y is None"):
        TrainingTable.of(np.eye(2), None, "class")

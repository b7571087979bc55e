"""Permutation of columns: exact, in few calls, and on a bounded number of rows."""

import numpy as np
import pandas as pd
import pytest

from gan_augment.evaluation.quality import quality_report
from gan_augment.metrics import permutation
from gan_augment.metrics.permutation import permuted_predictions, rows_a_column


@pytest.mark.parametrize("batch", [1, 7, 50, 10_000])
@pytest.mark.parametrize("n_orders", [1, 3])
def test_it_is_permuting_one_column_after_the_other(monkeypatch, rng, batch, n_orders):
    monkeypatch.setattr(permutation, "_BATCH_ROWS", batch)
    X, weights = rng.normal(size=(8, 5)), rng.normal(size=5)
    orders = [rng.permutation(8) for _ in range(n_orders)]
    calls = []

    def predict(matrix):
        calls.append(len(matrix))
        return matrix @ weights

    found = list(permuted_predictions(predict, X, orders))
    assert len(found) == 5 and sum(calls) == 5 * 8 * n_orders
    assert max(calls) <= max(batch, 8 * n_orders)
    for j, predicted in enumerate(found):
        expected = []
        for order in orders:
            changed = X.copy()
            changed[:, j] = X[order, j]
            expected.append(changed @ weights)
        np.testing.assert_allclose(predicted, np.concatenate(expected))


def test_predictions_of_two_dimensions_are_split_by_rows(rng):
    X = rng.normal(size=(4, 3))
    found = list(
        permuted_predictions(lambda X: np.column_stack([X[:, 0], X[:, 1]]), X, [[3, 2, 1, 0]])
    )
    assert [part.shape for part in found] == [(4, 2)] * 3
    np.testing.assert_array_equal(found[1], np.column_stack([X[:, 0], X[::-1, 1]]))


@pytest.mark.parametrize("n_columns", [1, 50, 151, 400, 100_000])
def test_the_rows_predicted_are_bounded(n_columns):
    rows = rows_a_column(n_columns, 1500)
    assert 1 <= rows <= 1500
    assert rows * n_columns <= max(permutation.MAX_PREDICTED, n_columns)


def test_a_wide_table_predicts_no_more_than_its_share(monkeypatch):
    """What cost minutes was a call of the model for each column, part and fold."""
    calls = []

    def counted(predict, X, orders):
        def spy(matrix):
            calls.append(len(matrix))
            return predict(matrix)

        return permuted_predictions(spy, X, orders)

    for module in ("fidelity", "utility"):
        monkeypatch.setattr(f"gan_augment.metrics.{module}.permuted_predictions", counted)
    tables = [
        pd.DataFrame(np.random.default_rng(seed).normal(size=(150, 60))).add_prefix("x")
        for seed in range(2)
    ]
    targets = [np.where(table["x0"] > 0, "a", "b") for table in tables]
    quality_report(*tables, holdout=tables[0] + 0.1, target=(*targets, targets[0]), random_state=0)
    models = 5 + 6  # folds of the C2ST, and thirds of both tables
    assert len(calls) < 60 * models / 4
    assert sum(calls) <= models * permutation.MAX_PREDICTED

"""How much a model leans on each column: what it says once the column has been shuffled."""

import numpy as np

#: Rows predicted in one call, which has a price of its own: that of hundreds of rows.
_BATCH_ROWS = 5_000

#: Rows predicted for all columns together; the more columns, the fewer rows each is judged on.
MAX_PREDICTED = 75_000


def rows_a_column(n_columns, most):
    """Return on how many rows a column is judged: `most`, and fewer of more than a few columns.

    Examples
    --------
    >>> rows_a_column(20, 500), rows_a_column(400, 500)
    (500, 187)
    """
    return min(most, max(1, MAX_PREDICTED // max(1, n_columns)))


def permuted_predictions(predict, X, orders):
    """Yield what a model predicts after each column in turn has been permuted.

    The permutations `orders` are the same for all columns. Predictions are for the rows of `X`, in
    their order, once for each permutation.

    Examples
    --------
    >>> X = np.array([[1.0, 10.0], [2.0, 20.0]])
    >>> turned = np.array([1, 0])
    >>> [found.tolist() for found in permuted_predictions(lambda X: X.sum(axis=1), X, [turned])]
    [[12.0, 21.0], [21.0, 12.0]]
    """
    order = np.concatenate(orders)
    n_rows, n_columns = len(order), X.shape[1]
    step = max(1, _BATCH_ROWS // n_rows)
    for start in range(0, n_columns, step):
        columns = range(start, min(start + step, n_columns))
        copies = np.tile(X, (len(columns) * len(orders), 1))
        for place, j in enumerate(columns):
            copies[place * n_rows : (place + 1) * n_rows, j] = X[order, j]
        yield from np.split(predict(copies), len(columns))

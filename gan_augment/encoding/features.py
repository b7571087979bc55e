"""Rows as features for scikit-learn's learners: a table as numbers without gaps, images flat.

Text, dates and missing cells are prepared by transformers, so that medians, means and categories
are learnt from the rows that a learner is fitted on.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from gan_augment.containers import is_images
from gan_augment.encoding.flatten import ImageFlattener

MAX_CATEGORIES = 50


class OneScaler(TransformerMixin, BaseEstimator):
    """Divides all features by one number, so that their mean variance is 1.

    Components keep their proportions, unlike with scikit-learn's StandardScaler, which makes the
    least of them as loud as the first.

    Examples
    --------
    >>> OneScaler().fit_transform(np.array([[0.0, 3.0], [0.0, -3.0]])).round(2).tolist()
    [[0.0, 1.41], [0.0, -1.41]]
    """

    def fit(self, X, y=None):
        """Learn the number."""
        self.scale_ = np.sqrt(X.var(axis=0).mean()) or 1.0
        return self

    def transform(self, X):
        """Return the features, divided."""
        return X / self.scale_


class QuantileBins(TransformerMixin, BaseEstimator):
    """Replaces numbers by the place of their bin among bins of about as many rows each.

    Boosted trees of histograms do so themselves, but with sample weights scikit-learn 1.9 sorts
    all rows again for each bin, which takes most of the time of a fit on some hundred rows.

    Parameters
    ----------
    n_bins : int
        At most so many in a column.

    Examples
    --------
    >>> QuantileBins(2).fit_transform(np.array([[1.0], [2.0], [30.0], [40.0]])).ravel().tolist()
    [0.0, 0.0, 1.0, 1.0]
    """

    def __init__(self, n_bins=63):
        self.n_bins = n_bins

    def fit(self, X, y=None):
        """Learn where bins end: the quantiles, or between two numbers where these are few."""
        self.edges_ = []
        shares = np.linspace(0, 1, self.n_bins + 1)[1:-1]
        for column in X.T:
            known = np.unique(column)
            middles = (known[1:] + known[:-1]) / 2
            middles = np.where(middles < known[1:], middles, known[:-1])  # neighbours have none
            few = len(known) <= self.n_bins
            quantiles = np.quantile(column, shares, method="midpoint")
            self.edges_.append(middles if few else np.unique(quantiles))
        return self

    def transform(self, X):
        """Return the places as floats."""
        found = [np.searchsorted(e, x) for e, x in zip(self.edges_, X.T, strict=True)]
        return np.array(found, dtype=np.float64).T.reshape(len(X), len(self.edges_))


def steps_before(frame: Any) -> list:
    """Return the transformers before a learner: images are flattened, tables prepared."""
    if is_images(frame):
        return [ImageFlattener(), StandardScaler()]
    return [preparation(frame)]


def preparation(frame: pd.DataFrame) -> ColumnTransformer:
    """Return a transformer of a table into numbers without gaps; dtypes choose the steps.

    Numbers, dates and durations get the median where they are missing, and one scale.
    Everything else becomes indicators of its categories; missing cells are a category, rare
    categories share one, and unknown ones are none.
    """
    numbers, times, others = [], [], []
    for place, dtype in enumerate(frame.dtypes):  # not names, which may be other integers
        if pd.api.types.is_bool_dtype(dtype):
            others.append(place)
        elif pd.api.types.is_numeric_dtype(dtype):
            numbers.append(place)
        elif pd.api.types.is_datetime64_any_dtype(dtype) or dtype.kind == "m":
            times.append(place)
        else:
            others.append(place)
    steps = (SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())
    indicators = OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=MAX_CATEGORIES, sparse_output=False
    )
    found = make_column_transformer(
        (make_pipeline(FunctionTransformer(as_floats), *steps), numbers),
        (make_pipeline(FunctionTransformer(as_seconds), *steps), times),
        (make_pipeline(FunctionTransformer(as_words), indicators), others),
    )
    return found.set_output(transform="default")  # whatever the caller's own steps hand on


def as_floats(frame: pd.DataFrame) -> np.ndarray:
    """Return columns of numbers as floats, missing cells as NaN."""
    if all(isinstance(dtype, np.dtype) for dtype in frame.dtypes):
        return frame.to_numpy(dtype=float)
    return frame.astype("Float64").to_numpy(dtype=float, na_value=np.nan)


def as_seconds(frame: pd.DataFrame) -> np.ndarray:
    """Return columns of dates or durations as float seconds, missing cells as NaN."""
    columns = []
    for _, column in frame.items():  # noqa: PERF102 (a DataFrame is no dict)
        if pd.api.types.is_datetime64_any_dtype(column):
            column = column.dt.tz_localize(None) - pd.Timestamp(0)
        columns.append(column.dt.total_seconds().to_numpy(dtype=float))
    return np.column_stack(columns) if columns else np.empty((len(frame), 0))


def as_words(frame: pd.DataFrame) -> np.ndarray:
    """Return columns of anything as text, missing cells as one more word."""
    words = frame.astype(object).where(frame.notna(), "(missing)")
    return words.map(str).to_numpy(dtype=object)

"""Ready-made learners for any table: text, dates and missing cells are prepared inside the folds.

Someone who asks from a command line whether augmentation helps has a table and no pipeline. Each
learner here is one: medians, means and categories are learnt from the training rows of a fold,
the synthetic ones included, as they would be in use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from gan_augment.containers import is_images
from gan_augment.encoding.flatten import ImageFlattener
from gan_augment.exceptions import InputError

MAX_CATEGORIES = 50

#: Leaves of three rows, and half the default's rounds: on some hundred rows these have the better
#: probabilities (log loss .49 and .50 on six real tables, .58 and .62 with the defaults) in half
#: the time. With sample weights most time of boosted trees goes into bins, so there are fewer.
FOREST: dict[str, int] = {"n_estimators": 60, "min_samples_leaf": 3}
BOOSTING: dict[str, int] = {"max_iter": 50, "max_bins": 63}

# Short name -> (classifier, regressor); the distances and penalties of "lr" and "knn" need one
# scale for all columns.
LEARNERS: dict[str, tuple[Callable[[], BaseEstimator], Callable[[], BaseEstimator]]] = {
    "lr": (lambda: LogisticRegression(max_iter=2000), lambda: Ridge()),
    "rf": (lambda: RandomForestClassifier(**FOREST), lambda: RandomForestRegressor(**FOREST)),
    "gb": (
        lambda: HistGradientBoostingClassifier(**BOOSTING),
        lambda: HistGradientBoostingRegressor(**BOOSTING),
    ),
    "knn": (lambda: KNeighborsClassifier(), lambda: KNeighborsRegressor()),
}
NAMES = {
    "lr": "linear model",
    "rf": "random forest",
    "gb": "boosted trees",
    "knn": "nearest neighbours",
}


def learners_for(
    frame: Any, names: Sequence[str], kind: Literal["class", "number"]
) -> dict[str, Pipeline]:
    """Return pipelines that prepare the columns of ``frame`` and learn from them.

    Parameters
    ----------
    frame : DataFrame or array of images
        Its dtypes choose the preparation; nothing is learnt from it here.
    names : sequence of {"lr", "rf", "gb", "knn"}
        Logistic or ridge regression, random forest, boosted trees, nearest neighbours.
    kind : {"class", "number"}
        Of the target.

    Returns
    -------
    dict of str to Pipeline

    Raises
    ------
    InputError
        If a name is unknown.

    Examples
    --------
    >>> frame = pd.DataFrame({"size": [1.0, None, 3.0], "colour": ["red", None, "blue"]})
    >>> models = learners_for(frame, ["lr"], "class")
    >>> models["linear model"].fit(frame, ["a", "b", "b"]).predict(frame).tolist()
    ['a', 'b', 'b']
    """
    found = {}
    for name in names:
        if name not in LEARNERS:
            raise InputError(
                "is unknown",
                argument="learners",
                value=name,
                remedy=f"use {', '.join(LEARNERS)}",
            )
        learner = LEARNERS[name][kind == "number"]()
        found[NAMES[name]] = make_pipeline(*steps_before(frame), learner)
    return found


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
    for name, dtype in frame.dtypes.items():
        if pd.api.types.is_bool_dtype(dtype):
            others.append(name)
        elif pd.api.types.is_numeric_dtype(dtype):
            numbers.append(name)
        elif pd.api.types.is_datetime64_any_dtype(dtype) or dtype.kind == "m":
            times.append(name)
        else:
            others.append(name)
    steps = (SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())
    indicators = OneHotEncoder(
        handle_unknown="infrequent_if_exist", max_categories=MAX_CATEGORIES, sparse_output=False
    )
    return make_column_transformer(
        (make_pipeline(FunctionTransformer(as_floats), *steps), numbers),
        (make_pipeline(FunctionTransformer(as_seconds), *steps), times),
        (make_pipeline(FunctionTransformer(as_words), indicators), others),
    )


def as_floats(frame: pd.DataFrame) -> np.ndarray:
    """Return columns of numbers as floats, missing cells as NaN."""
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

"""Ready-made learners for any table: text, dates and missing cells are prepared inside the folds.

Someone who asks from a command line whether augmentation helps has a table and no pipeline. Each
learner here is one: medians, means and categories are learnt from the training rows of a fold,
the synthetic ones included, as they would be in use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from sklearn.base import BaseEstimator
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline

from gan_augment.encoding.features import QuantileBins, steps_before
from gan_augment.exceptions import InputError

#: Leaves of three rows, and half the default's rounds: on some hundred rows these have the better
#: probabilities (log loss .49 and .50 on six real tables, .58 and .62 with the defaults) in half
#: the time. Boosted trees get their bins beforehand.
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

    Raises
    ------
    InputError
        If a name is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"size": [1.0, None, 3.0], "colour": ["red", None, "blue"]})
    >>> models = learners_for(frame, ["lr"], "class")
    >>> models["linear model"].fit(frame, ["a", "b", "b"]).predict(frame).tolist()
    ['a', 'b', 'b']
    """
    found = {}
    for name in names:
        if name not in LEARNERS:
            raise InputError.of("learners", name, "is unknown", f"use {', '.join(LEARNERS)}")
        steps = [*steps_before(frame), LEARNERS[name][kind == "number"]()]
        if name == "gb":
            steps.insert(-1, QuantileBins(BOOSTING["max_bins"]))
        found[NAMES[name]] = make_pipeline(*steps)
    return found

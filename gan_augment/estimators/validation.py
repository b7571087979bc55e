"""What the estimators check of how they are called: the columns, and the place in a Pipeline."""

import math

import numpy as np
from sklearn.utils.validation import validate_data

from gan_augment.containers import is_images, n_rows, take_rows, to_pandas
from gan_augment.exceptions import InputError


def is_mid_step(estimator):
    """Whether a scikit-learn Pipeline is running `estimator` as a step before its last.

    The attribute read here is private to scikit-learn. Only the wording of an error depends on
    it: without it the same mistake ends in numpy's message about different lengths.
    """
    task = getattr(estimator, "_parent_callback_ctx", None)
    name = str(getattr(task, "task_name", ""))
    size = getattr(getattr(task, "parent", None), "max_subtasks", None)
    if not name.startswith("fit-transform-") or not size:
        return False
    return task.task_id < size - 1


def refuse_mid_step(estimator, y, what):
    """Refuse to add rows where scikit-learn's Pipeline would hand on the old, shorter y."""
    if y is not None and is_mid_step(estimator):
        raise InputError(
            f"{what} adds rows in the middle of a scikit-learn Pipeline, which hands the old y to "
            "the next step",
            remedy="build the pipeline with gan_augment.make_pipeline, or wrap the final "
            "estimator in gan_augment.AugmentedClassifier or AugmentedRegressor",
        )


def record_columns(estimator, table):
    """Set ``n_features_in_`` and ``feature_names_in_``, of images ``image_shape_``, by a table."""
    if is_images(table.rows):
        shape = table.rows.shape[1:]
        estimator.n_features_in_, estimator.image_shape_ = math.prod(shape), shape
        vars(estimator).pop("feature_names_in_", None)
        return
    _validate(estimator, table.rows, table.container, reset=True)
    vars(estimator).pop("image_shape_", None)


def check_columns(estimator, X):
    """Refuse a table whose columns, or images whose shape, are not those seen in ``fit``."""
    if is_images(X):
        _check_image_shape(estimator, X.shape[1:])
        return
    in_other_memory = hasattr(X, "columns") and not hasattr(X, "iloc")
    if in_other_memory and n_rows(X):
        X = take_rows(X, np.arange(1))  # polars and pyarrow: what holds for one row holds for all
    _validate(estimator, *to_pandas(X), reset=False)


def _validate(estimator, frame, container, reset):
    table = frame.to_numpy() if container.kind == "numpy" else frame
    validate_data(estimator, table, reset=reset, skip_check_array=True)


def _check_image_shape(estimator, shape):
    wanted = getattr(estimator, "image_shape_", None)
    if wanted != shape:
        seen = f"images of shape {wanted}" if wanted else "a table"
        raise InputError(
            f"has images of shape {shape}, but {type(estimator).__name__} was fitted on {seen}",
            argument="X",
            remedy="pass X as in fit",
        )

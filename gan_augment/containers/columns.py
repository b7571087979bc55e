"""The columns that an estimator has seen in ``fit``, and whether it gets them again."""

import math

import numpy as np
from sklearn.utils.validation import validate_data

from gan_augment.containers.images import is_images
from gan_augment.containers.rows import n_rows, take_rows
from gan_augment.containers.table import to_pandas
from gan_augment.exceptions import InputError


def record_columns(estimator, table):
    """Set ``n_features_in_`` and ``feature_names_in_``, of images ``image_shape_``, by a table."""
    if is_images(table.rows):
        shape = table.rows.shape[1:]
        estimator.n_features_in_, estimator.image_shape_ = math.prod(shape), shape
        vars(estimator).pop("feature_names_in_", None)
        return
    _validate(estimator, table.rows, table.container, reset=True)
    vars(estimator).pop("image_shape_", None)


def takes_any_table(tags):
    """Let scikit-learn's tags of an estimator say that it takes text, categories and gaps."""
    tags.input_tags.allow_nan = True
    tags.input_tags.categorical = True
    tags.input_tags.string = True


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

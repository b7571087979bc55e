"""What the faces check of how they are called: the columns, and the place in a Pipeline."""

import math

from sklearn.utils.validation import validate_data

from gan_augment.containers import is_images, to_pandas
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
            "the next step: build the pipeline with gan_augment.make_pipeline, or wrap the final "
            "estimator in gan_augment.AugmentedClassifier or AugmentedRegressor."
        )


def checked_columns(estimator, X, *, reset):
    """Return `X` as a frame, or images as they are, after checks of columns or shape."""
    if is_images(X):
        _check_image_shape(estimator, X.shape[1:], reset)
        return X
    frame, container = to_pandas(X)
    table = frame.to_numpy() if container.kind == "numpy" else frame
    validate_data(estimator, table, reset=reset, skip_check_array=True)
    if reset:
        vars(estimator).pop("image_shape_", None)
    return frame


def _check_image_shape(estimator, shape, reset):
    if reset:
        estimator.n_features_in_, estimator.image_shape_ = math.prod(shape), shape
        vars(estimator).pop("feature_names_in_", None)
    elif getattr(estimator, "image_shape_", None) != shape:
        wanted = getattr(estimator, "image_shape_", None)
        raise InputError(
            f"X has images of shape {shape}, but {type(estimator).__name__} was fitted on "
            + (f"images of shape {wanted}" if wanted else "a table")
            + ": pass X as in fit."
        )

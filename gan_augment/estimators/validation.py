"""What the estimators check of how they are called: the columns, and the place in a Pipeline."""

import inspect
import math

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.utils.validation import validate_data

from gan_augment.containers import is_images, n_rows, take_rows, to_pandas
from gan_augment.exceptions import InputError


def refuse_mid_step(estimator, y, what):
    """Refuse to add rows where whoever called keeps the old y, or joins branches side by side.

    That is asked of the calls that led here, as neither scikit-learn nor imbalanced-learn tells a
    step its place. Only the wording of an error depends on it: without it the same mistake ends
    in another library's message about different lengths.
    """
    inner, frame = estimator, inspect.currentframe()
    while frame is not None:
        owner = frame.f_locals.get("self")
        frame = frame.f_back
        if owner is inner or type(owner).__module__.startswith("gan_augment."):
            continue
        if isinstance(owner, (ColumnTransformer, FeatureUnion)):
            if _place(inner, _branches(owner)) is not None:
                _refuse_branch(owner, what)
        elif isinstance(owner, Pipeline):
            place = _place(inner, [step for _, step in owner.steps])
            if place is None:
                continue
            if place < len(owner.steps) - 1 and y is not None:
                _refuse_step(owner, what)
            inner = owner


def _place(inner, steps):
    """Return where an estimator is among steps; it may be a clone of one of them, else None."""
    same = [place for place, step in enumerate(steps) if step is inner]
    return next(iter(same + [at for at, s in enumerate(steps) if type(s) is type(inner)]), None)


def _branches(owner):
    named = owner.transformers if isinstance(owner, ColumnTransformer) else owner.transformer_list
    return [entry[1] for entry in named]


def _refuse_branch(owner, what):
    kind = type(owner).__name__
    raise InputError(
        f"{what} adds rows in a branch of a {kind}, which joins the rows of its branches side by "
        "side",
        remedy=f"take it out, and put it before or behind the {kind} as a step of "
        "gan_augment.make_pipeline",
    )


def _refuse_step(owner, what):
    steps = ", ".join(repr(name) for name, _ in owner.steps)
    ours = f"build the Pipeline of {steps} with gan_augment.make_pipeline"
    if type(owner).__module__.startswith("imblearn."):
        raise InputError(
            f"{what} adds rows in the middle of imbalanced-learn's Pipeline, which hands the old "
            "y to the next step",
            remedy=f"put GANOverSampler there, or {ours}, which runs samplers too",
        )
    raise InputError(
        f"{what} adds rows in the middle of a scikit-learn Pipeline, which hands the old y to "
        "the next step",
        remedy=f"{ours}, or wrap its final estimator in gan_augment.AugmentedClassifier or "
        "AugmentedRegressor",
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

"""Rows added in the middle of a scikit-learn Pipeline, where y cannot grow: refused."""

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

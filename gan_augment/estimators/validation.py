"""Whether a Pipeline runs an estimator where it cannot add rows."""

import inspect

from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline

from gan_augment.exceptions import InputError


def refuse_mid_step(estimator, y, what):
    """Refuse to add rows where whoever called keeps the old y, or joins branches side by side.

    That is asked of the calls that led here, as neither scikit-learn nor imbalanced-learn tells a
    step its place. Only the wording of an error depends on it: without it the same mistake ends
    in another library's message about different lengths.
    """
    # not its own frame, whose locals name it: a cycle would keep what all callers hold
    inner, frame = estimator, inspect.currentframe().f_back
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

"""The arguments of a comparison by their names, checked before anything is trained."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline

from gan_augment.augmentation.labels import check_labeler, check_total_weight
from gan_augment.augmentation.maker import Maker, default_generator
from gan_augment.augmentation.plan import resolve_plan
from gan_augment.containers import is_images
from gan_augment.encoding.dtypes import python_scalar
from gan_augment.estimators.transformer import GANAugmenter, target_of
from gan_augment.exceptions import InputError
from gan_augment.selection.controls import CONTROLS
from gan_augment.selection.scorers import LOG_LOSS, named
from gan_augment.selection.statistics import rope_probabilities

#: Differences that make none in practice; 0.01 for scorers that are not listed.
DEFAULT_ROPE = {LOG_LOSS: 0.02}


def named_estimators(estimators: Any) -> dict[str, BaseEstimator]:
    """Return estimators by their names as text, a single one by its class."""
    if not isinstance(estimators, Mapping):
        last = estimators.steps[-1][1] if isinstance(estimators, Pipeline) else estimators
        estimators = {type(last).__name__: estimators}
    if not estimators:
        raise InputError(
            "is empty", argument="estimators", remedy="pass at least one scikit-learn estimator"
        )
    for name, model in estimators.items():
        is_model = not isinstance(model, type) and hasattr(model, "fit")
        if not is_model or not hasattr(model, "get_params"):
            raise InputError.of(
                f"estimators[{name!r}]",
                model,
                "is not an estimator",
                "pass an instance, e.g. LogisticRegression()",
            )
    return named("estimators", estimators.items())


def target_kind(models: Mapping[str, BaseEstimator]) -> str:
    """Return "class" or "number" by what the estimators are, "auto" if they do not say."""
    kinds = {target_of(model): name for name, model in models.items()}
    if {"class", "number"} <= kinds.keys():
        raise InputError(
            f"mixes classifiers ({kinds['class']}) and regressors ({kinds['number']})",
            argument="estimators",
            remedy="compare them separately",
        )
    return next((kind for kind in ("class", "number") if kind in kinds), "auto")


def named_amounts(
    n_samples: Any, class_balance: str, labels: np.ndarray | None, rows: int
) -> dict[Any, Any]:
    """Return the amounts by their names in the result, after trying each on all rows."""
    listed = n_samples if isinstance(n_samples, (list, tuple, np.ndarray)) else [n_samples]
    amounts = {}
    for amount in listed:
        amount = python_scalar(amount)
        resolve_plan(amount, class_balance, labels, rows)
        name = json.dumps(amount, default=str) if isinstance(amount, Mapping) else amount
        if name in amounts:
            raise InputError(
                f"lists {amount!r} twice",
                argument="n_samples",
                remedy="pass each amount once",
            )
        amounts[name] = amount
    if not amounts:
        raise InputError(
            "is an empty list", argument="n_samples", remedy="pass at least one amount"
        )
    return amounts


def named_sizes(train_sizes: Any) -> list:
    """Return the training sizes as a list, [None] for the whole training sets."""
    if train_sizes is None:
        return [None]
    sizes = list(np.ravel(np.asarray(train_sizes, object)))
    if not sizes:
        raise InputError(
            "is an empty list",
            argument="train_sizes",
            remedy="pass at least one size, or leave it out",
        )
    return sizes


def known_rope(rope: float | Mapping[str, float] | None) -> float | Mapping[str, float]:
    """Return the region of practical equivalence, the default for None."""
    if rope is None:
        return DEFAULT_ROPE
    for value in rope.values() if isinstance(rope, Mapping) else [rope]:
        rope_probabilities([], 0.0, rope=value)
    return rope


def check_run(n_jobs: int | None, cache: Any, random_state: Any) -> None:
    """Refuse jobs that run nothing, and a cache of what no second run would find again."""
    if n_jobs == 0:
        raise InputError.of("n_jobs", 0, "runs nothing", "pass 1, or -1 for all cores")
    if cache is not None and random_state is None:
        raise InputError(
            "needs random_state, as no two runs are the same without a seed",
            argument="cache",
            remedy="pass an integer",
        )


def named_makers(augmenters: Any, X: Any, kind: str) -> dict[str, Maker]:
    """Return what makes rows, by name: the controls, then the augmenters.

    `kind` of target, "class" or "number", is told to generators that have theirs at "auto".
    """
    images = is_images(X)
    if augmenters is None:
        labeler = None if images else "committee"
        augmenters = GANAugmenter(default_generator(X), labeler=labeler)
    if not isinstance(augmenters, Mapping):
        inner = getattr(augmenters, "generator", None) or augmenters
        augmenters = {type(inner).__name__: augmenters}
    controls = {name: c.generator() for name, c in CONTROLS.items() if c.generator}
    clash = [name for name in augmenters if name == "none" or name in CONTROLS]
    if clash:
        raise InputError(
            f"has the name {clash[0]!r}, which is a control and always compared",
            argument="augmenters",
            remedy="choose another name or leave it out",
        )
    makers = [
        (name, _maker(name, augmenter, kind, X, flat=images and name in controls))
        for name, augmenter in {**controls, **augmenters}.items()
    ]
    return named("augmenters", makers)


def _maker(name, augmenter, kind, X, flat):
    # Rows of the controls may equal real ones: that is what they do.
    generator, filters, allow_copies, soft = augmenter, None, name in CONTROLS, {}
    if not isinstance(augmenter, type) and hasattr(augmenter, "augment"):
        params = augmenter.get_params(deep=False)
        generator = params.get("generator")
        generator = default_generator(X) if generator is None else generator
        filters = params.get("filters")
        allow_copies = params.get("allow_copies", False)
        soft = {n: params[n] for n in ("labeler", "soft_label_weight") if n in params}
    usable = all(hasattr(generator, method) for method in ("fit", "sample", "get_params"))
    if isinstance(generator, type) or not usable:
        raise InputError.of(
            f"augmenters[{name!r}]",
            generator,
            "is no augmenter",
            "pass a GANAugmenter or a generator with fit and sample, e.g. TabularGAN()",
        )
    generator = clone(generator)
    if generator.get_params().get("target") == "auto":
        generator.set_params(target=kind)
    if soft.get("labeler") is not None:
        check_labeler(soft["labeler"], kind)
        check_total_weight(soft["soft_label_weight"])
    return Maker(generator, filters, allow_copies, flat, **soft)

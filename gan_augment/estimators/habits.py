"""What users of imbalanced-learn's samplers type out of habit, and what to type here instead."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from inspect import signature
from typing import Any, TypeVar, cast

import numpy as np

from gan_augment.exceptions import InputError

Init = TypeVar("Init", bound=Callable[..., None])

_NEIGHBOURS = (
    "leave it out: TabularGAN finds neighbours by itself; GANOverSampler(SMOTEGenerator("
    "k_neighbors=...)) draws between as many"
)
_CATEGORIES = (
    "leave it out: categories are told by the cells; pass a DataFrame, or GANOverSampler("
    "TabularGAN(columns={name: 'category'})) where numbers are categories"
)
_GENERATORS = "it is the generator's: GANOverSampler(TabularGAN({}=...))"
_INDICES = "leave it out: is_synthetic_ says which of the rows returned last are synthetic"

#: Parameters of samplers elsewhere, with what to do here.
PARAMETERS = {
    **dict.fromkeys(("k_neighbors", "m_neighbors", "n_neighbors"), _NEIGHBOURS),
    **dict.fromkeys(("categorical_features", "categorical_encoder"), _CATEGORIES),
    **dict.fromkeys(
        ("kind", "svm_estimator", "out_step", "kmeans_estimator", "density_exponent"),
        "leave it out: it is of one kind of SMOTE",
    ),
    "cluster_balance_threshold": "leave it out: it is of one kind of SMOTE",
    **dict.fromkeys(
        ("shrinkage", "smoothed_bootstrap"),
        "pass GANOverSampler(JitterGenerator(scale=...)), which repeats rows with noise",
    ),
    "ratio": "pass sampling_strategy, as which imbalanced-learn knows it too",
    "n_samples": "pass sampling_strategy={label: rows wanted in total}, or take GANAugmenter",
    "n_jobs": "leave it out: one process makes the rows",
    "return_indices": _INDICES,
    "replacement": "leave it out: it is of samplers that leave rows out",
    **{
        name: _GENERATORS.format(name)
        for name in ("n_steps", "config", "columns", "mixture", "loss", "constraints")
    },
    **dict.fromkeys(
        ("epochs", "batch_size"),
        "pass GANOverSampler(TabularGAN(n_steps=...)), which counts steps, not epochs",
    ),
}

#: The same of attributes and methods.
ATTRIBUTES = {
    "sample_indices_": "synthetic rows are no rows of X; is_synthetic_ says which rows they are, "
    "and the others are X, in its order",
    "fit_sample": "call fit_resample",
    "nn_k_": "there are no neighbours; generator_ has what was learnt, with keep_generator=True",
}


class UnknownParameterError(InputError, TypeError):
    """A parameter that this estimator does not have, which other samplers may."""


def refuse_parameters(given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse parameters by name, with what to do instead.

    Examples
    --------
    >>> refuse_parameters(["n_jobs"], ["generator"])
    Traceback (most recent call last):
    ...
    gan_augment.estimators.habits.UnknownParameterError: n_jobs is no parameter of
    GANOverSampler: leave it out: one process makes the rows.
    """
    for name in given:
        raise UnknownParameterError(
            "is no parameter of GANOverSampler",
            argument=name,
            remedy=PARAMETERS.get(name, f"pass some of {', '.join(known)}"),
        )


def own_parameters_only(init: Init) -> Init:
    """Decorate a constructor to say of parameters it does not have what to pass instead.

    Its signature stays as it is, from which scikit-learn reads the parameters.
    """
    known = [name for name in signature(init).parameters if name != "self"]

    @functools.wraps(init)
    def checked(self, *given, **named):
        refuse_parameters([name for name in named if name not in known], known)
        init(self, *given, **named)

    return cast(Init, checked)


def check_generator(generator: Any) -> None:
    """Refuse a strategy that was passed where the generator stands."""
    if isinstance(generator, (str, float, int, dict, list)):
        raise InputError.of(
            "generator",
            generator,
            "is no generator, which comes first",
            f"pass sampling_strategy={generator!r}",
        )


def one_versus_rest(y: Any) -> np.ndarray | None:
    """Return the class of each row where `y` has a column of 0 and 1 for each; else None.

    Examples
    --------
    >>> one_versus_rest(np.array([[0, 1], [1, 0]])).tolist()
    [1, 0]
    """
    if not isinstance(y, np.ndarray) or y.ndim != 2 or y.shape[1] < 2:
        return None
    told = np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all()
    return y.argmax(axis=1) if told else None

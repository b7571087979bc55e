"""The sampler: ``fit_resample``, for ``imblearn.pipeline.Pipeline``.

imbalanced-learn recognises a sampler by that method alone, so it is not imported here. Its
Pipeline refuses a class that can also transform, which is why this is not `GANAugmenter`.
"""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, clone
from sklearn.utils import InputTags, Tags

from gan_augment.augmentation.maker import default_generator
from gan_augment.containers.columns import record_columns, takes_any_table
from gan_augment.encoding.training_table import TrainingTable
from gan_augment.estimators.habits import (
    ATTRIBUTES,
    PARAMETERS,
    check_generator,
    one_versus_rest,
    own_parameters_only,
    refuse_parameters,
)
from gan_augment.estimators.keeping import KeepsOnRequest
from gan_augment.estimators.transformer import GANAugmenter
from gan_augment.exceptions import InputError
from gan_augment.generators.base import GeneratorLike, as_count
from gan_augment.generators.parameters import check_flag
from gan_augment.process.randomness import Seed
from gan_augment.process.state import one_fit_at_a_time

_CHOICES = (
    "'auto', 'minority', 'not minority', 'not majority', 'all', a float (two classes only), "
    "{label: rows wanted in total} or a callable that returns such a dict"
)


@dataclass(slots=True)
class _SamplerInputTags(InputTags):
    dataframe: bool = True


@dataclass(slots=True)
class _SamplerFacts:
    sample_indices: bool = False


@dataclass(slots=True)
class _SamplerTags(Tags):
    """scikit-learn's tags with the two that imbalanced-learn asks of a sampler."""

    sampler_tags: _SamplerFacts | None = None


def _as(kind, tags, **more):
    return kind(**{field.name: getattr(tags, field.name) for field in fields(tags)}, **more)


class GANOverSampler(OneToOneFeatureMixin, KeepsOnRequest, BaseEstimator):
    """Balance the classes with synthetic rows, in the vocabulary of imbalanced-learn.

    Works as a step of ``imblearn.pipeline.Pipeline``, which resamples in `fit` only, and in
    `gan_augment.Pipeline`.

    Parameters
    ----------
    generator : generator, optional
        Learns the rows and makes new ones; cloned before it is fitted. Default:
        `ImageGAN()` for arrays of images, else `TabularGAN()`.
    sampling_strategy : str, float, dict or callable, default="auto"
        Which classes grow, and to what size.

        - "minority", "not minority", "not majority", "all": these classes grow to the size of
          the largest; "auto" means "not majority".
        - float in (0, 1]: for two classes, rows of the smaller over rows of the larger.
        - dict: ``{label: rows wanted in total}``.
        - callable: takes `y` and returns such a dict.
    allow_copies : bool, default=False
        Whether synthetic rows may equal real ones; False redraws those that do, see `augment`.
    labeler : None, "committee" or estimator, default=None
        As for `GANAugmenter`: a row to whose class it gives less than .05 is redrawn. The labels
        stay those asked for.
    where : dict of {column: condition}, optional
        Conditions that all synthetic rows meet, as in :meth:`TabularGAN.sample`.
    keep_generator : bool, default=False
        Whether to keep the fitted generator, which holds training rows and needs torch.
    random_state : None, int, Generator or RandomState
        Seed of training and sampling.

    Attributes
    ----------
    sampling_strategy_ : dict
        Rows to make for each label.
    generator_ : generator
        The fitted generator, with `keep_generator`.
    is_synthetic_ : ndarray of bool
        Which of the rows returned last are synthetic.
    n_features_in_ : int
        Number of columns seen.
    feature_names_in_ : ndarray of str
        Their names, if all are strings.

    Examples
    --------
    >>> import numpy as np
    >>> from gan_augment import BootstrapGenerator, GANOverSampler
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array(["a", "a", "b"])
    >>> sampler = GANOverSampler(BootstrapGenerator(), random_state=0)
    >>> sampler.fit_resample(X, y)[1]
    array(['a', 'a', 'b', 'b'], dtype='<U1')
    """

    #: How imbalanced-learn's ensembles know a sampler that adds rows.
    _sampling_type: ClassVar[str] = "over-sampling"

    @own_parameters_only
    def __init__(
        self,
        generator: GeneratorLike | None = None,
        *,
        sampling_strategy: str | float | dict | Callable = "auto",
        allow_copies: bool = False,
        labeler: Any = None,
        where: Mapping[Any, Any] | None = None,
        keep_generator: bool = False,
        random_state: Seed = None,
    ) -> None:
        self.generator = generator
        self.sampling_strategy = sampling_strategy
        self.allow_copies = allow_copies
        self.labeler = labeler
        self.where = where
        self.keep_generator = keep_generator
        self.random_state = random_state

    def set_params(self, **params: Any) -> Self:
        """Set parameters, as of any estimator.

        Parameters
        ----------
        **params : dict
            By name; ``generator__name`` for those of the generator.

        Returns
        -------
        self
        """
        foreign = [name for name in params if name in PARAMETERS]
        refuse_parameters(foreign, self._get_param_names())
        return super().set_params(**params)

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            """Say what to use in place of an attribute of imbalanced-learn's samplers."""
            if name in ATTRIBUTES:
                raise AttributeError(f"GANOverSampler has no {name}: {ATTRIBUTES[name]}")
            return super().__getattr__(name)

    @one_fit_at_a_time
    def fit(self, X: Any, y: Any) -> Self:
        """Check the data and resolve the strategy; train nothing.

        Parameters
        ----------
        X : DataFrame, array-like, polars.DataFrame or pyarrow.Table of shape (n, d)
            Training rows.
        y : array-like of shape (n,)
            Class labels; or an array of shape (n, n_classes), 1 for the class of a row, else 0.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If there is one class alone, or the strategy cannot be followed.
        """
        self._resolve(X, y)
        return self

    def _resolve(self, X, y):
        """Resolve the strategy; return the opened table."""
        if y is None:
            raise InputError(
                "GANOverSampler requires y to be passed, but the target y is None",
                remedy="pass class labels",
            )
        check_generator(self.generator)
        codes = one_versus_rest(y)
        table = TrainingTable.of(X, y if codes is None else codes, "class")
        record_columns(self, table)
        classes = table.target.classes_
        if len(classes) == 1 and isinstance(self.sampling_strategy, (str, float)):
            raise InputError(
                f"has 1 class, {classes.tolist()[0]!r}, so there is nothing to balance",
                argument="y",
                remedy="pass rows of two classes, say the rows wanted as {label: rows}, or use "
                "GANAugmenter",
            )
        check_flag("keep_generator", self.keep_generator)
        self.sampling_strategy_ = resolve_strategy(self.sampling_strategy, table.labels)
        return table

    @one_fit_at_a_time
    def fit_resample(self, X: Any, y: Any) -> tuple[Any, Any]:
        """Train the generator and return the rows with synthetic ones after them.

        Parameters
        ----------
        X : DataFrame, array-like, polars.DataFrame or pyarrow.Table of shape (n, d)
            Training rows.
        y : array-like of shape (n,)
            Class labels; or an array of shape (n, n_classes), 1 for the class of a row, else 0.

        Returns
        -------
        X_resampled, y_resampled
            The caller's rows first, bit for bit and in the caller's containers; lists for lists.

        Raises
        ------
        InputError
            If the strategy or the data cannot be used; raised before training.
        """
        table = self._resolve(X, y)
        generator = default_generator(X) if self.generator is None else self.generator
        if "target" in getattr(generator, "get_params", dict)():
            generator = clone(generator).set_params(target="class")
        rows = self.sampling_strategy_
        augmenter = GANAugmenter(
            generator,
            n_samples=rows if self.where is None else {"where": self.where, "rows": rows},
            allow_copies=self.allow_copies,
            labeler=self.labeler,
            random_state=self.random_state,
        )
        data = augmenter.augment(table)
        self._keep(self.keep_generator, generator_=augmenter.generator_)
        self.is_synthetic_ = data.is_synthetic
        y_new = data.y
        if one_versus_rest(y) is not None:
            y_new = np.eye(y.shape[1], dtype=y.dtype)[y_new]
        return data.X.tolist() if isinstance(X, list) else data.X, y_new

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags = _as(_SamplerInputTags, tags.input_tags)
        tags = _as(_SamplerTags, tags, sampler_tags=_SamplerFacts())
        takes_any_table(tags)
        tags.target_tags.required = True
        tags.non_deterministic = self.random_state is None
        return tags


def resolve_strategy(strategy: str | float | dict | Callable, y: np.ndarray) -> dict[object, int]:
    """Return the rows to make for each label, as imbalanced-learn's over-samplers do.

    `imblearn.utils.check_sampling_strategy` gives the same numbers, but refuses any `y` of one
    class, its errors do not name the class at fault, and importing it takes a second.

    Parameters
    ----------
    strategy : str, float, dict or callable
        See `GANOverSampler`.
    y : ndarray of labels

    Raises
    ------
    InputError
        If the strategy is unknown, or asks for rows to be removed.

    Examples
    --------
    >>> resolve_strategy("auto", np.array(["a", "a", "a", "b"]))
    {'b': 2}
    >>> resolve_strategy({"b": 4}, np.array(["a", "a", "a", "b"]))
    {'b': 3}
    """
    labels, counts = np.unique(y, return_counts=True)
    sizes = dict(zip(labels.tolist(), counts.tolist(), strict=True))
    if isinstance(strategy, str):
        return _by_word(strategy, sizes)
    if isinstance(strategy, Mapping):
        return _by_label(strategy, sizes)
    if callable(strategy):
        return _by_label(strategy(y), sizes)
    if isinstance(strategy, numbers.Real) and not isinstance(strategy, (bool, np.bool_)):
        return _by_ratio(float(strategy), sizes)
    if isinstance(strategy, (list, tuple, np.ndarray)):
        raise InputError.of(
            "sampling_strategy",
            strategy,
            "is a list of classes, which says which of them to thin out",
            "pass {label: rows wanted in total}",
        )
    raise _unknown(strategy)


def _unknown(strategy):
    return InputError.of("sampling_strategy", strategy, "is unknown", f"pass {_CHOICES}")


def _by_word(word, sizes):
    largest, smallest = max(sizes, key=sizes.get), min(sizes, key=sizes.get)
    grows = {
        "minority": lambda label: label == smallest,
        "not minority": lambda label: label != smallest,
        "not majority": lambda label: label != largest,
        "all": lambda label: True,
    }
    grows["auto"] = grows["not majority"]
    if word == "majority":
        raise InputError.of(
            "sampling_strategy",
            word,
            "says that the largest class is thinned out, and over-sampling cannot remove rows",
            "pass 'auto', which raises all others to its size",
        )
    if word not in grows:
        raise _unknown(word)
    return {label: sizes[largest] - size for label, size in sizes.items() if grows[word](label)}


def _by_label(totals, sizes):
    if not isinstance(totals, Mapping):
        raise InputError(
            f"returned {totals!r}", argument="sampling_strategy", remedy="return {label: rows}"
        )
    unknown = [label for label in totals if label not in sizes]
    if unknown:
        raise InputError(
            f"names the class {unknown[0]!r}, which is not in y",
            argument="sampling_strategy",
            remedy=f"use one of {list(sizes)[:10]!r}",
        )
    for label, total in totals.items():
        if as_count(total, f"sampling_strategy[{label!r}]") < sizes[label]:
            raise InputError(
                f"asks for {total} rows of class {label!r}, which has {sizes[label]}",
                argument="sampling_strategy",
                remedy="over-sampling cannot remove rows, ask for as many or more",
            )
    return {label: int(total) - sizes[label] for label, total in totals.items()}


def _by_ratio(ratio, sizes):
    if len(sizes) != 2:
        raise InputError.of(
            "sampling_strategy",
            ratio,
            f"is a ratio of two classes, but y has {len(sizes)}",
            "pass 'auto', or {label: rows wanted in total}",
        )
    if not 0 < ratio <= 1:
        raise InputError.of(
            "sampling_strategy",
            ratio,
            "is no ratio of a smaller class to the largest",
            "pass more than 0 and at most 1",
        )
    largest = max(sizes, key=sizes.get)
    (other,) = [label for label in sizes if label != largest]
    rows = int(sizes[largest] * ratio - sizes[other])
    if rows <= 0:
        raise InputError.of(
            "sampling_strategy",
            ratio,
            f"adds no rows to class {other!r}, which already has "
            f"{sizes[other] / sizes[largest]:.3g} times the rows of class {largest!r}",
            "pass a larger ratio, up to 1",
        )
    return {other: rows}

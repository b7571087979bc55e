"""An unfitted generator, and how it is used: cloned, seeded, fitted, asked for rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.base import clone

from gan_augment.augmentation.augment import Filters, augment, checked_filters
from gan_augment.augmentation.data import AugmentedData
from gan_augment.augmentation.labels import Agreement, fit_labeler, relabelled
from gan_augment.containers import append_rows, flat_rows, is_images, take_rows
from gan_augment.encoding.training_table import TrainingTable, as_native
from gan_augment.exceptions import InputError
from gan_augment.generators.base import BaseGenerator, GeneratorLike
from gan_augment.process.randomness import Seed, small_seed


def default_generator(X: Any) -> BaseGenerator:
    """Return the unfitted generator for callers who name none: TabularGAN, of images ImageGAN."""
    if is_images(X):
        from gan_augment.generators.image.gan import ImageGAN

        return ImageGAN()
    from gan_augment.generators.tabular.gan import TabularGAN

    return TabularGAN()


def seeded_clone(
    generator: GeneratorLike | None,
    random_state: Seed,
    rng: np.random.Generator,
    X: Any = None,
) -> GeneratorLike:
    """Return an unfitted copy of a generator, seeded by the estimator that uses it.

    None stands for the default one for `X`. Where the estimator's own `random_state` is None, a
    seed set on the generator itself is left alone.
    """
    generator = default_generator(X) if generator is None else generator
    is_class = isinstance(generator, type)
    if is_class or not all(hasattr(generator, name) for name in ("fit", "sample")):
        raise InputError.of(
            "generator",
            generator,
            "is not a generator",
            "pass an instance with fit and sample, e.g. TabularGAN()",
        )
    copy: Any = clone(generator)
    params = copy.get_params(deep=False)
    has_own = random_state is None and params.get("random_state") is not None
    if "random_state" in params and not has_own:
        copy.set_params(random_state=small_seed(rng))
    return copy


def fit_table(generator: GeneratorLike, table: TrainingTable) -> GeneratorLike:
    """Fit a generator; one of this package takes over what has been converted and encoded."""
    if isinstance(generator, BaseGenerator):
        return generator.fit(table)
    return generator.fit(table.X, table.y)


def check_where(generator: Any, where: Mapping | None, X: Any) -> None:
    """Refuse, before training, conditions that no row of an unfitted generator could meet."""
    if where is not None:
        if not hasattr(generator, "check_where"):
            raise completes_none(generator)
        generator.check_where(where, X)


def rows_under(generator: Any, where: Mapping | None) -> Any:
    """Return a fitted generator, or one like it whose rows all meet conditions."""
    if where is None:
        return generator
    if not hasattr(generator, "under"):
        raise completes_none(generator)
    return generator.under(where)


def completes_none(generator: Any) -> InputError:
    """Return the refusal of a generator that makes no rows around what is fixed."""
    return InputError(
        f"is a {type(generator).__name__}, which completes no rows",
        argument="generator",
        remedy="pass a TabularGAN",
    )


@dataclass(frozen=True)
class Maker:
    """An unfitted generator and which of its rows are kept; it is cloned before it is fitted.

    `filters` and `allow_copies` are those of `augment`. With `flat` it is shown images as tables,
    each pixel a column, as the controls want them.

    A `labeler`, "committee" or an unfitted estimator, says what the rows are: `add` returns them
    with soft labels, and they weigh `soft_label_weight` times as much as all real rows. With
    `keep_labels` the labels stay those that were asked for, and rows that the labeler contradicts
    are redrawn. With `where` all rows meet conditions.

    Examples
    --------
    >>> import numpy as np
    >>> from gan_augment import BootstrapGenerator
    >>> images = np.zeros((4, 8, 8, 3), dtype="uint8")
    >>> maker, rng = Maker(BootstrapGenerator(), flat=True), np.random.default_rng(0)
    >>> fitted = maker.fit(images, [0, 0, 1, 1], rng)
    >>> maker.add(fitted, images, [0, 0, 1, 1], {0: 1, 1: 0}, rng).X.shape
    (5, 8, 8, 3)
    """

    generator: GeneratorLike
    filters: Filters = None
    allow_copies: bool = False
    flat: bool = False
    labeler: Any = None
    soft_label_weight: float = 20.0
    keep_labels: bool = False
    where: Mapping | None = None

    def fit(self, X: Any, y: Any, rng: np.random.Generator) -> GeneratorLike:
        """Return a seeded copy of the generator, fitted."""
        rows = flat_rows(X) if self.flat else X
        generator = seeded_clone(self.generator, None, rng, rows)
        check_where(generator, self.where, rows)
        return generator.fit(rows, y)

    def fit_labeler(
        self, X: Any, y: Any, rng: np.random.Generator, weights: np.ndarray | None = None
    ) -> Any:
        """Return the labeler fitted on the training rows, to be shared by calls of `add`.

        None where there is no labeler.
        """
        if self.labeler is None:
            return None
        table = TrainingTable.of(X, y, getattr(self.generator, "target", "auto"))
        return fit_labeler(self.labeler, table, None, weights, rng)

    def add(
        self,
        generator: GeneratorLike,
        X: Any,
        y: Any,
        plan: dict | int,
        rng: np.random.Generator,
        labeler: Any = None,
        unlabeled: Any = None,
    ) -> AugmentedData:
        """Return the training rows with as many rows of a fitted generator as the plan has.

        `labeler` is what `fit_labeler` returned; where there is one and it is not passed, it is
        fitted here. Rows without labels that `check_unlabeled` takes come after the others, and
        get soft labels as these do.
        """
        filters, agreement, table = self.filters, None, None
        generator = rows_under(generator, self.where)
        if self.labeler is not None:
            table = TrainingTable.of(X, y, getattr(generator, "target", "auto"))
            labeler = self.fit_labeler(table, None, rng) if labeler is None else labeler
        if table is not None and self.keep_labels and table.labels is not None:
            agreement = Agreement(labeler, table, X.shape[1:] if self.flat else None)
            filters = [*checked_filters(filters, self.allow_copies), agreement]
        data = augment(
            generator,
            flat_rows(X) if self.flat else X,
            y,
            plan,
            filters=filters,
            allow_copies=self.allow_copies,
            random_state=rng,
        )
        if self.flat:
            data = replace(data, X=data.X.reshape(-1, *X.shape[1:]))
        if agreement is not None:
            agreement.report(data)
        elif table is not None:
            data = relabelled(data, labeler, table, self.soft_label_weight, unlabeled)
        return data


def check_unlabeled(unlabeled: Any, table: TrainingTable, labels_kept: bool) -> Any:
    """Return rows without labels as a table that goes after the training rows, or refuse them.

    Examples
    --------
    >>> table = TrainingTable.of(np.eye(2), [0, 1])
    >>> check_unlabeled([[0.5, 0.5]], table, labels_kept=False)
    array([[0.5, 0.5]])
    """
    if labels_kept:
        raise InputError(
            "needs a labeler, and n_samples as a number: rows without labels are what it says",
            argument="unlabeled",
            remedy="pass labeler='committee' and an amount, or leave these rows out",
        )
    unlabeled = unlabeled if is_images(unlabeled) else as_native(unlabeled)
    if not isinstance(unlabeled, type(table.X)):
        raise InputError(
            f"is a {type(unlabeled).__name__}, but X is a {type(table.X).__name__}",
            argument="unlabeled",
            remedy="pass rows in the container of X",
        )
    try:
        append_rows(take_rows(table.X, np.arange(1)), unlabeled)
    except InputError as error:
        raise error.about("unlabeled") from None
    return unlabeled

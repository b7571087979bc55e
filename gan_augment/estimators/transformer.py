"""The augmenter: ``fit_transform`` adds synthetic rows, ``transform`` leaves rows alone.

The other estimators use `GANAugmenter`, or what it is made of, for the rows they add.
"""

from __future__ import annotations

import numbers
import time
from collections.abc import Iterator, Mapping
from typing import Any, Self

import numpy as np
from sklearn.base import (
    BaseEstimator,
    OneToOneFeatureMixin,
    TransformerMixin,
    clone,
    is_classifier,
    is_regressor,
)
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from gan_augment.augmentation.augment import Filters, checked_filters
from gan_augment.augmentation.data import AugmentedData
from gan_augment.augmentation.entities import Entities
from gan_augment.augmentation.labels import check_labeler, check_total_weight
from gan_augment.augmentation.maker import (
    Maker,
    check_unlabeled,
    check_where,
    completes_none,
    fit_table,
    rows_under,
    seeded_clone,
)
from gan_augment.augmentation.plan import keeps_labels, resolve_plan, split_amount
from gan_augment.containers.columns import check_columns, record_columns, takes_any_table
from gan_augment.containers.untrusted import require
from gan_augment.encoding.training_table import TrainingTable, as_native
from gan_augment.estimators.keeping import KeepsOnRequest, ReadsSearch
from gan_augment.estimators.validation import refuse_mid_step
from gan_augment.exceptions import InputError
from gan_augment.generators.base import BaseGenerator, GeneratorLike
from gan_augment.generators.parameters import check_flag, is_auto
from gan_augment.generators.saving import SaveMixin, plain, plain_seed
from gan_augment.generators.tabular.conditions import conditions_from_plain, conditions_to_plain
from gan_augment.process.callbacks import (
    CallbackSupportMixin,
    end_tasks,
    fit_tasks,
    running,
    subtask,
    with_callbacks,
)
from gan_augment.process.progress import Work, shown
from gan_augment.process.randomness import Seed, as_rng, small_seed
from gan_augment.process.state import one_fit_at_a_time
from gan_augment.selection.learners import learners_for
from gan_augment.selection.search import MAX_TIME, check_time, search_augmentation

#: The models that n_samples="auto" asks, by their names in `gan_augment.selection.learners`.
PANEL = ("lr", "knn", "rf")
#: Parameters that a file holds as they are.
_SAVED = ("class_balance allow_copies labeler soft_label_weight max_time verbose").split()
_FITTED = (
    "generator_ y_augmented_ is_synthetic_ n_redrawn_ search_ decision_ labeler_ "
    "label_proba_ sample_weight_ _is_light"
).split()


def target_of(estimator: Any) -> str:
    """Return what an estimator takes `y` for: "class", "number", or "auto" if it does not say."""
    if not hasattr(estimator, "__sklearn_tags__"):
        return "auto"
    if is_classifier(estimator):
        return "class"
    return "number" if is_regressor(estimator) else "auto"


class GANAugmenter(
    OneToOneFeatureMixin,
    TransformerMixin,
    CallbackSupportMixin,
    SaveMixin,
    KeepsOnRequest,
    ReadsSearch,
    BaseEstimator,
):
    """Add synthetic rows to training data; leave all other data as it is.

    ``fit_transform`` and ``augment`` return the caller's rows, bit for bit and in the caller's
    container, with synthetic rows after them. ``transform`` is the identity, so data to predict
    on never meets a synthetic row.

    Parameters
    ----------
    generator : generator, optional
        Learns the rows and makes new ones; cloned before it is fitted. Default: `ImageGAN()` for
        arrays of images, with three or four dimensions, else `TabularGAN()`.
    n_samples : float, int, dict, "fill" or "auto", default=1.0
        How many rows to add. A float is a multiple of the training rows, an int a number of
        rows, ``{label: rows}`` says it for each class, "fill" raises every class to the size of
        the largest, 0 adds nothing. ``{"where": {"age": (60, 80)}, "rows": 500}`` spends any of
        these on rows that meet conditions, see :meth:`TabularGAN.sample`. "auto" measures on
        inner folds which of several ways of adding rows helps, none among them. As a transformer
        does not know its model, it asks a panel: logistic or ridge regression, nearest neighbours
        and a random forest, by balanced accuracy or R2; `AugmentedClassifier` asks the model
        itself.
    class_balance : {"equal", "proportional"}, default="equal"
        How a float or int is shared among the classes.
    filters : None, callable or list of callables, optional
        Which synthetic rows to keep, see `augment`; the others are redrawn.
    allow_copies : bool, default=False
        Whether synthetic rows may equal real ones; False redraws those that do, see `augment`.
        No copies is not anonymous: :doc:`/privacy`.
    labeler : None, "committee" or estimator, default=None
        What says which class a synthetic row is, or which number. None leaves a row the label it
        was made for. "committee" is a `CommitteeClassifier` or `CommitteeRegressor`; any
        classifier with ``predict_proba``, or regressor, can take its place. It is fitted on the
        real rows. Where `n_samples` is an amount, rows get soft labels, its probabilities; where
        it is "fill" or rows for each class, labels stay those asked for, and a row to whose class
        the labeler gives less than .05 is redrawn. :doc:`/labels`.
    soft_label_weight : float, default=20.0
        With soft labels, the weight of all synthetic rows relative to that of all real ones.
    max_time : float or None, default=60
        Seconds after which "auto" measures no further inner fold; two it measures in any case.
        The same seed gives the same rows as long as the time is not up; None for no bound.
    random_state : None, int, Generator or RandomState
        Seed of training and sampling. If None, a seed set on the generator itself is used for
        training.
    verbose : int, default=0
        If positive, print what happens and how long it will take, see :doc:`/logging`, and one
        line when rows have been added.

    Attributes
    ----------
    generator_ : generator
        The fitted generator.
    y_augmented_ : array-like or None
        The target of the rows returned last, in the caller's container; it grows with them.
    is_synthetic_ : ndarray of bool
        Which of the rows returned last are synthetic.
    n_redrawn_ : int
        How many rows were thrown away on the way because they equalled a real row.
    labeler_ : estimator
        The fitted labeler, once rows have been added with one.
    label_proba_ : ndarray of shape (n, n_classes) or None
        The class probabilities of the rows returned last, classes in sorted order; real rows have
        one class. None with hard labels. ``y_augmented_`` is then the most likely class.
    sample_weight_ : ndarray of shape (n,) or None
        Weights of the rows returned last, for estimators that take them; None where all are 1.
    search_, search_results_, decision_ : AugmentationSearch, DataFrame, str
        With "auto": all of it, which ``search_.plot()`` draws; what was tried; what was chosen and
        why.
    n_features_in_ : int
        Number of columns seen in `fit`.
    feature_names_in_ : ndarray of str
        Their names, if all are strings.

    See Also
    --------
    make_pipeline : Use it in front of a supervised step, where y must grow together with X.
    AugmentedClassifier : Use it inside any scikit-learn tool.

    Examples
    --------
    >>> import numpy as np
    >>> from gan_augment import BootstrapGenerator, GANAugmenter
    >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array(["a", "a", "b"])
    >>> augmenter = GANAugmenter(BootstrapGenerator(), n_samples="fill", random_state=0)
    >>> augmenter.fit_transform(X, y)
    array([[0.],
           [1.],
           [2.],
           [2.]])
    >>> augmenter.y_augmented_
    array(['a', 'a', 'b', 'b'], dtype='<U1')
    """

    def __init__(
        self,
        generator: GeneratorLike | None = None,
        *,
        n_samples: float | dict | str = 1.0,
        class_balance: str = "equal",
        filters: Filters = None,
        allow_copies: bool = False,
        labeler: Any = None,
        soft_label_weight: float = 20.0,
        max_time: float | None = MAX_TIME,
        random_state: Seed = None,
        verbose: int = 0,
    ) -> None:
        self.generator = generator
        self.n_samples = n_samples
        self.class_balance = class_balance
        self.filters = filters
        self.allow_copies = allow_copies
        self.labeler = labeler
        self.soft_label_weight = soft_label_weight
        self.max_time = max_time
        self.random_state = random_state
        self.verbose = verbose

    @one_fit_at_a_time
    @with_callbacks
    def fit(self, X: Any, y: Any = None) -> Self:
        """Train the generator; add nothing.

        Parameters
        ----------
        X : DataFrame, array-like, polars.DataFrame or pyarrow.Table of shape (n, d)
            Training rows.
        y : array-like of shape (n,), optional
            Class labels or numbers.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If a parameter or the data cannot be used; raised before training.
        """
        with shown(self.verbose):
            self._train(X, y, as_rng(self.random_state), adds=False)
        return self

    def _train(self, X, y, rng, target="auto", adds=True):
        """Fit the generator; return the opened table and the plan, resolved before training."""
        checked_filters(self.filters, self.allow_copies)
        images = X.X if isinstance(X, TrainingTable) else X
        generator = seeded_clone(self.generator, self.random_state, rng, images)
        for name in _FITTED:
            vars(self).pop(name, None)  # a fit that fails leaves nothing of an earlier one
        if target != "auto" and generator.get_params(deep=False).get("target") == "auto":
            generator.set_params(target=target)
        table = TrainingTable.of(X, y, getattr(generator, "target", "auto"))
        record_columns(self, table)
        if self.labeler is not None:
            check_labeler(self.labeler, table.target.kind_)
            check_total_weight(self.soft_label_weight)
        amount, balance = self.n_samples, self.class_balance
        check_where(generator, split_amount(amount)[1], table)
        if is_auto(amount):
            amount, balance = self._search(generator, table) if adds else (0, balance)
        plan = resolve_plan(amount, balance, table.labels, len(table))
        tasks = fit_tasks(self, 1, table.X, table.y)
        with running(subtask(tasks, "fit-generator"), self, generator, table.X, table.y):
            fit_table(generator, table)
        end_tasks(tasks, self, table.X, table.y)
        self.generator_ = generator
        return table, plan

    def _search(self, generator, table):
        """Let the panel settle what to add; return amount and balance, and set the generator."""
        kind = table.target.kind_
        if kind == "none":
            raise InputError.of(
                "n_samples",
                "auto",
                "asks which rows help a model to predict y, but the target y is None",
                "pass y, or n_samples as a number",
            )
        told = clone(generator)
        if "target" in told.get_params(deep=False):
            told.set_params(target=kind)
        found = search_augmentation(
            learners_for(table.rows, PANEL, kind),
            table.rows,
            table.labels if kind == "class" else table.codes,
            Maker(told, self.filters, self.allow_copies),
            factor=1.0,  # a transformer has no say in weights,
            correct_shares=False,  # nor in the probabilities of what learns from its rows
            max_time=self.max_time,
            seed=small_seed(self.random_state),
        )
        self.search_, self.decision_ = found, found.decision.text
        generator.set_params(**found.parameters)
        return found.chosen.n_samples, found.chosen.class_balance or self.class_balance

    @one_fit_at_a_time
    @with_callbacks
    def augment(
        self,
        X: Any,
        y: Any = None,
        *,
        target: str = "auto",
        unlabeled: Any = None,
        groups: Any = None,
    ) -> AugmentedData:
        """Train the generator and return the rows with synthetic ones after them.

        Parameters
        ----------
        X : DataFrame, array-like, polars.DataFrame or pyarrow.Table of shape (n, d)
            Training rows. Other estimators pass a
            :class:`~gan_augment.encoding.training_table.TrainingTable`, rows and target in one,
            which is not converted again.
        y : array-like of shape (n,), optional
            Class labels or numbers.
        target : {"auto", "class", "number"}, default="auto"
            What `y` holds, where the generator leaves it open. A `Pipeline` passes what its last
            step says.
        unlabeled : table, optional
            Rows that have no label, with the columns of `X`. The labeler says what they are, and
            they come last and count as synthetic. The generator does not learn from them.
        groups : str or int, optional
            The column that names whose a row is, where some people have several. New rows are
            those of new people then: columns that are constant in each person are in the new ones,
            and these have as many rows each as real ones. `n_samples` counts people.

        Returns
        -------
        AugmentedData
            With ``X``, ``y`` and ``is_synthetic``, and soft labels with a labeler.

        Raises
        ------
        InputError
            If a parameter or the data cannot be used; raised before training.
        """
        with shown(self.verbose), Work("Adding rows"):
            if groups is not None:
                return self._add_entities(X, y, target, unlabeled, groups)
            return self._augment(X, y, target, unlabeled)

    def _add_entities(self, X, y, target, unlabeled, column):
        """Add the rows of new entities, each with an identifier of its own."""
        others = {"unlabeled": unlabeled, "filters": self.filters, "labeler": self.labeler}
        others["n_samples='auto'"] = True if self.n_samples == "auto" else None
        others["conditions"] = split_amount(self.n_samples)[1]
        for name, value in others.items():
            if value is not None:
                raise InputError.of(
                    "groups",
                    column,
                    f"does not go with {name}, which looks at single rows",
                    f"leave out {name} or groups",
                )
        X = as_native(X)
        entities, rng = Entities(X, y, column), as_rng(self.random_state)
        table, _ = self._train(entities.rows, y, rng, target)
        if not hasattr(self.generator_, "vary"):
            raise InputError(
                f"is a {type(self.generator_).__name__}, which cannot make rows of one person",
                argument="generator",
                remedy="pass a TabularGAN, or leave out groups",
            )
        if table.target.kind_ == "number" and not entities.y_is_constant:
            raise InputError(
                "holds numbers that vary within groups",
                argument="y",
                remedy="pass it as a column of X",
            )
        is_class = table.target.kind_ == "class" and entities.y_is_constant
        labels, n = (entities.labels if is_class else None), len(entities.sizes)
        plan = resolve_plan(self.n_samples, self.class_balance, labels, n)
        n_new = sum(plan.values()) if isinstance(plan, dict) else plan
        data = AugmentedData(X, y, np.zeros(len(entities.rows), dtype=bool))
        if n_new:
            made = entities.drawn(self.generator_, plan, rng)
            X_all, y_all = entities.appended(X, y, *made)
            is_new = np.arange(len(entities.rows) + len(made[0])) >= len(entities.rows)
            data = AugmentedData(X_all, y_all, is_new)
        record_columns(self, TrainingTable.of(X, None, target))
        self.y_augmented_, self.is_synthetic_ = data.y, data.is_synthetic
        self.label_proba_, self.sample_weight_ = None, None
        self.n_redrawn_ = 0
        return data

    def _augment(self, X, y, target, unlabeled):
        start = time.perf_counter()
        rng = as_rng(self.random_state)
        if unlabeled is not None:
            X, y = TrainingTable.of(X, y, target), None
            kept = self.labeler is None or keeps_labels(self.n_samples)
            unlabeled = check_unlabeled(unlabeled, X, kept)
        table, plan = self._train(X, y, rng, target)
        maker = self._maker()
        if self.labeler is not None:
            self.labeler_ = maker.fit_labeler(table, None, rng)
            data = maker.add(self.generator_, table, None, plan, rng, self.labeler_, unlabeled)
        else:
            data = maker.add(self.generator_, table, None, plan, rng)
        self.y_augmented_, self.is_synthetic_ = data.y, data.is_synthetic
        self.label_proba_, self.sample_weight_ = data.label_proba, data.sample_weight
        self.n_redrawn_ = data.n_redrawn
        if self.verbose:
            added, seconds = data.n_synthetic, time.perf_counter() - start
            print(f"[GANAugmenter] {added} rows added to {len(table)} in {seconds:.1f} s")
        return data

    def _maker(self):
        return Maker(
            self.generator_,
            self.filters,
            self.allow_copies,
            labeler=self.labeler,
            soft_label_weight=self.soft_label_weight,
            keep_labels=keeps_labels(self.n_samples),
            where=split_amount(self.n_samples)[1],
        )

    def fit_transform(self, X: Any, y: Any = None, *, unlabeled: Any = None) -> Any:
        """Train the generator and return `X` with synthetic rows after the real ones.

        The target of the rows is in ``y_augmented_``.

        Parameters
        ----------
        X : DataFrame, array-like, polars.DataFrame or pyarrow.Table of shape (n, d)
            Training rows.
        y : array-like of shape (n,), optional
            Class labels or numbers.
        unlabeled : table, optional
            Rows that have no label, as for `augment`.

        Returns
        -------
        table of shape (n + added, d)
            In the caller's container, or the one asked for with ``set_output``.

        Raises
        ------
        InputError
            If a parameter or the data cannot be used; also as a step before the last of a
            scikit-learn Pipeline with a `y`, which cannot grow there.
        """
        if self._adds_rows():
            refuse_mid_step(self, y, "GANAugmenter")
        return _detached(self.augment(X, y, unlabeled=unlabeled).X)

    def _adds_rows(self):
        amount = split_amount(self.n_samples)[0]
        if isinstance(amount, dict):
            return any(amount.values())
        return isinstance(amount, str) or amount != 0

    def transform(self, X: Any) -> Any:
        """Return `X` as it is, after the usual checks of its columns.

        Parameters
        ----------
        X : DataFrame, array-like, polars.DataFrame or pyarrow.Table of shape (n, d)
            Rows with the columns seen in `fit`.

        Returns
        -------
        table of shape (n, d)
        """
        check_is_fitted(self)
        check_columns(self, X)
        return _detached(as_native(X))

    def inverse_transform(self, X: Any) -> Any:
        """Return `X` as it is, like ``transform``."""
        return self.transform(X)

    def sample(
        self,
        n_samples: int | dict | None = None,
        *,
        y: Any = None,
        where: Mapping[Any, Any] | None = None,
        random_state: Seed = None,
    ) -> tuple[Any, Any]:
        """Make synthetic rows alone.

        Parameters
        ----------
        n_samples : int or dict of {label: rows}, optional
            How many, or how many of each class. May be left out if `y` is given.
        y : array-like of labels, optional
            The class wanted for each row.
        where : dict of {column: condition}, optional
            What each row is to meet, as in :meth:`TabularGAN.sample`.
        random_state : None, int, Generator or RandomState, optional
            If None, the generator's own seed: the same rows at every call.

        Returns
        -------
        X, y
            In the containers passed to `fit`; `y` is None if there was none.
        """
        self._check_kept()
        return self._asked(where).sample(n_samples, y=y, random_state=random_state)

    def sample_iter(
        self,
        n_samples: int | dict | None = None,
        *,
        chunk_size: int = 100_000,
        y: Any = None,
        where: Mapping[Any, Any] | None = None,
        random_state: Seed = None,
    ) -> Iterator[tuple[Any, Any]]:
        """Make synthetic rows a chunk at a time, in the memory of one chunk.

        Parameters
        ----------
        n_samples : int or dict of {label: rows}, optional
            How many in all, or of each class. May be left out if `y` is given.
        chunk_size : int, default=100_000
            Rows of each chunk.
        y : array-like of labels, optional
            The class wanted for each row.
        where : dict of {column: condition}, optional
            What each row is to meet, as in :meth:`TabularGAN.sample`.
        random_state : None, int, Generator or RandomState, optional
            If None, the generator's own seed: the same rows at every call.

        Returns
        -------
        iterator of (X, y)
            Each as `sample` returns it; see `BaseGenerator.sample_iter`.

        Examples
        --------
        >>> import numpy as np
        >>> from gan_augment import BootstrapGenerator, GANAugmenter
        >>> augmenter = GANAugmenter(BootstrapGenerator()).fit(np.eye(4), [0, 0, 1, 1])
        >>> [len(X_new) for X_new, _ in augmenter.sample_iter(5, chunk_size=2)]
        [2, 2, 1]
        """
        self._check_kept()
        if not hasattr(self.generator_, "sample_iter"):
            raise InputError(
                f"is a {type(self.generator_).__name__}, which has no sample_iter",
                argument="generator",
                remedy="call sample, or build it on gan_augment.generators.base.BaseGenerator",
            )
        return self._asked(where).sample_iter(
            n_samples, y=y, chunk_size=chunk_size, random_state=random_state
        )

    def complete(self, X: Any, y: Any = None, *, random_state: Seed = None) -> Any:
        """Fill the missing cells of rows, as :meth:`TabularGAN.complete` does.

        Parameters
        ----------
        X : DataFrame, array-like, polars.DataFrame or pyarrow.Table of shape (n, d)
            Rows with the columns seen in `fit`.
        y : array-like of shape (n,), optional
            Their labels or numbers.
        random_state : None, int, Generator or RandomState, optional
            If None, the generator's own seed.

        Returns
        -------
        same kind of table as `X`
        """
        self._check_kept()
        if not hasattr(self.generator_, "complete"):
            raise completes_none(self.generator_)
        return self.generator_.complete(X, y, random_state=random_state)

    def _asked(self, where):
        """Return the generator, or one whose rows meet conditions."""
        return rows_under(self.generator_, where)

    def without_generator(self) -> Self:
        """Return a copy without the fitted generator, which holds training rows.

        It needs no torch either. `transform` works as before, `fit` and `augment` start anew;
        whatever takes the generator says that it was not kept.

        Returns
        -------
        GANAugmenter
            Also without the fitted labeler and the targets and weights of the rows returned last.

        Examples
        --------
        >>> import numpy as np
        >>> from gan_augment import BootstrapGenerator, GANAugmenter
        >>> augmenter = GANAugmenter(BootstrapGenerator()).fit(np.eye(4), [0, 0, 1, 1])
        >>> light = augmenter.without_generator()
        >>> light.transform(np.eye(4)).shape, hasattr(light, "generator_")
        ((4, 4), False)
        """
        check_is_fitted(self)
        return self._without_rows()

    def _as_data(self):
        """Return the parameters and the fitted generator as the header and arrays of a file.

        Not kept are the rows returned last, the fitted labeler and the tables of a search.
        """
        self._check_kept()
        generator = self.generator_
        if not hasattr(generator, "as_data"):
            raise InputError(
                f"is a {type(generator).__name__}, which cannot be saved to a file",
                argument="generator",
                remedy="save a TabularGAN, an ImageGAN or an ImageVAE; fit others again",
            )
        if self.filters is not None:
            raise InputError.of(
                "filters",
                self.filters,
                "is no data, and files hold data only",
                "set filters to None with set_params before saving, and to your own again "
                "after loading",
            )
        if not (self.labeler is None or isinstance(self.labeler, str)):
            raise InputError.of(
                "labeler",
                self.labeler,
                "is an estimator, and files hold data only",
                "set labeler to None with set_params before saving, and to your own again "
                "after loading",
            )
        self._check_settings()
        header, arrays = generator.as_data()
        amount, where = split_amount(self.n_samples)
        if isinstance(amount, dict):  # pairs: keys of a JSON object are strings, labels are not
            amount = [[plain(label), plain(rows)] for label, rows in amount.items()]
        names = getattr(self, "feature_names_in_", None)
        shape = getattr(self, "image_shape_", None)
        return {
            "class": "GANAugmenter",
            "generator": header,
            "default": self.generator is None,
            "n_samples": plain(amount),
            "where": None if where is None else conditions_to_plain(where),
            **{name: plain(getattr(self, name)) for name in _SAVED},
            "random_state": plain_seed(self.random_state),
            "n_features_in": int(self.n_features_in_),
            "feature_names_in": None if names is None else names.tolist(),
            "image_shape": None if shape is None else list(shape),
        }, arrays

    def _check_settings(self):
        """Refuse parameters that no file has: some may have been set after fit."""
        labels, amount = getattr(self.generator_, "classes_", None), self.n_samples
        resolve_plan(0 if is_auto(amount) else amount, self.class_balance, labels, 1)
        check_flag("allow_copies", self.allow_copies)
        check_total_weight(self.soft_label_weight)
        check_time(self.max_time)
        if self.labeler not in (None, "committee"):
            raise InputError.unknown("labeler", self.labeler, 'None or "committee"')
        if not isinstance(self.verbose, numbers.Integral):
            raise InputError.unknown("verbose", self.verbose, "0 or 1")

    @classmethod
    def from_data(cls, header: dict, generator: BaseGenerator) -> Self:
        """Return the augmenter that a file describes, for `gan_augment.load`.

        Parameters
        ----------
        header : dict
            The header that `as_data` returned.
        generator : generator
            Its generator, restored. The parameter `generator` is an unfitted copy of it.

        Returns
        -------
        GANAugmenter
            Fitted.

        Raises
        ------
        InputError
            If the header describes no augmenter, or not that of this generator.
        """
        amount, is_default = header["n_samples"], header["default"]
        if isinstance(amount, list):
            amount = dict(amount)
        if header["where"] is not None:
            amount = {"where": conditions_from_plain(header["where"]), "rows": amount}
        require(isinstance(is_default, bool), "plain parameters")
        as_rng(header["random_state"])
        settings = {name: header[name] for name in (*_SAVED, "random_state")}
        augmenter = cls(None if is_default else clone(generator), n_samples=amount, **settings)
        augmenter.generator_ = generator
        augmenter._check_settings()
        features, names = header["n_features_in"], header["feature_names_in"]
        require(features == generator.n_features_in_, "the features of its generator")
        augmenter.n_features_in_ = features
        if names is not None:
            known = list(getattr(generator, "feature_names_in_", ()))
            require(names == known, "names of its columns")
            augmenter.feature_names_in_ = np.array(names, dtype=object)
        if header["image_shape"] is not None:
            shape = tuple(header["image_shape"])
            require(shape == getattr(generator.container_, "one_", None), "images of one shape")
            augmenter.image_shape_ = shape
        return augmenter

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "generator_") or hasattr(self, "_is_light")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        takes_any_table(tags)
        tags.non_deterministic = self.random_state is None and self._adds_rows()
        return tags


def _detached(X):
    """Return a pandas frame in a new wrapper: ``set_output`` renames the columns of what it gets.

    The cells are shared, not copied.
    """
    return X.copy(deep=False) if hasattr(X, "iloc") else X

"""The meta-estimators: one classifier or regressor, fitted on real rows and synthetic ones.

Rows are added inside `fit`, so cross-validation, grids, stacking and calibration of
scikit-learn never see a synthetic row outside a training fold.
"""

from __future__ import annotations

import numbers
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar, Self

import numpy as np
from scipy.special import logsumexp
from sklearn import get_config
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    MetaEstimatorMixin,
    RegressorMixin,
    clone,
    is_classifier,
    is_regressor,
)
from sklearn.model_selection import GroupKFold, check_cv
from sklearn.utils import Bunch, Tags, get_tags
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, check_memory

from gan_augment.augmentation.averaged import (
    AveragedClassifiers,
    AveragedRegressors,
    can_be_averaged,
)
from gan_augment.augmentation.labels import check_labeler, check_total_weight
from gan_augment.augmentation.maker import Maker, check_unlabeled, default_generator
from gan_augment.augmentation.plan import keeps_labels, split_amount
from gan_augment.augmentation.resampled import learner_and_rows
from gan_augment.augmentation.shares import corrected, has_own_shares, share_factors
from gan_augment.containers import append_rows, is_images, n_rows, take_rows
from gan_augment.containers.advice import advising
from gan_augment.containers.weights import (
    check_metadata,
    checked_weights,
    weight_name,
    weights_of_all,
)
from gan_augment.encoding.training_table import TrainingTable, as_target
from gan_augment.estimators.keeping import ReadsSearch, without_rows
from gan_augment.estimators.transformer import GANAugmenter
from gan_augment.exceptions import InputError
from gan_augment.generators.parameters import check_flag, is_auto, is_number, refuse
from gan_augment.process.callbacks import (
    CallbackSupportMixin,
    end_tasks,
    fit_tasks,
    running,
    subtask,
    with_callbacks,
)
from gan_augment.process.progress import Work, shown
from gan_augment.process.randomness import Seed, small_seed
from gan_augment.process.state import one_fit_at_a_time
from gan_augment.selection.search import MAX_TIME, search_augmentation
from gan_augment.selection.splits import draw_splits, group_codes

#: Methods that are the fitted estimator's.
_DELEGATED = ("predict", "predict_proba", "predict_log_proba", "decision_function", "score")


def _augmented(augmenter, X, y, unlabeled, table, owner, task):
    """Fit an augmenter; cached, so the result depends on the first four arguments only."""
    more = {} if unlabeled is None else {"unlabeled": unlabeled}
    with running(task, owner, augmenter, X, y):
        rows = (table,) if isinstance(augmenter, GANAugmenter) else (X, y)
        data = augmenter.augment(*rows, **more)
    return augmenter, data


def _unlabeled(rows, table, augmenter):
    """Return rows without labels as `augment` takes them, or refuse them before training."""
    if rows is None:
        return None
    params = augmenter.get_params(deep=False)
    kept = params.get("labeler") is None or keeps_labels(params.get("n_samples"))
    return check_unlabeled(rows, table, kept)


def _shown(weights):
    """Return a mask of the rows a generator may learn from, or None for all of them."""
    return None if weights is None or weights.all() else weights != 0


def _if_the_estimator_has(name):
    """Return a decorator: the method is available if the estimator has this one."""

    def check(self):
        getattr(getattr(self, "estimator_", self.estimator), name)
        return True

    return available_if(check)


class AugmentedEstimator(MetaEstimatorMixin, CallbackSupportMixin, ReadsSearch, BaseEstimator):
    """An estimator fitted on real rows and synthetic ones; see its two subclasses.

    A subclass says by ``_target`` whether it learns a "class" or a "number".
    """

    _target: ClassVar[str] = "auto"

    def __init__(
        self,
        estimator: Any,
        augmenter: GANAugmenter | None = None,
        *,
        n_samples: float | dict | str | None = "auto",
        cv: Any = 5,
        scoring: Any = None,
        labeler: Any = "auto",
        soft_label_weight: float = 20.0,
        soft_label_average: str | bool = "auto",
        synthetic_weight: str | float = "auto",
        candidates: Iterable[dict] | None = None,
        max_time: float | None = MAX_TIME,
        n_jobs: int | None = None,
        memory: Any = None,
        keep_generator: bool = False,
        random_state: Seed = None,
        verbose: int = 0,
    ) -> None:
        self.estimator = estimator
        self.augmenter = augmenter
        self.n_samples = n_samples
        self.cv = cv
        self.scoring = scoring
        self.labeler = labeler
        self.soft_label_weight = soft_label_weight
        self.soft_label_average = soft_label_average
        self.synthetic_weight = synthetic_weight
        self.candidates = candidates
        self.max_time = max_time
        self.n_jobs = n_jobs
        self.memory = memory
        self.keep_generator = keep_generator
        self.random_state = random_state
        self.verbose = verbose

    @one_fit_at_a_time
    @with_callbacks
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        groups: Any = None,
        *,
        unlabeled: Any = None,
        **params: Any,
    ) -> Self:
        """Find out how many synthetic rows help, add them, and fit the estimator on all rows.

        Parameters
        ----------
        X : DataFrame, array-like, polars.DataFrame or pyarrow.Table of shape (n, d)
            Training rows.
        y : array-like of shape (n,)
            Target.
        sample_weight : array-like of shape (n,), optional
            Weights of the real rows, kept as they are. Rows of weight 0 are hidden from the
            generator; apart from that it does not use weights.
        groups : array-like of shape (n,), optional
            Which rows belong together, such as those of one patient: inner folds of "auto" never
            split them between training and test rows. In a cross-validation around it, pass them
            as ``params={"groups": groups}``.
        unlabeled : table, optional
            Rows whose target nobody knows, with the columns of `X`. The labeler says what they
            are; they count as synthetic, and are left out where inner folds choose no labeler.
        **params : dict
            If metadata routing is enabled, what the estimator and the splitter `cv` request. A
            parameter of the estimator with one value for each row cannot be given to synthetic
            rows and is refused where any are added. Models of the inner folds get weights only.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If a parameter or the data cannot be used; raised before training.
        """
        if y is None:
            raise InputError(
                f"{type(self).__name__} requires y to be passed, but the target y is None",
                remedy="pass a target",
            )
        given = {"sample_weight": sample_weight, "groups": groups}
        params |= {name: values for name, values in given.items() if values is not None}
        with shown(self.verbose), Work(f"Fitting {type(self).__name__}"):
            return self._fit(X, y, params, unlabeled)

    def _fit(self, X, y, params, unlabeled):
        routed = self._routed("fit", params)
        metadata = dict(routed.estimator.fit)
        table = TrainingTable.of(X, as_target(y), self._target)
        n = len(table)
        weights = checked_weights(metadata.pop("sample_weight", None), n)
        factor = self._check_factor()
        self._check_estimator()
        self._check_memory()
        check_flag("keep_generator", self.keep_generator)
        estimator, augmenter = clone(self.estimator), self._seeded_augmenter(table.X)
        self._set_labeler(augmenter, table)
        unlabeled = _unlabeled(unlabeled, table, augmenter)
        if weights is not None or factor != 1:
            weight_name(estimator)  # refused before training, not after
        check_metadata(metadata, n, adds=self._may_add(augmenter))
        self._check_candidates(augmenter)
        tasks = fit_tasks(self, 2, table.X, table.y)
        for name in ("search_", "decision_", "share_factors_"):
            self.__dict__.pop(name, None)
        if self._is_open(augmenter):
            factor = self._search(augmenter, table, weights, factor, routed.splitter.split)
            unlabeled = unlabeled if augmenter.get_params().get("labeler") is not None else None
        fitted, data = self._augment(augmenter, table, weights, unlabeled, tasks)
        self._record_plain(table, weights, metadata, soft=data.sample_weight is not None)
        estimator, data = self._learnable(estimator, data, table)
        if data.sample_weight is not None:
            factor = data.sample_weight[data.is_synthetic]
        weights = weights_of_all(weights, n, data.n_synthetic, factor)
        if weights is not None:
            metadata[weight_name(estimator)] = weights
        task = subtask(tasks, "fit-estimator")
        run = running(task, self, estimator, data.X, data.y)
        with Work("Fitting the estimator"), run, advising(data.X, data.y):
            estimator.fit(data.X, data.y, **metadata)
        end_tasks(tasks, self, data.X, data.y)
        self.estimator_ = estimator
        self._record_shares(data, weights)
        self.n_samples_ = augmenter.get_params().get("n_samples")
        self._record_columns(fitted)
        self.augmenter_ = fitted if self.keep_generator else without_rows(fitted)
        return self

    def _routed(self, method, params):
        """Return what goes to the estimator, and of a fit to the splitter, by method."""
        if get_config()["enable_metadata_routing"]:
            return process_routing(self, method, **params)
        own = {"sample_weight", "groups"} if method == "fit" else params.keys()
        if params.keys() - own:
            raise InputError(
                "is passed on to the estimator only where metadata routing is enabled",
                argument=next(name for name in params if name not in own),
                remedy="call sklearn.set_config(enable_metadata_routing=True) and set_fit_request "
                "of the estimator",
            )
        groups = {name: params[name] for name in params if method == "fit" and name == "groups"}
        others = {name: params[name] for name in params if name not in groups}
        return Bunch(estimator=Bunch(**{method: others}), splitter=Bunch(split=groups))

    def get_metadata_routing(self) -> MetadataRouter:
        """Return which metadata the estimator and the splitter request.

        Returns
        -------
        MetadataRouter
            `fit` and the methods of prediction pass metadata to the same method of the
            estimator; `fit` passes them to ``cv.split``, too. Scorers of the inner folds get
            none.
        """
        same = MethodMapping()
        for name in ("fit", *_DELEGATED):
            same.add(caller=name, callee=name)
        splits = MethodMapping().add(caller="fit", callee="split")
        router = MetadataRouter(owner=self).add(estimator=self.estimator, method_mapping=same)
        # Folds that are dealt out here keep groups together where there are any.
        splitter = GroupKFold() if self._deals_folds() else self.cv
        return router.add(splitter=splitter, method_mapping=splits)

    def _deals_folds(self):
        return self.cv is None or isinstance(self.cv, numbers.Integral)

    def _check_estimator(self):
        """Refuse what is no estimator, or one of the other kind, before anything is trained."""
        estimator, wanted = self.estimator, {"class": "classifier", "number": "regressor"}
        wanted = wanted[self._target]
        if isinstance(estimator, type) or not hasattr(estimator, "fit"):
            raise InputError.of(
                "estimator", estimator, "is not an estimator", f"pass an instance of a {wanted}"
            )
        is_other = {"classifier": is_regressor, "regressor": is_classifier}[wanted]
        if is_other(estimator):
            raise InputError.of(
                "estimator",
                estimator,
                f"is no {wanted}, which {type(self).__name__} needs",
                f"pass a {wanted}",
            )
        self._averages(searched=False)

    def _averages(self, searched):
        """Whether a fit with soft labels is averaged with one on the real rows alone."""
        asked = self.soft_label_average
        if is_auto(asked):
            return searched
        if not isinstance(asked, (bool, np.bool_)):
            refuse("soft_label_average", asked, "'auto', True or False")
        return bool(asked)

    def _check_factor(self):
        """Return the weight of a synthetic row; 1 until a search has chosen another."""
        factor = self.synthetic_weight
        if is_auto(factor):
            return 1.0
        if not is_number(factor) or factor < 0:
            refuse("synthetic_weight", factor, "'auto' or a finite number >= 0")
        return factor

    def _check_candidates(self, augmenter):
        """Refuse ways to try where nothing is left to be tried."""
        chosen = [] if self._is_open(augmenter) else ["n_samples"]
        chosen += [] if self.synthetic_weight == "auto" else ["synthetic_weight"]
        if self.candidates is not None and chosen:
            raise InputError(
                f"are what inner folds choose among, and {chosen[0]} is a choice already",
                argument="candidates",
                remedy=f"pass {chosen[0]}='auto', or no candidates",
            )

    def _check_memory(self):
        try:
            check_memory(self.memory)
        except ValueError:
            raise InputError.of(
                "memory", self.memory, "is no cache", "pass a folder, a joblib.Memory or None"
            ) from None

    def _seeded_augmenter(self, X):
        augmenter = GANAugmenter() if self.augmenter is None else self.augmenter
        if isinstance(augmenter, type) or not hasattr(augmenter, "augment"):
            raise InputError.of(
                "augmenter",
                augmenter,
                "cannot add rows",
                f"pass a GANAugmenter, e.g. GANAugmenter({augmenter})"
                if hasattr(augmenter, "sample")
                else "pass a GANAugmenter, e.g. GANAugmenter(TabularGAN())",
            )
        augmenter = clone(augmenter)
        params = augmenter.get_params()
        if self.n_samples is not None:
            augmenter.set_params(n_samples=self.n_samples)
        if self.random_state is not None and "random_state" in params:
            seed = small_seed(self.random_state)
            augmenter.set_params(random_state=seed)
        if "generator" in params and params["generator"] is None:
            augmenter.set_params(generator=default_generator(X))
        if "generator__target" in augmenter.get_params():
            augmenter.set_params(generator__target=self._target)
        return augmenter

    @staticmethod
    def _is_open(augmenter):
        return is_auto(augmenter.get_params().get("n_samples"))

    @staticmethod
    def _may_add(augmenter):
        """Whether synthetic rows may be added: all amounts but 0."""
        amount, _ = split_amount(augmenter.get_params().get("n_samples"))
        return isinstance(amount, (str, dict)) or amount != 0

    def _set_labeler(self, augmenter, table):
        """Give the augmenter its labeler.

        "auto" is a committee for tables, unless classes are asked for. A transformed image is of
        the class of its origin, which no labeler knows better.
        """
        params, chosen = augmenter.get_params(deep=False), self.labeler
        decides = is_auto(chosen)
        if "labeler" not in params:
            if not (decides or chosen is None):
                raise InputError.of(
                    "augmenter",
                    augmenter,
                    "has no labeler to set",
                    "pass a GANAugmenter, or labeler=None",
                )
            return
        if decides:
            (amount, _), own = split_amount(params["n_samples"]), params["labeler"]
            is_amount = isinstance(amount, numbers.Real) and amount != 0
            is_amount = is_amount or self._is_open(augmenter)
            has_own = own is not None or self.synthetic_weight != "auto"
            keeps = has_own or not is_amount or is_images(table.X)
            chosen = own if keeps else "committee"
        if chosen is None:
            augmenter.set_params(labeler=None)
            return
        check_labeler(chosen, table.target.kind_)
        check_total_weight(self.soft_label_weight)
        if self.synthetic_weight != "auto":
            raise InputError.of(
                "synthetic_weight",
                self.synthetic_weight,
                "is the weight of a row with a hard label, and a labeler makes them soft",
                "pass soft_label_weight instead, or labeler=None",
            )
        if not (decides and params["labeler"] is not None):
            augmenter.set_params(labeler=chosen, soft_label_weight=self.soft_label_weight)

    def _search(self, augmenter, table, weights, factor, split_params):
        """Settle on inner folds what the augmenter is to add; returns the weight of its rows."""
        params = augmenter.get_params()
        if "generator" not in params:
            raise InputError.of(
                "augmenter",
                augmenter,
                "has no generator to search with",
                "pass a GANAugmenter, or n_samples as a number",
            )
        shown, seed = _shown(weights), small_seed(self.random_state)
        cv, groups = self._inner_folds(table, shown, seed, split_params)
        self.search_ = search_augmentation(
            {type(self.estimator).__name__: self.estimator},
            *(rows if shown is None else take_rows(rows, shown) for rows in (table.X, table.y)),
            Maker(
                params["generator"],
                params.get("filters"),
                params.get("allow_copies", False),
                labeler=params.get("labeler"),
                soft_label_weight=params.get("soft_label_weight", self.soft_label_weight),
            ),
            scoring=self.scoring,
            cv=cv,
            groups=groups,
            weights=weights if shown is None else weights[shown],
            factor=None if self.synthetic_weight == "auto" else factor,
            ways=self.candidates,
            n_jobs=self.n_jobs,
            max_time=self.max_time,
            seed=seed,
            **self._search_options(),
        )
        chosen = self.search_.chosen
        if self.search_.generator is not None:
            augmenter.set_params(generator=clone(self.search_.generator))
        if chosen.total_weight is not None:
            augmenter.set_params(soft_label_weight=chosen.total_weight)
        if params.get("labeler") is not None and chosen.labels != "labeler":
            augmenter.set_params(labeler=None)
        augmenter.set_params(
            n_samples=chosen.n_samples,
            class_balance=chosen.class_balance or params["class_balance"],
            **{f"generator__{name}": value for name, value in self.search_.parameters.items()},
        )
        self.decision_ = self.search_.decision.text
        return chosen.synthetic_weight

    def _search_options(self):
        """What a search is told of the estimators that it tries."""
        return {"averaged": self._averages(searched=True)}

    def _inner_folds(self, table, shown, seed, split_params):
        """Return `cv` and the groups for the rows of positive weight.

        Splitters and positions are about all rows of the caller, so splits are drawn from these;
        rows of weight 0 then drop out of them.
        """
        groups = split_params.get("groups")
        if groups is not None:
            groups = group_codes(groups, len(table))
        if self._deals_folds():
            return self.cv, groups if groups is None or shown is None else groups[shown]
        return self._inner_splits(table, shown, seed, split_params), None

    def _inner_splits(self, table, shown, seed, split_params):
        cv = self.cv
        if any(values is not None for values in split_params.values()):
            cv = list(check_cv(cv).split(table.X, table.y, **split_params))
        if shown is None:
            return cv
        classes = table.target.kind_ == "class"
        place = np.cumsum(shown) - 1  # of a row among those shown
        splits = [
            tuple(place[rows[shown[rows]]] for rows in split)
            for split in draw_splits(table.codes, cv, classes=classes, seed=seed)
        ]
        splits = [split for split in splits if all(map(len, split))]
        if not splits:
            raise InputError(
                "has no fold with training and test rows of positive weight",
                argument="cv",
                remedy="pass folds with such rows, or other weights",
            )
        return splits

    def _augment(self, augmenter, table, weights, unlabeled, tasks):
        """Return the fitted augmenter and its rows; real ones of weight 0 are not among them."""
        shown, part = _shown(weights), table
        if shown is not None:
            X, y = (take_rows(rows, shown) for rows in (table.X, table.y))
            part = TrainingTable.of(X, y, self._target)
        cached = check_memory(self.memory).cache(_augmented, ignore=["table", "owner", "task"])
        task = subtask(tasks, "augment")
        augmenter, data = cached(
            augmenter, part.X, part.y, unlabeled, table=part, owner=self, task=task
        )
        return augmenter, data

    @staticmethod
    def _learnable(estimator, data, table):
        """Return what learns soft labels, and the rows as it takes them, all real ones first."""
        n = len(table)
        estimator, data = learner_and_rows(estimator, data)
        if (~data.is_synthetic).sum() < n:
            new = data.is_synthetic
            X, y = (
                append_rows(real, take_rows(rows, new))
                for real, rows in ((table.X, data.X), (table.y, data.y))
            )
            soft = data.sample_weight
            soft = None if soft is None else np.concatenate([np.ones(n), soft[new]])
            data = replace(data, X=X, y=y, is_synthetic=np.arange(n_rows(X)) >= n)
            data = replace(data, sample_weight=soft)
        return estimator, data

    def _record_columns(self, fitted):
        for name in ("n_features_in_", "feature_names_in_", "image_shape_"):
            if hasattr(fitted, name):
                setattr(self, name, getattr(fitted, name))
            elif name in vars(self):
                delattr(self, name)

    def _record_plain(self, table, weights, metadata, soft):
        """Fit a copy of the estimator on the real rows alone, where it is to be averaged."""
        self.plain_estimator_ = None
        classes = self._target == "class"
        asked = soft and self._averages(searched=hasattr(self, "search_"))
        if not asked or not can_be_averaged(self.estimator, classes=classes):
            return
        given = {} if weights is None else {weight_name(self.estimator): weights}
        with Work("Fitting the estimator to the real rows"), advising(table.X, table.y):
            plain = clone(self.estimator).fit(table.X, table.y, **metadata, **given)
        self.plain_estimator_ = plain if can_be_averaged(plain, classes=classes) else None

    def _model(self):
        """What predicts: the fitted estimator, or its mean with one of the real rows alone."""
        if self.plain_estimator_ is None:
            return self.estimator_
        return self._mean_model()

    def _record_shares(self, data, weights):
        """Remember how added rows changed the class shares that probabilities refer to."""

    def _ask(self, method, X, params):
        """Return the answer of what predicts, to which parameters are routed."""
        check_is_fitted(self)
        params = self._routed(method, params).estimator[method]
        return getattr(self._model(), method)(X, **params)

    @_if_the_estimator_has("predict")
    def predict(self, X: Any, **params: Any) -> np.ndarray:
        """Return the prediction for each row.

        Parameters
        ----------
        X : table of shape (n, d)
            Rows to predict; none is added.
        **params : dict
            Passed on to the estimator, by its requests if metadata routing is enabled.

        Returns
        -------
        ndarray of shape (n,)
        """
        return self._ask("predict", X, params)

    @_if_the_estimator_has("score")
    def score(self, X: Any, y: Any, sample_weight: Any = None, **params: Any) -> float:
        """Return the estimator's score on the given rows; none is added.

        Parameters
        ----------
        X : table of shape (n, d)
            Rows to predict.
        y : array-like of shape (n,)
            Their target.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows.
        **params : dict
            Passed on to the estimator, by its requests if metadata routing is enabled.

        Returns
        -------
        float
        """
        check_is_fitted(self)
        if sample_weight is not None:
            params["sample_weight"] = sample_weight
        params = self._routed("score", params).estimator.score
        return self._model().score(X, y, **params)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "estimator_")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.input_tags.allow_nan = inner.input_tags.allow_nan
        tags.input_tags.categorical = inner.input_tags.categorical
        tags.input_tags.string = inner.input_tags.string
        tags.input_tags.positive_only = inner.input_tags.positive_only
        tags.target_tags.required = True
        tags.non_deterministic = inner.non_deterministic or self.random_state is None
        return tags


class AugmentedClassifier(ClassifierMixin, AugmentedEstimator):
    """A classifier fitted on real rows and synthetic ones.

    `fit` finds out whether and how added rows help, trains the augmenter on the rows it is given,
    adds synthetic rows and fits the estimator on all of them. `predict`, `decision_function` and
    `score` are the estimator's. Added rows change how common the classes are, and probabilities
    follow: `predict_proba` takes that back and refers to the class shares of the real rows. Where
    "auto" chooses rows with soft labels, all of these are of the mean of two models: a copy of
    the estimator learns the real rows alone.

    Parameters
    ----------
    estimator : classifier
        Any scikit-learn classifier, a whole Pipeline included; cloned before it is fitted.
    augmenter : GANAugmenter, optional
        Adds the rows; cloned before it is fitted. Default: `GANAugmenter()`.
    n_samples : "auto", float, int, dict, "fill" or None, default="auto"
        How many rows to add, in place of the augmenter's own `n_samples`. "auto" measures on
        inner folds of the training rows which of several ways of adding rows helps this
        estimator, and takes the best if it beats the real rows alone and all that costs nothing
        (class weights, repeated rows, noise, SMOTE); :doc:`/closed_loop`. Otherwise a multiple of
        the training rows, a number of rows, ``{label: rows}``, or as many as raise every class to
        the largest. None leaves the augmenter's own.
    cv : int, splitter or iterable, default=5
        Inner folds of "auto"; an int is repeated while rows are few.
    scoring : str, callable, list or dict, optional
        What "auto" asks for: scikit-learn's scorers, of which the first decides. Default: the area
        under the ROC curve and log loss together, better in one and lower in none.
    pos_label : object, optional
        The class that scores of one class, such as "f1", are about. Default: the rarer of two.
    labeler : "auto", None, "committee" or estimator, default="auto"
        What says which class a synthetic row is, see `GANAugmenter`. "auto" is "committee" for
        tables where `n_samples` is an amount or "auto" and `synthetic_weight` "auto", else the
        augmenter's own; with `n_samples` "auto" inner folds may speak against it. None leaves a
        row the label it was made with. The labeler learns from rows, not from weights.
    soft_label_weight : float, default=20.0
        With a labeler, the weight of all synthetic rows relative to that of all real ones.
    synthetic_weight : "auto" or float, default="auto"
        Weight of a synthetic row, relative to the mean weight of the real rows whose weight is
        not 0. "auto" is 1, where `n_samples` is "auto" what the inner folds favour. Anything but
        1 needs an estimator that takes `sample_weight`.
    candidates : list of dict or ParameterGrid, optional
        What "auto" tries in place of its own ways. Each dict has some of ``"generator"``,
        ``"labeler"`` (None: rows keep the labels they were made with), ``"soft_label_weight"``,
        ``"n_samples"``, ``"class_balance"`` and ``"synthetic_weight"``; what it leaves out is as
        "auto" has it. A generator named here is fitted as it is; :doc:`/closed_loop`.
    soft_label_average : "auto" or bool, default="auto"
        Where rows have soft labels, whether probabilities are the mean of two fits of the
        estimator: one on all rows, and one on the real rows alone. The mean is seldom worse than
        the second, and has two models to store and to ask. "auto" is True with `n_samples`
        "auto". The first stands alone without `correct_class_shares`, and where it has no
        `predict_proba`.
    correct_class_shares : bool, default=True
        Whether `predict_proba` and `predict_log_proba` refer to the class shares of the real
        training rows, weights counted. They are the estimator's own where this is False, no row
        changes the shares, or the estimator weighs classes itself. `predict` is never changed, so
        that it may name another class than the most probable one.
    max_time : float or None, default=60
        Seconds after which "auto" measures no further inner fold; two it measures in any case.
        ``decision_`` says where that was so. The same seed gives the same model as long as the
        time is not up; None for no bound.
    n_jobs : int, optional
        Inner folds at a time, through joblib.
    memory : str or object with the joblib.Memory interface, optional
        Where to cache the augmented rows, so that a grid over the estimator's parameters
        trains the generator once per fold.
    keep_generator : bool, default=False
        Whether ``augmenter_`` keeps the fitted generator. Without it the model holds no training
        rows but those that the estimator itself keeps, and predicts without torch: :doc:`/saving`.
    random_state : None, int, Generator or RandomState
        Seed of the augmenter. If None, the augmenter's own is used.
    verbose : int, default=0
        If positive, print what `fit` does and how long it will take, see :doc:`/logging`.

    Attributes
    ----------
    augmenter_ : GANAugmenter
        The augmenter as it was used; with `keep_generator` it has ``generator_``, and samples.
    estimator_ : classifier
        The estimator, fitted on all rows. Where rows have soft labels and it takes no sample
        weights, an average of ten copies of it, each fitted with other labels in proportion.
    plain_estimator_ : classifier or None
        The estimator fitted on the real rows alone, where the two are averaged.
    classes_ : ndarray
        The labels.
    n_samples_ : float, int, dict or "fill"
        What was added; 0 if "auto" found that nothing helps.
    share_factors_ : ndarray of shape (n_classes,) or None
        What the estimator's probabilities are multiplied by; None where they are its own.
    search_results_ : DataFrame
        With "auto": every way and every free control that was tried, with its scores on inner
        folds.
    decision_ : str
        With "auto": what was chosen, and why, in words.
    search_ : AugmentationSearch
        With "auto": all of it; ``search_.plot()`` draws it.
    n_features_in_ : int
        Number of columns seen in `fit`.
    feature_names_in_ : ndarray of str
        Their names, if all are strings.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from gan_augment import AugmentedClassifier, BootstrapGenerator, GANAugmenter
    >>> X, y = load_iris(return_X_y=True)
    >>> model = AugmentedClassifier(
    ...     LogisticRegression(max_iter=1000), GANAugmenter(BootstrapGenerator()), random_state=0
    ... )
    >>> model.fit(X, y).score(X, y) > 0.9
    True
    """

    _target: ClassVar[str] = "class"
    # ClassifierMixin brings its own accuracy; the estimator knows better what its score is.
    score = vars(AugmentedEstimator)["score"]  # as an attribute it would lose its check

    def __init__(
        self,
        estimator: Any,
        augmenter: GANAugmenter | None = None,
        *,
        n_samples: float | dict | str | None = "auto",
        cv: Any = 5,
        scoring: Any = None,
        pos_label: Any = None,
        labeler: Any = "auto",
        soft_label_weight: float = 20.0,
        soft_label_average: str | bool = "auto",
        synthetic_weight: str | float = "auto",
        candidates: Iterable[dict] | None = None,
        correct_class_shares: bool = True,
        max_time: float | None = MAX_TIME,
        n_jobs: int | None = None,
        memory: Any = None,
        keep_generator: bool = False,
        random_state: Seed = None,
        verbose: int = 0,
    ) -> None:
        super().__init__(
            estimator,
            augmenter,
            n_samples=n_samples,
            cv=cv,
            scoring=scoring,
            labeler=labeler,
            soft_label_weight=soft_label_weight,
            soft_label_average=soft_label_average,
            synthetic_weight=synthetic_weight,
            candidates=candidates,
            max_time=max_time,
            n_jobs=n_jobs,
            memory=memory,
            keep_generator=keep_generator,
            random_state=random_state,
            verbose=verbose,
        )
        self.pos_label = pos_label
        self.correct_class_shares = correct_class_shares

    def _search_options(self):
        return {
            "pos_label": self.pos_label,
            "correct_shares": self.correct_class_shares,
            **super()._search_options(),
        }

    def _averages(self, searched):
        return super()._averages(searched) and self.correct_class_shares

    def _record_shares(self, data, weights):
        self.share_factors_ = None
        model = self.estimator_
        apply = self.correct_class_shares and data.n_synthetic and hasattr(model, "predict_proba")
        if not apply or has_own_shares(model):
            return
        real = ~data.is_synthetic
        labels = np.asarray(data.y)
        real_weights = None if weights is None else weights[real]
        factors = share_factors(labels[real], labels, real_weights, weights, model.classes_)
        self.share_factors_ = None if np.allclose(factors, 1) else factors

    @property
    def classes_(self) -> np.ndarray:
        """The labels, as the estimator knows them."""
        return self.estimator_.classes_

    @_if_the_estimator_has("predict_proba")
    def predict_proba(self, X: Any, **params: Any) -> np.ndarray:
        """Return the probability of each class.

        Parameters
        ----------
        X : table of shape (n, d)
            Rows to predict; none is added.
        **params : dict
            Passed on to the estimator, by its requests if metadata routing is enabled.

        Returns
        -------
        ndarray of shape (n, n_classes)
        """
        found = self._ask("predict_proba", X, params)
        if self.share_factors_ is None or self.plain_estimator_ is not None:
            return found  # a mean of models is corrected already
        return corrected(found, self.share_factors_)

    @_if_the_estimator_has("predict_log_proba")
    def predict_log_proba(self, X: Any, **params: Any) -> np.ndarray:
        """Return the log probability of each class.

        Parameters
        ----------
        X : table of shape (n, d)
            Rows to predict; none is added.
        **params : dict
            Passed on to the estimator, by its requests if metadata routing is enabled.

        Returns
        -------
        ndarray of shape (n, n_classes)
        """
        check_is_fitted(self)
        if self.plain_estimator_ is not None:
            with np.errstate(divide="ignore"):
                return np.log(self.predict_proba(X, **params))
        found = self._ask("predict_log_proba", X, params)
        if self.share_factors_ is None:
            return found
        found = found + np.log(self.share_factors_)
        return found - logsumexp(found, axis=1, keepdims=True)

    @_if_the_estimator_has("decision_function")
    def decision_function(self, X: Any, **params: Any) -> np.ndarray:
        """Return the decision value of each class, of one where there are two.

        Parameters
        ----------
        X : table of shape (n, d)
            Rows to predict; none is added.
        **params : dict
            Passed on to the estimator, by its requests if metadata routing is enabled.

        Returns
        -------
        ndarray of shape (n,) or (n, n_classes)
        """
        return self._ask("decision_function", X, params)

    def _mean_model(self):
        return AveragedClassifiers(self.estimator_, self.plain_estimator_, self.share_factors_)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags = get_tags(self.estimator).classifier_tags or tags.classifier_tags
        return tags


class AugmentedRegressor(RegressorMixin, AugmentedEstimator):
    """A regressor fitted on real rows and synthetic ones.

    `fit` finds out whether and how added rows help, trains the augmenter on the rows it is given,
    adds synthetic rows with a target of their own and fits the estimator on all of them;
    predictions and scores are the estimator's, on the rows given. Where "auto" chooses rows that a
    labeler gave their numbers, they are of the mean of two models: a copy of the estimator learns
    the real rows alone.

    Parameters
    ----------
    estimator : regressor
        Any scikit-learn regressor, a whole Pipeline included; cloned before it is fitted.
    augmenter : GANAugmenter, optional
        Adds the rows; cloned before it is fitted. Default: `GANAugmenter()`.
    n_samples : "auto", float, int or None, default="auto"
        How many rows to add, in place of the augmenter's own `n_samples`. "auto" measures on
        inner folds of the training rows which of several ways of adding rows helps this
        estimator, and takes the best if it beats the real rows alone and all that costs nothing
        (repeated rows, noise); :doc:`/closed_loop`. Otherwise a multiple of the training rows or a
        number of rows. None leaves the augmenter's own.
    cv : int, splitter or iterable, default=5
        Inner folds of "auto"; an int is repeated while rows are few.
    scoring : str, callable, list or dict, optional
        What "auto" asks for: scikit-learn's scorers, of which the first decides. Default: R2.
    labeler : "auto", None, "committee" or estimator, default="auto"
        What says which number a synthetic row has, see `GANAugmenter`. "auto" is "committee" where
        `n_samples` is an amount or "auto" and `synthetic_weight` "auto", else the augmenter's
        own; with `n_samples` "auto" inner folds may speak against it. None leaves a row the
        target it was made with. The labeler learns from rows, not from weights.
    soft_label_weight : float, default=20.0
        With a labeler, the weight of all synthetic rows relative to that of all real ones.
    soft_label_average : "auto" or bool, default="auto"
        With a labeler, whether predictions are the mean of two fits of the estimator: one on all
        rows, and one on the real rows alone. The mean is seldom worse than the second, and has two
        models to store and to ask. "auto" is True with `n_samples` "auto".
    synthetic_weight : "auto" or float, default="auto"
        Weight of a synthetic row, relative to the mean weight of the real rows whose weight is
        not 0. "auto" is 1, where `n_samples` is "auto" what the inner folds favour. Anything but
        1 needs an estimator that takes `sample_weight`.
    candidates : list of dict or ParameterGrid, optional
        What "auto" tries in place of its own ways. Each dict has some of ``"generator"``,
        ``"labeler"`` (None: rows keep the labels they were made with), ``"soft_label_weight"``,
        ``"n_samples"`` and ``"synthetic_weight"``; what it leaves out is as "auto" has it. A
        generator named here is fitted as it is; :doc:`/closed_loop`.
    max_time : float or None, default=60
        Seconds after which "auto" measures no further inner fold; two it measures in any case.
        ``decision_`` says where that was so. The same seed gives the same model as long as the
        time is not up; None for no bound.
    n_jobs : int, optional
        Inner folds at a time, through joblib.
    memory : str or object with the joblib.Memory interface, optional
        Where to cache the augmented rows, so that a grid over the estimator's parameters
        trains the generator once per fold.
    keep_generator : bool, default=False
        Whether ``augmenter_`` keeps the fitted generator. Without it the model holds no training
        rows but those that the estimator itself keeps, and predicts without torch: :doc:`/saving`.
    random_state : None, int, Generator or RandomState
        Seed of the augmenter. If None, the augmenter's own is used.
    verbose : int, default=0
        If positive, print what `fit` does and how long it will take, see :doc:`/logging`.

    Attributes
    ----------
    augmenter_ : GANAugmenter
        The augmenter as it was used; with `keep_generator` it has ``generator_``, and samples.
    estimator_ : regressor
        The estimator, fitted on all rows.
    plain_estimator_ : regressor or None
        The estimator fitted on the real rows alone, where the two are averaged.
    n_samples_ : float, int, dict or "fill"
        What was added; 0 if "auto" found that nothing helps.
    search_results_ : DataFrame
        With "auto": every way and every free control that was tried, with its scores on inner
        folds.
    decision_ : str
        With "auto": what was chosen, and why, in words.
    search_ : AugmentationSearch
        With "auto": all of it; ``search_.plot()`` draws it.
    n_features_in_ : int
        Number of columns seen in `fit`.
    feature_names_in_ : ndarray of str
        Their names, if all are strings.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn.linear_model import Ridge
    >>> from gan_augment import AugmentedRegressor, BootstrapGenerator, GANAugmenter
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = AugmentedRegressor(Ridge(), GANAugmenter(BootstrapGenerator()), random_state=0)
    >>> model.fit(X, y).score(X, y) > 0.4
    True
    """

    _target: ClassVar[str] = "number"
    # RegressorMixin brings its own R2; the estimator knows better what its score is.
    score = vars(AugmentedEstimator)["score"]  # as an attribute it would lose its check

    def _mean_model(self):
        return AveragedRegressors(self.estimator_, self.plain_estimator_)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.regressor_tags = get_tags(self.estimator).regressor_tags or tags.regressor_tags
        return tags

"""The meta-estimator face: one estimator, fitted on real rows and synthetic ones.

Rows are added inside `fit`, so cross-validation, grids, stacking and calibration of
scikit-learn never see a synthetic row outside a training fold.
"""

import numpy as np
from sklearn import get_config
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    MetaEstimatorMixin,
    RegressorMixin,
    clone,
)
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, check_memory, has_fit_parameter

from gan_augment.callbacks import (
    CallbackSupportMixin,
    end_tasks,
    fit_tasks,
    running,
    subtask,
    with_callbacks,
)
from gan_augment.containers import append_rows, n_rows, take_rows
from gan_augment.exceptions import InputError
from gan_augment.randomness import as_rng
from gan_augment.transformer import GANAugmenter, as_native, as_target, default_generator


def _augmented(augmenter, X, y, owner, task):
    """Fit an augmenter; cached, so it depends on its first three arguments only."""
    with running(task, owner, augmenter, X, y):
        data = augmenter.augment(X, y)
    return augmenter, data


def _delegates(name):
    """Available if the estimator has this method."""

    def check(self):
        getattr(getattr(self, "estimator_", self.estimator), name)
        return True

    return available_if(check)


def _delegated(name, first_line):
    """Return a method that hands rows to the fitted estimator; none is added on the way."""

    def method(self, X, **params):
        check_is_fitted(self)
        return getattr(self.estimator_, name)(X, **params)

    method.__name__ = name
    method.__doc__ = f"""{first_line}

        Parameters
        ----------
        X : table of shape (n, d)
            Rows to predict; none is added.
        **params : dict
            Passed on to the estimator.

        Returns
        -------
        ndarray of shape (n,) or (n, n_classes)
        """
    return _delegates(name)(method)


class _AugmentedEstimator(MetaEstimatorMixin, CallbackSupportMixin, BaseEstimator):
    """What the classifier and the regressor have in common."""

    def __init__(
        self,
        estimator,
        augmenter=None,
        *,
        n_samples=1.0,
        synthetic_weight=1.0,
        memory=None,
        random_state=None,
    ):
        self.estimator = estimator
        self.augmenter = augmenter
        self.n_samples = n_samples
        self.synthetic_weight = synthetic_weight
        self.memory = memory
        self.random_state = random_state

    @with_callbacks
    def fit(self, X, y, sample_weight=None):
        """Add synthetic rows, then fit the estimator on all rows.

        Parameters
        ----------
        X : DataFrame, array-like, polars.DataFrame or pyarrow.Table of shape (n, d)
            Training rows.
        y : array-like of shape (n,)
            Target.
        sample_weight : array-like of shape (n,), optional
            Weights of the real rows, kept as they are. Rows of weight 0 are hidden from the
            generator; apart from that it does not use weights.

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
                f"{type(self).__name__} requires y to be passed, but the target y is None."
            )
        X, y = as_native(X), as_target(y)
        weights = self._check_weights(sample_weight, n_rows(X))
        estimator, augmenter = clone(self.estimator), self._seeded_augmenter()
        if weights is not None:
            _weight_name(estimator)  # refused before training, not after
        tasks = fit_tasks(self, 2, X, y)
        self.augmenter_, data = self._augment(augmenter, X, y, weights, tasks)
        params = {}
        if weights is not None:
            synthetic = np.full(data.n_synthetic, self.synthetic_weight * weights.mean())
            params[_weight_name(estimator)] = np.concatenate([weights, synthetic])
        task = subtask(tasks, "fit-estimator")
        with running(task, self, estimator, data.X, data.y):
            estimator.fit(data.X, data.y, **params)
        end_tasks(tasks, self, data.X, data.y)
        self.estimator_ = estimator
        self._record_columns()
        return self

    def _check_weights(self, sample_weight, length):
        """Return the weights of the real rows, or None if nothing needs any."""
        factor = self.synthetic_weight
        is_number = isinstance(factor, (int, float, np.number)) and not isinstance(factor, bool)
        if not is_number or not np.isfinite(factor) or factor < 0:
            raise InputError(
                f"synthetic_weight={factor!r} is not a weight: pass a finite number >= 0."
            )
        if sample_weight is None:
            return None if factor == 1 else np.ones(length)
        weights = np.asarray(sample_weight, dtype=np.float64)
        if weights.ndim == 0:
            weights = np.full(length, float(weights))
        if weights.shape != (length,):
            raise InputError(
                f"sample_weight has shape {weights.shape}, expected ({length},): Sample weights "
                "must be 1D array or scalar, one for each row of X."
            )
        if not np.isfinite(weights).all() or not weights.any():
            raise InputError(
                "Sample weights must contain at least one non-zero number, and no NaN or infinity."
            )
        return weights

    def _seeded_augmenter(self):
        augmenter = GANAugmenter() if self.augmenter is None else self.augmenter
        if isinstance(augmenter, type) or not hasattr(augmenter, "augment"):
            raise InputError(
                f"augmenter={augmenter!r} cannot add rows: pass a GANAugmenter, e.g. "
                "GANAugmenter(generator)."
            )
        augmenter = clone(augmenter)
        params = augmenter.get_params()
        if self.n_samples is not None:
            augmenter.set_params(n_samples=self.n_samples)
        if self.random_state is not None and "random_state" in params:
            seed = int(as_rng(self.random_state).integers(2**31 - 1))
            augmenter.set_params(random_state=seed)
        if "generator" in params and params["generator"] is None:
            augmenter.set_params(generator=default_generator())
        if "generator__target" in augmenter.get_params():
            augmenter.set_params(generator__target=self._target)
        return augmenter

    def _augment(self, augmenter, X, y, weights, tasks):
        """Return the fitted augmenter and all rows; rows of weight 0 teach it nothing."""
        shown = None if weights is None else weights != 0
        hides = shown is not None and not shown.all()
        X_shown, y_shown = (take_rows(X, shown), take_rows(y, shown)) if hides else (X, y)
        cached = check_memory(self.memory).cache(_augmented, ignore=["owner", "task"])
        augmenter, data = cached(
            augmenter, X_shown, y_shown, owner=self, task=subtask(tasks, "augment")
        )
        if hides:
            is_synthetic = np.arange(n_rows(X) + data.n_synthetic) >= n_rows(X)
            X, y = (
                append_rows(real, take_rows(rows, data.is_synthetic))
                for real, rows in ((X, data.X), (y, data.y))
            )
            data = type(data)(X, y, is_synthetic)
        return augmenter, data

    def _record_columns(self):
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(self.augmenter_, name):
                setattr(self, name, getattr(self.augmenter_, name))
            elif name in vars(self):
                delattr(self, name)

    predict = _delegated("predict", "Return the prediction for each row.")

    @_delegates("score")
    def score(self, X, y, sample_weight=None):
        """Return the estimator's score on the given rows; none is added.

        Parameters
        ----------
        X : table of shape (n, d)
            Rows to predict.
        y : array-like of shape (n,)
            Their target.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows.

        Returns
        -------
        float
        """
        check_is_fitted(self)
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        return self.estimator_.score(X, y, **weights)

    def __sklearn_is_fitted__(self):
        return hasattr(self, "estimator_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.input_tags.allow_nan = inner.input_tags.allow_nan
        tags.input_tags.categorical = inner.input_tags.categorical
        tags.input_tags.string = inner.input_tags.string
        tags.input_tags.positive_only = inner.input_tags.positive_only
        tags.target_tags.required = True
        tags.non_deterministic = inner.non_deterministic or self.random_state is None
        return tags


def _weight_name(estimator):
    """Return the fit parameter that takes sample weights, or refuse an estimator without."""
    if has_fit_parameter(estimator, "sample_weight"):
        return "sample_weight"
    if isinstance(estimator, Pipeline):
        name, last = estimator.steps[-1]
        if has_fit_parameter(last, "sample_weight"):
            routed = get_config()["enable_metadata_routing"]
            return "sample_weight" if routed else f"{name}__sample_weight"
    raise InputError(
        f"{type(estimator).__name__} takes no sample_weight: leave sample_weight out and "
        "synthetic_weight at 1, or use an estimator that does."
    )


class AugmentedClassifier(ClassifierMixin, _AugmentedEstimator):
    """A classifier fitted on real rows and synthetic ones.

    `fit` trains the augmenter on the rows it is given, adds synthetic rows and fits the
    estimator on all of them; predictions and scores are the estimator's, on the rows given.

    Parameters
    ----------
    estimator : classifier
        Any scikit-learn classifier, a whole Pipeline included; cloned before it is fitted.
    augmenter : GANAugmenter, optional
        Adds the rows; cloned before it is fitted. Default: `GANAugmenter()`.
    n_samples : float, int, dict, "fill" or None, default=1.0
        How many rows to add, in place of the augmenter's own `n_samples`: a multiple of the
        training rows, a number of rows, ``{label: rows}``, or as many as raise every class to
        the largest. None leaves the augmenter's own.
    synthetic_weight : float, default=1.0
        Weight of a synthetic row, relative to the mean weight of the real ones. Anything but 1
        needs an estimator that takes `sample_weight`.
    memory : str or object with the joblib.Memory interface, optional
        Where to cache the augmented rows, so that a grid over the estimator's parameters
        trains the generator once per fold.
    random_state : None, int, Generator or RandomState
        Seed of the augmenter. If None, the augmenter's own is used.

    Attributes
    ----------
    augmenter_ : GANAugmenter
        The fitted augmenter, with ``generator_``.
    estimator_ : classifier
        The estimator, fitted on all rows.
    classes_ : ndarray
        The labels.
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

    _target = "class"
    # ClassifierMixin brings its own accuracy; the estimator knows better what its score is.
    score = _AugmentedEstimator.score

    @property
    def classes_(self):
        """The labels, as the estimator knows them."""
        return self.estimator_.classes_

    predict_proba = _delegated("predict_proba", "Return the probability of each class.")
    predict_log_proba = _delegated("predict_log_proba", "Return log probabilities.")
    decision_function = _delegated("decision_function", "Return the decision values.")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags = get_tags(self.estimator).classifier_tags or tags.classifier_tags
        return tags


class AugmentedRegressor(RegressorMixin, _AugmentedEstimator):
    """A regressor fitted on real rows and synthetic ones.

    `fit` trains the augmenter on the rows it is given, adds synthetic rows with a target of
    their own and fits the estimator on all of them; predictions and scores are the
    estimator's, on the rows given.

    Parameters
    ----------
    estimator : regressor
        Any scikit-learn regressor, a whole Pipeline included; cloned before it is fitted.
    augmenter : GANAugmenter, optional
        Adds the rows; cloned before it is fitted. Default: `GANAugmenter()`.
    n_samples : float, int or None, default=1.0
        How many rows to add, in place of the augmenter's own `n_samples`: a multiple of the
        training rows or a number of rows. None leaves the augmenter's own.
    synthetic_weight : float, default=1.0
        Weight of a synthetic row, relative to the mean weight of the real ones. Anything but 1
        needs an estimator that takes `sample_weight`.
    memory : str or object with the joblib.Memory interface, optional
        Where to cache the augmented rows, so that a grid over the estimator's parameters
        trains the generator once per fold.
    random_state : None, int, Generator or RandomState
        Seed of the augmenter. If None, the augmenter's own is used.

    Attributes
    ----------
    augmenter_ : GANAugmenter
        The fitted augmenter, with ``generator_``.
    estimator_ : regressor
        The estimator, fitted on all rows.
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

    _target = "number"
    # RegressorMixin brings its own R2; the estimator knows better what its score is.
    score = _AugmentedEstimator.score

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.regressor_tags = get_tags(self.estimator).regressor_tags or tags.regressor_tags
        return tags

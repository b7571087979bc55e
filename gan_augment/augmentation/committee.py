"""A committee: models of different kinds that answer together, for any table and for images.

It is fitted on real rows and says what synthetic rows are: their class probabilities, or a number
and how far it may be off. Each member is asked for the rows of a fold after it was fitted on the
others; these answers give its share, and a temperature that makes the probabilities true.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, has_fit_parameter

from gan_augment.augmentation.members import (
    MOST_ROWS,
    Member,
    at_temperature,
    best_temperature,
    classifiers,
    folds_for,
    regressors,
    shares_by_likelihood,
    shares_by_squares,
)
from gan_augment.containers import is_images, take_rows, to_pandas
from gan_augment.containers.columns import check_columns, record_columns, takes_any_table
from gan_augment.containers.weights import checked_weights
from gan_augment.encoding.features import OneScaler, preparation
from gan_augment.encoding.flatten import ImageFlattener
from gan_augment.encoding.training_table import TrainingTable
from gan_augment.exceptions import InputError
from gan_augment.process.progress import Work
from gan_augment.process.randomness import Seed, as_rng, small_seed

#: Of images, so many principal components of the pixels.
IMAGE_COMPONENTS = 60
#: Numbers of a target at most, so that sums of their squares are numbers.
LARGEST = 1e150


class _Committee(BaseEstimator):
    """What the two committees share: the features, the folds and the fits of the members."""

    _target: ClassVar[str] = "auto"

    def __init__(self, *, random_state: Seed = None) -> None:
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit the members, and find out on inner folds how much each of them counts.

        Parameters
        ----------
        X : DataFrame, array-like, polars.DataFrame or pyarrow.Table of shape (n, d), or images
            Rows; text, dates and missing cells are prepared here.
        y : array-like of shape (n,)
            Their target.
        sample_weight : array-like of shape (n,), optional
            Weights of the rows. A member whose fit takes none learns from all rows alike.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If the data cannot be used.
        """
        if y is None and not isinstance(X, TrainingTable):
            raise InputError(
                f"{type(self).__name__} requires y to be passed, but the target y is None",
                remedy="pass a target",
            )
        table = TrainingTable.of(X, y, self._target)
        weights = checked_weights(sample_weight, len(table))
        record_columns(self, table)
        rng = as_rng(self.random_state)
        weights = np.ones(len(table)) if weights is None else weights
        used = np.flatnonzero(weights)
        classes = table.labels is not None
        used = used[some_rows(table.codes[used] if classes else len(used), MOST_ROWS, rng)]
        with Work("Fitting the committee"):
            self._learn(table, used, weights[used] / weights[used].mean(), rng)
        return self

    def _prepare(self, rows, seed):
        """Learn the features from rows, and return them."""
        if is_images(rows):
            most = min(IMAGE_COMPONENTS, len(rows), rows[0].size)
            steps = [ImageFlattener(), PCA(most, random_state=seed), OneScaler()]
        else:
            steps = [preparation(rows)]
        self.features_: Pipeline = make_pipeline(*steps)
        silent = np.errstate(over="ignore", invalid="ignore")
        with silent, config_context(transform_output="default"):
            features = self.features_.fit_transform(rows)
        if not np.isfinite(features).all():
            raise _too_large("X")
        return features

    def _features(self, X):
        """Return the features of rows with the columns seen in ``fit``."""
        check_is_fitted(self)
        check_columns(self, X)
        with config_context(transform_output="default"):
            return self.features_.transform(X if is_images(X) else to_pandas(X)[0])

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "shares_")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        takes_any_table(tags)
        tags.input_tags.three_d_array = True
        tags.target_tags.required = True
        tags.non_deterministic = self.random_state is None
        return tags


class CommitteeClassifier(ClassifierMixin, _Committee):
    """A linear model, two forests, a kernel machine and a small network that vote together.

    It takes any table, with text, dates and missing cells, and arrays of images, and is made to
    say what synthetic rows are: ``GANAugmenter(labeler="committee")``. Its probabilities are a
    mean of those of its members, with shares that make the labels of rows left out most likely,
    and a temperature found on these rows. Each member is there once for each inner fold, fitted on
    the other rows, so that what it says near a real row stands on that row only in part.

    Parameters
    ----------
    random_state : None, int, Generator or RandomState
        Seed of the folds and of the members.

    Attributes
    ----------
    classes_ : ndarray
        The labels.
    members_ : dict of str to list of classifier
        Fitted on prepared features, one without each inner fold. Empty where there is one class
        alone.
    shares_ : ndarray
        How much each member counts; their sum is 1.
    temperature_ : float
        Above 1 where the members were too sure.
    out_of_fold_proba_ : ndarray of shape (n, n_classes)
        What the committee said of each training row when its members had not seen it; NaN for a
        row that all of them saw: of a class with one row, without weight, or beyond the first
        20,000.
    n_features_in_ : int
        Number of columns seen in `fit`.
    feature_names_in_ : ndarray of str
        Their names, if all are strings.

    See Also
    --------
    CommitteeRegressor : The same for numbers.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from gan_augment import CommitteeClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> committee = CommitteeClassifier(random_state=0).fit(X[::2], y[::2])
    >>> committee.score(X[1::2], y[1::2]) > 0.9
    True
    >>> list(committee.members_)
    ['linear', 'extra trees', 'forest', 'kernel', 'network']
    """

    _target: ClassVar[str] = "class"

    def _learn(self, table, used, weights, rng):
        self.classes_ = table.target.classes_
        size, codes, seed = len(self.classes_), table.codes[used], small_seed(rng)
        features = self._prepare(take_rows(table.rows, used), seed)
        self.members_, self.calibrators_ = {}, {}
        self.out_of_fold_proba_ = np.full((len(table), size), np.nan)
        self.shares_, self.temperature_ = np.ones(1), 1.0
        if size == 1:
            self.out_of_fold_proba_[used] = 1.0
            return
        folds = dealt_folds(codes, folds_for(len(used)), rng)
        scored = np.flatnonzero(folds >= 0)
        told, known = [], (features, codes, weights)
        for name, member in classifiers(seed, len(used)).items():
            models = _fitted_by_fold(member, *known, folds, rng)
            answers = _out_of_fold(models, features, folds, size)[scored]
            if not hasattr(member.estimator, "predict_proba"):
                if len(np.unique(codes[scored])) < 2:
                    continue  # nothing to learn its probabilities from
                calibrator = LogisticRegression(max_iter=1000)
                calibrator.fit(answers, codes[scored], weights[scored])
                self.calibrators_[name] = calibrator
            told.append(self._probabilities(name, answers))
            self.members_[name] = models
        members, place = np.array(told), np.arange(len(scored))
        right = members[:, place, codes[scored]]
        self.shares_ = shares_by_likelihood(right, weights[scored])
        pooled = np.tensordot(self.shares_, members, axes=1)
        self.temperature_ = best_temperature(pooled, codes[scored], weights[scored])
        self.out_of_fold_proba_[used[scored]] = at_temperature(pooled, self.temperature_)

    def _probabilities(self, name, answers):
        """Return the probabilities that a member's answers stand for."""
        if name not in self.calibrators_:
            return answers
        return _all_classes(
            self.calibrators_[name].predict_proba(answers),
            self.calibrators_[name].classes_,
            len(self.classes_),
        )

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class.

        Parameters
        ----------
        X : table of shape (n, d), or images
            With the columns seen in `fit`.

        Returns
        -------
        ndarray of shape (n, n_classes)
        """
        features, size = self._features(X), len(self.classes_)
        if size == 1:
            return np.ones((len(features), 1))
        told = [
            self._probabilities(
                name, np.mean([_answers(m, features, size) for m in models], axis=0)
            )
            for name, models in self.members_.items()
        ]
        return at_temperature(np.tensordot(self.shares_, told, axes=1), self.temperature_)

    def predict(self, X: Any) -> np.ndarray:
        """Return the most likely class of each row.

        Parameters
        ----------
        X : table of shape (n, d), or images
            With the columns seen in `fit`.

        Returns
        -------
        ndarray of shape (n,)
        """
        places = self.predict_proba(X).argmax(axis=1)
        return self.classes_[places]


class CommitteeRegressor(RegressorMixin, _Committee):
    """A linear model, two forests, a kernel machine and a small network that predict together.

    The same as `CommitteeClassifier` for numbers: a mean of the members' predictions, with shares
    that make its squared error smallest on rows left out.

    Parameters
    ----------
    random_state : None, int, Generator or RandomState
        Seed of the folds and of the members.

    Attributes
    ----------
    members_ : dict of str to list of regressor
        Fitted on prepared features, one without each inner fold, for a target of mean 0 and
        variance 1.
    shares_ : ndarray
        How much each member counts; their sum is 1.
    residuals_ : ndarray
        The target minus what the committee said when its members had not seen the row, of all
        rows that it learnt from.
    n_features_in_ : int
        Number of columns seen in `fit`.
    feature_names_in_ : ndarray of str
        Their names, if all are strings.

    See Also
    --------
    CommitteeClassifier : The same for classes.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from gan_augment import CommitteeRegressor
    >>> X, y = load_diabetes(return_X_y=True)
    >>> committee = CommitteeRegressor(random_state=0).fit(X[::2], y[::2])
    >>> committee.score(X[1::2], y[1::2]) > 0.4
    True
    >>> bool(committee.residuals_.std() < y.std())
    True
    """

    _target: ClassVar[str] = "number"

    def _learn(self, table, used, weights, rng):
        target, seed = table.codes[used], small_seed(rng)
        if np.abs(target).max() > LARGEST:
            raise _too_large("y")
        self.mean_ = float(np.average(target, weights=weights))
        self.scale_ = (
            float(np.sqrt(np.average((target - self.mean_) ** 2, weights=weights))) or 1.0
        )
        features = self._prepare(take_rows(table.rows, used), seed)
        known = features, (target - self.mean_) / self.scale_, weights
        members = regressors(seed, len(used))
        n_folds = min(folds_for(len(used)), len(used))
        folds = rng.permutation(np.arange(len(used)) % n_folds) if n_folds > 1 else np.array([-1])
        self.members_ = {
            name: _fitted_by_fold(member, *known, folds, rng) for name, member in members.items()
        }
        if n_folds < 2:
            self.shares_, self.residuals_ = np.full(len(members), 1 / len(members)), np.zeros(1)
            return
        told = np.array([_out_of_fold(m, features, folds, None) for m in self.members_.values()])
        self.shares_ = shares_by_squares(told, known[1], weights)
        self.residuals_ = self.scale_ * (known[1] - self.shares_ @ told)

    def predict(self, X: Any) -> np.ndarray:
        """Return the mean prediction for each row.

        Parameters
        ----------
        X : table of shape (n, d), or images
            With the columns seen in `fit`.

        Returns
        -------
        ndarray of shape (n,)
        """
        features = self._features(X)
        told = np.array(
            [np.mean([m.predict(features) for m in ms], axis=0) for ms in self.members_.values()]
        )
        return self.mean_ + self.scale_ * (self.shares_ @ told)


def _too_large(argument):
    return InputError(
        "holds numbers so large that their squares overflow",
        argument=argument,
        remedy="divide them by a power of ten",
    )


def some_rows(codes: np.ndarray | int, most: int, rng: np.random.Generator) -> np.ndarray:
    """Return positions of at most so many rows, in order; of each class at least one.

    Parameters
    ----------
    codes : ndarray of int, or int
        The class of each row, or the number of rows where there are no classes.
    most : int
    rng : Generator

    Examples
    --------
    >>> codes = np.repeat([0, 1, 2], [80, 19, 1])
    >>> np.bincount(codes[some_rows(codes, 10, np.random.default_rng(0))]).tolist()
    [7, 2, 1]
    """
    codes = np.zeros(codes, dtype=int) if isinstance(codes, int) else codes
    if len(codes) <= most:
        return np.arange(len(codes))
    rank, sizes = ranks_in_class(codes, rng), np.bincount(codes)
    return np.sort(np.argsort(rank / sizes[codes], kind="stable")[:most])


def ranks_in_class(codes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the place of each row among those of its class, in random order.

    Examples
    --------
    >>> ranks = ranks_in_class(np.array([0, 1, 0, 0]), np.random.default_rng(0))
    >>> int(ranks[1]), sorted(ranks[[0, 2, 3]].tolist())
    (0, [0, 1, 2])
    """
    shuffled = rng.permutation(len(codes))
    order = shuffled[np.argsort(codes[shuffled], kind="stable")]
    ranks = np.empty(len(codes), dtype=int)
    sizes = np.bincount(codes)
    ranks[order] = np.arange(len(codes)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return ranks


def dealt_folds(codes: np.ndarray, n_folds: int, rng: np.random.Generator) -> np.ndarray:
    """Return the fold of each row, classes dealt out evenly; -1 for a class with one row.

    So every class is among the rows outside a fold.

    Examples
    --------
    >>> folds = dealt_folds(np.array([0, 0, 0, 0, 1]), 2, np.random.default_rng(0))
    >>> sorted(folds[:4].tolist()), int(folds[4])
    ([0, 0, 1, 1], -1)
    """
    starts = rng.integers(n_folds, size=codes.max() + 1)  # else small classes crowd fold 0
    folds = (ranks_in_class(codes, rng) + starts[codes]) % n_folds
    return np.where(np.bincount(codes)[codes] > 1, folds, -1)


def _fitted(member: Member, features, target, weights, rng):
    """Fit a copy of a member on as many of these rows as it takes."""
    estimator, classes = clone(member.estimator), target.dtype.kind == "i"
    rows = some_rows(target if classes else len(target), member.most_rows, rng)
    # equal weights are none, as boosted trees take their time over weights
    takes = np.ptp(weights[rows]) > 0 and has_fit_parameter(estimator, "sample_weight")
    weights = {"sample_weight": weights[rows]} if takes else {}
    return estimator.fit(features[rows], target[rows], **weights)


def _fitted_by_fold(member, features, target, weights, folds, rng):
    """Fit a member on the rows outside each fold; on all rows where there are no folds."""
    parts = [folds != fold for fold in np.unique(folds[folds >= 0])]
    parts = parts or [np.ones(len(folds), dtype=bool)]
    return [_fitted(member, features[part], target[part], weights[part], rng) for part in parts]


def _out_of_fold(models, features, folds, n_classes):
    """Return what the model that was fitted without it says of each row; NaN without a fold."""
    shape = len(folds) if n_classes is None else (len(folds), n_classes)
    found = np.full(shape, np.nan)
    for fold, model in zip(np.unique(folds[folds >= 0]), models, strict=False):
        inside = folds == fold
        found[inside] = _answers(model, features[inside], n_classes)
    return found


def _answers(model, features, n_classes):
    """Return numbers; or for each class its probability, or its decision value instead."""
    if n_classes is None:
        return model.predict(features)
    if hasattr(model, "predict_proba"):
        return _all_classes(model.predict_proba(features), model.classes_, n_classes)
    values = model.decision_function(features)
    values = np.column_stack([-values, values]) if values.ndim == 1 else values
    return _all_classes(values, model.classes_, n_classes)


def _all_classes(values, known, n_classes):
    """Return columns for all classes; a class that is not known gets 0, or the lowest value."""
    found = np.full((len(values), n_classes), min(0.0, values.min(initial=0.0)))
    found[:, known] = values
    return found

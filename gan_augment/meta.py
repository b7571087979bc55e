"""The meta-estimator faces: one estimator, fitted on real rows and synthetic ones.

Rows are added inside `fit`, so cross-validation, grids, stacking and calibration of
scikit-learn never see a synthetic row outside a training fold.
"""

from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils import get_tags

from gan_augment.augmented_estimator import AugmentedEstimator, delegated


class AugmentedClassifier(ClassifierMixin, AugmentedEstimator):
    """A classifier fitted on real rows and synthetic ones.

    `fit` finds out whether and how added rows help, trains the augmenter on the rows it is given,
    adds synthetic rows and fits the estimator on all of them; predictions and scores are the
    estimator's, on the rows given.

    Parameters
    ----------
    estimator : classifier
        Any scikit-learn classifier, a whole Pipeline included; cloned before it is fitted.
    augmenter : GANAugmenter, optional
        Adds the rows; cloned before it is fitted. Default: `GANAugmenter()`.
    n_samples : "auto", float, int, dict, "fill" or None, default="auto"
        How many rows to add, in place of the augmenter's own `n_samples`. "auto" measures on
        inner folds of the training rows which of several ways of adding rows helps this
        estimator, adding none among them, and takes the best; :doc:`/closed_loop`. Otherwise a
        multiple of the training rows, a number of rows, ``{label: rows}``, or as many as raise
        every class to the largest. None leaves the augmenter's own.
    cv : int, splitter or iterable, default=5
        Inner folds of "auto"; an int is repeated while rows are few.
    scoring : str or callable, optional
        What "auto" maximises; default: the estimator's own score.
    synthetic_weight : "auto" or float, default="auto"
        Weight of a synthetic row, relative to the mean weight of the real ones. "auto" is 1,
        where `n_samples` is "auto" what the inner folds favour. Anything but 1 needs an estimator
        that takes `sample_weight`.
    max_time : float, optional
        Seconds after which "auto" starts no further round of inner folds.
    n_jobs : int, optional
        Inner folds at a time, through joblib.
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
    n_samples_ : float, int, dict or "fill"
        What was added; 0 if "auto" found that nothing helps.
    search_results_ : DataFrame
        With "auto": every way that was tried, with its score on inner folds.
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

    _target = "class"
    # ClassifierMixin brings its own accuracy; the estimator knows better what its score is.
    score = AugmentedEstimator.score

    @property
    def classes_(self):
        """The labels, as the estimator knows them."""
        return self.estimator_.classes_

    predict_proba = delegated("predict_proba", "Return the probability of each class.")
    predict_log_proba = delegated("predict_log_proba", "Return log probabilities.")
    decision_function = delegated("decision_function", "Return the decision values.")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags = get_tags(self.estimator).classifier_tags or tags.classifier_tags
        return tags


class AugmentedRegressor(RegressorMixin, AugmentedEstimator):
    """A regressor fitted on real rows and synthetic ones.

    `fit` finds out whether and how added rows help, trains the augmenter on the rows it is given,
    adds synthetic rows with a target of their own and fits the estimator on all of them;
    predictions and scores are the estimator's, on the rows given.

    Parameters
    ----------
    estimator : regressor
        Any scikit-learn regressor, a whole Pipeline included; cloned before it is fitted.
    augmenter : GANAugmenter, optional
        Adds the rows; cloned before it is fitted. Default: `GANAugmenter()`.
    n_samples : "auto", float, int or None, default="auto"
        How many rows to add, in place of the augmenter's own `n_samples`. "auto" measures on
        inner folds of the training rows which of several ways of adding rows helps this
        estimator, adding none among them, and takes the best; :doc:`/closed_loop`. Otherwise a
        multiple of the training rows or a number of rows. None leaves the augmenter's own.
    cv : int, splitter or iterable, default=5
        Inner folds of "auto"; an int is repeated while rows are few.
    scoring : str or callable, optional
        What "auto" maximises; default: the estimator's own score.
    synthetic_weight : "auto" or float, default="auto"
        Weight of a synthetic row, relative to the mean weight of the real ones. "auto" is 1,
        where `n_samples` is "auto" what the inner folds favour. Anything but 1 needs an estimator
        that takes `sample_weight`.
    max_time : float, optional
        Seconds after which "auto" starts no further round of inner folds.
    n_jobs : int, optional
        Inner folds at a time, through joblib.
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
    n_samples_ : float, int, dict or "fill"
        What was added; 0 if "auto" found that nothing helps.
    search_results_ : DataFrame
        With "auto": every way that was tried, with its score on inner folds.
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

    _target = "number"
    # RegressorMixin brings its own R2; the estimator knows better what its score is.
    score = AugmentedEstimator.score

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.regressor_tags = get_tags(self.estimator).regressor_tags or tags.regressor_tags
        return tags

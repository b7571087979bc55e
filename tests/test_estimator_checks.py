"""scikit-learn's own checks, with every exception named and explained."""

import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from gan_augment.estimators.meta import AugmentedClassifier, AugmentedRegressor
from gan_augment.estimators.sampler import GANOverSampler
from gan_augment.estimators.transformer import GANAugmenter
from gan_augment.generators.controls import BootstrapGenerator


def augmenter(**params):
    return GANAugmenter(BootstrapGenerator(), **params)


ADDS_NOTHING = augmenter(n_samples=0, random_state=0)
ADDS_ROWS = augmenter(n_samples=0.5, random_state=0)

ESTIMATORS = [
    ADDS_NOTHING,
    ADDS_ROWS,
    GANOverSampler(BootstrapGenerator(), random_state=0),
    # a labeler quicker than the committee, which the regressor below has
    AugmentedClassifier(
        LogisticRegression(), augmenter(), cv=2, labeler=LogisticRegression(), random_state=0
    ),
    AugmentedClassifier(LogisticRegression(), augmenter(), n_samples=0, random_state=0),
    AugmentedClassifier(
        make_pipeline(StandardScaler(), LogisticRegression()),
        augmenter(),
        n_samples=0.5,
        labeler=LogisticRegression(),
        # else probabilities refer to the shares of the real rows, and predictions do not: a row
        # at the border of two classes may differ
        correct_class_shares=False,
        random_state=0,
    ),
    AugmentedRegressor(Ridge(), augmenter(), cv=2, random_state=0),
    AugmentedRegressor(Ridge(), augmenter(), n_samples=0, random_state=0),
]

#: Checks that an estimator fails by design, and where: words of the message or of the failing
#: line. Any other failure of the same check is a failure.
MORE_ROWS = {
    "check_transformer_general": "X_pred.shape[0] == n_samples",
    "check_transformer_data_not_an_array": "X_pred.shape[0] == n_samples",
}
WEIGHTS = {
    "check_sample_weight_equivalence_on_dense_data": "`sample_weight` is not equivalent to "
    "fitting with removed or repeated data points"
}


def expected_failures(estimator):
    if isinstance(estimator, GANAugmenter) and estimator.n_samples != 0:
        return MORE_ROWS  # fit_transform adds rows
    if isinstance(estimator, AugmentedClassifier) and estimator.n_samples == "auto":
        return {}  # repeated rows do as well on the rows of these checks, so none are added
    if isinstance(estimator, (AugmentedClassifier, AugmentedRegressor)) and estimator.n_samples:
        return WEIGHTS  # the generator learns from rows, not from weights
    return {}


@parametrize_with_checks(ESTIMATORS)
def test_sklearn_checks(estimator, check):
    name = getattr(check, "func", check).__name__
    where = expected_failures(estimator).get(name)
    if where is None:
        check(estimator)
        return
    with pytest.raises(AssertionError) as caught:
        check(estimator)
    assert where in f"{caught.value} {caught.traceback[-1].statement}"

"""scikit-learn's own battery, with every exception named and explained."""

from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

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
    AugmentedClassifier(LogisticRegression(), augmenter(), random_state=0),
    AugmentedClassifier(LogisticRegression(), augmenter(), n_samples=0, random_state=0),
    AugmentedClassifier(
        make_pipeline(StandardScaler(), LogisticRegression()), augmenter(), random_state=0
    ),
    AugmentedRegressor(Ridge(), augmenter(), random_state=0),
    AugmentedRegressor(Ridge(), augmenter(), n_samples=0, random_state=0),
]

MORE_ROWS = "fit_transform adds rows by design"
WEIGHTS = "the generator learns from rows, not from weights"


def expected_failures(estimator):
    if isinstance(estimator, GANAugmenter) and estimator.n_samples != 0:
        return {
            "check_transformer_general": MORE_ROWS,
            "check_transformer_data_not_an_array": MORE_ROWS,
        }
    if isinstance(estimator, (AugmentedClassifier, AugmentedRegressor)) and estimator.n_samples:
        return {"check_sample_weight_equivalence_on_dense_data": WEIGHTS}
    return {}


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected_failures)
def test_sklearn_checks(estimator, check):
    check(estimator)


def test_the_expected_failures_are_all_there_is():
    def failed(estimator):
        names = set()
        for instance, check in estimator_checks_generator(estimator):
            name = getattr(check, "func", check).__name__
            if name not in expected_failures(ADDS_ROWS):
                continue
            try:
                check(instance)
            except AssertionError:
                names.add(name)
        return names

    assert failed(ADDS_ROWS) == set(expected_failures(ADDS_ROWS))
    assert failed(ADDS_NOTHING) == set()

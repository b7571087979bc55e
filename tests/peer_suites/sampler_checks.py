"""imbalanced-learn's checks of samplers, on the sampler of this package."""

from imblearn.utils.estimator_checks import parametrize_with_checks

from gan_augment import BootstrapGenerator, GANOverSampler, TabularGAN


@parametrize_with_checks(
    [
        GANOverSampler(BootstrapGenerator(), random_state=0),
        GANOverSampler(TabularGAN(n_steps=5), random_state=0),
    ]
)
def test_sampler(estimator, check):
    check(estimator)

"""What a type checker or an editor sees of the names that ``__init__.py`` looks up."""

from gan_augment.augmentation.augment import AugmentedData as AugmentedData
from gan_augment.encoding.flatten import ImageFlattener as ImageFlattener
from gan_augment.estimators.loading import load as load
from gan_augment.estimators.meta import AugmentedClassifier as AugmentedClassifier
from gan_augment.estimators.meta import AugmentedRegressor as AugmentedRegressor
from gan_augment.estimators.pipeline import Pipeline as Pipeline
from gan_augment.estimators.pipeline import make_pipeline as make_pipeline
from gan_augment.estimators.sampler import GANOverSampler as GANOverSampler
from gan_augment.estimators.transformer import GANAugmenter as GANAugmenter
from gan_augment.evaluation.comparison import AugmentationComparison as AugmentationComparison
from gan_augment.evaluation.downstream import compare_augmentations as compare_augmentations
from gan_augment.evaluation.quality import QualityReport as QualityReport
from gan_augment.evaluation.quality import quality_report as quality_report
from gan_augment.generators.controls import BootstrapGenerator as BootstrapGenerator
from gan_augment.generators.controls import SMOTEGenerator as SMOTEGenerator
from gan_augment.generators.image.gan import ImageGAN as ImageGAN
from gan_augment.generators.image.transforms import (
    ImageTransformGenerator as ImageTransformGenerator,
)
from gan_augment.generators.image.vae import ImageVAE as ImageVAE
from gan_augment.generators.sdv import SDVGenerator as SDVGenerator
from gan_augment.generators.tabular.gan import TabularGAN as TabularGAN
from gan_augment.generators.to_parquet import sample_to_parquet as sample_to_parquet
from gan_augment.training.distributed import distributed_training as distributed_training

__version__: str

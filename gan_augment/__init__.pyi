"""What a type checker or an editor sees of the names that ``__init__.py`` looks up."""

from gan_augment.augment import AugmentedData as AugmentedData
from gan_augment.evaluate.comparison import AugmentationComparison as AugmentationComparison
from gan_augment.evaluate.downstream import compare_augmentations as compare_augmentations
from gan_augment.evaluate.quality import QualityReport as QualityReport
from gan_augment.evaluate.quality import quality_report as quality_report
from gan_augment.flatten import ImageFlattener as ImageFlattener
from gan_augment.generators.classic import ClassicGenerator as ClassicGenerator
from gan_augment.generators.controls import BootstrapGenerator as BootstrapGenerator
from gan_augment.generators.controls import SMOTEGenerator as SMOTEGenerator
from gan_augment.generators.image_vae import ImageVAE as ImageVAE
from gan_augment.generators.images import ImageGAN as ImageGAN
from gan_augment.generators.sdv import SDVGenerator as SDVGenerator
from gan_augment.generators.tabular import TabularGAN as TabularGAN
from gan_augment.loading import load as load
from gan_augment.meta import AugmentedClassifier as AugmentedClassifier
from gan_augment.meta import AugmentedRegressor as AugmentedRegressor
from gan_augment.partitions import sample_partitions as sample_partitions
from gan_augment.pipeline import Pipeline as Pipeline
from gan_augment.pipeline import make_pipeline as make_pipeline
from gan_augment.sampler import GANOverSampler as GANOverSampler
from gan_augment.training.together import training_team as training_team
from gan_augment.transformer import GANAugmenter as GANAugmenter

__version__: str

"""The public names: what type checkers and editors see, and what is loaded on first use."""

from .augmentation.committee import CommitteeClassifier as CommitteeClassifier
from .augmentation.committee import CommitteeRegressor as CommitteeRegressor
from .augmentation.data import AugmentedData as AugmentedData
from .encoding.flatten import ImageFlattener as ImageFlattener
from .encoding.relations.declared import FixedCombinations as FixedCombinations
from .encoding.relations.declared import FixedIncrements as FixedIncrements
from .encoding.relations.declared import Formula as Formula
from .encoding.relations.declared import Inequality as Inequality
from .encoding.relations.declared import OneHotEncoding as OneHotEncoding
from .encoding.relations.declared import Range as Range
from .encoding.relations.declared import Sum as Sum
from .estimators.loading import load as load
from .estimators.meta import AugmentedClassifier as AugmentedClassifier
from .estimators.meta import AugmentedRegressor as AugmentedRegressor
from .estimators.pipeline import Pipeline as Pipeline
from .estimators.pipeline import make_pipeline as make_pipeline
from .estimators.sampler import GANOverSampler as GANOverSampler
from .estimators.transformer import GANAugmenter as GANAugmenter
from .evaluation.comparison import AugmentationComparison as AugmentationComparison
from .evaluation.downstream import compare_augmentations as compare_augmentations
from .evaluation.quality import QualityReport as QualityReport
from .evaluation.quality import quality_report as quality_report
from .evaluation.quality_ranking import QualityComparison as QualityComparison
from .evaluation.quality_ranking import compare_quality as compare_quality
from .generators.controls import BootstrapGenerator as BootstrapGenerator
from .generators.controls import JitterGenerator as JitterGenerator
from .generators.controls import SMOTEGenerator as SMOTEGenerator
from .generators.image.gan import ImageGAN as ImageGAN
from .generators.image.transforms import (
    ImageTransformGenerator as ImageTransformGenerator,
)
from .generators.image.vae import ImageVAE as ImageVAE
from .generators.sdv import SDVGenerator as SDVGenerator
from .generators.tabular.gan import TabularGAN as TabularGAN
from .generators.to_parquet import sample_to_parquet as sample_to_parquet
from .training.distributed import distributed_training as distributed_training

__version__: str

"""Augmentation for scikit-learn: a GAN fitted on training data adds rows where they help.

The public names are looked up on first use (PEP 562), so ``import gan_augment`` costs
next to nothing: neither torch nor sdv is loaded before something needs them.
"""

import importlib

__version__ = "0.1.0"

_HOME = {
    "GANAugmenter": "gan_augment.estimators.transformer",
    "Pipeline": "gan_augment.estimators.pipeline",
    "make_pipeline": "gan_augment.estimators.pipeline",
    "AugmentedClassifier": "gan_augment.estimators.meta",
    "AugmentedRegressor": "gan_augment.estimators.meta",
    "GANOverSampler": "gan_augment.estimators.sampler",
    "ImageFlattener": "gan_augment.encoding.flatten",
    "TabularGAN": "gan_augment.generators.tabular.gan",
    "ImageGAN": "gan_augment.generators.image.gan",
    "ImageVAE": "gan_augment.generators.image.vae",
    "ImageTransformGenerator": "gan_augment.generators.image.transforms",
    "SDVGenerator": "gan_augment.generators.sdv",
    "SMOTEGenerator": "gan_augment.generators.controls",
    "BootstrapGenerator": "gan_augment.generators.controls",
    "AugmentedData": "gan_augment.augmentation.augment",
    "compare_augmentations": "gan_augment.evaluation.downstream",
    "AugmentationComparison": "gan_augment.evaluation.comparison",
    "quality_report": "gan_augment.evaluation.quality",
    "QualityReport": "gan_augment.evaluation.quality",
    "distributed_training": "gan_augment.training.distributed",
    "sample_to_parquet": "gan_augment.generators.to_parquet",
    "load": "gan_augment.estimators.loading",
}

__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value  # the next look-up is an ordinary one
    return value


def __dir__():
    return sorted({*globals(), *__all__})

"""Augmentation for scikit-learn: a GAN fitted on training data adds rows where they help.

The public names are looked up on first use (PEP 562), so ``import gan_augment`` costs
next to nothing: neither torch nor sdv is loaded before something needs them.
"""

import importlib

__version__ = "0.1.0"

_HOME = {
    "GANAugmenter": "gan_augment.transformer",
    "Pipeline": "gan_augment.pipeline",
    "make_pipeline": "gan_augment.pipeline",
    "AugmentedClassifier": "gan_augment.meta",
    "AugmentedRegressor": "gan_augment.meta",
    "GANOverSampler": "gan_augment.sampler",
    "ImageFlattener": "gan_augment.flatten",
    "TabularGAN": "gan_augment.generators.tabular",
    "ImageGAN": "gan_augment.generators.images",
    "ImageVAE": "gan_augment.generators.image_vae",
    "ClassicGenerator": "gan_augment.generators.classic",
    "SDVGenerator": "gan_augment.generators.sdv",
    "SMOTEGenerator": "gan_augment.generators.controls",
    "BootstrapGenerator": "gan_augment.generators.controls",
    "AugmentedData": "gan_augment.augment",
    "compare_augmentations": "gan_augment.evaluate.downstream",
    "AugmentationComparison": "gan_augment.evaluate.comparison",
    "quality_report": "gan_augment.evaluate.quality",
    "QualityReport": "gan_augment.evaluate.quality",
    "training_team": "gan_augment.training.together",
    "sample_partitions": "gan_augment.partitions",
    "load": "gan_augment.loading",
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

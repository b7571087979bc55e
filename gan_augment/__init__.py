"""Augmentation for scikit-learn: a GAN fitted on training data adds rows where they help.

The public names are listed in ``__init__.pyi`` and loaded on first use, so ``import gan_augment``
costs next to nothing: neither torch nor pandas is loaded before something needs it.
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

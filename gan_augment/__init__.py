"""Augmentation for scikit-learn: a GAN fitted on training data adds rows where they help.

The public names are listed in ``__init__.pyi`` and loaded on first use, so ``import gan_augment``
costs next to nothing: neither torch nor pandas is loaded before something needs it.
"""

import sys

_started = (getattr(sys, "argv", None) or [""])[0]
if _started == "-m" or _started.endswith("gan-augment"):
    # the command starts, before there is anything that could catch an interruption
    import _signal as signal  # what signal imports takes as long as to be interrupted in
    import os

    signal.signal(signal.SIGINT, lambda *_: os._exit(130))

import lazy_loader  # noqa: E402

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

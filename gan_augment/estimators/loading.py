"""Reading what was saved: which class a file names, of the few this version knows.

The classes are told apart by the name in the file. It is looked up in a fixed table, which says
what is imported, so a file cannot choose what code runs.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from gan_augment.exceptions import ModelFileError, error_text
from gan_augment.io.serialization import read_bundle

if TYPE_CHECKING:
    from gan_augment.estimators.transformer import GANAugmenter
    from gan_augment.generators.image.gan import ImageGAN
    from gan_augment.generators.image.vae import ImageVAE
    from gan_augment.generators.tabular.gan import TabularGAN


#: Where the generators are defined that a file may name.
GENERATORS = {
    "TabularGAN": "gan_augment.generators.tabular.gan",
    "ImageGAN": "gan_augment.generators.image.gan",
    "ImageVAE": "gan_augment.generators.image.vae",
}


def _restored(header, arrays):
    if header["class"] == "GANAugmenter":
        from gan_augment.estimators.transformer import GANAugmenter

        return GANAugmenter.from_data(header, _generator(header["generator"], arrays))
    return _generator(header, arrays)


def _generator(header, arrays):
    name = header["class"]
    return getattr(import_module(GENERATORS[name]), name).from_data(header, arrays)


def load(path: str | Path) -> TabularGAN | ImageGAN | ImageVAE | GANAugmenter:
    """Read a generator or an augmenter that ``save`` wrote.

    The file holds data only; nothing in it is executed.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    TabularGAN, ImageGAN, ImageVAE or GANAugmenter
        Fitted: ready to ``sample``.

    Raises
    ------
    ModelFileError
        If the file was not written by this package, is damaged or of a newer format, or
        describes no fitted generator.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> import gan_augment
    >>> X = np.random.default_rng(0).normal(size=(30, 2))
    >>> gan = gan_augment.TabularGAN(n_steps=5, random_state=0).fit(X)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gan.save(pathlib.Path(folder) / "model")
    ...     again = gan_augment.load(pathlib.Path(folder) / "model")
    >>> np.array_equal(gan.sample(5)[0], again.sample(5)[0])
    True
    """
    header, arrays = read_bundle(path)
    try:
        return _restored(header, arrays)
    except Exception as error:  # a forged file can fail in any way
        why = error_text(error)
        raise ModelFileError(f"{path} does not describe a generator ({why}).") from error

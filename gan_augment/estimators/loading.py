"""Reading what was saved: which class a file names, out of the few this version knows."""

from gan_augment.exceptions import ModelFileError, error_text
from gan_augment.io.serialization import read_bundle


def _tabular(header, arrays):
    from gan_augment.generators.tabular.gan import TabularGAN
    from gan_augment.generators.tabular.saving import restore_gan

    return restore_gan(TabularGAN(), header, arrays)


def _images(header, arrays):
    from gan_augment.generators.image.gan import ImageGAN
    from gan_augment.generators.image.saving import restore_image_gan

    return restore_image_gan(ImageGAN(), header, arrays)


def _image_vae(header, arrays):
    from gan_augment.generators.image.saving import restore_vae
    from gan_augment.generators.image.vae import ImageVAE

    return restore_vae(ImageVAE(), header, arrays)


def _augmenter(header, arrays):
    from gan_augment.estimators.transformer import GANAugmenter, restore_augmenter

    inner = header["generator"]
    generator = GENERATORS[inner["class"]](inner, arrays)
    return restore_augmenter(GANAugmenter(), generator, header)


GENERATORS = {"TabularGAN": _tabular, "ImageGAN": _images, "ImageVAE": _image_vae}
_ALL = {**GENERATORS, "GANAugmenter": _augmenter}


def load(path):
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
        If the file is not one of ours, damaged, of a newer format, or says what no fitted
        generator is.

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
        make = _ALL[header["class"]]
        return make(header, arrays)
    except Exception as error:  # whatever it is, what the file says was believed too long
        why = error_text(error)
        raise ModelFileError(f"{path} does not describe a generator ({why}).") from error

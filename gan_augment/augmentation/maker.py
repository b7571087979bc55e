"""An unfitted generator, and how its rows come to be: cloned, seeded, fitted, asked for a plan."""

from dataclasses import dataclass, replace

from sklearn.base import BaseEstimator, clone

from gan_augment.augmentation.augment import augment
from gan_augment.containers import flat_rows, is_images
from gan_augment.exceptions import InputError
from gan_augment.process.randomness import small_seed


def default_generator(X):
    """Return the unfitted generator for callers who name none.

    Parameters
    ----------
    X : table or array of images

    Returns
    -------
    TabularGAN or ImageGAN
    """
    if is_images(X):
        from gan_augment.generators.image.gan import ImageGAN

        return ImageGAN()
    from gan_augment.generators.tabular.gan import TabularGAN

    return TabularGAN()


def seeded_clone(generator, random_state, rng, X=None):
    """Return an unfitted copy of a generator, seeded by the face that uses it.

    Parameters
    ----------
    generator : generator or None
        Anything with ``fit`` and ``sample``; None for the default.
    random_state : object
        The face's own. If it is None, a seed set on the generator itself is left alone.
    rng : numpy.random.Generator
        Where the seed is drawn.
    X : table or array of images, optional
        What it is to learn; chooses the default.

    Returns
    -------
    generator

    Raises
    ------
    InputError
        If `generator` is a class, or lacks ``fit`` or ``sample``.
    """
    generator = default_generator(X) if generator is None else generator
    is_class = isinstance(generator, type)
    if is_class or not all(hasattr(generator, name) for name in ("fit", "sample")):
        raise InputError(
            f"generator={generator!r} is not a generator: pass an instance with fit and sample, "
            "e.g. TabularGAN()."
        )
    generator = clone(generator)
    params = generator.get_params(deep=False)
    if "random_state" in params and not (
        random_state is None and params["random_state"] is not None
    ):
        generator.set_params(random_state=small_seed(rng))
    return generator


@dataclass(frozen=True)
class Maker:
    """An unfitted generator and which of its rows are taken.

    Parameters
    ----------
    generator : generator
        Cloned before it is fitted.
    filters : object, optional
    allow_copies : bool, default=False
        See `augment`.
    flat : bool, default=False
        Show it images as tables, each pixel a column, as the controls want them.

    Examples
    --------
    >>> import numpy as np
    >>> from gan_augment import BootstrapGenerator
    >>> images = np.zeros((4, 8, 8, 3), dtype="uint8")
    >>> make = Maker(BootstrapGenerator(), flat=True)
    >>> make(images, [0, 0, 1, 1], np.random.default_rng(0), {0: 1, 1: 0}).X.shape
    (5, 8, 8, 3)
    """

    generator: BaseEstimator
    filters: object = None
    allow_copies: bool = False
    flat: bool = False

    def fit(self, X, y, rng):
        """Return a seeded copy of the generator, fitted."""
        return seeded_clone(self.generator, None, rng, X).fit(X, y)

    def add(self, generator, X, y, plan, rng):
        """Return the training rows with as many rows of a fitted generator as the plan has."""
        return augment(
            generator,
            X,
            y,
            plan,
            filters=self.filters,
            allow_copies=self.allow_copies,
            random_state=rng,
        )

    def __call__(self, X, y, rng, plan):
        """Return the training rows with as many synthetic ones as the plan has."""
        rows = flat_rows(X) if self.flat else X
        data = self.add(self.fit(rows, y, rng), rows, y, plan, rng)
        return replace(data, X=data.X.reshape(-1, *X.shape[1:])) if self.flat else data

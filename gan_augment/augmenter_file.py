"""A fitted GANAugmenter as plain data: its parameters around the generator it has fitted."""

import numpy as np
from sklearn.base import clone

from gan_augment.exceptions import InputError
from gan_augment.generators.model_file import plain, plain_seed
from gan_augment.randomness import as_rng
from gan_augment.untrusted import is_finite, is_whole, require

_BALANCES = ("equal", "proportional")


def described_augmenter(augmenter):
    """Return a fitted augmenter as the header and the arrays of a file.

    Kept are the parameters and the fitted generator; `generator` comes back as an unfitted copy of
    it. Not kept are the rows returned last and the tables of a search.
    """
    generator, filters = augmenter.generator_, augmenter.filters
    if not hasattr(generator, "as_data"):
        raise InputError(
            f"generator={type(generator).__name__} has no file of its own: save a "
            "TabularGAN, an ImageGAN or an ImageVAE; fit others again."
        )
    if filters is not None:
        raise InputError(
            f"filters={filters!r:.60} is no data, and files hold data only: set filters to None "
            "with set_params before saving, and to your own again after loading."
        )
    header, arrays = generator.as_data()
    amount = augmenter.n_samples
    if isinstance(amount, dict):  # pairs: the keys of a JSON object are strings, labels are not
        amount = [[plain(label), plain(rows)] for label, rows in amount.items()]
    names = getattr(augmenter, "feature_names_in_", None)
    shape = getattr(augmenter, "image_shape_", None)
    return {
        "class": "GANAugmenter",
        "generator": header,
        "default": augmenter.generator is None,
        "n_samples": plain(amount),
        "class_balance": augmenter.class_balance,
        "allow_copies": bool(augmenter.allow_copies),
        "random_state": plain_seed(augmenter.random_state),
        "verbose": int(augmenter.verbose),
        "n_features_in": int(augmenter.n_features_in_),
        "feature_names_in": None if names is None else names.tolist(),
        "image_shape": None if shape is None else list(shape),
    }, arrays


def restore_augmenter(augmenter, generator, header):
    """Make the unfitted ``augmenter`` the one that was saved, around its restored generator."""
    amount, verbose = header["n_samples"], header["verbose"]
    if isinstance(amount, list):
        amount = dict(amount)
        require(all(map(is_whole, amount.values())), "numbers of rows for labels")
    else:
        number = is_finite(amount) and amount >= 0
        require(number or amount in ("auto", "fill"), "an amount of rows")
    require(header["class_balance"] in _BALANCES, "a known balance of classes")
    flags = header["default"], header["allow_copies"]
    require(is_whole(verbose) and all(isinstance(f, bool) for f in flags), "plain parameters")
    as_rng(header["random_state"])
    augmenter.set_params(
        generator=None if header["default"] else clone(generator),
        n_samples=amount,
        class_balance=header["class_balance"],
        allow_copies=header["allow_copies"],
        random_state=header["random_state"],
        verbose=verbose,
    )
    names, shape = header["feature_names_in"], header["image_shape"]
    augmenter.n_features_in_ = header["n_features_in"]
    require(augmenter.n_features_in_ == generator.n_features_in_, "the features of its generator")
    if names is not None:
        require(names == list(getattr(generator, "feature_names_in_", ())), "names of its columns")
        augmenter.feature_names_in_ = np.array(names, dtype=object)
    if shape is not None:
        require(tuple(shape) == getattr(generator.container_, "one_", None), "images of one shape")
        augmenter.image_shape_ = tuple(shape)
    augmenter.generator_ = generator
    return augmenter

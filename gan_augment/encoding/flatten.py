"""Images as rows of pixels, for scikit-learn's estimators, which take nothing else."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from gan_augment.exceptions import InputError


class ImageFlattener(TransformerMixin, BaseEstimator):
    """Turn images into rows of pixels, and rows of pixels back into images.

    Put it after the augmenter and before any scikit-learn estimator.

    Attributes
    ----------
    image_shape_ : tuple of int
        Shape of one image.
    n_features_in_ : int
        Values of one image.

    Examples
    --------
    >>> X = np.zeros((5, 8, 8, 3), dtype="uint8")
    >>> flattener = ImageFlattener().fit(X)
    >>> flattener.transform(X).shape, flattener.inverse_transform(flattener.transform(X)).shape
    ((5, 192), (5, 8, 8, 3))
    """

    def fit(self, X: Any, y: Any = None) -> Self:
        """Remember the shape of an image.

        Parameters
        ----------
        X : ndarray of shape (n, h, w) or (n, h, w, c) or (n, c, h, w)
            Images; rows of pixels pass through.
        y : ignored

        Returns
        -------
        self
        """
        self.image_shape_ = self._flat(X, reset=True)[1]
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return images as rows of pixels.

        Parameters
        ----------
        X : ndarray of shape (n, ...)
            Images of the shape seen in `fit`.

        Returns
        -------
        ndarray of shape (n, pixels)
            A view where possible.

        Raises
        ------
        InputError
            If the images have another shape than those seen.
        """
        check_is_fitted(self)
        rows, shape = self._flat(X, reset=False)
        if len(shape) > 1 and shape != self.image_shape_:
            raise InputError(
                f"has images of shape {shape}, but fit saw {self.image_shape_}",
                argument="X",
                remedy="pass images of the same shape",
            )
        return rows

    def inverse_transform(self, X: Any) -> np.ndarray:
        """Return rows of pixels as images.

        Parameters
        ----------
        X : ndarray of shape (n, pixels)

        Returns
        -------
        ndarray of shape (n, ...)
        """
        check_is_fitted(self)
        return np.asarray(X).reshape(-1, *self.image_shape_)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return a name for each pixel, by its place.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        ndarray of str
        """
        check_is_fitted(self)
        places = np.ndindex(self.image_shape_)
        return np.array(["pixel_" + "_".join(map(str, at)) for at in places], dtype=object)

    def _flat(self, X, reset):
        """Return rows of pixels and the shape of an image, after scikit-learn's checks."""
        array = check_array(X, allow_nd=True, ensure_all_finite=False, estimator=self)
        if array.ndim > 4:
            raise InputError(
                f"has shape {array.shape}",
                argument="X",
                remedy="pass images as (n, h, w), (n, h, w, c) or (n, c, h, w)",
            )
        rows = array.reshape(len(array), -1)
        validate_data(self, rows if array.ndim > 2 else X, reset=reset, skip_check_array=True)
        return rows, array.shape[1:]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        tags.requires_fit = True
        return tags

"""The flattening step, by scikit-learn's own checks and on images."""

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from gan_augment.encoding.flatten import ImageFlattener
from gan_augment.exceptions import InputError


@parametrize_with_checks([ImageFlattener()])
def test_sklearn_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize("shape", [(8, 9), (8, 9, 3), (3, 8, 9), (72,)])
def test_images_become_rows_and_rows_images(rng, shape):
    X = rng.integers(0, 255, (5, *shape)).astype("uint8")
    flattener = ImageFlattener().fit(X)
    rows = flattener.transform(X)
    assert rows.shape == (5, np.prod(shape)) and rows.dtype == X.dtype
    np.testing.assert_array_equal(flattener.inverse_transform(rows), X)
    assert len(flattener.get_feature_names_out()) == rows.shape[1]


def test_other_shapes_are_refused(rng):
    flattener = ImageFlattener().fit(rng.random((5, 8, 9)))
    with pytest.raises(InputError, match="same shape"):
        flattener.transform(rng.random((5, 9, 8)))
    with pytest.raises(InputError, match="pass images as"):
        flattener.fit(rng.random((5, 8, 8, 3, 1)))

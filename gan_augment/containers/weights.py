"""Sample weights: whether they fit the rows, and which parameter of a fit takes them."""

import numpy as np
from sklearn import get_config
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter

from gan_augment.exceptions import InputError


def checked_weights(sample_weight, length):
    """Return sample weights as an array, or None where there are none.

    Parameters
    ----------
    sample_weight : array-like of shape (length,), number or None
    length : int

    Returns
    -------
    ndarray of float64 of shape (length,), or None

    Raises
    ------
    InputError
        If they do not fit the rows, are negative, not finite, or all 0.

    Examples
    --------
    >>> checked_weights(2, 3).tolist()
    [2.0, 2.0, 2.0]
    """
    if sample_weight is None:
        return None
    weights = np.asarray(sample_weight, dtype=np.float64)
    if weights.ndim == 0:
        weights = np.full(length, float(weights))
    if weights.shape != (length,):
        raise InputError(
            f"has shape {weights.shape}, expected ({length},)",
            argument="sample_weight",
            remedy="Sample weights must be 1D array or scalar, one for each row of X",
        )
    usable = np.isfinite(weights) & (weights >= 0)
    if not usable.all():
        row = int(np.argmin(usable))
        raise InputError(
            f"is {weights[row]}, which is not a weight",
            argument="sample_weight",
            row=row,
            value=weights[row].item(),
            remedy="pass non-negative numbers without NaN or infinity",
        )
    if not weights.any():
        raise InputError(
            "is 0 for every row",
            argument="sample_weight",
            remedy="pass a non-zero number for at least one",
        )
    return weights


def weights_of_all(real, n_real, n_synthetic, factor):
    """Return the weights of real rows and of synthetic ones after them.

    Parameters
    ----------
    real : ndarray of shape (n_real,) or None
        Weights of the real rows; None where all weigh 1.
    n_real, n_synthetic : int
    factor : float
        A synthetic row weighs so many times the mean of the real rows that have a weight.

    Returns
    -------
    ndarray of float64 of shape (n_real + n_synthetic,), or None
        None where all rows weigh the same.

    Examples
    --------
    >>> weights_of_all(np.array([1.0, 3.0]), 2, 1, 0.5).tolist()
    [1.0, 3.0, 1.0]
    """
    if real is None and factor == 1:
        return None
    real = np.ones(n_real) if real is None else real
    return np.concatenate([real, np.full(n_synthetic, factor * real[real > 0].mean())])


def check_metadata(metadata, length, *, adds):
    """Refuse parameters of a fit with one value for each row where synthetic rows are added.

    Parameters
    ----------
    metadata : dict
        Parameters of the estimator's fit, sample weights not among them.
    length : int
        Number of real rows.
    adds : bool
        Whether synthetic rows may be added.

    Raises
    ------
    InputError
        If one of them cannot be given to synthetic rows.

    Examples
    --------
    >>> check_metadata({"groups": [0, 0, 1]}, 3, adds=False)
    >>> check_metadata({"callbacks": None}, 3, adds=True)
    """
    if not adds:
        return
    for name, values in metadata.items():
        if hasattr(values, "__len__") and len(values) == length:
            raise InputError(
                "has one value for each row, which synthetic rows do not have",
                argument=name,
                remedy="leave it out, or add no rows with {}",
                settings=(("n_samples", 0),),
            )


def weight_name(estimator):
    """Return the fit parameter that takes sample weights, or refuse an estimator without.

    Parameters
    ----------
    estimator : estimator
        Of a Pipeline, its last step is asked.

    Returns
    -------
    str

    Raises
    ------
    InputError
        If it takes none.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> weight_name(make_pipeline(LogisticRegression()))
    'logisticregression__sample_weight'
    """
    if has_fit_parameter(estimator, "sample_weight"):
        return "sample_weight"
    if isinstance(estimator, Pipeline):
        name, last = estimator.steps[-1]
        if has_fit_parameter(last, "sample_weight"):
            routed = get_config()["enable_metadata_routing"]
            return "sample_weight" if routed else f"{name}__sample_weight"
    raise InputError(
        f"{type(estimator).__name__} takes no sample_weight",
        remedy="leave sample_weight out and synthetic_weight at 1, or use an estimator that does",
    )

"""Sample weights: whether they fit the rows, and which parameter of a fit takes them."""

import numpy as np
from sklearn import get_config
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter

from gan_augment.exceptions import InputError


def checked_weights(sample_weight, length):
    """Return sample weights, an array or a number, as an array of this length, None as None.

    Refused are weights that do not fit the rows, are negative, not finite, or all 0.

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
    """Return the weights of real rows and of synthetic ones after them; None where all are equal.

    A synthetic row weighs `factor`, one number or one for each, times the mean of the real rows
    that have a weight.

    Examples
    --------
    >>> weights_of_all(np.array([1.0, 3.0]), 2, 1, 0.5).tolist()
    [1.0, 3.0, 1.0]
    """
    if real is None and np.all(np.asarray(factor) == 1):
        return None
    real = np.ones(n_real) if real is None else real
    return np.concatenate([real, np.broadcast_to(factor, n_synthetic) * real[real > 0].mean()])


def check_metadata(metadata, length, *, adds):
    """Refuse parameters of a fit with one value for each row where synthetic rows are added.

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

    Of a Pipeline, its last step is asked.

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


def takes_weights(estimator):
    """Whether the fit of an estimator takes sample weights, see `weight_name`.

    Examples
    --------
    >>> from sklearn.neighbors import KNeighborsClassifier
    >>> takes_weights(KNeighborsClassifier())
    False
    """
    try:
        return bool(weight_name(estimator))
    except InputError:
        return False

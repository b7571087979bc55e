"""What the utility benchmark scores: ranking, probabilities, calibration and labels."""

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    balanced_accuracy_score,
    log_loss,
    roc_auc_score,
)

from gan_augment.selection.scorers import recall_of

BINS = 10
#: Scores of which less is better.
LESS_IS_BETTER = ("log_loss", "raw_log_loss", "calibration_error", "raw_calibration_error")


def label_scores(y, predicted, rarest):
    """Scores of predicted classes, in percent; the rarest class may be None."""
    recall = np.nan if rarest is None else recall_of(y, predicted, rarest)
    return {
        "balanced_accuracy": 100 * balanced_accuracy_score(y, predicted),
        "accuracy": 100 * accuracy_score(y, predicted),
        "minority_recall": 100 * recall,
    }


def probability_scores(y, probabilities, classes, rarest):
    """Areas and calibration error in percent, log loss in nats."""
    clipped = np.clip(probabilities, 1e-6, 1)
    at = np.flatnonzero(classes == rarest) if rarest is not None else []
    precision = np.nan
    if len(at) and (y == rarest).any():
        precision = 100 * average_precision_score(y == rarest, probabilities[:, at[0]])
    return {
        "roc_auc": 100 * one_versus_rest(y, probabilities, classes),
        "log_loss": log_loss(y, clipped / clipped.sum(axis=1, keepdims=True), labels=classes),
        "calibration_error": 100 * calibration_error(y, probabilities, classes),
        "minority_precision": precision,
    }


def one_versus_rest(y, probabilities, classes):
    """Mean area under the ROC curve over the classes that the test rows have."""
    if len(classes) == 2:
        return roc_auc_score(y == classes[1], probabilities[:, 1])
    areas = [
        roc_auc_score(y == label, column)
        for label, column in zip(classes, probabilities.T, strict=True)
        if 0 < (y == label).sum() < len(y)
    ]
    return np.mean(areas)


def calibration_error(y, probabilities, classes):
    """Expected calibration error over ten bins of equal width.

    Of two classes the rarer one's probability is looked at, of more the chosen class's.
    """
    stated, came, bins = _binned(y, probabilities, classes)
    gaps = np.bincount(bins, stated - came, minlength=BINS)
    return np.abs(gaps).sum() / len(y)


def calibration_floor(y, probabilities, classes):
    """The calibration error to expect of these probabilities if all of them were true.

    Bins hold few test rows, so that what came differs from what was stated by chance alone: in
    each bin by a normal error, whose mean size is sqrt(2 / pi) of its standard deviation.
    """
    stated, _, bins = _binned(y, probabilities, classes)
    variances = np.bincount(bins, stated * (1 - stated), minlength=BINS)
    return np.sqrt(2 / np.pi * variances).sum() / len(y)


def _binned(y, probabilities, classes):
    """The probability looked at of each row, whether it came true, and its bin."""
    if len(classes) == 2:
        rarer = int((y == classes[1]).sum() <= len(y) / 2)
        stated, came = probabilities[:, rarer], y == classes[rarer]
    else:
        stated, came = probabilities.max(axis=1), classes[probabilities.argmax(axis=1)] == y
    return stated, came, np.minimum((stated * BINS).astype(int), BINS - 1)


def area_parts(y, probabilities, classes):
    """What each test row adds to the error of `one_versus_rest` (DeLong et al. 1988).

    Their squares sum to its variance; the squares of the difference of two models' parts to the
    variance of the difference of their areas, as both are scored on the same rows.
    """
    columns = probabilities[:, 1:] if len(classes) == 2 else probabilities
    labels = classes[1:] if len(classes) == 2 else classes
    told = [
        _parts_of_class(y == label, column)
        for label, column in zip(labels, columns.T, strict=True)
        if 0 < (y == label).sum() < len(y)
    ]
    return np.mean(told, axis=0)


def _parts_of_class(is_class, column):
    """For each row, how far the share of the other kind that it beats is from the mean share."""
    parts = np.empty(len(column))
    for kind, sign in ((is_class, 1), (~is_class, -1)):
        others = np.sort(sign * column[~kind])
        own = sign * column[kind]
        below = (np.searchsorted(others, own) + np.searchsorted(others, own, "right")) / 2
        shares = below / len(others)
        parts[kind] = (shares - shares.mean()) / len(shares)
    return parts

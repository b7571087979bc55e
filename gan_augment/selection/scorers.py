"""What a caller asks for as ``scoring`` becomes scorers, or is refused before anything is trained.

A name alone says too little: "f1" needs to know which class is the positive one, "roc_auc" has
another name where there are more than two classes, and a score of probabilities needs an estimator
that has them. So each scorer is tried here on a stand-in that costs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.dummy import DummyRegressor
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    check_scoring,
    d2_brier_score,
    f1_score,
    get_scorer,
    get_scorer_names,
    jaccard_score,
    make_scorer,
    precision_score,
    recall_score,
    roc_auc_score,
)
from sklearn.utils.metaestimators import available_if

from gan_augment.exceptions import InputError, error_text

#: Stands for one scorer a class.
PER_CLASS = "recall_per_class"
LOG_LOSS = "neg_log_loss"
#: A probability of 0 costs no more than this one.
LEAST_PROBABILITY = 1e-15

_counted = {"zero_division": 0.0}
#: Scores of one class against the rest; called with ``pos_label`` they are scorers.
ONE_CLASS: dict[str, Callable[..., Any]] = {
    "f1": partial(make_scorer, f1_score, **_counted),
    "precision": partial(make_scorer, precision_score, **_counted),
    "recall": partial(make_scorer, recall_score, **_counted),
    "jaccard": partial(make_scorer, jaccard_score, **_counted),
    "average_precision": partial(
        make_scorer,
        average_precision_score,
        response_method=("decision_function", "predict_proba"),
    ),
    "neg_brier_score": partial(
        make_scorer, brier_score_loss, greater_is_better=False, response_method="predict_proba"
    ),
    "d2_brier_score": partial(make_scorer, d2_brier_score, response_method="predict_proba"),
}
_TWO_CLASSES = ("roc_auc", "f1", "precision", "recall", "jaccard")
_METHODS = ("predict_proba", "decision_function")
_Scorer: type = type(get_scorer("accuracy"))


def resolve_scorers(
    scoring: Any,
    estimators: Mapping[str, BaseEstimator],
    labels: Any = None,
    pos_label: Any = None,
) -> dict[str, Any]:
    """Return scorers by name, each of which can work on this target and these estimators.

    Parameters
    ----------
    scoring : None, str, callable, list or dict
        Names of scikit-learn's scorers, ``"recall_per_class"`` or callables
        ``scorer(estimator, X, y)``. ``neg_`` and ``_score`` may be left out: ``"log_loss"``.
        Default for classes: area under the ROC curve, log loss and balanced accuracy, as far as
        all estimators can give them (`left_out_scores`); for numbers R2.
    estimators : dict of str to estimator
        Unfitted.
    labels : array-like of shape (n,), optional
        Class labels of the rows; None for a target of numbers.
    pos_label : object, optional
        The class that scores of one class are about. Default: the rarer of two.

    Raises
    ------
    InputError
        If a scorer is unknown or cannot work.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> models = {"LR": LogisticRegression()}
    >>> list(resolve_scorers(None, models, ["no", "no", "yes"]))
    ['roc_auc', 'neg_log_loss', 'balanced_accuracy']
    >>> resolve_scorers("f1", models, ["no", "no", "yes"])["f1"]
    make_scorer(f1_score, response_method='predict', zero_division=0.0, pos_label=yes)
    """
    classes = None if labels is None else np.unique(np.asarray(labels))
    if scoring is None:
        left_out = left_out_scores(estimators, labels)
        scoring = [name for name in _default_names(classes) if name not in left_out]
    positive = _positive_class(labels, classes, pos_label)
    found: list[tuple[Any, Any]] = []
    for name, asked in _pairs(scoring):
        if isinstance(asked, str) and asked == PER_CLASS:
            found += _recalls(classes).items()
            continue
        scorer = _scorer(asked, classes, positive)
        _check(asked, scorer, estimators, classes)
        found.append((_full_name(name) if name == asked else name, scorer))
    scorers = named("scoring", found)
    if not scorers:
        raise InputError(
            "is empty", argument="scoring", remedy="pass at least one scorer, e.g. 'accuracy'"
        )
    return scorers


def left_out_scores(estimators: Mapping[str, BaseEstimator], labels: Any) -> dict[str, str]:
    """Return which scores of the default are left out, and the estimator that cannot give them.

    Examples
    --------
    >>> from sklearn.svm import LinearSVC
    >>> left_out_scores({"SVM": LinearSVC()}, ["a", "b"])
    {'neg_log_loss': 'SVM'}
    """
    if labels is None:
        return {}
    classes = np.unique(np.asarray(labels))
    left_out = {}
    for name in _default_names(classes):
        scorer = _scorer(name, classes, classes[-1])
        unable = _unable(name, scorer, estimators, classes)
        if unable is not None:
            left_out[name] = unable
    return left_out


def primary_names(scoring: Any, scorers: Iterable[str]) -> tuple[str, ...]:
    """Return what a verdict stands on: the first one named, by default AUC and log loss.

    Examples
    --------
    >>> primary_names(None, ["roc_auc", "neg_log_loss", "balanced_accuracy"])
    ('roc_auc', 'neg_log_loss')
    >>> primary_names(["accuracy", "roc_auc"], ["accuracy", "roc_auc"])
    ('accuracy',)
    """
    names = list(scorers)
    both = scoring is None and len(names) > 1 and names[1] == LOG_LOSS
    return tuple(names[: 2 if both else 1])


def named(argument: str, pairs: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    """Return things by their names as text, of which no two may be the same.

    Examples
    --------
    >>> named("scoring", [(1, "accuracy"), ("2", "r2")])
    {'1': 'accuracy', '2': 'r2'}
    """
    found = {}
    for name, thing in pairs:
        if str(name) in found:
            raise InputError(
                f"has the name {str(name)!r} twice, as text",
                argument=argument,
                remedy="pass different names",
            )
        found[str(name)] = thing
    return found


def recall_of(y_true: Any, y_pred: Any, label: object) -> float:
    """Return the share of the rows of a class that were recognised; NaN without such rows.

    Examples
    --------
    >>> recall_of(["a", "b", "b"], ["a", "a", "b"], "b")
    0.5
    """
    rows = np.asarray(y_true) == label
    return float((np.asarray(y_pred)[rows] == label).mean()) if rows.any() else math.nan


@dataclass(frozen=True)
class ProbabilityScorer:
    """A scorer of probabilities that also works where a fold lacks a rare class.

    Parameters
    ----------
    score : callable
        ``score(y, probabilities, classes)``.

    Examples
    --------
    >>> from sklearn.dummy import DummyClassifier
    >>> model = DummyClassifier(strategy="prior").fit([[0], [0]], ["a", "b"])
    >>> round(ProbabilityScorer(negative_log_loss)(model, [[0], [0]], ["a", "a"]), 3)
    -0.693
    """

    score: Callable[[np.ndarray, np.ndarray, np.ndarray], float]

    def __call__(self, estimator: Any, X: Any, y: Any) -> float:
        """Return the score of a fitted estimator."""
        return self.score(np.asarray(y), estimator.predict_proba(X), estimator.classes_)


def negative_log_loss(y: np.ndarray, probabilities: np.ndarray, classes: np.ndarray) -> float:
    """Return the mean logarithm of the probability of the true class, over classes known.

    Rows of a class that no training row had are left out: nobody could have known them.

    Examples
    --------
    >>> p = np.array([[0.5, 0.5], [0.75, 0.25]])
    >>> round(negative_log_loss(np.array(["b", "a"]), p, np.array(["a", "b"])), 3)
    -0.49
    """
    right = np.asarray(y)[:, None] == np.asarray(classes)[None, :]
    true = probabilities[right]
    if not len(true):
        return math.nan
    return float(np.log(np.clip(true, LEAST_PROBABILITY, 1.0)).mean())


def mean_auc(y: np.ndarray, probabilities: np.ndarray, classes: np.ndarray) -> float:
    """Return the area under the ROC curve of each class against the rest, and of these the mean.

    Classes without a row, or without a probability, are left out.

    Examples
    --------
    >>> p = np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.3, 0.6, 0.1]])
    >>> mean_auc(np.array(["a", "b", "b"]), p, np.array(["a", "b", "c"]))
    1.0
    """
    areas = [
        roc_auc_score(np.asarray(y) == label, probabilities[:, at])
        for at, label in enumerate(classes)
        if 0 < np.count_nonzero(np.asarray(y) == label) < len(y)
    ]
    return float(np.mean(areas)) if areas else math.nan


_PROBABILITIES = {
    LOG_LOSS: ProbabilityScorer(negative_log_loss),
    "roc_auc_ovr": ProbabilityScorer(mean_auc),
}


def _default_names(classes):
    if classes is None:
        return ["r2"]
    return ["roc_auc" if len(classes) == 2 else "roc_auc_ovr", LOG_LOSS, "balanced_accuracy"]


def _pairs(scoring):
    if callable(scoring):
        return [(getattr(scoring, "__name__", "score"), scoring)]
    if isinstance(scoring, str):
        return [(scoring, scoring)]
    if isinstance(scoring, Mapping):
        return list(scoring.items())
    if not isinstance(scoring, Iterable):
        raise _unknown(scoring)
    return [(getattr(s, "__name__", "score") if callable(s) else s, s) for s in scoring]


def _full_name(name):
    """The name scikit-learn has for a score: "log_loss" is "neg_log_loss" there."""
    if not isinstance(name, str):
        return name
    known = get_scorer_names()
    spelled = (name, f"neg_{name}", f"neg_{name}_score")
    return next((full for full in spelled if full in known), name)


def _positive_class(labels, classes, pos_label):
    """The class that scores of one class are about; None where there are not two."""
    if pos_label is None:
        if classes is None or len(classes) != 2:
            return None
        first, second = classes.tolist()
        n_first = np.count_nonzero(np.asarray(labels) == first)
        return first if 2 * n_first < len(labels) else second
    if classes is None or len(classes) != 2:
        what = "numbers" if classes is None else f"{len(classes)} classes"
        raise InputError.of(
            "pos_label",
            pos_label,
            f"is one class of two, but the target holds {what}",
            "leave it out",
        )
    if pos_label not in classes.tolist():
        raise InputError.of(
            "pos_label", pos_label, "is no class of the target", f"pass one of {classes.tolist()}"
        )
    return pos_label


def _scorer(asked, classes, positive):
    """A scorer that check_scoring takes; a name stays one where it needs nothing more."""
    if not isinstance(asked, str):
        return asked
    name = _full_name(asked)
    if name in ONE_CLASS and positive is not None:
        return ONE_CLASS[name](pos_label=positive)
    if classes is None or (name == "roc_auc_ovr" and len(classes) == 2):
        return name
    return _PROBABILITIES.get(name, name)


def _recalls(classes):
    if classes is None:
        raise InputError(
            "needs classes, but the target is a number", argument="scoring", value=PER_CLASS
        )
    return {f"recall[{label}]": make_scorer(recall_of, label=label) for label in classes.tolist()}


def _check(asked, scorer, estimators, classes):
    """Refuse a scorer that is unknown or cannot work; what a caller's own needs is not known."""
    if not isinstance(asked, str) and not callable(asked):
        raise _unknown(asked)
    if isinstance(asked, str) and _full_name(asked) not in get_scorer_names():
        raise _unknown(asked)
    if not isinstance(asked, (str, _Scorer)):
        _check_signature(asked, estimators)
        return
    problem = _problem(asked, scorer, classes, _METHODS)
    if problem is not None:
        raise InputError.of(
            "scoring", asked, _mismatch(asked, scorer, classes, problem), _instead(asked, classes)
        )
    unable = _unable(asked, scorer, estimators, classes)
    if unable is not None:
        raise InputError.of(
            "scoring",
            asked,
            f"needs probabilities or decision values, which {unable!r} does not have",
            "leave it out, or use a classifier with predict_proba",
        )


def _unknown(asked):
    names = get_scorer_names()
    similar = get_close_matches(str(asked), names, n=3)
    known = " or ".join(map(repr, similar)) or "one of scikit-learn's names, such as 'roc_auc'"
    return InputError.of(
        "scoring",
        asked,
        "is unknown",
        f"pass {known}, {PER_CLASS!r} or a callable scorer(estimator, X, y)",
    )


def _check_signature(asked, estimators):
    """Refuse a metric, which takes labels, in place of a scorer."""
    try:
        check_scoring(next(iter(estimators.values())), scoring=asked)
    except ValueError as error:
        raise InputError.of(
            "scoring",
            asked,
            "is a metric of labels and predictions, not a scorer",
            "pass sklearn.metrics.make_scorer(...) of it",
        ) from error


def _mismatch(asked, scorer, classes, problem):
    """What does not fit: the target and the score, if they are of two kinds."""
    if not isinstance(asked, str):
        return f"does not work on this target ({problem})"
    if classes is None:
        return "is a score of classes, but the target holds numbers"
    if _problem(asked, scorer, None, _METHODS) is None:
        return "is a score of numbers, but the target holds classes"
    if len(classes) > 2 and _full_name(asked) in _TWO_CLASSES:
        return f"is a score of two classes, but the target has {len(classes)}"
    return f"does not work on {len(classes)} classes ({problem})"


def _instead(asked, classes):
    """What to pass in place of a scorer that does not fit the target."""
    names, full = get_scorer_names(), _full_name(asked)
    if classes is None:
        return "pass a scorer of numbers, e.g. 'r2'"
    several = [f"{full}_macro", f"{full}_ovr"] if len(classes) > 2 else []
    fitting = next((name for name in several if name in names), "balanced_accuracy")
    return f"pass e.g. {fitting!r}"


def _unable(asked, scorer, estimators, classes):
    """The first estimator whose answers are not enough for a scorer; None without any."""
    if classes is None:
        return None
    for name, estimator in estimators.items():
        methods = tuple(method for method in _METHODS if hasattr(estimator, method))
        if _problem(asked, scorer, classes, methods) is not None:
            return name
    return None


def _problem(asked, scorer, classes, methods):
    """What a scorer says to a stand-in that has these methods; None where it works."""
    if classes is None:
        y = np.array([0.5, 2.25, 1.75, 3.5])
        model = DummyRegressor().fit(np.zeros((4, 1)), y)
    else:
        y = np.tile(classes, 3)
        # A score of numbers would take classes that happen to be numbers.
        if isinstance(asked, str) and isinstance(scorer, str):
            y = np.array([f"class {at:05}" for at in range(len(classes))] * 3)
        model = _StandIn(methods).fit(np.zeros((len(y), 1)), y)
    try:
        value = check_scoring(model, scoring=scorer)(model, np.zeros((len(y), 1)), y)
        float(value)
    except Exception as error:
        return error_text(error)
    return None


def _has(method):
    return available_if(lambda self: method in self.methods)


class _StandIn(ClassifierMixin, BaseEstimator):
    """A classifier that knows classes, and has no more methods than it is told to have."""

    def __init__(self, methods=_METHODS):
        self.methods = methods

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return self.classes_[np.arange(len(X)) // 2 % len(self.classes_)]  # some right, some wrong

    @_has("predict_proba")
    def predict_proba(self, X):
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))

    @_has("decision_function")
    def decision_function(self, X):
        values = np.zeros((len(X), len(self.classes_)))
        return values[:, 0] if len(self.classes_) == 2 else values

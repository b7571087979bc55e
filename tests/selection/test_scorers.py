"""What is asked for as scoring: names that work, the class they are about, early refusals."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    f1_score,
    get_scorer_names,
    log_loss,
    make_scorer,
    recall_score,
    roc_auc_score,
)
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC

from gan_augment.exceptions import InputError
from gan_augment.selection.scorers import (
    ONE_CLASS,
    left_out_scores,
    mean_auc,
    negative_log_loss,
    primary_names,
    resolve_scorers,
)
from gan_augment.selection.scoring import scores_of

MODELS, NUMBERS = {"LR": LogisticRegression()}, {"line": LinearRegression()}
TWO, THREE = ["No"] * 9 + ["Yes"] * 3, ["a", "b", "c"] * 4


@pytest.fixture
def fitted(rng):
    """A function from labels to rows, labels and a classifier that knows them a little."""

    def fit(labels):
        y = np.array(labels * 10)
        X = rng.normal(size=(len(y), 2)) + 0.7 * np.unique(y, return_inverse=True)[1][:, None]
        return X, y, LogisticRegression().fit(X, y)

    return fit


def test_the_default_needs_no_threshold_first():
    assert list(resolve_scorers(None, MODELS, TWO)) == [
        "roc_auc", "neg_log_loss", "balanced_accuracy",
    ]  # fmt: skip
    assert next(iter(resolve_scorers(None, MODELS, THREE))) == "roc_auc_ovr"
    assert list(resolve_scorers(None, NUMBERS)) == ["r2"]
    assert primary_names(None, resolve_scorers(None, MODELS, THREE)) == (
        "roc_auc_ovr", "neg_log_loss",
    )  # fmt: skip
    assert primary_names(None, ["r2"]) == ("r2",)
    assert primary_names("roc_auc", ["roc_auc"]) == ("roc_auc",)


@pytest.mark.parametrize("labels", [TWO, THREE])
def test_scores_of_probabilities_are_those_of_scikit_learn(fitted, labels):
    X, y, model = fitted(labels)
    found = resolve_scorers(None, MODELS, labels)
    p = model.predict_proba(X)
    assert found["neg_log_loss"](model, X, y) == pytest.approx(-log_loss(y, p))
    whole = p[:, 1] if len(model.classes_) == 2 else p
    expected = roc_auc_score(y, whole, multi_class="ovr")
    assert mean_auc(y, p, model.classes_) == pytest.approx(expected)


def test_a_fold_without_a_rare_class_has_its_scores_all_the_same():
    p = np.array([[0.7, 0.3], [0.4, 0.6], [0.5, 0.5]])
    known = np.array(["a", "b"])  # of three classes: the training rows had no "c"
    y = np.array(["a", "b", "c"])
    assert negative_log_loss(y, p, known) == pytest.approx(np.log([0.7, 0.6]).mean())
    # a is ahead of b and c; b is ahead of a and of c
    assert mean_auc(y, p, known) == 1.0
    assert np.isnan(mean_auc(y[:1], p[:1], known))
    assert np.isnan(negative_log_loss(y[2:], p[2:], known))


@pytest.mark.parametrize(
    ("labels", "given", "positive"),
    [
        (TWO, None, "Yes"),
        (["good", "bad", "good"] * 4, None, "bad"),
        ([1, 1, 2] * 4, None, 2),
        ([0, 1, 1] * 4, None, 0),
        ([True, False] * 6, None, True),
        (TWO, "No", "No"),
        ([1, 1, 2] * 4, 1, 1),
    ],
)
def test_scores_of_one_class_are_about_the_rarer_one_or_the_one_given(
    fitted, labels, given, positive
):
    X, y, model = fitted(labels)
    names = ["f1", "recall", "average_precision", "brier"]
    found = resolve_scorers(names, MODELS, labels, given)
    assert list(found) == ["f1", "recall", "average_precision", "neg_brier_score"]
    p = model.predict_proba(X)[:, model.classes_.tolist().index(positive)]
    expected = [
        f1_score(y, model.predict(X), pos_label=positive),
        recall_score(y, model.predict(X), pos_label=positive),
        average_precision_score(y == positive, p),
        -brier_score_loss(y == positive, p),
    ]
    assert [scorer(model, X, y) for scorer in found.values()] == pytest.approx(expected)


@pytest.mark.parametrize("name", sorted({*get_scorer_names(), *ONE_CLASS}))
@pytest.mark.parametrize(
    ("labels", "models"),
    [(TWO, MODELS), ([0, 1, 1] * 4, MODELS), (THREE, MODELS), (None, NUMBERS)],
)
@pytest.mark.filterwarnings("ignore")
def test_every_name_either_works_or_is_refused(name, labels, models, rng):
    try:
        scorers = resolve_scorers(name, models, labels)
    except InputError:
        with pytest.raises(InputError, match=f"scoring='{name}' .*: pass "):
            resolve_scorers(name, models, labels)
        return
    y = rng.uniform(1, 2, 24) if labels is None else np.array(labels * 2)
    X = rng.normal(size=(len(y), 2))
    model = next(iter(models.values())).fit(X, y)
    score, why = scores_of(model, X, y, scorers).popitem()[1]
    assert why is None and np.isfinite(score)


@pytest.mark.parametrize(
    ("scoring", "models", "labels", "says"),
    [
        ("f1", MODELS, THREE, "'f1' is a score of two classes, but the target has 3: pass e.g"),
        ("roc_auc", MODELS, THREE, "two classes, but the target has 3: pass e.g. 'roc_auc_ovr'"),
        ("r2", MODELS, [0, 1, 1], "is a score of numbers, but the target holds classes"),
        ("accuracy", NUMBERS, None, "is a score of classes, but the target holds numbers"),
        ("recall_per_class", NUMBERS, None, "needs classes"),
        ("neg_log_loss", {"svm": LinearSVC()}, TWO, "which 'svm' does not have"),
        ("roc_auc_ovr", {"LR": LogisticRegression(), "svm": SVC()}, THREE, "'svm' does not have"),
        ("beauty", MODELS, TWO, "'beauty' is unknown"),
        ("auc", MODELS, TWO, "pass 'roc_auc'"),
        (7, MODELS, TWO, "scoring=7 is unknown"),
        ([None], MODELS, TWO, "scoring=None is unknown"),
        (f1_score, MODELS, TWO, "is a metric of labels and predictions"),
        (make_scorer(f1_score), MODELS, TWO, "does not work on this target"),
        ([], MODELS, TWO, "scoring is empty"),
        (["accuracy", "accuracy"], MODELS, TWO, "'accuracy' twice"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_with_its_cure(scoring, models, labels, says):
    with pytest.raises(InputError, match=says):
        resolve_scorers(scoring, models, labels)


@pytest.mark.parametrize(
    ("labels", "given", "says"),
    [
        (TWO, "yes", r"pos_label='yes' is no class of the target: pass one of \['No', 'Yes'\]"),
        (THREE, "a", "the target holds 3 classes"),
        (None, 1, "the target holds numbers"),
    ],
)
def test_a_positive_class_that_is_none_is_refused(labels, given, says):
    with pytest.raises(InputError, match=says):
        resolve_scorers(None, MODELS if labels else NUMBERS, labels, given)


def test_the_default_leaves_out_what_an_estimator_cannot_give():
    pipeline = make_pipeline(StandardScaler(), LinearSVC())
    assert list(resolve_scorers(None, {"svm": pipeline}, TWO)) == ["roc_auc", "balanced_accuracy"]
    search = {"search": GridSearchCV(SVC(), {"C": [1]}), "LR": LogisticRegression()}
    assert left_out_scores(search, THREE) == {"roc_auc_ovr": "search", "neg_log_loss": "search"}
    assert left_out_scores(MODELS, THREE) == left_out_scores(NUMBERS, None) == {}


def test_callables_of_the_caller_are_taken_under_their_names():
    def cautious(estimator, X, y):
        return 0.5

    assert resolve_scorers(cautious, MODELS, TWO) == {"cautious": cautious}
    mine = {"mine": cautious, "macro": "f1_macro", "yes": "f1"}
    found = resolve_scorers(mine, MODELS, TWO)
    assert list(found) == ["mine", "macro", "yes"] and found["mine"] is cautious
    model = DummyClassifier(strategy="constant", constant="Yes").fit(np.zeros((12, 1)), TWO)
    assert found["yes"](model, np.zeros((12, 1)), TWO) == pytest.approx(2 * 0.25 / 1.25)

"""An estimator that fails gets advice where labels or names may be behind it, and only there."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

from gan_augment import AugmentedClassifier, AugmentedData, BootstrapGenerator, GANAugmenter
from gan_augment.containers.advice import advice, advising
from gan_augment.selection.scoring import fit_model


class Picky(ClassifierMixin, BaseEstimator):
    """Takes what XGBoost takes: classes 0, 1, ... and names without brackets."""

    def fit(self, X, y):
        if not np.issubdtype(np.asarray(y).dtype, np.integer):
            raise ValueError("invalid classes")
        if any("[" in str(name) for name in getattr(X, "columns", ())):
            raise ValueError("invalid names")
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


X, Y = pd.DataFrame(np.eye(12)[:, :2], columns=["a", "b"]), np.arange(12) % 2
ODD = X.set_axis(["a [mm]", "b"], axis=1)
WORDS = np.array(["no", "yes"])[Y]


@pytest.mark.parametrize(
    ("table", "y", "says"),
    [(X, Y, []), (X, WORDS, ["LabelEncoder"]), (ODD, Y, ["'a [mm]'"]), (X.to_numpy(), Y, [])],
)
def test_what_helps_is_said_of_what_is_odd(table, y, says):
    found = advice(table, y)
    assert len(found) == len(says)
    assert all(word in note for word, note in zip(says, found, strict=True))


def test_an_augmented_classifier_adds_it_and_the_cure_works():
    model = AugmentedClassifier(
        Picky(), GANAugmenter(BootstrapGenerator(), n_samples=4), labeler=None
    )
    with pytest.raises(ValueError, match="invalid classes") as caught:
        model.fit(X, WORDS)
    assert "LabelEncoder" in caught.value.__notes__[0]
    with pytest.raises(ValueError, match="invalid names") as caught:
        model.fit(ODD, Y)
    assert "rename them" in caught.value.__notes__[0]
    renamed = ODD.set_axis(ODD.columns.str.replace(r"\W+", "_", regex=True), axis=1)
    assert len(model.fit(renamed, Y).predict(renamed)) == 12


def test_an_error_of_a_package_that_takes_text_has_no_note_on_labels():
    kind = type("LightGBMError", (Exception,), {"__module__": "lightgbm.basic"})
    with pytest.raises(kind) as caught, advising(ODD, WORDS):
        raise kind("no such names")
    (note,) = caught.value.__notes__
    assert "rename them" in note


def test_a_score_that_is_missing_says_it():
    failure = fit_model(Picky(), AugmentedData(X, WORDS, np.zeros(12, dtype=bool)))
    assert "invalid classes" in failure.error and "LabelEncoder" in failure.error


def test_text_is_not_to_blame_where_there_is_one_class():
    assert not advice(np.eye(2), ["no", "no"]) and advice(np.eye(2), ["no", "yes"])

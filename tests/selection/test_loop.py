"""The loop as a whole: it adds what helps, and nothing where added rows do harm."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import balanced_accuracy_score, make_scorer
from sklearn.model_selection import GroupKFold
from sklearn.neighbors import KNeighborsClassifier

from gan_augment.augmentation.maker import Maker
from gan_augment.exceptions import InputError
from gan_augment.generators.controls import BootstrapGenerator
from gan_augment.selection.search import search_augmentation


class Oracle(BootstrapGenerator):
    """Draws from the very distribution the rows came from, as no generator can."""

    extrapolates = True

    def _sample(self, n, codes, rng):
        values = rng.normal(size=(n, 8)) + 0.6 * (2 * codes[:, None] - 1)
        return pd.DataFrame(values, columns=self.rows_.columns), None


class Liar(Oracle):
    """Draws from the distribution of the other class."""

    def _sample(self, n, codes, rng):
        return super()._sample(n, 1 - codes, rng)


@pytest.fixture(scope="module")
def gaussians():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 20)
    return rng.normal(size=(40, 8)) + 0.6 * (2 * y[:, None] - 1), y


def test_rows_of_the_true_distribution_are_added(gaussians):
    found = search_augmentation({"kNN": KNeighborsClassifier()}, *gaussians, Maker(Oracle()))
    assert found.chosen.n_samples > 0
    assert found.results["p_helps"].max() > 0.8


def test_lies_are_not_added(gaussians):
    found = search_augmentation({"kNN": KNeighborsClassifier()}, *gaussians, Maker(Liar()))
    assert found.chosen.n_samples == 0 and found.decision.text.startswith("Nothing is added")


def test_same_seed_same_answer(gaussians):
    found = [
        search_augmentation(
            {"RF": RandomForestClassifier(5)}, *gaussians, Maker(BootstrapGenerator()), seed=seed
        ).scores["score"]
        for seed in (1, 1, 2)
    ]
    assert found[0].equals(found[1]) and not found[0].equals(found[2])


def test_small_classes_are_dealt_out_without_warning(recwarn):
    X, y = np.arange(60.0).reshape(30, 2), np.array([0] * 27 + [1] * 3)
    found = search_augmentation(
        {"LR": LogisticRegression()}, X, y, Maker(BootstrapGenerator()), scoring="accuracy"
    )
    assert found.scores["fold"].nunique() == 15 and found.scores["error"].eq("").all()
    assert not [w for w in recwarn if "least populated" in str(w.message)]


def test_groups_of_the_callers_splitter_stay_apart():
    X, y = make_classification(60, random_state=0)
    groups = np.repeat(np.arange(12), 5)
    splits = list(GroupKFold(4).split(X, y, groups))
    found = search_augmentation(
        {"LR": LogisticRegression()}, X, y, Maker(BootstrapGenerator()), cv=splits
    )
    assert found.scores["fold"].nunique() == 4


def test_numbers_are_searched_without_classes():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3))
    found = search_augmentation(
        {"ridge": Ridge()}, X, X @ [1, 2, 3] + rng.normal(size=50), Maker(BootstrapGenerator())
    )
    assert not found.results["candidate"].str.contains("classes").any()


def test_a_handful_of_rows_is_left_alone_and_the_words_say_why(gaussians):
    X, y = gaussians
    some = [0, 1, 2, 30, 31]
    found = search_augmentation(
        {"kNN": KNeighborsClassifier(1)}, X[some], y[some], Maker(Oracle())
    )
    assert found.chosen.n_samples == 0 and "5 rows are too few" in found.decision.text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cv": 1}, "cv=1 makes no folds"),
        ({"cv": 41}, "cv=41 makes no folds"),
        ({"max_time": -1}, "max_time=-1 is no time"),
        ({"max_time": True}, "max_time=True is no time"),
    ],
)
def test_what_cannot_be_searched_is_refused(gaussians, options, message):
    with pytest.raises(InputError, match=message):
        search_augmentation(
            {"LR": LogisticRegression()}, *gaussians, Maker(BootstrapGenerator()), **options
        )


@pytest.mark.parametrize(
    ("labels", "scoring", "expects"),
    [
        ([0] * 20 + [1] * 20, None, True),
        ([0] * 20 + [1] * 20, "accuracy", True),
        ([0] * 30 + [1] * 10, None, False),
        ([0] * 30 + [1] * 10, "balanced_accuracy", True),
        ([0] * 20 + [1] * 20, "roc_auc", False),
        ([0] * 20 + [1] * 20, make_scorer(balanced_accuracy_score), True),
        ([0] * 20 + [1] * 20, lambda model, X, y: 1.0, False),
    ],
)
def test_an_expectation_counts_only_for_the_scores_it_was_measured_with(labels, scoring, expects):
    X, y = np.arange(80.0).reshape(40, 2), np.array(labels)
    found = search_augmentation(
        {"LR": LogisticRegression()}, X, y, Maker(BootstrapGenerator()), scoring=scoring
    )
    assert (found.best_score == 1.0) == expects
    assert ("other tables" in found.decision.text) == expects


def test_the_drawing_shows_every_way_and_the_one_chosen(gaussians):
    found = search_augmentation({"kNN": KNeighborsClassifier()}, *gaussians, Maker(Oracle()))
    display = found.plot()
    names = [tick.get_text() for tick in display.ax_.get_yticklabels()]
    assert names == found.results["candidate"].tolist()[1:]
    bold = [t.get_text() for t in display.ax_.get_yticklabels() if t.get_fontweight() == "bold"]
    assert bold == [str(found.chosen)]

"""The closed loop: candidates meet the same folds and pools, and only what helps is added."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import balanced_accuracy_score, make_scorer
from sklearn.model_selection import GroupKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from gan_augment.augmentation.maker import Maker
from gan_augment.exceptions import InputError
from gan_augment.generators.controls import BootstrapGenerator
from gan_augment.selection.candidates import NONE, Candidate
from gan_augment.selection.experiment import Experiment
from gan_augment.selection.search import run_search, search_augmentation
from gan_augment.selection.splits import make_folds

SECONDS = ["augment_seconds", "fit_seconds", "score_seconds"]
CANDIDATES = [NONE, Candidate(2.0), Candidate(0.5), Candidate(2.0, "proportional")]


class Recording(BootstrapGenerator):
    """Remembers the rows it learnt, and marks the rows it makes in their second column."""

    fits = []
    extrapolates = True

    def fit(self, X, y=None):
        Recording.fits.append(X[:, 0].tolist())
        return super().fit(X, y)

    def _sample(self, n, codes, rng):
        frame, numbers = super()._sample(n, codes, rng)
        frame = frame.copy()
        frame[frame.columns[1]] = 1.0
        return frame, numbers


class Recorder(ClassifierMixin, BaseEstimator):
    """Remembers what it was fitted on and what it predicted."""

    seen = []

    def fit(self, X, y, sample_weight=None):
        self.X_, self.classes_ = X, np.unique(y)
        self.weight_ = sample_weight
        return self

    def predict(self, X):
        Recorder.seen.append((self.X_, X, self.weight_))
        return np.full(len(X), self.classes_[0])


@pytest.fixture
def experiment():
    X = np.column_stack([np.arange(40.0), np.zeros(40)])
    y = np.array(["a", "a", "a", "b"] * 10)
    Recording.fits.clear()
    Recorder.seen.clear()
    return Experiment({"m": Recorder()}, X, y, {"": Maker(Recording())}, {"a": "accuracy"}, y)


def folds_of(experiment, cv=4):
    return make_folds(np.unique(experiment.y, return_inverse=True)[1], cv=cv)


def test_a_generator_is_fitted_once_a_fold_and_sees_training_rows_only(experiment):
    folds = folds_of(experiment)
    run_search(experiment, CANDIDATES, folds)
    assert Recording.fits == [fold.train.astype(float).tolist() for fold in folds]
    for trained, tested, _ in Recorder.seen:
        assert not np.isin(tested[:, 0], trained[:, 0]).any()
        assert (tested[:, 1] == 0).all()  # no synthetic row is ever scored


def test_smaller_amounts_are_prefixes_and_balance_is_kept(experiment):
    run_search(experiment, CANDIDATES, folds_of(experiment)[:1])
    none, large, small, proportional = (trained for trained, _, _ in Recorder.seen)
    assert [len(rows) for rows in (none, large, small, proportional)] == [30, 90, 45, 90]
    made = [rows[30:, 0] for rows in (large, small)]
    labels = [np.asarray(experiment.y)[part.astype(int)] for part in made]
    for label in "ab":
        whole, part = (rows[names == label] for rows, names in zip(made, labels, strict=True))
        assert len(whole) == 30
        np.testing.assert_array_equal(part, whole[: len(part)])


def test_synthetic_rows_weigh_what_the_candidate_says(experiment):
    weights = np.linspace(1, 3, 40)
    experiment = replace(experiment, weights=weights)
    (fold,) = folds_of(experiment)[:1]
    run_search(experiment, [NONE, Candidate(1.0, synthetic_weight=0.5)], [fold])
    (_, _, first), (_, _, second) = Recorder.seen
    np.testing.assert_array_equal(first, weights[fold.train])
    np.testing.assert_allclose(second[30:], 0.5 * weights[fold.train].mean())


def noisy_experiment(generator=None):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 3))
    y = (X[:, 0] + rng.normal(size=90) > 0).astype(int)
    models = {"lr": LogisticRegression(), "tree": DecisionTreeClassifier()}
    maker = Maker(generator or BootstrapGenerator())
    return Experiment(models, X, y, {"": maker}, {"a": "accuracy"}, y)


def test_scores_depend_on_the_folds_alone_not_on_jobs():
    experiment = noisy_experiment()
    frames = [
        run_search(experiment, CANDIDATES, folds_of(experiment), n_jobs=jobs).drop(columns=SECONDS)
        for jobs in (1, 2, 1)
    ]
    assert frames[0].equals(frames[1]) and frames[0].equals(frames[2])
    assert frames[0].groupby(["candidate", "estimator"]).size().eq(4).all()


class Flipping(BootstrapGenerator):
    """Real rows of the wrong class."""

    def _sample(self, n, codes, rng):
        return super()._sample(n, len(self.classes_) - 1 - codes, rng)


def test_what_cannot_win_is_left_out_of_later_folds_but_never_none_or_the_default():
    experiment = noisy_experiment(Flipping())
    candidates = [NONE, Candidate(4.0), Candidate(20.0), Candidate(0.05)]
    frame = run_search(experiment, candidates, folds_of(experiment, cv=12))
    folds = frame.groupby("candidate")["fold"].nunique()
    assert folds[0] == folds[1] == 12 and folds[2] < 12


def test_time_ends_a_search_between_rounds():
    frame = run_search(
        noisy_experiment(), CANDIDATES, folds_of(noisy_experiment(), 9), max_time=1e-9
    )
    assert frame["fold"].nunique() == 3


def test_failures_are_rows_with_their_text():
    class Broken(BootstrapGenerator):
        def _sample(self, n, codes, rng):
            raise RuntimeError("no rows today")

    experiment = noisy_experiment(Broken())
    frame = run_search(experiment, CANDIDATES, folds_of(experiment))
    failed = frame["candidate"] > 0
    assert (frame.loc[failed, "error"] == "RuntimeError: no rows today").all()
    assert (frame.loc[failed, "reason"] == "failed").all()
    assert frame.loc[failed, "score"].isna().all() and frame.loc[~failed, "score"].notna().all()


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

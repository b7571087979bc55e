"""Candidates meet the same folds, learners and pools, and no test row teaches anything."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from gan_augment.augmentation.maker import Maker
from gan_augment.generators.controls import BootstrapGenerator
from gan_augment.selection.candidates import NONE, Candidate
from gan_augment.selection.experiment import Experiment
from gan_augment.selection.search import run_search
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

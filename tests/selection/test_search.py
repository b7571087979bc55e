"""The closed loop: candidates meet the same folds and pools, and only what helps is added."""

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from gan_augment.augmentation.maker import Maker
from gan_augment.exceptions import InputError
from gan_augment.generators.controls import BootstrapGenerator, JitterGenerator
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
    run_search(experiment, CANDIDATES, folds, ["a"])
    learnt = [fold.train.astype(float).tolist() for fold in folds[:3]]  # no way gains: the end
    assert Recording.fits == learnt
    for trained, tested, _ in Recorder.seen:
        assert not np.isin(tested[:, 0], trained[:, 0]).any()
        assert (tested[:, 1] == 0).all()  # no synthetic row is ever scored


def test_smaller_amounts_are_prefixes_and_balance_is_kept(experiment):
    run_search(experiment, CANDIDATES, folds_of(experiment)[:1], ["a"])
    large, small, proportional, none = (trained for trained, _, _ in Recorder.seen)
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
    run_search(experiment, [NONE, Candidate(1.0, synthetic_weight=0.5)], [fold], ["a"])
    first, second = sorted((weights for _, _, weights in Recorder.seen), key=len)
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
        run_search(experiment, CANDIDATES, folds_of(experiment, 3), ["a"], n_jobs=jobs)[0]
        for jobs in (1, 2, 1)
    ]
    frames = [frame.drop(columns=SECONDS) for frame in frames]
    assert frames[0].equals(frames[1]) and frames[0].equals(frames[2])
    assert frames[0].groupby(["candidate", "estimator"]).size().eq(3).all()


class Believer(ClassifierMixin, BaseEstimator):
    """Knows the labels, which are in the third column, once it has met a marked row."""

    def fit(self, X, y, sample_weight=None):
        self.classes_, self.knows_ = np.unique(y), (X[:, 1] == 1).any()
        return self

    def predict_proba(self, X):
        second = np.where(X[:, 2] == 1, 0.9, 0.1) if self.knows_ else np.full(len(X), 0.5)
        return np.column_stack([1 - second, second])

    def predict(self, X):
        return self.classes_[(self.predict_proba(X)[:, 1] > 0.5).astype(int)]


@pytest.fixture
def marked():
    y = np.arange(60) % 2
    return np.column_stack([np.arange(60.0), np.zeros(60), y]), y


def test_what_cannot_win_is_left_out_of_later_folds_and_without_a_way_the_search_ends(marked):
    X, y = marked
    makers = {"": Maker(Recording()), "copies": Maker(BootstrapGenerator(), allow_copies=True)}
    experiment = Experiment({"m": Believer()}, X, y, makers, {"a": "accuracy"}, y)
    good, useless = Candidate(1.0), Candidate(1.0, augmenter="copies")
    control = replace(useless, control=True)
    folds = folds_of(experiment, cv=12)
    frame, _ = run_search(experiment, [NONE, useless, good, control], folds, ["a"])
    tried = frame.groupby("candidate")["fold"].nunique().to_dict()
    assert tried == {0: 12, 1: 4, 2: 12, 3: 12}
    hopeless, _ = run_search(experiment, [NONE, useless, control], folds, ["a"])
    assert hopeless.groupby("candidate")["fold"].nunique().eq(4).all()


def test_time_ends_a_search_between_folds(marked):
    X, y = marked
    makers = {"": Maker(Recording())}
    experiment = Experiment({"m": Believer()}, X, y, makers, {"a": "accuracy"}, y)
    found = [
        run_search(experiment, [NONE, Candidate(1.0)], folds_of(experiment, 9), ["a"], **limit)
        for limit in ({}, {"max_time": 1e-9})
    ]
    assert [frame["fold"].nunique() for frame, _ in found] == [9, 2]
    assert [stopped for _, stopped in found] == [False, True]


def test_a_search_that_ran_out_of_time_says_so_and_without_a_bound_it_is_the_same(marked):
    X, y = marked
    maker = Maker(BootstrapGenerator(), allow_copies=True)
    models = {"m": Believer()}
    late = search_augmentation(models, X, y, maker, cv=5, max_time=1e-9)
    assert late.decision.text.endswith("Stopped after 1e-09 s (max_time): 2 of 15 folds measured.")
    found = [search_augmentation(models, X, y, maker, max_time=limit) for limit in (None, 3600)]
    assert found[0].scores.drop(columns=SECONDS).equals(found[1].scores.drop(columns=SECONDS))
    assert "Stopped" not in found[0].decision.text


def test_of_many_rows_one_fold_ends_the_search_where_every_way_loses(monkeypatch, marked):
    monkeypatch.setattr("gan_augment.selection.search.MANY_ROWS", 40)
    X, y = marked
    misleading = np.column_stack([X[:, 0], X[:, 1], 1 - y])  # a believer is always wrong
    makers = {"": Maker(Recording()), "copies": Maker(BootstrapGenerator(), allow_copies=True)}
    control = Candidate(1.0, augmenter="copies", control=True)
    for table, n_folds in ((X, 6), (misleading, 1)):
        experiment = Experiment({"m": Believer()}, table, y, makers, {"a": "accuracy"}, y)
        ways = [NONE, Candidate(1.0), control]
        frame, _ = run_search(experiment, ways, folds_of(experiment, 6), ["a"])
        assert frame["fold"].nunique() == n_folds
        assert frame.groupby("candidate")["fold"].nunique().get(2, 0) == n_folds * (n_folds > 1)


def test_failures_are_rows_with_their_text():
    class Broken(BootstrapGenerator):
        def _sample(self, n, codes, rng):
            raise RuntimeError("no rows today")

    experiment = noisy_experiment(Broken())
    frame, _ = run_search(experiment, CANDIDATES, folds_of(experiment), ["a"])
    failed = frame["candidate"] > 0
    assert (frame.loc[failed, "error"] == "RuntimeError: no rows today").all()
    assert (frame.loc[failed, "reason"] == "failed").all()
    assert frame.loc[failed, "score"].isna().all() and frame.loc[~failed, "score"].notna().all()


class Oracle(BootstrapGenerator):
    """Draws from the very distribution the rows came from, as no generator can."""

    extrapolates = True

    def _sample(self, n, codes, rng):
        values = rng.normal(size=(n, 20)) + 0.3 * (2 * codes[:, None] - 1)
        return pd.DataFrame(values, columns=self.rows_.columns), None


class Liar(Oracle):
    """Draws from the distribution of the other class."""

    def _sample(self, n, codes, rng):
        return super()._sample(n, 1 - codes, rng)


@pytest.fixture(scope="module")
def gaussians():
    rng = np.random.default_rng(1)
    y = np.repeat([0, 1], 40)
    return rng.normal(size=(80, 20)) + 0.3 * (2 * y[:, None] - 1), y


def test_rows_of_the_true_distribution_are_added(gaussians):
    found = search_augmentation({"LR": LogisticRegression(C=100)}, *gaussians, Maker(Oracle()))
    assert found.chosen.n_samples > 0 and found.decision.text.startswith("Rows are added, ")
    assert found.primary == ("roc_auc", "neg_log_loss")
    assert set(found.results["scorer"]) == set(found.primary)


def test_lies_are_not_added(gaussians):
    found = search_augmentation({"kNN": KNeighborsClassifier()}, *gaussians, Maker(Liar()))
    assert found.chosen.n_samples == 0 and found.decision.text.startswith("Nothing is added")


def test_same_seed_same_answer(gaussians):
    found = [
        search_augmentation(
            {"RF": RandomForestClassifier(5)}, *gaussians, Maker(Oracle()), cv=2, seed=seed
        ).scores["score"]
        for seed in (1, 1, 2)
    ]
    assert found[0].equals(found[1]) and not found[0].equals(found[2])


def test_small_classes_are_dealt_out_without_warning(recwarn):
    X, y = np.arange(60.0).reshape(30, 2), np.array([0] * 27 + [1] * 3)
    found = search_augmentation(
        {"LR": LogisticRegression()}, X, y, Maker(BootstrapGenerator()), scoring="accuracy"
    )
    none = found.scores[found.scores["candidate"] == 0]
    assert none["fold"].nunique() >= 5 and none["score"].notna().all()
    assert not [w for w in recwarn if "least populated" in str(w.message)]


@pytest.mark.parametrize("cv", [4, GroupKFold(4)])
def test_groups_stay_together(cv):
    X = np.column_stack([np.arange(60.0), np.zeros(60)])
    groups, y = np.repeat(np.arange(12), 5), np.arange(60) % 2
    Recorder.seen.clear()
    maker = Maker(BootstrapGenerator())
    search_augmentation({"r": Recorder()}, X, y, maker, cv=cv, groups=groups)
    assert len(Recorder.seen) > 10
    for trained, tested, _ in Recorder.seen:
        whole = groups[trained[trained[:, 0] % 1 == 0, 0].astype(int)]  # jitter moves rows
        assert not np.isin(groups[tested[:, 0].astype(int)], whole).any()


def test_numbers_are_searched_without_classes():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3))
    found = search_augmentation(
        {"ridge": Ridge()}, X, X @ [1, 2, 3] + rng.normal(size=50), Maker(BootstrapGenerator())
    )
    assert not found.results["candidate"].str.contains("classes").any()


def test_a_handful_of_rows_is_left_alone_and_the_words_say_why(gaussians):
    X, y = gaussians
    some = [0, 1, 2, 70, 71]
    found = search_augmentation(
        {"kNN": KNeighborsClassifier(1)}, X[some], y[some], Maker(Oracle())
    )
    assert found.chosen.n_samples == 0 and "5 rows are too few" in found.decision.text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cv": 1}, "cv=1 makes no folds"),
        ({"cv": 81}, "cv=81 makes no folds"),
        ({"max_time": -1}, "max_time=-1 cannot be used"),
        ({"max_time": True}, "max_time=True cannot be used"),
    ],
)
def test_what_cannot_be_searched_is_refused(gaussians, options, message):
    with pytest.raises(InputError, match=message):
        search_augmentation(
            {"LR": LogisticRegression()}, *gaussians, Maker(BootstrapGenerator()), **options
        )


@pytest.mark.parametrize(
    ("model", "labels", "options", "primary"),
    [
        (LogisticRegression(), "two", {}, ("roc_auc", "neg_log_loss")),
        (LogisticRegression(), "three", {}, ("roc_auc_ovr", "neg_log_loss")),
        (LinearSVC(), "two", {}, ("roc_auc",)),
        (Ridge(), "numbers", {}, ("r2",)),
        (LogisticRegression(), "two", {"scoring": "f1", "pos_label": "0"}, ("f1",)),
        (LogisticRegression(), "two", {"scoring": ["accuracy", "roc_auc"]}, ("accuracy",)),
    ],
)
def test_the_decision_stands_on_auc_and_log_loss_or_on_the_first_score_named(
    model, labels, options, primary
):
    rng = np.random.default_rng(0)
    X, codes = rng.normal(size=(60, 2)), np.arange(60) % (3 if labels == "three" else 2)
    y = X[:, 0] + 0.1 * rng.normal(size=60) if labels == "numbers" else codes.astype(str)
    kind = "number" if labels == "numbers" else "class"
    maker = Maker(BootstrapGenerator(target=kind))
    found = search_augmentation({"model": model}, X, y, maker, cv=2, **options)
    assert found.primary == primary and primary[0] in found.decision.text
    none = found.results[found.results["candidate"] == "none"]
    assert none["score"].notna().all()
    asked = options.get("scoring", primary)
    assert none["scorer"].tolist() == ([asked] if isinstance(asked, str) else list(asked))


@pytest.mark.parametrize(
    ("scoring", "controls"),
    [
        (None, {"duplicates", "jitter", "SMOTE", "class weights"}),
        ("f1", {"duplicates", "jitter", "SMOTE", "class weights", "tuned threshold"}),
    ],
)
def test_what_is_free_is_measured_beside_the_ways(scoring, controls):
    X, y = make_classification(90, weights=[0.7], random_state=0)
    maker = Maker(BootstrapGenerator())
    found = search_augmentation({"LR": LogisticRegression()}, X, y, maker, cv=3, scoring=scoring)
    results = found.results[found.results["is_control"]]
    assert set(results["candidate"]) == controls and results["score"].notna().all()


def test_a_control_that_does_not_apply_says_so_and_is_no_rival(marked):
    model = KNeighborsClassifier()
    found = search_augmentation({"kNN": model}, *marked, Maker(Recording()), cv=3)
    row = found.results.set_index("candidate").loc["class weights"]
    assert row["score"].isna().all() and row["error"].str.contains("sample_weight").all()
    assert found.results.set_index("candidate").loc["jitter", "score"].notna().all()


def test_a_scorer_that_cannot_work_is_refused_before_training(gaussians):
    Recording.fits.clear()
    with pytest.raises(InputError) as refusal:
        search_augmentation({"r": Recorder()}, *gaussians, Maker(Recording()), scoring="log_loss")
    assert refusal.value.argument == "scoring" and Recording.fits == []


def test_the_drawing_shows_every_candidate_by_score_and_the_one_chosen(marked):
    found = search_augmentation({"m": Believer()}, *marked, Maker(Recording()))
    assert found.chosen.n_samples > 0
    axes = found.plot().ax_
    assert ["ROC AUC" in axes[0].get_xlabel(), "log loss" in axes[1].get_xlabel()] == [True] * 2
    names = [tick.get_text() for tick in axes[0].get_yticklabels()]
    tried = found.results[found.results["scorer"] == "roc_auc"]
    assert names == tried["candidate"].tolist()[1:]
    bold = [t.get_text() for t in axes[0].get_yticklabels() if t.get_fontweight() == "bold"]
    assert bold == [str(found.chosen)]
    middle = [line.get_xdata()[0] for line in axes[1].lines if line.get_marker() == "o"]
    losses = found.results.query("scorer == 'neg_log_loss' and candidate != 'none'")["difference"]
    np.testing.assert_allclose(middle[: len(losses)], losses)


def test_it_is_drawn_on_axes_of_the_caller_and_shown_on_a_card(marked):
    found = search_augmentation({"m": Believer()}, *marked, Maker(Recording()), cv=3)
    figure = Figure()
    own = figure.subplots(1, 2)
    assert found.plot(ax=own).figure_ is figure and all(ax.lines for ax in own)
    one = Figure().subplots()
    assert found.plot("neg_log_loss", ax=one).ax_ is one and "log loss" in one.get_xlabel()
    for wrong in ({"ax": one}, {"scorer": "f1"}):
        with pytest.raises(InputError) as refusal:
            found.plot(**wrong)
        assert refusal.value.argument in wrong
    card = found._repr_html_()
    assert str(found.chosen) in card and "<svg" in card and "probability of a gain" in card


def test_too_few_rows_are_a_card_without_a_drawing():
    X = np.arange(8.0)[:, None]
    found = search_augmentation({"m": Believer()}, X, np.arange(8) % 2, Maker(Recording()))
    assert "<svg" not in found._repr_html_() and "too few" in found._repr_html_()
    with pytest.raises(InputError, match="nothing to draw"):
        found.plot()


def test_it_is_stored_as_plain_values(marked):
    found = search_augmentation({"m": Believer()}, *marked, Maker(Recording()), cv=3)
    states = found.__getstate__(), found.decision.__getstate__()
    for _, _, cells in [*states[0]["scores"], *states[1]["table"]]:
        assert type(cells) is list or cells.dtype.kind in "bif"
    again = pickle.loads(pickle.dumps(found))
    pd.testing.assert_frame_equal(again.scores, found.scores)
    pd.testing.assert_frame_equal(again.results, found.results)
    assert again.decision.text == found.decision.text and again.chosen == found.chosen


class Told(ClassifierMixin, BaseEstimator):
    """A labeler that counts its fits and gives class 1 as much as its first column says."""

    fits = []

    def fit(self, X, y, sample_weight=None):
        Told.fits.append(len(X))
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        p = 1 / (1 + np.exp(-np.asarray(X)[:, 0]))
        return np.column_stack([1 - p, p])

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def test_a_labeler_is_fitted_once_a_fold_and_stands_among_the_controls_itself(gaussians):
    X, y = gaussians
    Told.fits = []
    found = search_augmentation(
        {"LR": LogisticRegression()}, X, y, Maker(BootstrapGenerator(), labeler=Told()), cv=3
    )
    labels = found.results.set_index("candidate")["labels"]
    assert set(labels) == {"", "own", "labeler"}
    committee = found.scores[found.scores["candidate"] == len(found.candidates) - 1]
    assert found.candidates[-1].adjustment == "committee" and committee["score"].notna().all()
    assert len(Told.fits) == found.scores["fold"].nunique()


def test_soft_labels_of_the_truth_are_taken_and_wrong_ones_are_not():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 8))
    y = (rng.random(60) < 1 / (1 + np.exp(-3 * X[:, 0]))).astype(int)
    truth, models = (
        Maker(JitterGenerator(scale=1.0), labeler=Told()),
        {"tree": DecisionTreeClassifier()},
    )
    assert search_augmentation(models, X, y, truth).chosen.labels == "labeler"
    opposite = search_augmentation(models, X, 1 - y, truth)
    assert opposite.chosen == NONE and "lower than none" in opposite.decision.text


def test_estimators_without_weights_get_labels_drawn_in_proportion():
    X, y = make_classification(60, 4, random_state=0)
    maker = Maker(BootstrapGenerator(), labeler=Told(), soft_label_weight=2.0)
    ways = {0: NONE, 1: Candidate(2.0, labels="labeler")}
    models = {"weights": Recorder(), "none": Drawn()}
    experiment = Experiment(models, X, y, {"": maker}, {"acc": "accuracy"}, y)
    Recorder.seen, Drawn.seen = [], []
    experiment.run(ways, make_folds(y, cv=2))
    rows, _, weights = next(seen for seen in Recorder.seen if seen[2] is not None)
    assert weights[30:].sum() == pytest.approx(2.0 * 30) and (weights[:30] == 1).all()
    assert len(rows) > 90  # some rows have two plausible classes
    assert Drawn.seen.count(30) == 2 and len(Drawn.seen) == 2 + 2 * 10
    assert all(n == 30 or 85 <= n <= 100 for n in Drawn.seen)  # 30 real rows and 60 others


class Drawn(ClassifierMixin, BaseEstimator):
    """Takes no weights, and remembers how many rows it was fitted on."""

    seen = []

    def fit(self, X, y):
        Drawn.seen.append(len(X))
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def test_what_all_candidates_change_of_a_generator_is_set_before_its_fit():
    X, y = make_classification(40, 4, random_state=0)
    setting = {"target": "class"}
    both = {1: Candidate(1.0, parameters=setting), 2: Candidate(2.0, parameters=setting)}
    seen = []

    class Asked(BootstrapGenerator):
        def fit(self, X, y=None):
            seen.append(self.target)
            return super().fit(X, y)

    maker = Maker(Asked())
    experiment = Experiment({"m": Recorder()}, X, y, {"": maker}, {"acc": "accuracy"}, y)
    experiment.run({0: NONE, **both}, make_folds(y, cv=2))
    assert seen == ["class", "class"]
    seen.clear()
    experiment.run({0: NONE, 1: both[1], 2: Candidate(2.0)}, make_folds(y, cv=2))
    assert seen == ["auto", "auto"]

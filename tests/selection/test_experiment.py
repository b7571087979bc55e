"""The experiment: what generators may see, what is shared, and how failures look."""

import warnings
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import balanced_accuracy_score, log_loss
from sklearn.model_selection import TunedThresholdClassifierCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from gan_augment.augmentation.augment import AugmentedData
from gan_augment.augmentation.maker import Maker
from gan_augment.augmentation.shares import corrected, share_factors
from gan_augment.exceptions import AugmentationWarning, InputError
from gan_augment.generators.controls import BootstrapGenerator
from gan_augment.process.hushed import warn_caller
from gan_augment.selection.adjustments import tuning_folds
from gan_augment.selection.candidates import NONE, Candidate
from gan_augment.selection.experiment import Experiment, cells_frame
from gan_augment.selection.splits import make_folds
from gan_augment.selection.store import CellStore

CODES = np.repeat([0, 1, 2], [60, 30, 10])
SECONDS = ["augment_seconds", "fit_seconds", "score_seconds"]
ONE = {"one": Candidate(1.0)}


@dataclass(frozen=True)
class Spy(Maker):
    """Makes no rows and remembers what it was shown."""

    generator: Any = None
    seen: list = field(default_factory=list)

    def fit(self, X, y, rng):
        self.seen.append((X, y, rng.random()))

    def add(self, generator, X, y, plan, rng, labeler=None):
        return AugmentedData(X, y, np.arange(len(X)) >= len(X))


def experiment(maker, X=None, y=CODES, **options):
    X = np.arange(100.0)[:, None] if X is None else X
    options = {"estimators": {"m": DummyClassifier()}, "labels": CODES} | options
    return Experiment(X=X, y=y, makers={"": maker}, scorers={"acc": "accuracy"}, **options)


@pytest.mark.parametrize("container", ["numpy", "pandas", "polars"])
def test_a_generator_sees_the_training_rows_alone_and_its_own_seed(container):
    X = np.arange(100.0)[:, None]
    X = {"numpy": X, "pandas": pd.DataFrame(X), "polars": pl.DataFrame({"a": X[:, 0]})}[container]
    spy, folds = Spy(), make_folds(CODES)
    nothing = {"nothing": Candidate(0)}
    experiment(spy, X).run(nothing, folds)
    assert len(spy.seen) == 10
    for fold, (shown, labels, _) in zip(folds, spy.seen, strict=True):
        assert type(shown) is type(X)
        np.testing.assert_array_equal(np.asarray(shown)[:, 0].astype(int), fold.train)
        np.testing.assert_array_equal(labels, CODES[fold.train])
    draws = [draw for _, _, draw in spy.seen]
    assert len(set(draws)) == 10
    experiment(spy, X).run(nothing, folds[3:4])  # alone, the fold draws what it drew among ten
    assert spy.seen[-1][2] == draws[3]


def test_cells_come_in_the_order_of_folds_candidates_estimators_and_scorers():
    models = {"tree": DecisionTreeClassifier(), "dummy": DummyClassifier()}
    candidates = {"none": NONE, "few": Candidate(5), "more": Candidate(1.0)}
    asked = replace(
        experiment(Maker(BootstrapGenerator()), estimators=models),
        scorers={"acc": "accuracy", "f1": "f1_macro"},
    )
    frame = cells_frame(asked.run(candidates, make_folds(CODES, cv=3)))
    names = ["fold", "candidate", "estimator", "scorer"]
    expected = pd.MultiIndex.from_product([range(3), candidates, models, asked.scorers])
    assert list(map(tuple, frame[names].to_numpy())) == list(expected)
    added = {name: cells["n_synthetic"] for name, cells in frame.groupby("candidate")}
    assert set(added["none"]) == {0} and set(added["few"]) == {5}
    assert added["more"].equals(frame["n_train"][added["more"].index])


class Broken(BootstrapGenerator):
    """Counts how often it is fitted, in vain."""

    fits = 0

    def fit(self, X, y=None):
        Broken.fits += 1
        raise InputError("cannot learn this", remedy="pass less")


def test_a_generator_that_cannot_be_fitted_is_tried_once_a_fold():
    Broken.fits = 0
    wide = Candidate(1.0, setting="wide", parameters={"random_state": 3})
    candidates = {"a": Candidate(1.0), "b": Candidate(2.0), "c": wide}
    cells = experiment(Maker(Broken())).run(candidates, make_folds(CODES, cv=4))
    assert Broken.fits == 4 and len(cells) == 12
    assert {(cell.reason, cell.error) for cell in cells} == {
        ("failed", "cannot learn this: pass less.")
    }


def test_what_a_control_refuses_does_not_apply():
    cells = experiment(Maker(Broken())).run(
        {"a": Candidate(1.0, control=True)}, make_folds(CODES, cv=2)
    )
    # nobody passed the control, so what to pass to it is no advice
    assert {(cell.reason, cell.error) for cell in cells} == {
        ("does not apply", "cannot learn this")
    }


def test_an_amount_that_does_not_fit_one_fold_leaves_the_others_and_other_amounts_alone():
    y = np.array(["a"] * 50 + ["b"] * 49 + ["c"])
    asked = experiment(
        Maker(BootstrapGenerator()), y=y, labels=y, estimators={"tree": DecisionTreeClassifier()}
    )
    folds = make_folds(np.unique(y, return_inverse=True)[1], cv=list_of_halves())
    candidates = {"rare": Candidate({"c": 5}), "any": Candidate(1.0)}
    frame = cells_frame(asked.run(candidates, folds))
    failed = frame[frame["reason"] == "failed"]
    assert failed["candidate"].tolist() == ["rare"] and failed["fold"].tolist() == [1]
    assert "not in y" in failed["error"].iloc[0]


def list_of_halves():
    even, odd = np.arange(0, 100, 2), np.arange(1, 100, 2)  # the one "c" is the last row
    return [(odd, even), (even, odd)]


def test_a_score_that_is_undefined_is_no_failure():
    def nothing(model, X, y):
        return float("nan")

    asked = replace(experiment(Spy()), scorers={"nothing": nothing})
    (cell,) = asked.run({"none": NONE}, make_folds(CODES)[:1])
    assert (cell.reason, cell.error) == ("undefined", "")


def test_settings_of_one_generator_draw_from_pools_of_their_own():
    """A candidate's rows do not depend on the other candidates of the fold."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 3))
    asked = experiment(Maker(BootstrapGenerator()), X, estimators={"lr": LogisticRegression()})
    folds = make_folds(CODES, cv=3)
    candidates = {"usual": Candidate(1.0), "seed": Candidate(1.0, setting="other")}
    both = cells_frame(asked.run(candidates, folds)).drop(columns=SECONDS)
    alone = cells_frame(asked.run({"seed": candidates["seed"]}, folds)).drop(columns=SECONDS)
    pd.testing.assert_frame_equal(both[both["candidate"] == "seed"].reset_index(drop=True), alone)
    assert both.groupby("candidate")["score"].sum().nunique() == 2


def test_the_store_keeps_cells_as_they_are_and_failed_ones_not_at_all(tmp_path):
    def odd(model, X, y):
        return [float("nan"), float("inf"), 0.5][len(X) % 3]

    asked = replace(
        experiment(Maker(BootstrapGenerator())), scorers={"odd": odd}, store=CellStore(tmp_path)
    )
    folds = make_folds(CODES, cv=3)
    first = cells_frame(asked.run(ONE, folds))
    assert len(list(tmp_path.iterdir())) == 3
    pd.testing.assert_frame_equal(first, cells_frame(asked.run(ONE, folds)))
    cut = min(tmp_path.iterdir())  # as a power cut may leave it
    cut.write_text(cut.read_text()[:20])
    again = cells_frame(asked.run(ONE, folds)).drop(columns=SECONDS)
    pd.testing.assert_frame_equal(first.drop(columns=SECONDS), again)
    broken = replace(asked, makers={"": Maker(Broken())})
    broken.run(ONE, folds)
    assert len(list(tmp_path.iterdir())) == 3


CONTROLS = {
    "none": NONE,
    "class weights": replace(NONE, adjustment="class weights"),
    "tuned threshold": replace(NONE, adjustment="tuned threshold"),
}
SCORERS = {"bacc": "balanced_accuracy", "loss": "neg_log_loss", "auc": "roc_auc"}


@pytest.fixture(scope="module")
def rare():
    X, y = make_classification(240, weights=[0.8], flip_y=0.1, class_sep=0.7, random_state=1)
    return X, np.where(y, "yes", "no")


def asked_about(X, y, models, **options):
    makers = {"": Maker(BootstrapGenerator())}
    return Experiment(models, X, y, makers, SCORERS, labels=y, **options)


def by_fold(cells, candidate, scorer):
    return [c.score for c in cells if (c.candidate, c.scorer) == (candidate, scorer)]


class Counted(LogisticRegression):
    """Counts its fits."""

    fits = 0

    def fit(self, X, y, sample_weight=None):
        Counted.fits += 1
        return super().fit(X, y, sample_weight)


def test_adjustments_are_what_scikit_learn_does_by_itself_with_the_same_folds(rare):
    X, y = rare
    folds = make_folds(y, cv=3)
    Counted.fits = 0
    cells = asked_about(X, y, {"lr": Counted()}).run(CONTROLS, folds)
    assert Counted.fits == 3 * (1 + 1 + 3)  # none, class weights, and inner folds: no refit
    tuned = TunedThresholdClassifierCV(LogisticRegression(), cv=tuning_folds())
    balanced = LogisticRegression(class_weight="balanced")
    expected = {"tuned threshold": tuned, "class weights": balanced}
    for name, model in expected.items():
        for fold, score in zip(folds, by_fold(cells, name, "bacc"), strict=True):
            found = clone(model).fit(X[fold.train], y[fold.train]).predict(X[fold.test])
            assert score == balanced_accuracy_score(y[fold.test], found)
    for scorer in ("loss", "auc"):  # a threshold moves no probability
        assert by_fold(cells, "tuned threshold", scorer) == by_fold(cells, "none", scorer)


def test_probabilities_refer_to_the_real_shares_unless_the_estimator_has_its_own(rare):
    X, y = rare
    (fold,) = folds = make_folds(y, cv=3)[:1]
    candidates = {**CONTROLS, "rows": Candidate(1.0)}
    raw, true = (
        asked_about(X, y, {"lr": LogisticRegression()}, correct_shares=correct).run(
            candidates, folds
        )
        for correct in (False, True)
    )
    model = LogisticRegression(class_weight="balanced").fit(X[fold.train], y[fold.train])
    own = model.predict_proba(X[fold.test])
    assert by_fold(raw, "class weights", "loss") == [-log_loss(y[fold.test], own)]
    halves = ["no", "yes"]  # what balanced weights make of the shares
    factors = share_factors(y[fold.train], halves, None, None, model.classes_)
    found = by_fold(true, "class weights", "loss")
    np.testing.assert_allclose(found, -log_loss(y[fold.test], corrected(own, factors)))
    assert by_fold(true, "rows", "loss")[0] > by_fold(raw, "rows", "loss")[0] + 0.02
    for name in candidates:
        for scorer in ("bacc", "auc"):  # a classifier predicts what it predicted
            assert by_fold(true, name, scorer) == by_fold(raw, name, scorer)

    weighed = {"lr": LogisticRegression(class_weight={"no": 1, "yes": 4})}
    raw, true = (
        asked_about(X, y, weighed, correct_shares=correct).run({"rows": Candidate(1.0)}, folds)
        for correct in (False, True)
    )
    assert [c.score for c in raw] == [c.score for c in true]


def test_weights_of_rows_count_in_the_shares(rare):
    X, y = rare
    weights = np.where(y == "yes", 4.0, 1.0)
    (fold,) = folds = make_folds(y, cv=3)[:1]
    asked = asked_about(X, y, {"lr": LogisticRegression()}, weights=weights)
    (found,) = by_fold(asked.run(CONTROLS, folds), "class weights", "loss")
    model = LogisticRegression(class_weight="balanced")
    model.fit(X[fold.train], y[fold.train], weights[fold.train])
    real = np.array([weights[fold.train][y[fold.train] == label].sum() for label in ("no", "yes")])
    factors = real / real.sum() / [0.2, 0.8]  # balanced weights make halves, and 4 to 1 of them
    expected = corrected(model.predict_proba(X[fold.test]), factors)
    assert found == pytest.approx(-log_loss(y[fold.test], expected))


def test_adjustments_that_do_not_apply_say_so():
    X = np.random.default_rng(0).normal(size=(60, 2))
    numbers = Experiment({"m": LinearRegression()}, X, X[:, 0], {}, {"r2": "r2"})
    cells = numbers.run(CONTROLS, make_folds(X[:, 0], cv=2, classes=False))
    assert [cell.reason for cell in cells] == ["", *["does not apply"] * 2] * 2
    assert "the target is a number" in cells[1].error
    y = np.repeat(["a", "b"], 30)
    cells = asked_about(X, y, {"knn": KNeighborsClassifier()}).run(CONTROLS, make_folds(y, cv=2))
    reasons = {cell.candidate: cell.reason for cell in cells}
    assert reasons == {"none": "", "class weights": "does not apply", "tuned threshold": ""}
    few = np.array(["a"] * 57 + ["b"] * 3)
    cells = asked_about(X, few, {"lr": LogisticRegression()}).run(CONTROLS, make_folds(few, cv=3))
    why = {cell.candidate: (cell.reason, cell.error) for cell in cells}["tuned threshold"]
    assert why[0] == "does not apply" and "3 training rows of each class" in why[1]


def test_subgroups_are_scored_on_their_own_test_rows_by_the_same_fit(rare):
    X, y = rare
    part = {"left": X[:, 0] < 0, "yes only": y == "yes", "none at all": np.zeros(len(y), bool)}
    folds = make_folds(y, cv=3)
    cells = asked_about(X, y, {"lr": LogisticRegression()}, subgroups=part).run(CONTROLS, folds)
    whole = asked_about(X, y, {"lr": LogisticRegression()}).run(CONTROLS, folds)
    alone = [(c.score, c.candidate, c.scorer) for c in cells if not c.group]
    assert alone == [(c.score, c.candidate, c.scorer) for c in whole]
    left = [c for c in cells if (c.group, c.candidate, c.scorer) == ("left", "none", "bacc")]
    for fold, cell in zip(folds, left, strict=True):
        rows = fold.test[part["left"][fold.test]]
        model = LogisticRegression().fit(X[fold.train], y[fold.train])
        assert cell.n_test == len(rows)
        assert cell.score == balanced_accuracy_score(y[rows], model.predict(X[rows]))
    single = {c.scorer: c.reason for c in cells if c.group == "yes only"}
    assert single["auc"] == "undefined" and single["bacc"] == ""
    assert not [c for c in cells if c.group == "none at all"]


def test_cells_say_how_true_probabilities_are_and_the_store_keeps_it(rare, tmp_path):
    X, y = rare
    options = {"calibration": True, "store": CellStore(tmp_path)}
    asked, folds = asked_about(X, y, {"lr": LogisticRegression()}, **options), make_folds(y, cv=3)
    first = asked.run(CONTROLS, folds)
    for cell in first:
        assert sum(n for _, n, _, _ in cell.calibration) == (80 if cell.scorer == "bacc" else 0)
    shares = [sum(n * seen for _, n, _, seen in c.calibration) / 80 for c in first[::3]]
    np.testing.assert_allclose(shares, np.repeat([(y[f.test] == "yes").mean() for f in folds], 3))
    assert asked.run(CONTROLS, folds) == first


class Weighed(DummyClassifier):
    """Remembers the weights it was fitted with."""

    seen = []

    def fit(self, X, y, sample_weight=None):
        Weighed.seen.append((len(X), np.asarray(y), sample_weight))
        return super().fit(X, y, sample_weight)


class Once(LogisticRegression):
    """Counts its fits."""

    fits = 0

    def fit(self, X, y, sample_weight=None):
        Once.fits += 1
        return super().fit(X, y, sample_weight)


def test_soft_labels_reach_estimators_and_a_labeler_is_fitted_once_a_fold():
    Weighed.seen, Once.fits = [], 0
    candidates = {
        "few": Candidate(20, "equal"),
        "more": Candidate(40, "equal"),
        "own": Candidate(20, "proportional", setting="own"),
        "filled": Candidate("fill"),
    }
    maker = Maker(BootstrapGenerator(target="class"), labeler=Once(), soft_label_weight=3.0)
    models = {"m": Weighed(), "k": KNeighborsClassifier()}
    cells = experiment(maker, estimators=models).run(candidates, make_folds(CODES, cv=2))
    assert Once.fits == 2 and not any(cell.error for cell in cells)
    n = cells[0].n_train
    for _, _, weights in (s for s in Weighed.seen if s[2] is not None):
        assert weights[:n].tolist() == [1.0] * n
        assert weights[n:].sum() == pytest.approx(3 * n)
    assert sum(weights is None for *_, weights in Weighed.seen) == 2  # labels asked for
    filled = next(y for _, y, weights in Weighed.seen if weights is None)
    assert np.ptp(np.bincount(filled)) == 0
    added = [cell.n_synthetic for cell in cells if cell.estimator == "m"]
    assert added[:3] == [20, 40, 20]


def test_sources_share_one_labeler_and_weigh_what_the_candidate_says():
    Weighed.seen.clear()
    Once.fits = 0
    labeled = {
        name: Maker(BootstrapGenerator(target="class"), labeler=Once(), soft_label_weight=3.0)
        for name in ("", "other")
    }
    asked = replace(experiment(None, estimators={"m": Weighed()}), makers=labeled)
    ways = {
        "own": Candidate(20, "equal"),
        "light": Candidate(20, "equal", total_weight=0.5),
        "other": Candidate(20, "equal", augmenter="other", total_weight=7.0),
    }
    cells = asked.run(ways, make_folds(CODES, cv=2))
    assert Once.fits == 2 and not any(cell.error for cell in cells)
    n = cells[0].n_train
    totals = [weights[n:].sum() / n for _, _, weights in Weighed.seen]
    assert totals == pytest.approx([3, 0.5, 7] * 2)


def test_averaged_models_score_as_the_mean_of_their_probabilities():
    """With rows that nobody can tell from real ones, both models are one, and so is the mean."""
    maker = Maker(BootstrapGenerator(target="class"), labeler=LogisticRegression())
    asked = experiment(maker, estimators={"m": LogisticRegression()})
    ways = {"none": NONE, "soft": Candidate(40, "equal", labels="labeler")}
    ways["both"] = replace(ways["soft"], averaged=True)
    cells = replace(asked, scorers={"loss": "neg_log_loss"}).run(ways, make_folds(CODES, cv=2))
    none, soft, both = ([c.score for c in cells if c.candidate == w] for w in ways)
    assert both != soft and both != none
    # the logarithm is concave: the mean has less loss than the mean of both losses
    assert all(b > (n + s) / 2 for n, s, b in zip(none, soft, both, strict=True))


def test_probabilities_after_soft_labels_refer_to_the_real_shares():
    """Where nothing tells classes apart, the best log loss is that of their shares."""
    X = np.random.default_rng(0).normal(size=(100, 1))
    maker = Maker(BootstrapGenerator(target="class"), labeler=DummyClassifier())
    asked = experiment(maker, X, estimators={"m": DummyClassifier()})
    cells = replace(asked, scorers={"loss": "neg_log_loss"}).run(
        {"none": NONE, "soft": Candidate(200, "equal", "soft")}, make_folds(CODES, cv=2)
    )
    none, soft = ([c.score for c in cells if c.candidate == name] for name in ("none", "soft"))
    assert soft == pytest.approx(none, abs=0.01)


class Warner(BootstrapGenerator):
    """Warns of its rows at each fit."""

    def fit(self, X, y=None):
        warn_caller("seen before", AugmentationWarning)
        return super().fit(X, y)


@pytest.mark.parametrize(("hushed", "often"), [(False, 1), (True, 0)])
def test_what_is_known_of_the_rows_is_said_once_and_not_by_each_fold(hushed, often):
    asked = experiment(Maker(Warner(target="class")), hushed=hushed)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        asked.run(ONE, make_folds(CODES, cv=3))
        Warner(target="class").fit(np.eye(2), [0, 1])
    said = [w for w in caught if issubclass(w.category, AugmentationWarning)]
    assert len(said) == often + 1 and said[-1].filename == __file__

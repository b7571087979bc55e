"""The experiment: what generators may see, what is shared, and how failures look."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from gan_augment.augmentation.augment import AugmentedData
from gan_augment.augmentation.maker import Maker
from gan_augment.exceptions import InputError
from gan_augment.generators.controls import BootstrapGenerator
from gan_augment.selection.candidates import NONE, Candidate
from gan_augment.selection.experiment import Experiment, cells_frame
from gan_augment.selection.splits import make_folds
from gan_augment.selection.store import CellStore

CODES = np.repeat([0, 1, 2], [60, 30, 10])
SECONDS = ["augment_seconds", "fit_seconds", "score_seconds"]
ONE = {"one": Candidate(1.0)}


@dataclass
class Spy:
    """Makes no rows and remembers what it was shown."""

    seen: list

    def fit(self, X, y, rng):
        self.seen.append((X, y, rng.random()))

    def add(self, generator, X, y, plan, rng):
        return AugmentedData(X, y, np.arange(len(X)) >= len(X))


def experiment(maker, X=None, y=CODES, **options):
    X = np.arange(100.0)[:, None] if X is None else X
    options = {"estimators": {"m": DummyClassifier()}, "labels": CODES} | options
    return Experiment(X=X, y=y, makers={"": maker}, scorers={"acc": "accuracy"}, **options)


@pytest.mark.parametrize("container", ["numpy", "pandas", "polars"])
def test_a_generator_sees_the_training_rows_alone_and_its_own_seed(container):
    X = np.arange(100.0)[:, None]
    X = {"numpy": X, "pandas": pd.DataFrame(X), "polars": pl.DataFrame({"a": X[:, 0]})}[container]
    spy, folds = Spy([]), make_folds(CODES)
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


@pytest.mark.parametrize("made", [None, AugmentedData(np.zeros((3, 1)), None, np.zeros(3, bool))])
def test_a_maker_must_return_all_training_rows(made):
    spy = Spy([])
    spy.add = lambda *given: made
    cells = experiment(spy).run(ONE, make_folds(CODES)[:1])
    assert [cell.reason for cell in cells] == ["failed"] and "AugmentedData" in cells[0].error


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
        raise InputError("cannot learn this")


def test_a_generator_that_cannot_be_fitted_is_tried_once_a_fold():
    Broken.fits = 0
    wide = Candidate(1.0, setting="wide", parameters={"random_state": 3})
    candidates = {"a": Candidate(1.0), "b": Candidate(2.0), "c": wide}
    cells = experiment(Maker(Broken())).run(candidates, make_folds(CODES, cv=4))
    assert Broken.fits == 4 and len(cells) == 12
    assert {(cell.reason, cell.error) for cell in cells} == {("failed", "cannot learn this")}


def test_what_a_control_refuses_does_not_apply():
    cells = experiment(Maker(Broken())).run(
        {"a": Candidate(1.0, control=True)}, make_folds(CODES, cv=2)
    )
    assert {cell.reason for cell in cells} == {"does not apply"}


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

    asked = replace(experiment(Spy([])), scorers={"nothing": nothing})
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
    broken = replace(asked, makers={"": Maker(Broken())})
    broken.run(ONE, folds)
    assert len(list(tmp_path.iterdir())) == 3

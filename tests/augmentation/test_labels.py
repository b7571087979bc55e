"""Labelers: which are taken, what they say, and rows they contradict."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.neighbors import KNeighborsClassifier

from gan_augment import BootstrapGenerator
from gan_augment.augmentation.augment import augment
from gan_augment.augmentation.labels import (
    Agreement,
    check_labeler,
    class_probabilities,
    drawn_classes,
    fit_labeler,
    relabelled,
)
from gan_augment.augmentation.maker import Maker
from gan_augment.encoding.training_table import TrainingTable
from gan_augment.exceptions import AugmentationWarning, InputError


@pytest.fixture
def line():
    """One column; below 0 is "no", above "yes"."""
    X = np.linspace(-2, 2, 40)[:, None]
    return X, np.where(X[:, 0] > 0, "yes", "no")


@pytest.mark.parametrize(
    ("labeler", "kind", "says"),
    [
        ("jury", "class", "unknown"),
        (LogisticRegression, "class", "unknown"),
        (3, "class", "unknown"),
        (RidgeClassifier(), "class", "no class probabilities"),
        (LinearRegression(), "class", "no class probabilities"),
        (LogisticRegression(), "number", "no numbers"),
        ("committee", "none", "y is None"),
        (LogisticRegression(), "none", "y is None"),
    ],
)
def test_what_is_no_labeler(labeler, kind, says):
    with pytest.raises(InputError, match=says) as refusal:
        check_labeler(labeler, kind)
    assert refusal.value.argument == "labeler"


def test_an_estimator_is_cloned_and_seeded(line):
    forest = RandomForestClassifier(3)
    told = [
        fit_labeler(forest, *line, None, np.random.default_rng(seed)).predict_proba(line[0])
        for seed in (1, 1, 2)
    ]
    assert np.array_equal(told[0], told[1]) and not np.array_equal(told[0], told[2])
    assert not hasattr(forest, "estimators_")


def test_weights_reach_a_labeler_that_takes_them(line):
    weights, rng = np.where(line[1] == "yes", 3.0, 1.0), np.random.default_rng(0)
    labeler = fit_labeler(DummyClassifier(), *line, weights, rng)
    assert class_probabilities(labeler, [[0.0]], np.array(["no", "yes"])).tolist() == [
        [0.25, 0.75]
    ]
    fit_labeler(KNeighborsClassifier(), *line, weights, rng)


class Told(DummyClassifier):
    """Says what it is told to."""

    def __init__(self, answer=None):
        super().__init__()
        self.answer = answer

    def predict_proba(self, X):
        return np.tile(self.answer, (len(X), 1))


@pytest.mark.parametrize("answer", [[np.nan, 1.0], [-0.5, 1.5], [0.0, 0.0]])
def test_answers_must_be_probabilities(line, answer):
    labeler = Told(answer).fit(*line)
    with pytest.raises(InputError, match="no probabilities"):
        class_probabilities(labeler, line[0], np.array(["no", "yes"]))


def test_a_labeler_must_know_the_classes(line):
    labeler = Told([0.5, 0.5]).fit(*line)
    with pytest.raises(InputError, match="classes"):
        class_probabilities(labeler, line[0], np.array(["no", "perhaps"]))


def test_synthetic_rows_are_what_the_labeler_says(line):
    table = TrainingTable.of(*line)
    data = augment(BootstrapGenerator(random_state=0).fit(*line), *line, {"no": 5, "yes": 5})
    found = relabelled(data, Told([0.2, 0.8]).fit(*line), table, 5.0)
    assert found.y[40:].tolist() == ["yes"] * 10 and found.y[:40].tolist() == line[1].tolist()
    assert found.label_proba[40:] == pytest.approx(np.tile([0.2, 0.8], (10, 1)))
    assert found.label_proba[:40, 1].tolist() == (line[1] == "yes").tolist()
    assert found.sample_weight[40:].sum() == pytest.approx(5 * 40)
    assert np.array_equal(found.X, data.X)


def test_labels_refer_to_the_class_shares_that_were_asked_for(line):
    """Bayes' rule: with one class asked for twice as often, its odds are twice as high."""
    table = TrainingTable.of(*line)
    real = (line[1] == "yes").mean()
    data = augment(BootstrapGenerator(random_state=0).fit(*line), *line, {"no": 4, "yes": 8})
    found = relabelled(data, Told([0.5, 0.5]).fit(*line), table, 5.0)
    odds = found.label_proba[40:, 1] / found.label_proba[40:, 0]
    assert odds == pytest.approx(2 * (1 - real) / real)


def test_a_number_is_what_the_labeler_predicts(line):
    X, y = line[0], 3 * line[0][:, 0]
    generator = BootstrapGenerator(target="number", random_state=0).fit(X, y)
    labeler = LinearRegression().fit(X, y)
    data = augment(generator, X, y, 200)
    found = relabelled(data, labeler, TrainingTable.of(X, y, "number"), 2.0)
    assert found.y[40:] == pytest.approx(np.clip(3 * found.X[40:, 0], y.min(), y.max()))
    assert found.label_proba is None and found.sample_weight[40:].sum() == pytest.approx(80)


def test_rows_that_the_labeler_contradicts_are_drawn_again(line):
    class Mixed(BootstrapGenerator):
        """Every other row is of the other class."""

        def _sample(self, n, codes, rng):
            rows, values = super()._sample(n, codes, rng)
            turn = rng.random(n) < 0.5
            return rows.mask(turn[:, None] & np.ones(rows.shape, dtype=bool), -rows), values

    maker = Maker(Mixed(), labeler=LogisticRegression(C=1e6), keep_labels=True)
    rng = np.random.default_rng(0)
    data = maker.add(maker.fit(*line, rng), *line, {"no": 20, "yes": 20}, rng)
    assert data.label_proba is None and data.y[40:].tolist().count("yes") == 20
    told = LogisticRegression(C=1e6).fit(*line).predict_proba(data.X[40:])
    assert (told[np.arange(40), (data.y[40:] == "yes").astype(int)] >= 0.05).all()


def test_rows_are_kept_after_a_few_draws_and_that_is_said(line):
    maker = Maker(BootstrapGenerator(), labeler=Told([1.0, 0.0]), keep_labels=True)
    rng = np.random.default_rng(0)
    with pytest.warns(AugmentationWarning, match="7 of 12"):
        data = maker.add(maker.fit(*line, rng), *line, {"no": 5, "yes": 7}, rng)
    assert data.y[40:].tolist().count("yes") == 7


def test_agreement_is_about_the_class_asked_for(line):
    filter_ = Agreement(Told([0.97, 0.03]).fit(*line), TrainingTable.of(*line))
    assert filter_(line[0][:2], np.array(["no", "yes"]), *line).tolist() == [True, False]


def test_a_maker_fits_its_labeler_once(line):
    calls = []

    class Counted(DummyClassifier):
        def fit(self, X, y, sample_weight=None):
            calls.append(len(X))
            return super().fit(X, y, sample_weight)

    maker, rng = Maker(BootstrapGenerator(), labeler=Counted()), np.random.default_rng(0)
    generator, labeler = maker.fit(*line, rng), maker.fit_labeler(*line, rng)
    for _ in range(2):
        assert maker.add(generator, *line, {"no": 1, "yes": 1}, rng, labeler).label_proba.any()
    assert calls == [40]
    assert Maker(BootstrapGenerator()).fit_labeler(*line, rng) is None


def test_a_labeler_sees_images_as_images(rng):
    images, y = rng.integers(0, 256, (20, 8, 8)).astype("uint8"), np.arange(20) % 2

    class Shaped(DummyClassifier):
        def predict_proba(self, X):
            assert X.shape[1:] == (8, 8)
            return np.tile([0.5, 0.5], (len(X), 1))

    for keep in (True, False):
        maker = Maker(BootstrapGenerator(), flat=True, labeler=Shaped(), keep_labels=keep)
        data = maker.add(maker.fit(images, y, rng), images, y, {0: 3, 1: 3}, rng)
        assert data.X.shape == (26, 8, 8)


def test_a_class_that_is_possible_is_among_the_copies_of_a_row():
    told = np.array([[0.94, 0.06], [0.96, 0.04], [0.06, 0.94]])
    drawn = drawn_classes(np.tile(told, (50, 1)), 5).reshape(50, 3, 5)
    assert (drawn[:, 0] == 1).sum(axis=1).min() == 1 == (drawn[:, 0] == 1).sum(axis=1).max()
    assert (drawn[:, 2] == 0).sum(axis=1).min() == 1
    assert (drawn[:, 1] == 1).sum(axis=1).min() == 0
    assert drawn_classes(np.ones((2, 1)), 3).tolist() == [[0, 0, 0]] * 2

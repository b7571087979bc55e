"""Soft labels through the estimators: who asks for them, and in which form learners get them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.cluster import KMeans
from sklearn.dummy import DummyClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline as stock_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from spies import Recorder, augmenter, classifier

from gan_augment import (
    AugmentedRegressor,
    BootstrapGenerator,
    CommitteeClassifier,
    GANAugmenter,
    GANOverSampler,
    JitterGenerator,
    TabularGAN,
    load,
    make_pipeline,
)
from gan_augment.augmentation.averaged import AveragedClassifiers
from gan_augment.exceptions import InputError

SAYS = LogisticRegression()


class Unweighted(Recorder):
    """A recorder whose fit takes no weights."""

    def fit(self, X, y):
        return super().fit(X, y)


class Numbers(RegressorMixin, BaseEstimator):
    """A regressor that remembers the rows and weights it met."""

    def fit(self, X, y, sample_weight=None):
        self.X_, self.y_, self.weight_ = X, y, sample_weight
        return self

    def predict(self, X):
        return np.zeros(len(X))


@pytest.fixture
def soft():
    """An augmenter whose rows get soft labels."""
    return GANAugmenter(JitterGenerator(scale=0.5), n_samples=40, labeler=SAYS, random_state=0)


def total(weights, n):
    return weights[n:].sum() / weights[:n].sum()


def test_rows_are_there_once_with_probabilities(soft, blobs):
    X, y = blobs
    grown = soft.fit_transform(X, y)
    assert len(grown) == 100 and soft.label_proba_.shape == (100, 2)
    odds = soft.labeler_.predict_proba(grown[60:]) / (np.bincount(y) / 60)  # classes asked equally
    assert odds / odds.sum(axis=1, keepdims=True) == pytest.approx(soft.label_proba_[60:])
    assert soft.label_proba_[:60].argmax(axis=1).tolist() == y.tolist()
    assert soft.y_augmented_[60:].tolist() == soft.label_proba_[60:].argmax(axis=1).tolist()
    assert total(soft.sample_weight_, 60) == pytest.approx(20)


def test_a_pipeline_learns_the_real_rows_and_a_frozen_model_stays_as_it_is(soft, blobs):
    """A frozen one is asked as it was fitted, here on rows with the wrong classes."""
    X, y = blobs
    pipeline = stock_pipeline(StandardScaler(), LogisticRegression())
    wrong = stock_pipeline(StandardScaler(), LogisticRegression()).fit(X, 1 - y)
    for labeler, says in ((pipeline, clone(pipeline).fit(X, y)), (FrozenEstimator(wrong), wrong)):
        grown = soft.set_params(labeler=labeler).fit_transform(X, y)
        odds = says.predict_proba(grown[60:]) / np.bincount(y)
        expected = odds / odds.sum(axis=1, keepdims=True)
        assert soft.label_proba_[60:] == pytest.approx(expected)


def test_a_later_fit_forgets_soft_labels(soft, blobs):
    soft.fit_transform(*blobs)
    soft.set_params(labeler=None).fit_transform(*blobs)
    assert soft.label_proba_ is None and soft.sample_weight_ is None
    assert not hasattr(soft, "labeler_")


@pytest.mark.parametrize("amount", ["fill", {0: 3, 1: 9}])
def test_labels_asked_for_are_kept(soft, blobs, amount):
    X, y = blobs
    soft.set_params(n_samples=amount).fit_transform(X, y)
    added = np.bincount(soft.y_augmented_[60:], minlength=2).tolist()
    counts = np.bincount(y)
    assert added == ((counts.max() - counts).tolist() if amount == "fill" else [3, 9])
    assert soft.label_proba_ is None
    sampler = GANOverSampler(JitterGenerator(), labeler=SAYS, random_state=0)
    assert np.ptp(np.bincount(sampler.fit_resample(X, y)[1])) == 0


def test_the_same_seed_gives_the_same_labels(blobs):
    adder = GANAugmenter(JitterGenerator(), n_samples=5, labeler="committee", random_state=1)
    adder.fit_transform(*blobs)
    first, weights = adder.label_proba_, adder.labeler_.shares_
    assert isinstance(adder.labeler_, CommitteeClassifier)
    adder.fit_transform(*blobs)
    assert np.array_equal(first, adder.label_proba_)
    assert np.array_equal(weights, adder.labeler_.shares_)


def test_rows_without_labels_come_last(soft, blobs):
    X, y = blobs
    extra = np.full((7, X.shape[1]), 0.25)
    data = soft.augment(X, y, unlabeled=extra)
    assert len(data) == 107 and data.n_synthetic == 47
    assert np.array_equal(data.X[100:], extra)
    assert data.label_proba[100:] == pytest.approx(soft.labeler_.predict_proba(extra))
    assert total(data.sample_weight, 60) == pytest.approx(20)
    alone = soft.set_params(n_samples=0).augment(X, y, unlabeled=extra)
    assert np.array_equal(alone.X[60:], extra) and alone.n_synthetic == 7


@pytest.mark.parametrize(
    ("changes", "rows", "says"),
    [
        ({"labeler": None}, [[0.0] * 3], "needs a labeler"),
        ({"n_samples": "fill"}, [[0.0] * 3], "needs a labeler"),
        ({}, [[0.0] * 2], "shape"),
        ({}, pd.DataFrame([[0.0] * 3]), "X is a ndarray"),
    ],
)
def test_rows_without_labels_that_cannot_be_used(soft, blobs, changes, rows, says):
    with pytest.raises(InputError, match=says) as refusal:
        soft.set_params(**changes).augment(*blobs, unlabeled=rows)
    assert refusal.value.argument == "unlabeled"
    assert not hasattr(soft, "generator_")


@pytest.mark.parametrize("weight", [-1, np.inf, "much", True])
def test_a_total_weight_is_a_number(soft, blobs, weight):
    with pytest.raises(InputError, match="soft_label_weight"):
        soft.set_params(soft_label_weight=weight).fit(*blobs)


def test_a_labeler_is_checked_before_training(soft, blobs):
    with pytest.raises(InputError, match="labeler"):
        soft.set_params(labeler=Ridge()).fit(*blobs)
    with pytest.raises(InputError, match="labeler"):
        soft.set_params(labeler="jury").fit(*blobs)
    with pytest.raises(InputError, match="labeler"):
        soft.set_params(labeler="committee").fit_transform(blobs[0])
    assert not hasattr(soft, "generator_")


@pytest.mark.parametrize("labeler", [None, "committee"])
def test_a_named_labeler_is_saved(blobs, tmp_path, labeler):
    adder = GANAugmenter(TabularGAN(n_steps=0), labeler=labeler, soft_label_weight=2.0)
    adder.fit(*blobs).save(tmp_path / "m")
    again = load(tmp_path / "m")
    assert again.labeler == labeler and again.soft_label_weight == 2.0


def test_an_estimator_as_labeler_is_no_data(blobs, tmp_path):
    adder = GANAugmenter(TabularGAN(n_steps=0), labeler=SAYS).fit(*blobs)
    with pytest.raises(InputError, match="labeler"):
        adder.save(tmp_path / "m")


# Pipeline -------------------------------------------------------------------------------------


def test_weights_reach_the_last_step(soft, blobs):
    pipe = make_pipeline(soft, StandardScaler(), Recorder()).fit(*blobs)
    weights, y = pipe[-1].weight_, pipe[-1].y_
    told = soft.label_proba_[60:].sum(axis=0)
    found = [weights[60:][y[60:] == label].sum() for label in (0, 1)]
    assert found == pytest.approx(20 * 60 / 40 * told, rel=0.02)
    assert weights[:60].tolist() == [1.0] * 60 and len(weights) == len(pipe[-1].X_)


def test_weights_of_real_rows_are_kept(soft, blobs):
    pipe = make_pipeline(soft, Recorder()).fit(*blobs, recorder__sample_weight=np.arange(60.0))
    weights = pipe[-1].weight_
    assert weights[:60].tolist() == list(range(60))
    assert weights[60:].sum() == pytest.approx(20 * 60 * np.arange(1, 60).mean())


def test_weights_reach_the_learner_inside_the_last_step(soft, blobs):
    pipe = make_pipeline(soft, stock_pipeline(StandardScaler(), Recorder())).fit(*blobs)
    assert total(pipe[-1][-1].weight_, 60) == pytest.approx(20)


def test_a_last_step_without_weights_gets_draws(soft, blobs):
    last = make_pipeline(soft, Unweighted()).fit(*blobs)[-1]
    assert last.weight_ is None and len(last.X_) == 60 + 5 * 40
    grown = make_pipeline(StandardScaler(), soft).fit_resample(*blobs)
    assert len(grown[0]) == len(grown[1]) == 60 + 5 * 40


def test_clusters_of_real_rows(soft, blobs):
    pipe = make_pipeline(soft, KMeans(2, n_init=1, random_state=0))
    assert len(pipe.fit_predict(*blobs)) == 60


def test_two_row_adding_steps(soft, blobs):
    pipe = make_pipeline(soft, augmenter(n_samples=10, random_state=0), Recorder()).fit(*blobs)
    assert len(pipe[-1].weight_) == len(pipe[-1].X_)
    assert pipe[-1].weight_[-10:].tolist() == [1.0] * 10


def test_a_cached_pipeline_gets_the_same_weights(soft, blobs, tmp_path):
    plain, first, second = (
        make_pipeline(soft, Recorder(), memory=memory).fit(*blobs)[-1].weight_
        for memory in (None, str(tmp_path), str(tmp_path))
    )
    assert np.array_equal(plain, first) and np.array_equal(first, second)


# Meta-estimators ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "given", "expected"),
    [
        (None, {"n_samples": 5}, "committee"),
        (None, {"n_samples": 1.0}, "committee"),
        (None, {"n_samples": 0}, None),
        (None, {"n_samples": "fill"}, None),
        (None, {"n_samples": {0: 3}}, None),
        (None, {"n_samples": 5, "synthetic_weight": 0.5}, None),
        (None, {"n_samples": 5, "labeler": None}, None),
        (SAYS, {"n_samples": 5}, SAYS),
        (SAYS, {"n_samples": 5, "labeler": None}, None),
        ("committee", {"n_samples": 5, "labeler": SAYS}, SAYS),
    ],
)
def test_who_labels(blobs, own, given, expected, monkeypatch):
    asked = []

    class Stop(Exception):
        pass

    def note(self, *_args, **_more):
        asked.append(self.labeler)
        raise Stop

    monkeypatch.setattr(GANAugmenter, "augment", note)
    model = classifier(Recorder(), labeler="auto").set_params(augmenter__labeler=own, **given)
    with pytest.raises(Stop):
        model.fit(*blobs)
    assert type(asked[0]) is type(expected)


def test_the_committee_is_the_default(blobs):
    model = classifier(Recorder(), labeler="auto", n_samples=20, keep_generator=True).fit(*blobs)
    assert isinstance(model.augmenter_.labeler_, CommitteeClassifier)
    assert total(model.estimator_.weight_, 60) == pytest.approx(20)


def test_probabilities_are_the_mean_with_a_model_of_the_real_rows_alone(blobs):
    X, y = blobs
    weights = np.linspace(0.5, 2, len(X))
    model = classifier(SAYS, labeler=SAYS, n_samples=40, soft_label_average=True)
    alone = clone(model).set_params(soft_label_average=False).fit(X, y, sample_weight=weights)
    model.fit(X, y, sample_weight=weights)
    plain = clone(SAYS).fit(X, y, sample_weight=weights)
    assert alone.plain_estimator_ is None
    assert model.plain_estimator_.coef_.tolist() == plain.coef_.tolist()
    assert model.estimator_.coef_.tolist() == alone.estimator_.coef_.tolist()
    both = alone.predict_proba(X) + plain.predict_proba(X)
    assert 2 * model.predict_proba(X) == pytest.approx(both)
    assert np.exp(model.predict_log_proba(X)) == pytest.approx(model.predict_proba(X))
    pair = AveragedClassifiers(alone.estimator_, plain, alone.share_factors_)
    assert model.decision_function(X) == pytest.approx(pair.decision_function(X))
    assert model.predict(X).tolist() == pair.predict(X).tolist()
    assert model.score(X, y) == np.mean(model.predict(X) == y)


@pytest.mark.parametrize(
    ("options", "averaged"),
    [
        ({"n_samples": 20}, False),
        ({"n_samples": 20, "soft_label_average": True}, True),
        ({"n_samples": "auto"}, True),
        ({"n_samples": "auto", "soft_label_average": False}, False),
        (
            {"n_samples": "auto", "correct_class_shares": False},
            False,
        ),
        ({"n_samples": 20, "soft_label_average": True, "labeler": None}, False),
    ],
)
def test_when_two_models_are_averaged(options, averaged):
    """Of few rows whose classes a labeler knows, soft labels are chosen."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    y = (rng.random(60) < 1 / (1 + np.exp(-2 * X[:, 0]))).astype(int)
    knows = LogisticRegression().fit(X, y)
    knows.coef_, knows.intercept_ = np.array([[2.0, 0.0]]), np.zeros(1)
    tree = DecisionTreeClassifier(random_state=0)
    model = classifier(tree, cv=2, **{"labeler": FrozenEstimator(knows), **options})
    model.set_params(augmenter__generator=JitterGenerator(scale=1.0))
    model.fit(X, y)
    assert (model.plain_estimator_ is not None) == averaged
    if options["n_samples"] == "auto":
        assert {way.averaged for way in model.search_.candidates[1:]} == {averaged, False}
        assert model.search_.chosen.labels == "labeler"


@pytest.mark.parametrize("estimator", [Ridge(), KNeighborsRegressor()])
def test_numbers_are_the_mean_with_a_model_of_the_real_rows_alone(sloped, estimator):
    """Also of an estimator that takes no weights."""
    X, y = sloped
    knows = FrozenEstimator(Ridge().fit(X, -y))
    options = {"labeler": knows, "n_samples": 40, "random_state": 0}
    alone = AugmentedRegressor(estimator, augmenter(), **options).fit(X, y)
    both = AugmentedRegressor(estimator, augmenter(), soft_label_average=True, **options).fit(X, y)
    plain = clone(estimator).fit(X, y)
    assert alone.plain_estimator_ is None
    expected = (alone.predict(X) + plain.predict(X)) / 2
    assert both.predict(X) == pytest.approx(expected)
    assert not np.allclose(expected, plain.predict(X))
    assert both.score(X, y) == pytest.approx(r2_score(y, expected))


@pytest.mark.parametrize("average", ["auto", False])
def test_auto_takes_the_mean_of_numbers(sloped, average):
    """A labeler that knows the slope is followed; folds then try what is fitted in the end."""
    X, y = sloped
    noisy = y + np.random.default_rng(0).normal(scale=2, size=len(y))
    model = AugmentedRegressor(
        DecisionTreeRegressor(random_state=0),
        augmenter(),
        labeler=FrozenEstimator(Ridge().fit(X, y)),
        soft_label_average=average,
        cv=3,
        random_state=0,
    ).fit(X, noisy)
    assert model.search_.chosen.labels == "labeler"
    assert (model.plain_estimator_ is not None) == (average == "auto")
    assert model.search_.chosen.averaged == (average == "auto")


def test_what_is_no_answer_to_whether_models_are_averaged(blobs):
    with pytest.raises(InputError, match="soft_label_average"):
        classifier(Recorder(), soft_label_average="yes").fit(*blobs)


def test_the_way_that_folds_choose_of_those_named_is_what_is_fitted():
    """Rows of no weight change nothing, so those of some weight with labels of who knows win."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    y = (rng.random(60) < 1 / (1 + np.exp(-2 * X[:, 0]))).astype(int)
    knows = LogisticRegression().fit(X, y)
    knows.coef_, knows.intercept_ = np.array([[2.0, 0.0]]), np.zeros(1)
    ways = [{"generator": JitterGenerator(scale=1.0), "soft_label_weight": w} for w in (0, 30)]
    ways.append({"generator": BootstrapGenerator(), "soft_label_weight": 0})
    model = classifier(
        DecisionTreeClassifier(random_state=0),
        labeler=FrozenEstimator(knows),
        n_samples="auto",
        candidates=[*ways, {"labeler": None, "n_samples": 7}],
        cv=2,
        keep_generator=True,
    )
    tried = clone(model).fit(X, y)
    chosen = tried.search_.chosen
    assert (chosen.augmenter, chosen.total_weight) == ("JitterGenerator", 30.0)
    assert isinstance(tried.augmenter_.generator_, JitterGenerator)
    assert tried.augmenter_.generator_.scale == 1 and tried.augmenter_.soft_label_weight == 30
    names = tried.search_results_["candidate"].tolist()
    assert names[1].endswith("soft labels, total weight 0, JitterGenerator")
    assert names[4] == "7 rows, equal classes" and "committee" in names


@pytest.mark.parametrize("fixed", [{"n_samples": 20}, {"labeler": None, "synthetic_weight": 0.5}])
def test_ways_are_named_only_where_folds_choose(blobs, fixed):
    model = classifier(Recorder(), **{"n_samples": "auto", "candidates": [{}], **fixed})
    with pytest.raises(InputError) as refusal:
        model.fit(*blobs)
    assert refusal.value.argument == "candidates"


@pytest.mark.parametrize("estimator", [Recorder(), Unweighted()])
def test_rows_of_weight_zero_teach_no_labeler(blobs, estimator):
    X, y = blobs
    weights = np.where(np.arange(60) < 50, 1.0, 0.0)
    if isinstance(estimator, Unweighted):
        model = classifier(estimator, labeler=SAYS, n_samples=20).fit(X, y)
        assert len(model.estimator_.estimators_) == 10  # of 20 rows and a fourth of the real ones
        assert {len(e.X_) for e in model.estimator_.estimators_} <= {34, 35, 36, 37}
        return
    model = classifier(estimator, labeler=SAYS, n_samples=20, keep_generator=True)
    model.fit(X, y, sample_weight=weights)
    alone = LogisticRegression().fit(X[:50], y[:50])
    assert model.augmenter_.labeler_.coef_ == pytest.approx(alone.coef_, rel=0.01)
    found = model.estimator_.weight_
    assert found[:60].tolist() == weights.tolist() and len(found) == len(model.estimator_.X_)
    assert found[60:].sum() == pytest.approx(20 * 50)


def test_rows_without_labels_are_learnt_with_those_of_the_labeler(blobs, rng):
    X, y = blobs
    more = rng.normal(size=(30, X.shape[1]))
    model = classifier(Recorder(), labeler=SAYS, n_samples=20)
    model.fit(X, y, unlabeled=more)
    found = model.estimator_
    assert found.X_[-1].tolist() == more[-1].tolist()
    assert total(found.weight_, 60) == pytest.approx(20)
    seen = {tuple(row) for row in found.X_[60:].tolist()}
    assert set(map(tuple, more.tolist())) < seen


@pytest.mark.parametrize(
    "options", [{"labeler": None, "n_samples": 20}, {"labeler": SAYS, "n_samples": "fill"}]
)
def test_rows_without_labels_need_a_labeler(blobs, options):
    with pytest.raises(InputError, match="unlabeled needs a labeler"):
        classifier(Recorder(), **options).fit(*blobs, unlabeled=blobs[0])


def test_rows_without_labels_are_left_out_where_no_labeler_is_chosen(blobs):
    X, y = blobs
    wrong = DummyClassifier(strategy="constant", constant=y[0])
    model = classifier(LogisticRegression(), labeler=wrong, n_samples="auto")
    plain = clone(model).fit(X, y)
    model.fit(X, y, unlabeled=X[:5])
    assert model.search_.chosen.labels != "labeler"
    assert model.estimator_.coef_.tolist() == plain.estimator_.coef_.tolist()


def test_probabilities_refer_to_the_real_shares(rng):
    """Where nothing tells classes apart, they are as common as among the real rows."""
    X, y = rng.normal(size=(60, 2)), (np.arange(60) % 4 == 0).astype(int)
    model = classifier(LogisticRegression(), labeler=DummyClassifier(), n_samples=400).fit(X, y)
    assert model.share_factors_[1] < 1 < model.share_factors_[0]
    assert model.predict_proba(X)[:, 1].mean() == pytest.approx(0.25, abs=0.02)


def test_a_student_of_many_rows_is_its_labeler():
    """Learnt from 2,000 soft labels of a logistic regression, another one has its answers."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 2))
    y = (X[:, 0] + rng.normal(size=60) > 0).astype(int)
    model = classifier(
        LogisticRegression(C=1e6), labeler=SAYS, n_samples=2000, keep_generator=True
    )
    model.set_params(augmenter__generator=JitterGenerator(scale=0.5), soft_label_weight=1000.0)
    model.fit(X, y)
    told, teacher = model.predict_proba(X), model.augmenter_.labeler_.predict_proba(X)
    assert np.abs(told - teacher).max() < 0.03


@pytest.mark.parametrize("estimator", [KNeighborsClassifier(), LogisticRegression()])
def test_folds_around_it(blobs, estimator):
    model = classifier(estimator, labeler=SAYS, n_samples=20)
    assert cross_val_score(model, *blobs, cv=2).mean() > 0.5


@pytest.mark.parametrize("labeler", [SAYS, "committee"])
def test_two_kinds_of_weight_are_refused(blobs, labeler):
    model = classifier(LogisticRegression(), labeler=labeler, synthetic_weight=0.5)
    with pytest.raises(InputError, match="soft_label_weight"):
        model.fit(*blobs)


def test_an_augmenter_without_labelers(blobs):
    class Adder(BaseEstimator):
        def augment(self, X, y):
            raise AssertionError("not reached")

    model = classifier(LogisticRegression(), labeler=SAYS, n_samples=None)
    with pytest.raises(InputError, match="no labeler"):
        model.set_params(augmenter=Adder()).fit(*blobs)


def test_numbers_are_what_the_labeler_predicts(rng):
    X = pd.DataFrame(rng.normal(size=(80, 2)), columns=["u", "v"])
    y = X["u"] * 2 + X["v"]
    adder = GANAugmenter(JitterGenerator(), n_samples=30, labeler=LinearRegression())
    model = AugmentedRegressor(Numbers(), adder, n_samples=30, random_state=0).fit(X, y)
    grown, target, weights = (getattr(model.estimator_, n) for n in ("X_", "y_", "weight_"))
    line = grown["u"] * 2 + grown["v"]
    assert target.to_numpy() == pytest.approx(np.clip(line, y.min(), y.max()).to_numpy(), abs=1e-3)
    assert total(weights, 80) == pytest.approx(20)


@pytest.mark.parametrize("balance", ["equal", "proportional"])
def test_classes_are_as_common_as_asked_for(blobs, balance):
    X, y = blobs
    model = classifier(Recorder(), labeler=DummyClassifier(), n_samples=40)
    model.set_params(augmenter__class_balance=balance).fit(X[20:], y[20:])
    weights, y = model.estimator_.weight_[-80:], model.estimator_.y_[-80:]
    shares = np.bincount(blobs[1][20:]) / 40 if balance == "proportional" else [0.5, 0.5]
    found = np.bincount(y, weights) / weights.sum()
    assert found == pytest.approx(shares, abs=0.02)

"""Parameters on their way through a Pipeline: weights follow the rows, or are refused."""

import numpy as np
import pytest
from imblearn.base import BaseSampler
from imblearn.over_sampling import SMOTE, RandomOverSampler
from imblearn.under_sampling import RandomUnderSampler
from sklearn import config_context
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    cross_validate,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import StandardScaler
from spies import Recorder
from spies import seeded_augmenter as augmenter

from gan_augment.estimators.pipeline import make_pipeline
from gan_augment.estimators.sampler import GANOverSampler
from gan_augment.exceptions import InputError
from gan_augment.generators.controls import BootstrapGenerator

# weights and other parameters -----------------------------------------------------------------


def test_sample_weight_is_extended_with_its_mean(blobs):
    X, y = blobs
    weight = np.linspace(0.5, 2, 60)
    pipe = make_pipeline(StandardScaler(), augmenter(n_samples=10), Recorder())
    pipe.fit(
        X, y, recorder__sample_weight=weight, standardscaler__sample_weight=weight,
        recorder__extra="kept",
    )  # fmt: skip
    np.testing.assert_allclose(pipe[-1].weight_, np.r_[weight, np.full(10, weight.mean())])
    assert pipe[-1].extra_ == "kept"
    expected = StandardScaler().fit(X, sample_weight=weight).mean_
    np.testing.assert_array_equal(pipe[0].mean_, expected)


def test_sample_weight_follows_resampled_rows(blobs):
    X, y = blobs
    weight = np.arange(60.0)
    pipe = make_pipeline(RandomUnderSampler(random_state=0), augmenter(n_samples=2), Recorder())
    pipe.fit(X, y, recorder__sample_weight=weight)
    picked = pipe[0].sample_indices_
    kept = weight[picked]
    usual = kept[kept > 0].mean()
    np.testing.assert_allclose(pipe[-1].weight_, np.r_[kept, usual, usual])
    pipe = make_pipeline(RandomOverSampler(random_state=0), Recorder())
    pipe.fit(X, y, recorder__sample_weight=weight)
    np.testing.assert_array_equal(pipe[-1].X_, X[pipe[-1].weight_.astype(int)])


def test_weights_that_sum_to_one_leave_the_class_prior_alone(blobs):
    X, y = blobs
    weight = np.where(y == 1, 2.0, 1.0)
    priors = []
    for scale in (1.0, weight.sum()):
        pipe = make_pipeline(augmenter(n_samples={0: 20}), GaussianNB())
        pipe.fit(X, y, gaussiannb__sample_weight=weight / scale)
        priors.append(pipe[-1].class_prior_)
    np.testing.assert_allclose(*priors)


def test_metadata_reach_a_sampler_that_asks_for_them(blobs):
    class Asking(BaseSampler):
        def fit_resample(self, X, y, costs=None):
            self.costs_ = costs
            return X, y

        def _fit_resample(self, X, y):
            raise AssertionError("not reached")

    costs = np.random.default_rng(0).random((60, 2))
    with config_context(enable_metadata_routing=True):
        asking = Asking().set_fit_resample_request(costs=True)
        pipe = make_pipeline(StandardScaler(), asking, augmenter(), LogisticRegression())
        pipe.fit(*blobs, costs=costs)
    np.testing.assert_array_equal(pipe[1].costs_, costs)


@pytest.mark.parametrize(
    ("step", "params", "message"),
    [
        (augmenter(), {"recorder__extra": np.ones(60)}, "'extra'.*cannot follow"),
        (SMOTE(), {"recorder__sample_weight": np.ones(60)}, "'sample_weight'.*cannot follow"),
        (augmenter(), {"ganaugmenter__sample_weight": np.ones(60)}, "takes no fit parameters"),
        (augmenter(), {"sample_weight": np.ones(60)}, "stepname__parameter"),
        (augmenter(), {"nobody__sample_weight": np.ones(60)}, "stepname__parameter"),
    ],
)
def test_parameters_that_cannot_follow(blobs, step, params, message):
    with pytest.raises(InputError, match=message):
        make_pipeline(step, Recorder()).fit(*blobs, **params)


def test_metadata_routing(blobs):
    X, y = blobs
    weight = np.linspace(0.5, 2, 60)
    with config_context(enable_metadata_routing=True):
        recorder = Recorder().set_fit_request(sample_weight="w", extra=False)
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        pipe = make_pipeline(scaler, augmenter(n_samples=5), recorder).fit(X, y, w=weight)
        np.testing.assert_allclose(pipe[-1].weight_, np.r_[weight, np.full(5, weight.mean())])
        with pytest.raises(TypeError, match="unexpected argument"):
            pipe.fit(X, y, sample_weight=weight)
        scores = cross_validate(
            make_pipeline(
                augmenter(),
                LogisticRegression()
                .set_fit_request(sample_weight=True)
                .set_score_request(sample_weight=True),
            ),
            X,
            y,
            params={"sample_weight": weight},
            cv=3,
            error_score="raise",
        )
    assert len(scores["test_score"]) == 3


def test_metadata_routing_around_a_sampler(blobs):
    X, y = blobs
    weight = np.linspace(0.5, 2, 60)
    with config_context(enable_metadata_routing=True):
        recorder = Recorder().set_fit_request(sample_weight=True, extra=False)
        recorder.set_score_request(sample_weight=True)
        pipe = make_pipeline(GANOverSampler(BootstrapGenerator()), recorder)
        pipe.fit(X, y, sample_weight=weight)
        np.testing.assert_allclose(pipe[-1].weight_, np.r_[weight, np.full(30, weight.mean())])
        assert pipe.score(X, y, sample_weight=weight) == pipe[-1].score(X, y, weight)


def test_transform_input_is_refused(blobs):
    with config_context(enable_metadata_routing=True):
        pipe = make_pipeline(augmenter(), Recorder(), transform_input=["extra"])
        with pytest.raises(InputError, match=r"transform_input=\['extra'\]"):
            pipe.fit(*blobs)


def test_too_few_weights_are_refused_before_training(blobs):
    X, y = blobs
    model = make_pipeline(augmenter(), LogisticRegression())
    message = f"has {len(X) - 1} values for {len(X)} rows: pass one for each row"
    with pytest.raises(InputError, match=message):
        model.fit(X, y, logisticregression__sample_weight=np.ones(len(X) - 1))

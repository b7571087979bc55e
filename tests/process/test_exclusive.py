"""Threads that fit: each its own object as in a row, one object only one at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from gan_augment import AugmentedClassifier, GANAugmenter, GANOverSampler, ImageGAN, TabularGAN
from gan_augment.nn.losses import RelativisticLoss
from gan_augment.process.state import one_fit_at_a_time

TRAINED = {"mixture": {"gan": 1}, "n_steps": 10}


@pytest.fixture
def images():
    pixels = np.random.default_rng(3).integers(0, 255, (16, 8, 8), dtype=np.uint8)
    return pixels, np.repeat([0, 1], 8)


def bytes_of(generator, data):
    X, y = clone(generator).fit(*data).sample(20)
    return X.tobytes() + y.tobytes()


def test_eight_threads_that_fit_separate_objects_equal_a_row(blobs, images):
    jobs = [(TabularGAN(random_state=seed, **TRAINED), blobs) for seed in range(4)]
    jobs += [(ImageGAN(random_state=seed, **TRAINED), images) for seed in range(4)]
    row = [bytes_of(*job) for job in jobs]
    assert len(set(row)) == 8
    before = torch.get_num_threads()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda job: bytes_of(*job), jobs)) == row
    assert torch.get_num_threads() == before


class Waiting(RelativisticLoss):
    """Waits in the middle of the first step."""

    def __init__(self):
        super().__init__()
        self.begun, self.go_on = threading.Event(), threading.Event()

    def __deepcopy__(self, memo):
        return self  # a clone waits for the same events

    def generator(self, real_scores, fake_scores):
        self.begun.set()
        assert self.go_on.wait(20)
        return super().generator(real_scores, fake_scores)


FITS = {
    "fit": lambda gan: (gan, gan.fit),
    "augment": lambda gan: (a := GANAugmenter(gan), a.augment),
    "fit_resample": lambda gan: (
        s := GANOverSampler(gan, sampling_strategy={1: 50}, keep_generator=True),
        s.fit_resample,
    ),
    "meta": lambda gan: (
        m := AugmentedClassifier(
            LogisticRegression(),
            GANAugmenter(gan),
            n_samples=1.0,
            labeler=None,
            keep_generator=True,
        ),
        m.fit,
    ),
}


@pytest.mark.parametrize("estimator", FITS)
def test_a_second_thread_is_refused_and_the_first_goes_on(estimator, blobs):
    loss = Waiting()
    one, fit = FITS[estimator](TabularGAN(loss=loss, random_state=0, **TRAINED))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(fit, *blobs)
        assert loss.begun.wait(20)
        sentence = f"this {type(one).__name__} is being fitted in another thread"
        try:
            with pytest.raises(RuntimeError, match=sentence):
                fit(*blobs)
        finally:
            loss.go_on.set()
        first.result(20)
    fitted = one if estimator == "fit" else getattr(one, "augmenter_", one).generator_
    alone = TabularGAN(random_state=fitted.random_state, **TRAINED).fit(*blobs)
    np.testing.assert_array_equal(fitted.sample(5)[0], alone.sample(5)[0])
    fit(*blobs)  # one after the other is welcome


def test_a_fit_inside_a_fit_and_a_fit_after_a_failed_one():
    class Learner:
        @one_fit_at_a_time
        def fit(self, depth, error=None):
            if error:
                raise error
            return 0 if depth == 0 else 1 + self.fit(depth - 1)

    learner = Learner()
    assert learner.fit(3) == 3
    with pytest.raises(KeyboardInterrupt):
        learner.fit(1, KeyboardInterrupt())
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(learner.fit, 2).result(10) == 2

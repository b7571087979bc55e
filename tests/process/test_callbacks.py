"""What a training reports to scikit-learn's callbacks: every task that begins also ends."""

import numpy as np
import pytest

from gan_augment import ImageGAN, ImageVAE, TabularGAN
from gan_augment.training.config import TrainingConfig


class Log:
    """A callback that counts the tasks it sees; it may ask to stop at one of them."""

    def __init__(self, stop_at=None):
        self.begun, self.ended, self.stop_at = [], [], stop_at

    def setup(self, estimator, context):
        pass

    def teardown(self, estimator, context):
        pass

    def on_fit_task_begin(self, estimator, context):
        self.begun.append(context.task_name)

    def on_fit_task_end(self, estimator, context):
        self.ended.append(context.task_name)
        return len(self.ended) == self.stop_at


def tables():
    rng = np.random.default_rng(0)
    return rng.normal(size=(40, 3)), np.repeat([0, 1], 20)


def images():
    return np.random.default_rng(0).random((40, 8, 8)), np.repeat([0, 1], 20)


GENERATORS = [
    (TabularGAN(mixture={"gan": 1}, random_state=0), tables),
    (ImageGAN(mixture={"gan": 1}, random_state=0), images),
    (ImageVAE(random_state=0), images),
]


@pytest.mark.parametrize(("generator", "data"), GENERATORS)
@pytest.mark.parametrize(
    ("how", "ended"),
    [
        ({"n_steps": 6}, ["steps"] * 3 + ["fit"]),
        ({"n_steps": 10_000, "time_budget": 1e-6}, ["steps", "fit"]),
    ],
    ids=["to the end", "until the time is spent"],
)
def test_the_task_of_a_training_ends(generator, data, how, ended):
    log = Log()
    generator.set_params(config=TrainingConfig(batch_size=16, check_every=2), **how)
    generator.set_params(**{"time_budget": None} | how).set_callbacks(log)
    generator.fit(*data())
    assert log.ended == ended
    assert sorted(log.begun) == sorted(log.ended)


@pytest.mark.parametrize(("generator", "data"), GENERATORS)
def test_a_callback_ends_the_training(generator, data):
    log = Log(stop_at=2)
    config = TrainingConfig(batch_size=16, check_every=2)
    generator.set_params(config=config, n_steps=100, time_budget=None).set_callbacks(log)
    assert generator.fit(*data()).history_["step"] == [2, 4]
    assert log.ended == ["steps", "steps", "fit"]

"""What parameters are refused, and what is just inside the bounds."""

import math
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from gan_augment import TabularGAN
from gan_augment.exceptions import InputError
from gan_augment.generators.parameters import (
    check_checkpoint,
    check_mixture,
    check_processes,
    check_training,
    is_number,
    is_whole_number,
    refuse,
)
from gan_augment.nn.losses import DualCriticsLoss, RelativisticLoss
from gan_augment.training.config import TrainingConfig

INGREDIENTS = ("interpolate", "gan")


@pytest.mark.parametrize("value", [0, -3, 1.5, np.float32(2), np.int64(2), Fraction(1, 3)])
def test_numbers(value):
    assert is_number(value)


@pytest.mark.parametrize("value", [True, np.bool_(True), math.nan, math.inf, "1", None, [1], 1j])
def test_no_numbers(value):
    assert not is_number(value) and not is_whole_number(value)


def test_whole_numbers():
    assert is_whole_number(3) and is_whole_number(np.int8(-1))
    assert not is_whole_number(3.0) and not is_whole_number(Fraction(3, 1))


def test_a_refusal_names_argument_value_and_remedy():
    with pytest.raises(InputError, match=r"^size='big' cannot be used: pass a number\.$"):
        refuse("size", "big", "a number")


# mixtures -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "mixture",
    ["auto", {"gan": 1}, {"gan": 0, "interpolate": 0.001}, {"interpolate": 5, "gan": 0.5}],
)
def test_mixtures_inside_the_bounds(mixture):
    check_mixture(mixture, INGREDIENTS)


@pytest.mark.parametrize(
    ("mixture", "wanted"),
    [
        ("aut", '"auto" or'),
        ("zero", '"auto" or'),
        (None, '"auto" or'),
        ([("gan", 1)], '"auto" or'),
        ({"gme": 1}, '"auto" or'),
        ({"gan": 1, "other": 1}, '"auto" or'),
        ({"gan": -0.001, "interpolate": 1}, '"auto" or'),
        ({"gan": "1"}, '"auto" or'),
        ({"gan": math.inf}, '"auto" or'),
        ({}, "at least one weight above 0"),
        ({"gan": 0, "interpolate": 0.0}, "at least one weight above 0"),
    ],
)
def test_mixtures_outside(mixture, wanted):
    with pytest.raises(InputError, match=f"mixture=.*{wanted}"):
        check_mixture(mixture, INGREDIENTS)


# the task -------------------------------------------------------------------------------------


def loss(**members):
    usual = dict.fromkeys(("critic", "generator", "penalty"), lambda *scores: scores)
    return SimpleNamespace(**{**usual, "every": 4, **members})


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"locality": 0},
        {"locality": 1},
        {"locality": 0.5},
        {"n_steps": 0},
        {"n_steps": 1},
        {"time_budget": 0.001},
        {"time_budget": 60},
        {"device": "cpu"},
        {"device": "cuda"},  # whether there is a GPU is asked when one is needed
        {"config": TrainingConfig()},
        {"n_critics": 2},
        {"loss": RelativisticLoss(), "n_critics": 2},
        {"loss": DualCriticsLoss(), "n_critics": 2},
        {"loss": loss(every=1)},
        {"loss": loss(n_critics=1)},
    ],
)
def test_trainings_inside_the_bounds(parameters):
    check_training(TabularGAN(**parameters))


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"locality": -0.001}, 'locality=-0.001.*"auto" or a number from 0 to 1'),
        ({"locality": 1.001}, "locality=1.001"),
        ({"locality": 2}, "locality=2"),
        ({"locality": "all"}, "locality='all'"),
        ({"locality": "zeal"}, "locality='zeal'"),
        ({"locality": None}, "locality=None"),
        ({"n_steps": -1}, 'n_steps=-1.*"auto" or a whole number of steps, 0 or more'),
        ({"n_steps": 1.5}, "n_steps=1.5"),
        ({"n_steps": True}, "n_steps=True"),
        ({"n_steps": "all"}, "n_steps='all'"),
        ({"n_steps": "zero"}, "n_steps='zero'"),
        ({"time_budget": 0}, "time_budget=0.*None or a positive number of seconds"),
        ({"time_budget": -1}, "time_budget=-1"),
        ({"time_budget": math.inf}, "time_budget=inf"),
        ({"time_budget": "long"}, "time_budget='long'"),
        ({"device": "gpu"}, 'device=\'gpu\'.*"auto", "cpu" or "cuda"'),
        ({"device": None}, "device=None"),
        ({"config": {}}, "config={}.*None or a TrainingConfig"),
        ({"n_critics": 0}, "n_critics=0.*1 or 2"),
        ({"n_critics": 3}, "n_critics=3"),
        ({"n_critics": 1.0}, "n_critics=1.0"),
        ({"loss": len}, "loss=.*method 'critic'"),
        ({"loss": loss(generator=3)}, "loss=.*method 'generator'"),
        ({"loss": loss(penalty=None)}, "loss=.*method 'penalty'"),
        ({"loss": loss(every=0)}, "loss=.*every is a whole number of steps"),
        ({"loss": loss(every=1.5)}, "loss=.*every is a whole number of steps"),
        ({"loss": loss(every=None)}, "loss=.*every is a whole number of steps"),
        ({"loss": DualCriticsLoss()}, "n_critics=1.*n_critics=2 with this loss"),
        ({"loss": loss(n_critics=1), "n_critics": 2}, "n_critics=2.*n_critics=1 with this"),
    ],
)
def test_trainings_outside(parameters, says):
    with pytest.raises(InputError, match=says):
        check_training(TabularGAN(**parameters))


# who trains, and where the state is kept --------------------------------------------------------


def test_several_processes_need_a_seed():
    for size, seed in [(1, None), (1, 0), (2, 0)]:
        check_processes(SimpleNamespace(size=size), seed)
    with pytest.raises(
        InputError, match="random_state=None cannot be used with 2 processes: pass the same seed"
    ):
        check_processes(SimpleNamespace(size=2), None)


def test_checkpoints(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old").write_text("")
    check_checkpoint(None, None)
    for path in ("new", "old", Path("new"), tmp_path / "new"):
        check_checkpoint(path, 0)
    for path in (3, b"bytes", ""):
        with pytest.raises(InputError, match="checkpoint=.*None or the path of a file"):
            check_checkpoint(path, 0)
    for path in (tmp_path, "no/such/folder", tmp_path / "none" / "new"):
        with pytest.raises(InputError, match="checkpoint=.*a file in a folder that exists"):
            check_checkpoint(path, 0)
    with pytest.raises(
        InputError, match="checkpoint='new' cannot be used with random_state=None: pass a seed"
    ):
        check_checkpoint("new", None)

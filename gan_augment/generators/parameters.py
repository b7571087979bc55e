"""Checks of parameters that several generators have in common."""

from __future__ import annotations

import math
import numbers
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from gan_augment.exceptions import InputError, joined
from gan_augment.training.config import TrainingConfig
from gan_augment.training.processes import OneProcess, current_processes


def is_auto(value: object) -> bool:
    """Whether a value is the text "auto"; numpy's arrays would compare element by element."""
    return isinstance(value, str) and value == "auto"


def is_number(value: object) -> bool:
    """Whether a value is a finite number, and no truth value."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)


def is_whole_number(value: object) -> bool:
    """Whether a value is an integer, and no truth value."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def refuse(name: str, value: object, wanted: str) -> NoReturn:
    """Raise the one sentence that says what to pass in place of a value."""
    raise InputError.of(name, value, "cannot be used", f"pass {wanted}")


def check_flag(name: str, value: object) -> None:
    """Refuse what is neither true nor false."""
    if not isinstance(value, bool | np.bool_):
        refuse(name, value, "True or False")


def check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    """Refuse what is none of these texts."""
    if not isinstance(value, str) or value not in choices:
        refuse(name, value, joined([f'"{choice}"' for choice in choices], "or"))


def check_mixture(mixture: Any, ingredients: Sequence[str]) -> None:
    """Refuse what is no mixture of these ingredients."""
    if is_auto(mixture):
        return
    known = isinstance(mixture, dict) and set(mixture) <= set(ingredients)
    if not known or not all(is_number(w) and w >= 0 for w in mixture.values()):
        refuse("mixture", mixture, f'"auto" or {{name: weight >= 0}} of {ingredients}')
    if not sum(mixture.values()) > 0:
        refuse("mixture", mixture, "at least one weight above 0")


def check_rounds(rounds: Any) -> None:
    """Refuse rounds that are no number of them."""
    if not is_auto(rounds) and not (is_whole_number(rounds) and rounds >= 1):
        refuse("rounds", rounds, '"auto" or a whole number from 1')


def check_training(gan: Any) -> None:
    """Refuse parameters that no adversarial training can run with."""
    share = is_number(gan.locality) and 0 <= gan.locality <= 1
    if not is_auto(gan.locality) and not share:
        refuse("locality", gan.locality, '"auto" or a number from 0 to 1')
    check_steps(gan)
    if not is_whole_number(gan.n_critics) or gan.n_critics not in (1, 2):
        refuse("n_critics", gan.n_critics, "1 or 2")
    for name in ("critic", "generator", "penalty"):
        if gan.loss is not None and not callable(getattr(gan.loss, name, None)):
            refuse("loss", gan.loss, f"None or an object with a method {name!r}")
    every: Any = 1 if gan.loss is None else getattr(gan.loss, "every", None)
    if not is_whole_number(every) or every < 1:
        refuse("loss", gan.loss, "an object whose every is a whole number of steps")
    if getattr(gan.loss, "n_critics", gan.n_critics) != gan.n_critics:
        refuse("n_critics", gan.n_critics, f"n_critics={gan.loss.n_critics} with this loss")


def check_steps(gan: Any) -> None:
    """Refuse steps, seconds, sizes and devices that no training can run with."""
    if not is_auto(gan.n_steps) and not (is_whole_number(gan.n_steps) and gan.n_steps >= 0):
        refuse("n_steps", gan.n_steps, '"auto" or a whole number of steps, 0 or more')
    if gan.time_budget is not None and not (is_number(gan.time_budget) and gan.time_budget > 0):
        refuse("time_budget", gan.time_budget, "None or a positive number of seconds")
    check_choice("device", gan.device, ("auto", "cpu", "cuda"))
    if not isinstance(gan.config, TrainingConfig | None):
        refuse("config", gan.config, "None or a TrainingConfig")


def check_run(gan: Any) -> None:
    """Refuse a checkpoint or processes that this fit cannot run with."""
    check_checkpoint(gan.checkpoint, gan.random_state)
    check_processes(current_processes(), gan.random_state)


def check_processes(processes: OneProcess, random_state: Any) -> None:
    """Refuse processes that would each train on their own random numbers."""
    if processes.size > 1 and random_state is None:
        raise InputError.of(
            "random_state",
            None,
            f"cannot be used with {processes.size} processes",
            "pass the same seed to all, since they are to draw the same numbers",
        )


def check_checkpoint(path: Any, random_state: Any) -> None:
    """Refuse what no state of training can be kept in, or could be gone on from."""
    if path is None:
        return
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        refuse("checkpoint", path, "None or the path of a file")
    if Path(path).is_dir() or not Path(path).absolute().parent.is_dir():
        refuse("checkpoint", path, "the path of a file in a folder that exists")
    if random_state is None:
        raise InputError.of(
            "checkpoint",
            os.fspath(path),
            "cannot be used with random_state=None",
            "pass a seed, since training that cannot be repeated cannot be gone on with",
        )

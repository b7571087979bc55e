"""Checks of parameters that the adversarial generators have in common."""

import math
import numbers
import os
from pathlib import Path

from gan_augment.exceptions import InputError
from gan_augment.training.config import TrainingConfig
from gan_augment.training.processes import current_processes


def is_number(value):
    """Whether a value is a finite number, and no truth value."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)


def is_whole_number(value):
    """Whether a value is an integer, and no truth value."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def refuse(name, value, wanted):
    """Raise the one sentence that says what to pass in place of a value."""
    raise InputError(f"{name}={value!r} cannot be used: pass {wanted}.")


def check_mixture(mixture, ingredients):
    """Refuse what is no mixture of these ingredients."""
    if isinstance(mixture, str) and mixture == "auto":
        return
    known = isinstance(mixture, dict) and set(mixture) <= set(ingredients)
    if not known or not all(is_number(w) and w >= 0 for w in mixture.values()):
        refuse("mixture", mixture, f'"auto" or {{name: weight >= 0}} of {ingredients}')
    if not sum(mixture.values()) > 0:
        refuse("mixture", mixture, "at least one weight above 0")


def check_training(gan):
    """Refuse parameters that no training can run with."""
    auto = isinstance(gan.locality, str) and gan.locality == "auto"
    if not auto and not (is_number(gan.locality) and 0 <= gan.locality <= 1):
        refuse("locality", gan.locality, '"auto" or a number from 0 to 1')
    check_steps(gan)
    check_checkpoint(gan.checkpoint, gan.random_state)
    check_processes(current_processes(), gan.random_state)
    if not is_whole_number(gan.n_critics) or gan.n_critics not in (1, 2):
        refuse("n_critics", gan.n_critics, "1 or 2")
    for name in ("critic", "generator", "penalty"):
        if gan.loss is not None and not callable(getattr(gan.loss, name, None)):
            refuse("loss", gan.loss, f"None or an object with a method {name!r}")
    every = 1 if gan.loss is None else getattr(gan.loss, "every", None)
    if not is_whole_number(every) or every < 1:
        refuse("loss", gan.loss, "an object whose every is a whole number of steps")
    if getattr(gan.loss, "n_critics", gan.n_critics) != gan.n_critics:
        refuse("n_critics", gan.n_critics, f"n_critics={gan.loss.n_critics} with this loss")


def check_steps(gan):
    """Refuse steps, seconds, sizes and devices that no training can run with."""
    auto = isinstance(gan.n_steps, str) and gan.n_steps == "auto"
    if not auto and not (is_whole_number(gan.n_steps) and gan.n_steps >= 0):
        refuse("n_steps", gan.n_steps, '"auto" or a whole number of steps, 0 or more')
    if gan.time_budget is not None and not (is_number(gan.time_budget) and gan.time_budget > 0):
        refuse("time_budget", gan.time_budget, "None or a positive number of seconds")
    if gan.device not in ("auto", "cpu", "cuda"):
        refuse("device", gan.device, '"auto", "cpu" or "cuda"')
    if not isinstance(gan.config, (TrainingConfig, type(None))):
        refuse("config", gan.config, "None or a TrainingConfig")


def check_processes(processes, random_state):
    """Refuse processes that would each train on their own random numbers."""
    if processes.size > 1 and random_state is None:
        raise InputError(
            f"cannot be used with {processes.size} processes",
            argument="random_state",
            value=None,
            remedy="pass the same seed to all, since they are to draw the same numbers",
        )


def check_checkpoint(path, random_state):
    """Refuse what no state of training can be kept in, or could be gone on from."""
    if path is None:
        return
    if not isinstance(path, (str, os.PathLike)) or not os.fspath(path):
        refuse("checkpoint", path, "None or the path of a file")
    if Path(path).is_dir() or not Path(path).absolute().parent.is_dir():
        refuse("checkpoint", path, "the path of a file in a folder that exists")
    if random_state is None:
        raise InputError(
            f"checkpoint={os.fspath(path)!r} with random_state=None: pass a seed, since "
            "training that cannot be repeated cannot be gone on with."
        )

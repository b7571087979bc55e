"""What costs nothing beside synthetic tables: real rows again, and rows interpolated by SMOTE."""

from __future__ import annotations

from typing import Any

import numpy as np

from gan_augment.evaluation.images import ImageSamples
from gan_augment.evaluation.samples import TableSamples
from gan_augment.process.randomness import draw_seed

DUPLICATES, SMOTE = "duplicates", "SMOTE"


def free_rows(
    name: str, samples: TableSamples | ImageSamples, size: int, rng: np.random.Generator
) -> tuple[Any, Any, Any, Any] | None:
    """Return what one control is compared with, as `quality_report` takes it.

    Parameters
    ----------
    name : {"duplicates", "SMOTE"}
    samples : TableSamples or ImageSamples
        Whose real side is used.
    size : int
        Rows to make.
    rng : numpy.random.Generator

    Returns
    -------
    real, synthetic, holdout, target
        Or None where such data are not what the control is for.

    Raises
    ------
    InputError
        If SMOTE cannot interpolate between these rows.
    """
    if name == DUPLICATES:
        return _duplicates(samples, rng.integers(len(samples.frames["real"]), size=size))
    if isinstance(samples, TableSamples) and samples.target_kind == "class":
        return _smote(samples, size, draw_seed(rng))
    return None


def _duplicates(samples, at):
    real, holdout = samples.frames["real"], samples.frames.get("holdout")
    if isinstance(samples, TableSamples):
        return real, real.iloc[at], holdout, samples.target
    target = None
    if samples.codes is not None:
        target = [samples.class_names("real"), samples.class_names("real", at)]
        target += [samples.class_names("holdout")] if samples.has_holdout else []
    return real, real[at], holdout, target


def _smote(samples, size, seed):
    """Rows interpolated within each class; columns that are not compared are left out."""
    from gan_augment.generators.controls import SMOTEGenerator

    names, target = [feature.name for feature in samples.features], samples.target
    real, holdout = samples.frames["real"][names], samples.frames.get("holdout")
    generator = SMOTEGenerator(impute=True, target="class", random_state=seed)
    made, y = generator.fit(real.drop(columns=target), real[target]).sample(size)
    made = made.copy()
    made[target] = np.asarray(y)
    return real, made[names], None if holdout is None else holdout[names], target

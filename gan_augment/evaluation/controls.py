"""The controls of every comparison: what is cheap or costs nothing, beside training on none."""

from __future__ import annotations

from dataclasses import replace

from gan_augment.selection.candidates import NONE, Adjustment, Candidate

#: Controls that change the estimator and add no rows, and what a verdict calls them.
FREE: dict[Adjustment, str] = {
    "class weights": "class weights",
    "tuned threshold": "a tuned threshold",
}

#: Names of all controls, those that add rows first, and what a verdict calls them.
CONTROLS = {
    "duplicates": "repeating real rows",
    "SMOTE": "SMOTE",
    "jitter": "noise on real rows",
    **FREE,
}


def free_candidates() -> dict[str, Candidate]:
    """Return what is compared without added rows, "none" first, by name."""
    return {"none": NONE} | {name: replace(NONE, adjustment=name) for name in FREE}

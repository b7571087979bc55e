"""The free controls: what costs nothing and must be beaten, in comparisons and the closed loop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gan_augment.augmentation.maker import Maker
from gan_augment.generators.base import BaseGenerator
from gan_augment.generators.controls import BootstrapGenerator, JitterGenerator, SMOTEGenerator
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

#: How to get what a control does, by its name.
REMEDIES = {
    "duplicates": "use BootstrapGenerator()",
    "SMOTE": "use SMOTEGenerator()",
    "jitter": "use JitterGenerator()",
    "class weights": "use class_weight='balanced'",
    "tuned threshold": "use TunedThresholdClassifierCV; of more than two classes, divide the "
    "probability of each by its share",
}

#: Beginnings of the names of scores that no threshold changes.
_WITHOUT_THRESHOLD = ("roc_auc", "neg_log_loss", "average_precision", "neg_brier", "d2_")


def free_candidates() -> dict[str, Candidate]:
    """Return what is compared without added rows, "none" first, by name."""
    return {"none": NONE} | {name: replace(NONE, adjustment=name) for name in FREE}


def control_generators() -> dict[str, BaseGenerator]:
    """Return the generators of the controls that add rows, by name."""
    return {
        "duplicates": BootstrapGenerator(),
        "SMOTE": SMOTEGenerator(impute=True),
        "jitter": JitterGenerator(),
    }


def control_makers(kind: str, *, flat: bool = False) -> dict[str, Maker]:
    """Return what makes the rows of the controls, by name.

    Parameters
    ----------
    kind : {"class", "number"}
        Of the target.
    flat : bool, default=False
        Whether rows are images, which the controls see as tables.

    Examples
    --------
    >>> list(control_makers("class")), list(control_makers("number"))
    (['duplicates', 'jitter', 'SMOTE'], ['duplicates', 'jitter'])
    """
    generators = control_generators()
    names = ["duplicates", "jitter", "SMOTE"] if kind == "class" else ["duplicates", "jitter"]
    return {
        name: Maker(generators[name].set_params(target=kind), allow_copies=True, flat=flat)
        for name in names
    }


def free_controls(usual: Candidate, classes: bool, scorers: Iterable[str]) -> list[Candidate]:
    """Return the controls as candidates: as many rows as the default way adds, or no row.

    A tuned threshold is left out where no score depends on a threshold.

    Parameters
    ----------
    usual : Candidate
        The default way.
    classes : bool
        Whether the target has classes.
    scorers : iterable of str
        The scores that decide.

    Examples
    --------
    >>> controls = free_controls(Candidate(2.0), True, ["roc_auc", "neg_log_loss"])
    >>> [control.augmenter or control.adjustment for control in controls]
    ['duplicates', 'jitter', 'SMOTE', 'class weights']
    """
    names = control_makers("class" if classes else "number")
    rows = replace(usual, setting=None, parameters={}, synthetic_weight=1.0, control=True)
    controls = [replace(rows, augmenter=name) for name in names]
    if classes:
        controls.append(replace(NONE, control=True, adjustment="class weights"))
        if not all(name.startswith(_WITHOUT_THRESHOLD) for name in scorers):
            controls.append(replace(NONE, control=True, adjustment="tuned threshold"))
    return controls

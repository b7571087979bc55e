"""The free controls: what costs nothing and must be beaten, in comparisons and the closed loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from gan_augment.augmentation.maker import Maker
from gan_augment.generators.base import BaseGenerator
from gan_augment.generators.controls import BootstrapGenerator, JitterGenerator, SMOTEGenerator
from gan_augment.selection.candidates import NONE, Adjustment, Candidate


@dataclass(frozen=True)
class Control:
    """What a control is called in a sentence, how to get it, and what makes its rows, if any."""

    words: str
    remedy: str
    generator: Callable[[], BaseGenerator] | None = None
    is_plural: bool = False

    @property
    def subject(self) -> str:
        """Its words at the beginning of a sentence."""
        return self.words[0].upper() + self.words[1:]

    @property
    def does(self) -> str:
        """The verb behind it."""
        return "do" if self.is_plural else "does"


#: The controls of every comparison by name, those that add rows first; the others change the
#: estimator.
CONTROLS = {
    "duplicates": Control("repeating real rows", "use BootstrapGenerator()", BootstrapGenerator),
    "SMOTE": Control("SMOTE", "use SMOTEGenerator()", partial(SMOTEGenerator, impute=True)),
    "jitter": Control("noise on real rows", "use JitterGenerator()", JitterGenerator),
    "class weights": Control("class weights", "use class_weight='balanced'", is_plural=True),
    "tuned threshold": Control(
        "a tuned threshold",
        "use TunedThresholdClassifierCV; of more than two classes, divide the probability of each "
        "by its share",
    ),
}
#: Those that change the estimator.
ADJUSTMENTS: tuple[Adjustment, ...] = ("class weights", "tuned threshold")

#: Beginnings of the names of scores that no threshold changes.
_WITHOUT_THRESHOLD = ("roc_auc", "neg_log_loss", "average_precision", "neg_brier", "d2_")


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
    makers = {}
    for name in ("duplicates", "jitter", *["SMOTE"] * (kind == "class")):
        generator = CONTROLS[name].generator().set_params(target=kind)
        makers[name] = Maker(generator, allow_copies=True, flat=flat)
    return makers


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
    own = replace(usual, setting=None, parameters={}, labels="")
    rows = replace(own, synthetic_weight=1.0, control=True)
    controls = [replace(rows, augmenter=name) for name in names]
    if classes:
        controls.append(replace(NONE, control=True, adjustment="class weights"))
        if not all(name.startswith(_WITHOUT_THRESHOLD) for name in scorers):
            controls.append(replace(NONE, control=True, adjustment="tuned threshold"))
    return controls

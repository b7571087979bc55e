"""What an experiment compares: ways of preparing training rows, adding nothing among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

#: What is changed of the estimator, not of its rows; "committee" takes the labeler in its place.
Adjustment = Literal["", "class weights", "tuned threshold", "committee"]

#: Rows that the largest candidate reaches where the training rows are fewer, with labels of its
#: own and with those of a labeler.
ENOUGH_ROWS, ENOUGH_LABELED_ROWS = 500, 1000


@dataclass(frozen=True)
class Candidate:
    """One way of adding rows to training rows.

    Parameters
    ----------
    n_samples : int, float, dict or "fill"
        As for `GANAugmenter`; 0 adds nothing.
    class_balance : {"equal", "proportional"} or None
        As for `GANAugmenter`; None where there are no classes.
    setting : str or None
        Name of the generator's setting, from which its random numbers are seeded; "as it is"
        leaves the generator alone. None: its only setting, whose random numbers follow those that
        it was fitted with.
    parameters : dict
        The generator's parameters in that setting, read when rows are drawn.
    synthetic_weight : float
        Weight of a synthetic row in the estimator's fit.
    augmenter : str or None
        What makes the rows, by its name in the experiment; "" where there is one without a name.
        None trains on the real rows alone.
    control : bool
        Whether data that the generator refuses mean that it does not apply, and not that it
        failed.
    adjustment : {"", "class weights", "tuned threshold", "committee"}
        What is changed of the estimator, not of the rows; see `adjusted`.
    labels : {"", "own", "labeler"}
        Who says what the rows are: the generator that made them ("own") or the maker's labeler;
        "" asks the labeler where the maker has one.
    averaged : bool
        Whether what the estimator predicts is averaged with what a copy that learns the real rows
        alone does, see `AveragedClassifiers`.
    total_weight : float or None
        With soft labels, the weight of all synthetic rows relative to that of all real ones; None
        leaves the maker's.

    Examples
    --------
    >>> print(Candidate(2.0), "|", NONE)
    2 x the rows, equal classes | none
    """

    n_samples: int | float | str | Mapping
    class_balance: str | None = "equal"
    setting: str | None = "as it is"
    parameters: dict = field(default_factory=dict, hash=False)
    synthetic_weight: float = 1.0
    augmenter: str | None = ""
    control: bool = False
    adjustment: Adjustment = ""
    labels: Literal["", "own", "labeler"] = ""
    averaged: bool = False
    total_weight: float | None = None

    def __str__(self) -> str:
        if not self.n_samples:
            return self.adjustment or "none"
        whole = isinstance(self.n_samples, int)
        amount = f"{self.n_samples} rows" if whole else f"{self.n_samples:.3g} x the rows"
        parts = [amount] + [f"{self.class_balance} classes"] * bool(self.class_balance)
        parts += [] if self.setting in (None, "as it is") else [str(self.setting)]
        parts += [] if self.synthetic_weight == 1 else [f"weight {self.synthetic_weight:g}"]
        parts += ["soft labels"] * (self.labels == "labeler")
        total = self.total_weight
        parts += [] if total is None else [f"total weight {total:g}"]
        parts += [self.augmenter] if self.augmenter and not self.control else []
        parts += [self.adjustment] * bool(self.adjustment)
        return ", ".join(parts)


#: The real rows alone.
NONE = Candidate(0, augmenter=None)


def amounts_for(n_rows: int) -> tuple[float, ...]:
    """Return the amounts to try for a table with `n_rows` rows, as multiples of them, least first.

    Examples
    --------
    >>> amounts_for(50), amounts_for(200), amounts_for(5000)
    ((1.0, 4.0, 10.0), (1.0, 2.5), (0.5, 1.0))
    """
    most = max(1.0, ENOUGH_ROWS / n_rows)
    if most == 1:
        return (0.5, 1.0)
    return (1.0, 4.0, most) if most > 6 else (1.0, most)


def default_candidates(
    generator: object, n_rows: int, classes: bool, weighted: bool
) -> list[Candidate]:
    """Return the candidates of a search: none, the default way, and one change of it at a time.

    The generator's ``sampling_settings()`` are tried if it has them, `classes` can be balanced,
    and `weighted` estimators take sample weights.

    Examples
    --------
    >>> from gan_augment import SMOTEGenerator
    >>> for candidate in default_candidates(SMOTEGenerator(), 200, classes=True, weighted=True):
    ...     print(candidate)
    none
    2.5 x the rows, equal classes
    1 x the rows, equal classes
    2.5 x the rows, proportional classes
    2.5 x the rows, equal classes, weight 0.3
    """
    *fewer, most = amounts_for(n_rows)
    usual = Candidate(most, "equal" if classes else None)
    found = [NONE, usual, *(replace(usual, n_samples=amount) for amount in reversed(fewer))]
    if classes:
        found.append(Candidate(most, "proportional"))
    settings: dict[str, dict] = getattr(generator, "sampling_settings", dict)()
    found += [replace(usual, setting=name, parameters=p) for name, p in settings.items()]
    if weighted:
        found.append(replace(usual, synthetic_weight=0.3))
    return found


def labeled_candidates(generator: object, n_rows: int, classes: bool) -> list[Candidate]:
    """Return the candidates of a search with a labeler: none, its labels, and the rows' own.

    Where rows come from changes little under a labeler (``docs/research.md``), so no more are
    tried. A generator says by ``settings_for_labels`` with which parameters it is fitted.

    Examples
    --------
    >>> from gan_augment import SMOTEGenerator
    >>> for candidate in labeled_candidates(SMOTEGenerator(), 200, classes=True):
    ...     print(candidate)
    none
    5 x the rows, equal classes, soft labels
    2.5 x the rows, equal classes
    """
    parameters: dict[str, Any] = getattr(generator, "settings_for_labels", dict)()
    balance = "equal" if classes else None
    amount = max(1.0, ENOUGH_ROWS / n_rows)
    own = Candidate(amount, balance, parameters=parameters, labels="own")
    amount = max(1.0, ENOUGH_LABELED_ROWS / n_rows)
    return [NONE, replace(own, n_samples=amount, labels="labeler"), own]

"""Ways of adding rows that a user names: dicts of what is changed of the augmenter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import clone

from gan_augment.augmentation.labels import check_total_weight
from gan_augment.augmentation.maker import Maker, seeded_clone
from gan_augment.augmentation.plan import keeps_labels, resolve_plan
from gan_augment.exceptions import InputError
from gan_augment.generators.parameters import is_number
from gan_augment.selection.candidates import ENOUGH_LABELED_ROWS, ENOUGH_ROWS, NONE, Candidate

#: What a way may say.
KEYS = (
    "generator",
    "labeler",
    "soft_label_weight",
    "n_samples",
    "class_balance",
    "synthetic_weight",
)


def named_ways(
    ways: Iterable[Mapping[str, Any]], maker: Maker, labels: np.ndarray | None, n_rows: int
) -> tuple[list[Candidate], dict[str, Maker]]:
    """Return the candidates of a search whose ways a user names, and what makes their rows.

    Parameters
    ----------
    ways : iterable of dict
        Each with some of `KEYS`; what it leaves out is as the closed loop has it.
    maker : Maker
        The augmenter's own.
    labels : ndarray or None
        Of the rows; None for a numeric target.
    n_rows : int

    Returns
    -------
    list of Candidate
        The first adds nothing.
    dict of str to Maker
        By the name that candidates call it; "" is the augmenter's own.

    Raises
    ------
    InputError
        If a way cannot be tried.

    Examples
    --------
    >>> from gan_augment import BootstrapGenerator, JitterGenerator
    >>> own = Maker(BootstrapGenerator(), labeler="committee")
    >>> ways = [{"soft_label_weight": 5}, {"generator": JitterGenerator(), "labeler": None}]
    >>> candidates, makers = named_ways(ways, own, np.array(["a", "b"] * 50), 100)
    >>> for candidate in candidates:
    ...     print(candidate)
    none
    10 x the rows, equal classes, soft labels, total weight 5
    5 x the rows, equal classes, JitterGenerator
    >>> list(makers)
    ['', 'JitterGenerator']
    """
    makers: dict[str, Maker] = {"": maker}
    candidates = [NONE]
    for way in _checked(ways):
        source = _source(way, maker, makers)
        candidates.append(_candidate(way, source, makers[source], labels, n_rows))
    return candidates, makers


def _checked(ways) -> Sequence[Mapping[str, Any]]:
    """Refuse what are no ways, and what no way has."""
    listed = [] if isinstance(ways, (str, Mapping)) or not hasattr(ways, "__iter__") else [*ways]
    if not listed or not all(isinstance(way, Mapping) for way in listed):
        raise InputError.of(
            "candidates",
            ways,
            "is no list of dicts",
            "pass one such as [{'soft_label_weight': 5}, {'labeler': None}], or a ParameterGrid",
        )
    for way in listed:
        unknown = [key for key in way if key not in KEYS]
        if unknown:
            raise InputError.unknown("candidates", unknown[0], f"dicts of {', '.join(KEYS)}")
    return listed


def _source(way, maker, makers):
    """The name of what makes the rows of a way, which is known from then on."""
    generator = way.get("generator")
    if generator is None or generator is maker.generator:
        return ""
    for name, other in makers.items():
        if name and _same(other.generator, generator):
            return name
    seeded_clone(generator, None, np.random.default_rng(0))  # refuses what is no generator
    kind = type(generator).__name__
    name = kind if kind not in makers else f"{kind} {len(makers) + 1}"
    makers[name] = replace(maker, generator=generator)
    return name


def _same(generator, other):
    """Whether two generators have the same parameters, as copies of one have."""
    if generator is other or type(generator) is not type(other):
        return generator is other
    return repr(generator.get_params()) == repr(other.get_params())


def _candidate(way, source, maker, labels, n_rows):
    """One way as a candidate."""
    soft = _has_soft_labels(way, maker)
    amount = max(1.0, (ENOUGH_LABELED_ROWS if soft else ENOUGH_ROWS) / n_rows)
    amount = way.get("n_samples", amount)
    balance = way.get("class_balance", "equal")
    plan = resolve_plan(amount, balance, labels, n_rows)
    if not (sum(plan.values()) if isinstance(plan, Mapping) else plan):
        raise InputError.of(
            "candidates", amount, "adds nothing, which is tried in any case", "pass n_samples > 0"
        )
    # as the closed loop does it where nothing is said of the generator
    settings = {} if source or maker.labeler is None else _settings(maker.generator)
    return Candidate(
        amount,
        None if labels is None else balance,
        parameters=settings,
        synthetic_weight=_weight(way, soft),
        augmenter=source,
        labels="labeler" if soft else "own",
        total_weight=_total(way, soft),
    )


def _settings(generator):
    return getattr(generator, "settings_for_labels", dict)()


def _has_soft_labels(way, maker):
    """Whether the labeler says what the rows of a way are."""
    labeler = way.get("labeler", maker.labeler)
    if labeler is not None and labeler is not maker.labeler and labeler != maker.labeler:
        raise InputError.of(
            "candidates",
            labeler,
            "names another labeler, and there is one for all ways",
            "pass it as labeler= of the estimator; None here leaves rows their own labels",
        )
    return labeler is not None and not keeps_labels(way.get("n_samples", 1.0))


def _total(way, soft):
    """The weight of all rows with soft labels, or None for the augmenter's own."""
    weight = way.get("soft_label_weight")
    if weight is None:
        return None
    check_total_weight(weight)
    if not soft:
        raise InputError.of(
            "candidates",
            weight,
            "has soft_label_weight, and its rows keep their own labels",
            "pass synthetic_weight, the weight of one such row",
        )
    return float(weight)


def _weight(way, soft):
    """The weight of a row with a label of its own."""
    weight = way.get("synthetic_weight", 1.0)
    if not is_number(weight) or weight < 0 or (soft and weight != 1):
        raise InputError.of(
            "candidates",
            weight,
            "has a synthetic_weight, and a labeler makes labels soft"
            if soft
            else "has a synthetic_weight that is no number >= 0",
            "pass soft_label_weight" if soft else "pass a number",
        )
    return float(weight)


def with_target(maker: Maker, kind: str) -> Maker:
    """Return a maker whose generator learns a target of this kind.

    Examples
    --------
    >>> from gan_augment import JitterGenerator
    >>> with_target(Maker(JitterGenerator()), "number").generator.target
    'number'
    """
    generator: Any = clone(maker.generator)
    if "target" in generator.get_params(deep=False):
        generator.set_params(target=kind)
    return replace(maker, generator=generator)

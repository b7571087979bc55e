"""A quality report in words: its answer, and what to know before believing the figures."""

import math
import re

from gan_augment.evaluation.results import GROUPS
from gan_augment.exceptions import joined
from gan_augment.metrics.privacy import GAUSSIAN, SMOTE
from gan_augment.metrics.uncertainty import GOOD_WITHIN
from gan_augment.metrics.utility import LEAST_ROWS

#: Of fewer rows every interval is so wide that all but gross faults pass.
FEW_ROWS = 100

#: How the answer opens.
OPENINGS = {"good": "Good", "fair": "Usable with care", "poor": "Not good yet"}

#: What to do about a group that is not good.
NEXT_STEPS = {
    "fidelity": "look at what gives them away, and train longer or on more {rows}; for training a "
    "model of your own they may do all the same, which a comparison tells",
    "diversity": "look at the real {rows} that are not covered, and train on more of their kind",
    "utility": "do not train on them alone; whether they help beside real {rows} is what a "
    "comparison tells",
    "privacy": "do not hand them on; inside the training of a model of your own nearness does no "
    "harm",
}

_WORST_FIRST = ("poor", "fair", "good", "unknown")


def group_verdicts(metrics):
    """Return one word a group: that of its worst figure about the whole table.

    Returns
    -------
    dict of {group: str}
    """
    words = {}
    for group in GROUPS:
        found = [m.verdict for m in metrics if m.group == group and m.by is None]
        if found:
            words[group] = min(found, key=_WORST_FIRST.index)
    return words


def tone(metrics):
    """Return the worst word of the figures about the whole table, "unknown" if there is no other.

    Returns
    -------
    {"poor", "fair", "good", "unknown"}
    """
    return min(group_verdicts(metrics).values(), key=_WORST_FIRST.index, default="unknown")


def sentences(metrics, n, unit="rows", balance=""):
    """Return the answer in one plain line, then what to know of it and a word a group.

    Parameters
    ----------
    metrics : iterable of Metric
    n : int
        Rows of each table that were compared.
    unit : {"rows", "images"}, default="rows"
    balance : str, default=""
        How another class balance was dealt with, in one line.

    Returns
    -------
    list of str

    Examples
    --------
    >>> from gan_augment.evaluation.results import Metric
    >>> shared = {"higher_is_better": False, "reference": 0.5, "reference_kind": "holdout"}
    >>> c2st = Metric("c2st", "fidelity", 0.9, fault="a model can tell them apart", **shared)
    >>> recall = Metric("recall", "diversity", 0.9, reference=0.9)
    >>> for line in sentences([c2st, recall], 500):  # doctest: +ELLIPSIS
    ...     print(line)
    Not good yet: a model can tell the synthetic rows apart (c2st: 0.90, real rows 0.50).
    Fidelity is poor, diversity is good.
    What to do: look at what gives them away, and train longer or on more rows; ...
    """
    metrics = list(metrics)
    parts = (
        *_first_lines(metrics, n, unit),
        balance,
        by_group(metrics),
        next_step(metrics, unit),
    )
    return [part for part in parts if part]


def _first_lines(metrics, n, unit):
    """Return the answer, and what is to be known of it where rows are few."""
    word, heads = tone(metrics), [m for m in metrics if m.by is None]
    each = "table" if unit == "rows" else "set"
    few = f"so few {unit} ({n} of each {each}) can say little: all but gross faults pass"
    if word == "unknown":
        return ["Not known: no figure could be judged."]
    if word == "good":
        if n < FEW_ROWS:
            return [f"No fault shows, but {few}."]
        found = [m for m in heads if m.verdict == "good"]
        what = f"none of {len(found)} figures is" if len(found) > 1 else f"{found[0].name} is not"
        much = f"by more than {100 * GOOD_WITHIN:.0f} % beyond doubt"
        return [f"Good: {what} behind other real {unit} {much}."]
    worst = _worst(metrics)
    fault = worst.fault or f"{worst.label or worst.name} falls short"
    fault = worst.too_good if worst.suspect else _named(fault, unit)
    text = f"{OPENINGS[word]}: {fault} ({beside_reference(worst, unit)})."
    return [text, f"{few[0].upper()}{few[1:]}."] if n < FEW_ROWS else [text]


def _worst(metrics):
    """Return the figure that the answer is about: the worst of the worst word."""
    word = tone(metrics)
    return max((m for m in metrics if m.by is None and m.verdict == word), key=_badness)


def _named(fault, unit):
    """Say "the synthetic rows" for the first "they", of which nobody has heard yet."""
    named = {"they": f"the synthetic {unit}", "them": f"the synthetic {unit}"}
    named["some"] = f"some synthetic {unit}"
    return re.sub(r"\b(they|them|some)\b", lambda found: named[found[0]], fault, count=1)


def next_step(metrics, unit="rows"):
    """Return what to do about the worst fault, "" where there is none."""
    if tone(metrics) not in OPENINGS or tone(metrics) == "good":
        return ""
    return f"What to do: {NEXT_STEPS[_worst(metrics).group].format(rows=unit)}."


def beside_reference(metric, unit="rows"):
    """Return a figure with its interval and its reference, as one reads them in brackets.

    Examples
    --------
    >>> from gan_augment.evaluation.results import Metric
    >>> beside_reference(Metric("c2st", "fidelity", 0.9, 0.88, 0.92, 0.5, "holdout"))
    'c2st: 0.90, 95 % interval 0.88 to 0.92, real rows 0.50'
    """
    parts = [f"{metric.label or metric.name}: {metric.value:z.2f}"]
    if not any(end is None or math.isnan(end) for end in (metric.low, metric.high)):
        parts.append(f"95 % interval {metric.low:z.2f} to {metric.high:z.2f}")
    if metric.reference is not None and not math.isnan(metric.reference):
        beside = "chance" if metric.reference_kind == "chance" else f"real {unit}"
        parts.append(f"{beside} {metric.reference:z.2f}")
    return ", ".join(parts)


def by_group(metrics):
    """Return a sentence with a word a group, the worst first, and why a group is not known."""
    words = group_verdicts(metrics)
    told = []
    for word in _WORST_FIRST[:-1]:
        named = [group for group, found in words.items() if found == word]
        if named:
            told.append(f"{joined(named)} {'is' if len(named) == 1 else 'are'} {word}")
    text = f"{', '.join(told)}." if told else ""
    text = text[:1].upper() + text[1:]
    for group, word in words.items():
        if word == "unknown":
            why = next(m.remark for m in metrics if m.group == group and m.by is None)
            text += f" {group.capitalize()} is not known{f': {why}' if why else ''}."
    return text.strip()


def _badness(metric):
    if math.isnan(metric.shortfall):
        return -1.0
    return max(metric.shortfall, metric.excess if metric.suspect else 0.0)


def attack_note(table):
    """Return what the membership attack reached, in one sentence that promises nothing.

    Parameters
    ----------
    table : pandas.DataFrame
        As `membership_table` returns it.
    """
    areas = table.set_index("rows")
    parts = [f"{areas.at[name, 'attack']:.2f} on {name}" for name in (SMOTE, GAUSSIAN)]
    rare = areas.at["synthetic", "rarest class"]
    among = "" if math.isnan(rare) else f" (rarest class: {rare:.2f})"
    return (
        f"The membership attack reaches {areas.at['synthetic', 'attack']:.2f} on the synthetic "
        f"rows{among}, {' and '.join(parts)}; 0.50 is a guess. However low, it is no proof of "
        "anonymity."
    )


def importance_note(samples):
    """Return why the columns that models use are not compared, as a list."""
    if samples.n >= LEAST_ROWS:
        return []
    return [
        f"Which columns models use is not compared: {samples.n} rows of each table are fewer than "
        f"the {LEAST_ROWS} it takes."
    ]

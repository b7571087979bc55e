"""A quality report in words: its answer, and what to know before believing the figures."""

import math

from gan_augment.evaluation.results import GROUPS
from gan_augment.metrics.privacy import GAUSSIAN, SMOTE
from gan_augment.metrics.utility import LEAST_ROWS

#: Of fewer rows every interval is so wide that all but gross faults pass.
FEW_ROWS = 100

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


def answer(metrics, n, unit="rows"):
    """Return the answer, with the worst figure of each group that is not good.

    Parameters
    ----------
    metrics : iterable of Metric
    n : int
        Rows of each table that were compared.
    unit : {"rows", "images"}, default="rows"

    Examples
    --------
    >>> from gan_augment.evaluation.results import Metric
    >>> c2st = Metric(
    ...     "c2st",
    ...     "fidelity",
    ...     0.9,
    ...     reference=0.5,
    ...     reference_kind="holdout",
    ...     label="told",
    ...     higher_is_better=False,
    ... )
    >>> answer([c2st, Metric("recall", "diversity", 0.9, reference=0.9)], 500)
    'Fidelity is poor: “told” (c2st) is 0.90, real data 0.50; diversity is good.'
    """
    words = group_verdicts(metrics)
    parts = [
        (_WORST_FIRST.index(word), _complaint(metrics, group, word))
        for group, word in words.items()
        if word != "good"
    ]
    good = [group for group, word in words.items() if word == "good"]
    if good:
        named = good[0] if len(good) == 1 else f"{', '.join(good[:-1])} and {good[-1]}"
        parts.append(
            (_WORST_FIRST.index("good"), f"{named} {'is' if len(good) == 1 else 'are'} good")
        )
    text = "; ".join(part for _, part in sorted(parts, key=lambda pair: pair[0]))
    each = "table" if unit == "rows" else "set"
    few = f" So few {unit} ({n} of each {each}) can say little: all but gross faults pass."
    return f"{text[0].upper()}{text[1:]}.{few if n < FEW_ROWS else ''}"


def _complaint(metrics, group, word):
    heads = [m for m in metrics if m.group == group and m.by is None and m.verdict == word]
    worst = max(heads, key=_badness)
    text = f"{group} is {word}: “{worst.label or worst.name}” ({worst.name}) is {worst.value:z.2f}"
    if worst.remark and worst.shortfall == 0:
        return f"{text}, {worst.remark}"
    if worst.reference is None:
        return text
    beside = "chance" if worst.reference_kind == "chance" else "real data"
    return f"{text}, {beside} {worst.reference:z.2f}"


def _badness(metric):
    if math.isnan(metric.shortfall):
        return -1.0
    return max(metric.shortfall, metric.excess if metric.remark else 0.0)


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

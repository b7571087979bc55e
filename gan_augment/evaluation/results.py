"""Results as values: no number travels without its interval, its reference and how to read it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gan_augment.exceptions import InputError
from gan_augment.io.atomic import write_text
from gan_augment.metrics.uncertainty import FAIR_WITHIN, GOOD_WITHIN, Z

#: Why a figure is unknown whose interval reaches from good to poor.
TOO_FEW = "too few were compared to tell good from poor"

GROUPS = ("fidelity", "diversity", "utility", "privacy")
REFERENCE_KINDS = ("holdout", "split halves", "chance", "none")

# A report holds some twenty figures: at 95 % each, one of them would be wrong by luck. So what is
# "beyond doubt" lies outside a 99 % interval.
_WIDER = 2.575829 / Z


@dataclass(frozen=True)
class Metric:
    """One figure, beside what the same figure is between real data and real data.

    Parameters
    ----------
    name : str
        Such as "c2st" or "coverage"; one word, as it is written in a requirement.
    group : {"fidelity", "diversity", "utility", "privacy"}
        What the figure is about.
    value : float
        NaN where it could not be computed.
    low, high : float or None
        Ends of the 95 % interval.
    reference : float or None
        The same metric, real data against real data.
    reference_kind : {"holdout", "split halves", "chance", "none"}
        Where the reference comes from; "chance" is what knowing nothing would give.
    higher_is_better : bool
        The direction of "good".
    by : str or None
        The column, class or learner the figure belongs to; None for the whole table.
    n : int
        Rows used.
    how_to_read : str
        One sentence for someone who has never met the metric.
    scale : float, default=1.0
        The distance from the best to the worst value, in the unit of the metric.
    reference_error : float or None
        Standard error of the reference; None for a constant.
    label : str
        The name in plain words.
    too_good : str
        What it means if the figure is better than `best`; "" where that is no fault.
    best : float or None
        The value that nothing should be better than; None for the reference.
    fault : str
        What it means if the figure falls behind its reference, in a few plain words.
    reason : str
        Why there is no figure, where `value` is NaN.

    Examples
    --------
    >>> c2st = Metric("c2st", "fidelity", 0.83, 0.80, 0.86, 0.51, "holdout", False)
    >>> c2st.verdict
    'poor'
    """

    name: str
    group: str
    value: float
    low: float | None = None
    high: float | None = None
    reference: float | None = None
    reference_kind: str = "none"
    higher_is_better: bool = True
    by: str | None = None
    n: int = 0
    how_to_read: str = ""
    scale: float = 1.0
    reference_error: float | None = None
    label: str = ""
    too_good: str = ""
    best: float | None = None
    fault: str = ""
    reason: str = ""

    def __post_init__(self):
        if self.group not in GROUPS:
            raise InputError.of("group", self.group, "is unknown", f"pass one of {GROUPS}")
        if self.reference_kind not in REFERENCE_KINDS:
            raise InputError.of(
                "reference_kind",
                self.reference_kind,
                "is unknown",
                f"pass one of {REFERENCE_KINDS}",
            )

    @property
    def shortfall(self) -> float:
        """How far the figure stays behind its reference beyond doubt, as share of the scale.

        0 where it does not. The doubt is that of the figure, towards the better end of its
        interval, and that of the reference, which was measured too, added as independent errors
        are and taken at 99 %. Without a reference the ideal stands in: `scale` if higher is
        better, else 0.
        """
        reference = self.reference
        if _unknown(reference):
            reference = self.scale if self.higher_is_better else 0.0
        return self._beyond(reference, self.value, max)

    @property
    def _behind(self):
        """How far the figure itself is behind its reference, doubt or not, as share of scale."""
        sign = 1.0 if self.higher_is_better else -1.0
        if self.reference is None or _unknown(self.reference):
            return 0.0 * self.value
        return sign * (self.reference - self.value) / self.scale

    @property
    def gap(self) -> float:
        """How far the figure is from the best there can be, as share of the scale.

        That is its reference, and the figure may be ahead of it by luck: below 0. Where it can be
        too good it is as far off above its `best` as below.
        """
        best = self.reference if self.best is None else self.best
        if best is None or _unknown(self.value) or not self.too_good:
            return self._behind
        sign = 1.0 if self.higher_is_better else -1.0
        return max(self._behind, sign * (self.value - best) / self.scale, 0.0)

    def apart(self, other: Metric) -> bool:
        """Return whether the gaps of two figures of one metric differ beyond chance, at 99 %.

        Parameters
        ----------
        other : Metric
            Of other rows, which errs independently.
        """
        halves = (figure._half() / figure.scale for figure in (self, other))
        return abs(self.gap - other.gap) > _WIDER * math.hypot(*halves)

    def _half(self):
        """Half the interval; where its ends are not alike, the wider half."""
        ends = [end for end in (self.low, self.high) if not _unknown(end)]
        return max((abs(end - self.value) for end in ends), default=0.0)

    @property
    def excess(self) -> float:
        """How far the figure is better than `best` beyond doubt, as share of the scale."""
        best = self.reference if self.best is None else self.best
        return 0.0 if _unknown(best) else self._beyond(self.value, best, min)

    def _beyond(self, more, less, end):
        """Return how much better one figure is than another, less the doubt of both."""
        if _unknown(self.value):
            return math.nan
        sign = 1.0 if self.higher_is_better else -1.0
        ends = [e for e in (self.low, self.value, self.high) if not _unknown(e)]
        half = abs(end(sign * e for e in ends) - sign * self.value)
        known = end is max or self.best is None  # `best` is a constant
        error = 0.0 if _unknown(self.reference_error) else Z * self.reference_error * known
        return max(0.0, sign * (more - less) - _WIDER * math.hypot(half, error)) / self.scale

    @property
    def suspect(self) -> bool:
        """Whether the figure is too good: better than `best` by more than 5 % of the scale."""
        return bool(self.too_good) and round(self.excess, 12) > GOOD_WITHIN

    @property
    def remark(self) -> str:
        """What stands beside the verdict: `too_good` where `suspect`, why it is unknown, or ""."""
        if _unknown(self.value):
            return self.reason
        if self.verdict == "unknown":
            return TOO_FEW
        return self.too_good if self.suspect else ""

    @property
    def verdict(self) -> str:
        """The figure in one word: "good", "fair", "poor" or "unknown".

        Good: the `shortfall` is at most 5 % of the metric's scale, too little to matter. Fair:
        at most 20 %, or it is `suspect`. Poor: more. Intervals are given the benefit of the
        doubt, but where that makes good of a figure that by itself is poor, too few rows were
        compared to know: unknown, as is NaN.
        """
        if _unknown(self.value):
            return "unknown"
        shortfall = round(self.shortfall, 12)  # .55 - .5 is a hair more than .05
        if shortfall <= GOOD_WITHIN:
            if self.suspect:
                return "fair"
            return "unknown" if round(self._behind, 12) > FAIR_WITHIN else "good"
        return "fair" if shortfall <= FAIR_WITHIN else "poor"


class Result:
    """An answer in words with the figures behind it, as a value that shows and writes itself.

    A subclass has an ``answer`` and its ``details``, the ``schema`` and ``_content`` of its JSON,
    and a ``_page``.
    """

    @property
    def verdict(self: Any) -> str:
        """The answer and its details."""
        return f"{self.answer} {self.details}".rstrip()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.verdict})"

    def to_json(self: Any, path: str | PathLike[str] | None = None) -> str:
        """Return the whole result as JSON text, and write it if there is a path.

        Parameters
        ----------
        path : str or Path, optional

        Returns
        -------
        str
        """
        return to_json(self.schema, self._content(), path)

    def to_html(self: Any, path: str | PathLike[str] | None = None) -> str:
        """Return the report page, and write it if there is a path.

        Parameters
        ----------
        path : str or Path, optional

        Returns
        -------
        str
            One self-contained page.
        """
        return self._page().to_html(path)


def _unknown(value):
    return value is None or math.isnan(value)


def metrics_frame(metrics):
    """Return metrics as a tidy table, one row each, with a column ``verdict``.

    Returns
    -------
    pandas.DataFrame
        Columns are the fields of `Metric`, ``verdict`` and ``remark``.

    Examples
    --------
    >>> frame = metrics_frame([Metric("coverage", "diversity", 0.9, reference=0.92)])
    >>> frame.loc[0, "verdict"]
    'good'
    """
    names = [field.name for field in fields(Metric)]
    rows = [_judged(metric) for metric in metrics]
    # dtype object for text, where None stays None and any text fits: pandas 3 has str otherwise
    frame = pd.DataFrame(rows, columns=[*names, "verdict", "remark"], dtype=object)
    numbers = ["value", "low", "high", "reference", "scale", "reference_error", "best"]
    kinds = {"higher_is_better": "bool", "n": "int64", **dict.fromkeys(numbers, "float64")}
    return frame.astype(kinds)


def whole_in_words(metrics):
    """Return the figures about the whole table as a reader looks for them, one row each.

    Examples
    --------
    >>> whole_in_words([Metric("coverage", "diversity", 0.9, reference=0.92)]).columns.tolist()
    ['group', 'figure', 'name', 'value', 'low', 'high', 'real against real', 'verdict', 'remark']
    """
    frame = metrics_frame(metric for metric in metrics if metric.by is None)
    frame["label"] = frame["label"].mask(frame["label"] == "", frame["name"])
    frame = frame.rename(columns={"label": "figure", "reference": "real against real"})
    names = ["group", "figure", "name", "value", "low", "high", "real against real"]
    return frame[[*names, "verdict", "remark"]]


def by_cell(frame, names, figures):
    """Return a table with a row for each cell: its names, and the figures of its rows.

    A name is read off the first row: as the key of a group, 30 rows would be 30.0 times the rows.
    """
    rows = [
        {**{name: cell[name].iloc[0] for name in names}, **figures(cell)}
        for _, cell in frame.groupby(names, sort=False, dropna=False)
    ]
    table = pd.DataFrame(rows)
    return table.assign(n_samples=pd.Series([row["n_samples"] for row in rows], dtype=object))


def _judged(metric):
    return {**asdict(metric), "verdict": metric.verdict, "remark": metric.remark}


def plain(value):
    """Return a value as what JSON can hold: dicts, lists, text, numbers, truth and None.

    Parameters
    ----------
    value : object
        Frames become ``{"columns": [...], "rows": [[...], ...]}``, metrics dicts with their
        verdict and remark, NaN and infinities None, dates ISO text; anything else its ``str``.

    Examples
    --------
    >>> plain({"a": np.array([1.0, np.nan])})
    {'a': [1.0, None]}
    """
    if isinstance(value, Metric):
        return plain(_judged(value))
    if isinstance(value, pd.DataFrame):
        rows = [list(row) for row in value.itertuples(index=False, name=None)]
        return {"columns": [str(name) for name in value.columns], "rows": plain(rows)}
    if isinstance(value, pd.Series):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, np.bool_)):
        return None if value is None else bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    if value is pd.NaT or value is pd.NA:
        return None
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def to_json(kind, content, path=None):
    """Return a result as JSON text with its schema first, and write it if there is a path.

    Parameters
    ----------
    kind : str
        Name and version of the schema, such as "quality/1".
    content : dict
        What `plain` can hold.
    path : str or Path, optional
        File to write, in UTF-8.

    Returns
    -------
    str
        Data only, without NaN, which JSON does not have.

    Examples
    --------
    >>> print(to_json("quality/1", {"verdict": "good"}))
    {
     "schema": "gan_augment.quality/1",
     "verdict": "good"
    }
    """
    document = {"schema": f"gan_augment.{kind}", **plain(content)}
    text = json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False)
    # Half a surrogate pair cannot be written as UTF-8, but as JSON's escape, \ud800.
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    if path is not None:
        write_text(path, text + "\n")
    return text


def from_json(kind, source):
    """Return the content of a result that `to_json` wrote.

    Parameters
    ----------
    kind : str
        The schema expected, such as "quality/1".
    source : str or Path
        A path, or the JSON text itself.

    Returns
    -------
    dict
        Without the entry ``schema``.

    Raises
    ------
    InputError
        If the schema is another one, or the text is no JSON.
    """
    is_text = isinstance(source, str) and source.lstrip().startswith("{")
    text = source if is_text else Path(source).read_text(encoding="utf-8")
    try:
        document = json.loads(text)
    except ValueError as error:
        raise InputError(
            f"The result is not JSON ({error})", remedy="pass a file that to_json wrote"
        ) from error
    found = document.pop("schema", None) if isinstance(document, dict) else None
    if found != f"gan_augment.{kind}":
        raise InputError(
            f"The result has schema {found!r} where 'gan_augment.{kind}' was expected",
            remedy="pass a file of the same kind and version",
        )
    return document

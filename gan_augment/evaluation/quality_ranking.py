"""Which of several synthetic tables is best? Their reports, ranked, with ties shown as ties."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from gan_augment.evaluation.answer import beside_reference, by_group
from gan_augment.evaluation.catalog import IMAGES, TABLES
from gan_augment.evaluation.images import ImageSamples
from gan_augment.evaluation.quality import MAX_ROWS, Asked, QualityReport, draw, measure
from gan_augment.evaluation.quality_controls import DUPLICATES, SMOTE, free_rows
from gan_augment.evaluation.results import GROUPS, Metric, Result, metrics_frame
from gan_augment.evaluation.samples import TableSamples
from gan_augment.exceptions import InputError, joined
from gan_augment.process.progress import Work, shown
from gan_augment.process.randomness import as_rng, draw_seed
from gan_augment.report.display import Display

#: The line of the references.
REAL = "other real rows"

#: Figures beside the one that ranks, where they were measured.
BESIDE = ("c2st", "coverage", "tstr", "membership", "dcr_share", "exact_copies")


@dataclass(frozen=True, repr=False)
class QualityComparison(Result):
    """Several synthetic tables, or sets of images, ranked by how near they come to real ones.

    `compare_quality` returns it.

    Parameters
    ----------
    reports : dict of {name: QualityReport}
        One each, all on as many rows; controls last.
    controls : tuple of str
        Which of them are controls: rows that cost nothing.
    rank_by : str
        The metric that ranks.
    notes : tuple of str
        What to know before believing the order.
    settings : dict
        What was compared.

    Attributes
    ----------
    names : list of str
        Those that were asked about, best first; those that cannot be ranked last.
    leaders : list of str
        The best of them and those that cannot be told apart from it.
    verdict : str
        The answer in words: `answer`, one line, and `details`.
    tone : str
        "good", "fair", "poor" or "unknown", as the report of the best one.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> real, near, far = (rng.normal(mean, size=(300, 2)) for mean in (0, 0.1, 3))
    >>> found = compare_quality(real, {"far": far, "near": near}, controls=False, random_state=0)
    >>> found.ranking()[["rank", "synthetic"]].values.tolist()
    [[<NA>, 'other real rows'], [1, 'near'], [2, 'far']]
    """

    schema: ClassVar[str] = "quality_comparison/1"

    reports: dict[str, QualityReport]
    controls: tuple[str, ...]
    rank_by: str
    notes: tuple[str, ...]
    settings: dict[str, Any]

    def figure(self, name: str) -> Metric:
        """Return the figure of one table that ranks it.

        Parameters
        ----------
        name : str
        """
        return self.reports[name].metric(self.rank_by)

    @property
    def names(self) -> list[str]:
        """The tables that were asked about, best first; those that cannot be ranked last."""
        return [name for name in self._in_order() if name not in self.controls]

    @property
    def leaders(self) -> list[str]:
        """The best table and those that cannot be told apart from it; none if none is known."""
        ranks = self._ranks()
        return [name for name in self.names if ranks.get(name) == 1]

    def _in_order(self):
        """All names by their gap; in order of their names where it is the same."""
        gaps = {name: self.figure(name).gap for name in self.reports}
        return sorted(gaps, key=lambda name: (np.isnan(gaps[name]), gaps[name], name))

    def _ranks(self):
        """The rank of each table that was asked about and has a figure."""
        ranks, first = {}, None
        for place, name in enumerate(self.names, start=1):
            if np.isnan(self.figure(name).value):
                continue
            if first is None or self.figure(first).apart(self.figure(name)):
                first, rank = name, place
            ranks[name] = rank
        return ranks

    def ranking(self) -> pd.DataFrame:
        """Return all tables, best first.

        Returns
        -------
        pandas.DataFrame
            Columns are "rank", "synthetic", "is_control"; "value", "low" and "high" of the
            figure that ranks, its "reference", and "gap", how far it is behind that as a share of
            its scale; then other figures and the verdict of each group. Those that cannot be
            told apart from the first of a rank share it: chance would bring their difference one
            time in a hundred. Controls have no rank and stand where their figure puts them. The
            first line is real rows against real rows, the best there can be.
        """
        ranks = self._ranks()
        beside = [name for name in BESIDE if name != self.rank_by]
        lines = []
        for name in self._in_order():
            report, figure = self.reports[name], self.figure(name)
            others = {m.name: m.value for m in report.metrics if m.by is None and m.name in beside}
            lines.append(
                {
                    "rank": ranks.get(name),
                    "synthetic": name,
                    "is_control": name in self.controls,
                    "value": figure.value,
                    "low": figure.low,
                    "high": figure.high,
                    "reference": figure.reference,
                    "gap": figure.gap,
                    **{other: others[other] for other in beside if other in others},
                    **report.verdicts,
                }
            )
        frame = pd.DataFrame([self._real(lines[0]), *lines])
        return frame.astype({"rank": "Int64", "is_control": bool})

    def _real(self, like):
        """The line of real rows: the means of the references, which are nearly alike."""
        line = dict.fromkeys(like)
        for name in like:
            found = [
                metric.reference
                for report in self.reports.values()
                for metric in report.metrics
                if metric.by is None and metric.name == (self.rank_by if name == "value" else name)
            ]
            known = [value for value in found if value is not None and not np.isnan(value)]
            if known:
                line[name] = float(np.mean(known))
        facts = {"synthetic": REAL, "is_control": True, "reference": line["value"], "gap": 0.0}
        return {**line, **facts}

    def summary(self, *, detail: bool = False) -> pd.DataFrame:
        """Return the order and the figure that ranks, or all figures.

        Parameters
        ----------
        detail : bool, default=False
            All columns of `ranking`.

        Returns
        -------
        pandas.DataFrame
            One row a table: ``rank``, ``synthetic``, the figure with its 95 % interval ``low`` to
            ``high``, the same ``real against real``, and the verdict of each group.
        """
        ranking = self.ranking()
        if detail:
            return ranking
        words = [name for name in GROUPS if name in ranking]
        names = ["rank", "synthetic", "value", "low", "high", "reference", *words]
        told = {"value": self.rank_by, "reference": "real against real"}
        return ranking[names].rename(columns=told)

    def plot(self, *, ax: Any = None) -> Display:
        """Draw the figure that ranks, of every table, beside what real rows reach.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            What to draw on. Default: a new figure, which pyplot does not know.

        Returns
        -------
        Display
            With ``ax_`` and ``figure_``.
        """
        from gan_augment.report import figures

        order = self._in_order()
        frame = metrics_frame([replace(self.figure(name), label=name) for name in order])
        drawn = figures.metric_bars(frame, ax=ax)
        return Display.of(drawn, ax)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the answer, the figure that ranks, and the order."""
        from gan_augment.report.cards import ranking_card

        return ranking_card(self, self._unit)

    @property
    def answer(self) -> str:
        """Which one, by how much, in one line."""
        leaders = self.leaders
        if not leaders:
            return f"Nothing can be ranked: {self.rank_by} is unknown."
        return self._first_line(leaders)

    @property
    def details(self) -> str:
        """What does as well for nothing, and what the report of the best one says."""
        leaders = self.leaders
        parts = [*self._free(leaders[0]), *self._by_itself()] if leaders else []
        return " ".join(part for part in parts if part)

    def _first_line(self, leaders):
        best, rest = self.figure(leaders[0]), self.names[len(leaders) :]
        quoted = joined([f"“{name}”" for name in leaders])
        one_of, together = ("one of ", "they come") if len(leaders) > 1 else ("", "it comes")
        openings = {
            "good": f"Use {one_of}{quoted}: {together} nearest to real {self._unit}",
            "fair": f"Use {one_of}{quoted}, with care: {together} nearest to real {self._unit}",
            "poor": f"None is good yet; {quoted} {together.split()[1]} nearest to real "
            f"{self._unit}",
            "unknown": f"{quoted} {together.split()[1]} nearest to real {self._unit}",
        }
        text = f"{openings[self.tone]} ({beside_reference(best, self._unit)})"
        if len(leaders) > 1:
            text += ", too much alike to be told apart"
        if rest:
            text += f"; then “{rest[0]}”, {self.figure(rest[0]).value:z.2f}"
        return f"{text}."

    def _free(self, leader):
        """Controls that cost nothing and do as well as the best, or better."""
        best, better, alike = self.figure(leader), [], []
        for name in self.controls:
            figure = self.figure(name)
            if np.isnan(figure.value):
                continue
            if not figure.apart(best):
                alike.append(name)
            elif figure.gap < best.gap:
                better.append(name)
        return [
            f"The control{'s' * (len(names) > 1)} {joined([f'“{name}”' for name in names])} "
            f"{'do' if len(names) > 1 else 'does'} {how}, at no cost."
            for names, how in ((better, "better"), (alike, "as well"))
            if names
        ]

    def _by_itself(self):
        """What the report of the best one says of its groups."""
        best = self.leaders[0]
        report = self.reports[best]
        text = by_group(report.metrics)
        text = text[:1].lower() + text[1:]
        balance = report.samples.balance
        return [f"Of “{best}”: {text}", balance.sentence(self._unit) if balance else ""]

    @property
    def _unit(self):
        return next(iter(self.reports.values())).samples.unit

    @property
    def tone(self) -> str:
        """The worst word of the report of the best one; "unknown" where there is none."""
        return self.reports[self.leaders[0]].tone if self.leaders else "unknown"

    def to_frame(self) -> pd.DataFrame:
        """Return all figures of all tables as one tidy table.

        Returns
        -------
        pandas.DataFrame
            As `QualityReport.to_frame`, with the table's name in front as "synthetic".
        """
        frames = []
        for name, report in self.reports.items():
            frame = report.to_frame()
            frame.insert(0, "synthetic", name)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)

    def meets(self, requirements: str | Iterable[str]) -> list[str]:
        """Return which requirements fail for which table, each in a sentence.

        Parameters
        ----------
        requirements : str or list of str
            As `QualityReport.meets` takes them; controls need not meet them.

        Returns
        -------
        list of str
        """
        texts = [requirements] if isinstance(requirements, str) else list(requirements)
        return [
            f"{name}: {failure}"
            for name, report in self.reports.items()
            if name not in self.controls
            for failure in report.meets(texts)
        ]

    def _content(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "tone": self.tone,
            "rank_by": self.rank_by,
            "ranking": self.ranking(),
            "verdicts": {name: report.verdict for name, report in self.reports.items()},
            "metrics": self.to_frame(),
            "notes": list(self.notes),
            "settings": self.settings,
        }

    def _page(self) -> Any:
        from gan_augment.report.quality_ranking import ranking_page

        return ranking_page(self, self._unit)


def compare_quality(
    real: Any,
    synthetic: Mapping[str, Any],
    *,
    holdout: Any = None,
    target: Any = None,
    columns: Mapping[Any, str] | None = None,
    rank_by: str = "c2st",
    controls: bool = True,
    privacy: bool = True,
    sdmetrics: bool = False,
    anonymeter: bool = False,
    features: Callable[[np.ndarray], np.ndarray] | None = None,
    max_rows: int = MAX_ROWS,
    random_state: int | np.random.Generator | np.random.RandomState | None = None,
    verbose: int = 0,
) -> QualityComparison:
    """Rank several synthetic tables, or sets of images, made from one real one.

    Each gets its `quality_report`, on the same real rows and all on as many rows, since the
    number of rows moves every figure. They are ranked by how far one figure is behind its
    reference, and those that chance cannot tell apart share a rank.

    Parameters
    ----------
    real : table or images
        As for `quality_report`.
    synthetic : dict of {name: table or images}
        What is ranked.
    holdout : table or images, optional
        As for `quality_report`.
    target : name or tuple, optional
        The column to predict. Or ``(y_real, {name: y})``, with a holdout
        ``(y_real, {name: y}, y_holdout)``.
    columns : dict of {name: kind}, optional
        As for `quality_report`.
    rank_by : str, default="c2st"
        The metric that ranks: how well a model tells them from real rows sees all columns
        together. "tstr" ranks by what a model learns from them.
    controls : bool, default=True
        Whether to put beside them, without a rank, what costs nothing: "duplicates" of real rows
        and, for tables with a target of classes, rows interpolated by "SMOTE".
    privacy, sdmetrics, anonymeter : bool
        As for `quality_report`.
    features : callable, optional
        As for `quality_report`.
    max_rows : int, default=10_000
        Rows of each that are compared, at most: no more than the smallest of them has.
    random_state : int, Generator or RandomState, optional
        The same seed gives the same ranking.
    verbose : int, default=0
        If positive, print how far it is, see :doc:`/logging`.

    Returns
    -------
    QualityComparison

    Raises
    ------
    InputError
        As `quality_report`, and if there is nothing to rank, or `rank_by` is not measured.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> real, near, far = (rng.normal(mean, size=(300, 2)) for mean in (0, 0.1, 3))
    >>> found = compare_quality(real, {"far": far, "near": near}, random_state=0)
    >>> found.leaders, found.controls
    (['near'], ('duplicates',))
    """
    asked = Asked(privacy, sdmetrics, anonymeter, features, columns, max_rows)
    _refuse_names(synthetic)
    whole = isinstance(random_state, (int, np.integer))
    seed = random_state if whole else draw_seed(as_rng(random_state))
    samples: dict[str, TableSamples | ImageSamples] = {}
    for name, made in synthetic.items():
        try:
            own = _target_of(target, name)
            samples[name] = draw(real, made, holdout, own, asked, _rngs(seed)[0])
        except InputError as error:
            raise error.about(name) if error.argument == "synthetic" else error from None
    first = next(iter(samples.values()))
    _refuse_unmeasured(rank_by, first, asked)
    free, notes = _controls(first, asked, seed) if controls else ({}, [])
    samples |= free
    n = min(some.n for some in samples.values())
    reports = {}
    with shown(verbose), Work("Ranking", len(samples), "tables") as work:
        for name, some in samples.items():
            reports[name] = measure(replace(some, most=n), asked, _rngs(seed)[1:], seed)
            work.advance()
    notes = [*notes, *_shared_notes(reports, tuple(free))]
    settings = {**reports[next(iter(samples))].settings, "compared": ", ".join(synthetic)}
    return QualityComparison(reports, tuple(free), rank_by, tuple(notes), settings)


def _rngs(seed):
    return as_rng(seed).spawn(4)


def _refuse_names(synthetic):
    if not isinstance(synthetic, Mapping) or not synthetic:
        raise InputError(
            "holds nothing to rank", argument="synthetic", remedy="pass a dict of {name: table}"
        )
    for name in synthetic:
        if not isinstance(name, str) or name in (DUPLICATES, SMOTE, REAL):
            raise InputError(
                f"names a table {name!r}",
                argument="synthetic",
                remedy=f"use texts other than {DUPLICATES!r}, {SMOTE!r} and {REAL!r}",
            )


def _target_of(target, name):
    """Return the target of one comparison."""
    if not isinstance(target, (tuple, list)):
        return target
    if len(target) < 2 or not isinstance(target[1], Mapping) or name not in target[1]:
        raise InputError(
            f"holds no y of {name!r}",
            argument="target",
            remedy="pass the name of a column, or (y_real, {name: y}), with a holdout its y last",
        )
    return (target[0], target[1][name], *target[2:])


def _refuse_unmeasured(rank_by, samples, asked):
    """Refuse a figure that ranks and will not be measured."""
    is_image = isinstance(samples, ImageSamples)
    known = IMAGES if is_image else TABLES
    has_target = samples.class_codes("real") is not None or getattr(samples, "target_kind", None)
    given = {
        "target": has_target,
        "holdout": samples.has_holdout,
        "privacy": asked.privacy,
        "sdmetrics": asked.sdmetrics,
        "anonymeter": asked.anonymeter,
    }
    if rank_by not in known:
        raise InputError.of(
            "rank_by", rank_by, "is no metric of these data", f"use one of {', '.join(known)}"
        )
    lacking = [need for need in known[rank_by].needs if not given[need]]
    if lacking:
        raise InputError.of(
            "rank_by",
            rank_by,
            f"is not measured without {joined(lacking)}",
            "pass it, or rank by another figure",
        )


def _controls(samples, asked, seed):
    """Return what is compared of each control that applies, and why others do not."""
    rng = as_rng(seed).spawn(1)[0]
    size = min(len(samples.frames["synthetic"]), asked.max_rows)
    found, notes = {}, []
    for name in (DUPLICATES, SMOTE):
        try:
            sides = free_rows(name, samples, size, rng)
        except InputError as error:
            notes.append(f"{name} does not apply: {error.reason}.")
            continue
        if sides is not None:
            *sides, target = sides
            kept = {key: kind for key, kind in (asked.columns or {}).items() if key in sides[0]}
            own = replace(asked, columns=kept or None)
            found[name] = draw(*sides, target, own, _rngs(seed)[0])
    return found, notes


def _shared_notes(reports, controls):
    """Return what reports note: once where all of them do, else with the name in front."""
    own = {name: report.notes for name, report in reports.items() if name not in controls}
    every = dict.fromkeys(note for notes in own.values() for note in notes)
    found = []
    for note in every:
        holders = [name for name, notes in own.items() if note in notes]
        found.append(note if len(holders) == len(own) else f"{joined(holders)}: {note}")
    sizes = {report.samples.n for report in reports.values()}
    unit = next(iter(reports.values())).samples.unit
    told = f"{min(sizes):,}" if len(sizes) == 1 else f"{min(sizes):,} to {max(sizes):,}"
    return [f"All are judged on {told} {unit}, as many as the smallest has.", *found]

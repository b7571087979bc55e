"""Is this synthetic data good? Four groups of figures, each beside real data against real data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from gan_augment.containers import is_images
from gan_augment.evaluation import images, metric_groups
from gan_augment.evaluation.answer import (
    FEW_ROWS,
    attack_note,
    group_verdicts,
    importance_note,
    sentences,
    tone,
)
from gan_augment.evaluation.impossible import relation_note
from gan_augment.evaluation.peer_score import sdmetrics_score
from gan_augment.evaluation.requirements import Requirement
from gan_augment.evaluation.results import Metric, Result, metrics_frame, whole_in_words
from gan_augment.evaluation.samples import MIN_ROWS, TableSamples, draw_tables
from gan_augment.exceptions import InputError
from gan_augment.generators.parameters import check_flag, is_whole_number, refuse
from gan_augment.process.progress import Work, shown
from gan_augment.process.randomness import as_rng
from gan_augment.report.display import Display

#: Rows of each table that are compared, where there are more.
MAX_ROWS = 10_000


@dataclass(frozen=True, repr=False)
class QualityReport(Result):
    """How good a synthetic table, or set of images, is: figures with references, and why.

    `quality_report` returns it.

    Parameters
    ----------
    metrics : tuple of Metric
        All figures; those with ``by=None`` are about the whole table.
    tables : dict of {str: pandas.DataFrame}
        What lies behind them: "columns", "pairs", "telling_columns", "violations", "relations",
        "implausible_rows", "uncovered_rows", "rare_categories", and, where measured,
        "utility", "importances", "nearest_neighbours" and "membership_attack". Worst first. Of
        images only "implausible_rows", "uncovered_rows", "utility" and "nearest_neighbours", with
        positions. "classes" where the synthetic rows have another class balance.
    notes : tuple of str
        What was left out, subsampled or is not promised.
    settings : dict
        Rows, seed, target and the kind of reference.
    samples : TableSamples or ImageSamples
        The rows that were compared.

    Attributes
    ----------
    verdict : str
        The answer in words: `answer`, one line, and `details`.
    verdicts : dict of {group: str}
        "good", "fair", "poor" or "unknown" for each group measured.
    tone : str
        The worst of them.
    few_rows : bool
        Whether fewer than 100 rows of each table were compared.
    frames : dict of {str: pandas.DataFrame}
        The tables compared, "real" and "synthetic"; of images the arrays.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from gan_augment import quality_report
    >>> X = load_iris(as_frame=True).data
    >>> report = quality_report(X[::2], X[::2], random_state=0)
    >>> report.metric("exact_copies").value
    1.0
    """

    schema: ClassVar[str] = "quality/1"

    metrics: tuple[Metric, ...]
    tables: dict[str, pd.DataFrame]
    notes: tuple[str, ...]
    settings: dict[str, Any]
    samples: TableSamples | images.ImageSamples = field(compare=False)

    @property
    def frames(self) -> dict[str, Any]:
        """The tables compared, as frames with the same columns; of images the arrays."""
        return {name: self.samples.frames[name] for name in ("real", "synthetic")}

    @property
    def verdicts(self) -> dict[str, str]:
        """One word a group: that of its worst figure about the whole table."""
        return group_verdicts(self.metrics)

    @property
    def answer(self) -> str:
        """The answer in one plain line, with the worst figure."""
        return self._sentences()[0]

    @property
    def details(self) -> str:
        """What to know of the answer, and a word a group."""
        return " ".join(self._sentences()[1:])

    def _sentences(self):
        samples = self.samples
        balance = samples.balance.sentence(samples.unit) if samples.balance else ""
        return sentences(self.metrics, samples.n, samples.unit, balance)

    @property
    def tone(self) -> str:
        """The worst verdict of all, "good", "fair" or "poor"; "unknown" where little is known.

        That is so where no figure could be judged, and where all are good but so `few_rows` were
        compared that all but gross faults pass.
        """
        word = tone(self.metrics)
        return "unknown" if word == "good" and self.few_rows else word

    @property
    def few_rows(self) -> bool:
        """Whether so few rows were compared, under 100, that all but gross faults pass."""
        return self.samples.n < FEW_ROWS

    def to_frame(self) -> pd.DataFrame:
        """Return all figures as a tidy table, one row each.

        Returns
        -------
        pandas.DataFrame
            See `metrics_frame`.
        """
        return metrics_frame(self.metrics)

    def metric(self, name: str, by: str | None = None) -> Metric:
        """Return one figure.

        Parameters
        ----------
        name : str
            Also as requirements spell it, "ks[age]".
        by : str, optional
            A column, class or learner.

        Returns
        -------
        Metric

        Raises
        ------
        InputError
            If it was not measured.
        """
        for found in self.metrics:
            if found.name == name and found.by == by:
                return found
        known = ", ".join(dict.fromkeys(m.name for m in self.metrics))
        if by is None and isinstance(name, str) and name.endswith("]"):
            return self.metric(*name[:-1].split("[", 1))
        what = repr(name) if by is None else f"{name!r} by {by!r}"
        raise InputError(f"There is no metric {what}", remedy=f"use one of {known}")

    def meets(self, requirements: str | Iterable[str]) -> list[str]:
        """Return which requirements fail, each in a sentence.

        Parameters
        ----------
        requirements : str or list of str
            Such as "c2st<=0.8" or, for one column, "ks[age]>=0.9". The figure itself is
            compared, not its interval; one that is NaN fails.

        Returns
        -------
        list of str
            Empty if all hold.

        Raises
        ------
        InputError
            If a requirement cannot be read or names no metric of this report.
        """
        texts = [requirements] if isinstance(requirements, str) else list(requirements)
        failures = [Requirement.parse(text).failure(self.metrics) for text in texts]
        return [failure for failure in failures if failure]

    def explain(self, row: int, k: int = 3) -> pd.DataFrame:
        """Return a synthetic row beside its nearest real rows.

        Parameters
        ----------
        row : int
            Position in the synthetic table.
        k : int, default=3
            Real rows beside it.

        Returns
        -------
        pandas.DataFrame
            One line a column: the synthetic row, the real rows, nearest first, and "gap", the
            distance to the nearest in that column. Of images one line a neighbour: "real_row",
            its position, "distance", and perhaps "class".
        """
        samples = self.samples
        n = len(samples.frames["synthetic"])
        if not 0 <= row < n:
            raise InputError.of(
                "row", row, f"is not in the synthetic {samples.whole}", f"pass 0 to {n - 1}"
            )
        return samples.beside(int(row), k)

    def summary(self, *, detail: bool = False) -> pd.DataFrame:
        """Return the figures about the whole table, or set, in words.

        Parameters
        ----------
        detail : bool, default=False
            All figures, those of single columns, classes and learners too, with all fields, as
            `to_frame`.

        Returns
        -------
        pandas.DataFrame
            One row a figure: its ``group``, its ``figure`` in words and its ``name``, the
            ``value`` with its 95 % interval ``low`` to ``high``, the same figure ``real against
            real``, the ``verdict`` and perhaps a ``remark``.
        """
        return self.to_frame() if detail else whole_in_words(self.metrics)

    def plot(self, *, ax: Any = None) -> Display:
        """Draw the figures about the whole table beside their references.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            What to draw on. Default: a new figure, which pyplot does not know;
            ``plot().savefig("quality.png")`` writes it.

        Returns
        -------
        Display
            With ``ax_`` and ``figure_``.
        """
        from gan_augment.report import figures

        return Display.of(figures.metric_bars(self.to_frame(), ax=ax), ax)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the answer, the figures, and what to know of them."""
        from gan_augment.report.cards import quality_card

        return quality_card(self)

    def _content(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "verdicts": self.verdicts,
            "settings": self.settings,
            "metrics": list(self.metrics),
            "tables": {
                name: table.reset_index() if table.index.name else table
                for name, table in self.tables.items()
            },
            "notes": list(self.notes),
        }

    def _page(self) -> Any:
        return self.samples.page(self)


def quality_report(
    real: Any,
    synthetic: Any,
    *,
    holdout: Any = None,
    target: Any = None,
    columns: Mapping[Any, str] | None = None,
    privacy: bool = True,
    sdmetrics: bool = False,
    anonymeter: bool = False,
    features: Callable[[np.ndarray], np.ndarray] | None = None,
    max_rows: int = MAX_ROWS,
    random_state: int | np.random.Generator | np.random.RandomState | None = None,
    verbose: int = 0,
) -> QualityReport:
    """Compare a synthetic table, or set of images, with the real one it was made from.

    Every figure stands beside its reference, the same figure between real rows and other real
    rows, on the same number of rows: of the `holdout` if there is one, else of two halves of
    the real rows. And every figure has a 95 % interval.

    Parameters
    ----------
    real, synthetic : table of n_samples rows
        pandas, polars, pyarrow or an array, not necessarily both of a kind. The same columns in
        any order; those of a bare array go by position. `real` is what the generator was
        fitted on. Or arrays of images of shape (n, h, w), (n, h, w, c) or (n, c, h, w), for
        which see :doc:`/metrics`, "Images".
    holdout : table, optional
        Real rows the generator did not see. Without it there is no membership attack, and the
        distance figures are weaker.
    target : name or tuple of arrays, optional
        The column to predict, for the group "utility"; or ``(y_real, y_synthetic)``, with a
        holdout ``(y_real, y_synthetic, y_holdout)``. Of images, class labels as such a tuple.
    columns : dict of {name: kind}, optional
        Kinds chosen by hand, as in `Schema.infer`: "category" for labels, "ignore" to leave a
        column out.
    privacy : bool, default=True
        Measure the group "privacy", the membership attack beside rows interpolated as SMOTE does
        and rows of one Gaussian: :doc:`/privacy`. False leaves it out.
    sdmetrics : bool, default=False
        Add the overall score of sdmetrics' QualityReport, which has to be installed.
    anonymeter : bool, default=False
        Add the singling-out risk of anonymeter, which has to be installed. It takes a holdout.
    features : callable, optional
        Only for images: what they are compared by in place of random convolutions, such as the
        network of your field. A function from float32 images of shape (n, channels, height,
        width) in 0 to 1 to an array of shape (n, w).
    max_rows : int, default=10_000
        Rows of each table that are compared, drawn at random. Metrics on neighbours use at most
        5,000; copies and violations are looked for in all rows. Of images 2,000 at most.
    random_state : int, Generator or RandomState, optional
        The same seed gives the same report. Global generators are left alone.
    verbose : int, default=0
        If positive, print how far it is, see :doc:`/logging`.

    Returns
    -------
    QualityReport

    Raises
    ------
    InputError
        If the tables have different columns or fewer than 10 rows, `target` is no column, or a
        package that was asked for is not installed.

    Notes
    -----
    Rows made with another class balance, as `GANAugmenter` makes them by default, are compared
    within classes: where the shares differ by more than five points in all and beyond chance
    (chi-square, p below .001), as many rows of each class are taken of every side as all sides
    have, none twice. Only violations, copies and what a holdout says of privacy stay with all
    rows. It takes a `target` of classes; the verdict says so.

    Intervals are analytic where there is a formula: Wilson's for impossible and copied rows,
    Hanley and McNeil's for areas under the ROC curve, the delta method for R squared, and others
    (see the functions of the metrics). Means over columns and over pairs have those of a
    jackknife that leaves out a tenth of the rows at a time, the membership attack that of 200
    resamples, the agreement of importances the spread over models of thirds of the rows. They
    say how far sampling alone moves a figure. Its reference wavers too: verdicts take the errors
    of both, see `Metric`.

    Wide tables cost more. What gives rows away and what models rely on are found by predicting
    75,000 shuffled rows a model at most: the more columns beyond 50, the fewer rows each is
    judged on.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> real, synthetic = rng.normal(size=(300, 2)), rng.normal(3, size=(300, 2))
    >>> report = quality_report(real, synthetic, privacy=False, random_state=0)
    >>> report.verdicts["fidelity"], report.meets("c2st<=0.8")
    ('poor', ['c2st is 0.998 (real against real 0.510), required <= 0.8'])
    """
    asked = Asked(privacy, sdmetrics, anonymeter, features, columns, max_rows)
    rngs = as_rng(random_state).spawn(4)
    samples = draw(real, synthetic, holdout, target, asked, rngs[0])
    seed = random_state if isinstance(random_state, (int, np.integer)) else None
    with shown(verbose):
        return measure(samples, asked, rngs[1:], seed)


@dataclass(frozen=True)
class Asked:
    """What of a report is optional, as `quality_report` takes it.

    Parameters
    ----------
    privacy, sdmetrics, anonymeter : bool
    features : callable or None
    columns : dict of {name: kind} or None
    max_rows : int
    """

    privacy: bool = True
    sdmetrics: bool = False
    anonymeter: bool = False
    features: Callable[[np.ndarray], np.ndarray] | None = None
    columns: Mapping[Any, str] | None = None
    max_rows: int = MAX_ROWS

    def __post_init__(self):
        check_flag("privacy", self.privacy)
        check_flag("anonymeter", self.anonymeter)
        if not is_whole_number(self.max_rows) or self.max_rows < MIN_ROWS:
            refuse("max_rows", self.max_rows, f"an integer of {MIN_ROWS} or more")


def draw(
    real: Any,
    synthetic: Any,
    holdout: Any,
    target: Any,
    asked: Asked,
    rng: np.random.Generator,
) -> TableSamples | images.ImageSamples:
    """Return what is compared, as `quality_report` takes it; nothing is measured yet.

    Raises
    ------
    InputError
        If it cannot be compared, or was asked for what such data do not have.
    """
    sides, drawn = (real, synthetic, holdout), {"max_rows": int(asked.max_rows), "rng": rng}
    if any(is_images(side) for side in sides):
        peers = {"sdmetrics": asked.sdmetrics, "anonymeter": asked.anonymeter}
        _refuse("images", columns=asked.columns, **peers)
        return images.draw_images(*sides, target=target, **drawn)
    _refuse("tables", features=asked.features)
    if asked.anonymeter and (holdout is None or not asked.privacy):
        raise InputError.of(
            "anonymeter",
            True,
            "takes a holdout and the group privacy",
            "pass real rows that the generator has not seen as holdout, and leave privacy in",
        )
    return draw_tables(*sides, target=target, columns=asked.columns, **drawn)


def measure(
    samples: TableSamples | images.ImageSamples,
    asked: Asked,
    rngs: Sequence[np.random.Generator],
    seed: int | None = None,
) -> QualityReport:
    """Return the report on what was drawn.

    Parameters
    ----------
    samples : TableSamples or ImageSamples
    asked : Asked
    rngs : sequence of three numpy.random.Generator
    seed : int, optional
        For the settings.
    """
    own = {}
    # Trees this small wait for each other longer than they compute on several threads, and on a
    # busy machine ten times as long. OpenMP keeps the limit for this thread alone.
    with threadpool_limits(1, user_api="openmp"):
        if isinstance(samples, images.ImageSamples):
            found, notes = _measured_images(samples, asked, rngs)
            own["features"] = "the caller's" if asked.features else "random convolutions"
        else:
            found, notes = _measured_tables(samples, asked, rngs)
    if asked.sdmetrics:
        found.append(([sdmetrics_score(samples)], {}))
    if samples.balance:
        found.insert(0, ([], {"classes": samples.balance.counts}))
    return QualityReport(
        metrics=tuple(metric for metrics, _ in found for metric in metrics),
        tables={
            name: frame if frame.index.name else frame.reset_index(drop=True)
            for _, frames in found
            for name, frame in frames.items()
        },
        notes=samples.notes(notes, asked.privacy),
        settings={**samples.settings(), **own, "random_state": seed},
        samples=samples,
    )


def _refuse(compared, **arguments):
    """Refuse arguments that the other kind of data takes."""
    other = {"images": "tables", "tables": "images"}[compared]
    for name, given in arguments.items():
        if given is not None and given is not False:
            raise InputError(
                f"is for {other}, and these are {compared}", argument=name, remedy="leave it out"
            )


def _measured_tables(samples, asked, rngs):
    """Return the metrics and tables of each group, and what to say of them."""
    useful = samples.target is not None and len(samples.features) > 1
    with Work("Measuring", 2 + useful + asked.privacy, "groups of figures") as work:
        found = [metric_groups.fidelity(samples, rngs[0])]
        notes = relation_note(found[0][1]["relations"])
        work.advance()
        found.append(metric_groups.diversity(samples))
        work.advance()
        if useful:
            found.append(metric_groups.utility(samples, rngs[1]))
            notes += importance_note(samples)
            work.advance()
        if asked.privacy:
            metrics, tables = metric_groups.privacy_group(samples, rngs[2], asked.anonymeter)
            found.append((metrics, tables))
            if "membership_attack" in tables:
                notes.append(attack_note(tables["membership_attack"]))
            work.advance()
    return found, notes


def _measured_images(samples, asked, rngs):
    """Return the metrics and tables of each group, and what to say of them."""
    labeled = samples.codes is not None
    with Work("Measuring", 2 + labeled + asked.privacy, "groups of figures") as work:
        views = images.views_of(samples, asked.features, rngs[0])
        found = [images.fidelity(samples, views, rngs[0])]
        work.advance()
        found.append(images.diversity(samples, views))
        work.advance()
        if labeled:
            found.append(images.utility(samples, rngs[1]))
            work.advance()
        if asked.privacy:
            found.append(images.privacy_group(samples, views, rngs[2]))
            work.advance()
    return found, images.learning_note(samples, views)

"""Is this synthetic data good? Four groups of figures, each beside real data against real data."""

from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits

from gan_augment.containers import is_images
from gan_augment.evaluation import groups
from gan_augment.evaluation.answer import FEW_ROWS, answer, group_verdicts, notes_of
from gan_augment.evaluation.explanation import side_by_side
from gan_augment.evaluation.fidelity_group import fidelity
from gan_augment.evaluation.image_quality import measure_images
from gan_augment.evaluation.image_samples import ImageSamples
from gan_augment.evaluation.peer_score import sdmetrics_score
from gan_augment.evaluation.requirements import Requirement
from gan_augment.evaluation.results import metrics_frame, plain, to_json
from gan_augment.evaluation.samples import MIN_ROWS, draw_samples
from gan_augment.exceptions import InputError
from gan_augment.process.randomness import as_rng
from gan_augment.report.display import Display

SCHEMA = "quality/1"

#: Rows of each table that are compared, where there are more.
MAX_ROWS = 10_000


@dataclass(frozen=True)
class QualityReport:
    """How good a synthetic table, or set of images, is: figures with references, and why.

    `quality_report` returns it.

    Parameters
    ----------
    metrics : tuple of Metric
        All figures; those with ``by=None`` are about the whole table.
    tables : dict of {str: pandas.DataFrame}
        What lies behind them: "columns", "pairs", "telling_columns", "violations",
        "implausible_rows", "uncovered_rows", "rare_categories", and, where measured,
        "utility", "importances", "nearest_neighbours" and "membership_attack". Worst first. Of
        images only "implausible_rows", "uncovered_rows", "utility" and "nearest_neighbours", with
        positions.
    notes : tuple of str
        What was left out, subsampled or is not promised.
    settings : dict
        Rows, seed, target and the kind of reference.
    samples : Samples or ImageSamples
        The rows that were compared.

    Attributes
    ----------
    verdict : str
        The answer in words.
    verdicts : dict of {group: str}
        "good", "fair" or "poor" for each group measured.
    few_rows_ : bool
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

    metrics: tuple
    tables: dict = field(repr=False)
    notes: tuple = field(repr=False)
    settings: dict = field(repr=False)
    samples: object = field(repr=False, compare=False)

    def __repr__(self):
        return f"QualityReport({self.verdict})"

    @property
    def _of_images(self):
        return isinstance(self.samples, ImageSamples)

    @property
    def frames(self):
        """The tables compared, as frames with the same columns."""
        return {name: self.samples.frames[name] for name in ("real", "synthetic")}

    @property
    def verdicts(self):
        """One word a group: that of its worst figure about the whole table."""
        return group_verdicts(self.metrics)

    @property
    def verdict(self):
        """The answer in words, with the worst figure of each group that is not good."""
        return answer(self.metrics, self.samples.n, "images" if self._of_images else "rows")

    @property
    def few_rows_(self):
        """Whether so few rows were compared, under 100, that all but gross faults pass."""
        return self.samples.n < FEW_ROWS

    def to_frame(self):
        """Return all figures as a tidy table, one row each.

        Returns
        -------
        pandas.DataFrame
            See `metrics_frame`.
        """
        return metrics_frame(self.metrics)

    def metric(self, name, by=None):
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
        raise InputError(f"There is no metric {what}: use one of {known}.")

    def meets(self, requirements):
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

    def explain(self, row, k=3):
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
        s, n = self.samples, len(self.samples.frames["synthetic"])
        if not 0 <= row < n:
            raise InputError(f"row={row!r} is not in the synthetic table: pass 0 to {n - 1}.")
        if self._of_images:
            return s.beside(int(row), k)
        frames = s.frames["synthetic"], s.frames["real"]
        return side_by_side(
            s.features, s.scaler(), s.all_synthetic, s.all_real, frames, int(row), k
        )

    def plot(self):
        """Draw the figures about the whole table beside their references.

        Returns
        -------
        Display
            With ``ax_`` and ``figure_``.
        """
        from gan_augment.report import figures

        figure = figures.metric_bars(self.to_frame())
        return Display(figure, getattr(figure, "ax_", None) or figure.axes[0])

    def to_json(self, path=None):
        """Return the report as JSON text, and write it if there is a path.

        Parameters
        ----------
        path : str or Path, optional

        Returns
        -------
        str
        """
        content = {
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
        return to_json(SCHEMA, plain(content), path)

    def to_html(self, path=None):
        """Return the report page, and write it if there is a path.

        Parameters
        ----------
        path : str or Path, optional

        Returns
        -------
        str
            One self-contained page.
        """
        from gan_augment.report.images import image_page
        from gan_augment.report.tables import quality_page

        page = (image_page if self._of_images else quality_page)(self)
        if path is not None:
            page.save(path)
        return page.to_html()


def quality_report(
    real,
    synthetic,
    *,
    holdout=None,
    target=None,
    columns=None,
    privacy="report",
    sdmetrics=False,
    features=None,
    max_rows=MAX_ROWS,
    random_state=None,
):
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
    privacy : {"report", None}, default="report"
        Measure the group "privacy", the membership attack beside rows interpolated as SMOTE does
        and rows of one Gaussian: :doc:`/privacy`. None leaves it out. True and False
        mean the same.
    sdmetrics : bool, default=False
        Add the overall score of sdmetrics' QualityReport.
    features : callable, optional
        Only for images: what they are compared by in place of random convolutions, such as the
        network of your field. A function from float32 images of shape (n, channels, height,
        width) in 0 to 1 to an array of shape (n, w).
    max_rows : int, default=10_000
        Rows of each table that are compared, drawn at random. Metrics on neighbours use at most
        5,000; copies and violations are looked for in all rows. Of images 2,000 at most.
    random_state : int, Generator or RandomState, optional
        The same seed gives the same report. Global generators are left alone.

    Returns
    -------
    QualityReport

    Raises
    ------
    InputError
        If the tables have different columns or fewer than 10 rows, or `target` is no column.

    Notes
    -----
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
    >>> report = quality_report(real, synthetic, privacy=None, random_state=0)
    >>> report.verdicts["fidelity"], report.meets("c2st<=0.8")
    ('poor', ['c2st is 0.998 (real against real 0.510), required <= 0.8'])
    """
    whole = isinstance(max_rows, (int, np.integer)) and not isinstance(max_rows, bool)
    if not whole or max_rows < MIN_ROWS:
        raise InputError(
            f"max_rows={max_rows!r} is too few: pass an integer of {MIN_ROWS} or more."
        )
    if privacy not in ("report", None, True, False):
        raise InputError(f"privacy={privacy!r} is unknown: pass 'report' or None.")
    rngs = as_rng(random_state).spawn(4)
    options = {"target": target, "privacy": privacy, "max_rows": int(max_rows), "rngs": rngs}
    seed = random_state if isinstance(random_state, (int, np.integer)) else None
    if any(is_images(side) for side in (real, synthetic, holdout)):
        if columns is not None or sdmetrics:
            raise InputError("columns and sdmetrics are for tables: leave them out for images.")
        sides = real, synthetic, holdout
        with threadpool_limits(1, user_api="openmp"):
            *found, settings, samples = measure_images(*sides, features=features, **options)
        metrics, tables, notes = found
        settings |= {"random_state": seed}
        return QualityReport(tuple(metrics), tables, notes, settings, samples)
    if features is not None:
        raise InputError("features is for images, and these are tables: leave it out.")
    samples = draw_samples(
        real,
        synthetic,
        holdout,
        target=target,
        columns=columns,
        max_rows=int(max_rows),
        rng=rngs[0],
    )
    # Trees this small wait for each other longer than they compute on several threads, and on a
    # busy machine ten times as long. OpenMP keeps the limit for this thread alone.
    with threadpool_limits(1, user_api="openmp"):
        metrics, tables = _measure(samples, privacy, rngs)
    if sdmetrics:
        metrics.append(sdmetrics_score(samples))
    settings = {
        "real_rows": len(samples.all_real),
        "synthetic_rows": len(samples.all_synthetic),
        "holdout_rows": len(samples.all_fresh) if samples.has_holdout else None,
        "rows_compared": samples.n,
        "reference": samples.kind,
        "columns": len(samples.features),
        "target": samples.target,
        "random_state": seed,
    }
    notes = notes_of(samples, privacy, tables.get("membership_attack"))
    return QualityReport(tuple(metrics), tables, notes, settings, samples)


def _measure(samples, privacy, rngs):
    """Return the metrics and tables of all groups."""
    found = [fidelity(samples, rngs[1]), groups.diversity(samples)]
    if samples.target is not None and len(samples.features) > 1:
        found.append(groups.utility(samples, rngs[2]))
    if privacy:
        found.append(groups.privacy_group(samples, rngs[3]))
    metrics, tables = [], {}
    for some, more in found:
        metrics += some
        tables |= {
            name: table if table.index.name else table.reset_index(drop=True)
            for name, table in more.items()
        }
    return metrics, tables

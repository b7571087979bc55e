"""The result of a comparison: every score of every fold, and what can be concluded from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from gan_augment.evaluation.ranking import rank_ways
from gan_augment.evaluation.results import Result, by_cell, from_json
from gan_augment.evaluation.subgroups import subgroup_lift
from gan_augment.evaluation.verdict import DECIDED, FEW_ROWS, Advice, verdict_of
from gan_augment.exceptions import InputError
from gan_augment.report.display import Display
from gan_augment.report.figures import pooled_bins
from gan_augment.selection.calibration import calibration_error
from gan_augment.selection.controls import CONTROLS
from gan_augment.selection.statistics import (
    corrected_interval,
    holm,
    rope_probabilities,
    wins_ties_losses,
)

SURE = 0.95

#: One row of the frame for each of these, and what it holds.
COLUMNS = {
    "estimator": "str",
    "augmenter": "str",
    "n_samples": "object",
    "n_synthetic": "int64",
    "train_size": "float64",
    "n_train": "int64",
    "fold": "int64",
    "scorer": "str",
    "score": "float64",
    "augment_seconds": "float64",
    "fit_seconds": "float64",
    "score_seconds": "float64",
    "test_to_train": "float64",
    "reason": "str",
    "error": "str",
}
_CELL = ["estimator", "augmenter", "n_samples", "train_size", "scorer"]

_WAY = {name: COLUMNS[name] for name in ("estimator", "augmenter", "n_samples", "train_size")}

#: The same of calibration: one row for each bin of a fold.
CALIBRATION = {
    **_WAY,
    "fold": "int64",
    "bin": "int64",
    "n": "int64",
    "predicted": "float64",
    "observed": "float64",
}

#: The same of subgroups: one row for each score on a part of the test rows.
SUBGROUPS = {
    **_WAY,
    "fold": "int64",
    "scorer": "str",
    "group": "str",
    "n_test": "int64",
    "score": "float64",
    "test_to_train": "float64",
    "reason": "str",
}


@dataclass(frozen=True, eq=False, repr=False)
class AugmentationComparison(Result):
    """Scores of models with and without synthetic rows, on the same folds.

    `compare_augmentations` returns it.

    Parameters
    ----------
    frame : DataFrame
        What `to_frame` returns.
    rope : float or dict of str to float
        The difference that makes none in practice, for all scorers or each.
    settings : dict
        How the comparison was made: rows, seed, folds and the like.
    calibration : DataFrame
        How true probabilities are: a row for each estimator, augmenter, amount, training size,
        fold and ``bin`` of the probability (0 to 9, a tenth each), with its ``n`` rows, the mean
        probability ``predicted`` and the share ``observed``. With two classes it is about the
        rarer one, with more about the class that is predicted. Empty where no estimator gives
        probabilities.
    subgroups : DataFrame
        Scores on parts of the test rows, the ``group``; empty where none were asked for.

    Attributes
    ----------
    verdict : str
        The answer in words: `answer`, one sentence, and `details`. It can be "Do not augment".
    advice : {"augment", "use a control", "do not augment", "nothing compared"}
        The answer for programs.
    scorers_ : list of str
        The scorers, in the order they were asked for.
    primary_ : tuple of str
        Those the verdict stands on: the first, by default ROC AUC and log loss.
    augmenters_ : list of str
        What was compared, the controls included.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.naive_bayes import GaussianNB
    >>> from gan_augment import SMOTEGenerator, compare_augmentations
    >>> X, y = load_iris(return_X_y=True)
    >>> found = compare_augmentations(
    ...     GaussianNB(), X, y, {"smote k=3": SMOTEGenerator(k_neighbors=3)}, random_state=0
    ... )
    >>> found.augmenters_
    ['none', 'duplicates', 'SMOTE', 'jitter', 'class weights', 'tuned threshold', 'smote k=3']
    """

    schema: ClassVar[str] = "comparison/3"

    frame: pd.DataFrame
    rope: float | Mapping[str, float] = 0.01
    settings: dict = field(default_factory=dict)
    calibration: pd.DataFrame = field(default_factory=lambda: as_frame([], CALIBRATION))
    subgroups: pd.DataFrame = field(default_factory=lambda: as_frame([], SUBGROUPS))

    @property
    def scorers_(self) -> list[str]:
        """The scorers, in the order they were asked for."""
        return self.frame["scorer"].unique().tolist()

    @property
    def primary_(self) -> tuple[str, ...]:
        """The scorers that the verdict stands on."""
        return tuple(self.settings.get("primary") or self.scorers_[:1])

    @property
    def augmenters_(self) -> list[str]:
        """The augmenters, controls first."""
        names = self.frame["augmenter"].unique().tolist()
        first = [name for name in ("none", *CONTROLS) if name in names]
        return first + [name for name in names if name not in first]

    @property
    def answer(self) -> str:
        """What to do, in one sentence, about the primary scorers."""
        return self._verdict.answer

    @property
    def details(self) -> str:
        """The figures beside the answer, in sentences."""
        return self._verdict.details

    @property
    def advice(self) -> Advice:
        """What the verdict comes to."""
        return self._verdict.advice

    @cached_property
    def _verdict(self):
        return verdict_of(self)

    def to_frame(self) -> pd.DataFrame:
        """Return every score of every fold.

        Returns
        -------
        DataFrame
            One row for each estimator, augmenter, amount, training size, fold and scorer:
            ``estimator, augmenter, n_samples`` (as asked for; 0 for none), ``n_synthetic``
            (rows added), ``train_size`` (as asked for; 1.0 for all rows), ``n_train`` (real
            training rows), ``fold, scorer, score`` (NaN where it failed or is undefined),
            ``augment_seconds`` (fitting the generator and making the rows, shared by all
            estimators and amounts), ``fit_seconds, score_seconds, test_to_train``, ``reason``:
            why there is no score ("failed", "does not apply" where a control cannot be used on
            such data, "undefined"), else "", and ``error``: the text of it.
        """
        return self.frame.copy()

    def summary(
        self, against: str = "none", *, confidence: float = 0.95, detail: bool = False
    ) -> pd.DataFrame:
        """Return what every augmenter changed, with its uncertainty.

        Parameters
        ----------
        against : str, default="none"
            The augmenter all others are compared with, fold by fold: a control or any other. At
            the same amount, if it adds rows.
        confidence : float, default=0.95
            Of the intervals.
        detail : bool, default=False
            All columns; otherwise those that the answer is read from.

        Returns
        -------
        DataFrame
            One row for each estimator, augmenter, amount ``n_samples``, training size (left out
            where there is one) and scorer. ``score`` and ``baseline`` are means over the folds in
            which both are known; ``difference`` is the mean paired difference, with corrected
            interval ``low`` to ``high``. In detail also its ``p_value``; ``p_holm``, adjusted for
            all rows of its scorer; ``worse, equal, better``, probabilities under `rope`; ``wins,
            ties, losses``, which count folds, as do ``n_folds``, ``n_failed`` and ``n_undefined``
            (the score is NaN without an error); ``n_synthetic, n_train``, seconds and errors.
            ``decision`` is "equal" if a difference beyond the rope is less than 5 % probable and
            there are 50 rows or more, else "better" or "worse" if ``p_holm`` is at most 0.05 and
            the difference beyond the rope, else "undecided". Without two folds to compare it is
            "does not apply", "failed" or "not compared"; for the row compared with itself
            "reference".

        Raises
        ------
        InputError
            If there is no such augmenter, or `confidence` is no share.
        """
        if against not in self.augmenters_:
            raise InputError.of(
                "against", against, "was not compared", f"pass one of {self.augmenters_}"
            )
        base = self.frame[self.frame["augmenter"] == against]
        keys = ["estimator", "train_size", "scorer", "fold"]
        keys += ["n_samples"] if (base["n_samples"] != 0).any() else []
        base = base.set_index(keys)["score"].rename("baseline")
        paired = self.frame.join(base, on=keys)
        table = by_cell(paired, _CELL, lambda cell: self._summary_row(cell, confidence))
        is_base = table["augmenter"] == against
        table.loc[is_base, ["low", "high", "p_value", "worse", "equal", "better"]] = math.nan
        table["p_holm"] = table.groupby("scorer", sort=False)["p_value"].transform(holm)
        few = self.settings.get("n_rows", FEW_ROWS) < FEW_ROWS
        table["decision"] = [
            _decision(row, self.rope_of(row["scorer"]), few) for row in table.to_dict("records")
        ]
        table.loc[is_base & table["decision"].isin(DECIDED), "decision"] = "reference"
        if detail:
            return table[[name for name in SUMMARY if name in table]]
        one_size = table["train_size"].nunique(dropna=False) == 1
        return table[[n for n in NEEDED if not (n == "train_size" and one_size)]]

    def _summary_row(self, rows, confidence):
        """Return the figures of one cell: one score, and one baseline score, a fold."""
        difference = (rows["score"] - rows["baseline"]).to_numpy()
        ratio = float(rows["test_to_train"].mean())
        interval = corrected_interval(difference, ratio, confidence=confidence)
        rope = self.rope_of(rows["scorer"].iloc[0])
        wins, ties, losses = wins_ties_losses(difference)
        # Means over other folds would not differ by the difference.
        shared = rows if np.isnan(difference).all() else rows[~np.isnan(difference)]
        reasons, errors = rows["reason"], rows.loc[rows["error"] != "", "error"]
        return {
            "n_synthetic": float(rows["n_synthetic"].mean()),
            "n_train": float(rows["n_train"].mean()),
            "score": float(shared["score"].mean()),
            "baseline": float(shared["baseline"].mean()),
            **interval.as_row(),
            **rope_probabilities(difference, ratio, rope=rope),
            "wins": wins,
            "ties": ties,
            "losses": losses,
            "n_failed": int((reasons == "failed").sum()),
            "n_undefined": int((reasons == "undefined").sum()),
            "applies": not (reasons == "does not apply").all(),
            "augment_seconds": float(rows["augment_seconds"].mean()),
            "fit_seconds": float(rows["fit_seconds"].mean()),
            "error": errors.iloc[0] if len(errors) else "",
        }

    def by_subgroup(self, *, confidence: float = 0.95) -> pd.DataFrame:
        """Return what every augmenter and control changed in each subgroup that was asked for.

        Parameters
        ----------
        confidence : float, default=0.95
            Of the intervals of all subgroups together: each is wider, by Bonferroni's
            correction, for the number of subgroups that are looked at.

        Returns
        -------
        DataFrame
            One row for each estimator, augmenter, amount, training size, scorer and
            ``subgroup``: ``n_test`` (its rows in a test fold, on average), ``score`` and
            ``baseline``, the paired ``difference`` with its interval ``low`` to ``high`` and
            ``p_value``, ``n_folds`` with both scores, and ``p_holm``, adjusted for all rows of
            the scorer. NaN where a score is undefined, such as a ranking within one class.

        Raises
        ------
        InputError
            If no subgroups were compared.
        """
        if self.subgroups.empty:
            raise InputError(
                "No subgroups were compared",
                remedy="pass subgroups= to compare_augmentations",
            )
        return subgroup_lift(self.subgroups, confidence)

    def calibration_error(self) -> pd.DataFrame:
        """Return how far probabilities are from what is observed, before and after.

        Returns
        -------
        DataFrame
            One row for each estimator, augmenter, amount and training size: ``n`` test rows, and
            the expected calibration ``error`` of all folds together (0 is best), beside that
            without added rows, ``baseline``.
        """
        if self.calibration.empty:
            return pd.DataFrame(columns=[*_WAY, "n", "error", "baseline"])
        table = by_cell(self.calibration, list(_WAY), _pooled_error)
        keys = ["estimator", "train_size"]
        base = table[table["augmenter"] == "none"].set_index(keys)["error"]
        return table.join(base.rename("baseline"), on=keys)

    def ranking(self, scorer: str | None = None) -> pd.DataFrame:
        """Return all augmenters and controls, best first.

        Parameters
        ----------
        scorer : str, optional
            Default: the first that the verdict stands on.

        Returns
        -------
        DataFrame
            One row for each augmenter and amount, on the largest training sets: ``rank``, which
            those share that the folds cannot tell from the best of it, or that are within the
            rope of it; ``is_control``; ``score``, ``difference`` to none with its interval
            ``low`` to ``high``, means over the ``n_learners`` and ``n_folds`` that have both.

        Raises
        ------
        InputError
            If the scorer was not asked for.
        """
        scorer = self._known(self.primary_[0] if scorer is None else scorer)
        return rank_ways(self.frame, scorer, self.rope_of(scorer))

    def _known(self, scorer):
        if scorer not in self.scorers_:
            raise InputError.of("scorer", scorer, "was not scored", f"pass one of {self.scorers_}")
        return scorer

    def rope_of(self, scorer: str) -> float:
        """Return the region of practical equivalence of a scorer; 0.01 where `rope` lacks it."""
        return self.rope.get(scorer, 0.01) if isinstance(self.rope, Mapping) else self.rope

    def plot(
        self,
        kind: Literal["lift", "learning_curve", "amount"] = "lift",
        *,
        scorer: str | None = None,
        ax: Any = None,
    ) -> Display:
        """Draw the comparison.

        Parameters
        ----------
        kind : {"lift", "learning_curve", "amount"}, default="lift"
            The change of each learner with its interval; the change against the number of
            training rows; the score against the number of rows added.
        scorer : str, optional
            Default: the first.
        ax : matplotlib.axes.Axes or array of Axes, optional
            What to draw on, one for each learner where `kind` draws curves. Default: a new figure,
            which pyplot does not know; ``plot().savefig("lift.png")`` writes it.

        Returns
        -------
        Display
            With ``figure_`` and ``ax_``, an array of axes where there are several.

        Raises
        ------
        InputError
            If there is no such kind, the scorer was not asked for, or `ax` is too few.
        """
        from gan_augment.report import figures

        scorer = self._known(self.primary_[0] if scorer is None else scorer)
        draw: dict[str, Callable] = {
            "lift": partial(figures.lift_plot, rope=self.rope_of(scorer)),
            "learning_curve": figures.learning_curve_plot,
            "amount": figures.amount_plot,
        }
        if kind not in draw:
            raise InputError.of("kind", kind, "is unknown", f"pass one of {sorted(draw)}")
        table = self.summary(detail=True)
        rows = table[table["scorer"] == scorer].reset_index(drop=True)
        return Display.of(draw[kind](rows, ax=ax), ax)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the answer, the changes, and the summary."""
        from gan_augment.report.cards import comparison_card

        return comparison_card(self)

    def _content(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "advice": self.advice,
            "settings": self.settings,
            "rope": self.rope,
            "summary": self.summary(detail=True),
            "frame": self.frame,
            "calibration": self.calibration,
            "subgroups": self.subgroups,
        }

    @classmethod
    def from_json(cls, source: str | Path) -> AugmentationComparison:
        """Return the comparison that `to_json` wrote.

        Parameters
        ----------
        source : str or Path
            A path, or the JSON text.

        Returns
        -------
        AugmentationComparison
        """
        content = from_json(cls.schema, source)
        frame, calibration, subgroups = (
            as_frame(
                (dict(zip(table["columns"], row, strict=True)) for row in table["rows"]), columns
            )
            for table, columns in (
                (content["frame"], COLUMNS),
                (content["calibration"], CALIBRATION),
                (content["subgroups"], SUBGROUPS),
            )
        )
        return cls(frame, content["rope"], content["settings"], calibration, subgroups)

    def _page(self) -> Any:
        from gan_augment.report.comparison import comparison_page

        return comparison_page(self)


#: The columns of a summary that the answer is read from.
NEEDED = (
    "estimator augmenter n_samples train_size scorer score baseline difference low high decision"
).split()
SUMMARY = (
    "estimator augmenter n_samples n_synthetic train_size n_train scorer score baseline "
    "difference low high p_value p_holm worse equal better wins ties losses decision n_folds "
    "n_failed n_undefined augment_seconds fit_seconds error"
).split()


def as_frame(rows: Iterable[Mapping], columns: Mapping[str, str] = COLUMNS) -> pd.DataFrame:
    """Return rows, dicts with the keys of `columns`, as a tidy frame of these types."""
    rows = list(rows)
    kinds = {name: "object" if kind == "str" else kind for name, kind in columns.items()}
    # Column by column: pandas would turn the amounts 0, 1.0 and 500 into floats, which mean more.
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in kinds.items()}
    )


def _pooled_error(cell):
    """The calibration error of the bins of all folds together."""
    bins = pooled_bins(cell)
    error = calibration_error(bins["n"], bins["predicted"], bins["observed"])
    return {"n": int(cell["n"].sum()), "error": error}


def _decision(row, rope, few):
    if row["n_folds"] < 2:
        if not row["applies"]:
            return "does not apply"
        return "failed" if row["n_failed"] else "not compared"
    # In a few rows a score has few values, and no scatter over folds is no certainty.
    if row["equal"] > SURE and not few:
        return "equal"
    found = not np.isnan(row["p_holm"]) and row["p_holm"] <= 1 - SURE
    if not found or abs(row["difference"]) <= rope:
        return "undecided"
    return "better" if row["difference"] > 0 else "worse"

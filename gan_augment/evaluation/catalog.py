"""Every metric in words: its name, its group, how to read it, and what it takes to measure it.

Metrics that tables and images share are written once, with ``{rows}`` for what is compared. What
differs between the two stands in `TABLES` and `IMAGES`.
"""

from dataclasses import dataclass, replace

import numpy as np

from gan_augment.evaluation.results import Metric
from gan_augment.metrics.uncertainty import Estimate

#: Rows of each ranking that are kept.
RANKED = 20

#: Why a figure is NaN, where its group has no better reason.
UNDEFINED = "it is undefined on such values: too few of them, or all alike"

#: A share of bad rows that is as bad as it gets: copies and impossible cells.
WORST_SHARE = 0.2


@dataclass(frozen=True)
class Reading:
    """One metric in words.

    Parameters
    ----------
    label : str
        Its name in plain words.
    group : {"fidelity", "diversity", "utility", "privacy"}
    higher_is_better : bool
    how_to_read : str
        For someone who meets it for the first time.
    needs : tuple of str, default=()
        What must be passed to `quality_report` for it to be measured.
    too_good : str, default=""
        What it means if the figure is clearly better than its reference, where that is a fault.
    fault : str, default=""
        What it means if the figure falls behind its reference; "they" are the synthetic {rows}.
    """

    label: str
    group: str
    higher_is_better: bool
    how_to_read: str
    needs: tuple = ()
    too_good: str = ""
    fault: str = ""

    def of(self, unit):
        """Return the reading for ``"rows"`` or ``"images"``."""
        words = {"rows": unit, "row": unit.removesuffix("s")}
        fields = ("label", "how_to_read", "too_good", "fault")
        return replace(self, **{name: getattr(self, name).format(**words) for name in fields})


_SHARED = {
    "c2st": Reading(
        "told apart by a model",
        "fidelity",
        False,
        "How often a boosted tree ranks a synthetic {row} above a real one when asked which is "
        "synthetic: 0.5 is a guess, 1 is always; one telling column is enough for a high figure, "
        "and a figure clearly below 0.5 is a sign of copies.",
        too_good="less than a guess, a sign of copied {rows}, which a model meets under both "
        "labels",
        fault="a model can tell them from real {rows}",
    ),
    "precision": Reading(
        "{rows} where real ones are",
        "diversity",
        True,
        "The share of synthetic {rows} that lie among real ones; outliers among the real {rows} "
        "make it generous.",
        fault="some lie where there are no real {rows}",
    ),
    "recall": Reading(
        "real {rows} within reach",
        "diversity",
        True,
        "The share of real {rows} that lie among synthetic ones: low where kinds of {rows} are "
        "missing.",
        fault="kinds of real {rows} are missing among them",
    ),
    "density": Reading(
        "density around real {rows}",
        "diversity",
        True,
        "How many real neighbourhoods a synthetic {row} lies in, as a share of the five expected: "
        "above 1 where synthetic {rows} crowd where real ones are dense.",
        fault="too few lie where real {rows} are dense",
    ),
    "coverage": Reading(
        "real {rows} covered",
        "diversity",
        True,
        "The share of real {rows} with a synthetic one as near as their fifth real neighbour: low "
        "under mode collapse.",
        fault="they leave real {rows} uncovered",
    ),
    "within_class_variance": Reading(
        "spread within classes",
        "diversity",
        True,
        "How alike the spread of {rows} inside a class is (mean over classes): 1 is alike, less "
        "is huddled together or scattered.",
        fault="they vary more or less than real {rows} do",
    ),
    "tstr": Reading(
        "model of synthetic {rows}",
        "utility",
        True,
        "Train on synthetic, test on real {rows}, beside training on as many real ones (the "
        "reference): area under the ROC curve for classes, R squared for numbers.",
        ("target",),
        fault="a model trained on them does worse on real {rows}",
    ),
    "trts": Reading(
        "test on synthetic {rows}",
        "utility",
        True,
        "Train on real, test on synthetic {rows}: low where synthetic {rows} contradict what real "
        "ones teach; a figure above the reference means {rows} too clean to be true.",
        ("target",),
        "more than on real {rows}: synthetic {rows} are too clean to be true",
        fault="they contradict what real {rows} teach",
    ),
    "exact_copies": Reading(
        "exact copies",
        "privacy",
        False,
        "The share of synthetic {rows} equal to a real {row}; the reference is the share of "
        "holdout {rows} that equal one (without a holdout: of real {rows} that equal another). "
        "Zero copies is not privacy.",
        ("privacy",),
        fault="some are copies of real {rows}",
    ),
    "dcr_share": Reading(
        "near to training {rows}",
        "privacy",
        False,
        "How often a synthetic {row} is nearer to the training {rows} than to {rows} not trained "
        "on: 0.5 knows nothing of them. Passing promises nothing.",
        ("privacy", "holdout"),
        fault="they lie closer to the {rows} they were learnt from than to others",
    ),
    "membership": Reading(
        "membership attack",
        "privacy",
        False,
        "How well the best of three attacks tells training {rows} from {rows} not trained on: 0.5 "
        "is a guess, 1 is always; stronger attacks exist.",
        ("privacy", "holdout"),
        fault="an attack can tell which {rows} they were learnt from",
    ),
}

_OF_TABLES = {
    "ks": Reading(
        "numeric columns",
        "fidelity",
        True,
        "One minus the largest gap between the cumulative shares of a numeric column (mean over "
        "columns): 1 is the same distribution; it hardly sees the tails.",
        fault="numeric columns have other distributions",
    ),
    "tv": Reading(
        "columns of categories",
        "fidelity",
        True,
        "One minus half the summed gaps between the shares of categories (mean over columns): 1 "
        "is the same shares; it hardly sees rare categories.",
        fault="categories have other shares",
    ),
    "missing": Reading(
        "missing cells",
        "fidelity",
        False,
        "The gap between the shares of missing cells (mean over columns that have any).",
        fault="cells are missing more or less often",
    ),
    "pairs": Reading(
        "pairs of columns",
        "fidelity",
        True,
        "How alike all pairs of columns go together; 1 is alike, but unrelated columns come close "
        "to it, so the scale runs from the reference to columns shuffled independently.",
        fault="columns do not go together as in real rows",
    ),
    "correlation": Reading(
        "correlations",
        "fidelity",
        True,
        "One minus half the gap between the rank correlations of two numeric columns (mean over "
        "pairs); it sees monotone dependence only.",
        fault="numeric columns do not go together as in real rows",
    ),
    "contingency": Reading(
        "tables of two columns",
        "fidelity",
        True,
        "One minus half the summed gaps between the cells of the contingency tables (mean over "
        "pairs with a category); numbers are cut at the real quintiles.",
        fault="categories do not go together as in real rows",
    ),
    "violations": Reading(
        "impossible rows",
        "fidelity",
        False,
        "The share of synthetic rows with a cell beyond what the real rows show (without a "
        "holdout: one half of them, for both sides): out of range, an unknown category, missing "
        "where nothing is, a fraction among integers, or unreadable; or that break a relation "
        "between columns that the real rows keep.",
        fault="some are impossible",
    ),
    "sdmetrics_score": Reading(
        "sdmetrics score",
        "fidelity",
        True,
        "The overall score of sdmetrics' QualityReport, for those who know it; without a tree or "
        "a neighbour in it, so it forgives much.",
        ("sdmetrics",),
        fault="sdmetrics finds them unlike real rows",
    ),
    "rare_categories": Reading(
        "rare categories",
        "diversity",
        True,
        "The share of rare categories (at most 5 % of the real rows, five or more expected) that "
        "appear at all.",
        fault="rare categories are missing among them",
    ),
    "importance_agreement": Reading(
        "columns that models use",
        "utility",
        True,
        "Whether models of real and of synthetic rows lean on the same columns: cosine of their "
        "permutation importances, 1 is the same.",
        ("target",),
        fault="models of them lean on other columns",
    ),
    "dcr_share": Reading(
        "near to training rows",
        "privacy",
        False,
        "How often a synthetic row is nearer to the training rows than to rows not trained on "
        "(with split halves: nearer than another real row is): 0.5 knows nothing of them. Passing "
        "promises nothing.",
        ("privacy",),
        fault="they lie closer to the {rows} they were learnt from than to others",
    ),
    "nndr_share": Reading(
        "near to one training row",
        "privacy",
        False,
        "As dcr_share, for the distance to the nearest over the second nearest row: above 0.5 "
        "where synthetic rows sit next to one particular training row.",
        ("privacy",),
        fault="some lie close to one row they were learnt from",
    ),
    "singling_out": Reading(
        "singling out",
        "privacy",
        False,
        "Anonymeter's risk that a guess from the synthetic rows fits exactly one person, beyond "
        "what it is for rows not trained on.",
        ("privacy", "holdout", "anonymeter"),
        fault="guesses from them single out people",
    ),
}

_OF_IMAGES = {
    "c2st": replace(
        _SHARED["c2st"],
        how_to_read="How often a boosted tree ranks a synthetic image above a real one when asked "
        "which is synthetic: 0.5 is a guess, 1 is always; a texture that nobody sees is enough "
        "for a high figure, and one clearly below 0.5 is a sign of copies.",
    ),
    "fid": Reading(
        "feature gap (FID)",
        "fidelity",
        False,
        "How far the means and covariances of image features lie apart; 1 is what the average "
        "real image in place of all would score. Random features, so it is not to be compared "
        "with FIDs from papers.",
        fault="they differ from real images in their features",
    ),
    "kid": Reading(
        "feature gap (KID)",
        "fidelity",
        False,
        "As FID, with a kernel in place of a normal distribution and without its bias: around 0, "
        "and as often below, for images that cannot be told apart.",
        fault="they differ from real images in their features",
    ),
    "fid_learnt": Reading(
        "class feature gap (FID)",
        "fidelity",
        False,
        "FID of the last hidden layer of a small classifier, trained on real images that are "
        "not among those compared: it sees what makes classes differ and forgives the rest.",
        ("target",),
        fault="they differ from real images in what tells classes apart",
    ),
    "kid_learnt": Reading(
        "class feature gap (KID)",
        "fidelity",
        False,
        "KID of the same layer: around 0 for images that cannot be told apart.",
        ("target",),
        fault="they differ from real images in what tells classes apart",
    ),
    "within_class_variance": Reading(
        "spread within classes",
        "diversity",
        True,
        "How alike the spread of the pixels inside a class is (mean over classes): 1 is alike, "
        "less is too little variation (or too much). Blurred images count as too little.",
        fault="they vary more or less than real {rows} do",
    ),
    "tstr": replace(
        _SHARED["tstr"],
        how_to_read="Train on synthetic, test on real images: the mean over classes of the share "
        "classified rightly, beside training on as many real images (the reference).",
    ),
    "exact_copies": replace(
        _SHARED["exact_copies"],
        how_to_read="The share of synthetic images equal to a real one, pixel by pixel; the "
        "reference is the share of holdout images that equal one (without a holdout: of real "
        "images that equal another). Zero copies is not privacy.",
    ),
    "near_copies": Reading(
        "nearly copies",
        "privacy",
        False,
        "The share of synthetic images closer to a training image than all but 1 % of fresh real "
        "images are. A copy that is shifted by a pixel is far in pixels and passes; blurred "
        "images are near to everything and may fail.",
        ("privacy",),
        fault="some are nearly copies",
    ),
    "data_copying": Reading(
        "nearer than fresh images",
        "privacy",
        False,
        "How often a synthetic image is nearer to the training images than a fresh real one is: "
        "0.5 is no copying, 1 is always. Blurred images, near to everything, raise it.",
        ("privacy",),
        fault="they lie closer to the images they were learnt from than fresh images do",
    ),
}


def _catalog(unit, own):
    return {name: reading.of(unit) for name, reading in (_SHARED | own).items()}


#: name -> Reading, of tables and of images.
TABLES, IMAGES = _catalog("rows", _OF_TABLES), _catalog("images", _OF_IMAGES)

#: What the figures do not promise, in plain words.
PROMISES = {
    "rows": (
        "No figure here proves privacy: a data set can pass every one and still reveal a person.",
        "Zero exact copies is not privacy: rows blended from two neighbours copy nobody and still "
        "give their members away.",
        "Distances to the closest record are blind to many leaks; the membership attack is the "
        "stronger test, and stronger attacks than these three exist.",
        "The figures are averages: an unusual row can be exposed while the average looks safe.",
        "Only training with differential privacy gives a guarantee that holds for every row.",
    ),
    "images": (
        "No figure here proves privacy: a set of images can pass every one and still show a "
        "person.",
        "Zero copies is not privacy: an image blended from two others, or shifted by one pixel, "
        "copies none and still gives its sources away.",
        "Distances between pixels are blind to many leaks; the membership attack is the stronger "
        "test, needs a holdout, and stronger attacks than these three exist.",
        "The figures are averages: an unusual image can be exposed while the average looks safe. "
        "Look at the pictures of synthetic images beside their nearest real ones.",
        "Only training with differential privacy gives a guarantee that holds for every image.",
    ),
}


def metric(samples, name, estimate, reference, *, n=None, low=0.0, high=1.0, **facts):
    """Return a metric with the interval of its estimate.

    Parameters
    ----------
    samples : Samples
        Whose `catalog` has the metric.
    name : str
    estimate : Estimate
    reference : Estimate or float
        Of real rows against real rows; a number is what chance would give.
    n : int, optional
        Rows used; those compared by default.
    low, high : float
        Ends of the metric's range.
    **facts
        Further fields of `Metric`, or its ``interval``; ``reason`` for a figure that is NaN.
    """
    reading = samples.catalog[name]
    reason = facts.pop("reason", UNDEFINED)
    measured = isinstance(reference, Estimate)
    interval = facts.pop("interval", None) or estimate.interval(low, high)
    return Metric(
        name,
        reading.group,
        float(estimate.value),
        *interval,
        float(reference.value if measured else reference),
        samples.kind if measured else "chance",
        reading.higher_is_better,
        n=samples.n if n is None else n,
        how_to_read=reading.how_to_read,
        reference_error=float(reference.error) if measured else None,
        label=reading.label,
        too_good=reading.too_good,
        fault=reading.fault,
        reason=reason if np.isnan(estimate.value) else "",
        **facts,
    )

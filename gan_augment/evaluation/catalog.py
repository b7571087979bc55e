"""Metrics with how to read them, in a sentence for someone who meets them for the first time."""

from gan_augment.evaluation.results import Metric
from gan_augment.metrics.uncertainty import Estimate

#: Rows of each ranking that are kept.
RANKED = 20

#: A share of bad rows that is as bad as it gets: copies and impossible cells.
WORST_SHARE = 0.2

#: name -> (name in plain words, group, whether higher is better, sentence)
HOW_TO_READ = {
    "c2st": (
        "told apart by a model",
        "fidelity",
        False,
        "How often a boosted tree ranks a synthetic row above a real one when asked which is "
        "synthetic: 0.5 is a guess, 1 is always; one telling column is enough for a high figure, "
        "and a figure clearly below 0.5 is a sign of copies.",
    ),
    "ks": (
        "numeric columns",
        "fidelity",
        True,
        "One minus the largest gap between the cumulative shares of a numeric column (mean over "
        "columns): 1 is the same distribution; it hardly sees the tails.",
    ),
    "tv": (
        "columns of categories",
        "fidelity",
        True,
        "One minus half the summed gaps between the shares of categories (mean over columns): 1 "
        "is the same shares; it hardly sees rare categories.",
    ),
    "missing": (
        "missing cells",
        "fidelity",
        False,
        "The gap between the shares of missing cells (mean over columns that have any).",
    ),
    "pairs": (
        "pairs of columns",
        "fidelity",
        True,
        "How alike all pairs of columns go together; 1 is alike, but unrelated columns come close "
        "to it, so the scale runs from the reference to columns shuffled independently.",
    ),
    "correlation": (
        "correlations",
        "fidelity",
        True,
        "One minus half the gap between the rank correlations of two numeric columns (mean over "
        "pairs); it sees monotone dependence only.",
    ),
    "contingency": (
        "tables of two columns",
        "fidelity",
        True,
        "One minus half the summed gaps between the cells of the contingency tables (mean over "
        "pairs with a category); numbers are cut at the real quintiles.",
    ),
    "violations": (
        "impossible rows",
        "fidelity",
        False,
        "The share of synthetic rows with a cell beyond what the real rows show (without a "
        "holdout: one half of them, for both sides): out of range, an unknown category, missing "
        "where nothing is, a fraction among integers, dates in the wrong order, or unreadable.",
    ),
    "sdmetrics_score": (
        "sdmetrics score",
        "fidelity",
        True,
        "The overall score of sdmetrics' QualityReport, for those who know it; without a tree or "
        "a neighbour in it, so it forgives much.",
    ),
    "precision": (
        "rows where real ones are",
        "diversity",
        True,
        "The share of synthetic rows that lie among real rows; outliers among the real rows make "
        "it generous.",
    ),
    "recall": (
        "real rows within reach",
        "diversity",
        True,
        "The share of real rows that lie among synthetic rows: low where kinds of rows are "
        "missing.",
    ),
    "density": (
        "density around real rows",
        "diversity",
        True,
        "How many real neighbourhoods a synthetic row lies in, as a share of the five expected: "
        "above 1 where synthetic rows crowd where real rows are dense.",
    ),
    "coverage": (
        "real rows covered",
        "diversity",
        True,
        "The share of real rows with a synthetic row as near as their fifth real neighbour: low "
        "under mode collapse.",
    ),
    "rare_categories": (
        "rare categories",
        "diversity",
        True,
        "The share of rare categories (at most 5 % of the real rows, five or more expected) that "
        "appear at all.",
    ),
    "within_class_variance": (
        "spread within classes",
        "diversity",
        True,
        "How alike the spread of rows inside a class is (mean over classes): 1 is alike, less is "
        "huddled together or scattered.",
    ),
    "tstr": (
        "model of synthetic rows",
        "utility",
        True,
        "Train on synthetic, test on real rows, beside training on as many real rows (the "
        "reference): area under the ROC curve for classes, R squared for numbers.",
    ),
    "trts": (
        "test on synthetic rows",
        "utility",
        True,
        "Train on real, test on synthetic rows: low where synthetic rows contradict what real "
        "rows teach; a figure above the reference means rows too clean to be true.",
    ),
    "importance_agreement": (
        "columns that models use",
        "utility",
        True,
        "Whether models of real and of synthetic rows lean on the same columns: cosine of their "
        "permutation importances, 1 is the same.",
    ),
    "exact_copies": (
        "exact copies",
        "privacy",
        False,
        "The share of synthetic rows equal to a real row; the reference is the share of holdout "
        "rows that equal one (without a holdout: of real rows that equal another). Zero copies is "
        "not privacy.",
    ),
    "dcr_share": (
        "near to training rows",
        "privacy",
        False,
        "How often a synthetic row is nearer to the training rows than to rows not trained on "
        "(with split halves: nearer than another real row is): 0.5 knows nothing of them. Passing "
        "promises nothing.",
    ),
    "nndr_share": (
        "near to one training row",
        "privacy",
        False,
        "As dcr_share, for the distance to the nearest over the second nearest row: above 0.5 "
        "where synthetic rows sit next to one particular training row.",
    ),
    "membership": (
        "membership attack",
        "privacy",
        False,
        "How well the best of three attacks tells training rows from rows not trained on: 0.5 is "
        "a guess, 1 is always; stronger attacks exist.",
    ),
    "singling_out": (
        "singling out",
        "privacy",
        False,
        "Anonymeter's risk that a guess from the synthetic rows fits exactly one person, beyond "
        "what it is for rows not trained on.",
    ),
}


#: What must be passed to `quality_report` for a metric to be measured.
NEEDS = {
    **dict.fromkeys(("tstr", "trts", "importance_agreement"), ("target",)),
    **dict.fromkeys(("exact_copies", "dcr_share", "nndr_share"), ("privacy",)),
    **dict.fromkeys(("membership", "singling_out"), ("privacy", "holdout")),
    "sdmetrics_score": ("sdmetrics",),
}

#: What it means if a figure is clearly better than its reference, where that is a fault.
TOO_GOOD = {
    "c2st": "less than a guess: a sign of copied rows, which a model meets under both labels",
    "trts": "more than on real rows: synthetic rows are too clean to be true",
}


def metric(
    samples, name, estimate, reference, *, n=None, low=0.0, high=1.0, readings=None, **facts
):
    """Return a metric with the interval of its estimate.

    Parameters
    ----------
    samples : Samples
    name : str
    estimate : Estimate
    reference : Estimate, float or None
        Of real rows against real rows; a number is what chance would give.
    n : int, optional
        Rows used; those compared by default.
    low, high : float
        Ends of the metric's range.
    readings : dict, optional
        In place of `HOW_TO_READ`.
    **facts
        Further fields of `Metric`.

    Returns
    -------
    Metric
    """
    label, group, higher_is_better, how_to_read = (readings or HOW_TO_READ)[name]
    too_good = facts.pop("too_good", TOO_GOOD.get(name, ""))
    measured = isinstance(reference, Estimate)
    interval = facts.pop("interval", None) or estimate.interval(low, high)
    return Metric(
        name,
        group,
        float(estimate.value),
        *interval,
        None if reference is None else float(reference.value if measured else reference),
        "none" if reference is None else samples.kind if measured else "chance",
        higher_is_better,
        n=samples.n if n is None else n,
        how_to_read=how_to_read,
        reference_error=float(reference.error) if measured else None,
        label=label,
        too_good=too_good,
        **facts,
    )

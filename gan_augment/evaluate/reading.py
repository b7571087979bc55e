"""Metrics with how to read them, in a sentence for someone who meets them for the first time."""

from gan_augment.evaluate.intervals import Estimate
from gan_augment.evaluate.results import Metric

#: Rows of each ranking that are kept.
RANKED = 20

#: A share of bad rows that is as bad as it gets: copies and impossible cells.
WORST_SHARE = 0.2

#: name -> (group, whether higher is better, sentence)
HOW_TO_READ = {
    "c2st": (
        "fidelity",
        False,
        "How often a boosted tree ranks a synthetic row above a real one when asked which is "
        "synthetic: 0.5 is a guess, 1 is always; one telling column is enough for a high figure.",
    ),
    "ks": (
        "fidelity",
        True,
        "One minus the largest gap between the cumulative shares of a numeric column (mean over "
        "columns): 1 is the same distribution; it hardly sees the tails.",
    ),
    "tv": (
        "fidelity",
        True,
        "One minus half the summed gaps between the shares of categories (mean over columns): 1 "
        "is the same shares; it hardly sees rare categories.",
    ),
    "missing": (
        "fidelity",
        False,
        "The gap between the shares of missing cells (mean over columns that have any).",
    ),
    "pairs": (
        "fidelity",
        True,
        "How alike all pairs of columns go together; 1 is alike, but unrelated columns come close "
        "to it, so the scale runs from the reference to columns shuffled independently.",
    ),
    "correlation": (
        "fidelity",
        True,
        "One minus half the gap between the rank correlations of two numeric columns (mean over "
        "pairs); it sees monotone dependence only.",
    ),
    "contingency": (
        "fidelity",
        True,
        "One minus half the summed gaps between the cells of the contingency tables (mean over "
        "pairs with a category); numbers are cut at the real quintiles.",
    ),
    "violations": (
        "fidelity",
        False,
        "The share of synthetic rows with a cell no real row has: out of range, an unknown "
        "category, missing where nothing is, a fraction among integers, or unreadable.",
    ),
    "sdmetrics_score": (
        "fidelity",
        True,
        "The overall score of sdmetrics' QualityReport, for those who know it; without a tree or "
        "a neighbour in it, so it forgives much.",
    ),
    "precision": (
        "diversity",
        True,
        "The share of synthetic rows that lie among real rows; outliers among the real rows make "
        "it generous.",
    ),
    "recall": (
        "diversity",
        True,
        "The share of real rows that lie among synthetic rows: low where kinds of rows are "
        "missing.",
    ),
    "density": (
        "diversity",
        True,
        "How many real neighbourhoods a synthetic row lies in, as a share of the five expected: "
        "above 1 where synthetic rows crowd where real rows are dense.",
    ),
    "coverage": (
        "diversity",
        True,
        "The share of real rows with a synthetic row as near as their fifth real neighbour: low "
        "under mode collapse.",
    ),
    "rare_categories": (
        "diversity",
        True,
        "The share of rare categories (at most 5 % of the real rows, five or more expected) that "
        "appear at all.",
    ),
    "within_class_variance": (
        "diversity",
        True,
        "How alike the spread of rows inside a class is (mean over classes): 1 is alike, less is "
        "huddled together or scattered.",
    ),
    "tstr": (
        "utility",
        True,
        "Train on synthetic, test on real rows, beside training on as many real rows (the "
        "reference): area under the ROC curve for classes, R squared for numbers.",
    ),
    "trts": (
        "utility",
        True,
        "Train on real, test on synthetic rows: low where synthetic rows contradict what real "
        "rows teach; a figure above the reference means rows too clean to be true.",
    ),
    "importance_agreement": (
        "utility",
        True,
        "Whether models of real and of synthetic rows lean on the same columns: cosine of their "
        "permutation importances, 1 is the same.",
    ),
    "exact_copies": (
        "privacy",
        False,
        "The share of synthetic rows equal to a real row; the reference is the share of real rows "
        "that equal another. Zero copies is not privacy.",
    ),
    "dcr_share": (
        "privacy",
        False,
        "How often a synthetic row is nearer to the training rows than to rows not trained on "
        "(with split halves: nearer than another real row is): 0.5 knows nothing of them. Passing "
        "promises nothing.",
    ),
    "nndr_share": (
        "privacy",
        False,
        "As dcr_share, for the distance to the nearest over the second nearest row: above 0.5 "
        "where synthetic rows sit next to one particular training row.",
    ),
    "membership": (
        "privacy",
        False,
        "How well the best of three attacks tells training rows from rows not trained on: 0.5 is "
        "a guess, 1 is always; stronger attacks exist.",
    ),
    "singling_out": (
        "privacy",
        False,
        "Anonymeter's risk that a guess from the synthetic rows fits exactly one person, beyond "
        "what it is for rows not trained on.",
    ),
}


def metric(samples, name, estimate, reference, *, n=None, low=0.0, high=1.0, **facts):
    """Return a metric with the interval of its estimate.

    Parameters
    ----------
    samples : Samples
    name : str
    estimate, reference : Estimate or float
    n : int, optional
        Rows used; those compared by default.
    low, high : float
        Ends of the metric's range.
    **facts
        Further fields of `Metric`.

    Returns
    -------
    Metric
    """
    group, higher_is_better, how_to_read = HOW_TO_READ[name]
    reference = reference.value if isinstance(reference, Estimate) else reference
    interval = facts.pop("interval", None) or estimate.interval(low, high)
    return Metric(
        name,
        group,
        float(estimate.value),
        *interval,
        None if reference is None else float(reference),
        "none" if reference is None else samples.kind,
        higher_is_better,
        n=samples.n if n is None else n,
        how_to_read=how_to_read,
        **facts,
    )

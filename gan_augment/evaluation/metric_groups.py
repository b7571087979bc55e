"""The four groups of a quality report: fidelity, diversity, utility and privacy.

What tables and images share takes `Samples` and what is to be compared; the groups of tables are
below, those of images in `gan_augment.evaluation.images`. A group returns metrics and tables.
"""

import numpy as np
import pandas as pd

from gan_augment.evaluation.catalog import RANKED, WORST_SHARE, metric
from gan_augment.evaluation.impossible import RealRelations
from gan_augment.metrics import privacy
from gan_augment.metrics.copies import repeated
from gan_augment.metrics.diversity import prdc, rare_categories, spread_beside
from gan_augment.metrics.fidelity import c2st, ks_complement, tv_complement, violations
from gan_augment.metrics.pairs import compare_pairs
from gan_augment.metrics.uncertainty import (
    Estimate,
    jackknife_beside,
    mean_estimate,
    mean_of,
    share_estimate,
    wilson,
)
from gan_augment.metrics.utility import (
    LEAST_ROWS,
    Task,
    beside_real,
    importance_agreement,
    panel_scores,
    panel_table,
)

#: All pairs, those of two numbers, and those with a category.
PAIRS = ("pairs", "correlation", "contingency")

#: The area under the ROC curve of a model that knows nothing.
GUESS = 0.5

#: A table whose pairs are this near to independence has no dependence to get wrong.
LEAST_DEPENDENCE = 0.03

#: Rows from which the errors of means over pairs are estimated, then scaled to all.
JACKKNIFED_ROWS = 5_000

#: Rows of each table in metrics that compare every row with every other.
NEIGHBOUR_ROWS = 5_000


# Shared by tables and images --------------------------------------------------------------------


def told_apart(samples, features, sides, rng, telling=False):
    """Return the C2ST of real and synthetic rows beside that of real and fresh rows.

    Parameters
    ----------
    samples : Samples
    features : tuple of Feature
    sides : sequence of three ndarrays of shape (n, d)
        Real, synthetic and fresh rows.
    rng : numpy.random.Generator
    telling : bool, default=False
        Whether to measure what gives the synthetic rows away.

    Returns
    -------
    metric : Metric
    test : TwoSampleTest
    worst : pandas.DataFrame
        The synthetic rows that are easiest to recognise.
    """
    real, made, fresh = sides
    test = c2st(features, real, made, rng=rng, telling=telling)
    beside = c2st(features, real, fresh, rng=rng, telling=False)
    # A reference below a guess is the luck of one table: nobody can do worse than guess.
    floored = Estimate(max(beside.auc.value, GUESS), beside.auc.error)
    found = metric(samples, "c2st", test.auc, floored, scale=1 - GUESS, best=GUESS)
    at, score = samples.synthetic_at, test.probability
    return found, test, samples.ranked("synthetic", at, score, "P(synthetic)")


def neighbours(samples, points):
    """Return precision, recall, density and coverage, and real rows that are not covered.

    Parameters
    ----------
    samples : Samples
    points : sequence of three ndarrays of shape (n, w)
        The first of the real, synthetic and fresh rows compared.
    """
    real, other, fresh = points
    made, covered, reach = prdc(real, other)
    beside, _, _ = prdc(real, fresh)
    ends = {"density": np.inf}
    metrics = [
        metric(samples, name, made[name], beside[name], n=len(real), high=ends.get(name, 1.0))
        for name in made
    ]
    missed = np.flatnonzero(~covered)
    at, title = samples.real_at[missed], "distance in radii"
    return metrics, {"uncovered_rows": samples.ranked("real", at, reach[missed], title)}


def spread(samples, points):
    """Return how alike the spread of rows is, overall and inside each class."""
    overall, by_class = spread_beside(points, samples.labels())
    metrics = [metric(samples, "within_class_variance", *overall)]
    for code, sides in by_class.items():
        if code is not None:
            label = str(samples.class_name(code))
            metrics.append(metric(samples, "within_class_variance", *sides, by=label))
    return metrics


def learners(samples, scores, worst, low):
    """Return TSTR and TRTS of a panel, each beside TRTR.

    Parameters
    ----------
    samples : Samples
    scores : dict of {"trtr" | "tstr" | "trts": {learner: Estimate}}
    worst : float
        What a guess would score.
    low : float
        The lowest score there is.
    """
    metrics = []
    for name, who, value, reference in beside_real(scores):
        scale = float(np.nanmax([reference.value - worst, 0.1]))
        metrics.append(metric(samples, name, value, reference, by=who, low=low, scale=scale))
    return metrics, {"utility": panel_table(scores)}


def why_unlearnable(samples, targets, is_class=True):
    """Return why no model of the rows compared can be judged, "" where one can.

    Parameters
    ----------
    samples : Samples
    targets : sequence of three ndarrays of shape (n,)
        Of the real, synthetic and fresh rows; NaN where missing.
    is_class : bool, default=True
        Whether the target is a class, not a number.
    """
    real, made, fresh = targets
    sides = {"synthetic": made, "real": real, "other real": fresh}
    for side, values in sides.items():
        known = np.unique(values[~np.isnan(values)])
        if len(known) == 0:
            return f"none of the {side} {samples.unit} compared has a target"
        if len(known) == 1 and is_class:
            label = samples.class_name(known[0])
            return (
                f"all {side} {samples.unit} compared are of class “{label}”, so a model has no "
                "classes to tell apart"
            )
        if len(known) == 1 and values is fresh:
            return f"the target is the same in all {side} {samples.unit} compared"
    return ""


def unmeasured(samples, names, why):
    """Return metrics that could not be computed, with the reason."""
    unknown = Estimate(np.nan, np.nan)
    return [metric(samples, name, unknown, unknown, reason=why) for name in names]


def bad_share(samples, name, bad, reference, **facts):
    """Return the share of bad synthetic rows beside that of real rows."""
    facts |= {"n": len(bad), "interval": wilson(int(bad.sum()), len(bad)), "scale": WORST_SHARE}
    return metric(samples, name, mean_estimate(bad), share_estimate(reference), **facts)


def copies(samples):
    """Return the share of exact copies."""
    real = samples.keys("real")
    reference = np.isin(samples.keys("holdout"), real) if samples.has_holdout else repeated(real)
    return bad_share(samples, "exact_copies", np.isin(samples.keys("synthetic"), real), reference)


def attacks(samples, members, others, synthetic, rng):
    """Return the membership attack, the best of three and each by itself."""
    worst, interval, chance, by_attack = privacy.membership_attack(members, others, synthetic, rng)
    facts = {"n": len(members), "scale": 0.5}
    return [
        metric(samples, "membership", worst, chance, interval=interval, **facts),
        *(
            metric(samples, "membership", estimate, 0.5, by=name, **facts)
            for name, estimate in by_attack.items()
        ),
    ]


# Tables -----------------------------------------------------------------------------------------


def fidelity(samples, rng):
    """Return metrics and tables of columns, pairs, the C2ST and violations."""
    by_column, columns = _columns(samples)
    pairs, pair_table = _pairs(samples)
    found, broken, relations = _violations(samples)
    whole, test, worst = told_apart(samples, samples.features, samples.sides, rng, telling=True)
    columns["telling"] = test.telling
    columns["violations"] = columns["column"].map(broken.groupby("column")["rows"].sum())
    columns["violations"] = columns["violations"].fillna(0).astype(int)
    lost = columns["reference"] - columns["similarity"]
    telling = columns[["column", "telling"]].sort_values("telling", ascending=False, kind="stable")
    tables = {
        "columns": columns.iloc[np.argsort(-lost.fillna(-1).to_numpy(), kind="stable")],
        "pairs": pair_table,
        "telling_columns": telling,
        "violations": broken,
        "relations": relations,
        "implausible_rows": worst,
    }
    return [whole, *by_column, *pairs, *found], tables


def _columns(samples):
    """Return KS and TV of each column, the shares of missing cells, and their table."""
    metrics, lines, figures = [], [], {"ks": [], "tv": [], "missing": []}
    columns = zip(samples.features, *(rows.T for rows in samples.sides), strict=True)
    for feature, real, made, fresh in columns:
        name, compare = ("ks", ks_complement) if feature.is_number else ("tv", tv_complement)
        value, reference = compare(real, made), compare(real, fresh)
        figures[name].append((value, reference))
        metrics.append(metric(samples, name, value, reference, by=str(feature.name)))
        gaps = [_missing_gap(real, other) for other in (made, fresh)]
        if np.isnan(np.concatenate([real, made])).any():
            figures["missing"].append(gaps)
        lines.append(
            {
                "column": feature.name,
                "kind": feature.stored,
                "metric": name,
                "similarity": value.value,
                "low": value.interval()[0],
                "high": value.interval()[1],
                "reference": reference.value,
                "missing_real": np.isnan(real).mean(),
                "missing_synthetic": np.isnan(made).mean(),
            }
        )
    errors = jackknife_beside(lambda *two: _column_means(samples.features, *two), *samples.sides)
    heads = []
    for name, found, *both in zip(figures, figures.values(), *errors, strict=True):
        if found:
            means = (mean_of(side).value for side in zip(*found, strict=True))
            heads.append(metric(samples, name, *map(Estimate, means, both)))
    return [*heads, *metrics], pd.DataFrame(lines)


def _column_means(features, real, made):
    """Return the means over columns of KS, TV and the gaps in missing cells."""
    found = {True: [], False: []}
    gaps = []
    for feature, *both in zip(features, real.T, made.T, strict=True):
        compare = ks_complement if feature.is_number else tv_complement
        found[feature.is_number].append(compare(*both))
        gaps.append(_missing_gap(*both).value)
    holed = np.isnan(np.vstack([real, made])).any(axis=0)
    missing = np.mean(gaps, where=holed) if holed.any() else np.nan
    return np.array([mean_of(found[True]).value, mean_of(found[False]).value, missing])


def _missing_gap(real, other):
    p, q = np.isnan(real).mean(), np.isnan(other).mean()
    error = np.sqrt(p * (1 - p) / len(real) + q * (1 - q) / len(other))
    return Estimate(float(abs(p - q)), float(error))


def _pairs(samples):
    """Return how alike pairs are: all, those of two numbers, and the others."""
    titles = "column other metric similarity reference independent real synthetic".split()
    if len(samples.features) < 2:
        return [], pd.DataFrame(columns=titles)
    made = samples.pairs
    fresh = compare_pairs(samples.features, samples.real, samples.fresh)
    few = [rows[:JACKKNIFED_ROWS] for rows in samples.sides]
    errors = jackknife_beside(lambda *two: compare_pairs(samples.features, *two).means(), *few)
    errors = [np.sqrt(len(few[0]) / samples.n) * error for error in errors]
    # The worst a generator of right columns can do is to make them independent.
    scales = np.maximum(fresh.means() - made.independence(), LEAST_DEPENDENCE)
    sides = (
        map(Estimate, pairs.means(), e) for pairs, e in zip((made, fresh), errors, strict=True)
    )
    metrics = [
        metric(samples, name, value, reference, scale=float(scale))
        for name, value, reference, scale in zip(PAIRS, *sides, scales, strict=True)
        if not np.isnan(value.value)
    ]
    i, j = made.among()
    names = np.array([str(feature.name) for feature in samples.features], dtype=object)
    kind = np.where(made.is_correlation[i, j], "correlation", "contingency")
    sides = made.similarity, fresh.similarity, made.independent, made.real, made.synthetic
    columns = names[i], names[j], kind, *(side[i, j] for side in sides)
    table = pd.DataFrame(dict(zip(titles, columns, strict=True)))
    lost = (table["reference"] - table["similarity"]).to_numpy()
    return metrics, table.iloc[np.argsort(-lost, kind="stable")].head(10 * RANKED)


def _violations(samples):
    """Return the share of impossible synthetic rows, impossible cells and broken relations."""
    features, made, odd = samples.features, samples.coded["synthetic"], samples.odd["synthetic"]
    fresh_odd = samples.odd[samples.fresh_name][samples.all_fresh_at]
    # Limits of fewer rows are narrower, so both sides are held to those of the same rows.
    found = violations(features, samples.train, made, odd)
    fresh = violations(features, samples.train, samples.all_fresh, fresh_odd)
    bad, reference = (np.logical_or.reduce(list(f.values())) for f in (found, fresh))
    real, fresh_rows = samples.frames["real"], samples.frames[samples.fresh_name]
    relations = RealRelations(real.iloc[samples.orders["real"]], features)
    broken = relations.broken(samples.frames["synthetic"])
    beside = relations.broken(fresh_rows.iloc[samples.all_fresh_at])
    columns = {None: (bad.any(axis=1) | broken, reference.any(axis=1) | beside)}
    columns |= {str(f.name): (bad[:, j], reference[:, j]) for j, f in enumerate(features)}
    metrics = [
        bad_share(samples, "violations", rows, beside, by=name)
        for name, (rows, beside) in columns.items()
        if name is None or rows.any()
    ]
    lines = []
    # The table names cells that no real row has, whichever half it is in.
    for what, cells in violations(features, samples.coded["real"], made, odd).items():
        for j in np.flatnonzero(cells.any(axis=0)):
            name, at = features[j].name, np.flatnonzero(cells[:, j])
            example = samples.frames["synthetic"][name].iloc[at[0]]
            lines.append((name, what, len(at), len(at) / len(cells), example))
    table = pd.DataFrame(lines, columns=["column", "what", "rows", "share", "example"])
    table = table.sort_values("rows", ascending=False, kind="stable")
    return metrics, table, relations.table(real, samples.frames["synthetic"])


def diversity(samples):
    """Return metrics and tables of coverage, rare categories and spread."""
    points = [samples.scaler.points(rows) for rows in samples.sides]
    metrics, tables = neighbours(samples, [side[:NEIGHBOUR_ROWS] for side in points])
    metrics += spread(samples, points)
    features = samples.features
    rare, lines = rare_categories(features, samples.real, samples.synthetic)
    if lines:
        reference, _ = rare_categories(features, samples.real, samples.fresh)
        metrics.append(metric(samples, "rare_categories", rare, reference))
    table = pd.DataFrame(
        [(features[j].name, features[j].categories[int(code)], *rows) for j, code, *rows in lines],
        columns=["column", "category", "real_rows", "synthetic_rows"],
    )
    tables["rare_categories"] = table.sort_values("synthetic_rows", kind="stable")
    return metrics, tables


def utility(samples, rng):
    """Return TSTR and TRTS of the panel beside TRTR, and the agreement of importances."""
    is_class = samples.target_kind == "class"
    targets = [rows[:, samples.target_index] for rows in samples.sides]
    why = why_unlearnable(samples, targets, is_class)
    if why:
        agreement = ("importance_agreement",) if samples.n >= LEAST_ROWS else ()
        return unmeasured(samples, ("tstr", "trts", *agreement), why), {}
    task = Task(samples.features, samples.target_index, samples.target_kind, samples.train)
    scores = panel_scores(task, *samples.sides, rng)
    worst, low = (0.5, 0.0) if is_class else (0.0, -np.inf)
    metrics, tables = learners(samples, scores, worst, low)
    if samples.n >= LEAST_ROWS:
        made, fresh, found = importance_agreement(task, *samples.sides, rng)
        metrics.append(metric(samples, "importance_agreement", made, fresh))
        names = [feature.name for feature in task.inputs]
        ranked = pd.DataFrame({"column": names, "real": found[0], "synthetic": found[1]})
        tables["importances"] = ranked.sort_values("real", ascending=False, kind="stable")
    return metrics, tables


def privacy_group(samples, rng, anonymeter=False):
    """Return copies, distances to the closest record, and the membership attack with controls.

    Parameters
    ----------
    samples : TableSamples
    rng : numpy.random.Generator
    anonymeter : bool, default=False
        Whether to measure singling out, which takes a holdout.
    """
    metrics, scaler = [copies(samples)], samples.scaler
    n = min(len(samples.train), len(samples.all_fresh), NEIGHBOUR_ROWS)
    train, fresh = (scaler.points(rows[:n]) for rows in (samples.train, samples.all_fresh))
    # Rows are drawn once, so that the same ones are judged by every attack.
    at = rng.permutation(len(samples.coded["synthetic"]))[:NEIGHBOUR_ROWS]
    made = scaler.points(samples.coded["synthetic"][at])
    for name, estimate in _closeness(samples, train, fresh, made).items():
        metrics.append(metric(samples, name, estimate, 0.5, n=n, scale=0.5))
    tables = {"nearest_neighbours": samples.closest(at, rng)}
    if samples.has_holdout:
        metrics += attacks(samples, train, fresh, made, rng)
        if anonymeter:
            metrics.append(_singling_out(samples))
        labels = None
        if samples.target_kind == "class":
            sides = samples.train, samples.all_fresh
            labels = tuple(rows[:n, samples.target_index] for rows in sides)
        table = privacy.membership_table(train, fresh, made, labels, rng)
        tables["membership_attack"] = table
    return metrics, tables


def _closeness(samples, train, fresh, made):
    """Return the shares of rows near to training rows; points of all rows, whatever the class.

    Two distances to one table are compared where there is no holdout, and how near rows come to
    others differs between classes: then those compared within classes are taken.
    """
    if samples.has_holdout:
        return privacy.closeness_shares(train, fresh, made)
    if samples.within_classes:
        sides = samples.fresh[:NEIGHBOUR_ROWS], samples.synthetic[:NEIGHBOUR_ROWS]
        fresh, made = (samples.scaler.points(rows) for rows in sides)
    return privacy.closeness_without_holdout(train, fresh, made)


def _singling_out(samples):
    names = [feature.name for feature in samples.features]
    frames = [samples.frames[name][names] for name in ("real", "synthetic", "holdout")]
    risk, interval = privacy.singling_out(*frames)
    facts = {"interval": interval, "n": len(frames[1])}
    return metric(samples, "singling_out", Estimate(risk, np.nan), 0.0, **facts)

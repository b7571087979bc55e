"""The group "fidelity" of the quality report: columns, pairs, the C2ST and violations."""

import numpy as np
import pandas as pd

from gan_augment.evaluation.catalog import RANKED, WORST_SHARE, metric
from gan_augment.evaluation.explanation import ranked_rows
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

#: All pairs, those of two numbers, and those with a category.
PAIRS = ("pairs", "correlation", "contingency")

#: The area under the ROC curve of a model that knows nothing.
GUESS = 0.5

#: A table whose pairs are this near to independence has no dependence to get wrong.
LEAST_DEPENDENCE = 0.03

#: Rows from which the errors of means over pairs are estimated, then scaled to all.
JACKKNIFED_ROWS = 5_000


def fidelity(samples, rng):
    """Return metrics and tables of columns, pairs, the C2ST and violations.

    Parameters
    ----------
    samples : Samples
    rng : numpy.random.Generator

    Returns
    -------
    metrics : list of Metric
    tables : dict of {str: pandas.DataFrame}
    """
    by_column, columns = _columns(samples)
    pairs, pair_table = _pairs(samples)
    found, broken = _violations(samples)
    test = c2st(samples.features, samples.real, samples.synthetic, rng=rng)
    fresh = c2st(samples.features, samples.real, samples.fresh, rng=rng, telling=False)
    # A reference below a guess is the luck of one table: nobody can do worse than guess.
    floored = Estimate(max(fresh.auc.value, GUESS), fresh.auc.error)
    whole = metric(samples, "c2st", test.auc, floored, scale=1 - GUESS, best=GUESS)
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
        "implausible_rows": ranked_rows(
            samples.frames["synthetic"], samples.synthetic_at, test.probability, "P(synthetic)"
        ).head(RANKED),
    }
    return [whole, *by_column, *pairs, *found], tables


def _columns(samples):
    """Return KS and TV of each column, the shares of missing cells, and their table."""
    metrics, lines, figures = [], [], {"ks": [], "tv": [], "missing": []}
    columns = zip(
        samples.features, samples.real.T, samples.synthetic.T, samples.fresh.T, strict=True
    )
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
    errors = jackknife_beside(
        lambda *two: _column_means(samples.features, *two),
        *(samples.real, samples.synthetic, samples.fresh),
    )
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
    for feature, ours, theirs in zip(features, real.T, made.T, strict=True):
        compare = ks_complement if feature.is_number else tv_complement
        found[feature.is_number].append(compare(ours, theirs))
        gaps.append(_missing_gap(ours, theirs).value)
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
    made = compare_pairs(samples.features, samples.real, samples.synthetic)
    fresh = compare_pairs(samples.features, samples.real, samples.fresh)
    few = [rows[:JACKKNIFED_ROWS] for rows in (samples.real, samples.synthetic, samples.fresh)]
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
    """Return the share of synthetic rows with an impossible cell, and where they are."""
    features, made, odd = samples.features, samples.all_synthetic, samples.unreadable
    # Limits of fewer rows are narrower, so both sides are held to those of the same rows.
    found = violations(features, samples.train, made, odd)
    fresh = violations(features, samples.train, samples.all_fresh, samples.fresh_unreadable)
    bad, reference = (np.logical_or.reduce(list(f.values())) for f in (found, fresh))
    columns = {None: (bad.any(axis=1), reference.any(axis=1))}
    columns |= {str(f.name): (bad[:, j], reference[:, j]) for j, f in enumerate(features)}
    metrics = []
    for name, (rows, ours) in columns.items():
        if name is None or rows.any():
            facts = {"n": len(rows), "scale": WORST_SHARE, "by": name}
            facts["interval"] = wilson(int(rows.sum()), len(rows))
            metrics.append(
                metric(samples, "violations", mean_estimate(rows), share_estimate(ours), **facts)
            )
    lines = []
    # The table names cells that no real row has, whichever half it is in.
    for what, cells in violations(features, samples.all_real, made, odd).items():
        for j in np.flatnonzero(cells.any(axis=0)):
            name, at = features[j].name, np.flatnonzero(cells[:, j])
            example = samples.frames["synthetic"][name].iloc[at[0]]
            lines.append((name, what, len(at), len(at) / len(cells), example))
    table = pd.DataFrame(lines, columns=["column", "what", "rows", "share", "example"])
    return metrics, table.sort_values("rows", ascending=False, kind="stable")

"""Diversity, utility and privacy: each takes samples and returns metrics and tables."""

import numpy as np
import pandas as pd

from gan_augment.evaluation.catalog import RANKED, WORST_SHARE, metric
from gan_augment.evaluation.explanation import nearest_real, ranked_rows
from gan_augment.metrics import privacy
from gan_augment.metrics.diversity import (
    nearest_rows,
    prdc,
    rare_categories,
    spread_beside,
)
from gan_augment.metrics.privacy import membership_table
from gan_augment.metrics.uncertainty import (
    Estimate,
    mean_estimate,
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

#: Rows of each table in metrics that compare every row with every other.
NEIGHBOUR_ROWS = 5_000

#: Real rows among which the neighbours of a synthetic row are looked for.
SEARCHED_ROWS = 20_000


def diversity(samples):
    """Return metrics and tables of coverage, rare categories and spread.

    Parameters
    ----------
    samples : Samples

    Returns
    -------
    metrics : list of Metric
    tables : dict of {str: pandas.DataFrame}
    """
    scaler, n = samples.scaler(), min(samples.n, NEIGHBOUR_ROWS)
    points = [scaler.points(rows[:n]) for rows in (samples.real, samples.synthetic, samples.fresh)]
    made, covered, reach = prdc(points[0], points[1])
    fresh, _, _ = prdc(points[0], points[2])
    metrics = [
        metric(
            samples, name, made[name], fresh[name], n=n, high=np.inf if name == "density" else 1
        )
        for name in made
    ]
    metrics += _spread(samples, scaler)
    rare, lines = rare_categories(samples.features, samples.real, samples.synthetic)
    if lines:
        reference, _ = rare_categories(samples.features, samples.real, samples.fresh)
        metrics.append(metric(samples, "rare_categories", rare, reference))
    names = [feature.name for feature in samples.features]
    rare_table = pd.DataFrame(
        [(names[j], samples.features[j].categories[int(code)], *rows) for j, code, *rows in lines],
        columns=["column", "category", "real_rows", "synthetic_rows"],
    )
    missed = np.flatnonzero(~covered)
    uncovered = ranked_rows(
        samples.frames["real"], samples.real_at[missed], reach[missed], "distance in radii"
    )
    tables = {
        "uncovered_rows": uncovered.head(RANKED),
        "rare_categories": rare_table.sort_values("synthetic_rows", kind="stable"),
    }
    return metrics, tables


def _spread(samples, scaler):
    """Return the spread inside each class, the target itself left out."""
    at = samples.target_index if samples.target_kind == "class" else None
    tables = samples.real, samples.synthetic, samples.fresh
    labels = [None] * 3 if at is None else [rows[:, at] for rows in tables]
    points = [scaler.points(rows) for rows in tables]
    overall, by_class = spread_beside(points, labels)
    metrics = [metric(samples, "within_class_variance", *overall)]
    if at is not None:
        for code, sides in by_class.items():
            label = str(samples.features[at].categories[int(code)])
            metrics.append(metric(samples, "within_class_variance", *sides, by=label))
    return metrics


def utility(samples, rng):
    """Return TSTR and TRTS of the panel beside TRTR, and the agreement of importances.

    Parameters
    ----------
    samples : Samples
        With a target.
    rng : numpy.random.Generator

    Returns
    -------
    metrics : list of Metric
    tables : dict of {str: pandas.DataFrame}
    """
    at, kind = samples.target_index, samples.target_kind
    task = Task(samples.features, at, kind, samples.train)
    scores = panel_scores(task, samples.real, samples.synthetic, samples.fresh, rng)
    worst, metrics = (0.5 if kind == "class" else 0.0), []
    low = 0.0 if kind == "class" else -np.inf
    for name, who, value, reference in beside_real(scores):
        scale = np.nanmax([reference.value - worst, 0.1])  # what a guess would score
        facts = {"by": who, "low": low, "scale": float(scale)}
        metrics.append(metric(samples, name, value, reference, **facts))
    tables = {"utility": panel_table(scores)}
    if samples.n >= LEAST_ROWS:
        made, fresh, found = importance_agreement(
            task, samples.real, samples.synthetic, samples.fresh, rng
        )
        metrics.append(metric(samples, "importance_agreement", made, fresh))
        names = [feature.name for feature in task.inputs]
        ranked = pd.DataFrame({"column": names, "real": found[0], "synthetic": found[1]})
        tables["importances"] = ranked.sort_values("real", ascending=False, kind="stable")
    return metrics, tables


def privacy_group(samples, rng):
    """Return copies, distances to the closest record, and the membership attack with controls.

    Parameters
    ----------
    samples : Samples
    rng : numpy.random.Generator

    Returns
    -------
    metrics : list of Metric
    tables : dict of {str: pandas.DataFrame}
    """
    metrics = [_copies(samples)]
    scaler, n = samples.scaler(), min(len(samples.train), len(samples.all_fresh), NEIGHBOUR_ROWS)
    train, fresh = (scaler.points(rows[:n]) for rows in (samples.train, samples.all_fresh))
    # Rows are drawn once, so that the same ones are judged by every attack.
    at = rng.permutation(len(samples.all_synthetic))[:NEIGHBOUR_ROWS]
    made = scaler.points(samples.all_synthetic[at])
    shares = privacy.closeness_without_holdout
    if samples.has_holdout:
        shares = privacy.closeness_shares
    for name, estimate in shares(train, fresh, made).items():
        metrics.append(metric(samples, name, estimate, 0.5, n=n, scale=0.5))
    tables = {"nearest_neighbours": _closest(samples, scaler, at, rng)}
    if samples.has_holdout:
        metrics += _attacks(samples, train, fresh, made, rng)
        labels = None
        if samples.target_kind == "class":
            sides = samples.train, samples.all_fresh
            labels = tuple(rows[:n, samples.target_index] for rows in sides)
        tables["membership_attack"] = membership_table(train, fresh, made, labels, rng)
    return metrics, tables


def _copies(samples):
    copied = privacy.exact_copies(samples.features, samples.all_real, samples.all_synthetic)
    if samples.has_holdout:
        fresh = privacy.exact_copies(samples.features, samples.train, samples.all_fresh)
    else:
        fresh = privacy.repeated(samples.features, samples.all_real)
    interval = wilson(int(copied.sum()), len(copied))
    facts = {"n": len(copied), "interval": interval, "scale": WORST_SHARE}
    return metric(samples, "exact_copies", mean_estimate(copied), share_estimate(fresh), **facts)


def _attacks(samples, train, fresh, made, rng):
    worst, interval, chance, attacks = privacy.membership_attack(train, fresh, made, rng)
    facts = {"n": len(train), "scale": 0.5}
    metrics = [metric(samples, "membership", worst, chance, interval=interval, **facts)]
    for name, estimate in attacks.items():
        metrics.append(metric(samples, "membership", estimate, 0.5, by=name, **facts))
    names = [feature.name for feature in samples.features]
    frames = [samples.frames[name][names] for name in ("real", "synthetic", "holdout")]
    risk = privacy.singling_out(*frames)
    if risk is not None:
        value, *ends = risk
        estimate, facts = Estimate(value, np.nan), {"interval": ends, "n": len(frames[1])}
        metrics.append(metric(samples, "singling_out", estimate, 0.0, **facts))
    return metrics


def _closest(samples, scaler, at, rng):
    """Return the synthetic rows nearest to a real row, with the real rows they are near to."""
    searched = rng.permutation(len(samples.all_real))[:SEARCHED_ROWS]
    real = samples.all_real[searched]
    far = nearest_rows(scaler.points(samples.all_synthetic[at]), scaler.points(real), 1)[0][:, 0]
    closest = at[np.argsort(far, kind="stable")[:RANKED]]
    table = nearest_real(scaler, samples.features, real, samples.all_synthetic[closest], k=1).drop(
        columns="rank"
    )
    table["synthetic_row"] = closest[table["synthetic_row"]]
    table["real_row"] = searched[table["real_row"]]
    return table

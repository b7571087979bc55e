"""Privacy: how near synthetic rows come to the rows they were learnt from.

Three kinds of figures. Closeness: whether synthetic rows lie nearer to the training rows than to
others. The membership attack: whether somebody who has the synthetic rows can tell who was trained
on. Singling out, by the package anonymeter.

An area of .6 under the ROC curve of an attack means little alone, so `membership_table` puts it
beside what the same attack reaches on rows made from the same training rows in two known ways.
Rows interpolated between neighbours, as SMOTE makes them, give their members away nearly always.
One Gaussian with the members' means and covariances hardly does, and then only because few rows do
not fix it.
"""

import numpy as np
import pandas as pd
from scipy.special import logsumexp
from sklearn.utils import gen_batches

from gan_augment.exceptions import InputError
from gan_augment.metrics.diversity import distances, nearest_rows
from gan_augment.metrics.uncertainty import Estimate, auc

#: Origins of rows in `membership_table`, beside "synthetic".
SMOTE, GAUSSIAN = "interpolated as SMOTE does", "one Gaussian"

_NEIGHBORS = 5  # as in SMOTE
_LEAST_OF_A_CLASS = 10  # members and others a class needs to be attacked by itself
_RESAMPLES = 200
_PERMUTATIONS = 50
_DENSITY_DIMENSIONS = 10
_CHUNK = 2**22


def _wins(a, b):
    """Return 1 where a < b, a half where they are equal, up to rounding."""
    return np.where(np.abs(a - b) <= 1e-6, 0.5, a < b)


def closeness_shares(train, holdout, synthetic):
    """Return the shares of synthetic points nearer to training points than to as many others.

    DCR, distance to the closest record: the share of synthetic points whose nearest training point
    is nearer than their nearest holdout point. NNDR, nearest-neighbour distance ratio: the same
    with the distance to the nearest over that to the second nearest, which is small where a point
    sits next to one particular record (Platzer and Reutterer 2021). Ties count half. Points whose
    nearest real row is the same one are not independent: the error is of clusters.

    Examples
    --------
    >>> train, holdout = np.array([[0.0], [9.0]]), np.array([[4.0], [5.0]])
    >>> closeness_shares(train, holdout, np.array([[0.1], [4.1]]))["dcr_share"].value
    0.5
    """
    found = [nearest_rows(synthetic, rows, 2) for rows in (train, holdout)]
    (to_train, train_at), (to_holdout, holdout_at) = found
    wins = _wins(to_train[:, 0], to_holdout[:, 0])
    nearest = np.where(wins >= 0.5, train_at[:, 0], len(train) + holdout_at[:, 0])
    return {
        "dcr_share": _clustered(wins, nearest),
        "nndr_share": _clustered(_wins(_ratio(to_train), _ratio(to_holdout)), nearest),
    }


def _clustered(wins, nearest):
    """Return the mean, with an error that takes points near one real row as one draw of it."""
    sums = np.bincount(nearest, weights=wins - wins.mean())
    return Estimate(float(wins.mean()), float(np.sqrt((sums**2).sum()) / len(wins)))


def closeness_without_holdout(half, other_half, synthetic):
    """Return how often a synthetic point is nearer to one real half than a point of the other.

    The stand-in for `closeness_shares` where the generator saw all real rows: the probability that
    a random synthetic point lies closer to its nearest row of the first half than a random row of
    the second half does. About .75 for copies of all rows, half of which are in the first half.

    Examples
    --------
    >>> grid = np.arange(0, 20.0, 2)[:, None]
    >>> closeness_without_holdout(grid, grid + 1, grid)["dcr_share"].value
    1.0
    """
    made, fresh = (nearest_rows(points, half, 2)[0] for points in (synthetic, other_half))

    def nearer(a, b):
        return auc(-np.round(b, 6), -np.round(a, 6))

    return {
        "dcr_share": nearer(made[:, 0], fresh[:, 0]),
        "nndr_share": nearer(_ratio(made), _ratio(fresh)),
    }


def _ratio(nearest):
    first, last = nearest[:, 0], nearest[:, -1]
    # Two neighbours at distance 0 are no particular record.
    return np.where(last > 1e-6, first / np.maximum(last, 1e-6), 1.0)


def membership_scores(members, others, synthetic):
    """Return three scores of each real point for having been trained on, members first.

    With d the distance to the nearest point. Distance: ``-d(x, synthetic)``. Calibrated distance:
    ``log d(x, real rows but x) - log d(x, synthetic)``, which asks whether x is nearer to the
    synthetic points than its surroundings explain. DOMIAS (van Breugel et al. 2023): the same with
    Gaussian kernel densities, ``log p(x | synthetic) - log p(x | real rows but x)``, on at most
    ten principal components; the real rows but x stand in for its reference set.
    """
    real = np.vstack([members, others])
    far = nearest_rows(real, synthetic, 1)[0][:, 0]
    around = nearest_rows(real, real, 2)[0][:, 1]
    made_density, real_density = _densities(real, synthetic)
    return {
        "distance": -far,
        "calibrated distance": np.log(around + 1e-3) - np.log(far + 1e-3),
        "DOMIAS": made_density - real_density,
    }


def _densities(real, synthetic):
    """Return log densities of real points under both tables, each point left out of its own."""
    centre = real.mean(axis=0)
    _, spread, axes = np.linalg.svd(real - centre, full_matrices=False)
    axes = axes[: min(_DENSITY_DIMENSIONS, int((spread > 1e-9).sum()) or 1)]
    real, synthetic = ((points - centre) @ axes.T for points in (real, synthetic))
    width = len(axes)
    scale = np.sqrt(real.var(axis=0).mean()) or 1.0
    found = np.empty((2, len(real)))
    for row, points in enumerate((synthetic, real)):
        bandwidth = scale * len(points) ** (-1 / (width + 4))  # Scott's rule
        step = max(1, _CHUNK // len(points))
        for part in gen_batches(len(real), step):
            power = -(distances(real[part], points) ** 2) / (2 * bandwidth**2)
            if row == 1:
                own = np.arange(part.start, part.stop)
                power[own - part.start, own] = -np.inf
            found[row, part] = logsumexp(power, axis=1)
        found[row] -= np.log(len(points) - row) + width * np.log(bandwidth)
    # Far from everything both densities vanish; a floor keeps the difference a number.
    return np.maximum(found, -1e3)


def membership_attack(members, others, synthetic, rng):
    """Return how well the best of three attacks tells training rows from as many other rows.

    That is ``(worst, interval, chance, by_attack)``: the largest of the three areas, its error
    that of the resampled maximum; its 95 % range on 200 resamples of the rows; the largest area
    where membership is dealt out at random, which is what fresh real rows in place of synthetic
    ones would give; and the areas by name. At 50 members even a fitted Gaussian reaches .65.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> members, others = rng.normal(size=(2, 200, 3))
    >>> worst, *_ = membership_attack(members, others, members, rng)
    >>> worst.value > 0.99
    True
    """
    scores = membership_scores(members, others, synthetic)
    n = len(members)
    by_attack = {name: auc(s[n:], s[:n]) for name, s in scores.items()}
    table = np.stack(list(scores.values()))

    def worst(trained, fresh):
        return max(auc(s[fresh], s[trained]).value for s in table)

    resampled = [
        worst(rng.integers(0, n, n), n + rng.integers(0, table.shape[1] - n, table.shape[1] - n))
        for _ in range(_RESAMPLES)
    ]
    shuffled = [rng.permutation(table.shape[1]) for _ in range(_PERMUTATIONS)]
    chance = np.mean([worst(order[:n], order[n:]) for order in shuffled])
    value = max(estimate.value for estimate in by_attack.values())
    interval = tuple(float(end) for end in np.quantile(resampled, [0.025, 0.975]))
    return Estimate(value, float(np.std(resampled))), interval, float(chance), by_attack


def interpolated(points, labels, m, rng):
    """Return m points, each between a row and one of its five nearest of the same class: SMOTE."""
    labels = np.zeros(len(points)) if labels is None else np.where(labels == labels, labels, -1)
    start = rng.integers(len(points), size=m)
    partner = start.copy()
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        k = min(_NEIGHBORS, len(members) - 1)
        mine = np.flatnonzero(labels[start] == label)
        if k:
            near = nearest_rows(points[members], points[members], k + 1)[1][:, 1:]
            row = np.searchsorted(members, start[mine])
            partner[mine] = members[near[row, rng.integers(k, size=len(mine))]]
    return points[start] + rng.random((m, 1)) * (points[partner] - points[start])


def one_gaussian(points, m, rng):
    """Return m points of the normal distribution with the means and covariances of these."""
    centre = points.mean(axis=0)
    noise = rng.standard_normal((m, len(points))) / np.sqrt(max(len(points) - 1, 1))
    return centre + noise @ (points - centre)


def membership_table(members, others, synthetic, labels, rng):
    """Return what the best of three attacks reaches on these rows and on the two controls.

    A line for each origin of rows has the largest area of the three, which attack that is, and the
    largest among the rows of the rarest class, NaN where those are fewer than ten. `labels` are
    class codes of members and of others, or None.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> members, others = rng.normal(size=(2, 200, 3))
    >>> table = membership_table(members, others, members, None, rng)
    >>> table["rows"].tolist()
    ['synthetic', 'interpolated as SMOTE does', 'one Gaussian']
    >>> table["attack"].round(1).tolist()
    [1.0, 0.9, 0.5]
    """
    m, of_members = len(synthetic), None if labels is None else labels[0]
    sources = {
        "synthetic": synthetic,
        SMOTE: interpolated(members, of_members, m, rng),
        GAUSSIAN: one_gaussian(members, m, rng),
    }
    rare, lines = _rarest(labels), []
    for name, points in sources.items():
        scores = membership_scores(members, others, points)
        whole = {attack: _area(s, len(members)) for attack, s in scores.items()}
        best = max(whole, key=whole.get)
        few = [np.nan if rare is None else _area(s, len(members), rare) for s in scores.values()]
        lines.append((name, whole[best], best, max(few)))
    return pd.DataFrame(lines, columns=["rows", "attack", "by", "rarest class"])


def _rarest(labels):
    """Whether each member and other is of the rarest class; None if it has too few of either."""
    if labels is None:
        return None
    codes, counts = np.unique(labels[0][~np.isnan(labels[0])], return_counts=True)
    if len(codes) < 2:
        return None
    rare = [side == codes[counts.argmin()] for side in labels]
    return np.concatenate(rare) if min(side.sum() for side in rare) >= _LEAST_OF_A_CLASS else None


def _area(score, n, among=True):
    member = np.arange(len(score)) < n
    return auc(score[~member & among], score[member & among]).value


def singling_out(real, synthetic, holdout, n_attacks=500):
    """Return anonymeter's univariate singling-out risk and its 95 % interval (Giomi et al. 2023).

    It is the excess over the risk of the holdout; NaN where the attack found no guess to make.
    Anonymeter draws from numpy's global generator: its state is put back afterwards, so this one
    figure is repeatable only as far as anonymeter is.

    Raises
    ------
    InputError
        If anonymeter is not installed.
    """
    try:
        from anonymeter.evaluators import SinglingOutEvaluator
    except ImportError as error:
        raise InputError.of(
            "anonymeter",
            True,
            "needs the package anonymeter",
            "install it with pip install anonymeter",
        ) from error
    frames = [pd.DataFrame(frame).reset_index(drop=True) for frame in (real, synthetic, holdout)]
    state = np.random.get_state()
    try:
        evaluator = SinglingOutEvaluator(
            ori=frames[0], syn=frames[1], control=frames[2], n_attacks=n_attacks
        )
        risk = evaluator.evaluate(mode="univariate").risk(confidence_level=0.95)
    except (RuntimeError, ValueError):
        return np.nan, (np.nan, np.nan)
    finally:
        np.random.set_state(state)
    return float(risk.value), tuple(float(end) for end in risk.ci)

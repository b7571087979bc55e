"""What a membership attack reaches on rows made in two known ways, beside those in question.

An area of .6 means little alone. Rows interpolated between neighbours, as SMOTE makes them, give
their members away nearly always; one Gaussian with the members' means and covariances hardly
does, and then only because few rows do not fix it. Both are made here, of the same members.
"""

import numpy as np
import pandas as pd

from gan_augment.evaluate.diversity import nearest_rows
from gan_augment.evaluate.intervals import auc
from gan_augment.evaluate.privacy import membership_scores

NEIGHBORS = 5
#: Members and others a class needs to be attacked by itself.
LEAST_ROWS = 10
SMOTE, GAUSSIAN = "interpolated as SMOTE does", "one Gaussian"


def interpolated(points, labels, m, rng):
    """Return points between a row and one of its five nearest rows of the same class.

    Parameters
    ----------
    points : ndarray of shape (n, w)
    labels : ndarray of shape (n,) or None
    m : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (m, w)

    References
    ----------
    N. V. Chawla et al. (2002), SMOTE: Synthetic Minority Over-sampling Technique.
    """
    labels = np.zeros(len(points)) if labels is None else np.where(labels == labels, labels, -1)
    start = rng.integers(len(points), size=m)
    partner = start.copy()
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        k = min(NEIGHBORS, len(members) - 1)
        mine = np.flatnonzero(labels[start] == label)
        if k:
            near = nearest_rows(points[members], points[members], k + 1)[1][:, 1:]
            row = np.searchsorted(members, start[mine])
            partner[mine] = members[near[row, rng.integers(k, size=len(mine))]]
    return points[start] + rng.random((m, 1)) * (points[partner] - points[start])


def one_gaussian(points, m, rng):
    """Return points of the normal distribution with the means and covariances of these.

    Parameters
    ----------
    points : ndarray of shape (n, w)
    m : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of shape (m, w)
    """
    centre = points.mean(axis=0)
    noise = rng.standard_normal((m, len(points))) / np.sqrt(max(len(points) - 1, 1))
    return centre + noise @ (points - centre)


def membership_table(members, others, synthetic, labels, rng):
    """Return what the best of three attacks reaches on these rows and on the two controls.

    Parameters
    ----------
    members, others : ndarray of shape (n, w)
        Training points and as many points that were not trained on.
    synthetic : ndarray of shape (m, w)
    labels : tuple of two ndarrays of shape (n,), or None
        Class codes of members and others.
    rng : numpy.random.Generator
        Makes the controls.

    Returns
    -------
    pandas.DataFrame
        A line for each origin of rows: the largest area of the three, which attack that is,
        and the largest among the rows of the rarest class, NaN where those are fewer than ten.

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
    return np.concatenate(rare) if min(side.sum() for side in rare) >= LEAST_ROWS else None


def _area(score, n, among=True):
    member = np.arange(len(score)) < n
    return auc(score[~member & among], score[member & among]).value


def in_words(table):
    """Return the table as one sentence that promises nothing.

    Parameters
    ----------
    table : pandas.DataFrame
        As `membership_table` returns it.

    Returns
    -------
    str
    """
    areas = table.set_index("rows")
    parts = [f"{areas.at[name, 'attack']:.2f} on {name}" for name in (SMOTE, GAUSSIAN)]
    rare = areas.at["synthetic", "rarest class"]
    among = "" if np.isnan(rare) else f" (rarest class: {rare:.2f})"
    return (
        f"The membership attack reaches {areas.at['synthetic', 'attack']:.2f} on the synthetic "
        f"rows{among}, {' and '.join(parts)}; 0.50 is a guess. However low, it is no proof of "
        "anonymity."
    )

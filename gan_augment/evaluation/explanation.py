"""Explanation: which synthetic rows are implausible, which real rows are missed, who is near whom.

Tables of the caller's own rows, with the reason in front; positions count rows from 0.
"""

import numpy as np
import pandas as pd

from gan_augment.containers.validation import free_name
from gan_augment.metrics.diversity import nearest_rows


def ranked_rows(frame, positions, score, name):
    """Return rows of a frame in the order of a score, with the score as the first column.

    Parameters
    ----------
    frame : pandas.DataFrame
        The caller's rows.
    positions : ndarray of int, shape (n,)
        The rows that were scored.
    score : ndarray of shape (n,)
        Largest first.
    name : str
        Of the score's column; with a number behind it where a column has that name.

    Returns
    -------
    pandas.DataFrame
        The index, named "row", holds positions in `frame`; its name too gets a number where a
        column has it.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [10, 20, 30]})
    >>> ranked_rows(frame, np.array([0, 2]), np.array([0.1, 0.9]), "score").index.tolist()
    [2, 0]
    """
    order = np.argsort(-score, kind="stable")
    found = frame.iloc[positions[order]].copy()
    name, index = free_name(name, frame.columns), free_name("row", frame.columns)
    found.index = pd.Index(positions[order], name=index)
    found.insert(0, name, score[order])
    return found


def nearest_real(scaler, features, real, rows, k=3):
    """Return the nearest real rows of each synthetic row, and where they differ.

    Parameters
    ----------
    scaler : Scaler
        Measures the distance.
    features : tuple of Feature
    real, rows : ndarray of shape (n, d) and (m, d)
        Coded rows.
    k : int, default=3
        Neighbours of each row.

    Returns
    -------
    pandas.DataFrame
        Columns synthetic_row, rank, real_row (both positions), distance, n_different and
        most_different: the up to three columns that differ most.

    Examples
    --------
    >>> from gan_augment.metrics.features import Feature, Scaler
    >>> features = (Feature("a", "number", "number"),)
    >>> real = np.array([[0.0], [4.0]])
    >>> found = nearest_real(Scaler(features, real), features, real, np.array([[3.0]]), k=1)
    >>> found[["real_row", "distance", "most_different"]]
       real_row  distance most_different
    0         1       0.5              a
    """
    far, near = nearest_rows(scaler.points(rows), scaler.points(real), k)
    found = []
    for i in range(len(rows)):
        for rank, (position, distance) in enumerate(zip(near[i], far[i], strict=True), start=1):
            gap = column_gaps(scaler, rows[i], real[position])
            order = [j for j in np.argsort(-gap, kind="stable") if gap[j] > 1e-9]
            names = ", ".join(str(features[j].name) for j in order[:3])
            found.append((i, rank, int(position), float(distance), len(order), names))
    names = ["synthetic_row", "rank", "real_row", "distance", "n_different", "most_different"]
    return pd.DataFrame(found, columns=names)


def column_gaps(scaler, row, other):
    """Return the distance of two coded rows column by column.

    Parameters
    ----------
    scaler : Scaler
    row, other : ndarray of shape (d,)

    Returns
    -------
    ndarray of shape (d,)
        Standard deviations for numbers; 1 for another category or for missing against present.
    """
    gaps = np.empty(len(row))
    for j, feature in enumerate(scaler.features):
        missing = np.isnan([row[j], other[j]])
        if missing.any():
            gaps[j] = float(missing.sum() == 1)
        elif feature.is_number:
            gaps[j] = abs(row[j] - other[j]) / scaler.spread(j)
        else:
            gaps[j] = float(row[j] != other[j])
    return gaps


def side_by_side(features, scaler, synthetic, real, frames, row, k=3):
    """Return one synthetic row beside its nearest real rows, one line a column.

    Parameters
    ----------
    features : tuple of Feature
    scaler : Scaler
    synthetic, real : ndarray of shape (m, d) and (n, d)
        Coded rows.
    frames : tuple of two pandas.DataFrame
        The synthetic and the real table as the caller has them, for the cells.
    row : int
        Position of the synthetic row.
    k : int, default=3
        Real rows beside it.

    Returns
    -------
    pandas.DataFrame
        Index: column names. Columns: "synthetic <row>", "real <position>" for each neighbour,
        nearest first, and "gap", the distance to the nearest in that column.
    """
    far, near = nearest_rows(scaler.points(synthetic[row : row + 1]), scaler.points(real), k)
    names = [feature.name for feature in features]
    made, originals = (frame[names].astype(object) for frame in frames)
    lines = {f"synthetic {row}": made.iloc[row].to_numpy()}
    for position in near[0]:
        lines[f"real {position}"] = originals.iloc[position].to_numpy()
    found = pd.DataFrame(lines, index=pd.Index(names, name="column"))
    found["gap"] = column_gaps(scaler, synthetic[row], real[near[0][0]])
    found.attrs["distances"] = [float(distance) for distance in far[0]]
    return found

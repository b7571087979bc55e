"""Figures of rows: real ones beside synthetic ones, column by column, in pairs and as a cloud."""

import numpy as np
import pandas as pd

from gan_augment.report.association import as_floats, as_points, associations, is_number
from gan_augment.report.style import (
    GRID,
    INK,
    MUTED,
    REAL,
    SMALLEST,
    SYNTHETIC,
    blank,
    label,
    legend,
    titled,
)

MAX_BARS = 10
MAX_POINTS = 500
MAX_PAIRED = 20
MISSING = "(missing)"
OTHERS = "(others)"


def column_distribution(real, synthetic, *, size=(3.4, 2.3)):
    """Draw one column of both tables: a histogram of numbers, bars of categories.

    Parameters
    ----------
    real, synthetic : Series
    size : tuple of float, default=(3.4, 2.3)
        In inches.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, ax = blank(*size)
    _draw_column(ax, real, synthetic)
    return figure


def column_distributions(real, synthetic, columns=None, limit=12):
    """Draw several columns of both tables in one figure.

    Parameters
    ----------
    real, synthetic : DataFrame
    columns : list, optional
        The shared columns by default, as they stand.
    limit : int, default=12

    Returns
    -------
    matplotlib.figure.Figure
    """
    if columns is None:
        columns = [name for name in real.columns if name in synthetic.columns]
    columns = list(columns)[:limit]
    n_columns = min(3, len(columns))
    n_rows = -(-len(columns) // n_columns)
    figure, axes = blank(2.9 * n_columns, 2.3 * n_rows, n_rows, n_columns, squeeze=False)
    for ax, name in zip(axes.flat, columns, strict=False):
        _draw_column(ax, real[name], synthetic[name])
        titled(ax, label(name))
    for ax in list(axes.flat)[len(columns) :]:
        ax.remove()
    legend(figure, handles=_handles(), loc="outside upper left")
    return figure


def _handles():
    from matplotlib.patches import Patch

    return [Patch(color=REAL, label="real"), Patch(color=SYNTHETIC, label="synthetic")]


def _draw_column(ax, real, synthetic):
    if is_number(real) and is_number(synthetic) and real.nunique() > 2:
        _draw_numbers(ax, real, synthetic)
    else:
        _draw_categories(ax, real, synthetic)


def _draw_numbers(ax, real, synthetic):
    dates = pd.api.types.is_datetime64_any_dtype(real)
    values = [v[np.isfinite(v)] for v in map(as_floats, (real, synthetic))]
    both = np.concatenate(values)
    if not len(both):
        ax.set_xlabel("no numbers")
        return
    low, high = np.quantile(both, [0.005, 0.995])
    beyond = [float(np.mean((v < low) | (v > high))) if len(v) else 0.0 for v in values]
    whole = np.unique(both)
    if len(whole) <= 25 and np.all(whole == np.round(whole)):  # a count: one bar a value
        edges = np.append(whole, whole[-1] + 1) - 0.5
        low, high = edges[0], edges[-1]
    else:
        edges = np.linspace(low, high if high > low else low + 1, 26)
    for data, colour in zip(values, (REAL, SYNTHETIC), strict=True):
        counts, _ = np.histogram(data, edges)
        shares = counts / max(1, len(data))
        ax.stairs(shares, edges, fill=True, color=colour, alpha=0.22, linewidth=0)
        ax.stairs(shares, edges, color=colour, linewidth=1.6)
    ax.set_ylabel("share of rows")
    notes = (
        []
        if max(beyond) <= 0.02
        else [f"outside: real {beyond[0]:.0%}, synthetic {beyond[1]:.0%}"]
    )
    absent = real.isna().mean(), synthetic.isna().mean()
    if max(absent) > 0:
        notes.append(f"missing: real {absent[0]:.0%}, synthetic {absent[1]:.0%}")
    ax.set_xlabel("; ".join(notes))
    ax.locator_params(axis="both", nbins=5)
    if dates:
        ticks = ax.get_xticks()
        ax.set_xticks(ticks, [_as_date(tick) for tick in ticks], rotation=20)
        ax.set_xlim(edges[0], edges[-1])


def _as_date(seconds):
    return str(np.datetime64(int(seconds), "s").astype("datetime64[D]"))


def _draw_categories(ax, real, synthetic):
    shares = pd.DataFrame({"real": _shares(real), "synthetic": _shares(synthetic)}).fillna(0.0)
    shares = shares.sort_values("real", ascending=False, kind="stable")
    if len(shares) > MAX_BARS:
        # Frequent ones, and those that a table has too many of.
        gap = (shares["real"] - shares["synthetic"]).abs()
        rank = np.minimum(shares["real"].rank(ascending=False), gap.rank(ascending=False))
        kept = shares[rank.rank(method="first") < MAX_BARS]
        rest = shares.drop(kept.index).sum().to_frame(OTHERS).T
        shares = pd.concat([kept, rest])
    heights = -np.arange(len(shares), dtype=float)
    ax.barh(heights + 0.2, shares["real"], 0.38, color=REAL)
    ax.barh(heights - 0.2, shares["synthetic"], 0.38, color=SYNTHETIC)
    ax.set_yticks(heights, [label(name, 18) for name in shares.index])
    ax.set_xlabel("share of rows")
    ax.grid(False, axis="y")
    ax.locator_params(axis="x", nbins=5)


def _shares(series):
    text = series.astype(object).where(series.notna(), MISSING).map(str)
    return text.value_counts(normalize=True)


def pair_heatmaps(real, synthetic, limit=MAX_PAIRED):
    """Draw how strongly columns go together: in the real rows, the synthetic ones, and the gap.

    Parameters
    ----------
    real, synthetic : DataFrame
    limit : int, default=20
        Columns drawn at most, the first ones.

    Returns
    -------
    matplotlib.figure.Figure
    """
    names = [name for name in real.columns if name in synthetic.columns][:limit]
    matrices = [associations(frame[names]).to_numpy() for frame in (real, synthetic)]
    matrices.append(matrices[1] - matrices[0])
    # Names stand beside the first map only; the maps below it keep its order.
    side = max(2.3, 0.145 * len(names))
    room = 0.6 + 0.085 * min(16, max(len(str(name)) for name in names))  # names below, upright
    figure, axes = blank(3 * side + 1.6, side + room, columns=3, sharey=True)
    titles = ("real", "synthetic", "synthetic less real")
    for ax, matrix, title in zip(axes, matrices, titles, strict=True):
        image = ax.imshow(matrix, vmin=-1, vmax=1, cmap="RdBu_r", interpolation="nearest")
        titled(ax, title)
        ax.grid(False)
        ticks = [label(name, 16) for name in names]
        ax.set_xticks(range(len(names)), ticks, rotation=90, fontsize=SMALLEST)
        ax.set_yticks(range(len(names)), ticks, fontsize=SMALLEST)
    bar = figure.colorbar(image, ax=axes, shrink=0.8, aspect=30, ticks=[-1, 0, 1])
    bar.ax.tick_params(labelsize=SMALLEST, length=0, colors=INK)
    bar.outline.set_visible(False)
    return figure


def embedding(real, synthetic, random_state=0):
    """Draw both tables as clouds, seen along the two directions in which real rows vary most.

    Numbers are standardised and categories become indicators; the principal components are
    those of the real rows, and synthetic rows are put on the same map.

    Parameters
    ----------
    real, synthetic : DataFrame
    random_state : int, default=0
        Of the rows drawn where there are more than 500.

    Returns
    -------
    matplotlib.figure.Figure
        Real rows before synthetic ones in grey, then the other way round.
    """
    from sklearn.decomposition import PCA

    points = as_points(real, synthetic)
    n_components = min(2, points[0].shape[1])
    pca = PCA(n_components, random_state=random_state).fit(points[0])
    rng = np.random.default_rng(random_state)
    maps = []
    for cloud in points:
        chosen = rng.permutation(len(cloud))[:MAX_POINTS]
        flat = pca.transform(cloud[chosen])
        maps.append(np.column_stack([flat, np.zeros(len(flat))])[:, :2])
    figure, axes = blank(7.6, 3.7, columns=2, sharex=True, sharey=True)
    share = pca.explained_variance_ratio_.sum()
    for i, (ax, colour, title) in enumerate(
        zip(axes, (REAL, SYNTHETIC), ("real rows", "synthetic rows"), strict=True)
    ):
        ax.plot(*maps[1 - i].T, "o", color=GRID, markersize=3.4, markeredgewidth=0)
        ax.plot(*maps[i].T, "o", color=colour, markersize=3.4, markeredgewidth=0, alpha=0.75)
        titled(ax, title)
        ax.set_xticklabels([])
        ax.set_yticklabels([])
    figure.supxlabel(
        f"two directions that hold {share:.0%} of how real rows vary; the other table in grey",
        fontsize=SMALLEST,
        color=MUTED,
    )
    return figure

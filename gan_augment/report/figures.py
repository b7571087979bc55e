"""Figures of results (lift, chances, amounts, learning curves, metrics) and of rows.

Each takes plain frames or arrays and returns a ``matplotlib.figure.Figure`` that pyplot does not
know; ``figure.axes`` are its axes. In results the baseline is the augmenter "none"; rows are drawn
as distributions of columns, as maps of pairs and as a cloud.
"""

import re

import numpy as np
import pandas as pd

from gan_augment.metrics.features import durations, times
from gan_augment.report.style import (
    FAIR,
    GOOD,
    GRID,
    INK,
    MUTED,
    NARROW,
    POOR,
    REAL,
    SERIES,
    SMALLEST,
    SYNTHETIC,
    VERDICT_COLOURS,
    blank,
    label,
    label_inches,
    legend,
    titled,
)

NONE = "none"
#: Controls, by the names they have in comparisons.
CHEAP = ("duplicates", "SMOTE", "jitter", "class weights", "tuned threshold")
ROW = 0.27  # inches a line of text and its mark take
MAX_BARS = 10
MAX_POINTS = 500
FEW_IN_A_BIN = 10  # whose share says nothing yet
MISSING = "(missing)"
OTHERS = "(others)"
LARGEST = 1e30  # squares of larger numbers overflow


def colours(names):
    """Return {name: colour}, the same for the same names in the same order."""
    return {name: SERIES[i % len(SERIES)] for i, name in enumerate(names) if name != NONE}


def augmenters(summary):
    """Augmenters as they stand, controls last, so that what was asked about comes first."""
    names = list(pd.unique(summary["augmenter"]))
    controls = [n for n in names if n == NONE or n in CHEAP]
    return [n for n in names if n not in controls] + [n for n in controls if n != NONE]


def _line_name(row, several, length):
    """The augmenter, and what else tells the rows of this figure apart."""
    parts = [label(row["augmenter"], length)]
    if several["n_samples"] and row["n_samples"] != 0:
        parts.append(amount_name(row["n_samples"]))
    if several["train_size"]:
        parts.append("all rows" if row["train_size"] == 1 else f"{row['n_train']:.0f} rows")
    return ", ".join(parts)


def amount_name(amount):
    """Return an amount of synthetic rows in words: "×1" for a float, "500 rows" for an integer."""
    if isinstance(amount, (float, np.floating)):
        return f"×{amount:g}"
    return f"{amount} rows" if isinstance(amount, (int, np.integer)) else label(amount)


def score_name(scorer):
    """Return a scorer in words: scikit-learn's ``neg_log_loss`` is "log loss (negative)".

    Examples
    --------
    >>> score_name("roc_auc"), score_name("neg_log_loss"), score_name("my score")
    ('ROC AUC', 'log loss (negative)', 'my score')
    """
    name = str(scorer)
    if not re.fullmatch("[a-z0-9_]+", name):
        return name
    words = name.removeprefix("neg_").replace("_", " ").replace("roc auc", "ROC AUC")
    return f"{words} (negative)" if name.startswith("neg_") else words


def several_amounts(summary):
    """Return whether a summary compares amounts of rows that one augmenter adds."""
    return bool((summary["n_samples"].map(str).groupby(summary["augmenter"]).nunique() > 1).any())


def largest_amount(summary):
    """Return the amount, as asked for, that adds most rows."""
    return largest_of(summary[summary["augmenter"] != NONE])


def largest_of(rows):
    """Return the amount, as asked for, of these rows that adds most."""
    return rows.loc[rows["n_synthetic"].fillna(0).idxmax(), "n_samples"]


def of_largest_size(summary):
    """Return the rows of the largest training sets: 1.0 stands for all rows, 30 for thirty."""
    return summary[summary["train_size"] == summary.loc[summary["n_train"].idxmax(), "train_size"]]


def rows_trained_on(summary):
    """Return how many real rows the learners of one training size see, in words."""
    return f"{summary['n_train'].mean():.0f} real rows"


def lift_plot(summary, rope=None, ax=None, *, width=None):
    """Draw what each augmenter adds to each learner's score, with 95 % intervals.

    Parameters
    ----------
    summary : DataFrame
        Columns ``estimator, augmenter, n_samples, train_size, n_train, scorer, difference, low,
        high``; rows without a difference (the baseline, failures) are left out.
    rope : float, optional
        Differences within this are practically none; shaded.
    ax : Axes or array of Axes, optional
        See `blank`; the same below.
    width : float, optional
        In inches; as much as names and axes need by default.

    Returns
    -------
    matplotlib.figure.Figure
        One axes a scorer.
    """
    given = ax
    scorers = list(pd.unique(summary["scorer"]))
    rows = summary[(summary["augmenter"] != NONE) & summary["difference"].notna()]
    lines = _lines(rows, width)
    heights = {key: -i for i, (key, _) in enumerate(lines)}
    figure, axes = blank(
        width or label_inches(text for _, text in lines) + 2.5 * len(scorers),
        1.3 + ROW * max(3, len(lines)),
        columns=len(scorers),
        ax=ax,
        sharey=True,
        squeeze=False,
    )
    palette = colours(name for name in augmenters(summary) if name not in CHEAP)
    for ax, scorer in zip(axes[0], scorers, strict=True):
        ax.axvline(0, color=INK, linewidth=1)
        if rope:
            practically = "no practical difference"
            ax.axvspan(-rope, rope, color=GRID, alpha=0.6, linewidth=0, label=practically)
        for row in rows[rows["scorer"] == scorer].to_dict("records"):
            y, colour = heights[_key(row)], palette.get(row["augmenter"], MUTED)
            ax.plot([row["low"], row["high"]], [y, y], color=colour, linewidth=2)
            ax.plot(row["difference"], y, "o", color=colour, markersize=6)
        ax.locator_params(axis="x", nbins=5 if width else 4)
        ax.set_xlabel(f"change of {label(score_name(scorer))}\nworse ←   → better")
        ax.grid(False, axis="y")
        ax.margins(x=0.08)
    axes[0, 0].set_yticks([-i for i in range(len(lines))], [name for _, name in lines])
    axes[0, 0].set_ylim(-len(lines) + 0.4, 0.6)
    _embolden_headings(axes[0, 0], lines)
    shown = {name: palette[name] for name in augmenters(rows) if name in palette}
    if rows["augmenter"].isin(CHEAP).any():
        shown["free controls"] = MUTED
    for name, colour in shown.items():
        axes[0, 0].plot([], [], "o-", color=colour, label=label(name))
    legend(figure, loc="outside upper left", ax=None if given is None else axes[0, 0])
    return figure


def _key(row):
    return tuple(row[name] for name in ("estimator", "augmenter", "n_samples", "train_size"))


def _lines(rows, width=None):
    """[(key or None, text)]: a heading for each learner, then a line for each of its rows."""
    length = 18 if width == NARROW else 28
    several = {
        "n_samples": several_amounts(rows),
        "train_size": rows["train_size"].nunique(dropna=False) > 1,
    }
    order = {name: i for i, name in enumerate(augmenters(rows))}
    lines = []
    for estimator, group in rows.groupby("estimator", sort=False):
        lines.append(((estimator,), label(estimator, length)))
        distinct = {_key(row): row for row in group.to_dict("records")}
        for key, row in sorted(distinct.items(), key=lambda pair: order[pair[0][1]]):
            lines.append((key, _line_name(row, several, length)))
    return lines


def _embolden_headings(ax, lines):
    for tick, (key, _) in zip(ax.get_yticklabels(), lines, strict=True):
        if len(key) == 1:
            tick.set_fontweight("bold")


def chances_plot(summary, *, width=None):
    """Draw the probabilities that an augmenter is better, practically equal or worse.

    Parameters
    ----------
    summary : DataFrame
        As `lift_plot` takes it, with ``better``, ``equal`` and ``worse`` that add up to one;
        the first scorer is drawn.
    width : float, optional
        See `lift_plot`.
    """
    rows = summary[(summary["augmenter"] != NONE) & summary["better"].notna()]
    rows = rows[rows["scorer"] == rows["scorer"].iloc[0]] if len(rows) else rows
    lines = _lines(rows, width)
    heights = {key: -i for i, (key, _) in enumerate(lines)}
    width = width or label_inches(text for _, text in lines) + 2.5
    figure, ax = blank(width, 0.9 + ROW * max(3, len(lines)))
    for row in rows.to_dict("records"):
        start = 0.0
        for part, colour in (("worse", POOR), ("equal", GRID), ("better", GOOD)):
            ax.barh(heights[_key(row)], row[part], left=start, color=colour, height=0.62)
            start += row[part]
    for part, colour in (("worse", POOR), ("practically equal", GRID), ("better", GOOD)):
        ax.barh(0, 0, color=colour, label=part)
    ax.set(xlim=(0, 1), xlabel="probability, given these folds")
    ax.set_yticks([-i for i in range(len(lines))], [name for _, name in lines])
    ax.set_ylim(-len(lines) + 0.4, 0.6)
    ax.grid(False, axis="y")
    _embolden_headings(ax, lines)
    legend(figure, loc="outside upper left")
    return figure


def reliability_plot(calibration, *, width=None):
    """Draw observed shares against probabilities, one axes a learner; controls are thin.

    Parameters
    ----------
    calibration : DataFrame
        See `AugmentationComparison`. Of several amounts and training sizes the last is drawn;
        bins of fewer than 10 rows are not.
    width : float, optional
        See `lift_plot`.
    """
    rows = calibration[calibration["n"] > 0]
    rows = rows[rows["train_size"] == rows["train_size"].iloc[-1]]
    estimators = list(pd.unique(rows["estimator"]))
    figure, axes = _panels(len(estimators), width, 2.9)
    names = augmenters(rows)
    palette = {NONE: INK} | colours(names)
    for ax, estimator in zip(axes.flat, estimators, strict=False):
        ax.plot([0, 1], [0, 1], "--", color=MUTED, linewidth=1)
        for depth, name in enumerate([NONE, *names]):
            mine = rows[(rows["estimator"] == estimator) & (rows["augmenter"] == name)]
            if mine.empty:
                continue
            mine = mine[mine["n_samples"].map(repr) == repr(mine["n_samples"].iloc[-1])]
            bins = pooled_bins(mine)
            points = bins.loc[bins["n"] >= FEW_IN_A_BIN, ["predicted", "observed"]].to_numpy().T
            thin = name in CHEAP
            style = {"linewidth": 0.8, "alpha": 0.6} if thin else {"marker": "o", "markersize": 4}
            ax.plot(*points, color=palette[name], label=label(name), zorder=9 - depth, **style)
        titled(ax, label(estimator))
        ax.set(xlim=(0, 1), ylim=(0, 1), xlabel="mean probability")
    for ax in list(axes.flat)[len(estimators) :]:
        ax.remove()
    axes[0, 0].set_ylabel("share observed")
    legend(figure, loc="outside upper left")
    return figure


def pooled_bins(rows):
    """Return rows, mean probability and share observed of the bins of all folds together.

    Parameters
    ----------
    rows : DataFrame
        Columns ``bin, n, predicted, observed``.
    """
    weighted = rows[["predicted", "observed"]].mul(rows["n"], axis=0)
    sums = weighted.assign(n=rows["n"]).groupby(rows["bin"]).sum()
    sums[["predicted", "observed"]] = sums[["predicted", "observed"]].div(sums["n"], axis=0)
    return sums


def amount_plot(summary, scorer=None, ax=None, *, width=None):
    """Draw the score against the amount of synthetic rows, one axes a learner.

    Parameters
    ----------
    summary : DataFrame
        Columns ``estimator, augmenter, n_synthetic, train_size, n_train, scorer, score``. Of
        several training sizes the largest is drawn.
    scorer : str, optional
        The first one by default.
    width : float, optional
        See `lift_plot`.
    """
    xlabel = "synthetic rows added"
    if summary["train_size"].nunique() > 1:
        summary = of_largest_size(summary)
        xlabel += f" to {rows_trained_on(summary)}"
    return _curves(summary, scorer, ("n_synthetic", "score"), xlabel, ax, width)[0]


def learning_curve_plot(summary, scorer=None, ax=None, *, width=None):
    """Draw what augmentation adds against the size of the training set, one axes a learner.

    Parameters
    ----------
    summary : DataFrame
        Columns ``estimator, augmenter, n_samples, n_synthetic, n_train, scorer, difference, low,
        high``. Of several amounts the one that adds most rows is drawn.
    scorer : str, optional
        The first one by default.
    width : float, optional
        See `lift_plot`.
    """
    added = ""
    if several_amounts(summary):
        by_augmenter = [part for _, part in summary.groupby("augmenter", sort=False)]
        most = [part["n_samples"].map(str) == str(largest_of(part)) for part in by_augmenter]
        summary = summary[pd.concat(most).loc[summary.index]]
        added = f", {amount_name(largest_amount(summary))} added"
    xlabel = f"real rows to train on{added}"
    figure, axes = _curves(summary, scorer, ("n_train", "difference"), xlabel, ax, width)
    for drawn in axes:
        drawn.axhline(0, color=INK, linewidth=1)
    return figure


def _panels(n, width, height, given=None):
    """A figure of so many panels beside each other, below each other where it is narrow."""
    n_columns = 1 if width == NARROW else min(3, n)
    n_rows = -(-n // n_columns)
    size = width or 1.2 + 2.9 * n_columns, 0.9 + height * n_rows
    n_rows, n_columns = (n_rows, n_columns) if given is None else (1, n)
    return blank(*size, n_rows, n_columns, ax=given, sharey=True, squeeze=False)


def _curves(summary, scorer, axes, xlabel, given, width):
    """Draw one axes a learner, the caller's where they are given; return figure and axes."""
    across, value = axes
    scorer = summary["scorer"].iloc[0] if scorer is None else scorer
    rows = summary[summary["scorer"] == scorer]
    estimators = list(pd.unique(rows["estimator"]))
    figure, axes = _panels(len(estimators), width, 2.5, given)
    palette = colours(augmenters(rows))
    names = augmenters(rows[rows[value].notna()])
    for ax, estimator in zip(axes.flat, estimators, strict=False):
        mine = rows[rows["estimator"] == estimator]
        base = mine.loc[mine["augmenter"] == NONE, value].dropna()
        if value == "score" and len(base):
            ax.axhline(
                base.mean(), color=INK, linewidth=1, linestyle="--", label="no augmentation"
            )
        for name in names:
            line = mine[(mine["augmenter"] == name) & mine[value].notna()].sort_values(across)
            x = pd.to_numeric(line[across], errors="coerce")
            ax.plot(x, line[value], "o-", color=palette[name], markersize=4, label=label(name))
            if value == "difference" and {"low", "high"} <= set(line):
                ax.fill_between(
                    x, line["low"], line["high"], color=palette[name], alpha=0.13, linewidth=0
                )
        titled(ax, label(estimator))
        ax.set_xlabel(xlabel)
    for ax in list(axes.flat)[len(estimators) :]:
        ax.remove()
    what = label(score_name(scorer))
    what = what if value == "score" else f"change of {what}"
    axes[0, 0].set_ylabel(what)
    handles, texts = axes[0, 0].get_legend_handles_labels()
    above = None if given is None else axes[0, 0]
    legend(figure, handles=handles, labels=texts, loc="outside upper left", ax=above)
    return figure, list(axes.flat)[: len(estimators)]


def metric_bars(metrics, limit=40, ax=None, *, width=None):
    """Draw metrics with their intervals, each beside its real-against-real reference.

    Parameters
    ----------
    metrics : DataFrame
        Columns ``name, value, low, high, reference, higher_is_better, by, verdict`` and perhaps
        ``label``; those of single columns, classes or learners are left out if there are others.
    limit : int, default=40
        Metrics drawn at most.
    ax : Axes, optional
        See `blank`.
    width : float, optional
        See `lift_plot`.
    """
    given = ax
    whole = metrics[metrics["by"].isna()]
    rows = (whole if len(whole) else metrics).dropna(subset="value").head(limit)
    named = [_metric_name(row) for row in rows.to_dict("records")]
    width = width or label_inches(named) + 2.5
    figure, ax = blank(width, 1.1 + ROW * max(3, len(rows)), ax=ax)
    for i, row in enumerate(rows.to_dict("records")):
        colour = VERDICT_COLOURS.get(row["verdict"], MUTED)
        ax.plot([row["low"], row["high"]], [-i, -i], color=colour, linewidth=2.5)
        ax.plot(row["value"], -i, "o", color=colour, markersize=6.5)
        if pd.notna(row["reference"]):
            ax.plot(row["reference"], -i, "|", color=INK, markersize=13, markeredgewidth=2)
    words = {"good": GOOD, "fair": FAIR, "poor": POOR}
    for word, colour in words.items():
        ax.plot([], [], "o", color=colour, label=word)
    ax.plot([], [], "|", color=INK, markersize=12, markeredgewidth=2, label="real against real")
    ax.set_yticks([-i for i in range(len(rows))], named)
    ax.set_ylim(-max(len(rows), 1) + 0.4, 0.6)
    between = "\n" if width == NARROW else ", "
    ax.set_xlabel(f"↑ higher is better{between}↓ lower is better")
    legend(figure, loc="outside upper left", ax=given)
    return figure


def _metric_name(row):
    by = f" {label(row['by'])}" if pd.notna(row["by"]) else ""
    arrow = "↑" if row["higher_is_better"] else "↓"
    return f"{label(row.get('label') or row['name'])}{by} {arrow}"


def is_number(series):
    """Return whether a column is one of numbers, dates or durations."""
    return series.dtype.kind in "iufmM"


def as_floats(series):
    """Return a column as floats: dates in seconds since 1970, durations in seconds, gaps NaN."""
    if series.dtype.kind == "M":
        # Microseconds hold years that the nanoseconds of pandas do not.
        cells = times(series).dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
        values = (cells - np.datetime64(0, "us")) / np.timedelta64(1, "s")
    elif series.dtype.kind == "m":
        values = durations(series).to_numpy(dtype="timedelta64[us]") / np.timedelta64(1, "s")
    else:
        numbers = pd.to_numeric(series, errors="coerce")
        values = numbers.to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(values), np.clip(values, -LARGEST, LARGEST), np.nan)


def column_distribution(real, synthetic, *, size=(3.4, 2.3)):
    """Draw one column of both tables: a histogram of numbers, bars of categories.

    Parameters
    ----------
    real, synthetic : Series
    size : tuple of float, default=(3.4, 2.3)
        In inches.
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
    dates = real.dtype.kind == "M"
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
    ax.set_xlabel("\n".join(notes))
    ax.locator_params(axis="both", nbins=5)
    if dates:
        ticks = ax.get_xticks()
        days = [str(np.datetime64(int(tick), "s").astype("datetime64[D]")) for tick in ticks]
        ax.set_xticks(ticks, days, rotation=20)
        ax.set_xlim(edges[0], edges[-1])


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
    cells = series.astype(object).where(series.notna(), MISSING)
    return as_text(cells).value_counts(normalize=True)


def as_text(series):
    """Return cells as text to be shown; a lone surrogate, which is no character, is "?"."""
    texts = [str(cell).encode("utf-8", "replace").decode("utf-8") for cell in series]
    return pd.Series(texts, index=series.index, dtype=object)


def pair_heatmaps(real, synthetic, *, width=None):
    """Draw how strongly columns go together: in the real rows, the synthetic ones, and the gap.

    Parameters
    ----------
    real, synthetic : DataFrame of shape (d, d)
        Strength of association, -1 to 1, with the names of the columns in index and columns. What
        is on the diagonal is not drawn.
    width : float, optional
        In inches; where it is narrow, the maps stand below each other.
    """
    names = list(real.columns)
    matrices = [frame.to_numpy(dtype=float).copy() for frame in (real, synthetic)]
    matrices.append(matrices[1] - matrices[0])
    for matrix in matrices:
        np.fill_diagonal(matrix, np.nan)
    beside = 0.085 * min(16, max(len(str(name)) for name in names))  # of names, and below upright
    if width == NARROW:
        size = width, 3 * (width - beside + 0.1) + beside + 0.3
        figure, axes = blank(*size, rows=3, sharex=True)
    else:
        width = width or 3 * max(2.3, 0.145 * len(names)) + 1.6
        size = width, (width - beside - 0.9) / 3 + beside + 0.4
        figure, axes = blank(*size, columns=3, sharey=True)
    titles = ("real", "synthetic", "synthetic less real")
    for ax, matrix, title in zip(axes, matrices, titles, strict=True):
        image = ax.imshow(matrix, vmin=-1, vmax=1, cmap="RdBu_r", interpolation="nearest")
        titled(ax, title)
        ax.grid(False)
        ticks = [label(name, 16) for name in names]
        ax.set_xticks(range(len(names)), ticks, rotation=90, fontsize=SMALLEST)
        ax.set_yticks(range(len(names)), ticks, fontsize=SMALLEST)
    where = "top" if width == NARROW else "right"
    bar = figure.colorbar(image, ax=axes, location=where, shrink=0.7, aspect=30, ticks=[-1, 0, 1])
    bar.set_label("strength of association", fontsize=SMALLEST, color=MUTED)
    bar.ax.tick_params(labelsize=SMALLEST, length=0, colors=INK)
    bar.outline.set_visible(False)
    return figure


def embedding(real, synthetic, random_state=0, *, width=None):
    """Draw both tables as clouds, seen along the two directions in which real rows vary most.

    The principal components are those of the real rows; synthetic rows are put on the same map.

    Parameters
    ----------
    real, synthetic : ndarray of shape (n, w) and (m, w)
        Rows as points.
    random_state : int, default=0
        Of the rows drawn where there are more than 500.
    width : float, optional
        In inches; where it is narrow, the maps stand below each other.

    Returns
    -------
    matplotlib.figure.Figure
        Real rows before synthetic ones in grey, then the other way round.
    """
    from sklearn.decomposition import PCA

    points = real, synthetic
    n_components = min(2, *real.shape)
    pca = PCA(n_components, random_state=random_state).fit(points[0])
    rng = np.random.default_rng(random_state)
    maps = []
    for cloud in points:
        chosen = rng.permutation(len(cloud))[:MAX_POINTS]
        flat = pca.transform(cloud[chosen])
        maps.append(np.column_stack([flat, np.zeros(len(flat))])[:, :2])
    if width == NARROW:
        figure, axes = blank(width, 2 * width, rows=2, sharex=True, sharey=True)
    else:
        width = width or 7.6
        figure, axes = blank(width, width / 2, columns=2, sharex=True, sharey=True)
    share = pca.explained_variance_ratio_.sum()
    for i, (ax, colour, title) in enumerate(
        zip(axes, (REAL, SYNTHETIC), ("real rows", "synthetic rows"), strict=True)
    ):
        ax.plot(*maps[1 - i].T, "o", color=GRID, markersize=3.4, markeredgewidth=0)
        ax.plot(*maps[i].T, "o", color=colour, markersize=3.4, markeredgewidth=0, alpha=0.75)
        titled(ax, title)
        ax.set_xticklabels([])
        ax.set_yticklabels([])
    dots = {"real rows": REAL, "synthetic rows": SYNTHETIC, "the other table": GRID}
    for name, colour in dots.items():
        axes[0].plot([], [], "o", color=colour, label=name)
    legend(figure, loc="outside upper left")
    held = f"two directions that hold {share:.0%} of how real rows vary"
    figure.supxlabel(held, fontsize=SMALLEST, color=MUTED)
    return figure

"""The drawing of a search: what each way of adding rows changed, and which was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gan_augment.report.style import GOOD, INK, MUTED, SERIES, blank, label, legend

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def search_plot(table: pd.DataFrame, chosen: int) -> Figure:
    """Draw the measured and the expected change of every way of adding rows.

    Parameters
    ----------
    table : DataFrame
        Columns ``candidate, difference, low, high, expected``; the first row adds nothing.
    chosen : int
        The row that was chosen.

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = table.iloc[1:].dropna(subset="difference")
    figure, ax = blank(7.0, 1.1 + 0.32 * max(3, len(rows)))
    for place, (i, row) in enumerate(rows.iterrows()):
        ax.plot([row["low"], row["high"]], [-place] * 2, color=MUTED, linewidth=2)
        ax.plot(row["difference"], -place, "o", color=MUTED, markersize=6)
        colour = GOOD if i == chosen else SERIES[0]
        ax.plot(row["expected"], -place, "D", color=colour, markersize=6)
    ax.axvline(0, color=INK, linewidth=1)
    ax.set_yticks(
        [-place for place in range(len(rows))], [label(c, 48) for c in rows["candidate"]]
    )
    for tick, i in zip(ax.get_yticklabels(), rows.index, strict=True):
        tick.set_fontweight("bold" if i == chosen else "normal")
    ax.set_ylim(-max(len(rows), 1) + 0.4, 0.6)
    ax.grid(False, axis="y")
    ax.set_xlabel("worse ←  change of the score over adding nothing  → better")
    ax.plot([], [], "o-", color=MUTED, label="inner folds, with 95 % interval")
    ax.plot([], [], "D", color=SERIES[0], linestyle="", label="expected")
    ax.plot([], [], "D", color=GOOD, linestyle="", label="chosen" if chosen else "chosen: none")
    legend(figure, loc="outside upper left")
    return figure

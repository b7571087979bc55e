"""The drawing of a search: what each way of adding rows changed, and which was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gan_augment.report.figures import score_name
from gan_augment.report.style import GOOD, INK, MUTED, SERIES, blank, label, legend

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def search_plot(table: pd.DataFrame, chosen: str, ax: Any = None) -> Figure:
    """Draw the measured change of every way of adding rows and every free control, by score.

    Parameters
    ----------
    table : DataFrame
        Columns ``scorer, candidate, is_control, difference, low, high``; of each score, the first
        row adds nothing.
    chosen : str
        The candidate that was chosen.
    ax : Axes or array of Axes, optional
        See `blank`.
    """
    parts = {
        name: part.iloc[1:].set_index("candidate")
        for name, part in table.groupby("scorer", sort=False)
    }
    known = table.groupby("candidate", sort=False)["difference"].count() > 0
    names = [name for name in next(iter(parts.values())).index if known[name]]
    figure, axes = blank(
        4.2 + 2.8 * len(parts),
        1.1 + 0.32 * max(3, len(names)),
        columns=len(parts),
        ax=ax,
        sharey=True,
        squeeze=False,
    )
    given, places = ax, [-place for place in range(len(names))]
    for ax, (name, part) in zip(axes[0], parts.items(), strict=True):
        _changes(ax, part.loc[names], chosen)
        ax.set_xlabel(f"worse ←  change of {label(score_name(name))}  → better")
        ax.set_yticks(places, [])
        ax.set_ylim(-max(len(names), 1) + 0.4, 0.6)
    ax = axes[0, 0]
    ax.set_yticks(places, [label(c, 48) for c in names])
    for tick, name in zip(ax.get_yticklabels(), names, strict=True):
        tick.set_fontweight("bold" if name == chosen else "normal")
    for colour, text in ((SERIES[0], "ways of adding rows"), (MUTED, "free controls")):
        ax.plot([], [], "o-", color=colour, label=f"{text}, with 95 % interval")
    ax.plot([], [], "o-", color=GOOD, label="chosen" if chosen in names else "chosen: none")
    legend(figure, loc="outside upper left", ax=None if given is None else ax)
    return figure


def _changes(ax, part, chosen):
    """One score: a point and its interval for each candidate."""
    for place, (name, row) in enumerate(part.iterrows()):
        colour = GOOD if name == chosen else MUTED if row["is_control"] else SERIES[0]
        ax.plot([row["low"], row["high"]], [-place] * 2, color=colour, linewidth=2)
        ax.plot(row["difference"], -place, "o", color=colour, markersize=6)
    ax.axvline(0, color=INK, linewidth=1)
    ax.grid(False, axis="y")

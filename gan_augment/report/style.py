"""The style of all figures: colours with a meaning, plain axes, names that stay names."""

import re

import numpy as np

from gan_augment.exceptions import InputError

INK, MUTED, GRID = "#1f2328", "#6a737d", "#d8dee4"
REAL, SYNTHETIC = "#2f6fb3", "#cf6a1f"
GOOD, FAIR, POOR = "#2c8a55", "#b8860f", "#c2413b"
SMALLEST = 8.0  # points of the smallest text; the page draws it at 10 pixels or more
# Inches: fills the page of a desk; fits a phone of 360 pixels without getting too small to read.
WIDE, NARROW = 9.6, 3.6
# Augmenters, in the order they appear; the first is what was asked about.
SERIES = ("#cf6a1f", "#7a5bb5", "#1b8a8f", "#b34b7d", "#8a7a2f", "#4a72c4", "#6a737e")

# What the page calls these colours; a drawing in the page follows the page's theme.
VARIABLES = {
    INK: "ink",
    MUTED: "muted",
    GRID: "grid",
    REAL: "real",
    SYNTHETIC: "synthetic",
    GOOD: "good",
    FAIR: "fair",
    POOR: "poor",
    **{colour: f"series-{i}" for i, colour in enumerate(SERIES) if i},
}
VERDICT_COLOURS = {"good": GOOD, "fair": FAIR, "poor": POOR}

_UNDRAWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def label(value, length=28):
    r"""Return a column name or category as a figure can show it.

    Parameters
    ----------
    value : object
    length : int, default=28
        Longer names are cut in the middle, where they differ least.

    Returns
    -------
    str
        Dollar signs are escaped: a name is never a formula.

    Examples
    --------
    >>> label("price in $ and $")
    'price in \\$ and \\$'
    >>> label("a_very_long_name_of_a_column_that_ends_in_7", 20)
    'a_very_lon…nds_in_7'
    """
    text = _UNDRAWABLE.sub("\ufffd", str(value))
    if len(text) > length:
        text = f"{text[: length // 2]}\N{HORIZONTAL ELLIPSIS}{text[-(length // 2 - 2) :]}"
    return text.replace("$", r"\$")


def blank(width, height, rows=1, columns=1, *, ax=None, **options):
    """Return a new figure, which pyplot does not know, and its axes; or the caller's axes.

    Parameters
    ----------
    width, height : float
        In inches.
    rows, columns : int, default=1
    ax : Axes or array of Axes, optional
        Drawn on in place of new ones; of an array as many as are needed.
    **options
        For ``Figure.subplots``.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : matplotlib.axes.Axes or ndarray of Axes
    """
    if ax is not None:
        return _given(ax, rows, columns, options.get("squeeze", True))
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    figure.set_facecolor("white")
    axes = figure.subplots(rows, columns, **options)
    for ax in figure.axes:
        quiet(ax)
    return figure, axes


def _given(ax, rows, columns, squeeze):
    """Return the figure of the caller's axes and as many of these as are drawn on."""
    axes = np.array(ax, dtype=object).ravel()
    if not all(hasattr(each, "get_legend_handles_labels") for each in axes):
        raise InputError.of(
            "ax",
            ax,
            "is no Axes of matplotlib",
            "pass what matplotlib.pyplot.subplots() returns second, or leave ax out",
        )
    needed = rows * columns
    if len(axes) < needed:
        raise InputError(
            f"is {len(axes)} Axes, and this drawing takes {needed}",
            argument="ax",
            remedy=f"pass those of matplotlib.pyplot.subplots({rows}, {columns}), or leave ax out",
        )
    for each in axes[:needed]:
        quiet(each)
    if squeeze:
        return axes[0].figure, axes[0]
    return axes[0].figure, axes[:needed].reshape(rows, columns)


def quiet(ax):
    """Remove the frame of an axes, and set its grid and labels in grey."""
    ax.tick_params(colors=INK, labelsize=8.5, length=0)
    ax.set_axisbelow(True)
    ax.grid(True, color=GRID, linewidth=0.6)
    for side, spine in ax.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(MUTED)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set(color=MUTED, fontsize=8.5)


def titled(ax, text):
    """Give an axes a title in the style of the page."""
    ax.set_title(text, color=INK, fontsize=9, fontweight="bold")


def label_inches(texts):
    """Return the inches that the longest of some texts takes beside an axes, at 8.5 points."""
    return 0.1 + 0.07 * max(map(len, texts), default=0)


def legend(figure, *, handles=None, labels=None, loc, ax=None):
    """Add a legend without a box to a figure, in as many columns as it is wide.

    With `ax`, the caller's axes, it stands above these.
    """
    if handles is None:
        handles, labels = (ax or figure.axes[0]).get_legend_handles_labels()
    texts = labels or [handle.get_label() for handle in handles]
    ncols = max(1, min(len(texts), int(figure.get_figwidth() / (0.5 + label_inches(texts)))))
    named = {} if labels is None else {"labels": labels}
    if ax is not None:
        above = {"loc": "lower left", "bbox_to_anchor": (0, 1)}
        return ax.legend(
            handles=handles, ncols=2, frameon=False, fontsize=8.5, labelcolor=INK, **named, **above
        )
    return figure.legend(
        handles=handles, loc=loc, ncols=ncols, frameon=False, fontsize=8.5, labelcolor=INK, **named
    )

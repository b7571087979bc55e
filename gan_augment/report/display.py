"""A drawn figure as scikit-learn hands one out."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Display:
    """A drawn figure, as scikit-learn's Display objects hold it.

    Parameters
    ----------
    figure_ : matplotlib.figure.Figure
        The whole figure.
    ax_ : matplotlib.axes.Axes or ndarray of Axes
        What was drawn on.
    """

    figure_: Figure
    ax_: Any

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG bytes, which notebooks show."""
        stream = BytesIO()
        self.figure_.savefig(stream, format="png", bbox_inches="tight")
        return stream.getvalue()

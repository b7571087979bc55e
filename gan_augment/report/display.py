"""A drawn figure as scikit-learn hands one out."""

from dataclasses import dataclass
from io import BytesIO


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

    figure_: object
    ax_: object

    def _repr_png_(self):
        """Return the figure as PNG bytes, which notebooks show."""
        stream = BytesIO()
        self.figure_.savefig(stream, format="png", bbox_inches="tight")
        return stream.getvalue()

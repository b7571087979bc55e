"""A drawn figure as scikit-learn hands one out."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from os import PathLike

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

    @classmethod
    def of(cls, figure: Figure, ax: Any = None) -> Display:
        """Return the display of a figure: drawn on the caller's axes, or on all of its own."""
        axes = np.array(figure.axes, dtype=object)
        own = axes[0] if len(axes) == 1 else axes
        return cls(figure, own if ax is None else ax)

    def savefig(self, path: str | PathLike[str], **options: Any) -> None:
        """Write the figure to a file, as ``figure_.savefig`` does.

        Parameters
        ----------
        path : str or Path
            Its ending says the format: ``.png``, ``.svg``, ``.pdf``.
        **options : dict
            As ``matplotlib.figure.Figure.savefig`` takes them.
        """
        self.figure_.savefig(path, **{"bbox_inches": "tight", "dpi": 150, **options})

    def _repr_png_(self) -> bytes | None:
        """Return the figure as PNG bytes, which notebooks show.

        One that pyplot knows is shown by pyplot already.
        """
        if getattr(self.figure_.canvas, "manager", None) is not None:
            return None
        stream = BytesIO()
        self.figure_.savefig(stream, format="png", bbox_inches="tight")
        return stream.getvalue()

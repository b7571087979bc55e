"""A result as the output of a notebook cell: its answer, a drawing and tables on one card.

The card loads nothing and runs nothing. Its styles name its own class and touch nothing else, and
every text is escaped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from markupsafe import Markup

from gan_augment.report.page import Figure, Table, Text, Tile, environment, part
from gan_augment.report.svg import drawing

#: Rows of a table, and its columns, that a cell of a notebook has room for.
MAX_ROWS, MAX_COLUMNS = 12, 12


def card(
    answer: str,
    items: Sequence[Figure | Table | Text | Tile] = (),
    *,
    details: str = "",
    tone: str = "plain",
) -> str:
    """Return a result as HTML for ``_repr_html_``.

    Parameters
    ----------
    answer : str
        One line, which stands out.
    items : sequence of Figure, Table, Text and Tile
        What comes below it.
    details : str, default=""
        Sentences after the answer.
    tone : {"good", "fair", "poor", "plain"}, default="plain"

    Examples
    --------
    >>> "1 &lt; 2" in card("1 < 2")
    True
    """

    def drawn(item: Figure, place: int) -> Markup:
        # Ids of two cards of a notebook must differ, and those of one result stay the same.
        key = f"{answer}\0{details}\0{place}".encode("utf-8", "replace")
        prefix = "g" + hashlib.sha256(key).hexdigest()[:12]
        return drawing(item.figure, item.description or item.caption, prefix)

    html = (
        environment()
        .get_template("notebook.html.j2")
        .render(
            answer=answer,
            details=details,
            tone=tone,
            items=items,
            style=Markup(part("notebook.css")),  # our own file  # nosec B704
            kind=lambda item: type(item).__name__.lower(),
            drawing=drawn,
            note=_note,
        )
    )
    return html.strip()


def _note(item):
    """How to read a table, and how much of it is not shown."""
    parts = [
        f"{count} more {what}"
        for count, what in ((item.hidden, "rows"), (item.hidden_columns, "columns"))
        if count
    ]
    more = f"{' and '.join(parts)} are not shown." if parts else ""
    return " ".join(part for part in (item.how_to_read, more) if part)

"""A result as the output of a notebook cell: its answer, a drawing and tables on one card.

The card loads nothing and runs nothing. Its styles name its own class and touch nothing else, and
every text is escaped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from markupsafe import Markup

from gan_augment.report.cells import printable
from gan_augment.report.page import Figure, Table, Text, Tile
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
    parts = [_line('<p class="answer {}">{}</p>', tone, answer)]
    if details:
        parts.append(_line("<p>{}</p>", details))
    for place, item in enumerate(items):
        parts.append(_written(item, f"{answer}\0{details}\0{place}"))
    inside = Markup("\n").join(parts)
    return str(Markup('<div class="gan-augment"><style>{}</style>\n{}\n</div>').format(
        _style(), inside
    ))  # fmt: skip


@cache
def _style():
    path = files("gan_augment.report") / "templates" / "notebook.css"
    return Markup(path.read_text(encoding="utf-8"))  # our own file  # nosec B704


def _line(pattern, *texts):
    """Return markup with these texts in it, escaped and without characters a page acts on."""
    return Markup(pattern).format(*map(printable, texts))  # ours  # nosec B704


def _written(item, key):
    if isinstance(item, Figure):
        return _figure(item, key)
    if isinstance(item, Tile):
        pattern = '<p class="caption">{}</p><img class="tile" width="{}" alt="{}" src="{}">'
        return _line(pattern, item.caption, item.width, item.alt, item.source)
    if isinstance(item, Table):
        return _table(item)
    return Markup("\n").join(_line('<p class="quiet">{}</p>', p) for p in item.paragraphs)


def _figure(item, key):
    # Ids of two cards of a notebook must differ, and those of one result stay the same.
    prefix = "g" + hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:12]
    drawn = drawing(item.figure, item.description or item.caption, prefix)
    caption = _line('<p class="caption">{}</p>', item.caption)
    return Markup('{}<div class="scroll">{}</div>').format(caption, drawn)


def _table(item):
    cells = item.cells
    head = Markup("").join(
        _line("<th{}>{}</th>", "", name) if not numeric else _number("th", name)
        for name, numeric in zip(cells.header, cells.numeric, strict=True)
    )
    rows = [
        Markup("<tr{}>{}</tr>").format(
            Markup(' class="grey"') if place in item.grey else "",
            Markup("").join(
                _number("td", cell.text) if numeric else _line("<td>{}</td>", cell.text)
                for cell, numeric in zip(row, cells.numeric, strict=True)
            ),
        )
        for place, row in enumerate(cells.rows)
    ]
    caption = _line('<p class="caption">{}</p>', item.caption) if item.caption else ""
    body = Markup("<thead><tr>{}</tr></thead><tbody>{}</tbody>").format(
        head, Markup("").join(rows)
    )
    return Markup('{}<div class="scroll"><table>{}</table></div>{}').format(
        caption, body, _hidden(item)
    )


def _number(tag, text):
    return _line(f'<{tag} class="number">{{}}</{tag}>', text)


def _hidden(item):
    """Say how much of a table is not shown."""
    parts = [
        f"{count} more {what}"
        for count, what in ((item.hidden, "rows"), (item.hidden_columns, "columns"))
        if count
    ]
    more = f"{' and '.join(parts)} are not shown." if parts else ""
    note = " ".join(part for part in (item.how_to_read, more) if part)
    return _line('<p class="quiet">{}</p>', note) if note else ""

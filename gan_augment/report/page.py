"""One HTML page in one file: an answer, then sections of text, tables and figures.

The page loads nothing, from nowhere: styles, script and drawings are inside it, and its content
security policy names its one script by hash, so a script that slipped into the data would not
run. It does not slip in: every text goes through the template's autoescape, and drawings are
rebuilt from an allow-list (`gan_augment.report.svg`).
"""

import base64
import hashlib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import count

import pandas as pd

from gan_augment import __version__
from gan_augment.io.atomic import write_text
from gan_augment.report.cells import metric_rows, printable_text, table_cells
from gan_augment.report.png import png_uri
from gan_augment.report.style import NARROW, WIDE
from gan_augment.report.svg import drawing

#: Of a table, a turned table and a grid, what is printed; page.css has these numbers, too.
ROWS_ON_PAPER, LINES_ON_PAPER, FIGURES_ON_PAPER = 7, 12, 12


@dataclass(frozen=True)
class Text:
    """Paragraphs, separated by blank lines.

    Parameters
    ----------
    text : str
    kind : {"plain", "note", "warning"}, default="plain"
        A note is set apart; a warning says so.
    """

    text: str
    kind: str = "plain"

    @property
    def paragraphs(self):
        """The paragraphs, as a list."""
        return [part.strip() for part in self.text.split("\n\n") if part.strip()]


@dataclass(frozen=True)
class Table:
    """A frame, sortable by each column.

    Parameters
    ----------
    frame : DataFrame
    caption : str, default=""
    how_to_read : str, default=""
    max_rows : int, default=100
        Rows beyond these are counted, not shown.
    max_columns : int, default=30
        Columns likewise: more of them are legible on no screen and on no paper.
    folded : bool, default=False
        Show the caption only until the reader opens it.
    grey : tuple of int, default=()
        Positions of rows that stand back, such as controls.
    sortable : bool, default=True
    """

    frame: pd.DataFrame
    caption: str = ""
    how_to_read: str = ""
    max_rows: int = 100
    max_columns: int = 30
    folded: bool = False
    grey: tuple = ()
    sortable: bool = True

    @property
    def cells(self):
        """Header and rows, ready to print."""
        return table_cells(self.frame.iloc[: self.max_rows, : self.max_columns])

    @property
    def hidden(self):
        """Rows that are not shown."""
        return max(0, len(self.frame) - self.max_rows)

    @property
    def left_off_paper(self):
        """Rows that are shown on a screen, but not on paper."""
        most = ROWS_ON_PAPER if self.sortable else LINES_ON_PAPER
        return max(0, min(len(self.frame), self.max_rows) - most)

    @property
    def hidden_columns(self):
        """Columns that are not shown."""
        return max(0, self.frame.shape[1] - self.max_columns)


@dataclass(frozen=True)
class Metrics:
    """Metrics, each with its interval, its reference, a verdict and how to read it.

    Parameters
    ----------
    frame : DataFrame
        Columns ``name, value, low, high, reference, reference_kind, higher_is_better, by, n,
        how_to_read, verdict`` and perhaps ``scale``, ``remark`` and ``label``, the name in plain
        words.
    caption : str, default=""
    folded : bool, default=False
    unit : str, default="rows"
        What the figures were measured on.
    """

    frame: pd.DataFrame
    caption: str = ""
    folded: bool = False
    unit: str = "rows"

    @property
    def rows(self):
        """One dict of printable texts a metric."""
        return metric_rows(self.frame)


@dataclass(frozen=True)
class Figure:
    """A drawing.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    caption : str, default=""
    how_to_read : str, default=""
    description : str, default=""
        What a reader who cannot see it is told; the caption if empty.
    narrow : matplotlib.figure.Figure, optional
        The same for narrow screens.
    """

    figure: object
    caption: str = ""
    how_to_read: str = ""
    description: str = ""
    narrow: object = None


def drawn(draw, *args, **texts):
    """Return a figure drawn twice, for wide and for narrow screens.

    Parameters
    ----------
    draw : callable
        Takes ``width=``, in inches.
    *args
        For it.
    **texts
        For `Figure`.
    """
    return Figure(draw(*args, width=WIDE), narrow=draw(*args, width=NARROW), **texts)


@dataclass(frozen=True)
class Grid:
    """Small figures side by side, as many as the screen has room for.

    Parameters
    ----------
    figures : sequence of Figure
    caption : str, default=""
    how_to_read : str, default=""
    legend : dict of {str: str}, default={}
        What is drawn in which colour of the page, such as ``{"real rows": "real"}``.
    """

    figures: tuple
    caption: str = ""
    how_to_read: str = ""
    legend: dict = field(default_factory=dict)

    @property
    def left_off_paper(self):
        """Figures that are shown on a screen, but not on paper."""
        return max(0, len(self.figures) - FIGURES_ON_PAPER)


@dataclass(frozen=True)
class Tile:
    """One small picture, shown pixel by pixel.

    Parameters
    ----------
    pixels : ndarray of uint8 of shape (h, w) or (h, w, channels)
        Grey, grey and alpha, RGB, or RGBA.
    alt : str
        What a reader who cannot see it is told.
    caption : str, default=""
    scale : float, default=2
        Screen pixels of one of its own, where there is space.
    """

    pixels: object
    alt: str
    caption: str = ""
    scale: float = 2

    @property
    def source(self):
        """The picture as a data URI."""
        return png_uri(self.pixels)

    @property
    def width(self):
        """Its width on the screen, in pixels."""
        return round(self.pixels.shape[1] * self.scale)


@dataclass(frozen=True)
class Tiles:
    """Small pictures, as many beside each other as the screen has room for.

    Parameters
    ----------
    tiles : sequence of Tile
    caption : str, default=""
    how_to_read : str, default=""
    pairs : bool, default=False
        Two beside each other on every screen, as they belong together.
    """

    tiles: tuple
    caption: str = ""
    how_to_read: str = ""
    pairs: bool = False


@dataclass(frozen=True)
class Cards:
    """A few short answers side by side.

    Parameters
    ----------
    cards : sequence of tuple of str
        Of (title, verdict, text); a verdict is "good", "fair", "poor" or "unknown".
    """

    cards: tuple


@dataclass(frozen=True)
class Tabs:
    """Alternatives of which one is shown; all of them on paper and without scripts.

    Parameters
    ----------
    tabs : dict
        Title -> list of items.
    label : str, default="Views"
        What the row of tabs is called for a screen reader.
    how_to_read : str, default=""
        What holds for all of them.
    first_on_paper : bool, default=False
        Print the first only.
    """

    tabs: dict
    label: str = "Views"
    how_to_read: str = ""
    first_on_paper: bool = False


@dataclass(frozen=True)
class Section:
    """A part of the page with a title of its own.

    Parameters
    ----------
    title : str
    lead : str, default=""
        One or two sentences that say what the part shows.
    items : sequence, default=()
        Of `Text`, `Table`, `Metrics`, `Figure`, `Grid`, `Tiles`, `Cards` and `Tabs`.
    """

    title: str
    lead: str = ""
    items: tuple = ()


@dataclass(frozen=True)
class Page:
    """A page that begins with its answer.

    Parameters
    ----------
    title : str
        The question.
    answer : str
        The answer in one sentence, which stands out.
    sections : sequence of Section
    tone : {"good", "fair", "poor", "plain"}, default="plain"
        Colour of the answer, which never stands alone: the answer says it in words.
    facts : dict, default={}
        Short things beside the answer, such as the number of rows.
    details : str, default=""
        What else is to be known of the answer, in sentences.

    Examples
    --------
    >>> page = Page("Is <b> a tag?", "No: it is text.", [Section("Why", "Names are escaped.")])
    >>> html = page.to_html()
    >>> "Is &lt;b&gt; a tag?" in html
    True
    """

    title: str
    answer: str
    sections: tuple = ()
    tone: str = "plain"
    facts: dict = field(default_factory=dict)
    details: str = ""

    def to_html(self, path=None):
        """Return the page as text, and write it if there is a path.

        Parameters
        ----------
        path : str or Path, optional
            File to write, in UTF-8.
        """
        from markupsafe import Markup

        numbers = count(1)
        parts = "page.css", "page.js"
        style, script = (Markup(part(name)) for name in parts)  # our own files  # nosec B704
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        html = (
            environment()
            .get_template("page.html.j2")
            .render(
                page=self,
                version=__version__,
                style=style,
                script=script,
                script_hash=f"sha256-{digest}",
                kind=lambda item: type(item).__name__.lower(),
                number=lambda: next(numbers),
                drawing=lambda item, figure: drawing(
                    figure, item.description or item.caption, f"f{next(numbers)}"
                ),
            )
        )
        # lone surrogates become "?"
        text = html.lstrip().encode("utf-8", "replace").decode("utf-8")
        if path is not None:
            write_text(path, text)
        return text


@cache
def part(name):
    """Return the text of one of our own templates, styles and scripts."""
    return (files("gan_augment.report") / "templates" / name).read_text(encoding="utf-8")


@cache
def environment():
    """Return what fills our templates: every text is escaped, without what a page acts on."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(part),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=printable_text,
    )

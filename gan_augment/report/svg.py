"""Drawings for the page: matplotlib's SVG, rebuilt so that it may stand inside HTML.

Only known elements and attributes survive, ids get a prefix of their own, and the package's
colours become the page's variables, so a drawing turns dark with its page. Text stays text.
"""

import base64
import re
from io import BytesIO
from xml.etree import ElementTree  # see below  # nosec B405
from xml.sax.saxutils import escape, quoteattr  # these write  # nosec B406

from gan_augment.report.cells import printable
from gan_augment.report.style import SMALLEST, VARIABLES

MAX_SVG = 300_000  # characters; beyond them a picture is smaller
PICTURE_DPI = 130
LEAST_PIXELS = 10  # of the smallest text, so that a phone shows it legibly and scrolls

ELEMENTS = {"svg", "g", "path", "defs", "clipPath", "rect", "use", "text", "tspan", "image"}
ATTRIBUTES = {
    *("id", "d", "x", "y", "width", "height", "viewBox", "transform", "style", "clip-path"),
    *("href", "preserveAspectRatio", "xml:space"),
}
_REFERENCE = re.compile(r"url\(#([^)]*)\)")
_COLOUR = re.compile("|".join(VARIABLES), re.IGNORECASE)


def drawing(figure, description, prefix):
    """Return a figure as markup for the page: an ``<svg>``, or an ``<img>`` if that is smaller.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    description : str
        What a reader who cannot see it is told.
    prefix : str
        Put before every id, so that two drawings never share one.

    Returns
    -------
    markupsafe.Markup
        Escaped already.
    """
    from markupsafe import Markup

    label = quoteattr(printable(description))
    source = _source(figure)
    if len(source) <= 3 * MAX_SVG:
        try:
            drawing = ElementTree.fromstring(source)  # matplotlib has just written it  # nosec B314
            markup = _rebuilt(drawing, prefix, label)
        except ElementTree.ParseError:  # a label with a character that XML does not know
            markup = ""
        if 0 < len(markup) <= MAX_SVG:
            return Markup(markup)  # rebuilt from allowed parts, each escaped  # nosec B704
    picture = BytesIO()
    figure.savefig(picture, format="png", dpi=PICTURE_DPI)
    data = base64.b64encode(picture.getvalue()).decode()
    style = f"min-width:{figure.get_figwidth() * 72 * LEAST_PIXELS / SMALLEST:.0f}px"
    return Markup(  # the label is quoted, the rest is ours  # nosec B704
        f'<img class="drawing" alt={label} style="{style}" src="data:image/png;base64,{data}">'
    )


def _source(figure):
    import matplotlib

    stream = BytesIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "gan_augment"}):
        figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None})
    return stream.getvalue()


def _rebuilt(root, prefix, label):
    """The drawing's markup, written anew from what is allowed."""
    box = quoteattr(root.get("viewBox"))
    width = float(root.get("width").removesuffix("pt"))
    inside = "".join(_written(child, prefix) for child in root)
    least, most = width * LEAST_PIXELS / SMALLEST, width * 2
    return (
        f'<svg class="drawing" role="img" aria-label={label} viewBox={box} '
        f'style="max-width:{most:.0f}px;min-width:{least:.0f}px">{inside}</svg>'
    )


def _written(element, prefix):
    name = _local(element.tag)
    if name == "style":  # matplotlib's only rule
        return ""
    if name not in ELEMENTS:
        return ""
    attributes = "".join(
        f" {key}={quoteattr(value)}"
        for key, value in (_attribute(*pair, prefix) for pair in element.attrib.items())
        if value
    )
    inside = escape(element.text or "") if name in ("text", "tspan") else ""
    inside += "".join(_written(child, prefix) for child in element)
    return f"<{name}{attributes}>{inside}</{name}>"


def _attribute(key, value, prefix):
    """A (key, value) that is safe and points into this drawing; value "" drops it."""
    key = "xml:space" if key.endswith("namespace}space") else _local(key)
    if key not in ATTRIBUTES:
        return key, ""
    if key == "id":
        return key, f"{prefix}-{value}"
    if key == "href":
        if value.startswith("#"):
            return key, f"#{prefix}-{value[1:]}"
        return key, value if value.startswith("data:image/png;base64,") else ""
    value = _REFERENCE.sub(rf"url(#{prefix}-\1)", value)
    if key == "style":
        value = _COLOUR.sub(lambda found: f"var(--{VARIABLES[found[0].lower()]})", value)
    return key, value


def _local(name):
    return name.rpartition("}")[2]

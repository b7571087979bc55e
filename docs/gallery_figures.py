"""Show figures of results in the gallery; pyplot, which it asks, does not know them."""

from matplotlib.figure import Figure
from sphinx_gallery.scrapers import figure_rst

SHOWN = "shown in the gallery"


def scraper(block, block_vars, gallery_conf):
    """Save the figure that the last line of a block is, or holds; as sphinx-gallery calls it."""
    value = block_vars["example_globals"].get("___")  # of this block, or of one before it
    figure = getattr(value, "figure_", value)
    if not isinstance(figure, Figure) or hasattr(figure, "number") or figure.get_gid() == SHOWN:
        return ""
    figure.set_gid(SHOWN)
    path = next(block_vars["image_path_iterator"])
    figure.savefig(path, dpi=130, bbox_inches="tight")
    return figure_rst([path], gallery_conf["src_dir"])

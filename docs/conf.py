"""Settings of the documentation; it builds without network access."""

import sys
from pathlib import Path

import gan_augment

sys.path.insert(0, str(Path(__file__).parent))  # for gallery_figures and formulas
import formulas

project = "gan_augment"
author = "gan_augment developers"
copyright = "2026, gan_augment developers"
release = version = gan_augment.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
exclude_patterns = ["_build", "_templates", "examples", "tables"]
templates_path = ["_templates"]

html_math_renderer = "mathml"
html_theme = "pydata_sphinx_theme"
html_title = "gan_augment"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "show_nav_level": 2,
    "show_toc_level": 2,
}
html_sidebars = {"index": []}
html_show_sourcelink = False

# A backquoted name becomes a link where there is something to link to, as in numpy's own docs.
default_role = "autolink"
rst_prolog = ".. currentmodule:: gan_augment\n"  # so `GANAugmenter` is found in the guides, too
nitpicky = True
# Types in parameter lists are prose ("array-like of shape (n,)"), and scikit-learn's own classes
# have no page here.
nitpick_ignore_regex = [("py:.*", r"(?!gan_augment).*")]

autosummary_generate = True
autosummary_ignore_module_all = False
numpydoc_show_class_members = False
autodoc_typehints = "none"

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": "/plot_",
    "download_all_examples": False,
    "doc_module": ("gan_augment",),
    "backreferences_dir": "api/backreferences",
    "within_subsection_order": "FileNameSortKey",
    "image_scrapers": ("gallery_figures.scraper", "matplotlib"),
    "ignore_repr_types": r"Figure|Display|Legend|Text",
    "remove_config_comments": True,
    "show_memory": False,
    "abort_on_example_error": True,
}


def _is_documented_by_scikit_learn(app, what, name, obj, skip, options):
    """Skip methods whose docstring comes from scikit-learn and points into its guide."""
    return True if "metadata_routing" in (getattr(obj, "__doc__", None) or "") else skip


def setup(app):
    app.add_html_math_renderer("mathml", (formulas.inline, None), (formulas.display, None))
    app.connect("autodoc-skip-member", _is_documented_by_scikit_learn)

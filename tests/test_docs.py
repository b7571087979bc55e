"""The code on the documentation's pages runs and prints what the pages say."""

import doctest
from pathlib import Path

import pytest

PAGES = sorted((Path(__file__).parents[1] / "docs").glob("*.rst"))
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def marked(page):
    uses_sdv = ">>> from sdv" in page.read_text(encoding="utf-8")
    return pytest.param(page, id=page.stem, marks=[pytest.mark.sdv] * uses_sdv)


@pytest.mark.parametrize("page", [marked(page) for page in PAGES])
def test_pages_run(page, short_training):
    result = doctest.testfile(
        str(page), module_relative=False, optionflags=OPTIONS, encoding="utf-8"
    )
    assert result.failed == 0


def test_some_pages_have_code():
    assert sum(">>>" in page.read_text(encoding="utf-8") for page in PAGES) >= 2


def test_every_public_name_has_a_page():
    import gan_augment

    reference = (PAGES[0].parent / "api" / "index.rst").read_text(encoding="utf-8").split()
    assert not set(gan_augment.__all__) - set(reference)

"""The code on the documentation's pages runs and prints what the pages say."""

import doctest
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
RECIPES = DOCS / "recipes.rst"
PAGES = sorted(set(DOCS.glob("*.rst")) - {RECIPES})
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


def recipes():
    """Each part of the page of recipes with code, which imports all it uses."""
    parts = re.split(r"\n(?=>>> (?:import|from)\b)(?<=\n\n)", RECIPES.read_text(encoding="utf-8"))
    for number, part in enumerate(parts[1:]):
        packages = re.findall(r"^>>> (?:import|from) (\w+)", part, re.MULTILINE)
        foreign = sorted(set(packages) - {"sklearn", "gan_augment"})
        yield pytest.param(part, packages, id=f"{number}-{'-'.join(foreign) or 'sklearn'}")


@pytest.mark.parametrize(("text", "packages"), list(recipes()))
def test_recipes_run_where_their_packages_are(text, packages, monkeypatch, tmp_path):
    for name in packages:
        pytest.importorskip(name)
    monkeypatch.chdir(tmp_path)  # MLflow looks for a folder of its own
    test = doctest.DocTestParser().get_doctest(text, {}, RECIPES.name, None, 0)
    assert len(test.examples) > 5
    assert doctest.DocTestRunner(optionflags=OPTIONS).run(test).failed == 0


def test_some_pages_have_code():
    assert sum(">>>" in page.read_text(encoding="utf-8") for page in PAGES) >= 2


def test_every_public_name_has_a_page():
    import gan_augment

    reference = (PAGES[0].parent / "api" / "index.rst").read_text(encoding="utf-8").split()
    assert not set(gan_augment.__all__) - set(reference)

"""The package speaks the language of its field, in names, comments, docstrings and docs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: Words with a private meaning here once, and what to say instead.
INSTEAD = {
    "game": "adversarial training, task",
    "face": "estimator, interface",
    "room": "folder, package",
    "street": "import order",
    "witness": "summary",
    "gate": "missing indicator, share of GAN rows",
    "gated": "with a missing indicator",
    "fed": "streamed",
    "licence": "license",
}
#: Plain English in which such a word is the right one.
PLAIN = ("at face value", "room for", "make room", "no room", "street_address")


def words(text):
    """Yield the words of a text, those inside snake_case and CamelCase names too."""
    for name in re.findall(r"[A-Za-z]+", text):
        for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name):
            yield part.lower().removesuffix("s") if part.lower() not in INSTEAD else part.lower()


def private_words(text):
    """Return the words of `INSTEAD` that a text uses."""
    for phrase in PLAIN:
        text = text.replace(phrase, "")
    return sorted(set(words(text)) & INSTEAD.keys())


def found(paths):
    return {
        f"{path.relative_to(ROOT)}:{number}": used
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (used := private_words(line))
    }


@pytest.mark.parametrize("folder", ["gan_augment", "tests", "benchmarks"])
def test_code_uses_the_words_of_the_field(folder):
    files = [*(ROOT / folder).rglob("*.py"), *(ROOT / folder).rglob("*.pyi")]
    assert files and not found(sorted(file for file in files if file != Path(__file__)))


def test_the_docs_use_the_words_of_the_field():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.rst"), *(ROOT / "docs").rglob("*.md")]
    assert not found(page for page in pages if "auto_examples" not in page.parts)


@pytest.mark.parametrize(
    "text", ["class RowGame:", "def play_game(x):", "# four faces", "the witness", "a Gate"]
)
def test_private_words_are_found(text):
    assert private_words(text)


@pytest.mark.parametrize(
    "text", ["surface", "aggregate", "make room for rows", "interfaces", "navigate", "feed"]
)
def test_parts_of_other_words_are_left_alone(text):
    assert not private_words(text)

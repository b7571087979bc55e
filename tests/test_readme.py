"""What README.md shows is what happens."""

import re
import shlex
from pathlib import Path

import pytest
from sklearn import datasets
from sklearn.ensemble import RandomForestClassifier
from typer.testing import CliRunner

from gan_augment.cli.app import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)
COMMANDS = re.findall(r"^gan-augment .+$", README, flags=re.MULTILINE)


@pytest.fixture
def small(monkeypatch, short_training):
    """README's table has six columns, its forest ten trees, and GANs train for five steps."""
    whole = datasets.load_breast_cancer

    def narrow(**given):
        X, y = whole(**given)
        return X.iloc[:, :6], y

    monkeypatch.setattr(datasets, "load_breast_cancer", narrow)
    monkeypatch.setattr(RandomForestClassifier.__init__, "__defaults__", (10,))


def test_python_blocks_run_in_order(capsys, tmp_path, monkeypatch, small):
    monkeypatch.chdir(tmp_path)  # they write pages
    names = {"__name__": "readme"}
    for number, block in enumerate(BLOCKS):
        exec(compile(block, f"README.md, block {number + 1}", "exec"), names)
    printed = capsys.readouterr().out
    assert "synthetic" in printed
    assert names["comparison"].verdict in printed
    assert names["report"].verdict in printed
    assert set(names["comparison"].augmenters_) >= {"none", "duplicates", "SMOTE"}


def test_python_blocks_are_short():
    assert len(BLOCKS) == 4
    assert max(block.count("\n") for block in BLOCKS) <= 12


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_name_real_options(line):
    words = shlex.split(line)[1:]
    options = {word for word in words if word.startswith("-")}
    help_text = CliRunner().invoke(app, [words[0], "--help"], env={"COLUMNS": "200"}).output
    assert options <= set(re.findall(r"-{1,2}[a-z]+", help_text))


def test_the_test_command_is_the_one_ci_runs():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    pattern = re.search(r"grep -m 1 -E '(.+)' README.md", script)[1]
    found = re.findall(pattern, README, flags=re.MULTILINE)
    assert found == ['pip install -c constraints.txt ".[test]" && pytest']


@pytest.mark.parametrize("path", re.findall(r"\]\(((?!https?:)[^)#]+)\)", README))
def test_linked_files_exist(path):
    assert (ROOT / path).exists()

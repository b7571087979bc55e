"""The workflow of the continuous integration asks for what there is."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def sessions():
    """The sessions of nox: a name, or one for each Python where there are several."""
    for node in ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8")).body:
        for call in getattr(node, "decorator_list", []):
            options = getattr(call, "keywords", [])
            python = next((ast.literal_eval(o.value) for o in options if o.arg == "python"), "")
            several = isinstance(python, list)
            yield from (f"{node.name}-{version}" for version in python) if several else [node.name]


def filled(command, row):
    return re.sub(r"\$\{\{ matrix\.(\w+) \}\}", lambda found: row[found[1]], command)


def test_every_session_of_the_workflow_is_one_of_nox_and_every_python_is_tested():
    yaml = pytest.importorskip("yaml")
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    jobs = yaml.safe_load(text)["jobs"]
    asked = set()
    for job in jobs.values():
        (command,) = (step["run"] for step in job["steps"] if "nox -s" in step.get("run", ""))
        matrix = job["strategy"]["matrix"]
        rows = matrix.get("include") or [
            {"session": session, "python": python}
            for session in matrix.get("session", [""])
            for python in matrix.get("python", [""])
        ]
        asked |= {filled(command, row).split()[-1] for row in rows}
    assert asked <= set(sessions())
    named = re.findall(r"Python :: (3\.\d+)", " ".join(PYPROJECT["project"]["classifiers"]))
    assert {f"tests-{version}" for version in named} <= asked

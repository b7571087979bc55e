"""Everything the continuous integration checks, one session at a time: ``nox -l`` lists them."""

from pathlib import Path

import nox

nox.options.sessions = ["lint", "tests"]


@nox.session
def lint(session):
    session.install("-c", "constraints.txt", "ruff")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session(python=["3.11", "3.12", "3.13"])
def tests(session):
    session.install("-c", "constraints.txt", ".[test]")
    session.run("pytest", *session.posargs)


@nox.session(python="3.13")
def tests_newest(session):
    """The newest releases of everything, as a stranger's ``pip install`` would get them."""
    session.install("--upgrade", "--upgrade-strategy", "eager", ".[test]")
    session.run("pytest", *session.posargs)


@nox.session(python="3.11")
def tests_oldest(session):
    session.install("-c", "constraints-oldest.txt", ".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def nightly(session):
    """The property tests with ten times the examples, another draw each night."""
    session.install("-c", "constraints.txt", ".[test]")
    tests = session.posargs or ["tests/test_properties.py"]
    session.run("pytest", *tests, env={"HYPOTHESIS_PROFILE": "nightly"})


@nox.session
def docs(session):
    session.install("-c", "constraints.txt", ".[docs]")
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html")


@nox.session
def bench(session):
    session.install("-c", "constraints.txt", ".[test]")
    for script in sorted(Path("benchmarks").glob("[!_]*.py")):
        session.run("python", str(script), *session.posargs)

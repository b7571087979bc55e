"""Everything the continuous integration checks, one session at a time: ``nox -l`` lists them."""

from pathlib import Path

import nox

nox.options.sessions = ["lint", "tests"]


@nox.session
def lint(session):
    session.install("-c", "constraints.txt", "ruff")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def security(session):
    """Our code, and known weaknesses of what it stands on; a package nobody knows of is one."""
    session.install("-c", "constraints.txt", "bandit", "pip-audit")
    session.run("bandit", "-q", "-r", "gan_augment", "-c", "pyproject.toml")
    session.run("pip-audit", "--strict", "--no-deps", "--disable-pip", "-r", "constraints.txt")


@nox.session
def coverage(session):
    session.install("-c", "constraints.txt", ".[test]", "pytest-cov")
    session.run("pytest", "--cov", "--cov-fail-under=95", *session.posargs)


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
def docs(session):
    session.install("-c", "constraints.txt", ".[docs]")
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html")


@nox.session
def bench(session):
    session.install("-c", "constraints.txt", ".[test]")
    for script in sorted(Path("benchmarks").rglob("[!_]*.py")):
        session.run("python", str(script), *session.posargs)

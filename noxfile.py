"""Everything the continuous integration checks, one session at a time: ``nox -l`` lists them."""

from pathlib import Path

import nox

nox.options.sessions = ["lint", "types", "tests"]
MUTATED = ("gan_augment/io/serialization.py", "tests/io/test_serialization.py")


def pinned(session, *packages):
    session.install("-c", "constraints.txt", *packages)


@nox.session
def lint(session):
    pinned(session, "ruff")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session):
    """The annotations of the package, and a file of typical uses."""
    pinned(session, ".", "mypy")
    session.run("mypy")


@nox.session
def architecture(session):
    """Which folder may import from which, and other rules of the code."""
    pinned(session, ".[test-core]")
    session.run("pytest", "-n0", "tests/test_architecture.py")


@nox.session
def security(session):
    pinned(session, "bandit")
    session.run("bandit", "-q", "-r", "gan_augment", "-c", "pyproject.toml")


@nox.session
def audit(session):
    """Known weaknesses of all pinned packages; a package that no index knows is one."""
    pinned(session, "pip-audit")
    session.run("pip-audit", "--strict", "--no-deps", "--disable-pip", "-r", "constraints.txt")


@nox.session
def coverage(session):
    pinned(session, ".[test]", "pytest-cov")
    session.run("pytest", "--cov", "--cov-fail-under=95", *session.posargs)


@nox.session(python=["3.11", "3.12", "3.13", "3.14"])
def tests(session):
    pinned(session, ".[test,browser]")
    session.run("pytest", *session.posargs)


@nox.session(python=["3.13", "3.14"])
def tests_newest(session):
    """The newest releases of everything but torch, which is large, and without SDV: pandas 3."""
    session.install("--upgrade", "--upgrade-strategy", "eager", ".[test-core]", "torch==2.13.0")
    session.run("pytest", *(session.posargs or ["@tests/newest.txt"]))


@nox.session(python="3.11")
def tests_oldest(session):
    session.install("-c", "constraints-oldest.txt", ".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def recipes(session):
    """The page of recipes with the newest releases of the packages it is about."""
    packages = "optuna skrub skops mlflow-skinny xgboost lightgbm catboost".split()
    session.install(".[test-core]", *packages)
    session.run("pytest", "-n0", "tests/test_docs.py", "-k", "recipes")


@nox.session
def nightly(session):
    """The property tests with ten times the examples, another draw each night."""
    pinned(session, ".[test]")
    tests = session.posargs or ["tests/test_properties.py"]
    session.run("pytest", *tests, env={"HYPOTHESIS_PROFILE": "nightly"})


@nox.session
def peer_suites(session):
    """Tests of scikit-learn and imbalanced-learn, with this package's classes in them."""
    pinned(session, ".[test]")
    session.run("python", "tests/peer_suites/run.py", *session.posargs)


@nox.session
def docs(session):
    pinned(session, ".[docs]")
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html")


@nox.session
def bench(session):
    """The benchmarks, at their smallest setting unless options are given after ``--``."""
    pinned(session, ".[test]")
    if not session.posargs:
        session.run("python", "benchmarks/_quick.py", env={"OMP_NUM_THREADS": "1"})
        return
    for script in sorted(Path("benchmarks").rglob("[!_]*.py")):
        session.run("python", str(script), *session.posargs)


@nox.session
def mutation(session):
    """Do the tests notice mistakes that are planted on purpose? Minutes for each module.

    The module and its tests may be named: ``nox -s mutation -- gan_augment/io/csv.py tests/...``.
    """
    pinned(session, ".[test]", "cosmic-ray>=8.4")
    module, *tests = session.posargs or MUTATED
    folder = Path(session.create_tmp())
    config, store = folder / "mutation.toml", folder / "mutation.sqlite"
    command = " ".join(["python -m pytest -n0 -x -q -p no:cacheprovider", *tests])
    config.write_text(
        f'[cosmic-ray]\nmodule-path = "{module}"\ntimeout = 60.0\n'
        f"test-command = '{command}'\n[cosmic-ray.distributor]\nname = \"local\"\n",
        encoding="utf-8",
    )
    # it changes the module in place and puts it back: so work on the checkout, not the installed
    env = {"PYTHONPATH": str(Path.cwd())}
    for step in (["init", "--force"], ["baseline"], ["exec"]):
        session.run(
            "cosmic-ray", *step, str(config), *[str(store)] * (step != ["baseline"]), env=env
        )
    session.run("cr-rate", "--estimate", str(store))

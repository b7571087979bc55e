"""Everything the continuous integration checks, one session at a time: ``nox -l`` lists them."""

from pathlib import Path

import nox

nox.options.sessions = ["lint", "tests"]
MUTATED = ("gan_augment/io/serialization.py", "tests/test_persistence.py")


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
def mutation(session):
    """Do the tests notice mistakes that are planted on purpose? Minutes for each module.

    The module and its tests may be named: ``nox -s mutation -- gan_augment/io/csv.py tests/...``.
    """
    session.install("-c", "constraints.txt", ".[test]", "cosmic-ray>=8.4")
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


@nox.session
def bench(session):
    session.install("-c", "constraints.txt", ".[test]")
    for script in sorted(Path("benchmarks").rglob("[!_]*.py")):
        session.run("python", str(script), *session.posargs)

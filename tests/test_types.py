"""The public surface is annotated, and mypy agrees (``nox -s types``)."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

import gan_augment

REFERENCE = Path(__file__).parents[1] / "docs" / "api" / "index.rst"
DOCUMENTED = re.findall(r"^   ([\w.]+)$", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE)


def found(name):
    """Return what a name of the reference stands for."""
    home, _, last = name.rpartition(".")
    if not home:
        return getattr(gan_augment, name)
    module = importlib.import_module(f"gan_augment.{home}")
    return getattr(module, last, None) or importlib.import_module(f"gan_augment.{name}")


def functions(thing):
    """Yield a function, or the public methods and properties of a class, its own or inherited."""
    if inspect.ismodule(thing):
        for name, member in vars(thing).items():
            if not name.startswith("_") and getattr(member, "__module__", "") == thing.__name__:
                yield from functions(member)
    elif not inspect.isclass(thing):
        yield thing
    else:
        for name, member in inspect.getmembers_static(thing):
            member = getattr(member, "__func__", getattr(member, "fget", member))
            ours = getattr(inspect.unwrap(member), "__module__", "") or ""
            public = name == "__init__" or not name.startswith("_")
            if public and inspect.isfunction(member) and ours.startswith("gan_augment"):
                yield inspect.unwrap(member)


def missing(function):
    """Return the parameters that have no annotation, and "return" if the result has none."""
    signature = inspect.signature(function)
    names = [
        name
        for name, parameter in signature.parameters.items()
        if parameter.annotation is parameter.empty and name not in ("self", "cls")
    ]
    bare = signature.return_annotation is signature.empty and function.__name__ != "__init__"
    return names + ["return"] * bare


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_public_function_and_method_is_annotated(name):
    bare = {function.__qualname__: missing(function) for function in functions(found(name))}
    assert not {qualname: names for qualname, names in bare.items() if names}


def test_every_public_name_is_looked_at():
    assert set(gan_augment.__all__) <= set(DOCUMENTED)
    assert sum(len(list(functions(found(name)))) for name in DOCUMENTED) > 100

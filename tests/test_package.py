"""The front page of the package: every name is there, and looking at it costs nothing."""

import importlib.metadata
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gan_augment
from gan_augment.exceptions import InputError


def in_a_fresh_interpreter(code):
    """Run ``code``, which prints one JSON value, and return the value."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_import_loads_none_of_the_heavy_dependencies():
    loaded = in_a_fresh_interpreter(
        "import sys, json, gan_augment; print(json.dumps(sorted(sys.modules)))"
    )
    heavy = {"torch", "sdv", "pandas", "sklearn", "imblearn", "pyarrow", "polars", "matplotlib"}
    assert not heavy & set(loaded)


def test_looking_up_a_class_loads_neither_torch_nor_sdv():
    loaded = in_a_fresh_interpreter(
        "import sys, json, gan_augment\n"
        "for name in gan_augment.__all__: getattr(gan_augment, name)\n"
        "print(json.dumps([m for m in ('torch', 'sdv') if m in sys.modules]))"
    )
    assert loaded == []


@pytest.mark.parametrize("name", gan_augment.__all__)
def test_every_public_name_is_importable_and_documented(name):
    thing = getattr(gan_augment, name)
    assert inspect.getdoc(thing), f"{name} has no docstring"
    assert ">>>" in inspect.getdoc(thing), f"{name} shows no example"


@pytest.mark.parametrize("name", gan_augment.__all__)
def test_every_parameter_of_a_public_name_is_documented(name):
    thing = getattr(gan_augment, name)
    text = inspect.getdoc(thing)
    parameters = list(inspect.signature(thing).parameters.values())
    missing = [
        p.name
        for p in parameters
        if p.name not in text and p.kind is not inspect.Parameter.VAR_POSITIONAL
    ]
    assert not missing, f"{name} does not document {missing}"


def test_type_checkers_see_each_name_where_it_is_defined():
    stub = Path(gan_augment.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    named = re.findall(r"from (\S+) import \(?\s*(\w+) as \2", stub)
    assert sorted(name for _, name in named) == gan_augment.__all__
    for home, name in named:
        assert getattr(gan_augment, name).__module__ == f"gan_augment{home}"


def test_an_unknown_name_is_an_ordinary_attribute_error():
    with pytest.raises(AttributeError, match="gan_augment attribute GanAugmenter"):
        gan_augment.GanAugmenter  # noqa: B018
    with pytest.raises(ImportError):
        from gan_augment import no_such_name  # noqa: F401


def test_dir_lists_the_public_names_and_nothing_else():
    assert dir(gan_augment) == gan_augment.__all__
    assert not [name for name in dir(gan_augment) if name.startswith("_")]


def test_a_looked_up_name_is_the_same_object_every_time():
    from gan_augment import BootstrapGenerator
    from gan_augment.generators.controls import BootstrapGenerator as at_home

    assert gan_augment.BootstrapGenerator is BootstrapGenerator is at_home


def test_the_installed_version_is_the_package_version():
    assert importlib.metadata.version("gan-augment") == gan_augment.__version__


def test_without_the_extra_its_generator_says_what_to_install(monkeypatch, blobs):
    monkeypatch.delitem(sys.modules, "sdv.single_table", raising=False)
    monkeypatch.setitem(sys.modules, "sdv", None)  # as if it were not installed
    with pytest.raises(InputError, match=r'pip install "sdv>='):
        gan_augment.SDVGenerator("GaussianCopula").fit(*blobs)

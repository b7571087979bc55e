"""A module imports only from folders before its own.

The check reads the source with ``ast`` and imports nothing, so it also sees imports inside
functions. Lazy imports count: they hide a knot, they do not untie it.
"""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "gan_augment"

#: Folders in the order in which they may import: each only from those before it.
ORDER = (
    "exceptions process containers io encoding nn training metrics report generators augmentation "
    "selection estimators evaluation cli testing"
).split()
#: The entry points, which may import anything and which nothing imports.
FRONT = {"__main__"}

# Numbers only: these folders know tensors, not tables, and not who calls them.
TENSOR_FOLDERS = {"nn", "training"}
FORBIDDEN_BESIDE_TENSORS = {"pandas", "sklearn", "polars", "narwhals", "pyarrow", "imblearn"}

MAX_BODY_LINES = 60


def modules(root):
    """Yield (dotted path inside the package, source file), the package front excluded."""
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if parts[-1] == "__init__":
            parts = parts[:-1]
        if parts:
            yield parts, path


def imported_names(tree, parts, is_package):
    """Yield (line, dotted name) for every import; relative ones are made absolute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                home = ("gan_augment", *parts)
                home = home[: len(home) - node.level + is_package]
                base = ".".join([*home, base] if base else home)
            for alias in node.names:
                yield node.lineno, f"{base}.{alias.name}"


def back_edges(root):
    """Return one sentence for each import that runs against the order."""
    found = []
    for parts, path in modules(root):
        folder = parts[0]
        where = "gan_augment." + ".".join(parts)
        if folder in FRONT:
            continue
        if folder not in ORDER:
            found.append(f"{where} has no place in ORDER")
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for line, name in imported_names(tree, parts, path.name == "__init__.py"):
            head, *rest = name.split(".")
            if folder in TENSOR_FOLDERS and head in FORBIDDEN_BESIDE_TENSORS:
                found.append(f"{where}:{line} imports {name}: tensors only in {folder}")
            if head != "gan_augment" or rest == ["__version__"]:
                continue
            target = rest[0] if rest else ""
            if target not in ORDER:
                found.append(f"{where}:{line} imports {name} through the package front")
            elif ORDER.index(target) > ORDER.index(folder):
                found.append(f"{where}:{line} imports {name}, which comes after {folder}")
            elif folder in TENSOR_FOLDERS and target == "encoding":
                found.append(f"{where}:{line} imports {name}: tensors only in {folder}")
    return found


def module_cycles(root):
    """Return the modules that import each other, directly or in a ring, inside a folder."""
    graph, names = {}, {".".join(parts) for parts, _ in modules(root)}
    for parts, path in modules(root):
        me = ".".join(parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        inside = imported_names(tree, parts, path.name == "__init__.py")
        dotted = [name.removeprefix("gan_augment.") for _, name in inside]
        targets = {n if n in names else n.rpartition(".")[0] for n in dotted} & names
        graph[me] = targets - {me}
    while ends := _outside_any_ring(graph):
        graph = {name: targets - ends for name, targets in graph.items() if name not in ends}
    return sorted(graph)


def _outside_any_ring(graph):
    """Modules that import none of the others, or that none of the others import."""
    imported = set().union(*graph.values())
    return {name for name, targets in graph.items() if not targets or name not in imported}


def body_lines(function):
    """Lines from the first statement after the docstring to the last."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


#: What turns bytes into running code, by the module it belongs to; None: a builtin.
RUNS_CODE = {
    None: {"eval", "exec", "compile", "__import__"},
    "pickle": {"load", "loads", "Unpickler"},
    "cloudpickle": {"load", "loads"},
    "dill": {"load", "loads"},
    "marshal": {"load", "loads"},
    "shelve": {"open"},
    "joblib": {"load"},
    "torch": {"load", "hub", "jit", "package"},
    "yaml": {"load", "load_all", "full_load", "unsafe_load", "Loader"},
    "runpy": {"run_path", "run_module"},
    "pandas": {"read_pickle"},
}
NEVER_IMPORTED = {"cloudpickle", "dill", "marshal", "shelve", "runpy", "code"}


def runs_code(tree):
    """Yield (line, what) for each use of something that runs what it reads.

    Names are followed through ``import x as y`` and ``from x import y``; an array or an option
    that allows pickles counts too.
    """
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                known[alias.asname or alias.name.split(".")[0]] = (alias.name.split(".")[0], None)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                known[alias.asname or alias.name] = (node.module.split(".")[0], alias.name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for _, name in imported_names(node, ("x",), False):
                if name.split(".")[0] in NEVER_IMPORTED:
                    yield node.lineno, name
        elif isinstance(node, ast.Name):
            module, name = known.get(node.id, (None, node.id))
            if name in RUNS_CODE.get(module, ()):
                yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = known.get(node.value.id, ("", None))[0]
            if node.attr in RUNS_CODE.get(module, ()):
                yield node.lineno, f"{module}.{node.attr}"
        elif isinstance(node, ast.keyword):
            value = getattr(node.value, "value", None)
            if (node.arg, value) in {("allow_pickle", True), ("weights_only", False)}:
                yield node.value.lineno, f"{node.arg}={value}"


def plant(root, **sources):
    """Write a toy package: ``plant(root, plan="import ...", nn__losses="...")``."""
    for name, source in sources.items():
        path = root.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return root


def test_no_import_runs_against_the_order():
    assert not back_edges(PACKAGE)


def test_no_modules_import_each_other_in_a_ring():
    assert not module_cycles(PACKAGE)


@pytest.mark.parametrize(
    ("folder", "source"),
    [
        ("metrics__copies", "from gan_augment.augmentation.augment import augment\n"),
        ("metrics__copies", "from gan_augment import augmentation\n"),
        ("metrics__copies", "import gan_augment.cli.app\n"),
        ("metrics__copies", "def late():\n    from gan_augment.selection.scoring import score\n"),
        ("metrics__copies", "from ..estimators.transformer import GANAugmenter\n"),
        ("metrics__copies", "from .. import cli\n"),
        ("metrics__copies", "from gan_augment import GANAugmenter\n"),
        ("nn__losses", "from ..generators import base\n"),
        ("nn__losses", "from gan_augment.encoding.schema import Schema\n"),
        ("training__loop", "import pandas as pd\n"),
        ("training__loop", "from sklearn.base import BaseEstimator\n"),
        ("helpers", "import numpy\n"),
    ],
)
def test_a_planted_back_edge_is_found(tmp_path, folder, source):
    assert len(back_edges(plant(tmp_path, **{folder: source}))) == 1


@pytest.mark.parametrize(
    ("folder", "source"),
    [
        ("augmentation__augment", "from gan_augment.augmentation.plan import resolve_plan\n"),
        ("encoding__table", "from gan_augment.encoding.codecs import codec_for\n"),
        ("encoding__table", "from .codecs import codec_for\n"),
        ("nn__losses", "import torch\nfrom gan_augment.exceptions import InputError\n"),
        ("io__serialization", "from gan_augment import __version__\n"),
    ],
)
def test_imports_along_the_order_are_left_alone(tmp_path, folder, source):
    assert not back_edges(plant(tmp_path, **{folder: source}))


def test_a_planted_ring_is_found(tmp_path):
    plant(
        tmp_path,
        encoding__table="from gan_augment.encoding import codecs\n",
        encoding__codecs="from gan_augment.encoding.table import TableCodec\n",
        encoding__schema="import numpy\n",
    )
    assert module_cycles(tmp_path) == ["encoding.codecs", "encoding.table"]


def test_nothing_in_the_package_runs_what_it_reads():
    found = [
        f"{'.'.join(parts)}:{line} {what}"
        for parts, path in modules(PACKAGE)
        for line, what in runs_code(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        "import pickle\npickle.loads(text)",
        "import pickle as p\nread = p.Unpickler",
        "def f(text):\n    from pickle import loads\n    return loads(text)",
        "import torch\nx = torch.load(path)",
        "import torch as t\nx = t.load(path, weights_only=True)",
        "from torch import load\nx = load(path)",
        "from torch import load as read\nx = read(path)",
        "import joblib\njoblib.load(path)",
        "eval(text)",
        "f = exec",
        "import numpy as np\nnp.load(path, allow_pickle=True)",
        "import yaml\nyaml.load(text)",
        "import shelve",
        "import marshal",
        "import cloudpickle",
        "import pandas as pd\npd.read_pickle(path)",
        "__import__(name)",
    ],
)
def test_what_would_run_what_it_reads_is_found(source):
    assert list(runs_code(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "import torch\nmodule.eval()",
        "import pickle\npickle.dumps(generator)",
        "import json\njson.load(file)",
        "import re\nre.compile(text)",
        "from gan_augment.estimators.loading import load\nload(path)",
        "import numpy as np\nnp.load(path, allow_pickle=False)",
        "import joblib\njoblib.Parallel()",
    ],
)
def test_what_runs_nothing_is_left_alone(source):
    assert not list(runs_code(ast.parse(source)))


#: What other libraries call private or expect to be set, each with its reason.
FOREIGN = {
    "_init_callback_context": "scikit-learn's own name for what its callbacks start with",
    "_set_random_state": "the only way to seed a synthesizer of SDV",
    "_foreach_lerp_": "torch's fused average, public in all but its name",
    "_foreach_add_": "the same for sums",
    "_fused_adamw_": "the kernel of torch.optim.AdamW, which imports a compiler around it",
    "_exit": "the only end of a process that waits for no pool",
    "columns": "of a data frame made in the same function",
    "filename": "of an OSError, which Python lets one set",
    "random_state": "of a clone of the caller's splitter, made in the same function",
    "n_features_in_": "what scikit-learn's validate_data sets, done for images",
    "image_shape_": "the same of images",
}


def _defined(tree):
    """Names that a module defines or stores itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def reaches_in(tree):
    """Yield (line, what) where a module uses another's private name or sets its attributes."""
    own = {name for name in _defined(tree) if name.startswith("_")}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gan_augment"):
            for alias in node.names:
                if alias.name.startswith("_") and alias.name != "__version__":
                    yield node.lineno, alias.name
        elif isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            at = getattr(node.value, "func", node.value)  # super()._name
            mine = getattr(at, "id", None) in {"self", "cls", "super"}
            if not (mine or node.attr.startswith("__") or node.attr in own):
                yield node.lineno, node.attr
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
            others = {argument.arg for argument in arguments} - {"self", "cls"}
            for inner in ast.walk(node):
                stored = isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store)
                if stored and getattr(inner.value, "id", None) in others:
                    yield inner.lineno, inner.attr


def test_no_module_reaches_into_another():
    found = [
        f"{'.'.join(parts)}:{line} {name}"
        for parts, path in modules(PACKAGE)
        for line, name in reaches_in(ast.parse(path.read_text(encoding="utf-8")))
        if name not in FOREIGN
    ]
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        "from gan_augment.io.csv import _cells",
        "import gan_augment.io.csv as csv\ncsv._cells(path)",
        "def train(gan):\n    gan.module_ = None",
        "def train(gan):\n    return gan._draw(3)",
    ],
)
def test_a_module_that_reaches_into_another_is_found(source):
    assert list(reaches_in(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "class A:\n    def f(self):\n        self.x_ = self._y",
        "class A:\n    def _f(self, other):\n        return other._f(self)",
        "def made():\n    gan = GAN()\n    gan.seen = 1\n    return gan",
        "def f(x):\n    return x.__class__",
    ],
)
def test_a_module_that_uses_its_own_is_left_alone(source):
    assert not list(reaches_in(ast.parse(source)))


def test_every_function_fits_on_a_page():
    long = {}
    for parts, path in modules(PACKAGE):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            if function and body_lines(node) > MAX_BODY_LINES:
                long[f"{'.'.join(parts)}.{node.name}"] = body_lines(node)
    assert not long

"""How much there is to read: lines, files that one call passes, and the time of an import.

Prints, for the package that is found first (``PYTHONPATH`` may name another checkout):

- modules, folders, lines of code, of docstring and of comment;
- for three walks, the package's files that calls pass through and how often the call goes from one
  file to another: a table and images through ``fit_transform``, a file through ``compare``;
- the median time of ``import gan_augment`` in a fresh interpreter, beside an empty one.

Run: ``python benchmarks/source.py``, or with ``--quick`` two shorter walks.
"""

import argparse
import ast
import contextlib
import io
import runpy
import statistics
import subprocess
import sys
import tempfile
import time
import tokenize
import warnings
from pathlib import Path

import numpy as np

import gan_augment

PACKAGE = Path(gan_augment.__file__).parent
IMPORTS = 9


def line_counts(package):
    """Lines of code, docstring and comment; a line is what its first token is."""
    counts = dict.fromkeys(("code", "docstring", "comment"), 0)
    for path in package.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        kinds = dict.fromkeys(_lines_with_tokens(text), "code")
        for first, last in _docstrings(ast.parse(text)):
            kinds |= dict.fromkeys(range(first, last + 1), "docstring")
        for kind in kinds.values():
            counts[kind] += 1
        counts["comment"] += sum(line.lstrip().startswith("#") for line in text.splitlines())
    return counts


def _lines_with_tokens(text):
    ignored = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENCODING,
        tokenize.ENDMARKER,
    }
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in ignored:
            yield from range(token.start[0], token.end[0] + 1)


def _docstrings(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.lineno, first.end_lineno


def walked(call):
    """Files of the package that a call passes, and how often it goes from one to another."""
    seen, switches, last = set(), 0, None
    root = str(PACKAGE)

    def watch(frame, event, _):
        nonlocal switches, last
        name = frame.f_code.co_filename
        if event == "call" and name.startswith(root):
            seen.add(name)
            switches += last is not None and name != last
            last = name

    sys.setprofile(watch)
    try:
        call()
    finally:
        sys.setprofile(None)
    return len(seen), switches


def table():
    """120 rows with numbers, categories and gaps, and two classes."""
    import pandas as pd

    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 90, 120),
            "income": np.where(rng.random(120) < 0.1, np.nan, rng.lognormal(10, 0.5, 120)),
            "city": rng.choice(["Bonn", "Graz", "Oslo"], 120),
        }
    )
    return frame, pd.Series(np.where(frame["age"] > 60, "yes", "no"), name="bought")


def walk_table():
    from gan_augment import GANAugmenter, TabularGAN

    GANAugmenter(TabularGAN(n_steps=20), random_state=0).fit_transform(*table())


def walk_images():
    from gan_augment import GANAugmenter, ImageGAN

    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (40, 8, 8), dtype=np.uint8)
    generator = ImageGAN(n_steps=10, mixture={"gan": 1})
    GANAugmenter(generator, random_state=0).fit_transform(images, np.repeat([0, 1], 20))


def walk_compare():
    frame, target = table()
    with tempfile.TemporaryDirectory() as folder:
        path, page = Path(folder) / "in.csv", Path(folder) / "out.html"
        frame.assign(bought=target).to_csv(path, index=False)
        words = ["compare", path, "--target", "bought", "--report", page, "--quick"]
        words += ["--learners", "lr", "--jobs", "1"]  # in this process, where calls are seen
        before, sys.argv = sys.argv, ["gan-augment", *map(str, words)]
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
                runpy.run_module("gan_augment", run_name="__main__")
        finally:
            sys.argv = before
        if not page.exists():
            raise RuntimeError("compare wrote no page")


def import_seconds(statement):
    """Median seconds of a statement's fresh interpreter."""
    times = []
    for _ in range(IMPORTS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", statement], check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="leave out compare")
    quick = parser.parse_args().quick
    warnings.simplefilter("ignore")
    modules = [p for p in PACKAGE.rglob("*.py") if p.name != "__init__.py"]
    loose = [p for p in modules if p.parent == PACKAGE]
    folders = [p for p in PACKAGE.iterdir() if (p / "__init__.py").exists()]
    print(f"modules {len(modules)}, at the root {len(loose)}, folders {len(folders)}")
    print("lines:", ", ".join(f"{n} {kind}" for kind, n in line_counts(PACKAGE).items()))
    walks = {"table": walk_table, "images": walk_images} | (
        {} if quick else {"compare": walk_compare}
    )
    for name, walk in walks.items():
        walk()  # imports are no part of the walk
        files, switches = walked(walk)
        print(f"{name}: {files} files, {switches} switches")
    bare, ours = import_seconds("pass"), import_seconds("import gan_augment")
    print(f"import gan_augment: {1000 * (ours - bare):.0f} ms over {1000 * bare:.0f} ms")


if __name__ == "__main__":
    main()

"""Nothing in the package reads the text of a message, a warning or a verdict: values are passed.

The check reads the source with ``ast``. Text is what ``str`` makes of a caught error or warning,
what `error_text`, ``args`` and ``message`` hold, columns of errors, names that are given one of
these, and whatever is called verdict, sentence or message. Reading is comparing it, searching in
it or taking it apart; showing it whole is none, and a verdict of one word may be compared.
"""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "gan_augment"

#: Where the text of another library's exception is shown, and made fit for that.
SHOWN = {
    "io.images.pixels_of": "Pillow's text is shown on one line, cut to 80 characters",
    "cli.errors.plain_errors": "an ImportError is shown on one line",
    "selection.splits.draw_splits": "a splitter's text is shown without its full stop",
}
TEXTS = {"verdict", "sentence", "message"}
COLUMNS = {"error"}
READING = {"startswith", "endswith", "removeprefix", "removesuffix", "replace", "partition"}
READING |= {"rpartition", "split", "rsplit", "splitlines", "find", "index", "count", "strip"}
READING |= {"rstrip", "lstrip"}
SEARCHES = {"search", "match", "fullmatch", "findall", "sub"}


class Reader(ast.NodeVisitor):
    """Lists where one function reads text of errors."""

    def __init__(self):
        self.errors, self.texts, self.found = set(), set(), []

    def is_text(self, node):
        """Whether an expression is the text of an error, warning or verdict."""
        if isinstance(node, ast.Name):
            return node.id in self.texts
        if isinstance(node, ast.Attribute):
            if node.attr == "str":  # of a column
                return self.is_text(node.value)
            return node.attr in TEXTS or (self.is_error(node.value) and node.attr == "args")
        if isinstance(node, ast.Subscript):
            column = getattr(node.slice, "value", None)
            return self.is_text(node.value) or column in COLUMNS
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name == "str":
                return any(self.is_error(arg) or self.is_text(arg) for arg in node.args)
            return name in ("error_text", "sentence") or (
                name in {"lower", "casefold", *READING}
                and isinstance(node.func, ast.Attribute)
                and self.is_text(node.func.value)
            )
        return False

    def is_error(self, node):
        return isinstance(node, ast.Name) and node.id in self.errors

    def visit_ExceptHandler(self, node):
        if node.name:
            self.errors.add(node.name)
        self.generic_visit(node)

    def visit_Assign(self, node):
        pairs = [(target, node.value) for target in node.targets]
        for target, value in list(pairs):
            if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                pairs += zip(target.elts, value.elts, strict=False)
        for target, value in pairs:
            if isinstance(target, ast.Name) and self.is_text(value):
                self.texts.add(target.id)
        self.generic_visit(node)

    def visit_Compare(self, node):
        parts = (node.left, *node.comparators)
        if isinstance(node.ops[0], ast.In | ast.NotIn):
            reads = self.is_text(parts[1])
        else:  # an error is None, a column of errors is empty, a verdict is one word
            plain = [isinstance(part, ast.Constant) and not part.value for part in parts]
            words = [getattr(part, "attr", "") == "verdict" for part in parts]
            reads = any(map(self.is_text, parts)) and not any([*plain, *words])
        if reads:
            self.found.append(node.lineno)
        self.generic_visit(node)

    def visit_Call(self, node):
        if isinstance(node.func, ast.Attribute):
            reads = node.func.attr in READING and self.is_text(node.func.value)
            if reads or (node.func.attr in SEARCHES and any(map(self.is_text, node.args))):
                self.found.append(node.lineno)
        self.generic_visit(node)


def readers(source):
    """Yield (function, line) of each place that reads text of an error."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            reader = Reader()
            for statement in node.body:
                reader.visit(statement)
            yield from ((node.name, line) for line in reader.found)


def test_no_code_reads_the_text_of_a_message():
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for function, line in readers(path.read_text(encoding="utf-8")):
            found.setdefault(f"{module}.{function}", line)
    assert {name: line for name, line in found.items() if name not in SHOWN} == {}
    assert SHOWN.keys() <= found.keys(), "an exception that is needed no more"


@pytest.mark.parametrize(
    "body",
    [
        "if 'columns={' in str(error): pass",
        "raise InputError(str(error).replace('X', name)) from None",
        "reason = str(error).rpartition(': ')[0]",
        "text = str(error)\n        if text.startswith('X'): pass",
        "if error.args[0] == 'no': pass",
        "found = re.search('a', str(error))",
        "text = error_text(error)\n        text = text.removeprefix('X')",
        "if str(heard[0].message).startswith('no'): pass",
        "good = result.verdict.split()[0] == 'Good'",
        "if error.sentence().lower() == 'x': pass",
        "unfit = frame['error'].str.startswith('does not apply')",
    ],
)
def test_readers_of_text_are_found(body):
    source = f"def f(g):\n    try:\n        g()\n    except ValueError as error:\n        {body}\n"
    assert list(readers(source))


@pytest.mark.parametrize(
    "body",
    [
        "raise OtherError(f'{path} cannot be read ({error})') from error",
        "said = str(error)",
        "if error.argument == 'X': pass",
        "notes += [str(warning.message) for warning in heard]",
        "if metric.verdict == 'good': pass",
        "failed = frame['error'] != ''",
        "failure = error_text(error)\n        if failure is None: pass",
    ],
)
def test_text_that_is_shown_whole_is_no_reading(body):
    source = f"def f(g):\n    try:\n        g()\n    except ValueError as error:\n        {body}\n"
    assert not list(readers(source))

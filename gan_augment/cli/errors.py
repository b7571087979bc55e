"""Errors of the commands: one sentence in the command line's own words, and an exit status."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import typer
from rich.markup import escape

from gan_augment.cli.interrupted import Kept
from gan_augment.cli.terminal import Terminal, printable
from gan_augment.exceptions import (
    InputError,
    ModelFileError,
    SharedTrainingError,
    TrainingDivergedError,
    shown,
)

# Exit statuses. 1 is an answer: a requirement that fails, or training that diverged.
BAD_INPUT, DIVERGED, UNEXPECTED, INTERRUPTED, NO_READER = 2, 1, 70, 130, 141

_ABSENT = object()

# Options that stand for an argument of the library, where it is not spelled like one.
# The first one that the command has is used.
_OPTIONS = {
    "class_balance": ("--balance",),
    "columns": ("--kind", "--ignore"),
    "constraints": ("--constraint",),
    "cv": ("--folds",),
    "estimators": ("--learners",),
    "folder": ("--out",),
    "learners": ("--learners",),
    "metadata": ("--kind", "--ignore"),
    "n_jobs": ("--jobs",),
    "n_samples": ("--rows", "-n"),
    "n_steps": ("--steps",),
    "random_state": ("--seed",),
    "requirements": ("--require",),
    "rows_per_partition": ("--rows-per-file",),
    "target": ("--task", "--target"),
    "train_sizes": ("--sizes",),
    "y": ("--target", "--label"),
}


class CommandLineWording:
    """How the command line spells what an :class:`InputError` is about.

    Parameters
    ----------
    known : iterable of str
        The options of the command at hand, such as ``--rows``.

    Examples
    --------
    >>> error = InputError(
    ...     "is negative", argument="n_samples", value=-5, remedy="pass an int >= 0"
    ... )
    >>> error.sentence(CommandLineWording(["--rows"]))
    '--rows -5 is negative: pass an int >= 0.'
    >>> error.sentence(CommandLineWording(["-n"]))
    '-n -5 is negative: pass an int >= 0.'
    """

    def __init__(self, known: Iterable[str] = ()) -> None:
        self.known = set(known)
        #: The column of the target, once a command knows it.
        self.target: str | None = None
        #: What must be added for --ignore, --regenerate and --kind to be taken.
        self.columns_need = ""
        self._reads_text = False
        self._files: dict[str, Path] = {}
        self._row_names: dict[str, Callable[[int], str]] = {}

    def reads(
        self,
        argument: str,
        path: Path,
        row_name: Callable[[int], str] | None = None,
        is_text: bool = False,
    ) -> None:
        """Note which file an argument of the library was read from.

        Parameters
        ----------
        argument : str
            Such as ``"X"`` or ``"synthetic"``.
        path : Path
        row_name : callable, optional
            From the position of a row to its place in the file, such as ``"line 3"``.
        is_text : bool, default=False
            Whether options say how the file is to be read.
        """
        if argument == "X":
            self._reads_text = is_text
        self._files[argument] = path
        if row_name is not None:
            self._row_names[argument] = row_name

    def argument(self, name: str, value: Any = _ABSENT) -> str:
        """Return an argument as the option it came from: ``--rows -1``."""
        if name in self._files:
            return str(self._files[name])
        if name == "X":
            return str(value) if isinstance(value, (str, Path)) else "The table"
        if name == "y" and self.target is not None:
            return f"--target {self.target!r}"
        if name in ("columns", "metadata") and isinstance(value, dict) and value:
            return self.setting(name, value)
        option = self._option(name)
        flag = value is _ABSENT or value is True  # nobody writes --sdmetrics True
        return option if flag else f"{option} {shown(value)}"

    def setting(self, name: str, value: Any) -> str:
        """Return what to add to the command: ``--ignore id``; a conversion is Python's."""
        if name == "conversion":
            options = " ".join(self._reading(value))
            return f"add {options}" if options else "convert it in the file"
        if name in ("columns", "metadata") and isinstance(value, dict):
            options = [self._column(*pair) for pair in value.items()]
            return " ".join([self.columns_need] * bool(self.columns_need) + options)
        option = self._option(name)
        return option if value is True else f"{option} {shlex.quote(str(value))}"

    def together(self, settings: tuple[tuple[str, Any], ...]) -> str:
        """Return the options that mend several columns."""
        given: list[str] = []
        for name, value in settings:
            given += self._reading(value) if name == "conversion" else [self.setting(name, value)]
        return " ".join(dict.fromkeys(given))

    def _reading(self, conversion: Any) -> list[str]:
        """The options that read a column as what it is, where this command has them."""
        options = getattr(conversion, "options", {})
        if not self._reads_text or not options.keys() <= self.known:
            return []
        given = []
        for option, values in options.items():
            given += [f"{option} {shlex.quote(value)}" for value in values] or [option]
        return given

    def place(self, argument: str | None, column: Any, row: int | None) -> str:
        """Return where in a file something is: ``Column 'age' of in.csv, line 5``."""
        source = "X" if argument in (None, "y") else argument
        if column is None and argument == "y":
            column = self.target
        whole = "The table" if source.isidentifier() else source
        parts = [str(self._files.get(source, whole))]
        if column is not None:
            file = self._files.get(source)
            parts = [f"Column {column!r}" + (f" of {file}" if file is not None else "")]
        if row is not None:
            row_name = self._row_names.get(source)
            parts.append(f"row {row}, counted from 0" if row_name is None else row_name(row))
        return ", ".join(parts)

    def _option(self, name: str) -> str:
        if not name.isidentifier():
            return name  # an option, or words
        options = _OPTIONS.get(name, ("--" + name.replace("_", "-"),))
        known = [option for option in options if option in self.known]
        return known[0] if known else name.replace("_", " ")  # no option of this command

    def _column(self, name: Any, kind: Any) -> str:
        option = option_of_kind(kind)
        if option not in self.known and "--ignore" in self.known:
            option = "--ignore"
        what = f"{name}={kind}" if option == "--kind" else str(name)
        return f"{option} {shlex.quote(what)}"


def option_of_kind(kind: Any) -> str:
    """Return the option that chooses this kind of a column."""
    return f"--{kind}" if kind in ("ignore", "regenerate") else "--kind"


@contextlib.contextmanager
def plain_errors(context: typer.Context) -> Iterator[CommandLineWording]:
    """Turn what a user can mend into one sentence and exit status 2, our own faults into 70.

    Parameters
    ----------
    context : typer.Context
        Of the command, whose options are known to it.

    Yields
    ------
    CommandLineWording
        To be told which files are read.
    """
    options = [
        option
        for parameter in context.command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    ]
    wording, kept = CommandLineWording(options), Kept(context.params)
    try:
        yield wording
        sys.stdout.flush()
    except InputError as error:
        fail(error.sentence(wording), BAD_INPUT)
    except (ModelFileError, ImportError) as error:
        fail(" ".join(str(error).split()), BAD_INPUT)
    except BrokenPipeError:
        # what reads our output went away; nothing may be flushed to it at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(NO_READER) from None
    except OSError as error:
        fail(_file_sentence(error), BAD_INPUT)
    except (TrainingDivergedError, SharedTrainingError) as error:
        fail(str(error), DIVERGED)
    except MemoryError:
        fail("There is not enough memory for this: ask for fewer rows.", UNEXPECTED)
    except KeyboardInterrupt:
        fail(kept.sentence(), INTERRUPTED)
    except typer.Exit:
        raise
    except Exception:
        traceback.print_exc()
        fail("This is a fault of gan-augment: please report it with the lines above.", UNEXPECTED)


def _file_sentence(error: OSError) -> str:
    """What the system said about a file, and what to do."""
    name = error.filename or str(error)
    if isinstance(error, FileNotFoundError):
        return f"{name} does not exist (No such file or directory): check the name."
    if isinstance(error, IsADirectoryError):
        return f"{name} is a folder, not a file (Is a directory): name a file."
    if isinstance(error, PermissionError):
        return f"{name} may not be opened (Permission denied): choose another, or ask for access."
    named = f"{error.filename}: " if error.filename else ""
    return f"{named}{error.strerror or error}."


def fail(sentence: str, status: int) -> NoReturn:
    """Print a sentence on standard error and leave with an exit status."""
    complain(sentence)
    raise typer.Exit(status)


def complain(sentence: str) -> None:
    """Print a sentence, or one a line, on standard error."""
    console = Terminal(stderr=True)
    text = "\n".join(escape(printable(line)) for line in sentence.split("\n"))
    console.print(f"[bold red]{text}[/]", soft_wrap=True, highlight=False)

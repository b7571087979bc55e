"""Manners that all commands share: one sentence for what a user can mend, and no lost files."""

import contextlib
import os
import traceback

import typer
from rich.console import Console
from rich.markup import escape

from gan_augment.exceptions import (
    InputError,
    ModelFileError,
    SharedTrainingError,
    TrainingDivergedError,
)

#: Exit status of a fault of ours (EX_SOFTWARE): 1 is an answer, as of a requirement that fails.
UNEXPECTED = 70

# How the command line spells arguments that the library's messages name.
_OPTIONS = {
    "n_samples=": "--rows",
    "class_balance=": "--balance",
    "target='": "--task",
    "mark=": "--mark",
    "random_state=": "--seed",
    "checkpoint=": "--checkpoint",
}


@contextlib.contextmanager
def plain_errors(cure="--ignore or --regenerate"):
    """Turn what a user can mend into one sentence and exit status 2, faults of ours into 70.

    Parameters
    ----------
    cure : str
        The options that stand for ``columns=`` in the library's messages.
    """
    try:
        yield
    except InputError as error:
        # Some arguments are spelled as Python's in the library's messages.
        here = [cure] * ("columns={" in str(error))
        here += [option for name, option in _OPTIONS.items() if name in str(error)]
        fail(str(error) + f" (Here: {', '.join(here)}.)" * bool(here), 2)
    except ModelFileError as error:
        fail(str(error), 2)
    except ImportError as error:
        fail(str(error), 2)
    except OSError as error:
        fail(_file_sentence(error), 2)
    except (TrainingDivergedError, SharedTrainingError) as error:
        fail(str(error), 1)
    except MemoryError:
        fail("There is not enough memory for this: ask for fewer rows.", UNEXPECTED)
    except typer.Exit:
        raise
    except Exception:
        traceback.print_exc()
        fail("This is a fault of gan-augment: please report it with the lines above.", UNEXPECTED)


def _file_sentence(error):
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


def fail(sentence, status):
    """Say a sentence on standard error and leave with an exit status."""
    console = Console(stderr=True)
    console.print(f"[bold red]{escape(sentence)}[/]", soft_wrap=True, highlight=False)
    raise typer.Exit(status)


def may_write(path, overwrite):
    """Refuse a file that cannot be written, or that is there already, before any work."""
    if path is None:
        return
    if path.is_dir():
        raise InputError(f"{path} is a folder: name a file.")
    if path.exists() and not overwrite:
        raise InputError(f"{path} exists: choose another name or add --overwrite.")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise InputError(f"{path.parent} is not a folder: create it first.")
    if not os.access(folder, os.W_OK):
        raise InputError(f"{path.parent} is a folder you may not write to: choose another one.")


def one_file_each(files):
    """Refuse a file that is to be written where another one is read or written, before any work.

    Parameters
    ----------
    files : dict of {str: Path or None}
        What each file is, those that are written first.
    """
    seen = {}
    for what, path in files.items():
        if path is None:
            continue
        other = seen.setdefault(path.resolve(), what)
        if other != what and other.startswith("--"):
            raise InputError(f"{other} {path} is also {what}: choose another name.")


def check_column(frame, option, column, path):
    """Refuse a column that the table does not have."""
    check_name(frame.columns, option, column, path)


def check_name(names, option, column, path):
    """Refuse a column that is not among the names of a table's."""
    if column not in names:
        shown = ", ".join(map(repr, names[:20]))
        raise InputError(f"{option} {column!r} is not a column of {path}: it has {shown}.")


def check_target(frame, target, path):
    """Refuse a target that is not there, has gaps, or stands alone."""
    check_column(frame, "--target", target, path)
    absent = int(frame[target].isna().sum())
    if absent:
        raise InputError(
            f"--target {target!r} is missing in {absent} rows: fill or drop them first."
        )
    if len(frame.columns) < 2:
        raise InputError(f"{path} has no column beside the target {target!r}: add features.")

"""Errors and warnings a caller may want to catch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

MAX_SHOWN = 200
#: Columns that are named in one message.
MOST_LISTED = 20
_UNSET = object()


def shown(value: object) -> str:
    """Return the repr of a value, cut where it would fill the screen."""
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "..."


def joined(words: Sequence[str], before_last: str = "and") -> str:
    """Return words as one says them.

    Examples
    --------
    >>> joined(["fidelity", "diversity", "utility"]), joined(["gan", "vae"], "or")
    ('fidelity, diversity and utility', 'gan or vae')
    """
    parts = [", ".join(words[:-1]), words[-1]] if len(words) > 1 else words
    return f" {before_last} ".join(parts)


class Conversion(str):
    """Python code that converts what is at fault, and the options of a command that do the same.

    Examples
    --------
    >>> code = Conversion("pd.to_numeric(X['a'], errors='coerce')", {"--missing": ["?"]})
    >>> code.options
    {'--missing': ['?']}
    """

    options: dict[str, list[str]]

    def __new__(cls, code: str, options: dict[str, list[str]] | None = None) -> Self:
        """Return the code as a string that carries the options."""
        conversion = super().__new__(cls, code)
        conversion.options = options or {}
        return conversion


class PythonWording:
    """How the Python interface spells what an :class:`InputError` is about."""

    def argument(self, name: str, value: Any = _UNSET) -> str:
        """Return an argument, with its value if there is one: ``n_samples=-1``."""
        return name if value is _UNSET else f"{name}={shown(value)}"

    def setting(self, name: str, value: Any) -> str:
        """Return what to pass: ``columns={'id': 'ignore'}``; a ``"conversion"`` is code to run."""
        return f"convert it with {value}" if name == "conversion" else f"{name}={value!r}"

    def together(self, settings: tuple[tuple[str, Any], ...]) -> str:
        """Return what to write to mend several columns: code, then what to pass."""
        code = list(dict.fromkeys(value for name, value in settings if name == "conversion"))
        columns: dict = {}
        for name, value in settings:
            columns |= value if name == "columns" else {}
        return "; ".join(code + [f"columns={columns!r}"] * bool(columns))

    def place(self, argument: str | None, column: Any, row: int | None) -> str:
        """Return where in a table something is: ``Column 'age' of X, row 3``."""
        parts = [] if column is None else [f"Column {column!r}"]
        if argument not in (None, "X"):
            parts = [f"{parts[0]} of {argument}"] if parts else [argument]
        elif not parts:
            parts = ["X"] if argument else []
        if row is not None:
            parts.append(f"row {row}" if parts else f"Row {row}")
        return ", ".join(parts)


class InputError(ValueError):
    """What the caller passed in cannot be used; raised before training starts.

    Its message is one sentence made from its fields: what is wrong, in which argument or column,
    which value, and what to do. The command line makes its own sentence from the same fields.

    Parameters
    ----------
    problem : str
        What is wrong with the subject, which the other fields name: ``"is not a number of rows"``.
        A whole sentence where there is no subject.
    argument : str, optional
        The argument at fault, as Python spells it.
    column : object, optional
        The column of the table at fault.
    row : int, optional
        The first row at fault, from 0.
    value : object, optional
        The value at fault. Beside an `argument` without column and row it is part of the
        subject, ``n_samples=-1``; a path stands alone.
    remedy : str, optional
        What to do. Each ``{}`` stands for one of `settings`; without settings braces are braces.
    settings : tuple of (str, object)
        Arguments that would mend it, with their values: ``(("columns", {"id": "ignore"}),)``.
        ``("conversion", "X.astype(str)")`` is code that converts what is at fault; where nobody
        writes Python it is to be converted in the file.

    Examples
    --------
    >>> from gan_augment.exceptions import InputError
    >>> error = InputError(
    ...     "is not a number of rows", argument="n_samples", value=-1, remedy="pass an int >= 0"
    ... )
    >>> print(error)
    n_samples=-1 is not a number of rows: pass an int >= 0.
    >>> error.argument, error.value, error.remedy
    ('n_samples', -1, 'pass an int >= 0')
    """

    def __init__(
        self,
        problem: str,
        *,
        argument: str | None = None,
        column: Any = None,
        row: int | None = None,
        value: Any = _UNSET,
        remedy: str | None = None,
        settings: tuple[tuple[str, Any], ...] = (),
    ) -> None:
        self.problem, self.argument, self.column, self.row = problem, argument, column, row
        self.value = None if value is _UNSET else value
        self.has_value = value is not _UNSET
        self.template, self.settings = remedy, tuple(settings)
        super().__init__(self.sentence())

    @classmethod
    def of(cls, argument: str, value: Any, problem: str, remedy: str) -> Self:
        """Return the error of an argument's value, in the order in which its sentence says it.

        Examples
        --------
        >>> print(InputError.of("n_samples", -1, "is not a number of rows", "pass an int >= 0"))
        n_samples=-1 is not a number of rows: pass an int >= 0.
        """
        return cls(problem, argument=argument, value=value, remedy=remedy)

    @classmethod
    def unknown(cls, argument: str, value: Any, wanted: str) -> Self:
        """Return the error of an argument that is none of what it may be."""
        return cls.of(argument, value, "is unknown", f"pass {wanted}")

    @classmethod
    def convertible(cls, problem: str, code: str, **fields: Any) -> Self:
        """Return the error of what this code would convert to something that can be used."""
        return cls(problem, remedy="{}", settings=(("conversion", code),), **fields)

    @property
    def remedy(self) -> str | None:
        """What to do, as Python spells it, or None."""
        return self._remedy(PythonWording())

    @property
    def reason(self) -> str:
        """What is wrong, without what to do: for those who did not ask for what failed."""
        subject = self._subject(PythonWording())
        return f"{subject} {self.problem}" if subject else self.problem

    def sentence(self, wording: PythonWording | None = None) -> str:
        """Return the message as an interface words it.

        Parameters
        ----------
        wording : PythonWording or object with the same methods, optional
            How arguments, settings and places in a table are spelled.

        Returns
        -------
        str
        """
        wording = wording or PythonWording()
        subject, remedy = self._subject(wording), self._remedy(wording)
        text = f"{subject} {self.problem}" if subject else self.problem
        return f"{text}: {remedy}." if remedy else text

    def about(self, argument: str) -> Self:
        """Return the same error about another argument, such as ``"synthetic"`` for ``"X"``."""
        # not copy.copy: other libraries replace how exceptions are copied
        other = type(self).__new__(type(self))
        vars(other).update(vars(self))
        other.argument = argument
        other.args = (other.sentence(),)
        return other

    def _subject(self, wording: PythonWording) -> str:
        if self.column is not None or self.row is not None:
            return wording.place(self.argument, self.column, self.row)
        if self.argument is None:
            return str(self.value) if self.has_value else ""
        value = self.value if self.has_value else _UNSET
        return wording.argument(self.argument, *([] if value is _UNSET else [value]))

    def _remedy(self, wording: PythonWording) -> str | None:
        if self.template is None or not self.settings:
            return self.template
        before, *rest = self.template.split("{}")
        text, known = before, set()
        for pair, after in zip(self.settings, rest, strict=True):
            spelled = wording.setting(*pair)
            if spelled in known:  # an interface may have fewer settings: each is named once
                return text.rstrip(" ,").removesuffix(" or").rstrip(" ,")
            known.add(spelled)
            text += spelled + after
        return text


class ColumnErrors(InputError):
    """Several columns cannot be used: all of them at once, with what mends them together.

    Parameters
    ----------
    errors : list of InputError
        Two or more, each about a column.

    Examples
    --------
    >>> from gan_augment.exceptions import ColumnErrors, InputError
    >>> ignore = [(("columns", {name: "ignore"}),) for name in ("id", "ref")]
    >>> both = [InputError("is bad", column="id", remedy="pass {}", settings=ignore[0])]
    >>> both += [InputError("is worse", column="ref", remedy="pass {}", settings=ignore[1])]
    >>> print(str(ColumnErrors(both)).splitlines()[-1])
    All together: columns={'id': 'ignore', 'ref': 'ignore'}
    """

    def __init__(self, errors: list[InputError]) -> None:
        self.errors = tuple(errors)
        first = errors[0]
        super().__init__(first.problem, argument=first.argument, column=first.column)

    def sentence(self, wording: PythonWording | None = None) -> str:
        """Return one line for each column, and one of what mends all, as an interface words it.

        Parameters
        ----------
        wording : PythonWording or object with the same methods, optional

        Returns
        -------
        str
        """
        wording = wording or PythonWording()
        lines = [f"{len(self.errors)} columns cannot be learnt as they are."]
        lines += [error.sentence(wording) for error in self.errors[:MOST_LISTED]]
        if len(self.errors) > MOST_LISTED:
            lines.append(f"... and {len(self.errors) - MOST_LISTED} more.")
        cures = tuple(error.settings[0] for error in self.errors if error.settings)
        cure = wording.together(cures)
        return "\n".join(lines + [f"All together: {cure}"] * bool(cure))

    def about(self, argument: str) -> Self:
        """Return the same errors about another argument."""
        return type(self)([error.about(argument) for error in self.errors])

    def __reduce__(self) -> tuple:
        return type(self), (list(self.errors),)


class TrainingDivergedError(RuntimeError):
    """Adversarial training collapsed or diverged and could not be recovered."""


class SharedTrainingError(RuntimeError):
    """Training on several processes cannot go on: one was lost, or they no longer agree."""


class GeneratorError(RuntimeError):
    """A generator made rows that cannot be right: its fault, not the caller's.

    Raised by the check of every draw, in place of returning such rows.
    """


class AugmentationWarning(UserWarning):
    """Something was augmented in a way the caller should know about."""


class LicenseWarning(UserWarning):
    """A model that was chosen is under a license that restricts its use."""


class ModelFileError(ValueError):
    """A model file is damaged, not one of ours, or of a version this package cannot read."""


def error_text(error: BaseException) -> str:
    """Return an error as one line: its kind, unless it is our own, what it says, and its notes."""
    line = (str(error).strip().splitlines() or [""])[0]
    line = " ".join([line, *getattr(error, "__notes__", [])])
    return line if isinstance(error, InputError) else f"{type(error).__name__}: {line}"

"""Errors and warnings a caller may want to catch."""


class InputError(ValueError):
    """What the caller passed in cannot be used; raised before training starts.

    The message is one sentence: what is wrong, in which column or argument,
    which value, and what to do about it.
    """


class TrainingDivergedError(RuntimeError):
    """Adversarial training collapsed or diverged and could not be recovered."""


class SharedTrainingError(RuntimeError):
    """Training on several processes cannot go on: one was lost, or they no longer agree."""


class GeneratorError(RuntimeError):
    """A generator made rows that cannot be right: its fault, not the caller's.

    Raised by the self-check after every draw, in place of returning such rows.
    """


class AugmentationWarning(UserWarning):
    """Something was augmented in a way the caller should know about."""


class LicenseWarning(UserWarning):
    """A model that was chosen is under a licence that restricts its use."""


class ModelFileError(ValueError):
    """A model file is damaged, not one of ours, or of a version this package cannot read."""


def error_text(error):
    """Return an error as one line: its kind, unless it is our own, and what it says."""
    line = (str(error).strip().splitlines() or [""])[0]
    return line if isinstance(error, InputError) else f"{type(error).__name__}: {line}"

"""Scalars and tuples as plain JSON values and back, without loss."""

import base64
import math

import numpy as np


def python_scalar(value):
    """Return a numpy scalar as Python's own, and anything else as it is."""
    return value.item() if isinstance(value, np.generic) else value


def to_plain(value):
    """Spell a scalar or a tuple in JSON; bytes and non-finite floats have no literal there."""
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    return value


def from_plain(value):
    """Return the scalar or tuple that `to_plain` spelled."""
    if isinstance(value, list):
        return tuple(from_plain(item) for item in value)
    if isinstance(value, dict):
        return base64.b64decode(value["bytes"]) if "bytes" in value else float(value["float"])
    return value

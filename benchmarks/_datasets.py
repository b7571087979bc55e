"""Tables for the benchmarks: a folder of real sets, or what ships with scikit-learn.

The folder named by the environment variable ``GAN_AUGMENT_DATA`` holds one CSV file a set and a
``manifest.json`` with a list of ``{"name", "file", "target", ...}``.
"""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine

BUILT_IN = {
    "breast_cancer": load_breast_cancer,
    "wine": load_wine,
    "digits": load_digits,
    "diabetes": load_diabetes,
}


def folder():
    """The folder of real sets, or None."""
    name = os.environ.get("GAN_AUGMENT_DATA")
    return Path(name) if name else None


def load(name):
    """A set by name, as (frame, target)."""
    if name in BUILT_IN:
        return BUILT_IN[name](return_X_y=True, as_frame=True)
    if folder() is None:
        raise SystemExit(
            f"{name} is read from the folder GAN_AUGMENT_DATA names, which is not set"
        )
    manifest = {
        entry["name"]: entry for entry in json.loads((folder() / "manifest.json").read_text())
    }
    frame = pd.read_csv(folder() / manifest[name]["file"])
    target = frame.pop(manifest[name]["target"])
    return frame, target


def images(name):
    """A set of images by name, as (images, labels, group of each image or None)."""
    if name == "digits":
        digits = load_digits()
        return digits.images, digits.target, None
    if folder() is None:
        raise SystemExit(
            f"{name} is read from the folder GAN_AUGMENT_DATA names, which is not set"
        )
    arrays = np.load(folder() / f"{name}.npz", allow_pickle=False)
    return arrays["images"], arrays["labels"], arrays.get("group_id")

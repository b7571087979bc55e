"""Are these synthetic images good? The figures of all groups, for `quality_report`."""

import numpy as np

from gan_augment.evaluation import image_groups as groups
from gan_augment.evaluation.image_catalog import IMAGE_PROMISES
from gan_augment.evaluation.image_samples import draw_images
from gan_augment.exceptions import InputError
from gan_augment.metrics.image import LEAST_TRAINED, features_of, random_features


def measure_images(real, synthetic, holdout, *, target, features, privacy, max_rows, rngs):
    """Return what a quality report of images is made of.

    Parameters
    ----------
    real, synthetic, holdout : ndarray of images
    target : tuple of arrays or None
    features : callable or None
        Images to features, see `quality_report`.
    privacy : bool
    max_rows : int
    rngs : list of four numpy.random.Generator

    Returns
    -------
    metrics : list of Metric
    tables : dict of {str: pandas.DataFrame}
    notes : tuple of str
    settings : dict
    samples : ImageSamples
    """
    samples = draw_images(real, synthetic, holdout, target=target, max_rows=max_rows, rng=rngs[0])
    shape = samples.images["real"].shape[1:]
    draws = rngs[1].spawn(2)
    extract = random_features(shape, draws[0])
    if features is not None:
        if not callable(features):
            raise InputError(
                f"features={features!r} cannot be called: pass a function from float32 images "
                "of shape (n, channels, height, width) in 0 to 1 to an array of shape (n, w)."
            )
        extract = features
        features_of(extract, samples.images["real"][:2])  # refused before work starts
    views = groups.views_of(samples, extract, draws[1])
    found = [groups.fidelity(samples, views, rngs[1]), groups.diversity(samples, views)]
    if samples.codes is not None:
        found.append(groups.utility(samples, rngs[2]))
    if privacy:
        found.append(groups.privacy_group(samples, views, rngs[3]))
    metrics, tables = [], {}
    for some, more in found:
        metrics += some
        tables |= more
    settings = {
        "real_images": len(samples.images["real"]),
        "synthetic_images": len(samples.images["synthetic"]),
        "holdout_images": len(samples.all_fresh_at) if samples.has_holdout else None,
        "images_compared": samples.n,
        "reference": samples.kind,
        "size": f"{shape[1]} x {shape[2]}, {'grey' if shape[0] == 1 else f'{shape[0]} channels'}",
        "classes": len(samples.classes) or None,
        "features": "random convolutions" if features is None else "the caller's",
    }
    return metrics, tables, _notes(samples, views, privacy), settings, samples


def _notes(samples, views, privacy):
    """Return what a reader should know before believing the figures."""
    notes = []
    if not samples.has_holdout:
        notes.append(
            "There is no holdout: the reference compares two halves of the real images, all of "
            "which the generator may have seen, and no membership attack is possible."
        )
    if any(len(some) > samples.n for some in samples.images.values()):
        notes.append(
            f"Figures and references are measured on {samples.n:,} images of each set, as their "
            "number moves both; exact copies are looked for among all."
        )
    if samples.codes is None:
        notes.append(
            "There are no labels: spread is measured over all images instead of within classes, "
            "and neither what classes differ by nor what models learn is measured."
        )
    elif not views.learnt:
        notes.append(
            f"Features of a classifier are not compared: it takes {2 * LEAST_TRAINED} images of "
            "each set."
        )
    else:
        notes.append(
            "The classifier behind fid_learnt and kid_learnt is small and trained on "
            f"{samples.n // 2:,} images: the fewer, the less it has learnt and the more its "
            "figures waver."
        )
    made, real = (
        len(np.unique(samples.codes[s])) if samples.codes else 0 for s in ("synthetic", "real")
    )
    if made < real:
        notes.append(f"Only {made} of {real} classes were made.")
    return (*notes, *(IMAGE_PROMISES if privacy else ()))

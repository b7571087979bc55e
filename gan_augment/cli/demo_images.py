"""The demonstration with images: a few digits of each kind, and whether more of them help.

scikit-learn's digits are many enough for folds that share no image: each has a few training
images of each class and a test set of its own. So the folds are independent, and the interval of
their mean is the ordinary one.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gan_augment.cli.demo_tables import SMOTE
from gan_augment.exceptions import InputError

REAL, DUPLICATES, CLASSIC, GAN = "real only", "duplicates", "classic", "ImageGAN"
LEARNERS = ("lr", "rf", "knn")
N_FOLDS, MAX_PER_CLASS = 5, 20
#: As `compare_augmentations` calls them.
NAMES = {"none": REAL, "duplicates": DUPLICATES, "SMOTE": SMOTE, CLASSIC: CLASSIC, GAN: GAN}
SHADES, PLAIN_SHADES = " ░▒▓█", " .:*@"


@dataclass(frozen=True)
class Digits:
    """What the demonstration measured.

    Attributes
    ----------
    scores : DataFrame of shape (n_folds, n_makers)
        Balanced accuracy on the test images, the mean over the learners.
    by_learner : DataFrame of shape (n_makers, n_learners)
        Its mean over the folds.
    n_test : int
        Test images of a fold.
    """

    scores: pd.DataFrame
    by_learner: pd.DataFrame
    n_test: int


def disjoint_folds(y, per_class, n_folds, rng):
    """Return folds that share no image, with as many training images of each class.

    Parameters
    ----------
    y : ndarray of shape (n,)
    per_class : int
        Training images of each class in a fold; the rest is shared out as test sets.
    n_folds : int
    rng : numpy.random.Generator

    Returns
    -------
    list of (ndarray of int, ndarray of int)
        Training and test positions.

    Examples
    --------
    >>> folds = disjoint_folds(np.repeat([0, 1], 10), 2, 2, np.random.default_rng(0))
    >>> [(len(train), len(test)) for train, test in folds]
    [(4, 6), (4, 6)]
    >>> len(set(np.concatenate([rows for fold in folds for rows in fold]).tolist()))
    20
    """
    train, test = [[] for _ in range(n_folds)], [[] for _ in range(n_folds)]
    for label in np.unique(y):
        members = rng.permutation(np.flatnonzero(y == label))
        if len(members) < n_folds * (per_class + 1):
            raise InputError(
                f"per_class={per_class} leaves no test images of {label} in {n_folds} folds: "
                "pass fewer."
            )
        for fold in range(n_folds):
            train[fold].append(members[fold * per_class :][:per_class])
            test[fold].append(members[n_folds * per_class + fold :: n_folds])
    return [
        (np.sort(np.concatenate(a)), np.sort(np.concatenate(b)))
        for a, b in zip(train, test, strict=True)
    ]


def compare_digits(
    generator, per_class, *, n_folds=N_FOLDS, learners=LEARNERS, n_jobs=1, random_state=0
):
    """Score learners on digits, with and without as many synthetic images as real ones.

    Parameters
    ----------
    generator : generator of images
        Unfitted; a clone is fitted on each training set.
    per_class : int
        Training images of each digit in a fold.
    n_folds : int
    learners : sequence of str
        See `learners_for`.
    n_jobs : int
        Folds at a time; the scores do not depend on it.
    random_state : int

    Returns
    -------
    Digits
    """
    from sklearn.datasets import load_digits

    from gan_augment.evaluation.downstream import compare_augmentations
    from gan_augment.generators.image.transforms import ImageTransformGenerator
    from gan_augment.selection.learners import learners_for

    data = load_digits()
    X, y = data.images, data.target
    folds = disjoint_folds(y, per_class, n_folds, np.random.default_rng(random_state))
    frame = compare_augmentations(
        learners_for(X, learners, "class"),
        X,
        y,
        {CLASSIC: ImageTransformGenerator(), GAN: generator},
        cv=folds,
        scoring="balanced_accuracy",
        n_jobs=n_jobs,
        random_state=random_state,
    ).to_frame()
    failed = frame.loc[frame["error"] != "", "error"]
    if len(failed):
        raise InputError(f"A fold could not be scored: {failed.iloc[0]}")
    frame = frame.assign(maker=frame["augmenter"].map(NAMES))
    order = list(NAMES.values())
    return Digits(
        frame.pivot_table("score", "fold", "maker")[order],
        frame.pivot_table("score", "maker", "estimator", sort=False).loc[order],
        len(folds[0][1]),
    )


def some_digits(generator, per_class, digits=(0, 1, 2, 3), random_state=0):
    """Return real digits and synthetic ones of the same kinds, learnt from few.

    Parameters
    ----------
    generator : generator of images
        Unfitted.
    per_class : int
        Images of each digit to learn from.
    digits : sequence of int
    random_state : int

    Returns
    -------
    real, synthetic : ndarray of shape (len(digits), 8, 8)
        Of 0 to 1.
    """
    from sklearn.base import clone
    from sklearn.datasets import load_digits

    data = load_digits()
    folds = disjoint_folds(data.target, per_class, 1, np.random.default_rng(random_state))
    X, y = data.images[folds[0][0]], data.target[folds[0][0]]
    fitted = clone(generator).set_params(random_state=random_state).fit(X, y)
    real = np.stack([X[y == digit][0] for digit in digits])
    return real / 16, fitted.sample(y=list(digits))[0] / 16


def as_text(images, shades=SHADES):
    """Return images beside each other as lines of shaded characters, two for a pixel.

    Parameters
    ----------
    images : ndarray of shape (n, h, w)
        Of 0 to 1.
    shades : str
        From dark to bright.

    Returns
    -------
    str

    Examples
    --------
    >>> print(as_text(np.array([[[0.0, 1.0], [1.0, 0.5]]]), PLAIN_SHADES).replace(" ", "_"))
    __@@
    @@::
    """
    levels = np.rint(np.clip(images, 0, 1) * (len(shades) - 1)).astype(int)
    lines = []
    for row in range(images.shape[1]):
        parts = ["".join(shades[level] * 2 for level in image[row]) for image in levels]
        lines.append("  ".join(parts))
    return "\n".join(lines)


def draw_digits(real, synthetic, path):
    """Draw real images above synthetic ones to a PNG file.

    Parameters
    ----------
    real, synthetic : ndarray of shape (n, h, w)
        Of 0 to 1.
    path : str or Path
    """
    from matplotlib.figure import Figure

    from gan_augment.io.atomic import replacing

    figure = Figure(figsize=(len(real), 2.4), layout="constrained")
    axes = figure.subplots(2, len(real), squeeze=False)
    for row, name, images in zip(axes, ("real", "synthetic"), (real, synthetic), strict=True):
        for ax, image in zip(row, images, strict=True):
            ax.imshow(image, cmap="gray", vmin=0, vmax=1)
            ax.set_xticks([])
            ax.set_yticks([])
        row[0].set_ylabel(name)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=150)

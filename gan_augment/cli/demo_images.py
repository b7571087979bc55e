"""Do added images help? Learners of scikit-learn's digits, which are images of few pixels."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_augment.cli import options
from gan_augment.cli.answers import show_comparison
from gan_augment.cli.generators import image_generator
from gan_augment.cli.inputs import may_write
from gan_augment.cli.progress import progress
from gan_augment.cli.terminal import Terminal, say
from gan_augment.exceptions import InputError
from gan_augment.selection.disjoint_folds import disjoint_folds

if TYPE_CHECKING:
    from gan_augment.evaluation.comparison import AugmentationComparison

SCORER = "balanced_accuracy"
#: Of the digits, which are many enough for folds that share no image.
LEARNERS, N_FOLDS, MAX_PER_CLASS = ("lr", "rf", "knn"), 5, 20
#: Digits that are shown, and characters from dark to bright.
SHOWN, SHADES, PLAIN_SHADES = (0, 1, 2, 3), " ░▒▓█", " .:*@"


def check_images(rows: int, out: Path | None, overwrite: bool) -> None:
    """Refuse what cannot be measured or written, before anything is trained."""
    if rows > 10 * MAX_PER_CLASS:
        raise InputError(
            f"--rows {rows} leaves too few digits to test on",
            remedy=f"pass at most {10 * MAX_PER_CLASS} with --images",
        )
    if out is not None and out.suffix.lower() != ".png":
        raise InputError.of("--out", out, "is no .png file", "give it the suffix .png")
    may_write(out, overwrite)


def demo_images(per_class: int, out: Path | None, seed: int, quiet: bool) -> None:
    """Measure on digits, and print some of them with the answer."""
    started, maker = time.perf_counter(), image_generator("gan")
    with options.one_thread_each(), progress(quiet):
        result = compare_digits(maker, per_class, n_jobs=options.two_jobs(), random_state=seed)
    real, synthetic = _some_digits(maker, per_class, seed)
    if out is not None:
        _draw(real, synthetic, out)
    if quiet:
        return
    console = Terminal()
    shades = SHADES if console.encoding.lower().startswith("utf") else PLAIN_SHADES
    for name, shown in (("Real", real), ("Synthetic", synthetic)):
        say(f"{name} digits:")
        console.print(as_text(shown, shades), highlight=False, markup=False, no_wrap=True)
    say(
        f"Digits of 8 x 8 pixels: {per_class} of each to learn from, in "
        f"{result.settings['n_folds']} folds that share no image; as many synthetic images as "
        "real ones."
    )
    show_comparison(result, (), time.perf_counter() - started)
    say(*[f"The digits are in {out}."] * (out is not None))


def compare_digits(
    generator: Any,
    per_class: int,
    *,
    n_folds: int = N_FOLDS,
    learners: Sequence[str] = LEARNERS,
    n_jobs: int = 1,
    random_state: int = 0,
) -> AugmentationComparison:
    """Compare learners of digits with and without as many synthetic images as real ones."""
    from sklearn.datasets import load_digits

    from gan_augment.evaluation.downstream import compare_augmentations
    from gan_augment.selection.learners import learners_for

    X, y = load_digits().images, load_digits().target
    return compare_augmentations(
        learners_for(X, learners, "class"),
        X,
        y,
        {"classic": image_generator("classic"), "ImageGAN": generator},
        cv=disjoint_folds(y, per_class, n_folds, np.random.default_rng(random_state)),
        scoring=SCORER,
        n_jobs=n_jobs,
        random_state=random_state,
    )


def _some_digits(generator, per_class, seed):
    """Some real digits and synthetic ones of the same kinds, learnt from few, from 0 to 1."""
    from sklearn.base import clone
    from sklearn.datasets import load_digits

    X, y = load_digits().images, load_digits().target
    ((rows, _),) = disjoint_folds(y, per_class, 1, np.random.default_rng(seed))
    fitted = clone(generator).set_params(random_state=seed).fit(X[rows], y[rows])
    real = np.stack([X[rows][y[rows] == digit][0] for digit in SHOWN])
    return real / 16, fitted.sample(y=list(SHOWN))[0] / 16


def as_text(images: np.ndarray, shades: str = SHADES) -> str:
    """Return images of 0 to 1 beside each other as text, two characters for a pixel.

    Examples
    --------
    >>> print(as_text(np.array([[[0.0, 1.0], [1.0, 0.5]]]), PLAIN_SHADES).replace(" ", "_"))
    __@@
    @@::
    """
    levels = np.rint(np.clip(images, 0, 1) * (len(shades) - 1)).astype(int)
    lines = (
        "  ".join("".join(shades[level] * 2 for level in line) for line in lines)
        for lines in levels.swapaxes(0, 1)
    )
    return "\n".join(lines)


def _draw(real, synthetic, path):
    """Draw real images above synthetic ones to a PNG file."""
    from matplotlib.figure import Figure

    from gan_augment.io.atomic import replacing

    figure = Figure(figsize=(len(real), 2.4), layout="constrained")
    axes = figure.subplots(2, len(real), squeeze=False)
    for row, name, images in zip(axes, ("real", "synthetic"), (real, synthetic), strict=True):
        row[0].set_ylabel(name)
        for ax, image in zip(row, images, strict=True):
            ax.imshow(image, cmap="gray", vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=150)

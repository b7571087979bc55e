"""``gan-augment demo``: a comparison on a small table, or digits, that come with scikit-learn."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import typer

from gan_augment.cli.answers import show_comparison
from gan_augment.cli.errors import plain_errors
from gan_augment.cli.generators import image_generator, table_generator
from gan_augment.cli.inputs import may_write
from gan_augment.cli.options import Overwrite, Quiet
from gan_augment.cli.terminal import Terminal, say
from gan_augment.exceptions import InputError

if TYPE_CHECKING:
    from gan_augment.evaluation.comparison import AugmentationComparison

SCORER = "balanced_accuracy"
#: Of the digits, which are many enough for folds that share no image.
LEARNERS, N_FOLDS, MAX_PER_CLASS = ("lr", "rf", "knn"), 5, 20
#: Digits that are shown, and characters from dark to bright.
SHOWN, SHADES, PLAIN_SHADES = (0, 1, 2, 3), " ░▒▓█", " .:*@"


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(demo)


def demo(
    context: typer.Context,
    images: Annotated[
        bool, typer.Option("--images", help="Digits of 8 x 8 pixels in place of a table.")
    ] = False,
    rows: Annotated[
        int, typer.Option(min=40, max=500, help="Rows of the small table, or training images.")
    ] = 100,
    generator: Annotated[
        Literal["gan", "smote", "bootstrap"],
        typer.Option(help="What makes rows; smote and duplicates are compared in any case."),
    ] = "gan",
    out: Annotated[
        Path | None, typer.Option(help="Also draw real and synthetic digits to this .png file.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the table, the folds and the rows.")] = 0,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Measure on a small table, or on digits, whether augmentation helps; under a minute.

    A classifier is cross-validated with and without synthetic rows, and beside the cheap ways to
    the same number of rows: SMOTE and duplication, and small movements of images.
    """
    with plain_errors(context):
        if images:
            _check_images(rows, generator, out, overwrite)
            _demo_images(rows // 10, out, seed, quiet)
        elif out is not None:
            raise InputError("--out draws digits", remedy="add --images")
        else:
            _demo_table(rows, generator, seed, quiet)


def _demo_table(rows, generator, seed, quiet):
    from sklearn.datasets import load_breast_cancer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import train_test_split

    from gan_augment.evaluation.downstream import compare_augmentations

    started, data = time.perf_counter(), load_breast_cancer(as_frame=True)
    names = data.target.map(dict(enumerate(data.target_names)))
    X, _, y, _ = train_test_split(
        data.data, names, train_size=rows, stratify=names, random_state=seed
    )
    X, y = X.reset_index(drop=True), y.reset_index(drop=True)
    result = compare_augmentations(
        {"random forest": RandomForestClassifier()},
        X,
        y,
        {"GAN": table_generator("gan", {}, None)} if generator == "gan" else {},
        scoring=SCORER,
        random_state=seed,
    )
    if not quiet:
        shares = ", ".join(f"{count} {label}" for label, count in y.value_counts().items())
        say(
            f"Breast cancer: {len(X)} rows ({shares}), {X.shape[1]} columns. "
            f"{result.settings['n_folds']} held-out folds; as many synthetic rows as real ones, "
            "shared equally among the classes and learnt from the training folds alone."
        )
        show_comparison(result, (), time.perf_counter() - started)


def _check_images(rows, generator, out, overwrite):
    if generator != "gan":
        raise InputError(
            "--images compares all generators", remedy=f"drop --generator {generator}"
        )
    if rows > 10 * MAX_PER_CLASS:
        raise InputError(
            f"--rows {rows} leaves too few digits to test on",
            remedy=f"pass at most {10 * MAX_PER_CLASS} with --images",
        )
    if out is not None and out.suffix.lower() != ".png":
        raise InputError(
            "is no .png file", argument="--out", value=out, remedy="give it the suffix .png"
        )
    may_write(out, overwrite)


def _demo_images(per_class, out, seed, quiet):
    started, maker = time.perf_counter(), image_generator("gan")
    jobs = min(2, os.cpu_count() or 1)
    result = compare_digits(maker, per_class, n_jobs=jobs, random_state=seed)
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


def disjoint_folds(
    y: np.ndarray, per_class: int, n_folds: int, rng: np.random.Generator
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return folds that share no image, each with `per_class` training images of each class.

    Examples
    --------
    >>> folds = disjoint_folds(np.repeat([0, 1], 10), 2, 2, np.random.default_rng(0))
    >>> [(len(train), len(test)) for train, test in folds]
    [(4, 6), (4, 6)]
    """
    train, test = [[] for _ in range(n_folds)], [[] for _ in range(n_folds)]
    for label in np.unique(y):
        members = rng.permutation(np.flatnonzero(y == label))
        if len(members) < n_folds * (per_class + 1):
            raise InputError(
                f"leaves no test images of {label} in {n_folds} folds",
                argument="per_class",
                value=per_class,
                remedy="pass fewer",
            )
        for fold in range(n_folds):
            train[fold].append(members[fold * per_class :][:per_class])
            test[fold].append(members[n_folds * per_class + fold :: n_folds])
    return [
        (np.sort(np.concatenate(a)), np.sort(np.concatenate(b)))
        for a, b in zip(train, test, strict=True)
    ]


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

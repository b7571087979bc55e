"""The commands on folders of images and ``.npz`` files: what differs from tables."""

import time

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gan_augment.exceptions import InputError
from gan_augment.image_files import may_write_images, read_images, write_images

SHADES = " .:-=+*#%@"


def refuse_options(**given):
    """Refuse options that mean something for tables alone.

    Parameters
    ----------
    **given : object
        By name, with _ for -; those that are None, False or empty were not given.
    """
    for name, value in given.items():
        if value:
            option = "--" + name.replace("_", "-")
            raise InputError(f"{option} is for tables: drop it, the folders are the classes.")


def augment_images(source_path, out, maker, amount, balance, seed, model, overwrite, quiet):
    """Learn images and write them with synthetic ones beside them.

    Parameters
    ----------
    source_path, out : Path
        Folder or ``.npz`` file, each.
    maker : generator
    amount, balance
        As `GANAugmenter` takes them; balance may be "fill".
    seed : int or None
    model : Path or None
        Where the fitted generator is saved too.
    overwrite, quiet : bool
    """
    from gan_augment.transformer import GANAugmenter

    if out.absolute() == source_path.absolute():
        raise InputError(f"--out {out} is also the input: choose another name.")
    may_write_images(out, overwrite)
    started = time.perf_counter()
    source = read_images(source_path)
    shares = "equal" if balance == "fill" else balance
    if balance == "fill" and source.labels is None:
        raise InputError(f"--balance fill needs classes: {source_path} has no labels.")
    augmenter = GANAugmenter(maker, n_samples=amount, class_balance=shares, random_state=seed)
    data = augmenter.augment(source.images, source.labels)
    new = data.X[data.is_synthetic]
    labels = None if data.y is None else np.asarray(data.y)[data.is_synthetic]
    write_images(out, new, labels, source)
    if model is not None:
        augmenter.generator_.save(model)
    if not quiet:
        _report(source, new, labels, out, time.perf_counter() - started)
        console = Console()
        if amount == "auto":
            console.print(escape(augmenter.decision_), highlight=False)
        if model is not None:
            print(f"The fitted generator is in {model}.")


def _report(source, new, labels, out, seconds):
    table = Table("", "real", "synthetic", title=f"{escape(str(out))} ({seconds:.1f} s)")
    if source.labels is not None:
        real, counts = np.unique(np.asarray(source.labels, dtype=str), return_counts=True)
        made = np.asarray(labels, dtype=str)
        for label, count in zip(real[:20], counts, strict=False):
            table.add_row(escape(label), f"{count:,}", f"{(made == label).sum():,}")
        table.add_section()
    table.add_row("images", f"{len(source.images):,}", f"{len(new):,}")
    Console().print(table)


def sample_images(generator, n, labels, out, seed, overwrite, quiet):
    """Draw images from a saved generator and write them.

    Parameters
    ----------
    generator : ImageGAN
    n : int
    labels : list or None
        The class wanted for each.
    out : Path
    seed : int or None
    overwrite, quiet : bool
    """
    may_write_images(out, overwrite)
    images, y = generator.sample(n, y=labels, random_state=seed)
    write_images(out, images, None if y is None else np.asarray(y))
    if not quiet:
        Console().print(escape(f"{n:,} images are in {out}."), highlight=False)


def labelled_images(path, **options):
    """Return images and labels of a source that has to have labels.

    Parameters
    ----------
    path : Path
    **options : object
        Refused if given.

    Returns
    -------
    images, labels : ndarray
    """
    refuse_options(**options)
    source = read_images(path)
    if source.labels is None:
        raise InputError(f"{path} has no array 'labels': add the class of each image.")
    return source.images, np.asarray(source.labels, dtype=str)


def image_sets(real, synthetic, holdout, **options):
    """Return images of three sources, and the labels of the first two if both have some.

    Parameters
    ----------
    real, synthetic : Path
    holdout : Path or None
    **options : object
        Refused if given.

    Returns
    -------
    sets : list of ndarray or None
    labels : pair of ndarray, or None
    """
    refuse_options(**options)
    sets = [None if path is None else read_images(path) for path in (real, synthetic, holdout)]
    labels = [None if s.labels is None else np.asarray(s.labels, dtype=str) for s in sets[:2]]
    known = all(part is not None for part in labels)
    return [s and s.images for s in sets], tuple(labels) if known else None


def demo_images(seed, quiet):
    """Measure on few digits whether added images help, and show some.

    Parameters
    ----------
    seed : int
    quiet : bool
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import ShuffleSplit

    from gan_augment.evaluate.downstream import compare_augmentations
    from gan_augment.generators.classic import ClassicGenerator
    from gan_augment.generators.images import ImageGAN
    from gan_augment.learners import learners_for

    started = time.perf_counter()
    digits = load_digits()
    X, y = digits.images.astype(np.uint8), digits.target
    found = compare_augmentations(
        learners_for(X, ["rf", "knn"], "class"),
        X,
        y,
        {"classic": ClassicGenerator(), "ImageGAN": ImageGAN()},
        n_samples=3.0,
        cv=ShuffleSplit(4, train_size=100, test_size=1000, random_state=seed),
        random_state=seed,
    )
    few = np.random.default_rng(seed).permutation(len(X))[:100]
    gan = ImageGAN(random_state=seed).fit(X[few], y[few])
    if quiet:
        return
    console = Console()
    console.print(
        "Handwritten digits: 100 images of 8 x 8 pixels to learn from, 1,000 others to test on, "
        "four times; 300 images added.",
        highlight=False,
    )
    table = Table("learner", "images from", "accuracy", "change", "95 % interval")
    summary = found.summary()
    for row in summary[summary["scorer"] == found.scorers_[0]].to_dict("records"):
        known = not np.isnan(row["low"])
        table.add_row(
            escape(row["estimator"]),
            escape(row["augmenter"]),
            f"{row['score']:.3f}",
            f"{row['difference']:+.3f}" if known else "",
            f"{row['low']:+.3f} to {row['high']:+.3f}" if known else "",
        )
    console.print(table)
    console.print("Real digits, and synthetic ones below:", highlight=False)
    real = [X[few][y[few] == label][0] for label in range(8)]
    for images in (real, gan.sample(y=list(range(8)))[0]):
        console.print(escape(as_text(images, 16)), highlight=False)
    console.print(f"[bold]{escape(found.verdict_)}[/]", highlight=False)
    console.print(f"Measured in {time.perf_counter() - started:.0f} s.", highlight=False)


def as_text(images, white):
    """Return grey images side by side as shades of characters.

    Parameters
    ----------
    images : sequence of ndarray of shape (h, w)
    white : float
        The largest value.

    Returns
    -------
    str

    Examples
    --------
    >>> print(as_text([np.array([[0, 16], [16, 0]])], 16))
      @@
    @@
    """
    strip = np.concatenate([np.pad(image, ((0, 0), (0, 1))) for image in images], axis=1)[:, :-1]
    places = np.clip(strip / white * (len(SHADES) - 1), 0, len(SHADES) - 1).round().astype(int)
    return "\n".join("".join(2 * SHADES[p] for p in row).rstrip() for row in places)

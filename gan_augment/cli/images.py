"""The image side of the commands: folders of PNG and JPEG files, and ``.npz`` files of arrays."""

import time
import warnings

import numpy as np
from rich.console import Console
from rich.markup import escape

from gan_augment.cli.errors import may_write, one_file_each
from gan_augment.cli.tables import (
    PEERS,
    amount_of,
    check_model,
    copies_note,
    known_label,
    report,
)
from gan_augment.exceptions import InputError


def are_images(path):
    """Whether a path is to be read as images."""
    from gan_augment.io.images import check_folder, holds_images

    images = holds_images(path)
    if images and path.suffix.lower() != ".npz":
        check_folder(path)  # a table without a suffix is no folder
    return images


def refuse_options(path, given):
    """Refuse options that say nothing about images."""
    for name, value in given.items():
        if value:
            raise InputError(f"--{name} is for tables, but {path} is read as images: drop it.")


def refuse_flip(flip, path):
    """Refuse to mirror a table."""
    if flip:
        raise InputError(f"--flip mirrors images, but {path} is a table: drop it.")


def augment_images(
    source,
    out,
    *,
    rows,
    balance,
    generator,
    locality,
    flip,
    mark,
    model,
    allow_copies,
    seed,
    overwrite,
    quiet,
):
    """Do what ``augment`` says, for images; the arguments are its options."""
    import pandas as pd

    from gan_augment.io.image_folders import check_mark, write_images
    from gan_augment.io.images import read_images

    _check_out(out, source, overwrite)
    check_mark(mark, out)
    may_write(model, overwrite)
    check_model(model, generator)
    one_file_each({"--model": model, "--out": out, "the images": source})
    amount = amount_of(rows, balance, "the folders")
    maker = image_generator(generator, locality, flip)
    started = time.perf_counter()
    real = read_images(source)
    _check_found(real, out)
    options = {"allow_copies": allow_copies, "random_state": seed}
    with warnings.catch_warnings(record=True) as heard:
        new, augmenter = _new_images(real, maker, generator, amount, balance, **options)
    write_images(out, new, real, mark)
    if model is not None:
        augmenter.generator_.save(model)
    if not quiet:
        notes = [_form(real.images), *real.notes, *(str(warning.message) for warning in heard)]
        notes += [augmenter.decision_] if amount == "auto" else []
        notes += copies_note(augmenter, "images")
        labels = [part.labels for part in (real, new)]
        labels = [None if part is None else pd.Series(part) for part in labels]
        counts = (len(real.images), len(new.images))
        report(*labels, counts, out, time.perf_counter() - started, notes, unit="images")
        if model is not None:
            print(f"The fitted generator is in {model}.")


def image_generator(name, locality=None, flip=False):
    """The unfitted generator of that name, or a refusal of options it does not have."""
    if locality is not None and name != "gan":
        raise InputError(f"--locality works with --generator gan, not {name!r}: drop it.")
    if flip and name not in ("gan", "classic"):
        raise InputError(f"--flip works with --generator gan or classic, not {name!r}: drop it.")
    if name in PEERS:
        raise InputError(f"--generator {name} makes tables: use gan, classic, vae or smote.")
    if name == "vae":
        from gan_augment.generators.image.vae import ImageVAE

        return ImageVAE()
    if name == "gan":
        from gan_augment.generators.image.gan import ImageGAN

        return ImageGAN(flip=flip, **({} if locality is None else {"locality": locality}))
    if name == "classic":
        from gan_augment.generators.image.transforms import ImageTransformGenerator

        return ImageTransformGenerator(flip=flip)
    from gan_augment.generators.controls import BootstrapGenerator, SMOTEGenerator

    return SMOTEGenerator() if name == "smote" else BootstrapGenerator()


def _check_out(out, source, overwrite):
    """Refuse a place of images that cannot be written, before any work."""
    from gan_augment.io.image_folders import check_place
    from gan_augment.io.tables import SUFFIXES

    suffix = out.suffix.lower()
    if suffix in SUFFIXES:
        raise InputError(f"--out {out} is a table: name a folder or a .npz file for images.")
    if suffix != ".npz":
        check_place(out, source, overwrite)
        return
    may_write(out, overwrite)
    if source is not None and out.resolve() == source.resolve():
        raise InputError(f"--out {out} is what is read: choose another name.")


def _check_found(found, out):
    from gan_augment.io.image_folders import check_writable

    if out.suffix.lower() != ".npz":
        check_writable(found, out)


def _new_images(real, maker, generator, amount, balance, **options):
    """Synthetic images as an ImageSet, and the fitted augmenter."""
    from gan_augment.containers import flat_rows
    from gan_augment.estimators.transformer import GANAugmenter
    from gan_augment.io.images import ImageSet

    if real.labels is not None:
        maker.set_params(target="class")  # labels that are integers are classes too
    # The controls for tables see images as rows of pixels.
    X = flat_rows(real.images) if generator in ("smote", "bootstrap") else real.images
    shares = "equal" if balance == "fill" else balance
    augmenter = GANAugmenter(maker, n_samples=amount, class_balance=shares, **options)
    augmented = augmenter.augment(X, real.labels)
    added = augmented.is_synthetic
    images = augmented.X[added].reshape(-1, *real.images.shape[1:])
    labels = None if real.labels is None else np.asarray(augmented.y)[added]
    return ImageSet(images, labels), augmenter


def _form(images):
    n, height, width, *channels = images.shape
    colour = f", {channels[0]} channels" if channels else ", grey"
    return f"{n:,} images of {width} x {height} pixels{colour}."


def sample_images(generator, n, out, *, label, seed, overwrite, quiet):
    """Do what ``sample`` says, for a generator of images."""
    from gan_augment.io.image_folders import write_images
    from gan_augment.io.images import ImageSet

    _check_out(out, None, overwrite)
    wanted = None if label is None else [known_label(generator, label)] * n
    images, labels = generator.sample(n, y=wanted, random_state=seed)
    new = ImageSet(images, None if labels is None else np.asarray(labels))
    _check_found(new, out)
    write_images(out, new)
    if not quiet:
        Console().print(escape(f"{n:,} images are in {out}."), highlight=False)


def image_question(path, max_rows, seed, sample):
    """Images, labels, what was decided on the way, and how many images there are.

    ``sample(y, kind, n, seed)`` draws positions where there are more than ``max_rows``.
    """
    import pandas as pd

    from gan_augment.io.images import read_images

    found = read_images(path)
    y = _labels_of(found, path, "labels to predict")
    classes, counts = np.unique(y, return_counts=True)
    if len(classes) < 2:
        raise InputError(
            f"{path} has one class, {str(classes[0])!r}: a model needs two to tell apart."
        )
    if counts.min() < 2:
        raise InputError(
            f"{path} has one image of the class {str(classes[counts.argmin()])!r}: held-out "
            "folds need two of each."
        )
    images, notes = found.images, list(found.notes)
    if len(y) > max_rows:
        notes.append(f"Compared on {max_rows:,} images drawn from {len(y):,}; see --max-rows.")
        chosen = sample(pd.Series(y), "class", max_rows, seed)
        images, y = images[chosen], y[chosen]
    return images, y, "class", notes, len(found.images)


def _labels_of(found, path, what):
    if found.labels is None:
        raise InputError(f"{path} has no {what}: store an array 'labels' beside 'images'.")
    return found.labels.astype(str)  # integers and text are classes alike


def image_augmenters(flip):
    """What ``compare`` compares beside the controls."""
    return {
        "classic": image_generator("classic", flip=flip),
        "GAN": image_generator("gan", None, flip),
    }


def image_sets(real, synthetic, holdout):
    """What ``check`` compares: images and labels of real, synthetic and perhaps fresh images.

    Returns
    -------
    images : list of (ndarray or None)
    target : tuple of ndarray or None
        None if a set has no labels, or all real images are of one class.
    notes : list of str
    """
    from gan_augment.io.images import read_images

    notes, found = [], []
    for path in (real, synthetic, holdout):
        if path is None:
            continue
        if not are_images(path):
            raise InputError(f"{path} is a table, but {real} is read as images: pass images.")
        found.append(_synthetic_only(read_images(path), path, notes, path == synthetic))
        notes += found[-1].notes
    for path, other in zip((synthetic, holdout), found[1:], strict=False):
        ours, theirs = (part.images.shape[1:] for part in (found[0], other))
        if ours != theirs:
            raise InputError(
                f"{path} has images of shape {theirs}, but those of {real} have {ours}: compare "
                "images of one size and colour."
            )
    target = None
    if all(part.labels is not None for part in found) and len(np.unique(found[0].labels)) > 1:
        target = tuple(part.labels.astype(str) for part in found)
    images = [part.images for part in found]
    return images + [None] * (3 - len(images)), target, notes


def _synthetic_only(found, path, notes, is_synthetic):
    """A folder that ``augment`` wrote, without the real images in it."""
    from gan_augment.io.image_folders import SYNTHETIC
    from gan_augment.io.images import ImageSet

    if not is_synthetic or found.files is None:
        return found
    made = np.array([file.name.startswith(f"{SYNTHETIC}-") for file in found.files])
    if made.all() or not made.any():
        return found
    notes.append(
        f"Of the {len(made):,} images in {path}, the {made.sum():,} named {SYNTHETIC}-... are "
        "compared."
    )
    return ImageSet(found.images[made], found.labels[made], None, found.notes)

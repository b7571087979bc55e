"""Options that several commands share, and the generators they name."""

from typing import Annotated, Literal

import typer

from gan_augment.exceptions import InputError

Generator = Literal["gan", "smote", "bootstrap", "classic"]
Task = Literal["class", "number"]
Balance = Literal["equal", "proportional", "fill"]

Seed = Annotated[
    int | None, typer.Option(min=0, help="Same seed, same rows. Without it they differ.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
Raw = Annotated[
    bool,
    typer.Option(
        "--raw",
        help="Do not put a ' before text that a spreadsheet would run as a formula (CSV only).",
    ),
]


def generator_named(name, columns, locality, target="auto"):
    """Return the unfitted generator that a command names.

    Parameters
    ----------
    name : {"gan", "smote", "bootstrap"}
    columns : dict of {name: kind}
    locality : float or None
    target : {"auto", "class", "number"}, default="auto"

    Returns
    -------
    generator
    """
    if name == "classic":
        raise InputError("--generator classic moves images: choose another one for a table.")
    if name != "gan":
        for option, given in (
            ("--ignore, --regenerate and --kind", columns),
            ("--locality", locality is not None),
        ):
            if given:
                raise InputError(f"{option} work with --generator gan, not {name!r}: drop them.")
    if name == "smote":
        from gan_augment.generators.controls import SMOTEGenerator

        return SMOTEGenerator(target=target)
    if name == "bootstrap":
        from gan_augment.generators.controls import BootstrapGenerator

        return BootstrapGenerator(target=target)
    from gan_augment.generators.tabular import TabularGAN

    options = {"columns": columns or None, "locality": locality, "target": target}
    return TabularGAN(**{key: value for key, value in options.items() if value is not None})


def image_generator_named(name, locality, flip):
    """Return the unfitted generator of images that a command names.

    Parameters
    ----------
    name : {"gan", "classic"}
    locality : float or None
    flip : bool

    Returns
    -------
    generator
    """
    if name == "gan":
        from gan_augment.generators.images import ImageGAN

        return ImageGAN(locality="auto" if locality is None else locality, flip=flip)
    if locality is not None:
        raise InputError(f"--locality works with --generator gan, not {name!r}: drop it.")
    if name != "classic":
        raise InputError(f"--generator {name!r} is for tables: choose gan or classic for images.")
    from gan_augment.generators.classic import ClassicGenerator

    return ClassicGenerator(flip=flip)

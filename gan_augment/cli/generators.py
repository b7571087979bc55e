"""The generators by the names that the command line gives them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import gan_augment
from gan_augment.cli.constraints import constraints_of
from gan_augment.exceptions import InputError, joined

#: What the command line calls SDV's synthesizers.
PEERS = {
    "ctgan": "CTGAN",
    "tvae": "TVAE",
    "copulagan": "CopulaGAN",
    "gaussiancopula": "GaussianCopula",
}
GeneratorName = Literal[
    "gan", "classic", "smote", "bootstrap", "vae", "ctgan", "tvae", "copulagan", "gaussiancopula"
]
#: Those that take --ignore, --regenerate and --kind.
TAKE_COLUMNS = ("gan", *PEERS)


def table_generator(
    name: str,
    columns: dict[str, str],
    locality: float | None,
    target: str = "auto",
    constraints: list[str] | None = None,
) -> Any:
    """Return the unfitted generator of tables of that name, or refuse options it does not have."""
    if name in ("classic", "vae"):
        known = joined(["gan", "smote", *PEERS, "bootstrap"], "or")
        raise InputError(f"--generator {name} makes images", remedy=f"use {known}")
    for option, given, takers in (
        ("--ignore, --regenerate or --kind", columns, TAKE_COLUMNS),
        ("--locality", locality is not None, ("gan",)),
        ("--constraint", constraints, ("gan",)),
    ):
        if given and name not in takers:
            raise InputError(
                f"--generator {name} takes no {option}",
                remedy=f"drop that, or use {joined(takers, 'or')}",
            )
    if name in PEERS:
        return gan_augment.SDVGenerator(PEERS[name], metadata=columns or None, target=target)
    if name == "smote":
        return gan_augment.SMOTEGenerator(impute=True, target=target)
    if name == "bootstrap":
        return gan_augment.BootstrapGenerator(target=target)
    options = {"columns": columns or None, "locality": locality, "target": target}
    options["constraints"] = constraints_of(constraints)
    return gan_augment.TabularGAN(
        **{k: value for k, value in options.items() if value is not None}
    )


def image_generator(name: str, locality: float | None = None, flip: bool = False) -> Any:
    """Return the unfitted generator of images of that name, or refuse options it does not have."""
    if locality is not None and name != "gan":
        raise InputError(f"--locality works with --generator gan, not {name!r}", remedy="drop it")
    if flip and name not in ("gan", "classic"):
        raise InputError(
            f"--flip works with --generator gan or classic, not {name!r}", remedy="drop it"
        )
    if name in PEERS:
        raise InputError(
            f"--generator {name} makes tables",
            remedy=f"use {joined(['gan', 'classic', 'vae', 'smote', 'bootstrap'], 'or')}",
        )
    if name == "gan":
        options = {} if locality is None else {"locality": locality}
        return gan_augment.ImageGAN(flip=flip, **options)
    if name == "classic":
        return gan_augment.ImageTransformGenerator(flip=flip)
    others = {"vae": "ImageVAE", "smote": "SMOTEGenerator", "bootstrap": "BootstrapGenerator"}
    return getattr(gan_augment, others[name])()


def check_model(model: Path | None, generator: str) -> None:
    """Refuse to save a generator that has no model file."""
    if model is not None and generator not in ("gan", "vae"):
        raise InputError(f"--model saves a GAN or a VAE, not {generator!r}", remedy="drop it")

"""The generators by the names that the command line gives them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

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
        from gan_augment.generators.sdv import SDVGenerator

        return SDVGenerator(PEERS[name], metadata=columns or None, target=target)
    if name in ("smote", "bootstrap"):
        from gan_augment.generators.controls import BootstrapGenerator, SMOTEGenerator

        control = SMOTEGenerator(impute=True) if name == "smote" else BootstrapGenerator()
        return control.set_params(target=target)
    from gan_augment.generators.tabular.gan import TabularGAN

    options = {"columns": columns or None, "locality": locality, "target": target}
    options["constraints"] = constraints_of(constraints)
    return TabularGAN(**{k: value for k, value in options.items() if value is not None})


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
        from gan_augment.generators.image.gan import ImageGAN

        return ImageGAN(flip=flip, **({} if locality is None else {"locality": locality}))
    if name == "vae":
        from gan_augment.generators.image.vae import ImageVAE

        return ImageVAE()
    if name == "classic":
        from gan_augment.generators.image.transforms import ImageTransformGenerator

        return ImageTransformGenerator(flip=flip)
    from gan_augment.generators.controls import BootstrapGenerator, SMOTEGenerator

    return SMOTEGenerator() if name == "smote" else BootstrapGenerator()


def check_model(model: Path | None, generator: str) -> None:
    """Refuse to save a generator that has no model file."""
    if model is not None and generator not in ("gan", "vae"):
        raise InputError(f"--model saves a GAN or a VAE, not {generator!r}", remedy="drop it")
